//! Words as a shell reads them back, for commands printed to be pasted.

use crate::safe::is_hidden;

/// A word as sh, bash, zsh and fish all read it back, on one line: quoted only when it must be.
/// (Trailing line breaks are lost: the four share no spelling for them.)
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+,=".contains(c);
    // zsh looks up `=name`, and fish took `%name` for a process.
    let special = word.is_empty() || word.starts_with(['=', '%']);
    if !special && word.chars().all(plain) {
        return word.to_owned();
    }
    match word.contains(|c: char| c.is_control() || is_hidden(c)) {
        true => format!("\"$(printf '{}')\"", in_octal(word)),
        false => in_quotes(word),
    }
}

/// In single quotes, except for what the shells read differently there: in fish a backslash also
/// quotes inside them.
fn in_quotes(word: &str) -> String {
    let mut out = String::with_capacity(word.len() + 2);
    let mut inside = false;
    for c in word.chars() {
        let quotable = !matches!(c, '\'' | '\\');
        if quotable != inside {
            out.push('\'');
            inside = quotable;
        }
        if !quotable {
            out.push('\\');
        }
        out.push(c);
    }
    if inside {
        out.push('\'');
    }
    match out.is_empty() {
        true => "''".into(),
        false => out,
    }
}

/// As a printf(1) format: whatever is special to it, to a shell or to a terminal is written as
/// octal escapes.
fn in_octal(word: &str) -> String {
    let mut out = String::with_capacity(4 * word.len());
    for c in word.chars() {
        if c.is_control() || is_hidden(c) || "'\\%!-".contains(c) {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                out.push_str(&format!("\\{byte:03o}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_survive_a_shell() {
        for (word, expected) in [
            ("job_77", "job_77"),
            ("a=b%c", "a=b%c"),
            ("a b", "'a b'"),
            ("it's $HOME", r"'it'\''s $HOME'"),
            ("", "''"),
            ("a>b", "'a>b'"),
            ("=ls", "'=ls'"),
            ("%self", "'%self'"),
            ("~kim", "'~kim'"),
            ("<id>", "'<id>'"),
            ("x\\", r"'x'\\"),
            (r"x\'; y", r"'x'\\\''; y'"),
            ("a\nb", r#""$(printf 'a\012b')""#),
            (
                "-%\t!é\u{2028}",
                r#""$(printf '\055\045\011\041é\342\200\250')""#,
            ),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }
}
