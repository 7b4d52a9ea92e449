//! Drafts, publishing, own jobs, tokenless search, invites (API.md, sections 9 to 11).

use serde_json::{Map, Value, json};

use super::state::{self, Needs, Routed, State, Thing, bad, claimed, needs};
use super::{Answer, Recorded};

/// The update keys that the documentation prints (API.md, section 9), with their types.
const TEXT_KEYS: [&str; 13] = [
    "jobTitle",
    "jobDescription",
    "labelingOverview",
    "datasetDescription",
    "dataType",
    "subjectMatter",
    "labelingSoftware",
    "aiInterviewRequirements",
    "workloadDesc",
    "freelancerType",
    "visibility",
    "projectScope",
    "projectDuration",
];
const NUMBER_KEYS: [&str; 5] = [
    "pricePerHour",
    "pricePerLabel",
    "fixedPrice",
    "headcount",
    "dataVolume",
];
const LIST_KEYS: [&str; 3] = ["languages", "countries", "labelTypes"];
const ENUM_KEYS: [(&str, &[&str]); 3] = [
    (
        "paymentType",
        &["PAY_PER_LABEL", "PAY_PER_HOUR", "FIXED_PRICE"],
    ),
    (
        "experienceLevel",
        &[
            "EXPERT",
            "ENTRY_LEVEL",
            "INTERMEDIATE",
            "ANY_EXPERIENCE_LEVEL",
        ],
    ),
    (
        "dataVolumeUnit",
        &[
            "HOURS_OF_RECORDING_AUDIO_VIDEO",
            "NUMBER_OF_FILES",
            "NUMBER_OF_WORDS",
            "UNKNOWN_NOT_SPECIFIED",
        ],
    ),
];
const STATUSES: [&str; 6] = [
    "DRAFT",
    "OPEN",
    "ONGOING",
    "COMPLETED",
    "ARCHIVED",
    "PENDING_APPROVAL",
];

pub(super) fn route(state: &mut State, request: &Recorded, parts: &[&str]) -> Routed {
    let answer = match (request.method.as_str(), parts) {
        ("POST", ["job-drafts"]) => create(state, request)?,
        ("PATCH", ["job-drafts", id]) => update_draft(state, request, id)?,
        ("GET", ["job-drafts", "capabilities"]) => capabilities(state, request)?,
        ("GET", ["jobs"]) => search(state, request)?,
        ("GET", ["jobs", "mine"]) => mine(state, request)?,
        ("GET", ["jobs", "facets"]) => facets(state, request)?,
        ("GET", ["jobs", "changes"]) => changes(state, request)?,
        ("GET", ["jobs", id]) => one(state, request, id)?,
        ("POST", ["jobs", id, "publish"]) => publish(state, request, id)?,
        ("PATCH", ["jobs", id]) => update_published(state, request, id)?,
        ("POST", ["jobs", id, "close"]) => close(state, request, id)?,
        ("POST", ["jobs", id, "invites"]) => invite(state, request, id)?,
        _ => return Ok(None),
    };
    Ok(Some(answer))
}

fn drafting() -> Needs {
    needs("jobs:write", "public_api_job_drafting")
}

fn publishing() -> Needs {
    needs("jobs:write", "public_api_job_publishing")
}

fn create(state: &mut State, request: &Recorded) -> Result<Answer, Answer> {
    let account = state.gate(request, drafting())?.account;
    let known = [
        "rawJobDescription",
        "source",
        "format",
        "job",
        "jsonLd",
        "xml",
        "externalId",
        "idempotencyKey",
    ];
    let body = state::body(request, &known)?;
    state::string(&body, "externalId", false)?;
    let key = state::string(&body, "idempotencyKey", false)?.unwrap_or_default();
    let again = state.idempotency.iter().find(|(k, _)| *k == key);
    if let Some((_, id)) = again.cloned() {
        return Ok(Answer::ok(draft_reply(find(state, account, &id)?, true)));
    }
    let mut unmapped = Vec::new();
    let fields = match (body.get("rawJobDescription"), body.get("format")) {
        (Some(Value::String(text)), None) if !text.is_empty() && text.chars().count() <= 60_000 => {
            parse(text)
        }
        (None, Some(format)) if format == "opentrain_canonical" => {
            canonical(&body["job"], &mut unmapped)?
        }
        (None, Some(_)) => Map::new(),
        _ => return Err(bad("One job source is expected", json!({"issues": []}))),
    };
    let (id, now) = (state.id("job"), state.now());
    let job = Thing {
        account,
        value: json!({
            "id": id, "title": fields.get("jobTitle"), "status": "DRAFT", "published": false,
            "acceptingApplicants": false, "createdAt": now, "updatedAt": now,
            "jobUrl": format!("https://app.opentrain.ai/jobs/{id}"),
            "proposalCounts": {"total": 0, "unreviewed": 0},
        }),
        hidden: json!({"fields": fields, "unmapped": unmapped}),
    };
    if let Some(Value::String(key)) = body.get("idempotencyKey") {
        state.idempotency.push((key.clone(), id));
    }
    let reply = draft_reply(&job, true);
    state.jobs.insert(0, job);
    Ok(Answer::with(201, reply))
}

/// A very simple parser for plain text: a title, the payment type and its amount.
fn parse(text: &str) -> Map<String, Value> {
    let mut fields = Map::new();
    let first = text.lines().next().unwrap_or_default();
    let title = first.strip_prefix("Job title: ").unwrap_or(first);
    let title = title.split('.').next().unwrap_or(title);
    fields.insert("jobTitle".into(), json!(title));
    fields.insert("jobDescription".into(), json!(text));
    let kinds = [
        ("per hour", "PAY_PER_HOUR", "pricePerHour"),
        ("per label", "PAY_PER_LABEL", "pricePerLabel"),
    ];
    for (words, kind, key) in kinds {
        let Some((before, _)) = text.split_once(words) else {
            continue;
        };
        fields.insert("paymentType".into(), json!(kind));
        let word = before.split_whitespace().last().unwrap_or_default();
        if let Ok(price) = word.trim_start_matches('$').parse::<f64>() {
            fields.insert(key.into(), json!(price));
        }
    }
    fields
}

fn canonical(job: &Value, unmapped: &mut Vec<Value>) -> Result<Map<String, Value>, Answer> {
    let Some(job) = job.as_object() else {
        return Err(bad(
            "job must be an object",
            json!({"issues": [{"path": ["job"]}]}),
        ));
    };
    let mut fields = Map::new();
    for (key, value) in job {
        match key.as_str() {
            "title" => drop(fields.insert("jobTitle".into(), value.clone())),
            "description" => drop(fields.insert("jobDescription".into(), value.clone())),
            "rateAmount" => {
                let key = match job.get("paymentType").and_then(Value::as_str) {
                    Some("PAY_PER_LABEL") => "pricePerLabel",
                    Some("FIXED_PRICE") => "fixedPrice",
                    _ => "pricePerHour",
                };
                fields.insert(key.into(), value.clone());
            }
            "paymentType" | "languages" | "countries" | "labelTypes" | "experienceLevel" => {
                fields.insert(key.clone(), value.clone());
            }
            _ => unmapped
                .push(json!({"path": key, "reason": "unknown", "valuePreview": value.to_string()})),
        }
    }
    Ok(fields)
}

/// What must be set before a job can be published, as the documented entries.
fn missing(fields: &Value) -> Vec<Value> {
    let mut missing = Vec::new();
    let mut need =
        |key: &str, label: &str, prompt: &str, kind: &str, values: Value, example: &str| {
            if fields[key].is_null() {
                missing.push(json!({
                    "field": key, "label": label, "message": "Required before publishing.",
                    "code": "missing_required_field", "prompt": prompt, "type": kind,
                    "enumValues": values, "updateKeys": [key], "example": example, "hint": null,
                }));
            }
        };
    need(
        "experienceLevel",
        "Experience level",
        "ask: Which experience level do you need?",
        "enum",
        json!(ENUM_KEYS[1].1),
        "INTERMEDIATE",
    );
    match fields["paymentType"].as_str() {
        None => need(
            "paymentType",
            "Payment type",
            "How do you want to pay?",
            "enum",
            json!(ENUM_KEYS[0].1),
            "PAY_PER_HOUR",
        ),
        Some("PAY_PER_LABEL") => need(
            "pricePerLabel",
            "Price per label",
            "ask: What do you pay per label in USD?",
            "number",
            Value::Null,
            "0.05",
        ),
        Some("FIXED_PRICE") => need(
            "fixedPrice",
            "Fixed price",
            "ask: What do you pay in all in USD?",
            "number",
            Value::Null,
            "500",
        ),
        Some(_) => need(
            "pricePerHour",
            "Price per hour",
            "ask: What do you pay per hour in USD?",
            "number",
            Value::Null,
            "25",
        ),
    }
    missing
}

fn validation(missing: &[Value]) -> Value {
    json!({
        "publishReady": missing.is_empty(), "issueCount": 0, "missingFieldCount": missing.len(),
        "missingFields": [], "issues": [],
    })
}

fn draft_reply(job: &Thing, created: bool) -> Value {
    let missing = missing(&job.hidden["fields"]);
    let id = &job.value["id"];
    let url = format!(
        "https://app.opentrain.ai/job-post?jobId={}",
        id.as_str().unwrap_or_default()
    );
    let mut reply = json!({
        "ok": true, "jobId": id, "status": "DRAFT", "draftUrl": url,
        "validation": validation(&missing), "missingFields": missing,
    });
    if created {
        let mut shown = job.hidden["fields"].clone();
        if let Some(fields) = shown.as_object_mut() {
            fields.remove("jobDescription");
        }
        reply["reviewUrl"] = json!(url);
        reply["normalizedFields"] = shown;
        reply["warnings"] = json!([]);
        reply["unmappedFields"] = job.hidden["unmapped"].clone();
        reply["lowConfidenceFields"] = json!([]);
    }
    reply
}

fn find<'a>(state: &'a State, account: usize, id: &str) -> Result<&'a Thing, Answer> {
    let own = |job: &&Thing| job.account == account && job.value["id"] == id;
    state.jobs.iter().find(own).ok_or_else(not_found)
}

pub(super) fn find_mut<'a>(
    state: &'a mut State,
    account: usize,
    id: &str,
) -> Result<&'a mut Thing, Answer> {
    let own = |job: &&mut Thing| job.account == account && job.value["id"] == id;
    state.jobs.iter_mut().find(own).ok_or_else(not_found)
}

fn not_found() -> Answer {
    Answer::error(404, "Job not found", Value::Null)
}

/// The fields of a patch: known keys of the documented types, at least one.
fn patch(request: &Recorded) -> Result<Map<String, Value>, Answer> {
    let enums = ENUM_KEYS.map(|(key, _)| key);
    let known: Vec<&str> = TEXT_KEYS
        .iter()
        .chain(&NUMBER_KEYS)
        .chain(&LIST_KEYS)
        .chain(&enums)
        .copied()
        .collect();
    let body = state::body(request, &known)?;
    if body.is_empty() {
        return Err(bad("At least one field is expected", json!({"issues": []})));
    }
    for (key, value) in &body {
        let name = key.as_str();
        let ok = match ENUM_KEYS.iter().find(|(k, _)| *k == name) {
            Some((_, values)) => value.as_str().is_some_and(|v| values.contains(&v)),
            None if NUMBER_KEYS.contains(&name) => value.is_number(),
            None if LIST_KEYS.contains(&name) => value.is_array(),
            None => value.is_string(),
        };
        if !ok {
            return Err(bad(
                "Invalid value",
                json!({"issues": [{"code": "invalid_type", "path": [key]}]}),
            ));
        }
    }
    Ok(body)
}

fn apply(job: &mut Thing, fields: Map<String, Value>, now: &str) {
    for (key, value) in fields {
        if key == "jobTitle" {
            job.value["title"] = value.clone();
        }
        job.hidden["fields"][key] = value;
    }
    job.value["updatedAt"] = json!(now);
}

fn update_draft(state: &mut State, request: &Recorded, id: &str) -> Result<Answer, Answer> {
    let account = state.gate(request, drafting())?.account;
    let fields = patch(request)?;
    let now = state.now();
    let job = find_mut(state, account, id)?;
    if job.value["status"] != "DRAFT" {
        return Err(Answer::error(
            409,
            "This job is not a draft",
            json!({"jobId": id}),
        ));
    }
    apply(job, fields, &now);
    Ok(Answer::ok(draft_reply(job, false)))
}

fn forbidden(state: &State, fields: &Value) -> bool {
    let text = fields.to_string();
    state
        .forbidden_words
        .iter()
        .any(|word| text.contains(word.as_str()))
}

fn publish(state: &mut State, request: &Recorded, id: &str) -> Result<Answer, Answer> {
    let account = state.gate(request, publishing())?.account;
    state::no_body(request)?;
    let job = find(state, account, id)?.clone();
    let reply = |already: bool| {
        json!({
            "ok": true, "jobId": id, "status": "OPEN", "alreadyPublished": already,
            "jobUrl": job.value["jobUrl"], "publishAttemptId": if already { Value::Null } else { json!("att_1") },
            "warnings": [], "sideEffects": {"dispatched": !already, "status": "queued"},
        })
    };
    if job.value["status"] == "OPEN" {
        return Ok(Answer::ok(reply(true)));
    }
    let missing = missing(&job.hidden["fields"]);
    if !missing.is_empty() {
        let mut validation = validation(&missing);
        validation["missingFields"] = json!(missing);
        return Err(bad(
            "The draft is not ready to publish",
            json!({"validation": validation}),
        ));
    }
    if forbidden(state, &job.hidden["fields"]) {
        let details = json!({"reason": "moderation_blocked", "reasons": ["forbidden content"]});
        return Err(Answer::error(403, "Moderation refused this job", details));
    }
    let owner = &mut state.accounts[account];
    let most = if owner.claimed { 20 } else { 3 };
    if owner.publishes >= most {
        let details = json!({"limit": most, "windowHours": 24});
        return Err(Answer::error(429, "Daily publish limit reached", details));
    }
    owner.publishes += 1;
    let open = find_mut(state, account, id)?;
    open.value["status"] = json!("OPEN");
    open.value["published"] = json!(true);
    open.value["acceptingApplicants"] = json!(true);
    super::hiring::proposals_arrive(state, account, id);
    state.change(id, "PUBLISHED");
    Ok(Answer::ok(reply(false)))
}

fn update_published(state: &mut State, request: &Recorded, id: &str) -> Result<Answer, Answer> {
    let account = state.gate(request, publishing())?.account;
    let fields = patch(request)?;
    let now = state.now();
    let blocked = forbidden(state, &Value::Object(fields.clone()));
    let job = find_mut(state, account, id)?;
    if job.value["status"] != "OPEN" {
        let details = json!({"jobId": id, "status": job.value["status"], "requiredStatus": "OPEN"});
        return Err(Answer::error(
            409,
            "Only open jobs; use PATCH /job-drafts/{jobId}",
            details,
        ));
    }
    apply(job, fields, &now);
    if blocked {
        job.value["status"] = json!("DRAFT");
        state.change(id, "CLOSED");
        let details = json!({
            "jobId": id, "reason": "moderation_blocked", "reasons": ["forbidden content"], "status": "DRAFT",
        });
        return Err(Answer::error(409, "Moderation refused the edit", details));
    }
    state.change(id, "UPDATED");
    let moderation = json!({"decision": "ALLOW", "reasons": []});
    Ok(Answer::ok(
        json!({"ok": true, "jobId": id, "status": "OPEN", "moderation": moderation}),
    ))
}

fn close(state: &mut State, request: &Recorded, id: &str) -> Result<Answer, Answer> {
    let account = state.gate(request, publishing())?.account;
    state::no_body(request)?;
    let job = find_mut(state, account, id)?;
    let already = job.value["status"] == "ARCHIVED";
    job.value["status"] = json!("ARCHIVED");
    state.change(id, "CLOSED");
    Ok(Answer::ok(
        json!({"ok": true, "jobId": id, "status": "ARCHIVED", "alreadyClosed": already}),
    ))
}

fn mine(state: &mut State, request: &Recorded) -> Result<Answer, Answer> {
    let account = state.gate(request, needs("jobs:read", ""))?.account;
    state::params(request, &["status", "limit", "cursor"])?;
    let status = request.param("status");
    if status.is_some_and(|s| !STATUSES.contains(&s)) {
        return Err(bad(
            "Unknown status",
            json!({"supportedStatuses": STATUSES}),
        ));
    }
    let wanted =
        |job: &&Thing| job.account == account && status.is_none_or(|s| job.value["status"] == s);
    let jobs: Vec<Value> = state
        .jobs
        .iter()
        .filter(wanted)
        .map(|j| j.value.clone())
        .collect();
    let (page, next) = state::page(&jobs, request, state::limit(request, 25, 100)?)?;
    Ok(Answer::ok(json!({"jobs": page, "nextCursor": next})))
}

/// Tokenless. A token is refused, because our client must not send one.
fn tokenless(request: &Recorded, known: &[&str]) -> Result<(), Answer> {
    if request.header("Authorization").is_some() {
        return Err(bad("A token where none is needed", Value::Null));
    }
    state::params(request, known)
}

fn search(state: &mut State, request: &Recorded) -> Result<Answer, Answer> {
    let known = [
        "q", "language", "country", "payType", "category", "limit", "cursor",
    ];
    tokenless(request, &known)?;
    let pay = request.param("payType");
    if pay.is_some_and(|p| !ENUM_KEYS[0].1.contains(&p)) {
        return Err(bad("Bad payType", json!({"field": "payType"})));
    }
    let q = request.param("q").unwrap_or_default().to_lowercase();
    let open = |job: &&Thing| {
        job.value["status"] == "OPEN"
            && job.hidden["fields"].to_string().to_lowercase().contains(&q)
            && pay.is_none_or(|p| job.hidden["fields"]["paymentType"] == p)
    };
    let jobs: Vec<Value> = state.jobs.iter().filter(open).map(public_job).collect();
    let (page, next) = state::page(&jobs, request, state::limit(request, 20, 100)?)?;
    Ok(Answer::ok(
        json!({"jobs": page, "nextCursor": next, "generatedAt": "2026-06-15T10:00:00.000Z"}),
    ))
}

fn is_open(job: &&Thing) -> bool {
    job.value["status"] == "OPEN"
}

fn one(state: &mut State, request: &Recorded, id: &str) -> Result<Answer, Answer> {
    tokenless(request, &[])?;
    if id.chars().count() > 64 {
        return Err(bad("Bad id", json!({"field": "id"})));
    }
    let job = state.jobs.iter().find(|j| j.value["id"] == id);
    match job {
        None => Err(not_found()),
        Some(job) if is_open(&job) => Ok(Answer::ok(public_job(job))),
        // Not the envelope (API.md, section 11).
        Some(_) => Err(Answer::with(404, json!({"id": id, "status": "closed"}))),
    }
}

fn facets(state: &mut State, request: &Recorded) -> Result<Answer, Answer> {
    tokenless(request, &[])?;
    let open: Vec<Value> = state.jobs.iter().filter(is_open).map(public_job).collect();
    let count = |values: Vec<&Value>| {
        let mut counts: Vec<(Value, usize)> = Vec::new();
        for value in values {
            match counts.iter_mut().find(|(v, _)| v == value) {
                Some((_, n)) => *n += 1,
                None => counts.push((value.clone(), 1)),
            }
        }
        counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        let counts = counts.iter().map(|(v, n)| json!({"value": v, "count": n}));
        Value::Array(counts.collect())
    };
    Ok(Answer::ok(json!({
        "totalJobs": open.len(),
        "categories": count(open.iter().map(|j| &j["category"]).collect()),
        "languages": count(open.iter().map(|j| &j["languages"][0]).collect()),
        "countries": count(open.iter().filter_map(|j| j["countries"].get(0)).collect()),
        "payTypes": count(open.iter().map(|j| &j["pay"]["paymentType"]).collect()),
        "generatedAt": "2026-06-15T10:00:00.000Z",
    })))
}

fn changes(state: &mut State, request: &Recorded) -> Result<Answer, Answer> {
    tokenless(request, &["since"])?;
    let since = request.param("since");
    let Some(since) = since.filter(|since| state::is_iso(since)) else {
        return Err(bad(
            "since must be an ISO 8601 date",
            json!({"field": "since"}),
        ));
    };
    let newer = |c: &&Value| c["occurredAt"].as_str().is_some_and(|at| at >= since);
    let found: Vec<Value> = state.changes.iter().filter(newer).cloned().collect();
    Ok(Answer::ok(json!({
        "since": since, "until": state.now(), "changes": found,
        "generatedAt": "2026-06-15T10:00:00.000Z",
    })))
}

fn capabilities(state: &mut State, request: &Recorded) -> Result<Answer, Answer> {
    state.authenticate(request)?;
    state::params(request, &[])?;
    let on = |feature: &str| !state.features_off.contains(feature);
    if !on("public_api_job_drafting") {
        let details = json!({"featureKey": "public_api_job_drafting", "mode": "ALLOWLIST"});
        return Err(Answer::error(403, "This feature is not available", details));
    }
    let enums: Map<String, Value> = ENUM_KEYS
        .iter()
        .map(|(key, values)| ((*key).to_owned(), json!(values)))
        .collect();
    let keys: Vec<&str> = TEXT_KEYS
        .iter()
        .chain(&NUMBER_KEYS)
        .chain(&LIST_KEYS)
        .copied()
        .chain(ENUM_KEYS.map(|(key, _)| key))
        .collect();
    Ok(Answer::ok(json!({
        "featureKey": "public_api_job_drafting", "namespace": "job-drafts", "rolloutMode": "ALL",
        "actorIsAdmin": false,
        "capabilities": {
            "draftImport": true, "draftCreate": true, "draftUpdate": true, "draftUrlRead": true,
            "publish": on("public_api_job_publishing"), "hiring": on("public_api_hiring"),
            "messagingWrites": on("public_api_messaging_writes"), "team": on("public_api_team"),
            "paymentsWrite": on("public_api_payments_write"), "credits": on("public_api_credits"),
            "webhooks": on("public_api_webhooks"),
        },
        "draft": {
            "importFormats": ["text", "opentrain_canonical", "schema_org_job_posting", "indeed_xml", "hr_xml"],
            "updateKeys": keys, "enums": enums,
        },
        "authBootstrap": "token", "enabled": true,
    })))
}

fn public_job(job: &Thing) -> Value {
    let fields = &job.hidden["fields"];
    let id = job.value["id"].as_str().unwrap_or_default();
    json!({
        "id": id, "slug": "zebra-boxes", "title": fields["jobTitle"], "companyName": "Lab",
        "descriptionText": fields["jobDescription"], "descriptionHtml": "<p>...</p>",
        "seoTitle": null, "summary": null, "status": "OPEN",
        "datePosted": job.value["createdAt"], "validThrough": "2026-08-01T00:00:00.000Z",
        "updatedAt": job.value["updatedAt"], "employmentTypes": ["CONTRACTOR"], "countries": [],
        "languages": ["English"], "category": "Image Annotation", "dataType": "Image",
        "labelTypes": ["Bounding box"], "labelingSoftware": null, "experienceLevel": "Intermediate",
        "skills": ["Annotation"],
        "pay": {
            "paymentType": fields["paymentType"], "currency": "USD",
            "hourlyRate": fields["pricePerHour"], "hourlyMin": null, "hourlyMax": null,
            "fixedPrice": fields["fixedPrice"], "perLabelRate": fields["pricePerLabel"],
        },
        "url": format!("https://app.opentrain.ai/jobs/zebra-boxes-{id}"),
        "applyUrl": format!("https://app.opentrain.ai/api/out?job={id}&src=www_seo"),
    })
}

fn invite(state: &mut State, request: &Recorded, id: &str) -> Result<Answer, Answer> {
    let needs = claimed("proposals:write", "public_api_hiring", "invite AI trainers");
    let account = state.gate(request, needs)?.account;
    let body = state::body(request, &["freelancerId"])?;
    let freelancer = state::string(&body, "freelancerId", true)?.unwrap_or_default();
    let job = find(state, account, id)?;
    let refused = match (job.value["status"].as_str(), freelancer.as_str()) {
        (Some("OPEN"), "user_employer") => Some("not_a_freelancer"),
        (Some("OPEN"), "user_away") => Some("freelancer_unavailable"),
        (Some("OPEN"), _) => None,
        _ => Some("job_not_published"),
    };
    if let Some(reason) = refused {
        return Err(Answer::error(
            409,
            "Not possible",
            json!({"reason": reason}),
        ));
    }
    let invited =
        |p: &&Thing| p.value["jobId"] == id && p.value["candidate"]["id"] == freelancer.as_str();
    if let Some(proposal) = state.proposals.iter().find(invited) {
        return Ok(Answer::ok(json!({
            "ok": true, "proposalId": proposal.value["id"], "jobId": id,
            "freelancerId": freelancer, "alreadyInvited": true,
        })));
    }
    let proposal = super::hiring::new_proposal(state, account, id, &freelancer, false);
    Ok(Answer::with(
        201,
        json!({
            "ok": true, "proposalId": proposal, "jobId": id, "freelancerId": freelancer, "alreadyInvited": false,
        }),
    ))
}
