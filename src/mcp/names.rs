//! What a command is called as a tool, and a flag as an argument.

use crate::cli::{Command, Destination, Flag, Kind, Table, all_commands, camel_case};

/// What the names of all tools begin with.
const PREFIX: &str = "opentrain_";

/// The names of a command's tools: of the one that waits, when it has one, or of the other.
pub(super) fn name_of(command: &Command, waits: bool) -> Option<String> {
    let name = if waits {
        command.waiting_tool
    } else {
        command.tool
    };
    name.map(|name| format!("{PREFIX}{name}"))
}

/// The command that these words call, and its tool; with --wait the one that waits, where there
/// is one.
pub(super) fn tool_of(
    table: Table,
    words: &str,
    waits: bool,
) -> Option<(&'static Command, String)> {
    let command = all_commands(table)
        .find(|c| c.words.iter().copied().eq(words.split(' ')) || c.alias == Some(words))?;
    let waiting = name_of(command, true).filter(|_| waits);
    Some((command, waiting.or_else(|| name_of(command, false))?))
}

/// The name of the argument that fills a flag; `None` where a tool does not take the flag: files
/// are not read for a model, and what is about the form of an answer has no meaning here.
pub(super) fn argument(flag: &Flag) -> Option<String> {
    if matches!(flag.kind, Kind::File | Kind::Field | Kind::Path) || flag.argument == Some("") {
        return None;
    }
    Some(match (flag.argument, flag.destination) {
        (Some(name), _) | (None, Destination::Query(name) | Destination::Body(name)) => name.into(),
        (None, Destination::Own) => camel_case(flag.name),
    })
}

/// The arguments of a command, with their flags.
pub(super) fn arguments(command: &Command) -> impl Iterator<Item = (String, &'static Flag)> {
    command
        .all_flags()
        .filter_map(|flag| Some((argument(flag)?, flag)))
}
