//! `messages`: listing, reading and writing.

use super::proposals::PROPOSAL_ID;
use super::v1;
use crate::call::{input, request};
use crate::cli::{
    Advice, CURSOR, Command, Fill, Flag, Invocation, Kind, LIMIT, Namespace, Next, Repeat, View,
};
use crate::error::Error;
use crate::json::{self, Object};
use crate::view::words::{cell, joined};
use crate::view::{List, More, Page, Rows, column, field};

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
    "The conversation, from `opentrain messages list`",
);
const DIRECTION: Flag = Flag::choice(
    "direction",
    "<which>",
    &["older", "newer"],
    "Which way pages go; a cursor belongs to its direction",
)
.default("older")
.query("direction");
/// A message has at most this many characters (API.md, section 3).
const LONGEST: usize = 10_000;
const CONTENT: Flag = Flag::text("content", "<text>", "The message, up to 10,000 characters")
    .at_most(LONGEST)
    .body("content");
const CONTENT_FILE: Flag = Flag::new(
    "content-file",
    Kind::File,
    "<path>",
    "A file with the message; its last line break is dropped",
)
.at_most(LONGEST);

const PAGE: Flag = LIMIT.default("20").up_to(100);

static LIST: Command = Command {
    words: &["messages", "list"],
    summary: "List conversations, newest activity first",
    about: "Reading changes nothing: messages stay unread.",
    flags: &[FILTER, UNREAD_ONLY, PAGE, CURSOR],
    endpoint: Some(v1("GET", "/messages").scope("messages:read")),
    examples: &["opentrain messages list --filter proposal --limit 20"],
    view: View::List(CONVERSATIONS),
    tool: Some("read_messages"),
    ..Command::BASE
};

static UNREAD: Command = Command {
    words: &["messages", "unread"],
    summary: "List conversations with unread messages",
    about: "The same as `opentrain messages list --unread-only`.",
    flags: &[FILTER, PAGE, CURSOR],
    endpoint: Some(v1("GET", "/messages?unreadOnly=true").scope("messages:read")),
    examples: &["opentrain messages unread --json"],
    view: View::List(CONVERSATIONS),
    ..Command::BASE
};

static READ: Command = Command {
    words: &["messages", "read"],
    summary: "Read the messages of a conversation, oldest first",
    about: "Reading changes nothing: messages stay unread.\n\
            Attachments are counted, not shown.",
    flags: &[
        CONVERSATION_ID.query("conversationId"),
        PAGE,
        DIRECTION,
        CURSOR,
    ],
    endpoint: Some(v1("GET", "/messages").scope("messages:read")),
    examples: &["opentrain messages read --conversation-id conv_9 --limit 50"],
    view: View::List(MESSAGES),
    tool: Some("read_messages"),
    ..Command::BASE
};

/// Sends a message.
pub(super) static SEND: Command = Command {
    words: &["messages", "send"],
    summary: "Send a message in a conversation",
    about: "Plain text.\n\
            A message sent twice arrives twice.",
    flags: &[CONVERSATION_ID.body("conversationId")],
    one_of: &[CONTENT, CONTENT_FILE],
    endpoint: Some(
        v1("POST", "/messages")
            .scope("messages:write")
            .feature("public_api_messaging_writes")
            .claimed(),
    ),
    if_lost: Advice::new(
        "check with `{}` before sending it again: a second one would arrive too",
        &[Next::with(
            "messages read",
            &[("conversation-id", Fill::Known("conversationId", "<id>"))],
        )],
    ),
    examples: &[
        "opentrain messages send --conversation-id conv_9 --content \"Thanks, looks great.\"",
        "opentrain messages send conv_9 --content-file reply.txt",
    ],
    body: Some(content),
    view: View::Summary(&sent),
    tool: Some("send_message"),
    ..Command::BASE
};

static START: Command = Command {
    words: &["messages", "start-proposal-thread"],
    summary: "Open the conversation with a candidate",
    about: "Returns the existing conversation, or opens one.\n\
            The candidate can write only after your first message.",
    flags: &[PROPOSAL_ID],
    endpoint: Some(
        v1("POST", "/proposals/{proposal-id}/conversation")
            .scope("messages:write")
            .feature("public_api_messaging_writes")
            .claimed(),
    ),
    repeat: Repeat::Always,
    if_lost: Advice::text("run it again: a proposal has one conversation, and you get that one"),
    examples: &["opentrain messages start-proposal-thread --proposal-id prop_5"],
    view: View::Summary(&started),
    tool: Some("start_proposal_conversation"),
    ..Command::BASE
};

/// The commands of this namespace.
pub(super) static NAMESPACE: Namespace = Namespace {
    name: "messages",
    summary: "conversations with candidates and trainers",
    commands: &[&LIST, &UNREAD, &READ, &SEND, &START],
    recipe: None,
};

const CONVERSATIONS: List = List::paged(
    "conversations",
    "No conversations.",
    &[
        field("ID", "id"),
        field("UNREAD", "unreadCount"),
        column("ABOUT", |conversation| {
            Some(cell(joined([
                conversation.text("jobId"),
                conversation.text("proposalId"),
                conversation.text("channelName"),
            ])))
        }),
        field("UPDATED", "updatedAt"),
        column("LAST MESSAGE", |conversation| {
            let last = conversation.part("lastMessage")?;
            let words = last
                .text("content")
                .map(|c| format!("{}: {c}", sender(&last)));
            Some(words.unwrap_or_default())
        }),
    ],
);

const MESSAGES: List = List {
    key: "messages",
    lead: None,
    nothing: "No messages.",
    rows: Rows::Blocks(thread),
    more: More::Cursor,
};

/// Who wrote: you, a user by id, or the system.
fn sender(message: &Object<'_>) -> String {
    if message.get("isFromViewer").is_true() {
        return "you".into();
    }
    cell(message.text("senderUserId").or(Some("system".into())))
}

/// The order within a page is not documented: a thread is sorted by time here.
fn thread(mut messages: Vec<Object<'_>>, page: &mut Page) -> Option<()> {
    // The API's times are ISO 8601 in UTC, so their text sorts as they do.
    messages.sort_by_cached_key(|m| cell(m.text("createdAt")));
    for message in &messages {
        let remarks = remarks(message);
        let remarks = match remarks.is_empty() {
            true => String::new(),
            false => format!(" ({})", remarks.join(", ")),
        };
        let (at, id) = (cell(message.text("createdAt")), cell(message.text("id")));
        page.heading(format_args!("{at}  {}  {id}{remarks}", sender(message)));
        page.quote(4, &cell(message.text("content")));
    }
    Some(())
}

/// What a message has besides its text.
fn remarks(message: &Object<'_>) -> Vec<String> {
    let counted = |key: &str, thing: &str| match message.text(key).as_deref() {
        None | Some("0") => None,
        Some("1") => Some(format!("1 {thing}")),
        Some(n) => Some(format!("{n} {thing}s")),
    };
    let marked = |key: &str, mark: &str| message.get(key).is_true().then(|| mark.to_owned());
    [
        counted("attachmentCount", "attachment"),
        counted("reactionCount", "reaction"),
        marked("hasAudio", "audio"),
        message.text("editedAt").map(|at| format!("edited {at}")),
        marked("hasUnreadFlag", "unread"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The message, and where it goes.
fn content(inv: &Invocation) -> Result<String, Error> {
    let mut body = request::body_object(inv);
    if let Some(text) = input::text_file(inv, &CONTENT_FILE)? {
        // Editors end a file with a line break that nobody meant to send.
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        body.set("content", json::quote(text));
    }
    Ok(body.to_string())
}

fn sent(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let message = reply.get("message").object()?;
    let id = message.text("id")?;
    let conversation = message
        .text("conversationId")
        .unwrap_or(inv.need(&CONVERSATION_ID).into());
    page.line(format_args!(
        "Message {id} was sent to conversation {conversation}."
    ));
    page.pairs(2, &[("sent", message.text("createdAt"))]);
    let read = inv.step(&READ, [CONVERSATION_ID.is(conversation)]);
    page.step("Read the conversation with", &read);
    Some(())
}

fn started(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let id = reply.text("conversationId")?;
    let existed = reply.get("created").raw() == "false";
    page.line(match existed {
        true => format!("Conversation {id} was already open."),
        false => format!("Conversation {id} is open."),
    });
    page.pairs(
        2,
        &[
            ("proposal", reply.text("proposalId")),
            ("job", reply.text("jobId")),
        ],
    );
    if existed {
        page.step(
            "Read it with",
            &inv.step(&READ, [CONVERSATION_ID.is(id.as_ref())]),
        );
    }
    let write = inv.step(&SEND, [CONVERSATION_ID.is(id), CONTENT.blank()]);
    page.step("Write with", &write);
    Some(())
}
