//! What a command is: one value from which parsing, help, manual, completions, requests and views
//! are derived.

use std::vec;

use super::{ALL, Advice, DRY_RUN, Endpoint, Flag, Invocation, JSONL, Sink, TIMEOUT, View, WAIT};
use crate::error::{Error, Hint, Refusal};
use crate::view::More;

/// A group of commands that share their first word.
pub(crate) struct Namespace {
    /// The first word.
    pub name: &'static str,
    /// What it covers, in a few words.
    pub summary: &'static str,
    /// Its commands, in the order in which help shows them.
    pub commands: &'static [&'static Command],
    /// How to do what no command does.
    pub recipe: Option<Recipe>,
}

/// How to do something with other programs.
#[derive(Debug)]
pub(crate) struct Recipe {
    /// What it is about, in capitals.
    pub heading: &'static str,
    /// What it does. One sentence per line.
    pub text: &'static str,
    /// A script for sh(1).
    pub script: &'static [&'static str],
}

/// One command. Most are pure data: an endpoint, flags that say where their values go, and a view
/// of the reply.
pub(crate) struct Command {
    /// The words that call it, such as `["jobs", "draft", "create"]`.
    pub words: &'static [&'static str],
    /// A single word that also calls it.
    pub alias: Option<&'static str>,
    /// One line of at most 72 columns.
    pub summary: &'static str,
    /// More: what it needs, changes and prints. One sentence per line.
    pub about: &'static str,
    /// Its own flags; the global ones are added everywhere.
    pub flags: &'static [Flag],
    /// Further flags, of which exactly one must be given.
    pub one_of: &'static [Flag],
    /// The bare words that it takes.
    pub rest: Rest,
    /// Complete command lines.
    pub examples: &'static [&'static str],
    /// The endpoint that it wraps.
    pub endpoint: Option<Endpoint>,
    /// A flag, and the further endpoint that it asks for.
    pub also: Option<(&'static Flag, Endpoint)>,
    /// Seconds that a call may take in total.
    pub timeout: u64,
    /// The JSON body of the request, when it is more than the flags' destinations say.
    pub body: Option<MakeBody>,
    /// How the reply is shown.
    pub view: View<'static>,
    /// What the call only begins and a human decides.
    pub outcome: Option<&'static Outcome>,
    /// The secret that the reply shows only once, in words such as `the new webhook's secret`.
    pub shown_once: Option<&'static str>,
    /// Whether a write may be sent again without doing its thing twice.
    pub repeat: Repeat,
    /// For a write whose answer was lost: what to do.
    pub if_lost: Advice,
    /// What to do about a refusal that has no reason known to all commands.
    pub if_refused: Option<IfRefused>,
    /// Its tool for MCP clients, without the prefix of all tools. Commands that share one are told
    /// apart by what they require.
    pub tool: Option<&'static str>,
    /// A separate tool that does the same with --wait.
    pub waiting_tool: Option<&'static str>,
    /// Whether it ends or deletes something, or asks to pay out.
    pub ends: bool,
    /// Code of its own; without it the endpoint is called and the reply is handed over.
    pub run: Option<Run>,
}

/// Something that a human decides: how a reply describes it, and which command looks at it.
pub(crate) struct Outcome {
    /// In words, such as `the approval`.
    pub name: &'static str,
    /// The key of the object in the reply that has its `id` and `status`.
    pub key: &'static str,
    /// The key, in that object or next to it, of the URL that the human opens.
    pub url: &'static str,
    /// The status that is hoped for.
    pub done: &'static str,
    /// Those that end it otherwise. While it has any other, it is undecided.
    pub failed: &'static [&'static str],
    /// What a failed one means.
    pub undone: &'static str,
    /// Whether the call may take effect at once, with no such object in the reply.
    pub may_be_at_once: bool,
    /// The command that looks at it, whose reply has the same key.
    pub look: &'static Command,
    /// The flag of that command which takes its id.
    pub id: &'static Flag,
}

/// Makes the JSON text of a request's body.
pub(super) type MakeBody = fn(&Invocation) -> Result<String, Error>;

/// Says what to do about a refusal.
pub(super) type IfRefused = fn(&Invocation, &Refusal) -> Option<Hint>;

/// Runs a command: its answers go to the sink.
pub(super) type Run = fn(&Invocation, &mut dyn Sink) -> Result<(), Error>;

/// Whether a write may be sent again without doing its thing twice (API.md, section 5).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Repeat {
    /// A second one may do it twice.
    Never,
    /// A second one changes nothing more.
    Always,
    /// The same, when this flag is given.
    With(&'static Flag),
}

/// The bare words that a command takes besides its flags.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Rest {
    /// None but the id that a flag can also give.
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
    pub(crate) fn placeholder(&self) -> &'static str {
        match self {
            Rest::Nothing => "",
            Rest::Words(placeholder)
            | Rest::Namespace(placeholder)
            | Rest::OneOf(placeholder, _) => placeholder,
        }
    }
}

impl Command {
    /// The defaults of a command.
    pub(crate) const BASE: Command = Command {
        words: &[],
        alias: None,
        summary: "",
        about: "",
        flags: &[],
        one_of: &[],
        rest: Rest::Nothing,
        examples: &[],
        endpoint: None,
        also: None,
        timeout: 30,
        body: None,
        view: View::Json,
        outcome: None,
        shown_once: None,
        repeat: Repeat::Never,
        if_lost: Advice::NONE,
        if_refused: None,
        tool: None,
        waiting_tool: None,
        ends: false,
        run: None,
    };

    /// All its flags, the global ones left out.
    pub(crate) fn all_flags(&self) -> vec::IntoIter<&'static Flag> {
        let mut flags: Vec<&Flag> = self.one_of.iter().collect();
        flags.extend(self.own_flags());
        flags.into_iter()
    }

    /// Its flags, and those implied by what it does: a list can be followed and printed line by
    /// line, a human waited for, a write shown without being sent.
    pub(crate) fn own_flags(&self) -> vec::IntoIter<&'static Flag> {
        const PAGES: &[Flag] = &[ALL, JSONL];
        const LIST: &[Flag] = &[JSONL];
        const WRITE: &[Flag] = &[DRY_RUN];
        const WAITS: &[Flag] = &[WAIT, TIMEOUT];
        let list = match self.view {
            View::List(list) if matches!(list.more, More::Cursor | More::Feed) => PAGES,
            View::List(_) => LIST,
            _ => &[],
        };
        let also = self.also.as_ref().map(|(_, endpoint)| endpoint);
        let writes = self.endpoint.iter().chain(also).any(Endpoint::writes);
        let write = if writes { WRITE } else { &[] };
        // Not a chain of iterators: each of its many users would contain all of its code.
        let waits = if self.outcome.is_some() { WAITS } else { &[] };
        let flags = [self.flags, waits, list, write];
        let flags: Vec<&Flag> = flags.into_iter().flatten().collect();
        flags.into_iter()
    }

    /// Its own form of a flag, when it has the flag.
    pub(crate) fn flag(&self, flag: &Flag) -> Option<&'static Flag> {
        self.all_flags().find(|own| own.name == flag.name)
    }

    /// Whether its words begin with these.
    pub(crate) fn begins_with(&self, words: &[String]) -> bool {
        let first = self.words.get(..words.len());
        first.is_some_and(|first| first == words)
    }

    /// The words as typed: `jobs draft create`.
    pub(crate) fn name(&self) -> String {
        self.words.join(" ")
    }
}
