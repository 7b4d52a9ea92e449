//! `updates`: the feed of what happened to the account.

mod cursor;
mod watch;

use self::cursor::CursorFile;
use super::v1;
use crate::call;
use crate::cli::{
    Answer, CURSOR, CURSOR_FILE, Command, Go, Invocation, LIMIT, Namespace, Sink, View,
};
use crate::error::Error;
use crate::json::{Object, Value};
use crate::notes::Notes;
use crate::view::{List, More, column, field};

static POLL: Command = Command {
    words: &["updates", "poll"],
    summary: "Show what happened since a cursor, oldest first",
    about: "Without --cursor it begins with the first event.\n\
            Keep the cursor that it prints and give it next time, or let --cursor-file keep it.\n\
            It ends with a cursor, after which new events follow; only an account without events has none.\n\
            Events that the token may not read are left out.",
    flags: &[
        CURSOR,
        CURSOR_FILE,
        LIMIT.default("the server's").up_to(200),
    ],
    endpoint: Some(v1("GET", "/updates").scope("proposals:read, messages:read or payments:read")),
    examples: &[
        "opentrain updates poll",
        "opentrain updates poll --cursor 2202 --json",
        "opentrain updates poll --cursor-file cursor --all --jsonl",
    ],
    view: View::List(EVENTS),
    tool: Some("poll_updates"),
    run: Some(poll),
    ..Command::BASE
};

/// The commands of this namespace.
pub(super) static NAMESPACE: Namespace = Namespace {
    name: "updates",
    summary: "the feed of what happened",
    commands: &[&POLL, &watch::WATCH],
    recipe: None,
};

/// The cursor is shown even when nothing is waiting, which the list says in words of its own.
const EVENTS: List = List {
    more: More::Feed,
    ..List::whole(
        "events",
        "Nothing new.",
        &[
            field("ID", "id"),
            field("CREATED", "createdAt"),
            field("TYPE", "type"),
            column("DETAILS", details),
        ],
    )
};

/// Polls from the cursor that a file keeps, and keeps the next one there.
fn poll(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    let Some((file, cursor)) = CursorFile::of(inv)? else {
        return call::endpoint(inv, sink);
    };
    let mut call = inv.clone();
    if let Some(cursor) = cursor {
        call.set(&CURSOR, &cursor);
    }
    call::endpoint(&call, &mut Keeper { sink, file })
}

/// A sink that keeps the cursor of each page once that is out.
struct Keeper<'a> {
    sink: &'a mut dyn Sink,
    file: CursorFile,
}

impl Sink for Keeper<'_> {
    fn answer(&mut self, answer: &Answer<'_>) -> Result<Go, Error> {
        let go = self.sink.answer(answer)?;
        if self.sink.is_lost() {
            return Ok(Go::Stop);
        }
        let page = Object::parse(answer.text).unwrap_or_default();
        let is_page = page.get(EVENTS.key).raw().starts_with('[');
        if let (Go::On, true, Ok(Some(cursor))) = (go, is_page, page.cursor()) {
            self.file.save(&cursor)?;
        }
        Ok(go)
    }

    fn close(&mut self, cursor: &str) -> Result<(), Error> {
        self.sink.close(cursor)
    }

    fn is_read(&self) -> Result<(), Error> {
        self.sink.is_read()
    }

    fn waiting(&mut self, text: &str) -> bool {
        self.sink.waiting(text)
    }
}

impl Notes for Keeper<'_> {
    fn note(&mut self, text: &str) {
        self.sink.note(text);
    }

    fn once(&mut self, text: &str) {
        self.sink.once(text);
    }

    fn remark(&mut self, text: &str) {
        self.sink.remark(text);
    }
}

/// What the event says, and the ids that it does not mention.
fn details(event: &Object<'_>) -> Option<String> {
    let data = event.part("data")?;
    let mut details: Vec<String> = Vec::new();
    for (key, value) in data.iter() {
        details.extend(value.text().map(|v| format!("{key}={v}")));
    }
    for key in ["resourceId", "jobId"] {
        let Some(id) = event.text(key) else { continue };
        let is_id = |(_, value): (&str, Value<'_>)| value.string().is_some_and(|s| s == id);
        if !data.iter().any(is_id) {
            details.push(format!("{key}={id}"));
        }
    }
    Some(details.join(" "))
}
