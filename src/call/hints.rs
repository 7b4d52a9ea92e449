//! What to do about an error: the known reasons, each with one plain sentence.
//!
//! Sources: conventions.md, section 2 (`details` keys and reasons); auth.md, sections 2 to 4.
//! The lists are open: an unknown reason simply has no sentence.

use crate::cli::{Advice, Fill, Invocation, Next};
use crate::error::{Error, Failure, Hint, Refusal};
use crate::json::Object;

/// The scopes that only a claimed account has (conventions.md, section 7).
pub const CLAIMED_SCOPES: [&str; 3] = ["proposals:write", "messages:write", "team:write"];

/// Where a human makes a token, in a sentence.
const API_KEYS: &str = "https://app.opentrain.ai/employer-settings?tab=api-keys";

const LOGIN: Next = Next::with("auth login", &[("api-key", Fill::Text("-"))]);
const CLAIM: Next = Next::with("auth claim", &[("email", Fill::Blank("<human-email>"))]);
const JOB: (&str, Fill) = ("job-id", Fill::Known("jobId", "<id>"));
const PUBLISH: Next = Next::with("jobs publish", &[JOB]);
const DRAFT_UPDATE: Next = Next::with(
    "jobs draft update",
    &[JOB, ("set", Fill::Blank("<field=value>"))],
);
const CONTRACT: Next = Next::with(
    "contracts get",
    &[("contract-id", Fill::Known("contractId", "<id>"))],
);
const FUND: Next = Next::with(
    "milestones fund",
    &[("milestone-id", Fill::Known("milestoneId", "<id>"))],
);

/// A known reason: the status with which it comes (0 for any), `details.reason` of the API or
/// the slug of agent registration, and the sentence.
type Reason = (u16, &'static str, Advice);

const REASONS: &[Reason] = &[
    (
        0,
        "account_claim_required",
        Advice::new("this account has no human owner yet. Run: {}", &[CLAIM]),
    ),
    (
        0,
        "teams_not_enabled",
        Advice::text("teams are not enabled for this account; only OpenTrain can turn them on"),
    ),
    (
        403,
        "moderation_blocked",
        Advice::new(
            "moderation refused the job; change what it names with `{}` and publish again",
            &[DRAFT_UPDATE],
        ),
    ),
    (
        409,
        "moderation_blocked",
        Advice::new(
            "the edit was applied all the same, and job {jobId} is a draft again: mend it with `{}`, then run `{}`",
            &[DRAFT_UPDATE, PUBLISH],
        ),
    ),
    (
        409,
        "moderation_blocked",
        Advice::new(
            "the edit was applied all the same, and the job is a draft again: mend it with `{}`, then run `{}`",
            &[DRAFT_UPDATE, PUBLISH],
        ),
    ),
    (
        0,
        "employer_first_message_required",
        Advice::text("only the employer can write first; wait for the employer's message"),
    ),
    (
        0,
        "message_policy_blocked",
        Advice::text(
            "the message breaks a rule of the platform, such as asking for contact details; write it differently",
        ),
    ),
    (
        0,
        "read_only_conversation",
        Advice::text("this conversation can only be read"),
    ),
    (
        0,
        "message_blocked",
        Advice::text("messages in this conversation are blocked"),
    ),
    (
        0,
        "payment_method_required",
        Advice::text(
            "a human has to add a payment method or credits at {billingUrl}; then run this again",
        ),
    ),
    (
        0,
        "payment_method_required",
        Advice::text(
            "a human has to add a payment method or credits in the app, under Settings, Billing; then run this again",
        ),
    ),
    (
        0,
        "proposal_not_ready_for_messaging",
        Advice::text("the proposal has no candidate or job to talk about yet; try again later"),
    ),
    (
        0,
        "job_not_published",
        Advice::new("publish the job first: `{}`", &[PUBLISH]),
    ),
    (
        0,
        "not_a_freelancer",
        Advice::text("that user is no AI trainer; use the candidate's id of a proposal"),
    ),
    (
        0,
        "freelancer_unavailable",
        Advice::text("that trainer takes no invitations now; invite another one"),
    ),
    (
        0,
        "contract_ended",
        Advice::new(
            "the contract has ended; `{}` shows those that have not",
            &[Next::with(
                "contracts list",
                &[("status", Fill::Text("active"))],
            )],
        ),
    ),
    (
        0,
        "contract_rate_missing",
        Advice::text("the contract has no rate; a human has to set it in the app first"),
    ),
    (
        0,
        "milestone_not_fundable",
        Advice::new(
            "only a milestone that is NOT_FUNDED can be funded; `{}` shows their states",
            &[CONTRACT],
        ),
    ),
    (
        0,
        "milestone_not_funded",
        Advice::new(
            "only a funded milestone can be paid out; ask to fund it first: `{}`",
            &[FUND],
        ),
    ),
    (
        0,
        "invite_email_send_failed",
        Advice::text("the e-mail could not be sent; try again later"),
    ),
    (
        0,
        "anonymous_not_enabled",
        Advice::new(
            "this server does not register agents; make a token in the app and run `{}`",
            &[LOGIN],
        ),
    ),
    (
        0,
        "email_already_registered",
        Advice::new(
            "that address has an OpenTrain account already; use another one, or make a token in that account and run `{}`",
            &[LOGIN],
        ),
    ),
    (
        0,
        "expired_token",
        Advice::new(
            "the claim window of about 24 hours is over; start anew with `{}`",
            &[Next::with("auth register", &[("force", Fill::Switch)])],
        ),
    ),
    (
        0,
        "invalid_grant",
        Advice::new(
            "the claim token is unknown, or the new token was delivered already; if it was lost, make one in the app and run `{}`",
            &[LOGIN],
        ),
    ),
    (
        0,
        "rate_limit_exceeded",
        Advice::text("too many tries; wait a while and run it again"),
    ),
];

/// Refusals without a reason that a key of `details` tells apart, in order of weight.
const DETAILS: &[(&str, Advice)] = &[
    (
        "claimUrl",
        Advice::text("a human has to claim this account first, at {claimUrl}"),
    ),
    (
        "billingUrl",
        Advice::text(
            "a human has to add a payment method or credits at {billingUrl}; then run this again",
        ),
    ),
    (
        "featureKey",
        Advice::text(
            "the feature {featureKey} is off for this account; only OpenTrain can turn it on",
        ),
    ),
    (
        "validation",
        Advice::new(
            "the draft is not ready; set what `validation` names with `{}`",
            &[DRAFT_UPDATE],
        ),
    ),
    (
        "requiredStatus",
        Advice::new(
            "the job is {status}, not {requiredStatus}; a draft is edited with `{}`",
            &[DRAFT_UPDATE],
        ),
    ),
    (
        "windowHours",
        Advice::text("{limit} are allowed in {windowHours} hours; try again later"),
    ),
    (
        "supportedStatuses",
        Advice::text("the states are {supportedStatuses}"),
    ),
    ("field", Advice::text("look at what was given for {field}")),
];

/// Refusals that only their status tells apart.
const STATUSES: &[(u16, Advice)] = &[
    (
        401,
        Advice::new(
            "the token is missing, invalid, expired or revoked; `{}` saves another",
            &[LOGIN],
        ),
    ),
    (
        404,
        Advice::new(
            "check the id; another account's things are hidden, and `{}` shows which account this is",
            &[Next::new("whoami")],
        ),
    ),
    (
        429,
        Advice::text("a limit is reached; wait, then run it again"),
    ),
];

/// All sentences, for the test that their commands exist.
#[cfg(test)]
pub fn all() -> impl Iterator<Item = &'static Advice> {
    let reasons = REASONS.iter().map(|(_, _, advice)| advice);
    let details = DETAILS.iter().map(|(_, advice)| advice);
    reasons
        .chain(details)
        .chain(STATUSES.iter().map(|(_, advice)| advice))
}

/// Adds the sentence that says what to do next.
pub fn explain(error: Error, invocation: &Invocation) -> Error {
    let lost = invocation.command.if_lost;
    let if_lost = lost
        .for_call(invocation, &Object::default())
        .filter(|_| !lost.text.is_empty());
    let hint = match &error.failure {
        // A gateway does not know what became of a write.
        Failure::Refused(refusal) if matches!(refusal.status, 502..=504) => {
            if_lost.map(|hint| hint.after("whether it took effect is unknown; "))
        }
        Failure::Refused(refusal) => for_refusal(refusal, &error.text, invocation),
        Failure::Lost(_) => if_lost,
        _ => None,
    };
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

fn for_refusal(refusal: &Refusal, message: &str, invocation: &Invocation) -> Option<Hint> {
    let details = refusal.details();
    let known = |name: &str| {
        let fits = |r: &&Reason| r.1 == name && (r.0 == 0 || r.0 == refusal.status);
        let mut sentences = REASONS.iter().filter(fits);
        sentences.find_map(|(_, _, advice)| advice.for_call(invocation, &details))
    };
    // The API may put this slug into the description instead (K30).
    let slug = match message.contains("email_already_registered") {
        true => "email_already_registered",
        false => refusal.code.as_str(),
    };
    let by_key = || {
        let mut named = DETAILS
            .iter()
            .filter(|(key, _)| !details.get(key).is_null());
        named.find_map(|(_, advice)| advice.for_call(invocation, &details))
    };
    let by_status = || {
        let (_, advice) = STATUSES.iter().find(|(s, _)| *s == refusal.status)?;
        advice.for_call(invocation, &details)
    };
    details
        .text("reason")
        .and_then(|reason| known(&reason))
        .or_else(|| known(slug))
        .or_else(|| missing_scope(&details.get("requiredScopes").joined()?))
        .or_else(|| {
            let seconds = refusal.retry_after?;
            Some(format!("wait {seconds} s, then run it again").into())
        })
        .or_else(|| missing_fields(&details, invocation))
        .or_else(by_key)
        .or_else(by_status)
        .or_else(|| invocation.command.if_refused?(invocation, refusal))
}

/// The claim adds three scopes; any other comes with a token that a human makes in the app.
fn missing_scope(scopes: &str) -> Option<Hint> {
    let lacks = Hint::from(format!("the token lacks the scope {scopes}; "));
    let how = match CLAIMED_SCOPES.iter().any(|s| scopes.contains(s)) {
        true => lacks.and(
            "a claimed account has it (`{}`), or a",
            [CLAIM.in_general()],
        ),
        false => lacks.text("a"),
    };
    let made = format!(" human can make a token with it at {API_KEYS}, saved with `{{}}`");
    Some(how.and(&made, [LOGIN.in_general()]))
}

/// A draft that is not ready is refused with the fields that it lacks.
fn missing_fields(details: &Object<'_>, invocation: &Invocation) -> Option<Hint> {
    let validation = details.get("validation").object()?;
    let mut names = Vec::new();
    for field in validation.get("missingFields").items()? {
        let entry = field.object().unwrap_or_default();
        let keys = entry.get("updateKeys").joined();
        let name = keys.or_else(|| entry.text("field")).or(field.string());
        names.extend(name.map(|name| name.into_owned()));
    }
    const SET_EACH: Advice = Advice::new("; set each with `{}`", &[DRAFT_UPDATE]);
    let set = SET_EACH.for_call(invocation, details)?;
    (!names.is_empty()).then(|| set.after(&format!("the draft lacks {}", names.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::parse;
    use crate::commands::TABLE;

    fn call(line: &str) -> Invocation {
        parse(TABLE, line.split(' ').map(Into::into).collect()).unwrap()
    }

    fn hint(status: u16, details: &str) -> String {
        let refusal = Refusal {
            status,
            details: Some(details.into()),
            ..Refusal::default()
        };
        let hint = for_refusal(&refusal, "", &call("credits show"));
        hint.map(|h| h.to_string()).unwrap_or_default()
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
        let details = r#"{"reason":"moderation_blocked","jobId":"x; rm -r {reason} {} #"}"#;
        let sentence = hint(409, details);
        assert!(
            sentence.contains("--job-id 'x; rm -r {reason} {} #' --set"),
            "{sentence}"
        );
        assert!(
            sentence.contains("and job x; rm -r {reason} {} # is a draft"),
            "{sentence}"
        );
    }

    #[test]
    fn the_id_that_was_given_stands_in_the_next_command() {
        let refusal = Refusal {
            status: 409,
            details: Some(r#"{"reason":"job_not_published"}"#.into()),
            ..Refusal::default()
        };
        let invite = call("jobs invite job_7 --freelancer-id u");
        let hint = for_refusal(&refusal, "", &invite).map(|h| h.to_string());
        assert_eq!(
            hint.as_deref(),
            Some("publish the job first: `opentrain jobs publish --job-id job_7`")
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
