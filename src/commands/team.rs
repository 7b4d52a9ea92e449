//! `team`: who shares the employer account.

use super::v1;
use crate::cli::{Advice, Command, Flag, Invocation, Namespace, Next, View};
use crate::json::Object;
use crate::view::{List, Page, field};

const EMAIL: Flag = Flag::text("email", "<address>", "Address of the new member")
    .required()
    .body("email");

static SHOW: Command = Command {
    words: &["team", "show"],
    summary: "Show the team: members and open invitations",
    about: "Members share the jobs and the inbox of the organization.",
    endpoint: Some(
        v1("GET", "/team")
            .scope("team:read")
            .feature("public_api_team"),
    ),
    examples: &["opentrain team show"],
    view: View::Summary(&team),
    tool: Some("get_team"),
    ..Command::BASE
};

static INVITE: Command = Command {
    words: &["team", "invite"],
    summary: "Invite somebody to the team",
    about: "Somebody who has an OpenTrain account is added at once.",
    flags: &[EMAIL],
    endpoint: Some(
        v1("POST", "/team/invites")
            .scope("team:write")
            .feature("public_api_team")
            .claimed(),
    ),
    if_lost: Advice::new(
        "check with `{}`; an existing member is not added twice",
        &[Next::new("team show")],
    ),
    examples: &["opentrain team invite --email lee@example.com"],
    view: View::Summary(&invited),
    tool: Some("invite_team_member"),
    ..Command::BASE
};

/// The commands of this namespace.
pub(super) static NAMESPACE: Namespace = Namespace {
    name: "team",
    summary: "who shares the employer account",
    commands: &[&SHOW, &INVITE],
    recipe: None,
};

fn team(_: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
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
    MEMBERS.write(&team, page)?;
    page.blank();
    INVITES.write(&team, page)
}

/// A roster may come without addresses (K19): the column is then empty.
const MEMBERS: List = List::whole(
    "members",
    "No members.",
    &[
        field("USER", "userId"),
        field("ROLE", "role"),
        field("JOINED", "joinedAt"),
        field("EMAIL", "email"),
        field("NAME", "name"),
    ],
);

const INVITES: List = List::whole(
    "invites",
    "No open invitations.",
    &[
        field("INVITE", "id"),
        field("CREATED", "createdAt"),
        field("EXPIRES", "expiresAt"),
        field("EMAIL", "email"),
    ],
);

fn invited(inv: &Invocation, reply: &Object<'_>, page: &mut Page) -> Option<()> {
    let (status, email) = (
        reply.text("status")?,
        reply.text("email").unwrap_or("The address".into()),
    );
    page.line(match status.as_ref() {
        "invite_created" => format!("{email} is invited; an e-mail is on its way."),
        "member_added" => format!("{email} already has an account and is now a member."),
        "already_member" => format!("{email} is already a member; nothing changed."),
        other => format!("{email}: {other}."),
    });
    page.step("See the team with", &inv.step(&SHOW, []));
    Some(())
}
