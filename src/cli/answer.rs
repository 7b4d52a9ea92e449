//! What a command hands over, and to whom.

use std::fmt;

use super::{CURSOR, Invocation, SINCE};
use crate::error::Error;
use crate::json::Object;
use crate::notes::Notes;
use crate::view::{List, More, Page};

/// One answer of a command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer<'a> {
    /// The API's own text: one JSON value. (Of [`View::Verbatim`] the text itself.)
    pub text: &'a str,
    /// How a person reads it.
    pub view: View<'a>,
    /// It holds a secret that is shown only now: nobody reading it is an error.
    pub shown_once: bool,
    /// Its text is made here and not the API's own: no secret is in it.
    pub ours: bool,
    /// Which part of a list it is, when the list is followed.
    pub part: Part,
    /// Nothing of the list follows.
    pub is_last: bool,
}

/// A part of a list that is followed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Part {
    /// All that was asked for.
    Whole,
    /// The first page.
    First,
    /// A page after the first.
    Further,
}

/// How a person reads an answer.
#[derive(Clone, Copy)]
pub(crate) enum View<'a> {
    /// As JSON; there is no other form.
    Json,
    /// As it stands: text that is no JSON, such as help. It is safe for a terminal.
    Verbatim,
    /// As it stands, to the byte and without a line's end, for a program that reads bytes: JSON of
    /// a server. On a terminal its hidden characters are escapes, and the line ends.
    Raw,
    /// As a page that a function writes.
    Summary(Summary<'a>),
    /// As a list.
    List(List),
    /// As a part of a list without end: rows on a terminal, else lines of JSON.
    Stream(List),
}

/// Writes an object of the API as a page for a person. `None` when the reply is not what is
/// documented; it is then shown as JSON instead.
pub(super) type Summary<'a> =
    &'a (dyn Fn(&Invocation, &Object<'_>, &mut Page) -> Option<()> + Sync);

/// Whoever made the call: takes its answers, one after another, and its notes.
pub(crate) trait Sink: Notes {
    /// Takes an answer, and says whether to go on with another one.
    ///
    /// # Errors
    /// It could not be put where it belongs.
    fn answer(&mut self, answer: &Answer<'_>) -> Result<Go, Error>;

    /// Ends a list that is followed before its end: it goes on at this cursor.
    ///
    /// # Errors
    /// As of an answer.
    fn close(&mut self, cursor: &str) -> Result<(), Error>;

    /// Says whether a secret would be read by anybody.
    ///
    /// # Errors
    /// It would not.
    fn is_read(&self) -> Result<(), Error>;

    /// Whether answers go nowhere, though nobody asked for that: none of them is delivered.
    fn is_lost(&self) -> bool {
        false
    }

    /// Says what is being waited for, in place of what it said before; empty when the wait is
    /// over. Returns whether anybody is watching.
    fn waiting(&mut self, text: &str) -> bool;

    /// Whether anybody still wants the answer; if not, no further request is sent for it.
    fn is_wanted(&self) -> bool {
        true
    }
}

/// Whether another answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Go {
    /// It is.
    On,
    /// Nobody reads any more.
    Stop,
}

impl<'a> Answer<'a> {
    /// An answer in JSON.
    pub(crate) fn new(text: &'a str, view: View<'a>) -> Self {
        Answer {
            text,
            view,
            shown_once: false,
            ours: false,
            part: Part::Whole,
            is_last: true,
        }
    }

    /// A page of a list that is followed.
    pub(crate) fn page(text: &'a str, list: List, part: Part, is_last: bool) -> Self {
        Answer {
            part,
            is_last,
            ..Self::new(text, View::List(list))
        }
    }

    /// A structured result that a command makes itself.
    pub(crate) fn ours(text: &'a str, view: View<'a>) -> Self {
        let ours = true;
        Answer {
            ours,
            ..Self::new(text, view)
        }
    }

    /// Text that has no other form.
    pub(crate) fn verbatim(text: &'a str) -> Self {
        Self::new(text, View::Verbatim)
    }

    /// Writes the answer for a person. `None` when it has only its JSON, is not as documented, or
    /// is too long for the page.
    pub(crate) fn write(&self, invocation: &Invocation, page: &mut Page) -> Option<()> {
        let reply = Object::parse(self.text)?;
        match self.view {
            View::Json | View::Verbatim | View::Raw => return None,
            View::Summary(write) => write(invocation, &reply, page)?,
            View::Stream(list) => list.write_part(&reply, false, page)?,
            View::List(list) => {
                list.write_part(&reply, self.is_last, page)?;
                if self.is_last {
                    going_on(list.more, invocation, &reply, page);
                }
            }
        }
        (!page.is_full()).then_some(())
    }
}

/// Where a list goes on, as the exact command that shows it.
fn going_on(more: More, invocation: &Invocation, reply: &Object<'_>, page: &mut Page) {
    let (flag, key) = match more {
        More::Whole => return,
        More::Cursor | More::Feed => (CURSOR, "nextCursor"),
        More::Since => (SINCE, "until"),
    };
    let next = reply.text(key).map(|value| invocation.again(&flag, &value));
    let waits = reply.get("hasMore").is_true();
    match (more, next) {
        (More::Cursor, Some(next)) => page.step("Next page", &next),
        (More::Feed, Some(next)) if waits => page.step("More events are waiting", &next),
        (More::Feed, Some(next)) => page.step("That is all for now. Next time", &next),
        (More::Feed, None) => page.line("That is all for now."),
        (More::Since, Some(next)) => page.step("Next time", &next),
        _ => {}
    }
}

impl fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            View::Json => "Json",
            View::Verbatim => "Verbatim",
            View::Raw => "Raw",
            View::Summary(_) => "Summary",
            View::List(_) => "List",
            View::Stream(_) => "Stream",
        })
    }
}
