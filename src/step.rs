//! A next step: a command as data, ready to be printed for pasting.

use std::borrow::Cow;
use std::fmt;

use crate::safe::masked;
use crate::shell::quoted;

/// A command with the values of its flags.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    words: String,
    arguments: Vec<Argument>,
}

/// A flag of a step, by name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Argument {
    /// A flag without a value.
    Switch(&'static str),
    /// A flag with a value, which is quoted for a shell.
    Value(&'static str, String),
    /// A flag whose value the reader has to fill in; printed as it is, such as `<id>`.
    Blank(&'static str, Cow<'static, str>),
}

impl Step {
    /// The command that these words call, such as `jobs publish`.
    pub(crate) fn new(words: impl Into<String>, arguments: impl Into<Vec<Argument>>) -> Self {
        Step {
            words: words.into(),
            arguments: arguments.into(),
        }
    }

    /// Adds a flag at the end, unless it is there.
    pub(crate) fn add(&mut self, argument: Argument) {
        if self.arguments.iter().all(|a| a.flag() != argument.flag()) {
            self.arguments.push(argument);
        }
    }
}

/// Writes a step: as a command line, or in the form that the caller can use.
pub(crate) type Spell = fn(&Step) -> String;

impl Step {
    /// The words of its command.
    pub(crate) fn words(&self) -> &str {
        &self.words
    }

    /// The flags of its command.
    pub(crate) fn arguments(&self) -> &[Argument] {
        &self.arguments
    }

    /// Whether it can be run as it is: the reader has nothing to fill in.
    pub(crate) fn is_ready(&self) -> bool {
        let blank = |argument: &Argument| matches!(argument, Argument::Blank(..));
        !self.arguments.iter().any(blank)
    }
}

impl Argument {
    /// The name of the flag.
    pub(crate) fn flag(&self) -> &'static str {
        match self {
            Argument::Switch(name) | Argument::Value(name, _) | Argument::Blank(name, _) => name,
        }
    }
}

/// The command line.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("opentrain")?;
        if !self.words.is_empty() {
            write!(f, " {}", self.words)?;
        }
        for argument in &self.arguments {
            match argument {
                Argument::Switch(name) => write!(f, " --{name}")?,
                Argument::Value(name, value) => {
                    // A value that begins with dashes would pass for the next flag.
                    let between = if value.starts_with("--") { '=' } else { ' ' };
                    // Before quoting, which may split a token.
                    write!(f, " --{name}{between}{}", quoted(&masked(value)))?;
                }
                Argument::Blank(name, blank) => write!(f, " --{name} {blank}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_and_blanks_are_not() {
        let step = Step::new(
            "jobs draft update",
            [
                Argument::Value("job-id", "x; rm -r <id>".into()),
                Argument::Blank("set", "<field=value>".into()),
                Argument::Value("title", "--x".into()),
                Argument::Switch("json"),
            ],
        );
        assert_eq!(
            step.to_string(),
            "opentrain jobs draft update --job-id 'x; rm -r <id>' --set <field=value> --title=--x --json"
        );
    }
}
