//! Tests of the table itself: names, flags, texts, endpoints.

use std::collections::HashSet;

use super::TABLE;
use crate::call::all_hints;
use crate::cli::{
    Advice, Command, Destination, Endpoint, Flag, GLOBAL_FLAGS, Kind, Repeat, all_commands, parse,
};

fn commands() -> impl Iterator<Item = &'static Command> {
    all_commands(TABLE)
}

fn is_kebab_case(name: &str) -> bool {
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    name.split('-').all(letters)
}

/// A command line split as a shell would, as far as our examples need.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for c in line.chars() {
        match quote {
            Some(q) if c == q => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == ' ' => words.push(std::mem::take(&mut word)),
            _ => word.push(c),
        }
    }
    words.push(word);
    words
}

#[track_caller]
fn parses_to(line: &str) -> &'static Command {
    // What a shell removes before we see it.
    let line = line
        .split(" < ")
        .flat_map(|l| l.split(" | "))
        .next()
        .unwrap_or_default();
    // The one placeholder that would not pass for a value.
    let line = &line.replace("<usd>", "1");
    let args = words(line).into_iter().skip(1).map(Into::into).collect();
    match parse(TABLE, args) {
        Ok(invocation) => invocation.command,
        Err(e) => panic!("{line}: {}", e.text),
    }
}

#[test]
fn names_are_kebab_case_and_unique() {
    let mut seen = HashSet::new();
    for command in commands() {
        assert!(!command.words.is_empty() && command.words.iter().all(|w| is_kebab_case(w)));
        assert!(seen.insert(command.name()), "{} twice", command.name());
        assert!(command.alias.is_none_or(|alias| seen.insert(alias.into())));
        let mut flags = HashSet::new();
        for flag in command.all_flags().chain(GLOBAL_FLAGS) {
            for name in flag.aliases.iter().chain([&flag.name]) {
                assert!(is_kebab_case(name), "--{name}");
                // No flag hides a global one, or another of its command.
                assert!(flags.insert(*name), "{}: --{name} twice", command.name());
            }
        }
    }
}

#[test]
fn no_command_is_the_beginning_of_another() {
    for a in commands() {
        for b in commands().filter(|b| b.words.len() > a.words.len()) {
            assert!(!b.words.starts_with(a.words), "{}", b.name());
        }
    }
}

#[test]
fn every_command_belongs_to_its_namespace() {
    for namespace in TABLE {
        for command in namespace.commands {
            let first = command.words[0];
            assert!(
                namespace.name.is_empty() || namespace.name == first,
                "{first}"
            );
        }
    }
}

#[test]
fn values_have_metavariables_and_switches_have_none() {
    for flag in commands().flat_map(Command::all_flags).chain(GLOBAL_FLAGS) {
        let metavar = flag.metavar.starts_with('<') && flag.metavar.ends_with('>');
        assert_eq!(metavar, flag.kind != Kind::Switch, "--{}", flag.name);
        assert!(
            !flag.help.is_empty() && !flag.help.ends_with('.'),
            "--{}",
            flag.name
        );
    }
}

#[test]
fn summaries_are_short_and_examples_call_their_command() {
    for command in commands() {
        let name = command.name();
        assert!(
            !command.summary.is_empty() && command.summary.len() <= 72,
            "{name}"
        );
        assert!(!command.examples.is_empty(), "{name} has no example");
        for example in command
            .examples
            .iter()
            .filter(|e| !e.starts_with("opentrain help"))
        {
            assert_eq!(parses_to(example).name(), name, "{example}");
        }
    }
}

#[test]
fn commands_named_in_texts_exist() {
    for command in commands() {
        let flags = command.all_flags().map(|f| f.help);
        flags.chain([command.about]).for_each(check_commands);
        check_advice(&command.if_lost);
    }
    all_hints().for_each(check_advice);
    for line in crate::docs::FIRST_RUN {
        parses_to(line);
    }
}

/// Every command in backticks exists.
#[track_caller]
fn check_commands(text: &str) {
    let parts = text.split('`').enumerate();
    for (_, part) in parts.filter(|(n, p)| n % 2 == 1 && p.starts_with("opentrain ")) {
        parses_to(part);
    }
}

/// Every command of a sentence exists, and the sentence has a place for it.
#[track_caller]
fn check_advice(advice: &Advice) {
    check_commands(advice.text);
    for next in advice.steps {
        parses_to(&next.in_general().to_string());
    }
    let places = advice.text.matches("{}").count();
    assert_eq!(places, advice.steps.len(), "{}", advice.text);
}

fn endpoints() -> impl Iterator<Item = (&'static Command, &'static Endpoint)> {
    commands().flat_map(|command| {
        let also = command.also.iter().map(|(_, endpoint)| endpoint);
        command
            .endpoint
            .iter()
            .chain(also)
            .map(move |e| (command, e))
    })
}

#[test]
fn paths_name_required_flags_and_writes_say_what_to_do_when_lost() {
    for (command, endpoint) in endpoints() {
        for part in endpoint.path.split('/').filter(|p| p.starts_with('{')) {
            let name = part.trim_matches(['{', '}']);
            let named = command
                .flags
                .iter()
                .any(|f| f.name == name && f.required && f.destination == Destination::Own);
            assert!(named, "{}: {part}", command.name());
        }
    }
    for command in commands() {
        let mut own = endpoints().filter(|(of, _)| of.words == command.words);
        let writes = own.any(|(_, endpoint)| endpoint.writes());
        let name = command.name();
        // Hand-made calls may write.
        let writes = writes || name == "api";
        assert_eq!(writes, !command.if_lost.text.is_empty(), "{name}");
        // A call that may do a thing twice says how to check first, where that is possible.
        let unseen = ["auth register", "credits top-up", "api"].contains(&name.as_str());
        let looks = !command.if_lost.steps.is_empty();
        match command.repeat {
            Repeat::Always => {}
            Repeat::Never | Repeat::With(_) => assert_eq!(looks, writes && !unseen, "{name}"),
        }
    }
}

/// The operations of the API (API.md, sections 6 to 19, and 23).
const OPERATIONS: &str = "
    POST /api/agent/identity
    POST /api/agent/identity/claim
    POST /api/agent/oauth/token
    POST /api/agent/oauth/revoke
    GET /auth/me
    GET /tokens
    POST /tokens
    DELETE /tokens/{}
    GET /job-drafts/capabilities
    POST /job-drafts
    PATCH /job-drafts/{}
    GET /jobs
    GET /jobs/{}
    GET /jobs/facets
    GET /jobs/changes
    GET /jobs/mine
    POST /jobs/{}/publish
    PATCH /jobs/{}
    POST /jobs/{}/close
    POST /jobs/{}/invites
    GET /jobs/{}/proposals
    GET /proposals/{}
    GET /proposals/{}/interview
    POST /proposals/{}/conversation
    POST /proposals/{}/hire
    GET /freelancers/{}
    GET /messages
    POST /messages
    GET /contracts
    GET /contracts/{}
    POST /contracts/{}/milestones
    POST /contracts/{}/end
    POST /milestones/{}/fund
    POST /milestones/{}/approve
    GET /approvals/{}
    GET /payments/pending
    GET /credits
    GET /credits/ledger
    POST /credits/top-ups
    GET /credits/top-ups/{}
    GET /updates
    POST /webhooks
    GET /webhooks
    GET /webhooks/{}
    DELETE /webhooks/{}
    GET /team
    POST /team/invites
    POST /verify/batches
    GET /verify/batches
    GET /verify/batches/{}
    GET /verify/batches/{}/results
    GET /verify/batches/{}/certificate
";

#[test]
fn every_operation_of_the_api_has_a_command_and_no_command_calls_another() {
    let called: HashSet<String> = endpoints()
        .map(|(_, e)| {
            let path = format!("{}{}", e.prefix, e.path).replace("/api/public/v1", "");
            let path = path.split('?').next().unwrap_or_default();
            let segments = path
                .split('/')
                .map(|s| if s.starts_with('{') { "{}" } else { s });
            format!("{} {}", e.method, segments.collect::<Vec<_>>().join("/"))
        })
        .collect();
    let known: HashSet<String> = OPERATIONS
        .lines()
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(known.len(), 52);
    assert_eq!(called, known);
}

#[test]
fn no_two_flags_of_a_call_read_standard_input() {
    let reads = |flag: &&Flag| matches!(flag.kind, Kind::File | Kind::Secret);
    for command in all_commands(TABLE) {
        // Of those that exclude one another one is given at most.
        let choice = command.one_of.iter().any(|flag| reads(&flag));
        let readers = command.own_flags().filter(reads).count() + usize::from(choice);
        assert!(readers <= 1, "{}", command.name());
    }
}

#[test]
fn no_switch_has_a_place_in_a_body() {
    // A value there would be text; a command with such a switch writes its body itself.
    for command in all_commands(TABLE) {
        let mut switches = command.all_flags().filter(|f| f.kind == Kind::Switch);
        let stray = switches.find(|f| matches!(f.destination, Destination::Body(_)));
        assert!(stray.is_none(), "{}", command.name());
    }
}
