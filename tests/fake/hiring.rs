//! Proposals, interviews, profiles, hire, approvals, contracts, milestones (API.md,
//! sections 12, 13, 15 and 16).

use serde_json::{Map, Value, json};

use super::state::{self, Needs, Routed, State, Thing, bad, claimed, needs};
use super::{Answer, Recorded};

const STATUSES: [&str; 7] = [
    "UNREVIEWED",
    "SHORTLISTED",
    "MAYBE",
    "HIRED",
    "DECLINED",
    "NOT_A_FIT",
    "RESUME_SENT",
];

pub(crate) fn route(state: &mut State, request: &Recorded, parts: &[&str]) -> Routed {
    let answer = match (request.method.as_str(), parts) {
        ("GET", ["jobs", id, "proposals"]) => list(state, request, id)?,
        ("GET", ["proposals", id]) => get(state, request, id)?,
        ("GET", ["proposals", id, "interview"]) => interview(state, request, id)?,
        ("POST", ["proposals", id, "hire"]) => hire(state, request, id)?,
        ("GET", ["freelancers", id]) => freelancer(state, request, id)?,
        ("GET", ["approvals", id]) => approval(state, request, id)?,
        ("GET", ["contracts"]) => contracts(state, request)?,
        ("GET", ["contracts", id]) => contract(state, request, id)?,
        ("POST", ["contracts", id, "milestones"]) => create_milestone(state, request, id)?,
        ("POST", ["contracts", id, "end"]) => end(state, request, id)?,
        ("POST", ["milestones", id, "fund"]) => fund(state, request, id)?,
        ("POST", ["milestones", id, "approve"]) => approve(state, request, id)?,
        _ => return Ok(None),
    };
    Ok(Some(answer))
}

/// A published job gets two proposals: one with an interview, one without.
pub(crate) fn proposals_arrive(state: &mut State, account: usize, job: &str) {
    for (freelancer, interviewed) in [("user_ana", true), ("user_bo", false)] {
        let id = new_proposal(state, account, job, freelancer, interviewed);
        let data = json!({"proposalId": id, "jobId": job});
        state.event(account, "proposal.received", &id, json!(job), data);
    }
    if let Ok(open) = super::jobs::find_mut(state, account, job) {
        open.value["proposalCounts"] = json!({"total": 2, "unreviewed": 2});
    }
}

pub(crate) fn new_proposal(
    state: &mut State,
    account: usize,
    job: &str,
    freelancer: &str,
    interviewed: bool,
) -> String {
    let (id, now) = (state.id("prop"), state.now());
    let title = state
        .jobs
        .iter()
        .find(|j| j.value["id"] == job)
        .map(|j| j.value["title"].clone());
    let name = if freelancer == "user_ana" {
        "Ana"
    } else {
        "Bo"
    };
    let value = json!({
        "id": id, "jobId": job, "jobTitle": title, "createdAt": now, "updatedAt": now,
        "status": {"raw": "UNREVIEWED", "label": "Unreviewed"},
        "bid": {"amountUsd": if interviewed { 0.05 } else { 22.5 }, "unit": if interviewed { "PER_LABEL" } else { "per_hour" }, "labelerHourlyRateUsd": null},
        "candidate": {
            "id": freelancer, "profileSlug": name.to_lowercase(), "displayName": format!("{name} B."),
            "firstName": name, "lastNameInitial": "B", "profileTitle": "Annotator",
            "profilePhotoUrl": "https://app.opentrain.ai/p.png", "countryCode": "PT",
            "country": "Portugal", "talentType": "FREELANCER", "highestEarningsUsd": 100, "reviewCount": 1,
        },
        "metrics": {"interviewScore": if interviewed { json!(86) } else { Value::Null }, "matchScore": 0.91},
    });
    let extra = json!({
        "aiInterview": if interviewed {
            json!({"score": 86, "summary": "Knows boxes.\nAsks good questions.", "transcriptAvailable": true})
        } else {
            Value::Null
        },
        "verification": {
            "location": {"status": "PASSED", "method": "GPS", "checkedAt": now},
            "identity": {"verified": interviewed},
        },
        "openLabel": null, "contract": null,
    });
    state.proposals.insert(
        0,
        Thing {
            account,
            value,
            hidden: extra,
        },
    );
    id
}

fn list(state: &mut State, request: &Recorded, job: &str) -> Result<Answer, Answer> {
    let account = state.gate(request, needs("proposals:read", ""))?.account;
    state::params(request, &["status", "limit", "cursor"])?;
    super::jobs::find_mut(state, account, job)?;
    // Case, spaces and hyphens do not count.
    let status = request
        .param("status")
        .map(|s| s.to_uppercase().replace([' ', '-'], "_"));
    if status.as_deref().is_some_and(|s| !STATUSES.contains(&s)) {
        return Err(bad(
            "Unknown status",
            json!({"supportedStatuses": STATUSES}),
        ));
    }
    let wanted = |p: &&Thing| {
        p.value["jobId"] == job
            && status
                .as_deref()
                .is_none_or(|s| p.value["status"]["raw"] == s)
    };
    let proposals: Vec<Value> = state
        .proposals
        .iter()
        .filter(wanted)
        .map(|p| p.value.clone())
        .collect();
    let (page, next) = state::page(&proposals, request, state::limit(request, 25, 100)?)?;
    Ok(Answer::ok(json!({"proposals": page, "nextCursor": next})))
}

fn proposal<'a>(state: &'a mut State, account: usize, id: &str) -> Result<&'a mut Thing, Answer> {
    let own = |p: &&mut Thing| p.account == account && p.value["id"] == id;
    let found = state.proposals.iter_mut().find(own);
    found.ok_or_else(|| Answer::error(404, "Proposal not found", Value::Null))
}

fn get(state: &mut State, request: &Recorded, id: &str) -> Result<Answer, Answer> {
    let account = state.gate(request, needs("proposals:read", ""))?.account;
    state::params(request, &[])?;
    let found = proposal(state, account, id)?;
    let mut whole = found.value.clone();
    for (key, value) in found.hidden.as_object().into_iter().flatten() {
        whole[key] = value.clone();
    }
    Ok(Answer::ok(json!({"proposal": whole})))
}

fn interview(state: &mut State, request: &Recorded, id: &str) -> Result<Answer, Answer> {
    let account = state.gate(request, needs("proposals:read", ""))?.account;
    let found = proposal(state, account, id)?;
    let interview = &found.hidden["aiInterview"];
    if interview.is_null() {
        return Err(Answer::error(
            404,
            "No interview recorded",
            json!({"proposalId": id}),
        ));
    }
    Ok(Answer::ok(json!({"interview": {
        "proposalId": id, "interviewId": "int_1", "score": interview["score"], "summary": interview["summary"],
        "messages": [
            {"id": "m1", "role": "interviewer", "content": "How do you box a zebra?", "sentAt": "2026-06-15T09:00:00.000Z"},
            {"id": "m2", "role": "candidate", "content": "Tightly.\nStripe to stripe.", "sentAt": "2026-06-15T09:01:00.000Z"},
        ],
    }})))
}

fn freelancer(state: &mut State, request: &Recorded, id: &str) -> Result<Answer, Answer> {
    state.gate(request, needs("proposals:read", ""))?;
    let slug = id.trim_start_matches("user_");
    if !["ana", "bo"].contains(&slug) {
        return Err(Answer::error(404, "No such freelancer", Value::Null));
    }
    Ok(Answer::ok(json!({"freelancer": {
        "id": format!("user_{slug}"), "profileSlug": slug, "profilePath": format!("/profile/{slug}"),
        "displayName": "Ana B.", "firstName": "Ana", "lastNameInitial": "B", "talentType": "Individual",
        "title": "Annotator", "bio": "Boxes since 2019.\nLikes zebras.", "city": "Porto",
        "countryCode": "PT", "country": "Portugal", "profilePhotoUrl": "https://app.opentrain.ai/p.png",
        "hourlyRateUsd": 10.5, "availability": "FULL_TIME", "expertiseLevel": "EXPERT",
        "englishLevel": "FLUENT", "memberSince": "2025-01-01T00:00:00.000Z", "identityVerified": true,
        "skills": {"subjectMatter": ["Retail"], "tags": ["BOUNDING_BOX"], "software": ["CVAT"], "dataTypes": ["IMAGE"], "labelTypes": ["CLASSIFICATION"]},
        "languages": [{"language": "Portuguese", "proficiency": "NATIVE"}],
        "stats": {"totalEarnedUsd": 100, "billedHours": 10, "jobSuccessScore": 90, "reviewCount": 1, "averageRating": 4.5},
        "agency": null,
        "labelExperience": [{"id": "e1", "title": "Street scenes", "description": "d", "fromYear": 2024, "toYear": null, "ongoing": true, "software": "CVAT", "dataType": "IMAGE", "labelTypes": ["CLASSIFICATION"]}],
        "workExperience": [], "education": [],
        "reviews": [{"id": "r1", "rating": 5, "comment": "Careful.", "createdAt": "2026-01-01T00:00:00.000Z"}],
    }})))
}

fn new_approval(
    state: &mut State,
    account: usize,
    kind: &str,
    ids: Value,
    hidden: Value,
) -> Answer {
    // The same request while one is pending gives the same approval back.
    let same = |a: &&Thing| {
        a.account == account
            && a.hidden == hidden
            && a.value["type"] == kind
            && a.value["status"] == "pending"
    };
    if let Some(found) = state.approvals.iter().find(same) {
        return accepted(&found.value);
    }
    let (id, now) = (state.id("ap"), state.now());
    let value = json!({
        "id": id, "type": kind, "status": "pending", "contractId": ids["contractId"],
        "milestoneId": ids["milestoneId"], "jobId": ids["jobId"], "proposalId": ids["proposalId"],
        "approvalUrl": format!("https://app.opentrain.ai/approvals/{id}"),
        "expiresAt": "2026-06-18T10:00:00.000Z", "resolvedAt": null, "result": null, "createdAt": now,
    });
    let answer = accepted(&value);
    state.approvals.push(Thing {
        account,
        value,
        hidden,
    });
    answer
}

/// Other terms replace a pending hire: one proposal has one live request. What state the old one
/// then shows is not documented.
fn supersede(state: &mut State, account: usize, proposal: &str, terms: &Value) {
    let waits = |a: &&mut Thing| {
        a.account == account
            && a.value["proposalId"] == proposal
            && a.value["type"] == "proposal_hire"
            && a.value["status"] == "pending"
            && a.hidden != *terms
    };
    for old in state.approvals.iter_mut().filter(waits) {
        old.value["status"] = json!("expired");
    }
}

fn accepted(approval: &Value) -> Answer {
    Answer::with(
        202,
        json!({"approval": approval, "message": "A human must confirm this first."}),
    )
}

fn hire(state: &mut State, request: &Recorded, id: &str) -> Result<Answer, Answer> {
    let needs = claimed("proposals:write", "public_api_hiring", "hire AI trainers");
    let account = state.gate(request, needs)?.account;
    let body = state::body(request, &["milestone", "confirmNotFitOverride"])?;
    let Some(milestone) = body.get("milestone").and_then(Value::as_object) else {
        return Err(bad("milestone is required", json!({"field": "milestone"})));
    };
    let known = ["name", "description", "amount", "dueDate"];
    if let Some(key) = milestone.keys().find(|k| !known.contains(&k.as_str())) {
        return Err(bad(
            "Unrecognized key",
            json!({"issues": [{"keys": [key], "path": ["milestone"]}]}),
        ));
    }
    let words = |key: &str| {
        milestone
            .get(key)
            .and_then(Value::as_str)
            .is_some_and(|t| !t.is_empty())
    };
    let amount = milestone
        .get("amount")
        .and_then(Value::as_f64)
        .unwrap_or(0.0);
    if !(words("name") || words("description")) || amount <= 0.0 {
        return Err(bad("Invalid milestone", json!({"field": "milestone"})));
    }
    state::iso("dueDate", milestone.get("dueDate").and_then(Value::as_str))?;
    let found = proposal(state, account, id)?.value.clone();
    if found["status"]["raw"] == "NOT_A_FIT"
        && body.get("confirmNotFitOverride") != Some(&json!(true))
    {
        let details = json!({"reason": "not_fit_confirmation_required"});
        return Err(Answer::error(
            409,
            "This proposal is marked Not a fit",
            details,
        ));
    }
    if !state.accounts[account].payment_method {
        let details = json!({"reason": "payment_method_required", "billingUrl": "https://app.opentrain.ai/employer-settings?tab=billing"});
        return Err(Answer::error(409, "No payment method", details));
    }
    let ids = json!({"proposalId": id, "jobId": found["jobId"]});
    supersede(state, account, id, &json!(milestone));
    Ok(new_approval(
        state,
        account,
        "proposal_hire",
        ids,
        json!(milestone),
    ))
}

fn approval(state: &mut State, request: &Recorded, id: &str) -> Result<Answer, Answer> {
    let account = state.gate(request, needs("payments:read", ""))?.account;
    let own = |a: &&mut Thing| a.account == account && a.value["id"] == id;
    let Some(found) = state.approvals.iter_mut().find(own) else {
        let details = json!({"resource": "approvals", "approvalId": id});
        return Err(Answer::error(404, "Approval not found", details));
    };
    let answer = Answer::ok(json!({"approval": found.value}));
    if state.confirm_by_itself {
        // The human of the demo confirms right after the first look.
        resolve(state, id, "confirmed");
    }
    Ok(answer)
}

/// What the human does in the app: `confirmed`, `declined`, or `expired` if nobody came.
pub(crate) fn resolve(state: &mut State, id: &str, status: &str) {
    let Some(found) = state
        .approvals
        .iter()
        .position(|a| a.value["id"] == id && a.value["status"] == "pending")
    else {
        return;
    };
    let approval = state.approvals[found].clone();
    let account = approval.account;
    let now = state.now();
    let text = |key: &str| approval.value[key].as_str().unwrap_or_default().to_owned();
    let result = match (status, text("type").as_str()) {
        ("confirmed", "proposal_hire") => hired(state, &approval),
        ("confirmed", "milestone_fund") => {
            set_milestone(state, &text("milestoneId"), "ACTIVE_FUNDED");
            json!({"invoiceId": "inv_2", "paymentIntentId": "pi_x"})
        }
        ("confirmed", "milestone_approve") => {
            set_milestone(state, &text("milestoneId"), "PAID");
            json!({"invoiceId": "inv_2", "payoutTransactionId": "tx_1"})
        }
        ("confirmed", _) => {
            if let Some(c) = state
                .contracts
                .iter_mut()
                .find(|c| c.value["id"] == text("contractId"))
            {
                c.value["status"] = json!("ended");
            }
            json!({"contractEnded": true})
        }
        _ => Value::Null,
    };
    let value = &mut state.approvals[found].value;
    value["status"] = json!(status);
    value["resolvedAt"] = json!(now);
    value["result"] = result;
    let job = value["jobId"].clone();
    let data = json!({"approvalId": id, "status": status});
    state.event(account, "approval.confirmed", id, job, data);
}

fn hired(state: &mut State, approval: &Thing) -> Value {
    let account = approval.account;
    let proposal_id = approval.value["proposalId"].clone();
    let found = state
        .proposals
        .iter()
        .find(|p| p.value["id"] == proposal_id)
        .cloned();
    let proposal = found.map(|p| p.value).unwrap_or_default();
    let (id, milestone, now) = (state.id("ct"), state.id("ms"), state.now());
    let terms = &approval.hidden;
    let contract = json!({
        "id": id, "status": "active", "title": proposal["jobTitle"], "jobId": proposal["jobId"],
        "proposalId": proposal_id, "paymentType": "FIXED_PRICE", "rateUsd": terms["amount"],
        "estimatedTotalUsd": terms["amount"], "estimatedVolume": null, "hasActiveMilestone": true,
        "startDate": now, "endDate": null, "createdAt": now, "updatedAt": now,
        "freelancer": {
            "userId": proposal["candidate"]["id"], "displayName": proposal["candidate"]["displayName"],
            "country": "Portugal", "profilePath": "/profile/ana",
        },
        "milestones": [{
            "id": milestone, "name": terms["name"], "description": terms["description"],
            "status": "ACTIVE_FUNDED", "amountUsd": terms["amount"], "volume": null,
            "milestoneNumber": 1, "dueDate": terms["dueDate"], "pendingApproval": false,
            "needsReview": false, "invoiceId": "inv_1", "createdAt": now,
        }],
    });
    let conversation = super::talk::new_conversation(state, account, "job", &proposal);
    state.contracts.insert(
        0,
        Thing {
            account,
            value: contract,
            hidden: json!({"conversation": conversation, "consumed": 0.0}),
        },
    );
    if let Some(p) = state
        .proposals
        .iter_mut()
        .find(|p| p.value["id"] == proposal_id)
    {
        p.value["status"] = json!({"raw": "HIRED", "label": "Hired"});
        p.hidden["contract"] = json!({"id": id, "status": "active"});
    }
    let cents = (terms["amount"].as_f64().unwrap_or(0.0) * 100.0).round() as i64;
    state.accounts[account].reserved_cents += cents;
    state.accounts[account].available_cents -= cents;
    super::money::entry(
        state,
        account,
        "HOLD",
        -cents,
        json!({"contractId": id, "milestoneId": milestone, "jobofferId": proposal_id}),
    );
    let job = proposal["jobId"].clone();
    state.event(
        account,
        "contract.created",
        &id,
        job.clone(),
        json!({"contractId": id, "jobId": job, "proposalId": proposal_id}),
    );
    state.event(
        account,
        "milestone.status_changed",
        &milestone,
        job.clone(),
        json!({"milestoneId": milestone, "contractId": id, "status": "ACTIVE_FUNDED"}),
    );
    json!({"hired": true, "contractId": id, "jobId": job, "freelancerUserId": proposal["candidate"]["id"]})
}

fn set_milestone(state: &mut State, id: &str, status: &str) {
    let mut changed = None;
    for contract in &mut state.contracts {
        let account = contract.account;
        let (contract_id, job) = (
            contract.value["id"].clone(),
            contract.value["jobId"].clone(),
        );
        for milestone in contract.value["milestones"]
            .as_array_mut()
            .into_iter()
            .flatten()
        {
            if milestone["id"] == id {
                milestone["status"] = json!(status);
                milestone["invoiceId"] = json!("inv_2");
                changed = Some((account, contract_id.clone(), job.clone()));
            }
        }
    }
    if let Some((account, contract, job)) = changed {
        let data = json!({"milestoneId": id, "contractId": contract, "status": status});
        state.event(account, "milestone.status_changed", id, job, data);
    }
}

fn contracts(state: &mut State, request: &Recorded) -> Result<Answer, Answer> {
    let account = state.gate(request, needs("payments:read", ""))?.account;
    state::params(request, &["jobId", "status"])?;
    let status = request.param("status");
    if status.is_some_and(|s| s != "active" && s != "ended") {
        return Err(bad("Unknown status", json!({"field": "status"})));
    }
    let job = request.param("jobId");
    if let Some(job) = job {
        super::jobs::find_mut(state, account, job)?;
    }
    let wanted = |c: &&Thing| {
        c.account == account
            && job.is_none_or(|j| c.value["jobId"] == j)
            && status.is_none_or(|s| c.value["status"] == s)
    };
    let contracts: Vec<Value> = state
        .contracts
        .iter()
        .filter(wanted)
        .map(|c| c.value.clone())
        .collect();
    Ok(Answer::ok(json!({"contracts": contracts})))
}

fn own_contract<'a>(
    state: &'a mut State,
    account: usize,
    id: &str,
) -> Result<&'a mut Thing, Answer> {
    let own = |c: &&mut Thing| c.account == account && c.value["id"] == id;
    let found = state.contracts.iter_mut().find(own);
    found.ok_or_else(|| Answer::error(404, "Contract not found", Value::Null))
}

fn contract(state: &mut State, request: &Recorded, id: &str) -> Result<Answer, Answer> {
    let account = state.gate(request, needs("payments:read", ""))?.account;
    let found = own_contract(state, account, id)?;
    let mut whole = found.value.clone();
    whole["jobDmConversationId"] = found.hidden["conversation"].clone();
    let consumed = found.hidden["consumed"].as_f64().unwrap_or(0.0);
    whole["budget"] = json!({
        "contractId": id, "paymentType": whole["paymentType"],
        "state": if consumed >= 1.0 { "DEPLETED" } else if consumed >= 0.8 { "LOW" } else { "OK" },
        "fundedVolume": 10, "fundedAmountUsd": whole["rateUsd"],
        "consumed": {"seconds": 36000.0 * consumed, "hours": 10.0 * consumed, "labels": 0, "tasks": 12},
        "consumedVolume": 10.0 * consumed, "remainingVolume": 10.0 - 10.0 * consumed,
        "consumedFraction": consumed, "activeMilestone": null, "lastUsageAt": null,
    });
    Ok(Answer::ok(json!({"contract": whole})))
}

fn money() -> Needs {
    claimed(
        "payments:write",
        "public_api_payments_write",
        "manage milestones",
    )
}

fn create_milestone(state: &mut State, request: &Recorded, id: &str) -> Result<Answer, Answer> {
    let account = state.gate(request, money())?.account;
    let body = state::body(
        request,
        &["description", "name", "amountUsd", "volume", "dueDate"],
    )?;
    state::string(&body, "description", true)?;
    state::string(&body, "name", false)?;
    let due = state::string(&body, "dueDate", false)?;
    state::iso("dueDate", due.as_deref())?;
    for key in ["amountUsd", "volume"] {
        if body
            .get(key)
            .is_some_and(|n| n.as_f64().is_none_or(|n| n <= 0.0))
        {
            return Err(bad("must be a number above 0", json!({"field": key})));
        }
    }
    let (milestone, now) = (state.id("ms"), state.now());
    let found = own_contract(state, account, id)?;
    if found.value["status"] == "ended" {
        return Err(Answer::error(
            409,
            "The contract has ended",
            json!({"reason": "contract_ended"}),
        ));
    }
    let needed = if found.value["paymentType"] == "FIXED_PRICE" {
        "amountUsd"
    } else {
        "volume"
    };
    if !body.contains_key(needed) {
        return Err(bad(
            &format!("{needed} is required"),
            json!({"field": needed}),
        ));
    }
    let value = new_milestone(&milestone, &now, &body, found);
    if let Some(milestones) = found.value["milestones"].as_array_mut() {
        milestones.push(value.clone());
    }
    let job = found.value["jobId"].clone();
    let data = json!({"milestoneId": milestone, "contractId": id, "status": "NOT_FUNDED"});
    state.event(account, "milestone.status_changed", &milestone, job, data);
    Ok(Answer::with(201, json!({"milestone": value})))
}

fn new_milestone(id: &str, now: &str, body: &Map<String, Value>, contract: &Thing) -> Value {
    let number = contract.value["milestones"].as_array().map_or(0, Vec::len) + 1;
    let due = body
        .get("dueDate")
        .and_then(Value::as_str)
        .map(|date| match date.len() {
            10 => format!("{date}T00:00:00.000Z"),
            _ => date.to_owned(),
        });
    json!({
        "id": id, "name": body.get("name"), "description": body["description"], "status": "NOT_FUNDED",
        "amountUsd": body.get("amountUsd"), "volume": body.get("volume"), "milestoneNumber": number,
        "dueDate": due, "pendingApproval": false, "needsReview": false, "invoiceId": null, "createdAt": now,
    })
}

fn end(state: &mut State, request: &Recorded, id: &str) -> Result<Answer, Answer> {
    let account = state.gate(request, money())?.account;
    state::no_body(request)?;
    let found = own_contract(state, account, id)?;
    if found.value["status"] == "ended" {
        return Err(Answer::error(
            409,
            "The contract has ended",
            json!({"reason": "contract_ended"}),
        ));
    }
    let milestones = found.value["milestones"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    if milestones.iter().any(|m| m["status"] == "ACTIVE_FUNDED") {
        let ids = json!({"contractId": id, "jobId": found.value["jobId"]});
        return Ok(new_approval(
            state,
            account,
            "contract_end",
            ids,
            json!({"end": id}),
        ));
    }
    found.value["status"] = json!("ended");
    Ok(Answer::ok(
        json!({"ok": true, "contractId": id, "status": "ended"}),
    ))
}

fn milestone(state: &State, account: usize, id: &str) -> Result<(Value, Value), Answer> {
    for contract in state.contracts.iter().filter(|c| c.account == account) {
        for milestone in contract.value["milestones"]
            .as_array()
            .into_iter()
            .flatten()
        {
            if milestone["id"] == id {
                let ids = json!({"milestoneId": id, "contractId": contract.value["id"], "jobId": contract.value["jobId"]});
                return Ok((milestone.clone(), ids));
            }
        }
    }
    Err(Answer::error(404, "Milestone not found", Value::Null))
}

fn fund(state: &mut State, request: &Recorded, id: &str) -> Result<Answer, Answer> {
    let account = state.gate(request, money())?.account;
    state::no_body(request)?;
    let (found, ids) = milestone(state, account, id)?;
    if found["status"] != "NOT_FUNDED" {
        return Err(Answer::error(
            409,
            "Not fundable",
            json!({"reason": "milestone_not_fundable"}),
        ));
    }
    if !state.accounts[account].payment_method {
        let details = json!({"reason": "payment_method_required", "billingUrl": "https://app.opentrain.ai/employer-settings?tab=billing"});
        return Err(Answer::error(409, "No payment method", details));
    }
    Ok(new_approval(
        state,
        account,
        "milestone_fund",
        ids,
        json!({"fund": id}),
    ))
}

fn approve(state: &mut State, request: &Recorded, id: &str) -> Result<Answer, Answer> {
    let account = state.gate(request, money())?.account;
    state::no_body(request)?;
    let (found, ids) = milestone(state, account, id)?;
    if found["status"] != "ACTIVE_FUNDED" {
        return Err(Answer::error(
            409,
            "Not funded",
            json!({"reason": "milestone_not_funded"}),
        ));
    }
    Ok(new_approval(
        state,
        account,
        "milestone_approve",
        ids,
        json!({"approve": id}),
    ))
}
