//! The worst server: for each fault what the user sees, how many requests arrived, and that
//! the call ended in the time that it should.

use std::time::{Duration, Instant};

use crate::fake::{Answer, Fault};
use crate::harness::{Out, Sandbox};
use crate::raw::{Raw, Step, answer, send};

/// Runs `jobs list` against a scripted server.
#[track_caller]
fn list(raw: &Raw, more: &[&str]) -> Out {
    let sandbox = Sandbox::claimed();
    let words = [&["jobs", "list", "--base-url", &raw.url][..], more].concat();
    sandbox.run(&words)
}

/// A write without a body.
#[track_caller]
fn close(raw: &Raw) -> Out {
    let sandbox = Sandbox::claimed();
    sandbox.run(&["jobs", "close", "job_1", "--base-url", &raw.url])
}

const JOBS: &str = r#"{"jobs":[],"nextCursor":null}"#;

#[test]
fn a_server_that_stalls_is_left_after_thirty_seconds() {
    // Three stalls at once: each call waits out the documented limit, which cannot be shorter.
    let start = Instant::now();
    let before = Raw::start(vec![vec![Step::Stall]]);
    let headers = Raw::start(vec![vec![
        send("HTTP/1.1 200 OK\r\nContent-Le"),
        Step::Stall,
    ]]);
    let body = Raw::start(vec![vec![
        send("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"jobs\""),
        Step::Stall,
    ]]);
    let sandbox = Sandbox::claimed();
    let calls: Vec<_> = [&before, &headers, &body]
        .iter()
        .map(|raw| sandbox.start(&["jobs", "list", "--base-url", &raw.url]))
        .collect();
    let mut outs = calls.into_iter().map(Out::of);
    let mut next = || outs.next().expect("an end").fails();
    next()
        .stderr_has("Error: no answer from ")
        .stderr_has("time ran out");
    next()
        .stderr_has("Error: no answer from ")
        .stderr_has("time ran out");
    next().stderr_has("(status 200) was cut short (time ran out): {\"jobs\"");
    assert!(
        start.elapsed() >= Duration::from_secs(29) && start.elapsed() < Duration::from_secs(60)
    );
    for raw in [before, headers, body] {
        assert_eq!(raw.requests().len(), 1);
    }
}

#[test]
fn a_wrong_length_is_no_answer() {
    let short = Raw::start(vec![vec![send(
        "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"jobs\":[]}",
    )]]);
    list(&short, &[])
        .fails()
        .stderr_has("(status 200) was cut short (the connection was closed early): {\"jobs\":[]}");
    assert_eq!(short.requests().len(), 3);
    // More than promised is not read.
    let long = Raw::start(vec![vec![send(
        "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"jobs\":[]}garbage",
    )]]);
    list(&long, &[]).ok().stdout_is("No jobs.\n");
    let none = Raw::start(vec![vec![send(&format!("HTTP/1.1 200 OK\r\n\r\n{JOBS}"))]]);
    list(&none, &[]).ok().stdout_is("No jobs.\n");
    let silly = Raw::start(vec![vec![send(
        "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}",
    )]]);
    list(&silly, &[]).fails();
}

#[test]
fn chunks_are_read_and_garbage_among_them_is_an_error() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let good = Raw::start(vec![vec![send(&format!(
        "{head}4\r\n{{\"jo\r\n7\r\nbs\":[]}}\r\n0\r\n\r\n"
    ))]]);
    list(&good, &[]).ok().stdout_is("No jobs.\n");
    let bad = Raw::start(vec![vec![send(&format!(
        "{head}zz\r\n{{\"jobs\":[]}}\r\n0\r\n\r\n"
    ))]]);
    list(&bad, &[])
        .fails()
        .stderr_has("(status 200) was cut short");
    let cut = Raw::start(vec![vec![send(&format!("{head}20\r\n{{\"jobs\""))]]);
    list(&cut, &[]).fails().stderr_has("was cut short");
    assert_eq!(cut.requests().len(), 3);
}

#[test]
fn a_connection_closed_early_is_tried_again_for_a_read_only() {
    let raw = Raw::start(vec![
        vec![],
        vec![send("HTTP/1.1 200")],
        vec![answer(200, "", JOBS)],
    ]);
    list(&raw, &[]).ok();
    assert_eq!(raw.requests().len(), 3);
    let raw = Raw::start(vec![vec![]]);
    close(&raw)
        .fails()
        .stderr_has("whether the request took effect is unknown")
        .stderr_has("Hint: run it again: a closed job stays as it is");
    assert_eq!(raw.requests().len(), 1);
}

#[test]
fn what_is_not_http_is_said_once() {
    let raw = Raw::start(vec![vec![send("SSH-2.0-OpenSSH_9.2\r\n")]]);
    list(&raw, &[]).fails().stderr_has("Error: no answer from ");
    assert_eq!(raw.requests().len(), 1);
}

#[test]
fn endless_headers_are_refused() {
    let many = Step::Repeat(b"X-Filler: x\r\n".to_vec(), 9000);
    let long = Step::Repeat(vec![b'x'; 1000], 100);
    for (script, why) in [
        (
            vec![
                send("HTTP/1.1 200 OK\r\n"),
                many,
                send("Content-Length: 2\r\n\r\n{}"),
            ],
            "too many headers",
        ),
        (
            vec![
                send("HTTP/1.1 200 OK\r\nX-Filler: "),
                long,
                send("\r\nContent-Length: 2\r\n\r\n{}"),
            ],
            "the headers of the answer are too large",
        ),
    ] {
        let raw = Raw::start(vec![script]);
        list(&raw, &[]).fails().stderr_has(why);
        assert_eq!(raw.requests().len(), 1);
    }
}

#[test]
fn a_body_beyond_64_mib_is_refused_and_one_below_is_not() {
    let huge = Raw::start(vec![vec![
        send(&format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
            100 << 20
        )),
        Step::Repeat(vec![b' '; 1 << 20], 100),
    ]]);
    list(&huge, &["--json"])
        .fails()
        .stderr_has("(status 200) is larger than 64 MiB");
    assert_eq!(huge.requests().len(), 1);
    let big = Raw::start(vec![vec![
        send(&format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
            (20 << 20) + JOBS.len()
        )),
        Step::Repeat(vec![b' '; 1 << 20], 20),
        send(JOBS),
    ]]);
    list(&big, &[]).ok().stdout_is("No jobs.\n");
}

#[test]
fn deep_nesting_is_passed_through_and_kept_out_of_summaries() {
    let body = format!("{{\"jobs\":{}{}}}", "[".repeat(50_000), "]".repeat(50_000));
    let raw = Raw::start(vec![vec![answer(200, "", &body)]]);
    let json = list(&raw, &["--json"]).ok().stdout;
    assert_eq!(json.split_whitespace().collect::<String>(), body);
    list(&raw, &[])
        .ok()
        .stderr_has("the reply is not as documented");
}

#[test]
fn a_redirect_to_another_host_gets_no_token() {
    let other = Raw::start(vec![vec![answer(200, "", JOBS)]]);
    let raw = Raw::start(vec![vec![answer(
        302,
        &format!("Location: {}/x\r\n", other.url),
        "",
    )]]);
    list(&raw, &[]).fails().stderr_has(&format!(
        "answered 302 and points to {}/x; redirects are not followed",
        other.url
    ));
    assert!(other.requests().is_empty());
}

#[test]
fn no_content_is_success_without_output() {
    let raw = Raw::start(vec![vec![send("HTTP/1.1 204 No Content\r\n\r\n")]]);
    for more in [&[][..], &["--json"]] {
        list(&raw, more)
            .ok()
            .stdout_is("")
            .stderr_is("Done; the server answered 204 without a body.\n");
    }
}

#[test]
fn http_1_0_is_understood() {
    let raw = Raw::start(vec![vec![send(&format!(
        "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{JOBS}"
    ))]]);
    list(&raw, &[]).ok().stdout_is("No jobs.\n");
}

#[test]
fn a_server_on_ipv6_alone_is_reached() {
    let Ok(raw) = Raw::start_at("[::1]:0", vec![vec![answer(200, "", JOBS)]]) else {
        eprintln!("this machine has no IPv6 loopback");
        return;
    };
    list(&raw, &[]).ok().stdout_is("No jobs.\n");
    assert!(raw.requests()[0].contains(&format!("[::1]:{}", raw.port)));
}

#[test]
fn of_two_addresses_a_dead_one_is_passed_over() {
    // `localhost` has two addresses on most machines: each listens alone once, so the other is
    // dead. `make check-static` has a name with two addresses on every machine.
    let raw = Raw::start(vec![vec![answer(200, "", JOBS)]]);
    let sandbox = Sandbox::claimed();
    let url = format!("http://localhost:{}", raw.port);
    sandbox.run(&["jobs", "list", "--base-url", &url]).ok();
    assert_eq!(raw.requests().len(), 1);
    let addresses = std::net::ToSocketAddrs::to_socket_addrs("localhost:0").expect("an address");
    if let (Ok(raw), true) = (
        Raw::start_at("[::1]:0", vec![vec![answer(200, "", JOBS)]]),
        addresses.clone().any(|a| a.is_ipv6()),
    ) {
        let url = format!("http://localhost:{}", raw.port);
        sandbox.run(&["jobs", "list", "--base-url", &url]).ok();
        assert_eq!(raw.requests().len(), 1);
    }
}

const MINE: &str = "GET /api/public/v1/jobs/mine";

fn too_many(header: Option<&str>, body_seconds: Option<u32>) -> Fault {
    let details = body_seconds.map_or(
        serde_json::Value::Null,
        |s| serde_json::json!({"retryAfterSeconds": s}),
    );
    let mut answer = Answer::error(429, "Slow down", details);
    answer
        .headers
        .extend(header.map(|h| ("Retry-After", h.to_owned())));
    Fault::Answer(answer)
}

#[test]
fn a_read_answered_429_waits_as_told() {
    for fault in [too_many(Some("1"), None), too_many(None, Some(1))] {
        let sandbox = Sandbox::claimed();
        sandbox.fake.script(MINE, [fault]);
        let start = Instant::now();
        sandbox
            .run(&["jobs", "list"])
            .ok()
            .stderr_is("Note: the server asks to wait 1 s; trying again then.\n");
        assert!(start.elapsed() >= Duration::from_secs(1));
        assert_eq!(sandbox.fake.requests().len(), 2);
    }
    // Only as long as an attempt is left.
    let sandbox = Sandbox::claimed();
    sandbox.fake.script(
        MINE,
        [
            too_many(Some("0"), None),
            too_many(Some("0"), None),
            too_many(Some("0"), None),
        ],
    );
    sandbox
        .run(&["jobs", "list"])
        .fails()
        .stderr_has("(429 RATE_LIMITED)");
    assert_eq!(sandbox.fake.requests().len(), 3);
}

#[test]
fn otherwise_429_says_how_long_to_wait() {
    let sandbox = Sandbox::claimed();
    for (fault, hint) in [
        (
            too_many(Some("31"), None),
            "Hint: wait 31 s, then run it again",
        ),
        (
            too_many(None, Some(3600)),
            "Hint: wait 3600 s, then run it again",
        ),
        (
            too_many(None, None),
            "Hint: a limit is reached; wait, then run it again",
        ),
        (
            too_many(Some("Wed, 21 Oct 2026 07:28:00 GMT"), None),
            "Hint: a limit is reached",
        ),
    ] {
        sandbox.fake.forget();
        sandbox.fake.script(MINE, [fault]);
        sandbox.run(&["jobs", "list"]).fails().stderr_has(hint);
        assert_eq!(sandbox.fake.requests().len(), 1);
    }
    // A write is never repeated by itself.
    sandbox.fake.forget();
    sandbox.fake.script(
        "POST /api/public/v1/job-drafts",
        [too_many(Some("1"), None)],
    );
    sandbox
        .run(&["jobs", "draft", "create", "--description", "x"])
        .fails()
        .stderr_has("Hint: wait 1 s");
    assert_eq!(sandbox.fake.requests().len(), 1);
}

#[test]
fn the_wait_of_a_429_does_not_count_as_time_of_the_call() {
    // 28 s of waiting and 4 s for the answer: together more than the 30 s of a call, which is
    // why this cannot be shorter.
    let sandbox = Sandbox::claimed();
    let late = Fault::Delay(Duration::from_secs(4));
    sandbox
        .fake
        .script(MINE, [too_many(Some("28"), None), late]);
    sandbox.run(&["jobs", "list"]).ok();
    assert_eq!(sandbox.fake.requests().len(), 2);
}
