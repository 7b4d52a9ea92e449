//! `help --json`: the table, or a part of it, as one JSON document, so that an agent learns the
//! program in one call. Each thing stands there once, a command on a line; what is absent, empty
//! or false is left out. Its shape is described in the README and held by a test.

use super::help::{commands_of, text_of_topic};
use super::topics::TOPICS;
use crate::cli::{Auth, Command, Endpoint, Field, Flag, GLOBAL_FLAGS, Kind, Table, View};
use crate::json::{Object, quote, quote_all};

/// The document for the words given: none for all of it, else those of a group, of a command or
/// of a topic. `None` when they name none of these. Paths are shown from `prefix` on.
pub(crate) fn command_list(table: Table, prefix: &'static str, words: &[String]) -> Option<String> {
    if let Some(topic) = TOPICS.iter().find(|topic| words.iter().eq([topic.name])) {
        let mut out = Object::default();
        out.set("topic", quote(topic.name));
        out.set("text", quote(&text_of_topic(topic)));
        return Some(format!("{out}\n"));
    }
    let commands = commands_of(table, words)?;
    let mut flags = Flags::of(&commands);
    let mut parts = Vec::new();
    if words.is_empty() {
        let topics: Vec<&str> = TOPICS.iter().map(|topic| topic.name).collect();
        let global = lines(
            GLOBAL_FLAGS
                .iter()
                .map(|flag| flags.object(flag).to_string()),
        );
        parts = vec![
            ("version", quote(env!("CARGO_PKG_VERSION"))),
            (
                "more",
                quote("`help <words> --json` adds examples, and what to do when an answer is lost"),
            ),
            ("pathsBelow", quote(prefix)),
            ("timeoutSeconds", Command::BASE.timeout.to_string()),
            ("topics", quote_all(&topics)),
            ("globalFlags", global),
        ];
    }
    let listed = commands
        .iter()
        .map(|command| self::command(command, prefix, !words.is_empty(), &mut flags));
    let listed = lines(listed);
    let shared: Vec<&'static Flag> = flags.shared.clone();
    if !shared.is_empty() {
        let shared = shared.iter().map(|flag| flags.object(flag).to_string());
        parts.push(("sharedFlags", lines(shared)));
    }
    parts.push(("commands", listed));
    let parts: Vec<String> = parts
        .iter()
        .map(|(key, value)| format!("{}:{value}", quote(key)))
        .collect();
    Some(format!("{{{}}}\n", parts.join(",\n")))
}

/// An array, an element a line.
fn lines(items: impl Iterator<Item = String>) -> String {
    format!("[\n{}]", items.collect::<Vec<_>>().join(",\n"))
}

/// One command; the whole of it where not all of them are asked for.
fn command(command: &Command, prefix: &str, whole: bool, flags: &mut Flags) -> String {
    let mut out = Object::default();
    out.set("name", quote(&command.name()));
    text(&mut out, "alias", command.alias.unwrap_or_default());
    text(&mut out, "summary", command.summary);
    text(&mut out, "about", command.about);
    text(&mut out, "bareWords", command.rest.placeholder());
    array(
        &mut out,
        "flags",
        command.own_flags().map(|flag| flags.named(flag)),
    );
    array(
        &mut out,
        "exactlyOneOf",
        command.one_of.iter().map(|flag| flags.named(flag)),
    );
    if let Some(called) = &command.endpoint {
        endpoint(&mut out, prefix, called);
    }
    if let Some((flag, called)) = &command.also {
        let mut also = Object::default();
        also.set("flag", quote(flag.name));
        endpoint(&mut also, prefix, called);
        out.set("also", also.to_string());
    }
    if let View::List(list) = command.view {
        out.set("list", quote(list.key));
    }
    if command.endpoint.is_some() && command.timeout != Command::BASE.timeout {
        out.set("timeoutSeconds", command.timeout.to_string());
    }
    if whole {
        let if_lost = command.if_lost.in_general().to_string();
        text(&mut out, "ifAnswerLost", &if_lost);
        let examples = command.examples.iter().map(|line| quote(line));
        array(&mut out, "examples", examples);
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
    out.set("endpoint", quote(&format!("{method} {prefix}{path}")));
    match endpoint.auth {
        Auth::Bearer(scope) => text(out, "scope", scope),
        Auth::Body | Auth::Tokenless => out.set("token", "false"),
    }
    text(out, "feature", endpoint.feature.unwrap_or_default());
    truth(out, "claimedAccount", endpoint.claimed);
}

/// The flags of some commands: those that several of them have in the same form stand once, and
/// so do the fields that several flags set.
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

    /// The flag, or the name of one that several commands share.
    fn named(&mut self, flag: &'static Flag) -> String {
        match self.shared.contains(&flag) {
            true => quote(flag.name),
            false => self.object(flag).to_string(),
        }
    }

    fn object(&mut self, flag: &'static Flag) -> Object<'static> {
        let mut out = Object::default();
        out.set("name", quote(flag.name));
        array(
            &mut out,
            "aliases",
            flag.aliases.iter().map(|name| quote(name)),
        );
        text(&mut out, "value", flag.metavar);
        text(&mut out, "type", kind(flag.kind));
        text(&mut out, "help", flag.help);
        truth(&mut out, "required", flag.required);
        truth(&mut out, "repeats", flag.repeats);
        truth(&mut out, "bareWord", flag.positional);
        if let Kind::Choice(values) | Kind::Choices(values) = flag.kind {
            out.set("values", quote_all(values));
        }
        array(
            &mut out,
            "known",
            flag.known.iter().map(|value| quote(value)),
        );
        text(&mut out, "default", flag.default.unwrap_or_default());
        if flag.kind == Kind::Count {
            out.set("minimum", "1");
        }
        if let Some(most) = flag.most {
            out.set("maximum", most.to_string());
        }
        if let Some(longest) = flag.longest {
            out.set("maxLength", longest.to_string());
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
            out.set("fields", fields);
            self.fields.push((flag.fields, flag.name));
        }
        out
    }
}

/// What a value has to be, where its name does not say it.
fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Count => "integer",
        Kind::Amount => "number",
        Kind::Date => "date",
        Kind::File => "file",
        Kind::Secret => "secret",
        Kind::List | Kind::Choices(_) => "list",
        Kind::Json => "object",
        Kind::Switch | Kind::Text | Kind::Id | Kind::Path | Kind::Choice(_) | Kind::Field => "",
    }
}

fn field(field: &Field) -> String {
    let mut out = Object::default();
    out.set("name", quote(field.name));
    match field.values.is_empty() {
        true => text(&mut out, "type", field.kind),
        false => out.set("values", quote_all(field.values)),
    }
    out.to_string()
}

fn text(out: &mut Object<'_>, key: &'static str, text: &str) {
    if !text.is_empty() {
        out.set(key, quote(text));
    }
}

fn truth(out: &mut Object<'_>, key: &'static str, is: bool) {
    if is {
        out.set(key, "true");
    }
}

fn array(out: &mut Object<'_>, key: &'static str, items: impl Iterator<Item = String>) {
    let items: Vec<String> = items.collect();
    if !items.is_empty() {
        out.set(key, format!("[{}]", items.join(",")));
    }
}
