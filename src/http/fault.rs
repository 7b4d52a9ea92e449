//! Why there is no complete answer, and whether the request may have arrived. The connection knows
//! whether anything was sent. What happened is reported by ureq 3.5: a failed look-up, a failed
//! handshake and a SOCKS proxy's refusal are io errors told apart only by their text; a peer that
//! closes the connection is `UnexpectedEof`.

use std::io::ErrorKind;

use ureq::{Error as Ureq, Timeout};

use super::proxy::Route;
use super::reply::first_words;
use super::wire::Wire;
use super::{LARGEST_BODY, Request, tls};
use crate::error::Error;

/// No complete answer.
#[derive(Debug)]
pub(super) struct Fault {
    phase: Phase,
    /// A fault of the connection, which may be gone at the next attempt.
    passing: bool,
    /// What happened, without a full stop.
    text: String,
    /// What arrived of the body.
    received: Vec<u8>,
    /// What to do, when the fault itself says.
    hint: Option<&'static str>,
    /// The handshake failed because nobody vouches for the certificate.
    pub unknown_issuer: bool,
}

#[derive(Debug, PartialEq)]
enum Phase {
    /// The request provably never reached the server.
    Unsent,
    /// It may have arrived.
    Unknown,
    /// The server answered with this status, but the body is incomplete.
    Answered(u16),
}

impl Fault {
    fn new(phase: Phase, passing: bool, text: impl Into<String>) -> Self {
        Fault {
            phase,
            passing,
            text: text.into(),
            received: Vec::new(),
            hint: None,
            unknown_issuer: false,
        }
    }

    /// A fault before anything was sent that trying again does not cure.
    pub(super) fn unsent(text: impl Into<String>) -> Self {
        Self::new(Phase::Unsent, false, text)
    }

    /// What the error of a call means before there was an answer.
    pub(super) fn from_ureq(error: Ureq, wire: &Wire) -> Self {
        let error = in_time(error, wire);
        if wire.sent() {
            // A garbled answer would be garbled again, and after the deadline there is no time
            // left.
            let passing = matches!(&error, Ureq::Io(e) if e.kind() != ErrorKind::InvalidData);
            return Self::new(Phase::Unknown, passing, describe(&error));
        }
        match tls::complaint(&error) {
            Some(complaint) => Fault {
                hint: Some(complaint.hint),
                unknown_issuer: complaint.unknown_issuer,
                ..Self::unsent(complaint.text)
            },
            None => Self::new(Phase::Unsent, may_pass(&error), describe_unsent(&error)),
        }
    }

    /// An error while the body of an answer was read, after `received` of it.
    pub(super) fn in_body(status: u16, error: Ureq, received: Vec<u8>, wire: &Wire) -> Self {
        let (passing, text) = match in_time(error, wire) {
            Ureq::BodyExceedsLimit(_) => (
                false,
                format!("is larger than {} MiB", LARGEST_BODY / (1024 * 1024)),
            ),
            other => {
                let deadline = matches!(other, Ureq::Timeout(_));
                (!deadline, format!("was cut short ({})", describe(&other)))
            }
        };
        Fault {
            received,
            ..Self::new(Phase::Answered(status), passing, text)
        }
    }

    /// Whether the request may be sent again: a read after any passing fault, a write only if it
    /// never reached the server.
    pub(super) fn may_repeat(&self, reads: bool) -> bool {
        self.passing && (reads || self.phase == Phase::Unsent)
    }

    /// In words, for a trace.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The error that the user sees; `route` is the proxy in use.
    pub(super) fn into_error(self, request: &Request, route: Option<&Route>) -> Error {
        let mut server = request.base.as_str().to_owned();
        if let Some(route) = route {
            server.push_str(&format!(" through the proxy {}", route.label));
        }
        let Fault {
            phase,
            passing,
            text,
            received,
            hint,
            ..
        } = self;
        let error = match phase {
            Phase::Unsent => Error::unreached(format!(
                "{server} could not be reached: {text}; nothing was sent"
            )),
            Phase::Answered(status) => {
                let begins = match first_words(&received) {
                    Some(words) => format!(": {words}"),
                    None => String::new(),
                };
                let text = format!("the answer of {server} (status {status}) {text}{begins}");
                Error::lost(text, &received)
            }
            Phase::Unknown if request.method == "GET" => {
                Error::lost(format!("no answer from {server}: {text}"), &received)
            }
            Phase::Unknown => Error::lost(
                format!(
                    "the answer of {server} was lost: {text}; whether the request took effect is unknown"
                ),
                &received,
            ),
        };
        let error = error.passing(passing);
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

/// The error, unless it is just how the time limit shows itself.
fn in_time(error: Ureq, wire: &Wire) -> Ureq {
    match wire.late() {
        true => Ureq::Timeout(Timeout::Global),
        false => error,
    }
}

/// The system knows no such family of addresses (EAFNOSUPPORT): Linux's number, or that of macOS
/// and the BSDs.
const NO_FAMILY: i32 = if cfg!(target_os = "linux") { 97 } else { 47 };

/// What the system answers when it has no connection to offer: ENFILE, EMFILE, EAFNOSUPPORT. The
/// first two numbers are the same on every Unix; std has no names for any of them.
const NO_SOCKET: [i32; 3] = [23, 24, NO_FAMILY];

/// What SOCKS proxies say about a server that they cannot reach at the moment, and about nothing
/// else.
const SOCKS_PASSING: [&str; 5] = [
    "general SOCKS server failure",
    "unreachable",
    "connection refused",
    "TTL expired",
    "request rejected or failed",
];

/// Whether a fault before anything was sent may be gone at the next attempt.
fn may_pass(error: &Ureq) -> bool {
    match error {
        Ureq::HostNotFound | Ureq::ConnectionFailed | Ureq::Timeout(_) => true,
        // The proxy could not reach the server, or went away.
        Ureq::ConnectProxyFailed(why) => ["502", "503", "504", "did not respond"]
            .iter()
            .any(|passing| why.contains(passing)),
        Ureq::Io(e) => match e.kind() {
            // A failed handshake; something that is not a proxy, or one that wants another
            // password; a sandbox that forbids the connection.
            ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::PermissionDenied => false,
            ErrorKind::Other => SOCKS_PASSING.iter().any(|s| e.to_string().contains(s)),
            _ => e.raw_os_error().is_none_or(|n| !NO_SOCKET.contains(&n)),
        },
        _ => false,
    }
}

/// A failed name look-up has no error kind of its own in std; its text is all there is.
fn is_dns_failure(text: &str) -> bool {
    text.starts_with("failed to lookup address information")
}

/// A fault before anything was sent, in plain words.
fn describe_unsent(error: &Ureq) -> String {
    const PASSWORD: &str =
        "the proxy asks for a user and password, or refuses those in its variable";
    let text = match error {
        Ureq::Io(e) => e.to_string(),
        other => other.to_string(),
    };
    let has = |words: &[&str]| words.iter().any(|words| text.contains(words));
    match error {
        Ureq::Timeout(Timeout::Resolve) => "its name could not be looked up in time".into(),
        Ureq::Timeout(_) => "no connection in time".into(),
        Ureq::Protocol(_) if has(&["output too small"]) => {
            "an id, a parameter or the token is longer than a request can hold".into()
        }
        // 407 is the documented answer; tinyproxy answers wrong passwords with 401.
        Ureq::ConnectProxyFailed(_) if has(&["407", "401"]) => PASSWORD.into(),
        Ureq::ConnectProxyFailed(_) if has(&["did not respond"]) => {
            "the proxy closed the connection without an answer".into()
        }
        Ureq::ConnectProxyFailed(why) => {
            let status = why.rsplit('/').next().unwrap_or(why);
            format!("the proxy answered {status}")
        }
        Ureq::Io(_) if has(&["password authentication failed", "auth method"]) => PASSWORD.into(),
        Ureq::Io(_) if has(&["received fatal alert"]) => {
            format!("the TLS handshake failed ({text})")
        }
        // What a SOCKS proxy says has a kind of its own.
        Ureq::Io(e) if e.kind() == ErrorKind::Other => format!("the proxy refused ({e})"),
        Ureq::Io(_) if has(&["invalid response", "invalid reserved"]) => {
            format!("the proxy does not speak SOCKS as expected ({text})")
        }
        other => describe(other),
    }
}

/// The fault in plain words.
fn describe(error: &Ureq) -> String {
    match error {
        Ureq::Timeout(_) => "time ran out".into(),
        Ureq::HostNotFound => "its name has no address".into(),
        Ureq::LargeResponseHeader(..) => "the headers of the answer are too large".into(),
        Ureq::Protocol(e) => format!("it does not speak HTTP as expected ({e})"),
        Ureq::Io(e) => match e.kind() {
            ErrorKind::ConnectionRefused => "connection refused".into(),
            ErrorKind::ConnectionReset => "the connection was reset".into(),
            ErrorKind::UnexpectedEof => "the connection was closed early".into(),
            _ if is_dns_failure(&e.to_string()) => "its name could not be looked up".into(),
            _ => e.to_string(),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::ToSocketAddrs;

    fn unsent(error: Ureq) -> Fault {
        Fault::from_ureq(error, &Wire::new("example.org:80".parse().unwrap()))
    }

    #[test]
    fn a_failed_look_up_is_recognised() {
        let error = "no-such-host.invalid:80".to_socket_addrs().unwrap_err();
        assert!(is_dns_failure(&error.to_string()), "{error}");
        assert!(unsent(Ureq::Io(error)).may_repeat(false));
        let gone = "no-such-host.invalid:80".to_socket_addrs().unwrap_err();
        assert_eq!(describe(&Ureq::Io(gone)), "its name could not be looked up");
        let reset = std::io::Error::from(ErrorKind::ConnectionReset);
        assert_eq!(describe(&Ureq::Io(reset)), "the connection was reset");
        let no_route = std::io::Error::from(ErrorKind::NetworkUnreachable);
        assert_eq!(describe(&Ureq::Io(no_route)), "network unreachable");
    }

    #[test]
    fn what_never_left_is_sent_again_where_that_may_help() {
        for kind in [
            ErrorKind::ConnectionRefused,
            ErrorKind::HostUnreachable,
            ErrorKind::ConnectionReset,
            ErrorKind::UnexpectedEof,
        ] {
            assert!(unsent(Ureq::Io(kind.into())).may_repeat(false), "{kind}");
        }
        assert!(unsent(Ureq::Timeout(Timeout::Connect)).may_repeat(false));
        let other = |text: &str| unsent(Ureq::Io(std::io::Error::other(text.to_owned())));
        assert!(other("host unreachable").may_repeat(false));
        for lasting in [
            other("connection not allowed by ruleset"),
            other("no acceptable auth methods"),
            unsent(Ureq::Io(ErrorKind::InvalidData.into())),
            unsent(Ureq::Io(std::io::Error::from_raw_os_error(1))),
            unsent(Ureq::ConnectProxyFailed(
                "proxy server responded 407/407".into(),
            )),
        ] {
            assert!(!lasting.may_repeat(true), "{lasting:?}");
        }
    }
}
