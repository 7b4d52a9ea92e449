//! The public job board: search, one job, counts, changes. All of it works without a token.

use crate::call;
use crate::cli::{CURSOR, Command, Flag, Invocation, LIMIT, SINCE, Sink, View};
use crate::commands::{JOB_ID, v1};
use crate::error::{Error, Failure, Hint, Refusal};
use crate::json::Object;
use crate::step::Step;
use crate::view::words::{Words, cell};
use crate::view::{List, More, Page, column, field};

/// The job; not necessarily one's own.
const PUBLIC_ID: Flag = {
    let mut flag = JOB_ID;
    flag.help = "The job, from `opentrain jobs search`";
    flag
};
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
pub(super) static SEARCH: Command = Command {
    words: &["jobs", "search"],
    summary: "Search the public job board; needs no token",
    about: "All open jobs, up to 5 minutes out of date.\n\
            At most 120 calls a minute from one address, for all of the board.",
    flags: &[
        Q,
        CATEGORY,
        LANGUAGE,
        COUNTRY,
        PAY_TYPE,
        LIMIT.default("the server's").up_to(100),
        CURSOR,
    ],
    endpoint: Some(v1("GET", "/jobs").tokenless()),
    examples: &[
        "opentrain jobs search --q zebra --pay-type PAY_PER_HOUR",
        "opentrain jobs search --json",
    ],
    view: View::List(FOUND),
    tool: Some("search_jobs"),
    ..Command::BASE
};

pub(super) static GET: Command = Command {
    words: &["jobs", "get"],
    summary: "Show one job of the public board; needs no token",
    about: "Any open job, up to 5 minutes out of date; no drafts or closed jobs.",
    flags: &[PUBLIC_ID],
    endpoint: Some(v1("GET", "/jobs/{job-id}").tokenless()),
    view: View::Summary(&job),
    if_refused: Some(search_instead),
    examples: &["opentrain jobs get job_77"],
    tool: Some("get_job"),
    run: Some(get),
    ..Command::BASE
};

pub(in crate::commands) static FACETS: Command = Command {
    words: &["jobs", "facets"],
    summary: "Count the open jobs by category, language, country, pay; needs no token",
    about: "The values are those that `opentrain jobs search` takes.",
    endpoint: Some(v1("GET", "/jobs/facets").tokenless()),
    view: View::Summary(&facets),
    examples: &["opentrain jobs facets"],
    tool: Some("get_job_facets"),
    ..Command::BASE
};

pub(super) static CHANGES: Command = Command {
    words: &["jobs", "changes"],
    summary: "List what changed on the public board since a time; needs no token",
    about: "Each job once, with its newest event: PUBLISHED, UPDATED or CLOSED.\n\
            At most 5,000 events a call; the last line gives the time to continue from.",
    flags: &[SINCE],
    endpoint: Some(v1("GET", "/jobs/changes").tokenless()),
    view: View::List(CHANGED),
    examples: &["opentrain jobs changes --since 2026-06-11T00:00:00Z"],
    tool: Some("list_job_changes"),
    ..Command::BASE
};

const FOUND: List = List::paged(
    "jobs",
    "No jobs found.",
    &[
        field("ID", "id"),
        column("PAY", |job| Some(pay(&job.part("pay")?))),
        field("LEVEL", "experienceLevel"),
        column("LANGUAGES", |job| Some(cell(job.get("languages").joined()))),
        field("POSTED", "datePosted"),
        field("URL", "url"),
        field("TITLE", "title"),
    ],
);

/// The pay of a public job: the amount that goes with its payment type, else the type alone.
fn pay(pay: &Object<'_>) -> String {
    let range = pay
        .text("hourlyMin")
        .zip(pay.text("hourlyMax"))
        .map(|(a, b)| format!("{a}-{b}").into());
    let amounts: [(Words<'_>, &str); 4] = [
        (pay.text("hourlyRate"), "an hour"),
        (range, "an hour"),
        (pay.text("fixedPrice"), "in all"),
        (pay.text("perLabelRate"), "a label"),
    ];
    let mut amounts = amounts.into_iter().filter_map(|(a, unit)| Some((a?, unit)));
    match amounts.next() {
        Some((amount, unit)) => format!("{amount} {} {unit}", cell(pay.text("currency"))),
        None => cell(pay.text("paymentType")),
    }
}

/// For a job that is no longer on the board, the answer is its state rather than an error.
fn get(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    call::endpoint(inv, sink).map_err(|mut error| {
        if let Failure::Refused(refusal) = &mut error.failure {
            let details = refusal.details();
            let gone = details.text("id").zip(details.text("status"));
            let gone = gone
                .map(|(id, status)| format!("job {id} is {status}: it is no longer on the board"));
            if let Some(text) = gone.filter(|_| refusal.status == 404) {
                refusal.code = "NOT_FOUND".into();
                error.text = text;
            }
        }
        error
    })
}

fn search_instead(_: &Invocation, refusal: &Refusal) -> Option<Hint> {
    let search = Step::new("jobs search", []);
    (refusal.status == 404).then(|| Hint::new("`{}` shows the jobs on the board", [search]))
}

fn job(_: &Invocation, job: &Object<'_>, page: &mut Page) -> Option<()> {
    let (id, status) = (job.text("id")?, job.text("status")?);
    let title = cell(job.text("title").map(|t| format!(": {t}").into()));
    page.line(format_args!("Job {id} is {status}{title}"));
    let pay = pay(&job.part("pay")?);
    page.pairs(
        2,
        &[
            ("company", job.text("companyName")),
            ("pay", (!pay.is_empty()).then(|| pay.into())),
            ("level", job.text("experienceLevel")),
            ("category", job.text("category")),
            ("data", job.text("dataType")),
            ("labels", job.get("labelTypes").joined()),
            ("software", job.text("labelingSoftware")),
            ("skills", job.get("skills").joined()),
            ("languages", job.get("languages").joined()),
            ("countries", job.get("countries").joined()),
            ("employment", job.get("employmentTypes").joined()),
            ("posted", job.text("datePosted")),
            ("until", job.text("validThrough")),
            ("updated", job.text("updatedAt")),
            ("page", job.text("url")),
            ("apply", job.text("applyUrl")),
        ],
    );
    for (label, key) in [("summary", "summary"), ("description", "descriptionText")] {
        if let Some(text) = job.text(key) {
            page.line(format_args!("  {label}"));
            page.quote(4, &text);
        }
    }
    Some(())
}

/// The facets: the key of each, and how its values are shown.
const FACET_LISTS: [List; 4] = [
    List::whole(
        "categories",
        "No categories.",
        &[field("JOBS", "count"), field("CATEGORY", "value")],
    ),
    List::whole(
        "languages",
        "No languages.",
        &[field("JOBS", "count"), field("LANGUAGE", "value")],
    ),
    List::whole(
        "countries",
        "No countries.",
        &[field("JOBS", "count"), field("COUNTRY", "value")],
    ),
    List::whole(
        "payTypes",
        "No kinds of pay.",
        &[field("JOBS", "count"), field("PAY", "value")],
    ),
];

fn facets(_: &Invocation, facets: &Object<'_>, page: &mut Page) -> Option<()> {
    page.line(match facets.text("totalJobs")?.as_ref() {
        "1" => "1 job is open.".to_owned(),
        total => format!("{total} jobs are open."),
    });
    for list in FACET_LISTS {
        page.blank();
        list.write(facets, page)?;
    }
    Some(())
}

const CHANGED: List = List {
    more: More::Since,
    ..List::whole(
        "changes",
        "Nothing changed.",
        &[
            field("JOB", "jobId"),
            field("EVENT", "eventType"),
            field("AT", "occurredAt"),
        ],
    )
};
