//! What to do about a refusal: the known reasons, each with one plain sentence.
//!
//! Sources: conventions.md, section 2 (`details` keys and reasons); auth.md, sections 2 to 4.
//! The lists are open: an unknown reason simply has no sentence.

use crate::cli::{BASE_URL, Invocation};
use crate::error::{Error, Kind, Refusal};
use crate::output::json::Object;
use crate::output::shell_word;

/// The scopes that only a claimed account has (conventions.md, section 7).
pub const CLAIMED_SCOPES: [&str; 3] = ["proposals:write", "messages:write", "team:write"];

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
        409,
        "moderation_blocked",
        "the edit was applied all the same, and the job is a draft again: mend it with `opentrain jobs draft update --job-id <id> --set <field=value>`, then run `opentrain jobs publish --job-id <id>`",
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
        "payment_method_required",
        "a human has to add a payment method or credits in the app, under Settings, Billing; then run this again",
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

/// All sentences, for the test that their commands exist.
#[cfg(test)]
pub fn sentences() -> impl Iterator<Item = &'static str> {
    let reasons = REASONS.iter().map(|(_, _, sentence)| *sentence);
    reasons.chain(DETAILS.iter().map(|(_, sentence)| *sentence))
}

/// Adds the sentence that says what to do next. Its commands go to the server of this call.
pub fn explain(error: Error, invocation: &Invocation) -> Error {
    let if_lost = Some(invocation.command.if_lost.to_owned()).filter(|s| !s.is_empty());
    let hint = match &error.kind {
        // A gateway does not know what became of a write.
        Kind::Refused(refusal) if matches!(refusal.status, 502..=504) => {
            if_lost.map(|s| format!("whether it took effect is unknown; {s}"))
        }
        Kind::Refused(refusal) => for_refusal(refusal, &error.text),
        Kind::Lost(_) => if_lost,
        _ => None,
    };
    match (hint, invocation.get(&BASE_URL)) {
        (Some(hint), Some(url)) => error.hint(with_base_url(&hint, url)),
        (Some(hint), None) => error.hint(hint),
        (None, _) => error,
    }
}

/// The commands of a sentence, which stand between backticks or at its end, with `--base-url`.
fn with_base_url(hint: &str, url: &str) -> String {
    let flag = format!(" --{} {}", BASE_URL.name, shell_word(url));
    let is_command = |n: usize, part: &str| n % 2 == 1 && part.starts_with("opentrain ");
    let parts = hint.split('`').enumerate();
    let parts = parts.map(|(n, part)| match is_command(n, part) {
        true => format!("{part}{flag}"),
        false => part.to_owned(),
    });
    let text = parts.collect::<Vec<_>>().join("`");
    match text.contains(". Run: opentrain ") {
        true => format!("{text}{flag}"),
        false => text,
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
        REASONS
            .iter()
            .filter(fits)
            .find_map(|r| filled(r.2, &details))
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
    let mut by_key = DETAILS
        .iter()
        .filter(|(key, _)| !details.get(key).is_null());
    if let Some(sentence) = by_key.find_map(|(_, sentence)| filled(sentence, &details)) {
        return Some(sentence);
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

/// A sentence with each `{key}` replaced by the words of that key of `details`, once, and for
/// a shell inside a command. `None` when a key is missing.
fn filled(sentence: &str, details: &Object<'_>) -> Option<String> {
    let mut out = String::with_capacity(sentence.len());
    let mut in_command = false;
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        in_command ^= before.matches('`').count() % 2 == 1;
        let (key, after) = after.split_once('}')?;
        let words = details.get(key).list()?;
        out.push_str(before);
        match in_command {
            true => out.push_str(&shell_word(&words)),
            false => out.push_str(&words),
        }
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// The claim adds three scopes; any other comes with a token that a human makes in the app.
fn missing_scope(scopes: &str) -> String {
    let how = match CLAIMED_SCOPES.iter().any(|s| scopes.contains(s)) {
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
    fn every_reason_has_a_sentence_without_gaps_even_alone() {
        for (status, reason, _) in REASONS {
            let sentence = hint(*status, &format!(r#"{{"reason":"{reason}"}}"#));
            assert!(
                !sentence.is_empty() && !sentence.contains('{'),
                "{reason}: {sentence}"
            );
        }
        let details = r#"{"reason":"payment_method_required","billingUrl":"https://b"}"#;
        assert!(hint(409, details).contains("https://b"));
    }

    #[test]
    fn a_servers_words_are_quoted_in_commands_and_used_once() {
        let details = r#"{"reason":"moderation_blocked","jobId":"x; rm -r {reason} #"}"#;
        let sentence = hint(409, details);
        assert!(
            sentence.contains("--job-id 'x; rm -r {reason} #' --set"),
            "{sentence}"
        );
    }

    #[test]
    fn commands_in_hints_go_to_the_same_server() {
        assert_eq!(
            with_base_url("do `opentrain whoami`, not `this`", "http://x"),
            "do `opentrain whoami --base-url http://x`, not `this`"
        );
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
