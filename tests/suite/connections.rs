//! When a call ends, whether anything was sent, and which address it goes to.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use crate::harness::{BINARY, Out, Sandbox, tool};
use crate::raw::{Raw, Step, answer, listen, read_request, send};

const JOBS: &str = r#"{"jobs":[],"nextCursor":null}"#;
/// A write that may not be repeated.
const SEND: [&str; 5] = ["messages", "send", "conv_1", "--content", "Hello"];
const UNKNOWN: &str = "whether the request took effect is unknown";
const LOOK: &str = "Hint: check with `opentrain ";

/// A body too large for any buffer on the way.
fn long_body() -> String {
    format!("{{\"x\":\"{}\"}}", "x".repeat(9_000_000))
}

/// Sends a piece again and again, until the other side has had enough.
fn drip(stream: &mut TcpStream, piece: &[u8]) {
    while stream.write_all(piece).is_ok() {
        thread::sleep(Duration::from_millis(100));
    }
}

/// Waits until the other side is gone, longer than any call takes.
fn stall(stream: &mut TcpStream) {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(150)));
    let _ = stream.read(&mut [0; 16]);
}

/// Reads a greeting of SOCKS5 and what is asked for, and answers with these bytes.
fn socks(stream: &mut TcpStream, reply: &[u8]) {
    let _ = stream.read(&mut [0; 64]);
    let _ = stream.write_all(&[5, 0]);
    let _ = stream.read(&mut [0; 300]);
    let _ = stream.write_all(reply);
}

fn socks_url(address: SocketAddr) -> String {
    format!("socks5h://{address}")
}

/// The words, the server, a variable and its value, and the final message.
type Call<'a> = (&'a [&'a str], String, (&'a str, String), &'a str);

#[test]
fn a_call_ends_when_its_time_is_up_whatever_the_peer_does() {
    // All at once: each waits out the documented limit, which cannot be shorter.
    let sandbox = Sandbox::claimed();
    let long = sandbox.file("long.json", long_body());
    let long = ["jobs", "draft", "create", "--payload-file", &long];
    let (connect, _) = listen(|mut stream| {
        read_request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nX-Slow: ");
        drip(&mut stream, b"y");
    });
    let (socks_drip, _) = listen(|mut stream| {
        socks(&mut stream, &[5, 0, 0, 3, 255]);
        drip(&mut stream, b"y");
    });
    let (socks_stall, _) = listen(|mut stream| {
        socks(&mut stream, &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        read_request(&mut stream);
        stall(&mut stream);
    });
    let (tls, _) = listen(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        // The head of a ServerHello that never ends.
        let _ = stream.write_all(&[22, 3, 3, 64, 0, 2, 0, 63, 252]);
        drip(&mut stream, b"y");
    });
    let (deaf, _) = listen(|mut stream| {
        let _ = stream.read(&mut [0; 60_000]);
        thread::sleep(Duration::from_secs(150));
    });
    let (head, _) = listen(|mut stream| {
        read_request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nX-Slow: ");
        drip(&mut stream, b"y");
    });
    let (endless, _) = listen(|mut stream| {
        read_request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{}");
        drip(&mut stream, b" ");
    });
    let silent = Raw::start(vec![vec![Step::Stall]]);
    let headers = Raw::start(vec![vec![
        send("HTTP/1.1 200 OK\r\nContent-Le"),
        Step::Stall,
    ]]);
    let body = Raw::start(vec![vec![
        send("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"jobs\""),
        Step::Stall,
    ]]);
    let at = |address: SocketAddr| format!("http://{address}");
    let unsent = "could not be reached: no connection in time; nothing was sent";
    let cut = "(status 200) was cut short (time ran out): {";
    let calls: [Call<'_>; 11] = [
        (
            &SEND,
            "https://api.test".into(),
            ("https_proxy", at(connect)),
            unsent,
        ),
        (
            &SEND,
            "https://api.test".into(),
            ("https_proxy", socks_url(socks_drip)),
            unsent,
        ),
        (
            &SEND,
            "http://api.localhost".into(),
            ("http_proxy", socks_url(socks_stall)),
            UNKNOWN,
        ),
        (
            &SEND,
            format!("https://{tls}"),
            ("X", String::new()),
            unsent,
        ),
        (&long, at(deaf), ("X", String::new()), UNKNOWN),
        (&SEND, at(head), ("X", String::new()), UNKNOWN),
        (&SEND, at(endless), ("X", String::new()), cut),
        (&SEND, silent.url.clone(), ("X", String::new()), UNKNOWN),
        (
            &["jobs", "list"],
            silent.url.clone(),
            ("X", String::new()),
            "time ran out",
        ),
        (
            &["jobs", "list"],
            headers.url.clone(),
            ("X", String::new()),
            "time ran out",
        ),
        (
            &["jobs", "list"],
            body.url.clone(),
            ("X", String::new()),
            cut,
        ),
    ];
    let running: Vec<_> = calls
        .iter()
        .map(|(words, url, (variable, value), _)| {
            let mut command =
                sandbox.command(&[words, &["--verbose", "--base-url", url][..]].concat());
            command.env(variable, value);
            command
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped());
            command.spawn().expect("the binary starts")
        })
        .collect();
    for (child, (words, url, _, says)) in running.into_iter().zip(&calls) {
        let out = Out::of(child).fails().stderr_has(says);
        // The program's own clock: the test may be slow to notice.
        let took: u64 = out.stderr.lines().map(milliseconds).sum();
        assert!((29_000..30_900).contains(&took), "{url}: {took} ms");
        // What may have arrived is not sent again, and for a write the error says how to check.
        let attempts = out.stderr.matches("(attempt ").count();
        let may_have_arrived = *says != unsent;
        assert!(attempts == 1 || !may_have_arrived, "{}", out.stderr);
        let looks = may_have_arrived && words != &["jobs", "list"];
        assert_eq!(out.stderr.contains(LOOK), looks, "{}", out.stderr);
    }
}

/// How long the step described by a line of a trace took.
fn milliseconds(line: &str) -> u64 {
    let words = ["* failed after ", "* trying again in "];
    let rest = words.iter().find_map(|words| line.strip_prefix(words));
    let number = rest.and_then(|rest| rest.split(' ').next()?.parse().ok());
    number.unwrap_or(0)
}

/// What one connection gets before it is closed.
type Reply = &'static [u8];

#[test]
fn what_ends_before_the_request_left_is_called_unsent() {
    let sandbox = Sandbox::claimed();
    let socks_reply: [(u8, &str, usize); 8] = [
        (1, "the proxy refused (general SOCKS server failure)", 3),
        (
            2,
            "the proxy refused (connection not allowed by ruleset)",
            1,
        ),
        (3, "the proxy refused (network unreachable)", 3),
        (4, "the proxy refused (host unreachable)", 3),
        (5, "the proxy refused (connection refused)", 3),
        (6, "the proxy refused (TTL expired)", 3),
        (7, "the proxy refused (command not supported)", 1),
        (8, "the proxy refused (address kind not supported)", 1),
    ];
    let check = |scheme: &str, address: SocketAddr, why: &str| {
        let url = match scheme {
            "https" => format!("https://{address}"),
            _ => "https://api.test".to_owned(),
        };
        let mut command = sandbox.command(&[&SEND[..], &["--base-url", &url]].concat());
        command.env(
            "https_proxy",
            match scheme {
                "https" => String::new(),
                _ => format!("{scheme}://{address}"),
            },
        );
        let out = crate::harness::finish(command, "").fails();
        let says = format!("could not be reached: {why}; nothing was sent\n");
        assert!(out.stderr.contains(&says), "no {says:?} in {out:#?}");
        assert!(!out.stderr.contains("unknown"), "{out:#?}");
    };
    for (code, why, attempts) in socks_reply {
        let (address, count) =
            listen(move |mut stream| socks(&mut stream, &[5, code, 0, 1, 0, 0, 0, 0, 0, 0]));
        check("socks5h", address, why);
        assert_eq!(count.load(Ordering::SeqCst), attempts, "SOCKS reply {code}");
    }
    const PASSWORD: &str =
        "the proxy asks for a user and password, or refuses those in its variable";
    const NO_SOCKS: &str = "the proxy does not speak SOCKS as expected (invalid response version)";
    const NO_ANSWER: &str = "the proxy closed the connection without an answer";
    let others: [(&str, Reply, &str, usize); 13] = [
        ("socks5h", &[5, 255], PASSWORD, 1),
        ("socks5h", b"HTTP/1.1 400 Bad", NO_SOCKS, 1),
        ("http", b"", NO_ANSWER, 3),
        ("http", b"HTTP/1.1 200", NO_ANSWER, 3),
        (
            "http",
            b"HTTP/1.1 403 No\r\n\r\n",
            "the proxy answered 403",
            1,
        ),
        ("http", b"HTTP/1.1 407 No\r\n\r\n", PASSWORD, 1),
        (
            "http",
            b"HTTP/1.1 502 No\r\n\r\n",
            "the proxy answered 502",
            3,
        ),
        (
            "http",
            b"HTTP/1.1 503 No\r\n\r\n",
            "the proxy answered 503",
            3,
        ),
        (
            "http",
            b"HTTP/1.1 504 No\r\n\r\n",
            "the proxy answered 504",
            3,
        ),
        ("https", b"", "the connection was closed early", 3),
        (
            "https",
            &[21, 3, 3, 0, 2, 2, 70],
            "the TLS handshake failed (received fatal alert: ProtocolVersion)",
            1,
        ),
        (
            "https",
            &[21, 3, 3, 0, 2, 2, 40],
            "the TLS handshake failed (received fatal alert: HandshakeFailure)",
            1,
        ),
        (
            "https",
            &[21, 3, 3, 0, 2, 2, 112],
            "the TLS handshake failed (received fatal alert: UnrecognisedName)",
            1,
        ),
    ];
    for (scheme, reply, why, attempts) in others {
        let (address, count) = listen(move |mut stream| {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(reply);
            // Unread bytes would turn the end into a reset.
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let _ = stream.read_to_end(&mut Vec::new());
        });
        check(scheme, address, why);
        assert_eq!(count.load(Ordering::SeqCst), attempts, "{scheme}: {why}");
    }
}

#[test]
fn a_wait_goes_on_when_the_proxy_lost_the_connection() {
    let (address, count) = listen(|mut stream| drop(read_request(&mut stream)));
    let sandbox = Sandbox::new().env("https_proxy", &format!("http://{address}"));
    let words = [
        "auth",
        "claim-status",
        "--wait",
        "--timeout",
        "8",
        "--claim-token",
        "ot_clm_x",
    ];
    sandbox
        .run(&[&words[..], &["--base-url", "https://api.test"]].concat())
        .fails()
        .stderr_has("not claimed after 8 s: https://api.test through the proxy");
    // A second poll, after the first has been tried three times.
    assert!(count.load(Ordering::SeqCst) > 3);
}

#[test]
fn an_id_that_no_request_can_hold_is_told_unsent() {
    let raw = Raw::start(vec![vec![answer(200, "", "{}")]]);
    let sandbox = Sandbox::claimed();
    let id = "j".repeat(33_000);
    sandbox
        .run(&["jobs", "close", &id, "--base-url", &raw.url])
        .fails()
        .stderr_has(
            "an id, a parameter or the token is longer than a request can hold; nothing was sent",
        );
    assert!(raw.requests().is_empty());
    // A long one is sent.
    let id = "j".repeat(20_000);
    sandbox
        .run(&["jobs", "close", &id, "--base-url", &raw.url, "--json"])
        .ok();
    assert!(raw.requests()[0].contains(&id));
}

#[test]
fn a_refusal_that_comes_before_the_whole_body_is_shown() {
    // The server answers after the first kilobyte and closes.
    let (address, _) = listen(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        let body = r#"{"error":"Too large","code":"TOO_LARGE"}"#;
        let head = format!(
            "HTTP/1.1 413 Too Large\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let _ = stream.write_all(format!("{head}{body}").as_bytes());
    });
    let sandbox = Sandbox::claimed();
    let path = sandbox.file("long.json", long_body());
    let words = ["jobs", "draft", "create", "--payload-file", &path];
    sandbox
        .run(&[&words[..], &["--base-url", &format!("http://{address}")]].concat())
        .fails()
        .stderr_is("OpenTrain API request failed (413 TOO_LARGE): Too large\n");
}

#[test]
fn a_write_that_the_server_itself_failed_is_unknown() {
    let sandbox = Sandbox::claimed();
    for (status, unknown) in [
        (408, true),
        (500, true),
        (502, true),
        (503, true),
        (504, true),
        (520, true),
        (524, true),
        (400, false),
        (409, false),
        (422, false),
        (501, false),
    ] {
        let raw = Raw::start(vec![vec![answer(status, "", "{}")]]);
        let out = sandbox
            .run(&[&SEND[..], &["--base-url", &raw.url]].concat())
            .fails();
        let says = "Hint: whether it took effect is unknown; check with `opentrain messages read --conversation-id conv_1";
        assert_eq!(out.stderr.contains(says), unknown, "{out:#?}");
        assert_eq!(raw.requests().len(), 1);
        // A read takes no effect.
        let read = sandbox
            .run(&["jobs", "list", "--base-url", &raw.url])
            .fails();
        assert!(!read.stderr.contains("took effect"), "{read:#?}");
    }
}

#[test]
fn this_machine_has_many_names() {
    let sandbox = Sandbox::claimed();
    let port = sandbox.fake.url.rsplit(':').next().unwrap().to_owned();
    for host in [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "api.localhost",
        "[::ffff:127.0.0.1]",
    ] {
        sandbox.fake.forget();
        let url = format!("http://{host}:{port}");
        sandbox.run(&["jobs", "list", "--base-url", &url]).ok();
        assert!(
            sandbox.fake.last().header("authorization").is_some(),
            "{host}"
        );
    }
    // A name that only looks like it.
    sandbox
        .run(&[
            "jobs",
            "list",
            "--base-url",
            "http://localhost.example.test:1",
        ])
        .fails()
        .stderr_has("a token is sent only over https, or to a loopback address");
}

#[test]
fn a_server_on_either_address_of_this_machine_is_reached() {
    let sandbox = Sandbox::claimed();
    for address in ["127.0.0.1:0", "[::1]:0"] {
        // Another test may have the same port at the other address: then try another one.
        let reached = (0..20).any(|_| {
            let Ok(raw) = Raw::start_at(address, vec![vec![answer(200, "", JOBS)]]) else {
                eprintln!("this machine has no IPv6 loopback");
                return true;
            };
            let url = format!("http://localhost:{}", raw.port);
            let out = sandbox.run(&["jobs", "list", "--base-url", &url]);
            raw.requests().len() == 1 && out.status == Some(0)
        });
        assert!(reached, "{address}");
    }
}

/// A listener on each loopback address at one port, IPv6 first; `None` where that is not possible.
fn two_addresses() -> Option<[TcpListener; 2]> {
    let Ok(six) = TcpListener::bind("[::1]:0") else {
        eprintln!("this machine has no IPv6 loopback");
        return None;
    };
    let port = six.local_addr().unwrap().port();
    let Ok(four) = TcpListener::bind(("127.0.0.1", port)) else {
        eprintln!("the port is taken by another");
        return None;
    };
    Some([six, four])
}

/// Fills the queue of a listener whose connections nobody accepts: the next ones get no answer at
/// all. Returns what is in it.
fn fill(listener: &TcpListener) -> Vec<TcpStream> {
    let address = listener.local_addr().unwrap();
    let mut queue = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(300)) {
        queue.push(stream);
    }
    queue
}

/// Answers every request with a list of jobs.
fn answer_all(listener: TcpListener) {
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            thread::spawn(move || {
                if read_request(&mut stream).is_some() {
                    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", JOBS.len());
                    let _ = stream.write_all(format!("{head}{JOBS}").as_bytes());
                }
            });
        }
    });
}

/// What the trace of a call says about its time, in milliseconds.
fn took(out: &Out) -> u64 {
    let (_, after) = out
        .stderr
        .split_once("* status 200 after ")
        .expect("a trace");
    let (ms, _) = after.split_once(' ').expect("a time");
    ms.parse().expect("a number")
}

#[test]
fn a_dead_first_address_costs_a_moment() {
    let Some([alive, dead]) = two_addresses() else {
        return;
    };
    let url = format!("http://localhost:{}", dead.local_addr().unwrap().port());
    let _queue = fill(&dead);
    answer_all(alive);
    let out = Sandbox::claimed()
        .run(&["jobs", "list", "--verbose", "--base-url", &url])
        .ok();
    let took = took(&out);
    assert!((250..2_000).contains(&took), "{took} ms");
}

#[test]
fn addresses_that_are_all_slow_get_the_rest_of_the_time() {
    let Some([six, four]) = two_addresses() else {
        return;
    };
    let url = format!("http://localhost:{}", six.local_addr().unwrap().port());
    let queues = [fill(&six), fill(&four)];
    let sandbox = Sandbox::claimed();
    let child = sandbox.start(&["jobs", "list", "--verbose", "--base-url", &url]);
    // Longer than the first round, which is a quarter of a second for each address: that no
    // answer came in it cannot be seen from here.
    thread::sleep(Duration::from_millis(800));
    drop(queues);
    answer_all(six);
    answer_all(four);
    Out::of(child)
        .ok()
        .stderr_has("* status 200")
        .hides("trying again");
}

/// Runs the program where no thread can be started.
pub(crate) fn without_threads(sandbox: &Sandbox, words: &[&str], stdin: &str) -> Out {
    // The limit does not apply to root; `nobody` has to be able to reach the program and the home.
    let program = sandbox.home.join("opentrain");
    crate::harness::copy_to_run(BINARY, &program);
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&sandbox.home, open).unwrap();
    let is_root =
        std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) == 0;
    let mut command = tool("bash");
    command
        .args(["-c", "ulimit -u 1; exec \"$@\"", "bash"])
        .arg(&program);
    command.args(words).current_dir("/");
    sandbox.clean(&mut command);
    if is_root {
        command.uid(65_534).gid(65_534);
    }
    crate::harness::finish(command, stdin)
}

#[test]
fn where_no_thread_can_be_had_a_call_works_all_the_same() {
    let sandbox = Sandbox::claimed();
    for url in [&sandbox.fake.url, "http://name.invalid"] {
        let out = without_threads(&sandbox, &["jobs", "search", "--base-url", url], "");
        match url == sandbox.fake.url {
            true => out.ok().stdout_is("No jobs found.\n"),
            false => out.fails().stderr_has("its name could not be looked up"),
        };
    }
}
