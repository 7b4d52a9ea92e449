//! `verify batches`: what is sent from a file, what is refused beforehand, verdicts as an exit
//! status, certificates to the byte.

use std::fs;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use crate::docs::script_of_manual;
use crate::fake::{Fault, verify};
use crate::harness::{Out, Sandbox, finish, sent, tool, until};
use crate::world::{ROWS, World};

const CREATE: [&str; 4] = ["verify", "batches", "create", "--items-file"];
const POST: &str = "POST /api/public/v1/verify/batches";

fn create(sandbox: &Sandbox, items: impl AsRef<[u8]>) -> Out {
    sandbox.run_with_stdin(&[&CREATE[..], &["-"]].concat(), items)
}

/// A file of JSON lines.
fn lines(count: usize) -> String {
    let one = |n| format!("{{\"prompt\":\"{n}\",\"response\":\"r\"}}\n");
    (0..count).map(one).collect()
}

/// A batch of three items, none of them decided.
fn pending(sandbox: &Sandbox) -> String {
    let out = create(sandbox, ROWS).ok();
    out.stdout_has("it is PENDING.");
    let batch = sandbox.fake.answered();
    let batch: Value = serde_json::from_str(&batch).unwrap();
    sandbox.fake.forget();
    batch["batch"]["batchId"].as_str().expect("an id").into()
}

#[test]
fn items_are_sent_as_they_are_written() {
    let a = r#"{"response":"\u00e9é","prompt":1.10,"x":12345678901234567890123,"a":1e-7,"a":[ 1 , {} ]}"#;
    let b = r#"{ "id" : "2" }"#;
    let joined = format!("[{a},{b}]");
    let pretty = format!("[\n  {a},\r\n\n{b}\n]");
    for (file, items) in [
        (format!("{a}\n{b}\n"), &joined),
        (format!("{a}\n{b}"), &joined),
        (format!("\u{feff}\r\n\n {a} \r\n\t\n{b}\r\n\n"), &joined),
        (joined.clone(), &joined),
        (format!("\n{pretty}\n\n"), &pretty),
    ] {
        let sandbox = Sandbox::claimed();
        create(&sandbox, &file).ok().stderr_is("");
        let body = format!("{{\"kind\":\"rows\",\"items\":{items}}}");
        assert_eq!(sandbox.fake.last().body, body);
        // The same from a file, with what goes next to the items.
        let path = sandbox.file("items", &file);
        let beside = ["--generator", "a \"b\"", "--kind", "episodes"];
        sandbox.run(&[&CREATE[..], &[&path], &beside].concat()).ok();
        let body = format!(r#"{{"kind":"episodes","generator":"a \"b\"","items":{items}}}"#);
        assert_eq!(sandbox.fake.last().body, body);
        assert_eq!(sandbox.fake.requests().len(), 2);
    }
}

#[test]
fn what_is_no_object_is_named_by_its_place_and_nothing_is_sent() {
    let sandbox = Sandbox::claimed();
    for (file, why) in [
        (
            "{}\n\n\"text\"\n{}",
            "has something other than an object at line 3",
        ),
        ("\n{}\n[]", "has something other than an object at line 3"),
        ("{}\r\nnull", "has something other than an object at line 2"),
        ("7\n{}", "has something other than an object at line 1"),
        ("{}\ntrue", "has something other than an object at line 2"),
        (
            "{}\n{\"a\":}\n",
            "is not JSON on line 2: expected value at column 6",
        ),
        (
            "{}\n{}{}\n",
            "is not JSON on line 2: trailing characters at column 3",
        ),
        (
            "{\n  \"a\": 1\n}\n",
            "is not JSON on line 1: EOF while parsing an object at column 1",
        ),
        (
            "\n\n[{},\n {}, 3\n]",
            "has something other than an object at index 2",
        ),
        (
            "\n[{},\n {},\n]",
            "is not JSON: expected value at line 4 column 1",
        ),
        (
            "[{}",
            "is not JSON: EOF while parsing a list at line 1 column 3",
        ),
        ("[]", "contains no items"),
        ("[ \n ]", "contains no items"),
        (" \n\n", "standard input is empty"),
    ] {
        let out = create(&sandbox, file).fails();
        let out = out.stderr_has(&format!(
            "--items-file{}",
            if why.starts_with("st") { ": " } else { " " }
        ));
        out.stderr_has(why).stderr_has("; nothing was sent");
    }
    create(&sandbox, "{\n}")
        .fails()
        .stderr_line("Hint: each item goes on a line of its own, as `jq -c` writes it");
    sandbox
        .run(&CREATE[..3])
        .fails()
        .stderr_has("`verify batches create` needs exactly one of --items-file, --items");
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn items_on_the_command_line_are_sent_and_judged_as_those_of_a_file() {
    let sandbox = Sandbox::claimed();
    let create = |items: &str, more: &[&str]| {
        sandbox.run(&[&CREATE[..3], &["--items", items], more].concat())
    };
    let items = " [ {\"a\":1.10,\"z\":1e-7,\"a\":\"\\u00e9é\"},\n{} ]\n";
    create(items, &["--generator", "g"]).ok().stderr_is("");
    let body = format!(
        r#"{{"generator":"g","kind":"rows","items":{}}}"#,
        items.trim()
    );
    assert_eq!(sandbox.fake.last().body, body);
    let dry = create("[{\"a\":1.10}]", &["--dry-run"]).ok();
    dry.stdout_has("1.10");
    sandbox.fake.forget();
    let many = format!("[{}{{}}]", "{},".repeat(200));
    for (items, why) in [
        ("{}", "takes a JSON array of objects"),
        ("{}\n{}", "takes a JSON array of objects"),
        ("rows.jsonl", "takes a JSON array of objects"),
        (" ", "takes a JSON array of objects"),
        ("[{},7]", "has something other than an object at index 1"),
        (
            "[{}",
            "is not JSON: EOF while parsing a list at line 1 column 3",
        ),
        ("[]", "contains no items"),
        (&many, "contains 201 items, and a batch takes at most 200"),
    ] {
        let out = create(items, &[]).fails();
        out.stderr_has(&format!("Usage error: --items {why}; nothing was sent\n"));
    }
    create(&many, &[])
        .fails()
        .stderr_line("Hint: make several batches of them");
    create("", &[]).fails().stderr_has("--items needs a value");
    create("-", &[])
        .fails()
        .stderr_has("--items takes the text itself; for standard input use --items-file -");
    create("[{}]", &["--items-file", "rows.jsonl"])
        .fails()
        .stderr_has("needs exactly one of --items-file, --items");
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn more_than_200_are_refused_with_a_way_to_split_them_that_works() {
    let array = |lines: &str| format!("[{}]", lines.trim_end().replace('\n', ","));
    for (file, split) in [
        (lines(201), "split -l 200 'my rows' part-"),
        (
            array(&lines(201)),
            "jq -c '.[]' 'my rows' | split -l 200 - part-",
        ),
    ] {
        let sandbox = Sandbox::claimed();
        sandbox.file("my rows", &file);
        let given = ["my rows", "--generator", "nightly run"];
        let out = sandbox.run(&[&CREATE[..], &given].concat()).fails();
        let each = "opentrain verify batches create --generator 'nightly run' --items-file <part>";
        out.stderr_is(&format!(
            "Usage error: --items-file contains 201 items, and a batch takes at most 200; nothing was sent\n\
             Hint: `{split}` splits it; then for each part `{each}`\n"
        ));
        assert!(sandbox.fake.requests().is_empty());
        let each = each.replace("opentrain", "$B").replace("<part>", "$part");
        let script = format!("{split}\nfor part in part-*; do {each} --get batch.itemCount; done");
        sandbox.shell(&script).ok().stdout_is("200\n1\n");
        let bodies = sandbox.fake.requests();
        assert!(
            bodies
                .iter()
                .all(|r| r.json()["generator"] == "nightly run")
        );
    }
    let sandbox = Sandbox::claimed();
    for (file, split) in [
        (lines(500), "split -l 200 /dev/stdin part-"),
        (
            array(&lines(500)),
            "jq -c '.[]' /dev/stdin | split -l 200 - part-",
        ),
    ] {
        create(&sandbox, file)
            .fails()
            .stderr_has("contains 500 items")
            .stderr_has(&format!("Hint: `{split}` splits"));
    }
    // So many that they are not even counted.
    create(&sandbox, format!("[{}{{}}]", "{},".repeat(100_001)))
        .fails()
        .stderr_has("contains far too many items; nothing was sent");
    assert!(sandbox.fake.requests().is_empty());
    create(&sandbox, lines(200))
        .ok()
        .stdout_has("items    200\n");
}

#[test]
fn a_file_is_in_memory_twice_and_no_more() {
    const MIB: usize = 1024 * 1024;
    let sandbox = Sandbox::claimed();
    let item = format!("{{\"prompt\":\"{}\"}}", "x".repeat(MIB / 2));
    let all = vec![item; 16];
    sandbox.file("lines", all.join("\n"));
    sandbox.file("array", format!("[{}]", all.join(",")));
    for file in ["lines", "array"] {
        let (held, let_go) = Fault::held();
        sandbox.fake.script(POST, [held]);
        sandbox.fake.forget();
        let child = sandbox.start(&[&CREATE[..], &[file]].concat());
        until("a request", || !sandbox.fake.requests().is_empty());
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let_go.store(true, Ordering::SeqCst);
        Out::of(child).ok();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        let peak: usize = peak.expect("a number");
        // The program itself takes some; a third copy would be beyond this.
        assert!(peak * 1024 < 2 * 8 * MIB + 10 * MIB, "{file}: {peak} KiB");
    }
}

#[test]
fn the_same_items_give_the_same_batch() {
    let sandbox = Sandbox::claimed();
    let id = pending(&sandbox);
    create(&sandbox, ROWS).ok().stdout_has(&format!(
        "Batch {id} was already there, with these items; it is PENDING.\n  price    0.30 USD"
    ));
    // So a lost answer is no question: the same command may be run again.
    sandbox.fake.script(POST, [Fault::Drop]);
    let out = create(&sandbox, lines(2)).fails();
    out.stderr_has("Hint: running it again is safe: the same items give the same batch");
    sandbox.fake.script(POST, [Fault::Drop]);
    let words = [&CREATE[..], &["-", "--json-errors"]].concat();
    let out = sandbox.run_with_stdin(&words, lines(2)).fails();
    let error = out.error();
    assert_eq!(
        [&error["class"], &error["effect"], &error["retry"]],
        ["outcome_unknown", "unknown", "yes"]
    );
    // It is not run again without being told to.
    assert_eq!(sandbox.fake.requests().len(), 3);
    assert_eq!(sandbox.fake.change(|s| s.batches.len()), 2);
}

#[test]
fn a_price_beyond_the_credits_is_said_as_money_with_the_command_that_gets_more() {
    let sandbox = Sandbox::claimed();
    sandbox.fake.change(|s| s.verdicts_cost = true);
    create(&sandbox, lines(150))
        .fails()
        .stderr_has("(402 PAYMENT_REQUIRED): Not enough credits\n")
        .stderr_line(
            "Hint: not enough credits: 15.00 USD required; `opentrain credits top-up --amount <usd>` makes a link where a human can buy more",
        );
    for (details, says) in [
        // How much to buy is for the human to say.
        (
            json!({"requiredCents": 30}),
            "not enough credits: 0.30 USD required; `opentrain credits top-up --amount <usd>` makes",
        ),
        (
            json!({"requiredCents": 1_000_001}),
            "not enough credits: 10000.01 USD required; `opentrain credits top-up --amount <usd>` makes",
        ),
        (
            json!({"requiredCents": "many"}),
            "not enough credits: many cents required; `opentrain credits top-up --amount <usd>` makes",
        ),
        (
            json!({}),
            "not enough credits; `opentrain credits top-up --amount <usd>` makes",
        ),
    ] {
        let body = json!({"error": "No", "code": "PAYMENT_REQUIRED", "details": details});
        let fault = Fault::body(402, &body.to_string());
        sandbox.fake.script(POST, [fault.clone(), fault]);
        create(&sandbox, "{}").fails().stderr_has(says);
        let by_hand = ["api", "POST", "/verify/batches", "--set", "kind=rows"];
        sandbox.run(&by_hand).fails().stderr_has(says);
    }
    // Where it can be paid, it is.
    sandbox
        .fake
        .change(|s| s.accounts[0].available_cents = 1500);
    create(&sandbox, lines(150))
        .ok()
        .stdout_has("  price    15.00 USD, CREDITS\n");
    assert_eq!(sandbox.fake.change(|s| s.accounts[0].available_cents), 0);
}

#[test]
fn verdicts_come_one_after_another_and_completed_is_not_the_end() {
    let sandbox = Sandbox::claimed();
    sandbox.fake.change(|s| s.confirm_by_itself = true);
    let id = pending(&sandbox);
    let look = || {
        sandbox
            .run(&["verify", "batches", "results", &id])
            .ok()
            .stdout
    };
    for says in [
        "is PENDING: 0 accepted, 0 fixed, 0 rejected, 3 pending.\n",
        "is PENDING: 1 accepted, 0 fixed, 0 rejected, 2 pending.\n",
        "is COMPLETED: 1 accepted, 1 fixed, 0 rejected, 1 pending.\n",
        "is COMPLETED: 2 accepted, 1 fixed, 0 rejected, 0 pending.\n",
    ] {
        let page = look();
        assert!(page.starts_with(&format!("Batch {id} {says}")), "{page}");
    }
    assert_eq!(look(), look());
    let words = ["verify", "batches", "results", &id];
    let values = [
        "--get",
        "items[].index",
        "--get",
        "items[].verdict",
        "--get",
        "items[].fixedText",
    ];
    sandbox
        .run(&[&words[..], &values].concat())
        .ok()
        .stdout_is("0\tACCEPT\t\n1\tFIX\tthe Nile\n2\tACCEPT\t\n");
    sandbox
        .run(&[&words[..], &["--jsonl"]].concat())
        .ok()
        .stdout_has("\"verdict\":\"FIX\"}\n{");
}

#[test]
fn unwanted_verdicts_make_the_exit_status_1_after_the_answer() {
    let world = World::new();
    let whole = world.run("verify batches results {vb}").ok().stdout;
    for (unwanted, says) in [
        ("REJECT", "verdicts that --fail-on REJECT names: 1 of 3"),
        (
            "REJECT,FIX",
            "verdicts that --fail-on REJECT,FIX names: 2 of 3",
        ),
        (
            "FIX,~FIX,PENDING",
            "verdicts that --fail-on FIX, FIX,PENDING names: 1 of 3",
        ),
    ] {
        let line = format!("verify batches results {{vb}} --fail-on {unwanted}");
        let error = format!("Error: {says}\n");
        world
            .run(&line)
            .breaks_off()
            .stdout_is(&whole)
            .stderr_is(&error);
        let json = world.run(&format!("{line} --json")).breaks_off();
        assert_eq!(json.json()["summary"]["fixed"], 1);
        let out = world
            .run(&format!("{line} --jsonl --json-errors"))
            .breaks_off();
        assert_eq!(out.stdout.lines().count(), 3);
        let error: Value = serde_json::from_str(&out.stderr).unwrap();
        assert_eq!(
            error,
            json!({"message": says, "class": "unmet", "effect": "none", "retry": "no"})
        );
    }
    let line = "verify batches results {vb} --fail-on PENDING";
    world.run(line).ok().stdout_is(&whole).stderr_is("");
    // A reader that has seen enough does not change what is true.
    world
        .sandbox
        .shell(&world.fill(
            "{ $B verify batches results {vb} --fail-on FIX --jsonl; echo $? > status; } | true; cat status",
        ))
        .stdout_is("1\n");
}

#[test]
fn what_cannot_be_told_of_verdicts_is_not_taken_for_good() {
    let sandbox = Sandbox::claimed();
    let id = pending(&sandbox);
    let words = ["verify", "batches", "results", &id, "--fail-on"];
    sandbox
        .run(&[&words[..], &["REJECT"]].concat())
        .ok()
        .stderr_is("Note: verdicts still PENDING: 3 of 3.\n");
    sandbox
        .run(&[&words[..], &["REJECT,PENDING"]].concat())
        .breaks_off()
        .stderr_is("Error: verdicts that --fail-on REJECT,PENDING names: 3 of 3\n");
    let line = format!("GET /api/public/v1/verify/batches/{id}/results");
    for body in [
        "{}",
        r#"{"items":[]}"#,
        r#"{"items":{}}"#,
        r#"{"items":[{"index":0}]}"#,
        r#"{"items":[{"index":0,"verdict":"ACCEPT"},{"index":1,"verdict":null}]}"#,
    ] {
        sandbox.fake.script(&line, [Fault::body(200, body)]);
        sandbox
            .run(&[&words[..], &["REJECT"]].concat())
            .breaks_off()
            .stderr_has("Error: the reply lacks verdicts, so --fail-on cannot be checked");
    }
    sandbox.fake.script(&line, [Fault::body(204, "")]);
    let out = sandbox.run(&[&words[..], &["REJECT"]].concat()).fails();
    out.stderr_has("cannot be checked");
    // A misspelled verdict would never be found.
    sandbox.fake.forget();
    for wrong in ["REJCT", "reject", "REJECT;FIX", "FIX,REJCT"] {
        let out = sandbox.run(&[&words[..], &[wrong]].concat()).fails();
        let part = wrong.split(',').next_back().unwrap();
        out.stderr_has(&format!(
            "Usage error: --fail-on takes ACCEPT, FIX, REJECT, PENDING, not `{part}`"
        ));
    }
    assert!(sandbox.fake.requests().is_empty());
}

/// A certificate that printing again would change, with blanks that the sum does not cover, and the
/// text that it covers.
const ODD: (&str, &str) = (
    "{ \"z\" : [ 0.00001, 1e-7, 1.10 ],\n\t\"a\": \"\u{e9}\u{7f}\u{9b}\u{202e} \\ud800 \\\" , :\", \"n\": { } }",
    "{\"z\":[0.00001,1e-7,1.10],\"a\":\"\u{e9}\u{7f}\u{9b}\u{202e} \\ud800 \\\" , :\",\"n\":{}}",
);

#[test]
fn raw_is_the_certificate_to_the_byte() {
    let world = World::new();
    let line = world.fill("GET /api/public/v1/verify/batches/{vb}/certificate");
    let reply = format!("{{\"x\":1,\"certificate\": {} ,\"sha256\":\"s\"}}\n", ODD.0);
    let script = |n| {
        world
            .sandbox
            .fake
            .script(&line, vec![Fault::body(200, &reply); n])
    };
    script(1);
    let raw = "verify batches certificate {vb} --raw";
    world.run(raw).ok().stderr_is("").stdout_is(ODD.1);
    // A screen is not a file.
    script(1);
    let mut terminal = tool("script");
    let call = world.fill(&format!("{} {raw}", crate::harness::BINARY));
    terminal.args(["-qec", &call, "/dev/null"]);
    world.sandbox.clean(&mut terminal);
    let shown = finish(terminal, "").ok().stdout;
    let escaped = ODD
        .1
        .replace('\u{7f}', "\\u007f")
        .replace('\u{9b}', "\\u009b");
    assert_eq!(shown.trim_end(), escaped.replace('\u{202e}', "\\u202e"));
    for (reply, why) in [
        ("{}", "the reply has no object `certificate`"),
        (
            r#"{"certificate":"text"}"#,
            "the reply has no object `certificate`",
        ),
        ("", "the reply has no object `certificate`"),
    ] {
        world.sandbox.fake.script(&line, [Fault::body(200, reply)]);
        world.run(raw).fails().stderr_has(why);
    }
    world.sandbox.fake.forget();
    for form in ["--json", "--get sha256"] {
        world
            .run(&format!("{raw} {form}"))
            .fails()
            .stderr_has("two forms of the answer");
    }
    assert!(world.sandbox.fake.requests().is_empty());
}

#[test]
fn the_recipe_of_the_manual_checks_a_certificate() {
    let world = World::new();
    let sandbox = &world.sandbox;
    let script = script_of_manual(sandbox, "verify", "CHECKING A CERTIFICATE");
    assert_eq!(script.lines().count(), 3, "{script}");
    let script = script.replace("opentrain ", "$B ");
    let script = world.fill(&format!("batch={{vb}}\n{script}"));
    sandbox
        .shell(&script)
        .ok()
        .stdout_is("certificate.json: OK\n");
    // Exactly what the server hashed, which the fake did over its own text.
    let file = fs::read_to_string(sandbox.home.join("certificate.json")).unwrap();
    assert!(
        file.starts_with("{\"certificateVersion\":2,\"batch\":{\"batchId\":"),
        "{file}"
    );
    assert!(file.ends_with("\u{2713}\"}"), "{file}");
    let line = world.fill("GET /verify/batches/{vb}/certificate");
    assert_eq!(sent(&sandbox.fake.requests())[..2], [line.clone(), line]);
    // One digit more.
    let tampered = script.replace("sum=", "printf 1 >> certificate.json\nsum=");
    let out = sandbox.shell(&tampered);
    assert_eq!(out.status, Some(1));
    out.stdout_is("certificate.json: FAILED\n");
}

#[test]
fn a_batch_with_pending_items_has_no_certificate_yet() {
    let sandbox = Sandbox::claimed();
    let id = pending(&sandbox);
    sandbox
        .run(&["verify", "batches", "certificate", &id])
        .fails()
        .stderr_has("(409 CONFLICT): Items are pending\n");
    sandbox.fake.change(|s| {
        (0..3).for_each(|n| verify::decide(s, &id, n, "ACCEPT", ""));
    });
    sandbox
        .run(&["verify", "batches", "certificate", &id])
        .ok()
        .stdout_has("  verdicts\n    accepted  3\n");
}

#[test]
fn a_pipe_from_jq_is_enough() {
    let sandbox = Sandbox::claimed();
    sandbox.file(
        "rows.jsonl",
        "{\n \"prompt\": \"a\" }\n{\"prompt\":\n\"b\"}",
    );
    sandbox
        .shell("jq -c . rows.jsonl | $B verify batches create --items-file - --get batch.batchId")
        .ok()
        .stderr_is("")
        .stdout_is("vb_1\n");
    assert_eq!(
        sandbox.fake.last().body,
        r#"{"kind":"rows","items":[{"prompt":"a"},{"prompt":"b"}]}"#
    );
    // The newest first, of this account alone.
    create(&sandbox, "{}").ok();
    sandbox
        .run(&["verify", "batches", "list", "--get", "batches[].batchId"])
        .ok()
        .stdout_is("vb_2\nvb_1\n");
    let other = sandbox.fake.change(|s| s.claimed_account());
    let sandbox = sandbox.env("OT_API_TOKEN", &other);
    sandbox
        .run(&["verify", "batches", "list"])
        .ok()
        .stdout_is("No batches.\n");
    sandbox
        .run(&["verify", "batches", "get", "vb_1"])
        .fails()
        .stderr_has("Hint: check the id");
}

#[test]
fn beta_stands_in_every_help_and_in_the_manual() {
    let sandbox = Sandbox::new();
    let list = sandbox.run(&["help", "verify", "--json"]).ok().json();
    for command in list["commands"].as_array().unwrap() {
        let about = command["about"].as_str().unwrap();
        assert!(about.starts_with("Beta."), "{about}");
    }
    for words in [&["--help"][..], &["verify"], &["man"], &["man", "verify"]] {
        sandbox.run(words).ok().stdout_has("(beta)");
    }
    // The rest of that surface is reached with `api`.
    sandbox
        .run(&["api", "--help"])
        .ok()
        .stdout_has("/verify/reward");
}

/// Looks are five seconds apart, so this test takes about ten.
#[test]
fn verdicts_are_waited_for_until_none_is_pending() {
    let sandbox = Sandbox::claimed();
    sandbox.fake.change(|s| s.confirm_by_itself = true);
    let file = sandbox.file(
        "rows.jsonl",
        "{\"prompt\":\"a\",\"response\":\"b\"}\n{\"prompt\":\"c\",\"response\":\"d\"}\n",
    );
    let create = [
        "verify",
        "batches",
        "create",
        "--items-file",
        &file,
        "--wait",
    ];
    let out = sandbox.run(&[&create[..], &["--timeout", "1", "--json"]].concat());
    assert_eq!((out.status, out.stdout.as_str()), (Some(1), ""), "{out:#?}");
    let on = out.stderr.split("keep waiting with `opentrain ").nth(1);
    let on = on
        .and_then(|rest| rest.split('`').next())
        .expect("a command");
    let words: Vec<&str> = on.split(' ').chain(["--jsonl"]).collect();
    let lines = sandbox.run(&words).ok().stderr_is("").stdout;
    assert_eq!(lines.lines().count(), 2, "{lines}");
    assert!(!lines.contains("PENDING"), "{lines}");
    // The same items give the same batch: it is decided already, and shown at once.
    let out = sandbox.run(&create).ok();
    out.stdout_has(" 0 pending.");
}
