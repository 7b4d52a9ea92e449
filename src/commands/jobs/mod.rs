//! `jobs`: drafting, publishing and managing jobs.

mod board;
mod capabilities;
mod draft;
mod fields;

pub(super) use board::FACETS;
pub(super) use capabilities::CAPABILITIES;
pub(super) use draft::{DESCRIPTION_FILE, DRAFT_CREATE};

use super::{JOB_ID, contracts, proposals, v1};
use crate::cli::{
    Advice, CURSOR, Command, Flag, Invocation, Kind, LIMIT, Namespace, Next, Repeat, View,
};
use crate::json::Object;
use crate::view::words::cell;
use crate::view::{List, Page, column, field};

const STATUS: Flag = Flag::text("status", "<status>", "Only jobs in this state")
    .known(&[
        "DRAFT",
        "OPEN",
        "ONGOING",
        "COMPLETED",
        "ARCHIVED",
        "PENDING_APPROVAL",
    ])
    .query("status");

const FREELANCER_ID: Flag = Flag::new(
    "freelancer-id",
    Kind::Id,
    "<id>",
    "User id of the trainer, from a proposal",
)
.required()
.body("freelancerId");

const LOOK: Next = Next::new("jobs list");

static LIST: Command = Command {
    words: &["jobs", "list"],
    summary: "List your own jobs and drafts, newest first",
    flags: &[STATUS, LIMIT.default("25").up_to(100), CURSOR],
    endpoint: Some(v1("GET", "/jobs/mine").scope("jobs:read")),
    examples: &[
        "opentrain jobs list",
        "opentrain jobs list --status OPEN --limit 10 --json",
    ],
    view: View::List(JOBS),
    tool: Some("list_jobs"),
    ..Command::BASE
};

pub(super) static PUBLISH: Command = Command {
    words: &["jobs", "publish"],
    summary: "Publish a draft that is ready",
    about: "Runs validation and moderation, then opens the job to proposals.\n\
            Publishing an open job changes nothing.\n\
            An account can publish 20 jobs a day, an unclaimed one 3.",
    flags: &[JOB_ID],
    endpoint: Some(
        v1("POST", "/jobs/{job-id}/publish")
            .scope("jobs:write")
            .feature("public_api_job_publishing"),
    ),
    timeout: 120,
    repeat: Repeat::Always,
    if_lost: Advice::new(
        "check with `{}`; publishing again is safe, an open job stays as it is",
        &[LOOK],
    ),
    examples: &[
        "opentrain jobs publish --job-id job_77",
        "opentrain jobs publish job_77 --json",
    ],
    view: View::Summary(&published),
    tool: Some("publish_job"),
    ..Command::BASE
};

static INVITE: Command = Command {
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
    repeat: Repeat::Always,
    if_lost: Advice::text("run it again: the same trainer is invited only once"),
    examples: &["opentrain jobs invite --job-id job_77 --freelancer-id user_3"],
    view: View::Summary(&invited),
    tool: Some("invite_freelancer"),
    ..Command::BASE
};

static CLOSE: Command = Command {
    words: &["jobs", "close"],
    summary: "Close a job: it takes no more proposals",
    about: "Contracts continue; `opentrain contracts end --contract-id <id>` ends them.\n\
            A closed job cannot be reopened.",
    flags: &[JOB_ID],
    endpoint: Some(
        v1("POST", "/jobs/{job-id}/close")
            .scope("jobs:write")
            .feature("public_api_job_publishing"),
    ),
    repeat: Repeat::Always,
    if_lost: Advice::text("run it again: a closed job stays as it is"),
    examples: &["opentrain jobs close --job-id job_77"],
    view: View::Summary(&closed),
    tool: Some("close_job"),
    ends: true,
    ..Command::BASE
};

static UPDATE_PUBLISHED: Command = Command {
    words: &["jobs", "update-published"],
    summary: "Edit a published job",
    about: "Every edit is moderated again. Even a refused edit is applied, and the job is a draft again.",
    one_of: &[
        draft::SET,
        draft::SET_STRING,
        draft::PATCH_FILE,
        draft::PATCH_JSON,
    ],
    flags: &[JOB_ID],
    endpoint: Some(
        v1("PATCH", "/jobs/{job-id}")
            .scope("jobs:write")
            .feature("public_api_job_publishing"),
    ),
    repeat: Repeat::Always,
    if_lost: Advice::new(
        "check with `{}`; sending it again is safe: it sets the same fields to the same values",
        &[LOOK],
    ),
    examples: &["opentrain jobs update-published --job-id job_77 --set headcount=8"],
    body: Some(draft::patch),
    view: View::Summary(&updated),
    tool: Some("update_published_job"),
    ..Command::BASE
};

/// The commands of this namespace.
pub(super) static NAMESPACE: Namespace = Namespace {
    name: "jobs",
    summary: "draft, publish and manage jobs",
    commands: &[
        &DRAFT_CREATE,
        &draft::DRAFT_UPDATE,
        &CAPABILITIES,
        &LIST,
        &board::SEARCH,
        &board::GET,
        &board::FACETS,
        &board::CHANGES,
        &PUBLISH,
        &INVITE,
        &CLOSE,
        &UPDATE_PUBLISHED,
    ],
    recipe: None,
};

const JOBS: List = List::paged(
    "jobs",
    "No jobs.",
    &[
        field("ID", "id"),
        field("STATUS", "status"),
        column("PROPOSALS", |job| {
            let counts = job.part("proposalCounts")?;
            Some(match (counts.text("total"), counts.text("unreviewed")) {
                (Some(total), Some(new)) if new != "0" => format!("{total}, {new} unreviewed"),
                (total, _) => cell(total),
            })
        }),
        field("UPDATED", "updatedAt"),
        field("TITLE", "title"),
    ],
);

fn invited(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let proposal = reply.text("proposalId")?;
    let freelancer = reply
        .text("freelancerId")
        .unwrap_or(inv.need(&FREELANCER_ID).into());
    let job = reply.text("jobId").unwrap_or(inv.need(&JOB_ID).into());
    page.line(match reply.get("alreadyInvited").is_true() {
        true => format!("{freelancer} was already invited to job {job}: proposal {proposal}."),
        false => format!("{freelancer} is invited to job {job}: proposal {proposal}."),
    });
    let see = inv.step(&proposals::GET, [proposals::PROPOSAL_ID.is(proposal)]);
    page.step("See it with", &see);
    Some(())
}

fn closed(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let (id, status) = (reply.text("jobId")?, reply.text("status")?);
    page.line(match reply.get("alreadyClosed").is_true() {
        true => format!("Job {id} was already closed; it is {status}."),
        false => format!("Job {id} is closed; it is {status} and takes no more proposals."),
    });
    let contracts = inv.step(&contracts::LIST, [contracts::ONE_JOB.is(id)]);
    page.step("Its contracts continue; see them with", &contracts);
    Some(())
}

fn updated(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let (id, status) = (reply.text("jobId")?, reply.text("status")?);
    page.line(format_args!("Job {id} was updated; it is {status}."));
    let moderation = reply.part("moderation")?;
    page.pairs(
        2,
        &[
            ("moderation", moderation.text("decision")),
            ("reasons", moderation.get("reasons").joined()),
        ],
    );
    let proposals = inv.step(&proposals::LIST, [JOB_ID.is(id)]);
    page.step("See its proposals with", &proposals);
    Some(())
}

fn published(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let (id, status) = (reply.text("jobId")?, reply.text("status")?);
    page.line(match reply.get("alreadyPublished").is_true() {
        true => format!("Job {id} was already published; it is {status}."),
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
    let proposals = inv.step(&proposals::LIST, [JOB_ID.is(id)]);
    page.step("See its proposals with", &proposals);
    Some(())
}
