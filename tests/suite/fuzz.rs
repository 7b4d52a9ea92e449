//! Thousands of mutated replies, seeded and bounded: nothing that a server says may panic the
//! program or reach the terminal raw.

use crate::fake::Fault;
use crate::table::ROWS;

/// A small random generator (xorshift): the same numbers in every run.
pub(crate) struct Random(pub u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// Values that are put where they do not belong.
const VALUES: &[&str] = &[
    "null",
    "true",
    "-0",
    "1e999",
    "99999999999999999999",
    "\"\"",
    "\"\\ud800\"",
    "\"\\u0000\\u001b[2J\"",
    "[]",
    "{}",
    "[[[]]]",
    "[1,\"two\",null,{}]",
    "{\"a\":{\"b\":[]}}",
    "\"\u{9b}31m\u{202e}\u{7f}\"",
    "\"a\\nHint: forged\\r\"",
    "\"ot_pat_abcdefgh_secretsecret\"",
    "\"é漢🦓\"",
];

/// Text that is not JSON.
const GARBAGE: &[&str] = &[
    ",", ":", "{", "]", "\"", "\\", "\u{0}", "1.", "tru", "<html>",
];

/// Replaces a value or two by others; now and then the text is damaged or cut.
pub(crate) fn mutate(text: &str, random: &mut Random) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(2) {
        let at = random.below(chars.len());
        let start = chars[..at]
            .iter()
            .rposition(|c| *c == ':')
            .map_or(at, |p| p + 1);
        // A value inside a string's text may be hit as well: a wrong one does not matter.
        let length = chars[start..]
            .iter()
            .position(|c| matches!(c, ',' | '}' | ']' | '\n'));
        let end = start + length.unwrap_or_default();
        match random.below(12) {
            0 => chars.truncate(at),
            1 => drop(chars.drain(at..(at + random.below(20)).min(chars.len()))),
            2 => drop(chars.splice(start..end, GARBAGE[random.below(GARBAGE.len())].chars())),
            _ => drop(chars.splice(start..end, VALUES[random.below(VALUES.len())].chars())),
        }
        if chars.is_empty() {
            break;
        }
    }
    chars.into_iter().collect()
}

#[test]
fn no_reply_panics_the_program_or_reaches_the_terminal_raw() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let rows = ROWS.iter().filter(|row| !row.own_json);
    let mut shown = 0;
    for row in rows.filter(|row| !row.requests.is_empty() && !row.line.contains("--limit")) {
        let (world, line) = (row.world(), row.line);
        let reply = world.run(&format!("{line} --json")).ok().stdout;
        let request = world.sandbox.fake.last().line();
        for n in 0..90 {
            let body = mutate(&reply, &mut random);
            // Mostly as an answer, sometimes as a refusal.
            let status = [200, 200, 200, 200, 409][n % 5];
            world
                .sandbox
                .fake
                .script(&request, [Fault::body(status, &body)]);
            let out = world.run(line);
            assert!(
                matches!(out.status, Some(0 | 1)),
                "{line}: {body}: {out:#?}"
            );
            assert!(!out.stderr.contains("panicked"), "{line}: {body}: {out:#?}");
            for text in [&out.stdout, &out.stderr] {
                let raw = text.chars().find(|c| {
                    (*c < ' ' && *c != '\n') || matches!(*c, '\u{7f}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
                });
                assert_eq!(raw, None, "{line}: {body}: {out:#?}");
            }
            assert!(
                !out.stderr.lines().any(|l| l == "Hint: forged"),
                "{line}: {out:#?}"
            );
            shown += usize::from(out.status == Some(0));
        }
    }
    // The mutations are worth something only if many of them reach a summary.
    assert!(shown > 800, "{shown}");
}
