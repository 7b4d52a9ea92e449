//! Help: pure functions of the table.

mod help;

pub use help::help;
