//! The base URL, and how ids and parameters get into a URL.

use std::net::IpAddr;

use ureq::http::Uri;

use crate::error::Error;

/// The server's origin, with an optional path in front of the API's.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl {
    /// Without a slash at the end.
    text: String,
    /// Without brackets.
    pub(super) host: String,
    port: Option<u16>,
    /// Whether calls go over TLS.
    pub(crate) https: bool,
    source: String,
}

impl BaseUrl {
    /// Checks a base URL; `source` names where it came from, for the error.
    ///
    /// # Errors
    /// Not an http or https URL, or one with user info, query or fragment: those would be
    /// sent along, or dropped silently.
    pub(crate) fn parse(text: &str, source: &str) -> Result<Self, Error> {
        // The value is not repeated: it may hold a password.
        let refuse = |why: &str| Error::usage(format!("the base URL from {source} {why}"));
        if text.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return Err(refuse("contains spaces or control characters"));
        }
        let uri: Uri = text
            .parse()
            .map_err(|_| refuse("is not a URL such as https://app.opentrain.ai"))?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(refuse("must begin with https:// or http://")),
        };
        let host = uri.host().unwrap_or_default();
        if uri.authority().is_some_and(|a| a.as_str().contains('@')) {
            return Err(refuse("contains a user name or password; leave them out"));
        }
        if uri.query().is_some() || text.contains('#') {
            return Err(refuse("must have neither query nor fragment"));
        }
        if host.is_empty() {
            return Err(refuse("names no host"));
        }
        Ok(BaseUrl {
            text: text.trim_end_matches('/').to_owned(),
            host: host.trim_matches(['[', ']']).to_owned(),
            port: uri.port_u16(),
            https,
            source: source.to_owned(),
        })
    }

    /// The URL's text, as it is saved and shown.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Where it came from: a flag, a variable, a path or "default".
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// The port, given or implied.
    pub(crate) fn port(&self) -> u16 {
        self.port.unwrap_or(if self.https { 443 } else { 80 })
    }

    /// Whether another URL is on the same server.
    pub(crate) fn is_server_of(&self, url: &str) -> bool {
        let name = |base: &BaseUrl| match base.is_local() {
            true => "localhost".to_owned(),
            false => base.host.trim_end_matches('.').to_ascii_lowercase(),
        };
        Self::parse(url, "").is_ok_and(|other| {
            (other.https, other.port(), name(&other)) == (self.https, self.port(), name(self))
        })
    }

    /// Whether it is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        is_loopback(&self.host)
    }

    /// Whether a secret may travel: over https, or to this machine itself.
    ///
    /// # Errors
    /// It may not; nothing has been sent.
    pub(crate) fn allow_secrets(&self) -> Result<(), Error> {
        if self.https || self.is_local() {
            return Ok(());
        }
        Err(Error::usage(format!(
            "{} is plain http: a token is sent only over https, or to a loopback address",
            self.text
        )))
    }
}

/// Whether a host is this machine: by its name, or by an address of the loopback network.
pub(super) fn is_loopback(host: &str) -> bool {
    let ip = host.parse::<IpAddr>();
    names_this_machine(host) || ip.is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// Whether a name is this machine's own: `localhost` and all below it (RFC 6761, section 6.3).
pub(super) fn names_this_machine(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or_default();
    last.eq_ignore_ascii_case("localhost") && !host.starts_with('.') && !host.contains("..")
}

/// Percent-encodes everything but unreserved characters, so that an id stays one segment of a
/// path and a value stays one parameter (RFC 3986, section 2.3).
pub(crate) fn percent_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Pairs as a query string or a form body.
pub(crate) fn form_encode(pairs: &[(&str, &str)]) -> String {
    let encoded: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value)))
        .collect();
    encoded.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<BaseUrl, Error> {
        BaseUrl::parse(text, "--base-url")
    }

    #[test]
    fn base_urls_are_checked_and_never_repeated() {
        for good in [
            "https://app.opentrain.ai",
            "http://127.0.0.1:3000/",
            "http://[::1]:80/x",
        ] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for bad in [
            "app.opentrain.ai",
            "ftp://x",
            "https://",
            "https://me:pw@x.org",
            "https://x.org?a=1",
            "https://x.org#a",
            "https://x .org",
            "https://x.org\n",
            "",
        ] {
            let error = parse(bad).unwrap_err();
            assert!(!error.text.contains("pw"), "{}", error.text);
            assert!(error.text.contains("--base-url"), "{}", error.text);
        }
        assert_eq!(parse("https://x.org//").unwrap().as_str(), "https://x.org");
    }

    #[test]
    fn secrets_travel_over_https_or_to_loopback_only() {
        for good in [
            "https://x.org",
            "http://localhost:1",
            "http://127.9.9.9",
            "http://[::1]:8",
            "http://LocalHost:1",
            "http://localhost.:1",
            "http://api.localhost",
            "http://[::ffff:127.0.0.1]:8",
        ] {
            assert!(parse(good).unwrap().allow_secrets().is_ok(), "{good}");
        }
        for bad in [
            "http://x.org",
            "http://10.0.0.1",
            "http://localhost.evil.org",
            "http://evillocalhost",
            "http://localhost..",
            "http://[::ffff:10.0.0.1]",
            "http://[::2]",
        ] {
            assert!(parse(bad).unwrap().allow_secrets().is_err(), "{bad}");
        }
    }

    #[test]
    fn ids_and_values_are_encoded_whole() {
        assert_eq!(percent_encode("a/b ?#é%"), "a%2Fb%20%3F%23%C3%A9%25");
        assert_eq!(form_encode(&[("q", "a&b"), ("n", "1")]), "q=a%26b&n=1");
    }
}
