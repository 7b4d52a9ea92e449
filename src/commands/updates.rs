//! `updates`: the feed of what happened to the account.

use super::{CURSOR, LIMIT, call, cell, rows, show};
use crate::cli::{Command, Invocation, Namespace};
use crate::commands::v1;
use crate::output::Page;
use crate::output::json::Object;

const POLL: Command = Command {
    words: &["updates", "poll"],
    summary: "Show what happened since a cursor, oldest first",
    about: "Without --cursor it begins with the account's first event.\n\
            Keep the cursor that it prints and give it next time; nothing is stored here.\n\
            Events of a kind that the token may not read are left out.",
    flags: &[CURSOR, LIMIT.default("the server's, at most 200")],
    endpoint: Some(v1("GET", "/updates").scope("proposals:read, messages:read or payments:read")),
    examples: &[
        "opentrain updates poll",
        "opentrain updates poll --cursor 2202 --json",
    ],
    run: |inv| show(inv, &call(inv)?, events),
    ..Command::BASE
};

/// The commands of this namespace.
pub static NAMESPACE: Namespace = Namespace {
    name: "updates",
    summary: "the feed of what happened",
    commands: &[POLL],
};

fn events(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let headings = ["ID", "CREATED", "TYPE", "DETAILS"];
    // The cursor goes on even when nothing waits, so it gets its own words below.
    rows(reply, page, "events", "Nothing new.", headings, |event| {
        let data = event.part("data")?;
        let mut details: Vec<String> = Vec::new();
        for (key, value) in data.iter() {
            details.extend(value.text().map(|v| format!("{key}={v}")));
        }
        for key in ["resourceId", "jobId"] {
            let id = cell(event, key);
            let told = id.is_empty()
                || data
                    .iter()
                    .any(|(_, v)| v.string().is_some_and(|s| s == id));
            if !told {
                details.push(format!("{key}={id}"));
            }
        }
        Some([
            cell(event, "id"),
            cell(event, "createdAt"),
            cell(event, "type"),
            details.join(" "),
        ])
    })?;
    let more = reply.get("hasMore").is_true();
    match reply.text("nextCursor") {
        Some(cursor) => {
            let next = inv.again(&CURSOR, &cursor);
            match more {
                true => page.line(format_args!("More events wait: {next}")),
                false => page.line(format_args!("That is all for now. Next time: {next}")),
            }
        }
        None => page.line("That is all for now."),
    }
    Some(())
}
