//! What to do next, as static data: a sentence with commands in it.

use super::Invocation;
use crate::error::Hint;
use crate::json::Object;
use crate::step::{Argument, Step};
use crate::view::words::cents;

/// A sentence; each `{}` in it is one of the commands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Advice {
    /// The sentence, without an initial capital or a final full stop. Empty for none.
    pub text: &'static str,
    /// The commands that it names.
    pub steps: &'static [Next],
}

/// A command to run next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Next {
    /// The words that call it.
    pub words: &'static str,
    /// Its flags by name, and where their values come from.
    pub flags: &'static [(&'static str, Fill)],
}

/// Where the value of a flag comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fill {
    /// The flag takes no value.
    Switch,
    /// Always this text.
    Text(&'static str),
    /// The reader fills it in; the text is its placeholder.
    Blank(&'static str),
    /// Known from the call: this key of the error's details, else the flag of the same name, else
    /// the placeholder.
    Known(&'static str, &'static str),
}

impl Advice {
    /// Nothing to say.
    pub(crate) const NONE: Advice = Advice::new("", &[]);

    /// A sentence with commands.
    pub(crate) const fn new(text: &'static str, steps: &'static [Next]) -> Self {
        Advice { text, steps }
    }

    /// A sentence without commands.
    pub(crate) const fn text(text: &'static str) -> Self {
        Advice::new(text, &[])
    }

    /// The sentence without a call: what only a call could supply stays a placeholder.
    pub(crate) fn in_general(&self) -> Hint {
        Hint::new(self.text, self.steps.iter().map(Next::in_general))
    }

    /// The sentence for a call that was refused with these details. `{key}` in it stands for a
    /// key of the details; `None` when that is missing.
    pub(crate) fn for_call(&self, invocation: &Invocation, details: &Object<'_>) -> Option<Hint> {
        let known = |key: &str, flag: &str| {
            let detail = details.get(key).text().map(|t| t.into_owned());
            detail.or_else(|| invocation.named(flag).map(str::to_owned))
        };
        let texts = self.text.split("{}").map(|text| filled(text, details));
        let texts: Vec<String> = texts.collect::<Option<_>>()?;
        let steps = self.steps.iter().map(|next| next.step(known));
        Some(Hint::default().woven(texts, steps))
    }
}

impl Next {
    /// A command without flags.
    pub(crate) const fn new(words: &'static str) -> Self {
        Next::with(words, &[])
    }

    /// A command with flags.
    pub(crate) const fn with(words: &'static str, flags: &'static [(&'static str, Fill)]) -> Self {
        Next { words, flags }
    }

    /// The command without a call: what only a call could supply stays a placeholder.
    pub(crate) fn in_general(&self) -> Step {
        self.step(|_, _| None)
    }

    fn step(&self, known: impl Fn(&str, &str) -> Option<String>) -> Step {
        let argument = |(name, fill): &(&'static str, Fill)| match *fill {
            Fill::Switch => Argument::Switch(name),
            Fill::Text(text) => Argument::Value(name, text.into()),
            Fill::Blank(blank) => Argument::Blank(name, blank.into()),
            Fill::Known(key, blank) => match known(key, name) {
                Some(value) => Argument::Value(name, value),
                None => Argument::Blank(name, blank.into()),
            },
        };
        Step::new(
            self.words,
            self.flags.iter().map(argument).collect::<Vec<_>>(),
        )
    }
}

/// A text with each `{key}` replaced by the value of that key in `details`, cents as money.
fn filled(text: &str, details: &Object<'_>) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (key, after) = after.split_once('}')?;
        out.push_str(before);
        let words = details.get(key).joined();
        out.push_str(&match key.ends_with("Cents") {
            true => cents(words, "USD")?,
            false => words?,
        });
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}
