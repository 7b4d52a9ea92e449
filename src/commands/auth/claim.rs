//! `auth claim`, `auth claim-status`: the ceremony that hands the account to a human.
use super::save_token;
use crate::call::wait::{self, Ended, Look};
use crate::call::{self, input, request, rescue};
use crate::cli::{
    Advice, Answer, Command, DRY_RUN, Flag, Invocation, Kind, Repeat, Sink, TIMEOUT, View, WAIT,
};
use crate::commands::agent;
use crate::config::{Credentials, Origin, Place, Secret, Token};
use crate::error::{Error, Failure, Hint};
use crate::http::{Body, Reply, Request, form_encode};
use crate::json::{self, Object};
use crate::notes::Notes;
use crate::step::{Argument, Step};
use crate::view::Page;
use crate::view::words::Words;

const CLAIM_TOKEN: Flag = Flag::new(
    "claim-token",
    Kind::Secret,
    "<token>",
    "The claim token (ot_clm_...) that registration gave",
)
.default("the saved one");
pub(super) const EMAIL: Flag = Flag::text(
    "email",
    "<human-email>",
    "Address of the human; it must not have an OpenTrain account yet",
)
.required()
.body("email");
const GRANT_TYPE: &str = "urn:opentrain:agent-auth:grant-type:claim";

pub(super) static CLAIM: Command = Command {
    words: &["auth", "claim"],
    summary: "Invite a human to take over the account",
    about: "Sends an e-mail and prints a link and a code: show both to the human, who signs in with exactly this address.\n\
            Running it again starts over with a new code.",
    flags: &[EMAIL, CLAIM_TOKEN],
    endpoint: Some(agent("POST", "/identity/claim")),
    view: View::Summary(&invited),
    repeat: Repeat::Always,
    if_lost: Advice::text("running it again is safe; the newest code counts"),
    examples: &["opentrain auth claim --email kim@example.com"],
    tool: Some("claim_account"),
    run: Some(claim),
    ..Command::BASE
};

pub(super) static CLAIM_STATUS: Command = Command {
    words: &["auth", "claim-status"],
    summary: "Ask whether the human has claimed the account, and save its new token",
    about: "The new token replaces the saved one, which the server has revoked.\n\
            Without --wait it asks once; a pending claim is not an error.\n\
            With --wait it asks after 5 seconds, then less often, up to 30 s apart; a claim that is not done in time is an error.",
    flags: &[WAIT, TIMEOUT, CLAIM_TOKEN],
    endpoint: Some(agent("POST", "/oauth/token")),
    shown_once: Some("the new token"),
    repeat: Repeat::Always,
    if_lost: Advice::text(
        "run it again; if it then says invalid_grant, the new token is lost, and a human can make another at https://app.opentrain.ai/employer-settings?tab=api-keys",
    ),
    examples: &[
        "opentrain auth claim-status",
        "opentrain auth claim-status --wait --timeout 600",
    ],
    tool: Some("claim_status"),
    run: Some(claim_status),
    ..Command::BASE
};

fn claim(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    let mut body = request::body_object(inv);
    let token = claim_token(inv, sink)?;
    body.set("claim_token", json::quote(token.secret.expose()));
    let body = Body::Json(body.to_string());
    let request = request::build_to(inv, request::endpoint(inv)?, body, sink)?;
    request::tell_where(&token, &request.base, sink);
    let reply = call::send(inv, &request, sink)?;
    call::hand_over(inv, &reply, inv.command.view, sink).map(drop)
}

/// The claim token from the flag, else the saved one.
fn claim_token(inv: &Invocation, notes: &mut dyn Notes) -> Result<Token, Error> {
    if let Some(secret) = input::secret(inv, &CLAIM_TOKEN, notes)? {
        return Ok(Token {
            secret,
            source: format!("--{}", CLAIM_TOKEN.name),
            from: Origin::Flag,
        });
    }
    if inv.has(&DRY_RUN) {
        return Ok(Token::unknown());
    }
    let saved = Credentials::load(notes)?;
    let none = || {
        let path = saved.path.display();
        Error::local(format!("no claim token: {path} holds none")).hint(Hint::new(
            "a claimed account needs no claim; for a new account run `{}`, or give --claim-token",
            [Step::new("auth register", [])],
        ))
    };
    saved.token("claimToken").ok_or_else(none)
}

/// The saved API token when no claim is open any more: a finished claim leaves no claim token.
fn finished_before(inv: &Invocation, notes: &mut dyn Notes) -> Result<Option<Token>, Error> {
    if inv.has(&CLAIM_TOKEN) || inv.has(&DRY_RUN) {
        return Ok(None);
    }
    let saved = Credentials::load(notes)?;
    let open = saved.secret("claimToken").is_some();
    Ok(saved.token("apiToken").filter(|_| !open))
}

fn nothing_open(_: &Invocation, result: &Object<'_>, page: &mut Page) -> Option<()> {
    page.line("No claim is open: the account's token is saved, and there is no claim token.");
    page.pairs(
        2,
        &[
            ("token", result.text("tokenPreview")),
            ("saved in", result.text("configPath")),
        ],
    );
    Some(())
}

fn invited(inv: &Invocation, claim: &Object<'_>, page: &mut Page) -> Option<()> {
    let (code, url) = (claim.text("user_code")?, claim.text("verification_uri")?);
    page.line(match claim.get("email_sent").raw() {
        "false" => "No e-mail was sent: show your human both of these.",
        _ => "Show your human both of these; the e-mail may not arrive.",
    });
    page.url(&url);
    page.pairs(
        2,
        &[
            ("code", Some(code)),
            ("sign in as", Some(inv.need(&EMAIL).into())),
            ("expires", expiry(claim)),
        ],
    );
    page.step("Then run", &waiting_for(inv));
    Some(())
}

/// When the code expires, in words.
fn expiry(claim: &Object<'_>) -> Words<'static> {
    let seconds = claim.text("expires_in")?;
    Some(match seconds.parse::<u64>() {
        Ok(seconds) if seconds >= 120 => format!("in {} minutes", seconds / 60).into(),
        _ => format!("in {seconds} s").into(),
    })
}

/// The command that waits for the claim.
fn waiting_for(inv: &Invocation) -> Step {
    {
        let mut flags = vec![WAIT.on()];
        flags.extend(other_claim(inv));
        inv.step(&CLAIM_STATUS, flags)
    }
}

/// The claim token's flag for a next step, when this call was given one.
fn other_claim(inv: &Invocation) -> Option<Argument> {
    inv.has(&CLAIM_TOKEN).then(|| CLAIM_TOKEN.blank())
}

/// The reply with the new token, and the place where it goes.
type Claimed = (Reply, Place);

fn claim_status(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    if let Some(token) = finished_before(inv, sink)? {
        let mut result = Object::default();
        result.set("status", json::quote("claimed"));
        result.set("tokenPreview", json::quote(&token.secret.preview()));
        result.set("configPath", json::quote(&token.source));
        let answer = result.to_string();
        let answer = Answer::ours(&answer, View::Summary(&nothing_open));
        return sink.answer(&answer).map(drop);
    }
    let token = claim_token(inv, sink)?;
    let claim = token.secret.expose();
    let form = form_encode(&[("grant_type", GRANT_TYPE), ("claim_token", claim)]);
    let endpoint = request::endpoint(inv)?;
    let mut request = request::build_to(inv, endpoint, Body::Form(form), sink)?;
    request::tell_where(&token, &request.base, sink);
    let mut claimed = None;
    if inv.has(&WAIT) {
        claimed = Some(wait(inv, &mut request, sink)?);
    } else {
        poll(inv, &request, &mut claimed, sink)?;
    }
    match claimed {
        Some((reply, place)) => finish(&request, &token.secret, place, &reply, sink),
        // Still pending is an answer, not an error (API.md, D1).
        None => {
            let answer = Answer::ours("{\"status\":\"pending\"}", View::Summary(&pending));
            sink.answer(&answer).map(drop)
        }
    }
}

fn poll(
    inv: &Invocation,
    request: &Request,
    claimed: &mut Option<Claimed>,
    sink: &mut dyn Sink,
) -> Result<Look, Error> {
    // The new token is delivered exactly once: there must be a place for it before we ask.
    let place = Place::prepare(false)?;
    let error = match call::send(inv, request, sink) {
        Ok(reply) => {
            *claimed = Some((reply, place));
            return Ok(Look::Decided);
        }
        Err(error) => error,
    };
    match &error.failure {
        Failure::Refused(refusal) if refusal.code == "authorization_pending" => Ok(Look::Pending),
        Failure::Refused(refusal) if refusal.code == "slow_down" => Ok(Look::SlowDown),
        _ => Err(error),
    }
}

/// Polls until the claim is done or `--timeout` has passed.
fn wait(inv: &Invocation, request: &mut Request, sink: &mut dyn Sink) -> Result<Claimed, Error> {
    let usual = request.timeout;
    let timeout = wait::timeout(inv);
    let mut claimed = None;
    // The fault that lost an answer that may have contained the token.
    let mut lost = None;
    let mut look = |sink: &mut dyn Sink, time| {
        request.timeout = usual.min(time);
        let looked = poll(inv, request, &mut claimed, sink);
        if let Err(error) = &looked
            && error.leaves_effect_unknown()
        {
            lost = Some(error.text.clone());
        }
        looked
    };
    let ended = wait::wait("the claim", timeout, sink, &mut look);
    match (ended, claimed) {
        (Ok(()), Some(claimed)) => Ok(claimed),
        (Ok(()), None) => Err(Error::local("the claim was never checked")),
        (Err(Ended::Failed(error)), _) => Err(match lost {
            Some(lost) => delivered_before(error, &lost),
            None => error,
        }),
        (Err(ended), _) => {
            let mut again = vec![EMAIL.blank()];
            again.extend(other_claim(inv));
            let steps = [waiting_for(inv), Step::new(CLAIM.name(), again)];
            Err(ended.error("the account is not claimed", timeout).hint(Hint::new(
                "keep waiting with `{}`; if the human's code has expired, this sends a new one: {}",
                steps,
            )))
        }
    }
}

/// The token is delivered once: after a lost answer, the server says that it already was.
fn delivered_before(mut error: Error, lost: &str) -> Error {
    if let Failure::Refused(refusal) = &error.failure
        && refusal.code == "invalid_grant"
    {
        error.text.push_str(&format!(
            "; an earlier answer was lost ({lost}), and the new token may have been in it"
        ));
    }
    error
}

/// Saves the new token, then says so.
fn finish(
    request: &Request,
    claim: &Secret,
    place: Place,
    reply: &Reply,
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    let object = Object::parse(reply.text()).unwrap_or_default();
    let token = object.get("access_token").string();
    let Some(token) = token.filter(|s| !s.is_empty()) else {
        return Err(rescue::undocumented(reply, "the new token"));
    };
    let token = Secret::new(token);
    let path = place.path.display().to_string();
    save_token(place, false, &token, &request.base, sink, &|file| {
        let saved = file.get("claimToken").string().map(|s| s.into_owned());
        // The claim of another account leaves this one's claim token, which is still good.
        if saved.as_deref() == Some(claim.expose()) {
            file.remove("claimToken");
        }
        Ok(())
    })
    .map_err(|e| rescue::unsaved(e, &[("API token", &token)]))?;
    if Credentials::load(sink)?.secret("claimToken").is_some() {
        sink.note(
            "Note: the saved claim token is from another registration and is kept; the API token next to it is replaced.",
        );
    }
    let mut result = Object::default();
    result.set("status", json::quote("claimed"));
    result.set("scopes", object.get("scopes").raw());
    result.set("tokenPreview", json::quote(&token.preview()));
    result.set("configPath", json::quote(&path));
    let answer = result.to_string();
    let answer = Answer::ours(&answer, View::Summary(&claimed));
    sink.answer(&answer).map(drop)
}

fn claimed(_: &Invocation, result: &Object<'_>, page: &mut Page) -> Option<()> {
    page.line("The account is claimed; its new token is saved.");
    page.pairs(
        2,
        &[
            ("token", result.text("tokenPreview")),
            ("scopes", result.get("scopes").joined()),
            ("saved in", result.text("configPath")),
        ],
    );
    Some(())
}

fn pending(inv: &Invocation, _: &Object<'_>, page: &mut Page) -> Option<()> {
    page.line("The claim is pending: the human has not finished it yet.");
    page.step("Wait for it with", &waiting_for(inv));
    Some(())
}
