//! Text from outside: files, standard input, replies.

use std::io::{self, Read};

/// What some editors and PowerShell write before UTF-8 text.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// The bytes after a byte-order mark.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(MARK).unwrap_or(bytes)
}

/// Whether this is UTF-16: it begins with its mark, or with an ASCII character in that encoding.
pub(crate) fn is_utf_16(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 1..=255, ..] | [1..=255, 0, ..]
    )
}

/// The text that these bytes are, without a byte-order mark; an error that completes "it is".
pub(crate) fn decoded(mut bytes: Vec<u8>) -> Result<String, &'static str> {
    if is_utf_16(&bytes) {
        return Err("in UTF-16, not in UTF-8");
    }
    bytes.drain(..bytes.len() - without_mark(&bytes).len());
    String::from_utf8(bytes).map_err(|_| "not valid UTF-8 text")
}

/// Reads to the end, which must come within this many bytes.
///
/// # Errors
/// `FileTooLarge` when it does not, and any read error.
pub(crate) fn read_up_to(reader: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let length = reader.take(most + 1).read_to_end(&mut bytes)?;
    match length as u64 > most {
        true => Err(io::ErrorKind::FileTooLarge.into()),
        false => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_no_text_and_utf_16_is_named() {
        let text = |bytes: &[u8]| decoded(bytes.to_vec());
        assert_eq!(text(b"\xef\xbb\xbf{}").unwrap(), "{}");
        assert_eq!(text(b"\xef\xbb\xbf").unwrap(), "");
        // One inside is text.
        assert_eq!(text(b"a\xef\xbb\xbf").unwrap(), "a\u{feff}");
        for utf_16 in [
            b"\xff\xfe{\0".as_slice(),
            b"\xfe\xff\0{",
            b"{\0}\0",
            b"\0{\0}",
        ] {
            assert_eq!(text(utf_16), Err("in UTF-16, not in UTF-8"), "{utf_16:?}");
        }
        assert_eq!(text(b"caf\xe9"), Err("not valid UTF-8 text"));
    }

    #[test]
    fn nothing_is_read_beyond_the_bound() {
        assert_eq!(read_up_to(&b"abc"[..], 3).unwrap(), b"abc");
        let error = read_up_to(&b"abc"[..], 2).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        let endless = read_up_to(io::repeat(0), 1000).unwrap_err();
        assert_eq!(endless.kind(), io::ErrorKind::FileTooLarge);
    }
}
