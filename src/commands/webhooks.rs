//! `webhooks`: deliveries of events to a URL of yours.

use super::v1;
use crate::cli::{
    Advice, Command, Endpoint, Fill, Flag, Invocation, Kind, Namespace, Next, Recipe, Repeat, View,
};
use crate::json::Object;
use crate::view::words::cell;
use crate::view::{List, Page, column, field};

const URL: Flag = Flag::text(
    "url",
    "<url>",
    "Where to deliver: https, or http on localhost",
)
.required()
.body("url");
/// The event types of a subscription.
pub(super) const EVENTS: Flag = Flag::new("events", Kind::List, "<type,...>", "Event types")
    .known(&[
        "proposal.received",
        "proposal.status_changed",
        "message.received",
        "contract.created",
        "milestone.status_changed",
        "payment.pending",
        "approval.confirmed",
        "contract.budget_state_changed",
    ])
    .required()
    .body("eventTypes");
const WEBHOOK_ID: Flag = Flag::id(
    "webhook-id",
    "<webhook-id>",
    "The webhook, from `opentrain webhooks list`",
);

/// Webhooks have one scope for reading and writing.
const fn endpoint(method: &'static str, path: &'static str) -> Option<Endpoint> {
    Some(
        v1(method, path)
            .scope("webhooks:manage")
            .feature("public_api_webhooks"),
    )
}

const LOOK: Next = Next::new("webhooks list");

static CREATE: Command = Command {
    words: &["webhooks", "create"],
    summary: "Subscribe a URL to events; prints the signing secret once",
    about: "Needs the read scope of every event type as well; an account has at most 10 webhooks.\n\
            Deliveries begin with the next event; `opentrain updates poll` has the earlier ones.",
    flags: &[URL, EVENTS],
    endpoint: endpoint("POST", "/webhooks"),
    shown_once: Some("the new webhook's secret"),
    if_lost: Advice::new(
        "check with `{}`; if it is there, delete it with `{}` and create it again, because its secret is lost",
        &[
            LOOK,
            Next::with(
                "webhooks delete",
                &[("webhook-id", Fill::Blank("<webhook-id>"))],
            ),
        ],
    ),
    examples: &[
        "opentrain webhooks create --url https://a.example/h --events proposal.received,approval.confirmed",
    ],
    view: View::Summary(&created),
    tool: Some("create_webhook"),
    ..Command::BASE
};

static LIST: Command = Command {
    words: &["webhooks", "list"],
    summary: "List webhooks, newest first",
    about: "At most 10; not paginated.",
    endpoint: endpoint("GET", "/webhooks"),
    examples: &["opentrain webhooks list"],
    view: View::List(WEBHOOKS),
    tool: Some("list_webhooks"),
    ..Command::BASE
};

static GET: Command = Command {
    words: &["webhooks", "get"],
    summary: "Show one webhook",
    about: "One that failed too often is DISABLED for good.",
    flags: &[WEBHOOK_ID],
    endpoint: endpoint("GET", "/webhooks/{webhook-id}"),
    examples: &["opentrain webhooks get wh_1"],
    view: View::Summary(&webhook),
    tool: Some("get_webhook"),
    ..Command::BASE
};

static DELETE: Command = Command {
    words: &["webhooks", "delete"],
    summary: "Delete a webhook; its deliveries stop at once",
    about: "Permanent: the history of its deliveries goes too.",
    flags: &[WEBHOOK_ID],
    endpoint: endpoint("DELETE", "/webhooks/{webhook-id}"),
    repeat: Repeat::Always,
    if_lost: Advice::new("check with `{}`; deleting it again is harmless", &[LOOK]),
    examples: &["opentrain webhooks delete wh_1"],
    view: View::Summary(&deleted),
    tool: Some("delete_webhook"),
    ends: true,
    ..Command::BASE
};

/// The commands of this namespace.
pub(super) static NAMESPACE: Namespace = Namespace {
    name: "webhooks",
    summary: "deliveries of events to a URL of yours",
    commands: &[&CREATE, &LIST, &GET, &DELETE],
    recipe: Some(Recipe {
        heading: "CHECKING A DELIVERY",
        text: "Each delivery is signed with the secret that `opentrain webhooks create` printed, in the header X-OpenTrain-Signature: t=<unix seconds>,v1=<hex>.\n\
               The signature is the HMAC-SHA256 of t, a dot and the body exactly as it came; the key is the whole secret, whsec_ included.\n\
               With the header's value in $header, the secret in $secret and the body in a file named body:",
        script: &[
            "t=${header#t=}; t=${t%%,*}",
            "v1=${header#*v1=}; v1=${v1%%,*}",
            "sum=$({ printf '%s.' \"$t\"; cat body; } | openssl dgst -sha256 -hmac \"$secret\" | sed 's/.* //')",
            "age=$(($(date +%s) - t))",
            "[ \"$sum\" = \"$v1\" ] && [ ${age#-} -le 300 ] && echo genuine",
        ],
    }),
};

const WEBHOOKS: List = List::whole(
    "webhooks",
    "No webhooks.",
    &[
        field("ID", "id"),
        field("STATUS", "status"),
        field("CREATED", "createdAt"),
        field("URL", "url"),
        column("EVENTS", |webhook| {
            Some(cell(webhook.get("eventTypes").joined()))
        }),
    ],
);

fn created(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let webhook = reply.get("webhook").object()?;
    let (id, secret) = (webhook.text("id")?, reply.text("secret")?);
    page.line(format_args!(
        "Webhook {id} was created. Keep its signing secret: it is shown only once."
    ));
    page.secret(&secret);
    pairs(&webhook, page);
    page.step("See it with", &inv.step(&GET, [WEBHOOK_ID.is(id)]));
    Some(())
}

fn webhook(_: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let webhook = reply.get("webhook").object()?;
    let (id, status) = (webhook.text("id")?, webhook.text("status")?);
    page.line(format_args!("Webhook {id} is {status}."));
    pairs(&webhook, page);
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
    pairs(&webhook, page);
    Some(())
}

fn pairs(webhook: &Object<'_>, page: &mut Page) {
    page.pairs(
        2,
        &[
            ("url", webhook.text("url")),
            ("events", webhook.get("eventTypes").joined()),
            ("created", webhook.text("createdAt")),
            ("disabled", webhook.text("disabledAt")),
            ("reason", webhook.text("disabledReason")),
        ],
    );
}
