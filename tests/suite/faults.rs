//! The worst server: for each fault, what the user sees, how many requests arrived, and that the
//! call ended when it should.

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
    // Long ones are read.
    let raw = Raw::start(vec![vec![
        send("HTTP/1.1 200 OK\r\nX-Filler: "),
        Step::Repeat(vec![b'x'; 1000], 40),
        send("\r\nContent-Length: 2\r\n\r\n{}"),
    ]]);
    list(&raw, &["--json"]).ok().stdout_is("{}\n");
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
fn a_success_without_a_body_is_one_whatever_its_status() {
    for (status, head) in [
        (204, "HTTP/1.1 204 No Content\r\n\r\n"),
        (200, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        (200, "HTTP/1.1 200 OK\r\n\r\n"),
        (
            202,
            "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n\r\n",
        ),
        (
            201,
            "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
    ] {
        let raw = Raw::start(vec![vec![send(head)]]);
        let note = format!("Done; the server answered {status} without a body.\n");
        for out in [list(&raw, &[]), list(&raw, &["--json"]), close(&raw)] {
            out.ok().stdout_is("").stderr_is(&note);
        }
    }
    // Where the answer should contain what was asked for, its absence is an error.
    let raw = Raw::start(vec![vec![answer(200, "", "")]]);
    let sandbox = Sandbox::new();
    sandbox
        .run(&["auth", "register", "--base-url", &raw.url])
        .fails()
        .stderr_has(
            "the server answered without a body: no trace of the new account's credentials",
        );
}

#[test]
fn a_body_that_cannot_be_read_is_called_what_it_is() {
    let body = |headers: &str, body: &[u8]| {
        let length = body.len();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n{headers}\r\n");
        Step::Send([head.as_bytes(), body].concat())
    };
    let utf_16: Vec<u8> = "\u{feff}{}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (step, what) in [
        (
            body("Content-Encoding: gzip\r\n", b"\x1f\x8b\x08\x00ot"),
            "200 with a body compressed as gzip, which was not asked for\n",
        ),
        (
            body("Content-Encoding: br\r\n", b"\x0b\x02\x80{}\x03"),
            "200 with a body compressed as br, which was not asked for\n",
        ),
        (
            body(
                "Content-Type: application/json; charset=ISO-8859-1\r\n",
                b"{\"a\":\"caf\xe9\"}",
            ),
            "200 with a body in the charset ISO-8859-1, not in UTF-8\n",
        ),
        (
            body("Content-Type: application/json\r\n", b"{\"a\":\"caf\xe9\"}"),
            "200 with a body that is not UTF-8: {\"a\":\"caf\u{fffd}\"}\n",
        ),
        (
            body("", &utf_16),
            "200 with a body in UTF-16, not in UTF-8\n",
        ),
    ] {
        let raw = Raw::start(vec![vec![step.clone()]]);
        list(&raw, &[]).fails().stderr_has(what);
        list(&raw, &["--json"]).fails().stderr_has(what);
        // That does not tell what a write did.
        close(&raw).fails().stderr_has(what).stderr_has("Hint: ");
    }
    // An error says so in the place of its message.
    let head =
        "HTTP/1.1 400 Bad\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x08\x08x";
    let raw = Raw::start(vec![vec![send(head)]]);
    list(&raw, &[])
        .fails()
        .stderr_has("(400 UNKNOWN): the answer is compressed as gzip, which was not asked for\n");
    // What calls itself compressed and is not is read.
    let raw = Raw::start(vec![vec![answer(200, "Content-Encoding: gzip\r\n", JOBS)]]);
    list(&raw, &[]).ok().stdout_is("No jobs.\n");
}

#[test]
fn a_byte_order_mark_before_the_body_is_passed_over() {
    let raw = Raw::start(vec![vec![answer(200, "", &format!("\u{feff}{JOBS}"))]]);
    list(&raw, &[]).ok().stdout_is("No jobs.\n");
    let plain = Raw::start(vec![vec![answer(200, "", JOBS)]]);
    let json = list(&plain, &["--json"]).ok().stdout;
    list(&raw, &["--json"]).ok().stdout_is(&json);
    let mark_alone = Raw::start(vec![vec![answer(200, "", "\u{feff}")]]);
    list(&mark_alone, &[]).ok().stderr_has("without a body");
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

const MINE: &str = "GET /api/public/v1/jobs/mine";

fn too_many(header: Option<&str>, body_seconds: Option<u32>) -> Fault {
    busy(429, header, body_seconds)
}

fn busy(status: u16, header: Option<&str>, body_seconds: Option<u32>) -> Fault {
    let details = body_seconds.map_or(
        serde_json::Value::Null,
        |s| serde_json::json!({"retryAfterSeconds": s}),
    );
    let mut answer = Answer::error(status, "Slow down", details);
    answer
        .headers
        .extend(header.map(|h| ("Retry-After", h.to_owned())));
    Fault::Answer(answer)
}

#[test]
fn a_read_answered_429_or_503_waits_as_told() {
    for fault in [
        too_many(Some("1"), None),
        too_many(None, Some(1)),
        busy(503, Some("1"), None),
        busy(503, None, Some(1)),
    ] {
        let sandbox = Sandbox::claimed();
        sandbox.fake.script(MINE, [fault]);
        let start = Instant::now();
        sandbox
            .run(&["jobs", "list"])
            .ok()
            .stderr_is("Note: the server says to wait 1 s; trying again then.\n");
        assert!(start.elapsed() >= Duration::from_secs(1));
        assert_eq!(sandbox.fake.requests().len(), 2);
    }
    // Only as long as there is an attempt left.
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
fn a_wait_until_a_date_is_told_in_seconds() {
    // The date is relative to that of the answer: no clock has to be right.
    for date in [
        "Fri, 01 Jan 2016 00:05:00 GMT",
        "Friday, 01-Jan-16 00:05:00 GMT",
        "Fri Jan  1 00:05:00 2016",
    ] {
        let headers = format!("Date: Fri, 01 Jan 2016 00:00:00 GMT\r\nRetry-After: {date}\r\n");
        for status in [429, 503] {
            let raw = Raw::start(vec![vec![answer(status, &headers, "{}")]]);
            list(&raw, &[])
                .fails()
                .stderr_has("Hint: wait 300 s, then run it again\n");
            assert_eq!(raw.requests().len(), 1);
        }
        let soon = headers.replace("00:05:00", "00:00:01");
        let raw = Raw::start(vec![
            vec![answer(429, &soon, "{}")],
            vec![answer(200, "", JOBS)],
        ]);
        list(&raw, &[])
            .ok()
            .stderr_is("Note: the server says to wait 1 s; trying again then.\n");
    }
}

#[test]
fn a_wait_is_never_shorter_than_our_own() {
    for (status, header) in [
        (429, "0"),
        (503, "0"),
        (429, "Fri, 01 Jan 2016 00:00:00 GMT"),
    ] {
        let sandbox = Sandbox::claimed();
        sandbox
            .fake
            .script(MINE, [busy(status, Some(header), None)]);
        let start = Instant::now();
        // No wait was asked for, so there is nothing to say.
        sandbox.run(&["jobs", "list"]).ok().stderr_is("");
        assert!(start.elapsed() >= Duration::from_millis(500));
        assert_eq!(sandbox.fake.requests().len(), 2);
    }
    // A server that asks for no wait is still busy after the last attempt.
    let raw = Raw::start(vec![vec![answer(429, "Retry-After: 0\r\n", "{}")]]);
    list(&raw, &[]).fails().hides("wait 0 s");
}

#[test]
fn a_write_that_is_told_to_wait_says_how_long() {
    for (status, says) in [
        (429, "Hint: wait 99 s, then run it again\n"),
        (
            503,
            "Hint: the server says to wait 99 s; whether it took effect is unknown; run it again: a closed job stays as it is\n",
        ),
    ] {
        let raw = Raw::start(vec![vec![answer(status, "Retry-After: 99\r\n", "{}")]]);
        close(&raw).fails().stderr_has(says);
        assert_eq!(raw.requests().len(), 1);
    }
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
            "Hint: a limit was reached; wait, then run it again",
        ),
        (
            too_many(Some("Wed, 33 Oct 2026 07:28:00 GMT"), None),
            "Hint: a limit was reached",
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
