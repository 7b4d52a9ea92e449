//! What the fake remembers, and the gates that every request passes through: token, scope, feature,
//! claim (API.md, section 6), known parameters and body keys.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::{Answer, Recorded};

/// A token with every scope, as a human makes it in the app. It belongs to the first account
/// and works once that is claimed.
pub(crate) const APP_TOKEN: &str = "ot_pat_app0_madebyahumanintheapp0001";

pub(crate) const PRE_CLAIM: [&str; 6] = [
    "jobs:read",
    "jobs:write",
    "proposals:read",
    "messages:read",
    "payments:read",
    "team:read",
];
pub(crate) const POST_CLAIM: [&str; 3] = ["proposals:write", "messages:write", "team:write"];
pub(crate) const ALL_SCOPES: [&str; 11] = [
    "jobs:read",
    "jobs:write",
    "proposals:read",
    "proposals:write",
    "messages:read",
    "messages:write",
    "payments:read",
    "payments:write",
    "team:read",
    "team:write",
    "webhooks:manage",
];

/// Either an answer, or nothing when the endpoint is another route's; an error is an answer too.
pub(crate) type Routed = Result<Option<Answer>, Answer>;

#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    pub id: String,
    pub claim_token: String,
    pub email: Option<String>,
    pub agent_name: Option<String>,
    pub organization: Option<String>,
    pub claimed: bool,
    /// A claim attempt is open.
    pub claim_open: bool,
    pub delivered: bool,
    pub polls: u32,
    pub last_poll: Option<Instant>,
    pub publishes: u32,
    pub payment_method: bool,
    pub members: Vec<Value>,
    pub invites: Vec<Value>,
    pub available_cents: i64,
    pub reserved_cents: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub record: Value,
    pub secret: String,
    pub account: usize,
}

impl Token {
    pub(crate) fn scopes(&self) -> Vec<String> {
        let scopes = self.record["scopes"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        scopes
            .iter()
            .filter_map(|s| s.as_str().map(str::to_owned))
            .collect()
    }

    /// `X:write` implies `X:read`.
    pub(crate) fn has(&self, scope: &str) -> bool {
        let write = scope.replace(":read", ":write");
        self.scopes().iter().any(|s| s == scope || *s == write)
    }
}

/// An object of an account: its JSON as the API shows it, and what the API does not show.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    pub account: usize,
    pub value: Value,
    pub hidden: Value,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub accounts: Vec<Account>,
    pub tokens: Vec<Token>,
    pub jobs: Vec<Thing>,
    pub proposals: Vec<Thing>,
    pub approvals: Vec<Thing>,
    pub contracts: Vec<Thing>,
    pub conversations: Vec<Thing>,
    pub messages: Vec<Thing>,
    pub webhooks: Vec<Thing>,
    pub batches: Vec<Thing>,
    pub top_ups: Vec<Thing>,
    pub ledger: Vec<Thing>,
    pub payments: Vec<Thing>,
    pub events: Vec<Thing>,
    /// Events of the public board.
    pub changes: Vec<Value>,
    pub idempotency: Vec<(String, String)>,
    pub features_off: BTreeSet<String>,
    /// Text that moderation refuses.
    pub forbidden_words: Vec<String>,
    /// Claims and approvals confirm themselves after a few looks, and verdicts come one after each
    /// look, for the demo.
    pub confirm_by_itself: bool,
    /// Batches are charged to the credits instead of only noted.
    pub verdicts_cost: bool,
    counter: u64,
    counts: BTreeMap<&'static str, u32>,
}

impl State {
    pub(crate) fn new() -> Self {
        State {
            forbidden_words: vec!["forbidden".into()],
            ..State::default()
        }
    }

    /// A number never used before.
    pub(crate) fn number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// `job_1`, `job_2`: each kind of object is counted separately.
    pub(crate) fn id(&mut self, prefix: &'static str) -> String {
        let count = self.counts.entry(prefix).or_default();
        *count += 1;
        format!("{prefix}_{count}")
    }

    /// A time: each reading of the clock is a second later.
    pub(crate) fn now(&mut self) -> String {
        let n = self.number();
        format!(
            "2026-06-15T{:02}:{:02}:{:02}.000Z",
            10 + n / 3600,
            n / 60 % 60,
            n % 60
        )
    }

    /// An account with a token of all scopes, for tests that begin in the middle. Returns the
    /// token.
    pub(crate) fn claimed_account(&mut self) -> String {
        self.account_with(&ALL_SCOPES, true)
    }

    /// An account with a token of the given scopes.
    pub(crate) fn account_with(&mut self, scopes: &[&str], claimed: bool) -> String {
        let index = self.new_account();
        let account = &mut self.accounts[index];
        account.claimed = claimed;
        account.payment_method = claimed;
        account.email = claimed.then(|| "kim@example.com".into());
        self.new_token(index, "test", scopes)
    }

    pub(crate) fn new_account(&mut self) -> usize {
        let number = self.number();
        self.accounts.push(Account {
            id: format!("user_{number}"),
            claim_token: format!("ot_clm_claim{number}secretclaimsecret"),
            available_cents: 0,
            ..Account::default()
        });
        self.accounts.len() - 1
    }

    pub(crate) fn new_token(&mut self, account: usize, name: &str, scopes: &[&str]) -> String {
        let number = self.number();
        let secret = format!("ot_pat_{number:04}_secretsecretsecret{number:04}");
        self.add_token(account, name, scopes, &secret);
        secret
    }

    pub(crate) fn add_token(&mut self, account: usize, name: &str, scopes: &[&str], secret: &str) {
        let id = self.id("tok");
        let now = self.now();
        let preview = format!(
            "ot_pat_{}********{}",
            &secret[7..11],
            &secret[secret.len() - 4..]
        );
        self.tokens.push(Token {
            record: json!({
                "id": id, "name": name, "preview": preview, "scopes": scopes, "status": "active",
                "organizationId": null, "createdAt": now, "lastUsedAt": null, "expiresAt": null,
                "revokedAt": null,
            }),
            secret: secret.into(),
            account,
        });
    }

    /// The account is claimed by its human: old tokens are revoked at once, the new one waits
    /// for the next poll.
    pub(crate) fn confirm_claim(&mut self, account: usize) {
        self.accounts[account].claimed = true;
        self.accounts[account].payment_method = true;
        let now = self.now();
        for token in self.tokens.iter_mut().filter(|t| t.account == account) {
            token.record["status"] = json!("revoked");
            token.record["revokedAt"] = json!(now);
        }
        if account == 0 {
            self.add_token(0, "made in the app", &ALL_SCOPES, APP_TOKEN);
        }
    }

    /// The token of a request, or 401.
    pub(crate) fn authenticate(&self, request: &Recorded) -> Result<Token, Answer> {
        let bearer = request
            .header("Authorization")
            .and_then(|h| h.strip_prefix("Bearer "));
        let active =
            |t: &&Token| t.record["status"] == "active" && Some(t.secret.as_str()) == bearer;
        let token = self.tokens.iter().find(active).cloned();
        token.ok_or_else(|| Answer::error(401, "Invalid or missing API token", Value::Null))
    }

    /// The three gates of an endpoint: scope, feature, claim. Returns the token.
    pub(crate) fn gate(&self, request: &Recorded, needs: Needs) -> Result<Token, Answer> {
        let token = self.authenticate(request)?;
        if !needs.scope.is_empty() && !token.has(needs.scope) {
            let details = json!({"requiredScopes": [needs.scope], "grantedScopes": token.scopes()});
            return Err(Answer::error(403, "Missing scope", details));
        }
        if self.features_off.contains(needs.feature) {
            let details = json!({"featureKey": needs.feature});
            return Err(Answer::error(403, "This feature is not available", details));
        }
        if let (Some(action), false) = (needs.claim, self.accounts[token.account].claimed) {
            let details = json!({
                "reason": "account_claim_required", "action": action,
                "claimUrl": "https://app.opentrain.ai/claim",
            });
            return Err(Answer::error(403, "Claim the account first", details));
        }
        Ok(token)
    }

    /// Something happened to a job of the public board.
    pub(crate) fn change(&mut self, job: &str, kind: &str) {
        let changed = self.jobs.iter().find(|j| j.value["id"] == job);
        let at = changed.map(|job| job.value["updatedAt"].clone());
        self.changes.retain(|c| c["jobId"] != job);
        self.changes
            .push(json!({"jobId": job, "eventType": kind, "occurredAt": at}));
    }

    pub(crate) fn event(
        &mut self,
        account: usize,
        kind: &str,
        resource: &str,
        job: Value,
        data: Value,
    ) {
        let id = (2200 + self.events.len()).to_string();
        let now = self.now();
        self.events.push(Thing {
            account,
            value: json!({
                "id": id, "type": kind, "apiVersion": "v1", "createdAt": now,
                "resourceId": resource, "jobId": job, "data": data,
            }),
            hidden: Value::Null,
        });
    }
}

/// What an endpoint needs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Needs {
    pub scope: &'static str,
    pub feature: &'static str,
    /// What an unclaimed account cannot do, in the server's words.
    pub claim: Option<&'static str>,
}

pub(crate) fn needs(scope: &'static str, feature: &'static str) -> Needs {
    Needs {
        scope,
        feature,
        claim: None,
    }
}

pub(crate) fn claimed(scope: &'static str, feature: &'static str, action: &'static str) -> Needs {
    Needs {
        scope,
        feature,
        claim: Some(action),
    }
}

/// Refuses query parameters that are not documented for the endpoint.
pub(crate) fn params(request: &Recorded, known: &[&str]) -> Result<(), Answer> {
    match request
        .query
        .iter()
        .find(|(name, _)| !known.contains(&name.as_str()))
    {
        Some((name, _)) => Err(bad(
            &format!("Unknown parameter {name}"),
            json!({"field": name}),
        )),
        None => Ok(()),
    }
}

/// `limit` within 1 to `most`.
pub(crate) fn limit(request: &Recorded, default: usize, most: usize) -> Result<usize, Answer> {
    let Some(text) = request.param("limit") else {
        return Ok(default);
    };
    match text.parse() {
        Ok(n) if (1..=most).contains(&n) => Ok(n),
        _ => Err(bad("limit is out of range", json!({"field": "limit"}))),
    }
}

pub(crate) fn bad(message: &str, details: Value) -> Answer {
    Answer::error(400, message, details)
}

/// The JSON body, whose keys must be among `known`.
pub(crate) fn body(request: &Recorded, known: &[&str]) -> Result<Map<String, Value>, Answer> {
    let Some(object) = request.json().as_object().cloned() else {
        return Err(bad("A JSON object is expected", Value::Null));
    };
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(bad(
            "Unrecognized key",
            json!({"issues": [{"code": "unrecognized_keys", "keys": [key], "path": []}]}),
        )),
        None => Ok(object),
    }
}

/// A call that takes no body.
pub(crate) fn no_body(request: &Recorded) -> Result<(), Answer> {
    match request.body.is_empty() {
        true => Ok(()),
        false => Err(bad("This call takes no body", Value::Null)),
    }
}

/// A string field of a body; required means present and not empty.
pub(crate) fn string(
    body: &Map<String, Value>,
    key: &str,
    required: bool,
) -> Result<Option<String>, Answer> {
    match body.get(key) {
        None if !required => Ok(None),
        Some(Value::String(text)) if !(required && text.is_empty()) => Ok(Some(text.clone())),
        _ => Err(bad(
            &format!("{key} must be a string"),
            json!({"field": key, "issues": [{"path": [key]}]}),
        )),
    }
}

/// Whether a text is an ISO 8601 date, with or without a time.
pub(crate) fn is_iso(text: &str) -> bool {
    let shape: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    let Some(time) = shape.strip_prefix("0000-00-00") else {
        return false;
    };
    let month_and_day = text.get(5..7).zip(text.get(8..10));
    let in_range =
        |(month, day): (&str, &str)| ("01"..="12").contains(&month) && ("01"..="31").contains(&day);
    let bare = time
        .trim_end_matches('Z')
        .trim_end_matches("+00:00")
        .trim_end_matches("-00:00");
    month_and_day.is_some_and(in_range)
        && (time.is_empty()
            || ["T00:00", "T00:00:00", "T00:00:00.000"].contains(&bare)
            || bare.starts_with("T00:00:00."))
}

/// Refuses a field or parameter that is present but not an ISO date.
pub(crate) fn iso(name: &str, text: Option<&str>) -> Result<(), Answer> {
    match text.is_none_or(is_iso) {
        true => Ok(()),
        false => Err(bad(
            &format!("{name} must be an ISO 8601 date"),
            json!({"field": name}),
        )),
    }
}

/// A page of objects: a cursor is the id of the last object on the previous page.
pub(crate) fn page(
    things: &[Value],
    request: &Recorded,
    limit: usize,
) -> Result<(Vec<Value>, Value), Answer> {
    let from = match request.param("cursor") {
        None => 0,
        Some(cursor) => match things.iter().position(|t| t["id"] == cursor) {
            Some(at) => at + 1,
            None => return Err(bad("Invalid cursor", json!({"field": "cursor"}))),
        },
    };
    let page: Vec<Value> = things.iter().skip(from).take(limit).cloned().collect();
    let next = match page.last() {
        Some(last) if from + page.len() < things.len() => last["id"].clone(),
        _ => Value::Null,
    };
    Ok((page, next))
}
