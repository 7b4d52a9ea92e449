//! Standard error: errors and notes, as text for people or as JSON for a program.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};

use super::colour;
use crate::cli::JSON_ERRORS;
use crate::config;
use crate::error::Error;
use crate::json::{self, Object};
use crate::safe::{escape, safe};
use crate::view::Ink;

/// The form of standard error.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Errors {
    /// The documented lines, with colours or without.
    Text { coloured: bool },
    /// One object a line: `{"note": ...}`, and the error last.
    Json,
}

impl Errors {
    /// What the words of a call ask for, whether or not the rest makes sense; else the variable
    /// `OT_JSON_ERRORS`, where anything but 0 asks for JSON.
    pub(crate) fn wanted(all: &[OsString]) -> Self {
        let flag = format!("--{}", JSON_ERRORS.name);
        let mut words = all.iter().take_while(|word| **word != *"--");
        match config::json_errors() || words.any(|word| *word == *flag) {
            true => Errors::Json,
            false => Errors::Text {
                coloured: colour::on(colour::wanted(all), io::stderr().is_terminal()),
            },
        }
    }

    /// Whether people read them.
    pub(super) fn are_text(self) -> bool {
        matches!(self, Errors::Text { .. })
    }

    /// Prints what is worth knowing.
    pub(crate) fn note(self, text: &str) {
        match self {
            Errors::Text { .. } => line(text),
            Errors::Json => object_line(&note(text)),
        }
    }

    /// Prints an error, with the secret that would be lost without it.
    pub(crate) fn report(self, error: &Error) {
        let secrets = error.secrets();
        // The one place that prints a token: it is lost otherwise.
        match self {
            Errors::Text { coloured } => {
                let mut lines = error.lines().into_iter();
                let first = lines.next().unwrap_or_default();
                write(&format!("{}\n", Ink::Error.on(&safe(&first), coloured)));
                secrets
                    .iter()
                    .for_each(|secret| write(&format!("{}\n", escape(secret))));
                lines.for_each(|next| line(&next));
            }
            Errors::Json => {
                for secret in secrets {
                    write(&format!("{}\n", json::compact(&note(secret).to_string())));
                }
                object_line(&error.to_object());
            }
        }
    }
}

fn note(text: &str) -> Object<'static> {
    let mut object = Object::default();
    object.set("note", json::quote(text));
    object
}

/// Prints one line, made safe.
pub(super) fn line(text: &str) {
    write(&format!("{}\n", safe(text)));
}

fn object_line(object: &Object<'_>) {
    line(&json::compact(&object.to_string()));
}

/// Writes all at once, so that no interrupt and no other process gets in between. Nothing can be
/// done if that fails.
pub(super) fn write(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}
