//! JSON as text: checked, re-indented, read one level at a time, edited in place. Nothing here
//! builds a tree of values, so keys keep their order and numbers their digits.

mod object;
mod path;

use std::borrow::Cow;
use std::io::{self, Write};

pub(crate) use object::{Object, Value};
pub(crate) use path::{Path, rows, unshared};
use serde::de::IgnoredAny;

use crate::safe::{is_hidden, push_escape};

/// Levels that are indented. Deeper ones stay at this depth, so that a hostile
/// reply of brackets cannot grow without bound when it is re-indented.
const DEEPEST_INDENT: usize = 64;

/// Levels beyond this one draw on a limited number of blanks; what the API sends never gets there.
const DEEP: usize = 6;

/// Checks that `text` is one JSON value. The error says where it stops being one.
pub(crate) fn check(text: &str) -> Result<(), String> {
    serde_json::from_str::<IgnoredAny>(text)
        .map(|_| ())
        .map_err(|e| e.to_string())
}

/// Writes checked JSON with two spaces per level and a final newline: same keys, same order, same
/// digits. Hidden characters are written as `\u` escapes, which is the same value and safe on a
/// screen.
pub(crate) fn indent(text: &str, out: &mut dyn Write) -> io::Result<()> {
    // Real documents grow by half. One built to grow without bound gets no more indentation once
    // that many blanks are spent.
    let blanks = 4 * text.len() + (1 << 20);
    let mut buffer = Buffer::new(out, blanks);
    rewrite(text, &mut buffer, 0)?;
    buffer.put(b"\n", 1)?;
    buffer.flush()
}

/// The same from a given depth, without the newline: for JSON inside something else.
pub(crate) fn indent_inside(text: &str, depth: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut buffer = Buffer::new(out, 4 * text.len() + (1 << 20));
    rewrite(text, &mut buffer, depth)?;
    buffer.flush()
}

/// The elements of a checked array, each on its own line without blanks between its tokens.
pub(crate) fn lines(array: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut buffer = Buffer::new(out, 0);
    strip(array, true, &mut buffer)?;
    buffer.flush()
}

/// Checked JSON on one line, without blanks between its tokens.
pub(crate) fn compact(text: &str) -> String {
    let mut out = Vec::new();
    let mut buffer = Buffer::new(&mut out, 0);
    // Writing to memory cannot fail, and what is written is the UTF-8 that was read.
    let _ = strip(text, false, &mut buffer).and_then(|()| buffer.flush());
    String::from_utf8(out).unwrap_or_default()
}

/// Checked JSON without blanks between its tokens and otherwise byte for byte as it came: hidden
/// characters stay what they are, so this is not for a screen.
pub(crate) fn without_blanks(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut buffer = Buffer::new(&mut out, 0);
    buffer.escapes = false;
    // As above.
    let _ = strip(text, false, &mut buffer).and_then(|()| buffer.flush());
    String::from_utf8(out).unwrap_or_default()
}

/// How much is written at once.
const SIZE: usize = 64 * 1024;
/// Pieces are a few bytes long, and each call to musl's memcpy costs more than copying them (27 MB:
/// 72 ms with a `BufWriter`, 24 ms with this): they are copied as a block of this size, past their
/// end where there is more. With glibc it makes no difference.
const BLOCK: usize = 64;

/// Collects small pieces and writes them one buffer at a time.
struct Buffer<'a> {
    /// On the stack: a mapping of its own would cost more than a small page of text.
    bytes: [u8; SIZE + BLOCK],
    /// At most `SIZE`, so that one more block always fits.
    used: usize,
    out: &'a mut dyn Write,
    /// How many blanks may be spent on deep levels.
    blanks_left: usize,
    /// Whether hidden characters are written as escapes.
    escapes: bool,
}

impl<'a> Buffer<'a> {
    fn new(out: &'a mut dyn Write, blanks_left: usize) -> Self {
        Buffer {
            bytes: [0; SIZE + BLOCK],
            used: 0,
            out,
            blanks_left,
            escapes: true,
        }
    }

    /// Begins a line at this depth.
    #[inline(always)]
    fn break_line(&mut self, depth: usize) -> io::Result<()> {
        let mut blanks = 1 + 2 * depth.min(DEEPEST_INDENT);
        if depth > DEEP {
            let left = self.blanks_left.checked_sub(blanks);
            blanks = left.map_or(0, |_| blanks);
            self.blanks_left = left.unwrap_or(self.blanks_left);
        }
        self.put(&BREAK, blanks)
    }

    /// Adds the first `length` bytes of `source`.
    #[inline(always)]
    fn put(&mut self, source: &[u8], length: usize) -> io::Result<()> {
        let to = self.bytes.get_mut(self.used..);
        match (
            source.first_chunk::<BLOCK>(),
            to.and_then(|to| to.first_chunk_mut()),
        ) {
            (Some(from), Some(to)) if length <= BLOCK && self.used + length <= SIZE => {
                *to = *from;
                self.used += length;
                Ok(())
            }
            _ => self.put_exactly(&source[..length]),
        }
    }

    /// Adds a piece that is long, does not fit, or is at the end of its source. A single write is
    /// never more than `SIZE`, which is what a pipe holds.
    #[inline(never)]
    fn put_exactly(&mut self, piece: &[u8]) -> io::Result<()> {
        if self.used + piece.len() > SIZE {
            self.flush()?;
            if piece.len() > SIZE {
                return self.out.write_all(piece);
            }
        }
        self.bytes[self.used..self.used + piece.len()].copy_from_slice(piece);
        self.used += piece.len();
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        let written = self.out.write_all(&self.bytes[..self.used]);
        self.used = 0;
        written
    }
}

/// A line break and the deepest indentation; a line takes its beginning, a blank what follows the
/// break.
const BREAK: [u8; 1 + 2 * DEEPEST_INDENT] = {
    let mut line = [b' '; 1 + 2 * DEEPEST_INDENT];
    line[0] = b'\n';
    line
};

fn rewrite(text: &str, out: &mut Buffer<'_>, depth: usize) -> io::Result<()> {
    // Every hidden character is beyond `~`: without any of those, strings need no inspection.
    let plain = text.is_ascii() && !text.contains('\u{7f}');
    let bytes = text.as_bytes();
    let mut depth = depth;
    let mut at = 0;
    // Where verbatim copying starts; it runs to where something has to be inserted or left out.
    let mut from = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        at += 1;
        match byte {
            b'"' => {
                at = start + string_length(&bytes[start..]);
                if !plain {
                    out.put(&bytes[from..], start - from)?;
                    put_escaped(&text[start..at], out)?;
                    from = at;
                }
                continue;
            }
            b',' => {
                out.put(&bytes[from..], at - from)?;
                out.break_line(depth)?;
            }
            b':' => {
                out.put(&bytes[from..], at - from)?;
                out.put(&BREAK[1..], 1)?;
            }
            b'{' | b'[' => {
                out.put(&bytes[from..], at - from)?;
                at += blanks(&bytes[at..]);
                if let Some(b'}' | b']') = bytes.get(at) {
                    out.put(&bytes[at..], 1)?;
                    at += 1;
                } else {
                    depth += 1;
                    out.break_line(depth)?;
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                out.put(&bytes[from..], start - from)?;
                out.break_line(depth)?;
                out.put(&bytes[start..], at - start)?;
            }
            b' ' | b'\t' | b'\r' | b'\n' => out.put(&bytes[from..], start - from)?,
            // Inside a number or a word.
            _ => continue,
        }
        from = at;
    }
    out.put(&bytes[from..], bytes.len() - from)
}

/// Leaves out the blanks between tokens; for an array, on request, the brackets too, with each
/// element on its own line.
fn strip(text: &str, lines: bool, out: &mut Buffer<'_>) -> io::Result<()> {
    let plain = !out.escapes || (text.is_ascii() && !text.contains('\u{7f}'));
    let bytes = text.as_bytes();
    let mut depth = 0;
    let mut opened = 0;
    let mut at = 0;
    let mut from = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        at += 1;
        let mut end: &[u8] = b"";
        match byte {
            b'"' => {
                at = start + string_length(&bytes[start..]);
                if !plain {
                    out.put(&bytes[from..], start - from)?;
                    put_escaped(&text[start..at], out)?;
                    from = at;
                }
                continue;
            }
            b'{' | b'[' => {
                depth += 1;
                if !(lines && depth == 1) {
                    continue;
                }
                opened = at;
            }
            b'}' | b']' => {
                depth -= 1;
                if !(lines && depth == 0) {
                    continue;
                }
                // An empty one has nothing before its end.
                let empty = bytes[opened..start].trim_ascii().is_empty();
                end = if empty { b"" } else { b"\n" };
            }
            b',' if lines && depth == 1 => end = b"\n",
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => continue,
        }
        out.put(&bytes[from..], start - from)?;
        out.put(end, end.len())?;
        from = at;
    }
    out.put(&bytes[from..], bytes.len() - from)
}

fn blanks(bytes: &[u8]) -> usize {
    let is_blank = |b: &&u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n');
    bytes.iter().take_while(is_blank).count()
}

/// Length of the JSON string at the start of `bytes`, quotes included.
#[inline(always)]
fn string_length(bytes: &[u8]) -> usize {
    /// Whether one of eight bytes is `byte`: a zero byte is the only one that borrows from the
    /// bit above it.
    const fn holds(word: u64, byte: u8) -> bool {
        const ONES: u64 = u64::MAX / 255;
        let zero_there = word ^ (ONES * byte as u64);
        zero_there.wrapping_sub(ONES) & !zero_there & (ONES << 7) != 0
    }
    let mut at = 1;
    loop {
        // Eight bytes at a time, as long as the string neither ends nor escapes in them.
        while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
            let word = u64::from_le_bytes(*word);
            if holds(word, b'"') || holds(word, b'\\') {
                break;
            }
            at += 8;
        }
        match bytes.get(at) {
            None => return bytes.len(),
            Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
        }
    }
}

fn put_escaped(text: &str, out: &mut Buffer<'_>) -> io::Result<()> {
    let mut from = 0;
    for (at, c) in text.char_indices().filter(|(_, c)| is_hidden(*c)) {
        out.put(&text.as_bytes()[from..], at - from)?;
        let mut escape = String::new();
        push_escape(&mut escape, c);
        out.put(escape.as_bytes(), escape.len())?;
        from = at + c.len_utf8();
    }
    out.put(&text.as_bytes()[from..], text.len() - from)
}

/// JSON in which no string contains half of a surrogate pair: U+FFFD takes its place. Such a half
/// is legal JSON but not text; many readers reject the whole document.
pub(crate) fn without_halves(text: &str) -> Cow<'_, str> {
    let unit = |at: usize| {
        let escape = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(escape, 16).ok()
    };
    let mut out = String::new();
    let (mut at, mut from) = (0, 0);
    // A backslash takes the character after it with it.
    while let Some(next) = text.get(at..).and_then(|rest| rest.find('\\')) {
        at += next;
        match (unit(at), unit(at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => at += 12,
            (Some(0xd800..=0xdfff), _) => {
                out.push_str(text.get(from..at).unwrap_or_default());
                out.push_str("\\ufffd");
                at += 6;
                from = at;
            }
            _ => at += 2,
        }
    }
    match from {
        0 => Cow::Borrowed(text),
        _ => Cow::Owned(out + text.get(from..).unwrap_or_default()),
    }
}

/// A string as a JSON string, quotes included.
pub(crate) fn quote(text: &str) -> String {
    // A string always serializes.
    serde_json::to_string(text).unwrap_or_default()
}

/// A boolean as JSON.
pub(crate) fn boolean(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// Strings as a JSON array.
pub(crate) fn quote_all<S: AsRef<str>>(texts: &[S]) -> String {
    let quoted: Vec<String> = texts.iter().map(|t| quote(t.as_ref())).collect();
    format!("[{}]", quoted.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn indented(text: &str) -> String {
        let mut out = Vec::new();
        indent(text, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn indenting_keeps_order_digits_duplicates_and_escapes() {
        assert_eq!(
            indented(
                r#"{"b":1.10,"a":[0.050,12345678901234567890123,{}, [ ] ],"a":"x\"y\\","e":{ }}"#
            ),
            "{\n  \"b\": 1.10,\n  \"a\": [\n    0.050,\n    12345678901234567890123,\n    {},\n    []\n  ],\n  \"a\": \"x\\\"y\\\\\",\n  \"e\": {}\n}\n"
        );
        assert_eq!(indented(" true "), "true\n");
    }

    #[test]
    fn hidden_characters_are_escaped_to_the_same_value() {
        let text = "{\"k\u{9b}\":\"a\u{7f}b\u{202e}cé\"}";
        let out = indented(text);
        assert_eq!(out, "{\n  \"k\\u009b\": \"a\\u007fb\\u202ecé\"\n}\n");
        let read = |t: &str| serde_json::from_str::<serde_json::Value>(t).unwrap();
        assert_eq!(read(text), read(&out));
    }

    #[test]
    fn elements_stand_on_lines_as_they_came() {
        let on_lines = |text: &str| {
            let mut out = Vec::new();
            lines(text, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(
            on_lines("[ {\"a\" : [1, {}, [ ]], \"b\":\"x, ]y\\\"\"} ,\n2.50, \"\u{202e}é\",[]]"),
            "{\"a\":[1,{},[]],\"b\":\"x, ]y\\\"\"}\n2.50\n\"\\u202eé\"\n[]\n"
        );
        assert_eq!(
            (on_lines("[]"), on_lines(" [ \n ] ")),
            (String::new(), String::new())
        );
        assert_eq!(
            compact(" [ 1 , { \"a\" : \"b c\" } ] "),
            "[1,{\"a\":\"b c\"}]"
        );
    }

    #[test]
    fn only_blanks_between_tokens_are_left_out() {
        let text = "{ \"k\u{9b} x\" :\n[ 1.10 , 1e-7,\t\"a \\\" \u{202e}é\\ud800\" ] }";
        assert_eq!(
            without_blanks(text),
            "{\"k\u{9b} x\":[1.10,1e-7,\"a \\\" \u{202e}é\\ud800\"]}"
        );
    }

    #[test]
    fn halves_of_pairs_are_replaced_and_whole_pairs_stay() {
        for (text, whole) in [
            (r#""\ud83e\udd93""#, r#""\ud83e\udd93""#),
            (r#""\ud800""#, r#""\ufffd""#),
            (
                r#"["a\uDC00\ud800\ud83e\udd93b","\\ud800"]"#,
                r#"["a\ufffd\ufffd\ud83e\udd93b","\\ud800"]"#,
            ),
            (r#""\\\ud800é\n""#, r#""\\\ufffdé\n""#),
            ("\"\\\"", "\"\\\""),
        ] {
            assert_eq!(without_halves(text), whole);
        }
    }

    #[test]
    fn deep_nesting_neither_overflows_nor_explodes() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(check(&deep).is_ok());
        assert!(indented(&deep).len() < 30_000_000);
    }
}
