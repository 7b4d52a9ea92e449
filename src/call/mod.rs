//! From an invocation to its answers: the request from the table, what surrounds it, the reply.

mod hints;
pub(crate) mod input;
mod mistakes;
mod outcome;
mod pages;
mod reasons;
pub(crate) mod request;
pub(crate) mod rescue;
pub(crate) mod wait;

pub(crate) use reasons::CLAIMED_SCOPES;
#[cfg(test)]
pub(crate) use reasons::all as all_hints;

use crate::cli::{
    ALL, Answer, BASE_URL, CURSOR, DRY_RUN, GET, Go, Invocation, JSON, JSONL, LIMIT, Sink, View,
    WAIT, camel_case,
};
use crate::error::{Error, Failure};
use crate::http::{Client, Reply, Request};
use crate::json::Object;
use crate::view::{List, More};

/// Runs a command: its answers and notes go to the sink.
///
/// # Errors
/// Whatever stops it. What it should have shown but could not is in the error.
pub(crate) fn run(invocation: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    let done = match invocation.command.run {
        Some(run) => run(invocation, sink),
        None => endpoint(invocation, sink),
    };
    done.or_else(|mut error| {
        if let Failure::DryRun(request) = &error.failure {
            return show(invocation, request, sink);
        }
        let writes = invocation.writes();
        if writes && matches!(error.failure, Failure::Output | Failure::Rescue(_)) {
            error.repeatable_write = Some(invocation.is_repeatable());
            if let Failure::Output = error.failure {
                error.text.push_str("; the call itself was carried out");
            }
        }
        // The next step goes to the same server.
        if let (Some(hint), Some(url)) = (&mut error.hint, invocation.get(&BASE_URL)) {
            hint.add(&BASE_URL.is(url));
        }
        Err(error)
    })
}

/// Shows the request that was not sent.
fn show(invocation: &Invocation, request: &str, sink: &mut dyn Sink) -> Result<(), Error> {
    sink.answer(&Answer::ours(request, View::Json))?;
    let also = invocation.command.also.as_ref().map(|(flag, _)| *flag);
    let more = also.filter(|_| invocation.command.endpoint.is_some());
    if let Some(flag) = [&WAIT]
        .into_iter()
        .chain(more)
        .find(|flag| invocation.has(flag))
    {
        let name = flag.name;
        sink.note(&format!(
            "Note: this is the first request; with --{name} others follow it."
        ));
    }
    Ok(())
}

/// Calls the command's endpoint as the table says, and hands over its reply.
///
/// # Errors
/// The call failed, or the sink could not take the answer.
pub(crate) fn endpoint(invocation: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    if invocation.command.shown_once.is_some() && !invocation.has(&DRY_RUN) {
        sink.is_read()?;
    }
    if let (true, Some(outcome)) = (invocation.has(&WAIT), invocation.command.outcome) {
        return outcome::follow(invocation, outcome, sink);
    }
    if let (true, View::List(list)) = (invocation.has(&ALL), invocation.command.view) {
        return pages::follow(invocation, list, sink);
    }
    let reply = reply(invocation, sink)?;
    hand_over(invocation, &reply, invocation.command.view, sink)
        .map_err(|error| outcome::unprinted(error, invocation, &reply))?;
    note_more(invocation, &reply, sink);
    Ok(())
}

/// Notes that a list has more, where the answer itself does not say so in words and nobody asked
/// for just one page.
fn note_more(invocation: &Invocation, reply: &Reply, sink: &mut dyn Sink) {
    let View::List(list) = invocation.command.view else {
        return;
    };
    let in_words = ![JSON, JSONL, GET].iter().any(|flag| invocation.has(flag));
    if in_words || invocation.has(&LIMIT) || invocation.has(&CURSOR) || !has_more(list, reply) {
        return;
    }
    let all = invocation.again_with(ALL.on());
    sink.note(&format!(
        "Note: the list continues; this gets all of it: {all}"
    ));
}

fn has_more(list: List, reply: &Reply) -> bool {
    /// Pages of the API are far smaller; a longer one is not read a second time.
    const LONGEST: usize = 1024 * 1024;
    let text = Some(reply.text()).filter(|text| text.len() <= LONGEST);
    let object = text.and_then(Object::parse).unwrap_or_default();
    match list.more {
        More::Cursor => object.text_of("nextCursor").is_some(),
        More::Feed => object.get("hasMore").is_true(),
        More::Whole | More::Since => false,
    }
}

/// Calls the command's endpoint as the table says.
///
/// # Errors
/// The request cannot be made, or it failed.
pub(crate) fn reply(invocation: &Invocation, sink: &mut dyn Sink) -> Result<Reply, Error> {
    let request = request::build(invocation, sink)?;
    send(invocation, &request, sink)
}

/// Sends one of the command's requests; an error says what to do about it.
///
/// # Errors
/// Nothing was sent, the answer was lost, or the server refused.
pub(crate) fn send(
    invocation: &Invocation,
    request: &Request,
    sink: &mut dyn Sink,
) -> Result<Reply, Error> {
    if !sink.is_wanted() {
        return Err(Error::local("the call was cancelled; nothing was sent"));
    }
    let error = match Client::default().send(request, sink) {
        Ok(reply) => return Ok(reply),
        Err(mut error) => {
            let writes = request.method != "GET";
            error.repeatable_write = writes.then(|| invocation.is_repeatable());
            hints::explain(error, invocation, request)
        }
    };
    Err(match invocation.command.shown_once {
        Some(secret) => rescue::received(error, secret),
        None => error,
    })
}

/// Hands over a reply, to be shown in the given view.
///
/// # Errors
/// The sink could not take it.
pub(crate) fn hand_over(
    invocation: &Invocation,
    reply: &Reply,
    view: View<'_>,
    sink: &mut dyn Sink,
) -> Result<Go, Error> {
    if reply.is_empty() {
        let status = reply.status;
        if let Some(path) = invocation.get(&GET) {
            return Err(Error::output(format!(
                "the server answered {status} without a body: there is nothing at `{path}`"
            )));
        }
        sink.note(&format!(
            "Done; the server answered {status} without a body."
        ));
        return Ok(Go::On);
    }
    note_other_ids(invocation, reply, sink);
    let shown_once = invocation.command.shown_once.is_some();
    let answer = Answer {
        shown_once,
        ..Answer::new(reply.text(), view)
    };
    let go = sink.answer(&answer).map_err(|error| match shown_once {
        true => rescue::unprinted(error, reply.text()),
        false => error,
    })?;
    match shown_once && invocation.has(&GET) {
        true => rescue::unasked(invocation, reply.text()).map(|()| go),
        false => Ok(go),
    }
}

/// Notes when a reply is about something other than the path of the call: an approval of another
/// proposal, say.
fn note_other_ids(invocation: &Invocation, reply: &Reply, sink: &mut dyn Sink) {
    let path = invocation
        .command
        .endpoint
        .map_or("", |endpoint| endpoint.path);
    let names = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    // A bare `id` may be any of several that an object has.
    for name in names.filter(|name| *name != "id") {
        let key = camel_case(name);
        let asked = invocation.named(name).unwrap_or_default();
        let top = Object::parse(reply.text()).unwrap_or_default();
        let inner = top
            .iter()
            .filter_map(|(_, value)| value.object()?.text_of(&key));
        let mut ids = top.text_of(&key).into_iter().chain(inner);
        if let Some(id) = ids.find(|id| id != asked) {
            sink.note(&format!(
                "Note: the reply is about the {key} {id}, not {asked}."
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::parse;
    use crate::commands::TABLE;
    use crate::notes::Notes;
    use crate::view::Page;

    /// Keeps what it is handed, as summaries.
    struct Kept {
        invocation: Invocation,
        answers: Vec<(String, Option<String>)>,
        notes: Vec<String>,
    }

    impl Notes for Kept {
        fn note(&mut self, text: &str) {
            self.notes.push(text.to_owned());
        }

        fn remark(&mut self, text: &str) {
            self.notes.push(text.to_owned());
        }
    }

    impl Sink for Kept {
        fn answer(&mut self, answer: &Answer<'_>) -> Result<Go, Error> {
            let mut page = Page::new(false, 10_000);
            let summary = answer.write(&self.invocation, &mut page);
            let summary = summary.map(|()| page.text().to_owned());
            self.answers.push((answer.text.to_owned(), summary));
            Ok(Go::On)
        }

        fn close(&mut self, _: &str) -> Result<(), Error> {
            Ok(())
        }

        fn is_read(&self) -> Result<(), Error> {
            Ok(())
        }

        fn waiting(&mut self, _: &str) -> bool {
            false
        }
    }

    fn run_kept(line: &str) -> (Result<(), Error>, Kept) {
        let words = || line.split(' ').map(Into::into).collect();
        let mut kept = Kept {
            invocation: parse(TABLE, words()).unwrap(),
            answers: Vec::new(),
            notes: Vec::new(),
        };
        let done = run(&parse(TABLE, words()).unwrap(), &mut kept);
        (done, kept)
    }

    #[test]
    fn an_answer_is_handed_over_with_its_text_and_its_view() {
        let (done, kept) = run_kept("version");
        assert!(done.is_ok() && kept.notes.is_empty());
        let version = env!("CARGO_PKG_VERSION");
        let [(text, summary)] = &kept.answers[..] else {
            panic!("{:?}", kept.answers);
        };
        let begins = format!("{{\"version\":\"{version}\",");
        assert!(text.starts_with(&begins), "{text}");
        assert_eq!(*summary, Some(format!("opentrain {version}\n")));
        // Help has no other form than its text.
        let (_, kept) = run_kept("help jobs");
        assert!(kept.answers[0].0.starts_with("opentrain jobs: "));
        assert_eq!(kept.answers[0].1, None);
    }

    #[test]
    fn an_error_is_handed_back_with_commands_for_the_same_server() {
        // Nothing listens on port 0, so nothing is ever sent.
        let (done, kept) = run_kept("jobs search --base-url http://u@127.0.0.1:0");
        assert!(done.is_err() && kept.answers.is_empty());
        let (done, _) = run_kept("help nonsense --base-url http://127.0.0.1:0");
        let hint = done.unwrap_err().hint.unwrap().to_string();
        assert!(hint.contains("opentrain --help"), "{hint}");
    }
}
