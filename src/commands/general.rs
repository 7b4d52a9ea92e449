//! The program about itself: version, help, manual, completions. None of it needs a home, a
//! token or the network.

use std::fs;
use std::path::Path;

use super::TABLE;
use crate::cli::{Command, Flag, Invocation, Namespace, Rest};
use crate::docs::{self, SHELLS};
use crate::error::Error;
use crate::output;

const INTO: Flag = Flag::text(
    "into",
    "<folder>",
    "Write every page into this folder instead",
);

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
            summary: "Show help for the program, a command or a topic",
            about: "The same as `--help` after the words.\n\
                    With --json and no words: the whole table of commands as one JSON document.",
            rest: Rest::Words("[<word> ...]"),
            examples: &[
                "opentrain help jobs draft create",
                "opentrain help environment",
                "opentrain help --json",
            ],
            run: help,
            ..Command::BASE
        },
        Command {
            words: &["completions"],
            summary: "Print the completion script of a shell",
            about: "The script asks this program what could follow, so it never grows old.\n\
                    bash: save it as ~/.local/share/bash-completion/completions/opentrain\n\
                    zsh: save it as _opentrain in a folder of $fpath\n\
                    fish: save it as ~/.config/fish/completions/opentrain.fish",
            rest: Rest::OneOf("<shell>", SHELLS),
            examples: &["opentrain completions bash"],
            run: |inv| output::print(docs::script(&inv.words)),
            ..Command::BASE
        },
        Command {
            words: &["complete"],
            summary: "Print what could follow some words; the scripts call it",
            about: "One candidate a line, with its description after a tab. `:files` alone asks for file names.",
            rest: Rest::Words("-- <word> ..."),
            examples: &["opentrain complete -- jobs pu"],
            run: |inv| output::print(&docs::complete(TABLE, &inv.words)),
            ..Command::BASE
        },
        Command {
            words: &["man"],
            summary: "Print a page of the manual",
            about: "Without a word the page of the program, with one that of a namespace.\n\
                    `opentrain man jobs | man -l -` reads it.",
            rest: Rest::Namespace("[<namespace>]"),
            flags: &[INTO],
            examples: &["opentrain man jobs", "opentrain man --into man"],
            run: man,
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
    match inv.json() {
        true if inv.words.is_empty() => output::print_json(&docs::list(TABLE)),
        _ => show_help(&inv.words),
    }
}

/// Prints the help of the program, a namespace, a command or a topic.
///
/// # Errors
/// The words name none of them.
pub fn show_help(words: &[String]) -> Result<(), Error> {
    match docs::help(TABLE, words) {
        Some(text) => output::print(&text),
        None => Err(nothing("help", words)),
    }
}

fn man(inv: &Invocation) -> Result<(), Error> {
    let Some(folder) = inv.get(&INTO) else {
        return match docs::man(TABLE, &inv.words) {
            Some(page) => output::print(&page),
            None => Err(nothing("page", &inv.words)),
        };
    };
    for namespace in TABLE {
        let words: Vec<String> = std::iter::once(namespace.name.to_owned())
            .filter(|n| !n.is_empty())
            .collect();
        let name = docs::page_name(namespace.name);
        let path = Path::new(folder).join(format!("{name}.1"));
        let page = docs::man(TABLE, &words).unwrap_or_default();
        fs::write(&path, page).map_err(|e| {
            Error::local(format!("--into: could not write {}: {e}", path.display()))
        })?;
    }
    Ok(())
}

fn nothing(what: &str, words: &[String]) -> Error {
    Error::usage(format!("no {what} for `{}`", words.join(" "))).hint("see `opentrain --help`")
}
