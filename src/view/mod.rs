//! An answer as text for a person: pages, lists with columns, words.

mod ink;
mod list;
mod page;
mod table;
mod width;
pub(crate) mod words;

pub(crate) use ink::Ink;
pub(crate) use list::{List, More, Rows, column, field};
pub(crate) use page::Page;
pub(crate) use table::Table;
