//! `auth status`, alias `whoami`: whose token this is and what it may do.

use super::claim;
use crate::call::{self, CLAIMED_SCOPES, request};
use crate::cli::{Command, Invocation, Sink, View};
use crate::commands::v1;
use crate::error::Error;
use crate::json::Object;
use crate::view::Page;
use crate::view::words::{Words, joined};

pub(in crate::commands) static STATUS: Command = Command {
    words: &["auth", "status"],
    alias: Some("whoami"),
    summary: "Show whose token is in use and what it may do",
    about: "Prints user, account, and the token's label and scopes.",
    endpoint: Some(v1("GET", "/auth/me")),
    examples: &["opentrain auth status", "opentrain whoami --json"],
    tool: Some("auth_status"),
    run: Some(status),
    ..Command::BASE
};

fn status(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    let request = request::build(inv, sink)?;
    let reply = call::send(inv, &request, sink)?;
    let server = format!("{} ({})", request.base.as_str(), request.base.source());
    let token = request.token.map(|token| token.source).unwrap_or_default();
    let view = |inv: &Invocation, account: &Object<'_>, page: &mut Page| {
        let ours = [("server", server.as_str()), ("read from", &token)];
        summary(inv, account, ours, page)
    };
    call::hand_over(inv, &reply, View::Summary(&view), sink).map(drop)
}

fn summary(
    inv: &Invocation,
    account: &Object<'_>,
    ours: [(&str, &str); 2],
    page: &mut Page,
) -> Option<()> {
    account.get("actor").object()?;
    page.line(format_args!("You are {}.", who(account)));
    account_lines(account, ours, page)?;
    // `/auth/me` has no claim field (K31): these scopes are the only sign.
    let token = account.part("token")?;
    let scopes = token.get("scopes").joined();
    if scopes.is_some_and(|has| !CLAIMED_SCOPES.iter().any(|scope| has.contains(scope))) {
        page.step(
            "No claimed-account scopes: hiring, messages and team invites wait for a human. Start with",
            &inv.step(&claim::CLAIM, [claim::EMAIL.blank()]),
        );
    }
    Some(())
}

/// The user in words: name and address, as far as they are known.
pub(in crate::commands) fn who(account: &Object<'_>) -> String {
    let actor = account.get("actor").object().unwrap_or_default();
    let name = actor.text("fullName").or_else(|| actor.text("firstName"));
    let email = actor.text("email");
    let id = actor.text("userId").unwrap_or("an unknown user".into());
    match (name, email) {
        (Some(name), Some(email)) => format!("{name} <{email}>"),
        (Some(one), None) | (None, Some(one)) => one.into_owned(),
        (None, None) => id.into_owned(),
    }
}

/// User, token and account as pairs, and what we know locally.
pub(super) fn account_lines(
    account: &Object<'_>,
    ours: [(&str, &str); 2],
    page: &mut Page,
) -> Option<()> {
    let (actor, token) = (account.part("actor")?, account.part("token")?);
    let owner = account.part("account")?;
    let organization = [
        owner.text("kind"),
        owner.text("organizationId"),
        owner.text("memberRole"),
    ];
    let [server, file]: [(&str, Words<'_>); 2] = ours.map(|(l, value)| (l, Some(value.into())));
    page.pairs(
        2,
        &[
            (
                "user",
                joined([actor.text("userId"), actor.text("userType")]),
            ),
            ("token", joined([token.text("id"), token.text("label")])),
            ("scopes", token.get("scopes").joined()),
            ("account", joined(organization)),
            ("owner", owner.text("ownerUserId")),
            ("token of", token.text("ownerOrganizationId")),
            server,
            file,
        ],
    );
    Some(())
}
