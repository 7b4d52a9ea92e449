//! Saving and deleting `cli.json`.
//!
//! Keys that we do not know survive every save, and a reader never sees half a file: a save goes
//! through a temporary file next to it, synced and renamed. Our own saves take turns.

use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{process, thread};

use super::file::is_absent;
use super::{Credentials, path};
use crate::error::Error;
use crate::json::{self, Object};
use crate::limits;

/// How often the lock on the folder is asked for, ten milliseconds apart.
const LOCK_TRIES: u32 = 100;
/// Where a file system knows no locks, a temporary file as old as this is abandoned.
const STALE: Duration = Duration::from_secs(3600);
/// Room for what a save may add; in bytes.
const ROOM: u64 = 8 * 1024;

/// A place where credentials can be saved: there is a file that will hold them. It is made before a
/// secret is requested, so that a secret that the server shows only once has somewhere to go.
#[derive(Debug)]
pub(crate) struct Place {
    /// The credentials file.
    pub path: PathBuf,
    /// The file behind it, if it is a link.
    target: PathBuf,
    way: Way,
    saved: bool,
}

/// How a save reaches the file.
#[derive(Debug)]
enum Way {
    /// A temporary file replaces it.
    Replace { temporary: PathBuf, file: File },
    /// It is a mount point, which cannot be replaced: it is overwritten. It had this length.
    WriteOver { file: File, length: u64 },
}

impl Place {
    /// Makes the folder (0700), checks that nobody keeps it locked, and writes as many bytes as a
    /// save will need, so that a full disk, a quota or a limit shows up now. An existing file must
    /// be one that a save can change, unless `replace` allows starting over.
    ///
    /// # Errors
    /// Any of that fails, or what is there is not a file; nothing has been sent yet.
    pub(crate) fn prepare(replace: bool) -> Result<Self, Error> {
        let place = Self::prepare_at(path()?)?;
        if !replace {
            Credentials::read(place.path.clone())?;
        }
        Ok(place)
    }

    fn prepare_at(path: PathBuf) -> Result<Self, Error> {
        let fail = |why: String| {
            Error::local(format!(
                "credentials could not be saved in {}: {why}; nothing was sent",
                path.display()
            ))
        };
        let unusable =
            |e: io::Error| fail(e.to_string()).hint("set XDG_CONFIG_HOME to a writable folder");
        let target = real_path(&path);
        let existing = match fs::metadata(&target) {
            Ok(found) if found.is_file() => Some(found),
            Ok(_) => return Err(fail("it is not a regular file".into())),
            Err(_) => None,
        };
        let folder = target.parent().unwrap_or(&target);
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(unusable)?;
        let opened = File::open(folder).map_err(unusable)?;
        let _turn = turn(folder).map_err(|e| fail(e.to_string()).passing(true))?;
        sweep(folder);
        let length = existing.as_ref().map_or(0, Metadata::len);
        let way = match mounted(&target, &opened).map_err(unusable)? {
            Some(file) => Way::WriteOver { file, length },
            None => {
                let (temporary, file) = private_file(folder).map_err(unusable)?;
                // What root saves for a user still belongs to that user.
                if let Some(owner) = existing.or_else(|| opened.metadata().ok()) {
                    let _ = fchown(&file, Some(owner.uid()), Some(owner.gid()));
                }
                Way::Replace { temporary, file }
            }
        };
        let place = Place {
            path: path.clone(),
            target,
            way,
            saved: false,
        };
        place.reserve(length + ROOM).map_err(unusable)?;
        Ok(place)
    }

    /// Writes blanks to where the file will end. (At the end of JSON they mean nothing.)
    fn reserve(&self, length: u64) -> io::Result<()> {
        let (mut file, from) = match &self.way {
            Way::Replace { file, .. } => (file, 0),
            Way::WriteOver { file, length } => (file, *length),
        };
        if length > limits::largest_file() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        file.seek(SeekFrom::Start(from))?;
        file.write_all(&vec![b' '; (length - from) as usize])?;
        file.sync_all()
    }

    /// Saves: reads the file as it is now, lets `edit` change its fields or refuse, and writes
    /// the result. Our own saves take turns. A file that is not a JSON object is replaced only
    /// when `replace` allows it.
    ///
    /// # Errors
    /// Any step fails; the file is then as it was.
    pub(crate) fn save(
        mut self,
        replace: bool,
        edit: &dyn Fn(&mut Object<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let read = || match Credentials::read(self.target.clone()) {
            Ok(current) => Ok(current.text),
            Err(_) if replace => Ok(String::new()),
            Err(e) => Err(e),
        };
        let folder = self.target.parent().unwrap_or(&self.target);
        let _turn = turn(folder).map_err(|e| self.failed(e))?;
        let mut current = read()?;
        loop {
            let mut object = Object::parse(&current).unwrap_or_default();
            edit(&mut object)?;
            let mut text = Vec::new();
            json::indent(&object.to_string(), &mut text).map_err(|e| self.failed(e))?;
            match &self.way {
                Way::WriteOver { file, .. } => {
                    write_over(file, &text).map_err(|e| self.failed(e))?;
                    break;
                }
                Way::Replace { file, .. } => write_over(file, &text).map_err(|e| self.failed(e))?,
            }
            // Syncing takes a while, during which the other program, which ignores our lock, may
            // have written: what it wrote must not be lost.
            let now = read()?;
            if now == current {
                self.rename(&text).map_err(|e| self.failed(e))?;
                break;
            }
            current = now;
        }
        self.saved = true;
        Ok(())
    }

    /// Moves the temporary file into the place of the file.
    fn rename(&self, text: &[u8]) -> io::Result<()> {
        let Way::Replace { temporary, .. } = &self.way else {
            return Ok(());
        };
        match fs::rename(temporary, &self.target) {
            // A mount point that did not look like one.
            Err(e) if e.kind() == io::ErrorKind::ResourceBusy => {
                write_over(&OpenOptions::new().write(true).open(&self.target)?, text)?;
                let _ = fs::remove_file(temporary);
            }
            result => result?,
        }
        // The rename has happened; a folder that cannot be synced does not undo it.
        if let Some(folder) = self.target.parent() {
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }

    fn failed(&self, e: io::Error) -> Error {
        Error::local(format!("could not save {}: {e}", self.path.display()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        match &self.way {
            _ if self.saved => {}
            Way::Replace { temporary, .. } => drop(fs::remove_file(temporary)),
            Way::WriteOver { file, length } => drop(file.set_len(*length)),
        }
    }
}

/// Replaces the contents of a file with this text.
fn write_over(mut file: &File, text: &[u8]) -> io::Result<()> {
    file.rewind()?;
    file.write_all(text)?;
    file.set_len(text.len() as u64)?;
    file.sync_all()
}

/// Deletes the credentials file, and what killed saves left next to it, which may contain a token.
/// The link's target goes when the file is a link, because that is where the secret is. Returns the
/// path and whether there was a file.
///
/// # Errors
/// The file is there but cannot be deleted, or is not a regular file.
pub(crate) fn delete() -> Result<(PathBuf, bool), Error> {
    let path = path()?;
    let fail = |why: String| Error::local(format!("could not delete {}: {why}", path.display()));
    let target = real_path(&path);
    if fs::metadata(&target).is_ok_and(|found| !found.is_file()) {
        return Err(fail("it is not a regular file".into()));
    }
    let folder = target.parent().unwrap_or(&target);
    if let Ok(_turn) = turn(folder) {
        sweep(folder);
    }
    let deleted = match fs::remove_file(&target) {
        // A mount point stays, but is emptied.
        Err(e) if e.kind() == io::ErrorKind::ResourceBusy => {
            let emptied = OpenOptions::new().write(true).truncate(true).open(&target);
            emptied.map(drop)
        }
        result => result,
    };
    match deleted {
        Ok(()) => Ok((path, true)),
        Err(e) if is_absent(&e) => Ok((path, false)),
        Err(e) => Err(fail(e.to_string())),
    }
}

/// The file behind a symbolic link, so that a save replaces the file and keeps the link.
pub(crate) fn real_path(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| match fs::read_link(path) {
        // A link to nothing: its target is about to be made.
        Ok(target) => path.parent().unwrap_or(path).join(target),
        Err(_) => path.to_owned(),
    })
}

/// The file, when it is mounted on its own, as files are passed into containers; opened for
/// writing. Only Linux shows that, and only there are files mounted like this.
fn mounted(path: &Path, folder: &File) -> io::Result<Option<File>> {
    let mount = |file: &File| {
        let info = fs::read_to_string(format!("/proc/self/fdinfo/{}", file.as_raw_fd())).ok()?;
        let line = info.lines().find(|line| line.starts_with("mnt_id:"));
        line.map(str::to_owned)
    };
    let file = File::open(path).ok().and_then(|file| mount(&file));
    match file.is_some() && file != mount(folder) {
        true => OpenOptions::new().write(true).open(path).map(Some),
        false => Ok(None),
    }
}

/// Waits a second or so for the folder's lock, which is held as long as the returned value lives.
/// On a file system without locks the rename alone keeps the file intact.
fn turn(folder: &Path) -> io::Result<File> {
    let folder = File::open(folder)?;
    for _ in 0..LOCK_TRIES {
        match folder.try_lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(10)),
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(folder),
        }
    }
    Err(io::Error::other("another program keeps its folder locked"))
}

/// Removes the temporary files that no running call holds. It takes a turn, because files are made
/// and locked within one.
fn sweep(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let ours = |name: &str| name.starts_with(".cli.json.") && name.ends_with(".tmp");
    for entry in entries.filter(|e| ours(&e.file_name().to_string_lossy())) {
        let abandoned = match File::open(entry.path()).map(|file| file.try_lock()) {
            Ok(Ok(())) => true,
            Ok(Err(TryLockError::WouldBlock)) => false,
            _ => {
                let modified = entry.metadata().and_then(|m| m.modified());
                modified.is_ok_and(|at| at.elapsed().is_ok_and(|since| since >= STALE))
            }
        };
        if abandoned {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Creates and locks a file that only its owner can read, under a unique name: in containers
/// process ids repeat, so the time is part of it.
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
    // Where there are no locks, its age protects it.
    let _ = file.try_lock();
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
            .save(false, &|file| {
                // The other program writes at the worst moment: when we have just read the file.
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
