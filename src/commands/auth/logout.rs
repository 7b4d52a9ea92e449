//! `auth logout`: deletes the saved credentials; with --revoke it also ends their token.

use crate::call::{self, request};
use crate::cli::{
    Advice, Answer, Command, DRY_RUN, Endpoint, Flag, Invocation, Repeat, Sink, View,
};
use crate::commands::agent;
use crate::config::{self, Credentials, Token};
use crate::error::Error;
use crate::http::{Body, form_encode};
use crate::json::{self, Object};
use crate::step::Argument;
use crate::view::Page;

const REVOKE: Flag = Flag::switch(
    "revoke",
    "Revoke the saved API token on the server first; if that fails, the file stays",
);

/// Revokes a token by its value (RFC 7009).
const REVOCATION: Endpoint = agent("POST", "/oauth/revoke");

pub(super) static LOGOUT: Command = Command {
    words: &["auth", "logout"],
    summary: "Delete the saved credentials",
    about: "Deletes the credentials file, even a damaged one.\n\
            Without --revoke the token stays valid on the server; `opentrain tokens revoke --token-id <id>` ends it as well.",
    flags: &[REVOKE],
    also: Some((&REVOKE, REVOCATION)),
    repeat: Repeat::Always,
    if_lost: Advice::text("run it again: revoking a token twice is harmless"),
    examples: &["opentrain auth logout", "opentrain auth logout --revoke"],
    run: Some(logout),
    ..Command::BASE
};

fn logout(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    let mut revoked = false;
    if inv.has(&DRY_RUN) {
        let revoke = REVOKE.name;
        if !inv.has(&REVOKE) {
            return Err(Error::usage(format!(
                "without --{revoke} there is no request for --{} to show",
                DRY_RUN.name
            )));
        }
        let form = Body::Form(form_encode(&[("token", Token::unknown().secret.expose())]));
        request::build_to(inv, &REVOCATION, form, sink)?;
    }
    if inv.has(&REVOKE)
        && let Some(token) = Credentials::load(sink)?.token("apiToken")
    {
        let form = Body::Form(form_encode(&[("token", token.secret.expose())]));
        let request = request::build_to(inv, &REVOCATION, form, sink)?;
        request::tell_where(&token, &request.base, sink);
        call::send(inv, &request, sink)?;
        revoked = true;
    }
    // A damaged file is deleted anyway.
    let unclaimed = Credentials::load(sink).is_ok_and(|saved| saved.secret("claimToken").is_some());
    if unclaimed {
        let claim = inv.step_to(
            "auth claim",
            [Argument::Blank("email", "<human-email>".into())],
        );
        sink.note(&format!(
            "Note: no human has claimed this account, and without its tokens nobody can reach it again; before logging out, hand it over with: {claim}"
        ));
    }
    let (path, deleted) = config::delete()?;
    let mut result = Object::default();
    result.set("ok", "true");
    result.set("configPath", json::quote(&path.display().to_string()));
    result.set("deleted", json::boolean(deleted));
    if unclaimed {
        result.set("unclaimed", "true");
    }
    if inv.has(&REVOKE) {
        result.set("revoked", json::boolean(revoked));
    }
    let answer = result.to_string();
    sink.answer(&Answer::ours(&answer, View::Summary(&logged_out)))?;
    if let Some(set) = config::variable(config::token_variables())? {
        sink.note(&format!(
            "Note: {} is set and still used; unset it too.",
            set.source
        ));
    }
    Ok(())
}

fn logged_out(_: &Invocation, result: &Object<'_>, page: &mut Page) -> Option<()> {
    let path = result.text("configPath")?;
    let is = |key: &str| result.get(key).is_true();
    page.line(match (is("deleted"), is("revoked")) {
        (true, true) => {
            format!("Logged out: the token is revoked on the server, and {path} is deleted.")
        }
        (true, false) => {
            format!("Logged out: {path} is deleted. The token itself stays valid on the server.")
        }
        (false, _) => format!("There was nothing to delete: {path} does not exist."),
    });
    Some(())
}
