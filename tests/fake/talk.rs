//! Conversations and messages, updates feed, webhooks (API.md, sections 14 and 19).

use serde_json::{Value, json};

use super::state::{self, Routed, State, Thing, bad, claimed, needs};
use super::{Answer, Recorded};

/// Event types with the scope that reads them (API.md, section 19).
const EVENTS: [(&str, &str); 8] = [
    ("proposal.received", "proposals:read"),
    ("proposal.status_changed", "proposals:read"),
    ("message.received", "messages:read"),
    ("contract.created", "payments:read"),
    ("milestone.status_changed", "payments:read"),
    ("payment.pending", "payments:read"),
    ("approval.confirmed", "payments:read"),
    ("contract.budget_state_changed", "payments:read"),
];

pub(crate) fn route(state: &mut State, request: &Recorded, parts: &[&str]) -> Routed {
    let answer = match (request.method.as_str(), parts) {
        ("POST", ["proposals", id, "conversation"]) => start(state, request, id)?,
        ("GET", ["messages"]) if request.param("conversationId").is_some() => read(state, request)?,
        ("GET", ["messages"]) => list(state, request)?,
        ("POST", ["messages"]) => send(state, request)?,
        ("GET", ["updates"]) => updates(state, request)?,
        ("POST", ["webhooks"]) => create_webhook(state, request)?,
        ("GET", ["webhooks"]) => webhooks(state, request)?,
        ("GET", ["webhooks", id]) => webhook(state, request, id, false)?,
        ("DELETE", ["webhooks", id]) => webhook(state, request, id, true)?,
        _ => return Ok(None),
    };
    Ok(Some(answer))
}

pub(crate) fn new_conversation(
    state: &mut State,
    account: usize,
    bucket: &str,
    proposal: &Value,
) -> String {
    let (id, now) = (state.id("conv"), state.now());
    let job = if bucket == "job" {
        proposal["jobId"].clone()
    } else {
        Value::Null
    };
    state.conversations.insert(
        0,
        Thing {
            account,
            value: json!({
                "id": id, "type": "DIRECT_MESSAGE", "bucket": bucket, "jobId": job,
                "proposalId": proposal["id"], "channelName": null, "updatedAt": now,
                "lastMessage": null, "unreadCount": 0, "needsReplyCount": 0,
            }),
            hidden: Value::Null,
        },
    );
    id
}

fn start(state: &mut State, request: &Recorded, id: &str) -> Result<Answer, Answer> {
    let needs = claimed(
        "messages:write",
        "public_api_messaging_writes",
        "start conversations",
    );
    let account = state.gate(request, needs)?.account;
    state::no_body(request)?;
    let own = |p: &&Thing| p.account == account && p.value["id"] == id;
    let Some(proposal) = state.proposals.iter().find(own).map(|p| p.value.clone()) else {
        return Err(Answer::error(404, "Proposal not found", Value::Null));
    };
    let existing = |c: &&Thing| c.value["proposalId"] == id && c.value["bucket"] == "proposal";
    let found = state
        .conversations
        .iter()
        .find(existing)
        .map(|c| c.value["id"].clone());
    let created = found.is_none();
    let conversation = match found {
        Some(id) => id,
        None => json!(new_conversation(state, account, "proposal", &proposal)),
    };
    Ok(Answer::ok(json!({
        "ok": true, "conversationId": conversation, "proposalId": id, "jobId": proposal["jobId"], "created": created,
    })))
}

fn list(state: &mut State, request: &Recorded) -> Result<Answer, Answer> {
    let account = state.gate(request, needs("messages:read", ""))?.account;
    state::params(request, &["filter", "unreadOnly", "limit", "cursor"])?;
    let filter = request.param("filter").unwrap_or("all");
    if !["all", "job", "proposal"].contains(&filter) {
        return Err(bad("Bad filter", json!({"issues": [{"path": ["filter"]}]})));
    }
    let unread = matches!(request.param("unreadOnly"), Some("true" | "1"));
    let wanted = |c: &&Thing| {
        c.account == account
            && (filter == "all" || c.value["bucket"] == filter)
            && (!unread || c.value["unreadCount"] != 0)
    };
    let found: Vec<Value> = state
        .conversations
        .iter()
        .filter(wanted)
        .map(|c| c.value.clone())
        .collect();
    let (page, next) = state::page(&found, request, state::limit(request, 20, 100)?)?;
    Ok(Answer::ok(
        json!({"conversations": page, "nextCursor": next}),
    ))
}

/// One conversation, newest first, so that a client that shows a thread has to sort.
fn read(state: &mut State, request: &Recorded) -> Result<Answer, Answer> {
    let account = state.gate(request, needs("messages:read", ""))?.account;
    state::params(request, &["conversationId", "limit", "cursor", "direction"])?;
    if request
        .param("direction")
        .is_some_and(|d| d != "older" && d != "newer")
    {
        return Err(bad(
            "Bad direction",
            json!({"issues": [{"path": ["direction"]}]}),
        ));
    }
    let id = request.param("conversationId").unwrap_or_default();
    conversation(state, account, id)?;
    let mut found: Vec<Value> = state
        .messages
        .iter()
        .filter(|m| m.value["conversationId"] == id)
        .map(|m| m.value.clone())
        .collect();
    found.reverse();
    let (page, next) = state::page(&found, request, state::limit(request, 20, 100)?)?;
    Ok(Answer::ok(json!({"messages": page, "nextCursor": next})))
}

fn conversation<'a>(
    state: &'a mut State,
    account: usize,
    id: &str,
) -> Result<&'a mut Thing, Answer> {
    let found = state.conversations.iter_mut().find(|c| c.value["id"] == id);
    match found {
        Some(c) if c.account == account => Ok(c),
        Some(_) => Err(Answer::error(403, "Not a participant", Value::Null)),
        None => Err(Answer::error(404, "Conversation not found", Value::Null)),
    }
}

fn send(state: &mut State, request: &Recorded) -> Result<Answer, Answer> {
    let needs = claimed(
        "messages:write",
        "public_api_messaging_writes",
        "send messages",
    );
    let account = state.gate(request, needs)?.account;
    let body = state::body(request, &["conversationId", "content"])?;
    let id = state::string(&body, "conversationId", true)?.unwrap_or_default();
    let content = state::string(&body, "content", true)?.unwrap_or_default();
    if content.chars().count() > 10_000 {
        return Err(bad(
            "Too long",
            json!({"issues": [{"code": "too_big", "path": ["content"]}]}),
        ));
    }
    conversation(state, account, &id)?;
    let me = state.accounts[account].id.clone();
    let message = add_message(state, account, &id, Some(&me), &content);
    Ok(Answer::with(201, json!({"ok": true, "message": message})))
}

/// A message in a conversation; `sender` is `None` for a system entry.
pub(crate) fn add_message(
    state: &mut State,
    account: usize,
    conversation: &str,
    sender: Option<&str>,
    content: &str,
) -> Value {
    let (id, now) = (state.id("msg"), state.now());
    let from_viewer = sender == Some(state.accounts[account].id.as_str());
    let value = json!({
        "id": id, "createdAt": now, "updatedAt": now, "conversationId": conversation, "jobId": null,
        "senderUserId": sender, "isFromViewer": from_viewer, "content": content, "messageType": null,
        "system": sender.is_none(), "hasUnreadFlag": !from_viewer, "attachmentCount": 0,
        "hasAudio": false, "editedAt": null, "reactionCount": 0,
    });
    state.messages.push(Thing {
        account,
        value: value.clone(),
        hidden: Value::Null,
    });
    if let Some(c) = state
        .conversations
        .iter_mut()
        .find(|c| c.value["id"] == conversation)
    {
        c.value["lastMessage"] = json!({
            "id": id, "content": content, "senderUserId": sender, "isFromViewer": from_viewer, "createdAt": now,
        });
        if !from_viewer {
            c.value["unreadCount"] = json!(c.value["unreadCount"].as_u64().unwrap_or(0) + 1);
        }
    }
    if !from_viewer {
        let data = json!({"conversationId": conversation, "messageId": id});
        state.event(account, "message.received", &id, Value::Null, data);
    }
    value
}

fn updates(state: &mut State, request: &Recorded) -> Result<Answer, Answer> {
    let token = state.authenticate(request)?;
    state::params(request, &["cursor", "limit"])?;
    let reads = ["proposals:read", "messages:read", "payments:read"];
    if !reads.iter().any(|scope| token.has(scope)) {
        return Err(Answer::error(
            403,
            "Missing scope",
            json!({"requiredScopes": reads}),
        ));
    }
    let cursor = match request.param("cursor").map(str::parse::<u64>) {
        None => 0,
        Some(Ok(n)) => n,
        Some(Err(_)) => return Err(bad("Invalid cursor", json!({"field": "cursor"}))),
    };
    let limit = state::limit(request, 50, 200)?;
    let readable = |kind: &Value| {
        EVENTS
            .iter()
            .any(|(k, scope)| kind == k && token.has(scope))
    };
    let number = |e: &Value| {
        e["id"]
            .as_str()
            .and_then(|id| id.parse::<u64>().ok())
            .unwrap_or(0)
    };
    let waiting: Vec<Value> = state
        .events
        .iter()
        .filter(|e| {
            e.account == token.account && number(&e.value) > cursor && readable(&e.value["type"])
        })
        .map(|e| e.value.clone())
        .collect();
    let page: Vec<Value> = waiting.iter().take(limit).cloned().collect();
    let next = page
        .last()
        .map(|e| e["id"].clone())
        .or(request.param("cursor").map(|c| json!(c)));
    Ok(Answer::ok(
        json!({"events": page, "nextCursor": next, "hasMore": waiting.len() > limit}),
    ))
}

fn managing() -> state::Needs {
    needs("webhooks:manage", "public_api_webhooks")
}

/// An https URL with a host, or http on this machine, of at most 2,048 characters.
fn can_be_delivered_to(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.split(':').next().unwrap_or_default();
    let allowed = match scheme {
        "https" => !host.is_empty(),
        "http" => host == "localhost",
        _ => false,
    };
    allowed && url.chars().count() <= 2048
}

fn create_webhook(state: &mut State, request: &Recorded) -> Result<Answer, Answer> {
    let token = state.gate(request, managing())?;
    let body = state::body(request, &["url", "eventTypes"])?;
    let url = state::string(&body, "url", true)?.unwrap_or_default();
    if !can_be_delivered_to(&url) {
        return Err(bad("url must be https", json!({"field": "url"})));
    }
    let types = body
        .get("eventTypes")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    // The server removes duplicates.
    let mut known: Vec<Value> = Vec::new();
    types.into_iter().for_each(|t| {
        if !known.contains(&t) {
            known.push(t);
        }
    });
    let types = known;
    if types.is_empty() || types.iter().any(|t| !EVENTS.iter().any(|(k, _)| t == k)) {
        return Err(bad("Unknown event type", json!({"field": "eventTypes"})));
    }
    let reads = |t: &&Value| EVENTS.iter().any(|(k, scope)| *t == k && token.has(scope));
    if let Some(hidden) = types.iter().find(|t| !reads(t)) {
        let message = format!("The token may not read {hidden}");
        return Err(Answer::error(403, &message, Value::Null));
    }
    if state
        .webhooks
        .iter()
        .filter(|w| w.account == token.account)
        .count()
        >= 10
    {
        return Err(Answer::error(409, "At most 10 webhooks", Value::Null));
    }
    let (id, now) = (state.id("wh"), state.now());
    let value = json!({
        "id": id, "url": url, "eventTypes": types, "status": "ACTIVE", "createdAt": now,
        "disabledAt": null, "disabledReason": null,
    });
    state.webhooks.insert(
        0,
        Thing {
            account: token.account,
            value: value.clone(),
            hidden: Value::Null,
        },
    );
    Ok(Answer::with(
        201,
        json!({
            "webhook": value, "secret": "whsec_shownonce0123456789", "message": "Store the secret now",
        }),
    ))
}

fn webhooks(state: &mut State, request: &Recorded) -> Result<Answer, Answer> {
    let account = state.gate(request, managing())?.account;
    state::params(request, &[])?;
    let own = |w: &&Thing| w.account == account;
    let found: Vec<Value> = state
        .webhooks
        .iter()
        .filter(own)
        .map(|w| w.value.clone())
        .collect();
    Ok(Answer::ok(json!({"webhooks": found})))
}

fn webhook(
    state: &mut State,
    request: &Recorded,
    id: &str,
    delete: bool,
) -> Result<Answer, Answer> {
    let account = state.gate(request, managing())?.account;
    let own = |w: &Thing| w.account == account && w.value["id"] == id;
    let Some(at) = state.webhooks.iter().position(own) else {
        let details = json!({"resource": "webhooks", "webhookId": id});
        return Err(Answer::error(404, "Webhook not found", details));
    };
    if delete {
        let gone = state.webhooks.remove(at);
        return Ok(Answer::ok(json!({"webhook": gone.value, "deleted": true})));
    }
    Ok(Answer::ok(json!({"webhook": state.webhooks[at].value})))
}
