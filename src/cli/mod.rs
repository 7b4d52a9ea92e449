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
pub(crate) use answer::{Answer, Go, Part, Sink, View};
pub(crate) use command::{Command, Namespace, Outcome, Recipe, Repeat, Rest};
pub(crate) use endpoint::{Auth, Endpoint};
pub(crate) use flag::{Destination, Field, Flag, Kind, camel_case, comma_separated};
pub(crate) use invocation::Invocation;
pub(crate) use nearest::nearest;
pub(crate) use parse::{Table, all_commands, find_command, parse};

/// Prints the API's own JSON instead of a summary.
pub(crate) const JSON: Flag =
    Flag::switch("json", "Print the API's JSON reply instead of a summary");
/// Prints one value of the reply instead of all of it.
pub(crate) const GET: Flag = Flag::new(
    "get",
    Kind::Path,
    "<path>",
    "Print this value of the JSON reply: a.b, a[0], a[].b for one of each; repeat it for columns",
)
.repeats();
/// Follows a list to its end.
pub(crate) const ALL: Flag = Flag::switch(
    "all",
    "Follow the pages to the end; --limit is then the size of a page",
)
.no_argument();
/// Prints a list as lines of JSON.
pub(crate) const JSONL: Flag = Flag::switch(
    "jsonl",
    "Print each element of the list as one line of JSON",
)
.no_argument();
/// Prints a part of the answer byte for byte.
pub(crate) const RAW: Flag =
    Flag::switch("raw", "Print exactly the bytes that the sum covers").no_argument();
/// Shows a request without sending it.
pub(crate) const DRY_RUN: Flag = Flag::switch(
    "dry-run",
    "Print the request as JSON instead of sending it; needs no token",
)
.no_argument();
/// When text is coloured.
pub(crate) const COLOR: Flag = Flag::choice(
    "color",
    "<when>",
    &["auto", "always", "never"],
    "When to use colours",
)
.default("auto: on a terminal, unless NO_COLOR is set");
/// Prints errors and notes as JSON; the output module looks for it before the words are parsed.
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
pub(crate) const GLOBAL_FLAGS: &[Flag] = &[JSON, GET, JSON_ERRORS, BASE_URL, VERBOSE, COLOR, HELP];

/// Flags that exclude one another.
const CONFLICTS: [(&Flag, &Flag); 5] = [
    (&JSON, &GET),
    (&JSON, &JSONL),
    (&GET, &JSONL),
    (&JSON, &RAW),
    (&GET, &RAW),
];

/// The method of a hand-made call.
pub(crate) const METHOD: Flag = Flag {
    positional: true,
    ..Flag::choice(
        "method",
        "<method>",
        &["GET", "POST", "PUT", "PATCH", "DELETE"],
        "The HTTP method",
    )
}
.required();
/// Waits for what a call only begins.
pub(crate) const WAIT: Flag =
    Flag::switch("wait", "Wait until the human has decided").no_argument();
/// How long to wait, in seconds (API.md, section 20).
pub(crate) const TIMEOUT: Flag =
    Flag::new("timeout", Kind::Count, "<seconds>", "How long --wait waits")
        .default("1800")
        .no_argument();
/// How many items a page of a list holds.
pub(crate) const LIMIT: Flag =
    Flag::new("limit", Kind::Count, "<n>", "How many at most").query("limit");
/// Where the next page of a list begins.
pub(crate) const CURSOR: Flag =
    Flag::text("cursor", "<cursor>", "End of the previous page").query("cursor");
/// Keeps a cursor between two calls.
pub(crate) const CURSOR_FILE: Flag = Flag::text(
    "cursor-file",
    "<path>",
    "Begin at the cursor in this file, and keep the next one there",
)
.no_argument();
/// Where a window of changes begins.
pub(crate) const SINCE: Flag = Flag::new(
    "since",
    Kind::Date,
    "<iso>",
    "Changes from this time on, such as 2026-06-11T00:00:00Z",
)
.required()
.query("since");
