//! Long values: text files, standard input, JSON objects, `field=value`.

use std::fs;
use std::io::{self, Read};

use crate::cli::{Flag, Invocation};
use crate::config::Secret;
use crate::error::Error;
use crate::json::{self, Object, Value};

/// The text of the file that a flag names, `-` being standard input; `None` without the flag.
///
/// # Errors
/// It cannot be read, or is not UTF-8; the error names flag and file.
pub(crate) fn text_file(inv: &Invocation, flag: &Flag) -> Result<Option<String>, Error> {
    let Some(path) = inv.get(flag) else {
        return Ok(None);
    };
    let (name, bytes) = match path {
        "-" => ("standard input", read_stdin()),
        path => (path, fs::read(path)),
    };
    let fail =
        |why: String| Error::local(format!("--{}: {name} {why}; nothing was sent", flag.name));
    let bytes = bytes.map_err(|e| fail(format!("could not be read: {e}")))?;
    match String::from_utf8(bytes) {
        Ok(text) if text.trim().is_empty() => Err(fail("is empty".into())),
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(fail("is not valid UTF-8 text".into())),
    }
}

/// The secret that a flag gives, or standard input for `-`, without the line's end.
///
/// # Errors
/// Standard input is unreadable or empty.
pub(crate) fn secret(inv: &Invocation, flag: &Flag) -> Result<Option<Secret>, Error> {
    match inv.get(flag) {
        Some("-") => {
            let text = text_file(inv, flag)?.unwrap_or_default();
            Ok(Some(Secret::new(text.trim_end_matches(['\r', '\n']))))
        }
        given => Ok(given.map(Secret::new)),
    }
}

fn read_stdin() -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
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
        None => Err(fail("this is JSON, but no object")),
    }
}

/// The JSON object of repeated `--set field=value`: JSON numbers, booleans and arrays are sent
/// as they are, digits unchanged; everything else is a string (API.md, section 20).
///
/// # Errors
/// A field named twice.
pub(crate) fn assignments(inv: &Invocation, flag: &Flag) -> Result<String, Error> {
    let mut object = Object::default();
    for assignment in inv.all(flag) {
        // The parser has checked that there is an equals sign.
        let (field, value) = assignment.split_once('=').unwrap_or((assignment, ""));
        if !object.get(field).is_null() {
            return Err(Error::usage(format!(
                "--{} names the field {field} twice",
                flag.name
            )));
        }
        object.set(field, coerced(value));
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
