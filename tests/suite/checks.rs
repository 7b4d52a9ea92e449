//! What is checked before anything is sent, and what is sent after it.

use crate::harness::Sandbox;
use crate::world::World;

#[test]
fn closed_sets_and_numbers_are_checked_before_anything_is_sent() {
    let world = World::new();
    for (line, error) in [
        (
            "messages list --filter unread",
            "--filter is one of all, job, proposal, not `unread`",
        ),
        ("messages unread --filter ALL", "--filter is one of"),
        (
            "messages read c --direction up",
            "--direction is one of older, newer, not `up`",
        ),
        (
            "contracts list --status open",
            "--status is one of active, ended, not `open`",
        ),
        (
            "jobs search --pay-type HOURLY",
            "--pay-type is one of PAY_PER_HOUR, FIXED_PRICE, PAY_PER_LABEL",
        ),
        (
            "proposals hire p --amount 0",
            "--amount is a positive number",
        ),
        (
            "proposals hire p --amount -5",
            "--amount is a positive number",
        ),
        (
            "proposals hire p --amount 1e3",
            "--amount is a positive number",
        ),
        (
            "credits top-up --amount ten",
            "--amount is a positive number",
        ),
        (
            "milestones create c --description d --volume 0",
            "--volume is a positive number",
        ),
        (
            "webhooks create --url https://x --events ,",
            "--events needs at least one name",
        ),
        (
            "webhooks create --url https://x --events=",
            "--events needs a value",
        ),
        ("updates poll --limit 0", "--limit is a whole number from 1"),
    ] {
        world
            .run(line)
            .fails()
            .stderr_has("Usage error: ")
            .stderr_has(error);
    }
    assert!(world.sandbox.fake.requests().is_empty());
}

#[test]
fn required_flags_are_required() {
    let sandbox = Sandbox::claimed();
    for (line, missing) in [
        ("jobs publish", "--job-id"),
        ("jobs invite j", "--freelancer-id"),
        ("jobs close", "--job-id"),
        ("jobs update-published --set a=1", "--job-id"),
        ("jobs update-published j", "exactly one of"),
        ("proposals list", "--job-id"),
        ("proposals get", "--proposal-id"),
        ("proposals hire --amount 1", "--proposal-id"),
        ("proposals hire p", "--amount"),
        ("freelancers get", "--id"),
        ("messages read", "--conversation-id"),
        ("messages send --content x", "--conversation-id"),
        ("messages send c", "exactly one of"),
        ("messages start-proposal-thread", "--proposal-id"),
        ("contracts get", "--contract-id"),
        ("contracts end", "--contract-id"),
        ("milestones create c", "--description"),
        ("milestones create --description d", "--contract-id"),
        ("milestones fund", "--milestone-id"),
        ("milestones approve", "--milestone-id"),
        ("approvals get", "--approval-id"),
        ("credits top-up", "--amount"),
        ("credits top-up-status", "--top-up-id"),
        ("webhooks create --url u", "--events"),
        ("webhooks create --events e", "--url"),
        ("webhooks get", "needs <webhook-id>"),
        ("webhooks delete", "needs <webhook-id>"),
        ("tokens revoke", "--token-id"),
        ("team invite", "--email"),
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        sandbox
            .run(&words)
            .fails()
            .stderr_has("Usage error: `")
            .stderr_has(missing);
    }
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn search_needs_no_token_and_sends_none() {
    let world = World::new();
    world.run("jobs search").ok();
    let request = world.sandbox.fake.last();
    assert_eq!(request.header("authorization"), None);
    let sandbox = Sandbox::new();
    sandbox
        .run(&["jobs", "search"])
        .ok()
        .stdout_is("No jobs found.\n");
}

#[test]
fn content_comes_from_a_file_without_its_last_line_break() {
    let world = World::new();
    for (text, content) in [
        ("one\ntwo\n", "one\ntwo"),
        ("x\n\n", "x\n"),
        ("y\r\n", "y"),
        ("z", "z"),
    ] {
        let file = world.sandbox.file("m.txt", text);
        let words = [
            "messages",
            "send",
            &world.ids["conv"],
            "--content-file",
            &file,
        ];
        world.sandbox.run(&words).ok();
        assert_eq!(world.sandbox.fake.last().json()["content"], content);
    }
    let words = [
        "messages",
        "send",
        &world.ids["conv"],
        "--content-file",
        "-",
    ];
    world.sandbox.run_with_stdin(&words, "piped é\n").ok();
    assert_eq!(world.sandbox.fake.last().json()["content"], "piped é");
    let latin = world.sandbox.file("latin.txt", b"\xe9");
    let words = [
        "messages",
        "send",
        &world.ids["conv"],
        "--content-file",
        &latin,
    ];
    world
        .sandbox
        .run(&words)
        .fails()
        .stderr_has("--content-file")
        .stderr_has("is not valid UTF-8 text");
}
