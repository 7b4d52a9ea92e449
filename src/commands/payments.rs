//! `payments`: what is owed or on its way.

use super::{call, cell, joined, list, show, usd};
use crate::cli::{Command, Invocation, Namespace};
use crate::commands::v1;
use crate::output::Page;
use crate::output::json::Object;

const PENDING: Command = Command {
    words: &["payments", "pending"],
    summary: "List payments that are not complete",
    about: "Read-only: it cannot fund, approve, refund or release anything.\n\
            PENDING_FUNDING is owed by you, PENDING_PAYOUT is on its way.",
    endpoint: Some(v1("GET", "/payments/pending").scope("payments:read")),
    examples: &["opentrain payments pending"],
    run: |inv| show(inv, &call(inv)?, pending),
    ..Command::BASE
};

/// The commands of this namespace.
pub static NAMESPACE: Namespace = Namespace {
    name: "payments",
    summary: "payments that are not complete",
    commands: &[PENDING],
};

fn pending(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let headings = [
        "ID",
        "STATUS",
        "KIND",
        "ROLE",
        "AMOUNT",
        "CREATED",
        "JOB",
        "MILESTONE",
        "TITLE",
    ];
    list(
        inv,
        reply,
        page,
        "payments",
        "No pending payments.",
        headings,
        |payment| {
            let job = payment.part("job")?;
            let milestone = payment.part("milestone")?;
            let titles = [job.text("title"), milestone.text("name")];
            Some([
                cell(payment, "id"),
                cell(payment, "status"),
                cell(payment, "invoiceKind"),
                cell(payment, "viewerRole"),
                usd(payment.text("amountUsd")).unwrap_or_default(),
                cell(payment, "createdAt"),
                cell(&job, "id"),
                cell(&milestone, "id"),
                joined(titles).unwrap_or_default().into_owned(),
            ])
        },
    )
}
