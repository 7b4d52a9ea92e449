//! `opentrain mcp`: every tool by the table of commands, its schema, its arguments, its errors.

use std::io::BufRead;

use serde_json::{Value, json};

use crate::fake::Fault;
use crate::harness::{Sandbox, sent};
use crate::mcp::{Session, error, text};
use crate::raw::Raw;
use crate::table::ROWS;
use crate::world::World;

/// The 41 tools of the official server, and ours.
pub(crate) const OFFICIAL: &str = "register_agent claim_account claim_status auth_status capabilities \
    create_job_draft update_job_draft_fields publish_job update_published_job close_job list_jobs \
    search_jobs list_proposals get_proposal get_freelancer_profile invite_freelancer hire_proposal \
    read_messages send_message start_proposal_conversation list_contracts get_contract \
    create_milestone request_milestone_funding request_milestone_approval get_approval \
    end_contract get_credits list_credit_ledger create_credit_top_up get_credit_top_up \
    poll_updates create_webhook list_webhooks get_webhook delete_webhook list_tokens revoke_token \
    get_team invite_team_member list_pending_payments";
pub(crate) const OURS: &str = "get_job get_job_facets list_job_changes wait_for_approval \
    create_verify_batch list_verify_batches get_verify_batch get_verify_results \
    get_verify_certificate";

/// Rows of the table of commands, by their lines; below each the call of a tool that does the same.
const CASES: &str = r#"
auth register --force --agent-name A --org-name O
  register_agent {"agentName":"A","organizationName":"O","force":true}
auth claim --email lee@example.com --claim-token {claim}
  claim_account {"email":"lee@example.com","claimToken":"{claim}"}
auth claim-status --claim-token {done}
  claim_status {"claimToken":"{done}"}
auth claim-status --claim-token {claim}
  claim_status {"claimToken":"{claim}"}
auth status
  auth_status {}
jobs draft create --description Boxes --external-id e1 --idempotency-key k1
  create_job_draft {"jobDescription":"Boxes","externalId":"e1","idempotencyKey":"k1"}
jobs draft update {draft} --set headcount=2 --set jobTitle=Two
  update_job_draft_fields {"jobId":"{draft}","fields":{"headcount":2,"jobTitle":"Two"}}
jobs draft capabilities
  capabilities {}
jobs list
  list_jobs {}
jobs list --status OPEN --limit 5
  list_jobs {"status":"OPEN","limit":5}
jobs search --q zebras --category image --language English --country US --pay-type PAY_PER_HOUR --limit 3
  search_jobs {"q":"zebras","category":"image","language":"English","country":"US","payType":"PAY_PER_HOUR","limit":3}
jobs get {job}
  get_job {"jobId":"{job}"}
jobs facets
  get_job_facets {}
jobs changes --since 2026-06-11
  list_job_changes {"since":"2026-06-11"}
jobs publish {job}
  publish_job {"jobId":"{job}"}
jobs invite --job-id {job} --freelancer-id user_cy
  invite_freelancer {"jobId":"{job}","freelancerId":"user_cy"}
jobs update-published {job} --set headcount=8
  update_published_job {"jobId":"{job}","fields":{"headcount":8}}
jobs close --job-id {job}
  close_job {"jobId":"{job}"}
proposals list {job} --status hired --limit 1
  list_proposals {"jobId":"{job}","status":"hired","limit":"1"}
proposals get --proposal-id {prop}
  get_proposal {"proposalId":"{prop}","interview":false}
proposals get {prop} --interview
  get_proposal {"proposalId":"{prop}","interview":true}
proposals hire {bare} --amount 250.10 --milestone-name A --milestone-description B --due-date 2026-07-01 --confirm-not-fit-override
  hire_proposal {"proposalId":"{bare}","amount":250.10,"milestoneName":"A","milestoneDescription":"B","dueDate":"2026-07-01","confirmNotFitOverride":true}
proposals hire --proposal-id {bare} --amount 500
  hire_proposal {"proposalId":"{bare}","amount":"500","dueDate":null}
freelancers get --id ana
  get_freelancer_profile {"idOrSlug":"ana"}
messages list
  read_messages {}
messages list --filter proposal --unread-only --limit 2
  read_messages {"filter":"proposal","unreadOnly":true,"limit":2}
messages read {conv} --limit 5 --direction newer
  read_messages {"conversationId":"{conv}","limit":5,"direction":"newer"}
messages start-proposal-thread --proposal-id {prop}
  start_proposal_conversation {"proposalId":"{prop}"}
messages send --conversation-id {conv} --content Hi~there
  send_message {"conversationId":"{conv}","content":"Hi there"}
contracts list --job-id {job} --status active
  list_contracts {"jobId":"{job}","status":"active"}
contracts get --contract-id {ct}
  get_contract {"contractId":"{ct}"}
contracts end --contract-id {ct}
  end_contract {"contractId":"{ct}"}
milestones create --contract-id {ct} --description Work --name Two --amount 0.50 --volume 10.5 --due-date 2026-07-01
  create_milestone {"contractId":"{ct}","description":"Work","name":"Two","amountUsd":0.50,"volume":10.5,"dueDate":"2026-07-01"}
milestones fund --milestone-id {ms2}
  request_milestone_funding {"milestoneId":"{ms2}"}
milestones approve {ms}
  request_milestone_approval {"milestoneId":"{ms}"}
approvals get {wait}
  get_approval {"approvalId":"{wait}"}
approvals get --approval-id {ap}
  wait_for_approval {"approvalId":"{ap}"}
credits show
  get_credits {}
credits ledger --limit 50
  list_credit_ledger {"limit":50.0}
credits top-up --amount 500.00
  create_credit_top_up {"amountUsd":500.00}
credits top-up-status --top-up-id {tu}
  get_credit_top_up {"topUpId":"{tu}"}
updates poll --cursor 2200 --limit 1
  poll_updates {"cursor":2200,"limit":1}
webhooks create --url https://example.com/h --events proposal.received,~approval.confirmed,
  create_webhook {"url":"https://example.com/h","eventTypes":["proposal.received","approval.confirmed"]}
webhooks list
  list_webhooks {}
webhooks get {wh}
  get_webhook {"webhookId":"{wh}"}
webhooks delete {wh}
  delete_webhook {"webhookId":"{wh}"}
tokens list
  list_tokens {}
tokens revoke --token-id {tok}
  revoke_token {"tokenId":"{tok}"}
team show
  get_team {}
team invite --email lee@example.com
  invite_team_member {"email":"lee@example.com"}
payments pending
  list_pending_payments {}
verify batches create --items-file rows.jsonl --kind episodes --generator nightly
  create_verify_batch {"generator":"nightly","items":[{"prompt":"Longest word?","response":"None"},{"prompt":"Longest river?","response":"teh Nile","id":"q2"},{"prompt":"Largest number?","response":"12","score":0.10}],"kind":"episodes"}
verify batches create --items [{"prompt":"a","n":1.10},{}]
  create_verify_batch {"items":[{"prompt":"a","n":1.10},{}]}
verify batches list --limit 1
  list_verify_batches {"limit":1}
verify batches get {vb}
  get_verify_batch {"batchId":"{vb}"}
verify batches results {vb}
  get_verify_results {"batchId":"{vb}"}
verify batches certificate {vb}
  get_verify_certificate {"batchId":"{vb}"}
"#;

/// The cases: line, tool, arguments.
pub(crate) fn cases() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let lines: Vec<&str> = CASES.trim().lines().collect();
    let calls = lines.chunks_exact(2).map(|pair| {
        let (tool, arguments) = pair[1].trim().split_once(' ').expect("a call");
        (pair[0], tool, arguments)
    });
    calls.collect::<Vec<_>>().into_iter()
}

#[test]
fn every_tool_sends_what_its_command_sends_and_says_the_same() {
    for (line, tool, arguments) in cases() {
        let row = ROWS.iter().find(|row| row.line == line);
        let row = row.unwrap_or_else(|| panic!("no row is `{line}`"));
        let world = row.world();
        let mut session = Session::start(&world.sandbox, &[]);
        let params = format!(
            r#"{{"name":"opentrain_{tool}","arguments":{}}}"#,
            world.fill(arguments)
        );
        // As text, because a tree of values would not keep the digits.
        let request =
            format!(r#"{{"jsonrpc":"2.0","id":0,"method":"tools/call","params":{params}}}"#);
        let answer = session.line(request);
        let result = &answer["result"];
        assert_eq!(
            (&answer["id"], &result["isError"]),
            (&json!(0), &Value::Null),
            "{answer:#}"
        );
        let requests = world.sandbox.fake.requests();
        let expected: Vec<String> = row.requests.iter().map(|r| world.fill(r)).collect();
        assert_eq!(sent(&requests), expected, "{line}");
        let body = requests.last().map(|r| r.body.clone()).unwrap_or_default();
        assert_eq!(body, world.fill(row.body), "{line}");
        for says in row.says {
            let says = world.fill(says);
            if !says.contains("opentrain ") && !says.contains("--") {
                let text = format!("{}\n", text(result));
                assert!(text.contains(&says), "{line}: no {says:?} in {text}");
            }
        }
        // The next step is a call of a tool, unless there is none for it.
        let steps = text(result).replace("opentrain auth login --api-key -", "");
        assert!(!steps.contains("opentrain "), "{steps}");
        if row.is_one_reply() {
            let mut whole = result["structuredContent"].clone();
            whole.as_object_mut().map(|whole| whole.remove("notes"));
            let sent: Value = serde_json::from_str(&world.sandbox.fake.answered()).unwrap();
            assert_eq!(whole, sent, "{line}");
        }
        let notes = result["structuredContent"]["notes"][0]
            .as_str()
            .unwrap_or_default();
        assert_eq!(
            notes.starts_with(row.notes),
            row.notes.is_empty() || !notes.is_empty(),
            "{line}: {notes}"
        );
        assert!(text(result).contains(notes));
        session.end().stderr_is("").hides(&world.ids["token"]);
        // The only secrets are those shown once.
        let all = answer.to_string();
        assert!(
            !all.contains(&world.ids["token"]) && !all.contains(&world.ids["claim"]),
            "{all}"
        );
        assert_eq!(all.contains("whsec_"), tool == "create_webhook", "{all}");
    }
}

#[test]
fn every_tool_has_a_case_and_every_official_name_a_tool() {
    let sandbox = Sandbox::new();
    let mut session = Session::start(&sandbox, &[]);
    let tools = session.tools();
    let names: Vec<&str> = tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    for name in &names {
        let name = name.strip_prefix("opentrain_").expect("the prefix");
        assert!(
            cases().any(|(_, tool, _)| tool == name),
            "no case calls {name}"
        );
    }
    assert_eq!(OFFICIAL.split_whitespace().count(), 41);
    for name in OFFICIAL.split_whitespace().chain(OURS.split_whitespace()) {
        assert!(
            names.contains(&format!("opentrain_{name}").as_str()),
            "{name}"
        );
    }
    let mut once = names.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), names.len());
    session.end();
}

/// What every client accepts as the schema of a value.
fn check_schema(name: &str, schema: &Value) {
    const KEYS: [&str; 8] = [
        "type",
        "description",
        "enum",
        "items",
        "minimum",
        "maximum",
        "additionalProperties",
        "x",
    ];
    let schema = schema.as_object().expect("an object");
    assert!(
        schema.keys().all(|key| KEYS.contains(&key.as_str())),
        "{name}: {schema:?}"
    );
    assert!(
        schema["description"]
            .as_str()
            .is_some_and(|d| !d.is_empty() && !d.contains("--")),
        "{name}"
    );
    match schema["type"].as_str().expect("a type") {
        "array" => match schema["items"]["type"].as_str().expect("a type") {
            // Some clients close an object that says nothing about its keys.
            "object" => assert_eq!(schema["items"]["additionalProperties"], true, "{name}"),
            other => assert_eq!(other, "string", "{name}"),
        },
        "object" => assert_eq!(schema["additionalProperties"], true, "{name}"),
        "integer" => {
            let words = schema["description"].as_str().unwrap();
            assert!(
                words.contains(&schema["minimum"].to_string()),
                "{name}: {words}"
            );
            assert!(
                schema
                    .get("maximum")
                    .is_none_or(|most| words.contains(&most.to_string())),
                "{name}"
            );
        }
        other => assert!(
            ["string", "boolean", "number"].contains(&other),
            "{name}: {other}"
        ),
    }
}

#[test]
fn the_list_is_what_the_strictest_client_takes() {
    let sandbox = Sandbox::new();
    let mut session = Session::start(&sandbox, &[]);
    session.send(r#"{"jsonrpc":"2.0","id":"l","method":"tools/list"}"#);
    let mut line = String::new();
    session.output.read_line(&mut line).unwrap();
    assert!(line.len() <= 24 * 1024, "{}", line.len());
    assert!(
        !line.contains("null") && !line.contains("nextCursor"),
        "{line}"
    );
    let list: Value = serde_json::from_str(&line).unwrap();
    for tool in list["result"]["tools"].as_array().unwrap() {
        let name = tool["name"].as_str().unwrap();
        let plain = |c: char| c.is_ascii_lowercase() || c == '_';
        assert!(name.len() <= 50 && name.chars().all(plain), "{name}");
        let description = tool["description"].as_str().unwrap();
        assert!((20..2000).contains(&description.len()), "{name}");
        assert!(
            !description.contains("--") && !description.contains("`opentrain "),
            "{description}"
        );
        let schema = &tool["inputSchema"];
        assert_eq!(
            (&schema["type"], &schema["additionalProperties"]),
            (&json!("object"), &json!(false))
        );
        for (argument, schema) in schema["properties"].as_object().into_iter().flatten() {
            check_schema(&format!("{name}.{argument}"), schema);
        }
        for required in schema["required"].as_array().into_iter().flatten() {
            let required = required.as_str().unwrap();
            assert!(
                schema["properties"][required].is_object(),
                "{name}: {required}"
            );
        }
        assert!(
            tool["annotations"]
                .as_object()
                .unwrap()
                .values()
                .all(Value::is_boolean)
        );
    }
    // Fixed, in the other era too, except for what that era adds.
    let modern = session.ask_modern("tools/list", json!({}));
    assert_eq!(modern["result"]["tools"], list["result"]["tools"]);
    let cursor = session.ask("tools/list", json!({"cursor": "x"}));
    assert_eq!(cursor["error"]["code"], -32602);
    session.end();
}

#[test]
fn the_hints_are_those_of_the_endpoints() {
    let sandbox = Sandbox::new();
    let mut session = Session::start(&sandbox, &[]);
    let destructive = [
        "close_job",
        "end_contract",
        "request_milestone_approval",
        "delete_webhook",
        "revoke_token",
    ];
    for tool in session.tools() {
        let name = tool["name"]
            .as_str()
            .unwrap()
            .strip_prefix("opentrain_")
            .unwrap();
        let hints = &tool["annotations"];
        let (line, ..) = cases().find(|(_, tool, _)| *tool == name).unwrap();
        let row = ROWS.iter().find(|row| row.line == line).unwrap();
        let reads = row
            .requests
            .iter()
            .all(|request| request.starts_with("GET "));
        assert_eq!(hints["readOnlyHint"] == true, reads, "{name}");
        if !reads {
            assert_eq!(
                hints["destructiveHint"] != false,
                destructive.contains(&name),
                "{name}"
            );
        }
    }
    let again = |session: &mut Session, tool: &str| {
        let tools = session.tools();
        let found = tools
            .iter()
            .find(|t| t["name"] == format!("opentrain_{tool}"))
            .unwrap();
        found["annotations"]["idempotentHint"] == true
    };
    for tool in ["publish_job", "end_contract", "create_verify_batch"] {
        assert!(again(&mut session, tool), "{tool}");
    }
    assert!(!again(&mut session, "hire_proposal") && !again(&mut session, "send_message"));
    session.end();
}

#[test]
fn wrong_arguments_are_told_all_at_once_and_nothing_is_sent() {
    let world = World::new();
    let mut session = Session::start(&world.sandbox, &[]);
    for (tool, arguments, says) in [
        (
            "list_jobs",
            json!({"limit": "many"}),
            "`limit` must be a whole number from 1, not `many`",
        ),
        (
            "list_jobs",
            json!({"limit": 0}),
            "`limit` must be a whole number from 1",
        ),
        (
            "list_jobs",
            json!({"limit": 101}),
            "`limit` must be at most 100, not `101`",
        ),
        (
            "list_jobs",
            json!({"limit": true}),
            "`limit` must be a number",
        ),
        (
            "list_jobs",
            json!({"status": ["OPEN"]}),
            "`status` must be a string",
        ),
        (
            "list_jobs",
            json!({"stauts": "OPEN"}),
            "there is no `stauts`; did you mean `status`?",
        ),
        (
            "list_jobs",
            json!({"all": true}),
            "there is no `all`; it takes status, limit, cursor",
        ),
        (
            "get_credits",
            json!({"x": 1}),
            "there is no `x`: it takes no arguments",
        ),
        (
            "search_jobs",
            json!({"payType": "HOURLY"}),
            "`payType` must be one of PAY_PER_HOUR, FIXED_PRICE, PAY_PER_LABEL",
        ),
        (
            "publish_job",
            json!({}),
            "`jobId` is missing: The job, from opentrain_list_jobs",
        ),
        ("publish_job", json!({"jobId": null}), "`jobId` is missing"),
        (
            "publish_job",
            json!({"jobId": ".."}),
            "`jobId` must be an id",
        ),
        (
            "read_messages",
            json!({"conversationId": "c", "filter": "job"}),
            "`filter` cannot be combined with the other arguments",
        ),
        (
            "read_messages",
            json!({"direction": "newer"}),
            "`direction` cannot be combined with the other arguments",
        ),
        (
            "get_proposal",
            json!({"proposalId": "p", "interview": "perhaps"}),
            "`interview` must be true or false",
        ),
        (
            "create_job_draft",
            json!({"descriptionFile": "/etc/passwd"}),
            "there is no `descriptionFile`",
        ),
        (
            "update_job_draft_fields",
            json!({"jobId": "j", "fields": [1]}),
            "`fields` must be an object",
        ),
        (
            "create_webhook",
            json!({"url": "https://x", "eventTypes": [1]}),
            "`eventTypes` must be an array of strings",
        ),
        (
            "hire_proposal",
            json!({"proposalId": "p", "amount": -5}),
            "`amount` must be a positive number",
        ),
        (
            "hire_proposal",
            json!({"amount": 1e3, "dueDate": "soon"}),
            "`dueDate` must be a date",
        ),
        (
            "hire_proposal",
            json!({"amount": 5, "dueDate": "soon"}),
            "`proposalId` is missing",
        ),
        (
            "claim_status",
            json!({"claimToken": "-"}),
            "`claimToken` must be the secret itself",
        ),
    ] {
        let result = session.call(tool, arguments);
        let text = error(&result);
        assert!(
            text.starts_with("Usage error: wrong arguments: ") && text.contains(says),
            "{says}: {text}"
        );
        assert!(
            text.ends_with("nothing was sent\nclass: usage, effect: none, retry: no"),
            "{text}"
        );
        assert_eq!(result["structuredContent"]["error"]["class"], "usage");
    }
    assert!(world.sandbox.fake.requests().is_empty());
    // What a client may send instead.
    for arguments in [
        json!({"limit": "5", "status": null}),
        json!({"limit": 5.0}),
        Value::Null,
    ] {
        assert!(session.call("list_jobs", arguments)["isError"].is_null());
    }
    let fields = json!({"jobId": world.ids["draft"], "fields": "{\"headcount\": 3}"});
    assert!(session.call("update_job_draft_fields", fields)["isError"].is_null());
    assert_eq!(world.sandbox.fake.last().json(), json!({"headcount": 3}));
    session.end();
}

/// The line of a call, in exactly these characters: a tree of values would not keep digits and
/// order.
fn create_batch(arguments: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":0,"method":"tools/call","params":{{"name":"opentrain_create_verify_batch","arguments":{arguments}}}}}"#
    )
}

#[test]
fn items_of_a_call_are_sent_to_the_byte() {
    let world = World::new();
    let fake = &world.sandbox.fake;
    let mut session = Session::start(&world.sandbox, &[]);
    let items = r#"[ {"z":1.10,"prompt":"\u00e9é\u200bHIDDEN","a":1e-7,"n":12345678901234567890123,"a":[ 1 , {} ]}, {} ]"#
        .replace("HIDDEN", "\u{200b}");
    let result = session.line(create_batch(&format!(
        r#"{{"items": {items} ,"generator":"nightly"}}"#
    )))["result"]
        .take();
    assert_eq!(result["isError"], Value::Null, "{result:#}");
    let body = format!(r#"{{"generator":"nightly","kind":"rows","items":{items}}}"#);
    assert_eq!(fake.last().body, body);
    let batch = &result["structuredContent"]["batch"];
    let id = batch["batchId"].as_str().expect("an id").to_owned();
    assert!(text(&result).contains("  price    0.20 USD, RECORD_ONLY\n"));
    let next =
        format!(r#"See the verdicts with: opentrain_get_verify_results {{"batchId":"{id}"}}"#);
    assert!(text(&result).ends_with(&next), "{}", text(&result));
    // Some clients send what is not flat as text. The same items are the same batch.
    let arguments = json!({"items": items, "kind": "rows"}).to_string();
    let again = session.line(create_batch(&arguments))["result"].take();
    assert_eq!(
        fake.last().body,
        body.replace(r#""generator":"nightly","#, "")
    );
    let again = &again["structuredContent"];
    assert_eq!(
        (&again["duplicate"], &again["batch"]),
        (&json!(true), batch)
    );
    let results = session.call("get_verify_results", json!({"batchId": id}));
    assert!(
        text(&results).contains("0 rejected, 2 pending."),
        "{results:#}"
    );
    let items = results["structuredContent"]["items"].as_array().unwrap();
    assert_eq!(
        items[1],
        json!({"index": 1, "verdict": "PENDING", "fixedText": null, "rejectReason": null})
    );
    // What has no certificate yet is an error; what has one has no line for a shell.
    let none = session.call("get_verify_certificate", json!({"batchId": id}));
    assert!(error(&none).contains("Items are pending"));
    let done = session.call(
        "get_verify_certificate",
        json!({"batchId": world.ids["vb"]}),
    );
    assert!(!text(&done).contains("sha256sum"), "{}", text(&done));
    // Too few credits are a matter for a human, by way of a tool.
    fake.change(|s| s.verdicts_cost = true);
    let refused = session.call(
        "create_verify_batch",
        json!({"items": [{"x": 1}, {"x": 2}, {"x": 3}]}),
    );
    let refused = error(&refused);
    assert!(
        refused.contains("0.30 USD required")
            && refused.contains("opentrain_create_credit_top_up {"),
        "{refused}"
    );
    session.end().stderr_is("");
}

#[test]
fn wrong_items_are_a_result_and_nothing_is_sent() {
    let world = World::new();
    let mut session = Session::start(&world.sandbox, &[]);
    let many = |count: usize| json!({"items": vec![json!({}); count]}).to_string();
    for (arguments, says) in [
        ("{}", "`items` is missing: A JSON array of 1 to 200 objects"),
        (r#"{"items":null}"#, "`items` is missing"),
        (r#"{"items":{}}"#, "`items` must be an array of objects"),
        (r#"{"items":"{}"}"#, "`items` must be an array of objects"),
        (r#"{"items":"[{"}"#, "`items` must be an array of objects"),
        (r#"{"items":7}"#, "`items` must be an array of objects"),
        (r#"{"items":[]}"#, "items contains no items"),
        (
            r#"{"items":[{},"a"]}"#,
            "items has something other than an object at index 1",
        ),
        (
            r#"{"items":"[{},null]"}"#,
            "items has something other than an object at index 1",
        ),
        (
            r#"{"items":[{}],"kind":"row"}"#,
            "`kind` must be one of rows, episodes, not `row`",
        ),
        (
            r#"{"items":[{}],"itemsFile":"/etc/passwd"}"#,
            "there is no `itemsFile`",
        ),
        (r#"{"items":[{}],"wait":true}"#, "there is no `wait`"),
        (
            &many(201),
            "items contains 201 items, and a batch takes at most 200; nothing was sent\nHint: make several batches of them\n",
        ),
        (&many(100_001), "items contains far too many items"),
    ] {
        let result = session.line(create_batch(arguments))["result"].take();
        let text = error(&result);
        assert!(
            text.starts_with("Usage error: ") && text.contains(says),
            "{says}: {text}"
        );
        assert!(
            text.contains("nothing was sent") && !text.contains("--"),
            "{text}"
        );
        assert!(
            text.ends_with("class: usage, effect: none, retry: no"),
            "{text}"
        );
    }
    // What is about the exit status or the bytes of standard output is no argument.
    let id = &world.ids["vb"];
    for (tool, other) in [
        (
            "get_verify_results",
            json!({"batchId": id, "failOn": ["FIX"]}),
        ),
        (
            "get_verify_certificate",
            json!({"batchId": id, "raw": true}),
        ),
    ] {
        let result = session.call(tool, other);
        assert!(error(&result).contains("it takes batchId"), "{result:#}");
    }
    assert!(world.sandbox.fake.requests().is_empty());
    session.end().stderr_is("");
}

#[test]
fn an_error_is_whole_in_its_text_and_names_tools() {
    let sandbox = Sandbox::with_scopes(&["jobs:read", "jobs:write"], false);
    let mut session = Session::start(&sandbox, &[]);
    let result = session.call(
        "hire_proposal",
        json!({"proposalId": "prop_1", "amount": 5}),
    );
    let text = error(&result);
    for says in [
        "OpenTrain API request failed (403 ",
        "\nDetails: {\"",
        "\nRequest id: ",
        "\nHint: ",
        "\nclass: auth, effect: none, retry: no",
        "opentrain_",
    ] {
        assert!(text.contains(says), "no {says:?} in {text}");
    }
    let steps = text.replace("`opentrain auth login --api-key -`", "");
    assert!(!steps.contains("`opentrain "), "{text}");
    let error = &result["structuredContent"]["error"];
    assert_eq!(
        (&error["status"], &error["retry"]),
        (&json!(403), &json!("no"))
    );
    session.end();
    // A write whose answer is lost has to be checked for.
    let raw = Raw::start(vec![vec![]]);
    let lost = Sandbox::claimed().env("OT_API_BASE_URL", &raw.url);
    let mut session = Session::start(&lost, &[]);
    let result = session.call(
        "send_message",
        json!({"conversationId": "conv_1", "content": "Hi"}),
    );
    let text = self::error(&result);
    assert!(
        text.contains("retry: check") && text.contains("effect: unknown"),
        "{text}"
    );
    assert!(
        text.contains(r#"opentrain_read_messages {"conversationId":"conv_1"}"#),
        "{text}"
    );
    assert_eq!(raw.requests().len(), 1);
    session.end();
}

#[test]
fn an_agent_registers_and_the_other_tools_work() {
    let sandbox = Sandbox::new();
    let mut session = Session::start(&sandbox, &[]);
    let result = session.call("auth_status", json!({}));
    let text = error(&result);
    assert!(
        text.contains("no API token") && text.contains("opentrain_register_agent"),
        "{text}"
    );
    assert!(sandbox.fake.requests().is_empty() && !sandbox.config().exists());
    let result = session.call("register_agent", json!({"agentName": "A"}));
    assert!(self::text(&result).contains("opentrain_claim_account {\"email\":\"<human-email>\"}"));
    let token = sandbox.read_config()["apiToken"]
        .as_str()
        .unwrap()
        .to_owned();
    let claim = sandbox.read_config()["claimToken"]
        .as_str()
        .unwrap()
        .to_owned();
    let shown = result.to_string();
    assert!(
        !shown.contains(&token) && !shown.contains(&claim),
        "{shown}"
    );
    assert!(session.call("auth_status", json!({}))["isError"].is_null());
    let again = session.call("register_agent", json!({}));
    assert!(
        error(&again).contains(r#"opentrain_register_agent {"force":true}"#),
        "{again}"
    );
    let draft = session.call(
        "create_job_draft",
        json!({"jobDescription": "Box zebras at $25 per hour", "title": "Mine"}),
    );
    let asks = &draft["structuredContent"]["missingFields"][0]["prompt"];
    assert!(
        asks.as_str()
            .is_some_and(|ask| ask.contains("experience level")),
        "{draft:#}"
    );
    let misread = json!({"jobId": "j1", "validation": {"publishReady": false}, "normalizedFields": {"jobTitle": "Horses"}});
    let misread = Fault::body(201, &misread.to_string());
    sandbox
        .fake
        .script("POST /api/public/v1/job-drafts", [misread]);
    let draft = session.call(
        "create_job_draft",
        json!({"jobDescription": "x", "title": "Mine"}),
    );
    let set = "To set yours: opentrain_update_job_draft_fields {\"jobId\":\"j1\",\"fields\":{\"jobTitle\":\"Mine\"}}";
    let note = draft["structuredContent"]["notes"][0].as_str();
    assert!(note.is_some_and(|note| note.ends_with(set)), "{draft:#}");
    session.end().stderr_is("");
}

#[test]
fn the_variable_of_the_official_server_wins_here_and_only_here() {
    let sandbox = Sandbox::claimed();
    let other = sandbox
        .fake
        .change(|state| state.account_with(&["jobs:read"], false));
    let sandbox = sandbox.env("OPENTRAIN_PERSONAL_API_TOKEN", &other);
    let mut session = Session::start(&sandbox, &[]);
    let result = session.call("auth_status", json!({}));
    assert!(
        text(&result).contains("OPENTRAIN_PERSONAL_API_TOKEN"),
        "{result}"
    );
    assert_eq!(
        result["structuredContent"]["token"]["scopes"],
        json!(["jobs:read"])
    );
    session.end().hides(&other);
    sandbox
        .run(&["auth", "status"])
        .ok()
        .stdout_has("OT_API_TOKEN");
}

#[test]
fn a_part_of_the_tools_can_be_offered() {
    let sandbox = Sandbox::claimed();
    let mut session = Session::start(&sandbox, &["--read-only"]);
    let tools = session.tools();
    assert!(
        tools.len() > 20
            && tools
                .iter()
                .all(|tool| tool["annotations"]["readOnlyHint"] == true)
    );
    let params = json!({"name": "opentrain_close_job", "arguments": {"jobId": "j"}});
    assert_eq!(
        session.ask("tools/call", params)["error"]["message"],
        "Unknown tool: opentrain_close_job"
    );
    session.end();
    let mut session = Session::start(&sandbox, &["--tools", "payments, team", "--read-only"]);
    let names: Vec<Value> = session
        .tools()
        .iter()
        .map(|tool| tool["name"].clone())
        .collect();
    assert_eq!(
        names,
        ["opentrain_get_team", "opentrain_list_pending_payments"]
    );
    session.end();
    sandbox
        .run(&["mcp", "--tools", "job"])
        .fails()
        .stderr_has("no tools of `job`; did you mean jobs?");
    sandbox
        .run(&["mcp", "--tools", "jobs,api"])
        .fails()
        .stderr_has("no tools of `api`");
    assert!(sandbox.fake.requests().is_empty());
    // The flags of the process apply to its calls.
    let elsewhere = Sandbox::claimed();
    let mut session = Session::start(&sandbox, &["--base-url", &elsewhere.fake.url]);
    session.call("list_jobs", json!({}));
    assert_eq!(
        (
            sandbox.fake.requests().len(),
            elsewhere.fake.requests().len()
        ),
        (0, 1)
    );
    session.end();
}
