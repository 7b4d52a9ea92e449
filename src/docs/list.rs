//! `help --json`: the whole table as one JSON document, so that an agent learns the program in
//! one call. Its shape is described in the README and held by a test.

use super::topics::TOPICS;
use crate::cli::{Auth, Command, Flag, GLOBAL_FLAGS, Kind, Table, all_commands};
use crate::json::{Object, boolean, quote, quote_all};

/// The document, as compact JSON.
pub(crate) fn command_list(table: Table) -> String {
    let commands = all_commands(table).map(command);
    let topics: Vec<&str> = TOPICS.iter().map(|t| t.name).collect();
    let mut out = Object::default();
    out.set("version", quote(env!("CARGO_PKG_VERSION")));
    out.set(
        "globalFlags",
        array(GLOBAL_FLAGS.iter().map(|f| flag(f, false))),
    );
    out.set("commands", array(commands));
    out.set("topics", quote_all(&topics));
    out.to_string()
}

fn command(command: &Command) -> String {
    let own = command.flags.iter().map(|f| flag(f, false));
    let one_of = command.one_of.iter().map(|f| flag(f, true));
    let mut out = Object::default();
    out.set("words", quote_all(command.words));
    out.set("alias", optional(command.alias));
    out.set("summary", quote(command.summary));
    out.set("about", quote(command.about));
    out.set("flags", array(one_of.chain(own)));
    out.set("bareWords", quote(command.rest.placeholder()));
    out.set("examples", quote_all(command.examples));
    let endpoint = command.endpoint.as_ref();
    out.set(
        "endpoint",
        endpoint.map_or("null".to_owned(), |e| {
            let mut out = Object::default();
            out.set("method", quote(e.method));
            out.set("path", quote(&format!("{}{}", e.prefix, e.path)));
            out.set("token", boolean(matches!(e.auth, Auth::Bearer(_))));
            out.set(
                "scope",
                match e.auth {
                    Auth::Bearer(scope) if !scope.is_empty() => quote(scope),
                    _ => "null".to_owned(),
                },
            );
            out.set("feature", optional(e.feature));
            out.set("claimedAccount", boolean(e.claimed));
            out.to_string()
        }),
    );
    out.set("writes", boolean(endpoint.is_some_and(|e| e.writes())));
    out.set(
        "ifAnswerLost",
        optional(
            Some(command.if_lost.in_general().to_string())
                .filter(|s| !s.is_empty())
                .as_deref(),
        ),
    );
    out.set(
        "timeoutSeconds",
        endpoint.map_or("null".to_owned(), |_| command.timeout.to_string()),
    );
    out.to_string()
}

fn flag(flag: &Flag, one_of: bool) -> String {
    let values = match flag.kind {
        Kind::Choice(values) => quote_all(values),
        _ => "null".to_owned(),
    };
    let mut out = Object::default();
    out.set("name", quote(flag.name));
    out.set("aliases", quote_all(flag.aliases));
    out.set(
        "value",
        optional(Some(flag.metavar).filter(|m| !m.is_empty())),
    );
    out.set("help", quote(flag.help));
    out.set("required", boolean(flag.required));
    out.set("exactlyOneOf", boolean(one_of));
    out.set("repeats", boolean(flag.repeats));
    out.set("bareWord", boolean(flag.positional));
    out.set("readsFile", boolean(flag.kind == Kind::File));
    out.set("secret", boolean(flag.kind == Kind::Secret));
    out.set("values", values);
    out.set("default", optional(flag.default));
    out.to_string()
}

fn array(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

fn optional(text: Option<&str>) -> String {
    text.map_or("null".to_owned(), quote)
}
