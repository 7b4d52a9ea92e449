//! Standard output as a file: whether anybody reads what is written there.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;

use crate::limits;

/// Why nobody reads standard output.
#[derive(Debug, PartialEq)]
pub(super) enum Thrown {
    /// It is `/dev/null`, as somebody asked.
    ByRequest,
    /// It was closed: before `main`, Rust opens `/dev/null` in its place, for reading as well.
    Closed,
}

/// Standard output, past std's line buffer, which would write each page in two.
pub(super) fn open() -> io::Result<File> {
    io::stdout().as_fd().try_clone_to_owned().map(File::from)
}

/// Whether what is written to standard output goes nowhere.
pub(super) fn thrown_away() -> Option<Thrown> {
    let here = open().ok()?;
    let (device, nowhere) = (
        here.metadata().ok()?.rdev(),
        fs::metadata("/dev/null").ok()?.rdev(),
    );
    // A regular file has no device number of its own.
    if device == 0 || device != nowhere {
        return None;
    }
    // Only what was opened for both reading and writing accepts both, and there it means nothing.
    let (read, written) = ((&here).read(&mut [0]), (&here).write(b"\n"));
    Some(match read.is_ok() && written.is_ok() {
        true => Thrown::Closed,
        false => Thrown::ByRequest,
    })
}

/// Whether a text of this length can be written there, as far as that can be known in advance.
///
/// # Errors
/// It was closed, or the file would outgrow the limit of this process, which a signal would then
/// end.
pub(super) fn takes(mut out: &File, length: usize) -> io::Result<()> {
    if thrown_away().is_some() {
        return Err(io::Error::new(io::ErrorKind::BrokenPipe, "it is closed"));
    }
    // Indented, a text may grow to several times its length.
    let end = match out.stream_position() {
        Ok(position) => position.max(out.metadata()?.len()) + 8 * length as u64,
        // A pipe or a terminal.
        Err(_) => 0,
    };
    match end > limits::largest_file() {
        true => Err(io::ErrorKind::FileTooLarge.into()),
        false => Ok(()),
    }
}
