//! Reading `cli.json`. It is shared with another program, the MCP server.

use std::fs::{self, Metadata};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::{env, io};

use super::{DEFAULT_BASE_URL, Origin, Secret, Sourced, Token, path};
use crate::error::{Error, Hint};
use crate::json::Object;
use crate::notes::Notes;
use crate::shell::quoted;
use crate::step::Step;
use crate::text;

/// No credentials file is larger than this; in bytes.
const LARGEST_FILE: u64 = 1024 * 1024;

/// The credentials file as it was read. An absent file reads as an empty one.
#[derive(Debug)]
pub(crate) struct Credentials {
    /// Where it is.
    pub path: PathBuf,
    /// Its text; empty when there is no file or it is empty.
    pub(super) text: String,
}

impl Credentials {
    /// Reads the file.
    ///
    /// # Errors
    /// It cannot be read, or is not a JSON object; the error names it and says what to do.
    pub(crate) fn load(notes: &mut dyn Notes) -> Result<Self, Error> {
        Self::load_from(path()?, notes)
    }

    /// The same from another place.
    pub(super) fn load_from(path: PathBuf, notes: &mut dyn Notes) -> Result<Self, Error> {
        if env::var_os("XDG_CONFIG_HOME")
            .is_some_and(|p| !p.is_empty() && Path::new(&p).is_relative())
        {
            notes.remark("Note: XDG_CONFIG_HOME is not an absolute path, and is ignored.");
        }
        if let Ok(metadata) = fs::metadata(&path) {
            warn_of(&path, &metadata, notes);
        }
        Self::read(path)
    }

    /// The same, silently.
    pub(super) fn read(path: PathBuf) -> Result<Self, Error> {
        let name = path.display().to_string();
        let fail = |why: String| Error::local(format!("could not read {name}: {why}"));
        let bytes = match fs::metadata(&path) {
            Err(e) if is_absent(&e) => Vec::new(),
            Err(e) => return Err(fail(e.to_string())),
            // A pipe would keep us waiting, and nobody keeps credentials in megabytes.
            Ok(m) if !m.is_file() || m.len() > LARGEST_FILE => {
                return Err(fail("it is not a credentials file".into()));
            }
            Ok(_) => fs::read(&path).map_err(|e| fail(e.to_string()))?,
        };
        let damaged = |why: &str| {
            Error::local(format!("{name} is damaged: {why}")).hint(Hint::new(
                "fix it, or start over with `{}`, which deletes it",
                [Step::new("auth logout", [])],
            ))
        };
        let text = text::decoded(bytes).map_err(|why| damaged(&format!("it is {why}")))?;
        // Nothing but blanks is what a save that was cut short leaves of an empty file.
        let text = if text.trim().is_empty() {
            String::new()
        } else {
            text
        };
        let file = Credentials { path, text };
        match file.text.is_empty() || file.object().is_some() {
            true => Ok(file),
            false => Err(damaged("it is not a JSON object")),
        }
    }

    fn object(&self) -> Option<Object<'_>> {
        Object::parse(&self.text)
    }

    fn string(&self, key: &str) -> Option<String> {
        let text = self.object()?.get(key).string()?.into_owned();
        (!text.is_empty()).then_some(text)
    }

    /// A saved token: `apiToken` or `claimToken`.
    pub(crate) fn secret(&self, key: &str) -> Option<Secret> {
        self.string(key).map(Secret::new)
    }

    /// The same with the server that it was saved for.
    pub(crate) fn token(&self, key: &str) -> Option<Token> {
        let source = self.path.display().to_string();
        let saved = self.base_url().map(|url| url.value);
        Some(Token {
            secret: self.secret(key)?,
            source,
            from: Origin::File(saved.unwrap_or_else(|| DEFAULT_BASE_URL.into())),
        })
    }

    /// The saved base URL.
    pub(crate) fn base_url(&self) -> Option<Sourced<String>> {
        Some(Sourced {
            value: self.string("baseUrl")?,
            source: self.path.display().to_string(),
        })
    }
}

/// Says what is wrong with the file's owner before the file has any effect, and remarks that others
/// can read it, with the command that fixes that.
fn warn_of(path: &Path, file: &Metadata, notes: &mut dyn Notes) {
    let path = path.display().to_string();
    // std has no call for our user id; this is where Linux shows it. Elsewhere, as on macOS, it
    // cannot be known, and nothing is said.
    let ours = fs::metadata("/proc/self").map_or(file.uid(), |us| us.uid());
    if ![ours, 0].contains(&file.uid()) {
        notes.once(&format!(
            "Warning: {path} belongs to another user (uid {}), who chooses the server and token used here.",
            file.uid()
        ));
    }
    if file.permissions().mode() & 0o077 != 0 {
        notes.remark(&format!(
            "Warning: others can read {path}; run: chmod 600 {}",
            quoted(&path)
        ));
    }
}

/// There is no such file, or there cannot be one because a part of the path is not a folder.
pub(super) fn is_absent(e: &io::Error) -> bool {
    matches!(
        e.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
