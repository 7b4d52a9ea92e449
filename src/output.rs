//! What leaves the process: results on standard output, everything else on standard error.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;

use crate::cli::{Answer, Go, Invocation, Sink, View};
use crate::config::terminal_has_escapes;
use crate::error::{Error, Failure};
use crate::json;
use crate::notes::Notes;
use crate::safe::{escape, safe};
use crate::view::Page;

/// Prints answers and notes of one call.
#[derive(Debug)]
pub(crate) struct Printer<'a> {
    invocation: &'a Invocation,
    status: StatusLine,
    remarks: Vec<String>,
}

impl<'a> Printer<'a> {
    /// A printer for the call.
    pub(crate) fn new(invocation: &'a Invocation) -> Self {
        Printer {
            invocation,
            status: StatusLine::default(),
            remarks: Vec::new(),
        }
    }

    /// Prints what is no news about the call, after everything else.
    pub(crate) fn finish(self) {
        self.remarks.iter().for_each(|remark| line(remark));
    }
}

impl Notes for Printer<'_> {
    fn note(&mut self, text: &str) {
        self.status.clear();
        line(text);
    }

    fn remark(&mut self, text: &str) {
        if !self.remarks.iter().any(|known| known == text) {
            self.remarks.push(text.to_owned());
        }
    }
}

impl Sink for Printer<'_> {
    fn answer(&mut self, answer: &Answer<'_>) -> Result<Go, Error> {
        self.status.clear();
        if let View::Verbatim = answer.view {
            return print(answer, |out| out.write_all(answer.text.as_bytes()));
        }
        if !self.invocation.json() {
            let mut page = Page::new(io::stdout().is_terminal() && terminal_has_escapes());
            if answer.write(self.invocation, &mut page).is_some() {
                return print(answer, |out| out.write_all(page.text().as_bytes()));
            }
            if !matches!(answer.view, View::Json) {
                line("Note: the reply is not as documented; it is shown as it came.");
            }
        }
        print(answer, |out| json::indent(answer.text, out))
    }

    fn waiting(&mut self, text: &str) -> bool {
        self.status.show(text);
        self.status.is_watched()
    }
}

/// Writes an answer to standard output. A reader that has read enough (`| head -1`) is no
/// failure, unless the answer holds what is shown only once; a full disk is one.
fn print(
    answer: &Answer<'_>,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<Go, Error> {
    // Past std's line buffer, which would write each page in two.
    let out = io::stdout().as_fd().try_clone_to_owned().map(File::from);
    match out.and_then(|mut out| write(&mut out)) {
        Ok(()) => Ok(Go::On),
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe && !answer.shown_once => Ok(Go::Stop),
        Err(e) => Err(Error::local(format!(
            "could not write to standard output: {e}"
        ))),
    }
}

/// Prints one line on standard error, made safe.
pub(crate) fn line(text: &str) {
    write_error(&format!("{}\n", safe(text)));
}

/// Writes to standard error at once, so that no interrupt and no other process comes between.
/// Nothing can be done when that fails.
fn write_error(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Prints an error on standard error: the documented lines, then the hint.
pub(crate) fn report(error: &Error) {
    match &error.failure {
        Failure::Usage => line(&format!("Usage error: {}", error.text)),
        Failure::Refused(refusal) => {
            line(&format!(
                "OpenTrain API request failed ({} {}): {}",
                refusal.status, refusal.code, error.text
            ));
            if let Some(details) = &refusal.details {
                line(&format!("Details: {details}"));
            }
            if let Some(id) = &refusal.request_id {
                line(&format!("Request id: {id}"));
            }
        }
        Failure::Unreached(_) | Failure::Lost(_) | Failure::Local => {
            line(&format!("Error: {}", error.text));
        }
        Failure::Rescue(lines) => {
            line(&format!("Error: {}", error.text));
            for line in lines {
                // The one place that prints a token: it is lost otherwise.
                write_error(&format!("{}\n", escape(line)));
            }
        }
    }
    if let Some(hint) = &error.hint {
        line(&format!("Hint: {hint}"));
    }
}

/// A line on a terminal's standard error that says what is being waited for. It is rewritten
/// in place, and leaves the cursor below it, so that an interrupt finds a clean line.
/// Elsewhere it prints nothing.
#[derive(Debug, Default)]
struct StatusLine {
    shown: bool,
}

impl StatusLine {
    fn is_watched(&self) -> bool {
        io::stderr().is_terminal() && terminal_has_escapes()
    }

    /// Shows `text` in place of what was shown before; an empty one leaves nothing.
    fn show(&mut self, text: &str) {
        self.clear();
        if self.is_watched() && !text.is_empty() {
            line(text);
            self.shown = true;
        }
    }

    fn clear(&mut self) {
        if self.shown {
            // Up one line, erase it.
            write_error("\u{1b}[1A\u{1b}[2K\r");
            self.shown = false;
        }
    }
}
