//! `verify`: model outputs go out, verdicts of humans come back. Beta: only the official SDK
//! describes it (API.md, section 23).

mod items;

use std::borrow::Cow;

use super::v1;
use crate::call;
use crate::cli::{
    Advice, Answer, Command, Flag, Invocation, Kind, LIMIT, Namespace, RAW, Recipe, Repeat, Sink,
    View, comma_separated,
};
use crate::error::{Error, Hint};
use crate::json::{self, Object, Value};
use crate::view::words::{Words, cell, cents, joined};
use crate::view::{List, Page, column, field};

const ITEMS_FILE: Flag = Flag::new(
    "items-file",
    Kind::File,
    "<path>",
    "A file of 1 to 200 objects: JSON lines or a JSON array",
)
.required();
const KIND: Flag = Flag::choice(
    "kind",
    "<kind>",
    &[items::ROWS, "episodes"],
    "Rows of {prompt, response, id?}, or episodes: whole rollouts",
)
.default(items::ROWS);
const GENERATOR: Flag = Flag::text("generator", "<label>", "Where the items come from");
const BATCH_ID: Flag = Flag::id(
    "batch-id",
    "<id>",
    "The batch, as shown by `opentrain verify batches list`",
);
/// The verdicts on an item (API.md, section 23).
const VERDICTS: &[&str] = &["ACCEPT", "FIX", "REJECT", "PENDING"];
const FAIL_ON: Flag = Flag::new(
    "fail-on",
    Kind::Choices(VERDICTS),
    "<verdict,...>",
    "Exit with 1, after the answer, when there is such a verdict",
);

static CREATE: Command = Command {
    words: &["verify", "batches", "create"],
    summary: "Send model outputs to humans for a verdict on each",
    about: "Beta.\n\
            Items are sent as they are written; the same ones again give the same batch.",
    flags: &[ITEMS_FILE, KIND, GENERATOR],
    endpoint: Some(v1("POST", "/verify/batches")),
    body: Some(items::body),
    repeat: Repeat::Always,
    if_lost: Advice::text("running it again is safe: the same items give the same batch"),
    examples: &[
        "opentrain verify batches create --items-file rows.jsonl",
        "opentrain verify batches create --items-file - --get batch.batchId < rows.jsonl",
    ],
    view: View::Summary(&created),
    ..Command::BASE
};

static LIST: Command = Command {
    words: &["verify", "batches", "list"],
    summary: "List batches, those of rewards too",
    about: "Beta. Not paginated.",
    flags: &[LIMIT],
    endpoint: Some(v1("GET", "/verify/batches")),
    examples: &["opentrain verify batches list --limit 20"],
    view: View::List(BATCHES),
    ..Command::BASE
};

static GET: Command = Command {
    words: &["verify", "batches", "get"],
    summary: "Show a batch: state and price",
    about: "Beta. A COMPLETED batch may still have items that are PENDING.",
    flags: &[BATCH_ID],
    endpoint: Some(v1("GET", "/verify/batches/{batch-id}")),
    examples: &["opentrain verify batches get vb_1"],
    view: View::Summary(&batch),
    ..Command::BASE
};

static RESULTS: Command = Command {
    words: &["verify", "batches", "results"],
    summary: "Show the verdicts of a batch",
    about: "Beta. The index is the place of the item as sent, from 0.",
    flags: &[BATCH_ID, FAIL_ON],
    endpoint: Some(v1("GET", "/verify/batches/{batch-id}/results")),
    examples: &[
        "opentrain verify batches results vb_1 --fail-on REJECT,FIX",
        "opentrain verify batches results vb_1 --get items[].verdict",
    ],
    view: View::List(ITEMS),
    run: Some(results),
    ..Command::BASE
};

static CERTIFICATE: Command = Command {
    words: &["verify", "batches", "certificate"],
    summary: "Show the certificate of a batch, with its SHA-256",
    about: "Beta. `opentrain help verify` has a script that checks the sum.",
    flags: &[BATCH_ID, RAW],
    endpoint: Some(v1("GET", "/verify/batches/{batch-id}/certificate")),
    if_refused: Some(|inv, refusal| {
        let look = inv.step(&RESULTS, [BATCH_ID.is(inv.need(&BATCH_ID))]);
        let pending = "perhaps items are pending: `{}` tells";
        (refusal.status == 409).then(|| Hint::new(pending, [look]))
    }),
    examples: &["opentrain verify batches certificate vb_1 --raw | sha256sum"],
    view: View::Summary(&self::certificate),
    run: Some(raw_or_whole),
    ..Command::BASE
};

/// The commands of this namespace.
pub(super) static NAMESPACE: Namespace = Namespace {
    name: "verify",
    summary: "human verdicts on model outputs (beta)",
    commands: &[&CREATE, &LIST, &GET, &RESULTS, &CERTIFICATE],
    recipe: Some(Recipe {
        heading: "CHECKING A CERTIFICATE",
        text: "The sha256 that comes with a certificate is taken over the certificate's text without blanks and without a line's end, which is what --raw prints into a pipe or a file.\n\
               It shows that the text is whole, not who wrote it.\n\
               With the batch's id in $batch:",
        script: &[
            "opentrain verify batches certificate \"$batch\" --raw > certificate.json",
            "sum=$(opentrain verify batches certificate \"$batch\" --get sha256)",
            "echo \"$sum  certificate.json\" | sha256sum -c",
        ],
    }),
};

const BATCHES: List = List::whole(
    "batches",
    "No batches.",
    &[
        field("ID", "batchId"),
        field("STATUS", "status"),
        field("KIND", "kind"),
        field("ITEMS", "itemCount"),
        column("PRICE", |batch| {
            let pricing = batch.part("pricing")?;
            Some(cell(cents(pricing.text("totalCents"), "USD")))
        }),
        field("CREATED", "createdAt"),
        field("COMPLETED", "completedAt"),
    ],
);

const ITEMS: List = List {
    lead: Some(outcome),
    ..List::whole(
        "items",
        "No items.",
        &[
            field("INDEX", "index"),
            field("VERDICT", "verdict"),
            field("REASON", "rejectReason"),
            field("FIXED TEXT", "fixedText"),
        ],
    )
};

/// The state of a batch and the counts of its verdicts.
fn outcome(reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let (batch, summary) = (reply.get("batch").object()?, reply.get("summary").object()?);
    let (id, status) = (batch.text("batchId")?, batch.text("status")?);
    let count = |key: &str| -> Words<'static> {
        let count = summary.text(key)?;
        Some(format!("{count} {key}").into())
    };
    let counts = ["accepted", "fixed", "rejected", "pending"].map(count);
    page.line(format_args!(
        "Batch {id} is {status}: {}.",
        cell(joined(counts))
    ));
    page.pairs(2, &[("price", price(&batch)?)]);
    page.blank();
    Some(())
}

/// Hands over the verdicts, then judges them.
fn results(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    let reply = call::reply(inv, sink)?;
    call::hand_over(inv, &reply, inv.command.view, sink)?;
    match inv.get(&FAIL_ON) {
        Some(unwanted) => judge(unwanted, reply.text(), sink),
        None => Ok(()),
    }
}

/// Whether none of the verdicts is unwanted. Where that cannot be told, it is not taken for granted.
fn judge(unwanted: &str, reply: &str, sink: &mut dyn Sink) -> Result<(), Error> {
    let reply = Object::parse(reply).unwrap_or_default();
    let verdict = |item: Value<'_>| item.object()?.text_of("verdict");
    let items = reply.get("items").items().unwrap_or_default();
    let verdicts: Option<Vec<String>> = items.into_iter().map(verdict).collect();
    let Some(verdicts) = verdicts.filter(|verdicts| !verdicts.is_empty()) else {
        let name = FAIL_ON.name;
        let odd = format!("the reply lacks verdicts, so --{name} cannot be judged");
        return Err(Error::lost(odd, &[]));
    };
    let count = |wanted: &str| verdicts.iter().filter(|v| *v == wanted).count();
    let is_unwanted = |v: &&&str| comma_separated(unwanted).any(|u| u == **v);
    let found = VERDICTS.iter().filter(is_unwanted).map(|v| (count(v), *v));
    let found: Vec<(usize, &str)> = found.filter(|(n, _)| *n > 0).collect();
    let all = verdicts.len();
    if found.is_empty() {
        let pending = count("PENDING");
        if pending > 0 {
            let are = if pending == 1 { "is" } else { "are" };
            sink.note(&format!(
                "Note: {pending} of {all} items {are} still PENDING."
            ));
        }
        return Ok(());
    }
    let sum: usize = found.iter().map(|(n, _)| n).sum();
    let each: Vec<String> = found.iter().map(|(n, v)| format!("{n} {v}")).collect();
    let have = if sum == 1 { "has" } else { "have" };
    Err(Error::unmet(format!(
        "{sum} of {all} items {have} a verdict that --{} names: {}",
        FAIL_ON.name,
        each.join(", ")
    )))
}

/// Hands over the whole reply, or of it just the text that the sum is of: the server takes it over
/// its own JSON without blanks (API.md, section 23), so no number and no character is written anew.
fn raw_or_whole(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    let reply = call::reply(inv, sink)?;
    if !inv.has(&RAW) {
        return call::hand_over(inv, &reply, inv.command.view, sink).map(drop);
    }
    let object = Object::parse(reply.text()).unwrap_or_default();
    let certificate = object.get("certificate");
    if certificate.object().is_none() {
        return Err(Error::output("the reply has no object `certificate`"));
    }
    let text = json::without_blanks(certificate.raw());
    sink.answer(&Answer::new(&text, View::Raw)).map(drop)
}

fn created(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let batch = reply.get("batch").object()?;
    let (id, status) = (batch.text("batchId")?, batch.text("status")?);
    page.line(match reply.get("duplicate").is_true() {
        true => format!("Batch {id} was there already, with these items; it is {status}."),
        false => format!("Batch {id} is created; it is {status}."),
    });
    pairs(&batch, page)?;
    let results = inv.step(&RESULTS, [BATCH_ID.is(id)]);
    page.step("See the verdicts with", &results);
    Some(())
}

fn batch(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let batch = reply.get("batch").object()?;
    let (id, status) = (batch.text("batchId")?, batch.text("status")?);
    page.line(format_args!("Batch {id} is {status}."));
    pairs(&batch, page)?;
    let results = inv.step(&RESULTS, [BATCH_ID.is(id)]);
    page.step("See the verdicts with", &results);
    Some(())
}

fn pairs(batch: &Object<'_>, page: &mut Page) -> Option<()> {
    page.pairs(
        2,
        &[
            ("price", price(batch)?),
            (
                "items",
                joined([batch.text("itemCount"), batch.text("kind")]),
            ),
            ("created", batch.text("createdAt")),
            ("completed", batch.text("completedAt")),
            ("project", batch.text("verifyProjectId")),
            ("content", batch.text("contentHash")),
        ],
    );
    Some(())
}

/// What a batch costs, and how that is settled. `None` when it is not as documented.
fn price(batch: &Object<'_>) -> Option<Words<'static>> {
    let pricing = batch.part("pricing")?;
    let each = cents(pricing.text("perItemCents"), "USD");
    Some(joined([
        cents(pricing.text("totalCents"), "USD"),
        each.map(|each| format!("{each} an item").into()),
        pricing.text("settlementMode"),
    ]))
}

/// Which fields a certificate has is not documented: all of them are shown, those of its objects
/// by their paths.
fn certificate(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let certificate = reply.get("certificate").object()?;
    let sum = reply.text("sha256")?;
    let id = inv.need(&BATCH_ID);
    page.line(format_args!("Certificate of batch {id}"));
    let mut fields = vec![("sha256".to_owned(), Some(sum))];
    for (key, value) in certificate.iter() {
        match value.object().filter(|part| !part.is_empty()) {
            None => fields.push((key.to_owned(), value.joined())),
            Some(part) => fields.extend(part.iter().map(|(name, value)| {
                let words = value.joined().map(|words| words.into_owned().into());
                (format!("{key}.{name}"), words)
            })),
        }
    }
    let fields: Vec<(&str, Words<'_>)> = fields
        .iter()
        .map(|(path, words)| (path.as_str(), words.as_deref().map(Cow::Borrowed)))
        .collect();
    page.pairs(2, &fields);
    let raw = inv.step(&CERTIFICATE, [BATCH_ID.is(id), RAW.on()]);
    page.line(format_args!("The same sum comes of: {raw} | sha256sum"));
    Some(())
}
