//! `auth`: an account for an agent, its token, and handing it to a human.

mod claim;
mod login;
mod logout;
mod register;
mod status;

pub(super) use login::{API_KEY, LOGIN};

use crate::call::rescue;
use crate::cli::{Flag, Namespace};
use crate::config::{self, BASE_URL_VARIABLES, Credentials, Place, Secret, TOKEN_VARIABLES};
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
};

/// Puts a token into the credentials together with the server that it belongs to.
pub(super) fn set_token(file: &mut Object<'_>, token: &Secret, base: &BaseUrl) {
    file.set("apiToken", json::quote(token.expose()));
    file.set("baseUrl", json::quote(base.as_str()));
}

/// A variable in the environment that hides what was just saved is the kind of thing that
/// costs an hour.
pub(super) fn note_overrides(
    token: &Secret,
    base: &BaseUrl,
    notes: &mut dyn Notes,
) -> Result<(), Error> {
    let token = config::override_warning("token", token.expose(), &TOKEN_VARIABLES)?;
    let base = config::override_warning("base URL", base.as_str(), &BASE_URL_VARIABLES)?;
    token.iter().chain(&base).for_each(|text| notes.note(text));
    Ok(())
}

/// Allows to replace saved credentials.
pub(super) const FORCE: Flag = Flag::switch("force", "Replace saved credentials with the new ones");

/// Refuses to go on where credentials are saved already: they are not overwritten by accident.
/// A token in the environment is not ours to overwrite and does not count.
///
/// # Errors
/// There are some, or the file is damaged; `replace` is the command that replaces it.
pub(super) fn refuse_existing(replace: &Step, notes: &mut dyn Notes) -> Result<(), Error> {
    let saved = Credentials::load(notes).map_err(|mut error| {
        let hint = error.hint.take();
        error.hint = hint.map(|h| h.and("; `{}` replaces it too", [replace.clone()]));
        error
    })?;
    if saved.secret("apiToken").is_none() && saved.secret("claimToken").is_none() {
        return Ok(());
    }
    Err(Error::local(format!(
        "{} holds credentials already; nothing was sent",
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
) -> Result<(), Error> {
    let path = place.path.display().to_string();
    let saved = place.save(force, |file| {
        // Another registration may have been faster than ours.
        let saved = ["apiToken", "claimToken"].map(|key| file.get(key).string().is_some());
        if !force && saved != [false, false] {
            return Err(Error::local(format!(
                "{path} was changed by another registration in the meantime"
            )));
        }
        set_token(file, token, base);
        if let Some(claim) = claim {
            file.set("claimToken", json::quote(claim.expose()));
        }
        Ok(())
    });
    let claim = claim.map(|claim| ("claim token", claim));
    let secrets: Vec<(&str, &Secret)> = [("API token", token)].into_iter().chain(claim).collect();
    saved.map_err(|error| rescue::unsaved(error, &secrets))
}
