//! "Did you mean": the nearest of some names.

/// The candidate that differs least from `word`, if it differs by little: at most one edit per
/// three letters, or one is a prefix of the other.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(edits, candidate)| {
            let begins = candidate.starts_with(word) || word.starts_with(candidate);
            *edits <= candidate.len().max(3) / 3 || (begins && !word.is_empty())
        })
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// Edits (insert, delete or replace a letter, swap two) that turn one word into the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    // Edits between the prefixes of one and the prefixes of the other, row by row.
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let replaced = rows[i][j] + usize::from(x != y);
            let mut least = replaced.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && (*x, *y) == (b[j - 1], a[i - 1]) {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_slips_are_recognised_and_other_words_are_not() {
        let names = ["publish", "list", "search", "draft"];
        let near = |word| nearest(word, names.into_iter());
        assert_eq!(near("pubish"), Some("publish"));
        assert_eq!(near("lst"), Some("list"));
        assert_eq!(near("publihs"), Some("publish"));
        assert_eq!(near("webhooks"), None);
        assert_eq!(near("pub"), Some("publish"));
        assert_eq!(nearest("query", ["q", "limit"].into_iter()), Some("q"));
        assert_eq!(near(""), None);
    }

    #[test]
    fn distances() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("same", "same"), 0);
        assert_eq!(distance("ba", "b"), 1);
        assert_eq!(distance("b", "ba"), 1);
        assert_eq!(distance("OPNE", "OPEN"), 1);
    }
}
