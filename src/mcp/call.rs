//! One call of a tool: a sink that collects what a command hands over, and the result.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{message, spell};
use crate::call;
use crate::cli::{Answer, Command, Go, Invocation, Sink, View, WAIT};
use crate::error::{Error, Failure};
use crate::json::{self, Object, Value};
use crate::notes::Notes;
use crate::safe::{escape, masked, safe};
use crate::step::{Spell, Step};
use crate::view::Page;

/// The outcome of a call.
#[derive(Debug)]
pub(super) struct Returned {
    /// The result, as the protocol wants it.
    pub result: Object<'static>,
    /// It contains a secret that is shown only once.
    pub shown_once: bool,
}

/// Who asked, and how to report progress to them.
pub(super) struct Caller<'a> {
    /// How a next step is written.
    pub spell: Spell,
    /// Set when the answer is no longer wanted.
    pub cancelled: &'a AtomicBool,
    /// The token of a caller who wants progress reports, as JSON.
    pub progress: Option<String>,
    /// Sends a line to the client.
    pub send: &'a dyn Fn(&str),
}

/// Runs a command for a caller.
pub(super) fn run(invocation: &Invocation, caller: &Caller<'_>) -> Returned {
    let mut collected = Collected {
        invocation,
        caller,
        text: String::new(),
        reply: None,
        notes: Vec::new(),
        remarks: Vec::new(),
        shown_once: false,
        told: 0,
    };
    let failed = call::run(invocation, &mut collected).err();
    collected.outcome(failed)
}

/// The result of a call that is not carried out.
pub(super) fn refused(error: &Error) -> Returned {
    let mut text = String::new();
    push_error(&mut text, error);
    let mut result = Object::default();
    result.set("error", error.to_object().to_string());
    finished(&text, &result, true)
}

/// What a command has handed over so far.
struct Collected<'a> {
    invocation: &'a Invocation,
    caller: &'a Caller<'a>,
    /// As shown to a person.
    text: String,
    /// As JSON.
    reply: Option<String>,
    notes: Vec<String>,
    remarks: Vec<String>,
    shown_once: bool,
    /// How many progress reports the caller got.
    told: u64,
}

impl Collected<'_> {
    fn outcome(mut self, failed: Option<Error>) -> Returned {
        let command = self.invocation.command;
        self.notes.append(&mut self.remarks);
        let mut shown_once = self.shown_once;
        let mut result = match &self.reply {
            // Anything but an object is wrapped in one under a key: clients accept nothing else.
            Some(reply) if Object::parse(reply).is_none() => {
                let mut whole = Object::default();
                whole.set("reply", reply.clone());
                whole
            }
            Some(reply) => Object::parse(reply).unwrap_or_default().into_owned(),
            None => Object::default(),
        };
        let mut is_error = failed.is_some();
        if let Some(mut error) = failed {
            retell(&mut error, command, self.caller);
            shown_once |= !error.secrets().is_empty();
            // The state is known: a wait that ended without a decision is not an error.
            let is_news = matches!(error.failure, Failure::Local | Failure::Unmet);
            if is_news && self.reply.is_some() && self.invocation.has(&WAIT) {
                is_error = false;
                let hint = error.hint.map(|hint| format!("; {hint}"));
                let hint = hint.unwrap_or_default();
                self.notes.push(format!("Note: {}{hint}.", error.text));
            } else {
                push_error(&mut self.text, &error);
                result.set("error", masked(&error.to_object().to_string()).into_owned());
            }
        }
        let notes: Vec<String> = self
            .notes
            .iter()
            .map(|note| safe(&spell::with_arguments(command, note)).into_owned())
            .collect();
        for note in &notes {
            self.text.push_str(&format!("{note}\n"));
        }
        if !notes.is_empty() && result.get("notes").is_null() {
            result.set("notes", json::quote_all(&notes));
        }
        Returned {
            shown_once,
            ..finished(&self.text, &result, is_error)
        }
    }
}

/// The result with this text, and the same as an object.
fn finished(text: &str, structured: &Object<'_>, is_error: bool) -> Returned {
    let mut content = Object::default();
    content.set("type", json::quote("text"));
    content.set("text", json::quote(text.trim_end()));
    let mut result = Object::default();
    result.set("content", format!("[{content}]"));
    // On one line, as the protocol wants it.
    let structured = json::compact(&structured.to_string());
    result.set("structuredContent", structured);
    if is_error {
        result.set("isError", json::boolean(true));
    }
    Returned {
        result,
        shown_once: false,
    }
}

/// Names tools and arguments in an error instead of commands and flags; what the server said stays
/// as it is.
fn retell(error: &mut Error, command: &Command, caller: &Caller<'_>) {
    if !matches!(error.failure, Failure::Refused(_) | Failure::Lost(_)) {
        error.text = spell::with_arguments(command, &error.text);
    }
    if let Some(hint) = &mut error.hint {
        hint.spell(caller.spell, &|text| spell::with_arguments(command, text));
    }
}

/// The full error in words: a model sees only the text of an error.
fn push_error(text: &mut String, error: &Error) {
    let mut lines = error.lines().into_iter();
    let first = lines.next().unwrap_or_default();
    text.push_str(&format!("{}\n", safe(&first)));
    for secret in error.secrets() {
        text.push_str(&format!("{}\n", escape(secret)));
    }
    for line in lines {
        text.push_str(&format!("{}\n", safe(&line)));
    }
    let object = error.to_object();
    let verdict = [("class", "class"), ("effect", "effect"), ("retry", "retry")];
    let verdict = verdict
        .iter()
        .filter_map(|(key, label)| Some(format!("{label}: {}", object.text(key)?)));
    text.push_str(&format!("{}\n", verdict.collect::<Vec<_>>().join(", ")));
}

impl Notes for Collected<'_> {
    fn note(&mut self, text: &str) {
        self.notes.push(text.to_owned());
    }

    fn once(&mut self, text: &str) {
        if !self.notes.iter().any(|known| known == text) {
            self.note(text);
        }
    }

    fn remark(&mut self, text: &str) {
        if !self.remarks.iter().any(|known| known == text) {
            self.remarks.push(text.to_owned());
        }
    }

    fn spelled(&self, step: &Step) -> String {
        (self.caller.spell)(step)
    }
}

impl Sink for Collected<'_> {
    fn answer(&mut self, answer: &Answer<'_>) -> Result<Go, Error> {
        // Room for labels and columns, as on the command line.
        let room = 4 * answer.text.len() + (1 << 20);
        let mut page = Page::new(false, room).spelling(self.caller.spell);
        let text = match answer.shown_once {
            true => answer.text.into(),
            false => masked(answer.text),
        };
        self.shown_once |= answer.shown_once;
        // What was said before the wait is old news after it.
        if self.invocation.has(&WAIT) {
            self.text.clear();
        }
        if answer.write(self.invocation, &mut page).is_some() {
            self.text.push_str(page.text());
        } else {
            if !matches!(answer.view, View::Json) {
                self.note("Note: the reply is not as documented; it is shown as it came.");
            }
            self.text.push_str(&format!("{}\n", json::compact(&text)));
        }
        self.reply = Some(Value::parse(&text).map_or("null", Value::raw).to_owned());
        Ok(Go::On)
    }

    fn close(&mut self, _: &str) -> Result<(), Error> {
        Ok(())
    }

    fn is_read(&self) -> Result<(), Error> {
        Ok(())
    }

    fn waiting(&mut self, text: &str) -> bool {
        let Some(token) = &self.caller.progress else {
            return false;
        };
        if !text.is_empty() && self.is_wanted() {
            self.told += 1;
            (self.caller.send)(&message::progress(token, self.told, text));
        }
        true
    }

    fn is_wanted(&self) -> bool {
        !self.caller.cancelled.load(Ordering::Relaxed)
    }
}
