//! `auth`: an account for an agent, its token, and handing it to a human.

mod claim;
mod login;
mod logout;
mod register;
mod status;

pub use login::{API_KEY, LOGIN};

use crate::cli::Namespace;
use crate::config::{self, BASE_URL_VARIABLES, Secret, TOKEN_VARIABLES};
use crate::error::Error;
use crate::http::BaseUrl;
use crate::json::{self, Object};
use crate::notes::Notes;

/// The commands of this namespace.
pub static NAMESPACE: Namespace = Namespace {
    name: "auth",
    summary: "register an agent, hand the account to a human, manage the token",
    commands: &[
        register::REGISTER,
        claim::CLAIM,
        claim::CLAIM_STATUS,
        login::LOGIN,
        status::STATUS,
        logout::LOGOUT,
    ],
};

/// Puts a token into the credentials together with the server that it belongs to.
pub fn set_token(file: &mut Object<'_>, token: &Secret, base: &BaseUrl) {
    file.set("apiToken", json::quote(token.expose()));
    file.set("baseUrl", json::quote(base.as_str()));
}

/// A variable in the environment that hides what was just saved is the kind of thing that
/// costs an hour.
pub fn note_overrides(token: &Secret, base: &BaseUrl, notes: &mut dyn Notes) -> Result<(), Error> {
    let token = config::override_warning("token", token.expose(), &TOKEN_VARIABLES)?;
    let base = config::override_warning("base URL", base.as_str(), &BASE_URL_VARIABLES)?;
    token.iter().chain(&base).for_each(|text| notes.note(text));
    Ok(())
}
