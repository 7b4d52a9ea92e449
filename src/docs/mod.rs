//! Help, manual, completions, command list: pure functions of the table.

mod complete;
mod help;
mod list;
mod man;
mod topics;

pub use complete::{SHELLS, complete, script};
#[cfg(test)]
pub use help::FIRST_RUN;
pub use help::help;
pub use list::command_list;
pub use man::{man, page_name};
