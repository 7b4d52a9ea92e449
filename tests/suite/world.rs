//! A claimed account in the middle of its life, for tests that begin there.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::fake::{State, hiring, money, verify};
use crate::harness::{Out, Sandbox};

/// A published job with proposals, one hired, a conversation, a contract with a funded and an
/// unfunded milestone, a paid top-up, a webhook, a batch with all its verdicts; and two more accounts, one unclaimed and one
/// whose human has just claimed it.
pub(crate) struct World {
    pub sandbox: Sandbox,
    pub ids: HashMap<&'static str, String>,
}

/// The items of the batch; each world has them as the file `rows.jsonl`.
pub(crate) const ROWS: &str = r#"{"prompt":"Longest word?","response":"None"}
{"prompt":"Longest river?","response":"teh Nile","id":"q2"}
{"prompt":"Largest number?","response":"12","score":0.10}
"#;

impl World {
    /// A separate world. Making one takes twenty calls, so it is made once and copied.
    pub(crate) fn new() -> Self {
        static FIRST: OnceLock<(State, HashMap<&'static str, String>)> = OnceLock::new();
        let (state, ids) = FIRST.get_or_init(Self::create);
        let sandbox = Sandbox::new().env("OT_API_TOKEN", &ids["token"]);
        sandbox.fake.change(|s| *s = state.clone());
        sandbox.file("rows.jsonl", ROWS);
        World {
            sandbox,
            ids: ids.clone(),
        }
    }

    fn create() -> (State, HashMap<&'static str, String>) {
        let mut world = World {
            sandbox: Sandbox::claimed(),
            ids: HashMap::new(),
        };
        world.make("draft", "jobs draft create --description Horses", "/jobId");
        world.make(
            "job",
            "jobs draft create --description Zebras~at~$25~per~hour",
            "/jobId",
        );
        world
            .run("jobs draft update {job} --set experienceLevel=EXPERT")
            .ok();
        world.run("jobs publish {job}").ok();
        world.make("prop", "proposals list {job}", "/proposals/1/id");
        world.make("bare", "proposals list {job}", "/proposals/0/id");
        world.make(
            "conv",
            "messages start-proposal-thread {prop}",
            "/conversationId",
        );
        world.run("messages send {conv} --content Hello").ok();
        world.make("ap", "proposals hire {prop} --amount 300", "/approval/id");
        let approval = world.ids["ap"].clone();
        let fake = &world.sandbox.fake;
        fake.change(|s| hiring::resolve(s, &approval, "confirmed"));
        world.make("ct", "contracts list", "/contracts/0/id");
        world.make("ms", "contracts list", "/contracts/0/milestones/0/id");
        world.make(
            "ms2",
            "milestones create {ct} --description More --amount 250.10",
            "/milestone/id",
        );
        world.make("wait", "milestones fund {ms2}", "/approval/id");
        world.make("tu", "credits top-up --amount 120.50", "/topUpId");
        let top_up = world.ids["tu"].clone();
        world.sandbox.fake.change(|s| money::pay(s, &top_up));
        world.make(
            "wh",
            "webhooks create --url https://h.example/x --events payment.pending",
            "/webhook/id",
        );
        let rows = world.sandbox.file("rows.jsonl", ROWS);
        let create = format!("verify batches create --items-file {rows}");
        world.make("vb", &create, "/batch/batchId");
        let batch = world.ids["vb"].clone();
        world.sandbox.fake.change(|s| {
            verify::decide(s, &batch, 0, "ACCEPT", "");
            verify::decide(s, &batch, 1, "FIX", "The Nile,\nin Africa");
            verify::decide(s, &batch, 2, "REJECT", "It has no source");
        });
        world.make("tok", "tokens list", "/tokens/0/id");
        let (state, token, claim, done) = world.sandbox.fake.change(|s| {
            let token = s.tokens[0].secret.clone();
            let (open, claimed) = (s.new_account(), s.new_account());
            s.accounts[claimed].claimed = true;
            let claim = |n: usize| s.accounts[n].claim_token.clone();
            let (open, claimed) = (claim(open), claim(claimed));
            (s.clone(), token, open, claimed)
        });
        let mut ids = world.ids;
        ids.extend([("token", token), ("claim", claim), ("done", done)]);
        (state, ids)
    }

    /// Saves credentials of another account, as an earlier registration left them.
    pub(crate) fn save_other_account(&self) {
        let (token, claim) = self.sandbox.fake.change(|s| {
            let index = s.new_account();
            let token = s.new_token(index, "agent", &crate::fake::state::PRE_CLAIM);
            (token, s.accounts[index].claim_token.clone())
        });
        let url = self.sandbox.fake.url.as_str();
        let file = json!({"apiToken": token, "baseUrl": url, "claimToken": claim});
        self.sandbox.save_config(&file.to_string());
    }

    /// `{name}` becomes an id.
    pub(crate) fn fill(&self, text: &str) -> String {
        let filled =
            |text: String, (name, id): (&&str, &String)| text.replace(&format!("{{{name}}}"), id);
        self.ids.iter().fold(text.to_owned(), filled)
    }

    /// A line as words: `~` becomes a space.
    pub(crate) fn words(&self, line: &str) -> Vec<String> {
        self.fill(line)
            .split(' ')
            .map(|word| word.replace('~', " "))
            .collect()
    }

    #[track_caller]
    pub(crate) fn run(&self, line: &str) -> Out {
        let words = self.words(line);
        self.sandbox
            .run(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    #[track_caller]
    fn make(&mut self, name: &'static str, line: &str, pointer: &str) {
        let json = self.run(&format!("{line} --json")).ok().json();
        let id = json
            .pointer(pointer)
            .and_then(Value::as_str)
            .expect("an id");
        self.ids.insert(name, id.to_owned());
    }
}
