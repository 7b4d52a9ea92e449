//! What came back: a reply to show, or an error in the documented envelope.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::date;
use crate::error::{Error, Refusal};
use crate::json::{self, Object, Value};
use crate::text;

/// A complete answer of the server.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Where a 3xx points.
    location: Option<String>,
    /// Seconds that the server asks to wait.
    wait: Option<u64>,
    /// The `X-Request-Id` header, for a trace.
    request_id: Option<String>,
    /// The `Content-Encoding` header.
    coding: Option<String>,
    /// The `charset` of the `Content-Type` header.
    charset: Option<String>,
    /// The body as it came, without a byte-order mark.
    body: Vec<u8>,
}

impl Reply {
    /// An answer from its parts; `header` gives a header's value by name.
    pub(super) fn new(
        status: u16,
        header: impl Fn(&str) -> Option<String>,
        mut body: Vec<u8>,
    ) -> Self {
        body.drain(..body.len() - text::without_mark(&body).len());
        let charset = header("Content-Type").and_then(|content_type| {
            let (_, charset) = content_type.split_once("charset=")?;
            Some(charset.trim_matches(['"', ' ']).to_owned())
        });
        let mut reply = Reply {
            status,
            location: header("Location"),
            wait: None,
            request_id: header("X-Request-Id"),
            coding: header("Content-Encoding"),
            charset,
            body,
        };
        reply.wait = header("Retry-After")
            .and_then(|wait| seconds_of(&wait, header("Date").as_deref()))
            .or_else(|| reply.wait_in_details());
        reply
    }

    /// Turns anything but a 2xx into an error.
    pub(super) fn accept(self) -> Result<Self, Error> {
        match self.status {
            200..=299 => Ok(self),
            300..=399 => Err(Error::lost(
                format!(
                    "the server answered {} and points to {}; redirects are not followed",
                    self.status,
                    self.location.as_deref().unwrap_or("nowhere")
                ),
                &[],
            )
            .hint("check the base URL; --base-url sets it")),
            _ => Err(self.refusal()),
        }
    }

    /// Whether the body is JSON, or there is none.
    ///
    /// # Errors
    /// It is something else.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.is_empty() {
            return Ok(());
        }
        json::check(self.text()).map_err(|why| {
            let (status, why) = (self.status, self.unreadable(&why));
            let text = format!("the server answered {status} with a body {why}");
            Error::lost(text, &self.body)
        })
    }

    /// Whether the same read may be answered differently in a moment: a gateway has a fault, or the
    /// server says when to come back.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self.status, 502..=504) || (self.status == 429 && self.wait.is_some())
    }

    /// How long the server says to wait before the same call.
    pub(super) fn asks_to_wait(&self) -> Option<Duration> {
        let asks = matches!(self.status, 429 | 503);
        self.wait.filter(|_| asks).map(Duration::from_secs)
    }

    /// `details.retryAfterSeconds` (API.md, section 2).
    fn wait_in_details(&self) -> Option<u64> {
        if self.status < 400 {
            return None;
        }
        let object = Object::parse(self.text())?;
        let details = object.get("details").object()?;
        let thousandths = details.get("retryAfterSeconds").decimal(3)?;
        Some(thousandths.div_ceil(1000))
    }

    /// A reply made of several, with this text as its body.
    pub(crate) fn of(text: String) -> Self {
        Reply {
            body: text.into_bytes(),
            ..Reply::default()
        }
    }

    /// What to quote to support: the envelope's `requestId`, or the header.
    pub(super) fn request_id(&self) -> Option<String> {
        let refused = self.status >= 400;
        let object = refused.then(|| Object::parse(self.text())).flatten();
        let own = object.and_then(|o| o.get("requestId").string().map(|s| s.into_owned()));
        own.or_else(|| self.request_id.clone())
    }

    /// Whether there is no content, as in a 204.
    pub(crate) fn is_empty(&self) -> bool {
        self.body.trim_ascii().is_empty()
    }

    /// The body's text; `""` when it is not UTF-8, which no check lets through.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default()
    }

    /// The room that the body took.
    pub(crate) fn into_room(self) -> Vec<u8> {
        self.body
    }

    /// The body as a JSON value.
    pub(crate) fn value(&self) -> Option<Value<'_>> {
        Value::parse(self.text())
    }

    /// The error envelope `{error, code, requestId, details}`, the OAuth shape
    /// `{error, error_description}`, or the status with the first words of anything else. The
    /// code is always one word.
    fn refusal(&self) -> Error {
        // A refusal is read even if it is not valid UTF-8.
        let text = String::from_utf8_lossy(&self.body);
        let object = Object::parse(&text).unwrap_or_default();
        let string = |key: &str| {
            let text = object.get(key).string().map(|s| s.into_owned());
            text.filter(|text| !text.is_empty())
        };
        let (error, description) = (string("error"), string("error_description"));
        // The slug is the code; a description is optional (API.md, section 2).
        let slug = error.clone().filter(|error| is_one_word(error));
        let code = string("code").filter(|code| is_one_word(code)).or(slug);
        let details = match (object.get("details"), &error) {
            (details, _) if !details.is_null() => Some(json::compact(details.raw())),
            // Something other than an envelope may still be useful to a program.
            (_, None) if !object.is_empty() => Some(json::compact(&text)),
            _ => None,
        };
        let message = match (string("code"), error, description) {
            (None, Some(_), Some(description)) => description,
            (_, Some(error), _) => error,
            (_, None, _) if object.is_empty() => match self.encoded() {
                Some(how) => format!("the answer is {how}"),
                None => self.first_words(),
            },
            (_, None, _) => "the answer contains no error message".to_owned(),
        };
        let refusal = Refusal {
            status: self.status,
            code: code.unwrap_or_else(|| "UNKNOWN".into()),
            details,
            request_id: self.request_id(),
            retry_after: self.wait.filter(|seconds| *seconds > 0),
        };
        Error::refused(refusal, message)
    }

    /// What is wrong with a body that is not JSON: `why` says where reading it stopped.
    fn unreadable(&self, why: &impl fmt::Display) -> String {
        match (self.encoded(), &self.charset) {
            (Some(how), _) => how,
            _ if str::from_utf8(&self.body).is_ok() => {
                format!("that is not JSON ({why}): {}", self.first_words())
            }
            (None, Some(charset)) => format!("in the charset {charset}, not in UTF-8"),
            (None, None) => format!("that is not UTF-8: {}", self.first_words()),
        }
    }

    /// How a body is encoded that cannot be read as it is.
    fn encoded(&self) -> Option<String> {
        let coding = self.coding.as_deref().unwrap_or("identity");
        if !coding.eq_ignore_ascii_case("identity") {
            return Some(format!("compressed as {coding}, which was not asked for"));
        }
        text::is_utf_16(&self.body).then(|| "in UTF-16, not in UTF-8".into())
    }

    fn first_words(&self) -> String {
        first_words(&self.body).unwrap_or_else(|| "(empty body)".into())
    }
}

/// Seconds that a `Retry-After` header asks for: its number, or the time from the answer's date to
/// its date, since the clock here may differ.
fn seconds_of(wait: &str, date: Option<&str>) -> Option<u64> {
    let wait = wait.trim();
    if let Ok(seconds) = wait.parse() {
        return Some(seconds);
    }
    let until = date::seconds(wait)?;
    let now = date.and_then(date::seconds).or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        Some(now.as_secs())
    })?;
    Some(until.saturating_sub(now))
}

/// Whether a text can serve as a code: a word such as `FORBIDDEN` or `slow_down`.
fn is_one_word(text: &str) -> bool {
    let in_word = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c);
    !text.is_empty() && text.len() <= 64 && text.chars().all(in_word)
}

/// The beginning of a body that is not what it should be, on one line; `None` when it is empty.
pub(super) fn first_words(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    match text.char_indices().nth(200) {
        _ if text.is_empty() => None,
        Some((at, _)) => Some(format!("{}...", &text[..at])),
        None => Some(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Failure;

    fn refusal(status: u16, body: &str) -> (Refusal, String) {
        let reply = Reply::new(status, |_| None, body.into());
        let error = reply.accept().unwrap_err();
        match error.failure {
            Failure::Refused(refusal) => (*refusal, error.text),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn both_error_shapes_are_read() {
        let (refusal_, message) = refusal(
            403,
            r#"{"error":"No","code":"FORBIDDEN","requestId":"r1","details":{"b": 1,"a":[ 2 ]}}"#,
        );
        assert_eq!(
            (refusal_.code.as_str(), message.as_str()),
            ("FORBIDDEN", "No")
        );
        assert_eq!(refusal_.details.as_deref(), Some(r#"{"b":1,"a":[2]}"#));
        assert_eq!(refusal_.request_id.as_deref(), Some("r1"));
        let (oauth, message) = refusal(400, r#"{"error":"slow_down","error_description":"Wait"}"#);
        assert_eq!(
            (oauth.code.as_str(), message.as_str()),
            ("slow_down", "Wait")
        );
        let (bare, message) = refusal(403, r#"{"error":"anonymous_not_enabled"}"#);
        assert_eq!(bare.code, message);
    }

    #[test]
    fn a_body_without_an_envelope_shows_its_first_words() {
        let (bare, message) = refusal(502, "<html>\n<h1>Bad\tGateway</h1>");
        assert_eq!((bare.code.as_str(), bare.details), ("UNKNOWN", None));
        assert_eq!(message, "<html> <h1>Bad Gateway</h1>");
        assert_eq!(refusal(500, "").1, "(empty body)");
        let (words, message) = refusal(500, r#"{"error":"Something went wrong"}"#);
        assert_eq!(
            (words.code.as_str(), message.as_str()),
            ("UNKNOWN", "Something went wrong")
        );
        let (closed, message) = refusal(404, r#"{"id":"j", "status":"closed"}"#);
        assert_eq!(
            closed.details.as_deref(),
            Some(r#"{"id":"j","status":"closed"}"#)
        );
        assert_eq!(message, "the answer contains no error message");
        assert_eq!(refusal(500, &"x".repeat(500)).1.len(), 203);
    }

    #[test]
    fn a_wait_is_a_number_or_the_time_to_a_date() {
        let date = "Wed, 25 Nov 2026 00:00:00 GMT";
        for (wait, expected) in [
            ("3", Some(3)),
            (" 120 ", Some(120)),
            ("0", Some(0)),
            ("Wed, 25 Nov 2026 00:05:00 GMT", Some(300)),
            ("Wednesday, 25-Nov-26 00:00:07 GMT", Some(7)),
            ("Wed Nov 25 00:01:00 2026", Some(60)),
            ("Tue, 24 Nov 2026 23:59:00 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
        ] {
            assert_eq!(seconds_of(wait, Some(date)), expected, "{wait}");
        }
        let details = br#"{"error":"x","details":{"retryAfterSeconds":1.5}}"#.to_vec();
        for (status, expected) in [(399, None), (400, Some(2)), (429, Some(2))] {
            let reply = Reply::new(status, |_| None, details.clone());
            assert_eq!(reply.wait, expected, "{status}");
        }
        let mut now = Reply::new(429, |_| None, Vec::new());
        for (wait, told) in [(0, None), (1, Some(1))] {
            now.wait = Some(wait);
            let Failure::Refused(refusal) = now.refusal().failure else {
                unreachable!("it is a refusal");
            };
            assert_eq!(refusal.retry_after, told);
        }
        // Without a date of the answer, this machine's clock decides.
        assert!(seconds_of("Wed, 25 Nov 2099 00:00:00 GMT", None) > Some(1_000_000));
        assert_eq!(seconds_of("Wed, 25 Nov 2020 00:00:00 GMT", None), Some(0));
    }
}
