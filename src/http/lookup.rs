//! Host names to addresses. The system looks names up, except for this machine's own name and where
//! musl gives up too early.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use ureq::{Error, Timeout};

use super::nameserver;
use super::url::names_this_machine;

/// How many addresses are tried at most: as many as ureq has room for.
const MOST: usize = 16;

/// Looks names up.
#[derive(Debug)]
pub(super) struct Lookup;

impl Resolver for Lookup {
    fn resolve(
        &self,
        uri: &Uri,
        _: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let port = uri.port_u16().unwrap_or(match uri.scheme_str() {
            Some("https") => 443,
            Some("http") => 80,
            _ => 1080,
        });
        let addresses = addresses(host, *timeout.after)?;
        let mut found = self.empty();
        for ip in addresses.into_iter().take(MOST) {
            found.push(SocketAddr::new(ip, port));
        }
        match found.is_empty() {
            true => Err(Error::HostNotFound),
            false => Ok(found),
        }
    }
}

/// The addresses of a host, which may be given as one.
pub(super) fn addresses(host: &str, time: Duration) -> Result<Vec<IpAddr>, Error> {
    match host.parse::<IpAddr>() {
        Ok(ip) => Ok(vec![ip]),
        // Whatever a file or a name server says about it (RFC 6761, section 6.3).
        Err(_) if names_this_machine(host) => {
            Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()])
        }
        Err(_) => look_up(host, time),
    }
}

/// Asks the system, on a separate thread: nothing else can end a look-up in time. Where no thread
/// can be started, it takes as long as it takes.
fn look_up(host: &str, time: Duration) -> Result<Vec<IpAddr>, Error> {
    let deadline = Instant::now() + time;
    let (asking, name) = (thread::current(), host.to_owned());
    let answer = Arc::new(OnceLock::new());
    let answered = Arc::clone(&answer);
    let ask = move || {
        let _ = answered.set(ask_system(&name, deadline));
        asking.unpark();
    };
    if thread::Builder::new().spawn(ask).is_err() {
        return Ok(ask_system(host, deadline)?);
    }
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match answer.get() {
            Some(Ok(addresses)) => return Ok(addresses.clone()),
            Some(Err(e)) => return Err(io::Error::new(e.kind(), e.to_string()).into()),
            None if left.is_zero() => return Err(Error::Timeout(Timeout::Resolve)),
            None => thread::park_timeout(left),
        }
    }
}

fn ask_system(host: &str, deadline: Instant) -> io::Result<Vec<IpAddr>> {
    match (host, 0).to_socket_addrs() {
        Ok(found) => Ok(alternating(found.map(|address| address.ip()))),
        // musl takes a name server's "no such name" or failure for IPv6 as the end, even when
        // the name has an IPv4 address.
        Err(error) if cfg!(target_env = "musl") => {
            let resolv_conf = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
            let found = nameserver::listed(&resolv_conf)
                .filter_map(|server| nameserver::ask(server, host, deadline))
                .find(|addresses| !addresses.is_empty());
            found.ok_or(error)
        }
        Err(error) => Err(error),
    }
}

/// The addresses with their families alternating, so that a family without a route costs one try
/// rather than one per address.
fn alternating(all: impl Iterator<Item = IpAddr>) -> Vec<IpAddr> {
    let all: Vec<IpAddr> = all.collect();
    let Some(first) = all.first().map(IpAddr::is_ipv6) else {
        return all;
    };
    let mut others = all.iter().filter(|ip| ip.is_ipv6() != first);
    let mut mixed = Vec::with_capacity(all.len());
    for ip in all.iter().filter(|ip| ip.is_ipv6() == first) {
        mixed.push(*ip);
        mixed.extend(others.next());
    }
    mixed.extend(others);
    mixed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(url: &str) -> Vec<String> {
        let timeout = NextTimeout {
            after: Duration::from_secs(10).into(),
            ..NextTimeout::default()
        };
        let found = Lookup.resolve(&url.parse().unwrap(), &Config::default(), timeout);
        found.unwrap().iter().map(|a| a.to_string()).collect()
    }

    #[test]
    fn addresses_and_this_machines_names_are_not_looked_up() {
        for (url, address) in [
            ("http://127.0.0.9:8/x", "127.0.0.9:8"),
            ("http://10.1.2.3", "10.1.2.3:80"),
            ("https://[fd00::1]", "[fd00::1]:443"),
            ("socks5://10.0.0.1", "10.0.0.1:1080"),
        ] {
            assert_eq!(resolve(url), [address], "{url}");
        }
        // No name server would know the last one.
        for host in ["localhost", "LocalHost", "localhost.", "no.such.localhost"] {
            let url = format!("http://{host}:8");
            assert_eq!(resolve(&url), ["127.0.0.1:8", "[::1]:8"], "{url}");
        }
    }

    #[test]
    fn families_take_turns_and_none_is_lost() {
        let mixed = |text: &str| {
            let all = text.split(' ').map(|ip| ip.parse().unwrap());
            let mixed: Vec<String> = alternating(all).iter().map(IpAddr::to_string).collect();
            mixed.join(" ")
        };
        assert_eq!(
            mixed("::1 ::2 ::3 1.0.0.1 1.0.0.2"),
            "::1 1.0.0.1 ::2 1.0.0.2 ::3"
        );
        assert_eq!(mixed("1.0.0.1 ::1 ::2 ::3"), "1.0.0.1 ::1 ::2 ::3");
        assert_eq!(mixed("1.0.0.1 1.0.0.2"), "1.0.0.1 1.0.0.2");
        assert!(alternating(std::iter::empty()).is_empty());
    }
}
