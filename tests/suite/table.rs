//! The table of commands: how each is called, what it sends, what it says. Other tests walk it.

use serde_json::Value;

use crate::harness::{Out, sent};
use crate::world::World;

/// One way to call a command, in a world of its own.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    /// The words, as [`World::run`] takes them.
    pub line: &'static str,
    /// The requests that it makes, as [`sent`] shows them.
    pub requests: &'static [&'static str],
    /// The body of the last request; empty for none.
    pub body: &'static str,
    /// What its summary says.
    pub says: &'static [&'static str],
    /// What it notes on standard error; empty for nothing.
    pub notes: &'static str,
    /// Whether its JSON is made by the program, from what the API sent or from nothing.
    pub own_json: bool,
    /// Whether credentials of another account are saved before.
    pub saved: bool,
}

const fn row(line: &'static str) -> Row {
    Row {
        line,
        requests: &[],
        body: "",
        says: &[],
        notes: "",
        own_json: false,
        saved: false,
    }
}

impl Row {
    const fn sends(mut self, requests: &'static [&'static str]) -> Self {
        self.requests = requests;
        self
    }

    const fn with(mut self, body: &'static str) -> Self {
        self.body = body;
        self
    }

    const fn says(mut self, says: &'static [&'static str]) -> Self {
        self.says = says;
        self
    }

    const fn notes(mut self, notes: &'static str) -> Self {
        self.notes = notes;
        self
    }

    const fn own_json(mut self) -> Self {
        self.own_json = true;
        self
    }

    const fn saved(mut self) -> Self {
        self.saved = true;
        self
    }

    /// Whether it only reads.
    pub(crate) fn reads(&self) -> bool {
        self.requests.iter().all(|r| r.starts_with("GET "))
    }

    /// Whether a single reply of the API is its whole answer.
    pub(crate) fn is_one_reply(&self) -> bool {
        self.requests.len() == 1 && !self.own_json
    }

    /// A world in which it can be called.
    pub(crate) fn world(&self) -> World {
        let world = World::new();
        if self.saved {
            world.save_other_account();
        }
        world
    }

    /// `METHOD /path` of each of its requests.
    pub(crate) fn lines(&self, world: &World) -> Vec<String> {
        let line = |request: &&str| {
            let filled = world.fill(request);
            let (method, path) = filled.split_once(' ').expect("a method");
            let path = path.split('?').next().unwrap_or_default();
            let prefix = if path.starts_with("/api/") {
                ""
            } else {
                "/api/public/v1"
            };
            format!("{method} {prefix}{path}")
        };
        self.requests.iter().map(line).collect()
    }
}

const NO_MONEY: &str = "No money has moved.";
const OVERRIDES: &str = "Note: OT_API_TOKEN is set and overrides the saved token";

/// Every command, in most of its forms.
pub(crate) const ROWS: &[Row] = &[
    row("auth register --force --agent-name A --org-name O")
        .sends(&["POST /api/agent/identity"])
        .with(r#"{"agent_name":"A","organization_name":"O","identity_type":"anonymous"}"#)
        .says(&[
            "Registered a new agent account: reg_1",
            "opentrain auth claim --email <human-email>",
            "opentrain jobs draft create --description-file <path>",
        ])
        .notes(OVERRIDES)
        .own_json(),
    row("auth claim --email lee@example.com --claim-token {claim}")
        .sends(&["POST /api/agent/identity/claim"])
        .with(r#"{"email":"lee@example.com","claim_token":"{claim}"}"#)
        .says(&[
            "\n\nhttps://app.opentrain.ai/claim?token=ot_cat_",
            "439218",
            "in 30 minutes",
            "opentrain auth claim-status --wait --claim-token <token>",
        ]),
    row("auth claim-status --claim-token {done}")
        .sends(&["POST /api/agent/oauth/token"])
        .with("grant_type=urn%3Aopentrain%3Aagent-auth%3Agrant-type%3Aclaim&claim_token={done}")
        .says(&["The account is claimed; its new token is saved."])
        .notes(OVERRIDES)
        .own_json(),
    row("auth claim-status --claim-token {claim}")
        .sends(&["POST /api/agent/oauth/token"])
        .with("grant_type=urn%3Aopentrain%3Aagent-auth%3Agrant-type%3Aclaim&claim_token={claim}")
        .says(&["The claim is pending", "opentrain auth claim-status --wait"])
        .own_json(),
    row("auth login --api-key {token}")
        .sends(&["GET /auth/me"])
        .says(&["Logged in as Kim O <kim@example.com>.", "org_1"])
        .own_json(),
    row("auth status")
        .sends(&["GET /auth/me"])
        .says(&["You are Kim O <kim@example.com>.", "org_1", "(OT_API_BASE_URL)"]),
    row("whoami")
        .sends(&["GET /auth/me"])
        .says(&["You are Kim O <kim@example.com>."]),
    row("auth logout")
        .says(&["Logged out: ", "stays valid"])
        .notes("Note: OT_API_TOKEN is set and still used")
        .own_json()
        .saved(),
    row("auth logout --revoke")
        .sends(&["POST /api/agent/oauth/revoke"])
        .says(&["the token is revoked on the server, and "])
        .notes("Note: OT_API_TOKEN is set and still used")
        .own_json()
        .saved(),
    row("jobs draft create --description Boxes --external-id e1 --idempotency-key k1")
        .sends(&["POST /job-drafts"])
        .with(r#"{"externalId":"e1","idempotencyKey":"k1","rawJobDescription":"Boxes"}"#)
        .says(&[
            "is saved but not ready to publish: 2 fields are missing.",
            "  ask: Which experience level do you need?",
            "--set experienceLevel=<value>",
        ]),
    row("jobs draft update {draft} --set headcount=2 --set jobTitle=Two")
        .sends(&["PATCH /job-drafts/{draft}"])
        .with(r#"{"headcount":2,"jobTitle":"Two"}"#)
        .says(&["Draft {draft} is saved but not ready to publish"]),
    row("jobs draft capabilities")
        .sends(&["GET /job-drafts/capabilities"])
        .says(&[
            "Drafting is on for this account.",
            "on            credits, draftCreate,",
            "experienceLevel  EXPERT, ENTRY_LEVEL,",
            "publish, team, webhooks\n",
            "aiInterviewRequirements",
        ]),
    row("jobs list").sends(&["GET /jobs/mine"]).says(&[
        "{job}",
        "OPEN",
        "2, 2 unreviewed",
    ]),
    row("jobs list --status OPEN --limit 5")
        .sends(&["GET /jobs/mine?status=OPEN&limit=5"])
        .says(&["{job}"]),
    row("jobs search").sends(&["GET /jobs"]).says(&[
        "{job}",
        "25.0 USD an hour",
        "https://app.opentrain.ai/jobs/zebra-boxes-{job}",
    ]),
    row("jobs search --q zebras --category image --language English --country US --pay-type PAY_PER_HOUR --limit 3")
        .sends(&["GET /jobs?q=zebras&category=image&language=English&country=US&payType=PAY_PER_HOUR&limit=3"])
        .says(&["{job}"]),
    row("jobs get {job}").sends(&["GET /jobs/{job}"]).says(&[
        "Job {job} is OPEN: Zebras",
        "25.0 USD an hour",
        "https://app.opentrain.ai/api/out?job={job}",
        "  description\n    Zebras at $25 per hour\n",
    ]),
    row("jobs facets").sends(&["GET /jobs/facets"]).says(&[
        "1 job is open.",
        "JOBS  CATEGORY\n1     Image Annotation\n",
        "JOBS  PAY\n1     PAY_PER_HOUR\n",
        "No countries.",
    ]),
    row("api GET /jobs/facets").sends(&["GET /jobs/facets"]).says(&["\"totalJobs\": 1"]),
    row("jobs changes --since 2026-06-11")
        .sends(&["GET /jobs/changes?since=2026-06-11"])
        .says(&[
            "{job}  PUBLISHED  2026-06-15T",
            "Next time: opentrain jobs changes --since 2026-06-15T",
        ]),
    row("jobs publish {job}")
        .sends(&["POST /jobs/{job}/publish"])
        .says(&[
            "was already published",
            "opentrain proposals list --job-id {job}",
        ]),
    row("jobs invite --job-id {job} --freelancer-id user_cy")
        .sends(&["POST /jobs/{job}/invites"])
        .with(r#"{"freelancerId":"user_cy"}"#)
        .says(&[
            "user_cy is invited to job {job}: proposal prop_",
            "opentrain proposals get --proposal-id prop_",
        ]),
    row("jobs invite {job} --freelancer-id user_ana")
        .sends(&["POST /jobs/{job}/invites"])
        .with(r#"{"freelancerId":"user_ana"}"#)
        .says(&["was already invited to job {job}"]),
    row("jobs update-published {job} --set headcount=8")
        .sends(&["PATCH /jobs/{job}"])
        .with(r#"{"headcount":8}"#)
        .says(&["Job {job} was updated; it is OPEN.", "moderation  ALLOW"]),
    row("jobs close --job-id {job}")
        .sends(&["POST /jobs/{job}/close"])
        .says(&[
            "Job {job} is closed; it is ARCHIVED",
            "opentrain contracts list --job-id {job}",
        ]),
    row("proposals list --job-id {job}")
        .sends(&["GET /jobs/{job}/proposals"])
        .says(&[
            "{prop}",
            "0.05 USD PER_LABEL",
            "86",
            "0.91",
            "PT",
            "Ana B., Annotator",
        ]),
    row("proposals list {job} --status hired --limit 1")
        .sends(&["GET /jobs/{job}/proposals?status=hired&limit=1"])
        .says(&["{prop}", "HIRED"]),
    row("proposals get --proposal-id {prop}")
        .sends(&["GET /proposals/{prop}"])
        .says(&[
            "Proposal {prop} from Ana B. is HIRED.",
            "0.05 USD PER_LABEL",
            "PASSED by GPS",
            "identity",
            "verified",
            "assessment  none",
            "{ct}",
            "    Asks good questions.",
        ]),
    row("proposals get {prop} --interview")
        .sends(&["GET /proposals/{prop}", "GET /proposals/{prop}/interview"])
        .says(&[
            "Proposal {prop} from Ana B. is HIRED.",
            "\nInterview\n  interviewer  2026-06-15T09:00:00.000Z\n    How do you box a zebra?\n",
        ]),
    row("proposals interview {prop}")
        .sends(&["GET /proposals/{prop}/interview"])
        .says(&[
            "Interview of proposal {prop}\n",
            "score      86\n",
            "    Asks good questions.\n",
            "  candidate  2026-06-15T09:01:00.000Z\n    Tightly.\n    Stripe to stripe.\n",
            "opentrain proposals get --proposal-id {prop}",
        ]),
    row("proposals hire --proposal-id {bare} --amount 500")
        .sends(&["POST /proposals/{bare}/hire"])
        .with(r#"{"milestone":{"name":"First milestone","amount":500}}"#)
        .says(&[
            "Hire requested, not done: a human must confirm it. ",
            NO_MONEY,
            "\n\nhttps://app.opentrain.ai/approvals/ap_",
            "expires    2026-06-18",
            "opentrain approvals get --approval-id ap_",
        ]),
    row("proposals hire {bare} --amount 250.10 --milestone-name A --milestone-description B --due-date 2026-07-01 --confirm-not-fit-override")
        .sends(&["POST /proposals/{bare}/hire"])
        .with(r#"{"milestone":{"name":"A","description":"B","dueDate":"2026-07-01","amount":250.10},"confirmNotFitOverride":true}"#)
        .says(&[NO_MONEY]),
    row("proposals hire {bare} --amount 1 --milestone-description B")
        .sends(&["POST /proposals/{bare}/hire"])
        .with(r#"{"milestone":{"description":"B","amount":1}}"#)
        .says(&[NO_MONEY]),
    row("freelancers get --id ana")
        .sends(&["GET /freelancers/ana"])
        .says(&[
            "Ana B. (user_ana): Annotator",
            "10.5 USD an hour",
            "Portuguese (NATIVE)",
            "4.5 from 1 reviews",
            "    Likes zebras.",
            "Street scenes",
            "Careful.",
        ]),
    row("messages list")
        .sends(&["GET /messages"])
        .says(&["{conv}", "you: Hello"]),
    row("messages list --filter proposal --unread-only --limit 2")
        .sends(&["GET /messages?filter=proposal&unreadOnly=true&limit=2"])
        .says(&["No conversations."]),
    row("messages unread --filter job")
        .sends(&["GET /messages?unreadOnly=true&filter=job"])
        .says(&["No conversations."]),
    row("messages read --conversation-id {conv}")
        .sends(&["GET /messages?conversationId={conv}"])
        .says(&["  you  msg_", "\n    Hello\n"]),
    row("messages read {conv} --limit 5 --direction newer")
        .sends(&["GET /messages?conversationId={conv}&limit=5&direction=newer"])
        .says(&["Hello"]),
    row("messages start-proposal-thread --proposal-id {prop}")
        .sends(&["POST /proposals/{prop}/conversation"])
        .says(&[
            "Conversation {conv} was already open.",
            "opentrain messages read --conversation-id {conv}",
        ]),
    row("messages send --conversation-id {conv} --content Hi~there")
        .sends(&["POST /messages"])
        .with(r#"{"content":"Hi there","conversationId":"{conv}"}"#)
        .says(&[
            "was sent to conversation {conv}.",
            "opentrain messages read --conversation-id {conv}",
        ]),
    row("contracts list").sends(&["GET /contracts"]).says(&[
        "{ct}",
        "active",
        "FIXED_PRICE 300 USD",
        "{job}",
        "Ana B.",
    ]),
    row("contracts list --job-id {job} --status active")
        .sends(&["GET /contracts?jobId={job}&status=active"])
        .says(&["{ct}"]),
    row("contracts list --status ended")
        .sends(&["GET /contracts?status=ended"])
        .says(&["No contracts."]),
    row("contracts get --contract-id {ct}")
        .sends(&["GET /contracts/{ct}"])
        .says(&[
            "Contract {ct} is active: Zebras",
            "Ana B., Portugal (user_ana)",
            "[--------------------] 0% used, OK",
            "{ms}",
            "ACTIVE_FUNDED  300 USD",
            "NOT_FUNDED     250.1 USD",
            "opentrain milestones fund --milestone-id {ms2}",
        ]),
    row("contracts end --contract-id {ct}")
        .sends(&["POST /contracts/{ct}/end"])
        .says(&["End of the contract requested, not done", NO_MONEY]),
    row("milestones create --contract-id {ct} --description Work --name Two --amount 0.50 --volume 10.5 --due-date 2026-07-01")
        .sends(&["POST /contracts/{ct}/milestones"])
        .with(r#"{"description":"Work","name":"Two","amountUsd":0.50,"volume":10.5,"dueDate":"2026-07-01"}"#)
        .says(&[
            "was created, not funded; no money has moved.",
            "NOT_FUNDED  0.5 USD  10.5    2026-07-01T00:00:00.000Z  Two",
            "opentrain milestones fund --milestone-id ms_",
        ]),
    row("milestones fund --milestone-id {ms2}")
        .sends(&["POST /milestones/{ms2}/fund"])
        .says(&[
            "Funding of the milestone requested, not done",
            NO_MONEY,
            "approvals/{wait}\n",
        ]),
    row("milestones approve {ms}")
        .sends(&["POST /milestones/{ms}/approve"])
        .says(&["Payout of the milestone requested, not done", NO_MONEY]),
    row("approvals get --approval-id {ap}")
        .sends(&["GET /approvals/{ap}"])
        .says(&[
            "Hire ({ap}) is confirmed: it is done.",
            "opentrain contracts get --contract-id {ct}",
        ]),
    row("approvals get {wait}")
        .sends(&["GET /approvals/{wait}"])
        .says(&[
            "Funding of the milestone ({wait}) is pending",
            "\n\nhttps://app.opentrain.ai/approvals/{wait}\n\n",
            "2026-06-18",
            "opentrain approvals get --approval-id {wait}",
        ]),
    row("credits show").sends(&["GET /credits"]).says(&[
        "-179.50 USD are available.",
        "reserved  300.00 USD",
        "TOP_UP",
        "120.50 USD",
    ]),
    row("credits ledger --limit 50")
        .sends(&["GET /credits/ledger?limit=50"])
        .says(&["HOLD", "-300.00 USD", "{prop}, {ct}, {ms}"]),
    row("credits top-up --amount 500.00")
        .sends(&["POST /credits/top-ups"])
        .with(r#"{"amountUsd":500.00}"#)
        .says(&[
            "\n\nhttps://checkout.stripe.com/c/pay/cs_live_",
            "500.00 USD",
            "opentrain credits top-up-status --top-up-id tu_",
        ]),
    row("credits top-up-status --top-up-id {tu}")
        .sends(&["GET /credits/top-ups/{tu}"])
        .says(&["Top-up {tu} is COMPLETED.", "120.50 USD"]),
    row("updates watch --once --cursor 0")
        .sends(&["GET /updates?cursor=0&limit=200"])
        .says(&["\"type\":\"proposal.received\""])
        .own_json(),
    row("updates poll").sends(&["GET /updates"]).says(&[
        "2200",
        "proposal.received",
        "proposalId={prop}",
        "That is all for now. Next time: opentrain updates poll --cursor 22",
    ]),
    row("updates poll --cursor 2200 --limit 1")
        .sends(&["GET /updates?cursor=2200&limit=1"])
        .says(&[
            "2201",
            "More events are waiting: opentrain updates poll --limit 1 --cursor 2201",
        ]),
    row("webhooks create --url https://example.com/h --events proposal.received,~approval.confirmed,")
        .sends(&["POST /webhooks"])
        .with(r#"{"url":"https://example.com/h","eventTypes":["proposal.received","approval.confirmed"]}"#)
        .says(&[
            "Keep its signing secret: it is shown only once.\n\nwhsec_shownonce0123456789\n\n",
            "proposal.received, approval.confirmed",
        ]),
    row("webhooks list").sends(&["GET /webhooks"]).says(&[
        "{wh}",
        "ACTIVE",
        "https://h.example/x",
        "payment.pending",
    ]),
    row("webhooks get {wh}")
        .sends(&["GET /webhooks/{wh}"])
        .says(&["Webhook {wh} is ACTIVE.", "https://h.example/x"]),
    row("webhooks delete {wh}")
        .sends(&["DELETE /webhooks/{wh}"])
        .says(&["Webhook {wh} is deleted"]),
    row("tokens list")
        .sends(&["GET /tokens"])
        .says(&["{tok}", "active", "********", "never"]),
    row("tokens create --name nightly --scopes jobs:read,~proposals:write --expires-at 2027-01-31")
        .sends(&["POST /tokens"])
        .with(r#"{"name":"nightly","scopes":["jobs:read","proposals:write"],"expiresAt":"2027-01-31"}"#)
        .says(&[
            "was created. Keep it: it is shown only once.\n\not_pat_",
            "name     nightly\n",
            "scopes   jobs:read, proposals:write\n",
            "expires  2027-01-31\n",
        ]),
    row("tokens create")
        .sends(&["POST /tokens"])
        .says(&["name     API token\n", "expires  never\n"]),
    row("tokens create --save --force")
        .sends(&["POST /tokens"])
        .says(&["was created and saved.", "********", "saved in  "])
        .notes(OVERRIDES)
        .own_json()
        .saved(),
    row("tokens revoke --token-id {tok}")
        .sends(&["DELETE /tokens/{tok}"])
        .says(&[
            "Token {tok} is revoked.",
            "It was the token in use: later calls will fail until another one is saved with: opentrain auth login --api-key -",
        ]),
    row("team show").sends(&["GET /team"]).says(&[
        "Team of Lab",
        "kim@example.com",
        "OWNER",
        "No open invitations.",
    ]),
    row("team invite --email lee@example.com")
        .sends(&["POST /team/invites"])
        .with(r#"{"email":"lee@example.com"}"#)
        .says(&["lee@example.com is invited", "opentrain team show"]),
    row("team invite --email user@example.com")
        .sends(&["POST /team/invites"])
        .with(r#"{"email":"user@example.com"}"#)
        .says(&["is now a member"]),
    row("team invite --email kim@example.com")
        .sends(&["POST /team/invites"])
        .with(r#"{"email":"kim@example.com"}"#)
        .says(&["is already a member"]),
    row("payments pending")
        .sends(&["GET /payments/pending"])
        .says(&["No pending payments."]),
    row("verify batches create --items-file rows.jsonl --kind episodes --generator nightly")
        .sends(&["POST /verify/batches"])
        .with(r#"{"kind":"episodes","generator":"nightly","items":[{"prompt":"Longest word?","response":"None"},{"prompt":"Longest river?","response":"teh Nile","id":"q2"},{"prompt":"Largest number?","response":"12","score":0.10}]}"#)
        .says(&[
            "was created; it is PENDING.\n  price    0.30 USD, RECORD_ONLY\n",
            "items    3\n",
            "kind     episodes\n",
            "opentrain verify batches results --batch-id vb_",
        ]),
    row(r#"verify batches create --items [{"prompt":"a","n":1.10},{}]"#)
        .sends(&["POST /verify/batches"])
        .with(r#"{"kind":"rows","items":[{"prompt":"a","n":1.10},{}]}"#)
        .says(&["was created; it is PENDING.\n  price    0.20 USD", "items    2\n"]),
    row("verify batches create --items-file rows.jsonl")
        .sends(&["POST /verify/batches"])
        .with(r#"{"kind":"rows","items":[{"prompt":"Longest word?","response":"None"},{"prompt":"Longest river?","response":"teh Nile","id":"q2"},{"prompt":"Largest number?","response":"12","score":0.10}]}"#)
        .says(&[
            "Batch {vb} was already there, with these items; it is COMPLETED.\n  price",
            "opentrain verify batches results --batch-id {vb}",
        ]),
    row("verify batches list")
        .sends(&["GET /verify/batches"])
        .says(&["{vb}", "COMPLETED", "rows", "0.30 USD"]),
    row("verify batches list --limit 1")
        .sends(&["GET /verify/batches?limit=1"])
        .says(&["{vb}"]),
    row("verify batches get {vb}")
        .sends(&["GET /verify/batches/{vb}"])
        .says(&[
            "Batch {vb} is COMPLETED.\n  price      0.30 USD, RECORD_ONLY\n",
            "opentrain verify batches results --batch-id {vb}",
        ]),
    row("verify batches results {vb}")
        .sends(&["GET /verify/batches/{vb}/results"])
        .says(&[
            "Batch {vb} is COMPLETED: 1 accepted, 1 fixed, 1 rejected, 0 pending.\n  price  0.30 USD",
            "INDEX  VERDICT  REASON            FIXED TEXT\n0      ACCEPT\n",
            "1      FIX                        The Nile,\\nin Africa\n",
            "2      REJECT   It has no source\n",
        ]),
    row("verify batches certificate {vb}")
        .sends(&["GET /verify/batches/{vb}/certificate"])
        .says(&[
            "Certificate of batch {vb}\n  sha256",
            "certificateVersion  2\n",
            "\n  verdicts\n    accepted  1\n",
            "--batch-id {vb} --raw | sha256sum",
        ]),
    // What it says is tested in `mcp` and `mcp_tools`: without a message it ends silently.
    row("mcp").says(&[""]),
    row("doctor")
        .sends(&["GET /jobs/facets", "GET /auth/me", "GET /job-drafts/capabilities"])
        .says(&["ok       connection", "ok       account", "features          on: "])
        .own_json(),
    row("version").says(&["opentrain "]).own_json(),
    row("help jobs").says(&["Usage: opentrain jobs <command>"]),
    row("completions bash").says(&["complete -F _opentrain opentrain"]),
    row("complete -- jobs pu").says(&["publish\t"]),
    row("man jobs").says(&[".TH OPENTRAIN-JOBS 1"]),
];

/// Runs a row in its form for people, and judges both sides.
#[track_caller]
fn perform(row: &Row) -> (World, Out) {
    let world = row.world();
    let mut out = world.run(row.line).ok();
    out = match row.notes {
        "" => out.stderr_is(""),
        notes => out.stderr_has(notes),
    };
    let requests = world.sandbox.fake.requests();
    let expected: Vec<String> = row.requests.iter().map(|r| world.fill(r)).collect();
    assert_eq!(sent(&requests), expected, "{}", row.line);
    for text in row.says {
        out = out.stdout_has(&world.fill(text));
    }
    (world, out)
}

#[test]
fn every_command_sends_what_is_documented_and_says_what_came_of_it() {
    for row in ROWS {
        let (world, _) = perform(row);
        let body = world.sandbox.fake.requests().pop().map(|r| r.body);
        // The token of this one is invented by the fake.
        if row.line != "auth logout --revoke" {
            let expected = world.fill(row.body);
            assert_eq!(body.unwrap_or_default(), expected, "{}", row.line);
        }
    }
}

#[test]
fn json_is_the_servers_body_for_every_command_with_one_reply() {
    for row in ROWS.iter().filter(|row| row.is_one_reply()) {
        let world = row.world();
        let json = world
            .run(&format!("{} --json", row.line))
            .ok()
            .stderr_is("")
            .json();
        let sent: Value = serde_json::from_str(&world.sandbox.fake.answered()).unwrap();
        assert_eq!(json, sent, "{}", row.line);
    }
}

#[test]
fn a_structured_result_of_our_own_is_an_object_without_secrets() {
    // An endless feed is lines, in JSON too.
    let has_end = |row: &&Row| !row.line.starts_with("updates watch");
    for row in ROWS.iter().filter(|row| row.own_json).filter(has_end) {
        let world = row.world();
        let out = world.run(&format!("{} --json", row.line)).ok();
        assert!(out.json().is_object(), "{}", row.line);
        let out = match world.sandbox.config().exists() {
            true => {
                let saved = world.sandbox.read_config();
                out.hides(saved["apiToken"].as_str().unwrap_or("no token"))
            }
            false => out,
        };
        out.hides(&world.ids["claim"]).hides(&world.ids["token"]);
    }
}

#[test]
fn every_command_has_a_row() {
    let world = World::new();
    let list = world.run("help --json").ok().json();
    for command in list["commands"].as_array().expect("commands") {
        let name = command["name"].as_str().expect("a name");
        let words: Vec<&str> = name.split(' ').collect();
        let calls = |row: &&Row| row.line.split(' ').take(words.len()).eq(words.clone());
        let row = ROWS.iter().find(calls);
        let row = row.unwrap_or_else(|| panic!("no row calls `{}`", words.join(" ")));
        assert!(!row.says.is_empty(), "{}: what does it say?", row.line);
        if command["endpoint"].is_string() {
            assert!(!row.requests.is_empty(), "{}: what does it send?", row.line);
        }
    }
}
