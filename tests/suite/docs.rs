//! Help, manual, completions, command list: all from the table, in real tools.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::harness::{BINARY, Out, Sandbox, finish, tool};

const PAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/man");

fn list(sandbox: &Sandbox) -> Value {
    sandbox.run(&["help", "--json"]).ok().stderr_is("").json()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}

fn words(command: &Value) -> Vec<String> {
    text(&command["name"])
        .split(' ')
        .map(str::to_owned)
        .collect()
}

/// An empty sandbox: no home, no token, no server.
fn bare() -> Sandbox {
    Sandbox::new()
        .env("HOME", "")
        .env("OT_API_BASE_URL", "")
        .env("XDG_CONFIG_HOME", "/dev/null")
}

#[test]
fn help_says_all_that_the_table_says_within_100_columns() {
    let sandbox = bare();
    let list = list(&sandbox);
    let commands = list["commands"].as_array().expect("commands");
    assert!(commands.len() >= 48, "{}", commands.len());
    for command in commands {
        let words = words(command);
        let args: Vec<&str> = words.iter().map(String::as_str).chain(["--help"]).collect();
        let help = sandbox.run(&args).ok().stdout;
        assert!(
            help.contains(&format!("Usage: opentrain {}", words.join(" "))),
            "{help}"
        );
        // The part of the list for one command is complete, without reference to others.
        let args: Vec<&str> = words.iter().map(String::as_str).chain(["--json"]).collect();
        let args = [&["help"], &args[..]].concat();
        let part = sandbox.run(&args).ok().json()["commands"][0].clone();
        let array = |key: &str| part[key].as_array().cloned().unwrap_or_default();
        for flag in array("flags").iter().chain(&array("exactlyOneOf")) {
            assert!(
                help.contains(&format!("\n  --{}", text(&flag["name"]))),
                "{help}"
            );
        }
        assert!(!array("examples").is_empty());
        for example in array("examples") {
            assert!(
                help.contains(&format!("\n  {}\n", text(&example))),
                "{help}"
            );
        }
        if let Some(endpoint) = part["endpoint"].as_str() {
            let (method, path) = endpoint.split_once(' ').expect("a method and a path");
            let whole = [
                format!("\n  {method} {path}\n"),
                format!("\n  {method} /api/public/v1{path}\n"),
            ];
            assert!(whole.iter().any(|line| help.contains(line)), "{help}");
        }
        let wide = help.lines().find(|l| l.chars().count() > 100);
        assert_eq!(wide, None, "{words:?}");
    }
    let program = sandbox.run(&["--help"]).ok().stdout;
    let wide: Vec<&str> = program.lines().filter(|l| l.chars().count() > 80).collect();
    assert!(wide.is_empty(), "{wide:#?}");
}

#[test]
fn every_namespace_and_topic_has_help() {
    let sandbox = bare();
    let list = list(&sandbox);
    for command in list["commands"].as_array().expect("commands") {
        let words = words(command);
        if words.len() > 1 {
            let help = sandbox.run(&[&words[0]]).ok().stdout;
            assert!(help.contains(&format!("  {}", words.join(" "))), "{help}");
            sandbox.run(&[&words[0], "--help"]).ok().stdout_is(&help);
            sandbox.run(&["help", &words[0]]).ok().stdout_is(&help);
        }
    }
    let topics: Vec<String> = list["topics"]
        .as_array()
        .expect("topics")
        .iter()
        .map(text)
        .collect();
    for (topic, word) in [
        ("agents", "approval.approvalUrl"),
        ("environment", "OT_API_TOKEN"),
        ("credentials", "cli.json"),
        ("exit-status", "1"),
        ("output", "--json"),
        ("errors", "Usage error:"),
        ("reliability", "nothing was sent"),
        ("command-list", "sharedFlags"),
        ("proxies", "proxy"),
    ] {
        assert!(topics.iter().any(|listed| listed == topic), "{topic}");
        sandbox.run(&["help", topic]).ok().stdout_has(word);
    }
}

#[test]
fn the_command_list_tells_an_agent_what_a_call_needs() {
    let list = list(&bare());
    let find = |name: &str| {
        let commands = list["commands"].as_array().expect("commands");
        commands
            .iter()
            .find(|c| words(c).join(" ") == name)
            .expect(name)
            .clone()
    };
    let hire = find("proposals hire");
    assert_eq!(hire["endpoint"], "POST /proposals/{proposal-id}/hire");
    assert_eq!(hire["scope"], "proposals:write");
    assert_eq!(hire["claimedAccount"], true);
    assert_eq!(hire["timeoutSeconds"], 120);
    // A flag that several commands have in the same form appears once.
    let flag = |command: &Value, name: &str| {
        let named = |flags: &Value| {
            let flags = flags.as_array().cloned().unwrap_or_default();
            flags.into_iter().find(|flag| flag["name"] == name)
        };
        let own = named(&command["flags"]).or_else(|| named(&command["exactlyOneOf"]));
        own.or_else(|| named(&list["sharedFlags"])).expect(name)
    };
    assert_eq!(flag(&hire, "amount")["required"], true);
    assert_eq!(flag(&hire, "amount")["type"], "number");
    assert_eq!(
        flag(&find("messages list"), "filter")["values"],
        serde_json::json!(["all", "job", "proposal"])
    );
    // A set that the server may add to is not closed.
    let status = flag(&find("jobs list"), "status");
    assert!(status["known"].as_array().unwrap().contains(&"OPEN".into()));
    let limit = flag(&find("jobs list"), "limit");
    assert_eq!(
        (&limit["minimum"], &limit["maximum"]),
        (&Value::from(1), &Value::from(100))
    );
    let set = flag(&find("jobs draft update"), "set");
    assert!(
        set["fields"].as_array().unwrap().iter().any(|field| {
            field["name"] == "paymentType" && field["values"][0] == "PAY_PER_LABEL"
        })
    );
    let create = find("jobs draft create");
    assert_eq!(create["exactlyOneOf"][0]["name"], "description");
    assert_eq!(flag(&find("auth login"), "api-key")["type"], "secret");
    let search = find("jobs search");
    assert_eq!(
        (&search["token"], &search["list"]),
        (&Value::Bool(false), &"jobs".into())
    );
    assert_eq!(find("auth status")["alias"], "whoami");
    assert_eq!(find("auth logout")["endpoint"], Value::Null);
    assert_eq!(find("auth logout")["also"]["flag"], "revoke");
}

#[test]
fn the_command_list_is_short_and_says_each_thing_once() {
    let sandbox = bare();
    let text = sandbox.run(&["help", "--json"]).ok().stdout;
    assert!(text.len() <= 32 * 1024, "{}", text.len());
    let list: Value = serde_json::from_str(&text).unwrap();
    let commands = list["commands"].as_array().expect("commands");
    // One command per line.
    for command in commands {
        let name = format!("{{\"name\":{}", command["name"]);
        assert!(text.lines().any(|line| line.starts_with(&name)), "{name}");
    }
    fn is_nothing(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty() || items.iter().any(is_nothing),
            Value::Object(fields) => fields.is_empty() || fields.values().any(is_nothing),
            Value::Bool(_) | Value::Number(_) => false,
        }
    }
    assert!(!is_nothing(&list));
    // Words give that part of it, wherever `--json` is.
    let jobs = sandbox.run(&["help", "jobs", "--json"]).ok().stdout;
    for words in [&["jobs", "--json"][..], &["jobs", "--help", "--json"]] {
        sandbox.run(words).ok().stdout_is(&jobs);
    }
    let jobs: Value = serde_json::from_str(&jobs).unwrap();
    let all = jobs["commands"].as_array().expect("commands");
    assert!(all.len() > 5 && all.iter().all(|c| words(c)[0] == "jobs"));
    let one = sandbox
        .run(&["jobs", "list", "--help", "--json"])
        .ok()
        .json();
    assert_eq!(one["commands"][0]["name"], "jobs list");
    let topic = sandbox.run(&["help", "errors", "--json"]).ok().json();
    assert!(topic["text"].as_str().unwrap().contains("--json-errors"));
    // One value of it.
    sandbox
        .run(&["help", "jobs", "list", "--get", "commands[].list"])
        .ok()
        .stdout_is("jobs\n");
}

#[test]
fn what_an_agent_has_to_know_is_one_page_with_every_command() {
    let sandbox = bare();
    let page = sandbox.run(&["help", "agents"]).ok().stdout;
    assert!(page.chars().count() <= 6000, "{}", page.len());
    for command in list(&sandbox)["commands"].as_array().expect("commands") {
        let name = text(&command["name"]);
        let about_itself = ["version", "help", "completions", "complete", "man"];
        let line = page.lines().find(|line| {
            let rest = line.strip_prefix(&format!("  {name}"));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ']))
        });
        assert_eq!(
            line.is_some(),
            !about_itself.contains(&name.as_str()),
            "{name}"
        );
    }
    for class in [
        "usage",
        "local",
        "never_sent",
        "outcome_unknown",
        "auth",
        "not_found",
        "conflict",
        "rate_limited",
        "server",
        "refused",
        "unmet",
    ] {
        assert!(page.contains(class), "{class}");
    }
    assert!(
        page.contains("\n  proposals hire <proposal-id> --amount <usd>\n"),
        "{page}"
    );
}

#[test]
fn a_topic_describes_the_shape_of_the_command_list() {
    let topic = bare().run(&["help", "command-list"]).ok().stdout;
    let described: Vec<&str> = topic.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    fn keys(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(key, value)| {
                found.push(key.clone());
                keys(value, found);
            }),
            Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    keys(&list(&bare()), &mut found);
    let publish = bare()
        .run(&["help", "jobs", "publish", "--json"])
        .ok()
        .json();
    keys(&publish, &mut found);
    for key in found {
        assert!(
            described.contains(&key.as_str()),
            "`help command-list` does not name `{key}`"
        );
    }
}

#[test]
fn the_committed_pages_are_what_the_binary_writes() {
    let sandbox = bare();
    let folder = sandbox.home.join("man");
    fs::create_dir(&folder).unwrap();
    sandbox
        .run(&["man", "--into", "man"])
        .ok()
        .stdout_is("")
        .stderr_is("");
    let names = |folder: &str| {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let written = folder.display().to_string();
    assert_eq!(names(PAGES), names(&written));
    for name in names(PAGES) {
        let committed = fs::read_to_string(format!("{PAGES}/{name}")).unwrap();
        let page = fs::read_to_string(folder.join(&name)).unwrap();
        assert!(page == committed, "{name} is old: run `make man`");
        let words: Vec<&str> = match name.trim_end_matches(".1").split_once('-') {
            Some((_, namespace)) => vec!["man", namespace],
            None => vec!["man"],
        };
        sandbox.run(&words).ok().stdout_is(&page);
    }
    sandbox
        .run(&["man", "nonsense"])
        .fails()
        .stderr_has("Usage error: no page for `nonsense`");
    sandbox
        .run(&["man", "--into", "/no/such/folder"])
        .fails()
        .stderr_has("--into: could not write");
}

/// The script in the manual of a namespace, as a reader of the page would copy it.
pub(crate) fn script_of_manual(sandbox: &Sandbox, namespace: &str, heading: &str) -> String {
    let mut page = tool("mandoc");
    page.args(["-T", "utf8", "-O", "width=200"]);
    let source = sandbox.run(&["man", namespace]).ok().stdout;
    let text = finish(page, &source).ok().stdout;
    let mut text = text.replace(['\u{2011}', '\u{2010}'], "-");
    // Headings are overstruck: each character is printed twice.
    while let Some(at) = text.find('\u{8}') {
        let before = text[..at].chars().next_back().map_or(0, char::len_utf8);
        text.replace_range(at - before..=at, "");
    }
    let (_, recipe) = text.split_once(heading).expect("the recipe");
    let (recipe, _) = recipe.split_once("SEE ALSO").expect("its end");
    // A script is indented four more than the paragraphs.
    let lines = recipe
        .lines()
        .filter_map(|line| line.strip_prefix("           "));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_recipe_of_the_manual_tells_a_genuine_delivery() {
    let sandbox = bare();
    let script = script_of_manual(&sandbox, "webhooks", "CHECKING A DELIVERY");
    let run = |header: &str, body: &str, after: &str| {
        sandbox.file("body", body);
        let secret = "whsec_test_0123456789abcdef";
        sandbox.shell(&format!(
            "header='{header}' secret={secret}\n{script}\n{after}"
        ))
    };
    // The documentation publishes no examples: these were made with another HMAC.
    for (body, sum) in [
        (
            r#"{"id":"1042","type":"proposal.received","apiVersion":"v1","createdAt":"2026-06-12T10:00:00.000Z","resourceId":"prop_1","jobId":"job_1","data":{"proposalId":"prop_1","jobId":"job_1"}}"#,
            "f1217aaabf1af66c56271b34bc6618087db715563746a18ddeefa448d7e0362b",
        ),
        (
            "",
            "b1bfaf26101defd8b3384a4974a96292badf4eba8dc8f859183906be710ccaae",
        ),
        (
            "{\"note\":\"h\u{e9}llo \u{2713}\"}\n",
            "abaab848f334de9b61cad1eb9f5bf11cc11a787d2a5c8d452cbb9a10f394d81a",
        ),
        (
            "{ \"a\" : 1 }",
            "2bbfbe8266b4a67a43b42f8b031db77642b40621f068804ba37c1c908131c911",
        ),
    ] {
        let header = format!("t=1781258400,v1={sum}");
        let out = run(&header, body, "[ \"$sum\" = \"$v1\" ] && echo same");
        // Old, so not taken for genuine.
        out.stdout_is("same\n");
    }
    let signed = "t=$(date +%s); header=\"t=$t,v1=$( { printf '%s.' $t; cat body; } | openssl dgst -sha256 -hmac $secret | sed 's/.* //')\"";
    run("t=1,v1=x", "{}", &format!("{signed}\n{script}")).stdout_is("genuine\n");
    run(
        "t=1,v1=x",
        "{}",
        &format!("{signed}\nprintf ' ' >> body\n{script}"),
    )
    .stdout_is("");
}

#[test]
fn the_pages_are_clean_in_both_formatters() {
    let pages: Vec<String> = fs::read_dir(PAGES)
        .unwrap()
        .map(|e| e.unwrap().path().display().to_string())
        .collect();
    let mut mandoc = tool("mandoc");
    mandoc.args(["-T", "lint", "-W", "warning"]).args(&pages);
    finish(mandoc, "").ok().stdout_is("").stderr_is("");
    for page in pages {
        let mut groff = tool("groff");
        groff.args(["-ww", "-man", "-Tutf8", "-z", &page]);
        finish(groff, "").ok().stdout_is("").stderr_is("");
    }
}

/// What is offered in each shell for about ten half-typed lines.
const OFFERED: &[(&str, &[&str])] = &[
    ("opentrain jobs pu", &["publish"]),
    (
        "opentrain jobs draft ",
        &["capabilities", "create", "update"],
    ),
    ("opentrain who", &["whoami"]),
    ("opentrain mi", &["milestones"]),
    ("opentrain --json cre", &["credits"]),
    (
        "opentrain messages list --filter ",
        &["all", "job", "proposal"],
    ),
    ("opentrain messages read --direction o", &["older"]),
    (
        "opentrain jobs search --pay-type PAY_PER_H",
        &["PAY_PER_HOUR"],
    ),
    ("opentrain jobs list --li", &["--limit"]),
    ("opentrain auth claim-status --w", &["--wait"]),
    (
        "opentrain jobs draft create --description-file no",
        &["notes.txt"],
    ),
    ("opentrain completions z", &["zsh"]),
    ("opentrain help exit", &["exit-status"]),
    ("opentrain jobs list --limit 5 --lim", &[]),
    // However the program is called.
    ("~/bin/opentrain jobs pu", &["publish"]),
    ("$HOME/bin/opentrain jobs pu", &["publish"]),
    ("./bin/opentrain jobs pu", &["publish"]),
    ("ot jobs pu", &["publish"]),
    ("otj pu", &["publish"]),
    ("A=1 opentrain jobs pu", &["publish"]),
];

/// Aliases of the program, and of the beginning of a command.
const ALIASES: &str = "alias ot=opentrain; alias otj='opentrain jobs'";
/// Files whose names mean something to a shell.
const ODD_FILES: [&str; 2] = ["odd[1].json", "odd 2.json"];

/// A sandbox with `opentrain` on its path and a file to complete.
fn shelled(shell: &str) -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.home.join("bin")).unwrap();
    std::os::unix::fs::symlink(BINARY, sandbox.home.join("bin/opentrain")).unwrap();
    sandbox.file("notes.txt", "");
    ODD_FILES
        .iter()
        .for_each(|name| drop(sandbox.file(name, "")));
    let script = sandbox
        .run(&["completions", shell])
        .ok()
        .stderr_is("")
        .stdout;
    let path = sandbox.file(&format!("completion.{shell}"), script);
    let search = format!(
        "{}/bin:{}",
        sandbox.home.display(),
        std::env::var("PATH").unwrap()
    );
    (sandbox.env("PATH", &search), path)
}

fn in_shell(sandbox: &Sandbox, shell: &str, args: &[&str]) -> Out {
    let mut command: Command = tool(shell);
    command.args(args).current_dir(&sandbox.home);
    sandbox.clean(&mut command);
    command.env("TERM", "dumb");
    finish(command, "")
}

fn sorted(lines: &str) -> Vec<String> {
    let mut lines: Vec<String> = lines
        .lines()
        .filter(|l| !l.is_empty())
        .map(str::to_owned)
        .collect();
    lines.sort();
    lines.dedup();
    lines
}

#[test]
fn bash_offers_what_can_follow() {
    let (sandbox, script) = shelled("bash");
    for (line, expected) in OFFERED {
        // As bash calls it: after assignments, the line split at blanks and nothing expanded,
        // the word under the cursor last.
        let line = line.trim_start_matches("A=1 ");
        let mut words: Vec<String> = line.split(' ').map(|word| format!("'{word}'")).collect();
        words.dedup_by(|a, b| a == "''" && b == "''");
        let words = words.join(" ");
        let ask = format!(
            "shopt -s expand_aliases; {ALIASES}; source {script}; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _opentrain; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let out = in_shell(&sandbox, "bash", &["--norc", "-c", &ask]).ok();
        assert_eq!(sorted(&out.stdout), *expected, "{line}");
    }
    // bash makes the equals sign a word.
    let ask = format!(
        "source {script}; COMP_WORDS=(opentrain messages list --filter = pr); COMP_CWORD=5; _opentrain; echo \"${{COMPREPLY[@]}}\""
    );
    in_shell(&sandbox, "bash", &["--norc", "-c", &ask])
        .ok()
        .stdout_is("proposal\n");
    // File names come complete, however much of them was typed; aliases are known.
    for typed in ["odd", "odd[", "'odd"] {
        let ask = format!(
            "source {script}; COMP_WORDS=(opentrain jobs draft create --payload-file \"{typed}\"); COMP_CWORD=5; _opentrain; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let out = in_shell(&sandbox, "bash", &["--norc", "-c", &ask]).ok();
        let all = ODD_FILES
            .iter()
            .filter(|name| name.starts_with(typed.trim_matches('\'')));
        let mut all: Vec<&str> = all.copied().collect();
        all.sort_unstable();
        assert_eq!(sorted(&out.stdout), all, "{typed}");
    }
    let ask = format!("{ALIASES}; source {script}; complete -p ot otj");
    in_shell(&sandbox, "bash", &["--norc", "-c", &ask])
        .ok()
        .stdout_is("complete -F _opentrain ot\ncomplete -F _opentrain otj\n");
}

#[test]
fn fish_offers_what_can_follow_with_descriptions() {
    let (sandbox, script) = shelled("fish");
    for (line, expected) in OFFERED {
        let ask = format!("{ALIASES}; source {script}; complete -C '{line}'");
        let out = in_shell(&sandbox, "fish", &["--no-config", "-c", &ask])
            .ok()
            .stdout;
        let words: Vec<&str> = out
            .lines()
            .map(|l| l.split('\t').next().unwrap_or_default())
            .collect();
        assert_eq!(sorted(&words.join("\n")), *expected, "{line}");
    }
    let ask = format!(
        "source {script}; complete -C 'opentrain jobs pub'; complete -C 'opentrain messages list --filter=jo'"
    );
    in_shell(&sandbox, "fish", &["--no-config", "-c", &ask])
        .ok()
        .stdout_is("publish\tPublish a draft that is ready\n--filter=job\n");
    let ask = format!(
        "source {script}; complete -C 'opentrain jobs draft create --payload-file odd'; complete -C 'opentrain jobs draft create --payload-file odd\\\\ '"
    );
    in_shell(&sandbox, "fish", &["--no-config", "-c", &ask])
        .ok()
        .stdout_is("odd 2.json\nodd[1].json\nodd 2.json\n");
}

#[test]
fn zsh_offers_what_can_follow_with_descriptions() {
    let (sandbox, script) = shelled("zsh");
    // A zsh inside a terminal of zsh's own making; what its completion adds is written down.
    let driver = r#"
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PS1='' PS2=''; autoload -Uz compinit; compinit -u -D; source $1; zstyle ':completion:*' verbose yes
alias ot=opentrain; alias otj='opentrain jobs'
compadd() {
  local -a found
  if (( \$@[(I)-O] + \$@[(I)-D] + \$@[(I)-A] )); then builtin compadd \"\$@\"; return; fi
  builtin compadd -O found \"\$@\"; print -rl -- \$found >> $2; print -rl -- \$_tmpd >> $2.all
  builtin compadd \"\$@\"
}
bindkey '^I' complete-word
# Only now the line editor reads keys; before, the terminal itself would take some of them.
zle-line-init() { print ready > $2.ready }
zle -N zle-line-init"
until [[ -e $2.ready ]]; do sleep 0.05; done
zpty -w -n z "$3"$'\t'
zpty -w -n z $'\C-u'"print done > $2.done"$'\n'
until [[ -e $2.done ]]; do sleep 0.05; done
zpty -d z
"#;
    let driver = sandbox.file("driver.zsh", driver);
    for (n, (line, expected)) in OFFERED.iter().enumerate() {
        let out = sandbox.home.join(format!("out{n}")).display().to_string();
        in_shell(&sandbox, "zsh", &["-f", &driver, &script, &out, line]).ok();
        let offered = fs::read_to_string(&out).unwrap_or_default();
        assert_eq!(sorted(&offered), *expected, "{line}");
    }
    let all = fs::read_to_string(sandbox.home.join("out0.all")).unwrap();
    assert!(all.contains("Publish a draft that is ready"), "{all}");
}

#[test]
fn completions_need_a_known_shell() {
    let sandbox = bare();
    for words in [
        &["completions"][..],
        &["completions", "tcsh"],
        &["completions", "bash", "zsh"],
    ] {
        sandbox
            .run(words)
            .fails()
            .stderr_has("Usage error: `completions` needs one of bash, zsh, fish");
    }
    sandbox
        .run(&["complete", "--", "jobs", "pu"])
        .ok()
        .stdout_is("publish\tPublish a draft that is ready\n");
}

#[test]
fn install_puts_binary_pages_and_completions_in_place() {
    // Running make would build into the same folder: only what it would do is read.
    let plan = |target_dir: &str| {
        let out = Command::new("make")
            .args(["-n", "install", "DESTDIR=/d", "PREFIX=/p"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("CARGO_TARGET_DIR", target_dir)
            .output()
            .unwrap();
        String::from_utf8_lossy(&out.stdout).into_owned()
    };
    // The binary is taken from where cargo puts it.
    let plan = plan("/moved");
    for place in [
        "755 /moved/release/opentrain ",
        "/d/p/bin/opentrain",
        "/d/p/share/man/man1",
        "/d/p/share/bash-completion/completions/opentrain",
        "/d/p/share/zsh/site-functions/_opentrain",
        "/d/p/share/fish/vendor_completions.d/opentrain.fish",
    ] {
        assert!(plan.contains(place), "{plan}");
    }
}
