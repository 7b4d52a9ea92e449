//! `jobs`: drafting, publishing and managing jobs.

mod draft;

pub use draft::{DESCRIPTION_FILE, DRAFT_CREATE};

use std::borrow::Cow;

use super::{CURSOR, JOB_ID, LIMIT, call, cell, contracts, list, proposals, send, show};
use crate::cli::{Command, Flag, Invocation, Kind, Namespace};
use crate::commands::v1;
use crate::error::{Error, Kind as Failure};
use crate::http::Body;
use crate::output::Page;
use crate::output::json::Object;

const STATUS: Flag = Flag::text(
    "status",
    "<status>",
    "Only jobs in this state: DRAFT, OPEN, ONGOING, COMPLETED, ARCHIVED, PENDING_APPROVAL",
)
.query("status");

const Q: Flag = Flag::text("q", "<text>", "Words in titles and descriptions").query("q");
const CATEGORY: Flag = Flag::text("category", "<slug>", "Only this category").query("category");
const LANGUAGE: Flag =
    Flag::text("language", "<lang>", "Only jobs that need this language").query("language");
const COUNTRY: Flag = Flag::text(
    "country",
    "<iso>",
    "Only jobs open to this country, such as US",
)
.query("country");
const PAY_TYPE: Flag = Flag::choice(
    "pay-type",
    "<type>",
    &["PAY_PER_HOUR", "FIXED_PRICE", "PAY_PER_LABEL"],
    "Only jobs paid this way",
)
.query("payType");
const FREELANCER_ID: Flag = Flag::new(
    "freelancer-id",
    Kind::Id,
    "<id>",
    "User id of the trainer, as shown with a proposal",
)
.required()
.body("freelancerId");

const LIST: Command = Command {
    words: &["jobs", "list"],
    summary: "List your own jobs and drafts, newest first",
    about: "One row a job: id, state, proposals, last change, title.",
    flags: &[STATUS, LIMIT.default("25, at most 100"), CURSOR],
    endpoint: Some(v1("GET", "/jobs/mine").scope("jobs:read")),
    examples: &[
        "opentrain jobs list",
        "opentrain jobs list --status OPEN --limit 10 --json",
    ],
    run: |inv| show(inv, &call(inv)?, jobs),
    ..Command::BASE
};

pub const PUBLISH: Command = Command {
    words: &["jobs", "publish"],
    summary: "Publish a draft that is ready",
    about: "Runs validation and moderation, then opens the job to proposals.\n\
            Publishing a job that is open already changes nothing.\n\
            Each account can publish 20 jobs a day, an unclaimed one 3.",
    flags: &[JOB_ID],
    endpoint: Some(
        v1("POST", "/jobs/{job-id}/publish")
            .scope("jobs:write")
            .feature("public_api_job_publishing"),
    ),
    timeout: 120,
    if_lost: "look with `opentrain jobs list`; publishing again is safe, an open job stays as it is",
    examples: &[
        "opentrain jobs publish --job-id job_77",
        "opentrain jobs publish job_77 --json",
    ],
    run: |inv| {
        show(
            inv,
            &call(inv).map_err(|e| name_missing(inv, e))?,
            published,
        )
    },
    ..Command::BASE
};

const SEARCH: Command = Command {
    words: &["jobs", "search"],
    summary: "Search the public job board; needs no token",
    about: "Shows open jobs of everybody, up to 5 minutes old.\n\
            At most 120 calls a minute from one address.",
    flags: &[
        Q,
        CATEGORY,
        LANGUAGE,
        COUNTRY,
        PAY_TYPE,
        LIMIT.default("the server's, at most 100"),
        CURSOR,
    ],
    endpoint: Some(v1("GET", "/jobs").tokenless()),
    examples: &[
        "opentrain jobs search --q zebra --pay-type PAY_PER_HOUR",
        "opentrain jobs search --json",
    ],
    run: |inv| show(inv, &call(inv)?, found),
    ..Command::BASE
};

const INVITE: Command = Command {
    words: &["jobs", "invite"],
    summary: "Invite an AI trainer to a published job",
    about: "Makes an invited proposal; inviting the same one again changes nothing.",
    flags: &[JOB_ID, FREELANCER_ID],
    endpoint: Some(
        v1("POST", "/jobs/{job-id}/invites")
            .scope("proposals:write")
            .feature("public_api_hiring")
            .claimed(),
    ),
    if_lost: "run it again: the same trainer is invited once",
    examples: &["opentrain jobs invite --job-id job_77 --freelancer-id user_3"],
    run: |inv| show(inv, &call(inv)?, invited),
    ..Command::BASE
};

const CLOSE: Command = Command {
    words: &["jobs", "close"],
    summary: "Close a job: it takes no more proposals",
    about: "Contracts go on; `opentrain contracts end --contract-id <id>` ends them.\n\
            A closed job cannot be opened again.",
    flags: &[JOB_ID],
    endpoint: Some(
        v1("POST", "/jobs/{job-id}/close")
            .scope("jobs:write")
            .feature("public_api_job_publishing"),
    ),
    if_lost: "run it again: a closed job stays as it is",
    examples: &["opentrain jobs close --job-id job_77"],
    run: |inv| show(inv, &call(inv)?, closed),
    ..Command::BASE
};

const UPDATE_PUBLISHED: Command = Command {
    words: &["jobs", "update-published"],
    summary: "Edit a published job",
    about: "Every edit is moderated again. An edit that moderation refuses is applied all the same, and the job is a draft again.",
    one_of: &[draft::SET, draft::PATCH_FILE, draft::PATCH_JSON],
    flags: &[JOB_ID],
    endpoint: Some(
        v1("PATCH", "/jobs/{job-id}")
            .scope("jobs:write")
            .feature("public_api_job_publishing"),
    ),
    if_lost: "look with `opentrain jobs list`; sending it again is safe: it sets the same fields to the same values",
    examples: &["opentrain jobs update-published --job-id job_77 --set headcount=8"],
    run: |inv| show(inv, &send(inv, Body::Json(draft::patch(inv)?))?, updated),
    ..Command::BASE
};

/// The commands of this namespace.
pub static NAMESPACE: Namespace = Namespace {
    name: "jobs",
    summary: "draft, publish and manage jobs",
    commands: &[
        DRAFT_CREATE,
        draft::DRAFT_UPDATE,
        LIST,
        SEARCH,
        PUBLISH,
        INVITE,
        CLOSE,
        UPDATE_PUBLISHED,
    ],
};

fn jobs(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let headings = ["ID", "STATUS", "PROPOSALS", "UPDATED", "TITLE"];
    list(inv, reply, page, "jobs", "No jobs.", headings, |job| {
        let counts = job.part("proposalCounts")?;
        let proposals = match (counts.text("total"), counts.text("unreviewed")) {
            (Some(total), Some(new)) if new != "0" => format!("{total}, {new} unreviewed"),
            (Some(total), _) => total.into_owned(),
            (None, _) => String::new(),
        };
        Some([
            cell(job, "id"),
            cell(job, "status"),
            proposals,
            cell(job, "updatedAt"),
            cell(job, "title"),
        ])
    })
}

fn found(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let headings = ["ID", "PAY", "LEVEL", "LANGUAGES", "POSTED", "URL", "TITLE"];
    list(
        inv,
        reply,
        page,
        "jobs",
        "No jobs found.",
        headings,
        |job| {
            Some([
                cell(job, "id"),
                pay(&job.part("pay")?),
                cell(job, "experienceLevel"),
                job.get("languages").list().unwrap_or_default().into_owned(),
                cell(job, "datePosted"),
                cell(job, "url"),
                cell(job, "title"),
            ])
        },
    )
}

/// The pay of a public job: the amount that its kind of payment uses, else the kind alone.
fn pay(pay: &Object<'_>) -> String {
    let currency = cell(pay, "currency");
    let range = pay
        .text("hourlyMin")
        .zip(pay.text("hourlyMax"))
        .map(|(a, b)| format!("{a}-{b}"));
    let amounts = [
        (pay.text("hourlyRate").map(Cow::into_owned), "an hour"),
        (range, "an hour"),
        (pay.text("fixedPrice").map(Cow::into_owned), "in all"),
        (pay.text("perLabelRate").map(Cow::into_owned), "a label"),
    ];
    match amounts
        .into_iter()
        .find_map(|(amount, unit)| Some((amount?, unit)))
    {
        Some((amount, unit)) => format!("{amount} {currency} {unit}"),
        None => cell(pay, "paymentType"),
    }
}

fn invited(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let proposal = reply.text("proposalId")?;
    let freelancer = reply
        .text("freelancerId")
        .unwrap_or(inv.need(&FREELANCER_ID).into());
    let job = reply.text("jobId").unwrap_or(inv.need(&JOB_ID).into());
    page.line(match reply.get("alreadyInvited").is_true() {
        true => format!("{freelancer} was invited to job {job} already: proposal {proposal}."),
        false => format!("{freelancer} is invited to job {job}: proposal {proposal}."),
    });
    let see = inv.next(&proposals::GET, &[(&proposals::PROPOSAL_ID, &proposal)]);
    page.line(format_args!("See it with: {see}"));
    Some(())
}

fn closed(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let (id, status) = (reply.text("jobId")?, reply.text("status")?);
    page.line(match reply.get("alreadyClosed").is_true() {
        true => format!("Job {id} was closed already; it is {status}."),
        false => format!("Job {id} is closed; it is {status} and takes no more proposals."),
    });
    let own = [(&contracts::ONE_JOB, id.as_ref())];
    page.line(format_args!(
        "Its contracts go on; see them with: {}",
        inv.next(&contracts::LIST, &own)
    ));
    Some(())
}

fn updated(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let (id, status) = (reply.text("jobId")?, reply.text("status")?);
    page.line(format_args!("Job {id} is updated; it is {status}."));
    let moderation = reply.part("moderation")?;
    page.pairs(
        2,
        &[
            ("moderation", moderation.text("decision")),
            ("reasons", moderation.get("reasons").list()),
        ],
    );
    let proposals = inv.next(&proposals::LIST, &[(&JOB_ID, &id)]);
    page.line(format_args!("See its proposals with: {proposals}"));
    Some(())
}

/// A draft that is not ready is refused with the fields that it lacks: the hint names them.
fn name_missing(inv: &Invocation, mut error: Error) -> Error {
    let Failure::Refused(refusal) = &error.kind else {
        return error;
    };
    let details = refusal
        .details
        .as_deref()
        .and_then(Object::parse)
        .unwrap_or_default();
    let validation = details.part("validation").unwrap_or_default();
    let missing = validation.elements("missingFields").unwrap_or_default();
    let names: Vec<String> = missing
        .into_iter()
        .filter_map(|field| {
            let entry = field.object().unwrap_or_default();
            let keys = entry
                .get("updateKeys")
                .list()
                .or_else(|| entry.text("field"));
            keys.or_else(|| field.string())
                .map(|name| name.into_owned())
        })
        .collect();
    if !names.is_empty() {
        let fields = [
            (&JOB_ID, inv.need(&JOB_ID)),
            (&draft::SET, draft::SET.metavar),
        ];
        let set = inv.next(&draft::DRAFT_UPDATE, &fields);
        error.hint = Some(format!(
            "the draft lacks {}; set each with `{set}`",
            names.join(", ")
        ));
    }
    error
}

fn published(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let (id, status) = (reply.text("jobId")?, reply.text("status")?);
    page.line(match reply.get("alreadyPublished").is_true() {
        true => format!("Job {id} was published already; it is {status}."),
        false => format!("Job {id} is published; it is {status}."),
    });
    if let Some(url) = reply.text("jobUrl") {
        page.url(&url);
    }
    let effects = reply.part("sideEffects")?;
    page.pairs(
        2,
        &[
            ("attempt", reply.text("publishAttemptId")),
            ("distribution", effects.text("status")),
        ],
    );
    for warning in reply.elements("warnings")? {
        page.line(format_args!(
            "  warning: {}",
            warning.text().unwrap_or_default()
        ));
    }
    let proposals = inv.next(&proposals::LIST, &[(&JOB_ID, &id)]);
    page.line(format_args!("See its proposals with: {proposals}"));
    Some(())
}
