//! What the compiler cannot check in our source, because a binary has no public items.

use std::fs;
use std::path::{Path, PathBuf};

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src");

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(&path, out),
            false if path.extension().is_some_and(|e| e == "rs") => out.push(path),
            false => {}
        }
    }
}

/// `file:line` and text of every source line, with what is above it.
fn lines(judge: impl Fn(&str, &[&str]) -> bool) -> Vec<String> {
    let mut paths = Vec::new();
    files(Path::new(SOURCE), &mut paths);
    assert!(paths.len() > 40, "{paths:?}");
    let mut found = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (n, line) in lines.iter().enumerate() {
            if judge(line, &lines[..n]) {
                found.push(format!("{}:{}: {}", path.display(), n + 1, line.trim()));
            }
        }
    }
    found
}

/// An item or a field that other modules can use.
fn is_shared(line: &str) -> bool {
    let line = line.trim_start();
    let rest = line.strip_prefix("pub").unwrap_or_default();
    let rest = match rest.strip_prefix('(') {
        Some(scope) => scope.split_once(')').map_or("", |(_, rest)| rest),
        None => rest,
    };
    let Some(item) = rest.strip_prefix(' ') else {
        return false;
    };
    // A command says what it is in its summary, a flag in its help.
    let says_itself = item.contains(": Command = ") || item.contains(": Flag = ");
    !item.starts_with("use ") && !item.starts_with("mod ") && !says_itself
}

#[test]
fn every_shared_item_says_what_it_is() {
    let undocumented = lines(|line, above| {
        let mut above = above.iter().rev().map(|l| l.trim());
        let said = above.find(|l| !l.starts_with("#[")).unwrap_or_default();
        is_shared(line) && !said.starts_with("///")
    });
    assert!(undocumented.is_empty(), "{undocumented:#?}");
}

#[test]
fn every_module_begins_with_what_it_promises() {
    let silent = lines(|line, above| above.is_empty() && !line.starts_with("//! "));
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn only_the_commands_know_an_endpoint() {
    let named: Vec<String> = lines(|line, _| {
        let quoted = [
            "\"/jobs",
            "\"/job-drafts",
            "\"/proposals",
            "\"/messages",
            "\"/contracts",
            "\"/verify",
        ];
        quoted.iter().any(|q| line.contains(q)) || line.contains("\"/api/")
    });
    let elsewhere: Vec<&String> = named
        .iter()
        .filter(|l| !l.contains("/src/commands/"))
        .collect();
    assert!(!named.is_empty() && elsewhere.is_empty(), "{elsewhere:#?}");
}

#[test]
fn no_tool_is_named_where_tools_are_made() {
    let declared: Vec<String> = lines(|line, _| line.trim_start().starts_with("tool: Some(\""));
    let names: Vec<&str> = declared
        .iter()
        .filter_map(|line| line.split('"').nth(1))
        .collect();
    assert!(names.len() > 40, "{names:?}");
    // One of a single word may be any word.
    let quoted: Vec<String> = names
        .iter()
        .filter(|name| name.contains('_'))
        .map(|name| format!("\"{name}\""))
        .collect();
    let naming = lines(|line, _| {
        line.contains("\"opentrain_") && !line.contains("\"opentrain_\"")
            || quoted.iter().any(|name| line.contains(name))
    });
    let in_mcp: Vec<&String> = naming
        .iter()
        .filter(|line| line.contains("/src/mcp/"))
        .collect();
    assert!(in_mcp.is_empty(), "{in_mcp:#?}");
}
