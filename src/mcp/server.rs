//! Requests and answers: the opening in both eras, the list of tools, concurrent calls.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::call::{self, Caller, Returned};
use super::message::{self, BAD_PARAMS, Era, Line, NO_JSON, NO_METHOD, NO_REQUEST, Reply, Request};
use super::pipe::{self, Input};
use super::tool::{self, Tool};
use super::{given, spell};
use crate::cli::{Flag, Table};
use crate::config;
use crate::error::Error;
use crate::json::{self, Object};
use crate::step::Spell;

/// How many calls run at the same time.
const AT_ONCE: usize = 8;
/// Calls that wait for their turn.
const MOST_WAITING: usize = 1000;
/// How long calls that are open at the end of input may continue: a client waits two seconds.
const GRACE: Duration = Duration::from_millis(800);

/// What a process offers.
pub(crate) struct Offer {
    /// The commands.
    pub table: Table,
    /// How a next step is written.
    pub spell: Spell,
    /// What a model reads first, with commands between backticks.
    pub instructions: &'static str,
    /// Only tools that read.
    pub read_only: bool,
    /// Only tools of these namespaces, where there are any.
    pub namespaces: Vec<String>,
    /// Flags of this call that apply to each tool call.
    pub flags: Vec<(&'static Flag, String)>,
}

/// Serves until the input ends, or the client is gone.
pub(crate) fn serve(offer: Offer) {
    config::serve();
    let server = Arc::new(Server {
        tools: tool::offered(offer.table, offer.read_only, &offer.namespaces),
        offer,
        state: Mutex::default(),
        changed: Condvar::new(),
    });
    let front = Arc::clone(&server);
    // A process that cannot start threads does one thing after another.
    let aside = thread::Builder::new().spawn(move || front.front()).is_ok();
    let mut input = io::stdin().lock();
    while let Some(next) = pipe::next(&mut input) {
        match aside {
            true => server.change(|state| state.lines.push_back(next)),
            false => server.take(next),
        }
    }
    server.end();
}

/// The process as a server.
struct Server {
    offer: Offer,
    tools: Vec<Tool>,
    state: Mutex<State>,
    changed: Condvar,
}

/// What is going on.
#[derive(Debug, Default)]
struct State {
    /// Lines that nobody has looked at yet, and whether somebody is looking at one.
    lines: VecDeque<Input>,
    looking: bool,
    /// Calls that wait for their turn.
    waiting: VecDeque<Call>,
    /// Threads that carry out calls.
    threads: usize,
    /// Ids of calls without an answer yet, and where their cancellation is noted.
    open: Vec<(String, Arc<AtomicBool>)>,
    /// No more lines will follow.
    ended: bool,
}

/// A call of a tool.
#[derive(Debug)]
struct Call {
    reply: Reply,
    /// Its parameters, as JSON.
    params: String,
    cancelled: Arc<AtomicBool>,
}

impl Server {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let changed = change(&mut self.state());
        self.changed.notify_all();
        changed
    }

    /// Looks at the lines, one after another.
    fn front(self: Arc<Self>) {
        let mut state = self.state();
        loop {
            while let Some(line) = state.lines.pop_front() {
                state.looking = true;
                drop(state);
                self.take(line);
                state = self.state();
            }
            state.looking = false;
            self.changed.notify_all();
            if state.ended {
                return;
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits briefly for open calls.
    fn end(&self) {
        self.change(|state| state.ended = true);
        let is_busy =
            |state: &mut State| state.looking || state.threads > 0 || !state.lines.is_empty();
        // Whatever is still open after that is dropped: nobody would read its answer.
        let _ = self
            .changed
            .wait_timeout_while(self.state(), GRACE, is_busy);
    }

    /// Carries out what a line asks for.
    fn take(self: &Arc<Self>, input: Input) {
        let line = match input {
            Input::TooLong => {
                let refusal = message::error(None, NO_REQUEST, "the line is too long", None);
                return pipe::send(&refusal, false);
            }
            Input::Line(line) => line,
        };
        let Ok(line) = str::from_utf8(&line) else {
            let refusal = message::error(None, NO_JSON, "the line is not valid UTF-8", None);
            return pipe::send(&refusal, false);
        };
        let line = line.trim();
        if line.is_empty() {
            return;
        }
        match message::read(line) {
            Line::Request(request) => self.answer(request),
            Line::Notification { method, params } if method == "notifications/cancelled" => {
                self.cancel(&params);
            }
            Line::Notification { .. } | Line::Nothing => {}
            Line::Refused(refusal) => pipe::send(&refusal, false),
        }
    }

    fn answer(self: &Arc<Self>, request: Request) {
        let Request {
            method,
            params,
            reply,
        } = request;
        let answer = match (method.as_str(), reply.era) {
            ("initialize", Era::Legacy) => reply.result(self.opening(&params)),
            ("ping", Era::Legacy) => reply.result(Object::default()),
            ("server/discover", Era::Modern) => reply.lasting_result(self.discovery()),
            ("server/discover", Era::Legacy) => {
                reply.error(BAD_PARAMS, "`params._meta` names no protocol version")
            }
            ("tools/list", _) => self.list(&params, &reply),
            ("tools/call", _) => return self.call(params, reply),
            _ => reply.error(NO_METHOD, &format!("no method `{method}`")),
        };
        pipe::send(&answer, false);
    }

    /// What both openings say.
    fn greeting(&self) -> Object<'static> {
        let mut greeting = Object::default();
        greeting.set("capabilities", "{\"tools\":{}}");
        let instructions = spell::with_tools(self.offer.table, self.offer.instructions);
        greeting.set("instructions", json::quote(&instructions));
        greeting
    }

    fn opening(&self, params: &str) -> Object<'static> {
        let params = Object::parse(params).unwrap_or_default();
        let mut opening = self.greeting();
        let version = message::agreed(params.get("protocolVersion"));
        opening.set("protocolVersion", json::quote(version));
        opening.set("serverInfo", message::server_info().to_string());
        opening
    }

    fn discovery(&self) -> Object<'static> {
        let mut discovery = self.greeting();
        discovery.set("supportedVersions", message::stateless_versions());
        discovery
    }

    /// All tools, in one page.
    fn list(&self, params: &str, reply: &Reply) -> String {
        let params = Object::parse(params).unwrap_or_default();
        if !params.get("cursor").is_null() {
            return reply.error(BAD_PARAMS, "there is one page: no cursor leads to another");
        }
        let mut list = Object::default();
        list.set("tools", tool::listed(self.offer.table, &self.tools));
        reply.lasting_result(list)
    }

    /// Makes sure that a call is carried out, now or in its turn.
    fn call(self: &Arc<Self>, params: String, reply: Reply) {
        let cancelled = Arc::new(AtomicBool::new(false));
        let id = reply.id.clone();
        let call = Call {
            reply,
            params,
            cancelled: Arc::clone(&cancelled),
        };
        let mut state = self.state();
        if state.waiting.len() >= MOST_WAITING {
            drop(state);
            let busy = Error::local(format!(
                "{MOST_WAITING} calls are already waiting; nothing was sent"
            ));
            let refused = call::refused(&busy.passing(true));
            return pipe::send(&call.reply.result(refused.result), false);
        }
        state.open.push((id, cancelled));
        state.waiting.push_back(call);
        if state.threads == AT_ONCE {
            return;
        }
        state.threads += 1;
        drop(state);
        let server = Arc::clone(self);
        if thread::Builder::new().spawn(move || server.work()).is_err() {
            self.work();
        }
    }

    /// Carries out calls until none is waiting.
    fn work(&self) {
        loop {
            let next = self.change(|state| {
                let next = state.waiting.pop_front();
                state.threads -= usize::from(next.is_none());
                next
            });
            match next {
                Some(call) => self.perform(&call),
                None => return,
            }
        }
    }

    fn perform(&self, call: &Call) {
        let is_cancelled = || call.cancelled.load(Ordering::Relaxed);
        let outcome = match is_cancelled() {
            true => None,
            false => Some(self.outcome(call)),
        };
        let answer = outcome.map(|outcome| match outcome {
            Ok(Returned { result, shown_once }) => (call.reply.result(result), shown_once),
            Err(why) => (call.reply.error(BAD_PARAMS, &why), false),
        });
        self.change(|state| {
            let of_this = |cancelled: &Arc<AtomicBool>| Arc::ptr_eq(cancelled, &call.cancelled);
            state.open.retain(|(_, cancelled)| !of_this(cancelled));
        });
        match answer {
            Some((answer, true)) if is_cancelled() => pipe::rescue(&answer),
            Some((answer, shown_once)) if !is_cancelled() => pipe::send(&answer, shown_once),
            _ => {}
        }
    }

    /// The outcome of a call; an error says what is wrong with its parameters.
    fn outcome(&self, call: &Call) -> Result<Returned, String> {
        let params = Object::parse(&call.params).unwrap_or_default();
        let name = params.get("name");
        let name = name.string().ok_or("`name` must be the name of a tool")?;
        let tool = self.tools.iter().find(|tool| tool.name == name);
        let tool = tool.ok_or_else(|| format!("Unknown tool: {name}"))?;
        let arguments = params.get("arguments");
        let arguments = match arguments.is_null() {
            true => Object::default(),
            false => arguments.object().ok_or("`arguments` must be an object")?,
        };
        let mut invocation = match given::invocation(self.offer.table, tool, &arguments) {
            Ok(invocation) => invocation,
            Err(why) => {
                let wrong = Error::usage(format!("wrong arguments: {why}; nothing was sent"));
                return Ok(call::refused(&wrong));
            }
        };
        for (flag, value) in &self.offer.flags {
            invocation.set(flag, value);
        }
        let meta = params.get("_meta").object().unwrap_or_default();
        let token = meta.get("progressToken");
        let caller = Caller {
            spell: self.offer.spell,
            cancelled: &call.cancelled,
            progress: message::is_id(token).then(|| token.raw().to_owned()),
            send: &|line| pipe::send(line, false),
        };
        Ok(call::run(&invocation, &caller))
    }

    /// Notes that the answer to a request is no longer wanted.
    fn cancel(&self, params: &str) {
        let params = Object::parse(params).unwrap_or_default();
        let id = params.get("requestId").raw();
        for (open, cancelled) in &self.state().open {
            if open == id {
                cancelled.store(true, Ordering::Relaxed);
            }
        }
    }
}
