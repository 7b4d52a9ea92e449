//! The commands: one file per namespace, each with its declarations and how its replies are shown.
//! This is the only module that knows about endpoints.

mod api;
mod approvals;
mod auth;
mod contracts;
mod credits;
mod doctor;
mod freelancers;
mod general;
mod jobs;
mod mcp;
mod messages;
mod milestones;
mod payments;
mod proposals;
#[cfg(test)]
mod table_tests;
mod team;
mod tokens;
mod updates;
mod verify;
mod webhooks;

use crate::cli::{Endpoint, Flag, Table};

/// Every command of the program.
pub(crate) static TABLE: Table = &[
    &auth::NAMESPACE,
    &jobs::NAMESPACE,
    &proposals::NAMESPACE,
    &freelancers::NAMESPACE,
    &messages::NAMESPACE,
    &contracts::NAMESPACE,
    &milestones::NAMESPACE,
    &approvals::NAMESPACE,
    &credits::NAMESPACE,
    &updates::NAMESPACE,
    &webhooks::NAMESPACE,
    &tokens::NAMESPACE,
    &team::NAMESPACE,
    &payments::NAMESPACE,
    &verify::NAMESPACE,
    &api::NAMESPACE,
    &doctor::NAMESPACE,
    &mcp::NAMESPACE,
    &general::NAMESPACE,
];

/// What the paths of the public API begin with.
const V1: &str = "/api/public/v1";

/// An endpoint of the public API, for any valid token.
const fn v1(method: &'static str, path: &'static str) -> Endpoint {
    Endpoint::new(method, V1, path)
}

/// An endpoint of agent registration; its secrets travel in the bodies.
const fn agent(method: &'static str, path: &'static str) -> Endpoint {
    Endpoint::new(method, "/api/agent", path).secret_body()
}

/// The job that a command is about.
const JOB_ID: Flag = Flag::id("job-id", "<id>", "The job, from `opentrain jobs list`");
