//! `jobs draft capabilities`: what the account may do, and which fields a draft takes.

use crate::cli::{Command, Invocation, View};
use crate::commands::v1;
use crate::json::Object;
use crate::view::Page;
use crate::view::words::{Words, joined};

pub(in crate::commands) static CAPABILITIES: Command = Command {
    words: &["jobs", "draft", "capabilities"],
    summary: "Show which features are on, and which fields a draft takes",
    about: "Worth a look before the first draft, and after a refusal that names a feature.\n\
            The fields and their values are those of `opentrain jobs draft update --job-id <id> --set <field=value>`.",
    endpoint: Some(v1("GET", "/job-drafts/capabilities").feature("public_api_job_drafting")),
    view: View::Summary(&capabilities),
    examples: &["opentrain jobs draft capabilities"],
    tool: Some("capabilities"),
    ..Command::BASE
};

fn capabilities(_: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let features = reply.get("capabilities").object()?;
    let draft = reply.part("draft")?;
    page.line(match reply.get("enabled").raw() {
        "true" => "Drafting is on for this account.",
        _ => "What this account may do:",
    });
    let are = |state: &str| -> Words<'_> {
        let keys = features.iter().filter(|(_, value)| value.raw() == state);
        let keys: Vec<&str> = keys.map(|(key, _)| key).collect();
        (!keys.is_empty()).then(|| keys.join(", ").into())
    };
    // Neither true nor false is not documented: it is shown with its key.
    let other = features.iter().filter_map(|(key, value)| {
        let known = matches!(value.raw(), "true" | "false");
        let text = value.text().filter(|_| !known)?;
        Some(format!("{key} {text}"))
    });
    let other: Vec<String> = other.collect();
    page.pairs(
        2,
        &[
            ("on", are("true")),
            ("off", are("false")),
            (
                "other",
                (!other.is_empty()).then(|| other.join(", ").into()),
            ),
            (
                "feature",
                joined([reply.text("featureKey"), reply.text("namespace")]),
            ),
            ("rollout", reply.text("rolloutMode")),
            ("admin", reply.text("actorIsAdmin")),
            ("signed in by", reply.text("authBootstrap")),
            ("formats", draft.get("importFormats").joined()),
            ("fields", draft.get("updateKeys").joined()),
        ],
    );
    let enums = draft.part("enums")?;
    if !enums.is_empty() {
        page.line("  values");
        let pairs: Vec<(&str, Words<'_>)> = enums.iter().map(|(k, v)| (k, v.joined())).collect();
        page.pairs(4, &pairs);
    }
    Some(())
}
