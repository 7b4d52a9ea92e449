//! `opentrain`: the OpenTrain public API from the command line.
//!
//! Words become an invocation, an invocation a request, a reply an answer, an answer text. This
//! file is the process around that: words in, exit status out.

// A test ends by a panic when something is not as it should be.
#![cfg_attr(test, allow(clippy::expect_used, clippy::panic, clippy::unwrap_used))]

mod call;
mod cli;
mod commands;
mod config;
mod docs;
mod error;
mod http;
mod json;
mod notes;
mod output;
mod safe;
mod shell;
mod step;
mod view;

use std::process::{self, ExitCode};
use std::{env, panic};

use error::Error;
use output::Printer;

fn main() -> ExitCode {
    // What std prints of a panic may hold a server's words, or a user's: the place is enough.
    panic::set_hook(Box::new(|info| {
        let place = info
            .location()
            .map_or_else(String::new, |l| format!(" at {l}"));
        output::line(&format!(
            "Error: a fault of the program itself{place}; please report it"
        ));
        process::exit(1);
    }));
    let invocation = match cli::parse(commands::TABLE, env::args_os().skip(1).collect()) {
        Ok(invocation) => invocation,
        Err(error) => return fail(&error),
    };
    let mut printer = Printer::new(&invocation);
    let status = match call::run(&invocation, &mut printer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    };
    printer.finish();
    status
}

/// Every error is status 1, usage mistakes included (API.md, D1).
fn fail(error: &Error) -> ExitCode {
    output::report(error);
    ExitCode::FAILURE
}
