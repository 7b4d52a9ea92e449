//! Following the feed: no event is lost, whatever ends the run.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::fake::Fault;
use crate::harness::{Out, Sandbox, until};

const UPDATES: &str = "GET /api/public/v1/updates";

/// Events of one account, numbered from `from` on.
fn events(sandbox: &Sandbox, count: usize) {
    sandbox.fake.change(|s| {
        for n in 0..count {
            let data = json!({"proposalId": format!("prop_{n}")});
            s.event(
                0,
                "proposal.received",
                &format!("prop_{n}"),
                Value::Null,
                data,
            );
        }
    });
}

fn ids(lines: &str) -> Vec<u64> {
    let id = |line: &str| {
        let event: Value = serde_json::from_str(line).expect("a line of JSON");
        event["id"]
            .as_str()
            .and_then(|id| id.parse().ok())
            .expect("an id")
    };
    lines.lines().map(id).collect()
}

/// A program that keeps what it is given.
fn handler(sandbox: &Sandbox, script: &str) -> String {
    let text = sandbox.file("handle.txt", format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(&text, fs::Permissions::from_mode(0o755)).unwrap();
    let path = sandbox.home.join("handle").display().to_string();
    crate::harness::copy_to_run(&text, &path);
    path
}

fn kept(sandbox: &Sandbox) -> String {
    fs::read_to_string(sandbox.home.join("c")).unwrap_or_default()
}

#[test]
fn once_drains_the_feed_and_the_file_goes_on_where_it_stopped() {
    let sandbox = Sandbox::claimed();
    let once = ["updates", "watch", "--cursor-file", "c", "--once"];
    // An account without events has no cursor, and null is not stored.
    sandbox.run(&once).ok().stdout_is("").stderr_is("");
    assert!(!sandbox.home.join("c").exists());
    events(&sandbox, 450);
    let first = ids(&sandbox.run(&once).ok().stderr_is("").stdout);
    assert_eq!(first.len(), 450);
    assert!(first.is_sorted());
    assert_eq!(kept(&sandbox), format!("{}\n", first[449]));
    sandbox.run(&once).ok().stdout_is("");
    events(&sandbox, 3);
    assert_eq!(ids(&sandbox.run(&once).ok().stdout).len(), 3);
    // `updates poll` shares the file.
    events(&sandbox, 2);
    let poll = ["updates", "poll", "--cursor-file", "c", "--jsonl"];
    assert_eq!(ids(&sandbox.run(&poll).ok().stdout).len(), 2);
    sandbox.run(&poll).ok().stdout_is("");
    sandbox
        .run(&["updates", "poll", "--cursor-file", "c"])
        .ok()
        .stdout_is("Nothing new.\nThat is all for now. Next time: opentrain updates poll --cursor-file c\n");
    let names: Vec<_> = fs::read_dir(&sandbox.home)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert!(
        !names.iter().any(|n| n.to_string_lossy().ends_with(".tmp")),
        "{names:?}"
    );
}

#[test]
fn a_cursor_file_that_holds_anything_else_is_named_and_nothing_is_sent() {
    let sandbox = Sandbox::claimed();
    for held in [
        "null\n",
        "",
        "\n",
        "1 2",
        "\"5\"",
        "1\n2\n",
        "{}",
        "caf\u{e9}",
    ] {
        sandbox.file("c", held);
        for command in ["poll", "watch"] {
            sandbox
                .run(&["updates", command, "--cursor-file", "c"])
                .fails()
                .stderr_has(
                    "--cursor-file: c contains something other than one cursor; nothing was sent",
                );
        }
        assert_eq!(kept(&sandbox), held);
    }
    sandbox.file("c", "7\n");
    for words in [
        &["--cursor-file", "c", "--cursor", "5"][..],
        &["--cursor-file", "/proc/c"],
        &["--cursor-file", "/"],
        &["--cursor-file", "no/such/folder/c"],
        &["--exec", "./nothing"],
        &["--exec", "no-such-program"],
        &["--exec", "./c"],
        &["--interval", "0"],
    ] {
        sandbox
            .run(&[&["updates", "watch"], words].concat())
            .fails();
    }
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn events_come_as_they_happen_and_only_those_that_are_wanted() {
    let sandbox = Sandbox::claimed();
    let words = [
        "updates",
        "watch",
        "--interval",
        "1",
        "--events",
        "message.received,contract.created",
    ];
    let mut command = sandbox.command(&words);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    until("a look", || !sandbox.fake.requests().is_empty());
    events(&sandbox, 2);
    sandbox.fake.change(|s| {
        s.event(
            0,
            "message.received",
            "msg_1",
            Value::Null,
            json!({"messageId": "msg_1"}),
        )
    });
    let line: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(
        (&line["type"], &line["resourceId"]),
        (&"message.received".into(), &"msg_1".into())
    );
    drop(lines);
    // A closed pipe ends it, without an error.
    sandbox
        .fake
        .change(|s| s.event(0, "message.received", "msg_2", Value::Null, json!({})));
    let out = Out::of(child);
    assert_eq!((out.status, out.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_program_is_found_where_a_shell_finds_it() {
    let sandbox = Sandbox::claimed();
    events(&sandbox, 2);
    // Its own output is not part of the feed.
    sandbox
        .run(&["updates", "watch", "--exec", "true", "--once"])
        .ok()
        .stdout_is("")
        .stderr_is("");
}

#[test]
fn a_program_acknowledges_each_event_by_ending_with_0() {
    let sandbox = Sandbox::claimed();
    events(&sandbox, 5);
    // It fails on the third until a file says otherwise.
    let handle = handler(
        &sandbox,
        "read -r line; case $line in *prop_2*) [ -e fixed ] || { : > failed; exit 3; };; esac; echo \"$line\" >> done; echo passes through",
    );
    let once = [
        "updates",
        "watch",
        "--cursor-file",
        "c",
        "--exec",
        &handle,
        "--once",
    ];
    let out = sandbox.run(&once);
    assert_eq!(out.status, Some(1));
    assert_eq!(out.stdout, "passes through\n".repeat(2));
    let third = ids(&fs::read_to_string(sandbox.home.join("done")).unwrap())[1] + 1;
    out.stderr_has(&format!(
        "{handle} ended with 3 on event {third}; it gets it again next time"
    ));
    assert_eq!(kept(&sandbox), format!("{}\n", third - 1));
    sandbox.file("fixed", "");
    sandbox.run(&once).ok().stderr_is("");
    let done = ids(&fs::read_to_string(sandbox.home.join("done")).unwrap());
    assert_eq!(done, (third - 2..third + 3).collect::<Vec<_>>());
    // Without --once it gets the event again, after a wait of two seconds.
    fs::remove_file(sandbox.home.join("fixed")).unwrap();
    fs::remove_file(sandbox.home.join("failed")).unwrap();
    sandbox.file("c", format!("{}\n", third - 1));
    let child = sandbox.start(&once[..once.len() - 1]);
    until("a failure", || sandbox.home.join("failed").exists());
    sandbox.file("fixed", "");
    until("the end of the feed", || {
        kept(&sandbox) == format!("{}\n", third + 2)
    });
    let mut child = child;
    child.kill().unwrap();
    let out = Out::of(child);
    out.stderr_has("it gets it again in 2 s");
}

#[test]
fn faults_are_waited_for_with_one_note_and_a_refused_token_ends_it() {
    let sandbox = Sandbox::claimed();
    events(&sandbox, 1);
    // A look makes three attempts when a gateway fails, so this is one failed look.
    sandbox.fake.script(UPDATES, [Fault::status(500)]);
    let out = sandbox.run(&["updates", "watch", "--once"]).ok();
    assert_eq!(ids(&out.stdout).len(), 1);
    assert_eq!(
        out.stderr,
        "Note: 500 INTERNAL_ERROR: scripted fault; trying again until it works.\n"
    );
    for status in [401, 403] {
        sandbox.fake.script(UPDATES, [Fault::status(status)]);
        sandbox
            .run(&["updates", "watch"])
            .fails()
            .stderr_has(&format!("({status} "));
    }
}

#[test]
fn an_event_that_could_not_be_kept_track_of_comes_again() {
    let sandbox = Sandbox::claimed();
    events(&sandbox, 2);
    let folder = sandbox.home.join("f");
    fs::create_dir(&folder).unwrap();
    sandbox.file("f/c", "0\n");
    // The disk under the cursor fills up after the run began: the program of each event does it.
    let handle = handler(&sandbox, "cat >> seen; rm -r f; : > f");
    let words = [
        "updates",
        "watch",
        "--cursor-file",
        "f/c",
        "--exec",
        &handle,
        "--once",
    ];
    sandbox
        .run(&words)
        .fails()
        .stderr_has("--cursor-file: f/c could not be updated to the cursor ")
        .stderr_has("the events up to it were written, and will come again");
    assert_eq!(
        ids(&fs::read_to_string(sandbox.home.join("seen")).unwrap()).len(),
        1
    );
}

#[test]
fn what_was_written_nowhere_is_not_delivered() {
    let sandbox = Sandbox::claimed();
    events(&sandbox, 3);
    sandbox.file("c", "5\n");
    for command in [
        "updates watch --once",
        "updates poll",
        "updates poll --jsonl",
        "updates poll --all --json",
    ] {
        let script = format!("'{}' {command} --cursor-file c >&-", crate::harness::BINARY);
        sandbox.shell(&script).ok();
        assert_eq!(kept(&sandbox), "5\n", "{command}");
    }
    // A page that is not as documented does not move the cursor either.
    let odd = json!({"nextCursor": "78", "hasMore": false}).to_string();
    sandbox.fake.script(UPDATES, [Fault::body(200, &odd)]);
    sandbox
        .run(&["updates", "poll", "--cursor-file", "c", "--json"])
        .ok();
    assert_eq!(kept(&sandbox), "5\n");
}

#[test]
fn a_cursor_is_kept_as_it_comes_or_refused_when_it_comes() {
    let sandbox = Sandbox::claimed();
    let once = ["updates", "watch", "--cursor-file", "c", "--once"];
    let page =
        |cursor: Value| json!({"events": [], "nextCursor": cursor, "hasMore": false}).to_string();
    for (cursor, text) in [(json!("a:b|c,d%=="), "a:b|c,d%=="), (json!(77), "77")] {
        let _ = fs::remove_file(sandbox.home.join("c"));
        sandbox
            .fake
            .script(UPDATES, [Fault::body(200, &page(cursor))]);
        sandbox.run(&once).ok();
        assert_eq!(kept(&sandbox), format!("{text}\n"));
        // What was written can be read.
        sandbox.fake.forget();
        sandbox
            .fake
            .script(UPDATES, [Fault::body(200, &page(Value::Null))]);
        sandbox.run(&once).ok();
        assert_eq!(sandbox.fake.last().param("cursor"), Some(text));
    }
    for cursor in [json!("null"), json!("two words"), json!("{}")] {
        sandbox
            .fake
            .script(UPDATES, [Fault::body(200, &page(cursor))]);
        sandbox
            .run(&once)
            .fails()
            .stderr_has("cannot hold the server's cursor");
        assert_eq!(kept(&sandbox), "77\n");
    }
}

#[test]
fn a_link_to_a_cursor_stays_one_and_the_mode_of_the_file_too() {
    let sandbox = Sandbox::claimed();
    events(&sandbox, 1);
    fs::create_dir(sandbox.home.join("d")).unwrap();
    std::os::unix::fs::symlink("d/real", sandbox.home.join("c")).unwrap();
    let once = ["updates", "watch", "--cursor-file", "c", "--once"];
    sandbox.run(&once).ok();
    assert!(
        fs::symlink_metadata(sandbox.home.join("c"))
            .unwrap()
            .is_symlink()
    );
    let real = sandbox.home.join("d/real");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    events(&sandbox, 1);
    sandbox.run(&once).ok();
    assert_eq!(crate::harness::mode(&real) & 0o777, 0o640);
}

#[test]
fn a_person_reads_rows_under_one_heading() {
    let sandbox = Sandbox::claimed();
    // More than a page of the feed.
    events(&sandbox, 250);
    let mut command = crate::harness::tool("script");
    let words = format!("{} updates watch --once", crate::harness::BINARY);
    command.args(["-qec", &words, "/dev/null"]);
    sandbox.clean(&mut command);
    command.env("TERM", "xterm");
    let text = crate::harness::finish(command, "").ok().stdout;
    assert_eq!(text.matches("CREATED").count(), 1, "{text}");
    assert_eq!(text.matches("proposal.received").count(), 250);
    assert!(!text.contains('{'), "{text}");
}
