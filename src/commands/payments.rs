//! `payments`: what is owed or on its way.

use super::v1;
use crate::cli::{Command, Namespace, View};
use crate::view::words::{cell, joined, usd};
use crate::view::{List, column, field};

static PENDING: Command = Command {
    words: &["payments", "pending"],
    summary: "List payments that are not complete",
    about: "PENDING_FUNDING is owed by you, PENDING_PAYOUT is on its way.",
    endpoint: Some(v1("GET", "/payments/pending").scope("payments:read")),
    examples: &["opentrain payments pending"],
    view: View::List(PAYMENTS),
    tool: Some("list_pending_payments"),
    ..Command::BASE
};

/// The commands of this namespace.
pub(super) static NAMESPACE: Namespace = Namespace {
    name: "payments",
    summary: "payments that are not complete",
    commands: &[&PENDING],
    recipe: None,
};

const PAYMENTS: List = List::whole(
    "payments",
    "No pending payments.",
    &[
        field("ID", "id"),
        field("STATUS", "status"),
        field("KIND", "invoiceKind"),
        field("ROLE", "viewerRole"),
        column("AMOUNT", |payment| {
            Some(cell(usd(payment.text("amountUsd"))))
        }),
        field("CREATED", "createdAt"),
        column("JOB", |payment| Some(cell(payment.part("job")?.text("id")))),
        column("MILESTONE", |payment| {
            Some(cell(payment.part("milestone")?.text("id")))
        }),
        column("TITLE", |payment| {
            let (job, milestone) = (payment.part("job")?, payment.part("milestone")?);
            Some(cell(joined([job.text("title"), milestone.text("name")])))
        }),
    ],
);
