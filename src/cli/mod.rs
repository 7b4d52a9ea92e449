//! What commands, flags and answers are, and how words become an invocation. No I/O here.

mod advice;
mod answer;
mod command;
mod endpoint;
mod flag;
mod invocation;
mod nearest;
mod parse;

pub(crate) use advice::{Advice, Fill, Next};
pub(crate) use answer::{Answer, Go, Sink, View};
pub(crate) use command::{Command, Namespace, Repeat, Rest};
pub(crate) use endpoint::{Auth, Endpoint};
pub(crate) use flag::{Destination, Field, Flag, Kind, comma_separated};
pub(crate) use invocation::Invocation;
pub(crate) use nearest::nearest;
pub(crate) use parse::{Table, all_commands, find_command, parse};

/// Prints the API's own JSON instead of a summary.
pub(crate) const JSON: Flag =
    Flag::switch("json", "Print the API's JSON reply instead of a summary");
/// Prints errors and notes as JSON; the output room looks for it before the words are read.
pub(crate) const JSON_ERRORS: Flag = Flag::switch(
    "json-errors",
    "Print errors and notes on standard error as JSON, one object a line",
);
/// Sends the call to another server.
pub(crate) const BASE_URL: Flag = Flag::text(
    "base-url",
    "<url>",
    "Send the call to this server instead of https://app.opentrain.ai",
);
/// Traces the calls.
pub(crate) const VERBOSE: Flag = Flag::switch(
    "verbose",
    "Trace each call on standard error: method, URL, status, time, retries, proxy",
);
/// Shows help; the parser answers it before anything else.
pub(crate) const HELP: Flag = Flag::switch("help", "Show help for the command and exit");

/// Flags that every command takes, before or after its words.
pub(crate) const GLOBAL_FLAGS: &[Flag] = &[JSON, JSON_ERRORS, BASE_URL, VERBOSE, HELP];

/// How many things a page of a list holds.
pub(crate) const LIMIT: Flag =
    Flag::new("limit", Kind::Count, "<n>", "How many to show at most").query("limit");
/// Where the next page of a list begins.
pub(crate) const CURSOR: Flag = Flag::text(
    "cursor",
    "<cursor>",
    "Where to go on, as the page before said",
)
.query("cursor");
/// Where a window of changes begins.
pub(crate) const SINCE: Flag = Flag::new(
    "since",
    Kind::Date,
    "<iso>",
    "Changes from this time on, such as 2026-06-11T00:00:00Z",
)
.required()
.query("since");
