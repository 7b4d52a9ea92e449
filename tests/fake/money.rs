//! Credits, ledger, top-ups, pending payments (API.md, sections 15 and 17).

use serde_json::{Value, json};

use super::state::{self, Routed, State, Thing, bad, claimed, needs};
use super::{Answer, Recorded};

pub(crate) fn route(state: &mut State, request: &Recorded, parts: &[&str]) -> Routed {
    let answer = match (request.method.as_str(), parts) {
        ("GET", ["credits"]) => credits(state, request)?,
        ("GET", ["credits", "ledger"]) => ledger(state, request)?,
        ("POST", ["credits", "top-ups"]) => top_up(state, request)?,
        ("GET", ["credits", "top-ups", id]) => top_up_status(state, request, id)?,
        ("GET", ["payments", "pending"]) => pending(state, request)?,
        _ => return Ok(None),
    };
    Ok(Some(answer))
}

/// Adds a line to the ledger; `ids` names what it belongs to.
pub(crate) fn entry(state: &mut State, account: usize, kind: &str, cents: i64, ids: Value) {
    let (id, now) = (state.id("le"), state.now());
    let value = json!({
        "id": id, "type": kind, "amountCents": cents, "createdAt": now, "holdEntryId": null,
        "jobofferId": ids["jobofferId"], "contractId": ids["contractId"],
        "milestoneId": ids["milestoneId"], "topUpId": ids["topUpId"], "note": null,
    });
    state.ledger.insert(
        0,
        Thing {
            account,
            value,
            hidden: Value::Null,
        },
    );
}

fn entries(state: &State, account: usize) -> Vec<Value> {
    state
        .ledger
        .iter()
        .filter(|e| e.account == account)
        .map(|e| e.value.clone())
        .collect()
}

fn credits(state: &mut State, request: &Recorded) -> Result<Answer, Answer> {
    let account = state
        .gate(request, needs("payments:read", "public_api_credits"))?
        .account;
    state::params(request, &[])?;
    let recent: Vec<Value> = entries(state, account).into_iter().take(10).collect();
    let owner = &state.accounts[account];
    Ok(Answer::ok(json!({"credits": {
        "availableCents": owner.available_cents, "reservedCents": owner.reserved_cents,
        "currency": "usd", "recentEntries": recent,
    }})))
}

fn ledger(state: &mut State, request: &Recorded) -> Result<Answer, Answer> {
    let account = state
        .gate(request, needs("payments:read", "public_api_credits"))?
        .account;
    state::params(request, &["cursor", "limit"])?;
    let limit = state::limit(request, 50, 100)?;
    let (page, next) = state::page(&entries(state, account), request, limit)?;
    Ok(Answer::ok(json!({"entries": page, "nextCursor": next})))
}

fn top_up(state: &mut State, request: &Recorded) -> Result<Answer, Answer> {
    let needs = claimed("payments:write", "public_api_credits", "buy credits");
    let account = state.gate(request, needs)?.account;
    let body = state::body(request, &["amountUsd"])?;
    let amount = body.get("amountUsd").and_then(Value::as_f64).unwrap_or(0.0);
    if !(10.0..=10_000.0).contains(&amount) {
        return Err(bad(
            "amountUsd must be 10 to 10000",
            json!({"field": "amountUsd"}),
        ));
    }
    let (id, now) = (state.id("tu"), state.now());
    let value = json!({
        "id": id, "status": "PENDING", "amountCents": (amount * 100.0).round() as i64,
        "createdAt": now, "completedAt": null, "expiresAt": "2026-06-16T10:00:00.000Z",
    });
    state.top_ups.push(Thing {
        account,
        value: value.clone(),
        hidden: Value::Null,
    });
    Ok(Answer::with(
        201,
        json!({
            "topUpId": id, "checkoutUrl": format!("https://checkout.stripe.com/c/pay/cs_live_{id}"),
            "expiresAt": "2026-06-16T10:00:00.000Z", "topUp": value, "message": "Open the link to pay",
        }),
    ))
}

/// What the human does at the checkout.
pub(crate) fn pay(state: &mut State, id: &str) {
    let now = state.now();
    let Some(top_up) = state.top_ups.iter_mut().find(|t| t.value["id"] == id) else {
        return;
    };
    top_up.value["status"] = json!("COMPLETED");
    top_up.value["completedAt"] = json!(now);
    let (account, cents) = (
        top_up.account,
        top_up.value["amountCents"].as_i64().unwrap_or(0),
    );
    state.accounts[account].available_cents += cents;
    entry(state, account, "TOP_UP", cents, json!({"topUpId": id}));
}

fn top_up_status(state: &mut State, request: &Recorded, id: &str) -> Result<Answer, Answer> {
    let account = state
        .gate(request, needs("payments:read", "public_api_credits"))?
        .account;
    let own = |t: &&Thing| t.account == account && t.value["id"] == id;
    match state.top_ups.iter().find(own) {
        Some(found) => Ok(Answer::ok(json!({"topUp": found.value}))),
        None => {
            let details = json!({"resource": "credit-top-ups", "topUpId": id});
            Err(Answer::error(404, "Top-up not found", details))
        }
    }
}

fn pending(state: &mut State, request: &Recorded) -> Result<Answer, Answer> {
    let account = state.gate(request, needs("payments:read", ""))?.account;
    state::params(request, &[])?;
    let own = |p: &&Thing| p.account == account;
    let found: Vec<Value> = state
        .payments
        .iter()
        .filter(own)
        .map(|p| p.value.clone())
        .collect();
    Ok(Answer::ok(json!({"payments": found})))
}
