//! Waiting for people: looking again and again until it is decided or time is up.

use std::thread;
use std::time::{Duration, Instant};

use crate::cli::{Invocation, Sink, TIMEOUT};
use crate::error::{Error, Failure};

/// Time between the first two looks, and what each `slow_down` adds (API.md, D12).
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// Each pause is a quarter longer than the last, up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// However little time is left, a look gets this much.
const SHORTEST_LOOK: Duration = Duration::from_secs(1);

/// What one look says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Look {
    /// It is decided.
    Decided,
    /// Not yet.
    Pending,
    /// Not yet, and the pauses have to grow.
    SlowDown,
}

/// Why a wait ended before it was decided.
#[derive(Debug)]
pub(crate) enum Ended {
    /// Time was up; with the fault that the last look met, if any.
    OutOfTime(Option<String>),
    /// A fault that will not pass.
    Failed(Error),
}

impl Ended {
    /// The error, where `undecided` says where things stand, such as `the account is not claimed`.
    pub(crate) fn error(self, undecided: &str, timeout: Duration) -> Error {
        let trouble = match self {
            Ended::Failed(error) => return error,
            Ended::OutOfTime(None) => String::new(),
            Ended::OutOfTime(Some(trouble)) => format!(": {trouble}"),
        };
        let seconds = timeout.as_secs();
        Error::local(format!("{undecided} after {seconds} s{trouble}")).passing(true)
    }
}

/// How long a call waits.
pub(crate) fn timeout(invocation: &Invocation) -> Duration {
    let seconds = invocation.get(&TIMEOUT).or(TIMEOUT.default);
    let seconds = seconds.and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or_default())
}

/// Looks until it is decided. `what` appears in the line that says what is being waited for. A
/// look is told how long it may take. It waits for servers that cannot be reached, have a fault or
/// are busy.
///
/// # Errors
/// Time was up, or a look failed in a way that will not pass.
pub(crate) fn wait(
    what: &str,
    timeout: Duration,
    sink: &mut dyn Sink,
    look: &mut dyn FnMut(&mut dyn Sink, Duration) -> Result<Look, Error>,
) -> Result<(), Ended> {
    let deadline = Instant::now() + timeout;
    let mut pause = FIRST_PAUSE;
    let ended = loop {
        // No look outlives the wait, but each gets enough time.
        let left = deadline.saturating_duration_since(Instant::now());
        let (asked, trouble) = match look(sink, left.max(SHORTEST_LOOK)) {
            Ok(Look::Decided) => break Ok(()),
            Ok(Look::Pending) => (Duration::ZERO, None),
            Ok(Look::SlowDown) => {
                pause += FIRST_PAUSE;
                (Duration::ZERO, None)
            }
            Err(error) => match passes(&error) {
                Some(asked) => (asked, Some(error.brief())),
                None => break Err(Ended::Failed(error)),
            },
        };
        // A server may ask for centuries.
        let next = Instant::now() + pause.max(asked).min(timeout + FIRST_PAUSE);
        sleep_until(what, next.min(deadline), deadline, sink);
        if next > deadline {
            break Err(Ended::OutOfTime(trouble));
        }
        pause = after(pause);
    };
    sink.waiting("");
    ended
}

/// The pause after this one.
fn after(pause: Duration) -> Duration {
    pause.max(LONGEST_PAUSE.min(pause * 5 / 4))
}

/// How long to wait after a fault that may pass, beyond the usual pause: the server could not be
/// reached, the answer was lost, the server has a fault or is busy. `None` for any other.
pub(crate) fn passes(error: &Error) -> Option<Duration> {
    match &error.failure {
        Failure::Unreached | Failure::Local if error.passing => Some(Duration::ZERO),
        Failure::Lost(_) => Some(Duration::ZERO),
        Failure::Refused(refusal) if matches!(refusal.status, 408 | 429 | 500..=599) => {
            Some(Duration::from_secs(refusal.retry_after.unwrap_or_default()))
        }
        _ => None,
    }
}

/// Sleeps, telling anybody who watches every second how much time is left.
fn sleep_until(what: &str, until: Instant, deadline: Instant, sink: &mut dyn Sink) {
    loop {
        let now = Instant::now();
        if now >= until {
            return;
        }
        let left = deadline.saturating_duration_since(now).as_secs();
        let watched = sink.waiting(&format!(
            "Waiting for {what}; {} min {:02} s left.",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_by_a_quarter_up_to_the_longest_and_never_shrink() {
        assert_eq!(after(FIRST_PAUSE), Duration::from_millis(6_250));
        assert_eq!(after(Duration::from_secs(29)), LONGEST_PAUSE);
        assert_eq!(after(LONGEST_PAUSE), LONGEST_PAUSE);
        assert_eq!(after(Duration::from_secs(40)), Duration::from_secs(40));
    }
}
