//! The forms of an answer that are not for people: values, lines of JSON, a list as one document.

use crate::cli::{Answer, GET, Invocation, JSON, JSONL, Part, View};
use crate::error::Error;
use crate::json::{self, Object, Path};
use crate::safe::escape;
use crate::view::{List, More};

/// How answers are printed.
#[derive(Debug)]
pub(super) enum Form {
    /// For people.
    Text,
    /// The API's JSON.
    Json,
    /// The elements of a list, one per line.
    Lines,
    /// What these paths lead to.
    Values(Vec<Path>),
}

impl Form {
    /// The form that a call asks for.
    pub(super) fn of(invocation: &Invocation) -> Self {
        let paths: Vec<Path> = invocation.all(&GET).filter_map(Path::parse).collect();
        match () {
            () if !paths.is_empty() => Form::Values(paths),
            () if invocation.has(&JSON) => Form::Json,
            () if invocation.has(&JSONL) => Form::Lines,
            () => Form::Text,
        }
    }
}

/// The array of a list, as JSON.
///
/// # Errors
/// The reply has no such list.
pub(super) fn array<'a>(answer: &Answer<'_>, reply: &'a Object<'_>) -> Result<&'a str, Error> {
    let (View::List(list) | View::Stream(list)) = answer.view else {
        return Err(Error::output("the reply is not a list"));
    };
    let array = reply.get(list.key).raw();
    match array.starts_with('[') {
        true => Ok(array),
        false => Err(Error::output(format!(
            "the reply has no array `{}`",
            list.key
        ))),
    }
}

/// What paths lead to in a JSON text: a line for each row, columns separated by tabs. Strings are
/// written as their text, everything else as compact JSON. Where a line is a row, whatever would
/// break it is escaped; on a terminal, so is whatever acts on it.
///
/// # Errors
/// A value is missing; nothing is printed in that case.
pub(super) fn values(
    paths: &[Path],
    text: &str,
    terminal: bool,
    out: &mut String,
) -> Result<(), Error> {
    let one_line = paths.len() > 1 || paths.iter().any(Path::is_many);
    let rows = json::rows(paths, text, &mut |row| {
        for (n, found) in row.iter().enumerate() {
            if n > 0 {
                out.push('\t');
            }
            let Some(value) = found else {
                continue;
            };
            match value.string() {
                Some(text) if terminal => out.push_str(&escape(&text)),
                Some(text) if one_line => push_on_one_line(out, &text),
                Some(text) => out.push_str(&text),
                None => out.push_str(&json::compact(value.raw())),
            }
        }
        out.push('\n');
    });
    rows.map_err(Error::output)
}

/// A text with whatever would end a line or a column escaped.
fn push_on_one_line(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c => out.push(c),
        }
    }
}

/// A list that is followed, as one JSON document: the first page's keys, the elements of all pages,
/// where it continues.
#[derive(Debug, Default)]
pub(super) struct Document {
    has_elements: bool,
    is_feed: bool,
}

impl Document {
    /// The text of the next page.
    pub(super) fn page(&mut self, answer: &Answer<'_>, reply: &Object<'_>, list: List) -> Vec<u8> {
        let mut out = Vec::with_capacity(answer.text.len() * 2);
        if answer.part == Part::First {
            self.is_feed = list.more == More::Feed;
            out.extend(b"{");
            let cursor = ["nextCursor", "hasMore"];
            let others = reply
                .iter()
                .filter(|(key, _)| *key != list.key && !cursor.contains(key));
            for (name, value) in others {
                key(&mut out, name);
                inside(&mut out, value.raw(), 1);
                out.push(b',');
            }
            key(&mut out, list.key);
            out.push(b'[');
        }
        let array = reply.get(list.key).raw().strip_prefix('[');
        let elements = array.and_then(|rest| rest.strip_suffix(']'));
        let elements = elements.unwrap_or_default().trim();
        if !elements.is_empty() {
            out.extend(if self.has_elements { &b","[..] } else { b"" });
            out.extend(b"\n    ");
            inside(&mut out, elements, 2);
            self.has_elements = true;
        }
        if answer.is_last {
            let more = reply.get("hasMore").raw();
            out.extend(self.end(reply.get("nextCursor").raw(), more));
        }
        out
    }

    /// The end of the document: where the list continues, as JSON.
    pub(super) fn end(&self, cursor: &str, has_more: &str) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend(if self.has_elements {
            &b"\n  ],"[..]
        } else {
            b"],"
        });
        key(&mut out, "nextCursor");
        inside(&mut out, cursor, 1);
        if self.is_feed {
            out.push(b',');
            key(&mut out, "hasMore");
            inside(&mut out, has_more, 1);
        }
        out.extend(b"\n}\n");
        out
    }
}

fn key(out: &mut Vec<u8>, key: &str) {
    out.extend(b"\n  ");
    inside(out, &json::quote(key), 1);
    out.extend(b": ");
}

/// Writing to memory cannot fail.
fn inside(out: &mut Vec<u8>, text: &str, depth: usize) {
    let _ = json::indent_inside(text, depth, out);
}
