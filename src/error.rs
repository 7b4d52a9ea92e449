//! One error type: what went wrong, what it prints, what to do next.
//!
//! Every error ends the process with status 1; `output` prints it on standard error.

mod verdict;

use std::fmt;

use crate::json::Object;
use crate::step::{Argument, Spell, Step};

/// What went wrong, in one sentence, with one sentence of help where there is one.
#[derive(Debug)]
pub(crate) struct Error {
    /// What failed; decides how the text is introduced.
    pub failure: Failure,
    /// One sentence. May contain a server's words: it is made safe when printed.
    pub text: String,
    /// What to do.
    pub hint: Option<Hint>,
    /// The fault may be gone on the next try.
    pub passing: bool,
    /// The call was a write: whether it is safe to send again.
    pub repeatable_write: Option<bool>,
    /// The write was carried out; the error is about what came after it.
    pub carried_out: bool,
}

/// The failures that callers tell apart.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The words on the command line are wrong; nothing was read or sent.
    Usage,
    /// The server answered and refused.
    Refused(Box<Refusal>),
    /// The request provably never reached the server: nothing was sent.
    Unreached,
    /// The request may have reached the server, but no usable answer came back; what did
    /// come is kept, because it may hold a secret that is shown once.
    Lost(String),
    /// Something on this machine: a file, a variable.
    Local,
    /// The call succeeded and its answer is out, but it is not what was hoped for: a human
    /// declined, or a flag demands something else.
    Unmet,
    /// The answer arrived but could not be written to standard output.
    Output,
    /// A secret that the server shows once could not be saved; these lines print it.
    Rescue(Vec<String>),
    /// Not a failure: this is the request, as JSON, that was to be shown and not sent.
    DryRun(String),
}

/// An error answer of the API, in the documented envelope or in the OAuth shape.
#[derive(Debug, Default)]
pub(crate) struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// The envelope's `code`, or the slug of the OAuth shape.
    pub code: String,
    /// The `details` object as compact JSON.
    pub details: Option<String>,
    /// `requestId`, to quote to support.
    pub request_id: Option<String>,
    /// Seconds to wait, by the `Retry-After` header or `details.retryAfterSeconds`; never 0.
    pub retry_after: Option<u64>,
}

impl Refusal {
    /// Whether a write that got this answer may have taken effect anyway: the server or a gateway
    /// failed. (For a read, such a fault may pass.)
    pub(crate) fn leaves_effect_unknown(&self) -> bool {
        matches!(self.status, 408 | 500 | 502..=504 | 520..=529)
    }

    /// The `details` object; empty when there is none, or it is something else.
    pub(crate) fn details(&self) -> Object<'_> {
        let details = self.details.as_deref().and_then(Object::parse);
        details.unwrap_or_default()
    }
}

impl Error {
    fn new(failure: Failure, text: impl Into<String>) -> Self {
        Error {
            failure,
            text: text.into(),
            hint: None,
            passing: false,
            repeatable_write: None,
            carried_out: false,
        }
    }

    /// A mistake on the command line.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self::new(Failure::Usage, text)
    }

    /// A fault of this machine: a file, a variable.
    pub(crate) fn local(text: impl Into<String>) -> Self {
        Self::new(Failure::Local, text)
    }

    /// The answer, already out, is not what a flag demands.
    pub(crate) fn unmet(text: impl Into<String>) -> Self {
        Self::new(Failure::Unmet, text)
    }

    /// Standard output accepts no more.
    pub(crate) fn output(text: impl Into<String>) -> Self {
        Self::new(Failure::Output, text)
    }

    /// The request never left this machine or never reached the server.
    pub(crate) fn unreached(text: impl Into<String>) -> Self {
        Self::new(Failure::Unreached, text)
    }

    /// The request may have arrived, but only `received` of the answer did.
    pub(crate) fn lost(text: impl Into<String>, received: &[u8]) -> Self {
        let received = String::from_utf8_lossy(received).into_owned();
        Self::new(Failure::Lost(received), text)
    }

    /// The server's refusal; `text` is its message.
    pub(crate) fn refused(refusal: Refusal, text: impl Into<String>) -> Self {
        Self::new(Failure::Refused(Box::new(refusal)), text)
    }

    /// A secret that could not be saved: `lines` contain it and say what to do.
    pub(crate) fn rescue(text: impl Into<String>, lines: Vec<String>) -> Self {
        Self::new(Failure::Rescue(lines), text)
    }

    /// The request that was to be shown and not sent.
    pub(crate) fn dry_run(request: String) -> Self {
        Self::new(Failure::DryRun(request), "nothing was sent")
    }

    /// The text, with the status of a refusal, for use inside another sentence.
    pub(crate) fn brief(&self) -> String {
        match &self.failure {
            Failure::Refused(refusal) => {
                format!("{} {}: {}", refusal.status, refusal.code, self.text)
            }
            _ => self.text.clone(),
        }
    }

    /// Whether a write that ended this way may have taken effect anyway.
    pub(crate) fn leaves_effect_unknown(&self) -> bool {
        match &self.failure {
            Failure::Refused(refusal) => refusal.leaves_effect_unknown(),
            failure => matches!(failure, Failure::Lost(_)),
        }
    }

    /// Says whether the fault may be gone on the next try.
    pub(crate) fn passing(mut self, passing: bool) -> Self {
        self.passing = passing;
        self
    }

    /// The documented lines of an error, then the hint.
    pub(crate) fn lines(&self) -> Vec<String> {
        let text = &self.text;
        let mut lines = match &self.failure {
            Failure::Usage => vec![format!("Usage error: {text}")],
            Failure::Refused(refusal) => {
                let (status, code) = (refusal.status, &refusal.code);
                let details = refusal.details.iter();
                let id = refusal.request_id.iter();
                let mut lines = vec![format!(
                    "OpenTrain API request failed ({status} {code}): {text}"
                )];
                lines.extend(details.map(|details| format!("Details: {details}")));
                lines.extend(id.map(|id| format!("Request id: {id}")));
                lines
            }
            _ => vec![format!("Error: {text}")],
        };
        lines.extend(self.hint.iter().map(|hint| format!("Hint: {hint}")));
        lines
    }

    /// The secret that would be lost if these lines were not shown.
    pub(crate) fn secrets(&self) -> &[String] {
        match &self.failure {
            Failure::Rescue(lines) => lines,
            _ => &[],
        }
    }

    /// Adds what to do; an earlier hint stays.
    pub(crate) fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hint.get_or_insert(hint.into());
        self
    }
}

/// What to do about an error: a sentence, in which commands stand as data.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hint {
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Step(Step),
}

impl Hint {
    /// A sentence with `{}` in place of each step.
    pub(crate) fn new(sentence: &str, steps: impl IntoIterator<Item = Step>) -> Self {
        Hint::default().and(sentence, steps)
    }

    /// The same, followed by another such sentence.
    pub(crate) fn and(self, sentence: &str, steps: impl IntoIterator<Item = Step>) -> Self {
        self.woven(sentence.split("{}"), steps)
    }

    /// The same, followed by texts with a step between each two.
    pub(crate) fn woven<T: Into<String>>(
        mut self,
        texts: impl IntoIterator<Item = T>,
        steps: impl IntoIterator<Item = Step>,
    ) -> Self {
        let mut steps = steps.into_iter();
        for (n, text) in texts.into_iter().enumerate() {
            let step = if n == 0 { None } else { steps.next() };
            self.parts.extend(step.map(Part::Step));
            self = self.text(text);
        }
        self
    }

    /// The same, followed by text; braces in it are only braces.
    pub(crate) fn text(mut self, text: impl Into<String>) -> Self {
        self.parts.push(Part::Text(text.into()));
        self
    }

    /// The same, preceded by text.
    pub(crate) fn after(mut self, text: impl Into<String>) -> Self {
        self.parts.insert(0, Part::Text(text.into()));
        self
    }

    /// The commands that it names, in order.
    pub(crate) fn steps(&mut self) -> impl Iterator<Item = &mut Step> {
        self.parts.iter_mut().filter_map(|part| match part {
            Part::Step(step) => Some(step),
            Part::Text(_) => None,
        })
    }

    /// The commands that it names, written out, where they can be run as they are.
    pub(crate) fn ready_steps(&self) -> impl Iterator<Item = String> {
        self.parts.iter().filter_map(|part| match part {
            Part::Step(step) if step.is_ready() => Some(step.to_string()),
            _ => None,
        })
    }

    /// Writes its commands another way; as text they are no longer commands. `told` rewrites the
    /// words around them.
    pub(crate) fn spell(&mut self, spell: Spell, told: &dyn Fn(&str) -> String) {
        for part in &mut self.parts {
            *part = Part::Text(match part {
                Part::Step(step) => spell(step),
                Part::Text(text) => told(text),
            });
        }
    }

    /// Adds one more flag to every command.
    pub(crate) fn add(&mut self, argument: &Argument) {
        self.steps().for_each(|step| step.add(argument.clone()));
    }
}

/// The sentence with its commands written out.
impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Step(step) => write!(f, "{step}"),
        })
    }
}

/// A sentence that names no command. Braces in it are only braces.
impl<S: Into<String>> From<S> for Hint {
    fn from(text: S) -> Self {
        Hint::default().text(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_of_a_hint_gets_a_flag_and_the_text_does_not() {
        let mut hint = Hint::new("do `{}`, not `this`", [Step::new("whoami", [])])
            .and("; then `{}`", [Step::new("jobs list", [])]);
        hint.add(&Argument::Value("base-url", "http://x".into()));
        assert_eq!(
            hint.to_string(),
            "do `opentrain whoami --base-url http://x`, not `this`; then `opentrain jobs list --base-url http://x`"
        );
        assert_eq!(Hint::from("a {} b").to_string(), "a {} b");
    }
}
