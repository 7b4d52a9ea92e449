//! `proposals hire`: asking to hire a candidate. Nobody is hired here: a human confirms.

use super::PROPOSAL_ID;
use crate::cli::{Advice, Command, Fill, Flag, Invocation, Kind, Next};
use crate::commands::{approvals, v1};
use crate::error::{Error, Hint, Refusal};
use crate::json::{self, Object};

pub(super) const AMOUNT: Flag = Flag::new(
    "amount",
    Kind::Amount,
    "<usd>",
    "The first milestone in USD; the human pays 10% and 9.95 USD on top",
)
.required();
const MILESTONE_NAME: Flag = Flag::text("milestone-name", "<name>", "Name of the first milestone")
    .default("First milestone, when there is no description either");
const MILESTONE_DESCRIPTION: Flag = Flag::text(
    "milestone-description",
    "<text>",
    "What the first milestone is for",
);
const DUE_DATE: Flag = Flag::new(
    "due-date",
    Kind::Date,
    "<iso>",
    "When it is due, such as 2026-07-01",
);
const OVERRIDE: Flag = Flag::switch(
    "confirm-not-fit-override",
    "Hire although the proposal is marked Not a fit",
);

pub(super) static HIRE: Command = Command {
    words: &["proposals", "hire"],
    summary: "Ask to hire; a human confirms it at a URL",
    about: "Hires nobody and moves no money: it records an approval that a signed-in human confirms within about 72 hours.\n\
            Needs a payment method or enough credits on the account.\n\
            While it is pending, the same terms give the same approval, and others replace it.\n\
            After that, the same terms ask for a second contract.",
    flags: &[
        PROPOSAL_ID,
        AMOUNT,
        MILESTONE_NAME,
        MILESTONE_DESCRIPTION,
        DUE_DATE,
        OVERRIDE,
    ],
    endpoint: Some(
        v1("POST", "/proposals/{proposal-id}/hire")
            .scope("proposals:write")
            .feature("public_api_hiring")
            .claimed(),
    ),
    timeout: 120,
    if_lost: Advice::new(
        "check with `{}` first: if it shows HIRED, a human has confirmed, and the same terms would ask for a second contract; while the approval is pending, the same terms give the same one",
        &[Next::with(
            "proposals get",
            &[("proposal-id", Fill::Known("proposalId", "<id>"))],
        )],
    ),
    examples: &[
        "opentrain proposals hire --proposal-id prop_5 --amount 500",
        "opentrain proposals hire prop_5 --amount 250.50 --milestone-name Batch-A --due-date 2026-07-01",
    ],
    body: Some(terms),
    view: approvals::REQUESTED,
    outcome: Some(&approvals::APPROVAL),
    if_refused: Some(suggest_override),
    tool: Some("hire_proposal"),
    ..Command::BASE
};

/// The body has a milestone with `amount`, where milestone creation says `amountUsd`. A
/// milestone needs a name or a description (API.md, D5).
fn terms(inv: &Invocation) -> Result<String, Error> {
    let mut milestone = Object::default();
    for (flag, key) in [
        (&MILESTONE_NAME, "name"),
        (&MILESTONE_DESCRIPTION, "description"),
        (&DUE_DATE, "dueDate"),
    ] {
        if let Some(text) = inv.get(flag) {
            milestone.set(key, json::quote(text));
        }
    }
    if !inv.has(&MILESTONE_NAME) && !inv.has(&MILESTONE_DESCRIPTION) {
        milestone.set("name", json::quote("First milestone"));
    }
    milestone.set("amount", inv.need(&AMOUNT));
    let mut body = Object::default();
    body.set("milestone", milestone.to_string());
    if inv.has(&OVERRIDE) {
        body.set("confirmNotFitOverride", "true");
    }
    Ok(body.to_string())
}

/// The reason for a conflict over a proposal marked Not a fit is not documented: any conflict
/// without a sentence of its own may be one.
fn suggest_override(inv: &Invocation, refusal: &Refusal) -> Option<Hint> {
    (refusal.status == 409 && !inv.has(&OVERRIDE)).then(|| {
        "if the proposal is marked Not a fit and you want it anyway, run this again with --confirm-not-fit-override".into()
    })
}
