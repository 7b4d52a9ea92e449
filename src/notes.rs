//! What is worth knowing about a call while it goes on, on its way to whoever made the call.

use crate::step::Step;

/// Takes notes.
pub(crate) trait Notes {
    /// News about this call, at the moment when it is news: before a wait, not after it.
    fn note(&mut self, text: &str);

    /// The same, for what may come up with each request of a call and is told with the first,
    /// by whoever remembers what was told.
    fn once(&mut self, text: &str) {
        self.note(text);
    }

    /// A remark that is not about this call, such as on the mode of a file. It is told once,
    /// after the answer or the error.
    fn remark(&mut self, text: &str);

    /// A next step as whoever reads the notes takes it.
    fn spelled(&self, step: &Step) -> String {
        step.to_string()
    }
}
