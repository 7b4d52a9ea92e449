//! `opentrain`: the OpenTrain public API from the command line.
//!
//! Words become an invocation, an invocation a request, a reply an answer, an answer text. This
//! file is the process around that: words in, exit status out.

// A test panics when something is not as it should be.
#![cfg_attr(test, allow(clippy::expect_used, clippy::panic, clippy::unwrap_used))]

mod call;
mod cli;
mod commands;
mod config;
mod docs;
mod error;
mod http;
mod json;
mod limits;
mod mcp;
mod notes;
mod output;
mod safe;
mod shell;
mod step;
mod text;
mod view;

use std::ffi::OsString;
use std::process::{self, ExitCode};
use std::{env, panic};

use error::Error;
use output::{Errors, Printer};

fn main() -> ExitCode {
    let words: Vec<OsString> = env::args_os().skip(1).collect();
    let errors = Errors::wanted(&words);
    // std's panic message may contain a server's words, or a user's: the place is enough.
    panic::set_hook(Box::new(move |info| {
        let place = info
            .location()
            .map_or_else(String::new, |l| format!(" at {l}"));
        errors.report(&Error::local(format!(
            "this is a bug in opentrain{place}; please report it"
        )));
        process::exit(1);
    }));
    let invocation = match cli::parse(commands::TABLE, words) {
        Ok(invocation) => invocation,
        Err(error) => {
            errors.report(&error);
            return ExitCode::FAILURE;
        }
    };
    let mut printer = Printer::new(&invocation, errors);
    let error = call::run(&invocation, &mut printer).err();
    printer.finish(error.as_ref());
    // Every error is status 1, usage mistakes included (API.md, D1).
    match error {
        None => ExitCode::SUCCESS,
        Some(_) => ExitCode::FAILURE,
    }
}
