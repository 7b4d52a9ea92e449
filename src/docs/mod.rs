//! Help, manual, completions, command list: pure functions of the table.

mod complete;
mod help;
mod list;
mod man;
mod topics;

pub(crate) use complete::{SHELLS, complete, script};
#[cfg(test)]
pub(crate) use help::FIRST_RUN;
pub(crate) use help::help;
pub(crate) use list::command_list;
pub(crate) use man::{man, page_name};
