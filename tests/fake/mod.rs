//! A fake OpenTrain on tiny_http: stateful, and as strict as API.md says. Each fake has its own
//! port and state, so many can run at once. A test can read every request that arrived, change the
//! state, and script faults.

mod account;
pub(crate) mod hiring;
mod jobs;
pub(crate) mod money;
pub(crate) mod state;
mod sum;
pub(crate) mod talk;
pub(crate) mod verify;

use std::collections::VecDeque;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
pub(crate) use state::State;
use tiny_http::{Header, Request, Response, Server};

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub method: String,
    /// Path, still encoded, without the query.
    pub path: String,
    /// Query parameters, decoded, in order.
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Recorded {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, v)| v.as_str())
    }

    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    /// `POST /api/public/v1/job-drafts`.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Path segments after the API's prefix, decoded.
    fn segments(&self) -> Vec<String> {
        let path = self
            .path
            .strip_prefix("/api/public/v1")
            .unwrap_or(&self.path);
        path.split('/')
            .filter(|s| !s.is_empty())
            .map(decode)
            .collect()
    }
}

/// What the fake answers.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub body: String,
    pub headers: Vec<(&'static str, String)>,
}

impl Answer {
    pub(crate) fn ok(body: Value) -> Self {
        Self::with(200, body)
    }

    pub(crate) fn with(status: u16, body: Value) -> Self {
        Answer {
            status,
            body: body.to_string(),
            headers: Vec::new(),
        }
    }

    /// The documented error envelope.
    pub(crate) fn error(status: u16, message: &str, details: Value) -> Self {
        let code = match status {
            400 => "BAD_REQUEST",
            401 => "UNAUTHORIZED",
            402 => "PAYMENT_REQUIRED",
            403 => "FORBIDDEN",
            404 => "NOT_FOUND",
            409 => "CONFLICT",
            429 => "RATE_LIMITED",
            _ => "INTERNAL_ERROR",
        };
        let mut body = json!({"error": message, "code": code, "requestId": "req-fake-1"});
        if !details.is_null() {
            body["details"] = details;
        }
        Self::with(status, body)
    }

    /// The shape of the agent endpoints.
    pub(crate) fn oauth(status: u16, error: &str, description: &str) -> Self {
        Self::with(
            status,
            json!({"error": error, "error_description": description}),
        )
    }
}

/// What goes wrong with one request.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Nothing: the request is answered as usual.
    Pass,
    /// This answer instead of the usual one.
    Answer(Answer),
    /// The usual answer, late.
    Delay(Duration),
    /// The usual answer is made at once, and sent when this is let go.
    Held(Arc<AtomicBool>),
    /// The usual answer is made, but only half of its body is sent.
    Cut,
    /// The connection is closed without an answer; the request has taken effect.
    Drop,
}

impl Fault {
    pub(crate) fn status(status: u16) -> Self {
        Fault::Answer(Answer::error(status, "scripted fault", Value::Null))
    }

    pub(crate) fn body(status: u16, body: &str) -> Self {
        Fault::Answer(Answer {
            status,
            body: body.to_owned(),
            headers: Vec::new(),
        })
    }

    /// An answer that is held, and what lets it go.
    pub(crate) fn held() -> (Self, Arc<AtomicBool>) {
        let let_go = Arc::new(AtomicBool::new(false));
        (Fault::Held(Arc::clone(&let_go)), let_go)
    }

    pub(crate) fn slow_down() -> Self {
        Fault::Answer(Answer::oauth(400, "slow_down", "Too fast"))
    }
}

/// What a client promises beyond what the server requires: says what a request breaks.
pub(crate) type Promises = fn(&Recorded) -> Option<String>;

struct Shared {
    server: Server,
    state: Mutex<State>,
    requests: Mutex<Vec<Recorded>>,
    promises: Promises,
    broken: Mutex<Vec<String>>,
    /// Body of the last answer that went out as usual.
    answered: Mutex<String>,
    /// `METHOD /path` with the faults of the next requests to it.
    faults: Mutex<Vec<(String, VecDeque<Fault>)>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A test that failed while holding the lock has already said so.
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// A running fake. Dropping it stops it, and fails the test if a request broke a promise.
pub(crate) struct Fake {
    pub url: String,
    shared: Arc<Shared>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Fake {
    /// A server on a port of its own, for a client that keeps its promises.
    pub(crate) fn start(promises: Promises) -> Self {
        Self::start_at("127.0.0.1:0", promises)
    }

    /// The same at an address.
    pub(crate) fn start_at(address: &str, promises: Promises) -> Self {
        let server = Server::http(address).expect("a free port");
        let address = server.server_addr().to_ip().expect("an IP address");
        let shared = Arc::new(Shared {
            server,
            state: Mutex::new(State::new()),
            requests: Mutex::default(),
            promises,
            broken: Mutex::default(),
            answered: Mutex::default(),
            faults: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        let thread = thread::spawn(move || {
            while let Ok(request) = serving.server.recv() {
                let shared = Arc::clone(&serving);
                thread::spawn(move || serve(&shared, request));
            }
        });
        Fake {
            url: format!("http://{address}"),
            shared,
            thread: Some(thread),
        }
    }

    /// Every request so far, in order of arrival.
    pub(crate) fn requests(&self) -> Vec<Recorded> {
        locked(&self.shared.requests).clone()
    }

    /// `METHOD /path` of every request so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.requests().iter().map(Recorded::line).collect()
    }

    /// The last request.
    pub(crate) fn last(&self) -> Recorded {
        self.requests().pop().expect("a request has arrived")
    }

    /// Forgets the requests so far.
    pub(crate) fn forget(&self) {
        locked(&self.shared.requests).clear();
    }

    /// Changes or reads the state.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut locked(&self.shared.state))
    }

    /// Scripts the next requests to `line` (`METHOD /path`), one fault each.
    pub(crate) fn script(&self, line: &str, faults: impl IntoIterator<Item = Fault>) {
        locked(&self.shared.faults).push((line.to_owned(), faults.into_iter().collect()));
    }
}

impl Fake {
    /// The body of the last usual answer.
    pub(crate) fn answered(&self) -> String {
        locked(&self.shared.answered).clone()
    }

    /// Forgets scripted faults that no request has met.
    pub(crate) fn unscript(&self) {
        locked(&self.shared.faults).clear();
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.shared.server.unblock();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let broken = locked(&self.shared.broken).clone();
        if !thread::panicking() {
            assert!(broken.is_empty(), "broken promises: {broken:#?}");
        }
    }
}

fn serve(shared: &Shared, mut request: Request) {
    let mut body = Vec::new();
    let _ = request.as_reader().read_to_end(&mut body);
    let recorded = record(&request, &body);
    if let Some(why) = (shared.promises)(&recorded) {
        locked(&shared.broken).push(format!("{}: {why}", recorded.line()));
    }
    locked(&shared.requests).push(recorded.clone());
    let fault = next_fault(shared, &recorded.line());
    if let Fault::Answer(answer) = fault {
        return respond(request, answer);
    }
    let answer = match malformed(&recorded) {
        Some(why) => Answer::error(400, why, Value::Null),
        None => route(&mut locked(&shared.state), &recorded),
    };
    *locked(&shared.answered) = answer.body.clone();
    match fault {
        Fault::Delay(time) => {
            thread::sleep(time);
            respond(request, answer);
        }
        Fault::Held(let_go) => {
            // A test that failed lets nothing go, and its server has to end all the same.
            let end = Instant::now() + Duration::from_secs(60);
            while !let_go.load(Ordering::SeqCst) && Instant::now() < end {
                thread::sleep(Duration::from_millis(2));
            }
            respond(request, answer);
        }
        Fault::Drop => drop(request.into_writer()),
        Fault::Cut => cut(request, &answer),
        _ => respond(request, answer),
    }
}

fn next_fault(shared: &Shared, line: &str) -> Fault {
    let mut faults = locked(&shared.faults);
    let queue = faults
        .iter_mut()
        .find(|(l, queue)| l == line && !queue.is_empty());
    queue
        .and_then(|(_, queue)| queue.pop_front())
        .unwrap_or(Fault::Pass)
}

fn respond(request: Request, answer: Answer) {
    let mut response = Response::from_string(answer.body).with_status_code(answer.status);
    let mut headers = vec![("Content-Type", "application/json".to_owned())];
    headers.extend(answer.headers);
    for (name, value) in headers {
        response.add_header(Header::from_bytes(name, value).expect("a header"));
    }
    let _ = request.respond(response);
}

/// Promises the whole body and sends half of it. The client asks for the connection to be
/// closed, so the end of the writer is the end of the connection.
fn cut(request: Request, answer: &Answer) {
    let mut writer = request.into_writer();
    let half = answer.body.get(..answer.body.len() / 2).unwrap_or_default();
    let length = answer.body.len();
    let _ = write!(
        writer,
        "HTTP/1.1 {} Cut\r\nContent-Length: {length}\r\n\r\n{half}",
        answer.status
    );
}

fn record(request: &Request, body: &[u8]) -> Recorded {
    let url = request.url();
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let query = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect();
    let headers = request.headers().iter();
    Recorded {
        method: request.method().to_string(),
        path: path.to_owned(),
        query,
        headers: headers
            .map(|h| (h.field.to_string(), h.value.to_string()))
            .collect(),
        body: String::from_utf8_lossy(body).into_owned(),
    }
}

/// Percent-decoding; a `+` stays a plus, as our client never sends one for a space.
pub(crate) fn decode(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let hex: String = match byte {
            b'%' => bytes.by_ref().take(2).map(char::from).collect(),
            _ => String::new(),
        };
        out.push(u8::from_str_radix(&hex, 16).unwrap_or(byte));
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// What the server refuses at any endpoint.
fn malformed(request: &Recorded) -> Option<&'static str> {
    let form = request.path.starts_with("/api/agent/oauth/");
    let is_json = request.json().as_object().is_some();
    match request.body.is_empty() || form || is_json {
        true => None,
        false => Some("A JSON object is expected"),
    }
}

/// The paths of the API, for whoever reads its description.
fn openapi() -> Answer {
    let paths = ["/auth/me", "/jobs/mine", "/job-drafts", "/webhooks"];
    let paths: serde_json::Map<String, Value> = paths
        .into_iter()
        .map(|path| (format!("/api/public/v1{path}"), json!({})))
        .collect();
    Answer::ok(json!({
        "openapi": "3.1.0", "info": {"title": "OpenTrain Public API", "version": "v1"},
        "paths": paths,
    }))
}

fn route(state: &mut State, request: &Recorded) -> Answer {
    if request.line() == "GET /api/public/v1/openapi.json" {
        return openapi();
    }
    let segments = request.segments();
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    let routes = [
        account::route,
        jobs::route,
        hiring::route,
        talk::route,
        money::route,
        verify::route,
    ];
    for route in routes {
        match route(state, request, &parts) {
            Ok(Some(answer)) | Err(answer) => return answer,
            Ok(None) => {}
        }
    }
    Answer::error(404, "No such endpoint", Value::Null)
}
