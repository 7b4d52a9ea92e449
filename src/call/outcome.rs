//! What a command only begins, and a human decides: it is asked for, told, and waited for.

use super::wait::{self, Look};
use super::{hand_over, reply, request, send};
use crate::cli::{BASE_URL, GET, Invocation, JSON, Outcome, Sink, VERBOSE, WAIT};
use crate::error::{Error, Failure, Hint};
use crate::http::Reply;
use crate::json::Object;

/// Calls the command's endpoint, and waits until what it began is decided.
///
/// # Errors
/// The call failed, or it was decided otherwise than hoped for, or not in time.
pub(super) fn follow(
    invocation: &Invocation,
    outcome: &Outcome,
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    // A read is itself the look that is repeated.
    if !invocation.writes() {
        let id = invocation.need(outcome.id);
        let watched = watch(invocation, invocation, outcome, false, sink);
        return watched.map_err(|error| resumed(error, invocation, outcome, id));
    }
    let reply = reply(invocation, sink)?;
    let begun = match State::of(outcome, &reply) {
        Some(state) if state.is_pending(outcome) => state,
        // Decided at once, or nothing to decide.
        decided => {
            hand_over(invocation, &reply, invocation.command.view, sink)?;
            return decided.map_or(Ok(()), |state| state.verdict(outcome));
        }
    };
    tell(invocation, &reply, &begun, sink)?;
    let looks = [
        (outcome.id, Some(begun.id.as_str())),
        (&BASE_URL, None),
        (&VERBOSE, None),
    ];
    let looks = looks.map(|(flag, value)| (flag, value.or(invocation.get(flag))));
    let looking = Invocation::of(outcome.look, &looks);
    watch(&looking, invocation, outcome, true, sink).map_err(|mut error| {
        // The call itself was carried out, whatever came of the wait.
        error.repeatable_write = Some(invocation.is_repeatable());
        error.carried_out = true;
        resumed(error, invocation, outcome, &begun.id)
    })
}

/// Tells what a human has to open, before the wait for it begins.
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

/// Adds the command that goes on with a wait that was cut short.
fn resumed(mut error: Error, invocation: &Invocation, outcome: &Outcome, id: &str) -> Error {
    if let Failure::Unmet = error.failure {
        return error;
    }
    let on = invocation.step(outcome.look, [outcome.id.is(id), WAIT.on()]);
    let hint = error.hint.take().map(|hint| hint.text("; "));
    error.hint(
        hint.unwrap_or_default()
            .and("go on waiting with `{}`", [on]),
    )
}

/// Looks until it is decided, and hands over the last state.
fn watch(
    looking: &Invocation,
    invocation: &Invocation,
    outcome: &Outcome,
    told: bool,
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    let mut request = request::build(looking, sink)?;
    let usual = request.timeout;
    let timeout = wait::timeout(invocation);
    let (mut told, mut last) = (told, None);
    let mut look = |sink: &mut dyn Sink, time| {
        request.timeout = usual.min(time);
        let reply = send(looking, &request, sink)?;
        let Some(state) = State::of(outcome, &reply) else {
            let odd = format!("the reply does not say how {} stands", outcome.name);
            return Err(Error::output(odd));
        };
        if !state.is_pending(outcome) {
            last = Some((state, reply));
            return Ok(Look::Decided);
        }
        if !told {
            tell(invocation, &reply, &state, sink)?;
            told = true;
        }
        Ok(Look::Pending)
    };
    let undecided = format!("{} is still pending", outcome.name);
    wait::wait(outcome.name, timeout, sink, &mut look)
        .map_err(|ended| ended.error(&undecided, timeout))?;
    let Some((state, reply)) = last else {
        return Ok(());
    };
    hand_over(looking, &reply, looking.command.view, sink)?;
    state.verdict(outcome)
}

/// How something stands.
struct State {
    id: String,
    status: String,
    url: Option<String>,
}

impl State {
    /// What a reply says of it; `None` when it says nothing.
    fn of(outcome: &Outcome, reply: &Reply) -> Option<Self> {
        let reply = Object::parse(reply.text())?;
        let object = reply.get(outcome.key).object()?;
        Some(State {
            id: object.text_of("id")?,
            status: object.text_of("status")?,
            url: object
                .text_of(outcome.url)
                .or_else(|| reply.text_of(outcome.url)),
        })
    }

    fn is_pending(&self, outcome: &Outcome) -> bool {
        self.status == outcome.pending
    }

    /// Nothing but what was hoped for is success.
    fn verdict(&self, outcome: &Outcome) -> Result<(), Error> {
        if [outcome.pending, outcome.done].contains(&self.status.as_str()) {
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
