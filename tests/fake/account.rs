//! Registration, claim ceremony, tokens, team (API.md, sections 7, 8 and 18).

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::state::{self, APP_TOKEN, POST_CLAIM, PRE_CLAIM, Routed, State, Token, needs};
use super::{Answer, Recorded, decode};

const GRANT: &str = "urn:opentrain:agent-auth:grant-type:claim";

pub(super) fn route(state: &mut State, request: &Recorded, parts: &[&str]) -> Routed {
    let answer = match (request.method.as_str(), parts) {
        ("POST", ["api", "agent", "identity"]) => register(state, request),
        ("POST", ["api", "agent", "identity", "claim"]) => start_claim(state, request),
        ("POST", ["api", "agent", "oauth", "token"]) => poll(state, request),
        ("POST", ["api", "agent", "oauth", "revoke"]) => revoke_by_value(state, request),
        ("GET", ["auth", "me"]) => me(state, request)?,
        ("GET", ["tokens"]) => list_tokens(state, request)?,
        ("POST", ["tokens"]) => create_token(state, request)?,
        ("DELETE", ["tokens", id]) => revoke(state, request, id)?,
        ("GET", ["team"]) => team(state, request)?,
        ("POST", ["team", "invites"]) => invite(state, request)?,
        _ => return Ok(None),
    };
    Ok(Some(answer))
}

fn register(state: &mut State, request: &Recorded) -> Answer {
    let body = request.json();
    let known = ["identity_type", "agent_name", "organization_name"];
    let fields = body.as_object().cloned().unwrap_or_default();
    if let Some(key) = fields.keys().find(|k| !known.contains(&k.as_str())) {
        return Answer::oauth(400, "invalid_request", &format!("unknown key {key}"));
    }
    if fields
        .get("identity_type")
        .is_some_and(|t| t != "anonymous")
    {
        return Answer::oauth(400, "unsupported_identity_type", "Only anonymous");
    }
    let account = state.new_account();
    let text = |key: &str| fields.get(key).and_then(Value::as_str).map(str::to_owned);
    state.accounts[account].agent_name = text("agent_name");
    state.accounts[account].organization = text("organization_name");
    let token = state.new_token(account, "agent", &PRE_CLAIM);
    let id = state.id("reg");
    Answer::with(
        201,
        json!({
            "identity_type": "anonymous",
            "registration_id": id,
            "access_token": token,
            "token_type": "bearer",
            "scopes": PRE_CLAIM,
            "claim_token": state.accounts[account].claim_token,
            "claim_token_expires_at": "2026-06-16T10:00:00.000Z",
            "claim_endpoint": "https://app.opentrain.ai/api/agent/identity/claim",
            "token_endpoint": "https://app.opentrain.ai/api/agent/oauth/token",
            "grant_type": GRANT,
        }),
    )
}

fn start_claim(state: &mut State, request: &Recorded) -> Answer {
    let body = request.json();
    let (Some(token), Some(email)) = (body["claim_token"].as_str(), body["email"].as_str()) else {
        return Answer::oauth(400, "invalid_request", "claim_token and email are required");
    };
    if body.as_object().is_some_and(|o| o.len() != 2) || !email.contains('@') {
        return Answer::oauth(400, "invalid_request", "invalid claim request");
    }
    if email.starts_with("taken@") {
        return Answer::oauth(
            400,
            "invalid_request",
            "email_already_registered: use another address",
        );
    }
    let number = state.number();
    let Some(account) = state
        .accounts
        .iter_mut()
        .find(|a| a.claim_token == token && !a.claimed)
    else {
        return Answer::oauth(400, "invalid_request", "unknown or expired claim_token");
    };
    account.claim_open = true;
    account.email = Some(email.to_owned());
    Answer::ok(json!({
        "user_code": "439218",
        "verification_uri": format!("https://app.opentrain.ai/claim?token=ot_cat_attempt{number}"),
        "expires_in": 1800,
        "interval": 5,
        "email_sent": !email.starts_with("nomail@"),
    }))
}

/// The fields of an encoded form.
fn form(request: &Recorded) -> Vec<(String, String)> {
    let pairs = request.body.split('&').filter_map(|p| p.split_once('='));
    pairs.map(|(k, v)| (decode(k), decode(v))).collect()
}

/// RFC 7009: 200 for unknown tokens as well.
fn revoke_by_value(state: &mut State, request: &Recorded) -> Answer {
    let form = form(request);
    let [(name, token)] = form.as_slice() else {
        return Answer::oauth(400, "invalid_request", "token is required");
    };
    if name != "token" {
        return Answer::oauth(400, "invalid_request", "token is required");
    }
    let now = state.now();
    for found in state.tokens.iter_mut().filter(|t| t.secret == *token) {
        found.record["status"] = json!("revoked");
        found.record["revokedAt"] = json!(now);
    }
    Answer::ok(json!({}))
}

fn poll(state: &mut State, request: &Recorded) -> Answer {
    let form = form(request);
    let field = |name: &str| form.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone());
    if field("grant_type").as_deref() != Some(GRANT) {
        return Answer::oauth(400, "unsupported_grant_type", "Wrong grant type");
    }
    let Some(token) = field("claim_token").filter(|_| form.len() == 2) else {
        return Answer::oauth(400, "invalid_request", "claim_token is required");
    };
    let by_itself = state.confirm_by_itself;
    let found = state
        .accounts
        .iter()
        .position(|a| a.claim_token == token && !a.delivered);
    let Some(index) = found else {
        return Answer::oauth(
            400,
            "invalid_grant",
            "Unknown claim token, or already delivered",
        );
    };
    let account = &mut state.accounts[index];
    // A little less than the interval, so that a client's exact 5 s is never too fast.
    let too_fast = account
        .last_poll
        .is_some_and(|at| at.elapsed() < Duration::from_millis(4900));
    account.last_poll = Some(Instant::now());
    account.polls += 1;
    if too_fast && !account.claimed {
        return Answer::oauth(400, "slow_down", "Poll every 5 seconds");
    }
    if by_itself && account.claim_open && account.polls >= 2 && !account.claimed {
        state.confirm_claim(index);
    }
    if !state.accounts[index].claimed {
        return Answer::oauth(400, "authorization_pending", "The human has not finished");
    }
    state.accounts[index].delivered = true;
    let scopes: Vec<&str> = PRE_CLAIM.iter().chain(&POST_CLAIM).copied().collect();
    let token = state.new_token(index, "agent", &scopes);
    Answer::ok(json!({"access_token": token, "token_type": "bearer", "scopes": scopes}))
}

fn me(state: &mut State, request: &Recorded) -> Result<Answer, Answer> {
    state::params(request, &[])?;
    let token = state.authenticate(request)?;
    let account = &state.accounts[token.account];
    Ok(Answer::ok(json!({
        "actor": {
            "userId": account.id, "email": account.email, "firstName": "Kim", "lastName": "O",
            "fullName": account.claimed.then_some("Kim O"), "userType": "EMPLOYER",
        },
        "token": {
            "id": token.record["id"], "label": token.record["name"],
            "scopes": token.record["scopes"], "ownerOrganizationId": null,
        },
        "account": {
            "kind": "employer_organization", "organizationId": "org_1",
            "ownerUserId": account.id, "memberRole": "OWNER",
        },
    })))
}

fn list_tokens(state: &mut State, request: &Recorded) -> Result<Answer, Answer> {
    state::params(request, &[])?;
    let account = state.authenticate(request)?.account;
    let own = |t: &&Token| t.account == account && t.secret != APP_TOKEN;
    let tokens: Vec<Value> = state
        .tokens
        .iter()
        .filter(own)
        .map(|t| t.record.clone())
        .collect();
    Ok(Answer::ok(json!({"tokens": tokens})))
}

fn create_token(state: &mut State, request: &Recorded) -> Result<Answer, Answer> {
    let own = state.authenticate(request)?;
    let body = match request.body.is_empty() {
        true => serde_json::Map::new(),
        false => state::body(request, &["name", "scopes", "expiresAt"])?,
    };
    let name = state::string(&body, "name", false)?.unwrap_or("API token".into());
    if !(1..=120).contains(&name.chars().count()) {
        return Err(state::bad(
            "name has 1 to 120 characters",
            json!({"field": "name"}),
        ));
    }
    let scopes: Vec<String> = match body.get("scopes") {
        None => own.scopes(),
        Some(scopes) => serde_json::from_value(scopes.clone())
            .map_err(|_| state::bad("scopes is an array of strings", json!({"field": "scopes"})))?,
    };
    let known = |s: &&String| state::ALL_SCOPES.contains(&s.as_str());
    let unknown: Vec<&String> = scopes.iter().filter(|s| !known(s)).collect();
    if !unknown.is_empty() {
        let details = json!({"unknownScopes": unknown, "supportedScopes": state::ALL_SCOPES});
        return Err(state::bad("Unknown scopes", details));
    }
    if let Some(beyond) = scopes.iter().find(|s| !own.has(s)) {
        let message = format!("{beyond} exceeds the scopes of the token in use");
        return Err(Answer::error(403, &message, Value::Null));
    }
    let expires = state::string(&body, "expiresAt", false)?;
    state::iso("expiresAt", expires.as_deref())?;
    if expires.as_deref().is_some_and(|at| at <= "2026-06-15") {
        return Err(state::bad(
            "expiresAt is in the past",
            json!({"field": "expiresAt"}),
        ));
    }
    let active = |t: &&Token| t.account == own.account && t.record["status"] == "active";
    if state.tokens.iter().filter(active).count() >= 25 {
        return Err(Answer::error(409, "At most 25 active tokens", Value::Null));
    }
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    let secret = state.new_token(own.account, &name, &scopes);
    let token = state.tokens.last_mut().expect("the new token");
    token.record["expiresAt"] = json!(expires);
    Ok(Answer::with(
        201,
        json!({"token": secret, "tokenType": "bearer", "metadata": token.record}),
    ))
}

fn revoke(state: &mut State, request: &Recorded, id: &str) -> Result<Answer, Answer> {
    let account = state.authenticate(request)?.account;
    let now = state.now();
    let found = state
        .tokens
        .iter_mut()
        .find(|t| t.account == account && t.record["id"] == id);
    let Some(token) = found else {
        return Err(Answer::error(
            404,
            "Token not found",
            json!({"tokenId": id}),
        ));
    };
    token.record["status"] = json!("revoked");
    token.record["revokedAt"] = json!(now);
    Ok(Answer::ok(json!({"token": token.record})))
}

fn team_of(state: &State, account: usize) -> Value {
    let account = &state.accounts[account];
    let owner = json!({
        "userId": account.id, "role": "OWNER", "name": "Kim O.", "email": "kim@example.com",
        "joinedAt": "2026-01-01T00:00:00.000Z",
    });
    let members: Vec<Value> = std::iter::once(owner)
        .chain(account.members.iter().cloned())
        .collect();
    json!({
        "organization": {"id": "org_1", "name": "Lab", "ownerUserId": account.id, "ownerName": "Kim O."},
        "members": members, "invites": account.invites,
    })
}

fn team(state: &mut State, request: &Recorded) -> Result<Answer, Answer> {
    state::params(request, &[])?;
    let token = state.gate(request, needs("team:read", "public_api_team"))?;
    Ok(Answer::ok(json!({"team": team_of(state, token.account)})))
}

fn invite(state: &mut State, request: &Recorded) -> Result<Answer, Answer> {
    let needs = state::claimed("team:write", "public_api_team", "invite team members");
    let account = state.gate(request, needs)?.account;
    let body = state::body(request, &["email"])?;
    let email = state::string(&body, "email", true)?.unwrap_or_default();
    if !email.contains('@') {
        return Err(state::bad(
            "Invalid email",
            json!({"issues": [{"path": ["email"]}]}),
        ));
    }
    if email.starts_with("bounce@") {
        let details = json!({"reason": "invite_email_send_failed"});
        return Err(Answer::error(
            409,
            "The invitation could not be sent",
            details,
        ));
    }
    let status = match email.as_str() {
        "kim@example.com" => "already_member",
        known if known.starts_with("user@") => "member_added",
        _ => "invite_created",
    };
    let (id, now) = (state.id("iv"), state.now());
    if status == "invite_created" {
        state.accounts[account].invites.push(json!({
            "id": id, "email": email, "createdAt": now, "expiresAt": "2026-06-22T10:00:00.000Z",
        }));
    }
    let team = team_of(state, account);
    Ok(Answer::ok(
        json!({"ok": true, "status": status, "email": email, "team": team}),
    ))
}
