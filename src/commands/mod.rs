//! The commands: one file a namespace, each with its table entries, requests and summaries.
//!
//! This is the only room that knows an endpoint.

mod approvals;
mod auth;
mod contracts;
mod credits;
mod freelancers;
mod general;
mod hints;
mod input;
mod jobs;
mod messages;
mod milestones;
mod payments;
mod proposals;
mod request;
mod rescue;
mod team;
mod tokens;
mod updates;
mod webhooks;

use std::borrow::Cow;

use crate::cli::{Endpoint, Flag, Invocation, Kind, Table};
use crate::config;
use crate::error::Error;
use crate::http::{self, Body, Reply};
use crate::output::json::{Object, Value};
use crate::output::{self, Page};

/// Every command of the program.
pub static TABLE: Table = &[
    &auth::NAMESPACE,
    &jobs::NAMESPACE,
    &proposals::NAMESPACE,
    &freelancers::NAMESPACE,
    &messages::NAMESPACE,
    &contracts::NAMESPACE,
    &milestones::NAMESPACE,
    &approvals::NAMESPACE,
    &credits::NAMESPACE,
    &updates::NAMESPACE,
    &webhooks::NAMESPACE,
    &tokens::NAMESPACE,
    &team::NAMESPACE,
    &payments::NAMESPACE,
    &general::NAMESPACE,
];

pub use general::{show_help, show_version};

/// An endpoint of the public API, for any valid token.
const fn v1(method: &'static str, path: &'static str) -> Endpoint {
    Endpoint::new(method, "/api/public/v1", path)
}

/// An endpoint of agent registration; its secrets travel in the bodies.
const fn agent(method: &'static str, path: &'static str) -> Endpoint {
    Endpoint::new(method, "/api/agent", path).secret_body()
}

/// The job that a command is about.
const JOB_ID: Flag = Flag::id(
    "job-id",
    "<id>",
    "The job, as shown by `opentrain jobs list`",
);
/// How many things a page of a list holds.
const LIMIT: Flag =
    Flag::new("limit", Kind::Count, "<n>", "How many to show at most").query("limit");
/// Where the next page of a list begins.
const CURSOR: Flag = Flag::text(
    "cursor",
    "<cursor>",
    "Where to go on, as the page before said",
)
.query("cursor");

/// Sends the request that the table describes: path, query and body from the flags.
fn call(inv: &Invocation) -> Result<Reply, Error> {
    send(inv, request::table_body(inv))
}

/// Sends the command's request with a body of its own making.
fn send(inv: &Invocation, body: Body) -> Result<Reply, Error> {
    let request = request::build(inv, request::endpoint(inv)?, body)?;
    http::send(&request).map_err(|e| hints::explain(e, inv))
}

/// An empty page for standard output.
fn page() -> Page {
    Page::new(output::stdout_is_terminal() && config::terminal_has_escapes())
}

/// A summary: writes an object of the API as a page for a person. `None` when the reply is
/// not what is documented; it is then shown as JSON instead.
type Summary = fn(&Invocation, &Object<'_>, &mut Page) -> Option<()>;

/// Prints a reply: the API's JSON when that was asked for, else its summary.
fn show(inv: &Invocation, reply: &Reply, summary: Summary) -> Result<(), Error> {
    if reply.is_empty() {
        output::note("Done; the server answered 204 without a body.");
        return Ok(());
    }
    if inv.json() {
        return output::print_json(reply.text());
    }
    let mut page = page();
    let object = Object::parse(reply.text());
    match object.and_then(|object| summary(inv, &object, &mut page)) {
        Some(()) => output::print(page.text()),
        None => {
            output::note("Note: the reply is not as documented; it is shown as it came.");
            output::print_json(reply.text())
        }
    }
}

/// A list: its rows, then the command for the next page.
fn list<const N: usize>(
    inv: &Invocation,
    reply: &Object<'_>,
    page: &mut Page,
    key: &str,
    nothing: &str,
    headings: [&str; N],
    row: impl Fn(&Object<'_>) -> Option<[String; N]>,
) -> Option<()> {
    rows(reply, page, key, nothing, headings, row)?;
    next_page(inv, reply, page);
    Some(())
}

/// One row for each element of the array `key`, or one sentence when there is none.
fn rows<const N: usize>(
    reply: &Object<'_>,
    page: &mut Page,
    key: &str,
    nothing: &str,
    headings: [&str; N],
    row: impl Fn(&Object<'_>) -> Option<[String; N]>,
) -> Option<()> {
    let items = reply.get(key).items()?;
    let mut rows = Vec::with_capacity(items.len());
    for item in &items {
        rows.push(row(&item.object()?)?);
    }
    match rows.is_empty() {
        true => page.line(nothing),
        false => page.table(headings, &rows),
    }
    Some(())
}

/// Where the next page of a list is, as the exact command that shows it.
fn next_page(inv: &Invocation, reply: &Object<'_>, page: &mut Page) {
    if let Some(cursor) = reply.text("nextCursor") {
        page.line(format_args!("Next page: {}", inv.again(&CURSOR, &cursor)));
    }
}

/// A field as the text of a table's cell; empty when it is absent.
fn cell(object: &Object<'_>, key: &str) -> String {
    object.text(key).unwrap_or_default().into_owned()
}

/// Those of some words that are there, joined by commas.
fn joined<'a, const N: usize>(words: [Option<Cow<'a, str>>; N]) -> Option<Cow<'static, str>> {
    let words: Vec<Cow<'a, str>> = words.into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(", ").into())
}

/// Dollars as the API gives them.
fn usd(amount: Option<Cow<'_, str>>) -> Option<String> {
    amount.map(|amount| format!("{amount} USD"))
}

/// Whether an identity is verified, in words; what is no boolean as it came.
fn verified(value: Value<'_>) -> Option<Cow<'static, str>> {
    match value.raw() {
        "true" => Some("verified".into()),
        "false" => Some("not verified".into()),
        _ => value.text().map(|text| text.into_owned().into()),
    }
}

/// Whole cents as `120.50 USD`; anything but a whole number as it is.
fn cents(amount: Cow<'_, str>, currency: &str) -> String {
    match amount.parse::<i64>() {
        Ok(cents) => {
            let sign = if cents < 0 { "-" } else { "" };
            let cents = cents.unsigned_abs();
            format!("{sign}{}.{:02} {currency}", cents / 100, cents % 100)
                .trim_end()
                .to_owned()
        }
        Err(_) => format!("{amount} cents"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::TABLE;
    use crate::cli::{Command, Flag, GLOBAL_FLAGS, Kind, Parsed, Place, parse};

    fn commands() -> impl Iterator<Item = &'static Command> {
        TABLE.iter().flat_map(|namespace| namespace.commands)
    }

    fn is_kebab_case(name: &str) -> bool {
        let letters = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
        name.split('-').all(letters)
    }

    /// A command line as a shell splits it, as far as our examples go.
    fn words(line: &str) -> Vec<String> {
        let mut words = Vec::new();
        let mut word = String::new();
        let mut quote = None;
        for c in line.chars() {
            match quote {
                Some(q) if c == q => quote = None,
                None if c == '"' || c == '\'' => quote = Some(c),
                None if c == ' ' => words.push(std::mem::take(&mut word)),
                _ => word.push(c),
            }
        }
        words.push(word);
        words
    }

    #[track_caller]
    fn parses_to(line: &str) -> Option<&'static Command> {
        // What a shell takes away before we see it.
        let line = line
            .split(" < ")
            .flat_map(|l| l.split(" | "))
            .next()
            .unwrap_or_default();
        // The one placeholder that would not pass for a value.
        let line = &line.replace("<usd>", "1");
        let args = words(line).into_iter().skip(1).map(Into::into).collect();
        match parse(TABLE, args) {
            Ok(Parsed::Run(invocation)) => Some(invocation.command),
            Ok(_) => None,
            Err(e) => panic!("{line}: {}", e.text),
        }
    }

    #[test]
    fn cents_are_shown_as_money() {
        for (cents, shown) in [
            ("12050", "120.50 USD"),
            ("-3300", "-33.00 USD"),
            ("-5", "-0.05 USD"),
            ("0", "0.00 USD"),
            ("1.5", "1.5 cents"),
        ] {
            assert_eq!(super::cents(cents.into(), "USD"), shown);
        }
    }

    #[test]
    fn names_are_kebab_case_and_unique() {
        let mut seen = HashSet::new();
        for command in commands() {
            assert!(!command.words.is_empty() && command.words.iter().all(|w| is_kebab_case(w)));
            assert!(seen.insert(command.name()), "{} twice", command.name());
            assert!(command.alias.is_none_or(|alias| seen.insert(alias.into())));
            let mut flags = HashSet::new();
            for flag in command.all_flags().chain(GLOBAL_FLAGS) {
                for name in flag.aliases.iter().chain([&flag.name]) {
                    assert!(is_kebab_case(name), "--{name}");
                    // No flag hides a global one, or another of its command.
                    assert!(flags.insert(*name), "{}: --{name} twice", command.name());
                }
            }
        }
    }

    #[test]
    fn no_command_is_the_beginning_of_another() {
        for a in commands() {
            for b in commands().filter(|b| b.words.len() > a.words.len()) {
                assert!(!b.words.starts_with(a.words), "{}", b.name());
            }
        }
    }

    #[test]
    fn every_command_belongs_to_its_namespace() {
        for namespace in TABLE {
            for command in namespace.commands {
                let first = command.words[0];
                assert!(
                    namespace.name.is_empty() || namespace.name == first,
                    "{first}"
                );
            }
        }
    }

    #[test]
    fn values_have_metavariables_and_switches_have_none() {
        for flag in commands().flat_map(Command::all_flags).chain(GLOBAL_FLAGS) {
            let metavar = flag.metavar.starts_with('<') && flag.metavar.ends_with('>');
            assert_eq!(metavar, flag.kind != Kind::Switch, "--{}", flag.name);
            assert!(
                !flag.help.is_empty() && !flag.help.ends_with('.'),
                "--{}",
                flag.name
            );
        }
    }

    #[test]
    fn summaries_are_short_and_examples_call_their_command() {
        for command in commands() {
            let name = command.name();
            assert!(
                !command.summary.is_empty() && command.summary.len() <= 72,
                "{name}"
            );
            assert!(!command.examples.is_empty(), "{name} has no example");
            for example in command
                .examples
                .iter()
                .filter(|e| !e.starts_with("opentrain help"))
            {
                let called = parses_to(example).map(Command::name);
                assert_eq!(called.as_deref(), Some(name.as_str()), "{example}");
            }
        }
    }

    #[test]
    fn commands_named_in_texts_exist() {
        for command in commands() {
            let flags = command.all_flags().map(|f| f.help);
            flags
                .chain([command.about, command.if_lost])
                .for_each(check_commands);
        }
        super::hints::sentences().for_each(check_commands);
        for line in crate::docs::FIRST_RUN {
            parses_to(line);
        }
    }

    /// Every command between backticks is one.
    #[track_caller]
    fn check_commands(text: &str) {
        let parts = text.split('`').enumerate();
        for (_, part) in parts.filter(|(n, p)| n % 2 == 1 && p.starts_with("opentrain ")) {
            parses_to(part);
        }
    }

    #[test]
    fn paths_name_required_flags_and_writes_say_what_to_do_when_lost() {
        for command in commands() {
            let Some(endpoint) = &command.endpoint else {
                continue;
            };
            for part in endpoint.path.split('/').filter(|p| p.starts_with('{')) {
                let name = part.trim_matches(['{', '}']);
                let named = |f: &&Flag| f.name == name && f.required && f.place == Place::Own;
                assert!(
                    command.flags.iter().any(|f| named(&f)),
                    "{}: {part}",
                    command.name()
                );
            }
            assert_eq!(
                endpoint.method != "GET",
                !command.if_lost.is_empty(),
                "{}",
                command.name()
            );
        }
    }
}
