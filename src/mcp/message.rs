//! The lines of the protocol: what came, and the replies, in the words of its era.
//!
//! A request whose `_meta` names a protocol version is of the stateless era (revision
//! 2026-07-28); any other is of the era of `initialize`. No reply has a key of the other era.

use crate::json::{self, Object, Value};

/// The newest revision of the era of `initialize`, and those before it.
const LEGACY: &str = "2025-11-25";
const OLDER: [&str; 3] = ["2024-11-05", "2025-03-26", "2025-06-18"];
/// The revision in which every request is self-contained.
const MODERN: &str = "2026-07-28";

const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES_KEY: &str = "io.modelcontextprotocol/clientCapabilities";
const SERVER_KEY: &str = "io.modelcontextprotocol/serverInfo";

/// The line is not JSON.
pub(super) const NO_JSON: i32 = -32700;
/// It is JSON but not a request.
pub(super) const NO_REQUEST: i32 = -32600;
/// The era of the request has no such method.
pub(super) const NO_METHOD: i32 = -32601;
/// The parameters are not what the method takes.
pub(super) const BAD_PARAMS: i32 = -32602;
const OTHER_VERSION: i32 = -32022;

/// What a line is.
#[derive(Debug)]
pub(super) enum Line {
    /// It has to be answered.
    Request(Request),
    /// It must not be.
    Notification {
        /// What it is about.
        method: String,
        /// Its parameters, as JSON.
        params: String,
    },
    /// It cannot be carried out: this is the answer.
    Refused(String),
    /// It means nothing to a server.
    Nothing,
}

/// A request.
#[derive(Debug)]
pub(super) struct Request {
    /// What it asks for.
    pub method: String,
    /// Its parameters: a JSON object.
    pub params: String,
    /// How it is answered.
    pub reply: Reply,
}

/// The two ways to speak.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Era {
    /// A connection is opened by `initialize`.
    Legacy,
    /// Each request says what it needs.
    Modern,
}

/// The way to answer one request.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    /// Its id, as JSON.
    pub id: String,
    /// Its era.
    pub era: Era,
}

/// Reads a line.
pub(super) fn read(line: &str) -> Line {
    let Some(message) = Object::parse(line) else {
        return Line::Refused(match json::check(line) {
            Err(_) => error(None, NO_JSON, "the line is not JSON", None),
            Ok(()) if line.starts_with('[') => {
                error(None, NO_REQUEST, "one message a line, no batches", None)
            }
            Ok(()) => error(None, NO_REQUEST, "a message must be a JSON object", None),
        });
    };
    let has = |name: &str| message.iter().any(|(key, _)| key == name);
    let id = message.get("id").raw().to_owned();
    let is_id = is_id(message.get("id"));
    let refuse = |code, why| Line::Refused(error(is_id.then_some(&*id), code, why, None));
    let Some(method) = message.get("method").string().map(|m| m.into_owned()) else {
        // We never ask a client anything, so an answer answers nothing.
        return match has("result") || has("error") {
            true => Line::Nothing,
            false => refuse(NO_REQUEST, "`method` must be a string"),
        };
    };
    let params = message.get("params");
    let params = if params.is_null() { "{}" } else { params.raw() }.to_owned();
    if !has("id") {
        return Line::Notification { method, params };
    }
    if !is_id {
        return refuse(NO_REQUEST, "`id` must be a string or a whole number");
    }
    if message.text("jsonrpc").as_deref() != Some("2.0") {
        return refuse(NO_REQUEST, "`jsonrpc` must be \"2.0\"");
    }
    let Some(era) = Object::parse(&params).map(|params| era(&params, &id)) else {
        return refuse(BAD_PARAMS, "`params` must be an object");
    };
    match era {
        Ok(era) => Line::Request(Request {
            method,
            params,
            reply: Reply { id, era },
        }),
        Err(refusal) => Line::Refused(refusal),
    }
}

/// Whether this is the id of a request: a string or a whole number, including 0.
pub(super) fn is_id(value: Value<'_>) -> bool {
    let digits = value.raw().strip_prefix('-').unwrap_or(value.raw());
    value.string().is_some() || digits.bytes().all(|b| b.is_ascii_digit())
}

/// The era of a request; an error is the answer.
fn era(params: &Object<'_>, id: &str) -> Result<Era, String> {
    let meta = params.get("_meta").object().unwrap_or_default();
    let version = meta.get(VERSION_KEY);
    if version.is_null() {
        return Ok(Era::Legacy);
    }
    let refuse = |code, why: &str, data| Err(error(Some(id), code, why, data));
    let Some(asked) = version.string() else {
        let why = format!("`{VERSION_KEY}` must be a string");
        return refuse(BAD_PARAMS, &why, None);
    };
    if asked != MODERN {
        let mut data = Object::default();
        data.set("supported", json::quote_all(&[MODERN]));
        data.set("requested", version.raw());
        let why = "the protocol version is not supported";
        return refuse(OTHER_VERSION, why, Some(data.to_string()));
    }
    match meta.get(CAPABILITIES_KEY).object() {
        Some(_) => Ok(Era::Modern),
        None => {
            let why = format!("`_meta` needs `{CAPABILITIES_KEY}`, an object");
            refuse(BAD_PARAMS, &why, None)
        }
    }
}

/// The revision in which `initialize` is answered: the requested one, if it is of that era.
pub(super) fn agreed(asked: Value<'_>) -> &'static str {
    let asked = asked.string().unwrap_or_default();
    let older = OLDER.into_iter().find(|version| *version == asked);
    older.unwrap_or(LEGACY)
}

/// The revisions that a request of the stateless era may name, as JSON.
pub(super) fn stateless_versions() -> String {
    json::quote_all(&[MODERN])
}

/// What the server says about itself, as JSON.
pub(super) fn server_info() -> Object<'static> {
    let mut info = Object::default();
    info.set("name", json::quote("opentrain"));
    info.set("title", json::quote("OpenTrain"));
    info.set("version", json::quote(env!("CARGO_PKG_VERSION")));
    info
}

impl Reply {
    /// The answer.
    pub(super) fn result(&self, mut result: Object<'_>) -> String {
        if self.era == Era::Modern {
            result.set("resultType", json::quote("complete"));
            let mut meta = Object::default();
            meta.set(SERVER_KEY, server_info().to_string());
            result.set("_meta", meta.to_string());
        }
        format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":{},\"result\":{result}}}",
            self.id
        )
    }

    /// The answer that a client may cache, because it never changes.
    pub(super) fn lasting_result(&self, mut result: Object<'_>) -> String {
        if self.era == Era::Modern {
            // An hour: it holds for as long as nobody replaces this binary.
            result.set("ttlMs", "3600000");
            result.set("cacheScope", json::quote("public"));
        }
        self.result(result)
    }

    /// The answer that there is none.
    pub(super) fn error(&self, code: i32, why: &str) -> String {
        error(Some(&self.id), code, why, None)
    }
}

/// An error, without an id where none could be read.
pub(super) fn error(id: Option<&str>, code: i32, why: &str, data: Option<String>) -> String {
    let mut error = Object::default();
    error.set("code", code.to_string());
    error.set("message", json::quote(why));
    if let Some(data) = data {
        error.set("data", data);
    }
    let id = id.map_or_else(String::new, |id| format!("\"id\":{id},"));
    format!("{{\"jsonrpc\":\"2.0\",{id}\"error\":{error}}}")
}

/// How far a call has come, for a client that asked to be told.
pub(super) fn progress(token: &str, count: u64, text: &str) -> String {
    let mut params = Object::default();
    params.set("progressToken", token);
    params.set("progress", count.to_string());
    params.set("message", json::quote(text));
    format!("{{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{params}}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(line: &str) -> String {
        match read(line) {
            Line::Refused(text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn ids_keep_their_type_and_0_is_one() {
        for id in ["0", "-3", "\"a\"", "\"\"", "12345678901234567890123"] {
            let line = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
            let Line::Request(request) = read(&line) else {
                panic!("{line}");
            };
            assert_eq!(request.reply.id, id);
        }
        for id in ["null", "1.5", "true", "[1]", "{}", "1e3"] {
            let line = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
            let refused = refusal(&line);
            assert!(
                refused.contains("-32600") && !refused.contains("\"id\":"),
                "{refused}"
            );
        }
    }

    #[test]
    fn what_is_no_request_is_told_from_what_is_no_json() {
        assert!(refusal("{").contains("-32700"));
        assert!(refusal("[{}]").contains("no batches"));
        assert!(refusal("1").contains("-32600"));
        assert!(refusal(r#"{"id":1,"method":"ping"}"#).contains("jsonrpc"));
        let listed = refusal(r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}"#);
        assert!(listed.contains("-32602"), "{listed}");
        let answer = read(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#);
        assert!(matches!(answer, Line::Nothing));
    }

    #[test]
    fn the_version_in_meta_makes_the_era() {
        let with = |meta: &str| {
            format!(r#"{{"jsonrpc":"2.0","id":1,"method":"x","params":{{"_meta":{meta}}}}}"#)
        };
        let line = with(&format!(
            r#"{{"{VERSION_KEY}":"2026-07-28","{CAPABILITIES_KEY}":{{}}}}"#
        ));
        assert!(matches!(read(&line), Line::Request(r) if r.reply.era == Era::Modern));
        let line = with("{}");
        assert!(matches!(read(&line), Line::Request(r) if r.reply.era == Era::Legacy));
        let lacks = with(&format!(r#"{{"{VERSION_KEY}":"2026-07-28"}}"#));
        assert!(refusal(&lacks).contains("-32602"));
        let other = refusal(&with(&format!(r#"{{"{VERSION_KEY}":"2025-11-25"}}"#)));
        assert!(
            other.contains(r#""code":-32022"#)
                && other.contains(r#"{"supported":["2026-07-28"],"requested":"2025-11-25"}"#),
            "{other}"
        );
    }

    #[test]
    fn initialize_never_agrees_on_a_version_of_the_other_era() {
        let agreed = |text: &str| agreed(Value::parse(text).unwrap());
        assert_eq!(agreed("\"2024-11-05\""), "2024-11-05");
        for other in ["\"2026-07-28\"", "\"2099-01-01\"", "null", "3"] {
            assert_eq!(agreed(other), "2025-11-25");
        }
    }
}
