//! The client's line to us and ours to the client.

use std::io::{self, BufRead, Read, Write};
use std::process;

use crate::json;
use crate::text::without_mark;

/// Longer lines are skipped; in bytes. Clients give up on their side at 10 MiB.
const LONGEST_LINE: usize = 16 * 1024 * 1024;

/// What comes next in the input.
#[derive(Debug)]
pub(super) enum Input {
    /// A line, without its end.
    Line(Vec<u8>),
    /// A line that is too long to be read.
    TooLong,
}

/// The next line; `None` at the end.
pub(super) fn next(input: &mut impl BufRead) -> Option<Input> {
    let mut line = Vec::new();
    let most = LONGEST_LINE as u64 + 1;
    // An input that cannot be read has ended.
    let read = input.take(most).read_until(b'\n', &mut line).ok()?;
    if read == 0 {
        return None;
    }
    let ended = line.pop_if(|byte| *byte == b'\n').is_some();
    if !ended && line.len() > LONGEST_LINE {
        skip_line(input)?;
        return Some(Input::TooLong);
    }
    line.pop_if(|byte| *byte == b'\r');
    let mark = line.len() - without_mark(&line).len();
    line.drain(..mark);
    Some(Input::Line(line))
}

fn skip_line(input: &mut impl BufRead) -> Option<()> {
    loop {
        let bytes = input.fill_buf().ok()?;
        if bytes.is_empty() {
            return Some(());
        }
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let length = bytes.len();
        input.consume(end.map_or(length, |at| at + 1));
        if end.is_some() {
            return Some(());
        }
    }
}

/// Sends one message. A client that is gone ends the process; `shown_once` says that the message
/// contains something that must not be lost with it.
pub(super) fn send(message: &str, shown_once: bool) {
    let mut out = io::stdout().lock();
    let line = format!("{}\n", json::without_halves(message));
    let sent = out.write_all(line.as_bytes()).and_then(|()| out.flush());
    if sent.is_err() {
        if shown_once {
            rescue(message);
        }
        process::exit(0);
    }
}

/// Prints on standard error a message that nobody takes and that is shown only once.
pub(super) fn rescue(message: &str) {
    let text =
        format!("Nobody read this answer, and a secret in it is shown only once:\n{message}\n");
    // Nothing can be done when that fails too.
    let _ = io::stderr().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_a_line_feed_and_nothing_else() {
        let mut input = &b"a\r\n\nb\xe2\x80\xa8c\n\xef\xbb\xbfd"[..];
        let mut lines = Vec::new();
        while let Some(Input::Line(line)) = next(&mut input) {
            lines.push(String::from_utf8(line).unwrap());
        }
        assert_eq!(lines, ["a", "", "b\u{2028}c", "d"]);
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let mut text = vec![b'x'; LONGEST_LINE + 10];
        text.extend(b"\nnext\n");
        let mut input = text.as_slice();
        assert!(matches!(next(&mut input), Some(Input::TooLong)));
        assert!(matches!(next(&mut input), Some(Input::Line(line)) if line == b"next"));
        assert!(next(&mut input).is_none());
    }
}
