//! What leaves the process: results on standard output, everything else on standard error.

pub mod json;
mod page;
mod terminal;

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};

pub use page::Page;
pub use terminal::{conceal, safe, shell_word};

use crate::error::{Error, Kind};

/// Prints checked JSON, re-indented.
pub fn print_json(text: &str) -> Result<(), Error> {
    // Past std's line buffer, which would write each page in two.
    let out = io::stdout().as_fd().try_clone_to_owned().map(File::from);
    written(out.and_then(|mut out| json::indent(text, &mut out)))
}

/// Prints text that is already safe: a [`Page`], help, a version.
pub fn print(text: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    written(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// Whether a closed pipe is a failure too.
static MUST_BE_READ: AtomicBool = AtomicBool::new(false);

/// From here on output that nobody reads is an error: it holds a secret that is shown once.
pub fn must_be_read() {
    MUST_BE_READ.store(true, Ordering::Relaxed);
}

/// A reader that has read enough (`| head -1`) is no failure; a full disk is.
fn written(result: io::Result<()>) -> Result<(), Error> {
    let closed_is_fine = !MUST_BE_READ.load(Ordering::Relaxed);
    match result {
        Err(e) if !(closed_is_fine && e.kind() == io::ErrorKind::BrokenPipe) => Err(Error::local(
            format!("could not write to standard output: {e}"),
        )),
        _ => Ok(()),
    }
}

/// Whether standard output is a terminal.
pub fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Prints one line on standard error, made safe. Nothing can be done when that fails.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{}", safe(text));
}

/// Prints an error on standard error: the documented lines, then the hint.
pub fn report(error: &Error) {
    match &error.kind {
        Kind::Usage => note(&format!("Usage error: {}", error.text)),
        Kind::Refused(refusal) => {
            note(&format!(
                "OpenTrain API request failed ({} {}): {}",
                refusal.status, refusal.code, error.text
            ));
            if let Some(details) = &refusal.details {
                note(&format!("Details: {details}"));
            }
            if let Some(id) = &refusal.request_id {
                note(&format!("Request id: {id}"));
            }
        }
        Kind::Unreached(_) | Kind::Lost(_) | Kind::Local => note(&format!("Error: {}", error.text)),
        Kind::Rescue(lines) => {
            note(&format!("Error: {}", error.text));
            for line in lines {
                // The one place that prints a token: it is lost otherwise.
                let _ = writeln!(io::stderr(), "{}", terminal::escape(line));
            }
        }
    }
    if let Some(hint) = &error.hint {
        note(&format!("Hint: {hint}"));
    }
}

/// A line on a terminal's standard error that says what is being waited for. It is rewritten
/// in place, and leaves the cursor below it, so that an interrupt finds a clean line.
/// Elsewhere it prints nothing.
#[derive(Debug)]
pub struct WaitLine {
    on: bool,
    shown: bool,
}

impl WaitLine {
    /// A wait line, silent unless standard error is a terminal; `escapes` says whether terminals
    /// here know escape sequences.
    pub fn new(escapes: bool) -> Self {
        WaitLine {
            on: escapes && io::stderr().is_terminal(),
            shown: false,
        }
    }

    /// Whether anything is ever shown.
    pub fn is_on(&self) -> bool {
        self.on
    }

    /// Shows `text` in place of what was shown before.
    pub fn show(&mut self, text: &str) {
        if self.on {
            self.clear();
            note(text);
            self.shown = true;
        }
    }

    /// Takes the line away.
    pub fn clear(&mut self) {
        if self.shown {
            // Up one line, erase it.
            let _ = write!(io::stderr(), "\u{1b}[1A\u{1b}[2K\r");
            self.shown = false;
        }
    }
}
