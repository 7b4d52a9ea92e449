//! Whether a stream gets colours.

use std::ffi::OsString;

use crate::cli::COLOR;
use crate::config::terminal_has_colours;

/// What `--color` says among the words of a call, whether or not the rest makes sense.
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

/// Whether a stream gets colours: as `--color` says, else on a terminal whose environment allows
/// it.
pub(super) fn on(when: Option<&str>, terminal: bool) -> bool {
    match when {
        Some("always") => true,
        Some("never") => false,
        _ => terminal && terminal_has_colours(),
    }
}
