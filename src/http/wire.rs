//! The connection of an attempt: how it is made, when it ends, and whether any of the request has
//! left on it. ureq's own connectors do the work; ours sit between them. With a CONNECT proxy the
//! chain runs twice: to the proxy, and inside that to the server.

use std::io::ErrorKind;
use std::mem;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use ureq::http::uri::Authority;
use ureq::unversioned::resolver::ResolvedSocketAddrs;
use ureq::unversioned::transport::{
    Buffers, ConnectProxyConnector, ConnectionDetails, Connector, Either, NextTimeout,
    RustlsConnector, SocksConnector, TcpConnector, Transport,
};
use ureq::{Agent, Error, Timeout};

/// Time for each address in the first round: a dead one must not cost seconds while another
/// lives (RFC 8305, section 5).
const FIRST_ROUND: Duration = Duration::from_millis(250);

/// What is known about an attempt while it is under way.
#[derive(Debug)]
pub(super) struct Wire {
    /// The server, as opposed to a proxy.
    server: Authority,
    sent: AtomicBool,
    late: AtomicBool,
    /// How many connections to the server there have been.
    connections: AtomicUsize,
}

impl Wire {
    /// An attempt to reach a server.
    pub(super) fn new(server: Authority) -> Arc<Self> {
        Arc::new(Wire {
            server,
            sent: AtomicBool::new(false),
            late: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
        })
    }

    /// Begins another attempt; returns how many connections there were before it.
    pub(super) fn begin(&self) -> usize {
        self.sent.store(false, Ordering::SeqCst);
        self.connections()
    }

    /// How many connections to the server there have been.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Whether the server may have seen any of the request.
    pub(super) fn sent(&self) -> bool {
        self.sent.load(Ordering::SeqCst)
    }

    /// Whether time ran out and the connections were shut down: what ends then only looks complete.
    pub(super) fn late(&self) -> bool {
        self.late.load(Ordering::SeqCst)
    }
}

/// Ends an attempt when its time is up, whatever the peer does: a thread that shuts the connections
/// down. (ureq gives each read of a negotiation with a proxy the full time again, and the kernel's
/// timers may overrun by an eighth.) It lasts as long as the connection, because a thread per
/// attempt would cost as much as a small page.
#[derive(Debug)]
pub(super) struct Watchdog {
    shared: Arc<Mutex<Duty>>,
    thread: Thread,
}

/// What the thread has to do.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Duty {
    /// Nothing, until it is woken.
    Sleep,
    /// Nothing; it may still be waiting for an earlier moment.
    Rest,
    /// To end the attempt at this moment.
    End(Instant),
    /// To go.
    Leave,
}

impl Watchdog {
    /// A thread for these connections. `None` where none can be started: ureq's own timeouts then
    /// have to do.
    pub(super) fn of(wire: &Arc<Wire>, agent: &Agent) -> Option<Self> {
        let (wire, agent) = (Arc::clone(wire), agent.clone());
        let shared = Arc::new(Mutex::new(Duty::Rest));
        let duty = Arc::clone(&shared);
        let watch = move || {
            loop {
                let mut duty = duty.lock().unwrap_or_else(PoisonError::into_inner);
                match *duty {
                    Duty::Leave => return,
                    Duty::Rest | Duty::Sleep => {
                        *duty = Duty::Sleep;
                        drop(duty);
                        thread::park();
                    }
                    Duty::End(moment) => {
                        drop(duty);
                        let left = moment.saturating_duration_since(Instant::now());
                        if left.is_zero() {
                            wire.late.store(true, Ordering::SeqCst);
                            return agent.shutdown();
                        }
                        thread::park_timeout(left);
                    }
                }
            }
        };
        let thread = thread::Builder::new().spawn(watch).ok()?;
        let thread = thread.thread().clone();
        Some(Watchdog { shared, thread })
    }

    /// Ends what is still running after this time, unless it is told to rest before.
    pub(super) fn end_after(&self, time: Duration) {
        // A thread waiting for an earlier moment sees the new one when that comes.
        if self.set(Duty::End(Instant::now() + time)) == Duty::Sleep {
            self.thread.unpark();
        }
    }

    /// The attempt is over.
    pub(super) fn rest(&self) {
        self.set(Duty::Rest);
    }

    fn set(&self, duty: Duty) -> Duty {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        mem::replace(&mut shared, duty)
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.set(Duty::Leave);
        self.thread.unpark();
    }
}

/// The connectors in order: a proxy, or an address of the server; then TLS.
pub(super) fn connector(wire: &Arc<Wire>) -> impl Connector<()> {
    ().chain(SocksConnector::default())
        .chain(ConnectProxyConnector::default())
        .chain(Reach(TcpConnector::default()))
        .chain(Hear)
        .chain(RustlsConnector::default())
        .chain(Watch(Arc::clone(wire)))
}

/// Tries the addresses one after another: each for a moment, then those that did not answer in that
/// moment for the rest of the time.
#[derive(Debug)]
struct Reach(TcpConnector);

impl<In: Transport> Connector<In> for Reach {
    type Out = <TcpConnector as Connector<In>>::Out;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        if chained.is_some() || details.addrs.len() < 2 {
            return self.0.connect(details, chained);
        }
        let end = Instant::now() + *details.timeout.after;
        let mut slow = Vec::new();
        let mut answered = None;
        for address in &details.addrs[..] {
            match self
                .0
                .connect(&to_one(details, *address, FIRST_ROUND), None)
            {
                Err(Error::Timeout(_)) => slow.push(*address),
                Err(error) => answered = Some(error),
                connected => return connected,
            }
        }
        for (n, address) in slow.iter().enumerate() {
            let left = end.saturating_duration_since(Instant::now());
            let share = left / u32::try_from(slow.len() - n).unwrap_or(1);
            match self.0.connect(&to_one(details, *address, share), None) {
                Err(Error::Timeout(_)) => {}
                Err(error) => answered = Some(error),
                connected => return connected,
            }
        }
        Err(answered.unwrap_or(Error::Timeout(Timeout::Connect)))
    }
}

/// The same connection to one address, within this time.
fn to_one<'a>(
    details: &ConnectionDetails<'a>,
    address: SocketAddr,
    time: Duration,
) -> ConnectionDetails<'a> {
    let mut addrs: ResolvedSocketAddrs = details.resolver.empty();
    addrs.push(address);
    let timeout = NextTimeout {
        after: time.into(),
        ..details.timeout
    };
    ConnectionDetails {
        uri: details.uri,
        addrs,
        config: details.config,
        request_level: details.request_level,
        resolver: details.resolver,
        now: (details.current_time)(),
        timeout,
        current_time: Arc::clone(&details.current_time),
        run_connector: Arc::clone(&details.run_connector),
        register_shutdown: Arc::clone(&details.register_shutdown),
    }
}

/// Lets us hear a server that answers before it has read everything, and closes: the rest of the
/// request goes nowhere, and the answer may be there to be read. If it is not, the read fails as
/// the write did.
#[derive(Debug)]
struct Hear;

impl<In: Transport> Connector<In> for Hear {
    type Out = Heard<In>;

    fn connect(
        &self,
        _: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(|inner| Heard {
            inner,
            closed: false,
        }))
    }
}

/// A transport whose peer may stop reading.
#[derive(Debug)]
struct Heard<T> {
    inner: T,
    closed: bool,
}

impl<T: Transport> Transport for Heard<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if self.closed {
            return Ok(());
        }
        match self.inner.transmit_output(amount, timeout) {
            Err(Error::Io(e)) if is_closed(e.kind()) => {
                self.closed = true;
                Ok(())
            }
            result => result,
        }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

fn is_closed(kind: ErrorKind) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    matches!(kind, BrokenPipe | ConnectionAborted | ConnectionReset)
}

/// Notes when the first byte of the request leaves for the server itself. What went before, to a
/// proxy or in a TLS handshake, contains none of it.
#[derive(Debug)]
struct Watch(Arc<Wire>);

impl<In: Transport> Connector<In> for Watch {
    type Out = Either<In, Watched<In>>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let to_server = details.uri.authority() == Some(&self.0.server);
        if to_server {
            self.0.connections.fetch_add(1, Ordering::SeqCst);
        }
        Ok(chained.map(|inner| match to_server {
            true => Either::B(Watched(inner, Arc::clone(&self.0))),
            false => Either::A(inner),
        }))
    }
}

/// A transport to the server.
#[derive(Debug)]
struct Watched<T>(T, Arc<Wire>);

impl<T: Transport> Transport for Watched<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.1.sent.store(true, Ordering::SeqCst);
        self.0.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.0.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}
