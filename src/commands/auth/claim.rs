//! `auth claim`, `auth claim-status`: the ceremony that hands the account to a human.

use std::thread;
use std::time::{Duration, Instant};

use super::save_token;
use crate::call::{self, input, request, rescue};
use crate::cli::{
    Advice, Answer, Command, DRY_RUN, Flag, Invocation, Kind, Repeat, Sink, View, WAIT,
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
/// Seconds that --wait waits unless told otherwise (API.md, section 20).
const DEFAULT_TIMEOUT: &str = "1800";
const TIMEOUT: Flag = Flag::new("timeout", Kind::Count, "<seconds>", "How long --wait waits")
    .default(DEFAULT_TIMEOUT);
/// Time between two polls, and what each `slow_down` adds (API.md, D12).
const INTERVAL: Duration = Duration::from_secs(5);

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
    run: Some(claim),
    ..Command::BASE
};

pub(super) static CLAIM_STATUS: Command = Command {
    words: &["auth", "claim-status"],
    summary: "Ask whether the human has claimed the account, and save its new token",
    about: "Once claimed, the new token replaces the saved one, which the server has revoked.\n\
            Without --wait it asks once; a claim that is still pending is no error.\n\
            With --wait it asks every 5 seconds; a claim that is not done in time is an error.",
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
            "an account that was claimed needs no claim; a new one comes from `{}`, or give --claim-token",
            [Step::new("auth register", [])],
        ))
    };
    saved.token("claimToken").ok_or_else(none)
}

/// The saved API token, where no claim is open any more: a finished one leaves no claim token.
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

/// What one poll says.
enum Poll {
    /// The reply with the new token, and the place where it goes.
    Claimed(Box<(Reply, Place)>),
    Pending,
    /// Too often: the time between two polls has to grow.
    SlowDown,
}

fn claim_status(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    if inv.has(&TIMEOUT) && !inv.has(&WAIT) {
        return Err(Error::usage("--timeout goes with --wait"));
    }
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
    let poll = match inv.has(&WAIT) {
        true => {
            let end = wait(inv, &mut request, sink);
            sink.waiting("");
            end?
        }
        false => poll(inv, &request, sink)?,
    };
    match poll {
        Poll::Claimed(claimed) => {
            let (reply, place) = *claimed;
            finish(&request, &token.secret, place, &reply, sink)
        }
        // Still pending is an answer, not an error (API.md, D1).
        Poll::Pending | Poll::SlowDown => {
            let answer = Answer::ours("{\"status\":\"pending\"}", View::Summary(&pending));
            sink.answer(&answer).map(drop)
        }
    }
}

fn poll(inv: &Invocation, request: &Request, sink: &mut dyn Sink) -> Result<Poll, Error> {
    // The new token is delivered exactly once: there must be a place for it before we ask.
    let place = Place::prepare(false)?;
    let error = match call::send(inv, request, sink) {
        Ok(reply) => return Ok(Poll::Claimed(Box::new((reply, place)))),
        Err(error) => error,
    };
    match &error.failure {
        Failure::Refused(refusal) if refusal.code == "authorization_pending" => Ok(Poll::Pending),
        Failure::Refused(refusal) if refusal.code == "slow_down" => Ok(Poll::SlowDown),
        _ => Err(error),
    }
}

/// Polls until the claim is done or `--timeout` has passed. A server that cannot be reached
/// for a while is waited for: nothing was sent, so nothing can be lost.
fn wait(inv: &Invocation, request: &mut Request, sink: &mut dyn Sink) -> Result<Poll, Error> {
    let timeout = inv.get(&TIMEOUT).unwrap_or(DEFAULT_TIMEOUT).parse();
    let timeout = Duration::from_secs(timeout.unwrap_or_default());
    let deadline = Instant::now() + timeout;
    let usual = request.timeout;
    let mut interval = INTERVAL;
    loop {
        // No poll outlives the wait, but each has time to be made.
        let left = deadline.saturating_duration_since(Instant::now());
        request.timeout = usual.min(left.max(Duration::from_secs(1)));
        let (pause, trouble) = match poll(inv, request, sink) {
            Ok(Poll::Pending) => (interval, None),
            Ok(Poll::SlowDown) => {
                interval += INTERVAL;
                (interval, None)
            }
            Err(error) => match wait_of(&error) {
                Some(pause) => (interval.max(pause), Some(error.text)),
                None => return Err(error),
            },
            claimed => return claimed,
        };
        // A server may ask for centuries.
        let next = Instant::now() + pause.min(timeout + INTERVAL);
        sleep_until(next.min(deadline), deadline, sink);
        if next > deadline {
            return Err(out_of_time(inv, timeout, trouble));
        }
    }
}

fn out_of_time(inv: &Invocation, timeout: Duration, trouble: Option<String>) -> Error {
    let seconds = timeout.as_secs();
    match trouble {
        Some(trouble) => Error::local(format!("not claimed after {seconds} s: {trouble}")),
        None => {
            let mut again = vec![EMAIL.blank()];
            again.extend(other_claim(inv));
            Error::local(format!("the account is not claimed after {seconds} s")).hint(Hint::new(
                "the human's code may have run out; this sends a new one: {}",
                [Step::new(CLAIM.name(), again)],
            ))
        }
    }
}

/// How long to wait after a fault that may pass: nothing was sent, or the server is busy
/// (429, which is not documented here). `None` for any other.
fn wait_of(error: &Error) -> Option<Duration> {
    match &error.failure {
        Failure::Unreached | Failure::Local if error.passing => Some(Duration::ZERO),
        Failure::Refused(refusal) if refusal.status == 429 => {
            Some(Duration::from_secs(refusal.retry_after.unwrap_or_default()))
        }
        _ => None,
    }
}

/// Sleeps, and to somebody who watches says every second how long is left.
fn sleep_until(until: Instant, deadline: Instant, sink: &mut dyn Sink) {
    loop {
        let now = Instant::now();
        if now >= until {
            return;
        }
        let left = deadline.saturating_duration_since(now).as_secs();
        let watched = sink.waiting(&format!(
            "Waiting for the claim; {} min {:02} s left.",
            left / 60,
            left % 60
        ));
        let pause = match watched {
            true => Duration::from_secs(1),
            false => until - now,
        };
        thread::sleep(pause.min(until - now));
    }
}

/// Saves the new token, then tells.
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
            "Note: the saved claim token is of another registration and is kept; the API token beside it is replaced.",
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
