//! The items of a batch: looked at one by one, and sent as they are written.

use super::{ITEMS_FILE, KIND, ROWS};
use crate::call::{input, request};
use crate::cli::Invocation;
use crate::error::{Error, Hint};
use crate::json::{self, Value};
use crate::safe::masked;
use crate::shell::quoted;

/// A batch has at most this many items (API.md, section 3).
const MOST: usize = 200;

/// The body of a batch. Beside the text of the file there is only this one copy of it.
pub(super) fn body(inv: &Invocation) -> Result<String, Error> {
    let text = input::text_file(inv, &ITEMS_FILE)?.unwrap_or_default();
    let mut others = request::body_object(inv);
    if !inv.has(&KIND) {
        others.set("kind", json::quote(ROWS));
    }
    let mut body = others.to_string();
    body.pop();
    body.push_str(",\"items\":");
    body.reserve_exact(text.len() + 3);
    let count = match is_array(&text) {
        true => push_array(&text, &mut body)?,
        false => push_lines(&text, &mut body)?,
    };
    body.push('}');
    match count {
        0 => Err(refuse("holds no item")),
        1..=MOST => Ok(body),
        count => {
            let many = format!("holds {count} items, and a batch takes at most {MOST}");
            Err(refuse(&many).hint(split(inv, &text)))
        }
    }
}

/// Whether a file is one JSON array; else it is JSON lines.
fn is_array(text: &str) -> bool {
    text.bytes().find(|b| !b.is_ascii_whitespace()) == Some(b'[')
}

/// Adds a JSON array as it stands, once all its elements are known to be objects. Gives how many.
fn push_array(text: &str, body: &mut String) -> Result<usize, Error> {
    if let Err(why) = json::check(text) {
        return Err(refuse(&format!("is not JSON: {why}")));
    }
    let array = Value::parse(text);
    let Some(items) = array.and_then(Value::items) else {
        return Err(refuse("holds far too many items"));
    };
    for (index, item) in items.iter().enumerate() {
        check(item.raw(), "index", index)?;
    }
    body.push_str(text.trim());
    Ok(items.len())
}

/// Adds JSON lines as an array, each as it stands. Gives how many.
fn push_lines(text: &str, body: &mut String) -> Result<usize, Error> {
    let mut count = 0;
    for (n, line) in text.split('\n').enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if let Err(why) = json::check(line) {
            let why = why.replace(" line 1 column", " column");
            let broken = refuse(&format!("is not JSON on line {}: {why}", n + 1));
            return Err(broken.hint("each item stands on a line of its own, as `jq -c` writes it"));
        }
        check(line, "line", n + 1)?;
        body.push(if count == 0 { '[' } else { ',' });
        body.push_str(line);
        count += 1;
    }
    body.push(']');
    Ok(count)
}

/// Checks that JSON is an object; an error names its place.
fn check(item: &str, place: &str, n: usize) -> Result<(), Error> {
    match item.starts_with('{') {
        true => Ok(()),
        false => Err(refuse(&format!(
            "has something else than an object at {place} {n}"
        ))),
    }
}

fn refuse(why: &str) -> Error {
    Error::usage(format!("--{} {why}; nothing was sent", ITEMS_FILE.name))
}

/// How to make several batches of one file.
fn split(inv: &Invocation, text: &str) -> Hint {
    let file = match inv.need(&ITEMS_FILE) {
        "-" => "/dev/stdin".to_owned(),
        path => quoted(&masked(path)),
    };
    let split = match is_array(text) {
        true => format!("`jq -c '.[]' {file} | split -l {MOST} - part-`"),
        false => format!("`split -l {MOST} {file} part-`"),
    };
    let each = inv.again_with(ITEMS_FILE.blank_like("<part>".into()));
    Hint::from(split).and(" makes parts of it; then for each `{}`", [each])
}
