//! The table as tools for clients of the Model Context Protocol: lines in, lines out.
//!
//! Nothing but messages goes to standard output. A reader of lines never waits for a call, nor for
//! a client that does not read; the end of input ends everything within a second. No tool and no
//! endpoint is named here.

mod call;
mod given;
mod message;
mod names;
mod pipe;
mod server;
mod spell;
mod tool;

pub(crate) use server::{Offer, serve};
pub(crate) use spell::call as as_call;
pub(crate) use tool::namespaces;
