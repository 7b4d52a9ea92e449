//! Request to reply: the one place that talks to a server.

mod fault;
mod proxy;
mod reply;
mod tls;
mod trace;
mod url;

use std::io::Read;
use std::thread;
use std::time::{Duration, Instant};

use ureq::http::{self, Response};
use ureq::tls::TlsConfig;
use ureq::{Agent, Body as ResponseBody};

pub(crate) use reply::Reply;
pub(crate) use url::{BaseUrl, form_encode, percent_encode};

use crate::config::{Secret, Sourced};
use crate::error::Error;
use crate::notes::Notes;
use fault::Fault;
use proxy::Route;
use trace::Trace;

/// Time to make a connection, TLS handshake included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Waits before the second and the third attempt (API.md, section 5).
const WAITS: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(1)];
/// The longest wait that a 429 may ask for and get.
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
    pub token: Option<Sourced<Secret>>,
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
/// never reached the server. The whole call keeps within `request.timeout`, except that a GET
/// answered 429 waits as long as it is told to, up to 30 s.
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
    let mut tls = match request.base.https {
        true => tls::roots()?,
        false => TlsConfig::default(),
    };
    let mut extra_tried = false;
    let mut deadline = Instant::now() + request.timeout;
    let reads = request.method == "GET";
    let mut waits = WAITS.iter();
    loop {
        trace.request(request, WAITS.len() - waits.len() + 1, route.as_ref());
        let start = Instant::now();
        let outcome = attempt(request, deadline, route.as_ref(), &tls);
        trace.outcome(&outcome, start.elapsed());
        // Nothing was sent in a handshake that was refused: it may be tried with other roots.
        if outcome.as_ref().is_err_and(|fault| fault.unknown_issuer) && !extra_tried {
            extra_tried = true;
            if let Some(extra) = tls::extra_roots()? {
                trace.note("trying again with the certificates of NODE_EXTRA_CA_CERTS");
                tls = extra;
                continue;
            }
        }
        let asked = outcome
            .as_ref()
            .ok()
            .filter(|reply| reads && reply.status == 429);
        let asked = asked.and_then(Reply::retry_after).map(Duration::from_secs);
        let again = match &outcome {
            Ok(reply) => reads && matches!(reply.status, 502..=504),
            Err(fault) => fault.may_repeat(reads),
        };
        match (waits.next(), asked) {
            (Some(_), Some(asked)) if asked <= LONGEST_WAIT => {
                let seconds = asked.as_secs();
                trace.tell(&format!(
                    "Note: the server asks to wait {seconds} s; trying again then."
                ));
                deadline += asked;
                thread::sleep(asked);
            }
            (Some(wait), _) if again && Instant::now() + *wait < deadline => {
                trace.note(&format!("trying again in {} ms", wait.as_millis()));
                thread::sleep(*wait);
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
    let left = deadline.saturating_duration_since(Instant::now());
    let agent = agent(left, route, tls);
    let uri = format!("{}{}", request.base.as_str(), request.path);
    let (body, content_type) = request.body.parts();
    let mut builder = http::Request::builder().method(request.method).uri(uri);
    if let Some(token) = &request.token {
        builder = builder.header("Authorization", format!("Bearer {}", token.value.expose()));
    }
    if let Some(content_type) = content_type {
        builder = builder.header("Content-Type", content_type);
    }
    // One process makes one call; a connection left idle between two polls is a connection
    // that may be closed under the second.
    builder = builder.header("Connection", "close");
    let sent = match (body, request.method) {
        ("", "GET" | "DELETE") => builder.body(()).map(|r| agent.run(r)),
        _ => builder.body(body).map(|r| agent.run(r)),
    };
    let response = sent
        .map_err(|e| Fault::unsent(e.to_string()))?
        .map_err(Fault::from_ureq)?;
    read(response)
}

fn agent(left: Duration, route: Option<&Route>, tls: &TlsConfig) -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(route.map(|r| r.proxy.clone()))
        .tls_config(tls.clone())
        .user_agent(concat!("opentrain/", env!("CARGO_PKG_VERSION")))
        .accept("application/json")
        .timeout_global(Some(left))
        // Always the nearer of the two, so that a timeout says whether anything was sent.
        .timeout_connect(Some(CONNECT_TIMEOUT.min(left.mul_f64(0.9))))
        .max_idle_connections(0)
        .input_buffer_size(INPUT_BUFFER)
        .output_buffer_size(OUTPUT_BUFFER)
        .max_response_header_size(LARGEST_HEADERS)
        .build()
        .new_agent()
}

fn read(response: Response<ResponseBody>) -> Result<Reply, Fault> {
    let (head, body) = response.into_parts();
    let header = |name: &str| {
        let value = head.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let status = head.status.as_u16();
    let length = body.content_length().unwrap_or(0).min(LARGEST_BODY);
    // One byte more than the body: room to see the end without growing.
    let mut bytes = Vec::with_capacity(length as usize + 1);
    let mut reader = body.into_with_config().limit(LARGEST_BODY).reader();
    match reader.read_to_end(&mut bytes) {
        Ok(_) => Ok(Reply {
            status,
            location: header("Location"),
            retry_after: header("Retry-After"),
            request_id: header("X-Request-Id"),
            body: bytes,
        }),
        // ureq's own errors come back out of the io error that carried them.
        Err(e) => Err(Fault::in_body(status, e.into(), bytes)),
    }
}
