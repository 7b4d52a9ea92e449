//! Emphasis on a terminal: what a piece of text is, and how it looks.

use std::borrow::Cow;

/// What a piece of text is. Its colours are readable on black and on white.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ink {
    /// The outcome, and headings.
    Heading,
    /// The name of a value.
    Label,
    /// What waits for a human.
    Human,
    /// What went wrong.
    Error,
}

impl Ink {
    /// The text, marked accordingly where colours are wanted. It is already safe.
    pub(crate) fn on(self, text: &str, coloured: bool) -> Cow<'_, str> {
        if !coloured || text.is_empty() {
            return Cow::Borrowed(text);
        }
        let code = match self {
            Ink::Heading => "1",
            Ink::Label => "2",
            Ink::Human => "1;35",
            Ink::Error => "1;31",
        };
        Cow::Owned(format!("\u{1b}[{code}m{text}\u{1b}[0m"))
    }
}
