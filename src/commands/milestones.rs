//! `milestones`: creating them, and asking to fund and to pay out.

use super::contracts::{self, CONTRACT_ID};
use super::{approvals, v1};
use crate::cli::{Advice, Command, Endpoint, Flag, Invocation, Kind, Namespace, Repeat, View};
use crate::json::Object;
use crate::view::Page;

/// The milestone that a command is about.
pub(super) const MILESTONE_ID: Flag = Flag::id(
    "milestone-id",
    "<id>",
    "The milestone, from `opentrain contracts get --contract-id <id>`",
);
const DESCRIPTION: Flag = Flag::text("description", "<text>", "What is to be done")
    .required()
    .body("description");
const NAME: Flag = Flag::text("name", "<name>", "A short name").body("name");
const AMOUNT: Flag = Flag::new(
    "amount",
    Kind::Amount,
    "<usd>",
    "USD; a fixed-price contract needs it",
)
.body("amountUsd");
const VOLUME: Flag = Flag::new(
    "volume",
    Kind::Amount,
    "<n>",
    "Hours or labels; an hourly or per-label contract needs it",
)
.body("volume");
const DUE_DATE: Flag = Flag::new(
    "due-date",
    Kind::Date,
    "<iso>",
    "When it is due, such as 2026-07-01",
)
.body("dueDate");

/// What all writes on milestones have in common.
const fn endpoint(path: &'static str) -> Option<Endpoint> {
    Some(
        v1("POST", path)
            .scope("payments:write")
            .feature("public_api_payments_write")
            .claimed(),
    )
}

const SAME_APPROVAL: Advice =
    Advice::text("run it again: while an approval is pending the same one comes back");

static CREATE: Command = Command {
    words: &["milestones", "create"],
    summary: "Add an unfunded milestone to a contract; no money moves",
    about: "With --amount and --volume, the amount must be the contract's rate times the volume.",
    flags: &[CONTRACT_ID, DESCRIPTION, NAME, AMOUNT, VOLUME, DUE_DATE],
    endpoint: endpoint("/contracts/{contract-id}/milestones"),
    if_lost: Advice::new(
        "check with `{}` before running it again: it would make a second one",
        &[contracts::LOOK],
    ),
    examples: &[
        "opentrain milestones create --contract-id ct_4 --description \"Batch 2\" --amount 250",
        "opentrain milestones create ct_4 --description \"Ten hours\" --volume 10 --due-date 2026-07-01",
    ],
    view: View::Summary(&created),
    tool: Some("create_milestone"),
    ..Command::BASE
};

/// Asks to fund a milestone.
pub(super) static FUND: Command = Command {
    words: &["milestones", "fund"],
    summary: "Ask to fund a milestone; a human confirms it at a URL",
    about: "Moves no money: it records an approval that a signed-in human confirms within about 72 hours.",
    flags: &[MILESTONE_ID],
    endpoint: endpoint("/milestones/{milestone-id}/fund"),
    repeat: Repeat::Always,
    if_lost: SAME_APPROVAL,
    examples: &["opentrain milestones fund --milestone-id ms_2"],
    view: approvals::REQUESTED,
    outcome: Some(&approvals::APPROVAL),
    tool: Some("request_milestone_funding"),
    ..Command::BASE
};

static APPROVE: Command = Command {
    words: &["milestones", "approve"],
    summary: "Ask to pay out a milestone; a human confirms it at a URL",
    about: "Releases no money: it records an approval that a signed-in human confirms within about 72 hours.",
    flags: &[MILESTONE_ID],
    endpoint: endpoint("/milestones/{milestone-id}/approve"),
    repeat: Repeat::Always,
    if_lost: SAME_APPROVAL,
    examples: &["opentrain milestones approve --milestone-id ms_2"],
    view: approvals::REQUESTED,
    outcome: Some(&approvals::APPROVAL),
    tool: Some("request_milestone_approval"),
    ends: true,
    ..Command::BASE
};

/// The commands of this namespace.
pub(super) static NAMESPACE: Namespace = Namespace {
    name: "milestones",
    summary: "milestones of a contract, funding and payout",
    commands: &[&CREATE, &FUND, &APPROVE],
    recipe: None,
};

fn created(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let milestone = reply.get("milestone").object()?;
    let id = milestone.text("id")?;
    page.line(format_args!(
        "Milestone {id} was created, not funded; no money has moved."
    ));
    let asked = [
        inv.get(&AMOUNT).map(|amount| format!("{amount} USD")),
        inv.get(&VOLUME)
            .map(|volume| format!("{volume} hours or labels")),
    ];
    let asked: Vec<String> = asked.into_iter().flatten().collect();
    page.pairs(
        2,
        &[
            (
                "asked for",
                (!asked.is_empty()).then(|| asked.join(", ").into()),
            ),
            // Whether a hire's fee also applies to later milestones is not documented.
            (
                "on top",
                Some("fees, which the human sees before confirming".into()),
            ),
        ],
    );
    page.blank();
    let fund = inv.step(&FUND, [MILESTONE_ID.is(id)]);
    contracts::MILESTONES.elements([reply.get("milestone").object()].into_iter(), page)?;
    page.step("Ask to fund it with", &fund);
    Some(())
}
