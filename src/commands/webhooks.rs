//! `webhooks`: deliveries of events to a URL of yours.

use std::borrow::Cow;

use super::{call, cell, list, rescue, show};
use crate::cli::{Command, Endpoint, Flag, Invocation, Kind, Namespace};
use crate::commands::v1;
use crate::error::Error;
use crate::output::json::{Object, Value};
use crate::output::{self, Page};

const URL: Flag = Flag::text(
    "url",
    "<url>",
    "Where to deliver: https, or http on localhost",
)
.required()
.body("url");
const EVENTS: Flag = Flag::new(
    "events",
    Kind::List,
    "<type,...>",
    "Event types, separated by commas: proposal.received, proposal.status_changed, message.received, contract.created, milestone.status_changed, payment.pending, approval.confirmed, contract.budget_state_changed",
)
.required()
.body("eventTypes");
const WEBHOOK_ID: Flag = Flag::id(
    "webhook-id",
    "<webhook-id>",
    "The webhook, as shown by `opentrain webhooks list`",
);

/// Webhooks have one scope for reading and writing.
const fn endpoint(method: &'static str, path: &'static str) -> Option<Endpoint> {
    Some(
        v1(method, path)
            .scope("webhooks:manage")
            .feature("public_api_webhooks"),
    )
}

const CREATE: Command = Command {
    words: &["webhooks", "create"],
    summary: "Subscribe a URL to events; prints the signing secret once",
    about: "The secret that signs deliveries is shown only now.\n\
            Needs the read scope of every event type as well; an account has at most 10 webhooks.\n\
            Deliveries begin with the next event; `opentrain updates poll` has the earlier ones.",
    flags: &[URL, EVENTS],
    endpoint: endpoint("POST", "/webhooks"),
    if_lost: "look with `opentrain webhooks list`; if it is there, delete it with `opentrain webhooks delete <webhook-id>` and create it again, because its secret is lost",
    examples: &[
        "opentrain webhooks create --url https://a.example/h --events proposal.received,approval.confirmed",
    ],
    run: create,
    ..Command::BASE
};

const LIST: Command = Command {
    words: &["webhooks", "list"],
    summary: "List webhooks, newest first",
    about: "At most 10; the list comes whole.",
    endpoint: endpoint("GET", "/webhooks"),
    examples: &["opentrain webhooks list"],
    run: |inv| show(inv, &call(inv)?, webhooks),
    ..Command::BASE
};

const GET: Command = Command {
    words: &["webhooks", "get"],
    summary: "Show one webhook",
    about: "A webhook that failed too often is DISABLED and cannot be enabled again.",
    flags: &[WEBHOOK_ID],
    endpoint: endpoint("GET", "/webhooks/{webhook-id}"),
    examples: &["opentrain webhooks get wh_1"],
    run: |inv| show(inv, &call(inv)?, webhook),
    ..Command::BASE
};

const DELETE: Command = Command {
    words: &["webhooks", "delete"],
    summary: "Delete a webhook; its deliveries stop at once",
    about: "Permanent: the history of its deliveries goes too.",
    flags: &[WEBHOOK_ID],
    endpoint: endpoint("DELETE", "/webhooks/{webhook-id}"),
    if_lost: "look with `opentrain webhooks list`; deleting it again is harmless",
    examples: &["opentrain webhooks delete wh_1"],
    run: |inv| show(inv, &call(inv)?, deleted),
    ..Command::BASE
};

/// The commands of this namespace.
pub static NAMESPACE: Namespace = Namespace {
    name: "webhooks",
    summary: "deliveries of events to a URL of yours",
    commands: &[CREATE, LIST, GET, DELETE],
};

/// The secret in the reply is shown once: what goes wrong with answer or output prints it.
fn create(inv: &Invocation) -> Result<(), Error> {
    let reply = call(inv).map_err(|e| rescue::received(e, "the new webhook's secret"))?;
    output::must_be_read();
    show(inv, &reply, created).map_err(|e| rescue::unprinted(e, &reply))
}

fn webhooks(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let headings = ["ID", "STATUS", "CREATED", "URL", "EVENTS"];
    list(
        inv,
        reply,
        page,
        "webhooks",
        "No webhooks.",
        headings,
        |webhook| {
            Some([
                cell(webhook, "id"),
                cell(webhook, "status"),
                cell(webhook, "createdAt"),
                cell(webhook, "url"),
                webhook
                    .get("eventTypes")
                    .list()
                    .unwrap_or_default()
                    .into_owned(),
            ])
        },
    )
}

fn created(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let webhook = reply.get("webhook").object()?;
    let (id, secret) = (webhook.text("id")?, reply.text("secret")?);
    page.line(format_args!(
        "Webhook {id} is created. Keep its signing secret: it is shown only now."
    ));
    page.secret(&secret);
    pairs(reply.get("webhook"), page);
    page.line(format_args!(
        "See it with: {}",
        inv.next(&GET, &[(&WEBHOOK_ID, &id)])
    ));
    Some(())
}

fn webhook(_: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let webhook = reply.get("webhook").object()?;
    page.line(format_args!(
        "Webhook {} is {}.",
        webhook.text("id")?,
        webhook.text("status")?
    ));
    pairs(reply.get("webhook"), page);
    Some(())
}

fn deleted(_: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let webhook = reply.get("webhook").object()?;
    let id = webhook.text("id")?;
    if !reply.get("deleted").is_true() {
        return None;
    }
    page.line(format_args!(
        "Webhook {id} is deleted; its deliveries have stopped."
    ));
    pairs(reply.get("webhook"), page);
    Some(())
}

fn pairs(webhook: Value<'_>, page: &mut Page) {
    let webhook = webhook.object().unwrap_or_default();
    let own = |text: Option<Cow<'_, str>>| text.map(|t| Cow::Owned(t.into_owned()));
    page.pairs(
        2,
        &[
            ("url", own(webhook.text("url"))),
            ("events", own(webhook.get("eventTypes").list())),
            ("created", own(webhook.text("createdAt"))),
            ("disabled", own(webhook.text("disabledAt"))),
            ("reason", own(webhook.text("disabledReason"))),
        ],
    );
}
