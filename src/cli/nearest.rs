//! "Did you mean": the nearest of some names.

/// The candidate that differs least from `word`, when it differs by little: at most one edit
/// for three letters, or one of them is how the other begins.
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

/// Edits (insert, delete, replace a letter) that turn one word into the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let above = *cell;
            left = (diagonal + usize::from(x != *y))
                .min(above + 1)
                .min(left + 1);
            diagonal = above;
            *cell = left;
        }
    }
    row.last()
        .copied()
        .unwrap_or(0)
        .max(usize::from(b.is_empty()) * a.chars().count())
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
    }
}
