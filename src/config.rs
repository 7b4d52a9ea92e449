//! The credentials file, the environment, and which of them wins.
//!
//! The file is shared with another program (the MCP server): keys that we do not know survive
//! every save, and a reader never sees half a file. It is read only when it is needed.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, fmt, process, thread};

use crate::error::Error;
use crate::output::json::{self, Object};
use crate::output::{conceal, note, shell_word};

/// The server when nothing else is said (cli.md, section 2).
pub const DEFAULT_BASE_URL: &str = "https://app.opentrain.ai";
/// Variables that hold the API token; the first that is set wins (cli.md, decision 8).
pub const TOKEN_VARIABLES: [&str; 2] = ["OT_API_TOKEN", "OPENTRAIN_API_TOKEN"];
/// Variables that hold the base URL; the first that is set wins.
pub const BASE_URL_VARIABLES: [&str; 2] = ["OT_API_BASE_URL", "OPENTRAIN_API_BASE_URL"];

/// A credentials file larger than this is none; in bytes.
const LARGEST_FILE: u64 = 1024 * 1024;
/// How often the lock on the folder is asked for before a save goes on without it.
const LOCK_TRIES: u32 = 100;

/// A token. It cannot be printed by accident: there is no `Display`, and `Debug` hides it.
#[derive(Clone, PartialEq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a token; from here on no message shows it.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        conceal(&text);
        Secret(text)
    }

    /// The token itself, for the header, the body or the file that has to hold it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The form in which the API shows a token (cli.md, section 9): `ot_pat_`, four
    /// characters, eight stars, the last four. A short one shows nothing but its prefix.
    pub fn preview(&self) -> String {
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

/// A value together with where it came from, for messages.
#[derive(Clone, Debug)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// A flag, a variable, a path or "default".
    pub source: String,
}

/// The first of some variables that is set and not empty.
///
/// # Errors
/// A variable that is not valid UTF-8.
pub fn variable(names: &[&'static str]) -> Result<Option<Sourced<String>>, Error> {
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
pub fn verbose() -> Result<bool, Error> {
    Ok(variable(&["OT_VERBOSE"])?.is_some_and(|set| set.value != "0"))
}

/// Whether the terminal knows escape sequences: `TERM` is set and not `dumb`.
pub fn terminal_has_escapes() -> bool {
    env::var_os("TERM").is_some_and(|term| !term.is_empty() && term != "dumb")
}

/// The API token: a variable, else the saved file (cli.md, section 2).
///
/// # Errors
/// No token anywhere, or a file that is needed and cannot be read.
pub fn token() -> Result<Sourced<Secret>, Error> {
    if let Some(found) = variable(&TOKEN_VARIABLES)? {
        return Ok(Sourced {
            value: Secret::new(found.value),
            source: found.source,
        });
    }
    let file = Credentials::load()?;
    match file.secret("apiToken") {
        Some(value) => Ok(Sourced {
            value,
            source: file.path.display().to_string(),
        }),
        None => Err(Error::local(format!(
            "no API token: neither {} nor {} is set, and {} holds none",
            TOKEN_VARIABLES[0],
            TOKEN_VARIABLES[1],
            file.path.display()
        ))
        .hint("for a new account run `opentrain auth register`; with a token at hand `opentrain auth login --api-key -`")),
    }
}

/// The base URL: the flag's value, a variable, the saved file, the default.
///
/// A file that cannot be read stops nothing here: a token in the environment has to work
/// without it. The caller is told why in the second value.
pub fn base_url(flag: Option<&str>) -> Result<(Sourced<String>, Option<Error>), Error> {
    let found = |value: String, source: &str| Sourced {
        value,
        source: source.to_owned(),
    };
    if let Some(url) = flag {
        return Ok((found(url.to_owned(), "--base-url"), None));
    }
    if let Some(set) = variable(&BASE_URL_VARIABLES)? {
        return Ok((set, None));
    }
    // Without a home there can be no file, which is nothing to speak of.
    let file = path().ok().map(Credentials::load_from).transpose();
    let (saved, trouble) = match file {
        Ok(file) => (file.and_then(|f| f.base_url()), None),
        Err(e) => (None, Some(e)),
    };
    let url = saved.unwrap_or_else(|| found(DEFAULT_BASE_URL.to_owned(), "default"));
    Ok((url, trouble))
}

/// The warning that a variable in the environment hides what was just saved, when one does.
pub fn override_warning(
    what: &str,
    saved: &str,
    variables: &[&'static str],
) -> Result<Option<String>, Error> {
    let hiding = variable(variables)?.filter(|set| set.value != saved);
    Ok(hiding.map(|set| {
        let source = set.source;
        format!(
            "Note: {source} is set and overrides the saved {what}; unset it to use what was saved."
        )
    }))
}

/// `${XDG_CONFIG_HOME:-~/.config}/opentrain/cli.json`. A relative `XDG_CONFIG_HOME` counts as
/// unset, as its specification says.
///
/// # Errors
/// There is neither that variable nor a home folder.
pub fn path() -> Result<PathBuf, Error> {
    let xdg = env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let folder = xdg.filter(|p| p.is_absolute()).or_else(|| {
        let home = home::home_dir().filter(|p| p.is_absolute())?;
        Some(home.join(".config"))
    });
    folder.map(|f| f.join("opentrain/cli.json")).ok_or_else(|| {
        Error::local("no place for the credentials file: neither XDG_CONFIG_HOME nor HOME is set")
            .hint("set OT_API_TOKEN to work without the file, or XDG_CONFIG_HOME to a folder that can be written")
    })
}

/// The credentials file as it was read. An absent file reads as an empty one.
#[derive(Debug)]
pub struct Credentials {
    /// Where it is.
    pub path: PathBuf,
    /// Its text; empty when there is no file.
    text: String,
}

impl Credentials {
    /// Reads the file.
    ///
    /// # Errors
    /// It cannot be read, or is not a JSON object; the error names it and says what to do.
    pub fn load() -> Result<Self, Error> {
        Self::load_from(path()?)
    }

    fn load_from(path: PathBuf) -> Result<Self, Error> {
        let shown = path.display().to_string();
        let fail = |why: String| Error::local(format!("could not read {shown}: {why}"));
        let bytes = match fs::metadata(&path) {
            Err(e) if is_absent(&e) => Vec::new(),
            Err(e) => return Err(fail(e.to_string())),
            // A pipe would keep us waiting, and nobody keeps credentials in megabytes.
            Ok(m) if !m.is_file() || m.len() > LARGEST_FILE => {
                return Err(fail("it is no file of credentials".into()));
            }
            Ok(_) => fs::read(&path).map_err(|e| fail(e.to_string()))?,
        };
        let text = String::from_utf8(bytes).unwrap_or_else(|_| "not UTF-8".into());
        warn_if_open(&path);
        let file = Credentials { path, text };
        match file.text.is_empty() || file.object().is_some() {
            true => Ok(file),
            false => Err(
                Error::local(format!("{shown} is damaged: it is not a JSON object"))
                    .hint("mend it, or start anew with `opentrain auth logout`, which deletes it"),
            ),
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
    pub fn secret(&self, key: &str) -> Option<Secret> {
        self.string(key).map(Secret::new)
    }

    /// The saved base URL.
    pub fn base_url(&self) -> Option<Sourced<String>> {
        Some(Sourced {
            value: self.string("baseUrl")?,
            source: self.path.display().to_string(),
        })
    }
}

/// Deletes the credentials file. The link's target goes when the file is a link, because that
/// is where the secret is. Returns the path and whether there was a file.
///
/// # Errors
/// The file is there and cannot be deleted.
pub fn delete() -> Result<(PathBuf, bool), Error> {
    let path = path()?;
    match fs::remove_file(real_path(&path)) {
        Ok(()) => Ok((path, true)),
        Err(e) if is_absent(&e) => Ok((path, false)),
        Err(e) => Err(Error::local(format!(
            "could not delete {}: {e}",
            path.display()
        ))),
    }
}

/// Says once that others can read the file, with the command that mends it.
fn warn_if_open(path: &Path) {
    static WARNED: Once = Once::new();
    let open = fs::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o077 != 0);
    if open {
        WARNED.call_once(|| {
            let path = path.display().to_string();
            note(&format!(
                "Warning: others can read {path}; run: chmod 600 {}",
                shell_word(&path)
            ));
        });
    }
}

/// There is no such file, nor can there be one under a folder that is none.
fn is_absent(e: &io::Error) -> bool {
    matches!(
        e.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// The file behind a symbolic link, so that a save replaces the file and leaves the link.
fn real_path(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| match fs::read_link(path) {
        // A link to nothing: its target is about to be made.
        Ok(target) => path.parent().unwrap_or(path).join(target),
        Err(_) => path.to_owned(),
    })
}

/// A place where credentials can be saved: the folder is there and a private temporary file
/// is open in it. It is made before a secret is asked for, so that a secret that the server
/// shows once has somewhere to go.
#[derive(Debug)]
pub struct Place {
    /// The credentials file.
    pub path: PathBuf,
    target: PathBuf,
    temporary: PathBuf,
    file: File,
    /// The temporary file has become the credentials file.
    renamed: bool,
}

impl Place {
    /// Makes the folder (0700) and opens the temporary file (0600).
    ///
    /// # Errors
    /// Any of that fails; nothing has been sent yet.
    pub fn prepare() -> Result<Self, Error> {
        Self::prepare_at(path()?)
    }

    fn prepare_at(path: PathBuf) -> Result<Self, Error> {
        let fail = |e: io::Error| {
            Error::local(format!(
                "credentials could not be saved in {}: {e}; nothing was sent",
                path.display()
            ))
            .hint("set XDG_CONFIG_HOME to a folder that can be written")
        };
        if path.is_dir() {
            return Err(fail(io::ErrorKind::IsADirectory.into()));
        }
        let target = real_path(&path);
        let folder = target.parent().unwrap_or(&target);
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(fail)?;
        let (temporary, file) = private_file(folder).map_err(fail)?;
        Ok(Place {
            path,
            target,
            temporary,
            file,
            renamed: false,
        })
    }

    /// Saves: reads the file as it is now, lets `edit` change its fields or refuse, writes the
    /// result to the temporary file, syncs it and renames it over the file.
    ///
    /// Our own saves take turns by a lock on the folder. A file that is not a JSON object is
    /// replaced only when `replace` allows it.
    ///
    /// # Errors
    /// Any step fails; the file is then as it was.
    pub fn save(
        mut self,
        replace: bool,
        edit: impl FnOnce(&mut Object<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let folder = self.target.parent().unwrap_or(&self.target).to_owned();
        let folder = File::open(&folder).map_err(|e| self.failed(e))?;
        lock(&folder);
        let current = match Credentials::load_from(self.target.clone()) {
            Ok(current) => current.text,
            Err(_) if replace => String::new(),
            Err(e) => return Err(e),
        };
        let mut object = Object::parse(&current).unwrap_or_default();
        edit(&mut object)?;
        let mut text = Vec::new();
        json::indent(&object.to_string(), &mut text).map_err(|e| self.failed(e))?;
        self.file
            .write_all(&text)
            .and_then(|()| self.file.sync_all())
            .and_then(|()| fs::rename(&self.temporary, &self.target))
            .map_err(|e| self.failed(e))?;
        self.renamed = true;
        // The rename has happened; a folder that cannot be synced does not undo it.
        let _ = folder.sync_all();
        Ok(())
    }

    fn failed(&self, e: io::Error) -> Error {
        Error::local(format!("could not save {}: {e}", self.path.display()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.renamed {
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Waits a second or so for a lock on the folder. Whoever holds it longer, or a file system
/// without locks, must not cost us a secret: the rename alone keeps the file whole.
fn lock(folder: &File) {
    for _ in 0..LOCK_TRIES {
        match folder.try_lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(10)),
            Ok(()) | Err(TryLockError::Error(_)) => return,
        }
    }
}

/// Creates a file that only its owner can read, under a name of its own: in containers process
/// ids repeat, so the time is part of it.
fn private_file(folder: &Path) -> io::Result<(PathBuf, File)> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let path = folder.join(format!(
        ".cli.json.{}.{}.tmp",
        process::id(),
        now.as_nanos()
    ));
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    Ok((path, file))
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
