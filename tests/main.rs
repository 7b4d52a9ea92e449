//! The test suite: the real binary against a fake OpenTrain.

// A test panics when something is not as it should be, and prints what it cannot test.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

#[path = "suite/auth.rs"]
mod auth;
#[path = "suite/by_hand.rs"]
mod by_hand;
#[path = "suite/certificates.rs"]
mod certificates;
#[path = "suite/checks.rs"]
mod checks;
#[path = "suite/connections.rs"]
mod connections;
#[path = "suite/credentials.rs"]
mod credentials;
#[path = "suite/disk.rs"]
mod disk;
#[path = "suite/docs.rs"]
mod docs;
#[path = "suite/doctor.rs"]
mod doctor;
#[path = "suite/documented.rs"]
mod documented;
#[path = "suite/drafts.rs"]
mod drafts;
#[path = "suite/errors.rs"]
mod errors;
mod fake;
#[path = "suite/faults.rs"]
mod faults;
#[path = "suite/feed.rs"]
mod feed;
#[path = "suite/fuzz.rs"]
mod fuzz;
mod harness;
#[path = "suite/lenience.rs"]
mod lenience;
#[path = "suite/life.rs"]
mod life;
#[path = "suite/mcp.rs"]
mod mcp;
#[path = "suite/mcp_tools.rs"]
mod mcp_tools;
#[path = "suite/output.rs"]
mod output;
#[path = "suite/pages.rs"]
mod pages;
#[path = "suite/proxies.rs"]
mod proxies;
mod raw;
#[path = "suite/readme.rs"]
mod readme;
#[path = "suite/refusals.rs"]
mod refusals;
#[path = "suite/requests.rs"]
mod requests;
#[path = "suite/secrets.rs"]
mod secrets;
#[path = "suite/source.rs"]
mod source;
#[path = "suite/summaries.rs"]
mod summaries;
#[path = "suite/table.rs"]
mod table;
#[path = "suite/tokens.rs"]
mod tokens;
#[path = "suite/verify.rs"]
mod verify;
#[path = "suite/waiting.rs"]
mod waiting;
#[path = "suite/words.rs"]
mod words;
#[path = "suite/world.rs"]
mod world;
