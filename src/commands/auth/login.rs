//! `auth login`: a token that was made elsewhere.

use super::{save_token, status};
use crate::call::{self, input, request};
use crate::cli::{Answer, Command, Flag, Invocation, Kind, Sink, View};
use crate::commands::v1;
use crate::config::{Credentials, Origin, Place, Token};
use crate::error::Error;
use crate::http::Body;
use crate::json::{self, Object};
use crate::view::Page;

/// The token to save.
pub(crate) const API_KEY: Flag = Flag::new(
    "api-key",
    Kind::Secret,
    "<token>",
    "The token (ot_pat_...); as an argument it is visible to other users of the machine",
)
.aliases(&["token"])
.required();

/// Saves a token.
pub(crate) static LOGIN: Command = Command {
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
    run: Some(login),
    ..Command::BASE
};

fn login(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    // A damaged file is refused here, before anything is sent.
    let saved = Credentials::load(sink)?;
    let Some(token) = input::secret(inv, &API_KEY, sink)? else {
        return Err(Error::usage("`auth login` needs --api-key <token>"));
    };
    let given = Token {
        secret: token.clone(),
        source: format!("--{}", API_KEY.name),
        from: Origin::Flag,
    };
    let endpoint = request::endpoint(inv)?;
    let request = request::build_with(inv, endpoint, Body::Empty, Some(given), sink)?;
    let place = Place::prepare(false)?;
    let path = place.path.display().to_string();
    let reply = call::send(inv, &request, sink)?;
    // Any server may answer with some JSON: only an account proves the token.
    let account = Object::parse(reply.text()).unwrap_or_default();
    if account.get("actor").object().is_none() {
        return Err(Error::lost(
            "the server did not answer with an account; nothing was saved",
            &[],
        ));
    }
    save_token(place, false, &token, &request.base, sink, &|_| Ok(()))?;
    // Logging in again with the registered token itself does not change the account.
    let another = saved.secret("apiToken").is_some_and(|saved| saved != token);
    if another && Credentials::load(sink)?.secret("claimToken").is_some() {
        sink.note(
            "Note: the claim token of an earlier registration is kept; `opentrain auth register --force` or a completed claim replaces it.",
        );
    }
    let mut result = Object::default();
    result.set("ok", "true");
    result.set("baseUrl", json::quote(request.base.as_str()));
    result.set("configPath", json::quote(&path));
    result.set("account", reply.text());
    let answer = result.to_string();
    let answer = Answer::ours(&answer, View::Summary(&logged_in));
    sink.answer(&answer).map(drop)
}

fn logged_in(_: &Invocation, result: &Object<'_>, page: &mut Page) -> Option<()> {
    let account = result.get("account").object()?;
    let (server, file) = (result.text("baseUrl")?, result.text("configPath")?);
    page.line(format_args!("Logged in as {}.", status::who(&account)));
    let ours = [("server", server.as_ref()), ("saved in", &file)];
    if status::account_lines(&account, ours, page).is_none() {
        page.quote(2, &json::compact(result.get("account").raw()));
    }
    Some(())
}
