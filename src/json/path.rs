//! Paths to values of a JSON text: `a.b`, `a[0]`, `a[].b`.

use std::fmt;

use super::{Object, Value};

/// A path to one value, or with `[]` to one of each element.
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

/// What a path leads to, as JSON text; nothing where it is absent or null under `[]`.
pub(crate) type Found = Option<String>;

impl Path {
    /// Reads a path; `None` when the text is none.
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

    /// Whether it leads to one value of each element.
    pub(crate) fn is_many(&self) -> bool {
        self.steps.contains(&Step::Each)
    }
}

/// The path that goes through an array which the others do not share: their values are no rows.
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

/// Rows of what the paths lead to: one, or one for each element of the array that they share.
///
/// # Errors
/// What is missing, in words: a value that is absent or null, outside of `[]`.
pub(crate) fn rows(paths: &[Path], text: &str) -> Result<Vec<Vec<Found>>, String> {
    let walks: Vec<Walk<'_>> = paths.iter().map(|path| Walk(path, 0)).collect();
    let mut rows = Vec::new();
    let root = Value::parse(text).ok_or("the reply is no JSON")?;
    descend(&walks, root, false, &mut rows)?;
    Ok(rows)
}

/// A path, and how many of its steps are made.
#[derive(Clone, Copy)]
struct Walk<'a>(&'a Path, usize);

impl<'a> Walk<'a> {
    fn next(&self) -> Option<&'a Step> {
        self.0.steps.get(self.1)
    }

    fn on(&self) -> Walk<'a> {
        Walk(self.0, self.1 + 1)
    }
}

/// Makes the steps that all paths share, then goes on with each by itself.
fn descend(
    walks: &[Walk<'_>],
    value: Value<'_>,
    many: bool,
    rows: &mut Vec<Vec<Found>>,
) -> Result<(), String> {
    let shared = walks.first().and_then(Walk::next);
    let Some(step) = shared.filter(|step| walks.iter().all(|w| w.next() == Some(*step))) else {
        let row = walks.iter().map(|walk| follow(*walk, value, many));
        rows.push(row.collect::<Result<_, String>>()?);
        return Ok(());
    };
    let on: Vec<Walk<'_>> = walks.iter().map(Walk::on).collect();
    let done = match step {
        Step::Key(key) => {
            let object = value.object().unwrap_or_default();
            let next = Some(object.get(key)).filter(|next| !next.is_null());
            next.map(|next| descend(&on, next, many, rows))
        }
        Step::At(index) => {
            let next = value.items().and_then(|items| items.get(*index).copied());
            next.map(|next| descend(&on, next, many, rows))
        }
        Step::Each => {
            let mut items = value.items().map(Vec::into_iter);
            items
                .as_mut()
                .map(|items| items.try_for_each(|item| descend(&on, item, true, rows)))
        }
    };
    match (done, walks.first()) {
        (Some(done), _) => done,
        (None, Some(walk)) if !many => Err(missing(walk, &value)),
        (None, _) => {
            rows.push(vec![None; walks.len()]);
            Ok(())
        }
    }
}

/// Makes the steps of one path.
fn follow(walk: Walk<'_>, value: Value<'_>, many: bool) -> Result<Found, String> {
    let absent = || match many {
        true => Ok(None),
        false => Err(missing(&walk, &value)),
    };
    match walk.next() {
        None if value.is_null() => match many {
            true => Ok(None),
            false => Err(format!("`{}` is null in the reply", walk.0)),
        },
        None => Ok(Some(value.raw().to_owned())),
        Some(Step::Key(key)) => {
            let object = value.object().unwrap_or_default();
            match object.get(key) {
                next if next.is_null() => absent(),
                next => follow(walk.on(), next, many),
            }
        }
        Some(Step::At(index)) => match value.items().and_then(|items| items.get(*index).copied()) {
            Some(next) => follow(walk.on(), next, many),
            None => absent(),
        },
        // Every array is shared.
        Some(Step::Each) => absent(),
    }
}

/// What is missing, and what is there instead.
fn missing(walk: &Walk<'_>, there: &Value<'_>) -> String {
    let object = there.object().unwrap_or_default();
    let is_null = |object: &Object<'_>, key: &str| object.iter().any(|(name, _)| name == key);
    if let Some(Step::Key(key)) = walk.next()
        && is_null(&object, key)
    {
        return format!("`{}`: `{key}` is null in the reply", walk.0);
    }
    let keys: Vec<&str> = object.iter().map(|(key, _)| key).take(40).collect();
    let instead = match (keys.is_empty(), there.items()) {
        (false, _) => format!("; there is {}", keys.join(", ")),
        (true, Some(items)) => format!("; there is an array of {}", items.len()),
        (true, None) => String::new(),
    };
    format!("the reply has nothing at `{}`{instead}", walk.0)
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
        let rows = rows(&paths, REPLY)?;
        let rows = rows.iter().map(|row| {
            let cells = row.iter().map(|found| found.as_deref().unwrap_or("-"));
            cells.collect::<Vec<_>>().join(" ")
        });
        Ok(rows.collect::<Vec<_>>().join("|"))
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
