//! What leaves the process: results on standard output, everything else on standard error.

mod colour;
mod errors;
mod form;
mod stdout;

use std::fs::File;
use std::io::{self, IsTerminal, Write};

pub(crate) use errors::Errors;

use crate::cli::{Answer, COLOR, Go, Invocation, Part, Sink, View};
use crate::config::terminal_has_escapes;
use crate::error::Error;
use crate::json::{self, Object};
use crate::notes::Notes;
use crate::safe::masked;
use crate::view::Page;
use form::{Document, Form};
use stdout::Thrown;

/// Prints answers and notes of one call.
pub(crate) struct Printer<'a> {
    invocation: &'a Invocation,
    form: Form,
    /// The page for people, and the document for a program: a list continues in them.
    page: Page,
    document: Document,
    terminal: bool,
    /// Values, before they are printed.
    values: String,
    errors: Errors,
    status: StatusLine,
    told: Vec<String>,
    remarks: Vec<String>,
}

impl<'a> Printer<'a> {
    /// A printer for the call.
    pub(crate) fn new(invocation: &'a Invocation, errors: Errors) -> Self {
        let terminal = io::stdout().is_terminal();
        let coloured = colour::on(invocation.get(&COLOR), terminal);
        Printer {
            invocation,
            form: Form::of(invocation),
            page: Page::new(terminal && terminal_has_escapes(), 0).coloured(coloured),
            document: Document::default(),
            terminal,
            values: String::new(),
            errors,
            status: StatusLine::new(errors),
            told: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// Ends the call. People read the error first, then remarks that are not about this call; a
    /// program finds the error on the last line.
    pub(crate) fn finish(self, error: Option<&Error>) {
        let remarks = || {
            self.remarks
                .iter()
                .for_each(|remark| self.errors.note(remark))
        };
        match self.errors.are_text() {
            true => {
                error.inspect(|error| self.errors.report(error));
                remarks();
            }
            false => {
                remarks();
                error.inspect(|error| self.errors.report(error));
            }
        }
    }
}

impl Printer<'_> {
    /// Prints a summary, or JSON when there is none or the reply is not as documented.
    fn for_people(&mut self, answer: &Answer<'_>) -> Result<Go, Error> {
        // Room for labels and columns, requested up front: a process that runs out of memory
        // halfway dies without a word.
        let room = 4 * answer.text.len() + (1 << 20);
        if Vec::<u8>::new().try_reserve_exact(room).is_err() {
            return Err(Error::output(
                "the answer needs more memory than is available; --json needs the least",
            ));
        }
        let goes_on = answer.part == Part::Further;
        // An empty line separates two answers of a call.
        let between = match self.page.text() {
            "" => "",
            _ if goes_on => "",
            _ => "\n",
        };
        self.page.turn(room, goes_on);
        if answer.write(self.invocation, &mut self.page).is_some() {
            let text = format!("{between}{}", self.page.text());
            return print(answer, |out| out.write_all(text.as_bytes()));
        }
        if !matches!(answer.view, View::Json) {
            let why = match self.page.is_full() {
                true => "too long for a summary",
                false => "not as documented",
            };
            let note = format!("Note: the reply is {why}; it is shown as it came.");
            self.errors.note(&note);
        }
        match answer.shown_once {
            true => print(answer, |out| json::indent(answer.text, out)),
            false => print(answer, |out| json::indent(&masked(answer.text), out)),
        }
    }
}

impl Notes for Printer<'_> {
    fn note(&mut self, text: &str) {
        self.status.clear();
        self.errors.note(text);
    }

    fn once(&mut self, text: &str) {
        if !self.told.iter().any(|told| told == text) {
            self.told.push(text.to_owned());
            self.note(text);
        }
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
        // The API's own body is never altered where it was asked for.
        let text = match answer.ours {
            true => masked(answer.text),
            false => answer.text.into(),
        };
        match (&self.form, answer.view) {
            (Form::Values(_), View::Verbatim) => Err(Error::usage(
                "this is text, not JSON: there is no value to take from it",
            )),
            (_, View::Verbatim) => print(answer, |out| out.write_all(answer.text.as_bytes())),
            (_, View::Raw) if self.terminal => {
                let line = json::compact(answer.text) + "\n";
                print(answer, |out| out.write_all(line.as_bytes()))
            }
            (_, View::Raw) => print(answer, |out| out.write_all(answer.text.as_bytes())),
            (Form::Json | Form::Lines, View::Stream(_)) => lines(answer),
            (Form::Text, View::Stream(_)) if !self.terminal => lines(answer),
            (Form::Text, _) => self.for_people(answer),
            (Form::Json, View::List(list)) if answer.part != Part::Whole => {
                let page = self.document.page(
                    answer,
                    &Object::parse(answer.text).unwrap_or_default(),
                    list,
                );
                print(answer, |out| out.write_all(&page))
            }
            (Form::Json, _) => print(answer, |out| json::indent(&text, out)),
            (Form::Lines, _) => lines(answer),
            (Form::Values(paths), _) => {
                self.values.clear();
                form::values(paths, &text, self.terminal, &mut self.values)?;
                print(answer, |out| out.write_all(self.values.as_bytes()))
            }
        }
    }

    fn close(&mut self, cursor: &str) -> Result<(), Error> {
        if let Form::Json = self.form {
            let end = self.document.end(&json::quote(cursor), json::boolean(true));
            write(|out| out.write_all(&end)).map_err(unwritten)?;
        }
        Ok(())
    }

    fn is_read(&self) -> Result<(), Error> {
        match stdout::thrown_away() {
            Some(Thrown::ByRequest) => Err(Error::local(
                "standard output is /dev/null, and the secret would be lost; nothing was sent",
            )),
            _ => Ok(()),
        }
    }

    fn is_lost(&self) -> bool {
        stdout::thrown_away() == Some(Thrown::Closed)
    }

    fn waiting(&mut self, text: &str) -> bool {
        self.status.show(text);
        self.status.is_watched()
    }
}

/// Prints the elements of a list, one per line.
fn lines(answer: &Answer<'_>) -> Result<Go, Error> {
    let reply = Object::parse(answer.text).unwrap_or_default();
    let array = form::array(answer, &reply)?;
    print(answer, |out| json::lines(array, out))
}

/// Writes an answer to standard output. A reader that has seen enough (`| head -1`) is not a
/// failure, unless the answer contains something shown only once; a full disk is.
fn print(answer: &Answer<'_>, text: impl FnOnce(&mut File) -> io::Result<()>) -> Result<Go, Error> {
    let written = write(|out| {
        if answer.shown_once {
            stdout::takes(out, answer.text.len())?;
        }
        text(out)
    });
    match written {
        Ok(()) => Ok(Go::On),
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe && !answer.shown_once => Ok(Go::Stop),
        Err(e) => Err(unwritten(e)),
    }
}

fn write(text: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    stdout::open().and_then(|mut out| text(&mut out))
}

fn unwritten(e: io::Error) -> Error {
    Error::output(format!("could not write to standard output: {e}")).passing(true)
}

/// A line on a terminal's standard error that says what is being waited for. It is rewritten
/// in place, and leaves the cursor below it, so that an interrupt finds a clean line.
/// Elsewhere it prints nothing.
#[derive(Debug)]
struct StatusLine {
    wanted: bool,
    shown: bool,
}

impl StatusLine {
    fn new(errors: Errors) -> Self {
        StatusLine {
            wanted: errors.are_text(),
            shown: false,
        }
    }

    fn is_watched(&self) -> bool {
        self.wanted && io::stderr().is_terminal() && terminal_has_escapes()
    }

    /// Shows `text` in place of what was shown before; an empty text clears it.
    fn show(&mut self, text: &str) {
        self.clear();
        if self.is_watched() && !text.is_empty() {
            errors::line(text);
            self.shown = true;
        }
    }

    fn clear(&mut self) {
        if self.shown {
            // Up one line, erase it.
            errors::write("\u{1b}[1A\u{1b}[2K\r");
            self.shown = false;
        }
    }
}
