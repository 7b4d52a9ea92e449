//! Terminal-safe text: a server's words can never move a cursor, forge a line or hide a secret's leak.

use std::borrow::Cow;

/// Tokens that no message may repeat. `ot_cat_` is not one: it is the human's half of the
/// claim link, which has to be shown (auth.md, section 1).
const SECRET_PREFIXES: [&str; 3] = ["ot_pat_", "ot_clm_", "whsec_"];

/// Characters that print as nothing and act on the terminal or on reading order: DEL, C1 and
/// the bidirectional controls. They are legal inside JSON text.
pub fn is_hidden(c: char) -> bool {
    matches!(c, '\u{7f}'..='\u{9f}'
        | '\u{61c}' | '\u{200e}' | '\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Makes one line of text safe for a terminal: control characters become visible escapes
/// (`\n`, `\u001b`), and anything that looks like a secret token becomes `ot_pat_********`.
pub fn safe(text: &str) -> Cow<'_, str> {
    // Most text is neither: one look at its bytes is enough.
    if text.bytes().all(|b| matches!(b, b' '..=b'~'))
        && !text.contains("ot_")
        && !text.contains("whsec_")
    {
        return Cow::Borrowed(text);
    }
    let masked = mask(text);
    if masked.chars().any(|c| c < ' ' || is_hidden(c)) {
        Cow::Owned(escape(&masked))
    } else {
        masked
    }
}

/// Writes control characters as visible escapes and leaves the rest alone.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' || is_hidden(c) => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out
}

/// Replaces what follows a secret's prefix by eight stars. A preview that the API made
/// (four characters, stars, four characters) is already masked and stays.
fn mask(text: &str) -> Cow<'_, str> {
    if !SECRET_PREFIXES.iter().any(|p| text.contains(p)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, prefix)) = SECRET_PREFIXES
        .iter()
        .filter_map(|p| rest.find(p).map(|at| (at, p)))
        .min()
    {
        let (before, found) = rest.split_at(at);
        let body = &found[prefix.len()..];
        let end = body
            .find(|c: char| !(c.is_ascii_alphanumeric() || "_-*".contains(c)))
            .unwrap_or(body.len());
        let (token, after) = body.split_at(end);
        out.push_str(before);
        out.push_str(prefix);
        match token {
            "" => {}
            preview if preview.contains("********") && preview.len() <= 16 => out.push_str(preview),
            _ => out.push_str("********"),
        }
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// A word as a POSIX shell reads it back: quoted only when it must be.
pub fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+,=<>".contains(c);
    let placeholder = word.starts_with('<') && word.ends_with('>');
    if !word.is_empty() && word.chars().all(plain) && (placeholder || !word.contains(['<', '>'])) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
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
    }

    #[test]
    fn tokens_are_masked_and_previews_stay() {
        assert_eq!(
            safe("bad ot_pat_abc_def, or whsec_x1!"),
            "bad ot_pat_********, or whsec_********!"
        );
        assert_eq!(safe("ot_pat_abcd********wxyz"), "ot_pat_abcd********wxyz");
        assert_eq!(safe("--api-key ot_pat_..."), "--api-key ot_pat_...");
    }

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(shell_word("job_77"), "job_77");
        assert_eq!(shell_word("a b"), "'a b'");
        assert_eq!(shell_word("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_word("<human-email>"), "<human-email>");
        assert_eq!(shell_word("a>b"), "'a>b'");
    }
}
