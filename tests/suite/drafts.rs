//! `jobs draft create | update`, `jobs publish`: requests and summaries.

use serde_json::json;

use crate::fake::Fault;
use crate::harness::{Sandbox, sent};

const DRAFTS: &str = "POST /api/public/v1/job-drafts";

/// Creates a draft and returns its id.
fn draft(sandbox: &Sandbox, text: &str) -> String {
    let out = sandbox
        .run(&["jobs", "draft", "create", "--description", text, "--json"])
        .ok();
    out.json()["jobId"].as_str().unwrap().to_owned()
}

#[test]
fn a_description_becomes_the_documented_body() {
    let sandbox = Sandbox::claimed();
    sandbox
        .run(&[
            "jobs",
            "draft",
            "create",
            "--description",
            "Boxes \"é\"\n",
            "--external-id",
            "e1",
            "--idempotency-key",
            "k1",
        ])
        .ok();
    assert_eq!(
        sandbox.fake.last().body,
        r#"{"externalId":"e1","idempotencyKey":"k1","rawJobDescription":"Boxes \"é\"\n"}"#
    );
    sandbox
        .run(&["jobs", "draft", "create", "--text", "t"])
        .ok();
    assert_eq!(
        sandbox.fake.last().json(),
        json!({"rawJobDescription": "t"})
    );
    let file = sandbox.file("job.txt", "From a file\n");
    sandbox
        .run(&["jobs", "draft", "create", "--description-file", &file])
        .ok();
    assert_eq!(
        sandbox.fake.last().json(),
        json!({"rawJobDescription": "From a file\n"})
    );
    sandbox
        .run_with_stdin(
            &["jobs", "draft", "create", "--description-file", "-"],
            "piped",
        )
        .ok();
    assert_eq!(
        sandbox.fake.last().json(),
        json!({"rawJobDescription": "piped"})
    );
}

#[test]
fn a_title_goes_in_front_and_is_checked_in_the_reply() {
    let sandbox = Sandbox::claimed();
    let words = [
        "jobs",
        "draft",
        "create",
        "--title",
        "Zebras",
        "--description",
        "Boxes",
    ];
    sandbox.run(&words).ok().stderr_is("");
    assert_eq!(
        sandbox.fake.last().json(),
        json!({"rawJobDescription": "Job title: Zebras\n\nBoxes"})
    );
    let reply = json!({"jobId": "j1", "validation": {"publishReady": false}, "normalizedFields": {"jobTitle": "Horses"}});
    sandbox
        .fake
        .script(DRAFTS, [Fault::body(201, &reply.to_string())]);
    sandbox.run(&["jobs", "draft", "create", "--title", "My zebras", "--description", "x"]).ok().stderr_is(
        "Note: the title was read as \"Horses\". To set yours: opentrain jobs draft update --job-id j1 --patch-json '{\"jobTitle\":\"My zebras\"}'\n",
    );
    let file = sandbox.file("c.json", "{}");
    sandbox
        .run(&[
            "jobs",
            "draft",
            "create",
            "--title",
            "T",
            "--canonical-file",
            &file,
        ])
        .fails()
        .stderr_has("Usage error: --title goes with --description or --description-file");
}

#[test]
fn canonical_and_payload_files_are_sent_as_decided() {
    let sandbox = Sandbox::claimed();
    let file = sandbox.file(
        "c.json",
        r#"{ "title": "T", "rateAmount": 0.050, "extra": [1] }"#,
    );
    sandbox
        .run(&[
            "jobs",
            "draft",
            "create",
            "--canonical-file",
            &file,
            "--external-id",
            "e",
        ])
        .ok()
        .stdout_has("not used: path extra, reason unknown, valuePreview [1]");
    assert_eq!(
        sandbox.fake.last().body,
        r#"{"externalId":"e","format":"opentrain_canonical","job":{ "title": "T", "rateAmount": 0.050, "extra": [1] }}"#
    );
    let file = sandbox.file(
        "p.json",
        r#"{"format":"indeed_xml","xml":"<job/>","externalId":"old"}"#,
    );
    sandbox
        .run(&[
            "jobs",
            "draft",
            "create",
            "--payload-file",
            &file,
            "--external-id",
            "new",
            "--idempotency-key",
            "k",
        ])
        .ok();
    assert_eq!(
        sandbox.fake.last().body,
        r#"{"format":"indeed_xml","xml":"<job/>","externalId":"new","idempotencyKey":"k"}"#
    );
}

#[test]
fn files_that_cannot_be_used_are_named_and_nothing_is_sent() {
    let sandbox = Sandbox::claimed();
    let latin = sandbox.file("latin.txt", b"caf\xe9");
    let empty = sandbox.file("empty.txt", "\n");
    let array = sandbox.file("array.json", "[1]");
    let broken = sandbox.file("broken.json", "{");
    for (flag, path, why) in [
        (
            "--description-file",
            "/no/such/file",
            "could not be read: No such file",
        ),
        (
            "--description-file",
            latin.as_str(),
            "is not valid UTF-8 text",
        ),
        ("--description-file", empty.as_str(), "is empty"),
        (
            "--canonical-file",
            array.as_str(),
            "takes a JSON object: this is JSON, but not an object",
        ),
        (
            "--payload-file",
            broken.as_str(),
            "takes a JSON object: EOF while parsing",
        ),
    ] {
        sandbox
            .run(&["jobs", "draft", "create", flag, path])
            .fails()
            .stderr_has(flag)
            .stderr_has(why);
    }
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn the_same_idempotency_key_gives_the_same_draft() {
    let sandbox = Sandbox::claimed();
    let words = [
        "jobs",
        "draft",
        "create",
        "--description",
        "x",
        "--idempotency-key",
        "k",
        "--json",
    ];
    let first = sandbox.run(&words).ok().json();
    assert_eq!(first["jobId"], sandbox.run(&words).ok().json()["jobId"]);
}

#[test]
fn what_is_missing_is_asked_with_the_command_that_answers() {
    let sandbox = Sandbox::claimed();
    let out = sandbox
        .run(&[
            "jobs",
            "draft",
            "create",
            "--description",
            "Boxes per label",
        ])
        .ok();
    let id = sandbox
        .fake
        .change(|s| s.jobs[0].value["id"].as_str().unwrap().to_owned());
    out.stdout_is(&format!(
        "Draft {id} is saved but not ready to publish: 2 fields are missing.
  edit  https://app.opentrain.ai/job-post?jobId={id}

  ask: Which experience level do you need?
    field    experienceLevel (enum)
    allowed  EXPERT, ENTRY_LEVEL, INTERMEDIATE, ANY_EXPERIENCE_LEVEL
    example  INTERMEDIATE
    why      Required before publishing.
    set      opentrain jobs draft update --job-id {id} --set experienceLevel=<value>

  ask: What do you pay per label in USD?
    field    pricePerLabel (number)
    example  0.05
    why      Required before publishing.
    set      opentrain jobs draft update --job-id {id} --set pricePerLabel=<value>

  read from your description
    jobTitle     Boxes per label
    paymentType  PAY_PER_LABEL
"
    ));
}

#[test]
fn every_documented_shape_of_missing_fields_is_asked_once() {
    let sandbox = Sandbox::claimed();
    // K21: names, entries, or nothing but a count; K22: with and without `ask: `.
    for (reply, expected) in [
        (
            json!({"jobId": "j", "validation": {"publishReady": false, "missingFields": ["experienceLevel"]}}),
            "  ask: experienceLevel?\n    field  experienceLevel\n    set    opentrain jobs draft update --job-id j --set experienceLevel=<value>\n",
        ),
        (
            json!({"jobId": "j", "missingFields": [], "validation": {"missingFields": [{"field": "f", "prompt": "What?", "updateKeys": ["a", "b"], "type": "number", "hint": "Think"}]}}),
            "  ask: What?\n    field  a, b (number)\n    hint   Think\n    set    opentrain jobs draft update --job-id j --set a=<value>\n    set    opentrain jobs draft update --job-id j --set b=<value>\n",
        ),
        (
            json!({"jobId": "j", "validation": {"publishReady": false, "missingFieldCount": 2, "missingFields": []}}),
            "Draft j is saved but not ready to publish: 2 fields are missing.\n",
        ),
        (
            json!({"jobId": "j", "missingFields": [{"field": "f", "prompt": "ask: ask: twice?", "example": "it's"}], "validation": {}}),
            "    example  it's\n    set      opentrain jobs draft update --job-id j --set f=<value>\n",
        ),
    ] {
        sandbox
            .fake
            .script(DRAFTS, [Fault::body(201, &reply.to_string())]);
        let out = sandbox
            .run(&["jobs", "draft", "create", "--description", "x"])
            .ok();
        out.stdout_has(expected).hides("ask: ask: What");
    }
}

#[test]
fn remarks_of_any_shape_are_shown() {
    let sandbox = Sandbox::claimed();
    let reply = json!({
        "jobId": "j", "draftUrl": "https://d", "reviewUrl": "https://r",
        "validation": {"publishReady": false, "issues": [{"path": "x"}, "plain"]},
        "warnings": ["languages were guessed"], "lowConfidenceFields": ["dataType", {"field": "y"}],
        "unmappedFields": [{"path": "p", "reason": "r", "valuePreview": "v"}, "bare"],
    });
    sandbox
        .fake
        .script(DRAFTS, [Fault::body(201, &reply.to_string())]);
    sandbox
        .run(&["jobs", "draft", "create", "--description", "x"])
        .ok()
        .stdout_is(
            "Draft j is saved but not ready to publish.
  edit    https://d
  review  https://r

  issue: {\"path\":\"x\"}
  issue: plain
  warning: languages were guessed
  unsure: dataType
  unsure: {\"field\":\"y\"}
  not used: path p, reason r, valuePreview v
  not used: bare
",
        );
}

#[test]
fn set_coerces_as_documented_and_keeps_digits() {
    let sandbox = Sandbox::claimed();
    let id = draft(&sandbox, "Boxes");
    sandbox
        .run(&[
            "jobs",
            "draft",
            "update",
            &id,
            "--set",
            "pricePerLabel=0.050",
            "--set",
            "headcount=5",
            "--set",
            "languages=[\"Spanish\"]",
            "--set",
            "jobTitle=007",
            "--set",
            "visibility=null",
            "--set",
            "workloadDesc={\"a\":1}",
            "--set",
            "dataType=",
            "--set",
            "subjectMatter=a=b",
        ])
        .ok();
    assert_eq!(
        sandbox.fake.last().body,
        r#"{"pricePerLabel":0.050,"headcount":5,"languages":["Spanish"],"jobTitle":"007","visibility":"null","workloadDesc":"{\"a\":1}","dataType":"","subjectMatter":"a=b"}"#
    );
    assert_eq!(sandbox.fake.last().method, "PATCH");
}

#[test]
fn a_patch_may_be_json_or_a_file() {
    let sandbox = Sandbox::claimed();
    let id = draft(&sandbox, "Boxes");
    let patch = r#"{"headcount": 5.0}"#;
    sandbox
        .run(&["jobs", "draft", "update", &id, "--patch-json", patch])
        .ok();
    assert_eq!(sandbox.fake.last().body, patch);
    let file = sandbox.file("p.json", patch);
    sandbox
        .run(&["jobs", "draft", "update", &id, "--patch-file", &file])
        .ok();
    assert_eq!(sandbox.fake.last().body, patch);
    sandbox
        .run_with_stdin(
            &["jobs", "draft", "update", &id, "--patch-file", "-"],
            patch,
        )
        .ok();
    assert_eq!(sandbox.fake.last().body, patch);
    let count = sandbox.fake.requests().len();
    for bad in ["[1]", "1", "{", "\"x\""] {
        sandbox
            .run(&["jobs", "draft", "update", &id, "--patch-json", bad])
            .fails()
            .stderr_has("Usage error: --patch-json takes a JSON object");
    }
    sandbox
        .run(&[
            "jobs",
            "draft",
            "update",
            &id,
            "--set",
            "a=1",
            "--patch-json",
            "{}",
        ])
        .fails()
        .stderr_has("needs exactly one of");
    assert_eq!(sandbox.fake.requests().len(), count);
}

#[test]
fn a_field_that_the_server_refuses_is_its_error() {
    let sandbox = Sandbox::claimed();
    let id = draft(&sandbox, "Boxes");
    sandbox
        .run(&["jobs", "draft", "update", &id, "--set", "nonsense=1"])
        .fails()
        .stderr_has("(400 BAD_REQUEST): Unrecognized key\nDetails: {\"issues\":");
}

#[test]
fn a_ready_draft_is_published_and_listed() {
    let sandbox = Sandbox::claimed();
    let id = draft(&sandbox, "Boxes at $25 per hour");
    sandbox
        .run(&["jobs", "publish", &id])
        .fails()
        .stderr_has("(400 BAD_REQUEST): The draft is not ready");
    sandbox.run(&["jobs", "publish", &id]).fails().stderr_has(&format!(
        "Hint: the draft lacks experienceLevel; set each with `opentrain jobs draft update --job-id {id} --set <field=value>`\n"
    ));
    let publish = format!("Publish it with: opentrain jobs publish --job-id {id}");
    sandbox
        .run(&[
            "jobs",
            "draft",
            "update",
            "--job-id",
            &id,
            "--set",
            "experienceLevel=EXPERT",
        ])
        .ok()
        .stdout_has(&format!("Draft {id} is saved and ready to publish.\n"))
        .stdout_line(&publish);
    sandbox.fake.forget();
    sandbox
        .run(&["jobs", "publish", "--job-id", &id])
        .ok()
        .stdout_has(&format!(
            "Job {id} is published; it is OPEN.\n\nhttps://app.opentrain.ai/jobs/{id}\n\n"
        ));
    let request = sandbox.fake.last();
    assert_eq!(
        (request.body.as_str(), request.header("content-length")),
        ("", Some("0"))
    );
    assert_eq!(
        sent(&sandbox.fake.requests()),
        [format!("POST /jobs/{id}/publish")]
    );
    sandbox
        .run(&["jobs", "publish", &id])
        .ok()
        .stdout_has("was already published");
    let json = sandbox.run(&["jobs", "publish", &id, "--json"]).ok().json();
    assert_eq!(json["alreadyPublished"], true);
    sandbox
        .run(&["jobs", "list", "--status", "OPEN"])
        .ok()
        .stdout_has(&id)
        .stdout_has("2, 2 unreviewed");
    sandbox
        .run(&["jobs", "list", "--status", "nonsense"])
        .fails()
        .stderr_has("supportedStatuses");
}

#[test]
fn text_that_looks_like_a_number_is_sent_as_text_when_asked() {
    let sandbox = Sandbox::claimed();
    let out = sandbox.run(&["jobs", "draft", "create", "--description", "x", "--json"]);
    let id = out.ok().json()["jobId"].as_str().unwrap().to_owned();
    sandbox
        .run(&[
            "jobs",
            "draft",
            "update",
            &id,
            "--set",
            "headcount=5",
            "--set-string",
            "jobTitle=2024",
            "--set-string",
            "subjectMatter=[1]",
            "--set-string",
            "dataType=true",
        ])
        .ok();
    assert_eq!(
        sandbox.fake.last().body,
        r#"{"headcount":5,"jobTitle":"2024","subjectMatter":"[1]","dataType":"true"}"#
    );
    sandbox
        .run(&["jobs", "draft", "update", &id, "--set-string", "jobTitle=7"])
        .ok();
    sandbox.fake.forget();
    for (words, error) in [
        (
            ["--set", "jobTitle=a", "--set-string", "jobTitle=b"],
            "names the field jobTitle twice",
        ),
        (
            ["--set-string", "jobTitle=b", "--patch-json", "{}"],
            "exactly one of",
        ),
    ] {
        sandbox
            .run(&[&["jobs", "draft", "update", &id][..], &words].concat())
            .fails()
            .stderr_has(error);
    }
    assert!(sandbox.fake.requests().is_empty());
}
