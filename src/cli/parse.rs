//! From words to an invocation: pure, by the table, with lexopt.

use std::ffi::{OsStr, OsString};

use lexopt::Arg;

use super::nearest::nearest;
use super::{Command, Flag, GLOBAL_FLAGS, Invocation, Kind, Namespace, Rest};
use crate::error::{Error, Hint};
use crate::json::{Path, unshared};
use crate::step::Step;

/// All commands, by namespace.
pub(crate) type Table = &'static [&'static Namespace];

/// Reads the words after the program's name. Asking for help or the version calls the command of
/// that name.
///
/// # Errors
/// A usage error that names the word or flag and what was expected.
pub(crate) fn parse(table: Table, args: Vec<OsString>) -> Result<Invocation, Error> {
    // Help wins over every mistake, so that it works when everything else is broken. In place of a
    // value it is itself the mistake: an unsent message must not look sent.
    let mut before = None;
    for arg in args.iter().take_while(|a| **a != *"--") {
        if *arg == *"--help" && !before.is_some_and(|arg| wants_value(table, arg)) {
            return about(table, "help", &args, command_words(table, &args));
        }
        before = Some(arg);
    }
    let mut state = State::new(table);
    let mut parser = lexopt::Parser::from_args(&args);
    loop {
        // The only error of `next` is a value attached to a switch (`--json=1`).
        let arg = parser.next().map_err(|_| state.switch_with_value())?;
        match arg {
            None => break,
            Some(Arg::Value(word)) => state.word(word)?,
            Some(Arg::Short('h')) => {
                return about(table, "help", &args, command_words(table, &args));
            }
            Some(Arg::Short('V') | Arg::Long("version")) if state.is_fresh() => {
                return about(table, "version", &args, Vec::new());
            }
            Some(Arg::Short(letter)) => return Err(state.unknown_flag(&format!("-{letter}"))),
            Some(Arg::Long(name)) => {
                let name = name.to_owned();
                let flag = state.flag(&name)?;
                let value = match flag.takes_value() {
                    true => Some(value_of(flag, &mut parser)?),
                    false => None,
                };
                state.set(flag, value)?;
            }
        }
    }
    match state.is_help() {
        // No words at all, or a namespace alone.
        true => about(table, "help", &args, state.words),
        false => state.finish(),
    }
}

/// Whether a word is a flag that takes the next word for its value.
fn wants_value(table: Table, word: &OsStr) -> bool {
    let name = word.to_str().and_then(|word| word.strip_prefix("--"));
    let own = all_commands(table).flat_map(Command::all_flags);
    let mut flags = own.chain(GLOBAL_FLAGS).filter(|flag| flag.takes_value());
    name.is_some_and(|name| flags.any(|flag| flag.is_named(name)))
}

/// The command about the program itself that these words ask for.
fn about(
    table: Table,
    command: &str,
    args: &[OsString],
    words: Vec<String>,
) -> Result<Invocation, Error> {
    let found = find_command(table, &[command.to_owned()]);
    let json = args.iter().any(|a| *a == *"--json");
    Ok(Invocation {
        command: found.ok_or_else(|| Error::usage(format!("no command `{command}`")))?,
        values: json
            .then(|| (super::JSON.name, String::new()))
            .into_iter()
            .collect(),
        words,
    })
}

/// The words of `args` that lead to a command or a namespace; everything else is skipped.
fn command_words(table: Table, args: &[OsString]) -> Vec<String> {
    let mut words = Vec::new();
    for arg in args.iter().filter_map(|a| a.to_str()) {
        words.push(arg.to_owned());
        match find(table, &words) {
            Found::Nothing => drop(words.pop()),
            Found::Part => {}
            Found::Command(_) => break,
        }
    }
    words
}

/// What some words name.
enum Found {
    Command(&'static Command),
    /// The beginning of one or more commands.
    Part,
    Nothing,
}

/// The commands of all namespaces, in the order of the table.
pub(crate) fn all_commands(table: Table) -> impl Iterator<Item = &'static Command> {
    table
        .iter()
        .flat_map(|namespace| namespace.commands)
        .copied()
}

/// The command that exactly these words call, or that has them as its alias.
pub(crate) fn find_command(table: Table, words: &[String]) -> Option<&'static Command> {
    all_commands(table)
        .find(|c| c.words.iter().eq(words) || c.alias.is_some_and(|alias| words.iter().eq([alias])))
}

fn find(table: Table, words: &[String]) -> Found {
    if let Some(command) = find_command(table, words) {
        return Found::Command(command);
    }
    match all_commands(table).any(|command| command.begins_with(words)) {
        true => Found::Part,
        false => Found::Nothing,
    }
}

/// Whether a word looks like a flag: two dashes and a letter, which is not how text begins.
fn is_long_flag(word: &OsStr) -> bool {
    let word = word.to_string_lossy();
    let rest = word.strip_prefix("--").unwrap_or_default();
    rest.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// The value after a flag, attached (`--flag=value`) or as the next word. A next word that
/// looks like a flag is a forgotten value, not a value.
fn value_of(flag: &Flag, parser: &mut lexopt::Parser) -> Result<String, Error> {
    let missing = |why: &str| {
        Error::usage(format!(
            "--{} needs a value: --{} {}{why}",
            flag.name, flag.name, flag.metavar
        ))
    };
    let value = match parser.optional_value() {
        Some(attached) => attached,
        None => {
            let next = parser.value().map_err(|_| missing(""))?;
            if is_long_flag(&next) {
                return Err(missing(&format!(
                    "; one that begins with dashes is written --{}=<value>",
                    flag.name
                )));
            }
            next
        }
    };
    value
        .into_string()
        .map_err(|_| Error::usage(format!("the value of --{} is not valid UTF-8", flag.name)))
}

struct State {
    table: Table,
    command: Option<&'static Command>,
    /// Words before the command is complete.
    words: Vec<String>,
    /// Words after it.
    rest: Vec<String>,
    values: Vec<(&'static str, String)>,
    last_flag: &'static str,
}

impl State {
    fn new(table: Table) -> Self {
        State {
            table,
            command: None,
            words: Vec::new(),
            rest: Vec::new(),
            values: Vec::new(),
            last_flag: "",
        }
    }

    fn is_fresh(&self) -> bool {
        self.words.is_empty()
    }

    fn word(&mut self, word: OsString) -> Result<(), Error> {
        let word = word
            .into_string()
            .map_err(|_| Error::usage("an argument is not valid UTF-8"))?;
        let Some(command) = self.command else {
            self.words.push(word);
            return match find(self.table, &self.words) {
                Found::Command(command) => {
                    self.command = Some(command);
                    Ok(())
                }
                Found::Part => Ok(()),
                Found::Nothing => Err(self.unknown_word()),
            };
        };
        if command.rest != Rest::Nothing {
            self.rest.push(word);
            return Ok(());
        }
        let is_free = |f: &&Flag| self.values.iter().all(|(name, _)| *name != f.name);
        match command.all_flags().filter(|f| f.positional).find(is_free) {
            Some(flag) => self.set(flag, Some(word)),
            // The word is not repeated: it may be a token.
            None => Err(self.usage(format!("`{}` takes no further words", command.name()))),
        }
    }

    fn flag(&mut self, name: &str) -> Result<&'static Flag, Error> {
        let own = self.command.iter().flat_map(|c| c.all_flags());
        let flag = own.chain(GLOBAL_FLAGS).find(|f| f.is_named(name));
        let flag = flag.ok_or_else(|| self.unknown_flag(&format!("--{name}")))?;
        self.last_flag = flag.name;
        Ok(flag)
    }

    fn set(&mut self, flag: &'static Flag, value: Option<String>) -> Result<(), Error> {
        if !flag.repeats && self.values.iter().any(|(name, _)| *name == flag.name) {
            return Err(self.usage(format!("--{} is given twice", flag.name)));
        }
        if let Some(value) = &value {
            let file = format!("{}-file", flag.name);
            let mut others = self.command.iter().flat_map(|c| c.all_flags());
            let is_text = matches!(flag.kind, Kind::Text | Kind::Objects);
            if value == "-" && is_text && others.any(|f| f.name == file) {
                return Err(self.usage(format!(
                    "--{} takes the text itself; for standard input use --{file} -",
                    flag.name
                )));
            }
            flag.check(value)
                .map_err(|why| self.usage(format!("--{} {why}", flag.name)))?;
        }
        self.values.push((flag.name, value.unwrap_or_default()));
        Ok(())
    }

    /// Whether the words stop short of a command, and no flag asks for more than help.
    fn is_help(&self) -> bool {
        let harmless = [
            super::JSON.name,
            super::JSON_ERRORS.name,
            super::VERBOSE.name,
            super::COLOR.name,
        ];
        let mut names = self.values.iter().map(|(name, _)| name);
        self.command.is_none() && names.all(|name| harmless.contains(name))
    }

    fn finish(self) -> Result<Invocation, Error> {
        let Some(command) = self.command else {
            let part = self.words.join(" ");
            return Err(self.usage(match part.as_str() {
                "" => "flags without a command".to_owned(),
                _ => format!("`{part}` is not a complete command"),
            }));
        };
        let has = |flag: &Flag| self.values.iter().any(|(name, _)| *name == flag.name);
        if let Some((one, other)) = super::CONFLICTS.iter().find(|(a, b)| has(a) && has(b)) {
            return Err(self.usage(format!(
                "--{} and --{} are two forms of the answer; give one",
                one.name, other.name
            )));
        }
        self.check_paths()?;
        if has(&super::TIMEOUT) && !has(&super::WAIT) {
            let (timeout, wait) = (super::TIMEOUT.name, super::WAIT.name);
            return Err(self.usage(format!("--{timeout} goes with --{wait}")));
        }
        if let Some(flag) = command.flags.iter().find(|f| f.required && !has(f)) {
            // Some ids are documented as bare words, and go by their own name there.
            let bare = flag.positional && flag.metavar.trim_matches(['<', '>']) == flag.name;
            let form = match bare {
                true => flag.metavar.to_owned(),
                false => format!("--{} {}", flag.name, flag.metavar),
            };
            return Err(self.usage(format!("`{}` needs {form}", command.name())));
        }
        // Repeatable flags go together, as one of the choices.
        let (often, once): (Vec<&Flag>, Vec<&Flag>) =
            command.one_of.iter().partition(|flag| flag.repeats);
        let given = once.iter().filter(|f| has(f)).count();
        let given = given + usize::from(often.iter().any(|f| has(f)));
        if !command.one_of.is_empty() && given != 1 {
            let names = |flags: &[&Flag], between: &str| {
                let names: Vec<String> = flags.iter().map(|f| format!("--{}", f.name)).collect();
                names.join(between)
            };
            let choices = [names(&often, " or "), names(&once, ", ")];
            let choices: Vec<String> = choices.into_iter().filter(|c| !c.is_empty()).collect();
            let name = command.name();
            return Err(self.usage(format!(
                "`{name}` needs exactly one of {}",
                choices.join(", ")
            )));
        }
        if let Rest::OneOf(_, values) = command.rest
            && !(self.rest.len() == 1 && self.rest.iter().all(|w| values.contains(&w.as_str())))
        {
            let (name, values) = (command.name(), values.join(", "));
            return Err(self.usage(format!("`{name}` needs one of {values}")));
        }
        Ok(Invocation {
            command,
            values: self.values,
            words: self.rest,
        })
    }

    /// Values that are asked for must form rows and, over several pages, be part of the list.
    fn check_paths(&self) -> Result<(), Error> {
        let name = super::GET.name;
        let given = self.values.iter().filter(|(flag, _)| *flag == name);
        let paths: Vec<Path> = given.filter_map(|(_, path)| Path::parse(path)).collect();
        if let Some(path) = unshared(&paths) {
            return Err(self.usage(format!(
                "--{name} {path} goes through an array that the other paths do not share"
            )));
        }
        let all = super::ALL.name;
        match paths.iter().find(|path| !path.is_many()) {
            Some(path) if self.values.iter().any(|(flag, _)| *flag == all) => Err(self.usage(format!(
                "with --{all}, --{name} takes a path through the list, such as jobs[].id, not {path}"
            ))),
            _ => Ok(()),
        }
    }

    /// A usage error whose hint is the help of what was typed so far.
    fn usage(&self, text: String) -> Error {
        let words = match self.command {
            Some(command) => command.name(),
            None => self.words.join(" "),
        };
        let help = Step::new(words, [super::HELP.on()]);
        Error::usage(text).hint(Hint::new("see `{}`", [help]))
    }

    fn unknown_word(&mut self) -> Error {
        let typed = self.words.join(" ");
        let last = self.words.pop().unwrap_or_default();
        let depth = self.words.len();
        let follows = |c: &&Command| c.words.iter().take(depth).eq(&self.words);
        let aliases = all_commands(self.table).filter_map(|c| c.alias.filter(|_| depth == 0));
        let candidates = all_commands(self.table)
            .filter(follows)
            .filter_map(|c| c.words.get(depth).copied())
            .chain(aliases);
        match nearest(&last, candidates) {
            Some(near) => {
                let mut words = self.words.clone();
                words.push(near.to_owned());
                let meant = words.join(" ");
                Error::usage(format!("no command `{typed}`; did you mean `{meant}`?"))
            }
            None => self.usage(format!("no command `{typed}`")),
        }
    }

    fn unknown_flag(&self, typed: &str) -> Error {
        let own = self.command.iter().flat_map(|c| c.all_flags());
        let names = own
            .chain(GLOBAL_FLAGS)
            .flat_map(|f| std::iter::once(f.name).chain(f.aliases.iter().copied()));
        let near = nearest(typed.trim_start_matches('-'), names);
        let of = match self.command {
            Some(command) => format!("`{}` has no flag {typed}", command.name()),
            None => format!("no flag {typed} before the command"),
        };
        self.usage(match near {
            Some(near) => format!("{of}; did you mean --{near}?"),
            None => of,
        })
    }

    fn switch_with_value(&self) -> Error {
        self.usage(format!("--{} takes no value", self.last_flag))
    }
}
