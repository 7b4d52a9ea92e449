//! The items of a batch: checked one by one, and sent as they are written.

use std::borrow::Cow;

use super::{ITEMS, ITEMS_FILE, KIND, ROWS};
use crate::call::{input, request};
use crate::cli::{Flag, Invocation};
use crate::error::{Error, Hint};
use crate::json::{self, Value};
use crate::safe::masked;
use crate::shell::quoted;

/// A batch has at most this many items (API.md, section 3).
const MOST: usize = 200;

/// The body of a batch. Besides the text of the items there is only this one copy.
pub(super) fn body(inv: &Invocation) -> Result<String, Error> {
    let given = Given::of(inv)?;
    let mut others = request::body_object(inv);
    if !inv.has(&KIND) {
        others.set("kind", json::quote(ROWS));
    }
    let mut body = others.to_string();
    body.pop();
    body.push_str(",\"items\":");
    body.reserve_exact(given.text.len() + 3);
    let count = match given.is_array() {
        true => given.push_array(&mut body)?,
        false => given.push_lines(&mut body)?,
    };
    body.push('}');
    match count {
        0 => Err(given.refuse("contains no items")),
        1..=MOST => Ok(body),
        count => {
            let many = format!("contains {count} items, and a batch takes at most {MOST}");
            Err(given.refuse(&many).hint(given.split(inv)))
        }
    }
}

/// The text of the items, and the flag that gave it.
struct Given<'a> {
    flag: &'static Flag,
    text: Cow<'a, str>,
}

impl<'a> Given<'a> {
    fn of(inv: &'a Invocation) -> Result<Self, Error> {
        let Some(text) = inv.get(&ITEMS) else {
            let text = input::text_file(inv, &ITEMS_FILE)?.unwrap_or_default();
            return Ok(Given {
                flag: &ITEMS_FILE,
                text: text.into(),
            });
        };
        let given = Given {
            flag: &ITEMS,
            text: text.into(),
        };
        match given.is_array() {
            true => Ok(given),
            false => Err(given.refuse("takes a JSON array of objects")),
        }
    }

    /// Whether it is one JSON array; otherwise it is JSON lines.
    fn is_array(&self) -> bool {
        self.text.bytes().find(|b| !b.is_ascii_whitespace()) == Some(b'[')
    }

    /// Adds a JSON array as it is, once all its elements are known to be objects. Returns their
    /// number.
    fn push_array(&self, body: &mut String) -> Result<usize, Error> {
        if let Err(why) = json::check(&self.text) {
            return Err(self.refuse(&format!("is not JSON: {why}")));
        }
        let array = Value::parse(&self.text);
        let Some(items) = array.and_then(Value::items) else {
            return Err(self.refuse("contains far too many items"));
        };
        for (index, item) in items.iter().enumerate() {
            self.check(item.raw(), "index", index)?;
        }
        body.push_str(self.text.trim());
        Ok(items.len())
    }

    /// Adds JSON lines as an array, each as it is. Returns their number.
    fn push_lines(&self, body: &mut String) -> Result<usize, Error> {
        let mut count = 0;
        for (n, line) in self.text.split('\n').enumerate() {
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            if let Err(why) = json::check(line) {
                let why = why.replace(" line 1 column", " column");
                let broken = self.refuse(&format!("is not JSON on line {}: {why}", n + 1));
                let each = "each item goes on a line of its own, as `jq -c` writes it";
                return Err(broken.hint(each));
            }
            self.check(line, "line", n + 1)?;
            body.push(if count == 0 { '[' } else { ',' });
            body.push_str(line);
            count += 1;
        }
        body.push(']');
        Ok(count)
    }

    /// Checks that JSON is an object; an error names its place.
    fn check(&self, item: &str, place: &str, n: usize) -> Result<(), Error> {
        match item.starts_with('{') {
            true => Ok(()),
            false => Err(self.refuse(&format!(
                "has something other than an object at {place} {n}"
            ))),
        }
    }

    fn refuse(&self, why: &str) -> Error {
        Error::usage(format!("--{} {why}; nothing was sent", self.flag.name))
    }

    /// How to split it into several batches.
    fn split(&self, inv: &Invocation) -> Hint {
        let file = match inv.get(&ITEMS_FILE) {
            None => return "make several batches of them".into(),
            Some("-") => "/dev/stdin".to_owned(),
            Some(path) => quoted(&masked(path)),
        };
        let split = match self.is_array() {
            true => format!("`jq -c '.[]' {file} | split -l {MOST} - part-`"),
            false => format!("`split -l {MOST} {file} part-`"),
        };
        let each = inv.again_with(ITEMS_FILE.blank_like("<part>".into()));
        Hint::from(split).and(" splits it; then for each part `{}`", [each])
    }
}
