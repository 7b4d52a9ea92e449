//! What to do about a refusal: the known reasons, each with one plain sentence.
//!
//! Sources: conventions.md, section 2 (`details` keys and reasons); auth.md, sections 2 to 4.
//! The lists are open: an unknown reason simply has no sentence.

use crate::cli::Invocation;
use crate::error::{Error, Kind, Refusal};
use crate::output::json::Object;

const API_KEYS: &str = "https://app.opentrain.ai/employer-settings?tab=api-keys";

/// A known reason: the status with which it comes (0 for any), `details.reason` of the API or
/// the slug of agent registration, and the sentence. `{key}` stands for that key of `details`.
type Reason = (u16, &'static str, &'static str);

const REASONS: &[Reason] = &[
    (
        0,
        "account_claim_required",
        "this account has no human owner yet. Run: opentrain auth claim --email <human-email>",
    ),
    (
        0,
        "teams_not_enabled",
        "teams are not enabled for this account; only OpenTrain can turn them on",
    ),
    (
        403,
        "moderation_blocked",
        "moderation refused the job; change what it names with `opentrain jobs draft update --job-id <id> --set <field=value>` and publish again",
    ),
    (
        409,
        "moderation_blocked",
        "the edit was applied all the same, and job {jobId} is a draft again: mend it with `opentrain jobs draft update --job-id {jobId} --set <field=value>`, then run `opentrain jobs publish --job-id {jobId}`",
    ),
    (
        0,
        "employer_first_message_required",
        "only the employer can write first; wait for the employer's message",
    ),
    (
        0,
        "message_policy_blocked",
        "the message breaks a rule of the platform, such as asking for contact details; write it differently",
    ),
    (
        0,
        "read_only_conversation",
        "this conversation can only be read",
    ),
    (
        0,
        "message_blocked",
        "messages in this conversation are blocked",
    ),
    (
        0,
        "payment_method_required",
        "a human has to add a payment method or credits at {billingUrl}; then run this again",
    ),
    (
        0,
        "proposal_not_ready_for_messaging",
        "the proposal has no candidate or job to talk about yet; try again later",
    ),
    (
        0,
        "job_not_published",
        "publish the job first: `opentrain jobs publish --job-id <id>`",
    ),
    (
        0,
        "not_a_freelancer",
        "that user is no AI trainer; use the candidate's id of a proposal",
    ),
    (
        0,
        "freelancer_unavailable",
        "that trainer takes no invitations now; invite another one",
    ),
    (
        0,
        "contract_ended",
        "the contract has ended; `opentrain contracts list --status active` shows those that have not",
    ),
    (
        0,
        "contract_rate_missing",
        "the contract has no rate; a human has to set it in the app first",
    ),
    (
        0,
        "milestone_not_fundable",
        "only a milestone that is NOT_FUNDED can be funded; `opentrain contracts get --contract-id <id>` shows their states",
    ),
    (
        0,
        "milestone_not_funded",
        "only a funded milestone can be paid out; ask to fund it first: `opentrain milestones fund --milestone-id <id>`",
    ),
    (
        0,
        "invite_email_send_failed",
        "the e-mail could not be sent; try again later",
    ),
    (
        0,
        "anonymous_not_enabled",
        "this server does not register agents; make a token in the app and run `opentrain auth login --api-key -`",
    ),
    (
        0,
        "email_already_registered",
        "that address has an OpenTrain account already; use another one, or make a token in that account and run `opentrain auth login --api-key -`",
    ),
    (
        0,
        "expired_token",
        "the claim window of about 24 hours is over; start anew with `opentrain auth register --force`",
    ),
    (
        0,
        "invalid_grant",
        "the claim token is unknown, or the new token was delivered already; if it was lost, make one in the app and run `opentrain auth login --api-key -`",
    ),
    (
        0,
        "rate_limit_exceeded",
        "too many tries; wait a while and run it again",
    ),
];

/// Refusals without a reason that a key of `details` tells apart, in order of weight.
const DETAILS: &[(&str, &str)] = &[
    (
        "claimUrl",
        "a human has to claim this account first, at {claimUrl}",
    ),
    (
        "billingUrl",
        "a human has to add a payment method or credits at {billingUrl}; then run this again",
    ),
    (
        "featureKey",
        "the feature {featureKey} is off for this account; only OpenTrain can turn it on",
    ),
    (
        "validation",
        "the draft is not ready; set what `validation` names with `opentrain jobs draft update --job-id <id> --set <field=value>`",
    ),
    (
        "requiredStatus",
        "the job is {status}, not {requiredStatus}; a draft is edited with `opentrain jobs draft update --job-id {jobId} --set <field=value>`",
    ),
    (
        "windowHours",
        "{limit} are allowed in {windowHours} hours; try again later",
    ),
    ("supportedStatuses", "the states are {supportedStatuses}"),
    ("field", "look at what was given for {field}"),
];

/// Adds the sentence that says what to do next.
pub fn explain(error: Error, invocation: &Invocation) -> Error {
    let hint = match &error.kind {
        Kind::Refused(refusal) => for_refusal(refusal, &error.text),
        Kind::Lost(_) => Some(invocation.command.if_lost.to_owned()).filter(|s| !s.is_empty()),
        _ => None,
    };
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

fn for_refusal(refusal: &Refusal, message: &str) -> Option<String> {
    let details = refusal
        .details
        .as_deref()
        .and_then(Object::parse)
        .unwrap_or_default();
    let known = |name: &str| {
        let fits = |r: &&Reason| r.1 == name && (r.0 == 0 || r.0 == refusal.status);
        REASONS.iter().find(fits).map(|r| filled(r.2, &details))
    };
    // The API may put this slug into the description instead (K30).
    let slug = match message.contains("email_already_registered") {
        true => "email_already_registered",
        false => refusal.code.as_str(),
    };
    if let Some(sentence) = details
        .text("reason")
        .and_then(|r| known(&r))
        .or_else(|| known(slug))
    {
        return Some(sentence);
    }
    if let Some(scopes) = details.get("requiredScopes").list() {
        return Some(missing_scope(&scopes));
    }
    if let Some(seconds) = refusal.retry_after {
        return Some(format!("wait {seconds} s, then run it again"));
    }
    let by_key = DETAILS.iter().find(|(key, _)| !details.get(key).is_null());
    if let Some((_, sentence)) = by_key {
        return Some(filled(sentence, &details));
    }
    let by_status = match refusal.status {
        401 => {
            "the token is missing, invalid, expired or revoked; `opentrain auth login --api-key -` saves another"
        }
        404 => {
            "check the id; another account's things are hidden, and `opentrain whoami` shows which account this is"
        }
        429 => "a limit is reached; wait, then run it again",
        _ => return None,
    };
    Some(by_status.to_owned())
}

/// A sentence with `{key}` replaced by the words of that key of `details`.
fn filled(sentence: &str, details: &Object<'_>) -> String {
    let mut out = sentence.to_owned();
    for (key, value) in details.iter() {
        let place = format!("{{{key}}}");
        if out.contains(&place) {
            out = out.replace(&place, &value.list().unwrap_or_default());
        }
    }
    out
}

/// The claim adds three scopes; any other comes with a token that a human makes in the app
/// (conventions.md, section 7).
fn missing_scope(scopes: &str) -> String {
    let by_claim = ["proposals:write", "messages:write", "team:write"];
    let how = match by_claim.iter().any(|s| scopes.contains(s)) {
        true => "a claimed account has it (`opentrain auth claim --email <human-email>`), or a",
        false => "a",
    };
    format!(
        "the token lacks the scope {scopes}; {how} human can make a token with it at {API_KEYS}, saved with `opentrain auth login --api-key -`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(status: u16, details: &str) -> String {
        let refusal = Refusal {
            status,
            details: Some(details.into()),
            ..Refusal::default()
        };
        for_refusal(&refusal, "").unwrap_or_default()
    }

    #[test]
    fn every_reason_is_known_once_and_leaves_no_gap() {
        for (n, (status, reason, _)) in REASONS.iter().enumerate() {
            let twice = REASONS
                .iter()
                .skip(n + 1)
                .any(|r| r.1 == *reason && r.0 == *status);
            assert!(!twice, "{reason} twice");
            let details =
                format!(r#"{{"reason":"{reason}","jobId":"j1","billingUrl":"https://b"}}"#);
            let sentence = hint(*status, &details);
            assert!(
                !sentence.is_empty() && !sentence.contains('{'),
                "{reason}: {sentence}"
            );
        }
    }

    #[test]
    fn the_same_reason_means_another_thing_with_another_status() {
        let details = r#"{"reason":"moderation_blocked","jobId":"j1"}"#;
        assert!(hint(409, details).contains("opentrain jobs publish --job-id j1"));
        assert!(hint(403, details).contains("moderation refused the job"));
    }

    #[test]
    fn an_unknown_reason_falls_back_to_what_the_details_hold() {
        let details = r#"{"reason":"new","billingUrl":"https://b.example"}"#;
        assert!(hint(409, details).contains("https://b.example"));
        assert_eq!(hint(409, r#"{"reason":"new"}"#), "");
    }
}
