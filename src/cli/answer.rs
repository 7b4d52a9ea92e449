//! What a command hands over, and to whom.

use super::{CURSOR, Invocation, SINCE};
use crate::error::Error;
use crate::json::Object;
use crate::notes::Notes;
use crate::view::{List, More, Page};

/// One answer of a command.
#[derive(Clone, Copy)]
pub(crate) struct Answer<'a> {
    /// The API's own text: one JSON value. (For [`View::Verbatim`], the text itself.)
    pub text: &'a str,
    /// How it is shown to a person.
    pub view: View<'a>,
    /// It contains a secret that is shown only once: it is an error if nobody reads it.
    pub shown_once: bool,
    /// Its text is made here and is not the API's own: it contains no secret.
    pub ours: bool,
    /// Which part of a list it is, when the list is followed.
    pub part: Part,
    /// No part of the list follows.
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

/// How an answer is shown to a person.
#[derive(Clone, Copy)]
pub(crate) enum View<'a> {
    /// As JSON; there is no other form.
    Json,
    /// As it is: text that is not JSON, such as help. It is safe for a terminal.
    Verbatim,
    /// As it is, byte for byte and without a final line break, for a program that reads bytes: a
    /// server's JSON. On a terminal its hidden characters are escaped and the line ends.
    Raw,
    /// As a page that a function writes.
    Summary(Summary<'a>),
    /// As a list.
    List(List),
    /// As part of an endless list: rows on a terminal, else lines of JSON.
    Stream(List),
}

/// Writes an object of the API as a page for a person. `None` when the reply is not as documented;
/// it is then shown as JSON instead.
pub(super) type Summary<'a> =
    &'a (dyn Fn(&Invocation, &Object<'_>, &mut Page) -> Option<()> + Sync);

/// Whoever made the call: takes its answers, one after another, and its notes.
pub(crate) trait Sink: Notes {
    /// Takes an answer, and says whether to continue with another one.
    ///
    /// # Errors
    /// It could not be put where it belongs.
    fn answer(&mut self, answer: &Answer<'_>) -> Result<Go, Error>;

    /// Ends a list that is followed before its end: it continues at this cursor.
    ///
    /// # Errors
    /// The same as for an answer.
    fn close(&mut self, cursor: &str) -> Result<(), Error>;

    /// Checks that somebody would read a secret.
    ///
    /// # Errors
    /// Nobody would.
    fn is_read(&self) -> Result<(), Error>;

    /// Whether answers go nowhere although nobody asked for that: none of them is delivered.
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

    /// Writes the answer for a person. `None` when it exists only as JSON, is not as documented, or
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

/// Where a list continues, as the exact command that shows it.
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
