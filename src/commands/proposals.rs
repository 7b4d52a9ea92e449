//! `proposals`: candidates for a job, their interviews, and asking to hire one.

use std::borrow::Cow;

use super::{
    CURSOR, JOB_ID, LIMIT, approvals, call, cell, freelancers, hints, joined, list, request, send,
    show, verified,
};
use crate::cli::{Command, Endpoint, Flag, Invocation, Kind, Namespace};
use crate::commands::v1;
use crate::error::{Error, Kind as Failure};
use crate::http::{self, Body, Reply};
use crate::output::json::{self, Object};
use crate::output::{self, Page, note};

/// The proposal that a command is about.
pub const PROPOSAL_ID: Flag = Flag::id(
    "proposal-id",
    "<id>",
    "The proposal, as shown by `opentrain proposals list --job-id <id>`",
);
const STATUS: Flag = Flag::text(
    "status",
    "<status>",
    "Only proposals in this state: UNREVIEWED, SHORTLISTED, MAYBE, HIRED, DECLINED, NOT_A_FIT, RESUME_SENT",
)
.query("status");
const INTERVIEW: Flag = Flag::switch("interview", "Append the transcript of the AI interview");
const AMOUNT: Flag = Flag::new(
    "amount",
    Kind::Amount,
    "<usd>",
    "The first milestone in USD; the human pays 10% and 9.95 USD on top",
)
.required();
const MILESTONE_NAME: Flag = Flag::text("milestone-name", "<name>", "Name of the first milestone")
    .default("First milestone, when there is no description either");
const MILESTONE_DESCRIPTION: Flag = Flag::text(
    "milestone-description",
    "<text>",
    "What the first milestone is for",
);
const DUE_DATE: Flag = Flag::text("due-date", "<iso>", "When it is due, such as 2026-07-01");
const OVERRIDE: Flag = Flag::switch(
    "confirm-not-fit-override",
    "Hire although the proposal is marked Not a fit",
);

/// The second call of `proposals get --interview`.
const INTERVIEW_ENDPOINT: Endpoint =
    v1("GET", "/proposals/{proposal-id}/interview").scope("proposals:read");

/// Lists the proposals for a job.
pub const LIST: Command = Command {
    words: &["proposals", "list"],
    summary: "List the proposals for a job, newest first",
    about: "One row a proposal, to rank by: state, bid, AI interview and match score, country, candidate.\n\
            Scores are as the server gives them.",
    flags: &[
        JOB_ID,
        STATUS,
        LIMIT.default("the server's, at most 100"),
        CURSOR,
    ],
    endpoint: Some(v1("GET", "/jobs/{job-id}/proposals").scope("proposals:read")),
    examples: &[
        "opentrain proposals list --job-id job_77",
        "opentrain proposals list job_77 --status SHORTLISTED --json",
    ],
    run: |inv| show(inv, &call(inv)?, proposals),
    ..Command::BASE
};

/// Shows one proposal.
pub const GET: Command = Command {
    words: &["proposals", "get"],
    summary: "Show one proposal: bid, interview, verification, contract",
    about: "With --interview the transcript of the AI interview follows; a proposal without one is shown all the same.\n\
            With --json both replies are one object.",
    flags: &[PROPOSAL_ID, INTERVIEW],
    endpoint: Some(v1("GET", "/proposals/{proposal-id}").scope("proposals:read")),
    examples: &["opentrain proposals get --proposal-id prop_5 --interview"],
    run: get,
    ..Command::BASE
};

const HIRE: Command = Command {
    words: &["proposals", "hire"],
    summary: "Ask to hire; a human confirms it at a URL",
    about: "Hires nobody and moves no money: it records an approval that a signed-in human confirms within about 72 hours.\n\
            Needs a payment method or enough credits on the account.\n\
            The same terms again give the same approval; other terms replace it.",
    flags: &[
        PROPOSAL_ID,
        AMOUNT,
        MILESTONE_NAME,
        MILESTONE_DESCRIPTION,
        DUE_DATE,
        OVERRIDE,
    ],
    endpoint: Some(
        v1("POST", "/proposals/{proposal-id}/hire")
            .scope("proposals:write")
            .feature("public_api_hiring")
            .claimed(),
    ),
    timeout: 120,
    if_lost: "run it again: the same terms give the same approval, never a second one",
    examples: &[
        "opentrain proposals hire --proposal-id prop_5 --amount 500",
        "opentrain proposals hire prop_5 --amount 250.50 --milestone-name Batch-A --due-date 2026-07-01",
    ],
    run: hire,
    ..Command::BASE
};

/// The commands of this namespace.
pub static NAMESPACE: Namespace = Namespace {
    name: "proposals",
    summary: "review candidates and ask to hire",
    commands: &[LIST, GET, HIRE],
};

fn proposals(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let headings = [
        "ID",
        "STATUS",
        "BID",
        "INTERVIEW",
        "MATCH",
        "COUNTRY",
        "CANDIDATE",
    ];
    list(
        inv,
        reply,
        page,
        "proposals",
        "No proposals.",
        headings,
        |proposal| {
            let candidate = proposal.part("candidate")?;
            let metrics = proposal.part("metrics")?;
            let who = [
                candidate.text("displayName"),
                candidate.text("profileTitle"),
            ];
            Some([
                cell(proposal, "id"),
                state(proposal),
                bid(proposal).unwrap_or_default(),
                cell(&metrics, "interviewScore"),
                cell(&metrics, "matchScore"),
                candidate
                    .text("countryCode")
                    .or(candidate.text("country"))
                    .unwrap_or_default()
                    .into_owned(),
                joined(who).unwrap_or_default().into_owned(),
            ])
        },
    )
}

/// `status` is an object of two forms; anything else is printed as it is.
fn state(proposal: &Object<'_>) -> String {
    let status = proposal.get("status");
    let raw = status
        .object()
        .and_then(|s| s.text("raw").map(Cow::into_owned));
    raw.or_else(|| status.text().map(Cow::into_owned))
        .unwrap_or_default()
}

/// The bid with its unit, in the server's own spelling (K9).
fn bid(proposal: &Object<'_>) -> Option<String> {
    let Some(bid) = proposal.part("bid") else {
        return proposal.text("bid").map(Cow::into_owned);
    };
    let amount = bid.text("amountUsd")?;
    Some(
        format!("{amount} USD {}", bid.text("unit").unwrap_or_default())
            .trim_end()
            .to_owned(),
    )
}

fn get(inv: &Invocation) -> Result<(), Error> {
    let reply = call(inv)?;
    if !inv.has(&INTERVIEW) {
        return show(inv, &reply, proposal);
    }
    let interview = interview_of(inv)?;
    let text = interview
        .as_ref()
        .map_or("{\"interview\":null}", Reply::text);
    let both = Object::parse(reply.text()).zip(Object::parse(text));
    let Some((mut both, second)) = both else {
        // Not as documented: both are shown as they came.
        let both = format!("[{},{text}]", reply.text());
        return show(inv, &Reply::of(both), |_, _, _| None);
    };
    for (key, value) in second.iter() {
        both.set(key, value.raw());
    }
    if inv.json() {
        if interview.is_none() {
            note("Note: no interview is recorded for this proposal.");
        }
        return output::print_json(&both.to_string());
    }
    show(inv, &Reply::of(both.to_string()), |inv, both, page| {
        proposal(inv, both, page)?;
        transcript(both, page)
    })
}

/// The transcript, or nothing when the API says that none is recorded: a 404 that names the
/// proposal (proposals.md, section 3).
fn interview_of(inv: &Invocation) -> Result<Option<Reply>, Error> {
    let request = request::build(inv, &INTERVIEW_ENDPOINT, Body::Empty)?;
    let error = match http::send(&request) {
        Ok(reply) => return Ok(Some(reply)),
        Err(error) => error,
    };
    if let Failure::Refused(refusal) = &error.kind {
        let details = refusal
            .details
            .as_deref()
            .and_then(Object::parse)
            .unwrap_or_default();
        if refusal.status == 404 && !details.get("proposalId").is_null() {
            return Ok(None);
        }
    }
    Err(hints::explain(error, inv))
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
            ("bid", bid(&proposal).map(Cow::Owned)),
            (
                "interview",
                interview.text("score").or(metrics.text("interviewScore")),
            ),
            ("match", metrics.text("matchScore")),
            ("location", location(&proposal).map(Cow::Owned)),
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
    let candidate = candidate
        .text("id")
        .unwrap_or(freelancers::ID.metavar.into());
    page.line(format_args!(
        "See the profile with: {}",
        inv.next(&freelancers::GET, &[(&freelancers::ID, &candidate)])
    ));
    if state(&proposal) != "HIRED" && proposal.get("contract").is_null() {
        let terms = [(&PROPOSAL_ID, id.as_ref()), (&AMOUNT, AMOUNT.metavar)];
        page.line(format_args!(
            "Ask to hire with: {}",
            inv.next(&HIRE, &terms)
        ));
    }
    Some(())
}

fn location(proposal: &Object<'_>) -> Option<String> {
    let Some(verification) = proposal.part("verification") else {
        return proposal.text("verification").map(Cow::into_owned);
    };
    let Some(location) = verification.part("location") else {
        return verification.text("location").map(Cow::into_owned);
    };
    let by = location
        .text("method")
        .map(|m| format!(" by {m}"))
        .unwrap_or_default();
    let at = location
        .text("checkedAt")
        .map(|t| format!(", {t}"))
        .unwrap_or_default();
    Some(format!("{}{by}{at}", location.text("status")?))
}

fn identity(proposal: &Object<'_>) -> Option<Cow<'static, str>> {
    let verification = proposal.get("verification").object()?;
    match verification.part("identity") {
        Some(identity) => verified(identity.get("verified")),
        None => verification
            .text("identity")
            .map(|text| text.into_owned().into()),
    }
}

/// The shape of a contract inside a proposal is not documented: its id when it has one, else
/// the object as it came.
fn contract(proposal: &Object<'_>) -> Option<Cow<'static, str>> {
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
    page.line("Interview");
    for message in interview.get("messages").items()? {
        let message = message.object()?;
        let role = message.text("role").unwrap_or("unknown".into());
        page.line(format_args!(
            "  {role}  {}",
            message.text("sentAt").unwrap_or_default()
        ));
        page.quote(4, &message.text("content").unwrap_or_default());
    }
    Some(())
}

/// The body has a milestone with `amount`, where milestone creation says `amountUsd`. A
/// milestone needs a name or a description (cli.md, decision 5).
fn hire(inv: &Invocation) -> Result<(), Error> {
    let mut milestone = Object::default();
    for (flag, key) in [
        (&MILESTONE_NAME, "name"),
        (&MILESTONE_DESCRIPTION, "description"),
        (&DUE_DATE, "dueDate"),
    ] {
        if let Some(text) = inv.get(flag) {
            milestone.set(key, json::quote(text));
        }
    }
    if !inv.has(&MILESTONE_NAME) && !inv.has(&MILESTONE_DESCRIPTION) {
        milestone.set("name", json::quote("First milestone"));
    }
    milestone.set("amount", inv.need(&AMOUNT));
    let mut body = Object::default();
    body.set("milestone", milestone.to_string());
    if inv.has(&OVERRIDE) {
        body.set("confirmNotFitOverride", "true");
    }
    let reply = send(inv, Body::Json(body.to_string())).map_err(|e| suggest_override(inv, e))?;
    show(inv, &reply, approvals::requested)
}

/// The reason of a conflict over a proposal marked Not a fit is not documented: any conflict
/// without a sentence of its own may be one.
fn suggest_override(inv: &Invocation, error: Error) -> Error {
    match &error.kind {
        Failure::Refused(refusal) if refusal.status == 409 && !inv.has(&OVERRIDE) => error.hint(
            "if the proposal is marked Not a fit and you want it all the same, run this again with --confirm-not-fit-override",
        ),
        _ => error,
    }
}
