//! `tokens`: which API tokens there are, and ending one.

use super::{auth, call, cell, list, show};
use crate::cli::{Command, Flag, Invocation, Namespace};
use crate::commands::v1;
use crate::config;
use crate::output::Page;
use crate::output::json::Object;

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
    run: |inv| show(inv, &call(inv)?, tokens),
    ..Command::BASE
};

const REVOKE: Command = Command {
    words: &["tokens", "revoke"],
    summary: "Revoke an API token, at once and for good",
    about: "Revoking the token in use makes every later call fail until another one is saved.",
    flags: &[TOKEN_ID],
    endpoint: Some(v1("DELETE", "/tokens/{token-id}")),
    if_lost: "look with `opentrain tokens list`; if even that is refused, the token in use was the one",
    examples: &["opentrain tokens revoke --token-id tok_2"],
    run: |inv| show(inv, &call(inv)?, revoked),
    ..Command::BASE
};

/// The commands of this namespace.
pub static NAMESPACE: Namespace = Namespace {
    name: "tokens",
    summary: "the account's API tokens",
    commands: &[LIST, REVOKE],
};

fn tokens(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let headings = [
        "ID",
        "STATUS",
        "TOKEN",
        "CREATED",
        "LAST USED",
        "EXPIRES",
        "SCOPES",
        "NAME",
    ];
    list(
        inv,
        reply,
        page,
        "tokens",
        "No tokens.",
        headings,
        |token| {
            let or = |key: &str, absent: &str| match cell(token, key) {
                text if text.is_empty() => absent.to_owned(),
                text => text,
            };
            Some([
                cell(token, "id"),
                cell(token, "status"),
                cell(token, "preview"),
                cell(token, "createdAt"),
                or("lastUsedAt", "never"),
                or("expiresAt", "never"),
                token
                    .get("scopes")
                    .list()
                    .unwrap_or_default()
                    .replace(", ", ","),
                cell(token, "name"),
            ])
        },
    )
}

fn revoked(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let token = reply.get("token").object()?;
    let (id, preview) = (token.text("id")?, token.text("preview"));
    page.line(format_args!("Token {id} is revoked."));
    page.pairs(
        2,
        &[
            ("token", preview.clone()),
            ("name", token.text("name")),
            ("revoked", token.text("revokedAt")),
        ],
    );
    // The API's preview and ours have the same form, so they tell whether it is the same one.
    let own = config::token().ok().map(|t| t.value.preview());
    if own.is_some() && own.as_deref() == preview.as_deref() {
        let login = inv.next(&auth::LOGIN, &[(&auth::API_KEY, "-")]);
        page.line(format_args!(
            "It was the token in use: later calls will fail until another one is saved with: {login}"
        ));
    }
    Some(())
}
