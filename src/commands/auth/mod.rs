//! `auth`: an account for an agent, its token, and handing it to a human.

mod claim;
mod status;

use std::path::Path;

use super::{hints, input, page, request, rescue};
use crate::cli::{Command, Flag, Invocation, Kind, Namespace};
use crate::commands::{agent, v1};
use crate::config::{
    self, BASE_URL_VARIABLES, Credentials, Place, Secret, Sourced, TOKEN_VARIABLES,
};
use crate::error::Error;
use crate::http::{self, BaseUrl, Body};
use crate::output::json::{self, Object};
use crate::output::{self, Page, note};

const AGENT_NAME: Flag = Flag::text(
    "agent-name",
    "<name>",
    "What the human sees on the claim page",
)
.aliases(&["name"])
.body("agent_name");
const ORG_NAME: Flag = Flag::text("org-name", "<name>", "Name of the new employer account")
    .aliases(&["organization-name"])
    .body("organization_name");
const FORCE: Flag = Flag::switch("force", "Replace saved credentials with the new account's");
/// The token to save.
pub const API_KEY: Flag = Flag::new(
    "api-key",
    Kind::Secret,
    "<token>",
    "The token (ot_pat_...); as an argument it is visible to other users of the machine",
)
.aliases(&["token"])
.required();
const CLAIM_TOKEN: Flag = Flag::new(
    "claim-token",
    Kind::Secret,
    "<token>",
    "The claim token (ot_clm_...) that registration gave",
)
.default("the saved one");

const REGISTER: Command = Command {
    words: &["auth", "register"],
    summary: "Create an anonymous agent account and save its token",
    about: "Needs no account and no human.\n\
            The token can draft and publish jobs and read; a human unlocks the rest by claiming the account within about 24 hours.\n\
            Fails when credentials are saved already, unless --force is given.",
    flags: &[AGENT_NAME, ORG_NAME, FORCE],
    endpoint: Some(agent("POST", "/identity")),
    if_lost: "an account may have been made whose token is lost; run the command again for another one",
    examples: &[
        "opentrain auth register --agent-name \"My agent\"",
        "opentrain auth register --agent-name \"Hiring agent\" --org-name \"Acme Research\" --json",
    ],
    run: register,
    ..Command::BASE
};

/// Saves a token.
pub const LOGIN: Command = Command {
    words: &["auth", "login"],
    summary: "Check an existing token and save it",
    about: "Asks the server whose token it is, then saves it; a token that is refused replaces nothing.\n\
            With `--api-key -` the token is read from standard input and no other user of the machine sees it.\n\
            A human makes tokens at https://app.opentrain.ai/employer-settings?tab=api-keys",
    flags: &[API_KEY],
    endpoint: Some(v1("GET", "/auth/me")),
    examples: &[
        "opentrain auth login --api-key - < token.txt",
        "opentrain auth login --api-key ot_pat_...",
    ],
    run: login,
    ..Command::BASE
};

const LOGOUT: Command = Command {
    words: &["auth", "logout"],
    summary: "Delete the saved credentials",
    about: "Deletes the credentials file, a damaged one too.\n\
            The token stays valid on the server; `opentrain tokens revoke --token-id <id>` ends it.",
    examples: &["opentrain auth logout"],
    run: logout,
    ..Command::BASE
};

/// The commands of this namespace.
pub static NAMESPACE: Namespace = Namespace {
    name: "auth",
    summary: "register an agent, hand the account to a human, manage the token",
    commands: &[
        REGISTER,
        claim::CLAIM,
        claim::CLAIM_STATUS,
        LOGIN,
        status::STATUS,
        LOGOUT,
    ],
};

fn register(inv: &Invocation) -> Result<(), Error> {
    let force = inv.has(&FORCE);
    refuse_existing(force)?;
    let mut body = request::body_object(inv);
    body.set("identity_type", json::quote("anonymous"));
    let request = request::build(inv, request::endpoint(inv)?, Body::Json(body.to_string()))?;
    let place = Place::prepare(force)?;
    let path = place.path.display().to_string();
    let reply = http::send(&request)
        .map_err(|e| hints::explain(e, inv))
        .map_err(|e| rescue::received(e, "the new account's credentials"))?;
    let object = Object::parse(reply.text()).unwrap_or_default();
    let string = |key: &str| object.get(key).string().filter(|s| !s.is_empty());
    let (Some(token), Some(claim)) = (string("access_token"), string("claim_token")) else {
        return Err(rescue::reply(&reply, "the new account's credentials"));
    };
    let token = Secret::new(token);
    let claim = Secret::new(claim);
    place
        .save(force, |file| {
            // Another registration may have been faster than ours.
            let saved = ["apiToken", "claimToken"].map(|key| file.get(key).string().is_some());
            if !force && saved != [false, false] {
                return Err(Error::local(format!(
                    "{path} has come to hold other credentials meanwhile"
                )));
            }
            set_token(file, &token, &request.base);
            file.set("claimToken", json::quote(claim.expose()));
            Ok(())
        })
        .map_err(|e| rescue::secrets(e, &[("API token", &token), ("claim token", &claim)]))?;
    warn_of_overrides(&token, &request.base)?;
    if inv.json() {
        let mut out = Object::default();
        out.set("registrationId", object.get("registration_id").raw());
        out.set("scopes", object.get("scopes").raw());
        out.set(
            "claimTokenExpiresAt",
            object.get("claim_token_expires_at").raw(),
        );
        out.set("tokenPreview", json::quote(&token.preview()));
        out.set("baseUrl", json::quote(request.base.as_str()));
        out.set("configPath", json::quote(&path));
        return output::print_json(&out.to_string());
    }
    let mut page = page();
    let id = string("registration_id").unwrap_or_default();
    page.line(format_args!("Registered a new agent account: {id}"));
    page.pairs(
        2,
        &[
            ("token", Some(token.preview().into())),
            ("scopes", object.get("scopes").list()),
            ("saved in", Some(path.into())),
            ("server", Some(request.base.as_str().into())),
            ("claim by", object.text("claim_token_expires_at")),
        ],
    );
    let email = [(&claim::EMAIL, "<human-email>")];
    page.line(format_args!(
        "A human unlocks hiring, messages and team invites: {}",
        inv.next(&claim::CLAIM, &email)
    ));
    page.line(format_args!(
        "Draft a job with: {}",
        inv.next(
            &super::jobs::DRAFT_CREATE,
            &[(&super::jobs::DESCRIPTION_FILE, "<path>")]
        )
    ));
    output::print(page.text())
}

/// Saved credentials are not overwritten by accident; a token in the environment is not ours
/// to overwrite and does not count.
fn refuse_existing(force: bool) -> Result<(), Error> {
    if force {
        return Ok(());
    }
    let replace = "`opentrain auth register --force` replaces it";
    let saved = Credentials::load().map_err(|mut e| {
        if let Some(hint) = &mut e.hint {
            hint.push_str(&format!("; {replace} too"));
        }
        e
    })?;
    if saved.secret("apiToken").is_none() && saved.secret("claimToken").is_none() {
        return Ok(());
    }
    Err(Error::local(format!(
        "{} holds credentials already; nothing was sent",
        saved.path.display()
    ))
    .hint(format!(
        "`opentrain whoami` shows whose they are; {replace} with a new account's"
    )))
}

fn login(inv: &Invocation) -> Result<(), Error> {
    // A damaged file is refused here, before anything is sent.
    let saved = Credentials::load()?;
    let Some(token) = input::secret(inv, &API_KEY)? else {
        return Err(Error::usage("`auth login` needs --api-key <token>"));
    };
    let source = format!("--{}", API_KEY.name);
    let given = Sourced {
        value: token,
        source,
    };
    let endpoint = request::endpoint(inv)?;
    let request = request::build_with(inv, endpoint, Body::Empty, Some(given.clone()))?;
    let place = Place::prepare(false)?;
    let path = place.path.display().to_string();
    let reply = http::send(&request).map_err(|e| hints::explain(e, inv))?;
    // Any server answers with some JSON: only an account proves the token.
    let account = Object::parse(reply.text()).filter(|a| a.get("actor").object().is_some());
    let Some(account) = account else {
        return Err(Error::lost(
            "the server's answer is no account; nothing was saved",
            &[],
        ));
    };
    place.save(false, |file| {
        set_token(file, &given.value, &request.base);
        Ok(())
    })?;
    warn_of_overrides(&given.value, &request.base)?;
    // Logging in again with the registered token itself is no change of account.
    let another = saved
        .secret("apiToken")
        .is_some_and(|token| token != given.value);
    if another && saved.secret("claimToken").is_some() {
        note(
            "Note: the claim token of an earlier registration is kept; `opentrain auth register --force` or a completed claim replaces it.",
        );
    }
    if inv.json() {
        let mut out = Object::default();
        out.set("ok", "true");
        out.set("baseUrl", json::quote(request.base.as_str()));
        out.set("configPath", json::quote(&path));
        out.set("account", reply.text());
        return output::print_json(&out.to_string());
    }
    let mut page = page();
    page.line(format_args!("Logged in as {}.", status::who(&account)));
    let saved = [
        ("server", request.base.as_str().into()),
        ("saved in", path.into()),
    ];
    if status::account_lines(&account, saved, &mut page).is_none() {
        page.quote(2, &json::compact(reply.text()));
    }
    output::print(page.text())
}

fn logout(inv: &Invocation) -> Result<(), Error> {
    let (path, deleted) = config::delete()?;
    let path = path.display().to_string();
    if inv.json() {
        let mut out = Object::default();
        out.set("ok", "true");
        out.set("configPath", json::quote(&path));
        out.set("deleted", if deleted { "true" } else { "false" });
        output::print_json(&out.to_string())?;
    } else {
        let mut page = Page::default();
        page.line(match deleted {
            true => format!(
                "Logged out: {path} is deleted. The token itself stays valid on the server."
            ),
            false => format!("There was nothing to delete: {path} does not exist."),
        });
        output::print(page.text())?;
    }
    if let Some(set) = config::variable(&TOKEN_VARIABLES)? {
        note(&format!(
            "Note: {} is set and still used; unset it too.",
            set.source
        ));
    }
    Ok(())
}

/// Saves the token together with the server that it belongs to.
fn set_token(file: &mut Object<'_>, token: &Secret, base: &BaseUrl) {
    file.set("apiToken", json::quote(token.expose()));
    file.set("baseUrl", json::quote(base.as_str()));
}

/// A variable in the environment that hides what was just saved is the kind of thing that
/// costs an hour.
fn warn_of_overrides(token: &Secret, base: &BaseUrl) -> Result<(), Error> {
    let token = config::override_warning("token", token.expose(), &TOKEN_VARIABLES)?;
    let base = config::override_warning("base URL", base.as_str(), &BASE_URL_VARIABLES)?;
    token.iter().chain(&base).for_each(|warning| note(warning));
    Ok(())
}

/// Where the credentials file is, in words.
fn shown(path: &Path) -> String {
    path.display().to_string()
}
