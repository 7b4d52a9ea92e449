//! One walk through the life of a job, as an agent would take it.

use crate::fake::state::APP_TOKEN;
use crate::harness::Sandbox;

#[test]
fn from_nothing_to_a_paid_milestone() {
    let sandbox = Sandbox::new();
    let run = |words: &[&str]| sandbox.run(words).ok();
    let id = |words: &[&str], pointer: &str| {
        let json = sandbox.run(&[words, &["--json"]].concat()).ok().json();
        let found = json
            .pointer(pointer)
            .and_then(|v| v.as_str().map(str::to_owned));
        found.unwrap_or_else(|| panic!("no {pointer} in {json:#}"))
    };
    run(&["auth", "register", "--agent-name", "Agent"]);
    let job = id(
        &[
            "jobs",
            "draft",
            "create",
            "--description",
            "Zebra boxes at $25 per hour",
        ],
        "/jobId",
    );
    run(&[
        "jobs",
        "draft",
        "update",
        &job,
        "--set",
        "experienceLevel=EXPERT",
    ])
    .stdout_has("ready to publish");
    run(&["jobs", "publish", &job]).stdout_has("is published");
    run(&["jobs", "search", "--q", "zebra"]).stdout_has(&job);
    let proposal = id(&["proposals", "list", "--job-id", &job], "/proposals/1/id");
    run(&["proposals", "get", &proposal, "--interview"]).stdout_has("How do you box a zebra?");
    // Hiring waits for a human.
    sandbox
        .run(&["proposals", "hire", &proposal, "--amount", "500"])
        .fails()
        .stderr_has("Hint: the token lacks the scope proposals:write");
    run(&["auth", "claim", "--email", "kim@example.com"]);
    sandbox.fake.change(|s| s.confirm_claim(0));
    run(&["auth", "claim-status"]).stdout_has("The account is claimed");
    let conversation = id(
        &["messages", "start-proposal-thread", &proposal],
        "/conversationId",
    );
    run(&["messages", "send", &conversation, "--content", "Hello"]);
    run(&["messages", "read", &conversation]).stdout_has("Hello");
    let approval = id(
        &["proposals", "hire", &proposal, "--amount", "500"],
        "/approval/id",
    );
    run(&["approvals", "get", &approval]).stdout_has("is pending");
    sandbox
        .fake
        .change(|s| crate::fake::hiring::resolve(s, &approval, "confirmed"));
    let contract = id(
        &["approvals", "get", &approval],
        "/approval/result/contractId",
    );
    run(&["contracts", "get", &contract]).stdout_has("ACTIVE_FUNDED  500 USD");
    // Milestones need a scope that the claim does not bring (K5).
    let words = [
        "milestones",
        "create",
        &contract,
        "--description",
        "More",
        "--amount",
        "250.10",
    ];
    sandbox
        .run(&words)
        .fails()
        .stderr_has("the token lacks the scope payments:write");
    run(&["auth", "login", "--api-key", APP_TOKEN]);
    let milestone = id(&words, "/milestone/id");
    let funding = id(&["milestones", "fund", &milestone], "/approval/id");
    sandbox
        .fake
        .change(|s| crate::fake::hiring::resolve(s, &funding, "confirmed"));
    let payout = id(&["milestones", "approve", &milestone], "/approval/id");
    sandbox
        .fake
        .change(|s| crate::fake::hiring::resolve(s, &payout, "confirmed"));
    run(&["contracts", "get", &contract]).stdout_has("PAID");
    run(&["contracts", "end", &contract]).stdout_has("End of the contract requested, not done");
    let feed = run(&["updates", "poll"]).stdout;
    for kind in [
        "proposal.received",
        "contract.created",
        "milestone.status_changed",
        "approval.confirmed",
    ] {
        assert!(feed.contains(kind), "{feed}");
    }
    run(&["credits", "ledger"]).stdout_has("HOLD  -500.00 USD");
    run(&["jobs", "close", &job]).stdout_has("is closed");
}
