//! `cli.json`: read, saved, deleted.
//!
//! The file is shared with another program (the MCP server): keys that we do not know survive
//! every save, and a reader never sees half a file.

use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{process, thread};

use super::{DEFAULT_BASE_URL, Secret, Sourced, Token, path};
use crate::error::{Error, Hint};
use crate::json::{self, Object};
use crate::notes::Notes;
use crate::shell::quoted;
use crate::step::Step;

/// No credentials file is larger than this; in bytes.
const LARGEST_FILE: u64 = 1024 * 1024;
/// A temporary file as old as this is abandoned.
const STALE: Duration = Duration::from_secs(3600);
/// How often the lock on the folder is asked for before a save goes on without it.
const LOCK_TRIES: u32 = 100;

/// The credentials file as it was read. An absent file reads as an empty one.
#[derive(Debug)]
pub(crate) struct Credentials {
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
    pub(crate) fn load(notes: &mut dyn Notes) -> Result<Self, Error> {
        Self::load_from(path()?, notes)
    }

    /// The same from another place.
    pub(super) fn load_from(path: PathBuf, notes: &mut dyn Notes) -> Result<Self, Error> {
        if let Ok(metadata) = fs::metadata(&path) {
            warn_of(&path, &metadata, notes);
        }
        Self::read(path)
    }

    fn read(path: PathBuf) -> Result<Self, Error> {
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
        let text = String::from_utf8(bytes).unwrap_or_else(|_| "not UTF-8".into());
        let file = Credentials { path, text };
        match file.text.is_empty() || file.object().is_some() {
            true => Ok(file),
            false => Err(
                Error::local(format!("{name} is damaged: it is not a JSON object")).hint(
                    Hint::new(
                        "fix it, or start over with `{}`, which deletes it",
                        [Step::new("auth logout", [])],
                    ),
                ),
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
            server: Some(saved.unwrap_or_else(|| DEFAULT_BASE_URL.into())),
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

/// Deletes the credentials file. The link's target goes when the file is a link, because that
/// is where the secret is. Returns the path and whether there was a file.
///
/// # Errors
/// The file is there and cannot be deleted.
pub(crate) fn delete() -> Result<(PathBuf, bool), Error> {
    let path = path()?;
    let target = real_path(&path);
    // What a killed save left may hold a token.
    sweep(target.parent().unwrap_or(&target), Duration::ZERO);
    match fs::remove_file(&target) {
        Ok(()) => Ok((path, true)),
        Err(e) if is_absent(&e) => Ok((path, false)),
        Err(e) => Err(Error::local(format!(
            "could not delete {}: {e}",
            path.display()
        ))),
    }
}

/// Tells what is wrong with the file's owner, before it steers anything, and remarks that
/// others can read it, with the command that mends it.
fn warn_of(path: &Path, file: &Metadata, notes: &mut dyn Notes) {
    let path = path.display().to_string();
    // std knows no user id of ours; this is where the kernel shows it.
    let ours = fs::metadata("/proc/self").map_or(file.uid(), |us| us.uid());
    if ![ours, 0].contains(&file.uid()) {
        notes.once(&format!(
            "Warning: {path} belongs to another user (uid {}), who chooses server and token here.",
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

/// There is no such file, and there can be none where a part of the path is not a folder.
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
pub(crate) struct Place {
    /// The credentials file.
    pub path: PathBuf,
    target: PathBuf,
    temporary: PathBuf,
    file: File,
    /// The temporary file has become the credentials file.
    renamed: bool,
}

impl Place {
    /// Makes the folder (0700) and opens the temporary file (0600). A file that is there must
    /// be one that a save can change, unless `replace` allows to start anew.
    ///
    /// # Errors
    /// Any of that fails; nothing has been sent yet.
    pub(crate) fn prepare(replace: bool) -> Result<Self, Error> {
        let path = path()?;
        if !replace {
            Credentials::read(path.clone())?;
        }
        Self::prepare_at(path)
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
        sweep(folder, STALE);
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
    pub(crate) fn save(
        mut self,
        replace: bool,
        edit: impl Fn(&mut Object<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let folder = self.target.parent().unwrap_or(&self.target).to_owned();
        let folder = File::open(&folder).map_err(|e| self.failed(e))?;
        lock(&folder);
        let read = || match Credentials::read(self.target.clone()) {
            Ok(current) => Ok(current.text),
            Err(_) if replace => Ok(String::new()),
            Err(e) => Err(e),
        };
        let mut current = read()?;
        loop {
            let mut object = Object::parse(&current).unwrap_or_default();
            edit(&mut object)?;
            let mut text = Vec::new();
            json::indent(&object.to_string(), &mut text).map_err(|e| self.failed(e))?;
            (&self.file)
                .rewind()
                .and_then(|()| self.file.set_len(0))
                .and_then(|()| (&self.file).write_all(&text))
                .and_then(|()| self.file.sync_all())
                .map_err(|e| self.failed(e))?;
            // Syncing takes a while, in which the other program, which knows no lock of ours,
            // may have written: what it wrote must not be lost.
            let now = read()?;
            if now == current {
                break;
            }
            current = now;
        }
        fs::rename(&self.temporary, &self.target).map_err(|e| self.failed(e))?;
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

/// Removes temporary files that killed processes left, when they are at least this old.
fn sweep(folder: &Path, age: Duration) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let ours = |name: &str| name.starts_with(".cli.json.") && name.ends_with(".tmp");
    for entry in entries.filter(|e| ours(&e.file_name().to_string_lossy())) {
        let modified = entry.metadata().and_then(|m| m.modified());
        if modified.is_ok_and(|at| at.elapsed().is_ok_and(|since| since >= age)) {
            let _ = fs::remove_file(entry.path());
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
    use std::cell::Cell;

    use super::*;

    #[test]
    fn what_another_program_writes_during_a_save_is_kept() {
        let folder = std::env::temp_dir().join(format!("opentrain-save-{}", process::id()));
        let path = folder.join("cli.json");
        let place = Place::prepare_at(path.clone()).unwrap();
        let edits = Cell::new(0);
        place
            .save(false, |file| {
                // The other program is fastest when we have just read the file.
                if edits.replace(edits.get() + 1) == 0 {
                    fs::write(&path, "{\"other\":1}").unwrap();
                }
                file.set("ours", "2");
                Ok(())
            })
            .unwrap();
        let text = fs::read_to_string(&path).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(text, "{\n  \"other\": 1,\n  \"ours\": 2\n}\n");
        assert_eq!(edits.get(), 2);
    }
}
