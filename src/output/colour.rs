//! Whether a stream gets colours.

use std::env;
use std::ffi::{OsStr, OsString};

use crate::cli::COLOR;
use crate::config::terminal_has_escapes;

/// What `--color` says among the words of a call, whether the rest of them makes sense or not.
pub(super) fn wanted(words: &[OsString]) -> Option<&str> {
    let flag = format!("--{}", COLOR.name);
    let mut words = words.iter().take_while(|word| **word != *"--");
    while let Some(word) = words.next().and_then(|word| word.to_str()) {
        match word.strip_prefix(&flag) {
            Some("") => return words.next().and_then(|when| when.to_str()),
            Some(rest) if rest.starts_with('=') => return rest.get(1..),
            _ => {}
        }
    }
    None
}

/// Whether a stream gets colours: as `--color` says, else on a terminal that has them, unless
/// `NO_COLOR`, or `CLICOLOR` with the value 0, is set.
pub(super) fn on(when: Option<&str>, terminal: bool) -> bool {
    match when {
        Some("always") => true,
        Some("never") => false,
        _ => {
            let is_set = |name: &str, is: fn(&OsStr) -> bool| {
                env::var_os(name).is_some_and(|value| is(&value))
            };
            terminal
                && terminal_has_escapes()
                && !is_set("NO_COLOR", |value| !value.is_empty())
                && !is_set("CLICOLOR", |value| value == "0")
        }
    }
}
