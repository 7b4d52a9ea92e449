//! How far a server can be reached, one step at a time: for finding a fault.

use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::{BaseUrl, lookup, proxy, tls};
use crate::error::Error;

/// Time for each step.
const TIME: Duration = Duration::from_secs(10);

/// The proxy that a call goes through, without its password.
///
/// # Errors
/// A variable does not name one.
pub(crate) fn proxy_of(base: &BaseUrl) -> Result<Option<String>, Error> {
    Ok(proxy::route(base)?.map(|route| route.label))
}

/// Where the trusted certificates come from; each set is read.
///
/// # Errors
/// One that cannot be read.
pub(crate) fn certificates() -> Result<Vec<String>, Error> {
    let sets = tls::sets()?;
    let read = |set: tls::Roots| set.read().map(|_| set.source().to_owned());
    sets.into_iter().map(read).collect()
}

/// The addresses of the server.
///
/// # Errors
/// There are none.
pub(crate) fn look_up(base: &BaseUrl) -> Result<Vec<IpAddr>, Error> {
    let host = base.host.trim_matches(['[', ']']);
    let found = lookup::addresses(host, TIME).unwrap_or_default();
    match found.is_empty() {
        true => Err(Error::unreached(format!("{host} could not be looked up"))),
        false => Ok(found),
    }
}

/// A connection to one of the addresses: which one, and how long it took.
///
/// # Errors
/// None of them answers.
pub(crate) fn connect(base: &BaseUrl, addresses: &[IpAddr]) -> Result<(IpAddr, Duration), Error> {
    let mut why = String::new();
    for address in addresses {
        let start = Instant::now();
        match TcpStream::connect_timeout(&SocketAddr::new(*address, base.port()), TIME) {
            Ok(_) => return Ok((*address, start.elapsed())),
            Err(e) => why = e.to_string(),
        }
    }
    Err(Error::unreached(format!("port {}: {why}", base.port())))
}
