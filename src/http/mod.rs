//! Request to reply: the one place that talks to a server.

mod client;
mod date;
mod fault;
mod lookup;
mod nameserver;
pub(crate) mod probe;
mod proxy;
mod reply;
mod tls;
mod trace;
mod url;
mod wire;

use std::time::Duration;

pub(crate) use client::Client;
pub(crate) use reply::Reply;
pub(crate) use url::{BaseUrl, form_encode, percent_encode};

use crate::config::Token;
use crate::json::{self, Object};
use crate::safe::masked;

/// Replies beyond this are refused instead of filling the memory.
const LARGEST_BODY: u64 = 64 * 1024 * 1024;
/// What is sent.
#[derive(Debug)]
pub(crate) struct Request {
    /// HTTP method.
    pub method: &'static str,
    /// Where it goes.
    pub base: BaseUrl,
    /// Path and query, already encoded.
    pub path: String,
    /// Bearer token, when the call carries one.
    pub token: Option<Token>,
    /// Whether a secret travels, in a header or in a body of either direction.
    pub secret: bool,
    /// What follows the headers.
    pub body: Body,
    /// How long the whole call may take, attempts and waits included.
    pub timeout: Duration,
    /// Whether more of the kind follow over the same connection. The replies are then not checked
    /// to be JSON.
    pub keep: bool,
    /// Whether it may be sent again if it never left, or if it is a read and failed.
    pub retry: bool,
    /// Whether each attempt is traced on standard error.
    pub verbose: bool,
}

impl Request {
    /// Its headers, except those of the connection; the token as given here.
    fn headers(&self, token: Option<&str>) -> Vec<(&'static str, String)> {
        let bearer = token.map(|token| ("Authorization", format!("Bearer {token}")));
        let (_, content_type) = self.body.parts();
        let agent = concat!("opentrain/", env!("CARGO_PKG_VERSION"));
        let own = [
            ("Accept", "application/json".into()),
            ("User-Agent", agent.into()),
        ];
        let content_type = content_type.map(|text| ("Content-Type", text.to_owned()));
        bearer.into_iter().chain(content_type).chain(own).collect()
    }

    /// The request as JSON, without any secret: method, URL, headers and body.
    pub(crate) fn to_object(&self) -> Object<'static> {
        let mut headers = Object::default();
        for (name, value) in self.headers(self.token.as_ref().map(|_| "********")) {
            headers.set(name, json::quote(&value));
        }
        let mut object = Object::default();
        object.set("method", json::quote(self.method));
        let url = format!("{}{}", self.base.as_str(), self.path);
        object.set("url", json::quote(&url));
        object.set("headers", headers.to_string());
        match &self.body {
            Body::Empty => {}
            Body::Json(text) => object.set("body", masked(text).into_owned()),
            Body::Form(text) => object.set("body", json::quote(&masked(text))),
        }
        object
    }
}

/// What follows the headers of a request.
#[derive(Debug)]
pub(crate) enum Body {
    /// Nothing.
    Empty,
    /// JSON text.
    Json(String),
    /// An encoded form.
    Form(String),
}

impl Body {
    fn parts(&self) -> (&str, Option<&'static str>) {
        match self {
            Body::Empty => ("", None),
            Body::Json(text) => (text, Some("application/json")),
            Body::Form(text) => (text, Some("application/x-www-form-urlencoded")),
        }
    }
}
