//! `contracts`: what comes of a hire.

use std::borrow::Cow;

use super::{JOB_ID, approvals, call, cell, joined, list, show, usd};
use crate::cli::{Command, Flag, Invocation, Namespace};
use crate::commands::v1;
use crate::output::Page;
use crate::output::json::{Object, Value};

/// The contract that a command is about.
pub const CONTRACT_ID: Flag = Flag::id(
    "contract-id",
    "<id>",
    "The contract, as shown by `opentrain contracts list`",
);
/// Narrows a list to one job.
pub const ONE_JOB: Flag = {
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
pub const LIST: Command = Command {
    words: &["contracts", "list"],
    summary: "List contracts, newest first",
    about: "One row a contract; the list comes whole.",
    flags: &[ONE_JOB, STATUS],
    endpoint: Some(v1("GET", "/contracts").scope("payments:read")),
    examples: &["opentrain contracts list --status active"],
    run: |inv| show(inv, &call(inv)?, contracts),
    ..Command::BASE
};

/// Shows one contract.
pub const GET: Command = Command {
    words: &["contracts", "get"],
    summary: "Show a contract: milestones, budget, conversation",
    about: "The budget counts the work reported so far against what is funded.",
    flags: &[CONTRACT_ID],
    endpoint: Some(v1("GET", "/contracts/{contract-id}").scope("payments:read")),
    examples: &["opentrain contracts get --contract-id ct_4"],
    run: |inv| show(inv, &call(inv)?, contract),
    ..Command::BASE
};

const END: Command = Command {
    words: &["contracts", "end"],
    summary: "End a contract; with funded milestones a human confirms it",
    about: "Without funded milestones the contract ends at once.\n\
            With them it records an approval that a signed-in human confirms.",
    flags: &[CONTRACT_ID],
    endpoint: Some(
        v1("POST", "/contracts/{contract-id}/end")
            .scope("payments:write")
            .feature("public_api_payments_write")
            .claimed(),
    ),
    if_lost: "look with `opentrain contracts get --contract-id <id>`; while an approval is pending the same one comes back",
    examples: &["opentrain contracts end --contract-id ct_4"],
    run: |inv| show(inv, &call(inv)?, ended),
    ..Command::BASE
};

/// The commands of this namespace.
pub static NAMESPACE: Namespace = Namespace {
    name: "contracts",
    summary: "contracts after a hire",
    commands: &[LIST, GET, END],
};

fn contracts(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let headings = ["ID", "STATUS", "PAY", "JOB", "TRAINER", "TITLE"];
    list(
        inv,
        reply,
        page,
        "contracts",
        "No contracts.",
        headings,
        |contract| {
            let trainer = contract.part("freelancer")?;
            Some([
                cell(contract, "id"),
                cell(contract, "status"),
                pay(contract),
                cell(contract, "jobId"),
                cell(&trainer, "displayName"),
                cell(contract, "title"),
            ])
        },
    )
}

fn pay(contract: &Object<'_>) -> String {
    let rate = usd(contract.text("rateUsd"));
    let parts = [contract.text("paymentType"), rate.map(Cow::Owned)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
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
            (
                "pay",
                Some(pay(&contract).into()).filter(|p: &Cow<'_, str>| !p.is_empty()),
            ),
            (
                "estimate",
                usd(contract.text("estimatedTotalUsd")).map(Cow::Owned),
            ),
            ("started", contract.text("startDate")),
            ("ended", contract.text("endDate")),
            ("conversation", contract.text("jobDmConversationId")),
            ("budget", bar(&budget).map(Cow::Owned)),
            ("funded", funded(&budget).map(Cow::Owned)),
            ("last work", budget.text("lastUsageAt")),
        ],
    );
    if contract.get("milestones").is_null() {
        return Some(());
    }
    let milestones = contract.get("milestones").items()?;
    if milestones.is_empty() {
        page.line("No milestones.");
        return Some(());
    }
    page.blank();
    milestone_table(&milestones, page)?;
    let next = milestones
        .iter()
        .filter_map(|m| m.object())
        .filter(|_| status == "active")
        .find(|m| {
            m.text("status").as_deref() == Some("NOT_FUNDED") && !m.get("pendingApproval").is_true()
        });
    if let Some(milestone) = next.as_ref().and_then(|m| m.text("id")) {
        let fund = inv.next(
            &super::milestones::FUND,
            &[(&super::milestones::MILESTONE_ID, &milestone)],
        );
        page.line(format_args!("Ask to fund {milestone} with: {fund}"));
    }
    Some(())
}

/// The used share as twenty characters, with its state. The share is 0 to 1 with up to four
/// decimals; it can be more than 1 when more was worked than funded.
fn bar(budget: &Object<'_>) -> Option<String> {
    let share: f64 = budget.text("consumedFraction")?.parse().ok()?;
    let filled = (share.clamp(0.0, 1.0) * 20.0).round() as usize;
    let percent = (share * 10_000.0).round() / 100.0;
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
fn funded(budget: &Object<'_>) -> Option<String> {
    let amount = usd(budget.text("fundedAmountUsd"));
    let unit = match budget.text("paymentType").as_deref() {
        Some("FIXED_PRICE") => return amount,
        Some("PAY_PER_HOUR") => " hours",
        Some("PAY_PER_LABEL") => " labels",
        _ => "",
    };
    let volume = |key: &str, what: &str| Some(format!("{}{unit}{what}", budget.text(key)?).into());
    let parts = [
        amount.map(Cow::Owned),
        volume("fundedVolume", ""),
        volume("consumedVolume", " used"),
        volume("remainingVolume", " left"),
    ];
    joined(parts).map(Cow::into_owned)
}

/// Milestones, one row each.
pub fn milestone_table(milestones: &[Value<'_>], page: &mut Page) -> Option<()> {
    let rows: Option<Vec<[String; 6]>> = milestones
        .iter()
        .map(|milestone| {
            let milestone = milestone.object()?;
            let waits = [
                ("pendingApproval", "approval pending"),
                ("needsReview", "needs review"),
            ];
            let remarks = waits.iter().filter(|(key, _)| milestone.get(key).is_true());
            let name = milestone.text("name").or(milestone.text("description"));
            let name: Vec<String> = name
                .map(Cow::into_owned)
                .into_iter()
                .chain(remarks.map(|(_, words)| format!("({words})")))
                .collect();
            Some([
                cell(&milestone, "id"),
                cell(&milestone, "status"),
                usd(milestone.text("amountUsd")).unwrap_or_default(),
                cell(&milestone, "volume"),
                cell(&milestone, "dueDate"),
                name.join(" "),
            ])
        })
        .collect();
    page.table(
        ["MILESTONE", "STATUS", "AMOUNT", "VOLUME", "DUE", "NAME"],
        &rows?,
    );
    Some(())
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
