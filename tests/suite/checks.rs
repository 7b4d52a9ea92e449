//! What is checked before anything is sent, and what is then sent.

use crate::harness::Sandbox;
use crate::world::World;

#[test]
fn closed_sets_and_numbers_are_checked_before_anything_is_sent() {
    let world = World::new();
    for (line, error) in [
        (
            "messages list --filter unread",
            "--filter must be one of all, job, proposal, not `unread`",
        ),
        ("messages unread --filter ALL", "--filter must be one of"),
        (
            "messages read c --direction up",
            "--direction must be one of older, newer, not `up`",
        ),
        (
            "contracts list --status open",
            "--status must be one of active, ended, not `open`",
        ),
        (
            "jobs search --pay-type HOURLY",
            "--pay-type must be one of PAY_PER_HOUR, FIXED_PRICE, PAY_PER_LABEL",
        ),
        (
            "proposals hire p --amount 0",
            "--amount must be a positive number",
        ),
        (
            "proposals hire p --amount -5",
            "--amount must be a positive number",
        ),
        (
            "proposals hire p --amount 1e3",
            "--amount must be a positive number",
        ),
        (
            "credits top-up --amount ten",
            "--amount must be a positive number",
        ),
        (
            "milestones create c --description d --volume 0",
            "--volume must be a positive number",
        ),
        (
            "webhooks create --url https://x --events ,",
            "--events needs at least one name",
        ),
        (
            "webhooks create --url https://x --events=",
            "--events needs a value",
        ),
        (
            "updates poll --limit 0",
            "--limit must be a whole number from 1",
        ),
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

#[test]
fn dates_are_checked_before_anything_is_sent() {
    let world = World::new();
    for line in [
        "jobs changes --since tomorrow",
        "tokens create --expires-at 31.12.2026",
        "proposals hire {bare} --amount 5 --due-date tomorrow",
        "milestones create {ct} --description x --amount 5 --due-date 2026-02-30",
    ] {
        world
            .run(line)
            .fails()
            .stderr_has("must be a date such as 2026-07-01 or 2026-07-01T09:30:00Z, not ");
    }
    assert!(world.sandbox.fake.requests().is_empty());
    world
        .run("proposals hire {bare} --amount 5 --due-date 2028-02-29")
        .ok();
}

#[test]
fn text_is_held_to_its_documented_length_before_anything_is_sent() {
    let world = World::new();
    let sandbox = &world.sandbox;
    let conv = world.ids["conv"].clone();
    for (length, fits) in [(10_000, true), (10_001, false)] {
        // Characters count, not bytes; the last line break of a file does not.
        let text = "\u{1f993}".repeat(length);
        let path = sandbox.file("content.txt", format!("\u{feff}{text}\r\n"));
        for words in [
            ["messages", "send", &conv, "--content", &text],
            ["messages", "send", &conv, "--content-file", &path],
        ] {
            sandbox.fake.forget();
            let out = sandbox.run(&words);
            match fits {
                true => drop(out.ok()),
                false => drop(out.fails().stderr_has("is longer than 10000 characters")),
            }
            assert_eq!(!sandbox.fake.requests().is_empty(), fits);
        }
    }
}

#[test]
fn files_are_read_up_to_a_bound_whatever_they_are() {
    let sandbox = Sandbox::claimed();
    let sparse = sandbox.home.join("sparse");
    let file = std::fs::File::create(&sparse).unwrap();
    file.set_len(10 << 30).unwrap();
    let sparse = sparse.display().to_string();
    for path in ["/dev/zero", &sparse] {
        for (words, bound) in [
            (
                &["jobs", "draft", "create", "--description-file"][..],
                "60000 characters",
            ),
            (&["jobs", "draft", "create", "--payload-file"], "64 MiB"),
            (
                &["messages", "send", "c", "--content-file"],
                "10000 characters",
            ),
        ] {
            sandbox
                .run(&[words, &[path]].concat())
                .fails()
                .stderr_has(path)
                .stderr_has(bound)
                .stderr_has("; nothing was sent");
        }
    }
    sandbox
        .shell("$B messages send c --content-file - < /dev/zero")
        .fails()
        .stderr_has("--content-file: standard input is longer than 10000 characters");
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn byte_order_marks_are_passed_over_and_utf_16_is_named() {
    let world = World::new();
    let sandbox = &world.sandbox;
    let text = sandbox.file("text.txt", "\u{feff}Draw boxes");
    sandbox
        .run(&["jobs", "draft", "create", "--description-file", &text])
        .ok();
    assert_eq!(
        sandbox.fake.last().json()["rawJobDescription"],
        "Draw boxes"
    );
    let patch = sandbox.file("patch.json", "\u{feff}{\"headcount\": 5}");
    world
        .run(&format!("jobs draft update {{draft}} --patch-file {patch}"))
        .ok();
    sandbox
        .run_with_stdin(
            &["jobs", "draft", "create", "--description-file", "-"],
            "\u{feff}x",
        )
        .ok();
    sandbox.fake.forget();
    let utf_16 =
        |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    for (bytes, why) in [
        ("\u{feff}".as_bytes().to_vec(), "is empty"),
        ("\u{feff} \r\n".as_bytes().to_vec(), "is empty"),
        (utf_16("\u{feff}Draw"), "is in UTF-16, not in UTF-8"),
        (utf_16("{\"a\":1}"), "is in UTF-16, not in UTF-8"),
        (b"caf\xe9".to_vec(), "is not valid UTF-8 text"),
    ] {
        let path = sandbox.file("odd.txt", bytes);
        for flag in ["--description-file", "--payload-file"] {
            sandbox
                .run(&["jobs", "draft", "create", flag, &path])
                .fails()
                .stderr_has(&format!("{path} {why}; nothing was sent"));
        }
    }
    assert!(sandbox.fake.requests().is_empty());
    // The credentials file too.
    let token = sandbox.fake.change(|s| s.claimed_account());
    let saved = Sandbox::new();
    let url = sandbox.fake.url.clone();
    saved.save_config(&format!(
        "\u{feff}{{\"apiToken\":\"{token}\",\"baseUrl\":\"{url}\"}}"
    ));
    let saved = saved.env("OT_API_BASE_URL", "");
    saved.run(&["jobs", "list"]).ok();
    std::fs::write(saved.config(), utf_16("\u{feff}{}")).unwrap();
    saved
        .run(&["jobs", "list"])
        .fails()
        .stderr_has("is damaged: it is in UTF-16, not in UTF-8");
    // And nothing but a mark is an empty one.
    std::fs::write(saved.config(), "\u{feff}\n").unwrap();
    saved
        .run(&["jobs", "list"])
        .fails()
        .stderr_has("no API token");
}
