//! `updates watch`: the feed as it grows, each event to whoever takes it.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::thread;
use std::time::Duration;

use super::cursor::CursorFile;
use super::{EVENTS, POLL};
use crate::call::{request, send, wait};
use crate::cli::{
    Answer, BASE_URL, CURSOR, CURSOR_FILE, Command, Flag, Go, Invocation, Kind, LIMIT, Part, Sink,
    VERBOSE, View, comma_separated,
};
use crate::commands::webhooks;
use crate::config;
use crate::error::{Error, Hint};
use crate::json::{Object, Value};

const INTERVAL: Flag = Flag::new(
    "interval",
    Kind::Count,
    "<seconds>",
    "Seconds between polls when nothing is waiting",
)
.default("15");
const TYPES: Flag = Flag {
    required: false,
    help: "Only events of these types",
    ..webhooks::EVENTS
};
const EXEC: Flag = Flag::text(
    "exec",
    "<program>",
    "Run this for each event, with the event on its standard input; nothing else is printed",
);
const ONCE: Flag = Flag::switch("once", "Stop when nothing more is waiting, for cron");

/// Waits after a fault, and before a failed program gets its event again; in seconds.
const PAUSES: [u64; 6] = [2, 5, 10, 20, 40, 60];
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The longest wait that a server may ask for and get.
const LONGEST_ASKED: Duration = Duration::from_secs(600);

pub(super) static WATCH: Command = Command {
    words: &["updates", "watch"],
    summary: "Follow the feed: each event as a line of JSON, as it comes",
    about: "On a terminal events are rows.\n\
            With --cursor-file it continues where the last run stopped, however that ended: no event is lost, and the last ones may come twice.\n\
            An event counts as delivered when it is written or, with --exec, when the program exits with 0; until then the program gets it again, after growing waits.\n\
            Network and server faults are waited out; a refused token ends it.",
    flags: &[CURSOR, CURSOR_FILE, INTERVAL, TYPES, EXEC, ONCE],
    endpoint: POLL.endpoint,
    examples: &[
        "opentrain updates watch --cursor-file cursor",
        "opentrain updates watch --cursor-file cursor --exec ./handle --once",
    ],
    run: Some(watch),
    ..Command::BASE
};

fn watch(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    let program = inv.get(&EXEC).map(found).transpose()?;
    let kept = CursorFile::of(inv)?;
    let (file, start) = kept.map_or((None, None), |(file, cursor)| (Some(file), cursor));
    let seconds = inv.get(&INTERVAL).or(INTERVAL.default);
    let interval = seconds
        .and_then(|seconds| seconds.parse().ok())
        .unwrap_or_default();
    let mut feed = Feed {
        inv,
        cursor: start.or(inv.get(&CURSOR).map(str::to_owned)),
        file,
        program,
        types: inv.get(&TYPES),
        part: Part::First,
    };
    let mut pauses = PAUSES.iter();
    loop {
        let page = match feed.page(sink) {
            Ok(page) => page,
            Err(error) => {
                // Said once, until something arrives again.
                let is_new = pauses.len() == PAUSES.len();
                let pause = match (wait::passes(&error), pauses.next()) {
                    (Some(asked), Some(pause)) => asked.max(Duration::from_secs(*pause)),
                    // A run from cron is repeated anyway.
                    (Some(asked), None) if !inv.has(&ONCE) => asked.max(LONGEST_PAUSE),
                    _ => return Err(feed.resumed(error)),
                };
                if is_new {
                    let why = error.brief();
                    sink.note(&format!("Note: {why}; trying again until it works."));
                }
                thread::sleep(pause.min(LONGEST_ASKED));
                continue;
            }
        };
        pauses = PAUSES.iter();
        let reply = Object::parse(&page).unwrap_or_default();
        let delivered = feed.deliver(&reply, sink);
        let (go, moved) = delivered.map_err(|error| feed.resumed(error))?;
        if go == Go::Stop {
            return Ok(());
        }
        // A feed that says more is waiting but delivers nothing is not polled without a pause.
        let more = reply.get("hasMore").is_true() && moved;
        match (more, inv.has(&ONCE)) {
            (true, _) => {}
            (false, true) => return Ok(()),
            (false, false) => thread::sleep(Duration::from_secs(interval)),
        }
    }
}

/// The feed, and how far it was delivered.
struct Feed<'a> {
    inv: &'a Invocation,
    cursor: Option<String>,
    file: Option<CursorFile>,
    program: Option<&'a str>,
    /// The wanted types, separated by commas.
    types: Option<&'a str>,
    part: Part,
}

impl Feed<'_> {
    /// What is waiting after the cursor.
    fn page(&self, sink: &mut dyn Sink) -> Result<String, Error> {
        let most = POLL.flag(&LIMIT).and_then(|limit| limit.most).unwrap_or(1);
        let given = [
            (&CURSOR, self.cursor.as_deref()),
            (&LIMIT, Some(&*most.to_string())),
            (&BASE_URL, self.inv.get(&BASE_URL)),
            (&VERBOSE, self.inv.get(&VERBOSE)),
        ]
        .map(|(flag, value)| (flag, value.map(str::to_owned)));
        let given = given
            .each_ref()
            .map(|(flag, value)| (*flag, value.as_deref()));
        let call = Invocation::of(&POLL, &given);
        let request = request::build(&call, sink)?;
        let reply = send(&call, &request, sink)?;
        let page = Object::parse(reply.text()).unwrap_or_default();
        match page.get(EVENTS.key).items() {
            Some(_) => Ok(reply.text().to_owned()),
            None => Err(Error::output(format!(
                "the reply has no array `{}`",
                EVENTS.key
            ))),
        }
    }

    /// Delivers the events of a page, and moves the cursor past those delivered. Returns whether to
    /// continue, and whether there were any.
    fn deliver(&mut self, page: &Object<'_>, sink: &mut dyn Sink) -> Result<(Go, bool), Error> {
        let events = page.get(EVENTS.key).items().unwrap_or_default();
        let ids = events.iter().rev().map(|event| id(*event));
        let last = ids.into_iter().find(|id| !id.is_empty());
        let wanted = |event: &&Value<'_>| {
            let kind = event
                .field("type")
                .and_then(Value::text)
                .unwrap_or_default();
            self.types
                .is_none_or(|types| comma_separated(types).any(|named| named == kind))
        };
        let wanted: Vec<Value<'_>> = events.iter().filter(wanted).copied().collect();
        match self.program {
            Some(program) => {
                for event in wanted {
                    self.run(program, event, sink)?;
                    self.move_to(&id(event))?;
                }
            }
            None if wanted.is_empty() => {}
            None => {
                let texts: Vec<&str> = wanted.into_iter().map(Value::raw).collect();
                let text = format!("{{\"{}\":[{}]}}", EVENTS.key, texts.join(","));
                let answer = Answer {
                    part: self.part,
                    is_last: false,
                    ..Answer::new(&text, View::Stream(EVENTS))
                };
                self.part = Part::Further;
                if sink.answer(&answer)? == Go::Stop || sink.is_lost() {
                    return Ok((Go::Stop, false));
                }
            }
        }
        // A feed without events says null: there is nothing to continue from.
        if let Some(next) = page.cursor().ok().flatten().or(last) {
            self.move_to(&next)?;
        }
        Ok((Go::On, !events.is_empty()))
    }

    fn move_to(&mut self, cursor: &str) -> Result<(), Error> {
        if cursor.is_empty() || self.cursor.as_deref() == Some(cursor) {
            return Ok(());
        }
        if let Some(file) = &self.file {
            file.save(cursor)?;
        }
        self.cursor = Some(cursor.to_owned());
        Ok(())
    }

    /// Runs the program on an event until it exits with 0; with --once, only once.
    fn run(&self, program: &str, event: Value<'_>, sink: &mut dyn Sink) -> Result<(), Error> {
        let id = id(event);
        let mut pauses = PAUSES.iter();
        loop {
            let Some(why) = outcome(program, event) else {
                return Ok(());
            };
            let failed = format!("{program} {why} on event {id}");
            if self.inv.has(&ONCE) {
                let text = format!("{failed}; it gets it again next time");
                return Err(Error::local(text).passing(true));
            }
            let pause = pauses.next().or(PAUSES.last()).copied().unwrap_or_default();
            sink.note(&format!("Note: {failed}; it gets it again in {pause} s."));
            thread::sleep(Duration::from_secs(pause));
        }
    }

    /// Where no file keeps it, the error has the cursor to continue from.
    fn resumed(&self, mut error: Error) -> Error {
        let cursor = self.cursor.as_deref().filter(|_| self.file.is_none());
        let on = match cursor {
            Some(cursor) => self.inv.again(&CURSOR, cursor),
            None => return error,
        };
        let hint = error.hint.take().map(|hint| hint.text("; "));
        error.hint(hint.unwrap_or_default().and("continue with `{}`", [on]))
    }
}

/// The id of an event, which is also the cursor after it (API.md, section 19).
fn id(event: Value<'_>) -> String {
    let id = event.field("id").and_then(Value::text);
    id.unwrap_or_default().into_owned()
}

/// How the program failed on an event; `None` when it did not.
fn outcome(program: &str, event: Value<'_>) -> Option<String> {
    let mut child = match Process::new(program).stdin(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(e) => return Some(format!("could not be started ({e})")),
    };
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read its input may still do its work.
        let line = crate::json::compact(event.raw()) + "\n";
        let _ = stdin.write_all(line.as_bytes());
    }
    match child.wait() {
        Ok(status) if status.success() => None,
        Ok(status) => Some(match status.code() {
            Some(code) => format!("ended with {code}"),
            None => format!("was killed ({status})"),
        }),
        Err(e) => Some(format!("could not be waited for ({e})")),
    }
}

/// The program, if it exists and is executable: looked for before anything is sent.
fn found(program: &str) -> Result<&str, Error> {
    let runs = |path: &Path| {
        let metadata = fs::metadata(path);
        metadata.is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
    };
    let is_there = match program.contains('/') {
        true => runs(Path::new(program)),
        false => config::program_folders()
            .iter()
            .any(|folder| runs(&folder.join(program))),
    };
    let missing = || {
        Error::usage(format!(
            "--{}: {program} is not an executable program; nothing was sent",
            EXEC.name
        ))
        .hint(Hint::from(
            "it takes one program without arguments; for more, use a script",
        ))
    };
    is_there.then_some(program).ok_or_else(missing)
}
