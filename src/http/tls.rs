//! Which certificates are trusted: built-in roots, `SSL_CERT_FILE`, `NODE_EXTRA_CA_CERTS`.
//!
//! The files are read only when an https connection needs them: a thousand lines of PEM cost
//! more than the rest of a call.

use std::fs;

use ureq::Error as Ureq;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::config::variable;
use crate::error::Error;

/// Replaces the built-in roots, as in curl and OpenSSL.
const CERT_FILE: &str = "SSL_CERT_FILE";
/// Adds to the roots; people who come from the Node package have it set.
const EXTRA_CERTS: &str = "NODE_EXTRA_CA_CERTS";

/// The roots to begin with: those of `SSL_CERT_FILE`, else the built-in ones.
///
/// # Errors
/// The file is unreadable or holds no certificate.
pub(super) fn roots() -> Result<TlsConfig, Error> {
    Ok(match certificates(CERT_FILE)? {
        Some(certificates) => config(certificates),
        None => TlsConfig::default(),
    })
}

/// The roots for a second try, after the first ones did not know the issuer.
///
/// # Errors
/// The file is unreadable or holds no certificate.
pub(super) fn extra_roots() -> Result<Option<TlsConfig>, Error> {
    Ok(certificates(EXTRA_CERTS)?.map(config))
}

fn config(certificates: Vec<Certificate<'static>>) -> TlsConfig {
    let roots = RootCerts::new_with_certs(&certificates);
    TlsConfig::builder().root_certs(roots).build()
}

fn certificates(name: &'static str) -> Result<Option<Vec<Certificate<'static>>>, Error> {
    let Some(set) = variable(&[name])? else {
        return Ok(None);
    };
    let fail = |why: String| {
        Error::local(format!(
            "the variable {name} names {}: {why}; nothing was sent",
            set.value
        ))
    };
    let pem = fs::read(&set.value).map_err(|e| fail(format!("it could not be read: {e}")))?;
    // The parser finds nothing in garbage or an empty file, without an error.
    let found: Vec<Certificate<'static>> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    match found.is_empty() {
        true => Err(fail("it holds no certificate".into())),
        false => Ok(Some(found)),
    }
}

/// Whether the server's certificate was refused: nothing was sent then.
pub(super) fn refused_certificate(error: &Ureq) -> bool {
    error.to_string().contains("invalid peer certificate")
}

/// What is wrong with the server's certificate, and what to do; `None` when the fault is
/// another one. rustls is no direct dependency, so its words are all there is to go by.
pub(super) fn complaint(error: &Ureq) -> Option<Complaint> {
    let text = error.to_string();
    let has = |words: &str| text.contains(words);
    if has("corrupt message") {
        return Some(Complaint::new(
            "it does not speak TLS as expected",
            "check the base URL: is it http://?",
        ));
    }
    if !refused_certificate(error) {
        return None;
    }
    // A bad signature is that of another issuer of the same name.
    Some(
        if ["UnknownIssuer", "CaUsedAsEndEntity", "BadSignature"]
            .iter()
            .any(|w| has(w))
        {
            Complaint {
                text: "its certificate is from an issuer that is not trusted",
                hint: "a proxy that inspects TLS, or a private CA: set NODE_EXTRA_CA_CERTS (adds to the built-in roots) or SSL_CERT_FILE (replaces them) to the file with its certificate",
                unknown_issuer: true,
            }
        } else if has("not valid yet") || has("NotValidYet") {
            Complaint::new(
                "its certificate is not valid yet",
                "check the clock of this machine",
            )
        } else if has("expired") || has("Expired") {
            Complaint::new(
                "its certificate has expired",
                "check the clock of this machine; if it is right, the server has to renew",
            )
        } else if has("not valid for name") || has("NotValidForName") {
            Complaint::new(
                "its certificate is for another host name",
                "check the base URL, and whether something between here and the server answers in its place",
            )
        } else {
            Complaint::new(
                "its certificate is not valid",
                "look at it with `openssl s_client`",
            )
        },
    )
}

/// What is wrong with a certificate.
#[derive(Debug)]
pub(super) struct Complaint {
    /// In one sentence.
    pub text: &'static str,
    /// What to do.
    pub hint: &'static str,
    /// Whether further roots may help.
    pub unknown_issuer: bool,
}

impl Complaint {
    fn new(text: &'static str, hint: &'static str) -> Self {
        Complaint {
            text,
            hint,
            unknown_issuer: false,
        }
    }
}
