//! The file that keeps a cursor of the feed between two runs.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::{Path, PathBuf};
use std::process;

use crate::cli::{CURSOR, CURSOR_FILE, Invocation};
use crate::config;
use crate::error::Error;
use crate::text;

/// Real cursors are far shorter; in bytes.
const LONGEST: u64 = 4096;

/// A file that contains one cursor, or does not exist yet.
#[derive(Debug)]
pub(super) struct CursorFile {
    /// As it was given.
    given: String,
    /// The file behind it, if it is a link.
    target: PathBuf,
}

impl CursorFile {
    /// The file that a call names, and the cursor in it. Whether a new one can be written is tested
    /// now, before anything is sent.
    ///
    /// # Errors
    /// It contains anything but one cursor, is not a regular file, or cannot be read or replaced.
    pub(super) fn of(inv: &Invocation) -> Result<Option<(Self, Option<String>)>, Error> {
        let Some(given) = inv.get(&CURSOR_FILE) else {
            return Ok(None);
        };
        if inv.has(&CURSOR) {
            let (file, cursor) = (CURSOR_FILE.name, CURSOR.name);
            return Err(Error::usage(format!("--{file} and --{cursor}: give one")));
        }
        let target = config::real_path(Path::new(given));
        let file = CursorFile {
            given: given.to_owned(),
            target,
        };
        let cursor = file.read()?;
        file.sweep();
        let tried = file.replace(cursor.as_deref().unwrap_or("0"), false);
        tried.map_err(|e| file.fault(&format!("cannot be replaced: {e}; nothing was sent")))?;
        Ok(Some((file, cursor)))
    }

    fn read(&self) -> Result<Option<String>, Error> {
        let unread =
            |e: io::Error| self.fault(&format!("could not be read: {e}; nothing was sent"));
        let file = match File::open(&self.target) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(unread(e)),
        };
        if !file.metadata().map_err(unread)?.is_file() {
            return Err(self.fault("is not a regular file; nothing was sent"));
        }
        let bytes = text::read_up_to(file, LONGEST).map_err(unread)?;
        let held = String::from_utf8(bytes).unwrap_or_default();
        let held = held.trim_ascii();
        match is_cursor(held) {
            true => Ok(Some(held.to_owned())),
            false => Err(self
                .fault("contains something other than one cursor; nothing was sent")
                .hint(
                    "an event's id is one; without the file the feed begins with its first event",
                )),
        }
    }

    /// Replaces the cursor in the file: whoever reads it finds either the old one or the new one,
    /// complete, even after a power failure.
    ///
    /// # Errors
    /// The file is unchanged.
    pub(super) fn save(&self, cursor: &str) -> Result<(), Error> {
        if !is_cursor(cursor) {
            let text = format!("cannot hold the server's cursor, which is not one word: {cursor}");
            return Err(self.fault(&text));
        }
        self.replace(cursor, true).map_err(|e| {
            let next = "the events up to it were written, and will come again";
            self.fault(&format!(
                "could not be updated to the cursor {cursor}: {e}; {next}"
            ))
        })
    }

    fn replace(&self, cursor: &str, in_earnest: bool) -> io::Result<()> {
        let temporary = self.beside(&format!("{}.tmp", process::id()));
        let result = (|| {
            let mut file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .open(&temporary)?;
            // As long as it is locked, no other run considers it abandoned.
            let _ = file.try_lock();
            if let Ok(existing) = fs::metadata(&self.target) {
                let _ = file.set_permissions(existing.permissions());
                let _ = fchown(&file, Some(existing.uid()), Some(existing.gid()));
            }
            file.write_all(format!("{cursor}\n").as_bytes())?;
            file.sync_all()?;
            match in_earnest {
                true => fs::rename(&temporary, &self.target),
                false => fs::remove_file(&temporary),
            }?;
            File::open(self.folder())?.sync_all()
        })();
        if result.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        result
    }

    /// Removes what runs that were killed left behind.
    fn sweep(&self) {
        let start = self.beside("");
        let start = start
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        for entry in fs::read_dir(self.folder()).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let abandoned = name.starts_with(&start)
                && name.ends_with(".tmp")
                && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
            if abandoned {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn folder(&self) -> &Path {
        let parent = self.target.parent();
        let parent = parent.filter(|parent| !parent.as_os_str().is_empty());
        parent.unwrap_or(Path::new("."))
    }

    fn beside(&self, end: &str) -> PathBuf {
        let name = self.target.file_name().unwrap_or_default();
        self.folder()
            .join(format!(".{}.{end}", name.to_string_lossy()))
    }

    fn fault(&self, what: &str) -> Error {
        Error::local(format!("--{}: {} {what}", CURSOR_FILE.name, self.given))
    }
}

/// Whether a text can be a cursor: one word of any kind, but not JSON around one. `null` is what a
/// feed without events has.
fn is_cursor(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_graphic() && !b"\"{}[]".contains(&b);
    let short = (1..=LONGEST as usize).contains(&text.len());
    short && text != "null" && text.bytes().all(plain)
}
