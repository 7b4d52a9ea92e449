//! `contracts`: what comes of a hire.

use std::borrow::Cow;

use super::{JOB_ID, approvals, v1};
use crate::cli::{Advice, Command, Fill, Flag, Invocation, Namespace, Next, Repeat, View};
use crate::json::{Object, Value};
use crate::step::Argument;
use crate::view::words::{Words, cell, joined, usd};
use crate::view::{List, Page, column, field};

/// The contract that a command is about.
pub(super) const CONTRACT_ID: Flag = Flag::id(
    "contract-id",
    "<id>",
    "The contract, from `opentrain contracts list`",
);
/// Narrows a list to one job.
pub(super) const ONE_JOB: Flag = {
    let mut flag = JOB_ID.query("jobId");
    flag.required = false;
    flag.positional = false;
    flag.help = "Only contracts of this job";
    flag
};
const STATUS: Flag = Flag::choice(
    "status",
    "<which>",
    &["active", "ended"],
    "Only contracts in this state",
)
.query("status");

/// Lists contracts.
pub(super) static LIST: Command = Command {
    words: &["contracts", "list"],
    summary: "List contracts, newest first",
    about: "Not paginated.",
    flags: &[ONE_JOB, STATUS],
    endpoint: Some(v1("GET", "/contracts").scope("payments:read")),
    examples: &["opentrain contracts list --status active"],
    view: View::List(CONTRACTS),
    tool: Some("list_contracts"),
    ..Command::BASE
};

/// Shows one contract.
pub(super) static GET: Command = Command {
    words: &["contracts", "get"],
    summary: "Show a contract: milestones, budget, conversation",
    about: "The budget counts the work reported so far against what is funded.",
    flags: &[CONTRACT_ID],
    endpoint: Some(v1("GET", "/contracts/{contract-id}").scope("payments:read")),
    examples: &["opentrain contracts get --contract-id ct_4"],
    view: View::Summary(&contract),
    tool: Some("get_contract"),
    ..Command::BASE
};

/// Shows the contract of this call.
pub(super) const LOOK: Next = Next::with(
    "contracts get",
    &[("contract-id", Fill::Known("contractId", "<id>"))],
);

static END: Command = Command {
    words: &["contracts", "end"],
    summary: "End a contract; with funded milestones a human confirms it",
    about: "Without funded milestones it ends at once; with them an approval is recorded.",
    flags: &[CONTRACT_ID],
    endpoint: Some(
        v1("POST", "/contracts/{contract-id}/end")
            .scope("payments:write")
            .feature("public_api_payments_write")
            .claimed(),
    ),
    repeat: Repeat::Always,
    if_lost: Advice::new(
        "check with `{}`; while an approval is pending the same one comes back",
        &[LOOK],
    ),
    examples: &["opentrain contracts end --contract-id ct_4"],
    view: View::Summary(&ended),
    outcome: Some(&approvals::APPROVAL_IF_NEEDED),
    tool: Some("end_contract"),
    ends: true,
    ..Command::BASE
};

/// The commands of this namespace.
pub(super) static NAMESPACE: Namespace = Namespace {
    name: "contracts",
    summary: "contracts after a hire",
    commands: &[&LIST, &GET, &END],
    recipe: None,
};

const CONTRACTS: List = List::whole(
    "contracts",
    "No contracts.",
    &[
        field("ID", "id"),
        field("STATUS", "status"),
        column("PAY", |contract| Some(cell(pay(contract)))),
        column("MILESTONES", milestone_counts),
        field("JOB", "jobId"),
        column("TRAINER", |contract| {
            let trainer = contract.part("freelancer")?;
            Some(cell(trainer.text("displayName")))
        }),
        field("TITLE", "title"),
    ],
);

/// How many milestones there are, and how many are funded.
fn milestone_counts(contract: &Object<'_>) -> Option<String> {
    let Some(milestones) = contract.get("milestones").items() else {
        return Some(String::new());
    };
    let is_funded = |m: &&Value<'_>| {
        let status = m
            .object()
            .and_then(|m| m.text("status").map(|s| s.into_owned()));
        status.as_deref() == Some("ACTIVE_FUNDED")
    };
    let funded = milestones.iter().filter(is_funded).count();
    Some(format!("{}, {funded} funded", milestones.len()))
}

fn pay(contract: &Object<'_>) -> Words<'static> {
    let rate = usd(contract.text("rateUsd"));
    let parts = [contract.text("paymentType"), rate];
    let parts: Vec<Cow<'_, str>> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" ").into())
}

fn contract(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let contract = reply.get("contract").object()?;
    let (id, status) = (contract.text("id")?, contract.text("status")?);
    let title = contract
        .text("title")
        .map(|t| format!(": {t}"))
        .unwrap_or_default();
    page.line(format_args!("Contract {id} is {status}{title}"));
    let trainer = contract.part("freelancer")?;
    let user = trainer
        .text("userId")
        .map(|u| format!(" ({u})"))
        .unwrap_or_default();
    let name = match (trainer.text("displayName"), trainer.text("country")) {
        (Some(name), Some(country)) => Some(format!("{name}, {country}{user}")),
        (Some(name), None) => Some(format!("{name}{user}")),
        (None, _) => None,
    };
    let budget = contract.part("budget")?;
    page.pairs(
        2,
        &[
            ("trainer", name.map(Cow::Owned)),
            ("job", contract.text("jobId")),
            ("proposal", contract.text("proposalId")),
            ("pay", pay(&contract)),
            ("estimate", usd(contract.text("estimatedTotalUsd"))),
            ("started", contract.text("startDate")),
            ("ended", contract.text("endDate")),
            ("conversation", contract.text("jobDmConversationId")),
            ("budget", bar(&budget).map(Cow::Owned)),
            ("funded", funded(&budget)),
            ("last work", budget.text("lastUsageAt")),
        ],
    );
    if contract.get("milestones").is_null() {
        return Some(());
    }
    let milestones = contract.get("milestones").items()?;
    if !milestones.is_empty() {
        page.blank();
    }
    MILESTONES.write(&contract, page)?;
    let fundable = |milestone: &Object<'_>| {
        milestone.text("status").as_deref() == Some("NOT_FUNDED")
            && !milestone.get("pendingApproval").is_true()
    };
    let mut objects = milestones.iter().filter_map(|m| m.object());
    let next = objects.find(|milestone| status == "active" && fundable(milestone));
    if let Some(id) = next.as_ref().and_then(|m| m.text("id")) {
        let milestone = Argument::Value("milestone-id", id.to_string());
        page.step(
            &format!("Ask to fund {id} with"),
            &inv.step_to("milestones fund", [milestone]),
        );
    }
    Some(())
}

/// The used share as twenty characters, with its state. The share is 0 to 1 with up to four
/// decimals; it can be more than 1 when more was worked than funded.
fn bar(budget: &Object<'_>) -> Option<String> {
    let share = budget.get("consumedFraction").decimal(4)?;
    let filled = (share.min(10_000) * 20 + 5_000) / 10_000;
    let filled = usize::try_from(filled).unwrap_or(20);
    let percent = format!("{}.{:02}", share / 100, share % 100);
    let percent = percent.trim_end_matches('0').trim_end_matches('.');
    let state = budget
        .text("state")
        .map(|s| format!(", {s}"))
        .unwrap_or_default();
    Some(format!(
        "[{}{}] {percent}% used{state}",
        "#".repeat(filled),
        "-".repeat(20 - filled)
    ))
}

/// What is funded, and how much of its volume is used. A fixed price has no volume.
fn funded(budget: &Object<'_>) -> Words<'static> {
    let amount = usd(budget.text("fundedAmountUsd"));
    let unit = match budget.text("paymentType").as_deref() {
        Some("FIXED_PRICE") => return amount,
        Some("PAY_PER_HOUR") => " hours",
        Some("PAY_PER_LABEL") => " labels",
        _ => "",
    };
    let volume =
        |key: &str, of_it: &str| Some(format!("{}{unit}{of_it}", budget.text(key)?).into());
    joined([
        amount,
        volume("fundedVolume", ""),
        volume("consumedVolume", " used"),
        volume("remainingVolume", " left"),
    ])
}

/// The milestones of a contract.
pub(super) const MILESTONES: List = List::whole(
    "milestones",
    "No milestones.",
    &[
        field("MILESTONE", "id"),
        field("STATUS", "status"),
        column("AMOUNT", |milestone| {
            Some(cell(usd(milestone.text("amountUsd"))))
        }),
        field("VOLUME", "volume"),
        field("DUE", "dueDate"),
        column("NAME", milestone_name),
    ],
);

/// Its name, and what it waits for.
fn milestone_name(milestone: &Object<'_>) -> Option<String> {
    let waits = [
        ("pendingApproval", "(approval pending)"),
        ("needsReview", "(needs review)"),
    ];
    let waits = waits
        .into_iter()
        .filter(|(key, _)| milestone.get(key).is_true());
    let name = milestone.text("name").or(milestone.text("description"));
    let words: Vec<Cow<'_, str>> = name
        .into_iter()
        .chain(waits.map(|(_, words)| words.into()))
        .collect();
    Some(words.join(" "))
}

/// Two outcomes: ended at once, or an approval to confirm.
fn ended(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    if !reply.get("approval").is_null() {
        return approvals::requested(inv, reply, page);
    }
    let (id, status) = (reply.text("contractId")?, reply.text("status")?);
    page.line(format_args!(
        "Contract {id} is {status}; nothing was funded, so no money moves."
    ));
    Some(())
}
