//! The cells of a table, made safe for a terminal as they come.

use super::width::columns;
use crate::safe::safe;

/// No column is padded beyond this: one long cell must not widen every row.
const WIDEST: usize = 80;

/// A table: headings, then rows. All of its text is in one string, so that a cell costs no memory
/// of its own.
#[derive(Debug)]
pub(crate) struct Table {
    text: String,
    /// Where each cell ends in the text.
    ends: Vec<usize>,
    /// In terminal columns, one for each column of the table.
    widths: Vec<usize>,
}

impl Table {
    /// A table of columns with these headings.
    pub(crate) fn new(headings: impl ExactSizeIterator<Item = &'static str>) -> Self {
        let mut table = Table {
            text: String::new(),
            ends: Vec::new(),
            widths: vec![0; headings.len()],
        };
        headings.for_each(|heading| table.push(heading));
        table
    }

    /// Adds the next cell, from left to right.
    pub(crate) fn push(&mut self, cell: &str) {
        let cell = safe(cell);
        let count = self.widths.len().max(1);
        if let Some(width) = self.widths.get_mut(self.ends.len() % count) {
            let taken = columns(&cell);
            *width = (*width).max(if taken <= WIDEST { taken } else { 0 });
        }
        self.text.push_str(&cell);
        self.ends.push(self.text.len());
    }

    /// Makes its columns at least this wide.
    pub(super) fn widen(&mut self, widths: &[usize]) {
        for (own, other) in self.widths.iter_mut().zip(widths) {
            *own = (*own).max(*other);
        }
    }

    /// The widths of its columns.
    pub(super) fn into_widths(self) -> Vec<usize> {
        self.widths
    }

    /// The rows, headings first: their cells, each with the width of its column. The last
    /// column has none: nothing follows it.
    pub(crate) fn rows(&self) -> impl Iterator<Item = impl Iterator<Item = (&str, Option<usize>)>> {
        let columns = self.widths.len().max(1);
        let cell = move |n: usize| {
            let start = n.checked_sub(1).and_then(|before| self.ends.get(before));
            let range = start.copied().unwrap_or(0)..self.ends.get(n).copied().unwrap_or(0);
            let column = n % columns;
            let width = self.widths.get(column).filter(|_| column + 1 < columns);
            (self.text.get(range).unwrap_or_default(), width.copied())
        };
        let rows = self.ends.len() / columns;
        (0..rows).map(move |row| (row * columns..(row + 1) * columns).map(cell))
    }
}
