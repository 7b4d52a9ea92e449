//! The items of a batch: looked at one by one, and sent as they are written.

use super::{CREATE, GENERATOR, ITEMS_FILE, KIND};
use crate::call::input;
use crate::cli::Invocation;
use crate::error::{Error, Hint};
use crate::json::{self, Value};
use crate::safe::masked;
use crate::shell::quoted;

/// A batch has at most this many items (API.md, section 3).
const MOST: usize = 200;
/// What may stand between the tokens of JSON.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// The body of a batch. Beside the text of the file there is only this one copy of it.
pub(super) fn body(inv: &Invocation) -> Result<String, Error> {
    let text = input::text_file(inv, &ITEMS_FILE)?.unwrap_or_default();
    let kind = json::quote(inv.get(&KIND).unwrap_or(ROWS));
    let generator = match inv.get(&GENERATOR) {
        Some(label) => format!(",\"generator\":{}", json::quote(label)),
        None => String::new(),
    };
    let mut body = format!("{{\"kind\":{kind},\"items\":");
    body.reserve_exact(text.len() + generator.len() + 3);
    let count = match is_array(&text) {
        true => push_array(&text, &mut body)?,
        false => push_lines(&text, &mut body)?,
    };
    match count {
        0 => return Err(refuse("holds no item")),
        1..=MOST => {}
        count => {
            let holds = format!("holds {count} items, and a batch takes at most {MOST}");
            return Err(refuse(&holds).hint(split(inv, &text)));
        }
    }
    body.push_str(&generator);
    body.push('}');
    Ok(body)
}

/// The kind of a batch where none is named.
pub(super) const ROWS: &str = "rows";

/// Whether a file is one JSON array; else it is JSON lines.
fn is_array(text: &str) -> bool {
    text.trim_start_matches(BLANKS).starts_with('[')
}

/// Adds a JSON array as it stands, once all its elements are known to be objects. Gives how many.
fn push_array(text: &str, body: &mut String) -> Result<usize, Error> {
    let array = Value::parse(text).ok_or_else(|| {
        let why = json::check(text).err().unwrap_or_default();
        refuse(&format!("is not JSON: {why}"))
    })?;
    let far_too_many = || refuse(&format!("holds far more than {MOST} items"));
    let items = array.items().ok_or_else(far_too_many)?;
    for (index, item) in items.iter().enumerate() {
        if let Some(other) = no_object(item.raw()) {
            let before = item.raw().as_ptr() as usize - text.as_ptr() as usize;
            let breaks = text.bytes().take(before).filter(|b| *b == b'\n').count();
            return Err(refuse(&format!(
                "has {other} at index {index}, on line {}, and an item is an object",
                breaks + 1
            )));
        }
    }
    body.push_str(array.raw());
    Ok(items.len())
}

/// Adds JSON lines as an array, each as it stands. Gives how many.
fn push_lines(text: &str, body: &mut String) -> Result<usize, Error> {
    let mut count = 0;
    for (n, line) in text.split('\n').enumerate() {
        let line = line.trim_matches(BLANKS);
        if line.is_empty() {
            continue;
        }
        if let Err(why) = json::check(line) {
            let why = why.replace(" line 1 column", " column");
            let broken = refuse(&format!("is not JSON on line {}: {why}", n + 1));
            return Err(broken.hint("each item stands on a line of its own, as `jq -c` writes it"));
        }
        if let Some(other) = no_object(line) {
            return Err(refuse(&format!(
                "has {other} on line {}, and an item is an object",
                n + 1
            )));
        }
        body.push(if count == 0 { '[' } else { ',' });
        body.push_str(line);
        count += 1;
    }
    body.push(']');
    Ok(count)
}

/// What a checked JSON text is, when it is no object.
fn no_object(json: &str) -> Option<&'static str> {
    match json.as_bytes().first() {
        Some(b'{') => None,
        Some(b'"') => Some("a string"),
        Some(b'[') => Some("an array"),
        Some(b'n') => Some("null"),
        Some(b't' | b'f') => Some("a boolean"),
        _ => Some("a number"),
    }
}

fn refuse(why: &str) -> Error {
    Error::usage(format!("--{} {why}; nothing was sent", ITEMS_FILE.name))
}

/// How to make several batches of one file.
fn split(inv: &Invocation, text: &str) -> Hint {
    let path = inv.need(&ITEMS_FILE);
    let file = quoted(&masked(path));
    let split = match (is_array(text), path) {
        (true, "-") => format!("jq -c '.[]' | split -l {MOST} - part-"),
        (true, _) => format!("jq -c '.[]' {file} | split -l {MOST} - part-"),
        (false, _) => format!("split -l {MOST} {file} part-"),
    };
    let kept = [&KIND, &GENERATOR].into_iter();
    let kept = kept.filter_map(|flag| inv.get(flag).map(|value| flag.is(value)));
    let part = ITEMS_FILE.blank_like("<part>".into());
    let create = inv.step(&CREATE, [part].into_iter().chain(kept).collect::<Vec<_>>());
    Hint::default()
        .text(format!("`{split}` makes parts of it; then for each `"))
        .and("{}`", [create])
}
