//! Request to reply: the one place that talks to a server.

mod date;
mod fault;
mod lookup;
mod nameserver;
mod proxy;
mod reply;
mod tls;
mod trace;
mod url;
mod wire;

use std::io::{self, Read};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use ureq::http::{self, Response};
use ureq::tls::TlsConfig;
use ureq::{Agent, Body as ResponseBody, Timeout};

pub(crate) use reply::Reply;
pub(crate) use url::{BaseUrl, form_encode, percent_encode};

use crate::config::Token;
use crate::error::Error;
use crate::notes::Notes;
use fault::Fault;
use lookup::Lookup;
use proxy::Route;
use trace::Trace;
use wire::Wire;

/// Time to look a name up.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(10);
/// Time to make a connection, TLS handshake included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Waits before the second and the third attempt (API.md, section 5).
const WAITS: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(1)];
/// The longest wait that a server may ask for and get.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Replies beyond this are refused instead of filling the memory.
const LARGEST_BODY: u64 = 64 * 1024 * 1024;
/// Room for the longest request line.
const OUTPUT_BUFFER: usize = 32 * 1024;
/// Room for a good part of a reply's body.
const INPUT_BUFFER: usize = 64 * 1024;
/// The longest header block of a reply. It has to be less than the buffer holds: what fills the
/// buffer looks to ureq like a closed connection.
const LARGEST_HEADERS: usize = 48 * 1024;

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
    /// Whether each attempt is traced on standard error.
    pub verbose: bool,
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

/// Sends a request and reads the reply, with the documented retries: a GET up to three times
/// on 502, 503, 504 and faults of the connection; anything else only when the request provably
/// never reached the server. The whole call keeps within `request.timeout`; what a server that
/// answers a GET with 429 or 503 asks to wait, up to 30 s, comes on top.
///
/// # Errors
/// Nothing was sent, the answer was lost, or the server refused.
pub(crate) fn send(request: &Request, notes: &mut dyn Notes) -> Result<Reply, Error> {
    let mut trace = Trace::new(request.verbose, notes);
    let route = proxy::route(&request.base)?;
    // A loopback address is meant for this machine; a proxy elsewhere would read the token.
    if let Some(route) = route
        .as_ref()
        .filter(|r| request.secret && !request.base.https && !r.local)
    {
        return Err(Error::usage(format!(
            "{} is plain http, and the proxy {} is not on this machine: no token is sent that way; exempt the server with no_proxy",
            request.base.as_str(),
            route.label
        )));
    }
    let mut roots = match request.base.https {
        true => tls::sets()?,
        false => Vec::new(),
    }
    .into_iter();
    let mut tls = match roots.next() {
        Some(roots) => roots.read()?,
        None => TlsConfig::default(),
    };
    let mut deadline = Instant::now() + request.timeout;
    let reads = request.method == "GET";
    let mut waits = WAITS.iter();
    loop {
        trace.request(request, WAITS.len() - waits.len() + 1, route.as_ref());
        let start = Instant::now();
        let outcome = attempt(request, deadline, route.as_ref(), &tls);
        trace.outcome(&outcome, start.elapsed());
        // Nothing was sent in a handshake that was refused: it may be tried with other roots.
        if outcome.as_ref().is_err_and(|fault| fault.unknown_issuer)
            && let Some(others) = roots.next()
        {
            let source = others.source();
            trace.note(&format!("trying again with the certificates of {source}"));
            tls = others.read()?;
            continue;
        }
        let (again, asked) = match &outcome {
            Ok(reply) => (reads && reply.may_pass(), reply.asks_to_wait()),
            Err(fault) => (fault.may_repeat(reads), None),
        };
        let own = waits.next().filter(|_| again);
        let asked = asked.filter(|asked| own.is_some_and(|own| asked > own));
        match (own, asked) {
            (Some(_), Some(asked)) if asked <= LONGEST_WAIT => {
                trace.tell(&format!(
                    "Note: the server asks to wait {} s; trying again then.",
                    asked.as_secs()
                ));
                deadline += asked;
                thread::sleep(asked);
            }
            (Some(own), None) if Instant::now() + *own < deadline => {
                trace.note(&format!("trying again in {} ms", own.as_millis()));
                thread::sleep(*own);
            }
            _ => {
                return match outcome {
                    Ok(reply) => reply.accept(),
                    Err(fault) => Err(fault.into_error(request, route.as_ref())),
                };
            }
        }
    }
}

/// One attempt: whatever the server answered, or why there is no whole answer.
fn attempt(
    request: &Request,
    deadline: Instant,
    route: Option<&Route>,
    tls: &TlsConfig,
) -> Result<Reply, Fault> {
    let uri = format!("{}{}", request.base.as_str(), request.path);
    let (body, content_type) = request.body.parts();
    let mut builder = http::Request::builder().method(request.method).uri(uri);
    if let Some(token) = &request.token {
        builder = builder.header("Authorization", format!("Bearer {}", token.secret.expose()));
    }
    if let Some(content_type) = content_type {
        builder = builder.header("Content-Type", content_type);
    }
    // One process makes one call; a connection left idle between two polls is a connection
    // that may be closed under the second.
    let builder = builder.header("Connection", "close");
    let built = builder.body(body);
    let unbuilt = |e: http::Error| Fault::unsent(e.to_string());
    let http_request = built.map_err(unbuilt)?;
    let server = http_request.uri().authority().cloned();
    let wire = Wire::new(server.ok_or_else(|| Fault::unsent("its URL names no host"))?);
    let left = deadline.saturating_duration_since(Instant::now());
    let agent = agent(left, route, tls, &wire);
    let _guard = wire.end_after(left, &agent);
    let sent = match (body, request.method) {
        ("", "GET" | "DELETE") => agent.run(http_request.map(|_| ())),
        _ => agent.run(http_request),
    };
    read(sent.map_err(|e| Fault::from_ureq(e, &wire))?, &wire)
}

fn agent(left: Duration, route: Option<&Route>, tls: &TlsConfig, wire: &Arc<Wire>) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(route.map(|r| r.proxy.clone()))
        .tls_config(tls.clone())
        .user_agent(concat!("opentrain/", env!("CARGO_PKG_VERSION")))
        .accept("application/json")
        .accept_encoding("identity")
        .timeout_global(Some(left))
        .timeout_resolve(Some(LOOKUP_TIMEOUT.min(left)))
        .timeout_connect(Some(CONNECT_TIMEOUT.min(left)))
        .max_idle_connections(0)
        .input_buffer_size(INPUT_BUFFER)
        .output_buffer_size(OUTPUT_BUFFER)
        .max_response_header_size(LARGEST_HEADERS)
        .build();
    Agent::with_parts(config, wire::connector(wire), Lookup)
}

fn read(response: Response<ResponseBody>, wire: &Wire) -> Result<Reply, Fault> {
    let (head, body) = response.into_parts();
    let header = |name: &str| {
        let value = head.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let status = head.status.as_u16();
    let length = body.content_length();
    let mut bytes = Vec::new();
    // One byte more than the body: room to see the end without growing.
    let reserved = bytes.try_reserve_exact(length.unwrap_or(0).min(LARGEST_BODY) as usize + 1);
    let mut reader = body.into_with_config().limit(LARGEST_BODY).reader();
    let end = match reserved
        .map_err(io::Error::from)
        .and_then(|()| reader.read_to_end(&mut bytes))
    {
        // Without a length the end of the connection is the end of the body, and it may be ours.
        Ok(_) if length.is_none() && wire.late() => Err(ureq::Error::Timeout(Timeout::Global)),
        Ok(_) => Ok(()),
        // ureq's own errors come back out of the io error that carried them.
        Err(e) => Err(e.into()),
    };
    match end {
        Ok(()) => Ok(Reply::new(status, header, bytes)),
        Err(e) => Err(Fault::in_body(status, e, bytes, wire)),
    }
}
