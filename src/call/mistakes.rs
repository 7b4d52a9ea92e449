//! What the server found wrong with the input, in terms of the flag.

use std::borrow::Cow;

use crate::cli::{Destination, Field, Flag, Invocation, Kind, comma_separated, nearest};
use crate::error::{Hint, Refusal};
use crate::json::{Object, Value};
use crate::step::Step;

/// The most mistakes reported for one call.
const MOST: usize = 4;

/// The sentence about the input, when the details of a 400 say enough (API.md, section 2): zod's
/// `issues`, there or as the details themselves, a `field`, or `supportedStatuses`.
pub(super) fn explain(refusal: &Refusal, invocation: &Invocation) -> Option<Hint> {
    if refusal.status != 400 {
        return None;
    }
    let details = refusal.details();
    let listed = Value::parse(refusal.details.as_deref().unwrap_or_default());
    let listed = details.get("issues").items().or_else(|| listed?.items());
    let mut sentences = Vec::new();
    for issue in listed.iter().flatten().take(MOST) {
        let issue = issue.object()?;
        let path = issue.get("path").items().unwrap_or_default();
        let name = path.first().and_then(|name| name.text());
        match (issue.get("keys").items(), name) {
            (Some(keys), _) => {
                let keys = keys.into_iter().filter_map(Value::text);
                sentences.extend(keys.map(|key| unknown_field(&key, invocation)));
            }
            (None, Some(name)) => sentences.extend(about(&name, &issue, invocation)),
            (None, None) => {}
        }
    }
    if sentences.is_empty() {
        let field = details.text("field");
        let statuses = details
            .get("supportedStatuses")
            .items()
            .map(|_| "status".into());
        sentences.extend(about(&statuses.or(field)?, &details, invocation));
    }
    let sentence = sentences.join("; ");
    let lists = sentence.contains("no field ");
    let hint = (!sentence.is_empty()).then(|| Hint::from(sentence))?;
    match lists {
        true => Some(hint.and(
            "; `{}` lists them",
            [Step::new("jobs draft capabilities", [])],
        )),
        false => Some(hint),
    }
}

/// What is wrong with the parameter or body key of this name.
fn about(name: &str, issue: &Object<'_>, invocation: &Invocation) -> Option<String> {
    let goes_there = |flag: &&'static Flag| match flag.destination {
        Destination::Query(key) | Destination::Body(key) => key == name,
        Destination::Own => flag.fields.iter().any(|field| field.name == name),
    };
    let flags: Vec<&Flag> = invocation.command.all_flags().filter(goes_there).collect();
    let given = flags.iter().find(|flag| invocation.has(flag));
    let Some(flag) = given.or(flags.first()) else {
        let message = issue.text("message").map(|text| format!(": {text}"));
        return Some(format!("check {name}{}", message.unwrap_or_default()));
    };
    let field = flag.fields.iter().find(|field| field.name == name);
    let subject = match field {
        Some(field) => format!("the field {}", field.name),
        None => format!("--{}", flag.name),
    };
    let expected = values(issue, flag, field, invocation)
        .or_else(|| bounds(issue, flag))
        .or_else(|| kind(flag, field?));
    Some(match (expected, issue.text("message")) {
        (Some(expected), _) => format!("{subject} {expected}"),
        (None, Some(message)) => format!("check {subject}: {message}"),
        (None, None) => format!("check {subject}: {}", flag.help),
    })
}

/// The accepted values, according to the server or the table, and the one that was probably meant.
fn values(
    issue: &Object<'_>,
    flag: &Flag,
    field: Option<&Field>,
    invocation: &Invocation,
) -> Option<String> {
    let named = ["options", "values", "supportedStatuses"].iter();
    let told = named.filter_map(|key| issue.get(key).items()).next();
    let told = told.map(|values| {
        values
            .into_iter()
            .filter_map(Value::text)
            .take(50)
            .collect()
    });
    let values: Vec<Cow<'_, str>> = told.unwrap_or_else(|| {
        let known = field.map_or(flag.known, |field| field.values);
        known.iter().map(|value| Cow::Borrowed(*value)).collect()
    });
    if values.is_empty() {
        return None;
    }
    let mut text = format!("takes {}", values.join(", "));
    for given in invocation.all(flag).flat_map(comma_separated) {
        let given = match field {
            Some(_) => given.split_once('=').map_or(given, |(_, value)| value),
            None => given,
        };
        let all = || values.iter().map(AsRef::as_ref);
        let near = nearest(given, all()).or_else(|| nearest(&given.to_ascii_uppercase(), all()));
        if let Some(near) = near.filter(|_| !all().any(|value| value == given)) {
            text.push_str(&format!("; did you mean {near}?"));
        }
    }
    Some(text)
}

/// The bounds of a number, according to the server or the table.
fn bounds(issue: &Object<'_>, flag: &Flag) -> Option<String> {
    let told = |key: &str| issue.text(key).map(|bound| bound.into_owned());
    let most = || told("maximum").or_else(|| flag.most.map(|most| most.to_string()));
    match told("minimum") {
        Some(least) => Some(format!("must be at least {least}")),
        None => most().map(|most| format!("must be at most {most}")),
    }
}

/// What a field holds.
fn kind(flag: &Flag, field: &Field) -> Option<String> {
    match field.kind {
        "" => None,
        Field::TEXT if flag.kind == Kind::Json => Some("must be text, in quotes".to_owned()),
        Field::TEXT => Some(format!(
            "must be text: `--set-string {}=...` sends text, whatever it looks like",
            field.name
        )),
        kind => Some(format!("must be a {kind}")),
    }
}

fn unknown_field(key: &str, invocation: &Invocation) -> String {
    let fields = invocation.command.all_flags().flat_map(|flag| flag.fields);
    match nearest(key, fields.map(|field| field.name)) {
        Some(near) => format!("there is no field {key}; did you mean {near}?"),
        None => format!("there is no field {key}"),
    }
}
