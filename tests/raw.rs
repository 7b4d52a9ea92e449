//! A scripted server on a bare socket, for what tiny_http is too polite to do, and a SOCKS
//! proxy of a few lines.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What the server does once a complete request has arrived.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Send(Vec<u8>),
    /// Keeps the connection open without a word, longer than any client waits.
    Stall,
    /// Sends the same piece this many times.
    Repeat(Vec<u8>, usize),
}

pub(crate) fn send(text: &str) -> Step {
    Step::Send(text.as_bytes().to_vec())
}

/// A complete answer.
pub(crate) fn answer(status: u16, headers: &str, body: &str) -> Step {
    let length = body.len();
    send(&format!(
        "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    ))
}

/// The server: the n-th connection gets the n-th script; the last one is repeated.
pub(crate) struct Raw {
    pub url: String,
    pub port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Raw {
    pub(crate) fn start(scripts: Vec<Vec<Step>>) -> Self {
        Self::start_at("127.0.0.1:0", scripts).expect("a free port")
    }

    pub(crate) fn start_at(address: &str, scripts: Vec<Vec<Step>>) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        thread::spawn(move || {
            for (n, stream) in listener.incoming().enumerate() {
                let script = scripts
                    .get(n)
                    .or(scripts.last())
                    .cloned()
                    .unwrap_or_default();
                let log = Arc::clone(&log);
                thread::spawn(move || stream.map(|s| serve(s, &log, &script)));
            }
        });
        Ok(Raw {
            url: format!("http://{address}"),
            port: address.port(),
            requests,
        })
    }

    /// The requests so far, headers and all.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("a log").clone()
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<String>>, script: &[Step]) {
    let Some(request) = read_request(&mut stream) else {
        return;
    };
    log.lock().expect("a log").push(request);
    for step in script {
        let sent = match step {
            Step::Send(bytes) => stream.write_all(bytes),
            Step::Repeat(bytes, times) => (0..*times).try_for_each(|_| stream.write_all(bytes)),
            Step::Stall => {
                // The client has to give up: this ends when it closes the connection.
                let _ = stream.set_read_timeout(Some(Duration::from_secs(150)));
                stream.read(&mut [0; 16]).map(drop)
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

pub(crate) fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|l| {
            l.to_lowercase()
                .strip_prefix("content-length: ")
                .map(str::to_owned)
        });
        if body.len() >= length.and_then(|l| l.trim().parse().ok()).unwrap_or(0) {
            return Some(text);
        }
    }
}

/// Serves each connection in its own way, on its own thread; returns the address and the number of
/// connections so far.
pub(crate) fn listen(
    serve: impl Fn(TcpStream) + Send + Sync + 'static,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (serve, count) = (Arc::new(serve), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&count);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::SeqCst);
            let serve = Arc::clone(&serve);
            thread::spawn(move || serve(stream));
        }
    });
    (address, count)
}

/// A SOCKS5 proxy without authentication; returns its port and what it was asked for.
pub(crate) fn socks5() -> (u16, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let (address, _) = listen(move |stream| {
        relay(stream, &log);
    });
    (address.port(), asked)
}

fn relay(mut client: TcpStream, log: &Mutex<Vec<String>>) -> Option<()> {
    let mut take = |n: usize| {
        let mut bytes = vec![0; n];
        client.read_exact(&mut bytes).ok().map(|()| bytes)
    };
    let methods = take(2)?[1];
    take(methods as usize)?;
    client.write_all(&[5, 0]).ok()?;
    let mut take = |n: usize| {
        let mut bytes = vec![0; n];
        client.read_exact(&mut bytes).ok().map(|()| bytes)
    };
    let kind = take(4)?[3];
    let host = match kind {
        1 => take(4)?
            .iter()
            .map(u8::to_string)
            .collect::<Vec<_>>()
            .join("."),
        _ => {
            let length = take(1)?[0];
            String::from_utf8(take(length as usize)?).ok()?
        }
    };
    let port = take(2)?;
    let target = format!("{host}:{}", u16::from_be_bytes([port[0], port[1]]));
    log.lock().expect("a log").push(target.clone());
    let mut server = TcpStream::connect(&target).ok()?;
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).ok()?;
    let (mut up, mut down) = (client.try_clone().ok()?, server.try_clone().ok()?);
    thread::spawn(move || std::io::copy(&mut up, &mut server));
    std::io::copy(&mut down, &mut client).ok()?;
    client.shutdown(std::net::Shutdown::Both).ok()
}
