//! What a command only begins and a human decides: it is requested, announced and waited for.

use super::wait::{self, Look};
use super::{hand_over, reply, request, send};
use crate::cli::{BASE_URL, GET, Invocation, JSON, Outcome, Sink, TIMEOUT, VERBOSE, WAIT};
use crate::error::{Error, Failure, Hint};
use crate::http::{Reply, Request};
use crate::json::Object;

/// Calls the command's endpoint and waits until what it began is decided.
///
/// # Errors
/// The call failed, or the decision was not the one hoped for, or did not come in time.
pub(super) fn follow(
    invocation: &Invocation,
    outcome: &Outcome,
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    // A read is itself the look that is repeated.
    if !invocation.writes() {
        let id = invocation.need(outcome.id);
        let request = request::build(invocation, sink)?;
        let watched = watch(request, invocation, invocation, outcome, false, sink);
        return watched.map_err(|error| resumed(error, invocation, outcome, id));
    }
    let reply = reply(invocation, sink)?;
    let begun = match State::of(outcome, &reply) {
        Some(state) if !state.is_decided(outcome) => state,
        Some(state) => {
            hand_over(invocation, &reply, invocation.command.view, sink)?;
            return state.verdict(outcome);
        }
        None => {
            hand_over(invocation, &reply, invocation.command.view, sink)?;
            let object = Object::parse(reply.text()).unwrap_or_default();
            return match outcome.may_be_at_once && object.get(outcome.key).is_null() {
                true => Ok(()),
                false => Err(carried_out(untold(outcome), invocation)),
            };
        }
    };
    let looks = [
        (outcome.id, Some(begun.id.as_str())),
        (&BASE_URL, None),
        (&VERBOSE, None),
    ];
    let looks = looks.map(|(flag, value)| (flag, value.or(invocation.get(flag))));
    let looking = Invocation::of(outcome.look, &looks);
    tell(invocation, &reply, &begun, sink)
        .and_then(|()| request::build(&looking, sink))
        .and_then(|request| watch(request, &looking, invocation, outcome, true, sink))
        .map_err(|error| {
            let error = carried_out(error, invocation);
            resumed(error, invocation, outcome, &begun.id)
        })
}

/// The call itself was carried out, whatever happened afterwards.
fn carried_out(mut error: Error, invocation: &Invocation) -> Error {
    error.repeatable_write = Some(invocation.is_repeatable());
    error.carried_out = true;
    error
}

/// An error about an answer that could not be delivered: the link that a human has to open is not
/// lost with it.
pub(super) fn unprinted(error: Error, invocation: &Invocation, reply: &Reply) -> Error {
    let Some(outcome) = invocation.command.outcome.filter(|_| invocation.writes()) else {
        return error;
    };
    match State::of(outcome, reply) {
        Some(state) => {
            let error = match &state.url {
                Some(url) => error.hint(format!("a human has to open {url}").as_str()),
                None => error,
            };
            resumed(error, invocation, outcome, &state.id)
        }
        None => error,
    }
}

fn untold(outcome: &Outcome) -> Error {
    Error::output(format!(
        "the reply does not say how {} stands",
        outcome.name
    ))
}

/// Says what a human has to open, before the wait begins.
fn tell(
    invocation: &Invocation,
    reply: &Reply,
    begun: &State,
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    match (
        [&JSON, &GET].iter().any(|form| invocation.has(form)),
        &begun.url,
    ) {
        (false, _) => hand_over(invocation, reply, invocation.command.view, sink).map(drop),
        // One document, the last state, is still to come.
        (true, Some(url)) => {
            sink.note(&format!("Note: a human has to open this: {url}"));
            Ok(())
        }
        (true, None) => Ok(()),
    }
}

/// Adds the command that resumes a wait that was cut short.
fn resumed(mut error: Error, invocation: &Invocation, outcome: &Outcome, id: &str) -> Error {
    if let Failure::Unmet = error.failure {
        return error;
    }
    let mut arguments = vec![outcome.id.is(id), WAIT.on()];
    arguments.extend(invocation.get(&TIMEOUT).map(|seconds| TIMEOUT.is(seconds)));
    arguments.extend(invocation.has(&JSON).then(|| JSON.on()));
    let paths = invocation.all(&GET).map(|path| GET.is(path));
    let on = invocation.step(
        outcome.look,
        arguments.into_iter().chain(paths).collect::<Vec<_>>(),
    );
    let hint = error.hint.take().map(|hint| hint.text("; "));
    error.hint(hint.unwrap_or_default().and("keep waiting with `{}`", [on]))
}

/// Looks until it is decided, and hands over the last state.
fn watch(
    mut request: Request,
    looking: &Invocation,
    invocation: &Invocation,
    outcome: &Outcome,
    told: bool,
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    let usual = request.timeout;
    let timeout = wait::timeout(invocation);
    let asked = looking.need(outcome.id);
    let (mut told, mut last, mut status) = (told, None, "pending".to_owned());
    let mut look = |sink: &mut dyn Sink, time| {
        request.timeout = usual.min(time);
        let reply = send(looking, &request, sink)?;
        let state = State::of(outcome, &reply).ok_or_else(|| untold(outcome))?;
        if state.id != asked {
            let other = format!(
                "the reply is about {} {}, not {asked}",
                outcome.name, state.id
            );
            return Err(Error::output(other));
        }
        if state.is_decided(outcome) {
            last = Some((state, reply));
            return Ok(Look::Decided);
        }
        if !told {
            tell(invocation, &reply, &state, sink)?;
            told = true;
        }
        status = state.status.to_ascii_lowercase();
        Ok(Look::Pending)
    };
    let waited = wait::wait(outcome.name, timeout, sink, &mut look);
    waited.map_err(|ended| ended.error(&format!("{} is still {status}", outcome.name), timeout))?;
    let Some((state, reply)) = last else {
        return Ok(());
    };
    hand_over(looking, &reply, looking.command.view, sink)?;
    state.verdict(outcome)
}

/// The state of something.
struct State {
    id: String,
    status: String,
    url: Option<String>,
}

impl State {
    /// What a reply says about it; `None` when it says nothing.
    fn of(outcome: &Outcome, reply: &Reply) -> Option<Self> {
        let reply = Object::parse(reply.text())?;
        let object = reply.get(outcome.key).object()?;
        Some(State {
            id: object.text("id")?.into_owned(),
            status: object.text_of("status")?,
            url: object
                .text_of(outcome.url)
                .or_else(|| reply.text_of(outcome.url)),
        })
    }

    fn is_decided(&self, outcome: &Outcome) -> bool {
        self.status == outcome.done || outcome.failed.contains(&self.status.as_str())
    }

    /// Nothing but what was hoped for is success.
    fn verdict(&self, outcome: &Outcome) -> Result<(), Error> {
        if self.status == outcome.done {
            return Ok(());
        }
        let status = self.status.to_ascii_lowercase();
        let text = format!(
            "{} {} is {status}: {}",
            outcome.name, self.id, outcome.undone
        );
        Err(Error::unmet(text).hint(Hint::from("ask the human before you ask for it again")))
    }
}
