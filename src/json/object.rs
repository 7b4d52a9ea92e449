//! A JSON value or object as its text: read one level at a time, and only on demand.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{compact, quote};

/// One JSON value, as its text. Made only from checked text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Value<'a>(&'a str);

const NULL: Value<'static> = Value("null");
/// The most fields or elements that are read one by one: each costs more than its text, and a page
/// of the API has at most a hundred.
const MOST: usize = 100_000;

impl<'a> Value<'a> {
    /// Reads one value; `None` when the text is not JSON.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let raw: &'a RawValue = serde_json::from_str(text).ok()?;
        Some(Value(raw.get()))
    }

    /// The value of a text that is known to be JSON.
    pub(crate) fn checked(text: &'a str) -> Self {
        Value(text.trim_ascii())
    }

    /// The value's text, as it came.
    pub(crate) fn raw(self) -> &'a str {
        self.0
    }

    /// A non-negative number, rounded to this many decimal places, in units of the last: `0.8542`
    /// with 2 places is 85. `None` for anything else, an exponent included.
    pub(crate) fn decimal(self, places: usize) -> Option<u64> {
        let (whole, fraction) = self.0.split_once('.').unwrap_or((self.0, ""));
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) {
            return None;
        }
        let mut number: u64 = whole.parse().ok()?;
        let mut fraction = fraction.bytes().map(|b| u64::from(b - b'0'));
        for _ in 0..places {
            let digit = fraction.next().unwrap_or(0);
            number = number.checked_mul(10)?.checked_add(digit)?;
        }
        number.checked_add(u64::from(fraction.next() >= Some(5)))
    }

    /// Whether it is `null`, or absent.
    pub(crate) fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// The fields, when it is an object.
    pub(crate) fn object(self) -> Option<Object<'a>> {
        Object::parse(self.0)
    }

    /// The value of a field, when it is an object that has it; the last one of several with the
    /// same name. Costs no memory.
    pub(crate) fn field(self, key: &str) -> Option<Value<'a>> {
        if !self.0.starts_with('{') {
            return None;
        }
        let mut deserializer = serde_json::Deserializer::from_str(self.0);
        deserializer.deserialize_map(Field(key)).ok()?
    }

    /// The elements, when it is an array of no more than `MOST`.
    pub(crate) fn items(self) -> Option<Vec<Value<'a>>> {
        if !self.0.starts_with('[') {
            return None;
        }
        let items: Items<'a> = serde_json::from_str(self.0).ok()?;
        Some(items.0)
    }

    /// The content, when it is a string. A string that text cannot represent (half a surrogate
    /// pair) gives its escaped form.
    pub(crate) fn string(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if !inner.contains('\\') {
            return Some(Cow::Borrowed(inner));
        }
        let text = serde_json::from_str(self.0).unwrap_or_else(|_| inner.to_owned());
        Some(Cow::Owned(text))
    }

    /// The value as words for a person: a string's content, a number's digits, anything else
    /// as compact JSON. `None` for `null`, an absent field and an empty string.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
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

    /// The elements as words, joined by commas; anything but an array as in [`Value::text`].
    pub(crate) fn joined(self) -> Option<Cow<'a, str>> {
        let Some(items) = self.items() else {
            return self.text();
        };
        let words: Vec<Cow<'_, str>> = items.into_iter().filter_map(Value::text).collect();
        (!words.is_empty()).then(|| Cow::Owned(words.join(", ")))
    }

    /// Whether it is the JSON `true`.
    pub(crate) fn is_true(self) -> bool {
        self.0 == "true"
    }
}

/// Looks for the field of a name.
struct Field<'k>(&'k str);

impl<'de> Visitor<'de> for Field<'_> {
    type Value = Option<Value<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<&RawValue>()? {
            let value = map.next_value::<&RawValue>()?;
            if Value(key.get()).string().is_some_and(|key| key == self.0) {
                found = Some(Value(value.get()));
            }
        }
        Ok(found)
    }
}

/// The elements of an array.
struct Items<'a>(Vec<Value<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Elements;
        impl<'de> Visitor<'de> for Elements {
            type Value = Items<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Items<'de>, A::Error> {
                let mut items = Vec::new();
                while let Some(raw) = seq.next_element::<&RawValue>()? {
                    items.push(Value(raw.get()));
                    if items.len() > MOST {
                        return Err(A::Error::custom("too many elements"));
                    }
                }
                Ok(Items(items))
            }
        }
        deserializer.deserialize_seq(Elements)
    }
}

/// One JSON object, read one level deep: its keys in order, its values as text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Object<'a> {
    fields: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Object<'a> {
    /// Reads an object; `None` when the text is anything else, or has more than `MOST` fields.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The value of a field; `null` when it is absent.
    pub(crate) fn get(&self, key: &str) -> Value<'_> {
        self.fields
            .iter()
            .rev()
            .find(|(k, _)| k == key)
            .map_or(NULL, |(_, v)| Value(v))
    }

    /// A field that is an object, or an empty one when it is absent; `None` when it is anything
    /// else, which no summary may hide.
    pub(crate) fn part(&self, key: &str) -> Option<Object<'_>> {
        let value = self.get(key);
        match value.is_null() {
            true => Some(Object::default()),
            false => value.object(),
        }
    }

    /// The elements of a field that is an array, none when it is absent; `None` when it is
    /// anything else.
    pub(crate) fn elements(&self, key: &str) -> Option<Vec<Value<'_>>> {
        let value = self.get(key);
        match value.is_null() {
            true => Some(Vec::new()),
            false => value.items(),
        }
    }

    /// A field as words for a person; see [`Value::text`].
    pub(crate) fn text(&self, key: &str) -> Option<Cow<'_, str>> {
        self.get(key).text()
    }

    /// The same when it is a string, on its own.
    pub(crate) fn text_of(&self, key: &str) -> Option<String> {
        let text = self.get(key).string().filter(|text| !text.is_empty());
        text.map(|text| text.into_owned())
    }

    /// The same object, owned.
    pub(crate) fn into_owned(self) -> Object<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        let fields = self.fields.into_iter();
        Object {
            fields: fields.map(|(key, value)| (own(key), own(value))).collect(),
        }
    }

    /// Where a list continues: a string, or the digits of a number. `None` at its end.
    ///
    /// # Errors
    /// It is something else, from which nobody can continue.
    pub(crate) fn cursor(&self) -> Result<Option<String>, ()> {
        let value = self.get("nextCursor");
        match value.string() {
            Some(text) if text.is_empty() => Ok(None),
            Some(text) => Ok(Some(text.into_owned())),
            None if value.is_null() => Ok(None),
            None if value.0.starts_with(['{', '[', 't', 'f']) => Err(()),
            None => Ok(Some(value.0.to_owned())),
        }
    }

    /// The fields in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Value<'_>)> {
        self.fields.iter().map(|(k, v)| (k.as_ref(), Value(v)))
    }

    /// Whether there is no field.
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Sets a field to a JSON text, in place when it exists, else at the end. A repeated key is
    /// left only once.
    pub(crate) fn set(&mut self, key: &'a str, json: impl Into<Cow<'a, str>>) {
        let mut json = Some(json.into());
        self.fields.retain_mut(|(k, value)| {
            if k != key {
                return true;
            }
            json.take().map(|json| *value = json).is_some()
        });
        self.fields
            .extend(json.map(|json| (Cow::Borrowed(key), json)));
    }

    /// Adds a field at the end, where there is none of that name.
    pub(crate) fn push(&mut self, key: &'a str, json: impl Into<Cow<'a, str>>) {
        self.fields.push((Cow::Borrowed(key), json.into()));
    }

    /// Removes a field.
    pub(crate) fn remove(&mut self, key: &str) {
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
                    if fields.len() > MOST {
                        return Err(A::Error::custom("too many fields"));
                    }
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

    #[test]
    fn an_object_is_edited_without_touching_the_rest() {
        let mut object = Object::parse(r#"{ "x" : 1.0 , "y" : {"z": [1, 2]} }"#).unwrap();
        object.set("x", "2");
        object.set("new", quote("a\"b"));
        assert_eq!(
            object.to_string(),
            r#"{"x":2,"y":{"z": [1, 2]},"new":"a\"b"}"#
        );
        let mut twice = Object::parse(r#"{"a":1,"b":2,"a":3}"#).unwrap();
        twice.set("a", "4");
        assert_eq!(twice.to_string(), r#"{"a":4,"b":2}"#);
        object.remove("y");
        assert_eq!(object.to_string(), r#"{"x":2,"new":"a\"b"}"#);
        assert!(Object::parse("[1]").is_none());
    }

    #[test]
    fn a_number_is_counted_in_its_decimal_places() {
        for (raw, places, number) in [
            ("0.8542", 2, Some(85)),
            ("0.855", 2, Some(86)),
            ("12", 3, Some(12_000)),
            ("0.5", 0, Some(1)),
            ("2.49", 0, Some(2)),
            ("1.25", 4, Some(12_500)),
            ("-1", 0, None),
            ("1e3", 0, None),
            ("\"1\"", 0, None),
            ("null", 0, None),
            ("99999999999999999999", 0, None),
        ] {
            assert_eq!(Value::checked(raw).decimal(places), number, "{raw}");
        }
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
        assert_eq!(object.get("l").joined().unwrap(), "a, 2");
        assert_eq!(object.text("z"), None);
        assert_eq!(object.text("absent"), None);
        assert_eq!(object.text("half").unwrap(), "\\ud800");
    }
}
