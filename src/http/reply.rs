//! What came back: a reply to show, or an error in the documented envelope.

use crate::error::{Error, Refusal};
use crate::json::{self, Object, Value};

/// An answer of the server, whole.
#[derive(Debug)]
pub(crate) struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Where a 3xx points.
    pub(super) location: Option<String>,
    /// The `Retry-After` header.
    pub(super) retry_after: Option<String>,
    /// The `X-Request-Id` header, for a trace.
    pub(super) request_id: Option<String>,
    /// The body as it came.
    pub(super) body: Vec<u8>,
}

impl Reply {
    /// Turns anything but a 2xx with a JSON body (or with none, for 204) into an error.
    pub(super) fn accept(self) -> Result<Self, Error> {
        match self.status {
            200..=299 if self.is_empty() => Ok(self),
            200..=299 => match json::check(self.text()) {
                Ok(()) => Ok(self),
                Err(why) => Err(Error::lost(
                    format!(
                        "the server answered {} with a body that is not JSON ({why}): {}",
                        self.status,
                        self.first_words()
                    ),
                    &self.body,
                )),
            },
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

    /// Seconds that the server asks to wait: the `Retry-After` header when it is a number, or
    /// `details.retryAfterSeconds` (API.md, section 2).
    pub(super) fn retry_after(&self) -> Option<u64> {
        if let Some(seconds) = self
            .retry_after
            .as_ref()
            .and_then(|s| s.trim().parse().ok())
        {
            return Some(seconds);
        }
        let object = Object::parse(self.text())?;
        let details = object.get("details").object()?;
        let seconds: f64 = details.get("retryAfterSeconds").raw().parse().ok()?;
        (seconds >= 0.0).then_some(seconds.ceil() as u64)
    }

    /// A reply made of several: its text is the body of a 200.
    pub(crate) fn of(text: String) -> Self {
        Reply {
            status: 200,
            location: None,
            retry_after: None,
            request_id: None,
            body: text.into_bytes(),
        }
    }

    /// What to quote to support: the envelope's `requestId`, or the header.
    pub(super) fn request_id(&self) -> Option<String> {
        let object = Object::parse(self.text()).filter(|_| self.status >= 400);
        let own = object.and_then(|o| o.get("requestId").string().map(|s| s.into_owned()));
        own.or_else(|| self.request_id.clone())
    }

    /// Whether there is no content: a 204.
    pub(crate) fn is_empty(&self) -> bool {
        self.status == 204 && self.body.is_empty()
    }

    /// The body's text; `""` when it is not UTF-8, which no check lets through.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default()
    }

    /// The body as a JSON value.
    pub(crate) fn value(&self) -> Option<Value<'_>> {
        Value::parse(self.text())
    }

    /// The error envelope `{error, code, requestId, details}`, the OAuth shape
    /// `{error, error_description}`, or the status with the first words of anything else. The
    /// code is always one word.
    fn refusal(&self) -> Error {
        // A refusal is read even when a byte of it is no UTF-8.
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
            // What is no envelope at all may still say something to a program.
            (_, None) if !object.is_empty() => Some(json::compact(&text)),
            _ => None,
        };
        let message = match (string("code"), error, description) {
            (None, Some(_), Some(description)) => description,
            (_, Some(error), _) => error,
            (_, None, _) if object.is_empty() => self.first_words(),
            (_, None, _) => "the answer holds no error message".to_owned(),
        };
        let refusal = Refusal {
            status: self.status,
            code: code.unwrap_or_else(|| "UNKNOWN".into()),
            details,
            request_id: self.request_id(),
            retry_after: self.retry_after(),
        };
        Error::refused(refusal, message)
    }

    fn first_words(&self) -> String {
        first_words(&self.body).unwrap_or_else(|| "(empty body)".into())
    }
}

/// Whether a text can stand as a code: a word such as `FORBIDDEN` or `slow_down`.
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
        let reply = Reply {
            status,
            location: None,
            retry_after: None,
            request_id: None,
            body: body.into(),
        };
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
        assert_eq!(bare.code, "UNKNOWN");
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
        assert_eq!(message, "the answer holds no error message");
        assert_eq!(refusal(500, &"x".repeat(500)).1.len(), 203);
    }
}
