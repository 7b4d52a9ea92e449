//! The program about itself: version, help, manual, completions. None of it needs a home folder, a
//! token or the network.

use std::env::consts;
use std::fs;
use std::path::Path;

use super::{TABLE, V1};
use crate::cli::{self, Answer, Command, Flag, GET, Invocation, Namespace, Rest, Sink, View};
use crate::docs::{self, SHELLS};
use crate::error::{Error, Hint};
use crate::json::{self, Object};
use crate::step::Step;
use crate::view::Page;

const INTO: Flag = Flag::text(
    "into",
    "<folder>",
    "Write every page into this folder instead",
);

static VERSION: Command = Command {
    words: &["version"],
    summary: "Print the version",
    about: "The same as `opentrain --version`.\n\
            With --json also the target that it was built for and, where known, the commit.",
    examples: &["opentrain version", "opentrain version --json"],
    run: Some(tell_version),
    ..Command::BASE
};

static HELP: Command = Command {
    words: &["help"],
    summary: "Show help for the program, a command or a topic",
    about: "The same as `--help` after the words.\n\
            With --json: the table of commands, or that part of it, as one JSON document.",
    rest: Rest::Words("[<word> ...]"),
    examples: &[
        "opentrain help jobs draft create",
        "opentrain help environment",
        "opentrain help --json",
    ],
    run: Some(help),
    ..Command::BASE
};

static COMPLETIONS: Command = Command {
    words: &["completions"],
    summary: "Print the completion script of a shell",
    about: "The script asks this program what could follow. Save it as\n\
            bash: ~/.local/share/bash-completion/completions/opentrain\n\
            zsh: _opentrain in a folder of $fpath\n\
            fish: ~/.config/fish/completions/opentrain.fish",
    rest: Rest::OneOf("<shell>", SHELLS),
    examples: &["opentrain completions bash"],
    run: Some(|inv, sink| verbatim(docs::script(&inv.words), sink)),
    ..Command::BASE
};

static COMPLETE: Command = Command {
    words: &["complete"],
    summary: "Print what could follow some words; the scripts call it",
    about: "One candidate a line, with its description after a tab. `:files` alone asks for file names.",
    rest: Rest::Words("-- <word> ..."),
    examples: &["opentrain complete -- jobs pu"],
    run: Some(|inv, sink| verbatim(&docs::complete(TABLE, &inv.words), sink)),
    ..Command::BASE
};

static MAN: Command = Command {
    words: &["man"],
    summary: "Print a page of the manual",
    about: "Without a word, the page of the program; with one, that of a namespace.\n\
            `opentrain man jobs | man -l -` shows it.",
    rest: Rest::Namespace("[<namespace>]"),
    flags: &[INTO],
    examples: &["opentrain man jobs", "opentrain man --into man"],
    run: Some(man),
    ..Command::BASE
};

/// The program about itself.
pub(super) static NAMESPACE: Namespace = Namespace {
    name: "",
    summary: "the program itself",
    commands: &[&VERSION, &HELP, &COMPLETIONS, &COMPLETE, &MAN],
    recipe: None,
};

/// Hands over text that has no other form.
fn verbatim(text: &str, sink: &mut dyn Sink) -> Result<(), Error> {
    sink.answer(&Answer::verbatim(text)).map(drop)
}

/// The commit that this was built from, supplied by the Makefile; with `-dirty` appended when files
/// had changed.
const COMMIT: Option<&str> = option_env!("OPENTRAIN_COMMIT");

/// What follows the processor in the target's name, as rustc spells it for the systems that the
/// README mentions; for others, the system's name.
const SYSTEM: &str = if cfg!(target_os = "macos") {
    "apple-darwin"
} else if cfg!(all(target_os = "linux", target_env = "musl")) {
    "unknown-linux-musl"
} else if cfg!(all(target_os = "linux", target_env = "gnu")) {
    "unknown-linux-gnu"
} else {
    consts::OS
};

/// Prints the version: a bare line, or an object.
fn tell_version(_: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    let target = format!("{}-{SYSTEM}", consts::ARCH);
    let mut result = Object::default();
    result.set("version", json::quote(env!("CARGO_PKG_VERSION")));
    result.set("target", json::quote(&target));
    if let Some(commit) = COMMIT.filter(|commit| !commit.is_empty()) {
        result.set("commit", json::quote(commit));
    }
    let answer = result.to_string();
    sink.answer(&Answer::ours(&answer, View::Summary(&version)))
        .map(drop)
}

fn version(_: &Invocation, result: &Object<'_>, page: &mut Page) -> Option<()> {
    page.line(format_args!("opentrain {}", result.text("version")?));
    Some(())
}

fn help(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    let text = match inv.json() || inv.has(&GET) {
        true => docs::command_list(TABLE, V1, &inv.words),
        false => docs::help(TABLE, &inv.words),
    };
    let Some(text) = text else {
        return Err(unknown("help", &inv.words));
    };
    match inv.has(&GET) {
        true => sink.answer(&Answer::ours(&text, View::Json)).map(drop),
        // A command is on one line here, which is easier to scan than many.
        false => verbatim(&text, sink),
    }
}

fn man(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    let Some(folder) = inv.get(&INTO) else {
        return match docs::man(TABLE, &inv.words) {
            Some(page) => verbatim(&page, sink),
            None => Err(unknown("page", &inv.words)),
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

/// Words for which there is no help or no page.
fn unknown(wanted: &str, words: &[String]) -> Error {
    let help = Step::new("", [cli::HELP.on()]);
    Error::usage(format!("no {wanted} for `{}`", words.join(" ")))
        .hint(Hint::new("see `{}`", [help]))
}
