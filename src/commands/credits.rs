//! `credits`: the prepaid balance.

use super::v1;
use crate::cli::{
    Advice, CURSOR, Command, Endpoint, Flag, Invocation, Kind, LIMIT, Namespace, Outcome, View,
    WAIT,
};
use crate::json::Object;
use crate::view::words::{Words, cell, cents};
use crate::view::{List, Page, column, field};

const AMOUNT: Flag = Flag::new("amount", Kind::Amount, "<usd>", "USD, from 10 to 10,000")
    .from(10)
    .up_to(10_000)
    .required()
    .body("amountUsd");
const TOP_UP_ID: Flag = Flag::id(
    "top-up-id",
    "<id>",
    "The top-up, from `opentrain credits top-up --amount <usd>`",
);

/// What all reads of credits have in common.
const fn read(path: &'static str) -> Option<Endpoint> {
    Some(
        v1("GET", path)
            .scope("payments:read")
            .feature("public_api_credits"),
    )
}

static SHOW: Command = Command {
    words: &["credits", "show"],
    summary: "Show the prepaid balance and its last movements",
    about: "Reserved money is held in escrow for milestones.",
    endpoint: read("/credits"),
    examples: &["opentrain credits show"],
    view: View::Summary(&balance),
    tool: Some("get_credits"),
    ..Command::BASE
};

static LEDGER: Command = Command {
    words: &["credits", "ledger"],
    summary: "List the movements of the balance, newest first",
    about: "Amounts are signed; they do not add up to the balance, which `opentrain credits show` shows.",
    flags: &[CURSOR, LIMIT.default("50").up_to(100)],
    endpoint: read("/credits/ledger"),
    examples: &["opentrain credits ledger --limit 20"],
    view: View::List(ENTRIES),
    tool: Some("list_credit_ledger"),
    ..Command::BASE
};

static TOP_UP: Command = Command {
    words: &["credits", "top-up"],
    summary: "Make a checkout link for a human to buy credits",
    about: "Charges nothing: a human pays at the link, which lapses after about 24 hours.\n\
            Each call makes a new link.",
    flags: &[AMOUNT],
    endpoint: Some(
        v1("POST", "/credits/top-ups")
            .scope("payments:write")
            .feature("public_api_credits")
            .claimed(),
    ),
    if_lost: Advice::text(
        "running it again is harmless: it makes another link, and an unpaid one lapses",
    ),
    examples: &["opentrain credits top-up --amount 500"],
    view: View::Summary(&checkout),
    outcome: Some(&PAYMENT),
    tool: Some("create_credit_top_up"),
    ..Command::BASE
};

static TOP_UP_STATUS: Command = Command {
    words: &["credits", "top-up-status"],
    summary: "Show whether a top-up has been paid",
    about: "A top-up is PENDING, COMPLETED, EXPIRED or CANCELED.",
    flags: &[TOP_UP_ID],
    endpoint: read("/credits/top-ups/{top-up-id}"),
    examples: &["opentrain credits top-up-status --top-up-id tu_1"],
    view: View::Summary(&top_up),
    outcome: Some(&PAYMENT),
    tool: Some("get_credit_top_up"),
    ..Command::BASE
};

/// What a human does about a checkout link.
static PAYMENT: Outcome = Outcome {
    name: "the top-up",
    key: "topUp",
    url: "checkoutUrl",
    done: "COMPLETED",
    failed: &["EXPIRED", "CANCELED", "CANCELLED", "FAILED"],
    undone: "nothing was paid",
    may_be_at_once: false,
    look: &TOP_UP_STATUS,
    id: &TOP_UP_ID,
};

/// The commands of this namespace.
pub(super) static NAMESPACE: Namespace = Namespace {
    name: "credits",
    summary: "the prepaid balance",
    commands: &[&SHOW, &LEDGER, &TOP_UP, &TOP_UP_STATUS],
    recipe: None,
};

fn balance(_: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let credits = reply.get("credits").object()?;
    let currency = cell(credits.text("currency")).to_ascii_uppercase();
    let available = cents(credits.text("availableCents"), &currency)?;
    page.line(format_args!("{available} are available."));
    let reserved = cents(credits.text("reservedCents"), &currency);
    page.pairs(2, &[("reserved", reserved)]);
    page.blank();
    let recent = List {
        key: "recentEntries",
        ..ENTRIES
    };
    recent.write(&credits, page)
}

const ENTRIES: List = List::paged(
    "entries",
    "No movements.",
    &[
        field("ID", "id"),
        field("TYPE", "type"),
        column("AMOUNT", |entry| Some(cell(amount(entry)))),
        field("CREATED", "createdAt"),
        column("FOR", |entry| {
            let keys = [
                "jobofferId",
                "contractId",
                "milestoneId",
                "topUpId",
                "holdEntryId",
            ];
            let ids: Vec<_> = keys.iter().filter_map(|key| entry.text(key)).collect();
            Some(ids.join(", "))
        }),
        field("NOTE", "note"),
    ],
);

/// The money of a movement or a top-up; the currency of both is always USD.
fn amount(of: &Object<'_>) -> Words<'static> {
    cents(of.text("amountCents"), "USD")
}

fn checkout(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let (id, url) = (reply.text("topUpId")?, reply.text("checkoutUrl")?);
    page.line(format_args!(
        "Top-up {id} waits for a human to pay at this link; nothing is charged before then."
    ));
    page.url(&url);
    let top_up = reply.part("topUp")?;
    page.pairs(
        2,
        &[
            (
                "asked for",
                Some(format!("{} USD", inv.need(&AMOUNT)).into()),
            ),
            ("amount", amount(&top_up)),
            ("on top", Some("no fee is documented".into())),
            ("status", top_up.text("status")),
            ("expires", reply.text("expiresAt")),
        ],
    );
    let wait = [TOP_UP_ID.is(id), WAIT.on()];
    page.step("Wait for it with", &inv.step(&TOP_UP_STATUS, wait));
    Some(())
}

fn top_up(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let top_up = reply.get("topUp").object()?;
    let (id, status) = (top_up.text("id")?, top_up.text("status")?);
    page.line(format_args!("Top-up {id} is {status}."));
    page.pairs(
        2,
        &[
            ("amount", amount(&top_up)),
            ("created", top_up.text("createdAt")),
            ("completed", top_up.text("completedAt")),
            ("expires", top_up.text("expiresAt")),
        ],
    );
    match status.as_ref() {
        "COMPLETED" => page.step("See the balance with", &inv.step(&SHOW, [])),
        "PENDING" => {
            let wait = [TOP_UP_ID.is(id), WAIT.on()];
            page.step("Wait for it with", &inv.step(&TOP_UP_STATUS, wait));
        }
        "EXPIRED" => page.step("Make a new link with", &inv.step(&TOP_UP, [AMOUNT.blank()])),
        _ => {}
    }
    Some(())
}
