//! Lists from the first page to the last, and the forms in which they leave the program.

use std::fs::OpenOptions;
use std::io::Write;
use std::net::TcpStream;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::fake::Fault;
use crate::harness::{Out, Sandbox, finish, until};
use crate::raw::{listen, read_request};

/// A write whose reply has a secret that is shown only once.
const WEBHOOK: [&str; 6] = [
    "webhooks",
    "create",
    "--url",
    "https://example.com/h",
    "--events",
    "proposal.received",
];

/// What happens to one request.
#[derive(Clone, Copy)]
enum Turn {
    /// The page.
    Page,
    /// The page; then the connection is closed without notice.
    PageAndClose,
    /// A status with this header.
    Status(u16, &'static str),
    /// The connection is closed without an answer.
    Close,
}

/// A server of a list that keeps its connections open: pages of two jobs, by cursors `c1`, `c2`
/// and so on.
struct Pages {
    url: String,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Pages {
    /// A list of so many pages, and what happens to the n-th request.
    fn start(count: usize, turn: impl Fn(usize) -> Turn + Send + Sync + 'static) -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        let (address, connections) = listen(move |mut stream| {
            while let Some(request) = read_request(&mut stream) {
                let n = {
                    let mut log = log.lock().unwrap();
                    log.push(request.lines().next().unwrap_or_default().to_owned());
                    log.len() - 1
                };
                if !serve(&mut stream, &request, count, turn(n)) {
                    return;
                }
            }
        });
        let url = format!("http://{address}");
        Pages {
            url,
            connections,
            requests,
        }
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    fn run(&self, words: &[&str]) -> Out {
        self.sandbox()
            .run(&[&["jobs", "list", "--all"], words].concat())
    }

    fn sandbox(&self) -> Sandbox {
        Sandbox::new()
            .env("OT_API_TOKEN", "ot_pat_pages_0123456789")
            .env("OT_API_BASE_URL", &self.url)
    }
}

/// The number of the page that a request asks for.
fn page_of(request: &str) -> usize {
    let cursor = request.split_once("cursor=c").map_or("0", |(_, rest)| rest);
    let digits = cursor.split(|c: char| !c.is_ascii_digit()).next();
    digits.and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn jobs_of(page: usize) -> Value {
    let job = |n: usize| {
        json!({"id": format!("job_{n}"), "title": format!("Title {n}"), "status": "OPEN",
            "updatedAt": "2026-06-11", "price": 0.5, "proposalCounts": {"total": n, "unreviewed": 0}})
    };
    json!([job(2 * page), job(2 * page + 1)])
}

fn serve(stream: &mut TcpStream, request: &str, count: usize, turn: Turn) -> bool {
    let page = page_of(request);
    let next = (page + 1 < count).then(|| format!("c{}", page + 1));
    let (status, header, body) = match turn {
        Turn::Close => return false,
        Turn::Status(status, header) => (status, header, json!({"error": "busy"})),
        Turn::Page | Turn::PageAndClose => {
            let body = json!({"kept": [1, 2], "jobs": jobs_of(page), "nextCursor": next});
            (200, "X-A: b", body)
        }
    };
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n{header}\r\n\r\n",
        body.len()
    );
    let sent = stream.write_all(format!("{head}{body}").as_bytes());
    sent.is_ok() && !matches!(turn, Turn::PageAndClose)
}

fn all_jobs(count: usize) -> Vec<Value> {
    let pages = (0..count).map(jobs_of);
    pages
        .flat_map(|page| page.as_array().unwrap().clone())
        .collect()
}

#[test]
fn all_follows_the_pages_over_one_connection_in_every_form() {
    let jobs = all_jobs(3);
    let pages = Pages::start(3, |_| Turn::Page);
    let rows = pages.run(&[]).ok().stderr_is("").stdout;
    assert_eq!(rows.lines().count(), 7, "{rows}");
    assert_eq!(rows.matches("PROPOSALS").count(), 1, "{rows}");
    assert!(rows.lines().last().unwrap().ends_with("Title 5"), "{rows}");
    assert_eq!(pages.connections.load(Ordering::SeqCst), 1);
    assert_eq!(
        pages.requests(),
        [
            "GET /api/public/v1/jobs/mine?limit=100 HTTP/1.1",
            "GET /api/public/v1/jobs/mine?limit=100&cursor=c1 HTTP/1.1",
            "GET /api/public/v1/jobs/mine?limit=100&cursor=c2 HTTP/1.1",
        ]
    );
    let json = pages.run(&["--json"]).ok().stderr_is("");
    assert_eq!(
        json.json(),
        json!({"kept": [1, 2], "jobs": jobs, "nextCursor": null})
    );
    // As one reply would be indented.
    assert!(
        json.stdout.starts_with(
            "{\n  \"kept\": [\n    1,\n    2\n  ],\n  \"jobs\": [\n    {\n      \"id\": \"job_0\","
        ),
        "{}",
        json.stdout
    );
    assert!(
        json.stdout
            .ends_with("\n    }\n  ],\n  \"nextCursor\": null\n}\n"),
        "{}",
        json.stdout
    );
    let lines = pages.run(&["--jsonl"]).ok().stderr_is("").stdout;
    let read: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(read, jobs);
    let values = ["--get", "jobs[].id", "--get", "jobs[].proposalCounts.total"];
    pages
        .run(&values)
        .ok()
        .stderr_is("")
        .stdout_is("job_0\t0\njob_1\t1\njob_2\t2\njob_3\t3\njob_4\t4\njob_5\t5\n");
    // --limit is the size of a page.
    pages.run(&["--limit", "2", "--jsonl"]).ok();
    assert!(
        pages
            .requests()
            .last()
            .unwrap()
            .contains("limit=2&cursor=c2")
    );
}

#[test]
fn a_list_of_one_page_or_of_none_reads_as_ever() {
    let pages = Pages::start(1, |_| Turn::Page);
    pages
        .run(&["--get", "jobs[].id"])
        .ok()
        .stdout_is("job_0\njob_1\n");
    let sandbox = Sandbox::claimed();
    sandbox
        .run(&["jobs", "list", "--all"])
        .ok()
        .stdout_is("No jobs.\n");
    sandbox
        .run(&["jobs", "list", "--all", "--jsonl"])
        .ok()
        .stdout_is("")
        .stderr_is("");
    let json = sandbox.run(&["jobs", "list", "--all", "--json"]).ok();
    json.stdout_is("{\n  \"jobs\": [],\n  \"nextCursor\": null\n}\n");
    sandbox
        .run(&["jobs", "list", "--get", "jobs[].id"])
        .ok()
        .stdout_is("")
        .stderr_is("");
}

#[test]
fn a_connection_that_was_closed_between_two_pages_is_opened_again_uncounted() {
    // Each closes after its page; the second also fails as often as a page may.
    let pages = Pages::start(3, |n| match n {
        0 => Turn::PageAndClose,
        1 | 2 => Turn::Status(503, "X-A: b"),
        _ => Turn::PageAndClose,
    });
    pages
        .run(&["--get", "jobs[].id"])
        .ok()
        .stderr_is("")
        .stdout_is("job_0\njob_1\njob_2\njob_3\njob_4\njob_5\n");
    // The kept connection breaks under a page, which may then fail as often as any.
    let pages = Pages::start(2, |n| match n {
        1 => Turn::Close,
        2 | 3 => Turn::Status(503, "X-A: b"),
        _ => Turn::Page,
    });
    pages.run(&["--jsonl"]).ok().stderr_is("");
    assert_eq!(pages.requests().len(), 5);
    // The server restarts in the middle: what it does not answer is asked again.
    let pages = Pages::start(4, |n| if n % 2 == 1 { Turn::Close } else { Turn::Page });
    let out = pages.run(&["--jsonl"]).ok().stderr_is("").stdout;
    assert_eq!(out.lines().count(), 8, "{out}");
}

#[test]
fn a_page_that_fails_leaves_what_came_and_the_command_that_goes_on() {
    for (form, closed) in [(&["--json"][..], true), (&["--jsonl"], false), (&[], false)] {
        let pages = Pages::start(3, |n| {
            if n < 2 {
                Turn::Page
            } else {
                Turn::Status(500, "X-A: b")
            }
        });
        let out = pages.run(form).breaks_off();
        let out = out.stderr_has("the pages before the cursor c2 have been printed");
        assert_eq!(pages.requests().len(), 3);
        let hint = out.stderr.lines().last().unwrap().to_owned();
        let form_words = form
            .iter()
            .map(|word| format!(" {word}"))
            .collect::<String>();
        let known = match form {
            ["--json"] => "opentrain jobs list --all --json --cursor c2".to_owned(),
            _ => format!("opentrain jobs list --all{form_words} --cursor c2"),
        };
        assert!(hint.contains(&format!("continue with `{known}`")), "{hint}");
        if closed {
            assert_eq!(
                out.json(),
                json!({"kept": [1, 2], "jobs": all_jobs(2), "nextCursor": "c2"})
            );
        } else {
            assert!(
                out.stdout.contains("job_3") && !out.stdout.contains("job_4"),
                "{}",
                out.stdout
            );
        }
    }
    // 502 to 504 are tried three times.
    let pages = Pages::start(3, |n| {
        if n == 0 {
            Turn::Page
        } else {
            Turn::Status(502, "X-A: b")
        }
    });
    pages.run(&["--jsonl"]).breaks_off().stderr_has("(502 ");
    assert_eq!(pages.requests().len(), 4);
    // The first page is an ordinary error.
    let pages = Pages::start(3, |_| Turn::Status(500, "X-A: b"));
    pages
        .run(&["--json"])
        .fails()
        .stdout_is("")
        .hides("continue with");
}

#[test]
fn a_first_page_that_is_not_as_documented_is_shown_as_it_came() {
    let sandbox = Sandbox::claimed();
    let page = r#"{"jobs":{"id":"j"},"nextCursor":null}"#;
    let shown = "{\n  \"jobs\": {\n    \"id\": \"j\"\n  },\n  \"nextCursor\": null\n}\n";
    for form in [&[][..], &["--json"]] {
        sandbox
            .fake
            .script("GET /api/public/v1/jobs/mine", [Fault::body(200, page)]);
        sandbox
            .run(&[&["jobs", "list", "--all"], form].concat())
            .breaks_off()
            .stdout_is(shown)
            .stderr_has("the list is not as documented");
    }
}

#[test]
fn the_next_page_is_on_its_way_while_one_is_handed_over() {
    let sandbox = Sandbox::claimed();
    let page = |next: Value| {
        let job = json!({"id": "job_1", "title": "x".repeat(200_000)});
        Fault::body(200, &json!({"jobs": [job], "nextCursor": next}).to_string())
    };
    let pages = [
        page(json!("c1")),
        page(json!("c2")),
        page(json!("c3")),
        page(json!(null)),
    ];
    sandbox.fake.script("GET /api/public/v1/jobs/mine", pages);
    // Nobody reads, so that the first page fills the pipe.
    let child = sandbox.start(&["jobs", "list", "--all", "--jsonl"]);
    until("the second page", || sandbox.fake.requests().len() >= 2);
    let out = Out::of(child).ok();
    assert_eq!(out.stdout.lines().count(), 4);
    assert_eq!(sandbox.fake.requests().len(), 4);
}

#[test]
fn every_page_is_traced() {
    let pages = Pages::start(4, |_| Turn::Page);
    let out = pages.run(&["--jsonl", "--verbose"]).ok();
    assert_eq!(
        out.stderr.matches("* status 200 after ").count(),
        4,
        "{}",
        out.stderr
    );
}

#[test]
fn a_limit_on_the_way_is_waited_out_with_a_note() {
    // As long as the server says, or five seconds, which is why this test takes as long.
    for (header, note) in [
        (
            "Retry-After: 1",
            "Note: the server says to wait 1 s; trying again then.\n",
        ),
        ("X-A: b", "Note: a limit was reached; continuing in 5 s.\n"),
    ] {
        let pages = Pages::start(2, move |n| match n {
            1 => Turn::Status(429, header),
            _ => Turn::Page,
        });
        let out = pages.run(&["--get", "jobs[].id"]).ok().stderr_is(note);
        out.stdout_is("job_0\njob_1\njob_2\njob_3\n");
    }
    // Nobody waits for an hour.
    let pages = Pages::start(2, |n| match n {
        1 => Turn::Status(429, "Retry-After: 3600"),
        _ => Turn::Page,
    });
    pages
        .run(&["--jsonl"])
        .breaks_off()
        .stderr_has("--cursor c1");
}

#[test]
fn a_cursor_that_comes_again_is_an_error() {
    let sandbox = Sandbox::claimed();
    let line = "GET /api/public/v1/jobs/mine";
    let body = json!({"jobs": [{"id": "a", "status": "OPEN"}], "nextCursor": "same"}).to_string();
    let again = || Fault::body(200, &body);
    sandbox.fake.script(line, [again(), again(), again()]);
    let out = sandbox
        .run(&["jobs", "list", "--all", "--jsonl"])
        .breaks_off();
    let out = out.stderr_has("the server gave the same cursor twice");
    assert_eq!(out.stdout.lines().count(), 2);
    assert_eq!(sandbox.fake.requests().len(), 2);
    // The cursor that leads back is nothing to continue from.
    out.hides("continue with");
}

#[test]
fn a_feed_ends_where_nothing_more_waits() {
    let world = crate::world::World::new();
    let all = world.run("updates poll --limit 200 --json").ok().json();
    let events = all["events"].as_array().unwrap().len();
    assert!(events > 2, "{all}");
    world.sandbox.fake.forget();
    let joined = world.run("updates poll --all --limit 2 --json").ok().json();
    assert_eq!(joined["events"], all["events"]);
    assert_eq!(
        (&joined["nextCursor"], &joined["hasMore"]),
        (&all["nextCursor"], &json!(false))
    );
    assert_eq!(world.sandbox.fake.requests().len(), events.div_ceil(2));
    let rows = world.run("updates poll --all --limit 2").ok().stdout;
    assert_eq!(rows.lines().count(), events + 2, "{rows}");
    assert!(
        rows.contains(
            "That is all for now. Next time: opentrain updates poll --limit 2 --all --cursor "
        ),
        "{rows}"
    );
    // One that says that more waits, and not where, is not at its end.
    let body = r#"{"events":[{"id":"1"}],"nextCursor":null,"hasMore":true}"#;
    let fault = Fault::body(200, body);
    world
        .sandbox
        .fake
        .script("GET /api/public/v1/updates", [fault]);
    world
        .run("updates poll --all --jsonl")
        .breaks_off()
        .stderr_has("not as documented");
}

#[test]
fn a_closed_pipe_ends_the_pages_and_a_full_disk_is_an_error() {
    let pages = Pages::start(500, |_| Turn::Page);
    let out = pages.sandbox().shell(&format!(
        "'{}' jobs list --all --jsonl | head -n 1; printf '%s' \"${{PIPESTATUS:-}}\"",
        crate::harness::BINARY
    ));
    out.ok().stderr_is("").stdout_has("\"job_0\"");
    assert!(pages.requests().len() < 500, "{}", pages.requests().len());
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let pages = Pages::start(3, |_| Turn::Page);
    let sandbox = pages.sandbox();
    let mut command = sandbox.command(&["jobs", "list", "--all", "--jsonl"]);
    let child = command
        .stdout(full)
        .stderr(Stdio::piped())
        .stdin(Stdio::null())
        .spawn();
    let out = child.unwrap().wait_with_output().unwrap();
    assert_eq!(out.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&out.stderr).contains("could not write to standard output"));
    // One is read ahead.
    assert!(pages.requests().len() <= 3);
}

#[test]
fn a_list_that_goes_on_says_so_once_where_its_form_does_not() {
    let pages = Pages::start(2, |_| Turn::Page);
    let one = |words: &[&str]| {
        pages
            .sandbox()
            .run(&[&["jobs", "list"], words].concat())
            .ok()
    };
    for form in [&["--json"][..], &["--jsonl"], &["--get", "jobs[].id"]] {
        let words: Vec<String> = form
            .iter()
            .map(|word| match *word {
                "jobs[].id" => "'jobs[].id'".to_owned(),
                word => word.to_owned(),
            })
            .collect();
        let note = match form {
            ["--jsonl"] => "opentrain jobs list --jsonl --all".to_owned(),
            _ => format!("opentrain jobs list {} --all", words.join(" ")),
        };
        one(form).stderr_is(&format!(
            "Note: the list continues; this gets all of it: {note}\n"
        ));
        one(&[form, &["--limit", "2"]].concat()).stderr_is("");
        one(&[form, &["--cursor", "c1"]].concat()).stderr_is("");
    }
    one(&[])
        .stderr_is("")
        .stdout_has("Next page: opentrain jobs list --cursor c1");
    // However long the page is.
    let sandbox = Sandbox::claimed();
    let job = json!({"id": "job_1", "title": "x".repeat(900_000)});
    let page = json!({"jobs": [job], "nextCursor": "c1"}).to_string();
    sandbox
        .fake
        .script("GET /api/public/v1/jobs/mine", [Fault::body(200, &page)]);
    sandbox
        .run(&["jobs", "list", "--get", "jobs[].id"])
        .ok()
        .stderr_has("Note: the list continues");
}

#[test]
fn every_list_can_be_printed_line_by_line() {
    let list = Sandbox::new().run(&["help", "--json"]).ok().json();
    let commands = list["commands"].as_array().unwrap();
    let lists = commands
        .iter()
        .filter(|command| command["list"].is_string());
    let mut tried = 0;
    for command in lists {
        let (name, key) = (
            command["name"].as_str().unwrap(),
            command["list"].as_str().unwrap(),
        );
        let rows = crate::table::ROWS.iter();
        let row = rows
            .filter(|row| row.is_one_reply())
            .find(|row| row.line.starts_with(name))
            .unwrap();
        let world = row.world();
        let lines = world.run(&format!("{} --jsonl", row.line)).ok().stdout;
        let sent: Value = serde_json::from_str(&world.sandbox.fake.answered()).unwrap();
        let read: Vec<Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(Value::from(read), sent[key], "{name}");
        tried += 1;
    }
    assert!(tried >= 12, "{tried}");
}

#[test]
fn a_value_is_printed_as_a_shell_wants_it() {
    let sandbox = Sandbox::claimed();
    let line = "GET /api/public/v1/jobs/mine";
    let body = r#"{"s":"a\nb\tc","n":1.10,"nil":null,"o":{ "k" : [1, 2] },"jobs":[{"id":"x\ny","t":["p","q"]},{"id":null,"t":[]}],"esc":"\u001b[31m"}"#;
    let get = |paths: &[&str]| {
        sandbox.fake.script(line, [Fault::body(200, body)]);
        let words = paths.iter().flat_map(|path| ["--get", path]);
        sandbox.run(
            &["jobs", "list"]
                .into_iter()
                .chain(words)
                .collect::<Vec<_>>(),
        )
    };
    get(&["s"]).ok().stdout_is("a\nb\tc\n").stderr_is("");
    get(&["n"]).ok().stdout_is("1.10\n");
    get(&["o"]).ok().stdout_is("{\"k\":[1,2]}\n");
    get(&["esc"]).ok().stdout_is("\u{1b}[31m\n");
    get(&["jobs[0].t[1]"]).ok().stdout_is("q\n");
    get(&["jobs[].id"]).ok().stdout_is("x\\ny\n\n");
    get(&["jobs[].id", "jobs[].t", "jobs[].nope"])
        .ok()
        .stdout_is("x\\ny\t[\"p\",\"q\"]\t\n\t[]\t\n");
    get(&["s", "n"]).ok().stdout_is("a\\nb\\tc\t1.10\n");
    get(&["nope"])
        .fails()
        .stdout_is("")
        .stderr_is("Error: the reply has nothing at `nope`; there is s, n, nil, o, jobs, esc\n");
    get(&["nil"])
        .fails()
        .stdout_is("")
        .stderr_has("`nil` is null in the reply");
    get(&["n", "nope"]).fails().stdout_is("");
    sandbox.fake.forget();
    // What cannot be a row is refused before anything is sent.
    for words in [
        &["--get", "n", "--get", "jobs[].id"][..],
        &["--get", "a..b"],
        &["--get", ""],
        &["--get", "s", "--json"],
        &["--get", "s", "--jsonl"],
        &["--get", "s", "--all"],
        &["--json", "--jsonl"],
    ] {
        let out = sandbox.run(&[&["jobs", "list"], words].concat()).fails();
        assert!(out.stderr.starts_with("Usage error: "), "{}", out.stderr);
    }
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn a_missing_value_of_a_write_does_not_hide_that_it_was_done() {
    let sandbox = Sandbox::claimed();
    let out = sandbox
        .run(&[
            "jobs",
            "draft",
            "create",
            "--description",
            "Boxes",
            "--get",
            "jobID",
            "--json-errors",
        ])
        .fails();
    let error = out.error();
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .ends_with("; the call itself was carried out"),
        "{error}"
    );
    assert_eq!(
        (&error["class"], &error["retry"]),
        (&json!("local"), &json!("no"))
    );
    assert_eq!(error.get("effect"), None);
    // A secret that is shown only once is not lost to a slip.
    let out = sandbox
        .run(&[&WEBHOOK[..], &["--get", "secrt"]].concat())
        .fails();
    out.stdout_is("").stderr_has("whsec_");
    let secret = sandbox
        .run(&[&WEBHOOK[..], &["--get", "secret"]].concat())
        .ok()
        .stdout;
    assert!(
        secret.starts_with("whsec_") && secret.ends_with('\n'),
        "{secret}"
    );
}

#[test]
fn values_are_safe_on_a_terminal() {
    let sandbox = Sandbox::claimed();
    let body = r#"{"s":"a\u001b[2Jb\nc"}"#;
    sandbox
        .fake
        .script("GET /api/public/v1/jobs/mine", [Fault::body(200, body)]);
    let out = on_terminal(&sandbox, "jobs list --get s", &[]);
    assert_eq!(out.trim_end(), "a\\u001b[2Jb\\nc");
}

/// What a call shows on a terminal, on either stream.
fn on_terminal(sandbox: &Sandbox, words: &str, env: &[(&str, &str)]) -> String {
    let mut command = crate::harness::tool("script");
    command.args([
        "-qec",
        &format!("{} {words}", crate::harness::BINARY),
        "/dev/null",
    ]);
    sandbox.clean(&mut command);
    command.env("TERM", "xterm").envs(env.iter().copied());
    finish(command, "").stdout
}

#[test]
fn colours_are_for_terminals_and_as_wanted() {
    let sandbox = Sandbox::claimed();
    let job = sandbox
        .run(&[
            "jobs",
            "draft",
            "create",
            "--description",
            "x",
            "--get",
            "jobId",
        ])
        .ok()
        .stdout;
    let list = "jobs list";
    let has = |text: &str| text.contains("\u{1b}[1m");
    assert!(has(&on_terminal(&sandbox, list, &[])));
    for env in [
        &[("NO_COLOR", "1")][..],
        &[("CLICOLOR", "0")],
        &[("TERM", "dumb")],
    ] {
        assert!(!has(&on_terminal(&sandbox, list, env)), "{env:?}");
        // The flag wins.
        assert!(
            has(&on_terminal(&sandbox, "jobs list --color always", env)),
            "{env:?}"
        );
    }
    for env in [&[("NO_COLOR", "")][..], &[("CLICOLOR", "1")]] {
        assert!(has(&on_terminal(&sandbox, list, env)), "{env:?}");
    }
    assert!(!has(&on_terminal(&sandbox, "jobs list --color=never", &[])));
    // What a human has to do, and what went wrong.
    let draft = format!("jobs draft update {} --set jobTitle=x", job.trim());
    assert!(on_terminal(&sandbox, &draft, &[]).contains("\u{1b}[1;35mask: "));
    assert!(
        on_terminal(&sandbox, "jobs publish nope", &[])
            .contains("\u{1b}[1;31mOpenTrain API request failed (404 ")
    );
    // A pipe gets none, unless they are asked for.
    sandbox.run(&["jobs", "list"]).ok().hides("\u{1b}");
    let words = ["jobs", "list", "--color", "always"];
    assert!(has(&sandbox.run(&words).ok().stdout));
    for when in [&["--color", "always"][..], &["--color=always"]] {
        let out = sandbox.run(&[&["jobs", "pubish"], when].concat()).fails();
        assert!(
            out.stderr.starts_with("\u{1b}[1;31mUsage error: "),
            "{}",
            out.stderr
        );
    }
    sandbox
        .run(&["jobs", "list", "--color-always"])
        .fails()
        .stderr_has("Usage error: ")
        .hides("\u{1b}");
    sandbox
        .run(&["jobs", "list", "--color", "sometimes"])
        .fails()
        .stderr_has("Usage error: --color must be one of auto, always, never");
    // JSON is never coloured.
    sandbox
        .run(&["jobs", "list", "--json", "--color", "always"])
        .ok()
        .hides("\u{1b}");
}

#[test]
fn a_cursor_of_another_kind_is_never_taken_for_the_end() {
    let sandbox = Sandbox::claimed();
    let line = "GET /api/public/v1/jobs/mine";
    let page = |cursor: Value| {
        json!({"jobs": [{"id": "a", "status": "OPEN"}], "nextCursor": cursor}).to_string()
    };
    sandbox.fake.script(
        line,
        [page(json!(7)), page(json!(null))].map(|body| Fault::body(200, &body)),
    );
    let out = sandbox
        .run(&["jobs", "list", "--all", "--jsonl"])
        .ok()
        .stdout;
    assert_eq!(out.lines().count(), 2);
    assert_eq!(sandbox.fake.last().param("cursor"), Some("7"));
    for form in ["--json", "--jsonl"] {
        for odd in [
            page(json!({"x": 1})),
            page(json!(true)),
            json!({"jobs": null, "nextCursor": "c"}).to_string(),
        ] {
            sandbox.fake.script(line, [Fault::body(200, &odd)]);
            let out = sandbox.run(&["jobs", "list", "--all", form]);
            assert_eq!(out.status, Some(1), "{odd}: {out:#?}");
        }
    }
}

#[test]
fn a_secret_that_was_not_asked_for_is_not_lost() {
    let sandbox = Sandbox::claimed();
    sandbox
        .run(&[&WEBHOOK[..], &["--get", "webhook.id"]].concat())
        .breaks_off()
        .stderr_has("--get did not ask for `secret`; the call itself was carried out")
        .stderr_has("whsec_");
    sandbox
        .run(&[&WEBHOOK[..], &["--get", "webhook.id", "--get", "secret"]].concat())
        .ok()
        .stderr_is("");
}
