//! The known reasons for refusals, each with one plain sentence: data for `hints`.
//!
//! Source: API.md, sections 2 and 7.
//! The lists are open: an unknown reason simply has no sentence.

use crate::cli::{Advice, Fill, Next};

/// The scopes that only a claimed account has (API.md, section 6).
pub(crate) const CLAIMED_SCOPES: [&str; 3] = ["proposals:write", "messages:write", "team:write"];

/// Where a human makes a token, in a sentence.
pub(super) const API_KEYS: &str = "https://app.opentrain.ai/employer-settings?tab=api-keys";

/// Saves another token.
pub(super) const LOGIN: Next = Next::with("auth login", &[("api-key", Fill::Text("-"))]);
/// Hands the account to a human.
pub(super) const CLAIM: Next = Next::with("auth claim", &[("email", Fill::Blank("<human-email>"))]);
/// Makes a link where a human can buy credits; how much is theirs to say.
const TOP_UP: Next = Next::with("credits top-up", &[("amount", Fill::Blank("<usd>"))]);
const JOB: (&str, Fill) = ("job-id", Fill::Known("jobId", "<id>"));
const PUBLISH: Next = Next::with("jobs publish", &[JOB]);
/// Sets a field of the job's draft.
pub(super) const DRAFT_UPDATE: Next = Next::with(
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

/// A known reason: the status that comes with it (0 for any), `details.reason` of the API or the
/// slug of agent registration, and the sentence.
pub(super) type Reason = (u16, &'static str, Advice);

/// The known reasons. Of several sentences for one reason, the first that can be filled in wins.
pub(super) const REASONS: &[Reason] = &[
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
            "the edit was applied all the same, and job {jobId} is a draft again: fix it with `{}`, then run `{}`",
            &[DRAFT_UPDATE, PUBLISH],
        ),
    ),
    (
        409,
        "moderation_blocked",
        Advice::new(
            "the edit was applied all the same, and the job is a draft again: fix it with `{}`, then run `{}`",
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
        Advice::text("this conversation is read-only"),
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
        Advice::text("that user is not an AI trainer; use the candidate's id from a proposal"),
    ),
    (
        0,
        "freelancer_unavailable",
        Advice::text("that trainer is not taking invitations now; invite another one"),
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
            "that address already has an OpenTrain account; use another one, or make a token in that account and run `{}`",
            &[LOGIN],
        ),
    ),
    (
        0,
        "expired_token",
        Advice::new(
            "the claim window of about 24 hours is over; start over with `{}`",
            &[Next::with("auth register", &[("force", Fill::Switch)])],
        ),
    ),
    (
        0,
        "invalid_grant",
        Advice::new(
            "the claim token is unknown, or the new token was already delivered; if it was lost, make one in the app and run `{}`",
            &[LOGIN],
        ),
    ),
    (
        0,
        "rate_limit_exceeded",
        Advice::text("too many tries; wait a while and run it again"),
    ),
];

/// Refusals without a reason that a key of `details` tells apart, most telling first.
pub(super) const DETAILS: &[(&str, Advice)] = &[
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
        "requiredCents",
        Advice::new(
            "not enough credits: {requiredCents} required; `{}` makes a link where a human can buy more",
            &[TOP_UP],
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
];

/// Refusals that are told apart only by their status.
pub(super) const STATUSES: &[(u16, Advice)] = &[
    (
        402,
        Advice::new(
            "not enough credits; `{}` makes a link where a human can buy more",
            &[TOP_UP],
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
        Advice::text("a limit was reached; wait, then run it again"),
    ),
];

/// All sentences, for the test that their commands exist.
#[cfg(test)]
pub(crate) fn all() -> impl Iterator<Item = &'static Advice> {
    let reasons = REASONS.iter().map(|(_, _, advice)| advice);
    let details = DETAILS.iter().map(|(_, advice)| advice);
    reasons
        .chain(details)
        .chain(STATUSES.iter().map(|(_, advice)| advice))
}
