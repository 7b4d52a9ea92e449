//! From an invocation to a request, by the table: path, query and body come from the flags'
//! destinations.

use std::time::Duration;

use crate::cli::{
    Auth, BASE_URL, DRY_RUN, Destination, Endpoint, Flag, Invocation, Kind, VERBOSE,
    comma_separated,
};
use crate::config::{self, Origin, Token};
use crate::error::Error;
use crate::http::{BaseUrl, Body, Request, form_encode, percent_encode};
use crate::json::{self, Object};
use crate::notes::Notes;

/// The request that the table describes: the command's endpoint, its body, the token that the
/// endpoint needs.
///
/// # Errors
/// The input or base URL is unusable, or the token is missing or unusable; with `--dry-run`, the
/// request itself, which then needs no token.
pub(crate) fn build(invocation: &Invocation, notes: &mut dyn Notes) -> Result<Request, Error> {
    let body = body(invocation)?;
    build_to(invocation, endpoint(invocation)?, body, notes)
}

/// The same for another endpoint, or with another body.
pub(crate) fn build_to(
    invocation: &Invocation,
    endpoint: &Endpoint,
    body: Body,
    notes: &mut dyn Notes,
) -> Result<Request, Error> {
    let token = token(invocation, endpoint.auth, notes)?;
    build_with(invocation, endpoint, body, token, notes)
}

/// The API token, if the call carries one.
///
/// # Errors
/// There is none.
pub(crate) fn token(
    invocation: &Invocation,
    auth: Auth,
    notes: &mut dyn Notes,
) -> Result<Option<Token>, Error> {
    Ok(match auth {
        Auth::Bearer(_) if invocation.has(&DRY_RUN) => Some(Token::unknown()),
        Auth::Bearer(_) => Some(config::token(notes)?),
        Auth::Body | Auth::Tokenless => None,
    })
}

/// The same with a token from the caller.
pub(crate) fn build_with(
    invocation: &Invocation,
    endpoint: &Endpoint,
    body: Body,
    token: Option<Token>,
    notes: &mut dyn Notes,
) -> Result<Request, Error> {
    let target = Target {
        method: endpoint.method,
        path: path(invocation, endpoint),
        auth: endpoint.auth,
        timeout: invocation.command.timeout,
    };
    build_at(invocation, target, body, token, notes)
}

/// Where a request goes.
#[derive(Debug)]
pub(crate) struct Target {
    /// HTTP method.
    pub method: &'static str,
    /// Path and query, already encoded.
    pub path: String,
    /// Who vouches for the call.
    pub auth: Auth,
    /// Seconds that the call may take in total.
    pub timeout: u64,
}

/// The request to a target, however that was found.
///
/// # Errors
/// The base URL or the token is unusable; with `--dry-run`, the request itself.
pub(crate) fn build_at(
    invocation: &Invocation,
    target: Target,
    body: Body,
    token: Option<Token>,
    notes: &mut dyn Notes,
) -> Result<Request, Error> {
    let url = config::base_url(invocation.get(&BASE_URL), notes)?;
    let base = BaseUrl::parse(&url.value, &url.source)?;
    let secret = target.auth != Auth::Tokenless;
    if secret {
        base.allow_secrets()?;
    }
    if let Some(token) = &token {
        check_token(token)?;
        tell_where(token, &base, notes);
    }
    let request = Request {
        method: target.method,
        base,
        path: target.path,
        token,
        secret,
        body,
        timeout: Duration::from_secs(target.timeout),
        keep: false,
        retry: true,
        verbose: invocation.has(&VERBOSE) || config::verbose()?,
    };
    match invocation.has(&DRY_RUN) {
        true => Err(Error::dry_run(request.to_object().to_string())),
        false => Ok(request),
    }
}

/// The endpoint that the command wraps.
///
/// # Errors
/// It wraps none: a bug in the table.
pub(crate) fn endpoint(invocation: &Invocation) -> Result<&'static Endpoint, Error> {
    let command = invocation.command;
    let none = || Error::local(format!("`{}` calls no endpoint", command.name()));
    command.endpoint.as_ref().ok_or_else(none)
}

/// Notes when a saved token goes to a server other than the one that gave it. It is sent anyway: a
/// flag or a variable says so.
pub(crate) fn tell_where(token: &Token, base: &BaseUrl, notes: &mut dyn Notes) {
    if let Origin::File(server) = &token.from
        && !base.is_server_of(server)
        && !base.is_local()
    {
        notes.once(&format!(
            "Note: the token saved for {server} goes to {} ({}).",
            base.as_str(),
            base.source()
        ));
    }
}

/// A header can carry visible ASCII; anything else in a token is a copying mistake.
fn check_token(token: &Token) -> Result<(), Error> {
    let text = token.secret.expose();
    match !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic()) {
        true => Ok(()),
        false => Err(Error::usage(format!(
            "the API token from {} is empty or contains spaces, control or non-ASCII characters",
            token.source
        ))),
    }
}

/// The endpoint's path with `{flag}` replaced by that flag's value, and the query.
pub(super) fn path(invocation: &Invocation, endpoint: &Endpoint) -> String {
    let mut path = format!("{}{}", endpoint.prefix, endpoint.path);
    let mut query = Vec::new();
    for flag in invocation.command.all_flags() {
        let Some(value) = invocation.get(flag) else {
            continue;
        };
        match flag.destination {
            Destination::Query(name) if flag.takes_value() => query.push((name, value)),
            Destination::Query(name) => query.push((name, "true")),
            _ => path = path.replace(&format!("{{{}}}", flag.name), &percent_encode(value)),
        }
    }
    if !query.is_empty() {
        path.push(if path.contains('?') { '&' } else { '?' });
        path.push_str(&form_encode(&query));
    }
    path
}

/// The body: the command's own, or the JSON that the flags describe; empty when no flag goes there.
fn body(invocation: &Invocation) -> Result<Body, Error> {
    if let Some(body) = invocation.command.body {
        return body(invocation).map(Body::Json);
    }
    let object = body_object(invocation);
    Ok(match object.is_empty() {
        true => Body::Empty,
        false => Body::Json(object.to_string()),
    })
}

/// The JSON object that the flags describe.
pub(crate) fn body_object(invocation: &Invocation) -> Object<'_> {
    let mut object = Object::default();
    for flag in invocation.command.all_flags() {
        if let (Destination::Body(name), Some(value)) = (flag.destination, invocation.get(flag)) {
            object.set(name, json_of(flag, value));
        }
    }
    object
}

/// A flag's value as JSON: numbers keep their digits as typed.
fn json_of(flag: &Flag, value: &str) -> String {
    match flag.kind {
        Kind::Amount | Kind::Count => value.to_owned(),
        Kind::List => json::quote_all(&comma_separated(value).collect::<Vec<_>>()),
        _ => json::quote(value),
    }
}
