//! `messages`: conversations, reading and writing.

use super::proposals::PROPOSAL_ID;
use super::{
    CURSOR, LIMIT, call, cell, input, joined, list, next_page, request, send as send_request, show,
};
use crate::cli::{Command, Flag, Invocation, Kind, Namespace};
use crate::commands::v1;
use crate::error::Error;
use crate::http::Body;
use crate::output::Page;
use crate::output::json::{self, Object};

const FILTER: Flag = Flag::choice(
    "filter",
    "<which>",
    &["all", "job", "proposal"],
    "Which conversations: after a hire (job) or before one (proposal)",
)
.default("all")
.query("filter");
const UNREAD_ONLY: Flag =
    Flag::switch("unread-only", "Only conversations with unread messages").query("unreadOnly");
const CONVERSATION_ID: Flag = Flag::id(
    "conversation-id",
    "<id>",
    "The conversation, as shown by `opentrain messages list`",
);
const DIRECTION: Flag = Flag::choice(
    "direction",
    "<which>",
    &["older", "newer"],
    "Which way pages go; a cursor belongs to its direction",
)
.default("older")
.query("direction");
const CONTENT: Flag =
    Flag::text("content", "<text>", "The message, up to 10,000 characters").body("content");
const CONTENT_FILE: Flag = Flag::new(
    "content-file",
    Kind::File,
    "<path>",
    "A file with the message; its last line break is dropped",
);

const PAGE: Flag = LIMIT.default("20, at most 100");

const LIST: Command = Command {
    words: &["messages", "list"],
    summary: "List conversations, newest activity first",
    about: "Reading changes nothing: messages stay unread.",
    flags: &[FILTER, UNREAD_ONLY, PAGE, CURSOR],
    endpoint: Some(v1("GET", "/messages").scope("messages:read")),
    examples: &["opentrain messages list --filter proposal --limit 20"],
    run: |inv| show(inv, &call(inv)?, conversations),
    ..Command::BASE
};

const UNREAD: Command = Command {
    words: &["messages", "unread"],
    summary: "List conversations with unread messages",
    about: "The same as `opentrain messages list --unread-only`.",
    flags: &[FILTER, PAGE, CURSOR],
    endpoint: Some(v1("GET", "/messages?unreadOnly=true").scope("messages:read")),
    examples: &["opentrain messages unread --json"],
    run: |inv| show(inv, &call(inv)?, conversations),
    ..Command::BASE
};

const READ: Command = Command {
    words: &["messages", "read"],
    summary: "Read the messages of a conversation, oldest first",
    about: "Reading changes nothing: messages stay unread, attachments are counted, not shown.",
    flags: &[
        CONVERSATION_ID.query("conversationId"),
        PAGE,
        DIRECTION,
        CURSOR,
    ],
    endpoint: Some(v1("GET", "/messages").scope("messages:read")),
    examples: &["opentrain messages read --conversation-id conv_9 --limit 50"],
    run: |inv| show(inv, &call(inv)?, messages),
    ..Command::BASE
};

/// Sends a message.
pub const SEND: Command = Command {
    words: &["messages", "send"],
    summary: "Send a message in a conversation",
    about: "Plain text, into a conversation that exists.\n\
            A message sent twice arrives twice: there is no idempotency here.",
    flags: &[CONVERSATION_ID.body("conversationId")],
    one_of: &[CONTENT, CONTENT_FILE],
    endpoint: Some(
        v1("POST", "/messages")
            .scope("messages:write")
            .feature("public_api_messaging_writes")
            .claimed(),
    ),
    if_lost: "look with `opentrain messages read --conversation-id <id>` before sending it again: a second one would arrive too",
    examples: &[
        "opentrain messages send --conversation-id conv_9 --content \"Thanks, looks great.\"",
        "opentrain messages send conv_9 --content-file reply.txt",
    ],
    run: send,
    ..Command::BASE
};

const START: Command = Command {
    words: &["messages", "start-proposal-thread"],
    summary: "Open the conversation with a candidate",
    about: "Gives the conversation that exists, else makes one.\n\
            The candidate can write only after your first message.",
    flags: &[PROPOSAL_ID],
    endpoint: Some(
        v1("POST", "/proposals/{proposal-id}/conversation")
            .scope("messages:write")
            .feature("public_api_messaging_writes")
            .claimed(),
    ),
    if_lost: "run it again: a proposal has one conversation, which it then gives",
    examples: &["opentrain messages start-proposal-thread --proposal-id prop_5"],
    run: |inv| show(inv, &call(inv)?, started),
    ..Command::BASE
};

/// The commands of this namespace.
pub static NAMESPACE: Namespace = Namespace {
    name: "messages",
    summary: "conversations with candidates and trainers",
    commands: &[LIST, UNREAD, READ, SEND, START],
};

fn conversations(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let headings = ["ID", "UNREAD", "ABOUT", "UPDATED", "LAST MESSAGE"];
    list(
        inv,
        reply,
        page,
        "conversations",
        "No conversations.",
        headings,
        |conversation| {
            let ids = [
                conversation.text("jobId"),
                conversation.text("proposalId"),
                conversation.text("channelName"),
            ];
            let last = conversation.part("lastMessage")?;
            let words = match last.text("content") {
                Some(content) => format!("{}: {content}", sender(&last)),
                None => String::new(),
            };
            Some([
                cell(conversation, "id"),
                cell(conversation, "unreadCount"),
                joined(ids).unwrap_or_default().into_owned(),
                cell(conversation, "updatedAt"),
                words,
            ])
        },
    )
}

/// Who wrote: you, a user by id, or the system.
fn sender(message: &Object<'_>) -> String {
    if message.get("isFromViewer").is_true() {
        return "you".into();
    }
    match message.text("senderUserId") {
        Some(user) => user.into_owned(),
        None => "system".into(),
    }
}

/// The order inside a page is not documented: a thread is sorted by time here.
fn messages(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let items = reply.get("messages").items()?;
    let mut messages = Vec::with_capacity(items.len());
    for item in &items {
        messages.push(item.object()?);
    }
    // The API's times are ISO 8601 in UTC, so their text sorts as they do.
    messages.sort_by_cached_key(|m| cell(m, "createdAt"));
    if messages.is_empty() {
        page.line("No messages.");
    }
    for message in &messages {
        let mut remarks = Vec::new();
        for (count, what) in [
            ("attachmentCount", "attachment"),
            ("reactionCount", "reaction"),
        ] {
            match message.text(count).as_deref() {
                None | Some("0") => {}
                Some("1") => remarks.push(format!("1 {what}")),
                Some(n) => remarks.push(format!("{n} {what}s")),
            }
        }
        remarks.extend(
            message
                .get("hasAudio")
                .is_true()
                .then(|| "audio".to_owned()),
        );
        remarks.extend(message.text("editedAt").map(|at| format!("edited {at}")));
        remarks.extend(
            message
                .get("hasUnreadFlag")
                .is_true()
                .then(|| "unread".to_owned()),
        );
        let remarks = match remarks.is_empty() {
            true => String::new(),
            false => format!(" ({})", remarks.join(", ")),
        };
        let (id, at) = (cell(message, "id"), cell(message, "createdAt"));
        page.line(format_args!("{at}  {}  {id}{remarks}", sender(message)));
        page.quote(4, &cell(message, "content"));
    }
    next_page(inv, reply, page);
    Some(())
}

fn send(inv: &Invocation) -> Result<(), Error> {
    let mut body = request::body_object(inv);
    if let Some(text) = input::text_file(inv, &CONTENT_FILE)? {
        // An editor ends a file with a line break that nobody wrote.
        let text = text.strip_suffix('\n').unwrap_or(&text);
        body.set(
            "content",
            json::quote(text.strip_suffix('\r').unwrap_or(text)),
        );
    }
    show(inv, &send_request(inv, Body::Json(body.to_string()))?, sent)
}

fn sent(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let message = reply.get("message").object()?;
    let id = message.text("id")?;
    let conversation = message
        .text("conversationId")
        .unwrap_or(inv.need(&CONVERSATION_ID).into());
    page.line(format_args!(
        "Message {id} is sent to conversation {conversation}."
    ));
    page.pairs(2, &[("sent", message.text("createdAt"))]);
    let read = inv.next(&READ, &[(&CONVERSATION_ID, &conversation)]);
    page.line(format_args!("Read the conversation with: {read}"));
    Some(())
}

fn started(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let id = reply.text("conversationId")?;
    page.line(match reply.get("created").raw() {
        "false" => format!("Conversation {id} was open already."),
        _ => format!("Conversation {id} is open."),
    });
    page.pairs(
        2,
        &[
            ("proposal", reply.text("proposalId")),
            ("job", reply.text("jobId")),
        ],
    );
    if reply.get("created").raw() == "false" {
        let read = inv.next(&READ, &[(&CONVERSATION_ID, &id)]);
        page.line(format_args!("Read it with: {read}"));
    }
    let write = inv.next(
        &SEND,
        &[(&CONVERSATION_ID, &id), (&CONTENT, CONTENT.metavar)],
    );
    page.line(format_args!("Write with: {write}"));
    Some(())
}
