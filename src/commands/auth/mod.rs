//! `auth`: an account for an agent, its token, and handing it to a human.

mod claim;
mod login;
mod logout;
mod register;
mod status;

pub(super) use login::{API_KEY, LOGIN};
pub(super) use status::{STATUS, who};

use std::cell::Cell;

use crate::call::rescue;
use crate::cli::{Flag, Namespace};
use crate::config::{self, BASE_URL_VARIABLES, Credentials, DEFAULT_BASE_URL, Place, Secret};
use crate::error::{Error, Hint};
use crate::http::BaseUrl;
use crate::json::{self, Object};
use crate::notes::Notes;
use crate::step::Step;

/// The commands of this namespace.
pub(super) static NAMESPACE: Namespace = Namespace {
    name: "auth",
    summary: "register an agent, hand the account to a human, manage the token",
    commands: &[
        &register::REGISTER,
        &claim::CLAIM,
        &claim::CLAIM_STATUS,
        &login::LOGIN,
        &status::STATUS,
        &logout::LOGOUT,
    ],
    recipe: None,
};

/// Saves a token together with the server that it belongs to, after `edit` has changed or refused
/// what is saved. A claim token of another server does not stay next to it: it would be sent to
/// this one.
///
/// # Errors
/// `edit` refuses, or the file cannot be saved and is unchanged.
pub(super) fn save_token(
    place: Place,
    replace: bool,
    token: &Secret,
    base: &BaseUrl,
    notes: &mut dyn Notes,
    edit: &dyn Fn(&mut Object<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let left = Cell::new(None);
    place.save(replace, &|file| {
        let text = |file: &Object<'_>, key| file.get(key).string().map(|s| s.into_owned());
        let server = text(file, "baseUrl").unwrap_or_else(|| DEFAULT_BASE_URL.into());
        let claim = text(file, "claimToken").filter(|_| !base.is_server_of(&server));
        edit(file)?;
        let stays = claim.is_some() && text(file, "claimToken") == claim;
        if stays {
            file.remove("claimToken");
        }
        left.set(stays.then_some(server));
        file.set("apiToken", json::quote(token.expose()));
        file.set("baseUrl", json::quote(base.as_str()));
        Ok(())
    })?;
    if let Some(server) = left.take() {
        notes.note(&format!(
            "Note: the claim token saved for {server} is removed: it must not go to {}.",
            base.as_str()
        ));
    }
    // A variable that hides what was just saved is the kind of thing that costs an hour.
    for (name, saved, variables) in [
        ("token", token.expose(), config::token_variables()),
        ("base URL", base.as_str(), &BASE_URL_VARIABLES),
    ] {
        // One that cannot be read is an error for the next call: this one is done.
        let warning = config::override_warning(name, saved, variables);
        warning
            .ok()
            .flatten()
            .iter()
            .for_each(|text| notes.note(text));
    }
    Ok(())
}

/// Allows replacing saved credentials.
pub(super) const FORCE: Flag = Flag::switch("force", "Replace saved credentials with the new ones");

/// A place for new credentials. Saved ones are not overwritten by accident, unless `force`
/// allows it. A token in the environment is not ours to overwrite and does not count.
///
/// # Errors
/// There is no place, or there are credentials, or the file is damaged; `replace` is the command
/// that replaces it.
pub(super) fn place_for_new(
    force: bool,
    replace: &Step,
    notes: &mut dyn Notes,
) -> Result<Place, Error> {
    let place = Place::prepare(true)?;
    if force {
        return Ok(place);
    }
    let saved = Credentials::load(notes).map_err(|mut error| {
        let hint = error.hint.take();
        error.hint = hint.map(|h| h.and("; `{}` replaces it too", [replace.clone()]));
        error
    })?;
    if saved.secret("apiToken").is_none() && saved.secret("claimToken").is_none() {
        return Ok(place);
    }
    Err(Error::local(format!(
        "{} already holds credentials; nothing was sent",
        saved.path.display()
    ))
    .hint(Hint::new(
        "`{}` shows whose they are; `{}` replaces them",
        [Step::new("whoami", []), replace.clone()],
    )))
}

/// Saves secrets that the server has just shown, once, in the place made for them.
///
/// # Errors
/// They could not be saved; the error shows them.
pub(super) fn save_new(
    place: Place,
    force: bool,
    base: &BaseUrl,
    token: &Secret,
    claim: Option<&Secret>,
    notes: &mut dyn Notes,
) -> Result<(), Error> {
    let path = place.path.display().to_string();
    let saved = save_token(place, force, token, base, notes, &|file| {
        // Where there are no locks, another registration may have been faster than ours.
        if !force && (file.text("apiToken").is_some() || file.text("claimToken").is_some()) {
            return Err(Error::local(format!(
                "{path} was changed by another registration in the meantime"
            )));
        }
        if let Some(claim) = claim {
            file.set("claimToken", json::quote(claim.expose()));
        }
        Ok(())
    });
    let claim = claim.map(|claim| ("claim token", claim));
    let secrets: Vec<(&str, &Secret)> = [("API token", token)].into_iter().chain(claim).collect();
    saved.map_err(|error| rescue::unsaved(error, &secrets))
}
