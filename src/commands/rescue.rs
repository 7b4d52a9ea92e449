//! Secrets that the server shows once: when one cannot be saved or shown as usual, it is printed
//! on standard error with what to do.

use crate::config::{Secret, TOKEN_VARIABLES};
use crate::error::{Error, Kind};
use crate::http::Reply;

/// Secrets that are known and could not be saved.
pub fn secrets(error: Error, secrets: &[(&str, &Secret)]) -> Error {
    let mut lines = vec!["These are shown only once. Keep them now:".to_owned()];
    for (label, secret) in secrets {
        lines.push(format!("  {label}: {}", secret.expose()));
    }
    let keep = format!(
        "put the API token into {}, or save it with `opentrain auth login --api-key -`; a claim token goes to --claim-token",
        TOKEN_VARIABLES[0]
    );
    Error::rescue(error.text, lines).hint(match error.hint {
        Some(first) => format!("{first}; then {keep}"),
        None => keep,
    })
}

/// A reply that should hold a secret but does not read as documented: it is printed whole.
pub fn reply(reply: &Reply, what: &str) -> Error {
    match reply.text() {
        "" => Error::lost(
            format!("the server answered without a body: no trace of {what}"),
            &[],
        ),
        body => text(
            body,
            &format!("the reply does not hold {what} where the documentation says"),
        ),
    }
}

/// What came of an answer that was cut short or garbled may hold the secret.
pub fn received(error: Error, what: &str) -> Error {
    match &error.kind {
        Kind::Lost(received) if received.contains("ot_") || received.contains("whsec_") => text(
            received,
            &format!("{what} came in an answer that is not whole: {}", error.text),
        ),
        _ => error,
    }
}

/// A reply that could not be printed where it belongs.
pub fn unprinted(error: Error, reply: &Reply) -> Error {
    text(reply.text(), &error.text)
}

fn text(text: &str, why: &str) -> Error {
    let lines = vec![
        "This is all that the server sent; a secret in it is shown only once:".to_owned(),
        format!("  {text}"),
    ];
    Error::rescue(why, lines).hint("keep it now")
}
