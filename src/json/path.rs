//! Paths to values in a JSON text: `a.b`, `a[0]`, `a[].b`.

use std::fmt;
use std::ops::Range;

use super::Value;

/// A path to one value, or with `[]` to one per element.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Path {
    text: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    /// A field.
    Key(String),
    /// An element by its number, from 0.
    At(usize),
    /// Every element.
    Each,
}

/// What a path leads to; nothing where it is absent or null under `[]`.
pub(crate) type Found<'a> = Option<Value<'a>>;

impl Path {
    /// Reads a path; `None` when the text is not one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut steps = Vec::new();
        for (n, part) in text.split('.').enumerate() {
            let (name, mut rest) = part.split_at(part.find('[').unwrap_or(part.len()));
            match name {
                // Only the whole reply may be an array itself.
                "" if n > 0 || rest.is_empty() => return None,
                "" => {}
                name if name.contains(']') => return None,
                name => steps.push(Step::Key(name.to_owned())),
            }
            while !rest.is_empty() {
                let (index, after) = rest.strip_prefix('[')?.split_once(']')?;
                steps.push(match index {
                    "" => Step::Each,
                    number => Step::At(number.parse().ok()?),
                });
                rest = after;
            }
        }
        let text = text.to_owned();
        Some(Path { text, steps })
    }

    /// Whether it leads to one value per element.
    pub(crate) fn is_many(&self) -> bool {
        self.steps.contains(&Step::Each)
    }
}

/// The path that goes through an array that the others do not share: their values do not form rows.
pub(crate) fn unshared(paths: &[Path]) -> Option<&Path> {
    let first = paths.first()?;
    let differs = |n: &usize| {
        paths
            .iter()
            .any(|path| path.steps.get(*n) != first.steps.get(*n))
    };
    let shared = (0..first.steps.len())
        .find(differs)
        .unwrap_or(first.steps.len());
    paths.iter().find(|path| {
        path.steps
            .iter()
            .skip(shared)
            .any(|step| *step == Step::Each)
    })
}

/// Rows of what the paths lead to in checked JSON: one, or one for each element of the array that they share.
///
/// # Errors
/// What is missing, in words: a value that is absent or null, outside `[]`.
pub(crate) fn rows(
    paths: &[Path],
    text: &str,
    each: &mut dyn FnMut(&[Found<'_>]),
) -> Result<(), String> {
    let root = Value::checked(text);
    let first = paths.first().ok_or("no path")?;
    let last_array = first.steps.iter().rposition(|step| *step == Step::Each);
    let shared = last_array.map_or(0, |at| at + 1);
    let mut row = Vec::with_capacity(paths.len());
    walk(first, 0..shared, root, false, &mut |value, many| {
        row.clear();
        for path in paths {
            row.push(match value {
                Some(value) => follow(path, shared, value, many)?,
                None => None,
            });
        }
        each(&row);
        Ok(())
    })
}

/// What is done with the value of each row; nothing where there is none.
type Leaf<'l, 'a> = &'l mut dyn FnMut(Found<'a>, bool) -> Result<(), String>;

/// Takes the steps that all paths share.
fn walk<'a>(
    path: &Path,
    mut steps: Range<usize>,
    value: Value<'a>,
    many: bool,
    leaf: Leaf<'_, 'a>,
) -> Result<(), String> {
    let Some(at) = steps.next() else {
        return leaf(Some(value), many);
    };
    let Some(Step::Each) = path.steps.get(at) else {
        return match step(path, at, value, many)? {
            Some(value) => walk(path, steps, value, many, leaf),
            None => leaf(None, many),
        };
    };
    match value.items() {
        Some(items) => items
            .into_iter()
            .try_for_each(|item| walk(path, steps.clone(), item, true, leaf)),
        None if many => leaf(None, many),
        None => Err(missing(path, at, value)),
    }
}

/// Takes the steps of one path from here on.
fn follow<'a>(path: &Path, from: usize, value: Value<'a>, many: bool) -> Result<Found<'a>, String> {
    let mut value = value;
    for at in from..path.steps.len() {
        match step(path, at, value, many)? {
            Some(next) => value = next,
            None => return Ok(None),
        }
    }
    match value.is_null() {
        false => Ok(Some(value)),
        true if many => Ok(None),
        true => Err(format!("`{path}` is null in the reply")),
    }
}

/// Takes one step into an object or to an element.
fn step<'a>(path: &Path, at: usize, value: Value<'a>, many: bool) -> Result<Found<'a>, String> {
    let next = match path.steps.get(at) {
        Some(Step::Key(key)) => value.field(key).filter(|next| !next.is_null()),
        Some(Step::At(index)) => value.items().and_then(|items| items.get(*index).copied()),
        Some(Step::Each) | None => None,
    };
    match next {
        None if !many => Err(missing(path, at, value)),
        next => Ok(next),
    }
}

/// What is missing, and what is there instead.
fn missing(path: &Path, at: usize, there: Value<'_>) -> String {
    let object = there.object().unwrap_or_default();
    if let Some(Step::Key(key)) = path.steps.get(at)
        && object.iter().any(|(name, _)| name == key)
    {
        return format!("`{path}`: `{key}` is null in the reply");
    }
    let keys: Vec<&str> = object.iter().map(|(key, _)| key).take(40).collect();
    let instead = match (keys.is_empty(), there.items()) {
        (false, _) => format!("; there is {}", keys.join(", ")),
        (true, Some(items)) => format!("; there is an array of {}", items.len()),
        (true, None) => String::new(),
    };
    format!("the reply has nothing at `{path}`{instead}")
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPLY: &str = r#"{"id":"x\ny","n":1.10,"nil":null,"deep":{"a":{"b":true}},
        "jobs":[{"id":"j1","tags":["a","b"],"n":1},{"id":"j2","tags":[]},{"id":null}]}"#;

    fn get(paths: &[&str]) -> Result<String, String> {
        let paths: Vec<Path> = paths
            .iter()
            .map(|text| Path::parse(text).unwrap())
            .collect();
        let mut found = Vec::new();
        rows(&paths, REPLY, &mut |row| {
            let cells = row.iter().map(|cell| cell.map_or("-", Value::raw));
            found.push(cells.collect::<Vec<_>>().join(" "));
        })?;
        Ok(found.join("|"))
    }

    #[test]
    fn a_path_leads_to_a_value_as_it_came() {
        assert_eq!(get(&["n"]).unwrap(), "1.10");
        assert_eq!(get(&["id"]).unwrap(), r#""x\ny""#);
        assert_eq!(get(&["deep.a.b"]).unwrap(), "true");
        assert_eq!(get(&["deep"]).unwrap(), r#"{"a":{"b":true}}"#);
        assert_eq!(get(&["jobs[1].id"]).unwrap(), r#""j2""#);
        assert_eq!(get(&["jobs[].id"]).unwrap(), r#""j1"|"j2"|-"#);
        assert_eq!(get(&["jobs[].tags[]"]).unwrap(), r#""a"|"b"|-"#);
    }

    #[test]
    fn several_paths_are_columns_and_a_shared_array_gives_rows() {
        assert_eq!(get(&["n", "deep.a.b"]).unwrap(), "1.10 true");
        assert_eq!(
            get(&["jobs[].id", "jobs[].n"]).unwrap(),
            r#""j1" 1|"j2" -|- -"#
        );
        assert_eq!(
            get(&["jobs[0].tags[]", "jobs[0].tags[]"]).unwrap(),
            r#""a" "a"|"b" "b""#
        );
        for (paths, alone) in [
            (&["n", "jobs[].id"][..], Some("jobs[].id")),
            (&["jobs[].id", "jobs[].tags[]"], Some("jobs[].tags[]")),
            (&["a[].b", "c[].b"], Some("a[].b")),
            (&["a[].b", "a[].c.d", "a[]"], None),
            (&["a[].b[].c", "a[].b[]"], None),
            (&["a", "b[0]"], None),
        ] {
            let paths: Vec<Path> = paths.iter().filter_map(|text| Path::parse(text)).collect();
            let found = unshared(&paths).map(Path::to_string);
            assert_eq!(found.as_deref(), alone);
        }
    }

    #[test]
    fn what_is_missing_is_named_with_what_is_there() {
        for (path, says) in [
            ("nope", "nothing at `nope`; there is id, n, nil, deep, jobs"),
            ("deep.x", "nothing at `deep.x`; there is a"),
            ("nil", "`nil` is null in the reply"),
            ("nil.x", "`nil` is null in the reply"),
            (
                "jobs[7].id",
                "nothing at `jobs[7].id`; there is an array of 3",
            ),
            ("n.x", "nothing at `n.x`"),
            ("n[]", "nothing at `n[]`"),
        ] {
            let error = get(&[path]).unwrap_err();
            assert!(error.contains(says), "{path}: {error}");
        }
    }

    #[test]
    fn a_path_is_written_in_one_way() {
        for bad in [
            "", ".", "a.", ".a", "a..b", "a[", "a]", "a[x]", "a[1]b", "a[-1]", "a.[0]",
        ] {
            assert_eq!(Path::parse(bad), None, "{bad}");
        }
        assert!(Path::parse("[].id").unwrap().is_many());
        assert!(!Path::parse("a b.c-d[0][1]").unwrap().is_many());
    }
}
