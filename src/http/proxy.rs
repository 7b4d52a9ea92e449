//! Which proxy a call goes through: curl's variables with curl's precedence. ureq would read them
//! itself, but it prefers `ALL_PROXY`, skips a value that it cannot read, and then goes direct.
//! Here such a value is an error.

use std::net::IpAddr;

use ureq::Proxy;

use super::BaseUrl;
use super::url::is_loopback;
use crate::config::variable;
use crate::error::Error;

/// A proxy and the variable that named it.
#[derive(Clone, Debug)]
pub(super) struct Route {
    /// For the agent.
    pub proxy: Proxy,
    /// `http://host:port (https_proxy)`: without user and password.
    pub label: String,
    /// Whether the proxy is on this machine.
    pub local: bool,
}

/// The variables for a scheme; the first that is set wins. Upper-case `HTTP_PROXY` does not count:
/// a CGI server sets it from a request's header.
fn variables(https: bool) -> &'static [&'static str] {
    match https {
        true => &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
        false => &["http_proxy", "all_proxy", "ALL_PROXY"],
    }
}

/// The proxy for a server; `None` to go there directly.
///
/// # Errors
/// A variable holds something that is not a proxy. The error names the variable but not its value,
/// which may contain a password.
pub(super) fn route(base: &BaseUrl) -> Result<Option<Route>, Error> {
    let Some(set) = variable(variables(base.https))? else {
        return Ok(None);
    };
    let exempt = variable(&["no_proxy", "NO_PROXY"])?;
    if exempt.is_some_and(|list| is_exempt(&list.value, &base.host, base.port())) {
        return Ok(None);
    }
    let unusable = || {
        Error::local(format!(
            "the variable {} is not a proxy URL such as http://proxy.example:3128 or socks5://proxy.example:1080; nothing was sent",
            set.source
        ))
    };
    let proxy = Proxy::new(set.value.trim()).map_err(|_| unusable())?;
    // ureq ignores a port that is not a number, and takes everything after a slash in a password
    // for a path: it would go to another host.
    let uri = proxy.uri();
    let authority = uri.authority().map_or("", |a| a.as_str());
    let place = authority
        .rsplit_once('@')
        .map_or(authority, |(_, place)| place);
    let port = place.rsplit_once(':').filter(|_| !place.ends_with(']'));
    let port_is_one = port.is_none_or(|(_, port)| port.parse::<u16>().is_ok());
    let bare = matches!(uri.path(), "" | "/") && uri.query().is_none() && !set.value.contains('#');
    if proxy.host().is_empty() || !port_is_one || !bare {
        return Err(unusable());
    }
    let scheme = proxy.uri().scheme_str().unwrap_or("http");
    let label = format!(
        "{scheme}://{}:{} ({})",
        proxy.host(),
        proxy.port(),
        set.source
    );
    let local = is_loopback(proxy.host().trim_matches(['[', ']']));
    Ok(Some(Route {
        proxy,
        label,
        local,
    }))
}

/// Whether a `no_proxy` list names the host, as curl reads it: between commas or blanks, names
/// with and without a dot at either end cover the domain and what is below it, `*` covers all,
/// addresses may be ranges (`10.0.0.0/8`), and each may be narrowed to a port.
fn is_exempt(list: &str, host: &str, port: u16) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let mut entries = list
        .split(|c: char| c == ',' || c.is_whitespace())
        .filter(|entry| !entry.is_empty());
    entries.any(|entry| {
        let (name, wanted) = split_port(entry);
        wanted.is_none_or(|wanted| wanted == port) && covers(name, &host)
    })
}

/// An entry's name and its port, if it has one. `::1` is an address, `[::1]:80` has a port.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    let bracketed = entry
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'));
    let (name, port) = match (bracketed, entry.rsplit_once(':')) {
        (Some((name, rest)), _) => (name, rest.strip_prefix(':')),
        (None, Some((name, port))) if !name.contains(':') => (name, Some(port)),
        _ => (entry, None),
    };
    match port.map(str::parse) {
        Some(Ok(port)) => (name, Some(port)),
        _ => (name, None),
    }
}

fn covers(entry: &str, host: &str) -> bool {
    if entry == "*" {
        return true;
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return in_range(entry, address);
    }
    let domain = entry
        .trim_start_matches('*')
        .trim_matches('.')
        .to_ascii_lowercase();
    host == domain
        || host
            .strip_suffix(&domain)
            .is_some_and(|rest| rest.ends_with('.'))
}

/// Whether an address is the entry, or lies in the range that it names.
fn in_range(entry: &str, address: IpAddr) -> bool {
    let (network, bits) = entry.split_once('/').unwrap_or((entry, "128"));
    let (Ok(network), Ok(bits)) = (network.parse::<IpAddr>(), bits.parse::<u32>()) else {
        return false;
    };
    let (network, address, width) = match (network, address) {
        (IpAddr::V4(n), IpAddr::V4(a)) => (u128::from(n.to_bits()), u128::from(a.to_bits()), 32),
        (IpAddr::V6(n), IpAddr::V6(a)) => (n.to_bits(), a.to_bits(), 128),
        _ => return false,
    };
    // A shift by the full width overflows: a range of 0 bits contains everything.
    let shift = width - bits.min(width);
    shift == 128 || (network >> shift) == (address >> shift)
}

#[cfg(test)]
mod tests {
    use super::is_exempt;

    #[test]
    fn no_proxy_covers_what_it_names() {
        for (list, host, port) in [
            ("*", "anything.example", 443),
            ("example.com", "example.com", 443),
            ("example.com", "api.example.com", 443),
            (".example.com", "api.example.com", 443),
            (".example.com", "example.com", 443),
            ("*.example.com", "api.example.com", 443),
            ("a, b , API.Example.com ", "api.example.COM", 443),
            ("a example.com", "example.com", 443),
            ("a\texample.com\n", "example.com", 443),
            ("example.com.", "example.com", 443),
            (".example.com.", "api.example.com.", 443),
            ("example.com.:8443", "example.com", 8443),
            ("example.com:8443", "example.com", 8443),
            ("127.0.0.1", "127.0.0.1", 80),
            ("127.0.0.0/8", "127.9.9.9", 80),
            ("10.0.0.0/8,192.168.1.0/24", "192.168.1.77", 80),
            ("0.0.0.0/0", "8.8.8.8", 80),
            ("::1", "::1", 80),
            ("[::1]:80", "::1", 80),
            ("fd00::/8", "fd12::1", 80),
            ("::/0", "fd12::1", 80),
            ("127.0.0.1:3000", "127.0.0.1", 3000),
        ] {
            assert!(is_exempt(list, host, port), "{list} {host} {port}");
        }
    }

    #[test]
    fn no_proxy_covers_nothing_else() {
        for (list, host, port) in [
            ("", "example.com", 443),
            (" , ", "example.com", 443),
            (".", "example.com", 443),
            ("*.", "example.com", 443),
            ("example.com", "badexample.com", 443),
            ("example.com", "example.com.evil.org", 443),
            ("example.com:8443", "example.com", 443),
            ("10.0.0.0/8", "11.0.0.1", 80),
            ("10.0.0.0/33", "11.0.0.1", 80),
            ("10.0.0.0/x", "10.0.0.1", 80),
            ("127.0.0.1", "127.0.0.11", 80),
            ("fd00::/8", "fe80::1", 80),
            ("0.0.0.0/0", "::1", 80),
        ] {
            assert!(!is_exempt(list, host, port), "{list} {host} {port}");
        }
    }
}
