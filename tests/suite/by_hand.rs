//! Requests that are shown and not sent, and those that are written by hand.

use serde_json::{Value, json};

use crate::fake::{Fault, decode};
use crate::harness::{Sandbox, sent};
use crate::table::ROWS;

#[test]
fn a_dry_run_shows_the_request_that_the_call_would_make_first() {
    let mut tried = 0;
    for row in ROWS
        .iter()
        .filter(|row| !row.requests.is_empty() && !row.reads())
    {
        // Logging in asks who it is: it writes here, not there.
        let world = row.world();
        let real = {
            world.run(row.line).ok();
            world.sandbox.fake.requests().first().cloned().unwrap()
        };
        world.sandbox.fake.forget();
        let world = row.world();
        let before = world.sandbox.config_files();
        let out = world.run(&format!("{} --dry-run", row.line)).ok();
        let shown = out.json();
        assert!(world.sandbox.fake.requests().is_empty(), "{}", row.line);
        assert_eq!(world.sandbox.config_files(), before, "{}", row.line);
        assert_eq!(shown["method"], real.method, "{}", row.line);
        let url = shown["url"].as_str().unwrap();
        let path = url
            .strip_prefix(&world.sandbox.fake.url)
            .expect("the same server");
        let path = path.split('?').next().unwrap_or_default();
        // Ids differ from world to world.
        assert_eq!(
            path.split('/').count(),
            real.path.split('/').count(),
            "{}",
            row.line
        );
        assert_eq!(
            shown["headers"].get("Authorization").is_some(),
            real.header("authorization").is_some(),
            "{}",
            row.line
        );
        for (name, value) in shown["headers"].as_object().unwrap() {
            if name != "Authorization" {
                assert_eq!(value.as_str(), real.header(name), "{}: {name}", row.line);
            }
        }
        match &shown["body"] {
            Value::Null => assert_eq!(real.body, "", "{}", row.line),
            Value::String(form) => {
                assert!(form.contains("********"), "{}: {}", row.line, decode(form))
            }
            body => {
                let keys = |value: &Value| {
                    value
                        .as_object()
                        .map(|o| o.keys().cloned().collect::<Vec<_>>())
                };
                assert_eq!(keys(body), keys(&real.json()), "{}", row.line);
            }
        }
        out.hides(&world.ids["claim"]).hides(&world.ids["token"]);
        tried += 1;
    }
    assert!(tried > 20, "{tried}");
}

#[test]
fn a_dry_run_needs_no_token_and_checks_all_the_same() {
    let sandbox = Sandbox::new();
    let hire = [
        "proposals",
        "hire",
        "prop_5",
        "--amount",
        "250.50",
        "--dry-run",
    ];
    let out = sandbox.run(&hire).ok().stderr_is("");
    assert_eq!(
        out.json(),
        json!({
            "method": "POST",
            "url": format!("{}/api/public/v1/proposals/prop_5/hire", sandbox.fake.url),
            "headers": {
                "Authorization": "Bearer ********",
                "Content-Type": "application/json",
                "Accept": "application/json",
                "User-Agent": concat!("opentrain/", env!("CARGO_PKG_VERSION")),
            },
            "body": {"milestone": {"name": "First milestone", "amount": 250.50}},
        })
    );
    assert!(
        out.stdout.contains("\"amount\": 250.50\n"),
        "{}",
        out.stdout
    );
    let one = [&hire[..], &["--get", "body.milestone.amount"]].concat();
    sandbox.run(&one).ok().stdout_is("250.50\n");
    for words in [
        &[
            "jobs",
            "draft",
            "create",
            "--description-file",
            "/no/such/file",
            "--dry-run",
        ][..],
        &["proposals", "hire", "prop_5", "--amount", "x", "--dry-run"],
        &["auth", "logout", "--dry-run"],
        &["jobs", "list", "--dry-run"],
    ] {
        sandbox.run(words).fails().stdout_is("");
    }
    sandbox
        .run(&["auth", "claim-status", "--wait", "--dry-run"])
        .ok()
        .stderr_is("Note: this is the first request; with --wait others follow it.\n");
    sandbox.run(&["auth", "register", "--dry-run"]).ok();
    assert!(!sandbox.config().exists() && sandbox.fake.requests().is_empty());
}

#[test]
fn any_endpoint_can_be_called_with_the_token_and_the_forms_of_every_command() {
    let sandbox = Sandbox::claimed();
    let made = sandbox
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
    let job = made.trim();
    sandbox.fake.forget();
    sandbox
        .run(&[
            "api",
            "GET",
            "/jobs/mine",
            "--query",
            "limit=1",
            "--query",
            "status=DRAFT",
            "--get",
            "jobs[].id",
        ])
        .ok()
        .stdout_is(&format!("{job}\n"));
    sandbox
        .run(&["api", "GET", "/api/public/v1/jobs/mine?limit=1", "--json"])
        .ok()
        .stdout_has(job);
    sandbox
        .run(&[
            "api",
            "PATCH",
            &format!("/job-drafts/{job}"),
            "--set",
            "headcount=3",
            "--set-string",
            "jobTitle=007",
        ])
        .ok();
    assert_eq!(
        sandbox.fake.last().body,
        r#"{"headcount":3,"jobTitle":"007"}"#
    );
    let file = sandbox.file("body.json", "{ \"jobTitle\" : 1.10 }\n");
    sandbox.run(&[
        "api",
        "PATCH",
        &format!("/job-drafts/{job}"),
        "--input",
        &file,
    ]);
    assert_eq!(sandbox.fake.last().body, "{ \"jobTitle\" : 1.10 }\n");
    assert!(
        sandbox
            .fake
            .requests()
            .iter()
            .all(|r| r.header("authorization").is_some())
    );
    // A public endpoint gets no token, as with its command.
    sandbox.run(&["api", "GET", "/jobs"]).ok();
    assert_eq!(sandbox.fake.last().header("authorization"), None);
    sandbox
        .run(&["api", "GET", "/nope"])
        .fails()
        .stderr_has("OpenTrain API request failed (404 ");
    assert_eq!(
        sent(&sandbox.fake.requests()).first().unwrap(),
        "GET /jobs/mine?limit=1&status=DRAFT"
    );
}

#[test]
fn no_path_leads_out_of_the_api() {
    let sandbox = Sandbox::claimed();
    for path in [
        "jobs",
        "https://evil.example/api/x",
        "//evil.example/x",
        "/../x",
        "/a/../../x",
        "/%2e%2e/x",
        "/%2E./x",
        "/%252e%252e/x",
        "/a/%2e%2e%2fx",
        "/a\\..\\x",
        "/a%5c..%5cx",
        "/api/../admin",
        "/a#b",
        "/a b",
        "/a%0",
        "/a%zz",
        "/é",
        "/a\u{7f}",
        "/",
        "/./x",
        "/..;/x",
        "/x/..;a=1/y",
        "/x/%2e%2e%3b/y",
        "/a%00",
        "/a%0d%0ab",
    ] {
        let out = sandbox.run(&["api", "GET", path]).fails();
        assert!(
            out.stderr.starts_with("Usage error: <path> "),
            "{path}: {}",
            out.stderr
        );
    }
    for words in [
        &["api", "GET", "/jobs", "--set", "a=1"][..],
        &["api", "POST", "/jobs", "--set", "a=1", "--input", "-"],
        &["api", "HEAD", "/jobs"],
        &["api", "POST"],
        &["api", "POST", "/jobs", "--input", "/no/such/file"],
    ] {
        sandbox.run(words).fails();
    }
    assert!(
        sandbox
            .run_with_stdin(&["api", "POST", "/jobs", "--input", "-"], "{no")
            .fails()
            .stderr
            .contains("--input takes JSON")
    );
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn a_write_by_hand_is_sent_once_and_its_lost_answer_is_unknown() {
    let sandbox = Sandbox::claimed();
    let line = "POST /api/public/v1/job-drafts";
    for fault in [Fault::status(502), Fault::Drop] {
        sandbox.fake.forget();
        sandbox.fake.script(line, [fault]);
        let out = sandbox
            .run(&[
                "api",
                "POST",
                "/job-drafts",
                "--set",
                "description=x",
                "--json-errors",
            ])
            .fails();
        let error = out.error();
        assert_eq!(
            (&error["effect"], &error["retry"]),
            (&json!("unknown"), &json!("check")),
            "{error}"
        );
        assert_eq!(sandbox.fake.requests().len(), 1);
    }
    // A read is tried again, as ever.
    sandbox.fake.forget();
    sandbox
        .fake
        .script("GET /api/public/v1/jobs/mine", [Fault::status(502)]);
    sandbox.run(&["api", "GET", "/jobs/mine"]).ok();
    assert_eq!(sandbox.fake.requests().len(), 2);
    // When it is lost for good nothing has happened that could be looked at.
    sandbox.fake.script(
        "GET /api/public/v1/jobs/mine",
        [Fault::Drop, Fault::Drop, Fault::Drop],
    );
    sandbox
        .run(&["api", "GET", "/jobs/mine"])
        .fails()
        .hides("Hint: ");
}
