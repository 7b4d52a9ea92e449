//! Which certificates are trusted: built-in roots, `SSL_CERT_FILE`, `SSL_CERT_DIR`,
//! `NODE_EXTRA_CA_CERTS`.
//!
//! The files are read only when an https connection needs them: a thousand lines of PEM cost
//! more than the rest of a call.

use std::path::Path;
use std::{env, fs, io};

use ureq::Error as Ureq;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::config::{Sourced, variable};
use crate::error::Error;
use crate::text;

/// Replaces the built-in roots, as in curl and OpenSSL.
const CERT_FILE: &str = "SSL_CERT_FILE";
/// Folders that replace the built-in roots, with the file or without it.
const CERT_DIR: &str = "SSL_CERT_DIR";
/// Adds to the roots; people who come from the Node package have it set.
const EXTRA_CERTS: &str = "NODE_EXTRA_CA_CERTS";

/// A set of roots, not yet read.
#[derive(Debug)]
pub(super) enum Roots {
    /// Those in the program.
    BuiltIn,
    /// A file that a variable names.
    File(Sourced<String>),
    /// Folders that a variable lists as `PATH` does.
    Folders(Sourced<String>),
}

/// The sets to trust: they are tried one after another until one vouches for the server.
///
/// # Errors
/// A variable that is not valid UTF-8.
pub(super) fn sets() -> Result<Vec<Roots>, Error> {
    let mut sets = Vec::new();
    sets.extend(variable(&[CERT_FILE])?.map(Roots::File));
    sets.extend(variable(&[CERT_DIR])?.map(Roots::Folders));
    if sets.is_empty() {
        sets.push(Roots::BuiltIn);
    }
    sets.extend(variable(&[EXTRA_CERTS])?.map(Roots::File));
    Ok(sets)
}

impl Roots {
    /// Where the set comes from.
    pub(super) fn source(&self) -> &str {
        match self {
            Roots::BuiltIn => "the program",
            Roots::File(set) | Roots::Folders(set) => &set.source,
        }
    }

    /// Reads the set.
    ///
    /// # Errors
    /// A file or a folder is unreadable, or there is no certificate in it.
    pub(super) fn read(&self) -> Result<TlsConfig, Error> {
        let (set, found) = match self {
            Roots::BuiltIn => return Ok(TlsConfig::default()),
            Roots::File(set) => (set, in_file(Path::new(&set.value))),
            Roots::Folders(set) => (set, in_folders(&set.value)),
        };
        let why = match found {
            Ok(found) if found.is_empty() => "no certificate found".to_owned(),
            Ok(found) => {
                let roots = RootCerts::new_with_certs(&found);
                return Ok(TlsConfig::builder().root_certs(roots).build());
            }
            Err(e) => format!("it could not be read: {e}"),
        };
        Err(Error::local(format!(
            "the variable {} names {}: {why}; nothing was sent",
            set.source, set.value
        )))
    }
}

/// The certificates in a file: none for garbage or an empty file.
fn in_file(path: &Path) -> io::Result<Vec<Certificate<'static>>> {
    let pem = fs::read(path)?;
    let items = parse_pem(text::without_mark(&pem)).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    Ok(items.collect())
}

/// The certificates of all files in some folders. Anything that is not a certificate is skipped, as
/// OpenSSL does.
fn in_folders(folders: &str) -> io::Result<Vec<Certificate<'static>>> {
    let mut found = Vec::new();
    for folder in env::split_paths(folders) {
        for path in fs::read_dir(folder)?.flatten().map(|entry| entry.path()) {
            // The same file under a second name, its hash.
            let second = fs::read_link(&path).is_ok_and(|to| to.parent() == Some(Path::new("")));
            if path.is_file() && !second {
                found.append(&mut in_file(&path).unwrap_or_default());
            }
        }
    }
    Ok(found)
}

/// Whether the server's certificate was refused: in that case nothing was sent. ureq exposes no
/// rustls types, so the text is all there is, here and below; `tests/suite/certificates.rs` checks
/// it against real handshakes.
pub(super) fn refused_certificate(error: &Ureq) -> bool {
    error.to_string().contains("invalid peer certificate")
}

/// What is wrong with the server's certificate, and what to do; `None` for any other fault. rustls
/// is not a direct dependency, so its words are all there is to go by.
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
    // A bad signature comes from another issuer of the same name.
    Some(if has("UnknownIssuer") || has("BadSignature") {
        Complaint {
            text: "its certificate is from an issuer that is not trusted",
            hint: "a proxy that inspects TLS, or a private CA: set NODE_EXTRA_CA_CERTS (adds to the built-in roots) or SSL_CERT_FILE (replaces them) to the file with its certificate",
            unknown_issuer: true,
        }
    } else if has("CaUsedAsEndEntity") {
        Complaint {
            text: "its certificate is that of a CA, which may only sign server certificates",
            hint: "give the server a certificate that says basicConstraints=CA:FALSE, signed by this one or self-signed",
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
            "check the clock of this machine; if it is right, the server has to renew it",
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
    })
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
