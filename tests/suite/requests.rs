//! The one place that makes a request: headers, retries, redirects, errors.

use std::io::{BufRead, BufReader};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::fake::{Answer, Fake, Fault};
use crate::harness::{Out, Sandbox, closed_address, promises, sent};

const MINE: &str = "GET /api/public/v1/jobs/mine";
const DRAFTS: &str = "POST /api/public/v1/job-drafts";

fn draft(sandbox: &Sandbox) -> Out {
    sandbox.run(&["jobs", "draft", "create", "--description", "Boxes"])
}

#[test]
fn a_request_carries_the_documented_headers_and_no_others() {
    let sandbox = Sandbox::claimed();
    sandbox.run(&["jobs", "list"]).ok();
    let request = sandbox.fake.last();
    let mut names: Vec<String> = request
        .headers
        .iter()
        .map(|(n, _)| n.to_lowercase())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "accept",
            "accept-encoding",
            "authorization",
            "connection",
            "host",
            "user-agent"
        ]
    );
    let agent = format!("opentrain/{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(request.header("user-agent"), Some(agent.as_str()));
    assert_eq!(request.header("accept"), Some("application/json"));
    assert!(
        request
            .header("authorization")
            .unwrap()
            .starts_with("Bearer ot_pat_")
    );
}

#[test]
fn ids_go_into_the_path_as_one_encoded_segment() {
    let sandbox = Sandbox::claimed();
    sandbox
        .run(&["jobs", "publish", "a/b ?#%é"])
        .fails()
        .stderr_has("404 NOT_FOUND");
    assert_eq!(
        sandbox.fake.last().path,
        "/api/public/v1/jobs/a%2Fb%20%3F%23%25%C3%A9/publish"
    );
}

#[test]
fn parameters_are_encoded() {
    let sandbox = Sandbox::claimed();
    sandbox
        .run(&["jobs", "list", "--cursor", "a&b=c +é"])
        .fails();
    assert_eq!(sandbox.fake.last().param("cursor"), Some("a&b=c +é"));
}

#[test]
fn a_read_is_tried_three_times_on_gateway_errors() {
    let sandbox = Sandbox::claimed();
    sandbox
        .fake
        .script(MINE, [Fault::status(502), Fault::status(503)]);
    let start = Instant::now();
    sandbox.run(&["jobs", "list"]).ok();
    // The documented waits: 0.5 s and 1 s. An upper bound would test the machine.
    assert!(start.elapsed() >= Duration::from_millis(1500));
    assert_eq!(sandbox.fake.requests().len(), 3);
    sandbox.fake.forget();
    sandbox
        .fake
        .script(MINE, [504, 504, 504].map(Fault::status));
    sandbox
        .run(&["jobs", "list"])
        .fails()
        .stderr_has("OpenTrain API request failed (504 ");
    assert_eq!(sandbox.fake.requests().len(), 3);
}

#[test]
fn a_read_is_tried_again_when_the_connection_breaks() {
    let sandbox = Sandbox::claimed();
    sandbox.fake.script(MINE, [Fault::Drop, Fault::Cut]);
    sandbox.run(&["jobs", "list"]).ok();
    assert_eq!(sandbox.fake.requests().len(), 3);
}

#[test]
fn other_errors_are_not_tried_again() {
    let sandbox = Sandbox::claimed();
    for status in [400, 401, 403, 404, 409, 500, 501] {
        sandbox.fake.forget();
        sandbox.fake.script(MINE, [Fault::status(status)]);
        sandbox
            .run(&["jobs", "list"])
            .fails()
            .stderr_has(&format!("({status} "));
        assert_eq!(sandbox.fake.requests().len(), 1, "{status}");
    }
}

#[test]
fn a_write_that_may_have_arrived_is_sent_once() {
    let sandbox = Sandbox::claimed();
    for fault in [Fault::status(502), Fault::status(503), Fault::status(504)] {
        sandbox.fake.forget();
        sandbox.fake.script(DRAFTS, [fault]);
        draft(&sandbox).fails();
        assert_eq!(sandbox.fake.requests().len(), 1);
    }
    sandbox.fake.forget();
    sandbox.fake.script(DRAFTS, [Fault::Drop]);
    draft(&sandbox)
        .fails()
        .stderr_has("whether the request took effect is unknown")
        .stderr_has(
            "Hint: check with `opentrain jobs list --status DRAFT` before sending it again",
        );
    assert_eq!(sandbox.fake.requests().len(), 1);
    sandbox.fake.forget();
    sandbox.fake.script(DRAFTS, [Fault::Cut]);
    draft(&sandbox)
        .fails()
        .stderr_has("(status 201) was cut short (the connection was closed early): {")
        .stderr_has("Hint: check with `opentrain jobs list --status DRAFT`");
    assert_eq!(sandbox.fake.requests().len(), 1);
}

#[test]
fn a_write_that_never_left_is_tried_again() {
    let sandbox = Sandbox::new();
    let address = closed_address();
    let url = format!("http://{address}");
    let mut child = sandbox.start(&["auth", "register", "--verbose", "--base-url", &url]);
    // The first attempt has to hit a closed port: the trace tells when it has.
    let mut trace = BufReader::new(child.stderr.take().unwrap()).lines();
    let refused = |line: std::io::Result<String>| line.unwrap().ends_with(": connection refused");
    assert!(trace.any(refused));
    let late = Fake::start_at(&address, promises);
    Out::of(child).ok();
    assert_eq!(late.lines(), ["POST /api/agent/identity"]);
}

#[test]
fn a_server_that_cannot_be_reached_got_nothing() {
    let sandbox = Sandbox::claimed();
    let url = format!("http://{}", closed_address());
    for words in [&["jobs", "list"][..], &["jobs", "publish", "job_1"]] {
        let words = [words, &["--base-url", &url]].concat();
        sandbox.run(&words).fails().stderr_is(&format!(
            "Error: {url} could not be reached: connection refused; nothing was sent\n"
        ));
    }
    sandbox
        .run(&["jobs", "list", "--base-url", "https://no-such-host.invalid"])
        .fails()
        .stderr_is("Error: https://no-such-host.invalid could not be reached: its name could not be looked up; nothing was sent\n");
}

#[test]
fn redirects_are_not_followed() {
    let sandbox = Sandbox::claimed();
    for status in [301, 302, 303, 307, 308] {
        let mut answer = Answer {
            status,
            body: String::new(),
            headers: Vec::new(),
        };
        answer
            .headers
            .push(("Location", format!("{}/elsewhere", sandbox.fake.url)));
        sandbox.fake.forget();
        sandbox.fake.script(MINE, [Fault::Answer(answer)]);
        let points = format!(
            "answered {status} and points to {}/elsewhere",
            sandbox.fake.url
        );
        sandbox.run(&["jobs", "list"]).fails().stderr_has(&points);
        assert_eq!(sandbox.fake.requests().len(), 1);
    }
}

#[test]
fn errors_print_exactly_the_documented_lines() {
    let sandbox = Sandbox::with_scopes(&["jobs:read"], false);
    draft(&sandbox).fails().stderr_has(
        "OpenTrain API request failed (403 FORBIDDEN): Missing scope\n\
         Details: {\"grantedScopes\":[\"jobs:read\"],\"requiredScopes\":[\"jobs:write\"]}\n\
         Request id: req-fake-1\n\
         Hint: the token lacks the scope jobs:write;",
    );
    sandbox.fake.script(MINE, [Fault::status(400)]);
    sandbox.run(&["jobs", "list", "--json"]).fails().stderr_is(
        "OpenTrain API request failed (400 BAD_REQUEST): scripted fault\nRequest id: req-fake-1\n",
    );
}

#[test]
fn details_are_printed_compact_in_their_own_order() {
    let sandbox = Sandbox::claimed();
    let body =
        r#"{"error":"No","code":"CONFLICT","requestId":"r","details":{"z": 1.50, "a": [ 1 ,2 ]}}"#;
    sandbox.fake.script(MINE, [Fault::body(409, body)]);
    sandbox.run(&["jobs", "list"]).fails().stderr_is(
        "OpenTrain API request failed (409 CONFLICT): No\nDetails: {\"z\":1.50,\"a\":[1,2]}\nRequest id: r\n",
    );
}

#[test]
fn a_human_is_told_what_to_do() {
    let sandbox = Sandbox::claimed();
    for (details, hint) in [
        (
            json!({"reason": "account_claim_required", "claimUrl": "https://c"}),
            "Hint: this account has no human owner yet. Run: opentrain auth claim --email <human-email>",
        ),
        (
            json!({"claimUrl": "https://c.example/x"}),
            "https://c.example/x",
        ),
        (
            json!({"reason": "new_reason", "billingUrl": "https://b.example/y"}),
            "Hint: a human has to add a payment method or credits at https://b.example/y",
        ),
        (
            json!({"requiredScopes": ["payments:write"]}),
            "Hint: the token lacks the scope payments:write; a human can make a token with it at https://app.opentrain.ai/employer-settings?tab=api-keys",
        ),
        (
            json!({"requiredScopes": ["proposals:write"]}),
            "a claimed account has it (`opentrain auth claim --email <human-email>`)",
        ),
        (
            json!({"featureKey": "public_api_hiring", "mode": "ALLOWLIST"}),
            "Hint: the feature public_api_hiring is off for this account",
        ),
        (json!({"retryAfterSeconds": 7}), "Hint: wait 7 s"),
    ] {
        sandbox.fake.script(
            MINE,
            [Fault::Answer(Answer::error(403, "No", details.clone()))],
        );
        sandbox
            .run(&["jobs", "list"])
            .fails()
            .stderr_has(hint)
            .stderr_has(&format!("Details: {details}"));
    }
    sandbox.fake.script(MINE, [Fault::status(401)]);
    sandbox
        .run(&["jobs", "list"])
        .fails()
        .stderr_has("Hint: the token from OT_API_TOKEN is invalid, expired or revoked; set that variable to another one");
}

#[test]
fn bodies_that_are_no_envelope_show_status_and_first_words() {
    let sandbox = Sandbox::claimed();
    for (status, body, shown) in [
        (
            500,
            "<html>\n <h1>Oops</h1>",
            "OpenTrain API request failed (500 UNKNOWN): <html> <h1>Oops</h1>\n",
        ),
        (404, "", "(404 UNKNOWN): (empty body)\n"),
        (
            404,
            r#"{"id":"x","status":"closed"}"#,
            "(404 UNKNOWN): the answer contains no error message\nDetails: {\"id\":\"x\",\"status\":\"closed\"}\n",
        ),
        (
            500,
            r#"{"error":"Something went wrong"}"#,
            "(500 UNKNOWN): Something went wrong\n",
        ),
        (
            200,
            "<html>hello",
            "the server answered 200 with a body that is not JSON (expected value at line 1 column 1): <html>hello\n",
        ),
        (
            200,
            "{\"jobs\": [}",
            "the server answered 200 with a body that is not JSON",
        ),
        (200, "{} trailing", "trailing characters"),
    ] {
        for words in [&["jobs", "list"][..], &["jobs", "list", "--json"]] {
            sandbox.fake.script(MINE, [Fault::body(status, body)]);
            sandbox.run(words).fails().stderr_has(shown);
        }
    }
}

#[test]
fn the_servers_words_reach_the_terminal_only_as_text() {
    let sandbox = Sandbox::claimed();
    let body = json!({
        "error": "no\u{1b}[2J\nHint: run evil", "code": "X\u{9b}", "requestId": "r\r\u{202e}",
        "details": {"k": "\u{7f}\u{9b}\u{2066}"},
    });
    sandbox
        .fake
        .script(MINE, [Fault::body(400, &body.to_string())]);
    sandbox.run(&["jobs", "list"]).fails().stderr_is(
        "OpenTrain API request failed (400 UNKNOWN): no\\u001b[2J\\nHint: run evil\n\
         Details: {\"k\":\"\\u007f\\u009b\\u2066\"}\n\
         Request id: r\\r\\u202e\n",
    );
}

#[test]
fn a_token_that_a_header_cannot_carry_is_refused_unsent() {
    for token in [
        "ot_pat_a\nX: y",
        "ot_pat_\u{1b}sentinel",
        "ot_pat_é",
        "ot pat",
    ] {
        let sandbox = Sandbox::new().env("OT_API_TOKEN", token);
        sandbox
            .run(&["jobs", "list"])
            .fails()
            .stderr_has("Usage error: the API token from OT_API_TOKEN")
            .hides("sentinel");
        assert!(sandbox.fake.requests().is_empty());
    }
}

#[test]
fn a_token_travels_only_over_https_or_to_loopback() {
    let sandbox = Sandbox::claimed();
    for words in [
        &["jobs", "list"][..],
        &["auth", "register"],
        &["auth", "login", "--api-key", "x"],
    ] {
        let words = [words, &["--base-url", "http://api.example.org"]].concat();
        sandbox.run(&words).fails().stderr_has(
            "Usage error: http://api.example.org is plain http: a token is sent only over https",
        );
    }
}

#[test]
fn base_urls_with_extras_are_refused_by_the_name_of_their_source() {
    let sandbox = Sandbox::claimed();
    for (url, why) in [
        (
            "https://me:sentinel@x.org",
            "contains a user name or password",
        ),
        (
            "https://x.org/?a=sentinel",
            "must have neither query nor fragment",
        ),
        (
            "https://x.org/#sentinel",
            "must have neither query nor fragment",
        ),
        ("ftp://sentinel", "must begin with https:// or http://"),
        ("sentinel", "must begin with https:// or http://"),
        ("https:// sentinel", "contains spaces"),
    ] {
        let out = sandbox.run(&["jobs", "list", "--base-url", url]).fails();
        out.stderr_has("Usage error: the base URL from --base-url ")
            .stderr_has(why)
            .hides("sentinel");
    }
    let sandbox = Sandbox::claimed().env("OT_API_BASE_URL", "https://a:b@c");
    sandbox
        .run(&["jobs", "list"])
        .fails()
        .stderr_has("the base URL from OT_API_BASE_URL ");
}

#[test]
fn a_base_url_may_have_a_path() {
    let sandbox = Sandbox::claimed();
    let url = format!("{}/proxy/", sandbox.fake.url);
    sandbox.run(&["jobs", "list", "--base-url", &url]).fails();
    assert_eq!(sent(&sandbox.fake.requests()), ["GET /proxy/jobs/mine"]);
}

#[test]
fn a_call_ends_after_thirty_seconds_and_is_not_tried_again() {
    // The documented limits cannot be shorter: both calls wait them out, side by side.
    let sandbox = Sandbox::claimed();
    sandbox
        .fake
        .script(MINE, [Fault::Delay(Duration::from_secs(45))]);
    sandbox
        .fake
        .script(DRAFTS, [Fault::Delay(Duration::from_secs(45))]);
    let start = Instant::now();
    let read = sandbox.start(&["jobs", "list"]);
    let write = sandbox.start(&["jobs", "draft", "create", "--description", "x"]);
    Out::of(read)
        .fails()
        .stderr_has("Error: no answer from ")
        .stderr_has(": time ran out");
    Out::of(write)
        .fails()
        .stderr_has("whether the request took effect is unknown");
    assert!(start.elapsed() >= Duration::from_secs(29));
    assert!(start.elapsed() < Duration::from_secs(44));
    assert_eq!(sandbox.fake.requests().len(), 2);
}

#[test]
fn publish_may_take_longer() {
    let sandbox = Sandbox::claimed();
    // Beyond the 30 s of other calls.
    let late = Fault::Delay(Duration::from_secs(31));
    sandbox
        .fake
        .script("POST /api/public/v1/jobs/job_1/publish", [late]);
    sandbox
        .run(&["jobs", "publish", "job_1"])
        .fails()
        .stderr_has("(404 NOT_FOUND)");
}
