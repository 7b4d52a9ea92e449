//! Commands and flags in the words of tools: `opentrain jobs list --limit 5` is
//! `opentrain_list_jobs {"limit":5}`.

use super::names::{argument, arguments, tool_of};
use crate::cli::{Command, Flag, Kind, Table, WAIT, comma_separated};
use crate::json::{self, Object};
use crate::safe::masked;
use crate::step::{Argument, Step};

/// A next step as a call of a tool; as a command line where no tool takes it.
pub(crate) fn call(table: Table, step: &Step) -> String {
    let waits = step.arguments().contains(&WAIT.on());
    let Some((command, tool)) = tool_of(table, step.words(), waits) else {
        return step.to_string();
    };
    let (mut given, mut fields) = (Vec::new(), Vec::new());
    let mut all = command.all_flags();
    let whole = all.find(|flag| flag.kind == Kind::Json);
    let whole = whole.and_then(argument);
    for part in step.arguments() {
        let (name, value) = match part {
            Argument::Switch(name) => (*name, ""),
            Argument::Value(name, value) => (*name, value.as_str()),
            Argument::Blank(name, blank) => (*name, blank.as_ref()),
        };
        let Some(flag) = command.all_flags().find(|flag| flag.name == name) else {
            continue;
        };
        match (flag.kind, argument(flag)) {
            // A field of an object that is an argument.
            (Kind::Field, _) => {
                let (field, value) = match value.split_once('=') {
                    Some(("<field", "value>")) => ("<field>", "<value>"),
                    assignment => assignment.unwrap_or((value, "")),
                };
                fields.push((field.to_owned(), json::quote(value)));
            }
            // The contents of a file are given directly.
            (Kind::File, _) => {
                let twin = name.strip_suffix("-file").unwrap_or(name);
                let twin = arguments(command).find(|(_, flag)| flag.name == twin);
                given.extend(twin.map(|(twin, flag)| (twin, json::quote(flag.metavar))));
            }
            (_, Some(argument)) => {
                let is_blank = matches!(part, Argument::Blank(..));
                given.push((argument, value_of(flag, is_blank, &masked(value))));
            }
            (_, None) => {}
        }
    }
    if let Some(whole) = whole.filter(|_| !fields.is_empty()) {
        given.push((whole, object(&fields)));
    }
    match given.is_empty() {
        true => tool,
        false => format!("{tool} {}", object(&given)),
    }
}

fn object(pairs: &[(String, String)]) -> String {
    let mut object = Object::default();
    for (key, value) in pairs {
        object.push(key, value);
    }
    object.to_string()
}

/// The value of an argument, as JSON.
fn value_of(flag: &Flag, is_blank: bool, value: &str) -> String {
    match flag.kind {
        Kind::Switch => json::boolean(true).to_owned(),
        _ if is_blank => json::quote(value),
        Kind::Count | Kind::Amount | Kind::Json | Kind::Objects => value.to_owned(),
        Kind::List | Kind::Choices(_) => {
            json::quote_all(&comma_separated(value).collect::<Vec<_>>())
        }
        _ => json::quote(value),
    }
}

/// A sentence of the table for callers of tools; `None` when it mentions a flag that they do not
/// have.
pub(super) fn for_tools(table: Table, command: &Command, text: &str) -> Option<String> {
    let (text, whole) = retold(table, command, text);
    whole.then_some(text)
}

/// A sentence with its commands named as tools and its flags as arguments, and whether that could
/// be done for all of them.
fn retold(table: Table, command: &Command, text: &str) -> (String, bool) {
    let mut out = String::with_capacity(text.len());
    let mut whole = true;
    for (n, part) in text.split('`').enumerate() {
        if n % 2 == 0 {
            push_flags(&mut out, command, part, &mut whole);
            continue;
        }
        match named(table, part.strip_prefix("opentrain ").unwrap_or(part)) {
            Some(tool) => out.push_str(&tool),
            None => out.push_str(&format!("`{part}`")),
        }
    }
    (out, whole)
}

/// A text with its flags named as arguments, where they are arguments.
pub(super) fn with_arguments(command: &Command, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_flags(&mut out, command, text, &mut true);
    out
}

/// A text that is about no command, with its commands named as tools.
pub(super) fn with_tools(table: Table, text: &str) -> String {
    retold(table, &Command::BASE, text).0
}

/// The tool of the command line that begins with these words.
fn named(table: Table, line: &str) -> Option<String> {
    let waits = line.ends_with(" --wait");
    let ends = line.match_indices(' ').map(|(at, _)| at);
    let starts = ends.chain([line.len()]).filter_map(|end| line.get(..end));
    // No command is a prefix of another.
    let mut found = starts.filter_map(|words| tool_of(table, words, waits));
    found.next().map(|(_, tool)| tool)
}

/// A text with `--flag` replaced by the name of its argument.
fn push_flags(out: &mut String, command: &Command, text: &str, whole: &mut bool) {
    let mut parts = text.split("--");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let is_name = |c: char| c.is_ascii_lowercase() || c == '-';
        let end = part.find(|c| !is_name(c)).unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        match arguments(command).find(|(_, flag)| flag.is_named(name)) {
            Some((argument, _)) => out.push_str(&argument),
            None => {
                *whole = false;
                out.push_str(&format!("--{name}"));
            }
        }
        out.push_str(rest);
    }
}
