//! Standard output: JSON as it came, lists, closed pipes, full disks.

use std::process::Stdio;

use crate::fake::Fault;
use crate::harness::{Out, Sandbox, finish, tool};

const MINE: &str = "GET /api/public/v1/jobs/mine";

#[test]
fn json_is_the_apis_own_text_indented() {
    let sandbox = Sandbox::claimed();
    let body = r#"{"nextCursor":null,"jobs":[],"x":[1.10,0.050,1e400,123456789012345678901234567890],"a":{"b":"\u00e9é","b":"\ud800"},"e":{},"hidden":""}"#;
    sandbox.fake.script(MINE, [Fault::body(200, body)]);
    sandbox.run(&["jobs", "list", "--json"]).ok().stderr_is("").stdout_is(
        "{\n  \"nextCursor\": null,\n  \"jobs\": [],\n  \"x\": [\n    1.10,\n    0.050,\n    1e400,\n    123456789012345678901234567890\n  ],\n  \"a\": {\n    \"b\": \"\\u00e9é\",\n    \"b\": \"\\ud800\"\n  },\n  \"e\": {},\n  \"hidden\": \"\"\n}\n",
    );
}

#[test]
fn json_hides_nothing_in_control_characters() {
    let sandbox = Sandbox::claimed();
    sandbox.fake.script(
        MINE,
        [Fault::body(200, "{\"a\":\"\u{7f}\u{9b}\u{202e}é\"}")],
    );
    sandbox
        .run(&["jobs", "list", "--json"])
        .ok()
        .stdout_is("{\n  \"a\": \"\\u007f\\u009b\\u202eé\"\n}\n");
}

#[test]
fn a_list_is_one_row_a_thing_with_the_command_for_the_next_page() {
    let sandbox = Sandbox::claimed();
    sandbox.run(&["jobs", "list"]).ok().stdout_is("No jobs.\n");
    for title in ["Zebra boxes", "A much longer title", "x"] {
        sandbox
            .run(&["jobs", "draft", "create", "--description", title])
            .ok();
    }
    let page = sandbox
        .run(&["jobs", "list", "--limit", "2", "--status", "DRAFT"])
        .ok()
        .stdout;
    let lines: Vec<&str> = page.lines().collect();
    assert!(
        lines[0].starts_with("ID ") && lines[0].ends_with("UPDATED                   TITLE"),
        "{page}"
    );
    assert!(
        lines[1].ends_with("  x") && lines[2].ends_with("  A much longer title"),
        "{page}"
    );
    let command = lines[3]
        .strip_prefix("Next page: opentrain ")
        .expect("a next page");
    assert!(
        command.starts_with("jobs list --status DRAFT --limit 2 --cursor job_"),
        "{command}"
    );
    let words: Vec<&str> = command.split(' ').collect();
    sandbox
        .run(&words)
        .ok()
        .stdout_has("Zebra boxes")
        .hides("Next page");
}

#[test]
fn the_next_command_names_the_server_that_was_named() {
    let sandbox = Sandbox::claimed();
    for _ in 0..2 {
        sandbox
            .run(&["jobs", "draft", "create", "--description", "x"])
            .ok();
    }
    let url = sandbox.fake.url.clone();
    sandbox
        .run(&["jobs", "list", "--limit", "1", "--base-url", &url])
        .ok()
        .stdout_has(&format!(" --base-url {url}\n"));
}

#[test]
fn a_reply_that_is_not_as_documented_is_shown_as_it_came() {
    let sandbox = Sandbox::claimed();
    for body in [
        r#"{"jobs":"none"}"#,
        "[]",
        "null",
        r#"{"jobs":[1]}"#,
        "\"text\"",
        "{}",
    ] {
        sandbox.fake.script(MINE, [Fault::body(200, body)]);
        let out = sandbox.run(&["jobs", "list"]).ok();
        assert_eq!(
            out.json(),
            serde_json::from_str::<serde_json::Value>(body).unwrap()
        );
        out.stderr_is("Note: the reply is not as documented; it is shown as it came.\n");
    }
}

#[test]
fn odd_fields_neither_hide_nor_forge_a_row() {
    let sandbox = Sandbox::claimed();
    let body = r#"{"jobs":[{"id":"j\nk","title":{"x":1.50},"status":7,"new":true,"proposalCounts":null}],"nextCursor":"a b'c"}"#;
    sandbox.fake.script(MINE, [Fault::body(200, body)]);
    sandbox.run(&["jobs", "list"]).ok().stdout_is(
        "ID    STATUS  PROPOSALS  UPDATED  TITLE\nj\\nk  7                           {\"x\":1.50}\n\
         Next page: opentrain jobs list --cursor 'a b'\\''c'\n",
    );
}

#[test]
fn a_closed_pipe_is_no_error() {
    let sandbox = Sandbox::claimed();
    for words in [
        &["jobs", "list", "--json"][..],
        &["jobs", "list"],
        &["--help"],
    ] {
        let mut command = sandbox.command(words);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        command
            .stdin(Stdio::null())
            .stdout(writer)
            .stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        // The command holds its own copy of the pipe.
        drop(command);
        Out::of(child).ok().stderr_is("");
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let sandbox = Sandbox::claimed();
    for words in ["jobs list", "jobs list --json", "--help", "--version"] {
        sandbox
            .shell(&format!("$B {words} > /dev/full"))
            .fails()
            .stderr_has("Error: could not write to standard output: No space left on device");
    }
}

/// Ids that mean something to some shell, to a terminal, or to a reader of placeholders.
const NASTY: [&str; 103] = [
    "<id>",
    "<job-id>",
    "</dev/null>.bashrc>",
    "$(touch PWNED)",
    "`touch PWNED`",
    "$HOME",
    "${HOME}",
    "a'b`c`",
    "'",
    "''",
    "\"",
    "\\",
    "\\\\",
    "x\\",
    "\\'",
    "x\\'; touch PWNED; #",
    "x'; touch PWNED; '",
    "\"; touch PWNED; \"",
    "=ls",
    "=nope",
    "a=b",
    "==",
    "%self",
    "%1",
    "%s",
    "100%",
    "%%",
    "~",
    "~root",
    "a~b",
    "-y; z",
    "--x",
    "--",
    "-",
    "-n",
    "*",
    "?",
    "[a-z]*",
    "{a,b}",
    "{}",
    "{1..3}",
    "(a)",
    "a;b",
    "a&b",
    "a&&b",
    "a|b",
    "a>b",
    "a<b",
    "2>&1",
    "#x",
    "a#b",
    "!x",
    "!!",
    "^a^b",
    "a!",
    "a b",
    " a ",
    "\t",
    "a\tb",
    "a\nb",
    "\na",
    "a\n\nb",
    "a\rb",
    "\u{1b}[2J",
    "a\u{7}b",
    "\u{7f}",
    "\u{85}",
    "\u{9b}31m",
    "\u{2028}x",
    "\u{200b}",
    "\u{202e}x",
    "\u{feff}x",
    "\u{e0041}x",
    "é",
    "漢字",
    "👩\u{200d}🔬",
    "e\u{301}",
    ",",
    ".",
    ":",
    "@x",
    "+x",
    "/",
    "//",
    "a/b",
    "..",
    "0",
    "01",
    "\\n",
    "\\012",
    "\\x41",
    "a\\nb",
    "$'a'",
    "$\"a\"",
    "a\"b'c",
    "&",
    "|",
    ";",
    "if",
    "end",
    "a,b",
    "@(a|b)",
    "a\\ b",
];

#[test]
fn a_pasted_command_means_the_same_in_four_shells() {
    let sandbox = Sandbox::claimed();
    // The pasted command writes down what it was given.
    let stub = "#!/bin/sh\nfor word; do printf '%s\\0' \"$word\"; done >> \"$OUT\"\n";
    let bin = sandbox.home.join("bin");
    std::fs::create_dir(&bin).unwrap();
    let text = sandbox.file("stub", stub);
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&text, open).unwrap();
    crate::harness::copy_to_run(&text, bin.join("opentrain"));
    let mut script = String::new();
    for word in NASTY {
        let body = serde_json::json!({"jobs": [], "nextCursor": word});
        sandbox
            .fake
            .script(MINE, [Fault::body(200, &body.to_string())]);
        let page = sandbox.run(&["jobs", "list"]).ok().stdout;
        let command = page.lines().find_map(|l| l.strip_prefix("Next page: "));
        script.push_str(command.expect("a command on one line"));
        script.push('\n');
    }
    assert_eq!(script.lines().count(), NASTY.len());
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let empty = sandbox.home.join("empty");
    std::fs::create_dir(&empty).unwrap();
    for shell in [
        &["sh"][..],
        &["bash", "--norc"],
        &["zsh", "-f"],
        &["fish", "--no-config"],
    ] {
        let name = shell[0];
        let out = sandbox.home.join(name);
        let mut command = tool(name);
        command.args(&shell[1..]).args(["-c", &script]);
        sandbox.clean(&mut command);
        command
            .env("PATH", &path)
            .env("OUT", &out)
            .current_dir(&empty);
        finish(command, "").ok();
        let given = std::fs::read_to_string(&out).unwrap();
        let mut given = given.split_terminator('\0');
        for word in NASTY {
            let mut next = || given.next().unwrap_or_default().to_owned();
            assert_eq!([next(), next()], ["jobs", "list"], "{name}: {word:?}");
            let value = match next() {
                flag if flag == "--cursor" => next(),
                attached => attached.replacen("--cursor=", "", 1),
            };
            assert_eq!(value, word, "{name}");
        }
        // Nothing else was run.
        assert_eq!(std::fs::read_dir(&empty).unwrap().count(), 0, "{name}");
    }
}

#[test]
fn no_reply_costs_memory_out_of_proportion() {
    // Four megabytes each, in an address space of eighty: enough for several times the reply, and
    // far from what each of these would take with a cell or a field for every few bytes.
    let sandbox = Sandbox::claimed();
    let many = |one: &str| vec![one; 4_000_000 / (one.len() + 1)].join(",");
    let jobs = |rows: &str| format!("{{\"jobs\":[{rows}],\"nextCursor\":null}}");
    let long = "x".repeat(1_000_000);
    let replies = [
        jobs(&many("{}")),
        jobs(&many("1")),
        jobs(&format!(
            "{{\"id\":\"{long}\"}},{}",
            many("{\"id\":\"y\",\"title\":\"t\"}")
        )),
        format!("{{\"jobs\":[],{}}}", many("\"a\":1")),
        jobs(&"[".repeat(100).replace('[', "[[").replacen("[[", "[", 100)),
        format!(
            "{{\"jobs\":{}}}",
            format!("{}{}", "[".repeat(100), many("1")) + &"]".repeat(100)
        ),
        jobs(&many(&format!("{}{}", "[".repeat(100), "]".repeat(100)))),
    ];
    for reply in replies {
        for line in ["jobs list", "jobs list --json"] {
            sandbox.fake.script(MINE, [Fault::body(200, &reply)]);
            let out = sandbox.shell(&format!("ulimit -v 80000 -c 0; exec $B {line} > out"));
            let begins = reply.get(..60).unwrap_or_default();
            assert!(matches!(out.status, Some(0 | 1)), "{begins}: {out:#?}");
            let grown = std::fs::metadata(sandbox.home.join("out")).unwrap().len();
            assert!(grown < 8 * reply.len() as u64, "{begins}: {grown} bytes");
        }
    }
}

#[test]
fn columns_line_up_for_every_script() {
    let sandbox = Sandbox::claimed();
    let names = ["Ana B.", "田中 花子", "김철수", "Jose\u{301}", "ＡＢ", "🦓"];
    let widths = [6, 9, 6, 4, 4, 2];
    let contracts: Vec<serde_json::Value> = names
        .iter()
        .map(|name| serde_json::json!({"id": "ct_1", "title": "TITLE", "freelancer": {"displayName": name}}))
        .collect();
    let body = serde_json::json!({"contracts": contracts}).to_string();
    sandbox
        .fake
        .script("GET /api/public/v1/contracts", [Fault::body(200, &body)]);
    let page = sandbox.run(&["contracts", "list"]).ok().stdout;
    for ((line, name), width) in page.lines().skip(1).zip(names).zip(widths) {
        let (_, rest) = line.split_once(name).expect("a name");
        let blanks = rest.len() - rest.trim_start().len();
        assert_eq!(width + blanks, 9 + 2, "{page}");
    }
}

#[test]
fn nothing_invisible_reaches_people_as_it_came() {
    let sandbox = Sandbox::claimed();
    let hidden = "a\u{2028}b\u{2029}c\u{85}d\u{200b}e\u{200d}f\u{feff}g\u{e0041}h\u{ad}i";
    let shown = r"a\u2028b\u2029c\u0085d\u200be\u200df\ufeffg\udb40\udc41h\u00adi";
    let body = serde_json::json!({"jobs": [{"id": hidden, "title": hidden}]}).to_string();
    sandbox.fake.script(MINE, [Fault::body(200, &body)]);
    let page = sandbox.run(&["jobs", "list"]).ok().stdout;
    assert_eq!(page.matches(shown).count(), 2, "{page}");
    let refused = serde_json::json!({"error": hidden, "code": "C"}).to_string();
    sandbox.fake.script(MINE, [Fault::body(400, &refused)]);
    sandbox.run(&["jobs", "list"]).fails().stderr_has(shown);
    // In JSON the same value, written so that no screen acts on it.
    sandbox.fake.script(MINE, [Fault::body(200, &body)]);
    let json = sandbox
        .run(&["jobs", "list", "--json"])
        .ok()
        .stdout_has(shown);
    assert_eq!(json.json()["jobs"][0]["id"], hidden);
}
