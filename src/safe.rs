//! Terminal-safe text: a server's words can never move a cursor, forge a line or hide a secret's leak.

use std::borrow::Cow;
use std::sync::Mutex;

/// Tokens that no message may repeat. `ot_cat_` is not one: it is the human's half of the
/// claim link, which has to be shown (API.md, section 1).
const SECRET_PREFIXES: [&str; 4] = ["ot_pat_", "ot_clm_", "ot_ptk_", "whsec_"];

/// Secrets of the calls of this process, whatever they look like.
static CONCEALED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// From here on, no message shows this secret.
pub(crate) fn conceal(secret: &str) {
    let secret = secret.to_ascii_lowercase();
    if let Ok(mut secrets) = CONCEALED.lock()
        && secret.len() >= 8
        && !secrets.contains(&secret)
    {
        secrets.push(secret);
    }
}

/// Characters that print as nothing but act on the terminal, on lines, on reading order or on their
/// neighbours: DEL, C1, line and paragraph separators, bidirectional controls, zero-width
/// characters, tags. They are legal inside JSON text.
pub(crate) fn is_hidden(c: char) -> bool {
    matches!(c, '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Makes one line of text safe for a terminal: control characters become visible escapes
/// (`\n`, `\u001b`), and what looks like a secret token, or is one of this call's, is masked.
pub(crate) fn safe(text: &str) -> Cow<'_, str> {
    let text = masked(text);
    match text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        true => text,
        false => Cow::Owned(escape(&text)),
    }
}

/// Writes control characters as visible escapes and leaves the rest alone.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' || is_hidden(c) => push_escape(&mut out, c),
            c => out.push(c),
        }
    }
    out
}

/// A character as JSON escapes it: one beyond U+FFFF as a pair.
pub(crate) fn push_escape(out: &mut String, c: char) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        out.push_str(&format!("\\u{unit:04x}"));
    }
}

/// Replaces secrets with eight stars, all but their prefix: the tokens of this call, and whatever
/// begins as a token does. Upper case, percent-encoding, JSON escapes and line breaks in between do
/// not hide one. A preview made by the API (four characters, stars, four characters) is already
/// masked and stays. JSON stays JSON.
pub(crate) fn masked(text: &str) -> Cow<'_, str> {
    let secrets = CONCEALED.lock();
    let concealed = secrets
        .as_ref()
        .map_or(&[][..], |secrets| secrets.as_slice());
    let mut out = String::new();
    let (mut at, mut done) = (0, 0);
    while let Some(byte) = text.as_bytes().get(at) {
        // What a secret can begin with, plain or encoded.
        let first = byte.to_ascii_lowercase();
        let begins = matches!(first, b'o' | b'w' | b'%' | b'\\')
            || concealed
                .iter()
                .any(|secret| secret.as_bytes().first() == Some(&first));
        let Some((from, to)) = begins.then(|| secret_at(text, at, concealed)).flatten() else {
            at += 1;
            continue;
        };
        out.push_str(text.get(done..from).unwrap_or_default());
        out.push_str("********");
        (at, done) = (to, to);
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(out)
}

/// The part to be masked of a secret that begins here, if one does.
fn secret_at(text: &str, at: usize, concealed: &[String]) -> Option<(usize, usize)> {
    if let Some(end) = concealed.iter().find_map(|secret| spells(text, at, secret)) {
        return Some((at, end));
    }
    let prefixes = SECRET_PREFIXES.iter();
    let from = prefixes
        .filter_map(|prefix| spells(text, at, prefix))
        .next()?;
    let to = end_of_token(text, from);
    let token = text.get(from..to).unwrap_or_default();
    let preview = token.contains("********") && token.len() <= 16;
    (!token.is_empty() && !preview).then_some((from, to))
}

/// Where the text from here that spells `word` (in lower case) ends; `None` when it does not spell
/// it.
fn spells(text: &str, mut at: usize, word: &str) -> Option<usize> {
    for (n, expected) in word.bytes().enumerate() {
        loop {
            let (unit, next) = unit_at(text, at)?;
            at = next;
            match unit {
                Unit::Break if n > 0 => {}
                Unit::Char(c)
                    if u8::try_from(c).is_ok_and(|b| b.eq_ignore_ascii_case(&expected)) =>
                {
                    break;
                }
                _ => return None,
            }
        }
    }
    Some(at)
}

/// Where a token that continues from here ends. A line break inside one is told from one after it
/// by what follows: the rest of a token is long, or contains digits or underscores.
fn end_of_token(text: &str, mut at: usize) -> usize {
    let mut end = at;
    while let Some((unit, next)) = unit_at(text, at) {
        match unit {
            Unit::Char(c) if c.is_whitespace() || "\"'`<>,;()[]{}\\".contains(c) => break,
            Unit::Char(_) => end = next,
            Unit::Break => {
                let mut ahead = next;
                while let Some((Unit::Break, next)) = unit_at(text, ahead) {
                    ahead = next;
                }
                let rest = text.get(ahead..).unwrap_or_default();
                let is_word = |c: &char| c.is_ascii_alphanumeric() || "_-".contains(*c);
                let (mut length, mut odd) = (0, false);
                for c in rest.chars().take_while(is_word) {
                    length += 1;
                    odd |= !c.is_ascii_alphabetic();
                }
                if length < 8 && !odd {
                    break;
                }
            }
        }
        at = next;
    }
    end
}

/// One character of possibly encoded text.
enum Unit {
    Char(char),
    /// A line break, or the escape of one.
    Break,
}

/// The character at this place, and where the next one begins.
fn unit_at(text: &str, at: usize) -> Option<(Unit, usize)> {
    let rest = text.get(at..)?;
    let hex = |digits: Option<&str>| {
        let number = u32::from_str_radix(digits?, 16).ok()?;
        char::from_u32(number)
    };
    let (c, length) = match rest.as_bytes() {
        [b'%', ..] => (hex(rest.get(1..3)).filter(char::is_ascii), 3),
        [b'\\', b'u', ..] => (hex(rest.get(2..6)), 6),
        [b'\\', b'n', ..] => (Some('\n'), 2),
        [b'\\', b'r', ..] => (Some('\r'), 2),
        _ => (None, 0),
    };
    let (c, length) = match c {
        Some(c) => (c, length),
        None => {
            let c = rest.chars().next()?;
            (c, c.len_utf8())
        }
    };
    let unit = if matches!(c, '\n' | '\r') {
        Unit::Break
    } else {
        Unit::Char(c)
    };
    Some((unit, at + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_become_visible() {
        assert_eq!(
            safe("a\u{1b}[2Jb\nc\u{9b}d\u{202e}e\u{7f}"),
            "a\\u001b[2Jb\\nc\\u009bd\\u202ee\\u007f"
        );
        assert_eq!(safe("plain é 漢"), "plain é 漢");
        // Characters that would begin a line, join words or write between them.
        assert_eq!(
            safe("a\u{2028}b\u{2029}c\u{85}d\u{200b}e\u{feff}f\u{e0041}"),
            "a\\u2028b\\u2029c\\u0085d\\u200be\\ufefff\\udb40\\udc41"
        );
    }

    #[test]
    fn tokens_are_masked_and_previews_stay() {
        assert_eq!(
            safe("bad ot_pat_abc_def, or whsec_x1; so"),
            "bad ot_pat_********, or whsec_********; so"
        );
        assert_eq!(safe("ot_pat_abcd********wxyz"), "ot_pat_abcd********wxyz");
        assert_eq!(safe("ot_ptk_a+b/c= x"), "ot_ptk_******** x");
    }

    #[test]
    fn the_secrets_of_a_call_are_masked_whatever_they_look_like() {
        conceal("odd+secret/value=");
        assert_eq!(safe("got odd+secret/value= here"), "got ******** here");
    }

    #[test]
    fn no_spelling_of_a_token_gets_past_the_mask() {
        conceal("ot_pat_Known_Token_1234");
        for text in [
            "OT_PAT_sentinelsecret9",
            "oT_paT_sentinelsecret9",
            "ot%5Fpat%5fsentinelsecret9",
            "%6f%74_pat_sentinelsecret9",
            "ot_pat_sentinel%73ecret9",
            r"\u006ft_pat_sentinelsecret9",
            r"ot\u005fpat\u005Fsentinelsecret9",
            "ot_\npat_sentinelsecret9",
            "ot_pat_sentinel\nsentinelsecret9",
            r"ot_pat_sentinel\r\nsentinelsecret9",
            "ot_pat_kno\nwn_\r\ntoken_1234",
            "OT_PAT_KNOWN_TOKEN_1234",
            "whsec_sentinel é",
            "https://x/?t=ot_ptk_sentinel",
        ] {
            for text in [
                text.to_owned(),
                format!("a {text} b"),
                format!("{{\"k\":\"{text}\"}}"),
            ] {
                let shown = masked(&text).to_lowercase();
                assert!(
                    !shown.contains("sentinel") && !shown.contains("1234"),
                    "{shown}"
                );
                assert!(shown.contains("********"), "{shown}");
                assert_eq!(shown.ends_with("\"}"), text.ends_with("\"}"), "{shown}");
            }
        }
        // What only looks like one.
        for text in [
            "ot_job_1",
            "robot_pat",
            "%",
            "%5",
            "\\u00",
            "100%",
            "ot_pat_",
            "worship",
        ] {
            assert_eq!(masked(text), text);
        }
        assert_eq!(
            masked("ot_pat_x1\nthen go on"),
            "ot_pat_********\nthen go on"
        );
    }

    #[test]
    fn masking_takes_time_in_proportion() {
        // Rescanning the rest of the text for each token would take minutes.
        let text = "ot_pat_x ".repeat(200_000);
        assert_eq!(safe(&text).len(), 200_000 * "ot_pat_******** ".len());
    }
}
