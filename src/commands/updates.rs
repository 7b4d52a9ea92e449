//! `updates`: the feed of what happened to the account.

use super::v1;
use crate::cli::{CURSOR, Command, LIMIT, Namespace, View};
use crate::json::{Object, Value};
use crate::view::{List, More, column, field};

static POLL: Command = Command {
    words: &["updates", "poll"],
    summary: "Show what happened since a cursor, oldest first",
    about: "Without --cursor it begins with the account's first event.\n\
            Keep the cursor that it prints and give it next time; nothing is stored here.\n\
            Events of a kind that the token may not read are left out.",
    flags: &[CURSOR, LIMIT.default("the server's").up_to(200)],
    endpoint: Some(v1("GET", "/updates").scope("proposals:read, messages:read or payments:read")),
    examples: &[
        "opentrain updates poll",
        "opentrain updates poll --cursor 2202 --json",
    ],
    view: View::List(EVENTS),
    tool: Some("poll_updates"),
    ..Command::BASE
};

/// The commands of this namespace.
pub(super) static NAMESPACE: Namespace = Namespace {
    name: "updates",
    summary: "the feed of what happened",
    commands: &[&POLL],
    recipe: None,
};

/// The cursor goes on even when nothing waits, which the list says in words of its own.
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

/// What the event says, and the ids that it does not say itself.
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
