//! How many terminal columns a text takes. Unicode 16: East Asian Wide and Fullwidth characters
//! (UAX 11) take two, combining marks none.

/// First and last characters that take no column of their own.
const NONE: [(char, char); 15] = [
    ('\u{300}', '\u{36f}'),
    ('\u{483}', '\u{489}'),
    ('\u{591}', '\u{5bd}'),
    ('\u{610}', '\u{61a}'),
    ('\u{64b}', '\u{65f}'),
    ('\u{e34}', '\u{e3a}'),
    ('\u{e47}', '\u{e4e}'),
    ('\u{1160}', '\u{11ff}'),
    ('\u{1ab0}', '\u{1aff}'),
    ('\u{1dc0}', '\u{1dff}'),
    ('\u{20d0}', '\u{20ff}'),
    ('\u{302a}', '\u{302d}'),
    ('\u{3099}', '\u{309a}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{fe20}', '\u{fe2f}'),
];

/// First and last characters that take two columns.
const TWO: [(char, char); 14] = [
    ('\u{1100}', '\u{115f}'),
    ('\u{231a}', '\u{231b}'),
    ('\u{23e9}', '\u{23ec}'),
    ('\u{2614}', '\u{2615}'),
    ('\u{2e80}', '\u{303e}'),
    ('\u{3041}', '\u{a4cf}'),
    ('\u{a960}', '\u{a97c}'),
    ('\u{ac00}', '\u{d7a3}'),
    ('\u{f900}', '\u{faff}'),
    ('\u{fe30}', '\u{fe6f}'),
    ('\u{ff01}', '\u{ff60}'),
    ('\u{ffe0}', '\u{ffe6}'),
    ('\u{1f300}', '\u{1faff}'),
    ('\u{20000}', '\u{3fffd}'),
];

/// The columns of a text without control characters.
pub(super) fn columns(text: &str) -> usize {
    match text.is_ascii() {
        true => text.len(),
        false => text.chars().map(of).sum(),
    }
}

fn of(c: char) -> usize {
    let among =
        |ranges: &[(char, char)]| ranges.iter().any(|(from, to)| (*from..=*to).contains(&c));
    match c {
        // The letters of most European languages.
        '\0'..='\u{2ff}' => 1,
        _ if among(&NONE) => 0,
        _ if among(&TWO) => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::columns;

    #[test]
    fn a_text_takes_as_many_columns_as_a_terminal_gives_it() {
        for (text, width) in [
            ("Ana B.", 6),
            ("", 0),
            ("Zoë", 3),
            ("Jose\u{301}", 4),
            ("田中 花子", 9),
            ("김철수", 6),
            ("ﾊﾝｶｸ", 4),
            ("ＡＢ", 4),
            ("ภาษา", 4),
            ("ก็", 1),
            ("🦓 zebra", 8),
            ("☕", 2),
            ("€—…", 3),
            ("𠀋", 2),
        ] {
            assert_eq!(columns(text), width, "{text}");
        }
    }
}
