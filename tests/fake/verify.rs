//! Batches of model outputs, verdicts, certificates, rewards (API.md, section 23).

use serde_json::{Map, Value, json};

use super::state::{self, Routed, State, Thing, bad};
use super::sum::sha256;
use super::{Answer, Recorded};

/// The price of an item, in cents.
const PRICE: usize = 10;
/// A batch has at most this many items.
const MOST: usize = 200;

pub(crate) fn route(state: &mut State, request: &Recorded, parts: &[&str]) -> Routed {
    let ["verify", parts @ ..] = parts else {
        return Ok(None);
    };
    let account = state.authenticate(request)?.account;
    let answer = match (request.method.as_str(), parts) {
        ("POST", ["batches"]) => create(state, request, account)?,
        ("GET", ["batches"]) => list(state, request, account)?,
        ("GET", ["batches", id]) => {
            state::params(request, &[])?;
            let batch = &state.batches[find(state, account, id, false)?];
            Answer::ok(json!({"batch": batch.value}))
        }
        ("GET", ["batches", id, "results"]) => results(state, request, account, id)?,
        ("GET", ["batches", id, "certificate"]) => certificate(state, request, account, id)?,
        ("POST", ["reward"]) => reward(state, request, account)?,
        ("GET", ["reward", id]) => rewards(state, request, account, id)?,
        _ => return Ok(None),
    };
    Ok(Some(answer))
}

fn create(state: &mut State, request: &Recorded, account: usize) -> Result<Answer, Answer> {
    let body = state::body(request, &["kind", "items", "generator"])?;
    let kind = state::string(&body, "kind", true)?.unwrap_or_default();
    if !["rows", "episodes"].contains(&kind.as_str()) {
        return Err(bad(
            "kind must be rows or episodes",
            json!({"field": "kind"}),
        ));
    }
    state::string(&body, "generator", false)?;
    let items = items(&body)?;
    let (at, duplicate) = new_batch(state, account, &kind, items, Value::Null)?;
    let status = if duplicate { 200 } else { 201 };
    let batch = &state.batches[at].value;
    Ok(Answer::with(
        status,
        json!({"ok": true, "duplicate": duplicate, "batch": batch}),
    ))
}

fn items(body: &Map<String, Value>) -> Result<Vec<Value>, Answer> {
    let Some(items) = body.get("items").and_then(Value::as_array) else {
        return Err(bad("items must be an array", json!({"field": "items"})));
    };
    if !(1..=MOST).contains(&items.len()) {
        let message = format!("items must be 1 to {MOST}");
        return Err(bad(&message, json!({"field": "items"})));
    }
    Ok(items.clone())
}

/// A batch of these items, or the existing one: its index, and whether it existed. `reward` is
/// null, or what is sent besides the items.
fn new_batch(
    state: &mut State,
    account: usize,
    kind: &str,
    items: Vec<Value>,
    reward: Value,
) -> Result<(usize, bool), Answer> {
    let content = json!({"kind": kind, "items": items, "reward": reward}).to_string();
    let hash = sha256(content.as_bytes());
    let same = |b: &Thing| b.account == account && b.value["contentHash"] == hash;
    if let Some(at) = state.batches.iter().position(same) {
        return Ok((at, true));
    }
    let total = PRICE * items.len();
    let mode = match state.verdicts_cost {
        true => "CREDITS",
        false => "RECORD_ONLY",
    };
    if state.verdicts_cost {
        if state.accounts[account].available_cents < total as i64 {
            let details = json!({"requiredCents": total});
            return Err(Answer::error(402, "Not enough credits", details));
        }
        state.accounts[account].available_cents -= total as i64;
    }
    let (id, now) = (state.id("vb"), state.now());
    let verdicts: Vec<Value> = (0..items.len())
        .map(|index| json!({"index": index, "verdict": "PENDING", "fixedText": null, "rejectReason": null}))
        .collect();
    state.batches.push(Thing {
        account,
        value: json!({
            "batchId": id, "kind": kind, "status": "PENDING", "itemCount": items.len(),
            "contentHash": hash, "createdAt": now, "completedAt": null, "verifyProjectId": null,
            "pricing": {"perItemCents": PRICE, "totalCents": total, "settlementMode": mode},
        }),
        hidden: json!({"items": items, "verdicts": verdicts, "reward": reward}),
    });
    Ok((state.batches.len() - 1, false))
}

fn find(state: &State, account: usize, id: &str, reward: bool) -> Result<usize, Answer> {
    let own = |b: &Thing| {
        b.account == account
            && b.value["batchId"] == id
            && (!reward || !b.hidden["reward"].is_null())
    };
    state.batches.iter().position(own).ok_or_else(|| {
        let details = json!({"resource": "verify-batches", "batchId": id});
        Answer::error(404, "Batch not found", details)
    })
}

fn list(state: &mut State, request: &Recorded, account: usize) -> Result<Answer, Answer> {
    state::params(request, &["limit"])?;
    let limit = state::limit(request, 50, 100)?;
    let own = state.batches.iter().rev().filter(|b| b.account == account);
    let batches: Vec<&Value> = own.take(limit).map(|b| &b.value).collect();
    Ok(Answer::ok(json!({"batches": batches})))
}

/// What a reviewer decides on an item: `ACCEPT`, `FIX` with the text, `REJECT` with the reason.
/// Once a single item is left, the batch is COMPLETED, as was seen with the real server.
pub(crate) fn decide(state: &mut State, id: &str, index: usize, verdict: &str, text: &str) {
    let now = state.now();
    let found = state.batches.iter_mut().find(|b| b.value["batchId"] == id);
    let batch = found.expect("a batch");
    let item = &mut batch.hidden["verdicts"][index];
    item["verdict"] = json!(verdict);
    match verdict {
        "FIX" => item["fixedText"] = json!(text),
        "REJECT" => item["rejectReason"] = json!(text),
        _ => {}
    }
    let (pending, items) = (count(&batch.hidden, "PENDING"), &batch.hidden["items"]);
    let several = items.as_array().is_some_and(|items| items.len() > 1);
    if batch.value["completedAt"].is_null() && pending <= usize::from(several) {
        batch.value["status"] = json!("COMPLETED");
        batch.value["completedAt"] = json!(now);
    }
}

fn count(hidden: &Value, verdict: &str) -> usize {
    let verdicts = hidden["verdicts"].as_array().map_or(&[][..], Vec::as_slice);
    verdicts.iter().filter(|v| v["verdict"] == verdict).count()
}

/// The reviewer of the demo decides on one more item after each look, by its text.
fn decide_next(state: &mut State, at: usize) {
    if !state.confirm_by_itself {
        return;
    }
    let batch = &state.batches[at];
    let mut verdicts = batch.hidden["verdicts"].as_array().into_iter().flatten();
    let Some(next) = verdicts.position(|v| v["verdict"] == "PENDING") else {
        return;
    };
    let id = batch.value["batchId"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let item = &batch.hidden["items"][next];
    let response = item["response"].as_str().unwrap_or_default().to_owned();
    match () {
        () if response.contains("wrong") => decide(state, &id, next, "REJECT", "It is wrong."),
        () if response.contains("teh") => {
            let fixed = response.replace("teh", "the");
            decide(state, &id, next, "FIX", &fixed);
        }
        () => decide(state, &id, next, "ACCEPT", ""),
    }
}

fn results(
    state: &mut State,
    request: &Recorded,
    account: usize,
    id: &str,
) -> Result<Answer, Answer> {
    state::params(request, &[])?;
    let at = find(state, account, id, false)?;
    let batch = &state.batches[at];
    let of = |verdict| count(&batch.hidden, verdict);
    let answer = Answer::ok(json!({
        "batch": batch.value, "items": batch.hidden["verdicts"],
        "summary": {
            "accepted": of("ACCEPT"), "fixed": of("FIX"), "rejected": of("REJECT"),
            "pending": of("PENDING"),
        },
    }));
    decide_next(state, at);
    Ok(answer)
}

/// The certificate is text with an order of its own, and the sum is taken over exactly that text.
fn certificate(
    state: &mut State,
    request: &Recorded,
    account: usize,
    id: &str,
) -> Result<Answer, Answer> {
    state::params(request, &[])?;
    let batch = &state.batches[find(state, account, id, false)?];
    let of = |verdict| count(&batch.hidden, verdict);
    let pending = of("PENDING");
    if pending > 0 {
        let details = json!({"pending": pending});
        return Err(Answer::error(409, "Items are pending", details));
    }
    let field = |key: &str| &batch.value[key];
    let text = format!(
        "{{\"certificateVersion\":2,\"batch\":{{\"batchId\":{},\"kind\":{},\"itemCount\":{},\"contentHash\":{},\"completedAt\":{}}},\"verdicts\":{{\"accepted\":{},\"fixed\":{},\"rejected\":{}}},\"issuer\":\"OpenTrain \u{2713}\"}}",
        field("batchId"),
        field("kind"),
        field("itemCount"),
        field("contentHash"),
        field("completedAt"),
        of("ACCEPT"),
        of("FIX"),
        of("REJECT"),
    );
    let sum = sha256(text.as_bytes());
    let mut answer = Answer::ok(Value::Null);
    answer.body = format!("{{\"certificate\":{text},\"sha256\":\"{sum}\"}}");
    Ok(answer)
}

fn reward(state: &mut State, request: &Recorded, account: usize) -> Result<Answer, Answer> {
    let asked = request.json();
    let known: &[&str] = match asked["mode"].as_str() {
        Some("judge_now") => &["mode", "items", "rubric", "model"],
        Some("human_async") => &["mode", "items", "rubric", "trainingRunId"],
        _ => return Err(bad("Unknown mode", json!({"field": "mode"}))),
    };
    let body = state::body(request, known)?;
    let items = items(&body)?;
    for item in &items {
        let texts = ["prompt", "response"]
            .iter()
            .all(|key| item[key].is_string());
        if !texts || !matches!(item["id"], Value::Null | Value::String(_)) {
            return Err(bad(
                "An item is {prompt, response, id?}",
                json!({"field": "items"}),
            ));
        }
    }
    if let Some(rubric) = body.get("rubric") {
        let texts = rubric.as_array().filter(|r| r.iter().all(Value::is_string));
        texts.ok_or_else(|| bad("rubric is texts", json!({"field": "rubric"})))?;
    }
    if asked["mode"] == "judge_now" {
        let model = state::string(&body, "model", false)?.unwrap_or("judge-1".into());
        let rewards = items.iter().enumerate().map(|(index, item)| {
            let fails = item["response"]
                .as_str()
                .is_some_and(|text| text.contains("wrong"));
            let (score, verdict) = if fails { (0, "FAIL") } else { (1, "PASS") };
            json!({
                "index": index, "id": item["id"], "score": score, "verdict": verdict,
                "rationale": "Read once.", "mode": "judge_now", "judgedBy": model,
            })
        });
        let rewards: Vec<Value> = rewards.collect();
        return Ok(Answer::ok(json!({
            "ok": true, "mode": "judge_now", "rewards": rewards, "judge": {"model": model},
        })));
    }
    let run = state::string(&body, "trainingRunId", false)?;
    let reward = json!({"rubric": body.get("rubric"), "trainingRunId": run});
    let (at, duplicate) = new_batch(state, account, "rows", items, reward)?;
    let batch = &state.batches[at].value;
    let id = batch["batchId"].as_str().unwrap_or_default();
    Ok(Answer::ok(json!({
        "ok": true, "mode": "human_async", "batchId": id, "status": batch["status"],
        "duplicate": duplicate, "pollPath": format!("/api/public/v1/verify/reward/{id}"),
    })))
}

fn rewards(
    state: &mut State,
    request: &Recorded,
    account: usize,
    id: &str,
) -> Result<Answer, Answer> {
    state::params(request, &[])?;
    let at = find(state, account, id, true)?;
    let batch = &state.batches[at];
    let mut scores = Vec::new();
    let verdicts = batch.hidden["verdicts"].as_array().into_iter().flatten();
    let rewards: Vec<Value> = verdicts
        .enumerate()
        .map(|(index, item)| {
            let score = match item["verdict"].as_str() {
                Some("ACCEPT") => Some(1.0),
                Some("FIX") => Some(0.5),
                Some("REJECT") => Some(0.0),
                _ => None,
            };
            scores.extend(score);
            json!({
                "index": index, "id": batch.hidden["items"][index]["id"], "score": score,
                "verdict": item["verdict"], "rationale": item["rejectReason"],
                "mode": "human_async", "judgedBy": null,
            })
        })
        .collect();
    let mean = match scores.is_empty() {
        true => Value::Null,
        false => json!(scores.iter().sum::<f64>() / scores.len() as f64),
    };
    let answer = Answer::ok(json!({
        "ok": true, "batchId": id, "status": batch.value["status"], "rewards": rewards,
        "meanScore": mean, "trainingRunId": batch.hidden["reward"]["trainingRunId"],
    }));
    decide_next(state, at);
    Ok(answer)
}
