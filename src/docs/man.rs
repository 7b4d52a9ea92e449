//! The manual: `opentrain.1`, and a page for each namespace, in the man(7) macros.

use super::help::{FIRST_RUN, sentence, usage};
use super::topics::{Part, TOPICS};
use crate::cli::{Command, GLOBAL_FLAGS, Namespace, Table};

/// When the pages last changed in a way that a reader would notice.
const DATE: &str = "2026-11-25";

/// The page's name: that of a namespace, or of the program for an empty one.
pub(crate) fn page_name(namespace: &str) -> String {
    match namespace {
        "" => "opentrain".into(),
        name => format!("opentrain-{name}"),
    }
}

/// The page of the program, or of the namespace that the one word names.
pub(crate) fn man(table: Table, words: &[String]) -> Option<String> {
    let [name] = words else {
        return words.is_empty().then(|| program(table));
    };
    let namespace = table.iter().find(|n| n.name == name && !name.is_empty())?;
    Some(of_namespace(namespace))
}

fn header(name: &str, summary: &str) -> String {
    format!(
        ".TH {} 1 {DATE} \"opentrain {}\" \"OpenTrain\"\n.SH NAME\n{} \\- {}\n",
        name.to_ascii_uppercase(),
        env!("CARGO_PKG_VERSION"),
        escape(name),
        escape(summary)
    )
}

fn program(table: Table) -> String {
    let mut out = header(
        "opentrain",
        "the OpenTrain marketplace for human data labelling",
    );
    out.push_str(".SH SYNOPSIS\n.B opentrain\n.I command\n.RI [ flags ]\n");
    out.push_str(".SH DESCRIPTION\n");
    paragraph(
        &mut out,
        "opentrain speaks the public API of OpenTrain: register an agent account, draft and publish jobs, review proposals, ask to hire, manage contracts and milestones, message, follow updates, look after credits and the team.",
    );
    paragraph(
        &mut out,
        "Money never moves from here. Hiring, funding, paying out and ending a funded contract record an approval and print a URL that a signed-in human opens and confirms.",
    );
    out.push_str(".SH COMMANDS\n");
    for namespace in table {
        match namespace.name {
            "" => out.push_str(".SS others\n"),
            name => out.push_str(&format!(
                ".SS {0}\n{1}; see\n.BR opentrain\\-{0} (1).\n",
                escape(name),
                escape(namespace.summary)
            )),
        }
        for command in namespace.commands {
            entry(&mut out, &command.name(), &format!("{}.", command.summary));
            if namespace.name.is_empty() {
                for line in command.about.lines() {
                    out.push_str(&format!(".br\n{}\n", escape(line)));
                }
            }
        }
    }
    out.push_str(".SH OPTIONS\nThese go before or after the words of any command.\n");
    for flag in GLOBAL_FLAGS {
        entry(
            &mut out,
            &format!("--{} {}", flag.name, flag.metavar),
            &sentence(flag),
        );
    }
    for topic in TOPICS {
        out.push_str(&format!(".SH {}\n", topic.heading));
        for part in topic.parts {
            match part {
                Part::Text(text) => paragraph(&mut out, text),
                Part::Entry(name, text) => entry(&mut out, name, text),
                Part::Commands => paragraph(&mut out, "They are described under COMMANDS."),
            }
        }
    }
    out.push_str(".SH FILES\n");
    entry(
        &mut out,
        "${XDG_CONFIG_HOME:-~/.config}/opentrain/cli.json",
        "The credentials; see CREDENTIALS.",
    );
    out.push_str(
        ".SH EXAMPLES\nFrom nothing to a published job and a hire that waits for its human:\n",
    );
    example(&mut out, FIRST_RUN);
    out.push_str(".SH SEE ALSO\n");
    let pages: Vec<String> = table
        .iter()
        .filter(|n| !n.name.is_empty())
        .map(|n| format!(".BR {} (1)", escape(&page_name(n.name))))
        .collect();
    out.push_str(&format!("{}\n", pages.join(" ,\n")));
    out
}

fn of_namespace(namespace: &Namespace) -> String {
    let mut out = header(&page_name(namespace.name), namespace.summary);
    out.push_str(".SH SYNOPSIS\n");
    for command in namespace.commands {
        out.push_str(&format!(
            ".B opentrain {}\n.RI [ flags ]\n.br\n",
            escape(&command.name())
        ));
    }
    let out_len = out.len();
    out.truncate(out_len - ".br\n".len());
    out.push_str(".SH COMMANDS\n");
    for command in namespace.commands {
        of_command(&mut out, command);
    }
    if let Some(recipe) = &namespace.recipe {
        out.push_str(&format!(".SH {}\n", recipe.heading));
        for line in recipe.text.lines() {
            paragraph(&mut out, line);
        }
        example(&mut out, recipe.script);
    }
    out.push_str(".SH SEE ALSO\n.BR opentrain (1)\nfor the flags of every command, the environment and the exit status.\n");
    out
}

fn of_command(out: &mut String, command: &Command) {
    out.push_str(&format!(".SS opentrain {}\n", escape(&command.name())));
    out.push_str(&format!("{}.\n", escape(command.summary)));
    if let Some(alias) = command.alias {
        out.push_str(&format!("Alias: \\fBopentrain {}\\fP.\n", escape(alias)));
    }
    out.push_str(&format!(".PP\n{}\n", escape(&usage(command))));
    for line in command.about.lines() {
        paragraph(out, line);
    }
    if !command.one_of.is_empty() {
        paragraph(out, "Exactly one of:");
    }
    for flag in command.one_of {
        entry(
            out,
            &format!("--{} {}", flag.name, flag.metavar),
            &sentence(flag),
        );
    }
    if !command.one_of.is_empty() && command.own_flags().next().is_some() {
        paragraph(out, "And:");
    }
    for flag in command.own_flags() {
        let required = if flag.required { " Required." } else { "" };
        let text = format!("{}{required}", sentence(flag));
        entry(out, &format!("--{} {}", flag.name, flag.metavar), &text);
    }
    let also = command.also.as_ref();
    let calls = command.endpoint.iter().map(|e| ("Calls".to_owned(), e));
    let calls = calls.chain(also.map(|(flag, e)| (format!("With --{} it calls", flag.name), e)));
    let mut text = Vec::new();
    for (when, endpoint) in calls {
        text.push(format!(
            "{when} {} {}{}. Needs {}.",
            endpoint.method,
            endpoint.prefix,
            endpoint.path,
            endpoint.needs().join(", ")
        ));
    }
    let if_lost = command.if_lost.in_general().to_string();
    if !if_lost.is_empty() {
        text.push(format!("If the answer of this write is lost: {if_lost}."));
    }
    if !text.is_empty() {
        let seconds = command.timeout;
        text.push(format!(
            "Takes at most {seconds} seconds; a wait that the server asks for comes on top."
        ));
        paragraph(out, &text.join(" "));
    }
    example(out, command.examples);
}

/// A paragraph; after a heading it needs no macro of its own.
fn paragraph(out: &mut String, text: &str) {
    let heading = out
        .lines()
        .last()
        .is_some_and(|l| l.starts_with(".SH") || l.starts_with(".SS"));
    if !heading {
        out.push_str(".PP\n");
    }
    out.push_str(&format!("{}\n", escape(text)));
}

fn entry(out: &mut String, name: &str, text: &str) {
    out.push_str(&format!(
        ".TP\n\\fB{}\\fP\n{}\n",
        escape(name.trim_end()),
        escape(text)
    ));
}

fn example(out: &mut String, lines: &[&str]) {
    out.push_str(".PP\n.RS 4\n.nf\n");
    for line in lines {
        out.push_str(&format!("{}\n", escape(line)));
    }
    out.push_str(".fi\n.RE\n");
}

/// Text escaped for roff: backslashes, dashes that must stay dashes, and a dot or quote at the
/// beginning of a line.
fn escape(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\e")
        .replace('-', "\\-")
        .replace('~', "\\(ti")
        .replace('`', "\\(ga");
    match escaped.starts_with(['.', '\'']) {
        true => format!("\\&{escaped}"),
        false => escaped,
    }
}
