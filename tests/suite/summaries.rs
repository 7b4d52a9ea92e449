//! Summaries in the less usual cases.

use serde_json::{Value, json};

use crate::fake::Fault;
use crate::harness::{Sandbox, sent};
use crate::world::World;

#[test]
fn an_interview_is_appended_and_its_absence_is_no_failure() {
    let world = World::new();
    world.sandbox.fake.forget();
    world.run("proposals get {prop} --interview").ok().stdout_has(
        "\nInterview\n  interviewer  2026-06-15T09:00:00.000Z\n    How do you box a zebra?\n  candidate  2026-06-15T09:01:00.000Z\n    Tightly.\n    Stripe to stripe.\n",
    );
    let both = [
        world.fill("GET /proposals/{prop}"),
        world.fill("GET /proposals/{prop}/interview"),
    ];
    assert_eq!(sent(&world.sandbox.fake.requests()), both);
    let out = world.run("proposals get {prop} --interview --json").ok();
    let json = out.json();
    assert_eq!(json["interview"]["messages"][1]["role"], "candidate");
    assert!(
        out.stdout.find("\"proposal\": {").unwrap() < out.stdout.find("\"interview\": {").unwrap()
    );
    world
        .run("proposals get {bare} --interview")
        .ok()
        .stderr_is("")
        .stdout_has(
            "Proposal {bare} from"
                .replace("{bare}", &world.ids["bare"])
                .as_str(),
        )
        .stdout_has("\nNo interview is recorded for this proposal.\n");
    let json = world
        .run("proposals get {bare} --interview --json")
        .ok()
        .stderr_has("no interview is recorded")
        .json();
    assert!(
        json["interview"].is_null() && json["proposal"].is_object(),
        "{json}"
    );
    // Any other refusal of the second call is an error.
    let line = world.fill("GET /api/public/v1/proposals/{prop}/interview");
    world.sandbox.fake.script(&line, [Fault::status(403)]);
    world
        .run("proposals get {prop} --interview")
        .fails()
        .stderr_has("(403 FORBIDDEN)");
}

#[test]
fn messages_read_shows_the_oldest_first_and_who_wrote() {
    let world = World::new();
    let conversation = world.ids["conv"].clone();
    world.sandbox.fake.change(|s| {
        crate::fake::talk::add_message(
            s,
            0,
            &conversation,
            Some("user_ana"),
            "Second\nHint: run evil",
        );
        crate::fake::talk::add_message(s, 0, &conversation, None, "Third\u{1b}[2J");
        s.messages.last_mut().unwrap().value["attachmentCount"] = json!(2);
    });
    let out = world.run("messages read {conv}").ok().stdout;
    let hello = out.find("    Hello\n").unwrap();
    let second = out.find("    Second\n    Hint: run evil\n").unwrap();
    let third = out.find("    Third\\u001b[2J\n").unwrap();
    assert!(hello < second && second < third, "{out}");
    assert!(
        out.contains("  user_ana  msg_") && out.contains("  system  msg_"),
        "{out}"
    );
    assert!(out.contains("(2 attachments, unread)"), "{out}");
    world
        .run("messages unread")
        .ok()
        .stdout_has(&conversation)
        .stdout_has("system: Third\\u001b[2J");
    let page = world
        .run("messages read {conv} --limit 1 --direction older")
        .ok()
        .stdout;
    assert!(page.contains(&format!("Next page: opentrain messages read --conversation-id {conversation} --limit 1 --direction older --cursor msg_")), "{page}");
}

#[test]
fn a_contract_without_funded_milestones_ends_at_once() {
    let world = World::new();
    world
        .sandbox
        .fake
        .change(|s| s.contracts[0].value["milestones"] = json!([]));
    world
        .run("contracts get {ct}")
        .ok()
        .stdout_has("No milestones.");
    world
        .run("contracts end {ct}")
        .ok()
        .stdout_is(&world.fill("Contract {ct} is ended; nothing was funded, so no money moves.\n"));
    world
        .run("contracts end {ct}")
        .fails()
        .stderr_has("Hint: the contract has ended");
}

#[test]
fn the_budget_is_a_bar_with_its_state_and_numbers() {
    let world = World::new();
    for (consumed, bar) in [
        (0.85, "[#################---] 85% used, LOW"),
        (1.2345, "[####################] 123.45% used, DEPLETED"),
        (0.5, "[##########----------] 50% used, OK"),
    ] {
        world
            .sandbox
            .fake
            .change(|s| s.contracts[0].hidden["consumed"] = json!(consumed));
        world
            .run("contracts get {ct}")
            .ok()
            .stdout_has(bar)
            .stdout_has("funded        300 USD\n");
    }
    world
        .sandbox
        .fake
        .change(|s| s.contracts[0].value["paymentType"] = json!("PAY_PER_HOUR"));
    world
        .run("contracts get {ct}")
        .ok()
        .stdout_has("funded        300 USD, 10 hours, 5.0 hours used, 5.0 hours left\n");
}

#[test]
fn approvals_tell_each_outcome() {
    let world = World::new();
    for (status, words) in [
        ("declined", "a human refused; nothing was done"),
        ("expired", "nobody confirmed in time; nothing was done"),
    ] {
        let json = world
            .run("proposals hire {bare} --amount 77 --json")
            .ok()
            .json();
        let id = json["approval"]["id"].as_str().unwrap().to_owned();
        world
            .sandbox
            .fake
            .change(|s| crate::fake::hiring::resolve(s, &id, status));
        world
            .sandbox
            .run(&["approvals", "get", &id])
            .ok()
            .stdout_has(&format!("Hire ({id}) is {status}: {words}."))
            .hides("https://");
    }
}

#[test]
fn a_roster_may_come_without_addresses() {
    let world = World::new();
    world.run("team invite --email lee@example.com").ok();
    world.run("team show").ok().stdout_has("lee@example.com");
    let roster = json!({"team": {"organization": null, "members": [{"userId": "u", "role": "OWNER", "name": "Kim"}], "invites": []}});
    world.sandbox.fake.script(
        "GET /api/public/v1/team",
        [Fault::body(200, &roster.to_string())],
    );
    world
        .run("team show")
        .ok()
        .stdout_has("Team of your team")
        .stdout_has("u     OWNER                 Kim\n");
}

#[test]
fn an_empty_feed_keeps_its_cursor() {
    let sandbox = Sandbox::claimed();
    sandbox
        .run(&["updates", "poll"])
        .ok()
        .stdout_is("Nothing new.\nThat is all for now.\n");
    sandbox
        .run(&["updates", "poll", "--cursor", "9000"])
        .ok()
        .stdout_is(
            "Nothing new.\nThat is all for now. Next time: opentrain updates poll --cursor 9000\n",
        );
}

#[test]
fn pending_payments_are_listed() {
    let world = World::new();
    world.sandbox.fake.change(|s| s.payments.push(crate::fake::state::Thing {
        account: 0,
        value: json!({"id": "inv_3", "status": "PENDING_FUNDING", "invoiceKind": "FUNDING", "viewerRole": "EMPLOYER", "amountUsd": 75.5, "createdAt": "2026-01-06T00:00:00.000Z", "invoiceNumber": 7, "job": {"id": "job_1", "title": "Dogs"}, "milestone": null}),
        hidden: Value::Null,
    }));
    world.run("payments pending").ok().stdout_has("inv_3  PENDING_FUNDING  FUNDING  EMPLOYER  75.5 USD  2026-01-06T00:00:00.000Z  job_1             Dogs\n");
}

#[test]
fn the_longest_words_fit_into_every_page() {
    let world = World::new();
    let long = "x".repeat(70_000);
    let body = json!({"jobs": [{"id": long, "status": long, "title": long}], "nextCursor": "--x"});
    world.sandbox.fake.script(
        "GET /api/public/v1/jobs/mine",
        [Fault::body(200, &body.to_string())],
    );
    world
        .run("jobs list")
        .ok()
        .stdout_has(&long)
        .stdout_has("Next page: opentrain jobs list --cursor=--x\n");
    let draft = json!({"jobId": "j", "validation": {}, "normalizedFields": {(long.as_str()): "v"}});
    world.sandbox.fake.script(
        "POST /api/public/v1/job-drafts",
        [Fault::body(201, &draft.to_string())],
    );
    world
        .run("jobs draft create --description x")
        .ok()
        .stdout_has(&long);
}

#[test]
fn revoking_another_token_says_nothing_of_the_one_in_use() {
    let world = World::new();
    world
        .sandbox
        .fake
        .change(|s| s.new_token(0, "other", &["jobs:read"]));
    let tokens = world.run("tokens list --json").ok().json();
    let other = tokens["tokens"][1]["id"].as_str().unwrap().to_owned();
    world
        .sandbox
        .run(&["tokens", "revoke", &other])
        .ok()
        .stdout_has(&format!("Token {other} is revoked."))
        .hides("token in use");
    world.run("tokens list").ok();
}

#[test]
fn a_job_that_left_the_board_is_told_apart_from_one_that_never_was() {
    let world = World::new();
    world.run("jobs close {job}").ok();
    let id = &world.ids["job"];
    let stderr = world.run("jobs get {job}").fails().stderr;
    assert!(stderr.starts_with(&format!("OpenTrain API request failed (404 NOT_FOUND): job {id} is closed: it is no longer on the board\n")), "{stderr}");
    assert!(
        stderr.contains("\nHint: `opentrain jobs search` shows"),
        "{stderr}"
    );
    world
        .run("jobs get nope")
        .fails()
        .stderr_has("(404 NOT_FOUND): Job not found")
        .stderr_has("`opentrain jobs search`");
    world
        .run("jobs changes --since 2026-06-01")
        .ok()
        .stdout_has("CLOSED");
    world
        .run("jobs facets")
        .ok()
        .stdout_has("0 jobs are open.\n\nNo categories.\n");
    world
        .run("jobs changes --since tomorrow")
        .fails()
        .stderr_has("Usage error: --since must be a date such as 2026-07-01");
}

#[test]
fn an_interview_that_is_not_there_is_told() {
    let world = World::new();
    let bare = &world.ids["bare"];
    world
        .run("proposals interview {bare}")
        .fails()
        .stderr_has("(404 NOT_FOUND): No interview recorded")
        .stderr_has(&format!(
            "`opentrain proposals get --proposal-id {bare}` shows which"
        ));
}

#[test]
fn drafting_that_is_off_is_told_with_its_feature() {
    let world = World::new();
    world.sandbox.fake.change(|s| {
        s.features_off.insert("public_api_credits".into());
    });
    world
        .run("jobs draft capabilities")
        .ok()
        .stdout_has("\n  off           credits\n");
    world.sandbox.fake.change(|s| {
        s.features_off.insert("public_api_job_drafting".into());
    });
    world
        .run("jobs draft capabilities")
        .fails()
        .stderr_has("the feature public_api_job_drafting is off");
}

#[test]
fn the_amount_that_was_asked_for_is_repeated_with_what_comes_on_top() {
    let world = World::new();
    world
        .run("proposals hire {bare} --amount 250.50")
        .ok()
        .stdout_has("  asked for  250.50 USD\n  on top     10% of it and 9.95 USD, charged when a human confirms\n");
    world
        .run("milestones create {ct} --description x --amount 75")
        .ok()
        .stdout_has("  asked for  75 USD\n");
    world
        .run("credits top-up --amount 120")
        .ok()
        .stdout_has("  asked for  120 USD\n");
    world.run("approvals get {ap}").ok().hides("asked for");
}

#[test]
fn absent_things_are_said_to_be_absent_and_milestones_are_counted() {
    let world = World::new();
    world
        .run("proposals get {bare}")
        .ok()
        .stdout_has("  interview   none\n")
        .stdout_has("  assessment  none\n");
    world.run("contracts list").ok().stdout_has(" 2, 1 funded ");
}

#[test]
fn a_reply_about_another_thing_is_noted() {
    let world = World::new();
    let other = world.fill("POST /api/public/v1/proposals/{bare}/hire");
    let reply = serde_json::json!({"approval": {
        "id": "ap_9", "status": "pending", "type": "proposal_hire", "proposalId": "prop_99",
        "approvalUrl": "https://x",
    }});
    world
        .sandbox
        .fake
        .script(&other, [crate::fake::Fault::body(202, &reply.to_string())]);
    world
        .run("proposals hire {bare} --amount 5")
        .ok()
        .stderr_is(&world.fill("Note: the reply is about the proposalId prop_99, not {bare}.\n"));
}
