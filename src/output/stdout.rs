//! Standard output as a file: whether what is written there is read by anybody.

use std::fs::{self, File};
use std::io::{self, Seek};
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
    let (here, nowhere) = (
        open().ok()?.metadata().ok()?,
        fs::metadata("/dev/null").ok()?,
    );
    // A regular file has no device number of its own.
    if here.rdev() == 0 || here.rdev() != nowhere.rdev() {
        return None;
    }
    // The last octal digit of the flags holds the access: 2 is for reading and writing.
    let info = fs::read_to_string("/proc/self/fdinfo/1").unwrap_or_default();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
    Some(
        match flags.is_some_and(|flags| flags.trim().ends_with('2')) {
            true => Thrown::Closed,
            false => Thrown::ByRequest,
        },
    )
}

/// Whether a text of this length can be written there, as far as that can be known before.
///
/// # Errors
/// It was closed, or the file would outgrow the limit of this process, which a signal ends then.
pub(super) fn takes(mut out: &File, length: usize) -> io::Result<()> {
    if thrown_away().is_some() {
        return Err(io::Error::new(io::ErrorKind::BrokenPipe, "it is closed"));
    }
    let metadata = out.metadata()?;
    // Indented, a text may grow to several times its length.
    let end = match out.stream_position() {
        Ok(position) if metadata.is_file() => position.max(metadata.len()) + 8 * length as u64,
        _ => 0,
    };
    match end > limits::largest_file() {
        true => Err(io::ErrorKind::FileTooLarge.into()),
        false => Ok(()),
    }
}
