//! `auth status`, alias `whoami`: whose token this is and what it may do.

use std::borrow::Cow;

use super::claim;
use crate::cli::{Command, Invocation};
use crate::commands::hints::CLAIMED_SCOPES;
use crate::commands::v1;
use crate::commands::{call, joined, show};
use crate::config;
use crate::error::Error;
use crate::output::Page;
use crate::output::json::Object;

pub const STATUS: Command = Command {
    words: &["auth", "status"],
    alias: Some("whoami"),
    summary: "Show whose token is in use and what it may do",
    about: "Prints the user, the token's label and scopes, and the account.",
    endpoint: Some(v1("GET", "/auth/me")),
    examples: &["opentrain auth status", "opentrain whoami --json"],
    run: status,
    ..Command::BASE
};

fn status(inv: &Invocation) -> Result<(), Error> {
    show(inv, &call(inv)?, summary)
}

fn summary(inv: &Invocation, account: &Object<'_>, page: &mut Page) -> Option<()> {
    account.get("actor").object()?;
    page.line(format_args!("You are {}.", who(account)));
    let token = config::token().ok()?;
    let (server, _) = config::base_url(inv.get(&crate::cli::BASE_URL)).ok()?;
    let server = format!("{} ({})", server.value, server.source);
    let ours = [
        ("server", server.into()),
        ("read from", token.source.into()),
    ];
    account_lines(account, ours, page)?;
    // `/auth/me` has no claim field (K31): these scopes are the sign that there is.
    let token = account.part("token")?;
    let scopes = token.get("scopes").list();
    if scopes.is_some_and(|has| !CLAIMED_SCOPES.iter().any(|scope| has.contains(scope))) {
        page.line(format_args!(
            "No scope of a claimed account: hiring, messages and team invites wait for a human. Start with: {}",
            inv.next(&claim::CLAIM, &[(&claim::EMAIL, "<human-email>")])
        ));
    }
    Some(())
}

/// The user in words: name and address, as far as they are there.
pub fn who(account: &Object<'_>) -> String {
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

/// User, token and account as pairs, and what we know ourselves.
pub fn account_lines(
    account: &Object<'_>,
    ours: [(&str, Cow<'_, str>); 2],
    page: &mut Page,
) -> Option<()> {
    let (actor, token) = (account.part("actor")?, account.part("token")?);
    let owner = account.part("account")?;
    let organization = [
        owner.text("kind"),
        owner.text("organizationId"),
        owner.text("memberRole"),
    ];
    let [server, file] = ours.map(|(label, value)| (label, Some(value)));
    page.pairs(
        2,
        &[
            (
                "user",
                joined([actor.text("userId"), actor.text("userType")]),
            ),
            ("token", joined([token.text("id"), token.text("label")])),
            ("scopes", token.get("scopes").list()),
            ("account", joined(organization)),
            ("owner", owner.text("ownerUserId")),
            ("token of", token.text("ownerOrganizationId")),
            server,
            file,
        ],
    );
    Some(())
}
