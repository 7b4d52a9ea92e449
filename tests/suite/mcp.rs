//! `opentrain mcp` over pipes: both eras, malformed lines, and every tool by the table of commands.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::connections::without_threads;
use crate::fake::hiring;
use crate::fuzz::{Random, mutate};
use crate::harness::{Out, Sandbox, until};
use crate::mcp_tools::{OFFICIAL, OURS, cases};
use crate::raw::{Raw, Step, answer};
use crate::world::World;

const MODERN: &str = "2026-07-28";
const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES_KEY: &str = "io.modelcontextprotocol/clientCapabilities";

/// A server, and a client that speaks to it line by line.
pub(crate) struct Session {
    child: Child,
    input: Option<ChildStdin>,
    pub output: BufReader<ChildStdout>,
    id: u64,
}

impl Session {
    pub(crate) fn start(sandbox: &Sandbox, flags: &[&str]) -> Self {
        let words = [&["mcp"], flags].concat();
        let mut command = sandbox.command(&words);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let input = child.stdin.take();
        Session {
            child,
            input,
            output,
            id: 0,
        }
    }

    /// How many threads the server has.
    fn threads(&self) -> usize {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.id()));
        tasks.expect("it runs").count()
    }

    pub(crate) fn send(&mut self, line: impl AsRef<[u8]>) {
        let input = self.input.as_mut().expect("an open input");
        input
            .write_all(&[line.as_ref(), b"\n"].concat())
            .expect("a server");
    }

    #[track_caller]
    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("a line");
        let message: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
        message
    }

    /// Sends a line, and reads the answer.
    #[track_caller]
    pub(crate) fn line(&mut self, line: impl AsRef<[u8]>) -> Value {
        self.send(line);
        self.read()
    }

    /// Sends a request of the era of `initialize`.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        self.id += 1;
        let request = json!({"jsonrpc": "2.0", "id": self.id, "method": method, "params": params});
        let answer = self.line(request.to_string());
        assert_eq!(answer["id"], self.id, "{answer}");
        answer
    }

    /// Sends a request of the stateless era.
    pub(crate) fn ask_modern(&mut self, method: &str, mut params: Value) -> Value {
        params["_meta"] = json!({VERSION_KEY: MODERN, CAPABILITIES_KEY: {}});
        self.ask(method, params)
    }

    /// Calls a tool; gives its result.
    #[track_caller]
    pub(crate) fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let name = format!("opentrain_{tool}");
        let answer = self.ask("tools/call", json!({"name": name, "arguments": arguments}));
        assert!(answer["error"].is_null(), "{answer}");
        answer["result"].clone()
    }

    pub(crate) fn tools(&mut self) -> Vec<Value> {
        let answer = self.ask("tools/list", json!({}));
        answer["result"]["tools"].as_array().expect("tools").clone()
    }

    /// Closes the input; the process ends within a second, with status 0 and no further output.
    #[track_caller]
    pub(crate) fn end(self) -> Out {
        self.end_after(|line| panic!("{line}"))
    }

    /// The same with open calls that may still be answered.
    #[track_caller]
    fn end_after(mut self, judge: impl Fn(&str)) -> Out {
        drop(self.input.take());
        let start = Instant::now();
        for line in self.output.lines() {
            judge(&line.expect("a line"));
        }
        let out = Out::of(self.child);
        assert!(
            start.elapsed() < Duration::from_millis(1500),
            "{:?}",
            start.elapsed()
        );
        assert_eq!(out.status, Some(0), "{out:#?}");
        out
    }
}

/// The exit status of a process, if it ends soon.
fn ended(child: &mut Child) -> Option<i32> {
    for _ in 0..3000 {
        if let Some(status) = child.try_wait().expect("a process") {
            return status.code();
        }
        thread::sleep(Duration::from_millis(5));
    }
    None
}

pub(crate) fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().expect("a text")
}

/// The text of a result that is an error.
#[track_caller]
pub(crate) fn error(result: &Value) -> &str {
    assert_eq!(result["isError"], true, "{result:#}");
    text(result)
}

#[test]
fn both_eras_are_opened_on_one_pipe_and_keep_their_keys() {
    let sandbox = Sandbox::new();
    let mut session = Session::start(&sandbox, &[]);
    let keys = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    let discovered = session.ask_modern("server/discover", json!({}))["result"].clone();
    assert_eq!(
        keys(&discovered),
        [
            "_meta",
            "cacheScope",
            "capabilities",
            "instructions",
            "resultType",
            "supportedVersions",
            "ttlMs"
        ]
    );
    assert_eq!(discovered["supportedVersions"], json!([MODERN]));
    for (asked, agreed) in [
        ("2024-11-05", "2024-11-05"),
        ("2025-03-26", "2025-03-26"),
        ("2025-06-18", "2025-06-18"),
        ("2025-11-25", "2025-11-25"),
        (MODERN, "2025-11-25"),
        ("1999-01-01", "2025-11-25"),
    ] {
        let params = json!({"protocolVersion": asked, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
        let opened = session.ask("initialize", params)["result"].clone();
        assert_eq!(opened["protocolVersion"], agreed);
        assert_eq!(
            keys(&opened),
            [
                "capabilities",
                "instructions",
                "protocolVersion",
                "serverInfo"
            ]
        );
        assert_eq!(opened["capabilities"], json!({"tools": {}}));
        assert_eq!(opened["instructions"], discovered["instructions"]);
        session.send(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    }
    let instructions = discovered["instructions"].as_str().unwrap();
    assert!(
        instructions.len() <= 2048 && !instructions.contains("opentrain "),
        "{instructions}"
    );
    let tools = session.tools();
    let is_tool = |name: &&str| tools.iter().any(|tool| tool["name"] == **name);
    let named: Vec<&str> = instructions
        .split(|c: char| !c.is_ascii_lowercase() && c != '_')
        .filter(|word| word.starts_with("opentrain_"))
        .collect();
    assert!(named.len() > 5 && named.iter().all(is_tool), "{named:?}");
    assert_eq!(session.ask("ping", json!({}))["result"], json!({}));
    let list = session.ask_modern("tools/list", json!({}))["result"].clone();
    assert_eq!(
        keys(&list),
        ["_meta", "cacheScope", "resultType", "tools", "ttlMs"]
    );
    assert_eq!(list["resultType"], "complete");
    assert_eq!(
        list["_meta"]["io.modelcontextprotocol/serverInfo"]["name"],
        "opentrain"
    );
    let list = session.ask("tools/list", json!({}))["result"].clone();
    assert_eq!(keys(&list), ["tools"]);
    let called = session.ask_modern(
        "tools/call",
        json!({"name": "opentrain_get_job", "arguments": {}}),
    );
    assert_eq!(
        keys(&called["result"]),
        [
            "_meta",
            "content",
            "isError",
            "resultType",
            "structuredContent"
        ]
    );
    let called = session.call("get_job", json!({}));
    assert_eq!(keys(&called), ["content", "isError", "structuredContent"]);
    for method in [
        "initialize",
        "ping",
        "logging/setLevel",
        "subscriptions/listen",
    ] {
        assert_eq!(
            session.ask_modern(method, json!({}))["error"]["code"],
            -32601,
            "{method}"
        );
    }
    assert_eq!(
        session.ask("server/discover", json!({}))["error"]["code"],
        -32602
    );
    let other = json!({"_meta": {VERSION_KEY: "2027-01-01", CAPABILITIES_KEY: {}}});
    let other = session.ask("tools/list", other)["error"].clone();
    assert_eq!(other["code"], -32022);
    assert_eq!(
        other["data"],
        json!({"supported": [MODERN], "requested": "2027-01-01"})
    );
    let lacks = session.ask("tools/list", json!({"_meta": {VERSION_KEY: MODERN}}));
    assert_eq!(lacks["error"]["code"], -32602);
    session.end();
}

#[test]
fn what_is_no_request_is_refused_and_the_next_one_is_answered() {
    let sandbox = Sandbox::new();
    let mut session = Session::start(&sandbox, &[]);
    for (line, code) in [
        (&b"{"[..], -32700),
        (b"hello", -32700),
        (b"\xff\xfe{}", -32700),
        (b"[]", -32600),
        (br#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32600),
        (b"1", -32600),
        (br#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600),
        (br#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, -32600),
        (br#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, -32600),
        (br#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, -32600),
        (br#"{"jsonrpc":"2.0","id":1}"#, -32600),
        (br#"{"jsonrpc":"2.0","id":1,"method":5}"#, -32600),
        (br#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}"#, -32602),
        (br#"{"jsonrpc":"2.0","id":1,"method":"prompts/list"}"#, -32601),
        (br#"{"jsonrpc":"2.0","id":1,"method":"resources/list"}"#, -32601),
        (br#"{"jsonrpc":"2.0","id":1,"method":"completion/complete"}"#, -32601),
        (br#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#, -32602),
        (br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":1}}"#, -32602),
        (br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"jobs list"}}"#, -32602),
        (br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"opentrain_list_jobs","arguments":[]}}"#, -32602),
    ] {
        let shown = String::from_utf8_lossy(line);
        let answer = session.line(line);
        assert_eq!(answer["error"]["code"], code, "{shown}");
        assert!(answer["error"]["message"].as_str().is_some_and(|m| !m.is_empty()));
        // Without a readable id there is none.
        assert!(answer.get("id").is_none_or(|id| *id == 1), "{answer}");
        assert!(answer.get("result").is_none(), "{answer}");
    }
    // What is not answered at all, and other line endings.
    for line in [
        "",
        "  ",
        "\r",
        r#"{"jsonrpc":"2.0","method":"notifications/nonsense"}"#,
        r#"{"jsonrpc":"2.0","method":"tools/list","params":7}"#,
        r#"{"jsonrpc":"2.0","id":9,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":9,"error":{"code":1,"message":"x"}}"#,
    ] {
        session.send(line);
    }
    for (id, line) in [
        (
            json!(0),
            r#"{"jsonrpc":"2.0","id":0,"method":"ping"}"#.to_owned(),
        ),
        (
            json!(""),
            "\u{feff}{\"jsonrpc\":\"2.0\",\"id\":\"\",\"method\":\"ping\"}\r".to_owned(),
        ),
        (
            json!("a\"\n"),
            r#" {"method":"ping","id":"a\"\n","params":null,"jsonrpc":"2.0"} "#.to_owned(),
        ),
        (
            json!(-7),
            r#"{"jsonrpc":"2.0","id":-7,"method":"ping","params":{}}"#.to_owned(),
        ),
    ] {
        assert_eq!(
            session.line(&line),
            json!({"jsonrpc": "2.0", "id": id, "result": {}}),
            "{line}"
        );
    }
    session.end().stderr_is("");
}

#[test]
fn long_lines_are_read_or_passed_over() {
    let world = World::new();
    let mut session = Session::start(&world.sandbox, &[]);
    let text = "x".repeat(10 << 20);
    let result = session.call(
        "send_message",
        json!({"conversationId": "c", "content": text}),
    );
    assert!(
        error(&result).contains("`content` is longer than 10000 characters"),
        "{result}"
    );
    let over = session.line(format!("{{\"x\":\"{}\"}}", "x".repeat(17 << 20)));
    assert_eq!(over["error"]["code"], -32600);
    let deep = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"x":{}1{}}}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(session.line(deep)["result"], json!({}));
    assert!(world.sandbox.fake.requests().is_empty());
    session.end();
}

#[test]
fn a_slow_call_holds_up_no_other_and_the_end_of_input_ends_all() {
    let raw = Raw::start(vec![vec![Step::Stall]]);
    let sandbox = Sandbox::claimed().env("OT_API_BASE_URL", &raw.url);
    let mut session = Session::start(&sandbox, &[]);
    let call = |id: u64| {
        format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"opentrain_close_job","arguments":{{"jobId":"j{id}"}}}}}}"#
        )
    };
    // More than are carried out at the same time.
    for id in 1..=12 {
        session.send(call(id));
    }
    until("eight requests", || raw.requests().len() == 8);
    assert_eq!(session.ask("ping", json!({}))["result"], json!({}));
    // One that has begun and one that has not: neither is answered, and the second sends nothing.
    for id in [1, 12] {
        session.send(format!(r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#));
    }
    assert_eq!(
        session.tools().len(),
        OFFICIAL.split_whitespace().count() + OURS.split_whitespace().count()
    );
    assert_eq!(raw.requests().len(), 8);
    session.end();
}

#[test]
fn a_cancelled_call_is_not_answered_and_what_waits_sends_nothing() {
    // Eight calls that take a moment; the ninth waits for its turn.
    let slow = || {
        vec![
            Step::Repeat(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(), 1),
            answer(200, "", r#"{"jobId":"j","status":"ARCHIVED"}"#),
        ]
    };
    let raw = Raw::start(vec![slow()]);
    let sandbox = Sandbox::claimed().env("OT_API_BASE_URL", &raw.url);
    let mut session = Session::start(&sandbox, &[]);
    let mut lines = String::new();
    for id in 1..=40 {
        lines.push_str(&format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"tools/call\",\"params\":{{\"name\":\"opentrain_close_job\",\"arguments\":{{\"jobId\":\"j{id}\"}}}}}}\n"));
    }
    // The last one is cancelled in the same breath, long before its turn.
    lines.push_str(
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":40}}"#,
    );
    session.send(lines);
    let mut answered: Vec<u64> = (1..40)
        .map(|_| session.read()["id"].as_u64().unwrap())
        .collect();
    answered.sort_unstable();
    assert_eq!(answered, (1..40).collect::<Vec<_>>());
    assert_eq!(session.ask("ping", json!({}))["result"], json!({}));
    session.end();
    assert!(
        !raw.requests()
            .iter()
            .any(|request| request.contains("/j40/"))
    );
    assert_eq!(raw.requests().len(), 39);
}

#[test]
fn two_hundred_calls_go_over_one_pipe() {
    let world = World::new();
    let mut session = Session::start(&world.sandbox, &[]);
    for id in 0..200 {
        session.send(format!(r#"{{"jsonrpc":"2.0","id":"n{id}","method":"tools/call","params":{{"name":"opentrain_list_jobs"}}}}"#));
    }
    let mut ids: Vec<String> = (0..200)
        .map(|_| {
            let answer = session.read();
            assert!(answer["result"]["isError"].is_null(), "{answer}");
            answer["id"].as_str().unwrap().to_owned()
        })
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 200);
    // No thread of a call outlives it, but those that carry the calls out.
    until("the threads of the calls to end", || {
        session.threads() <= 10
    });
    session.end();
}

#[test]
fn the_input_may_end_anywhere() {
    let world = World::new();
    let script = concat!(
        r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}"#,
        "\n",
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        "\n",
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"opentrain_list_jobs"}}"#,
        "\n",
    );
    for end in (0..=script.len()).step_by(9).chain([script.len()]) {
        let out = world
            .sandbox
            .run_with_stdin(&["mcp"], &script[..end])
            .ok()
            .stderr_is("");
        for line in out.stdout.lines() {
            let message: Value = serde_json::from_str(line).unwrap();
            assert_eq!(message["jsonrpc"], "2.0");
        }
        if end == script.len() {
            // What came before the end is answered, as far as one second allows.
            assert!(out.stdout.contains(&world.ids["job"]), "{out:#?}");
        }
    }
}

#[test]
fn a_client_that_is_gone_ends_the_server() {
    let world = World::new();
    let session = Session::start(&world.sandbox, &[]);
    let Session {
        mut child,
        input,
        output,
        ..
    } = session;
    drop(output);
    let mut input = input.unwrap();
    // For a moment, a child that another test has just forked may also hold the pipe open: then it
    // is the next answer that nobody takes.
    let mut status = None;
    for _ in 0..500 {
        let _ = input.write_all(b"{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"ping\"}\n");
        std::thread::sleep(Duration::from_millis(20));
        status = child.try_wait().expect("a child");
        if status.is_some() {
            break;
        }
    }
    assert_eq!(status.and_then(|status| status.code()), Some(0));
    // A client that takes no answers does not keep it alive either.
    let mut session = Session::start(&world.sandbox, &[]);
    for _ in 0..40 {
        session.send(r#"{"jsonrpc":"2.0","id":0,"method":"tools/list"}"#);
    }
    drop(session.input.take());
    assert_eq!(ended(&mut session.child), Some(0));
}

#[test]
fn no_line_ends_the_server_or_is_answered_with_anything_but_a_message() {
    let world = World::new();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut session = Session::start(&world.sandbox, &[]);
    let lines: Vec<String> = cases().map(|(_, tool, arguments)| {
        let arguments = world.fill(arguments);
        format!(r#"{{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{{"name":"opentrain_{tool}","arguments":{arguments},"_meta":{{"{VERSION_KEY}":"{MODERN}","{CAPABILITIES_KEY}":{{}},"progressToken":3}}}}}}"#)
    }).collect();
    for n in 0..1500 {
        let line = mutate(&lines[n % lines.len()], &mut random).replace('\n', " ");
        session.send(line);
        session.send(format!(
            r#"{{"jsonrpc":"2.0","id":"after {n}","method":"ping"}}"#
        ));
        // Calls are answered in their own time; what comes is a message, and the ping is among it.
        while session.read()["id"] != format!("after {n}") {}
    }
    let raw = session.end_after(|line| {
        serde_json::from_str::<Value>(line).expect("a message");
    });
    assert!(
        !raw.stderr.contains("panicked") && !raw.stderr.contains("bug in opentrain"),
        "{raw:#?}"
    );
}

#[test]
fn without_a_thread_one_thing_is_done_after_another() {
    let sandbox = Sandbox::claimed();
    let lines = [
        r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"opentrain_list_jobs"}}"#,
        r#"{"jsonrpc":"2.0","id":3,"method":"ping"}"#,
    ];
    let out = without_threads(&sandbox, &["mcp"], &lines.join("\n")).ok();
    let ids = out.stdout.lines().map(|line| {
        let answer: Value = serde_json::from_str(line).expect("a message");
        assert!(answer["result"]["isError"].is_null(), "{answer}");
        answer["id"].as_u64().expect("an id")
    });
    assert_eq!(ids.collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn a_wait_tells_how_it_goes_and_ends_as_a_result() {
    let world = World::new();
    let mut session = Session::start(&world.sandbox, &[]);
    let id = world.ids["wait"].clone();
    let pending = session.call(
        "wait_for_approval",
        json!({"approvalId": id, "timeoutSeconds": 1}),
    );
    assert!(pending["isError"].is_null(), "{pending:#}");
    let structured = &pending["structuredContent"];
    assert_eq!(structured["approval"]["status"], "pending");
    let again = format!("`opentrain_wait_for_approval {{\"approvalId\":\"{id}\"}}`");
    let note = structured["notes"][0].as_str().expect("a note");
    assert!(
        note.contains("is still pending after 1 s") && note.contains(&again),
        "{note}"
    );
    assert!(text(&pending).contains(note));
    let over = session.call(
        "wait_for_approval",
        json!({"approvalId": id, "timeoutSeconds": 51}),
    );
    assert!(
        error(&over).contains("`timeoutSeconds` must be at most 50"),
        "{over}"
    );
    // Reported every second, to whoever asked for it, and no more once it is answered.
    let params = json!({"name": "opentrain_wait_for_approval", "arguments": {"approvalId": id, "timeoutSeconds": 2}, "_meta": {"progressToken": "p"}});
    session.send(
        json!({"jsonrpc": "2.0", "id": "w", "method": "tools/call", "params": params}).to_string(),
    );
    let mut told = 0;
    let last = loop {
        let message = session.read();
        if message["id"] == "w" {
            break message;
        }
        told += 1;
        assert_eq!(message["method"], "notifications/progress");
        let params = &message["params"];
        assert_eq!(
            (&params["progressToken"], &params["progress"]),
            (&json!("p"), &json!(told))
        );
        assert!(
            params["message"]
                .as_str()
                .is_some_and(|m| m.starts_with("Waiting for the approval; "))
        );
    };
    assert!(
        told >= 2 && last["result"]["isError"].is_null(),
        "{told} {last}"
    );
    // What the human says in the meantime is the result, a refusal too.
    world
        .sandbox
        .fake
        .change(|s| hiring::resolve(s, &id, "declined"));
    let declined = session.call("wait_for_approval", json!({"approvalId": id}));
    assert!(declined["isError"].is_null(), "{declined:#}");
    assert_eq!(
        declined["structuredContent"]["approval"]["status"],
        "declined"
    );
    assert!(text(&declined).contains("ask the human") && !text(&declined).contains("is pending"));
    session.end();
}

#[test]
fn a_wait_that_is_cancelled_is_not_answered_and_holds_up_no_end() {
    let world = World::new();
    let mut session = Session::start(&world.sandbox, &[]);
    let params = json!({"name": "opentrain_wait_for_approval", "arguments": {"approvalId": world.ids["wait"]}});
    session.send(
        json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}).to_string(),
    );
    until("a look", || !world.sandbox.fake.requests().is_empty());
    session
        .send(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#);
    assert!(session.call("list_jobs", json!({}))["isError"].is_null());
    session.end();
}
