//! `auth claim`, `auth claim-status`: the ceremony that hands the account to a human.

use std::thread;
use std::time::{Duration, Instant};

use super::{CLAIM_TOKEN, set_token, shown, warn_of_overrides};
use crate::cli::{Command, Flag, Invocation, Kind};
use crate::commands::agent;
use crate::commands::{hints, input, page, request, rescue, send, show};
use crate::config::{self, Credentials, Place, Secret};
use crate::error::{Error, Kind as Failure};
use crate::http::{self, Body, Reply, Request, form_encode};
use crate::output::json::{self, Object};
use crate::output::{self, Page, WaitLine, note};

pub const EMAIL: Flag = Flag::text(
    "email",
    "<human-email>",
    "Address of the human; it must not have an OpenTrain account yet",
)
.required()
.body("email");
const WAIT: Flag = Flag::switch("wait", "Wait until the human has claimed the account");
/// Seconds that --wait waits unless told otherwise (cli.md, section 3).
const DEFAULT_TIMEOUT: &str = "1800";
const TIMEOUT: Flag = Flag::new("timeout", Kind::Count, "<seconds>", "How long --wait waits")
    .default(DEFAULT_TIMEOUT);
/// Time between two polls, and what each `slow_down` adds (cli.md, decision 12).
const INTERVAL: Duration = Duration::from_secs(5);

const GRANT_TYPE: &str = "urn:opentrain:agent-auth:grant-type:claim";

pub const CLAIM: Command = Command {
    words: &["auth", "claim"],
    summary: "Invite a human to take over the account",
    about: "Sends an e-mail and prints a link and a code: show both to the human, who signs in with exactly this address.\n\
            Running it again starts over with a new code.",
    flags: &[EMAIL, CLAIM_TOKEN],
    endpoint: Some(agent("POST", "/identity/claim")),
    if_lost: "running it again is safe; the newest code counts",
    examples: &["opentrain auth claim --email kim@example.com"],
    run: claim,
    ..Command::BASE
};

pub const CLAIM_STATUS: Command = Command {
    words: &["auth", "claim-status"],
    summary: "Ask whether the human has claimed the account, and save its new token",
    about: "Once claimed, the new token replaces the saved one, which the server has revoked.\n\
            Without --wait it asks once; a claim that is still pending is no error.\n\
            With --wait it asks every 5 seconds; a claim that is not done in time is an error.",
    flags: &[WAIT, TIMEOUT, CLAIM_TOKEN],
    endpoint: Some(agent("POST", "/oauth/token")),
    if_lost: "run it again; if it then says invalid_grant, the new token is lost, and a human can make another at https://app.opentrain.ai/employer-settings?tab=api-keys",
    examples: &[
        "opentrain auth claim-status",
        "opentrain auth claim-status --wait --timeout 600",
    ],
    run: claim_status,
    ..Command::BASE
};

fn claim(inv: &Invocation) -> Result<(), Error> {
    let mut body = request::body_object(inv);
    body.set("claim_token", json::quote(claim_token(inv)?.expose()));
    let reply = send(inv, Body::Json(body.to_string()))?;
    show(inv, &reply, claim_summary)
}

/// The claim token from the flag, else the saved one.
fn claim_token(inv: &Invocation) -> Result<Secret, Error> {
    if let Some(token) = input::secret(inv, &CLAIM_TOKEN)? {
        return Ok(token);
    }
    let saved = Credentials::load()?;
    saved.secret("claimToken").ok_or_else(|| {
        Error::local(format!("no claim token: {} holds none", shown(&saved.path))).hint(
            "an account that was claimed needs no claim; a new one comes from `opentrain auth register`, or give --claim-token",
        )
    })
}

fn claim_summary(inv: &Invocation, claim: &Object<'_>, page: &mut Page) -> Option<()> {
    let (code, url) = (claim.text("user_code")?, claim.text("verification_uri")?);
    page.line(match claim.get("email_sent").raw() {
        "false" => "No e-mail was sent: show your human both of these.",
        _ => "Show your human both of these; the e-mail may not arrive.",
    });
    page.url(&url);
    let expires = match claim.get("expires_in").raw().parse::<u64>() {
        Ok(seconds) if seconds >= 120 => Some(format!("in {} minutes", seconds / 60).into()),
        _ => claim
            .text("expires_in")
            .map(|seconds| format!("in {seconds} s").into()),
    };
    page.pairs(2, &[("code", Some(code)), ("expires", expires)]);
    page.line(format_args!(
        "Then run: {}",
        inv.next(&CLAIM_STATUS, &with_claim_token(inv, vec![(&WAIT, "")]))
    ));
    Some(())
}

/// What one poll says.
enum Poll {
    /// The reply with the new token, and the place where it goes.
    Claimed(Reply, Place),
    Pending,
    /// Too often: the time between two polls has to grow.
    SlowDown,
}

fn claim_status(inv: &Invocation) -> Result<(), Error> {
    let token = claim_token(inv)?;
    let form = form_encode(&[("grant_type", GRANT_TYPE), ("claim_token", token.expose())]);
    let mut request = request::build(inv, request::endpoint(inv)?, Body::Form(form))?;
    let poll = match inv.has(&WAIT) {
        true => wait(inv, &mut request)?,
        false => poll(inv, &request)?,
    };
    match poll {
        Poll::Claimed(reply, place) => finish(inv, &request, &token, place, &reply),
        Poll::Pending | Poll::SlowDown => pending(inv),
    }
}

fn poll(inv: &Invocation, request: &Request) -> Result<Poll, Error> {
    // The new token is delivered exactly once: there must be a place for it before we ask.
    let place = Place::prepare(false)?;
    let error = match http::send(request) {
        Ok(reply) => return Ok(Poll::Claimed(reply, place)),
        Err(error) => error,
    };
    match &error.kind {
        Failure::Refused(refusal) if refusal.code == "authorization_pending" => Ok(Poll::Pending),
        Failure::Refused(refusal) if refusal.code == "slow_down" => Ok(Poll::SlowDown),
        _ => Err(rescue::received(
            hints::explain(error, inv),
            "the new token",
        )),
    }
}

/// Polls until the claim is done or `--timeout` has passed. A server that cannot be reached
/// for a while is waited for: nothing was sent, so nothing can be lost.
fn wait(inv: &Invocation, request: &mut Request) -> Result<Poll, Error> {
    let timeout = inv.get(&TIMEOUT).unwrap_or(DEFAULT_TIMEOUT).parse();
    let timeout = Duration::from_secs(timeout.unwrap_or_default());
    let deadline = Instant::now() + timeout;
    let usual = request.timeout;
    let mut interval = INTERVAL;
    let mut line = WaitLine::new(config::terminal_has_escapes());
    loop {
        // No poll outlives the wait, but each has time to be made.
        let left = deadline.saturating_duration_since(Instant::now());
        request.timeout = usual.min(left.max(Duration::from_secs(1)));
        let (pause, trouble) = match poll(inv, request) {
            Ok(Poll::Pending) => (interval, None),
            Ok(Poll::SlowDown) => {
                interval += INTERVAL;
                (interval, None)
            }
            Err(error) => match told_to_wait(&error) {
                Some(told) => (interval.max(told), Some(error.text)),
                None => return claimed(Err(error), &mut line),
            },
            claimed_at_last => return claimed(claimed_at_last, &mut line),
        };
        // A server may ask for centuries.
        let next = Instant::now() + pause.min(timeout + INTERVAL);
        sleep_until(next.min(deadline), deadline, &mut line);
        if next > deadline {
            line.clear();
            let seconds = timeout.as_secs();
            return Err(match trouble {
                Some(trouble) => Error::local(format!("not claimed after {seconds} s: {trouble}")),
                None => Error::local(format!("the account is not claimed after {seconds} s")).hint(
                    format!(
                        "the human's code may have run out; this sends a new one: {}",
                        inv.next(
                            &CLAIM,
                            &with_claim_token(inv, vec![(&EMAIL, EMAIL.metavar)])
                        )
                    ),
                ),
            });
        }
    }
}

/// The end of a wait.
fn claimed(end: Result<Poll, Error>, line: &mut WaitLine) -> Result<Poll, Error> {
    line.clear();
    end
}

/// How long to wait after a fault that may pass: nothing was sent, or the server is busy
/// (429, which is not documented here). `None` for any other.
fn told_to_wait(error: &Error) -> Option<Duration> {
    match &error.kind {
        Failure::Unreached(true) => Some(Duration::ZERO),
        Failure::Refused(refusal) if refusal.status == 429 => {
            Some(Duration::from_secs(refusal.retry_after.unwrap_or_default()))
        }
        _ => None,
    }
}

/// The flags of a next step, and the claim token's when this call was given one.
fn with_claim_token<'a>(
    inv: &Invocation,
    mut values: Vec<(&'a Flag, &'a str)>,
) -> Vec<(&'a Flag, &'a str)> {
    if inv.has(&CLAIM_TOKEN) {
        values.push((&CLAIM_TOKEN, CLAIM_TOKEN.metavar));
    }
    values
}

/// Sleeps, and on a terminal says every second how long is left.
fn sleep_until(until: Instant, deadline: Instant, line: &mut WaitLine) {
    loop {
        let now = Instant::now();
        if now >= until {
            return;
        }
        let left = deadline.saturating_duration_since(now).as_secs();
        line.show(&format!(
            "Waiting for the claim; {} min {:02} s left.",
            left / 60,
            left % 60
        ));
        let pause = if line.is_on() {
            Duration::from_secs(1)
        } else {
            until - now
        };
        thread::sleep(pause.min(until - now));
    }
}

/// Saves the new token, then tells.
fn finish(
    inv: &Invocation,
    request: &Request,
    claim: &Secret,
    place: Place,
    reply: &Reply,
) -> Result<(), Error> {
    let object = Object::parse(reply.text()).unwrap_or_default();
    let Some(token) = object
        .get("access_token")
        .string()
        .filter(|s| !s.is_empty())
    else {
        return Err(rescue::reply(reply, "the new token"));
    };
    let token = Secret::new(token);
    let path = shown(&place.path);
    place
        .save(false, |file| {
            let saved = file.get("claimToken").string().map(|s| s.into_owned());
            // The claim of another account leaves this one's claim token, which is still good.
            if saved.as_deref() == Some(claim.expose()) {
                file.remove("claimToken");
            }
            set_token(file, &token, &request.base);
            Ok(())
        })
        .map_err(|e| rescue::secrets(e, &[("API token", &token)]))?;
    if Credentials::load()?.secret("claimToken").is_some() {
        note(
            "Note: the saved claim token is of another registration and is kept; the API token beside it is replaced.",
        );
    }
    warn_of_overrides(&token, &request.base)?;
    if inv.json() {
        let mut out = Object::default();
        out.set("status", json::quote("claimed"));
        out.set("scopes", object.get("scopes").raw());
        out.set("tokenPreview", json::quote(&token.preview()));
        out.set("configPath", json::quote(&path));
        return output::print_json(&out.to_string());
    }
    let mut page = page();
    page.line("The account is claimed; its new token is saved.");
    page.pairs(
        2,
        &[
            ("token", Some(token.preview().into())),
            ("scopes", object.get("scopes").list()),
            ("saved in", Some(path.into())),
        ],
    );
    output::print(page.text())
}

/// Still pending is an answer, not an error (cli.md, decision 1).
fn pending(inv: &Invocation) -> Result<(), Error> {
    if inv.json() {
        return output::print_json("{\"status\":\"pending\"}");
    }
    let mut page = page();
    page.line("The claim is pending: the human has not finished it yet.");
    page.line(format_args!(
        "Wait for it with: {}",
        inv.next(&CLAIM_STATUS, &with_claim_token(inv, vec![(&WAIT, "")]))
    ));
    output::print(page.text())
}
