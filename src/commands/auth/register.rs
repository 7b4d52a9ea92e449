//! `auth register`: an anonymous account.

use super::{FORCE, claim, place_for_new, save_new};
use crate::call::{self, request, rescue};
use crate::cli::{Advice, Answer, Command, Flag, Invocation, Sink, View};
use crate::commands::agent;
use crate::commands::jobs::{DESCRIPTION_FILE, DRAFT_CREATE};
use crate::config::Secret;
use crate::error::Error;
use crate::json::{self, Object};
use crate::step::Step;
use crate::view::Page;
use crate::view::words::cell;

const AGENT_NAME: Flag = Flag::text(
    "agent-name",
    "<name>",
    "What the human sees on the claim page",
)
.aliases(&["name"])
.body("agent_name")
.argument("agentName");
const ORG_NAME: Flag = Flag::text("org-name", "<name>", "Name of the new employer account")
    .aliases(&["organization-name"])
    .body("organization_name")
    .argument("organizationName");

pub(super) static REGISTER: Command = Command {
    words: &["auth", "register"],
    summary: "Create an anonymous agent account and save its token",
    about: "Needs no account and no human.\n\
            The token can draft and publish jobs and read; a human unlocks the rest by claiming the account within about 24 hours.\n\
            Fails when credentials are saved, unless --force is given.",
    flags: &[AGENT_NAME, ORG_NAME, FORCE],
    endpoint: Some(agent("POST", "/identity")),
    body: Some(identity),
    shown_once: Some("the new account's credentials"),
    if_lost: Advice::text(
        "an account may have been made whose token is lost; run the command again for another one",
    ),
    examples: &[
        "opentrain auth register --agent-name \"My agent\"",
        "opentrain auth register --agent-name \"Hiring agent\" --org-name \"Acme Research\" --json",
    ],
    tool: Some("register_agent"),
    run: Some(register),
    ..Command::BASE
};

fn identity(inv: &Invocation) -> Result<String, Error> {
    let mut body = request::body_object(inv);
    body.set("identity_type", json::quote("anonymous"));
    Ok(body.to_string())
}

fn register(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    let force = inv.has(&FORCE);
    let request = request::build(inv, sink)?;
    let replace = Step::new(inv.command.name(), [FORCE.on()]);
    let place = place_for_new(force, &replace, sink)?;
    let path = place.path.display().to_string();
    let reply = call::send(inv, &request, sink)?;
    let object = Object::parse(reply.text()).unwrap_or_default();
    let string = |key: &str| object.get(key).string().filter(|s| !s.is_empty());
    let (Some(token), Some(claim)) = (string("access_token"), string("claim_token")) else {
        return Err(rescue::undocumented(
            &reply,
            "the new account's credentials",
        ));
    };
    let token = Secret::new(token);
    let claim = Secret::new(claim);
    save_new(place, force, &request.base, &token, Some(&claim), sink)?;
    let mut result = Object::default();
    result.set("registrationId", object.get("registration_id").raw());
    result.set("scopes", object.get("scopes").raw());
    let expires = object.get("claim_token_expires_at");
    result.set("claimTokenExpiresAt", expires.raw());
    result.set("tokenPreview", json::quote(&token.preview()));
    result.set("baseUrl", json::quote(request.base.as_str()));
    result.set("configPath", json::quote(&path));
    let answer = result.to_string();
    let answer = Answer::ours(&answer, View::Summary(&registered));
    sink.answer(&answer).map(drop)
}

fn registered(inv: &Invocation, account: &Object<'_>, page: &mut Page) -> Option<()> {
    let id = cell(account.text("registrationId"));
    page.line(format_args!("Registered a new agent account: {id}"));
    page.pairs(
        2,
        &[
            ("token", account.text("tokenPreview")),
            ("scopes", account.get("scopes").joined()),
            ("saved in", account.text("configPath")),
            ("server", account.text("baseUrl")),
            ("claim by", account.text("claimTokenExpiresAt")),
        ],
    );
    page.step(
        "A human unlocks hiring, messages and team invites",
        &inv.step(&claim::CLAIM, [claim::EMAIL.blank()]),
    );
    let draft = inv.step(&DRAFT_CREATE, [DESCRIPTION_FILE.blank()]);
    page.step("Draft a job with", &draft);
    Some(())
}
