//! The environment and the credentials file, and which of them wins. The file is read only when
//! it is needed.

mod file;
mod place;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, fmt};

pub(crate) use file::Credentials;
pub(crate) use place::{Place, delete, real_path};

use crate::error::{Error, Hint};
use crate::notes::Notes;
use crate::safe::conceal;
use crate::step::{Argument, Step};

/// The server when nothing else is said (API.md, section 20).
pub(crate) const DEFAULT_BASE_URL: &str = "https://app.opentrain.ai";
/// Variables that hold the API token: the one that the official MCP server reads, which counts
/// for an MCP server only, and those of the command line (API.md, D8).
const TOKEN_VARIABLES: [&str; 3] = [
    "OPENTRAIN_PERSONAL_API_TOKEN",
    "OT_API_TOKEN",
    "OPENTRAIN_API_TOKEN",
];
/// Whether this process is an MCP server.
static SERVES: AtomicBool = AtomicBool::new(false);
/// Variables that hold the base URL; the first that is set wins.
pub(crate) const BASE_URL_VARIABLES: [&str; 2] = ["OT_API_BASE_URL", "OPENTRAIN_API_BASE_URL"];

/// From here on this process is an MCP server.
pub(crate) fn serve() {
    SERVES.store(true, Ordering::Relaxed);
}

/// Variables that hold the API token; the first that is set wins.
pub(crate) fn token_variables() -> &'static [&'static str] {
    let [_, command_line @ ..] = &TOKEN_VARIABLES;
    match SERVES.load(Ordering::Relaxed) {
        true => &TOKEN_VARIABLES,
        false => command_line,
    }
}

/// A token. It cannot be printed by accident: there is no `Display`, and `Debug` hides it.
#[derive(Clone, PartialEq)]
pub(crate) struct Secret(String);

impl Secret {
    /// Wraps a token, without the spaces and line breaks that files and variables often have around
    /// it. From here on, no message shows it.
    pub(crate) fn new(text: impl AsRef<str>) -> Self {
        let text = text.as_ref().trim();
        conceal(text);
        Secret(text.to_owned())
    }

    /// The token itself, for the header, body or file that needs it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// The form in which the API shows a token (API.md, section 8): `ot_pat_`, four
    /// characters, eight stars, the last four. A short one shows nothing but its prefix.
    pub(crate) fn preview(&self) -> String {
        let body = self.0.strip_prefix("ot_pat_").unwrap_or_default();
        let (first, last) = (
            body.get(..4),
            body.len().checked_sub(4).and_then(|n| body.get(n..)),
        );
        match (first, last) {
            (Some(first), Some(last)) if body.len() >= 16 => {
                format!("ot_pat_{first}********{last}")
            }
            _ => "ot_pat_********".into(),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(redacted)")
    }
}

/// A token as it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    /// The token itself.
    pub secret: Secret,
    /// Where it came from: a flag, a variable or a path.
    pub source: String,
    /// Which of these that is.
    pub from: Origin,
}

impl Token {
    /// Stands in for a token in a request that is only shown.
    pub(crate) fn unknown() -> Self {
        Token {
            secret: Secret::new("********"),
            source: "nowhere".to_owned(),
            from: Origin::Flag,
        }
    }
}

/// Where a token comes from.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// A flag of this call.
    Flag,
    /// A variable.
    Variable,
    /// The credentials file, where it was saved for this server.
    File(String),
}

/// A value together with where it came from, for messages.
#[derive(Clone, Debug)]
pub(crate) struct Sourced<T> {
    /// The value.
    pub value: T,
    /// A flag, a variable, a path or "default".
    pub source: String,
}

/// The first of some variables that is set and not empty.
///
/// # Errors
/// A variable that is not valid UTF-8.
pub(crate) fn variable(names: &[&'static str]) -> Result<Option<Sourced<String>>, Error> {
    for name in names {
        match env::var(name) {
            Ok(value) if value.is_empty() => {}
            Ok(value) => {
                let source = (*name).to_owned();
                return Ok(Some(Sourced { value, source }));
            }
            Err(env::VarError::NotPresent) => {}
            Err(env::VarError::NotUnicode(_)) => {
                return Err(Error::local(format!(
                    "the variable {name} is not valid UTF-8"
                )));
            }
        }
    }
    Ok(None)
}

/// Whether `OT_VERBOSE` asks for a trace: set, not empty, not `0`.
///
/// # Errors
/// It is not valid UTF-8.
pub(crate) fn verbose() -> Result<bool, Error> {
    Ok(variable(&["OT_VERBOSE"])?.is_some_and(|set| set.value != "0"))
}

/// Whether `OT_JSON_ERRORS` asks for errors as JSON: set, not empty, not `0`. It is read before
/// anything else can fail, so that it applies to everything that does.
pub(crate) fn json_errors() -> bool {
    env::var_os("OT_JSON_ERRORS").is_some_and(|set| !set.is_empty() && set != "0")
}

/// Whether the environment lets a terminal have colours: it knows escape sequences, `NO_COLOR` is
/// not set, and `CLICOLOR` is not 0.
pub(crate) fn terminal_has_colours() -> bool {
    terminal_has_escapes()
        && env::var_os("NO_COLOR").is_none_or(|set| set.is_empty())
        && env::var_os("CLICOLOR").is_none_or(|set| set != "0")
}

/// The folders in which to look for programs.
pub(crate) fn program_folders() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).collect()
}

/// Whether the terminal knows escape sequences: `TERM` is set and not `dumb`.
pub(crate) fn terminal_has_escapes() -> bool {
    env::var_os("TERM").is_some_and(|term| !term.is_empty() && term != "dumb")
}

/// The API token: a variable, else the saved file (API.md, section 20).
///
/// # Errors
/// No token anywhere, or the file is needed and cannot be read.
pub(crate) fn token(notes: &mut dyn Notes) -> Result<Token, Error> {
    if let Some(found) = variable(token_variables())? {
        return Ok(Token {
            secret: Secret::new(found.value),
            source: found.source,
            from: Origin::Variable,
        });
    }
    let file = Credentials::load(notes)?;
    match file.token("apiToken") {
        Some(token) => Ok(token),
        None => Err(Error::local(format!(
            "no API token: neither {} is set, and {} holds none",
            token_variables().join(" nor "),
            file.path.display()
        ))
        .hint(Hint::new(
            "for a new account run `{}`; with an existing token, `{}`",
            [Step::new("auth register", []), login()],
        ))),
    }
}

/// The command that saves a token.
pub(crate) fn login() -> Step {
    Step::new("auth login", [Argument::Value("api-key", "-".into())])
}

/// The base URL: the flag's value, a variable, the saved file, the default. An unreadable file is
/// not fatal here: a token in the environment has to work without it. A note says why it was
/// ignored.
///
/// # Errors
/// A variable that is not valid UTF-8.
pub(crate) fn base_url(
    flag: Option<&str>,
    notes: &mut dyn Notes,
) -> Result<Sourced<String>, Error> {
    let found = |value: String, source: &str| Sourced {
        value,
        source: source.to_owned(),
    };
    if let Some(url) = flag {
        return Ok(found(url.to_owned(), "--base-url"));
    }
    if let Some(set) = variable(&BASE_URL_VARIABLES)? {
        return Ok(set);
    }
    let default = found(DEFAULT_BASE_URL.to_owned(), "default");
    // Without a home there can be no file, which is not worth a note.
    let Ok(path) = path() else {
        return Ok(default);
    };
    match Credentials::load_from(path, notes) {
        Ok(file) => Ok(file.base_url().unwrap_or(default)),
        Err(e) => {
            notes.once(&format!(
                "Note: {}; the base URL is {}",
                e.text, default.value
            ));
            Ok(default)
        }
    }
}

/// The warning that a variable in the environment hides a value that was just saved, when one
/// does; `name` says which value.
pub(crate) fn override_warning(
    name: &str,
    saved: &str,
    variables: &[&'static str],
) -> Result<Option<String>, Error> {
    let hiding = variable(variables)?.filter(|set| set.value != saved);
    Ok(hiding.map(|set| {
        let source = set.source;
        format!(
            "Note: {source} is set and overrides the saved {name}; unset it to use what was saved."
        )
    }))
}

/// `${XDG_CONFIG_HOME:-~/.config}/opentrain/cli.json`. A relative `XDG_CONFIG_HOME` counts as
/// unset, as its specification says.
///
/// # Errors
/// Neither that variable nor a home folder is set.
pub(crate) fn path() -> Result<PathBuf, Error> {
    let xdg = env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let folder = xdg.filter(|p| p.is_absolute()).or_else(|| {
        let home = home::home_dir().filter(|p| p.is_absolute())?;
        Some(home.join(".config"))
    });
    folder.map(|f| f.join("opentrain/cli.json")).ok_or_else(|| {
        Error::local("no place for the credentials file: neither XDG_CONFIG_HOME nor HOME is set")
            .hint("set OT_API_TOKEN to work without the file, or XDG_CONFIG_HOME to a writable folder")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_never_shows_a_short_token() {
        let long = Secret::new("ot_pat_abcd1234_secretsecretwxyz");
        assert_eq!(long.preview(), "ot_pat_abcd********wxyz");
        assert_eq!(Secret::new("ot_pat_short").preview(), "ot_pat_********");
        assert_eq!(Secret::new("whatever").preview(), "ot_pat_********");
        assert_eq!(format!("{long:?}"), "(redacted)");
    }
}
