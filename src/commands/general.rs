//! `version` and `help`: the program about itself. They need no home, token or network.

use super::TABLE;
use crate::cli::{Command, Invocation, Namespace};
use crate::docs;
use crate::error::Error;
use crate::output;

/// The program about itself.
pub static NAMESPACE: Namespace = Namespace {
    name: "",
    summary: "the program itself",
    commands: &[
        Command {
            words: &["version"],
            summary: "Print the version",
            about: "The same as `opentrain --version`.",
            examples: &["opentrain version"],
            run: |inv| show_version(inv.json()),
            ..Command::BASE
        },
        Command {
            words: &["help"],
            summary: "Show help for the program, a namespace or a command",
            about: "The same as `--help` after the words.",
            rest: Some("[<word> ...]"),
            examples: &["opentrain help", "opentrain help jobs draft create"],
            run: help,
            ..Command::BASE
        },
    ],
};

/// Prints the version: a bare line, or an object.
pub fn show_version(json: bool) -> Result<(), Error> {
    let version = env!("CARGO_PKG_VERSION");
    match json {
        true => output::print_json(&format!("{{\"version\":\"{version}\"}}")),
        false => output::print(&format!("opentrain {version}\n")),
    }
}

fn help(inv: &Invocation) -> Result<(), Error> {
    show_help(&inv.words)
}

/// Prints the help of the program, a namespace or a command.
///
/// # Errors
/// The words name none of them.
pub fn show_help(words: &[String]) -> Result<(), Error> {
    match docs::help(TABLE, words) {
        Some(text) => output::print(&text),
        None => Err(Error::usage(format!("no help for `{}`", words.join(" ")))
            .hint("see `opentrain --help`")),
    }
}
