//! `proposals`: candidates for a job, their interviews, and asking to hire one.

mod hire;

use std::borrow::Cow;

use super::{JOB_ID, freelancers, v1};
use crate::call::{self, request};
use crate::cli::{CURSOR, Command, Endpoint, Flag, Invocation, LIMIT, Namespace, Sink, View};
use crate::error::{Error, Failure, Hint, Refusal};
use crate::http::{Body, Reply};
use crate::json::Object;
use crate::step::Step;
use crate::view::words::{Words, cell, joined, verified};
use crate::view::{List, Page, column, field};

/// The proposal that a command is about.
pub(super) const PROPOSAL_ID: Flag = Flag::id(
    "proposal-id",
    "<id>",
    "The proposal, from `opentrain proposals list --job-id <id>`",
);
const STATUS: Flag = Flag::text("status", "<status>", "Only proposals in this state")
    .known(&[
        "UNREVIEWED",
        "SHORTLISTED",
        "MAYBE",
        "HIRED",
        "DECLINED",
        "NOT_A_FIT",
        "RESUME_SENT",
    ])
    .query("status");
const INTERVIEW: Flag = Flag::switch("interview", "Append the transcript of the AI interview");
/// The second call of `proposals get --interview`.
const INTERVIEW_ENDPOINT: Endpoint =
    v1("GET", "/proposals/{proposal-id}/interview").scope("proposals:read");

/// Lists the proposals for a job.
pub(super) static LIST: Command = Command {
    words: &["proposals", "list"],
    summary: "List the proposals for a job, newest first",
    about: "To rank by: state, bid, AI interview and match score, country.",
    flags: &[
        JOB_ID,
        STATUS,
        LIMIT.default("the server's").up_to(100),
        CURSOR,
    ],
    endpoint: Some(v1("GET", "/jobs/{job-id}/proposals").scope("proposals:read")),
    examples: &[
        "opentrain proposals list --job-id job_77",
        "opentrain proposals list job_77 --status SHORTLISTED --json",
    ],
    view: View::List(PROPOSALS),
    tool: Some("list_proposals"),
    ..Command::BASE
};

/// Shows one proposal.
pub(super) static GET: Command = Command {
    words: &["proposals", "get"],
    summary: "Show one proposal: bid, interview, verification, contract",
    about: "With --interview the transcript follows, where there is one.\n\
            With --json both replies are one object.",
    flags: &[PROPOSAL_ID, INTERVIEW],
    endpoint: Some(v1("GET", "/proposals/{proposal-id}").scope("proposals:read")),
    examples: &["opentrain proposals get --proposal-id prop_5 --interview"],
    also: Some((&INTERVIEW, INTERVIEW_ENDPOINT)),
    view: View::Summary(&proposal),
    tool: Some("get_proposal"),
    run: Some(get),
    ..Command::BASE
};

static INTERVIEW_OF: Command = Command {
    words: &["proposals", "interview"],
    summary: "Show the transcript of a candidate's AI interview",
    about: "The whole transcript, oldest first; contact details are left out of it.\n\
            `opentrain proposals get --proposal-id <id> --interview` shows it after the proposal.",
    flags: &[PROPOSAL_ID],
    endpoint: Some(INTERVIEW_ENDPOINT),
    view: View::Summary(&interview),
    if_refused: Some(no_interview),
    examples: &["opentrain proposals interview prop_5"],
    ..Command::BASE
};

/// The commands of this namespace.
pub(super) static NAMESPACE: Namespace = Namespace {
    name: "proposals",
    summary: "review candidates and ask to hire",
    commands: &[&LIST, &GET, &INTERVIEW_OF, &hire::HIRE],
    recipe: None,
};

const PROPOSALS: List = List::paged(
    "proposals",
    "No proposals.",
    &[
        field("ID", "id"),
        column("STATUS", |proposal| Some(state(proposal))),
        column("BID", |proposal| Some(cell(bid(proposal)))),
        column("INTERVIEW", |proposal| {
            Some(cell(proposal.part("metrics")?.text("interviewScore")))
        }),
        column("MATCH", |proposal| {
            Some(cell(proposal.part("metrics")?.text("matchScore")))
        }),
        column("COUNTRY", |proposal| {
            let candidate = proposal.part("candidate")?;
            let code = candidate.text("countryCode");
            Some(cell(code.or(candidate.text("country"))))
        }),
        column("CANDIDATE", |proposal| {
            let candidate = proposal.part("candidate")?;
            let title = candidate.text("profileTitle");
            Some(cell(joined([candidate.text("displayName"), title])))
        }),
    ],
);

/// `status` is an object of two forms; anything else is printed as it is.
fn state(proposal: &Object<'_>) -> String {
    let status = proposal.get("status");
    let object = status.object();
    let raw = object.as_ref().and_then(|s| s.text("raw"));
    cell(raw.or(status.text()))
}

/// The bid with its unit, in the server's own spelling (K9).
fn bid<'a>(proposal: &'a Object<'_>) -> Words<'a> {
    let Some(bid) = proposal.part("bid") else {
        return proposal.text("bid");
    };
    let amount = bid.text("amountUsd")?;
    let bid = format!("{amount} USD {}", cell(bid.text("unit")));
    Some(bid.trim_end().to_owned().into())
}

fn get(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    let reply = call::reply(inv, sink)?;
    if !inv.has(&INTERVIEW) {
        return call::hand_over(inv, &reply, inv.command.view, sink).map(drop);
    }
    let interview = interview_of(inv, sink)?;
    let text = interview
        .as_ref()
        .map_or("{\"interview\":null}", Reply::text);
    let both = Object::parse(reply.text()).zip(Object::parse(text));
    let Some((mut both, second)) = both else {
        // Not as documented: both are shown as they came.
        let both = Reply::of(format!("[{},{text}]", reply.text()));
        return call::hand_over(inv, &both, inv.command.view, sink).map(drop);
    };
    for (key, value) in second.iter() {
        both.set(key, value.raw());
    }
    if inv.json() && interview.is_none() {
        sink.note("Note: no interview is recorded for this proposal.");
    }
    let view = |inv: &Invocation, both: &Object<'_>, page: &mut Page| {
        proposal(inv, both, page)?;
        transcript(both, page)
    };
    let both = Reply::of(both.to_string());
    call::hand_over(inv, &both, View::Summary(&view), sink).map(drop)
}

/// The transcript, or nothing when the API says that none is recorded: a 404 that names the
/// proposal (API.md, section 12).
fn interview_of(inv: &Invocation, sink: &mut dyn Sink) -> Result<Option<Reply>, Error> {
    let request = request::build_to(inv, &INTERVIEW_ENDPOINT, Body::Empty, sink)?;
    let error = match call::send(inv, &request, sink) {
        Ok(reply) => return Ok(Some(reply)),
        Err(error) => error,
    };
    if let Failure::Refused(refusal) = &error.failure
        && refusal.status == 404
        && !refusal.details().get("proposalId").is_null()
    {
        return Ok(None);
    }
    Err(error)
}

fn proposal(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let proposal = reply.get("proposal").object()?;
    let id = proposal.text("id")?;
    let candidate = proposal.part("candidate")?;
    let metrics = proposal.part("metrics")?;
    let interview = proposal.part("aiInterview")?;
    let name = candidate
        .text("displayName")
        .unwrap_or("an unnamed candidate".into());
    page.line(format_args!(
        "Proposal {id} from {name} is {}.",
        state(&proposal)
    ));
    page.pairs(
        2,
        &[
            (
                "job",
                joined([proposal.text("jobId"), proposal.text("jobTitle")]),
            ),
            (
                "candidate",
                joined([
                    candidate.text("id"),
                    candidate.text("profileTitle"),
                    candidate.text("country"),
                    candidate.text("talentType"),
                ]),
            ),
            ("bid", bid(&proposal)),
            (
                "interview",
                interview
                    .text("score")
                    .or(metrics.text("interviewScore"))
                    .or(Some("none".into())),
            ),
            ("match", metrics.text("matchScore")),
            ("location", location(&proposal)),
            ("identity", identity(&proposal)),
            (
                "assessment",
                Some(proposal.text("openLabel").unwrap_or("none".into())),
            ),
            (
                "contract",
                Some(contract(&proposal).unwrap_or("none".into())),
            ),
            ("sent", proposal.text("createdAt")),
        ],
    );
    if let Some(summary) = interview.text("summary") {
        page.line("  interview summary");
        page.quote(4, &summary);
    }
    let profile = match candidate.text("id") {
        Some(id) => freelancers::ID.is(id),
        None => freelancers::ID.blank(),
    };
    let profile = inv.step(&freelancers::GET, [profile]);
    page.step("See the profile with", &profile);
    if state(&proposal) != "HIRED" && proposal.get("contract").is_null() {
        let hire = inv.step(&hire::HIRE, [PROPOSAL_ID.is(id), hire::AMOUNT.blank()]);
        page.step("Ask to hire with", &hire);
    }
    Some(())
}

fn location(proposal: &Object<'_>) -> Words<'static> {
    let words = |text: Words<'_>| text.map(|text| text.into_owned().into());
    let Some(verification) = proposal.part("verification") else {
        return words(proposal.text("verification"));
    };
    let Some(location) = verification.part("location") else {
        return words(verification.text("location"));
    };
    let by = location.text("method").map(|m| format!(" by {m}"));
    let at = location.text("checkedAt").map(|t| format!(", {t}"));
    let (by, at) = (by.unwrap_or_default(), at.unwrap_or_default());
    Some(format!("{}{by}{at}", location.text("status")?).into())
}

fn identity(proposal: &Object<'_>) -> Words<'static> {
    let verification = proposal.get("verification").object()?;
    match verification.part("identity") {
        Some(identity) => verified(identity.get("verified")),
        None => verified(verification.get("identity")),
    }
}

/// The shape of a contract inside a proposal is not documented: its id if it has one, else the
/// object as it came.
fn contract(proposal: &Object<'_>) -> Words<'static> {
    let contract = proposal.get("contract");
    let id = contract
        .object()
        .and_then(|c| Some(c.text("id")?.into_owned()));
    let text = id.or_else(|| contract.text().map(Cow::into_owned))?;
    Some(text.into())
}

fn transcript(both: &Object<'_>, page: &mut Page) -> Option<()> {
    page.blank();
    let Some(interview) = both.get("interview").object() else {
        page.line("No interview is recorded for this proposal.");
        return Some(());
    };
    page.heading("Interview");
    messages(&interview, page)
}

fn messages(interview: &Object<'_>, page: &mut Page) -> Option<()> {
    for message in interview.get("messages").items()? {
        let message = message.object()?;
        let role = message.text("role").unwrap_or("unknown".into());
        page.line(format_args!("  {role}  {}", cell(message.text("sentAt"))));
        page.quote(4, &cell(message.text("content")));
    }
    Some(())
}

fn interview(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let interview = reply.get("interview").object()?;
    let proposal = interview.text("proposalId");
    let proposal = proposal.unwrap_or(inv.need(&PROPOSAL_ID).into());
    page.line(format_args!("Interview of proposal {proposal}"));
    page.pairs(
        2,
        &[
            ("interview", interview.text("interviewId")),
            ("score", interview.text("score")),
        ],
    );
    if let Some(summary) = interview.text("summary") {
        page.line("  summary");
        page.quote(4, &summary);
    }
    page.blank();
    messages(&interview, page)?;
    let get = inv.step(&GET, [PROPOSAL_ID.is(proposal)]);
    page.step("See the proposal with", &get);
    Some(())
}

/// The API uses the same code for both: no interview is recorded, or there is no such proposal.
fn no_interview(_: &Invocation, refusal: &Refusal) -> Option<Hint> {
    let proposal = refusal.details().text("proposalId")?.into_owned();
    let get = Step::new("proposals get", [PROPOSAL_ID.is(proposal)]);
    (refusal.status == 404).then(|| {
        Hint::new(
            "no interview is recorded for it, or there is no such proposal; `{}` shows which",
            [get],
        )
    })
}
