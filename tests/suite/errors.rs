//! Errors that a program can act on: `--json-errors`.

use serde_json::{Value, json};

use crate::fake::{Answer, Fault};
use crate::harness::{Out, Sandbox, closed_address};
use crate::raw::{Raw, answer, send};
use crate::world::World;

/// The notes of a call: every line but the last of an error, or all lines of a success.
#[track_caller]
fn notes_of(out: &Out) -> Vec<String> {
    let lines = out.stderr.lines().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        line["note"].as_str().map(str::to_owned)
    });
    lines.flatten().collect()
}

/// `<class> <effect> <retry>`, with `-` for what is absent.
fn verdict(error: &Value) -> String {
    let word = |key: &str| error[key].as_str().unwrap_or("-").to_owned();
    [word("class"), word("effect"), word("retry")].join(" ")
}

const SEND: [&str; 5] = ["messages", "send", "conv_1", "--content", "Hello"];
const CLOSE: [&str; 3] = ["jobs", "close", "job_1"];
const LIST: [&str; 2] = ["jobs", "list"];
const DRAFT: [&str; 5] = ["jobs", "draft", "create", "--description", "Boxes"];
const KEYED: [&str; 7] = [
    "jobs",
    "draft",
    "create",
    "--description",
    "Boxes",
    "--idempotency-key",
    "k",
];
const HIRE: [&str; 5] = ["proposals", "hire", "prop_1", "--amount", "5"];

/// Runs a command with `--json-errors` against a server.
fn run(sandbox: &Sandbox, words: &[&str], url: &str) -> Out {
    sandbox.run(&[words, &["--base-url", url, "--json-errors"]].concat())
}

#[test]
fn every_answer_has_its_class_effect_and_retry() {
    let sandbox = Sandbox::claimed();
    for (status, words, expected) in [
        (400, &SEND[..], "refused none no"),
        (401, &SEND, "auth none no"),
        (402, &SEND, "refused none no"),
        (403, &SEND, "auth none no"),
        (404, &SEND, "not_found none no"),
        (409, &SEND, "conflict none no"),
        (410, &LIST, "not_found none no"),
        (422, &SEND, "refused none no"),
        (429, &SEND, "rate_limited none yes"),
        (429, &LIST, "rate_limited none yes"),
        (501, &SEND, "server none no"),
        (500, &LIST, "server none yes"),
        (503, &LIST, "server none yes"),
        (408, &SEND, "server unknown check"),
        (500, &SEND, "server unknown check"),
        (503, &SEND, "server unknown check"),
        (524, &SEND, "server unknown check"),
        (504, &CLOSE, "server unknown yes"),
        (504, &DRAFT, "server unknown check"),
        (504, &KEYED, "server unknown yes"),
        // A second one after it was confirmed would be another contract.
        (504, &HIRE, "server unknown check"),
    ] {
        let raw = Raw::start(vec![vec![answer(status, "", "{}")]]);
        let error = run(&sandbox, words, &raw.url).error();
        assert_eq!(verdict(&error), expected, "{status} {words:?}: {error}");
        assert_eq!(error["status"], status);
        assert_eq!(error["code"], "UNKNOWN");
    }
}

#[test]
fn what_became_of_the_connection_has_its_class_effect_and_retry() {
    let sandbox = Sandbox::claimed();
    let closed = format!("http://{}", closed_address());
    let lost = Raw::start(vec![vec![]]);
    let cut = Raw::start(vec![vec![send(
        "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{",
    )]]);
    let odd = Raw::start(vec![vec![answer(200, "", "<html>")]]);
    let tls = lost.url.replace("http:", "https:");
    for (url, words, expected) in [
        (&closed, &SEND[..], "never_sent none yes"),
        (&closed, &LIST, "never_sent none yes"),
        // The server hangs up in the handshake.
        (&tls, &SEND, "never_sent none yes"),
        (&lost.url, &SEND, "outcome_unknown unknown check"),
        (&lost.url, &CLOSE, "outcome_unknown unknown yes"),
        (&lost.url, &LIST, "outcome_unknown none yes"),
        (&cut.url, &SEND, "outcome_unknown unknown check"),
        (&cut.url, &LIST, "outcome_unknown none yes"),
        (&odd.url, &SEND, "outcome_unknown unknown check"),
        // It would be just as odd again.
        (&odd.url, &LIST, "outcome_unknown none no"),
    ] {
        let error = run(&sandbox, words, url).error();
        assert_eq!(verdict(&error), expected, "{url} {words:?}: {error}");
        assert!(error.get("status").is_none(), "{error}");
        if expected.ends_with("check") {
            let look = format!("opentrain messages read --conversation-id conv_1 --base-url {url}");
            assert_eq!(error["commands"], json!([look]), "{error}");
        }
    }
    // An unacceptable certificate does not change by itself.
    let (dead, _) = crate::raw::listen(|mut stream| {
        use std::io::{Read, Write};
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(&[21, 3, 3, 0, 2, 2, 40]);
    });
    let error = run(&sandbox, &SEND, &format!("https://{dead}")).error();
    assert_eq!(verdict(&error), "never_sent none no");
}

#[test]
fn an_error_of_the_api_is_there_whole_and_in_its_own_types() {
    let sandbox = Sandbox::claimed();
    let details = json!({"reason": "contract_ended", "contractId": "ct_1", "n": 7});
    let mut refusal = Answer::error(409, "The contract has ended \u{1b}[2J", details.clone());
    refusal.headers.push(("Retry-After", "9".into()));
    let call = "POST /api/public/v1/contracts/ct_1/end";
    sandbox.fake.script(call, [Fault::Answer(refusal)]);
    let out = sandbox.run(&["contracts", "end", "ct_1", "--json-errors", "--json"]);
    let error = out.error();
    let id = error["requestId"].as_str().expect("an id").to_owned();
    assert_eq!(
        error,
        json!({
            "message": "The contract has ended \u{1b}[2J",
            "class": "conflict",
            "status": 409,
            "code": "CONFLICT",
            "reason": "contract_ended",
            "details": details,
            "requestId": id,
            "effect": "none",
            "retry": "no",
            "retryAfterSeconds": 9,
            "hint": "the contract has ended; `opentrain contracts list --status active` shows those that have not",
            "commands": ["opentrain contracts list --status active"],
        })
    );
    // One line, and nothing raw on the terminal.
    assert_eq!(out.stderr.lines().count(), 1);
    out.hides("\u{1b}");
}

#[test]
fn mistakes_in_the_words_are_told_the_same_way_wherever_the_flag_stands() {
    let sandbox = Sandbox::new();
    for words in [
        &["--json-errors", "nonsense"][..],
        &["jobs", "list", "--no-such", "--json-errors"],
        &["jobs", "--json-errors", "publish"],
        &["--json-errors", "--json=1", "jobs", "list"],
    ] {
        let out = sandbox.run(words);
        let error = out.error();
        assert_eq!(verdict(&error), "usage none no", "{error}");
        let message = error["message"].as_str().expect("a message");
        assert!(!message.starts_with("Usage error"), "{message}");
    }
    // The relevant help is a command that can be run.
    let error = sandbox.run(&["jobs", "publish", "--json-errors"]).error();
    assert_eq!(error["commands"], json!(["opentrain jobs publish --help"]));
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn the_variable_asks_for_it_too() {
    for (value, is_json) in [("1", true), ("yes", true), ("0", false), ("", false)] {
        let sandbox = Sandbox::new().env("OT_JSON_ERRORS", value);
        for words in [&["nonsense"][..], &["jobs", "list"]] {
            let out = sandbox.run(words);
            assert_eq!(out.stderr.starts_with('{'), is_json, "{value}: {out:#?}");
        }
    }
}

#[test]
fn notes_come_before_the_error_as_objects() {
    let sandbox = Sandbox::claimed().env("OT_JSON_ERRORS", "1");
    sandbox.save_config("{}");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(sandbox.config(), open).unwrap();
    let sandbox = sandbox.env("OT_API_BASE_URL", &format!("http://{}", closed_address()));
    let out = sandbox.run(&["jobs", "close", "j", "--verbose"]);
    let notes = notes_of(&out);
    assert!(notes[0].starts_with("* POST "), "{notes:?}");
    assert_eq!(verdict(&out.error()), "never_sent none yes");
    // A remark that is not about the call also comes before the error.
    let sandbox = sandbox.env("OT_API_TOKEN", "");
    let out = sandbox.run(&["jobs", "list"]);
    let notes = notes_of(&out);
    assert!(
        notes[0].starts_with("Warning: others can read"),
        "{notes:?}"
    );
    assert!(
        out.error()["message"]
            .as_str()
            .unwrap()
            .starts_with("no API token"),
        "{out:#?}"
    );
    // A success has notes and no error.
    let raw = Raw::start(vec![vec![answer(200, "", "")]]);
    let out = sandbox
        .env("OT_API_TOKEN", "ot_pat_x")
        .run(&["jobs", "list", "--base-url", &raw.url])
        .ok();
    assert_eq!(
        notes_of(&out),
        ["Done; the server answered 200 without a body."]
    );
}

#[test]
fn a_secret_that_would_be_lost_is_a_note() {
    let sandbox = Sandbox::new().env("OT_JSON_ERRORS", "1");
    // The token comes, and then there is no room for the file.
    let reply = r#"{"access_token":"ot_pat_sentinel12345678"}"#;
    let raw = Raw::start(vec![vec![answer(201, "", reply)]]);
    let out = sandbox.run(&["auth", "register", "--base-url", &raw.url]);
    assert!(
        notes_of(&out).iter().any(|note| note.contains(reply)),
        "{out:#?}"
    );
    let error = out.error();
    assert_eq!(verdict(&error), "local - check");
    assert!(!error.to_string().contains("sentinel"), "{error}");
}

#[test]
fn an_answer_that_could_not_be_written_is_told_from_one_that_did_not_come() {
    let world = World::new();
    for (line, expected) in [
        ("$B jobs list > /dev/full", "local none yes"),
        ("$B jobs close {job} > /dev/full", "local - yes"),
        ("$B api GET /jobs/mine > /dev/full", "local none yes"),
        ("$B api POST /jobs/{job}/close > /dev/full", "local - check"),
        (
            "$B messages send {conv} --content x > /dev/full",
            "local - check",
        ),
    ] {
        let script = format!("{} --json-errors", world.fill(line));
        let error = world.sandbox.shell(&script).error();
        assert_eq!(verdict(&error), expected, "{line}");
    }
}

#[test]
fn tokens_in_a_servers_words_are_masked_and_the_line_stays_json() {
    let sandbox = Sandbox::claimed();
    let body = json!({
        "error": "bad \"ot_pat_sentinel\\\" and ot_clm_sentinel\nend",
        "code": "X",
        "details": {"k": "whsec_sentinel\"", "ot_ptk_sentinel": 1},
    });
    let raw = Raw::start(vec![vec![answer(400, "", &body.to_string())]]);
    let out = run(&sandbox, &LIST, &raw.url).hides("sentinel");
    let error = out.error();
    assert_eq!(
        error["message"],
        "bad \"ot_pat_********\\\" and ot_clm_********\nend"
    );
    assert_eq!(error["details"]["k"], "whsec_********\"");
}
