//! JSON as text: re-indented, read one level at a time, edited in place.
//!
//! Nothing here goes through a tree of values, so keys keep their order and numbers their digits.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::terminal::is_hidden;

/// Levels that are indented. Deeper ones stay at this depth, so that a hostile
/// reply of brackets cannot grow without bound when it is re-indented.
const DEEPEST_INDENT: usize = 64;

/// Checks that `text` is one JSON value. The error says where it stops being one.
pub fn check(text: &str) -> Result<(), String> {
    serde_json::from_str::<IgnoredAny>(text)
        .map(|_| ())
        .map_err(|e| e.to_string())
}

/// Writes checked JSON with two spaces a level and a final newline: same keys, same order,
/// same digits. DEL, C1 and bidirectional controls are written as `\u` escapes, which is the
/// same value and safe on a screen.
pub fn indent(text: &str, out: &mut impl Write) -> io::Result<()> {
    rewrite(text, out, true)?;
    out.write_all(b"\n")
}

/// Checked JSON on one line, without blanks between its tokens.
pub fn compact(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    // Writing to memory cannot fail, and what is written is the UTF-8 that was read.
    let _ = rewrite(text, &mut out, false);
    String::from_utf8(out).unwrap_or_default()
}

fn rewrite(text: &str, out: &mut impl Write, pretty: bool) -> io::Result<()> {
    const SPACES: [u8; 2 * DEEPEST_INDENT] = [b' '; 2 * DEEPEST_INDENT];
    let newline = |out: &mut dyn Write, depth: usize| {
        if !pretty {
            return Ok(());
        }
        out.write_all(b"\n")?;
        out.write_all(&SPACES[..2 * depth.min(DEEPEST_INDENT)])
    };
    let bytes = text.as_bytes();
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let end = match byte {
            b' ' | b'\t' | b'\r' | b'\n' => at + 1,
            b'{' | b'[' => {
                out.write_all(&bytes[at..=at])?;
                let next = at + 1 + blanks(&bytes[at + 1..]);
                match bytes.get(next) {
                    Some(&close @ (b'}' | b']')) => {
                        out.write_all(&[close])?;
                        next + 1
                    }
                    _ => {
                        depth += 1;
                        newline(out, depth)?;
                        next
                    }
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                newline(out, depth)?;
                out.write_all(&bytes[at..=at])?;
                at + 1
            }
            b',' => {
                out.write_all(b",")?;
                newline(out, depth)?;
                at + 1
            }
            b':' => {
                out.write_all(if pretty { b": " } else { b":" })?;
                at + 1
            }
            b'"' => {
                let end = at + string_length(&bytes[at..]);
                write_string(&text[at..end], out)?;
                end
            }
            _ => {
                let scalar =
                    |b: &u8| !matches!(b, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n');
                let length = bytes[at..].iter().take_while(|b| scalar(b)).count();
                out.write_all(&bytes[at..at + length])?;
                at + length
            }
        };
        at = end;
    }
    Ok(())
}

fn blanks(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
        .count()
}

/// Length of the JSON string that begins `bytes`, quotes included.
fn string_length(bytes: &[u8]) -> usize {
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn write_string(text: &str, out: &mut impl Write) -> io::Result<()> {
    // Every hidden character is beyond `~`: most strings take the short way.
    if text.bytes().all(|b| b < 0x7f) {
        return out.write_all(text.as_bytes());
    }
    let mut from = 0;
    for (at, c) in text.char_indices() {
        if is_hidden(c) {
            out.write_all(&text.as_bytes()[from..at])?;
            write!(out, "\\u{:04x}", c as u32)?;
            from = at + c.len_utf8();
        }
    }
    out.write_all(&text.as_bytes()[from..])
}

/// A string as a JSON string, quotes included.
pub fn quote(text: &str) -> String {
    // A string always serializes.
    serde_json::to_string(text).unwrap_or_default()
}

/// Strings as a JSON array.
pub fn quote_all<S: AsRef<str>>(texts: &[S]) -> String {
    let quoted: Vec<String> = texts.iter().map(|t| quote(t.as_ref())).collect();
    format!("[{}]", quoted.join(","))
}

/// One JSON value, as its text. Made only from checked text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value<'a>(&'a str);

const NULL: Value<'static> = Value("null");

impl<'a> Value<'a> {
    /// Reads one value; `None` when the text is not JSON.
    pub fn parse(text: &'a str) -> Option<Self> {
        let raw: &'a RawValue = serde_json::from_str(text).ok()?;
        Some(Value(raw.get()))
    }

    /// The value's text, as it came.
    pub fn raw(self) -> &'a str {
        self.0
    }

    /// Whether it is `null`, or absent.
    pub fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// The fields, when it is an object.
    pub fn object(self) -> Option<Object<'a>> {
        Object::parse(self.0)
    }

    /// The elements, when it is an array.
    pub fn items(self) -> Option<Vec<Value<'a>>> {
        if !self.0.starts_with('[') {
            return None;
        }
        let items: Vec<&'a RawValue> = serde_json::from_str(self.0).ok()?;
        Some(items.into_iter().map(|raw| Value(raw.get())).collect())
    }

    /// The content, when it is a string. A string that no text can hold (half a surrogate
    /// pair) gives its escaped form.
    pub fn string(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if !inner.contains('\\') {
            return Some(Cow::Borrowed(inner));
        }
        let text = serde_json::from_str(self.0).unwrap_or_else(|_| inner.to_owned());
        Some(Cow::Owned(text))
    }

    /// The value as words for a person: a string's content, a number's digits, anything else
    /// as compact JSON. `None` for `null`, an absent field and an empty string.
    pub fn text(self) -> Option<Cow<'a, str>> {
        if self.is_null() {
            return None;
        }
        let text = match self.string() {
            Some(text) => text,
            None if self.0.starts_with(['{', '[']) => Cow::Owned(compact(self.0)),
            None => Cow::Borrowed(self.0),
        };
        (!text.is_empty()).then_some(text)
    }

    /// The elements as words, joined by commas; anything but an array as [`Value::text`].
    pub fn list(self) -> Option<Cow<'a, str>> {
        let Some(items) = self.items() else {
            return self.text();
        };
        let words: Vec<Cow<'_, str>> = items.into_iter().filter_map(Value::text).collect();
        (!words.is_empty()).then(|| Cow::Owned(words.join(", ")))
    }

    /// Whether it is the JSON `true`.
    pub fn is_true(self) -> bool {
        self.0 == "true"
    }
}

/// One JSON object, read one level deep: its keys in order, its values as text.
#[derive(Clone, Debug, Default)]
pub struct Object<'a> {
    fields: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Object<'a> {
    /// Reads an object; `None` when the text is anything else.
    pub fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The value of a field; `null` when it is absent.
    pub fn get(&self, key: &str) -> Value<'_> {
        self.fields
            .iter()
            .rev()
            .find(|(k, _)| k == key)
            .map_or(NULL, |(_, v)| Value(v))
    }

    /// A field as words for a person; see [`Value::text`].
    pub fn text(&self, key: &str) -> Option<Cow<'_, str>> {
        self.get(key).text()
    }

    /// The fields in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Value<'_>)> {
        self.fields.iter().map(|(k, v)| (k.as_ref(), Value(v)))
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Sets a field to a JSON text, in place when it exists, else at the end.
    pub fn set(&mut self, key: &'a str, json: impl Into<Cow<'a, str>>) {
        let json = json.into();
        match self.fields.iter_mut().find(|(k, _)| k == key) {
            Some((_, value)) => *value = json,
            None => self.fields.push((Cow::Borrowed(key), json)),
        }
    }

    /// Removes a field.
    pub fn remove(&mut self, key: &str) {
        self.fields.retain(|(k, _)| k != key);
    }
}

/// The object as compact JSON text; the values are written as they came.
impl fmt::Display for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (n, (key, value)) in self.fields.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            write!(f, "{comma}{}:{value}", quote(key))?;
        }
        f.write_str("}")
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                    let key = Value(key.get()).string().unwrap_or_default();
                    fields.push((key, Cow::Borrowed(value.get())));
                }
                Ok(Object { fields })
            }
        }
        deserializer.deserialize_map(Fields)
    }
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
    fn deep_nesting_neither_overflows_nor_explodes() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(check(&deep).is_ok());
        assert!(indented(&deep).len() < 30_000_000);
    }

    #[test]
    fn an_object_is_edited_without_touching_the_rest() {
        let mut object = Object::parse(r#"{ "x" : 1.0 , "y" : {"z": [1, 2]} }"#).unwrap();
        object.set("x", "2");
        object.set("new", quote("a\"b"));
        assert_eq!(
            object.to_string(),
            r#"{"x":2,"y":{"z": [1, 2]},"new":"a\"b"}"#
        );
        object.remove("y");
        assert_eq!(object.to_string(), r#"{"x":2,"new":"a\"b"}"#);
        assert!(Object::parse("[1]").is_none());
    }

    #[test]
    fn every_value_has_words() {
        let object = Object::parse(
            r#"{"s":"a\nb","n":1.10,"o":{ "k" : 1 },"l":["a",2],"z":null,"half":"\ud800"}"#,
        )
        .unwrap();
        assert_eq!(object.text("s").unwrap(), "a\nb");
        assert_eq!(object.text("n").unwrap(), "1.10");
        assert_eq!(object.text("o").unwrap(), r#"{"k":1}"#);
        assert_eq!(object.get("l").list().unwrap(), "a, 2");
        assert_eq!(object.text("z"), None);
        assert_eq!(object.text("absent"), None);
        assert_eq!(object.text("half").unwrap(), "\\ud800");
    }
}
