//! An invocation to a request, by the table: path, query and body come from the flags' places.

use std::time::Duration;

use crate::cli::{Auth, BASE_URL, Endpoint, Flag, Invocation, Kind, Place, VERBOSE, list};
use crate::config::{self, Secret, Sourced};
use crate::error::Error;
use crate::http::{BaseUrl, Body, Request, form_encode, percent_encode};
use crate::output::json::{self, Object};
use crate::output::note;

/// The endpoint that the command wraps.
///
/// # Errors
/// It wraps none: a fault of the table.
pub fn endpoint(inv: &Invocation) -> Result<&'static Endpoint, Error> {
    let endpoint = inv.command.endpoint.as_ref();
    endpoint.ok_or_else(|| Error::local(format!("`{}` calls no endpoint", inv.command.name())))
}

/// The request of a command with the given body, and the token that its endpoint needs.
///
/// # Errors
/// The base URL is unusable, or the token is missing or unusable.
pub fn build(inv: &Invocation, endpoint: &Endpoint, body: Body) -> Result<Request, Error> {
    let token = match endpoint.auth {
        Auth::Bearer(_) => Some(config::token()?),
        Auth::Body | Auth::Tokenless => None,
    };
    build_with(inv, endpoint, body, token)
}

/// The same with a token of the caller's.
pub fn build_with(
    inv: &Invocation,
    endpoint: &Endpoint,
    body: Body,
    token: Option<Sourced<Secret>>,
) -> Result<Request, Error> {
    let base = base_url(inv)?;
    let secret = endpoint.auth != Auth::Tokenless;
    if secret {
        base.allow_secrets()?;
    }
    if let Some(token) = &token {
        check_token(token)?;
    }
    Ok(Request {
        method: endpoint.method,
        base,
        path: path(inv, endpoint),
        token: token.map(|t| t.value),
        secret,
        body,
        timeout: Duration::from_secs(inv.command.timeout),
        verbose: inv.has(&VERBOSE) || config::verbose()?,
    })
}

/// The server that this invocation talks to.
pub fn base_url(inv: &Invocation) -> Result<BaseUrl, Error> {
    let (url, trouble) = config::base_url(inv.get(&BASE_URL))?;
    if let Some(trouble) = trouble {
        note(&format!(
            "Note: {}; the base URL is {}",
            trouble.text, url.value
        ));
    }
    BaseUrl::parse(&url.value, &url.source)
}

/// A header can carry visible ASCII; anything else in a token is a slip of copying.
fn check_token(token: &Sourced<Secret>) -> Result<(), Error> {
    let text = token.value.expose();
    match !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic()) {
        true => Ok(()),
        false => Err(Error::usage(format!(
            "the API token from {} is empty or holds blanks, control or non-ASCII characters",
            token.source
        ))),
    }
}

/// The endpoint's path with `{flag}` replaced by that flag's value, and the query.
fn path(inv: &Invocation, endpoint: &Endpoint) -> String {
    let mut path = format!("{}{}", endpoint.prefix, endpoint.path);
    let mut query = Vec::new();
    for flag in inv.command.all_flags() {
        let Some(value) = inv.get(flag) else { continue };
        match flag.place {
            Place::Query(name) if flag.takes_value() => query.push((name, value)),
            Place::Query(name) => query.push((name, "true")),
            _ => path = path.replace(&format!("{{{}}}", flag.name), &percent_encode(value)),
        }
    }
    if !query.is_empty() {
        path.push(if path.contains('?') { '&' } else { '?' });
        path.push_str(&form_encode(&query));
    }
    path
}

/// The JSON body that the flags describe; nothing when no flag goes there.
pub fn table_body(inv: &Invocation) -> Body {
    let object = body_object(inv);
    match object.is_empty() {
        true => Body::Empty,
        false => Body::Json(object.to_string()),
    }
}

/// The JSON object that the flags describe.
pub fn body_object(inv: &Invocation) -> Object<'_> {
    let mut object = Object::default();
    for flag in inv.command.all_flags() {
        if let (Place::Body(name), Some(value)) = (flag.place, inv.get(flag)) {
            object.set(name, json_of(flag, value));
        }
    }
    object
}

/// A flag's value as JSON: numbers keep their digits as typed.
fn json_of(flag: &Flag, value: &str) -> String {
    match flag.kind {
        Kind::Switch => "true".into(),
        Kind::Amount | Kind::Count => value.to_owned(),
        Kind::List => json::quote_all(&list(value).collect::<Vec<_>>()),
        _ => json::quote(value),
    }
}
