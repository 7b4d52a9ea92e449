//! `approvals`: what a human has to confirm before money moves.

use super::v1;
use crate::cli::{Command, Flag, Invocation, Namespace, Outcome, View, WAIT};
use crate::json::{Object, Value};
use crate::step::Argument;
use crate::view::Page;

/// The approval that a command is about.
pub(super) const APPROVAL_ID: Flag = Flag::id(
    "approval-id",
    "<id>",
    "The approval, from the request for it",
);

/// Looks at one approval.
pub(super) static GET: Command = Command {
    words: &["approvals", "get"],
    summary: "Show whether a human has confirmed an approval",
    about: "An approval is pending, confirmed, declined or expired; it expires after about 72 hours.\n\
            Once it is confirmed, what it asked for is done.",
    flags: &[APPROVAL_ID],
    endpoint: Some(v1("GET", "/approvals/{approval-id}").scope("payments:read")),
    examples: &[
        "opentrain approvals get --approval-id ap_6",
        "opentrain approvals get --approval-id ap_6 --wait",
    ],
    view: View::Summary(&approval),
    outcome: Some(&APPROVAL),
    tool: Some("get_approval"),
    waiting_tool: Some("wait_for_approval"),
    ..Command::BASE
};

/// What a human decides about an approval (API.md, section 16).
pub(super) static APPROVAL: Outcome = approval_unless(false);
/// The same where the call may take effect without one.
pub(super) static APPROVAL_IF_NEEDED: Outcome = approval_unless(true);

const fn approval_unless(may_be_at_once: bool) -> Outcome {
    Outcome {
        name: "the approval",
        key: "approval",
        url: "approvalUrl",
        done: "confirmed",
        failed: &["declined", "expired", "canceled", "cancelled"],
        undone: "nothing was done",
        may_be_at_once,
        look: &GET,
        id: &APPROVAL_ID,
    }
}

/// The commands of this namespace.
pub(super) static NAMESPACE: Namespace = Namespace {
    name: "approvals",
    summary: "what waits for a human's confirmation",
    commands: &[&GET],
    recipe: None,
};

/// The summary of a request for an approval.
pub(super) const REQUESTED: View = View::Summary(&requested);

/// What each type of approval asks for (API.md, section 16).
fn subject(approval_type: &str) -> &'static str {
    match approval_type {
        "proposal_hire" => "Hire",
        "milestone_fund" => "Funding of the milestone",
        "milestone_approve" => "Payout of the milestone",
        "contract_end" => "End of the contract",
        _ => "The action",
    }
}

/// The summary of a 202: something was requested, nothing has happened.
pub(super) fn requested(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let asked = reply.get("approval").object()?;
    if asked.text("status")? != "pending" {
        // The server returned an approval that is already decided.
        return approval(inv, reply, page);
    }
    page.line(format_args!(
        "{} requested, not done: a human must confirm it. No money has moved.",
        subject(&asked.text("type").unwrap_or_default())
    ));
    details(inv, &asked, page)
}

fn approval(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let found = reply.get("approval").object()?;
    let id = found.text("id")?;
    let status = found.text("status")?;
    let outcome = match status.as_ref() {
        "pending" => "a human must confirm it; nothing has happened yet",
        "confirmed" => "it is done",
        "declined" => "a human refused; nothing was done",
        "expired" => "nobody confirmed in time; nothing was done",
        _ => "see the app",
    };
    page.line(format_args!(
        "{} ({id}) is {status}: {outcome}.",
        subject(&found.text("type").unwrap_or_default())
    ));
    details(inv, &found, page)
}

fn details(inv: &Invocation, approval: &Object<'_>, page: &mut Page) -> Option<()> {
    let (id, status) = (approval.text("id")?, approval.text("status")?);
    // A status that nobody has heard of decides nothing.
    let pending = status != APPROVAL.done && !APPROVAL.failed.contains(&status.as_ref());
    if let (true, Some(url)) = (pending, approval.text("approvalUrl")) {
        page.url(&url);
    }
    let result = approval.part("result")?;
    let words = |(key, value): (&str, Value<'_>)| Some(format!("{key} {}", value.text()?));
    let results: Vec<String> = result.iter().filter_map(words).collect();
    page.pairs(
        2,
        &[
            ("approval", Some(format!("{id}, {status}").into())),
            (
                "asked for",
                inv.named("amount")
                    .map(|amount| format!("{amount} USD").into()),
            ),
            (
                "on top",
                inv.named("amount")
                    .map(|_| "10% of it and 9.95 USD, charged when a human confirms".into()),
            ),
            ("job", approval.text("jobId")),
            ("proposal", approval.text("proposalId")),
            ("contract", approval.text("contractId")),
            ("milestone", approval.text("milestoneId")),
            ("expires", approval.text("expiresAt").filter(|_| pending)),
            ("resolved", approval.text("resolvedAt")),
            (
                "result",
                (!results.is_empty()).then(|| results.join(", ").into()),
            ),
        ],
    );
    if pending {
        let wait = [APPROVAL_ID.is(id), WAIT.on()];
        page.step("Wait for it with", &inv.step(&GET, wait));
    } else if let Some(contract) = result.text("contractId") {
        let id = Argument::Value("contract-id", contract.into_owned());
        page.step("See the contract with", &inv.step_to("contracts get", [id]));
    }
    Some(())
}
