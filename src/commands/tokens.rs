//! `tokens`: listing, making and revoking API tokens.

use super::auth::{self, FORCE};
use super::v1;
use crate::call::{self, request, rescue};
use crate::cli::{
    Advice, Answer, Command, Fill, Flag, Invocation, Kind, Namespace, Next, Repeat, Sink, View,
};
use crate::config::Secret;
use crate::error::Error;
use crate::json::{self, Object};
use crate::view::words::{Words, cell};
use crate::view::{List, Page, column, field};

const TOKEN_ID: Flag = Flag::id(
    "token-id",
    "<id>",
    "The token's id, from `opentrain tokens list`; not the token itself",
);

const NAME: Flag = Flag::text("name", "<name>", "What the list of tokens calls it")
    .default("API token")
    .body("name");
const SCOPES: Flag = Flag::new(
    "scopes",
    Kind::List,
    "<scope,...>",
    "Its scopes, such as jobs:read,messages:write",
)
.known(&[
    "jobs:read",
    "jobs:write",
    "proposals:read",
    "proposals:write",
    "messages:read",
    "messages:write",
    "payments:read",
    "payments:write",
    "team:read",
    "team:write",
    "webhooks:manage",
])
.default("those of the token in use")
.body("scopes");
const EXPIRES_AT: Flag = Flag::new(
    "expires-at",
    Kind::Date,
    "<iso>",
    "When it expires, such as 2027-01-31",
)
.default("never")
.body("expiresAt");
const SAVE: Flag = Flag::switch(
    "save",
    "Save it as `auth login` does, instead of showing it",
);

static LIST: Command = Command {
    words: &["tokens", "list"],
    summary: "List the account's API tokens, ended ones too",
    about: "Previews, never the tokens themselves.",
    endpoint: Some(v1("GET", "/tokens")),
    examples: &["opentrain tokens list"],
    view: View::List(TOKENS),
    tool: Some("list_tokens"),
    ..Command::BASE
};

static CREATE: Command = Command {
    words: &["tokens", "create"],
    summary: "Make another API token; prints it once, or saves it",
    about: "Without flags it has the scopes of the token in use and no expiry. A scope beyond those is refused.\n\
            It is shown only once. With --save it is saved instead of shown, like a login.\n\
            An account has at most 25 active tokens.",
    flags: &[NAME, SCOPES, EXPIRES_AT, SAVE, FORCE],
    endpoint: Some(v1("POST", "/tokens")),
    view: View::Summary(&created),
    shown_once: Some("the new token"),
    if_lost: Advice::new(
        "check with `{}`; if it is there, revoke it with `{}` and make another, because the token itself is lost",
        &[
            Next::new("tokens list"),
            Next::with("tokens revoke", &[("token-id", Fill::Blank("<id>"))]),
        ],
    ),
    examples: &[
        "opentrain tokens create --name nightly --scopes jobs:read,proposals:read",
        "opentrain tokens create --save --force",
    ],
    run: Some(create),
    ..Command::BASE
};

static REVOKE: Command = Command {
    words: &["tokens", "revoke"],
    summary: "Revoke an API token, at once and for good",
    about: "Revoking the token in use makes every later call fail until another one is saved.",
    flags: &[TOKEN_ID],
    endpoint: Some(v1("DELETE", "/tokens/{token-id}")),
    repeat: Repeat::Always,
    if_lost: Advice::new(
        "check with `{}`; if even that is refused, you revoked the token in use",
        &[Next::new("tokens list")],
    ),
    examples: &["opentrain tokens revoke --token-id tok_2"],
    tool: Some("revoke_token"),
    ends: true,
    run: Some(revoke),
    ..Command::BASE
};

/// The commands of this namespace.
pub(super) static NAMESPACE: Namespace = Namespace {
    name: "tokens",
    summary: "the account's API tokens",
    commands: &[&LIST, &CREATE, &REVOKE],
    recipe: None,
};

const TOKENS: List = List::whole(
    "tokens",
    "No tokens.",
    &[
        field("ID", "id"),
        field("STATUS", "status"),
        field("TOKEN", "preview"),
        field("CREATED", "createdAt"),
        column("LAST USED", |token| Some(or_never(token, "lastUsedAt"))),
        column("EXPIRES", |token| Some(or_never(token, "expiresAt"))),
        column("SCOPES", |token| {
            Some(cell(token.get("scopes").joined()).replace(", ", ","))
        }),
        field("NAME", "name"),
    ],
);

fn or_never(token: &Object<'_>, key: &str) -> String {
    cell(token.text(key).or(Some("never".into())))
}

fn create(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    let force = inv.has(&FORCE);
    if !inv.has(&SAVE) {
        return match force {
            true => Err(Error::usage("--force goes with --save")),
            false => call::endpoint(inv, sink),
        };
    }
    let request = request::build(inv, sink)?;
    let place = auth::place_for_new(force, &inv.again_with(FORCE.on()), sink)?;
    let path = place.path.display().to_string();
    let reply = call::send(inv, &request, sink)?;
    let object = Object::parse(reply.text()).unwrap_or_default();
    let token = object.get("token").string();
    let Some(token) = token.filter(|token| !token.is_empty()) else {
        return Err(rescue::undocumented(&reply, "the new token"));
    };
    let token = Secret::new(token);
    auth::save_new(place, force, &request.base, &token, None, sink)?;
    let mut result = Object::default();
    result.set("saved", "true");
    result.set("tokenPreview", json::quote(&token.preview()));
    result.set("baseUrl", json::quote(request.base.as_str()));
    result.set("configPath", json::quote(&path));
    result.set("metadata", object.get("metadata").raw());
    let answer = result.to_string();
    sink.answer(&Answer::ours(&answer, View::Summary(&saved)))
        .map(drop)
}

fn created(_: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let (token, record) = (reply.text("token")?, reply.get("metadata").object()?);
    let id = record.text("id")?;
    page.line(format_args!(
        "Token {id} was created. Keep it: it is shown only once."
    ));
    page.secret(&token);
    page.pairs(2, &record_pairs(&record));
    Some(())
}

fn saved(_: &Invocation, result: &Object<'_>, page: &mut Page) -> Option<()> {
    let record = result.part("metadata")?;
    let id = cell(record.text("id"));
    page.line(format_args!("Token {id} was created and saved."));
    let ours = [
        ("token", result.text("tokenPreview")),
        ("saved in", result.text("configPath")),
        ("server", result.text("baseUrl")),
    ];
    let pairs: Vec<_> = ours.into_iter().chain(record_pairs(&record)).collect();
    page.pairs(2, &pairs);
    Some(())
}

fn record_pairs<'a>(record: &'a Object<'_>) -> [(&'static str, Words<'a>); 4] {
    [
        ("name", record.text("name")),
        ("scopes", record.get("scopes").joined()),
        ("created", record.text("createdAt")),
        ("expires", Some(or_never(record, "expiresAt").into())),
    ]
}

fn revoke(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    let request = request::build(inv, sink)?;
    let reply = call::send(inv, &request, sink)?;
    // The API's preview and ours have the same form, so they show whether it is the same token.
    let own = request.token.map(|token| token.secret.preview());
    let view = |inv: &Invocation, reply: &Object<'_>, page: &mut Page| {
        let token = reply.get("token").object()?;
        revoked(&token, page)?;
        if own.is_some() && own.as_deref() == token.text("preview").as_deref() {
            page.step(
                "It was the token in use: later calls will fail until another one is saved with",
                &inv.step(&auth::LOGIN, [auth::API_KEY.is("-")]),
            );
        }
        Some(())
    };
    call::hand_over(inv, &reply, View::Summary(&view), sink).map(drop)
}

fn revoked(token: &Object<'_>, page: &mut Page) -> Option<()> {
    let id = token.text("id")?;
    page.line(format_args!("Token {id} is revoked."));
    page.pairs(
        2,
        &[
            ("token", token.text("preview")),
            ("name", token.text("name")),
            ("revoked", token.text("revokedAt")),
        ],
    );
    Some(())
}
