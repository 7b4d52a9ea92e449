//! What is worth knowing about a call in progress, on its way to whoever made it.

use crate::step::Step;

/// Receives notes.
pub(crate) trait Notes {
    /// News about this call, while it is still news: before a wait, not after it.
    fn note(&mut self, text: &str);

    /// The same, for what may come up with every request of a call and is said only with the first,
    /// by whoever remembers what was said.
    fn once(&mut self, text: &str) {
        self.note(text);
    }

    /// A remark that is not about this call, such as one on a file's mode. It is made once, after
    /// the answer or the error.
    fn remark(&mut self, text: &str);

    /// A next step in the form that the reader of the notes can use.
    fn spelled(&self, step: &Step) -> String {
        step.to_string()
    }
}
