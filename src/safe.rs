//! Terminal-safe text: a server's words can never move a cursor, forge a line or hide a secret's leak.

use std::borrow::Cow;
use std::sync::Mutex;

/// Tokens that no message may repeat. `ot_cat_` is not one: it is the human's half of the
/// claim link, which has to be shown (API.md, section 1).
const SECRET_PREFIXES: [&str; 4] = ["ot_pat_", "ot_clm_", "ot_ptk_", "whsec_"];

/// Secrets of this call, whatever they look like.
static CONCEALED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// From here on no message shows this secret.
pub(crate) fn conceal(secret: &str) {
    if let Ok(mut secrets) = CONCEALED.lock()
        && !secret.is_empty()
    {
        secrets.push(secret.to_owned());
        // As it stands in JSON.
        secrets.push(secret.replace('\\', "\\\\").replace('"', "\\\""));
        secrets.dedup();
    }
}

/// Characters that print as nothing and act on the terminal or on reading order: DEL, C1 and
/// the bidirectional controls. They are legal inside JSON text.
pub(crate) fn is_hidden(c: char) -> bool {
    matches!(c, '\u{7f}'..='\u{9f}'
        | '\u{61c}' | '\u{200e}' | '\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Makes one line of text safe for a terminal: control characters become visible escapes
/// (`\n`, `\u001b`), and what looks like a secret token, or is one of this call's, is masked.
pub(crate) fn safe(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    if let Ok(secrets) = CONCEALED.lock() {
        for secret in secrets.iter().filter(|s| s.len() >= 8) {
            if text.contains(secret.as_str()) {
                text = Cow::Owned(text.replace(secret.as_str(), "********"));
            }
        }
    }
    if SECRET_PREFIXES.iter().any(|p| text.contains(p)) {
        text = Cow::Owned(mask(&text));
    }
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
            c if c < ' ' || is_hidden(c) => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out
}

/// Replaces what follows a secret's prefix by eight stars. A preview that the API made
/// (four characters, stars, four characters) is already masked and stays.
fn mask(text: &str) -> String {
    let find = |prefix: &str, from: usize| {
        let at = text.get(from..)?.find(prefix)?;
        Some(from + at)
    };
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    // Where each prefix comes next; it is looked for again only once it is passed.
    let mut next = SECRET_PREFIXES.map(|prefix| find(prefix, 0));
    while let Some((at, prefix)) = next
        .iter()
        .zip(SECRET_PREFIXES)
        .filter_map(|(n, p)| Some(((*n)?, p)))
        .min()
    {
        let from = at + prefix.len();
        let ends = |c: char| c.is_whitespace() || "\"'`<>,;()[]{}\\".contains(c);
        let rest = text.get(from..).unwrap_or_default();
        let token = rest
            .get(..rest.find(ends).unwrap_or(rest.len()))
            .unwrap_or_default();
        out.push_str(text.get(done..from).unwrap_or_default());
        let preview = token.contains("********") && token.len() <= 16;
        match token {
            "" => {}
            token if preview => out.push_str(token),
            _ => out.push_str("********"),
        }
        done = from + token.len();
        for (n, prefix) in next.iter_mut().zip(SECRET_PREFIXES) {
            if n.is_some_and(|at| at < done) {
                *n = find(prefix, done);
            }
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
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
    fn masking_takes_time_in_proportion() {
        // A second look at the whole rest for each token would take minutes.
        let text = "ot_pat_x ".repeat(200_000);
        assert_eq!(safe(&text).len(), 200_000 * "ot_pat_******** ".len());
    }
}
