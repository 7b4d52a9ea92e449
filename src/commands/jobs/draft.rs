//! `jobs draft`: turning plain text into a draft, and filling its gaps.

use std::borrow::Cow;

use super::fields::FIELDS;
use super::{PUBLISH, UPDATE_PUBLISHED};
use crate::call::{self, input, request};
use crate::cli::{Advice, Command, Fill, Flag, Invocation, Kind, Next, Repeat, Sink, View};
use crate::commands::{JOB_ID, v1};
use crate::error::{Error, Hint};
use crate::json::{self, Object, Value};
use crate::view::Page;

/// A description has at most this many characters (API.md, section 3).
const LONGEST: usize = 60_000;
const DESCRIPTION: Flag = Flag::text(
    "description",
    "<text>",
    "The job in plain words, up to 60,000 characters",
)
.aliases(&["text"])
.at_most(LONGEST)
.argument("jobDescription");
/// The usual way to hand over a description.
pub(crate) const DESCRIPTION_FILE: Flag = Flag::new(
    "description-file",
    Kind::File,
    "<path>",
    "A file with the job in plain words",
)
.at_most(LONGEST);
const CANONICAL_FILE: Flag = Flag::new(
    "canonical-file",
    Kind::File,
    "<path>",
    "A file with the job as canonical JSON",
);
const PAYLOAD_FILE: Flag = Flag::new(
    "payload-file",
    Kind::File,
    "<path>",
    "A file with a whole request body as JSON",
);
const TITLE: Flag = Flag::text(
    "title",
    "<title>",
    "Title of the job; only with a description",
);
const EXTERNAL_ID: Flag =
    Flag::text("external-id", "<id>", "Your own id for the job").body("externalId");
const IDEMPOTENCY_KEY: Flag = Flag::text(
    "idempotency-key",
    "<key>",
    "The same key again gives the same draft, not a second one",
)
.body("idempotencyKey");

pub(super) const SET: Flag = Flag::new(
    "set",
    Kind::Field,
    "<field=value>",
    "Set a field; numbers, true, false and JSON arrays are sent as such, all else as text",
)
.fields(FIELDS)
.repeats();
pub(super) const SET_STRING: Flag = Flag::new(
    "set-string",
    Kind::Field,
    "<field=value>",
    "Set a field to text, whatever it looks like; goes with --set",
)
.fields(FIELDS)
.repeats();
pub(super) const PATCH_FILE: Flag = Flag::new(
    "patch-file",
    Kind::File,
    "<path>",
    "A file with the fields as a JSON object",
)
.fields(FIELDS);
pub(super) const PATCH_JSON: Flag = Flag::new(
    "patch-json",
    Kind::Json,
    "<json>",
    "The fields as a JSON object",
)
.fields(FIELDS)
.argument("fields");

pub(crate) static DRAFT_CREATE: Command = Command {
    words: &["jobs", "draft", "create"],
    summary: "Draft a job from a description",
    about: "Answers with the draft and what is still missing.\n\
            Each missing field comes with a question for your human (`ask:`) and the command that sets it.\n\
            Nothing is published.",
    one_of: &[DESCRIPTION, DESCRIPTION_FILE, CANONICAL_FILE, PAYLOAD_FILE],
    flags: &[TITLE, EXTERNAL_ID, IDEMPOTENCY_KEY],
    endpoint: Some(
        v1("POST", "/job-drafts")
            .scope("jobs:write")
            .feature("public_api_job_drafting"),
    ),
    repeat: Repeat::With(&IDEMPOTENCY_KEY),
    if_lost: Advice::new(
        "check with `{}` before sending it again; with the same --idempotency-key sending again is safe",
        &[Next::with("jobs list", &[("status", Fill::Text("DRAFT"))])],
    ),
    examples: &[
        "opentrain jobs draft create --description-file job.txt",
        "opentrain jobs draft create --description \"Box the zebras\" --idempotency-key zebras-v1 --json",
    ],
    body: Some(create_body),
    view: View::Summary(&summary),
    tool: Some("create_job_draft"),
    run: Some(create),
    ..Command::BASE
};

pub(super) static DRAFT_UPDATE: Command = Command {
    words: &["jobs", "draft", "update"],
    summary: "Set fields of a draft",
    about: "Answers with what is still missing, like `jobs draft create`.\n\
            Unknown fields are refused.",
    one_of: &[SET, SET_STRING, PATCH_FILE, PATCH_JSON],
    flags: &[JOB_ID],
    endpoint: Some(
        v1("PATCH", "/job-drafts/{job-id}")
            .scope("jobs:write")
            .feature("public_api_job_drafting"),
    ),
    repeat: Repeat::Always,
    if_lost: Advice::text("sending it again is safe: it sets the same fields to the same values"),
    examples: &[
        "opentrain jobs draft update --job-id job_77 --set pricePerHour=25",
        "opentrain jobs draft update --job-id job_77 --set 'languages=[\"Spanish\"]' --set headcount=5",
    ],
    body: Some(patch),
    view: View::Summary(&summary),
    if_refused: Some(|inv, refusal| {
        let id = JOB_ID.is(inv.need(&JOB_ID));
        let blank = SET.blank();
        let edit = inv.step(&UPDATE_PUBLISHED, [id, blank]);
        (refusal.status == 409).then(|| Hint::new("a published job is edited with `{}`", [edit]))
    }),
    tool: Some("update_job_draft_fields"),
    ..Command::BASE
};

fn create(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    let reply = call::reply(inv, sink)?;
    call::hand_over(inv, &reply, inv.command.view, sink)?;
    if let Some(title) = inv.get(&TITLE) {
        check_title(inv, title, reply.value(), sink);
    }
    Ok(())
}

/// The body of each of the four forms (API.md, D2 to D4).
fn create_body(inv: &Invocation) -> Result<String, Error> {
    let mut body = request::body_object(inv);
    let whole = |flag: &Flag| -> Result<Option<String>, Error> {
        match input::text_file(inv, flag)? {
            Some(_) if inv.has(&TITLE) => Err(Error::usage(format!(
                "--title goes with --description or --description-file, not with --{}",
                flag.name
            ))),
            Some(text) => input::object_text(flag, text).map(Some),
            None => Ok(None),
        }
    };
    if let Some(job) = whole(&CANONICAL_FILE)? {
        body.set("format", json::quote("opentrain_canonical"));
        body.set("job", job);
        return Ok(body.to_string());
    }
    if let Some(payload) = whole(&PAYLOAD_FILE)? {
        let mut payload = Object::parse(&payload).unwrap_or_default();
        for (key, value) in body.iter() {
            payload.set(key, value.raw());
        }
        return Ok(payload.to_string());
    }
    let description = match input::text_file(inv, &DESCRIPTION_FILE)? {
        Some(text) => text,
        None => inv.get(&DESCRIPTION).unwrap_or_default().to_owned(),
    };
    let text = match inv.get(&TITLE) {
        // The API takes no title next to a plain description.
        Some(title) => format!("Job title: {title}\n\n{description}"),
        None => description,
    };
    body.set("rawJobDescription", json::quote(&text));
    Ok(body.to_string())
}

/// The title was sent as a line of the text: the parser may have read a different one.
fn check_title(inv: &Invocation, wanted: &str, reply: Option<Value<'_>>, sink: &mut dyn Sink) {
    let Some(draft) = reply.and_then(Value::object) else {
        return;
    };
    let fields = draft.part("normalizedFields").unwrap_or_default();
    let (Some(id), Some(read)) = (draft.text("jobId"), fields.text("jobTitle")) else {
        return;
    };
    if read != wanted {
        // As JSON, because `--set jobTitle=2024` would send a number.
        let patch = format!("{{\"jobTitle\":{}}}", json::quote(wanted));
        let set = inv.step(&DRAFT_UPDATE, [JOB_ID.is(id), PATCH_JSON.is(patch)]);
        let set = sink.spelled(&set);
        sink.note(&format!(
            "Note: the title was read as \"{read}\". To set yours: {set}"
        ));
    }
}

/// The fields to set, as a JSON object: from `--set`, a file or the command line.
pub(super) fn patch(inv: &Invocation) -> Result<String, Error> {
    if let Some(text) = input::text_file(inv, &PATCH_FILE)? {
        return input::object_text(&PATCH_FILE, text);
    }
    match inv.get(&PATCH_JSON) {
        Some(text) => input::object_text(&PATCH_JSON, text.to_owned()),
        None => input::assignments(inv, &SET, &SET_STRING),
    }
}

fn summary(inv: &Invocation, draft: &Object<'_>, page: &mut Page) -> Option<()> {
    let id = draft.text("jobId")?;
    let validation = draft.get("validation").object()?;
    let ready = validation.get("publishReady").is_true();
    let missing = missing_fields(draft, &validation)?;
    page.line(match ready {
        true => format!("Draft {id} is saved and ready to publish."),
        false => format!(
            "Draft {id} is saved but not ready to publish{}",
            lacks(&validation, missing.len())
        ),
    });
    page.pairs(
        2,
        &[
            ("edit", draft.text("draftUrl")),
            (
                "review",
                draft
                    .text("reviewUrl")
                    .filter(|url| draft.text("draftUrl").as_ref() != Some(url)),
            ),
        ],
    );
    for field in &missing {
        page.blank();
        ask(inv, &id, *field, page)?;
    }
    let fields = draft.part("normalizedFields")?;
    if !fields.is_empty() {
        page.blank();
        let described = inv.has(&DESCRIPTION) || inv.has(&DESCRIPTION_FILE);
        page.line(if described {
            "  read from your description"
        } else {
            "  fields"
        });
        let pairs: Vec<(&str, Option<Cow<'_, str>>)> =
            fields.iter().map(|(k, v)| (k, v.joined())).collect();
        page.pairs(4, &pairs);
    }
    page.blank();
    remarks(draft, &validation, page)?;
    if ready {
        page.step("Publish it with", &inv.step(&PUBLISH, [JOB_ID.is(id)]));
    }
    Some(())
}

/// How much is missing. Readiness comes from `publishReady` alone; the count may disagree with
/// the list (K21).
fn lacks(validation: &Object<'_>, listed: usize) -> String {
    let count = match listed {
        0 => validation.text("missingFieldCount").filter(|n| n != "0"),
        n => Some(n.to_string().into()),
    };
    match count.as_deref() {
        Some("1") => ": 1 field is missing.".into(),
        Some(n) => format!(": {n} fields are missing."),
        None => ".".into(),
    }
}

/// The top-level list when it has entries, else the one inside `validation` (K21).
fn missing_fields<'a>(draft: &'a Object<'_>, validation: &'a Object<'_>) -> Option<Vec<Value<'a>>> {
    let top = draft.elements("missingFields")?;
    match top.is_empty() {
        true => validation.elements("missingFields"),
        false => Some(top),
    }
}

/// One missing field: the question, the possible answers, and the command that answers it.
fn ask(inv: &Invocation, id: &str, field: Value<'_>, page: &mut Page) -> Option<()> {
    // An entry may be just the field's name (K21).
    let entry = match field.string() {
        Some(_) => Object::default(),
        None => field.object()?,
    };
    let name = entry
        .text("field")
        .or_else(|| field.string())
        .unwrap_or("<field>".into());
    let label = entry.text("label").unwrap_or(name.clone());
    let prompt = entry
        .text("prompt")
        .unwrap_or_else(|| format!("{label}?").into());
    // Some prompts begin with `ask: ` already (K22).
    let question = prompt.strip_prefix("ask:").unwrap_or(&prompt).trim();
    page.ask(question);
    let keys: Vec<Cow<'_, str>> = match entry.get("updateKeys").items() {
        Some(keys) if !keys.is_empty() => keys.into_iter().filter_map(Value::text).collect(),
        _ => vec![name.clone()],
    };
    let of_type = entry
        .text("type")
        .map(|t| format!(" ({t})"))
        .unwrap_or_default();
    let allowed = entry.get("enumValues");
    let example = entry
        .text("example")
        .or_else(|| allowed.items()?.first()?.text());
    let mut pairs = vec![
        (
            "field",
            Some(format!("{}{of_type}", keys.join(", ")).into()),
        ),
        ("allowed", allowed.joined()),
        ("example", example),
        ("why", entry.text("message")),
        ("hint", entry.text("hint")),
    ];
    for key in &keys {
        // The key comes from the server, and a placeholder is not quoted.
        let blank = match key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            true => SET.blank_like(format!("{key}=<value>")),
            false => SET.blank(),
        };
        let set = inv.step(&DRAFT_UPDATE, [JOB_ID.is(id), blank]);
        pairs.push(("set", Some(page.spelled(&set).into())));
    }
    page.pairs(4, &pairs);
    Some(())
}

/// The server's remarks: issues, warnings, what it could not place or was unsure about. Some shapes
/// are not documented, so an object is shown as it came.
fn remarks(draft: &Object<'_>, validation: &Object<'_>, page: &mut Page) -> Option<()> {
    let lists = [
        ("issue", validation.elements("issues")?),
        ("warning", draft.elements("warnings")?),
        ("unsure", draft.elements("lowConfidenceFields")?),
    ];
    for (label, list) in lists {
        for item in list {
            page.line(format_args!(
                "  {label}: {}",
                item.text().unwrap_or_default()
            ));
        }
    }
    for item in draft.elements("unmappedFields")? {
        let field = item.object().unwrap_or_default();
        let words: Vec<String> = field
            .iter()
            .filter_map(|(k, v)| Some(format!("{k} {}", v.text()?)))
            .collect();
        let text = match words.is_empty() {
            true => item.text().unwrap_or_default().into_owned(),
            false => words.join(", "),
        };
        page.line(format_args!("  not used: {text}"));
    }
    Some(())
}
