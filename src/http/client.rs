//! One request after another: attempts, waits, the connection.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{mem, thread, vec};

use ureq::http::uri::Authority;
use ureq::http::{self, Response};
use ureq::tls::TlsConfig;
use ureq::{Agent, Body as ResponseBody, Timeout};

use super::fault::Fault;
use super::lookup::Lookup;
use super::proxy::{self, Route};
use super::tls::{self, Roots};
use super::trace::Trace;
use super::wire::{self, Watchdog, Wire};
use super::{LARGEST_BODY, Reply, Request};
use crate::error::Error;
use crate::notes::Notes;

/// Time to look a name up.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(10);
/// Time to make a connection, TLS handshake included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Waits before the second and the third attempt (API.md, section 5).
const WAITS: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(1)];
/// The longest wait that a server may ask for and get.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Room for the longest request line.
const OUTPUT_BUFFER: usize = 32 * 1024;
/// Room for a good part of a reply's body.
const INPUT_BUFFER: usize = 64 * 1024;
/// The longest header block of a reply. It has to be less than the buffer holds: ureq takes a full
/// buffer for a closed connection.
const LARGEST_HEADERS: usize = 48 * 1024;

/// Sends requests to one server.
#[derive(Debug, Default)]
pub(crate) struct Client {
    way: Option<Way>,
    /// Room for the next body.
    room: Vec<u8>,
}

/// How the server is reached.
#[derive(Debug)]
struct Way {
    route: Option<Route>,
    tls: TlsConfig,
    /// Further certificates to trust.
    roots: vec::IntoIter<Roots>,
    /// The connection of the previous request, if it was to be kept.
    kept: Option<Connection>,
}

/// A ureq agent, which holds at most one connection, and what is known about that.
#[derive(Debug)]
struct Connection {
    agent: Agent,
    wire: Arc<Wire>,
    watchdog: Option<Watchdog>,
}

impl Client {
    /// Reuses the memory of a finished body for the next one. Asking the system for it with every
    /// page of a long list costs a tenth of the time.
    pub(crate) fn reuse(&mut self, room: Vec<u8>) {
        self.room = room;
    }

    /// Sends a request and reads the reply, with the documented retries: a GET up to three times on
    /// 502, 503, 504 and faults of the connection; anything else only when the request provably
    /// never reached the server. The whole call stays within `request.timeout`; a wait that a
    /// server asks for with a 429 or 503 to a GET, up to 30 s, comes on top.
    ///
    /// # Errors
    /// Nothing was sent, the answer was lost, or the server refused.
    pub(crate) fn send(
        &mut self,
        request: &Request,
        notes: &mut dyn Notes,
    ) -> Result<Reply, Error> {
        let mut trace = Trace::new(request.verbose, notes);
        let way = match &mut self.way {
            Some(way) => way,
            None => self.way.insert(Way::to(request)?),
        };
        let mut deadline = Instant::now() + request.timeout;
        let reads = request.method == "GET";
        let mut waits = WAITS.iter();
        loop {
            trace.request(request, WAITS.len() - waits.len() + 1, way.route.as_ref());
            let start = Instant::now();
            let (outcome, reused) = way.attempt(request, deadline, &mut self.room);
            trace.outcome(&outcome, start.elapsed());
            if let Err(fault) = &outcome {
                // A refused handshake sent nothing: it may be tried with other roots.
                if fault.unknown_issuer
                    && let Some(others) = way.roots.next()
                {
                    let source = others.source();
                    trace.note(&format!("trying again with the certificates of {source}"));
                    way.tls = others.read()?;
                    continue;
                }
                // A kept connection may have been closed while nobody looked.
                if reused && reads && fault.may_repeat(reads) {
                    trace.note("the kept connection was closed; opening another");
                    continue;
                }
            }
            let (again, asked) = match &outcome {
                Ok(reply) => (reads && reply.may_pass(), reply.asks_to_wait()),
                Err(fault) => (fault.may_repeat(reads), None),
            };
            let own = waits.next().filter(|_| again && request.retry);
            let asked = asked.filter(|asked| own.is_some_and(|own| asked > own));
            match (own, asked) {
                (Some(_), Some(asked)) if asked <= LONGEST_WAIT => {
                    trace.tell(&format!(
                        "Note: the server says to wait {} s; trying again then.",
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
                        // Whoever asks for more over this connection reads each reply at once.
                        Ok(reply) if request.keep => reply.accept(),
                        Ok(reply) => reply.accept().and_then(|reply| {
                            reply.check()?;
                            Ok(reply)
                        }),
                        Err(fault) => Err(fault.into_error(request, way.route.as_ref())),
                    };
                }
            }
        }
    }
}

impl Way {
    /// The route of a request: its proxy, and the certificates to begin with.
    fn to(request: &Request) -> Result<Self, Error> {
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
        let sets = match request.base.https {
            true => tls::sets()?,
            false => Vec::new(),
        };
        let mut roots = sets.into_iter();
        let tls = match roots.next() {
            Some(roots) => roots.read()?,
            None => TlsConfig::default(),
        };
        Ok(Way {
            route,
            tls,
            roots,
            kept: None,
        })
    }

    /// One attempt: whatever the server answered, or why there is no complete answer; and whether
    /// it went over a kept connection.
    fn attempt(
        &mut self,
        request: &Request,
        deadline: Instant,
        room: &mut Vec<u8>,
    ) -> (Result<Reply, Fault>, bool) {
        let uri = format!("{}{}", request.base.as_str(), request.path);
        let (body, _) = request.body.parts();
        let mut builder = http::Request::builder().method(request.method).uri(uri);
        let token = request.token.as_ref().map(|token| token.secret.expose());
        for (name, value) in request.headers(token) {
            builder = builder.header(name, value);
        }
        // An idle connection may be closed under the next request.
        if !request.keep {
            builder = builder.header("Connection", "close");
        }
        let built = match builder.body(body) {
            Ok(built) => built,
            Err(e) => return (Err(Fault::unsent(e.to_string())), false),
        };
        let left = deadline.saturating_duration_since(Instant::now());
        let server = built.uri().authority().cloned();
        let kept = self.kept.take();
        let Some(connection) = kept.or_else(|| Some(self.connection(request, left, server?)))
        else {
            return (Err(Fault::unsent("its URL names no host")), false);
        };
        let Connection {
            agent,
            wire,
            watchdog,
        } = &connection;
        let before = wire.begin();
        watchdog
            .iter()
            .for_each(|watchdog| watchdog.end_after(left));
        let sent = match (body, request.method) {
            ("", "GET" | "DELETE") => agent.run(built.map(|_| ())),
            _ => agent.run(built),
        };
        let outcome = match sent {
            Ok(response) => read(response, wire, mem::take(room)),
            Err(e) => Err(Fault::from_ureq(e, wire)),
        };
        watchdog.iter().for_each(Watchdog::rest);
        let reused = before > 0 && wire.connections() == before;
        if request.keep && outcome.is_ok() && !wire.late() {
            self.kept = Some(connection);
        }
        (outcome, reused)
    }

    fn connection(&self, request: &Request, left: Duration, server: Authority) -> Connection {
        // Each request on a kept connection has the full time; its watch ends them.
        let left = if request.keep { request.timeout } else { left };
        let wire = Wire::new(server);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(self.route.as_ref().map(|r| r.proxy.clone()))
            .tls_config(self.tls.clone())
            .accept_encoding("identity")
            .timeout_global(Some(left))
            .timeout_resolve(Some(LOOKUP_TIMEOUT.min(left)))
            .timeout_connect(Some(CONNECT_TIMEOUT.min(left)))
            .max_idle_connections(usize::from(request.keep))
            .input_buffer_size(INPUT_BUFFER)
            .output_buffer_size(OUTPUT_BUFFER)
            .max_response_header_size(LARGEST_HEADERS)
            .build();
        let agent = Agent::with_parts(config, wire::connector(&wire), Lookup);
        let watchdog = Watchdog::of(&wire, &agent);
        Connection {
            agent,
            wire,
            watchdog,
        }
    }
}

/// Reads a body into this room.
fn read(response: Response<ResponseBody>, wire: &Wire, mut bytes: Vec<u8>) -> Result<Reply, Fault> {
    let (head, body) = response.into_parts();
    let header = |name: &str| {
        let value = head.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let status = head.status.as_u16();
    let length = body.content_length();
    bytes.clear();
    // One byte more than the body: room to see the end without growing.
    let reserved = bytes.try_reserve_exact(length.unwrap_or(0).min(LARGEST_BODY) as usize + 1);
    let mut reader = body.into_with_config().limit(LARGEST_BODY).reader();
    let end = match reserved
        .map_err(io::Error::from)
        .and_then(|()| reader.read_to_end(&mut bytes))
    {
        // Without a length, the end of the connection is the end of the body, and we may have ended
        // it.
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
