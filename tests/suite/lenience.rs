//! No reply can break a summary or be hidden by it: every field of every reply is dropped,
//! nulled, given another type, and surrounded by unknown ones.

use serde_json::{Value, json};

use crate::fake::Fault;
use crate::harness::Out;
use crate::table::{ROWS, Row};
use crate::world::World;

/// Every place in a JSON value, as a pointer.
fn places(value: &Value, at: String, out: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(k, v)| (format!("{at}/{k}"), v))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(n, v)| (format!("{at}/{n}"), v))
            .collect(),
        _ => Vec::new(),
    };
    for (path, child) in children {
        out.push(path.clone());
        places(child, path, out);
    }
}

/// The texts and numbers of a JSON value.
fn leaves(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.values().for_each(|v| leaves(v, out)),
        Value::Array(items) => items.iter().for_each(|v| leaves(v, out)),
        Value::String(text) => out.push(text.clone()),
        other => out.push(other.to_string()),
    }
}

fn without(value: &Value, path: &str) -> Value {
    let mut value = value.clone();
    let (parent, key) = path.rsplit_once('/').expect("a pointer");
    match value.pointer_mut(parent) {
        Some(Value::Object(fields)) => drop(fields.remove(key)),
        Some(Value::Array(items)) => drop(items.remove(key.parse().expect("an index"))),
        _ => {}
    }
    value
}

fn with(value: &Value, path: &str, new: Value) -> Value {
    let mut value = value.clone();
    *value.pointer_mut(path).expect("a place") = new;
    value
}

fn answered(world: &World, line: &str, request: &str, reply: &Value) -> Out {
    let fault = Fault::body(200, &reply.to_string());
    world.sandbox.fake.script(request, [fault]);
    world.run(line)
}

fn try_everything(row: &Row) {
    let (world, line) = (&row.world(), row.line);
    let request = row.lines(world).remove(0);
    // A write is done for its JSON first; its summary is made of the same reply again.
    let reply = world.run(&format!("{line} --json")).ok().json();
    let usual = answered(world, line, &request, &reply).ok().stderr_is("");
    let mut all = Vec::new();
    places(&reply, String::new(), &mut all);
    for path in &all {
        let place = reply.pointer(path).expect("a place").clone();
        for new in [
            None,
            Some(Value::Null),
            Some(json!(true)),
            Some(json!([])),
            Some(json!(-1.5)),
        ] {
            let changed = match new {
                Some(new) => with(&reply, path, new),
                None => without(&reply, path),
            };
            let out = answered(world, line, &request, &changed).ok();
            assert!(!out.stdout.is_empty(), "{line}: {path}");
        }
        // Another type where a shown value was: the new value is shown instead.
        let odd = match place.is_object() {
            true => json!(["sentinel"]),
            false => json!({"odd": "sentinel"}),
        };
        let out = answered(world, line, &request, &with(&reply, path, odd)).ok();
        // What appears twice, in the reply or on the page, may come from the other place.
        let once = |words: &String| {
            let both = [&usual.stdout, &reply.to_string()];
            words.len() > 3 && both.iter().all(|t| t.matches(words.as_str()).count() == 1)
        };
        let mut words = Vec::new();
        leaves(&place, &mut words);
        if words.iter().any(once) {
            out.stdout_has("sentinel");
        }
    }
    let mut more = reply.clone();
    more["unknownField"] = json!({"a": [1, {"b": null}]});
    let out = answered(world, line, &request, &more).ok().stderr_is("");
    // What is shown as JSON shows all of it.
    if !usual.stdout.starts_with('{') {
        assert_eq!(out.stdout, usual.stdout, "{line}");
    }
    // A reply of nothing at all.
    for reply in [json!({}), json!([]), json!(null), json!("x"), json!(1)] {
        let out = answered(world, line, &request, &reply).ok();
        assert!(!out.stdout.is_empty(), "{line}");
    }
}

/// Without further filters: one row for each kind of reply that has a summary.
fn is_plain(row: &&Row) -> bool {
    let has_summary = !row.line.starts_with("api ");
    let filtered = row.line.contains(" --limit") || row.line.contains("ended");
    row.is_one_reply() && has_summary && !filtered
}

#[test]
fn every_reply_of_a_read_may_differ_from_the_documentation() {
    for row in ROWS.iter().filter(|row| row.reads()).filter(is_plain) {
        try_everything(row);
    }
}

#[test]
fn every_reply_of_a_write_may_differ_from_the_documentation() {
    for row in ROWS.iter().filter(|row| !row.reads()).filter(is_plain) {
        try_everything(row);
    }
}
