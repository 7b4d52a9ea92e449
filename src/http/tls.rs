//! Which certificates are trusted: built-in roots, `SSL_CERT_FILE`, `SSL_CERT_DIR`,
//! `NODE_EXTRA_CA_CERTS`.
//!
//! The files are read only when an https connection needs them: a thousand lines of PEM cost
//! more than the rest of a call.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use ureq::Error as Ureq;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::config::variable;
use crate::error::Error;

/// Replaces the built-in roots, as in curl and OpenSSL.
const CERT_FILE: &str = "SSL_CERT_FILE";
/// Folders that replace the built-in roots, with the file or without it.
const CERT_DIR: &str = "SSL_CERT_DIR";
/// Adds to the roots; people who come from the Node package have it set.
const EXTRA_CERTS: &str = "NODE_EXTRA_CA_CERTS";

type Certificates = Vec<Certificate<'static>>;

/// The roots to begin with: those of `SSL_CERT_FILE` and `SSL_CERT_DIR`, else the built-in ones.
///
/// # Errors
/// The file or a folder is unreadable, or there is no certificate in it.
pub(super) fn roots() -> Result<TlsConfig, Error> {
    let (file, folders) = (in_file(CERT_FILE)?, in_folders(CERT_DIR)?);
    Ok(match [file, folders].into_iter().flatten().reduce(joined) {
        Some(certificates) => config(&certificates),
        None => TlsConfig::default(),
    })
}

/// The roots for a second try, after the first ones did not know the issuer.
///
/// # Errors
/// The file is unreadable or holds no certificate.
pub(super) fn extra_roots() -> Result<Option<TlsConfig>, Error> {
    Ok(in_file(EXTRA_CERTS)?.map(|certificates| config(&certificates)))
}

fn joined(mut some: Certificates, mut more: Certificates) -> Certificates {
    some.append(&mut more);
    some
}

fn config(certificates: &[Certificate<'static>]) -> TlsConfig {
    let roots = RootCerts::new_with_certs(certificates);
    TlsConfig::builder().root_certs(roots).build()
}

/// The certificates of the file that a variable names.
fn in_file(name: &'static str) -> Result<Option<Certificates>, Error> {
    let Some(set) = variable(&[name])? else {
        return Ok(None);
    };
    match read(Path::new(&set.value)) {
        Ok(found) if found.is_empty() => {
            Err(unusable(name, &set.value, "it holds no certificate".into()))
        }
        Ok(found) => Ok(Some(found)),
        Err(e) => Err(unusable(name, &set.value, could_not_be_read(&e))),
    }
}

/// The certificates of all files in the folders that a variable lists as `PATH` does. What is
/// no certificate there is passed over, as OpenSSL does.
fn in_folders(name: &'static str) -> Result<Option<Certificates>, Error> {
    let Some(set) = variable(&[name])? else {
        return Ok(None);
    };
    // A file has a second name there, by its hash, and bundles with others.
    let mut files: BTreeSet<PathBuf> = BTreeSet::new();
    for folder in env::split_paths(&set.value) {
        let entries =
            fs::read_dir(&folder).map_err(|e| unusable(name, &set.value, could_not_be_read(&e)))?;
        let paths = entries.flatten().map(|entry| entry.path());
        files.extend(paths.filter_map(|path| fs::canonicalize(path).ok()));
    }
    let certificates = files.iter().filter(|file| file.is_file());
    let found: Certificates = certificates
        .flat_map(|file| read(file).unwrap_or_default())
        .collect();
    match found.is_empty() {
        true => Err(unusable(
            name,
            &set.value,
            "no file there holds a certificate".into(),
        )),
        false => Ok(Some(found)),
    }
}

/// The certificates of a file: none in garbage or an empty file.
fn read(path: &Path) -> io::Result<Certificates> {
    let pem = fs::read(path)?;
    let items = parse_pem(&pem).filter_map(Result::ok);
    Ok(items
        .filter_map(|item| match item {
            PemItem::Certificate(certificate) => Some(certificate),
            _ => None,
        })
        .collect())
}

fn could_not_be_read(e: &io::Error) -> String {
    format!("it could not be read: {e}")
}

fn unusable(name: &str, value: &str, why: String) -> Error {
    Error::local(format!(
        "the variable {name} names {value}: {why}; nothing was sent"
    ))
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
    Some(if has("UnknownIssuer") || has("BadSignature") {
        Complaint {
            text: "its certificate is from an issuer that is not trusted",
            hint: "a proxy that inspects TLS, or a private CA: set NODE_EXTRA_CA_CERTS (adds to the built-in roots) or SSL_CERT_FILE (replaces them) to the file with its certificate",
            unknown_issuer: true,
        }
    } else if has("CaUsedAsEndEntity") {
        Complaint {
            text: "its certificate is that of a CA, which may only sign those of servers",
            hint: "give the server a certificate that says basicConstraints=CA:FALSE, signed by this one or by itself",
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
