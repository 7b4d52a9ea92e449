//! Waiting for people. The first pause is five seconds, so most of these tests take as long.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::fake::Fault;
use crate::harness::{BINARY, Out, Sandbox, tool, until};
use crate::world::World;

const POLL: &str = "POST /api/agent/oauth/token";

fn registered() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.run(&["auth", "register"]).ok();
    sandbox.fake.forget();
    sandbox
}

#[test]
fn wait_polls_until_the_claim_is_done_and_is_silent_in_a_pipe() {
    let sandbox = registered();
    let start = Instant::now();
    let child = sandbox.start(&["auth", "claim-status", "--wait"]);
    until("a first poll", || sandbox.fake.requests().len() == 1);
    sandbox.fake.change(|s| s.confirm_claim(0));
    Out::of(child)
        .ok()
        .stderr_is("")
        .stdout_has("The account is claimed");
    assert!(start.elapsed() >= Duration::from_secs(5));
    assert_eq!(sandbox.fake.requests().len(), 2);
    assert!(sandbox.read_config()["claimToken"].is_null());
}

#[test]
fn slow_down_adds_five_seconds() {
    let sandbox = registered();
    sandbox.fake.script(POLL, [Fault::slow_down()]);
    let start = Instant::now();
    let child = sandbox.start(&["auth", "claim-status", "--wait"]);
    until("a first poll", || sandbox.fake.requests().len() == 1);
    sandbox.fake.change(|s| s.confirm_claim(0));
    Out::of(child).ok();
    assert!(start.elapsed() >= Duration::from_secs(10));
    assert_eq!(sandbox.fake.requests().len(), 2);
}

#[test]
fn wait_stops_at_its_timeout() {
    let sandbox = registered();
    let start = Instant::now();
    sandbox
        .run(&["auth", "claim-status", "--wait", "--timeout", "1"])
        .fails()
        .stderr_has("Error: the account is not claimed after 1 s\nHint: ");
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(sandbox.fake.requests().len(), 1);
    assert_eq!(sandbox.config_files(), ["cli.json"]);
}

#[test]
fn a_server_that_is_away_for_a_while_is_waited_for() {
    let sandbox = registered();
    let away = format!("http://{}", crate::harness::closed_address());
    sandbox
        .run(&[
            "auth",
            "claim-status",
            "--wait",
            "--timeout",
            "2",
            "--base-url",
            &away,
        ])
        .fails()
        .stderr_has(&format!(
            "Error: the account is not claimed after 2 s: {away} could not be reached: connection refused"
        ));
}

#[test]
fn on_a_terminal_one_line_says_how_long_is_left() {
    let sandbox = registered();
    let mut command = tool("script");
    let words = format!("{} auth claim-status --wait --timeout 2", BINARY);
    command.args(["-qec", &words, "/dev/null"]);
    sandbox.clean(&mut command);
    command.env("TERM", "xterm").stdin(Stdio::null());
    let out = command.output().expect("script(1) is installed");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(out.status.code(), Some(1), "{text}");
    assert!(
        text.contains("Waiting for the claim; 0 min 01 s left."),
        "{text:?}"
    );
    // Each line is taken away before the next is shown, the last one too.
    let shown = text.matches("Waiting for").count();
    assert_eq!(
        text.matches("\u{1b}[1A\u{1b}[2K").count(),
        shown,
        "{text:?}"
    );
}

#[test]
fn an_interrupt_ends_a_wait_with_130_and_a_clean_line() {
    let sandbox = registered();
    // A shell starts its background jobs with interrupts ignored, and this test may be running in
    // one.
    let mut command = tool("env");
    let words = ["auth", "claim-status", "--wait"];
    command.args(["--default-signal=INT", BINARY]).args(words);
    sandbox.clean(&mut command);
    let child = command.spawn().expect("env(1) of GNU");
    until("the end of a first poll", || {
        sandbox.fake.requests().len() == 1 && sandbox.config_files() == ["cli.json"]
    });
    let mut kill = tool("kill");
    kill.args(["-INT", &child.id().to_string()]);
    assert!(kill.status().expect("kill").success());
    let status = child.wait_with_output().expect("an end").status;
    // Ended by signal 2, which a shell reports as 130; nothing stays behind.
    assert_eq!(status.signal(), Some(2));
    assert_eq!(sandbox.config_files(), ["cli.json"]);

    let mut command = tool("script");
    let words = format!("env --default-signal=INT {BINARY} auth claim-status --wait --timeout 60");
    command.args(["-qec", &words, "/dev/null"]);
    sandbox.clean(&mut command);
    command.env("TERM", "xterm");
    sandbox.fake.forget();
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("script(1) is installed");
    until("a poll", || sandbox.fake.requests().len() == 1);
    // What a person types: the terminal turns it into a signal.
    let mut keyboard = child.stdin.take().expect("a terminal");
    keyboard.write_all(b"\x03").expect("a key");
    let out = child.wait_with_output().expect("an end");
    assert_eq!(out.status.code(), Some(130), "{out:?}");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    // The waiting line is complete above the cursor; only the terminal's own echo follows.
    let after = text.rsplit(" left.\r\n").next().unwrap_or_default();
    assert!(after.trim().is_empty() || after.trim() == "^C", "{text:?}");
}

#[test]
fn a_terminal_without_escapes_gets_none() {
    let sandbox = registered();
    for term in ["dumb", ""] {
        let mut command = tool("script");
        let words = format!("{} auth claim-status --wait --timeout 1", BINARY);
        command.args(["-qec", &words, "/dev/null"]);
        sandbox.clean(&mut command);
        command.env("TERM", term).stdin(Stdio::null());
        let out = command.output().expect("script(1) is installed");
        assert!(!out.stdout.contains(&0x1b), "{out:?}");
    }
}

#[test]
fn a_poll_does_not_outlive_the_wait() {
    let sandbox = registered();
    let raw = crate::raw::Raw::start(vec![vec![crate::raw::Step::Stall]]);
    let start = Instant::now();
    sandbox
        .run(&[
            "auth",
            "claim-status",
            "--wait",
            "--timeout",
            "2",
            "--base-url",
            &raw.url,
        ])
        .fails()
        .stderr_has("whether the request took effect is unknown");
    assert!(start.elapsed() < Duration::from_secs(15));
}

#[test]
fn a_busy_server_is_named_and_cannot_stretch_the_wait() {
    let sandbox = registered();
    for told in ["18446744073709551615", "3600", "1"] {
        let mut busy = crate::fake::Answer::oauth(429, "rate_limit_exceeded", "Too many");
        busy.headers.push(("Retry-After", told.into()));
        sandbox.fake.script(POLL, [Fault::Answer(busy)]);
        let start = Instant::now();
        sandbox
            .run(&["auth", "claim-status", "--wait", "--timeout", "1"])
            .fails()
            .stderr_has(
                "Error: the account is not claimed after 1 s: 429 rate_limit_exceeded: Too many",
            );
        assert!(start.elapsed() < Duration::from_secs(10));
    }
}

#[test]
fn a_claim_is_waited_for_over_a_gateway_that_fails_and_a_token_lost_in_it_is_explained() {
    let sandbox = registered();
    // The answer with the token is lost, but the server has delivered it.
    sandbox.fake.change(|s| s.confirm_claim(0));
    sandbox.fake.script(POLL, [Fault::Drop]);
    sandbox
        .run(&["auth", "claim-status", "--wait"])
        .fails()
        .stderr_has("(400 invalid_grant): ")
        .stderr_has("; an earlier answer was lost (")
        .stderr_has("the new token may have been in it");
    assert_eq!(sandbox.fake.requests().len(), 2);
    // A gateway that fails before anything happened costs nothing.
    let sandbox = registered();
    sandbox.fake.script(POLL, [Fault::status(502)]);
    let child = sandbox.start(&["auth", "claim-status", "--wait"]);
    until("a first poll", || sandbox.fake.requests().len() == 1);
    sandbox.fake.change(|s| s.confirm_claim(0));
    Out::of(child).ok().stdout_has("The account is claimed");
}

/// The approval that is pending, once there is one.
fn pending(world: &World) -> String {
    let found = || {
        world.sandbox.fake.change(|s| {
            let pending = |a: &&crate::fake::state::Thing| a.value["status"] == "pending";
            let id = s
                .approvals
                .iter()
                .rev()
                .find(pending)
                .map(|a| a.value["id"].clone());
            id.and_then(|id| id.as_str().map(str::to_owned))
        })
    };
    until("an approval", || found().is_some());
    found().unwrap()
}

fn resolve(world: &World, status: &str) -> String {
    let id = pending(world);
    // Not before the first look: only then has the wait begun.
    let look = format!("GET /api/public/v1/approvals/{id}");
    until("a look", || world.sandbox.fake.lines().contains(&look));
    world
        .sandbox
        .fake
        .change(|s| crate::fake::hiring::resolve(s, &id, status));
    id
}

#[test]
fn what_a_human_has_to_open_is_out_before_the_wait_for_it_begins() {
    let world = World::new();
    world.sandbox.fake.forget();
    let words = world.words("proposals hire {bare} --amount 500 --wait");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut child = world.sandbox.start(&words);
    let mut out = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut line = || out.next().expect("a line").expect("text");
    assert!(line().starts_with("Hire requested, not done"));
    assert_eq!(line(), "");
    assert!(line().starts_with("https://app.opentrain.ai/approvals/ap_"));
    // Only now can anybody confirm it.
    let id = resolve(&world, "confirmed");
    let rest: Vec<String> = std::iter::from_fn(|| out.next()?.ok()).collect();
    let rest = rest.join("\n");
    assert!(
        rest.contains(&format!(
            "Wait for it with: opentrain approvals get --approval-id {id} --wait"
        )),
        "{rest}"
    );
    assert!(
        rest.contains(&format!("Hire ({id}) is confirmed: it is done.")),
        "{rest}"
    );
    assert!(
        rest.contains("See the contract with: opentrain contracts get"),
        "{rest}"
    );
    assert!(child.wait().unwrap().success());
    let sent = world.sandbox.fake.lines();
    assert_eq!(
        sent.iter().filter(|line| line.starts_with("POST ")).count(),
        1,
        "{sent:?}"
    );
    assert!(sent.len() >= 3, "{sent:?}");
}

#[test]
fn in_json_the_url_is_a_note_and_the_last_state_the_document_also_when_it_is_declined() {
    for (status, word) in [("declined", "declined"), ("expired", "expired")] {
        let world = World::new();
        let words = world.words("milestones fund {ms2} --wait --json --json-errors");
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let child = world.sandbox.start(&words);
        let id = resolve(&world, status);
        let out = Out::of(child);
        assert_eq!(out.status, Some(1), "{out:#?}");
        assert_eq!(out.json()["approval"]["status"], status);
        let lines: Vec<serde_json::Value> = out
            .stderr
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let url = format!("https://app.opentrain.ai/approvals/{id}");
        assert_eq!(
            lines[0]["note"],
            format!("Note: a human has to open this: {url}")
        );
        let error = lines.last().unwrap();
        assert_eq!(
            error["message"],
            format!("the approval {id} is {word}: nothing was done")
        );
        assert_eq!(
            (&error["class"], &error["retry"]),
            (&"unmet".into(), &"no".into())
        );
        assert_eq!(error.get("effect"), None, "{error}");
    }
}

#[test]
fn a_wait_that_is_cut_short_names_the_command_that_resumes_it() {
    let world = World::new();
    let out =
        world.run("proposals hire {bare} --amount 500 --wait --timeout 1 --json --json-errors");
    let id = pending(&world);
    assert_eq!(out.status, Some(1), "{out:#?}");
    let error = out.error();
    assert_eq!(error["message"], "the approval is still pending after 1 s");
    let resume = format!("opentrain approvals get --approval-id {id} --wait");
    let in_its_form = format!("{resume} --timeout 1 --json");
    assert_eq!(error["commands"], serde_json::json!([in_its_form]));
    // The request for the hire was carried out: the same again might be another one.
    assert_eq!(
        (error.get("effect"), &error["retry"]),
        (None, &"check".into())
    );
    let words: Vec<&str> = resume.split(' ').skip(1).collect();
    let child = world.sandbox.start(&words);
    resolve(&world, "confirmed");
    Out::of(child).ok().stdout_has(" is confirmed: it is done.");
    // What is already decided is not waited for, and no other command takes the flags.
    world.sandbox.run(&words).ok();
    world
        .run("approvals get x --timeout 5")
        .fails()
        .stderr_has("Usage error: --timeout goes with --wait");
    // Without a token nothing was begun that could be continued.
    let nobody = Sandbox::new().run(&["approvals", "get", "x", "--wait"]);
    nobody
        .fails()
        .stderr_has("no API token")
        .hides("keep waiting");
    // A refusal ends the wait, but how to continue is still named.
    let line = format!("GET /api/public/v1/approvals/{id}");
    world.sandbox.fake.script(&line, [Fault::status(403)]);
    world
        .sandbox
        .run(&words)
        .fails()
        .stderr_has("(403 FORBIDDEN)");
}

#[test]
fn faults_of_the_network_and_the_server_do_not_end_a_wait() {
    let world = World::new();
    let out = world.run("milestones fund {ms2} --json").ok().json();
    let id = out["approval"]["id"].as_str().unwrap().to_owned();
    let line = format!("GET /api/public/v1/approvals/{id}");
    // More faults than one look has attempts.
    world.sandbox.fake.script(&line, [Fault::status(500)]);
    let child = world.sandbox.start(&[
        "approvals",
        "get",
        &id,
        "--wait",
        "--get",
        "approval.status",
    ]);
    until("a look", || world.sandbox.fake.lines().contains(&line));
    world
        .sandbox
        .fake
        .change(|s| crate::fake::hiring::resolve(s, &id, "confirmed"));
    let out = Out::of(child).ok();
    out.stdout_is("confirmed\n").stderr_is("");
}

#[test]
fn an_end_that_is_done_at_once_ends_at_once_and_a_top_up_is_waited_for() {
    let world = World::new();
    // Once paid out, its one milestone is no longer funded.
    world.sandbox.fake.change(|s| {
        for contract in &mut s.contracts {
            for milestone in contract.value["milestones"]
                .as_array_mut()
                .into_iter()
                .flatten()
            {
                milestone["status"] = "PAID".into();
            }
        }
    });
    world
        .run("contracts end {ct} --wait --timeout 1")
        .ok()
        .stdout_has("ended");
    let world = World::new();
    let words = world.words("credits top-up --amount 50 --wait");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let child = world.sandbox.start(&words);
    until("a look", || {
        world
            .sandbox
            .fake
            .lines()
            .iter()
            .any(|line| line.contains("/credits/top-ups/"))
    });
    world.sandbox.fake.change(|s| {
        let id = s.top_ups.last().unwrap().value["id"]
            .as_str()
            .unwrap()
            .to_owned();
        crate::fake::money::pay(s, &id);
    });
    let out = Out::of(child)
        .ok()
        .stdout_has("https://checkout.stripe.com/");
    // An empty line separates the two answers.
    let (_, state) = out.stdout.split_once("\n\nTop-up ").expect("two answers");
    assert!(state.contains(" is COMPLETED."), "{state}");
    out.stderr_is("");
    // What is decided at once is not looked at again.
    let world = World::new();
    let hire = world.fill("POST /api/public/v1/proposals/{bare}/hire");
    let body = r#"{"approval":{"id":"ap_9","status":"confirmed"}}"#;
    world.sandbox.fake.script(&hire, [Fault::body(200, body)]);
    world.sandbox.fake.forget();
    world
        .run("proposals hire {bare} --amount 5 --wait --timeout 1")
        .ok();
    assert_eq!(world.sandbox.fake.lines(), [hire]);
}

#[test]
fn a_reply_that_does_not_say_how_it_stands_is_no_success() {
    let world = World::new();
    let hire = "POST /api/public/v1/proposals/{bare}/hire";
    let hire = world.fill(hire);
    for body in [
        "{}",
        r#"{"approval":{"status":"pending","approvalUrl":"https://x/y"}}"#,
        r#"{"approval":{"id":"a","status":null}}"#,
        r#"{"approval":"a"}"#,
    ] {
        world.sandbox.fake.script(&hire, [Fault::body(202, body)]);
        let out =
            world.run("proposals hire {bare} --amount 5 --wait --timeout 1 --json --json-errors");
        assert_eq!(out.status, Some(1), "{body}");
        let error = out.error();
        assert_eq!(
            error["message"],
            "the reply does not say how the approval stands; the call itself was carried out"
        );
        assert_eq!(
            (error.get("effect"), &error["retry"]),
            (None, &"check".into()),
            "{error}"
        );
    }
    // An unknown state is not one of those that end it.
    let body = r#"{"approval":{"id":"ap_9","status":"processing","approvalUrl":"https://x/y"}}"#;
    world.sandbox.fake.script(&hire, [Fault::body(202, body)]);
    let look = "GET /api/public/v1/approvals/ap_9";
    world.sandbox.fake.script(look, [Fault::body(200, body)]);
    world
        .run("proposals hire {bare} --amount 5 --wait --timeout 1")
        .breaks_off()
        .stderr_has("the approval is still processing after 1 s")
        .stderr_has(
            "keep waiting with `opentrain approvals get --approval-id ap_9 --wait --timeout 1`",
        );
    // An answer about another one decides nothing.
    let other = body
        .replace("ap_9", "ap_8")
        .replace("processing", "confirmed");
    world.sandbox.fake.script(look, [Fault::body(200, &other)]);
    world
        .run("approvals get ap_9 --wait")
        .fails()
        .stderr_has("the reply is about the approval ap_8, not ap_9");
}

#[test]
fn what_a_human_has_to_open_is_not_lost_with_the_answer() {
    let world = World::new();
    for words in [
        "credits top-up --amount 50 --get nope",
        "credits top-up --amount 50 --wait > /dev/full",
    ] {
        let script = format!("'{}' {words}", BINARY);
        let out = world.sandbox.shell(&script);
        assert_eq!(out.status, Some(1), "{out:#?}");
        let id = world
            .sandbox
            .fake
            .change(|s| s.top_ups.last().unwrap().value["id"].clone());
        let id = id.as_str().unwrap();
        let out = out.stderr_has(&format!(
            "opentrain credits top-up-status --top-up-id {id} --wait"
        ));
        if words.contains("nope") {
            out.stderr_has("a human has to open https://checkout.stripe.com/");
        }
    }
}
