//! `tokens`: which API tokens there are, making one, and ending one.

use super::{auth, v1};
use crate::call::{self, request};
use crate::cli::{Advice, Command, Flag, Invocation, Namespace, Next, Sink, View};
use crate::error::Error;
use crate::json::Object;
use crate::view::words::cell;
use crate::view::{List, Page, column, field};

const TOKEN_ID: Flag = Flag::id(
    "token-id",
    "<id>",
    "The token's id, as shown by `opentrain tokens list`; not the token itself",
);

const LIST: Command = Command {
    words: &["tokens", "list"],
    summary: "List the account's API tokens, ended ones too",
    about: "Shows previews, never the tokens themselves.",
    endpoint: Some(v1("GET", "/tokens")),
    examples: &["opentrain tokens list"],
    view: View::List(TOKENS),
    ..Command::BASE
};

const REVOKE: Command = Command {
    words: &["tokens", "revoke"],
    summary: "Revoke an API token, at once and for good",
    about: "Revoking the token in use makes every later call fail until another one is saved.",
    flags: &[TOKEN_ID],
    endpoint: Some(v1("DELETE", "/tokens/{token-id}")),
    if_lost: Advice::new(
        "look with `{}`; if even that is refused, the token in use was the one",
        &[Next::new("tokens list")],
    ),
    examples: &["opentrain tokens revoke --token-id tok_2"],
    run: Some(revoke),
    ..Command::BASE
};

/// The commands of this namespace.
pub static NAMESPACE: Namespace = Namespace {
    name: "tokens",
    summary: "the account's API tokens",
    commands: &[LIST, REVOKE],
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

fn revoke(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    let request = request::build(inv, sink)?;
    let reply = call::send(inv, &request, sink)?;
    // The API's preview and ours have the same form, so they tell whether it is the same one.
    let own = request.token.map(|token| token.value.preview());
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
