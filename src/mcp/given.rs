//! From the arguments of a call to an invocation: checked by the table before anything is sent.

use super::names::arguments;
use super::spell;
use super::tool::{SECONDS_NAME, Tool, USUAL_WAIT, is_required};
use crate::cli::{Command, Flag, Invocation, Kind, TIMEOUT, Table, WAIT, nearest};
use crate::json::{Object, Value, compact};

/// The invocation that a call asks for.
///
/// # Errors
/// What is wrong with the arguments, and what to send: all of it at once.
pub(super) fn invocation(
    table: Table,
    tool: &Tool,
    given: &Object<'_>,
) -> Result<Invocation, String> {
    // Models send null for what they leave out.
    let given: Vec<(&str, Value<'_>)> = given.iter().filter(|(_, v)| !v.is_null()).collect();
    let has = |name: &str| given.iter().any(|(given, _)| *given == name);
    let command = chosen(tool, has).ok_or("the tool calls nothing")?;
    let mut wrong = Vec::new();
    let mut values: Vec<(&'static Flag, String)> = Vec::new();
    for (name, value) in &given {
        match tool.arguments_of(command).find(|(known, _)| known == name) {
            Some((_, flag)) => match text_of(flag, *value) {
                Ok(Some(text)) => match check(flag, &text) {
                    Ok(()) => values.push((flag, text)),
                    Err(why) => wrong.push(format!("`{name}` {why}")),
                },
                Ok(None) => {}
                Err(expected) => wrong.push(format!("`{name}` must be {expected}")),
            },
            None => wrong.push(unknown(tool, command, name)),
        }
    }
    for (name, flag) in arguments(command).filter(|(_, flag)| is_required(command, flag)) {
        if !has(&name) {
            let help = spell::with_tools(table, flag.help);
            wrong.push(format!("`{name}` is missing: {help}"));
        }
    }
    if tool.waits {
        values.push((&WAIT, String::new()));
        if !has(SECONDS_NAME) {
            values.push((&TIMEOUT, USUAL_WAIT.to_string()));
        }
    }
    match wrong.is_empty() {
        true => {
            let values = values
                .iter()
                .map(|(flag, text)| (*flag, Some(text.as_str())));
            Ok(Invocation::of(command, &values.collect::<Vec<_>>()))
        }
        false => Err(wrong.join("; ")),
    }
}

/// Checks a value as it would be typed, against the bounds of its schema too; a switch has none.
fn check(flag: &Flag, text: &str) -> Result<(), String> {
    if !flag.takes_value() {
        return Ok(());
    }
    flag.check(text)?;
    match (flag.most, text.parse::<u32>()) {
        (Some(most), Ok(number)) if number > most => {
            Err(format!("must be at most {most}, not `{number}`"))
        }
        _ => Ok(()),
    }
}

/// The command that is called: among those whose requirements are met, the one that requires most;
/// otherwise the one that requires least.
fn chosen(tool: &Tool, has: impl Fn(&str) -> bool) -> Option<&'static Command> {
    let required = |command: &'static Command| {
        let all = arguments(command).filter(|(_, flag)| is_required(command, flag));
        all.map(|(name, _)| name).collect::<Vec<_>>()
    };
    let commands = tool.commands.iter().copied();
    let complete = commands
        .clone()
        .filter(|c| required(c).iter().all(|name| has(name)));
    complete
        .max_by_key(|command| required(command).len())
        .or_else(|| commands.min_by_key(|command| required(command).len()))
}

/// The value of a flag as it would be typed; `None` for a switch that is off. An error says what
/// is expected.
fn text_of(flag: &Flag, value: Value<'_>) -> Result<Option<String>, &'static str> {
    let raw = value.raw();
    let string = value.string().map(|text| text.into_owned());
    let is_number = raw.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    let text = match flag.kind {
        Kind::Switch => {
            return match string.as_deref().unwrap_or(raw) {
                "true" => Ok(Some(String::new())),
                "false" => Ok(None),
                _ => Err("true or false"),
            };
        }
        Kind::Count | Kind::Amount => {
            let number = || is_number.then(|| raw.strip_suffix(".0").unwrap_or(raw).to_owned());
            string.or_else(number).ok_or("a number")?
        }
        Kind::List | Kind::Choices(_) => match value.items() {
            Some(items) => {
                let texts: Option<Vec<_>> = items.iter().map(|item| item.string()).collect();
                texts.ok_or("an array of strings")?.join(",")
            }
            None => string.ok_or("an array of strings")?,
        },
        Kind::Json => {
            let text = string.unwrap_or_else(|| compact(raw));
            Object::parse(&text).ok_or("an object")?;
            text
        }
        // As it came: order, digits, blanks. Each object is checked where they are sent.
        Kind::Objects => {
            let text = string.unwrap_or_else(|| raw.to_owned());
            let array = Value::parse(&text).filter(|value| value.raw().starts_with('['));
            array.ok_or("an array of objects")?;
            text
        }
        // A dash would read standard input, which is the client's line to us.
        Kind::Secret if string.as_deref() == Some("-") => return Err("the secret itself"),
        // An id or a cursor may look like a number.
        _ => {
            let number = || is_number.then(|| raw.to_owned());
            string.or_else(number).ok_or("a string")?
        }
    };
    Ok(Some(text))
}

fn unknown(tool: &Tool, command: &Command, name: &str) -> String {
    let elsewhere = |other: &&&'static Command| arguments(other).any(|(known, _)| known == name);
    if tool.commands.iter().any(|other| elsewhere(&other)) {
        return format!("`{name}` cannot be combined with the other arguments");
    }
    let known = tool.arguments_of(command).map(|(name, _)| name);
    let known: Vec<String> = known.collect();
    match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("there is no `{name}`; did you mean `{near}`?"),
        None if known.is_empty() => format!("there is no `{name}`: it takes no arguments"),
        None => format!("there is no `{name}`; it takes {}", known.join(", ")),
    }
}
