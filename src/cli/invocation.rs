//! An invocation: one command and the checked values of its flags.

use super::{BASE_URL, Command, Flag, JSON};

/// One call of the program, as plain data.
#[derive(Debug)]
pub struct Invocation {
    /// The command.
    pub command: &'static Command,
    /// Flag names with their values in the order given; a switch has an empty value.
    pub(super) values: Vec<(&'static str, String)>,
    /// Bare words, for the commands that take them.
    pub words: Vec<String>,
}

impl Invocation {
    /// The value of a flag, when it was given.
    pub fn get(&self, flag: &Flag) -> Option<&str> {
        self.all(flag).next()
    }

    /// The value of a required flag. The parser has made sure that it is there.
    pub fn need(&self, flag: &Flag) -> &str {
        self.get(flag).unwrap_or_default()
    }

    /// All values of a repeatable flag, in order.
    pub fn all<'a>(&'a self, flag: &Flag) -> impl Iterator<Item = &'a str> + use<'a> {
        let name = flag.name;
        self.values
            .iter()
            .filter(move |(n, _)| *n == name)
            .map(|(_, v)| v.as_str())
    }

    /// Whether a flag was given.
    pub fn has(&self, flag: &Flag) -> bool {
        self.get(flag).is_some()
    }

    /// Whether JSON was asked for.
    pub fn json(&self) -> bool {
        self.has(&JSON)
    }

    /// The command line of a next step, ready to paste. It goes to the same server as this call.
    pub fn next(&self, command: &Command, values: &[(&Flag, &str)]) -> String {
        let mut values = values.to_vec();
        if let Some(url) = self.get(&BASE_URL) {
            values.push((&BASE_URL, url));
        }
        command.line(&values)
    }

    /// This same call once more, with one flag set to another value: the next page.
    pub fn again(&self, flag: &Flag, value: &str) -> String {
        let kept = |f: &&Flag| f.name != flag.name;
        let mut values: Vec<(&Flag, &str)> = Vec::new();
        for own in self.command.all_flags().filter(kept) {
            values.extend(self.all(own).map(|v| (own, v)));
        }
        values.push((flag, value));
        self.next(self.command, &values)
    }
}
