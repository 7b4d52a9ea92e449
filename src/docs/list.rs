//! `help --json`: the table, or a part of it, as one JSON document, so that an agent learns the
//! program in one call. Everything appears once, one command per line; what is absent, empty or
//! false is left out. Its shape is described in the topic `command-list` and checked by a test.

use std::vec;

use super::help::{commands_of, text_of_topic};
use super::topics::TOPICS;
use crate::cli::{Auth, Command, Endpoint, Field, Flag, GLOBAL_FLAGS, Kind, Table, View};
use crate::json::{Object, quote, quote_all};

/// The document for the words given: none for all of it, else those of a group, of a command or
/// of a topic. `None` when they name none of these. Paths are shown from `prefix` on.
pub(crate) fn command_list(table: Table, prefix: &'static str, words: &[String]) -> Option<String> {
    if let Some(topic) = TOPICS.iter().find(|topic| words.iter().eq([topic.name])) {
        let mut out = Object::default();
        out.push("topic", quote(topic.name));
        out.push("text", quote(&text_of_topic(table, topic)));
        return Some(format!("{out}\n"));
    }
    let commands = commands_of(table, words)?;
    let mut flags = Flags::of(&commands);
    let mut parts = Vec::new();
    if words.is_empty() {
        let topics: Vec<&str> = TOPICS.iter().map(|topic| topic.name).collect();
        let global = flags.objects(GLOBAL_FLAGS.iter());
        parts = vec![
            ("version", quote(env!("CARGO_PKG_VERSION"))),
            (
                "more",
                quote("`help <words> --json` says more about each, with examples"),
            ),
            ("pathsBelow", quote(prefix)),
            ("timeoutSeconds", Command::BASE.timeout.to_string()),
            ("topics", quote_all(&topics)),
            ("globalFlags", lines(&global)),
        ];
    }
    let whole = !words.is_empty();
    let listed = commands.iter();
    let listed: Vec<String> = listed
        .map(|c| command(c, prefix, whole, &mut flags))
        .collect();
    let shared = flags.shared.clone();
    if !shared.is_empty() {
        parts.push(("sharedFlags", lines(&flags.objects(shared.into_iter()))));
    }
    parts.push(("commands", lines(&listed)));
    let parts: Vec<String> = parts
        .iter()
        .map(|(key, value)| format!("{}:{value}", quote(key)))
        .collect();
    Some(format!("{{{}}}\n", parts.join(",\n")))
}

/// An array, one element per line.
fn lines(items: &[String]) -> String {
    format!("[\n{}]", items.join(",\n"))
}

/// One command; in full when only some commands are asked for.
fn command(command: &Command, prefix: &str, whole: bool, flags: &mut Flags) -> String {
    let mut out = Object::default();
    out.push("name", quote(&command.name()));
    text(&mut out, "alias", command.alias.unwrap_or_default());
    text(&mut out, "summary", command.summary);
    text(&mut out, "about", if whole { command.about } else { "" });
    text(&mut out, "bareWords", command.rest.placeholder());
    array(&mut out, "flags", &flags.named(command.own_flags()));
    let one_of: Vec<&Flag> = command.one_of.iter().collect();
    array(&mut out, "exactlyOneOf", &flags.named(one_of.into_iter()));
    if let Some(called) = &command.endpoint {
        endpoint(&mut out, prefix, called);
    }
    if let Some((flag, called)) = &command.also {
        let mut also = Object::default();
        also.push("flag", quote(flag.name));
        endpoint(&mut also, prefix, called);
        out.push("also", also.to_string());
    }
    if let View::List(list) = command.view {
        out.push("list", quote(list.key));
    }
    if command.endpoint.is_some() && command.timeout != Command::BASE.timeout {
        out.push("timeoutSeconds", command.timeout.to_string());
    }
    if whole {
        text(&mut out, "tool", command.tool.unwrap_or_default());
        let if_lost = command.if_lost.in_general().to_string();
        text(&mut out, "ifAnswerLost", &if_lost);
        texts(&mut out, "examples", command.examples);
    }
    out.to_string()
}

fn endpoint(out: &mut Object<'_>, known: &str, endpoint: &Endpoint) {
    let Endpoint {
        method,
        prefix,
        path,
        ..
    } = endpoint;
    let prefix = if *prefix == known { "" } else { prefix };
    out.push("endpoint", quote(&format!("{method} {prefix}{path}")));
    match endpoint.auth {
        Auth::Bearer(scope) => text(out, "scope", scope),
        Auth::Body | Auth::Tokenless => out.push("token", "false"),
    }
    text(out, "feature", endpoint.feature.unwrap_or_default());
    truth(out, "claimedAccount", endpoint.claimed);
}

/// The flags of some commands: those that several share in the same form appear once, and so do the
/// fields that several flags set.
struct Flags {
    shared: Vec<&'static Flag>,
    fields: Vec<(&'static [Field], &'static str)>,
}

impl Flags {
    fn of(commands: &[&'static Command]) -> Self {
        let all: Vec<&Flag> = commands
            .iter()
            .flat_map(|command| command.all_flags())
            .collect();
        let mut shared: Vec<&Flag> = Vec::new();
        for (n, flag) in all.iter().enumerate() {
            let before = all.iter().take(n);
            let is_new = shared.iter().all(|known| known.name != flag.name);
            if is_new && before.clone().any(|known| known == flag) {
                shared.push(flag);
            }
        }
        let fields = Vec::new();
        Flags { shared, fields }
    }

    /// The flags, or the names of those that several commands share.
    fn named(&mut self, flags: vec::IntoIter<&'static Flag>) -> Vec<String> {
        let named = |flag: &'static Flag| match self.shared.contains(&flag) {
            true => quote(flag.name),
            false => self.object(flag).to_string(),
        };
        flags.map(named).collect()
    }

    fn objects(&mut self, flags: impl Iterator<Item = &'static Flag>) -> Vec<String> {
        flags.map(|flag| self.object(flag).to_string()).collect()
    }

    fn object(&mut self, flag: &'static Flag) -> Object<'static> {
        let mut out = Object::default();
        out.push("name", quote(flag.name));
        texts(&mut out, "aliases", flag.aliases);
        text(&mut out, "value", flag.metavar);
        text(&mut out, "type", kind(flag.kind));
        text(&mut out, "help", flag.help);
        truth(&mut out, "required", flag.required);
        truth(&mut out, "repeats", flag.repeats);
        truth(&mut out, "bareWord", flag.positional);
        if let Kind::Choice(values) | Kind::Choices(values) = flag.kind {
            texts(&mut out, "values", values);
        }
        texts(&mut out, "known", flag.known);
        text(&mut out, "default", flag.default.unwrap_or_default());
        let least = flag.least.or((flag.kind == Kind::Count).then_some(1));
        if let Some(least) = least {
            out.push("minimum", least.to_string());
        }
        if let Some(most) = flag.most {
            out.push("maximum", most.to_string());
        }
        if let Some(longest) = flag.longest {
            out.push("maxLength", longest.to_string());
        }
        if !flag.fields.is_empty() {
            let known = self
                .fields
                .iter()
                .find(|(fields, _)| std::ptr::eq(*fields, flag.fields));
            let fields = match known {
                Some((_, first)) => quote(&format!("as of {first}")),
                None => format!(
                    "[{}]",
                    flag.fields.iter().map(field).collect::<Vec<_>>().join(",")
                ),
            };
            out.push("fields", fields);
            self.fields.push((flag.fields, flag.name));
        }
        out
    }
}

/// What a value has to be, where its name does not say so.
fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Count => "integer",
        Kind::Amount => "number",
        Kind::Date => "date",
        Kind::File => "file",
        Kind::Secret => "secret",
        Kind::List | Kind::Choices(_) => "list",
        Kind::Json => "object",
        Kind::Objects => "array",
        Kind::Switch | Kind::Text | Kind::Id | Kind::Path | Kind::Choice(_) | Kind::Field => "",
    }
}

fn field(field: &Field) -> String {
    let mut out = Object::default();
    out.push("name", quote(field.name));
    match field.values.is_empty() {
        true => text(&mut out, "type", field.kind),
        false => out.push("values", quote_all(field.values)),
    }
    out.to_string()
}

fn text(out: &mut Object<'_>, key: &'static str, text: &str) {
    if !text.is_empty() {
        out.push(key, quote(text));
    }
}

fn truth(out: &mut Object<'_>, key: &'static str, is: bool) {
    if is {
        out.push(key, "true");
    }
}

fn texts(out: &mut Object<'_>, key: &'static str, texts: &[&str]) {
    if !texts.is_empty() {
        out.push(key, quote_all(texts));
    }
}

fn array(out: &mut Object<'_>, key: &'static str, items: &[String]) {
    if !items.is_empty() {
        out.push(key, format!("[{}]", items.join(",")));
    }
}
