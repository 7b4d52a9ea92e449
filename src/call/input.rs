//! Long values: text files, standard input, JSON objects, `field=value`.

use std::fs::File;
use std::io::{self, BufRead, IsTerminal, Read};
use std::process::{Command, Stdio};

use crate::cli::{Flag, Invocation};
use crate::config::Secret;
use crate::error::Error;
use crate::json::{self, Object, Value};
use crate::notes::Notes;
use crate::text;

/// The input limit where the documentation gives none; in bytes.
const LARGEST_INPUT: u64 = 64 * 1024 * 1024;

/// The text of the file that a flag names, `-` being standard input; `None` without the flag.
///
/// # Errors
/// It cannot be read, is not UTF-8, or is too long; the error names the flag and the file.
pub(crate) fn text_file(inv: &Invocation, flag: &Flag) -> Result<Option<String>, Error> {
    let Some(path) = inv.get(flag) else {
        return Ok(None);
    };
    // A character has at most four bytes; a byte-order mark and a line break may surround them.
    let most = flag
        .longest
        .map_or(LARGEST_INPUT, |longest| 4 * longest as u64 + 8);
    let (name, bytes) = match path {
        "-" => ("standard input", text::read_up_to(io::stdin().lock(), most)),
        path => (
            path,
            File::open(path).and_then(|file| text::read_up_to(file, most)),
        ),
    };
    let fail =
        |why: String| Error::local(format!("--{}: {name} {why}; nothing was sent", flag.name));
    let bytes = bytes.map_err(|e| match (e.kind(), flag.longest) {
        (io::ErrorKind::FileTooLarge, Some(longest)) => {
            fail(format!("is longer than {longest} characters"))
        }
        (io::ErrorKind::FileTooLarge, None) => fail(format!(
            "is larger than {} MiB",
            LARGEST_INPUT / (1024 * 1024)
        )),
        _ => fail(format!("could not be read: {e}")),
    })?;
    let text = text::decoded(bytes).map_err(|why| fail(format!("is {why}")))?;
    if text.trim().is_empty() {
        return Err(fail("is empty".into()));
    }
    match flag.excess(text.trim_end_matches(['\r', '\n'])) {
        Some(why) => Err(fail(why)),
        None => Ok(Some(text)),
    }
}

/// The secret that a flag gives, or standard input for `-`. At a terminal it is prompted for, ends
/// with the line, and is not echoed if `stty` can see to that.
///
/// # Errors
/// Standard input is unreadable or empty.
pub(crate) fn secret(
    inv: &Invocation,
    flag: &Flag,
    notes: &mut dyn Notes,
) -> Result<Option<Secret>, Error> {
    match inv.get(flag) {
        Some("-") if io::stdin().is_terminal() => typed(flag, notes).map(Some),
        Some("-") => Ok(text_file(inv, flag)?.map(Secret::new)),
        given => Ok(given.map(Secret::new)),
    }
}

/// A secret that a person types or pastes.
fn typed(flag: &Flag, notes: &mut dyn Notes) -> Result<Secret, Error> {
    let stty = |mode: &str| {
        let done = Command::new("stty")
            .arg(mode)
            .stderr(Stdio::null())
            .status();
        done.is_ok_and(|status| status.success())
    };
    let hidden = stty("-echo");
    notes.note(match hidden {
        true => "Paste the token and press Enter; it is not shown.",
        false => "Paste the token and press Enter.",
    });
    let mut line = String::new();
    let read = io::stdin().lock().take(LARGEST_INPUT).read_line(&mut line);
    if hidden {
        stty("echo");
    }
    match read {
        Ok(_) if !line.trim().is_empty() => Ok(Secret::new(line)),
        Ok(_) => Err(Error::usage(format!("--{}: nothing was typed", flag.name))),
        Err(e) => Err(Error::local(format!(
            "--{}: {e}; nothing was sent",
            flag.name
        ))),
    }
}

/// Checks that text from a flag is a JSON object, and gives its text.
///
/// # Errors
/// It is not; the error names the flag.
pub(crate) fn object_text(flag: &Flag, text: String) -> Result<String, Error> {
    let fail = |why: &str| Error::usage(format!("--{} takes a JSON object: {why}", flag.name));
    json::check(&text).map_err(|why| fail(&why))?;
    match Object::parse(&text) {
        Some(_) => Ok(text),
        None => Err(fail("this is JSON, but not an object")),
    }
}

/// The JSON object of repeated `field=value`. With `coerce`, JSON numbers, booleans and arrays are
/// sent as they are, digits unchanged, and everything else is a string (API.md, section 20); with
/// `text`, everything is a string.
///
/// # Errors
/// A field is named twice.
pub(crate) fn assignments(inv: &Invocation, coerce: &Flag, text: &Flag) -> Result<String, Error> {
    let mut object = Object::default();
    let coerced = inv
        .all(coerce)
        .map(|given| (coerce, given, coerced as fn(&str) -> String));
    let texts = inv
        .all(text)
        .map(|given| (text, given, json::quote as fn(&str) -> String));
    for (flag, assignment, to_json) in coerced.chain(texts) {
        // The parser has checked that there is an equals sign.
        let (field, value) = assignment.split_once('=').unwrap_or((assignment, ""));
        if object.iter().any(|(known, _)| known == field) {
            return Err(Error::usage(format!(
                "--{} names the field {field} twice",
                flag.name
            )));
        }
        object.push(field, to_json(value));
    }
    Ok(object.to_string())
}

fn coerced(value: &str) -> String {
    let sent_as_is = value.starts_with(|c: char| c == '[' || c == '-' || c.is_ascii_digit())
        || matches!(value, "true" | "false");
    match Value::parse(value) {
        Some(json) if sent_as_is && json.raw() == value => value.to_owned(),
        _ => json::quote(value),
    }
}

#[cfg(test)]
mod tests {
    use super::coerced;

    #[test]
    fn numbers_booleans_and_arrays_are_sent_as_such_and_all_else_as_text() {
        for same in [
            "25",
            "0.050",
            "-1.5e3",
            "true",
            "false",
            r#"["a"]"#,
            "[]",
            "12345678901234567890",
        ] {
            assert_eq!(coerced(same), same);
        }
        for text in [
            "007", "null", "", "NaN", "1,2", "tru", "+1", "--", "[a]", "25 ",
        ] {
            assert_eq!(coerced(text), format!("\"{text}\""));
        }
        assert_eq!(coerced(r#"{"a":1}"#), r#""{\"a\":1}""#);
        assert_eq!(coerced(r#""quoted""#), r#""\"quoted\"""#);
    }
}
