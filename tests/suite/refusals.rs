//! What the program says when the server refuses.

use serde_json::json;

use crate::fake::Fault;
use crate::world::World;

#[test]
fn documented_refusals_end_with_what_to_do() {
    let world = World::new();
    let fails = |line: &str| world.run(line).fails().stderr;
    for (line, hint) in [
        (
            "jobs invite {draft} --freelancer-id x",
            "Hint: publish the job first",
        ),
        (
            "jobs invite {job} --freelancer-id user_employer",
            "Hint: that user is not an AI trainer",
        ),
        (
            "jobs invite {job} --freelancer-id user_away",
            "Hint: that trainer is not taking invitations now",
        ),
        (
            "jobs publish {draft}",
            "Hint: the draft lacks experienceLevel, paymentType; set each with `opentrain jobs draft update --job-id {draft} --set <field=value>`",
        ),
        (
            "jobs update-published {draft} --set headcount=1",
            "Hint: the job is DRAFT, not OPEN; a draft is edited with `opentrain jobs draft update --job-id {draft}",
        ),
        (
            "jobs list --status CLOSED",
            "Hint: --status takes DRAFT, OPEN,",
        ),
        (
            "milestones approve {ms2}",
            "Hint: only a funded milestone can be paid out",
        ),
        (
            "milestones fund {ms}",
            "Hint: only a milestone that is NOT_FUNDED can be funded",
        ),
        (
            "milestones create {ct} --description x",
            "Hint: check --amount: USD; a fixed-price contract needs it",
        ),
        (
            "team invite --email bounce@example.com",
            "Hint: the e-mail could not be sent",
        ),
        ("webhooks get nope", "Hint: check the id"),
        ("approvals get nope", "Hint: check the id"),
        ("freelancers get nope", "Hint: check the id"),
        (
            "credits ledger --limit 101",
            "Hint: --limit must be at most 100",
        ),
    ] {
        let stderr = fails(line);
        assert!(
            stderr.starts_with("OpenTrain API request failed (4"),
            "{line}: {stderr}"
        );
        assert!(stderr.contains(&world.fill(hint)), "{line}: {stderr}");
    }
    world
        .sandbox
        .fake
        .change(|s| s.accounts[0].payment_method = false);
    let stderr = fails("proposals hire {bare} --amount 5");
    assert!(stderr.contains("Hint: a human has to add a payment method or credits at https://app.opentrain.ai/employer-settings?tab=billing"), "{stderr}");
    world.sandbox.fake.change(|s| {
        let not_fit =
            |p: &&mut crate::fake::state::Thing| p.value["id"] == world.ids["bare"].as_str();
        s.proposals.iter_mut().find(not_fit).unwrap().value["status"]["raw"] = json!("NOT_A_FIT");
    });
    let stderr = fails("proposals hire {bare} --amount 5");
    assert!(stderr.contains("--confirm-not-fit-override"), "{stderr}");
}

#[test]
fn an_unclaimed_account_is_sent_to_its_human() {
    let world = World::new();
    world.sandbox.fake.change(|s| s.accounts[0].claimed = false);
    for line in [
        "proposals hire {bare} --amount 5",
        "jobs invite {job} --freelancer-id x",
        "messages send {conv} --content x",
        "messages start-proposal-thread {prop}",
        "milestones create {ct} --description x --amount 1",
        "milestones fund {ms}",
        "milestones approve {ms}",
        "contracts end {ct}",
        "credits top-up --amount 10",
        "team invite --email a@b.c",
    ] {
        world.run(line).fails().stderr_has("(403 FORBIDDEN): Claim the account first")
            .stderr_has("Hint: this account has no human owner yet. Run: opentrain auth claim --email <human-email>");
    }
}

#[test]
fn a_feature_that_is_off_is_named() {
    let world = World::new();
    for (feature, line) in [
        ("public_api_credits", "credits show"),
        ("public_api_team", "team show"),
        ("public_api_webhooks", "webhooks list"),
        ("public_api_hiring", "proposals hire {bare} --amount 1"),
        (
            "public_api_job_drafting",
            "jobs draft create --description x",
        ),
        ("public_api_job_publishing", "jobs close {job}"),
        (
            "public_api_messaging_writes",
            "messages send {conv} --content x",
        ),
        ("public_api_payments_write", "milestones fund {ms}"),
    ] {
        world
            .sandbox
            .fake
            .change(|s| s.features_off.insert(feature.into()));
        world.run(line).fails().stderr_has(&format!(
            "Hint: the feature {feature} is off for this account"
        ));
    }
}

#[test]
fn a_refused_edit_of_a_live_job_says_that_it_was_applied() {
    let world = World::new();
    let id = &world.ids["job"];
    world.run("jobs update-published {job} --set jobTitle=forbidden").fails().stderr_has("(409 CONFLICT)")
        .stderr_has(&format!("Hint: the edit was applied all the same, and job {id} is a draft again: fix it with `opentrain jobs draft update --job-id {id} --set <field=value>`, then run `opentrain jobs publish --job-id {id}`"));
    world
        .run("jobs publish {job}")
        .fails()
        .stderr_has("Hint: moderation refused the job");
    world
        .run("jobs draft update {job} --set jobTitle=Fine")
        .ok();
    world
        .run("jobs publish {job}")
        .ok()
        .stdout_has("is published");
}

#[test]
fn the_daily_limit_says_how_many_and_how_long() {
    let world = World::new();
    world.sandbox.fake.change(|s| s.accounts[0].publishes = 20);
    world.run("jobs draft update {draft} --set paymentType=FIXED_PRICE --set fixedPrice=5 --set experienceLevel=EXPERT").ok();
    world
        .run("jobs publish {draft}")
        .fails()
        .stderr_has("(429 RATE_LIMITED)")
        .stderr_has("Hint: 20 are allowed in 24 hours; try again later");
}

#[test]
fn a_write_that_a_gateway_lost_says_how_to_look() {
    let world = World::new();
    let line = world.fill("messages send {conv} --content Hi");
    for status in [502, 503, 504] {
        world.sandbox.fake.script(
            "POST /api/public/v1/messages",
            [Fault::body(status, "<html>Bad gateway")],
        );
        world.run(&line).fails().stderr_has(
            "Hint: whether it took effect is unknown; check with `opentrain messages read",
        );
    }
}

#[test]
fn what_was_given_wrong_is_named_with_its_flag_and_what_is_taken() {
    let world = World::new();
    let refuse = |details: serde_json::Value| {
        crate::fake::Fault::Answer(crate::fake::Answer::error(400, "Invalid", details))
    };
    for (line, details, hint) in [
        (
            "jobs list --limit 1000",
            None,
            "--limit must be at most 100",
        ),
        (
            "updates poll --limit 201",
            None,
            "--limit must be at most 200",
        ),
        (
            "jobs list --status OPNE",
            None,
            "--status takes DRAFT, OPEN, ONGOING, COMPLETED, ARCHIVED, PENDING_APPROVAL; did you mean OPEN?",
        ),
        (
            "proposals list {job} --status shortlistd",
            None,
            "did you mean SHORTLISTED?",
        ),
        (
            "webhooks create --url https://a.example --events message.received,proposal.recieved",
            None,
            "contract.budget_state_changed; did you mean proposal.received?",
        ),
        (
            "jobs draft update {draft} --set pricePerHuor=5",
            None,
            "there is no field pricePerHuor; did you mean pricePerHour?; `opentrain jobs draft capabilities` lists them",
        ),
        (
            "jobs draft update {draft} --set experienceLevel=EXPRT",
            None,
            "the field experienceLevel takes EXPERT, ENTRY_LEVEL, INTERMEDIATE, ANY_EXPERIENCE_LEVEL; did you mean EXPERT?",
        ),
        (
            "jobs draft update {draft} --set jobTitle=2024",
            None,
            "the field jobTitle must be text: `--set-string jobTitle=...` sends text, whatever it looks like",
        ),
        (
            "jobs draft update {draft} --set headcount=many",
            None,
            "the field headcount must be a number",
        ),
        // What the server says itself counts first.
        (
            "jobs list --limit 5",
            Some(json!({"issues": [{"code": "too_big", "maximum": 3, "path": ["limit"]}]})),
            "--limit must be at most 3",
        ),
        (
            "jobs list --limit 5",
            Some(json!([{"code": "too_small", "minimum": 7, "path": ["limit"]}])),
            "--limit must be at least 7",
        ),
        (
            "jobs list --status OPEN",
            Some(json!({"issues": [{"path": ["status"], "options": ["NEW", "OLD"]}]})),
            "--status takes NEW, OLD",
        ),
        (
            "jobs list --cursor x",
            Some(json!({"issues": [{"path": ["cursor"], "message": "Too old"}]})),
            "check --cursor: Too old",
        ),
        (
            "jobs list",
            Some(json!({"issues": [{"path": ["zone"], "message": "Required"}]})),
            "check zone: Required",
        ),
        // Of several flags it is the one that the server names.
        (
            "jobs list --limit 5 --status OPEN",
            Some(json!({"issues": [{"path": ["status"], "options": ["NEW", "OLD"]}]})),
            "--status takes NEW, OLD",
        ),
        (
            "jobs draft update {draft} --set experienceLevel=EXPRT --set jobTitle=x",
            Some(json!({"issues": [{"path": ["experienceLevel"]}]})),
            "the field experienceLevel takes EXPERT, ENTRY_LEVEL, INTERMEDIATE, ANY_EXPERIENCE_LEVEL; did you mean EXPERT?",
        ),
        (
            "jobs draft update {draft} --patch-json {\"jobTitle\":7}",
            Some(json!({"issues": [{"path": ["jobTitle"]}]})),
            "the field jobTitle must be text, in quotes",
        ),
        (
            "jobs draft update {draft} --set jobTitle=x",
            Some(json!({"issues": [{"path": ["zone"], "message": "Required"}]})),
            "check zone: Required",
        ),
    ] {
        if let Some(details) = details {
            let path = match line.starts_with("jobs list") {
                true => "GET /api/public/v1/jobs/mine".to_owned(),
                false => world.fill("PATCH /api/public/v1/job-drafts/{draft}"),
            };
            world.sandbox.fake.script(&path, [refuse(details)]);
        }
        let out = world.run(line).fails();
        assert!(
            out.stderr.contains(&format!("{hint}\n")),
            "{line}: {out:#?}"
        );
    }
}

#[test]
fn a_draft_and_an_open_job_are_edited_by_their_own_commands() {
    let world = World::new();
    world
        .run("jobs draft update {job} --set headcount=5")
        .fails()
        .stderr_has(&world.fill("a published job is edited with `opentrain jobs update-published --job-id {job} --set <field=value>`"));
    world
        .run("jobs update-published {draft} --set headcount=5")
        .fails()
        .stderr_has(
            &world.fill("a draft is edited with `opentrain jobs draft update --job-id {draft}"),
        );
}
