//! Secrets that the server shows only once: when one cannot be saved or shown as usual, it is
//! printed on standard error with what to do.

use crate::cli::{GET, Invocation};
use crate::config::{self, Secret};
use crate::error::{Error, Failure, Hint};
use crate::http::Reply;
use crate::json::{Object, Value};

/// Secrets that are known but could not be saved.
pub(crate) fn unsaved(error: Error, secrets: &[(&str, &Secret)]) -> Error {
    let mut lines = vec!["These are shown only once. Keep them now:".to_owned()];
    for (label, secret) in secrets {
        lines.push(format!("  {label}: {}", secret.expose()));
    }
    let first = match error.hint {
        Some(first) => first.text("; then "),
        None => Hint::default(),
    };
    let variable = config::token_variables()[0];
    Error::rescue(error.text, lines).hint(first.and(
        &format!(
            "put the API token into {variable}, or save it with `{{}}`; a claim token goes to --claim-token"
        ),
        [config::login()],
    ))
}

/// A reply that should contain a secret but is not as documented: all of it is printed.
pub(crate) fn undocumented(reply: &Reply, secret: &str) -> Error {
    match reply.text() {
        "" => Error::lost(
            format!("the server answered without a body: no trace of {secret}"),
            &[],
        ),
        body => whole(
            body,
            &format!("the reply does not contain {secret} where the documentation says"),
        ),
    }
}

/// The part that arrived of an answer that was cut short or garbled may contain the secret.
pub(crate) fn received(error: Error, secret: &str) -> Error {
    match &error.failure {
        Failure::Lost(received) if received.contains("ot_") || received.contains("whsec_") => {
            whole(
                received,
                &format!("{secret} came in an incomplete answer: {}", error.text),
            )
        }
        _ => error,
    }
}

/// A reply that could not be printed where it belongs.
pub(crate) fn unprinted(error: Error, reply: &str) -> Error {
    whole(
        reply,
        &format!("{}; the call itself was carried out", error.text),
    )
}

/// Values of a reply were requested, and its secret was not among them.
pub(super) fn unasked(invocation: &Invocation, reply: &str) -> Result<(), Error> {
    let object = Object::parse(reply).unwrap_or_default();
    let is_secret = |value: Value<'_>| {
        let text = value.string().unwrap_or_default();
        text.starts_with("ot_") || text.starts_with("whsec_")
    };
    let mut secrets = object.iter().filter(|(_, value)| is_secret(*value));
    let asked = |key: &str| invocation.all(&GET).any(|path| path == key);
    match secrets.find(|(key, _)| !asked(key)) {
        None => Ok(()),
        Some((key, _)) => Err(whole(
            reply,
            &format!("--get did not ask for `{key}`; the call itself was carried out"),
        )),
    }
}

fn whole(text: &str, why: &str) -> Error {
    let lines = vec![
        "This is all that the server sent; a secret in it is shown only once:".to_owned(),
        format!("  {text}"),
    ];
    Error::rescue(why, lines).hint("keep it now")
}
