//! One error type: what went wrong, what it prints, what to do next.
//!
//! Every error ends the process with status 1 and leaves standard output empty;
//! `output::report` prints it on standard error.

/// What went wrong, in one sentence, with one sentence of help where there is one.
#[derive(Debug)]
pub struct Error {
    /// Which kind of failure it is; decides how the text is introduced.
    pub kind: Kind,
    /// One sentence. May hold a server's words: it is made safe when printed.
    pub text: String,
    /// One sentence of what to do, with the command when there is one.
    pub hint: Option<String>,
}

/// The kinds of failure that callers tell apart.
#[derive(Debug)]
pub enum Kind {
    /// The words on the command line are wrong; nothing was read or sent.
    Usage,
    /// The server answered and refused.
    Refused(Box<Refusal>),
    /// The request provably never reached the server: nothing was sent. Whether the fault may
    /// pass by itself.
    Unreached(bool),
    /// The request may have reached the server, but no usable answer came back; what did
    /// come is kept, because it may hold a secret that is shown once.
    Lost(String),
    /// Something on this machine: a file, a variable, standard output.
    Local,
    /// A secret that the server shows once could not be saved; these lines print it.
    Rescue(Vec<String>),
}

/// An error answer of the API, in the documented envelope or in the OAuth shape.
#[derive(Debug, Default)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// `code` of the envelope, or the slug of the OAuth shape.
    pub code: String,
    /// The `details` object as compact JSON.
    pub details: Option<String>,
    /// `requestId`, to quote to support.
    pub request_id: Option<String>,
    /// Seconds to wait, by the `Retry-After` header or `details.retryAfterSeconds`.
    pub retry_after: Option<u64>,
}

impl Error {
    fn new(kind: Kind, text: impl Into<String>) -> Self {
        Error {
            kind,
            text: text.into(),
            hint: None,
        }
    }

    /// A mistake on the command line.
    pub fn usage(text: impl Into<String>) -> Self {
        Self::new(Kind::Usage, text)
    }

    /// A fault of this machine: a file, a variable, standard output.
    pub fn local(text: impl Into<String>) -> Self {
        Self::new(Kind::Local, text)
    }

    /// The request never left this machine or never reached the server; `passing` says whether
    /// that may change by itself.
    pub fn unreached(text: impl Into<String>, passing: bool) -> Self {
        Self::new(Kind::Unreached(passing), text)
    }

    /// The request may have arrived, but of the answer only `received` did.
    pub fn lost(text: impl Into<String>, received: &[u8]) -> Self {
        Self::new(
            Kind::Lost(String::from_utf8_lossy(received).into_owned()),
            text,
        )
    }

    /// The server's refusal; `text` is its message.
    pub fn refused(refusal: Refusal, text: impl Into<String>) -> Self {
        Self::new(Kind::Refused(Box::new(refusal)), text)
    }

    /// A secret that could not be saved: `lines` hold it and say what to do.
    pub fn rescue(text: impl Into<String>, lines: Vec<String>) -> Self {
        Self::new(Kind::Rescue(lines), text)
    }

    /// Adds the sentence of what to do; an earlier one stays.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint.get_or_insert(hint.into());
        self
    }
}
