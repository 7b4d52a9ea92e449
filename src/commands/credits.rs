//! `credits`: the prepaid balance.

use super::{CURSOR, LIMIT, call, cell, cents, list, show};
use crate::cli::{Command, Endpoint, Flag, Invocation, Kind, Namespace};
use crate::commands::v1;
use crate::output::Page;
use crate::output::json::Object;

const AMOUNT: Flag = Flag::new("amount", Kind::Amount, "<usd>", "USD, from 10 to 10,000")
    .required()
    .body("amountUsd");
const TOP_UP_ID: Flag = Flag::id(
    "top-up-id",
    "<id>",
    "The top-up, as `opentrain credits top-up --amount <usd>` showed it",
);

/// A read of credits: what all of them need.
const fn read(path: &'static str) -> Option<Endpoint> {
    Some(
        v1("GET", path)
            .scope("payments:read")
            .feature("public_api_credits"),
    )
}

const SHOW: Command = Command {
    words: &["credits", "show"],
    summary: "Show the prepaid balance and its last movements",
    about: "Reserved money is held in escrow for milestones.",
    endpoint: read("/credits"),
    examples: &["opentrain credits show"],
    run: |inv| show(inv, &call(inv)?, balance),
    ..Command::BASE
};

const LEDGER: Command = Command {
    words: &["credits", "ledger"],
    summary: "List the movements of the balance, newest first",
    about: "Amounts are signed; they do not add up to the balance, which `opentrain credits show` shows.",
    flags: &[CURSOR, LIMIT.default("50, at most 100")],
    endpoint: read("/credits/ledger"),
    examples: &["opentrain credits ledger --limit 20"],
    run: |inv| {
        show(inv, &call(inv)?, |inv, reply, page| {
            entries(inv, reply, page, "entries")
        })
    },
    ..Command::BASE
};

const TOP_UP: Command = Command {
    words: &["credits", "top-up"],
    summary: "Make a checkout link with which a human buys credits",
    about: "Charges nothing: a human pays at the link, which lapses after about 24 hours.\n\
            Each call makes a new link.",
    flags: &[AMOUNT],
    endpoint: Some(
        v1("POST", "/credits/top-ups")
            .scope("payments:write")
            .feature("public_api_credits")
            .claimed(),
    ),
    if_lost: "running it again is harmless: it makes another link, and an unpaid one lapses",
    examples: &["opentrain credits top-up --amount 500"],
    run: |inv| show(inv, &call(inv)?, checkout),
    ..Command::BASE
};

const TOP_UP_STATUS: Command = Command {
    words: &["credits", "top-up-status"],
    summary: "Show whether a top-up has been paid",
    about: "A top-up is PENDING, COMPLETED, EXPIRED or CANCELED.",
    flags: &[TOP_UP_ID],
    endpoint: read("/credits/top-ups/{top-up-id}"),
    examples: &["opentrain credits top-up-status --top-up-id tu_1"],
    run: |inv| show(inv, &call(inv)?, top_up),
    ..Command::BASE
};

/// The commands of this namespace.
pub static NAMESPACE: Namespace = Namespace {
    name: "credits",
    summary: "the prepaid balance",
    commands: &[SHOW, LEDGER, TOP_UP, TOP_UP_STATUS],
};

fn balance(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let credits = reply.get("credits").object()?;
    let currency = cell(&credits, "currency").to_uppercase();
    let available = cents(credits.text("availableCents")?, &currency);
    page.line(format_args!("{available} are available."));
    let reserved = credits
        .text("reservedCents")
        .map(|c| cents(c, &currency).into());
    page.pairs(2, &[("reserved", reserved)]);
    page.blank();
    entries(inv, &credits, page, "recentEntries")
}

fn entries(inv: &Invocation, reply: &Object<'_>, page: &mut Page, key: &str) -> Option<()> {
    let headings = ["ID", "TYPE", "AMOUNT", "CREATED", "FOR", "NOTE"];
    list(inv, reply, page, key, "No movements.", headings, |entry| {
        let ids = [
            "jobofferId",
            "contractId",
            "milestoneId",
            "topUpId",
            "holdEntryId",
        ];
        let ids: Vec<_> = ids.iter().filter_map(|key| entry.text(key)).collect();
        Some([
            cell(entry, "id"),
            cell(entry, "type"),
            entry
                .text("amountCents")
                .map(|c| cents(c, "USD"))
                .unwrap_or_default(),
            cell(entry, "createdAt"),
            ids.join(", "),
            cell(entry, "note"),
        ])
    })
}

fn checkout(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let (id, url) = (reply.text("topUpId")?, reply.text("checkoutUrl")?);
    page.line(format_args!(
        "Top-up {id} waits for a human to pay at this link; nothing is charged before."
    ));
    page.url(&url);
    let top_up = reply.part("topUp")?;
    page.pairs(
        2,
        &[
            (
                "amount",
                top_up.text("amountCents").map(|c| cents(c, "USD").into()),
            ),
            ("status", top_up.text("status")),
            ("expires", reply.text("expiresAt")),
        ],
    );
    let look = inv.next(&TOP_UP_STATUS, &[(&TOP_UP_ID, &id)]);
    page.line(format_args!("Look at it with: {look}"));
    Some(())
}

fn top_up(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let top_up = reply.get("topUp").object()?;
    let (id, status) = (top_up.text("id")?, top_up.text("status")?);
    page.line(format_args!("Top-up {id} is {status}."));
    page.pairs(
        2,
        &[
            (
                "amount",
                top_up.text("amountCents").map(|c| cents(c, "USD").into()),
            ),
            ("created", top_up.text("createdAt")),
            ("completed", top_up.text("completedAt")),
            ("expires", top_up.text("expiresAt")),
        ],
    );
    match status.as_ref() {
        "COMPLETED" => page.line(format_args!(
            "See the balance with: {}",
            inv.next(&SHOW, &[])
        )),
        "EXPIRED" => page.line(format_args!(
            "Make a new link with: {}",
            inv.next(&TOP_UP, &[(&AMOUNT, "<usd>")])
        )),
        _ => {}
    }
    Some(())
}
