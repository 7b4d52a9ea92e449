//! A list of the API as data: which array it is, and how its elements are shown.

use std::borrow::Cow;

use super::{Page, Table};
use crate::json::Object;

/// How an array of objects is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct List {
    /// The key of the array in the reply.
    pub key: &'static str,
    /// What precedes its elements, made from the rest of the reply. `None` when that is not as
    /// documented.
    pub lead: Option<fn(&Object<'_>, &mut Page) -> Option<()>>,
    /// The sentence when the array is empty.
    pub nothing: &'static str,
    /// How its elements are shown.
    pub rows: Rows,
    /// How the list continues in another reply.
    pub more: More,
}

/// How the elements of a list are shown.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rows {
    /// One line each, in columns.
    Table(&'static [Column]),
    /// Several lines each. `None` when an element is not as documented.
    Blocks(fn(Vec<Object<'_>>, &mut Page) -> Option<()>),
}

/// How a list continues.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum More {
    /// One reply contains all of it.
    Whole,
    /// `nextCursor` leads to the next page; null is the end.
    Cursor,
    /// A feed: `nextCursor` leads on even when nothing is waiting yet; `hasMore` says whether
    /// something is.
    Feed,
    /// A window of time: its end, `until`, is the `since` of the next one.
    Since,
}

/// One column of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    heading: &'static str,
    cell: Cell,
}

#[derive(Clone, Copy, Debug)]
enum Cell {
    Field(&'static str),
    Words(fn(&Object<'_>) -> Option<String>),
}

/// A column that shows the field `key`; empty where it is absent.
pub(crate) const fn field(heading: &'static str, key: &'static str) -> Column {
    let cell = Cell::Field(key);
    Column { heading, cell }
}

/// A column that a function fills. `None` means that the element is not as documented.
pub(crate) const fn column(
    heading: &'static str,
    words: fn(&Object<'_>) -> Option<String>,
) -> Column {
    let cell = Cell::Words(words);
    Column { heading, cell }
}

impl List {
    /// A list that fits in one reply.
    pub(crate) const fn whole(
        key: &'static str,
        nothing: &'static str,
        columns: &'static [Column],
    ) -> Self {
        List {
            key,
            lead: None,
            nothing,
            rows: Rows::Table(columns),
            more: More::Whole,
        }
    }

    /// A list that comes in pages.
    pub(crate) const fn paged(
        key: &'static str,
        nothing: &'static str,
        columns: &'static [Column],
    ) -> Self {
        let mut list = List::whole(key, nothing, columns);
        list.more = More::Cursor;
        list
    }

    /// Writes the elements, or the sentence that says there are none. `None` when the reply is not
    /// as documented.
    pub(crate) fn write(&self, reply: &Object<'_>, page: &mut Page) -> Option<()> {
        self.write_part(reply, true, page)
    }

    /// The same for a part of the list: whether there are none, only the last one can tell.
    pub(crate) fn write_part(
        &self,
        reply: &Object<'_>,
        is_last: bool,
        page: &mut Page,
    ) -> Option<()> {
        let items = reply.get(self.key).items()?;
        if let Some(lead) = self.lead.filter(|_| !page.goes_on()) {
            lead(reply, page)?;
        }
        if items.is_empty() {
            if is_last && !page.goes_on() {
                page.line(self.nothing);
            }
            return Some(());
        }
        self.elements(items.iter().map(|item| item.object()), page)
    }

    /// Writes elements that come from somewhere other than an array.
    pub(crate) fn elements<'a>(
        &self,
        objects: impl Iterator<Item = Option<Object<'a>>>,
        page: &mut Page,
    ) -> Option<()> {
        match self.rows {
            Rows::Blocks(write) => write(objects.collect::<Option<_>>()?, page),
            Rows::Table(columns) => {
                let mut table = Table::new(columns.iter().map(|column| column.heading));
                for object in objects {
                    let object = object?;
                    for column in columns {
                        table.push(&column.of(&object)?);
                    }
                }
                page.table(table);
                Some(())
            }
        }
    }
}

impl Column {
    fn of<'a>(&self, object: &'a Object<'_>) -> Option<Cow<'a, str>> {
        match self.cell {
            Cell::Field(key) => Some(object.text(key).unwrap_or_default()),
            Cell::Words(words) => words(object).map(Cow::Owned),
        }
    }
}
