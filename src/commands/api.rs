//! `api`: any endpoint of the API, for those without a command of their own.

use super::{TABLE, V1};
use crate::call::{self, input, request, rescue};
use crate::cli::{
    Advice, Answer, Auth, Command, DRY_RUN, Endpoint, Flag, Invocation, Kind, METHOD, Namespace,
    Sink, View, all_commands,
};
use crate::error::Error;
use crate::http::{Body, form_encode};

const PATH: Flag = Flag {
    positional: true,
    ..Flag::text(
        "path",
        "<path>",
        "The path after /api/public/v1, such as /jobs/facets, or a full path that begins with /api/",
    )
}
.required();
const QUERY: Flag = Flag::new(
    "query",
    Kind::Field,
    "<name=value>",
    "Add this to the query",
)
.repeats();
const SET: Flag = Flag::new(
    "set",
    Kind::Field,
    "<field=value>",
    "Set a field of the body; numbers, true, false and JSON arrays are sent as such, all else as text",
)
.repeats();
const SET_STRING: Flag = Flag::new(
    "set-string",
    Kind::Field,
    "<field=value>",
    "Set a field of the body to text, whatever it looks like; goes with --set",
)
.repeats();
const INPUT: Flag = Flag::new(
    "input",
    Kind::File,
    "<path>",
    "A file with the body, as JSON; it is sent as it stands",
);

static API: Command = Command {
    words: &["api"],
    summary: "Call any endpoint of the API",
    about: "For an endpoint that has no command of its own; where there is one, use that: it knows more.\n\
            Token, limits, errors and output forms are those of every command; the answer is JSON.\n\
            A write is sent once and never again: if its answer is lost, check before you repeat it.\n\
            These are in beta: /verify/reward, /verify/run-import, /verify/trajectories, /label, /evaluate, /synthetic/runs, /training-runs and /benchmarks.",
    flags: &[METHOD, PATH, QUERY, SET, SET_STRING, INPUT, DRY_RUN],
    if_lost: Advice::text("it may have been carried out; check before you repeat it"),
    examples: &[
        "opentrain api GET /jobs/facets",
        "opentrain api GET /jobs --query limit=5 --get jobs[].id",
        "opentrain api PATCH /jobs/job_77/draft --set jobTitle=Zebras --dry-run",
    ],
    run: Some(run),
    ..Command::BASE
};

/// The commands of this namespace.
pub(super) static NAMESPACE: Namespace = Namespace {
    name: "api",
    summary: "any endpoint",
    commands: &[&API],
    recipe: None,
};

fn run(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    let method = method(inv)?;
    let path = path(inv)?;
    let known = all_commands(TABLE).find_map(|command| {
        let own = command.endpoint.iter();
        let also = command.also.iter().map(|(_, endpoint)| endpoint);
        let mut endpoints = own.chain(also);
        let endpoint = endpoints.find(|endpoint| is_at(endpoint, method, &path))?;
        Some((command, endpoint))
    });
    let auth = known.map_or(Auth::Bearer(""), |(_, endpoint)| endpoint.auth);
    let secret = known.and_then(|(command, _)| command.shown_once);
    if secret.is_some() && !inv.has(&DRY_RUN) {
        sink.is_read()?;
    }
    let target = request::Target {
        method,
        path,
        auth,
        timeout: known.map_or(inv.command.timeout, |(command, _)| command.timeout),
    };
    let body = body(inv, method)?;
    let token = request::token(inv, auth, sink)?;
    let mut request = request::build_at(inv, target, body, token, sink)?;
    request.retry = method == "GET";
    let kept = |error| match secret {
        Some(secret) => rescue::received(error, secret),
        None => error,
    };
    let reply = call::send(inv, &request, sink).map_err(kept)?;
    if reply.is_empty() {
        return call::hand_over(inv, &reply, View::Json, sink).map(drop);
    }
    let answer = Answer {
        shown_once: secret.is_some(),
        ..Answer::new(reply.text(), View::Json)
    };
    let unprinted = |error| match secret {
        Some(_) => rescue::unprinted(error, reply.text()),
        None => error,
    };
    sink.answer(&answer).map(drop).map_err(unprinted)
}

/// The method, as a word of the table.
fn method(inv: &Invocation) -> Result<&'static str, Error> {
    let given = inv.need(&METHOD);
    let methods = match METHOD.kind {
        Kind::Choice(methods) => methods,
        _ => &[],
    };
    let known = methods.iter().find(|method| **method == given);
    known.copied().ok_or_else(|| Error::usage("no such method"))
}

/// The path with its query, checked: it stays below `/api/`, where the token may go.
fn path(inv: &Invocation) -> Result<String, Error> {
    let given = inv.need(&PATH);
    if let Some(why) = flaw(given) {
        return Err(Error::usage(format!("<path> {why}; nothing was sent")));
    }
    let mut path = match given.starts_with("/api/") {
        true => given.to_owned(),
        false => format!("{V1}{given}"),
    };
    let pairs: Vec<(&str, &str)> = inv.all(&QUERY).filter_map(|q| q.split_once('=')).collect();
    if !pairs.is_empty() {
        path.push(if path.contains('?') { '&' } else { '?' });
        path.push_str(&form_encode(&pairs));
    }
    Ok(path)
}

/// What is wrong with a path, in words.
fn flaw(given: &str) -> Option<&'static str> {
    const PLAIN: &str = "-._~!$&'()*+,;=:@%/?";
    let path = given.split('?').next().unwrap_or_default();
    // However often it is decoded on the way, no segment leads out.
    let mut decoded = path.to_ascii_lowercase();
    while decoded.contains("%25") {
        decoded = decoded.replace("%25", "%");
    }
    for (code, plain) in [("%2e", "."), ("%2f", "/"), ("%5c", "/"), ("%3b", ";")] {
        decoded = decoded.replace(code, plain);
    }
    let mut codes = given.split('%').skip(1).map(|rest| rest.as_bytes());
    match () {
        () if !given.starts_with('/') => Some(
            "must be what follows /api/public/v1 in the URL, such as /jobs/facets, or a full path that begins with /api/; for another host use --base-url",
        ),
        () if !given
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || PLAIN.contains(c)) =>
        {
            Some("contains a character that has to be percent-encoded")
        }
        () if !codes.all(|c| c.len() > 1 && c[..2].iter().all(u8::is_ascii_hexdigit)) => {
            Some("contains a % that is not followed by two hexadecimal digits")
        }
        () if (0..0x20)
            .chain([0x7f])
            .any(|code| decoded.contains(&format!("%{code:02x}"))) =>
        {
            Some("contains a control character")
        }
        () if decoded.split('/').skip(1).any(is_no_segment) => {
            Some("has an empty segment, or one of only dots")
        }
        () => None,
    }
}

/// Whether a segment leads nowhere or upwards; what follows a semicolon is its parameter.
fn is_no_segment(segment: &str) -> bool {
    let name = segment.split(';').next().unwrap_or_default();
    matches!(name, "" | "." | "..")
}

/// The body: a file as it is, or the fields that are set.
fn body(inv: &Invocation, method: &str) -> Result<Body, Error> {
    let fields = inv.has(&SET) || inv.has(&SET_STRING);
    let flag = match () {
        () if inv.has(&INPUT) => INPUT.name,
        () if fields => SET.name,
        () => return Ok(Body::Empty),
    };
    if fields && inv.has(&INPUT) {
        return Err(Error::usage(
            "--input is the whole body: it cannot be combined with --set",
        ));
    }
    if method == "GET" {
        let query = QUERY.name;
        return Err(Error::usage(format!(
            "a GET has no body for --{flag} to fill; --{query} adds to its query"
        )));
    }
    match input::text_file(inv, &INPUT)? {
        Some(text) => match crate::json::check(&text) {
            Ok(()) => Ok(Body::Json(text)),
            Err(why) => Err(Error::usage(format!(
                "--{flag} takes JSON: {why}; nothing was sent"
            ))),
        },
        None => input::assignments(inv, &SET, &SET_STRING).map(Body::Json),
    }
}

/// A path without percent-encoding, where that hides visible ASCII.
fn decoded(path: &str) -> String {
    let mut parts = path.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part
            .get(..2)
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        match code.filter(|code| code.is_ascii_graphic() && *code != b'/') {
            Some(code) => {
                out.push(char::from(code));
                out.push_str(&part[2..]);
            }
            None => out.push_str(&format!("%{part}")),
        }
    }
    out
}

/// Whether a call goes to an endpoint.
fn is_at(endpoint: &Endpoint, method: &str, path: &str) -> bool {
    let path = decoded(path.split('?').next().unwrap_or_default());
    let known = format!("{}{}", endpoint.prefix, endpoint.path);
    let known = known.split('?').next().unwrap_or_default();
    let (known, given): (Vec<&str>, Vec<&str>) =
        (known.split('/').collect(), path.split('/').collect());
    let mut segments = known.iter().zip(&given);
    endpoint.method == method
        && known.len() == given.len()
        && segments.all(|(known, given)| known == given || known.starts_with('{'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_by_hand_is_known_by_its_endpoint() {
        let publish = Endpoint::new("POST", V1, "/jobs/{job-id}/publish?x=1");
        for (method, path, same) in [
            ("POST", "/api/public/v1/jobs/j1/publish", true),
            ("POST", "/api/public/v1/jobs/j1/publish?dry=1", true),
            ("POST", "/api/public/v1/%6aobs/j1/publish", true),
            ("GET", "/api/public/v1/jobs/j1/publish", false),
            ("POST", "/api/public/v1/jobs/j1", false),
            ("POST", "/api/public/v1/jobs/j1/publish/x", false),
            ("POST", "/api/agent/jobs/j1/publish", false),
        ] {
            assert_eq!(is_at(&publish, method, path), same, "{method} {path}");
        }
    }
}
