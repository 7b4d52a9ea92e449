//! A list from its first page to its end.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{mem, thread};

use super::{hints, request};
use crate::cli::{Answer, CURSOR, Go, Invocation, LIMIT, Part, Sink, View};
use crate::error::{Error, Failure};
use crate::http::{Client, Reply, Request};
use crate::json::Object;
use crate::notes::Notes;
use crate::view::{List, More};

/// Waits before retrying a page when a limit was reached and the server does not say for how long.
const WAITS: [u64; 6] = [5, 10, 20, 40, 60, 60];
/// The longest wait in seconds that a server may ask for and get.
const LONGEST_WAIT: u64 = 600;

/// Follows a list: its pages go to the sink one after another, over one connection. Each has its
/// own time limit and attempts. While one is handed over, the next is on its way.
///
/// # Errors
/// A page failed: those before it are out, and the error says how to continue.
pub(super) fn follow(
    invocation: &Invocation,
    list: List,
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    let mut reader = Reader::of(invocation, list, sink)?;
    let mut page = reader.next(sink)?;
    let mut source = Source::Here(Box::new(reader));
    let mut part = Part::First;
    loop {
        source = match page.next {
            Next::Page(_) => source.ahead(),
            _ => source,
        };
        let text = page.reply.text();
        let is_last = matches!(page.next, Next::None);
        let answer = match page.next {
            // Not as documented: shown as it came.
            Next::Odd => Answer::new(text, View::List(list)),
            _ => Answer::page(text, list, part, is_last),
        };
        let go = sink.answer(&answer)?;
        let cursor = match &page.next {
            Next::Page(_) | Next::Again(_) if go == Go::Stop => return Ok(()),
            Next::Page(cursor) => cursor,
            Next::None => return Ok(()),
            Next::Odd => return Err(Error::lost("the list is not as documented", &[])),
            Next::Again(cursor) => {
                sink.close(cursor)?;
                let again = "the server gave the same cursor twice: following it would never end";
                return Err(Error::lost(again, &[]));
            }
        };
        let cut_short = |error, sink: &mut dyn Sink| cut_short(error, invocation, cursor, sink);
        let further = match source.next(sink) {
            Ok(Page {
                next: Next::Odd, ..
            }) => {
                let odd = Error::lost("a page is not as documented", &[]);
                return Err(cut_short(odd, sink));
            }
            Ok(further) => further,
            Err(error) => return Err(cut_short(error, sink)),
        };
        source.reuse(page.reply);
        page = further;
        part = Part::Further;
    }
}

/// The error of a page after the first: the list is closed and can be resumed.
fn cut_short(
    mut error: Error,
    invocation: &Invocation,
    cursor: &str,
    sink: &mut dyn Sink,
) -> Error {
    if let Err(unwritten) = sink.close(cursor) {
        return unwritten;
    }
    error.text.push_str(&format!(
        "; the pages before the cursor {cursor} have been printed"
    ));
    let on = invocation.again(&CURSOR, cursor);
    let hint = error.hint.take().map(|hint| hint.text("; "));
    error.hint(hint.unwrap_or_default().and("continue with `{}`", [on]))
}

/// A page that came.
struct Page {
    reply: Reply,
    next: Next,
}

/// What follows a page.
enum Next {
    /// The page at this cursor.
    Page(String),
    /// Nothing: it was the last.
    None,
    /// A page that was read before: following it would never end.
    Again(String),
    /// Nobody knows: it is not as documented.
    Odd,
}

/// Reads the pages of a list, one after another.
struct Reader {
    call: Invocation,
    list: List,
    request: Request,
    client: Client,
    /// The cursors so far, sorted.
    seen: Vec<String>,
}

impl Reader {
    fn of(invocation: &Invocation, list: List, notes: &mut dyn Notes) -> Result<Self, Error> {
        let mut call = invocation.clone();
        if let Some(limit) = call.command.flag(&LIMIT)
            && !call.has(&LIMIT)
            && let Some(most) = limit.most
        {
            call.set(&LIMIT, &most.to_string());
        }
        let mut request = request::build(&call, notes)?;
        request.keep = true;
        Ok(Reader {
            call,
            list,
            request,
            client: Client::default(),
            seen: invocation
                .get(&CURSOR)
                .map(str::to_owned)
                .into_iter()
                .collect(),
        })
    }

    /// The next page.
    fn next(&mut self, notes: &mut dyn Notes) -> Result<Page, Error> {
        let read = self.reply(notes).and_then(|reply| {
            let mut next = next(self.list, &reply)?;
            if let Next::Page(cursor) = &next {
                match self.seen.binary_search(cursor) {
                    Err(place) => self.seen.insert(place, cursor.clone()),
                    Ok(_) => next = Next::Again(cursor.clone()),
                }
            }
            Ok(Page { reply, next })
        });
        let page = read.map_err(|error| hints::explain(error, &self.call, &self.request))?;
        if let Next::Page(cursor) = &page.next {
            self.call.set(&CURSOR, cursor);
            self.request.path = request::path(&self.call, request::endpoint(&self.call)?);
        }
        Ok(page)
    }

    /// The reply with the next page; where a limit was reached, it waits.
    fn reply(&mut self, notes: &mut dyn Notes) -> Result<Reply, Error> {
        let mut waits = WAITS.iter();
        loop {
            let error = match self.client.send(&self.request, notes) {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            let told = match &error.failure {
                Failure::Refused(refusal) if refusal.status == 429 => refusal.retry_after,
                _ => return Err(error),
            };
            match (waits.next(), told) {
                (Some(own), told) if told.is_none_or(|told| told <= LONGEST_WAIT) => {
                    let seconds = told.unwrap_or(*own);
                    notes.note(&format!(
                        "Note: a limit was reached; continuing in {seconds} s."
                    ));
                    thread::sleep(Duration::from_secs(seconds));
                }
                _ => return Err(error),
            }
        }
    }
}

/// What follows a page of a list. An error when the page is not JSON.
fn next(list: List, reply: &Reply) -> Result<Next, Error> {
    let Some(page) = Object::parse(reply.text()) else {
        return reply.check().map(|()| Next::Odd);
    };
    if !page.get(list.key).raw().starts_with('[') {
        return Ok(Next::Odd);
    }
    let more = list.more != More::Feed || page.get("hasMore").is_true();
    Ok(match page.cursor() {
        Err(()) => Next::Odd,
        Ok(Some(cursor)) if more => Next::Page(cursor),
        // A feed that says more is waiting, but not where.
        Ok(None) if list.more == More::Feed && more => Next::Odd,
        Ok(_) => Next::None,
    })
}

/// Where the pages come from.
enum Source {
    /// They are read on demand.
    Here(Box<Reader>),
    /// A thread reads them, one ahead, and puts them here.
    Ahead(Ahead),
}

impl Source {
    /// Reads ahead, where a thread can be started.
    fn ahead(self) -> Self {
        let Source::Here(reader) = self else {
            return self;
        };
        let desk = Arc::new(Desk::default());
        desk.lock().reader = Some(reader);
        let thread = Arc::clone(&desk);
        match thread::Builder::new().spawn(move || read_ahead(&thread)) {
            Ok(_) => Source::Ahead(Ahead(desk)),
            Err(_) => {
                let reader = desk.lock().reader.take();
                reader.map_or(Source::Ahead(Ahead(desk)), Source::Here)
            }
        }
    }

    fn next(&mut self, sink: &mut dyn Sink) -> Result<Page, Error> {
        let desk = match self {
            Source::Here(reader) => return reader.next(sink),
            Source::Ahead(Ahead(desk)) => desk,
        };
        loop {
            match desk.take() {
                News::Note(tell, text) => tell(sink, &text),
                News::Page(page) => return page,
            }
        }
    }

    /// Takes back a finished page, to reuse its memory.
    fn reuse(&mut self, reply: Reply) {
        match self {
            Source::Here(reader) => reader.client.reuse(reply.into_room()),
            Source::Ahead(Ahead(desk)) => desk.lock().room = reply.into_room(),
        }
    }
}

/// The desk, as long as pages are taken from it.
struct Ahead(Arc<Desk>);

impl Drop for Ahead {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.changed.notify_all();
    }
}

/// What the thread reports: a note, with how to deliver it, or a page.
enum News {
    Note(fn(&mut dyn Sink, &str), String),
    Page(Result<Page, Error>),
}

/// Where the thread puts its news, one at a time.
#[derive(Default)]
struct Desk {
    top: Mutex<Top>,
    changed: Condvar,
}

#[derive(Default)]
struct Top {
    /// For the thread to take when it starts.
    reader: Option<Box<Reader>>,
    news: Option<News>,
    /// The memory of a page that was taken and is finished.
    room: Vec<u8>,
    /// Nobody takes pages any more.
    closed: bool,
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, Top> {
        self.top.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, top: MutexGuard<'a, Top>) -> MutexGuard<'a, Top> {
        self.changed
            .wait(top)
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts news in place of the last, once that is taken; returns whether anybody takes it.
    fn put(&self, news: News) -> bool {
        let mut top = self.lock();
        while top.news.is_some() && !top.closed {
            top = self.wait(top);
        }
        top.news = Some(news);
        let goes_on = !top.closed;
        // So that nobody is woken only to find the lock taken.
        drop(top);
        self.changed.notify_one();
        goes_on
    }

    fn take(&self) -> News {
        let mut top = self.lock();
        loop {
            if let Some(news) = top.news.take() {
                drop(top);
                self.changed.notify_one();
                return news;
            }
            top = self.wait(top);
        }
    }
}

/// Reads pages as they are taken, until one is the last or fails, or nobody takes them any more.
fn read_ahead(desk: &Desk) {
    let Some(mut reader) = desk.lock().reader.take() else {
        return;
    };
    loop {
        reader.client.reuse(mem::take(&mut desk.lock().room));
        let page = reader.next(&mut Teller(desk));
        let goes_on = matches!(
            &page,
            Ok(Page {
                next: Next::Page(_),
                ..
            })
        );
        if !desk.put(News::Page(page)) || !goes_on {
            return;
        }
    }
}

/// Passes notes on to whoever takes the pages.
struct Teller<'a>(&'a Desk);

impl Notes for Teller<'_> {
    fn note(&mut self, text: &str) {
        let news = News::Note(|sink, text| sink.note(text), text.to_owned());
        self.0.put(news);
    }

    fn remark(&mut self, text: &str) {
        let news = News::Note(|sink, text| sink.remark(text), text.to_owned());
        self.0.put(news);
    }
}
