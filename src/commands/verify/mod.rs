//! `verify`: model outputs go out, human verdicts come back. Beta: only the official SDK describes
//! it (API.md, section 23).

mod items;

use super::v1;
use crate::call::wait::{self, Look};
use crate::call::{self, request};
use crate::cli::{
    self, Advice, Answer, BASE_URL, Command, Flag, Invocation, JSON, Kind, LIMIT, Namespace, RAW,
    Recipe, Repeat, Sink, TIMEOUT, VERBOSE, View, WAIT, comma_separated,
};
use crate::error::{Error, Hint};
use crate::http::Reply;
use crate::json::{self, Object};
use crate::view::words::{Words, cell, cents, joined};
use crate::view::{List, Page, column, field};

const ITEMS_FILE: Flag = Flag::new(
    "items-file",
    Kind::File,
    "<path>",
    "A file of 1 to 200 objects: JSON lines or a JSON array",
);
const ITEMS: Flag = Flag::new(
    "items",
    Kind::Objects,
    "<json>",
    "A JSON array of 1 to 200 objects",
);
/// The kind of a batch when none is named.
const ROWS: &str = "rows";
const KIND: Flag = Flag::choice(
    "kind",
    "<kind>",
    &[ROWS, "episodes"],
    "Without it rows of {prompt, response, id?}; episodes are whole rollouts",
)
.default(ROWS)
.body("kind");
const GENERATOR: Flag =
    Flag::text("generator", "<label>", "Where the items come from").body("generator");
const BATCH_ID: Flag = Flag::id(
    "batch-id",
    "<id>",
    "The batch, from `opentrain verify batches list`",
);
/// The verdicts on an item (API.md, section 23).
const VERDICTS: &[&str] = &["ACCEPT", "FIX", "REJECT", "PENDING"];
const FAIL_ON: Flag = Flag::new(
    "fail-on",
    Kind::Choices(VERDICTS),
    "<verdict,...>",
    "Exit with 1, after the answer, when there is such a verdict",
)
.no_argument();

/// The flag that waits, in the words of this namespace.
const UNTIL_ALL: Flag = Flag {
    help: "Wait until no verdict is pending, and show them",
    ..WAIT
};

static CREATE: Command = Command {
    words: &["verify", "batches", "create"],
    summary: "Send model outputs to humans for a verdict on each",
    about: "Beta.\n\
            Items are sent as they are written; the same ones again give the same batch.\n\
            The answer has the price, which may be taken from the credits at once.",
    flags: &[KIND, GENERATOR, UNTIL_ALL, TIMEOUT],
    one_of: &[ITEMS_FILE, ITEMS],
    endpoint: Some(v1("POST", "/verify/batches")),
    body: Some(items::body),
    repeat: Repeat::Always,
    if_lost: Advice::text("running it again is safe: the same items give the same batch"),
    examples: &[
        "opentrain verify batches create --items-file rows.jsonl",
        "opentrain verify batches create --items-file - --get batch.batchId < rows.jsonl",
    ],
    view: View::Summary(&batch),
    tool: Some("create_verify_batch"),
    run: Some(create),
    ..Command::BASE
};

static LIST: Command = Command {
    words: &["verify", "batches", "list"],
    summary: "List batches, including rewards",
    about: "Beta.\n\
            Not paginated.",
    flags: &[LIMIT],
    endpoint: Some(v1("GET", "/verify/batches")),
    examples: &["opentrain verify batches list --limit 20"],
    view: View::List(BATCHES),
    tool: Some("list_verify_batches"),
    ..Command::BASE
};

static GET: Command = Command {
    words: &["verify", "batches", "get"],
    summary: "Show a batch: state and price",
    about: "Beta.\n\
            A COMPLETED batch may still have items that are PENDING.",
    flags: &[BATCH_ID],
    endpoint: Some(v1("GET", "/verify/batches/{batch-id}")),
    examples: &["opentrain verify batches get vb_1"],
    view: View::Summary(&batch),
    tool: Some("get_verify_batch"),
    ..Command::BASE
};

static RESULTS: Command = Command {
    words: &["verify", "batches", "results"],
    summary: "Show the verdicts of a batch",
    about: "Beta.\n\
            The index is the place of the item as sent, from 0.",
    flags: &[BATCH_ID, FAIL_ON, UNTIL_ALL, TIMEOUT],
    endpoint: Some(v1("GET", "/verify/batches/{batch-id}/results")),
    examples: &[
        "opentrain verify batches results vb_1 --fail-on REJECT,FIX",
        "opentrain verify batches results vb_1 --get items[].verdict",
    ],
    view: View::List(JUDGED),
    tool: Some("get_verify_results"),
    run: Some(results),
    ..Command::BASE
};

static CERTIFICATE: Command = Command {
    words: &["verify", "batches", "certificate"],
    summary: "Show the certificate of a batch, with its SHA-256",
    about: "Beta.\n\
            The sum covers what --raw prints; `opentrain help verify` has a script that checks it.",
    flags: &[BATCH_ID, RAW],
    endpoint: Some(v1("GET", "/verify/batches/{batch-id}/certificate")),
    examples: &["opentrain verify batches certificate vb_1 --raw | sha256sum"],
    view: View::Summary(&self::certificate),
    tool: Some("get_verify_certificate"),
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
        text: "The sum is taken over the certificate without spaces and line breaks, as --raw prints it into a pipe or a file.\n\
               It shows that the text is intact, not who wrote it.\n\
               With the id of the batch in $batch:",
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
        column("PRICE", |batch| Some(cell(price(batch)?))),
        field("CREATED", "createdAt"),
        field("COMPLETED", "completedAt"),
    ],
);

const JUDGED: List = List {
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

/// The state of a batch, the counts of its verdicts, the price.
fn outcome(reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let batch = reply.get("batch").object()?;
    let summary = reply.get("summary").object()?;
    page.line(format_args!(
        "Batch {} is {}: {} accepted, {} fixed, {} rejected, {} pending.",
        batch.text("batchId")?,
        batch.text("status")?,
        summary.text("accepted")?,
        summary.text("fixed")?,
        summary.text("rejected")?,
        summary.text("pending")?,
    ));
    page.pairs(2, &[("price", price(&batch)?)]);
    page.blank();
    Some(())
}

/// Sends the items; then, on request, waits for their verdicts.
fn create(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    if !inv.has(&WAIT) {
        return call::endpoint(inv, sink);
    }
    let reply = call::reply(inv, sink)?;
    let made = Object::parse(reply.text()).unwrap_or_default();
    let id = made
        .part("batch")
        .and_then(|batch| batch.text_of("batchId"));
    let Some(id) = id else {
        // Not as documented: nothing can be waited for.
        return call::hand_over(inv, &reply, inv.command.view, sink).map(drop);
    };
    match inv.has(&JSON) || inv.has(&cli::GET) {
        // One document, the verdicts, is still to come.
        true => sink.note(&format!("Note: batch {id} is waiting for its verdicts.")),
        false => drop(call::hand_over(inv, &reply, inv.command.view, sink)?),
    }
    let looks = [
        (&BATCH_ID, Some(id.as_str())),
        (&BASE_URL, inv.get(&BASE_URL)),
        (&VERBOSE, inv.get(&VERBOSE)),
    ];
    let looking = Invocation::of(&RESULTS, &looks);
    let shown = verdicts(&looking, inv, sink)
        .and_then(|reply| call::hand_over(&looking, &reply, RESULTS.view, sink));
    shown.map(drop).map_err(|mut error| {
        error.repeatable_write = Some(inv.is_repeatable());
        error.carried_out = true;
        error
    })
}

/// Looks until no verdict is pending; a batch can be COMPLETED with one still pending.
fn verdicts(looking: &Invocation, inv: &Invocation, sink: &mut dyn Sink) -> Result<Reply, Error> {
    let mut request = request::build(looking, sink)?;
    let usual = request.timeout;
    let timeout = wait::timeout(inv);
    let mut last = None;
    let mut look = |sink: &mut dyn Sink, time| {
        request.timeout = usual.min(time);
        let reply = call::send(looking, &request, sink)?;
        let results = Object::parse(reply.text()).unwrap_or_default();
        let pending = results
            .part("summary")
            .and_then(|s| s.get("pending").decimal(0));
        match pending {
            Some(0) => {
                last = Some(reply);
                Ok(Look::Decided)
            }
            Some(_) => Ok(Look::Pending),
            None => Err(Error::output(
                "the reply does not say how many verdicts are pending",
            )),
        }
    };
    wait::wait("the verdicts", timeout, sink, &mut look).map_err(|ended| {
        let again = [BATCH_ID.is(looking.need(&BATCH_ID)), WAIT.on()];
        let on = Hint::new("keep waiting with `{}`", [inv.step(&RESULTS, again)]);
        ended.error("verdicts are still pending", timeout).hint(on)
    })?;
    last.ok_or_else(|| Error::local("the verdicts were never checked"))
}

/// Hands over the verdicts, then judges them.
fn results(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    let reply = match inv.has(&WAIT) {
        true => verdicts(inv, inv, sink)?,
        false => call::reply(inv, sink)?,
    };
    call::hand_over(inv, &reply, inv.command.view, sink)?;
    match inv.get(&FAIL_ON) {
        Some(unwanted) => judge(unwanted, reply.text(), sink),
        None => Ok(()),
    }
}

/// Whether none of the verdicts is unwanted. Where that cannot be told, it is an error.
fn judge(unwanted: &str, reply: &str, sink: &mut dyn Sink) -> Result<(), Error> {
    let reply = Object::parse(reply).unwrap_or_default();
    let items = reply.get("items").items().unwrap_or_default();
    let (mut told, mut found, mut pending) = (0, 0, 0);
    for item in &items {
        let item = item.object().unwrap_or_default();
        let verdict = item.text("verdict").unwrap_or_default();
        told += usize::from(!verdict.is_empty());
        found += usize::from(comma_separated(unwanted).any(|named| named == verdict));
        pending += usize::from(verdict == "PENDING");
    }
    let all = items.len();
    if all == 0 || told < all {
        let odd = "the reply lacks verdicts, so --fail-on cannot be checked";
        return Err(Error::unmet(odd));
    }
    if found > 0 {
        let text = format!("verdicts that --fail-on {unwanted} names: {found} of {all}");
        return Err(Error::unmet(text));
    }
    if pending > 0 {
        sink.note(&format!(
            "Note: verdicts still PENDING: {pending} of {all}."
        ));
    }
    Ok(())
}

/// Hands over the whole reply, or just the text that the sum covers: the server computes it over
/// its own JSON without blanks (API.md, section 23), so no number and no character is rewritten.
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

/// A batch, and whether it is new if the reply says so.
fn batch(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let batch = reply.get("batch").object()?;
    let (id, status) = (batch.text("batchId")?, batch.text("status")?);
    let news = match reply.get("duplicate").raw() {
        "true" => "was already there, with these items; it ",
        "false" => "was created; it ",
        _ => "",
    };
    page.line(format_args!("Batch {id} {news}is {status}."));
    page.pairs(
        2,
        &[
            ("price", price(&batch)?),
            ("items", batch.text("itemCount")),
            ("kind", batch.text("kind")),
            ("created", batch.text("createdAt")),
            ("completed", batch.text("completedAt")),
            ("project", batch.text("verifyProjectId")),
            ("content", batch.text("contentHash")),
        ],
    );
    let results = inv.step(&RESULTS, [BATCH_ID.is(id)]);
    page.step("See the verdicts with", &results);
    Some(())
}

/// What a batch costs, and how that is settled. `None` when it is not as documented.
fn price(batch: &Object<'_>) -> Option<Words<'static>> {
    let pricing = batch.part("pricing")?;
    let total = cents(pricing.text("totalCents"), "USD");
    Some(joined([total, pricing.text("settlementMode")]))
}

/// A certificate's fields are not documented: all of them are shown, with those of its parts below.
fn certificate(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let certificate = reply.get("certificate").object()?;
    let id = inv.need(&BATCH_ID);
    page.line(format_args!("Certificate of batch {id}"));
    let mut fields = vec![("sha256", Some(reply.text("sha256")?))];
    let mut parts = Vec::new();
    for (key, value) in certificate.iter() {
        match value.object() {
            Some(part) => parts.push((key, part)),
            None => fields.push((key, value.joined())),
        }
    }
    page.pairs(2, &fields);
    for (key, part) in &parts {
        page.line(format_args!("  {key}"));
        let fields: Vec<(&str, Words<'_>)> = part.iter().map(|(k, v)| (k, v.joined())).collect();
        page.pairs(4, &fields);
    }
    let raw = inv.step(&CERTIFICATE, [BATCH_ID.is(id), RAW.on()]);
    page.pipe("The same sum comes from", &raw, "sha256sum");
    Some(())
}
