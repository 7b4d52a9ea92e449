//! An invocation: one command and the checked values of its flags.

use super::{BASE_URL, CURSOR, CURSOR_FILE, Command, Endpoint, Flag, GET, JSON, METHOD, Repeat};
use crate::step::{Argument, Step};

/// One call of the program, as plain data.
#[derive(Clone)]
pub(crate) struct Invocation {
    /// The command.
    pub command: &'static Command,
    /// Flag names with their values in the order given; a switch has an empty value.
    pub(super) values: Vec<(&'static str, String)>,
    /// Bare words, for the commands that take them.
    pub words: Vec<String>,
}

impl Invocation {
    /// A call that was not made on a command line, with those of these flags that have a value: it
    /// is already checked, and what the command requires is there.
    pub(crate) fn of(command: &'static Command, given: &[(&'static Flag, Option<&str>)]) -> Self {
        let given = given
            .iter()
            .filter_map(|(flag, value)| Some((flag.name, (*value)?.to_owned())));
        Invocation {
            command,
            values: given.collect(),
            words: Vec::new(),
        }
    }

    /// The value of a flag, when it was given.
    pub(crate) fn get(&self, flag: &Flag) -> Option<&str> {
        self.all(flag).next()
    }

    /// The value of a required flag. The parser has made sure that it is there.
    pub(crate) fn need(&self, flag: &Flag) -> &str {
        self.get(flag).unwrap_or_default()
    }

    /// All values of a repeatable flag, in order.
    pub(crate) fn all<'a>(&'a self, flag: &Flag) -> impl Iterator<Item = &'a str> + use<'a> {
        let name = flag.name;
        self.values
            .iter()
            .filter(move |(n, _)| *n == name)
            .map(|(_, v)| v.as_str())
    }

    /// Whether a flag was given.
    pub(crate) fn has(&self, flag: &Flag) -> bool {
        self.get(flag).is_some()
    }

    /// Whether the command's write may be sent again without doing its thing twice.
    pub(crate) fn is_repeatable(&self) -> bool {
        match self.command.repeat {
            Repeat::Never => false,
            Repeat::Always => true,
            Repeat::With(flag) => self.has(flag),
        }
    }

    /// Whether the call may change something on the server.
    pub(crate) fn writes(&self) -> bool {
        let endpoint = self.command.endpoint.as_ref();
        let by_hand = self.get(&METHOD).is_some_and(|method| method != "GET");
        endpoint.map_or(by_hand, Endpoint::writes)
    }

    /// Gives a flag this value in place of its current one.
    pub(crate) fn set(&mut self, flag: &Flag, value: &str) {
        self.values.retain(|(name, _)| *name != flag.name);
        self.values.push((flag.name, value.to_owned()));
    }

    /// Whether JSON was asked for.
    pub(crate) fn json(&self) -> bool {
        self.has(&JSON)
    }

    /// The value of the flag of this name, when it was given.
    pub(crate) fn named(&self, name: &str) -> Option<&str> {
        let found = self.values.iter().find(|(n, _)| *n == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A next step. It goes to the same server as this call.
    pub(crate) fn step(&self, command: &Command, arguments: impl Into<Vec<Argument>>) -> Step {
        self.step_to(&command.name(), arguments)
    }

    /// The same for a command named by its words.
    pub(crate) fn step_to(&self, words: &str, arguments: impl Into<Vec<Argument>>) -> Step {
        let mut step = Step::new(words, arguments);
        if let Some(url) = self.get(&BASE_URL) {
            step.add(BASE_URL.is(url));
        }
        step
    }

    /// This same call once more, with one flag set to another value: the next page.
    pub(crate) fn again(&self, flag: &Flag, value: &str) -> Step {
        self.again_with(flag.is(value))
    }

    /// The same with any argument, replacing the flag's own value if it has one.
    pub(crate) fn again_with(&self, last: Argument) -> Step {
        // A file that keeps the cursor already has it.
        let kept = last.flag() == CURSOR.name && self.has(&CURSOR_FILE);
        let own = self.command.all_flags().chain(&[JSON, GET]);
        let others = own.filter(|flag| flag.name != last.flag());
        let given = others.flat_map(|flag| {
            self.all(flag).map(|value| match flag.takes_value() {
                true => flag.is(value),
                false => flag.on(),
            })
        });
        let mut arguments: Vec<Argument> = given.collect();
        arguments.extend((!kept).then_some(last));
        self.step(self.command, arguments)
    }
}
