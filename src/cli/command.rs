//! What a command is: one value from which parsing, help, manual and completions are read.

use super::{Flag, Invocation};
use crate::error::Error;
use crate::output::shell_word;

/// A group of commands that share their first word.
#[derive(Debug)]
pub struct Namespace {
    /// The first word.
    pub name: &'static str,
    /// What it covers, in a few words.
    pub summary: &'static str,
    /// Its commands, in the order in which help shows them.
    pub commands: &'static [Command],
}

/// One command.
#[derive(Debug)]
pub struct Command {
    /// The words that call it, such as `["jobs", "draft", "create"]`.
    pub words: &'static [&'static str],
    /// A single word that calls it too.
    pub alias: Option<&'static str>,
    /// One line of at most 72 columns.
    pub summary: &'static str,
    /// More: what it needs, changes and prints. One sentence a line.
    pub about: &'static str,
    /// Its own flags; the global ones are added everywhere.
    pub flags: &'static [Flag],
    /// Further flags, of which exactly one must be given.
    pub one_of: &'static [Flag],
    /// The endpoint that it wraps.
    pub endpoint: Option<Endpoint>,
    /// Seconds that a call may take in all.
    pub timeout: u64,
    /// For a write whose answer was lost: what to do, as one sentence.
    pub if_lost: &'static str,
    /// The bare words that it takes.
    pub rest: Rest,
    /// Complete command lines.
    pub examples: &'static [&'static str],
    /// Runs it.
    pub run: fn(&Invocation) -> Result<(), Error>,
}

/// The bare words that a command takes beside its flags.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rest {
    /// None but the id that a flag may give too.
    Nothing,
    /// Words of the table, or none; the text is their placeholder.
    Words(&'static str),
    /// The name of a namespace, or none; the text is its placeholder.
    Namespace(&'static str),
    /// Exactly one of these; the text is their placeholder.
    OneOf(&'static str, &'static [&'static str]),
}

impl Rest {
    /// The placeholder for a usage line.
    pub fn placeholder(&self) -> &'static str {
        match self {
            Rest::Nothing => "",
            Rest::Words(placeholder)
            | Rest::Namespace(placeholder)
            | Rest::OneOf(placeholder, _) => placeholder,
        }
    }
}

/// The endpoint behind a command, with what the documentation says that it needs.
/// The server decides; the client never blocks a call beforehand.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint {
    /// HTTP method.
    pub method: &'static str,
    /// What all paths of its kind begin with.
    pub prefix: &'static str,
    /// Path after the prefix; `{job-id}` stands for the value of the flag `--job-id`.
    pub path: &'static str,
    /// Who has to vouch for the call.
    pub auth: Auth,
    /// Feature flag that must be on for the account.
    pub feature: Option<&'static str>,
    /// Whether the account must have been claimed by a human.
    pub claimed: bool,
}

/// Who vouches for a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Auth {
    /// Nobody: the call is public and carries no token.
    Tokenless,
    /// No bearer token, but a secret in the body or in the reply.
    Body,
    /// A bearer token with this scope; an empty scope means any valid token.
    Bearer(&'static str),
}

impl Endpoint {
    /// An endpoint under a prefix, for any valid token.
    pub const fn new(method: &'static str, prefix: &'static str, path: &'static str) -> Self {
        Endpoint {
            method,
            prefix,
            path,
            auth: Auth::Bearer(""),
            feature: None,
            claimed: false,
        }
    }

    /// It needs no API token, but its bodies carry secrets.
    pub const fn secret_body(mut self) -> Self {
        self.auth = Auth::Body;
        self
    }

    /// It needs a token with this scope.
    pub const fn scope(mut self, scope: &'static str) -> Self {
        self.auth = Auth::Bearer(scope);
        self
    }

    /// It needs no token.
    pub const fn tokenless(mut self) -> Self {
        self.auth = Auth::Tokenless;
        self
    }

    /// It needs this feature to be on.
    pub const fn feature(mut self, feature: &'static str) -> Self {
        self.feature = Some(feature);
        self
    }

    /// It needs a claimed account.
    pub const fn claimed(mut self) -> Self {
        self.claimed = true;
        self
    }

    /// Whether it changes anything on the server.
    pub fn writes(&self) -> bool {
        self.method != "GET"
    }

    /// What the documentation says that it needs, in words.
    pub fn needs(&self) -> Vec<String> {
        let mut needs = vec![match self.auth {
            Auth::Tokenless => "no token".to_owned(),
            Auth::Body => "no API token".to_owned(),
            Auth::Bearer("") => "any valid token".to_owned(),
            Auth::Bearer(scope) => format!("a token with the scope {scope}"),
        }];
        needs.extend(self.feature.map(|f| format!("the feature {f}")));
        needs.extend(self.claimed.then(|| "a claimed account".to_owned()));
        needs
    }
}

impl Command {
    /// What a command is unless it says otherwise.
    pub const BASE: Command = Command {
        words: &[],
        alias: None,
        summary: "",
        about: "",
        flags: &[],
        one_of: &[],
        endpoint: None,
        timeout: 30,
        if_lost: "",
        rest: Rest::Nothing,
        examples: &[],
        run: |_| Ok(()),
    };

    /// All its flags, the global ones left out.
    pub fn all_flags(&self) -> impl Iterator<Item = &'static Flag> {
        self.one_of.iter().chain(self.flags)
    }

    /// The words as typed: `jobs draft create`.
    pub fn name(&self) -> String {
        self.words.join(" ")
    }

    /// A command line that calls it, ready to paste: words, flags with their values quoted
    /// for a shell. A value that is the flag's own placeholder stays one.
    pub fn line(&self, values: &[(&Flag, &str)]) -> String {
        let mut line = format!("opentrain {}", self.name());
        for (flag, value) in values {
            line.push_str(&format!(" --{}", flag.name));
            if flag.takes_value() {
                // A value that begins with dashes would pass for the next flag.
                line.push(if value.starts_with("--") { '=' } else { ' ' });
                match *value == flag.metavar {
                    true => line.push_str(value),
                    false => line.push_str(&shell_word(value)),
                }
            }
        }
        line
    }
}
