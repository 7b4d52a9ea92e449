//! The human summary of a reply: a page of lines, all of them safe for a terminal.
//!
//! Whatever is written here is made safe line by line, so no summary has to remember to.

use std::borrow::Cow;
use std::fmt::Display;
use std::iter::repeat_n;

use super::width::columns;
use super::{Ink, Table};
use crate::safe::{escape, safe};
use crate::step::{Spell, Step};

/// A page of text for a person.
#[derive(Debug)]
pub(crate) struct Page {
    text: String,
    /// Whether the page goes to a terminal, where the last column of a table is cut at the edge.
    terminal: bool,
    /// The limit on its text, in bytes.
    room: usize,
    coloured: bool,
    spell: Spell,
    /// Whether it continues a list some of whose rows are already out.
    goes_on: bool,
    /// The widths of the columns of the last table.
    widths: Vec<usize>,
}

impl Page {
    /// An empty page; `terminal` says whether standard output is one, and `room` how many bytes
    /// its text may have.
    pub(crate) fn new(terminal: bool, room: usize) -> Self {
        Page {
            text: String::new(),
            terminal,
            room,
            coloured: false,
            spell: Step::to_string,
            goes_on: false,
            widths: Vec::new(),
        }
    }

    /// The same with or without emphasis.
    pub(crate) fn coloured(mut self, coloured: bool) -> Self {
        self.coloured = coloured;
        self
    }

    /// The same with next steps written another way.
    pub(crate) fn spelling(mut self, spell: Spell) -> Self {
        self.spell = spell;
        self
    }

    /// A next step as this page writes it.
    pub(crate) fn spelled(&self, step: &Step) -> String {
        (self.spell)(step)
    }

    /// Begins another text: the one so far is out. If a list continues, some of its rows may be
    /// out.
    pub(crate) fn turn(&mut self, room: usize, goes_on: bool) {
        self.goes_on = goes_on && (self.goes_on || !self.text.is_empty());
        self.text.clear();
        self.room = room;
    }

    /// Whether rows of the list are already out.
    pub(crate) fn goes_on(&self) -> bool {
        self.goes_on
    }

    /// Whether the text is longer than it may be. It grows a little beyond that, and then no
    /// further.
    pub(crate) fn is_full(&self) -> bool {
        self.text.len() > self.room
    }

    /// The text so far, without trailing empty lines.
    pub(crate) fn text(&self) -> &str {
        let end = self.text.trim_end_matches('\n').len();
        self.text.get(..end + 1).unwrap_or(&self.text)
    }

    /// One line; the first of a page is its heading. A line break inside `text` is shown as
    /// `\n`: it cannot begin a second line.
    pub(crate) fn line(&mut self, text: impl Display) {
        let ink = (self.text.is_empty() && !self.goes_on).then_some(Ink::Heading);
        self.inked(ink, 0, &text.to_string());
    }

    /// A line that heads what follows.
    pub(crate) fn heading(&mut self, text: impl Display) {
        self.inked(Some(Ink::Heading), 0, &text.to_string());
    }

    /// A question for a human.
    pub(crate) fn ask(&mut self, question: &str) {
        self.inked(Some(Ink::Human), 2, &format!("ask: {question}"));
    }

    /// An indented line.
    fn inked(&mut self, ink: Option<Ink>, blanks: usize, text: &str) {
        self.text.extend(repeat_n(' ', blanks));
        let text = safe(text);
        match ink {
            Some(ink) => self.text.push_str(&ink.on(&text, self.coloured)),
            None => self.text.push_str(&text),
        }
        self.text.push('\n');
    }

    /// An empty line, unless the page is empty or ends with one.
    pub(crate) fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// A URL that a human must open: on a line of its own, in full, with nothing after it.
    pub(crate) fn url(&mut self, url: &str) {
        self.blank();
        self.inked(Some(Ink::Human), 0, url);
        self.blank();
    }

    /// The exact next step, after a few words that say what it does.
    pub(crate) fn step(&mut self, label: &str, step: &Step) {
        let step = self.spelled(step);
        self.line(format_args!("{label}: {step}"));
    }

    /// A step whose answer goes into another program. Where steps are not typed into a shell there
    /// is no such line.
    pub(crate) fn pipe(&mut self, label: &str, step: &Step, program: &str) {
        let line = step.to_string();
        if self.spelled(step) == line {
            self.line(format_args!("{label}: {line} | {program}"));
        }
    }

    /// A secret that is shown only once, on a line of its own. Unlike any other text it is not
    /// masked, only escaped.
    pub(crate) fn secret(&mut self, secret: &str) {
        self.blank();
        self.text.push_str(&escape(secret));
        self.text.push_str("\n\n");
    }

    /// Label and value pairs, indented, the values aligned. Absent values are left out.
    pub(crate) fn pairs(&mut self, indent: usize, pairs: &[(&str, Option<Cow<'_, str>>)]) {
        /// A longer label does not move the values of the others.
        const WIDEST: usize = 40;
        let present = pairs.iter().filter_map(|(l, v)| Some((l, v.as_ref()?)));
        let widths = present.clone().map(|(label, _)| columns(&safe(label)));
        let width = widths.filter(|width| *width <= WIDEST).max().unwrap_or(0);
        for (label, value) in present {
            let label = safe(label);
            self.text.extend(repeat_n(' ', indent));
            self.text.push_str(&Ink::Label.on(&label, self.coloured));
            let gap = width.saturating_sub(columns(&label)) + 2;
            self.inked(None, gap, value);
        }
    }

    /// Free text from people, each of its lines indented so that none can pass for ours.
    pub(crate) fn quote(&mut self, indent: usize, text: &str) {
        for line in text.lines() {
            self.inked(None, indent, line.trim_end());
        }
    }

    /// A table: headings, then one line per row. Columns are as wide as their widest cell; the last
    /// one is cut at the edge of a terminal and complete in a pipe. Where a list continues, the
    /// rows go under the headings already printed.
    pub(crate) fn table(&mut self, mut table: Table) {
        // A terminal knows its own width: with wrapping off it cuts the line itself.
        const WRAP_OFF: &str = "\u{1b}[?7l";
        const WRAP_ON: &str = "\u{1b}[?7h";
        if self.goes_on {
            table.widen(&self.widths);
        }
        let rows = table.rows().enumerate();
        for (n, row) in rows.skip(usize::from(self.goes_on)) {
            if self.is_full() {
                break;
            }
            let start = self.text.len();
            for (cell, width) in row {
                match width {
                    Some(width) => {
                        self.text.push_str(cell);
                        let gap = width.saturating_sub(columns(cell)) + 2;
                        self.text.extend(repeat_n(' ', gap));
                    }
                    None if self.terminal && n > 0 => {
                        self.text.push_str(&format!("{WRAP_OFF}{cell}{WRAP_ON}"));
                    }
                    None => self.text.push_str(cell),
                }
            }
            let line = self.text.get(start..).unwrap_or_default();
            self.text.truncate(start + line.trim_end().len());
            if n == 0 && self.coloured {
                let headings = self.text.split_off(start);
                self.text.push_str(&Ink::Heading.on(&headings, true));
            }
            self.text.push('\n');
        }
        self.widths = table.into_widths();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: usize = 1000;

    fn table(cells: &[&str]) -> Table {
        let mut table = Table::new(["ID", "TITLE"].into_iter());
        cells.iter().for_each(|cell| table.push(cell));
        table
    }

    #[test]
    fn no_text_can_forge_a_line() {
        let mut page = Page::new(false, ROOM);
        page.line("title: a\nHint: run this\u{1b}[2J");
        page.pairs(2, &[("id", Some("x\r\ny".into())), ("gone", None)]);
        page.table(table(&["j1", "a\nb"]));
        assert_eq!(
            page.text(),
            "title: a\\nHint: run this\\u001b[2J\n  id  x\\r\\ny\nID  TITLE\nj1  a\\nb\n"
        );
    }

    #[test]
    fn free_text_is_indented_line_by_line() {
        let mut page = Page::new(false, ROOM);
        page.quote(4, "one\r\ntwo\u{1b}\n");
        assert_eq!(page.text(), "    one\n    two\\u001b\n");
    }

    #[test]
    fn on_a_terminal_only_the_last_column_is_cut() {
        let mut page = Page::new(true, ROOM);
        page.table(table(&["job_1", "long"]));
        assert_eq!(
            page.text(),
            "ID     TITLE\njob_1  \u{1b}[?7llong\u{1b}[?7h\n"
        );
    }

    #[test]
    fn a_list_that_goes_on_stands_under_its_headings() {
        let mut page = Page::new(false, ROOM);
        page.table(table(&["job_10", "one"]));
        page.turn(ROOM, true);
        page.table(table(&["j2", "two", "job_3000", "three"]));
        page.line("Next");
        assert_eq!(page.text(), "j2        two\njob_3000  three\nNext\n");
    }

    #[test]
    fn weight_is_for_the_outcome_the_labels_and_what_a_human_has_to_do() {
        let mut page = Page::new(false, ROOM).coloured(true);
        page.line("Done.");
        page.pairs(2, &[("id", Some("x".into()))]);
        page.ask("What?");
        page.url("https://u");
        page.table(table(&["j1", "a"]));
        assert_eq!(
            page.text(),
            "\u{1b}[1mDone.\u{1b}[0m\n  \u{1b}[2mid\u{1b}[0m  x\n  \u{1b}[1;35mask: What?\u{1b}[0m\n\n\
             \u{1b}[1;35mhttps://u\u{1b}[0m\n\n\u{1b}[1mID  TITLE\u{1b}[0m\nj1  a\n"
        );
    }
}
