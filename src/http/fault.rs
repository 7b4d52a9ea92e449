//! Why there is no whole answer, and whether the request may have arrived.
//!
//! How ureq 3.5 shows each fault: a failed look-up and a handshake that fails are io errors that
//! only their text tells apart; `Timeout` names the nearest deadline, not the phase; a server that
//! closes the connection is `UnexpectedEof`.

use std::io::ErrorKind;

use ureq::{Error as Ureq, Timeout};

use super::proxy::Route;
use super::reply::first_words;
use super::{LARGEST_BODY, Request, tls};
use crate::error::Error;

/// No whole answer.
#[derive(Debug)]
pub(super) struct Fault {
    phase: Phase,
    /// A fault of the connection, which may be gone at the next attempt.
    passing: bool,
    /// What happened, without a full stop.
    text: String,
    /// What came of the body.
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
    /// The server answered with this status, but the body did not come whole.
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

    /// A fault before anything was sent, which trying again does not cure.
    pub(super) fn unsent(text: impl Into<String>) -> Self {
        Self::new(Phase::Unsent, false, text)
    }

    /// What an error of a call means.
    pub(super) fn from_ureq(error: Ureq) -> Self {
        let (phase, passing) = classify(&error);
        match tls::complaint(&error) {
            Some(complaint) => Fault {
                hint: Some(complaint.hint),
                unknown_issuer: complaint.unknown_issuer,
                ..Self::new(phase, passing, complaint.text)
            },
            None => Self::new(phase, passing, describe(&error)),
        }
    }

    /// An error while the body of an answer was read, after `received` of it.
    pub(super) fn in_body(status: u16, error: Ureq, received: Vec<u8>) -> Self {
        let (passing, text) = match &error {
            Ureq::BodyExceedsLimit(_) => (
                false,
                format!("is larger than {} MiB", LARGEST_BODY / (1024 * 1024)),
            ),
            other => {
                let deadline = matches!(other, Ureq::Timeout(_));
                (!deadline, format!("was cut short ({})", describe(other)))
            }
        };
        Fault {
            received,
            ..Self::new(Phase::Answered(status), passing, text)
        }
    }

    /// Whether the request may be sent again: a read after any passing fault, a write only
    /// when it never reached the server.
    pub(super) fn may_repeat(&self, reads: bool) -> bool {
        self.passing && (reads || self.phase == Phase::Unsent)
    }

    /// In words, for a trace.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The error that the user meets; `route` is the proxy in use.
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
            Phase::Unsent => Error::unreached(
                format!("{server} could not be reached: {text}; nothing was sent"),
                passing,
            ),
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
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

/// What the system answers when it gives no connection: EPERM, EACCES, ENFILE, EMFILE,
/// EAFNOSUPPORT. The numbers are Linux's, and std has no names for most of them.
const NO_SOCKET: [i32; 5] = [1, 13, 23, 24, 97];

/// Whether the request can have arrived, and whether the fault may pass.
fn classify(error: &Ureq) -> (Phase, bool) {
    match error {
        Ureq::HostNotFound | Ureq::ConnectionFailed => (Phase::Unsent, true),
        Ureq::Timeout(Timeout::Resolve | Timeout::Connect) => (Phase::Unsent, true),
        Ureq::Io(e) => match e.kind() {
            ErrorKind::ConnectionRefused
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::AddrNotAvailable => (Phase::Unsent, true),
            _ if is_dns_failure(&e.to_string()) => (Phase::Unsent, true),
            // A certificate is refused in the handshake, before the request.
            ErrorKind::InvalidData if tls::refused_certificate(error) => (Phase::Unsent, false),
            // Any other fault of TLS may come after it.
            ErrorKind::InvalidData => (Phase::Unknown, false),
            // A sandbox forbids the connection, or there are no files left for it.
            _ if e.raw_os_error().is_some_and(|n| NO_SOCKET.contains(&n)) => (Phase::Unsent, false),
            _ => (Phase::Unknown, true),
        },
        Ureq::Http(_)
        | Ureq::BadUri(_)
        | Ureq::InvalidProxyUrl
        | Ureq::ConnectProxyFailed(_)
        | Ureq::Tls(_)
        | Ureq::Rustls(_)
        | Ureq::TlsRequired => (Phase::Unsent, false),
        // The deadline of the whole call: no time is left for another attempt. A garbled
        // answer would be garbled again.
        _ => (Phase::Unknown, false),
    }
}

/// A failed name look-up has no kind of its own in std; its text is all there is.
fn is_dns_failure(text: &str) -> bool {
    text.starts_with("failed to lookup address information")
}

/// The fault in plain words.
fn describe(error: &Ureq) -> String {
    match error {
        Ureq::Timeout(Timeout::Connect) => "no connection in time".into(),
        Ureq::Timeout(Timeout::Resolve) => "its name could not be looked up in time".into(),
        Ureq::Timeout(_) => "time ran out".into(),
        Ureq::HostNotFound => "its name has no address".into(),
        Ureq::LargeResponseHeader(..) => "the headers of the answer are too large".into(),
        Ureq::Protocol(e) => format!("it does not speak HTTP as expected ({e})"),
        // 407 is the documented answer; tinyproxy answers wrong ones with 401.
        Ureq::ConnectProxyFailed(why) if why.contains("407") || why.contains("401") => {
            "the proxy asks for a user and password, or refuses those in its variable".into()
        }
        Ureq::ConnectProxyFailed(why) => format!("the proxy refused: {why}"),
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

    #[test]
    fn a_failed_look_up_is_recognised() {
        let error = "no-such-host.invalid:80".to_socket_addrs().unwrap_err();
        assert!(is_dns_failure(&error.to_string()), "{error}");
        assert_eq!(classify(&Ureq::Io(error)), (Phase::Unsent, true));
    }

    #[test]
    fn writes_are_repeated_only_when_they_never_left() {
        let io = |kind: ErrorKind| Fault::from_ureq(Ureq::Io(kind.into()));
        for kind in [ErrorKind::ConnectionRefused, ErrorKind::HostUnreachable] {
            assert!(io(kind).may_repeat(false) && io(kind).may_repeat(true));
        }
        for kind in [
            ErrorKind::ConnectionReset,
            ErrorKind::UnexpectedEof,
            ErrorKind::BrokenPipe,
        ] {
            assert!(!io(kind).may_repeat(false) && io(kind).may_repeat(true));
        }
        let tls = io(ErrorKind::InvalidData);
        assert!(!tls.may_repeat(false) && !tls.may_repeat(true));
        assert_eq!(tls.phase, Phase::Unknown);
        let certificate =
            std::io::Error::new(ErrorKind::InvalidData, "invalid peer certificate: Expired");
        assert_eq!(classify(&Ureq::Io(certificate)), (Phase::Unsent, false));
        let forbidden = std::io::Error::from_raw_os_error(1);
        assert_eq!(classify(&Ureq::Io(forbidden)), (Phase::Unsent, false));
        let deadline = Fault::from_ureq(Ureq::Timeout(Timeout::Global));
        assert!(!deadline.may_repeat(false) && !deadline.may_repeat(true));
        let connect = Fault::from_ureq(Ureq::Timeout(Timeout::Connect));
        assert!(connect.may_repeat(false));
    }
}
