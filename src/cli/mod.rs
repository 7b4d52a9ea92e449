//! What a command and a flag are, and how words become an invocation. No I/O here.

mod command;
mod flag;
mod invocation;
mod nearest;
mod parse;

pub use command::{Auth, Command, Endpoint, Namespace, Rest};
pub use flag::{Flag, Kind, Place, list};
pub use invocation::Invocation;
pub use parse::{Parsed, Table, find_command, parse};

/// Prints the API's own JSON instead of a summary.
pub const JSON: Flag = Flag::switch("json", "Print the API's JSON reply instead of a summary");
/// Sends the call to another server.
pub const BASE_URL: Flag = Flag::text(
    "base-url",
    "<url>",
    "Send the call to this server instead of https://app.opentrain.ai",
);
/// Traces the calls.
pub const VERBOSE: Flag = Flag::switch(
    "verbose",
    "Trace each call on standard error: method, URL, status, time, retries, proxy",
);
/// Shows help; the parser answers it before anything else.
pub const HELP: Flag = Flag::switch("help", "Show help for the command and exit");

/// Flags that every command takes, before or after its words.
pub const GLOBAL_FLAGS: &[Flag] = &[JSON, BASE_URL, VERBOSE, HELP];
