//! A list from its first page to its end.

use std::collections::HashSet;
use std::thread;
use std::time::Duration;

use super::{hints, request};
use crate::cli::{Answer, CURSOR, Go, Invocation, LIMIT, Part, Sink, View};
use crate::error::{Error, Failure};
use crate::http::{Client, Reply, Request};
use crate::json::Object;
use crate::view::{List, More};

/// Waits before the same page again, where a limit is reached and nobody says for how long.
const WAITS: [u64; 6] = [5, 10, 20, 40, 60, 60];
/// The longest wait in seconds that a server may ask for and get.
const LONGEST_WAIT: u64 = 600;

/// Follows a list: its pages go to the sink one after another, over one connection. Each has its
/// own time and attempts.
///
/// # Errors
/// A page failed: those before it are out, and the error says how to go on.
pub(super) fn follow(
    invocation: &Invocation,
    list: List,
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    let mut call = invocation.clone();
    if let Some(limit) = call.command.flag(&LIMIT)
        && !call.has(&LIMIT)
        && let Some(most) = limit.most
    {
        call.set(&LIMIT, &most.to_string());
    }
    let mut request = request::build(&call, sink)?;
    request.keep = true;
    let mut client = Client::default();
    let mut seen = HashSet::new();
    let mut part = Part::First;
    loop {
        let reply = match page(&call, &request, &mut client, sink) {
            Ok(reply) => reply,
            Err(error) if part == Part::First => return Err(error),
            Err(error) => return Err(cut_short(error, invocation, &call, sink)),
        };
        let next = match next_cursor(list, &reply) {
            Ok(next) => next,
            // Not as documented: shown as it came.
            Err(()) if part == Part::First => {
                let answer = Answer::new(reply.text(), View::List(list));
                return sink.answer(&answer).map(drop);
            }
            Err(()) => {
                let odd = Error::lost("a page is not as documented", &[]);
                return Err(cut_short(odd, invocation, &call, sink));
            }
        };
        let is_last = next.is_none();
        let answer = Answer::page(reply.text(), list, part, is_last);
        if sink.answer(&answer)? == Go::Stop || is_last {
            return Ok(());
        }
        let cursor = next.unwrap_or_default();
        call.set(&CURSOR, &cursor);
        if !seen.insert(cursor) {
            let again = Error::lost(
                "the server gave the same cursor twice: following it would not end",
                &[],
            );
            return Err(cut_short(again, invocation, &call, sink));
        }
        request.path = request::path(&call, request::endpoint(&call)?);
        part = Part::Further;
    }
}

/// One page; where a limit is reached it is waited for.
fn page(
    call: &Invocation,
    request: &Request,
    client: &mut Client,
    sink: &mut dyn Sink,
) -> Result<Reply, Error> {
    let mut waits = WAITS.iter();
    loop {
        let error = match client.send(request, sink) {
            Ok(reply) => return Ok(reply),
            Err(error) => error,
        };
        let told = match &error.failure {
            Failure::Refused(refusal) if refusal.status == 429 => refusal.retry_after,
            _ => return Err(hints::explain(error, call, request)),
        };
        match (waits.next(), told) {
            (Some(own), told) if told.is_none_or(|told| told <= LONGEST_WAIT) => {
                let seconds = told.unwrap_or(*own);
                sink.note(&format!(
                    "Note: a limit is reached; going on in {seconds} s."
                ));
                thread::sleep(Duration::from_secs(seconds));
            }
            _ => return Err(hints::explain(error, call, request)),
        }
    }
}

/// Where the list goes on; `None` at its end. An error when the page is not as documented.
fn next_cursor(list: List, reply: &Reply) -> Result<Option<String>, ()> {
    let object = Object::parse(reply.text()).ok_or(())?;
    object.get(list.key).items().ok_or(())?;
    let cursor = object.text_of("nextCursor");
    match list.more {
        More::Feed if !object.get("hasMore").is_true() => Ok(None),
        More::Feed => cursor.map(Some).ok_or(()),
        _ => Ok(cursor),
    }
}

/// The error of a page after the first: the list is closed, and may be gone on with.
fn cut_short(
    error: Error,
    invocation: &Invocation,
    call: &Invocation,
    sink: &mut dyn Sink,
) -> Error {
    let cursor = call.get(&CURSOR).unwrap_or_default();
    if let Err(unwritten) = sink.close(cursor) {
        return unwritten;
    }
    let mut error = error;
    error
        .text
        .push_str(&format!("; the pages before the cursor {cursor} are out"));
    let on = invocation.again(&CURSOR, cursor);
    let hint = error.hint.take().map(|hint| hint.text("; "));
    error.hint(hint.unwrap_or_default().and("go on with `{}`", [on]))
}
