//! Weight for the eye, on a terminal: what a piece of text is, and how it looks then.

use std::borrow::Cow;

/// What a piece of text is. Its colours can be read on black and on white.
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
    /// The text, so marked where colours are wanted. It is safe already.
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
