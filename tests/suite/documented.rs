//! The documented synopsis and examples of the program that this one replaces: every form runs.

use crate::world::World;

/// The synopsis as the package's README prints it, `--json` and `--base-url` left out.
const SYNOPSIS: &str = "\
opentrain whoami
opentrain auth register [--agent-name <name>] [--org-name <name>] [--force]
opentrain auth claim --email <human-email> [--claim-token <token>]
opentrain auth claim-status [--wait] [--timeout <seconds>] [--claim-token <token>]
opentrain auth login --api-key <token>
opentrain auth status
opentrain jobs draft create --description <text> [--title <title>] [--external-id <id>] [--idempotency-key <key>]
opentrain jobs draft create --description-file <path> [--title <title>] [--external-id <id>] [--idempotency-key <key>]
opentrain jobs draft create --canonical-file <path> [--external-id <id>] [--idempotency-key <key>]
opentrain jobs draft create --payload-file <path> [--external-id <id>] [--idempotency-key <key>]
opentrain jobs draft update --job-id <id> --set <field=value> [--set <field=value>]
opentrain jobs draft update --job-id <id> --patch-file <path>
opentrain jobs draft update --job-id <id> --patch-json <json>
opentrain jobs list [--status <status>] [--limit <n>] [--cursor <cursor>]
opentrain jobs search [--q <text>] [--category <slug>] [--language <lang>] [--country <iso>] [--pay-type PAY_PER_HOUR|FIXED_PRICE|PAY_PER_LABEL] [--limit <n>] [--cursor <cursor>]
opentrain jobs publish --job-id <id>
opentrain jobs invite --job-id <id> --freelancer-id <id>
opentrain jobs update-published --job-id <id> --set <field=value> [--set <field=value>]
opentrain jobs update-published --job-id <id> --patch-file <path>
opentrain jobs update-published --job-id <id> --patch-json <json>
opentrain contracts list [--job-id <id>] [--status active|ended]
opentrain contracts get --contract-id <id>
opentrain milestones create --contract-id <id> --description <text> [--name <name>] [--amount <usd>] [--volume <n>] [--due-date <iso>]
opentrain milestones fund --milestone-id <id>
opentrain milestones approve --milestone-id <id>
opentrain approvals get --approval-id <id>
opentrain contracts end --contract-id <id>
opentrain proposals list --job-id <id> [--status <status>] [--limit <n>] [--cursor <cursor>]
opentrain proposals get --proposal-id <id> [--interview]
opentrain proposals hire --proposal-id <id> --amount <usd> [--milestone-name <name>] [--milestone-description <text>] [--due-date <iso>] [--confirm-not-fit-override]
opentrain freelancers get --id <user-id-or-slug>
opentrain messages list [--filter all|job|proposal] [--unread-only] [--limit <n>] [--cursor <cursor>]
opentrain messages unread [--filter all|job|proposal] [--limit <n>] [--cursor <cursor>]
opentrain messages read --conversation-id <id> [--limit <n>] [--direction older|newer] [--cursor <cursor>]
opentrain messages send --conversation-id <id> --content <text>
opentrain messages send --conversation-id <id> --content-file <path>
opentrain messages start-proposal-thread --proposal-id <id>
opentrain updates poll [--cursor <cursor>] [--limit <n>]
opentrain credits show
opentrain credits ledger [--cursor <cursor>] [--limit <n>]
opentrain credits top-up --amount <usd>
opentrain credits top-up-status --top-up-id <id>
opentrain webhooks create --url <url> --events <type,...>
opentrain webhooks list
opentrain webhooks get <webhook-id>
opentrain webhooks delete <webhook-id>
opentrain tokens list
opentrain team show
opentrain team invite --email <address>
opentrain payments pending
opentrain jobs close --job-id <id>
opentrain tokens revoke --token-id <id>
opentrain auth logout";

/// Forms that only other pages of the documentation print (API.md, K24).
const ALIASES: &[&str] = &[
    "jobs draft create --text Boxes",
    "jobs publish {job}",
    "auth register --force --name A --organization-name B",
    "auth login --token {token}",
    "webhooks get --webhook-id {wh}",
];

/// A value for a placeholder, as one would type it.
fn value(world: &World, line: &str, flag: &str, occurrence: usize) -> String {
    let file = |name: &str, text: &str| world.sandbox.file(name, text);
    let text = match flag {
        "--set" => ["headcount=5", "dataVolume=100"][occurrence].into(),
        "--patch-file" => file("patch.json", "{\"headcount\":5}"),
        "--patch-json" => "{\"headcount\":5}".into(),
        "--description-file" | "--content-file" => file("text.txt", "Boxes"),
        "--canonical-file" => file("canonical.json", "{\"title\":\"T\"}"),
        "--payload-file" => file("payload.json", "{\"rawJobDescription\":\"Boxes\"}"),
        "--job-id" if line.contains("draft update") => "{draft}".into(),
        "--job-id" => "{job}".into(),
        "--proposal-id" if line.contains("hire") => "{bare}".into(),
        "--proposal-id" => "{prop}".into(),
        "--contract-id" => "{ct}".into(),
        "--milestone-id" if line.contains("approve") => "{ms}".into(),
        "--milestone-id" => "{ms2}".into(),
        "--approval-id" => "{ap}".into(),
        "--conversation-id" => "{conv}".into(),
        "--top-up-id" => "{tu}".into(),
        "--token-id" => "{tok}".into(),
        "--claim-token" => "{claim}".into(),
        "--api-key" => "{token}".into(),
        "--id" => "ana".into(),
        "--email" => "lee@example.com".into(),
        "--amount" | "--volume" => "250".into(),
        "--limit" | "--timeout" => "5".into(),
        "--due-date" => "2026-07-01".into(),
        "--events" => "proposal.received,approval.confirmed".into(),
        "--url" => "https://example.com/hooks".into(),
        "--status" => "OPEN".into(),
        "--cursor" if line.contains("updates") => "2200".into(),
        _ => "x".into(),
    };
    world.fill(&text)
}

/// A form of the synopsis as words to run: every optional flag, the first of alternatives.
fn words(world: &World, line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let plain = line.replace(['[', ']'], "");
    let mut sets = 0;
    for word in plain.split(' ').skip(1) {
        if word == "<webhook-id>" {
            words.push(world.ids["wh"].clone());
        } else if word.starts_with('<') {
            let flag = words.last().cloned().unwrap_or_default();
            words.push(value(world, line, &flag, sets));
            sets += usize::from(flag == "--set");
        } else if word.contains('|') {
            words.push(word.split('|').next().unwrap_or_default().into());
        } else {
            words.push(word.into());
        }
    }
    // A cursor belongs to a page: a made-up one is the server's to refuse.
    if let Some(at) = words
        .iter()
        .position(|w| w == "--cursor")
        .filter(|_| !line.contains("updates"))
    {
        words.drain(at..at + 2);
    }
    words
}

#[test]
fn every_form_of_the_synopsis_runs_in_both_outputs() {
    for json in [false, true] {
        let world = World::new();
        for line in SYNOPSIS.lines() {
            if line.contains("claim-status") {
                // The human has already done it, or `--wait` would wait.
                world.sandbox.fake.change(|s| s.accounts[1].claimed = true);
            }
            let mut words = words(&world, line);
            if line.contains("proposals list") {
                // This list has states of its own.
                let at = words.iter().position(|w| w == "OPEN").expect("a status");
                words[at] = "UNREVIEWED".into();
            }
            words.extend(json.then(|| "--json".into()));
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let out = world.sandbox.run(&words).ok();
            assert!(!out.stdout.is_empty(), "{line}");
            if json {
                assert!(out.json().is_object(), "{line}");
            }
        }
    }
}

#[test]
fn every_flag_of_the_synopsis_is_in_the_help_of_its_command() {
    let world = World::new();
    for line in SYNOPSIS.lines() {
        let command: Vec<&str> = line
            .split(' ')
            .skip(1)
            .take_while(|w| !w.starts_with(['-', '[', '<']))
            .collect();
        let help = world
            .sandbox
            .run(&[&command[..], &["--help"]].concat())
            .ok()
            .stdout;
        for flag in line.split(['[', ']', ' ']).filter(|w| w.starts_with("--")) {
            assert!(help.contains(&format!("\n  {flag}")), "{line}: {flag}");
        }
        for global in ["--json", "--base-url <url>", "--help"] {
            assert!(
                help.contains(&format!("\n  {global}\n")),
                "{line}: {global}"
            );
        }
    }
}

#[test]
fn aliases_and_bare_ids_work() {
    let world = World::new();
    for line in ALIASES {
        world.run(line).ok();
    }
}

#[test]
fn an_event_that_the_catalogue_does_not_have_is_the_servers_to_refuse() {
    // The package's README prints `proposal.created`; the API calls it `proposal.received` (K25).
    let world = World::new();
    world
        .run("webhooks create --url https://example.com/hooks/opentrain --events proposal.created,approval.confirmed")
        .fails()
        .stderr_has("(400 BAD_REQUEST): Unknown event type");
}
