//! `claim-status --wait`. The waits are the documented five seconds; they cannot be shorter.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::fake::Fault;
use crate::harness::{BINARY, Out, Sandbox, tool, until};

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
    let child = sandbox.start(&["auth", "claim-status", "--wait"]);
    until("a first poll", || sandbox.fake.requests().len() == 1);
    let start = Instant::now();
    sandbox.fake.change(|s| s.confirm_claim(0));
    Out::of(child)
        .ok()
        .stderr_is("")
        .stdout_has("The account is claimed");
    assert!(start.elapsed() >= Duration::from_secs(4));
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
            "Error: not claimed after 2 s: {away} could not be reached: connection refused"
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
    // A shell starts its background jobs with interrupts ignored, and this test may be in one.
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
    // What a person types: the terminal makes a signal of it.
    let mut keyboard = child.stdin.take().expect("a terminal");
    keyboard.write_all(b"\x03").expect("a key");
    let out = child.wait_with_output().expect("an end");
    assert_eq!(out.status.code(), Some(130), "{out:?}");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    // The waiting line stands whole above the cursor; only the terminal's own echo follows.
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
            .stderr_has("Error: not claimed after 1 s: Too many");
        assert!(start.elapsed() < Duration::from_secs(10));
    }
}
