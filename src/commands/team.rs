//! `team`: who shares the employer account.

use super::{call, cell, list, show};
use crate::cli::{Command, Flag, Invocation, Namespace};
use crate::commands::v1;
use crate::output::Page;
use crate::output::json::Object;

const EMAIL: Flag = Flag::text("email", "<address>", "Address of the new member")
    .required()
    .body("email");

const SHOW: Command = Command {
    words: &["team", "show"],
    summary: "Show the team: members and open invitations",
    about: "Members share the jobs and the inbox of the organization.",
    endpoint: Some(
        v1("GET", "/team")
            .scope("team:read")
            .feature("public_api_team"),
    ),
    examples: &["opentrain team show"],
    run: |inv| show(inv, &call(inv)?, team),
    ..Command::BASE
};

const INVITE: Command = Command {
    words: &["team", "invite"],
    summary: "Invite somebody to the team",
    about: "Sends an invitation; somebody who has an OpenTrain account is added at once.",
    flags: &[EMAIL],
    endpoint: Some(
        v1("POST", "/team/invites")
            .scope("team:write")
            .feature("public_api_team")
            .claimed(),
    ),
    if_lost: "look with `opentrain team show`; a member who is there already is not added twice",
    examples: &["opentrain team invite --email lee@example.com"],
    run: |inv| show(inv, &call(inv)?, invited),
    ..Command::BASE
};

/// The commands of this namespace.
pub static NAMESPACE: Namespace = Namespace {
    name: "team",
    summary: "who shares the employer account",
    commands: &[SHOW, INVITE],
};

fn team(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let team = reply.get("team").object()?;
    let organization = team.part("organization")?;
    let name = organization
        .text("name")
        .or(organization.text("id"))
        .unwrap_or("your team".into());
    page.line(format_args!("Team of {name}"));
    page.pairs(
        2,
        &[
            ("organization", organization.text("id")),
            (
                "owner",
                organization
                    .text("ownerName")
                    .or(organization.text("ownerUserId")),
            ),
        ],
    );
    page.blank();
    // A roster may come without addresses (K19): the column is then empty.
    let headings = ["USER", "ROLE", "JOINED", "EMAIL", "NAME"];
    list(
        inv,
        &team,
        page,
        "members",
        "No members.",
        headings,
        |member| Some(["userId", "role", "joinedAt", "email", "name"].map(|key| cell(member, key))),
    )?;
    page.blank();
    let headings = ["INVITE", "CREATED", "EXPIRES", "EMAIL"];
    list(
        inv,
        &team,
        page,
        "invites",
        "No open invitations.",
        headings,
        |invite| Some(["id", "createdAt", "expiresAt", "email"].map(|key| cell(invite, key))),
    )
}

fn invited(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let (status, email) = (
        reply.text("status")?,
        reply.text("email").unwrap_or("The address".into()),
    );
    page.line(match status.as_ref() {
        "invite_created" => format!("{email} is invited; an e-mail is on its way."),
        "member_added" => format!("{email} has an account already and is a member now."),
        "already_member" => format!("{email} is a member already; nothing changed."),
        other => format!("{email}: {other}."),
    });
    page.line(format_args!("See the team with: {}", inv.next(&SHOW, &[])));
    Some(())
}
