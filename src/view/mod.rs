//! An answer as text for a person: pages, lists with columns, words.

mod list;
mod page;
mod table;
pub mod words;

pub use list::{List, More, Rows, column, field};
pub use page::Page;
pub use table::Table;
