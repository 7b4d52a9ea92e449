//! `--verbose`: what each attempt did, as notes. Never a token: headers and bodies are not shown
//! at all.

use std::time::Duration;

use super::Request;
use super::fault::Fault;
use super::proxy::Route;
use super::reply::Reply;
use crate::notes::Notes;

/// Writes a trace, or nothing.
pub(super) struct Trace<'a> {
    on: bool,
    notes: &'a mut dyn Notes,
}

impl<'a> Trace<'a> {
    /// A trace into the notes of a call, when it is on.
    pub(super) fn new(on: bool, notes: &'a mut dyn Notes) -> Self {
        Trace { on, notes }
    }

    /// One line of the trace.
    pub(super) fn note(&mut self, text: &str) {
        if self.on {
            self.tell(&format!("* {text}"));
        }
    }

    /// What has to be said even without a trace.
    pub(super) fn tell(&mut self, text: &str) {
        self.notes.note(text);
    }

    /// What is about to be sent, on which attempt, and by which route.
    pub(super) fn request(&mut self, request: &Request, attempt: usize, route: Option<&Route>) {
        if self.on {
            let way = match route {
                Some(route) => format!("through {}", route.label),
                None => "directly".into(),
            };
            let url = format!("{}{}", request.base.as_str(), request.path);
            self.note(&format!(
                "{} {url} (attempt {attempt}, {way})",
                request.method
            ));
        }
    }

    /// What came of it.
    pub(super) fn outcome(&mut self, outcome: &Result<Reply, Fault>, time: Duration) {
        if !self.on {
            return;
        }
        let time = time.as_millis();
        match outcome {
            Ok(reply) => {
                let id = reply.request_id().map(|id| format!(", request id {id}"));
                let (status, bytes) = (reply.status, reply.text().len());
                let id = id.unwrap_or_default();
                self.note(&format!(
                    "status {status} after {time} ms, {bytes} bytes{id}"
                ));
            }
            Err(fault) => self.note(&format!("failed after {time} ms: {}", fault.text())),
        }
    }
}
