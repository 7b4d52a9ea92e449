//! `--help`: of the program, of a namespace, of a command.

use super::topics::{Part, TOPICS, Topic};
use crate::cli::{
    Command, Endpoint, Flag, GLOBAL_FLAGS, Kind, Namespace, Recipe, Rest, Table, all_commands,
    find_command,
};

/// Lines are broken here, unless a single word is longer.
const WIDTH: usize = 80;

/// The way from nothing to a published job and a hire that is waiting for its human.
pub(crate) const FIRST_RUN: &[&str] = &[
    "opentrain auth register --agent-name \"My agent\"",
    "opentrain jobs draft create --description-file job.txt",
    "opentrain jobs draft update --job-id <id> --set <field=value>",
    "opentrain jobs publish --job-id <id>",
    "opentrain auth claim --email <human-email>",
    "opentrain auth claim-status --wait",
    "opentrain proposals list --job-id <id>",
    "opentrain proposals hire --proposal-id <id> --amount <usd>",
];

/// Help for the words given: none for the program, else the beginning of a command, a whole
/// one, or a topic. `None` when they name none of these.
pub(crate) fn help(table: Table, words: &[String]) -> Option<String> {
    if words.is_empty() {
        return Some(program(table));
    }
    if let Some(command) = find_command(table, words) {
        let mut out = of_command(command);
        // For a command alone in its group, only its own help can show the recipe.
        let alone = |n: &&&Namespace| n.commands.len() == 1 && words.iter().eq([n.name]);
        if let Some(recipe) = table.iter().find(alone).and_then(|n| n.recipe.as_ref()) {
            push_recipe(&mut out, recipe);
        }
        return Some(out);
    }
    if let Some(topic) = TOPICS.iter().find(|t| words.iter().eq([t.name])) {
        return Some(text_of_topic(table, topic));
    }
    let commands = commands_of(table, words)?;
    let namespace = table.iter().find(|n| words.iter().eq([n.name]));
    Some(of_group(words, namespace.copied(), &commands))
}

/// The commands that begin with these words, or the one that these words or its alias name in full;
/// `None` when there are none.
pub(super) fn commands_of(table: Table, words: &[String]) -> Option<Vec<&'static Command>> {
    if let Some(command) = find_command(table, words) {
        return Some(vec![command]);
    }
    let commands: Vec<&Command> = all_commands(table)
        .filter(|command| command.begins_with(words))
        .collect();
    (!commands.is_empty()).then_some(commands)
}

fn program(table: Table) -> String {
    let mut out = String::from(
        "opentrain: human data labelling on OpenTrain, from the command line\n\n\
         Usage: opentrain <command> [flags]\n\n",
    );
    for namespace in table {
        let title = match namespace.name {
            "" => namespace.summary.to_owned(),
            name => format!("{name}: {}", namespace.summary),
        };
        out.push_str(&format!("{title}\n"));
        push_rows(
            &mut out,
            namespace.commands.iter().map(|c| (names(c), c.summary)),
        );
        out.push('\n');
    }
    push_flags(&mut out, "Flags of every command", GLOBAL_FLAGS.iter());
    out.push_str("\nTopics\n");
    push_rows(
        &mut out,
        TOPICS
            .iter()
            .map(|t| (format!("help {}", t.name), t.summary)),
    );
    out.push_str("\nA first run, from nothing to a published job and a hire\n");
    for line in FIRST_RUN {
        out.push_str(&format!("  {line}\n"));
    }
    out.push_str("\nMore: opentrain help <command>, opentrain help --json\n");
    out
}

/// The words that call a command, and the one word that does.
fn names(command: &Command) -> String {
    match command.alias {
        Some(alias) => format!("{}, {alias}", command.name()),
        None => command.name(),
    }
}

fn of_group(words: &[String], namespace: Option<&Namespace>, commands: &[&Command]) -> String {
    let name = words.join(" ");
    let mut out = match namespace {
        Some(namespace) => format!("opentrain {name}: {}\n\n", namespace.summary),
        None => String::new(),
    };
    out.push_str(&format!(
        "Usage: opentrain {name} <command> [flags]\n\nCommands\n"
    ));
    push_rows(&mut out, commands.iter().map(|c| (c.name(), c.summary)));
    if let Some(recipe) = namespace.and_then(|namespace| namespace.recipe.as_ref()) {
        push_recipe(&mut out, recipe);
    }
    out.push_str(&format!("\nMore: opentrain {name} <command> --help\n"));
    out
}

fn push_recipe(out: &mut String, recipe: &Recipe) {
    out.push_str(&format!("\n{}\n", recipe.heading));
    for line in recipe.text.lines() {
        push_wrapped(out, 2, 2, line);
    }
    for line in recipe.script {
        out.push_str(&format!("    {line}\n"));
    }
}

/// A topic as text.
pub(super) fn text_of_topic(table: Table, topic: &Topic) -> String {
    let mut out = format!("opentrain help {}: {}\n", topic.name, topic.summary);
    for part in topic.parts {
        match part {
            Part::Text(text) => {
                out.push('\n');
                push_wrapped(&mut out, 0, 0, text);
            }
            Part::Entry(name, text) => {
                out.push_str(&format!("\n{name}\n"));
                push_wrapped(&mut out, 4, 4, text);
            }
            Part::Commands => {
                let api = table.iter().filter(|namespace| !namespace.name.is_empty());
                for command in api.flat_map(|namespace| namespace.commands) {
                    out.push_str(&format!("  {}\n", needed(command)));
                }
            }
        }
    }
    out
}

/// A command with its required flags.
fn needed(command: &Command) -> String {
    let mut line = command.name();
    let required = command.own_flags().filter(|flag| flag.required);
    for flag in required {
        line.push_str(&match flag.positional {
            true => format!(" <{}>", flag.name),
            false => format!(" {}", form(flag)),
        });
    }
    let one_of: Vec<String> = command
        .one_of
        .iter()
        .map(|flag| format!("--{}", flag.name))
        .collect();
    if !one_of.is_empty() {
        line.push_str(&format!(" ({})", one_of.join("|")));
    }
    line
}

fn of_command(command: &Command) -> String {
    let mut out = format!("{}\n\n", command.summary);
    push_wrapped(&mut out, 0, 2, &format!("Usage: {}", usage(command)));
    if let Some(alias) = command.alias {
        out.push_str(&format!("Alias: opentrain {alias}\n"));
    }
    if !command.about.is_empty() {
        out.push('\n');
        for sentence in command.about.lines() {
            push_wrapped(&mut out, 0, 0, sentence);
        }
    }
    if !command.one_of.is_empty() {
        out.push('\n');
        push_flags(&mut out, "Exactly one of", command.one_of.iter());
    }
    if command.own_flags().next().is_some() {
        out.push('\n');
        push_flags(&mut out, "Flags", command.own_flags());
    }
    out.push('\n');
    push_flags(&mut out, "Flags of every command", GLOBAL_FLAGS.iter());
    push_examples(&mut out, command);
    push_endpoint(&mut out, command);
    out
}

/// The usage line: required flags bare, the others in brackets.
pub(super) fn usage(command: &Command) -> String {
    let mut line = format!("opentrain {}", command.name());
    if !command.one_of.is_empty() {
        let forms: Vec<String> = command.one_of.iter().map(form).collect();
        line.push_str(&format!(" ({})", forms.join(" | ")));
    }
    for flag in command.own_flags() {
        match flag.required {
            true => line.push_str(&format!(" {}", form(flag))),
            false => line.push_str(&format!(" [{}]", form(flag))),
        }
    }
    if command.rest != Rest::Nothing {
        line.push_str(&format!(" {}", command.rest.placeholder()));
    }
    line
}

fn form(flag: &Flag) -> String {
    let dots = if flag.repeats { " ..." } else { "" };
    match flag.kind {
        Kind::Switch => format!("--{}", flag.name),
        Kind::Choice(values) => format!("--{} {}{dots}", flag.name, values.join("|")),
        _ => format!("--{} {}{dots}", flag.name, flag.metavar),
    }
}

fn push_flags<'a>(out: &mut String, title: &str, flags: impl Iterator<Item = &'a Flag>) {
    out.push_str(&format!("{title}\n"));
    for flag in flags {
        out.push_str(format!("  --{} {}", flag.name, flag.metavar).trim_end());
        out.push('\n');
        push_wrapped(out, 6, 6, &sentence(flag));
    }
}

/// What help says about a flag: its purpose, then values, default, other forms.
pub(super) fn sentence(flag: &Flag) -> String {
    let mut text = format!("{}.", flag.help);
    if let Kind::Choice(values) = flag.kind {
        text.push_str(&format!(" One of {}.", values.join(", ")));
    }
    if let Kind::Choices(values) = flag.kind {
        text.push_str(&format!(" Any of {}.", values.join(", ")));
    }
    if !flag.known.is_empty() {
        text.push_str(&format!(" Known: {}.", flag.known.join(", ")));
    }
    if let Some(most) = flag.most {
        text.push_str(&format!(" At most {most}."));
    }
    if matches!(flag.kind, Kind::List | Kind::Choices(_)) {
        text.push_str(" Separated by commas.");
    }
    if matches!(flag.kind, Kind::File | Kind::Secret) {
        text.push_str(" `-` reads standard input.");
    }
    if let Some(default) = flag.default {
        text.push_str(&format!(" Default: {default}."));
    }
    if flag.repeats {
        text.push_str(" May be given more than once.");
    }
    if flag.positional {
        text.push_str(" Also accepted as a bare word.");
    }
    for alias in flag.aliases {
        text.push_str(&format!(" Alias: --{alias}."));
    }
    text
}

fn push_examples(out: &mut String, command: &Command) {
    out.push_str("\nExamples\n");
    for example in command.examples {
        out.push_str(&format!("  {example}\n"));
    }
}

fn push_endpoint(out: &mut String, command: &Command) {
    if command.endpoint.is_none() && command.also.is_none() {
        return;
    }
    out.push_str("\nEndpoint\n");
    if let Some(endpoint) = &command.endpoint {
        push_call(out, "", endpoint);
    }
    if let Some((flag, endpoint)) = &command.also {
        push_call(out, &format!("with --{}: ", flag.name), endpoint);
    }
    let if_lost = command.if_lost.in_general().to_string();
    if !if_lost.is_empty() {
        push_wrapped(out, 2, 2, &format!("If its answer is lost: {if_lost}."));
    }
    let seconds = command.timeout;
    out.push_str(&format!(
        "  Takes at most {seconds} s; a wait that the server asks for comes on top.\n"
    ));
}

/// An endpoint: when it is called, what it needs, and what it does.
fn push_call(out: &mut String, when: &str, endpoint: &Endpoint) {
    let Endpoint {
        method,
        prefix,
        path,
        ..
    } = endpoint;
    out.push_str(&format!("  {when}{method} {prefix}{path}\n"));
    let needs = format!("Needs {}.", endpoint.needs().join(", "));
    push_wrapped(out, 2, 2, &needs);
    push_wrapped(
        out,
        2,
        2,
        match endpoint.writes() {
            false => "Only reads.",
            true => "Changes something on the server.",
        },
    );
}

fn push_rows<'a>(out: &mut String, rows: impl Iterator<Item = (String, &'a str)>) {
    let rows: Vec<(String, &str)> = rows.collect();
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, summary) in rows {
        push_wrapped(out, 2, width + 4, &format!("{name:width$}  {summary}"));
    }
}

/// Appends text broken at spaces; the first line begins at `first`, the others at `then`.
fn push_wrapped(out: &mut String, first: usize, then: usize, text: &str) {
    let mut line = format!("{:first$}", "");
    let mut indent = first;
    for word in text.split_inclusive(' ') {
        if line.chars().count() + word.trim_end().chars().count() > WIDTH && line.len() > indent {
            out.push_str(line.trim_end());
            out.push('\n');
            line = format!("{:then$}", "");
            indent = then;
        }
        line.push_str(word);
    }
    out.push_str(line.trim_end());
    out.push('\n');
}
