//! `freelancers`: masked profiles of AI trainers.

use std::borrow::Cow;

use super::v1;
use crate::cli::{Command, Flag, Invocation, Namespace, View};
use crate::json::{Object, Value};
use crate::view::Page;
use crate::view::words::{Words, joined, usd, verified};

/// User id or profile slug.
pub(super) const ID: Flag = Flag::id(
    "id",
    "<user-id-or-slug>",
    "User id or profile slug, from a proposal",
)
.argument("idOrSlug");

/// Shows one profile.
pub(super) static GET: Command = Command {
    words: &["freelancers", "get"],
    summary: "Show the masked profile of an AI trainer",
    about: "Names stay masked to first name and initial; contact details are never shown.",
    flags: &[ID],
    endpoint: Some(v1("GET", "/freelancers/{id}").scope("proposals:read")),
    examples: &[
        "opentrain freelancers get --id user_3",
        "opentrain freelancers get ana-b --json",
    ],
    view: View::Summary(&profile),
    tool: Some("get_freelancer_profile"),
    ..Command::BASE
};

/// The commands of this namespace.
pub(super) static NAMESPACE: Namespace = Namespace {
    name: "freelancers",
    summary: "masked profiles of AI trainers",
    commands: &[&GET],
    recipe: None,
};

fn profile(_: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let person = reply.get("freelancer").object()?;
    let (id, name) = (person.text("id")?, person.text("displayName"));
    let title = person
        .text("title")
        .map(|t| format!(": {t}"))
        .unwrap_or_default();
    page.line(format_args!(
        "{} ({id}){title}",
        name.unwrap_or("Freelancer".into())
    ));
    let stats = person.part("stats")?;
    let skills = person.part("skills")?;
    let place = joined([person.text("city"), person.text("country")]);
    let rating = stats.text("averageRating").map(|r| {
        Cow::Owned(format!(
            "{r} from {} reviews",
            stats.text("reviewCount").unwrap_or("?".into())
        ))
    });
    page.pairs(
        2,
        &[
            ("profile", person.text("profilePath")),
            ("slug", person.text("profileSlug")),
            ("place", place),
            ("type", person.text("talentType")),
            ("level", person.text("expertiseLevel")),
            (
                "rate",
                usd(person.text("hourlyRateUsd")).map(|r| format!("{r} an hour").into()),
            ),
            ("available", person.text("availability")),
            ("English", person.text("englishLevel")),
            ("languages", languages(person.get("languages"))),
            ("identity", verified(person.get("identityVerified"))),
            ("member since", person.text("memberSince")),
            ("earned", usd(stats.text("totalEarnedUsd"))),
            ("billed hours", stats.text("billedHours")),
            ("success", stats.text("jobSuccessScore")),
            ("rating", rating),
            ("subjects", skills.get("subjectMatter").joined()),
            ("skills", skills.get("tags").joined()),
            ("software", skills.get("software").joined()),
            ("data types", skills.get("dataTypes").joined()),
            ("label types", skills.get("labelTypes").joined()),
            ("agency", person.text("agency")),
        ],
    );
    if let Some(bio) = person.text("bio") {
        page.line("  about");
        page.quote(4, &bio);
    }
    let sections = [
        ("labelling experience", "labelExperience"),
        ("work experience", "workExperience"),
        ("education", "education"),
        ("reviews", "reviews"),
    ];
    for (heading, key) in sections {
        entries(heading, person.elements(key)?, page);
    }
    Some(())
}

fn languages(value: Value<'_>) -> Words<'_> {
    let mut words = Vec::new();
    let Some(items) = value.items() else {
        return value.text();
    };
    for language in items {
        let entry = language.object().unwrap_or_default();
        words.push(match (entry.text("language"), entry.text("proficiency")) {
            (Some(name), Some(level)) => format!("{name} ({level})"),
            (Some(name), None) => name.into_owned(),
            (None, _) => language.text().unwrap_or_default().into_owned(),
        });
    }
    (!words.is_empty()).then(|| words.join(", ").into())
}

/// Entries of any shape, each on one line: some shapes are not documented.
fn entries(heading: &str, items: Vec<Value<'_>>, page: &mut Page) {
    if items.is_empty() {
        return;
    }
    page.line(format_args!("  {heading}"));
    for item in items {
        let entry = item.object().unwrap_or_default();
        let fields = entry.iter().filter(|(key, _)| *key != "id");
        let words: Vec<String> = fields
            .filter_map(|(key, value)| Some(format!("{key} {}", value.joined()?)))
            .collect();
        match words.is_empty() {
            true => page.line(format_args!("    {}", item.text().unwrap_or_default())),
            false => page.line(format_args!("    {}", words.join("; "))),
        }
    }
}
