//! `opentrain`: the OpenTrain public API from the command line.
//!
//! Words become an invocation, an invocation a request, a reply text. This file is the process
//! around that: words in, exit status out.

mod cli;
mod commands;
mod config;
mod docs;
mod error;
mod http;
mod output;

use std::process::{self, ExitCode};
use std::{env, panic};

use cli::Parsed;
use error::Error;

fn main() -> ExitCode {
    // What std prints of a panic may hold a server's words, or a user's: the place is enough.
    panic::set_hook(Box::new(|info| {
        let place = info
            .location()
            .map_or_else(String::new, |l| format!(" at {l}"));
        output::note(&format!(
            "Error: a fault of the program itself{place}; please report it"
        ));
        process::exit(1);
    }));
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        // Every error is status 1, usage mistakes included (cli.md, decision 1).
        Err(error) => {
            output::report(&error);
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Error> {
    match cli::parse(commands::TABLE, env::args_os().skip(1).collect())? {
        Parsed::Run(invocation) => (invocation.command.run)(&invocation),
        Parsed::Help(words) => commands::show_help(&words),
        Parsed::Version(json) => commands::show_version(json),
    }
}
