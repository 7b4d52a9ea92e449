//! Words, flags, help, version.

use crate::harness::{Out, Sandbox};

#[test]
fn the_version_is_one_line_however_it_is_asked_for() {
    let sandbox = Sandbox::new();
    let line = format!("opentrain {}\n", env!("CARGO_PKG_VERSION"));
    for words in [["--version"], ["version"], ["-V"]] {
        sandbox.run(&words).ok().stdout_is(&line).stderr_is("");
    }
    for words in [
        ["version", "--json"],
        ["--version", "--json"],
        ["--json", "--version"],
    ] {
        let json = sandbox.run(&words).ok().json();
        assert_eq!(json["version"], env!("CARGO_PKG_VERSION"));
        let target = json["target"].as_str().unwrap_or_default();
        assert!(target.starts_with(std::env::consts::ARCH), "{target}");
        assert!(target.contains(std::env::consts::OS), "{target}");
        // These tests were built with the same variable as the program, or without it.
        let commit = option_env!("OPENTRAIN_COMMIT").filter(|commit| !commit.is_empty());
        assert_eq!(json["commit"].as_str(), commit);
    }
    // After the words of a command it is not a flag.
    for flag in ["--version", "-V"] {
        sandbox
            .run(&["jobs", "list", flag])
            .fails()
            .stderr_has("Usage error: ");
    }
}

#[test]
fn help_is_the_same_however_it_is_asked_for() {
    let sandbox = Sandbox::new();
    let help = sandbox.run(&[]).ok().stderr_is("").stdout;
    assert!(help.contains("jobs draft create"), "{help}");
    for words in [&["help"][..], &["--help"], &["-h"]] {
        sandbox.run(words).ok().stdout_is(&help);
    }
    let create = sandbox
        .run(&["jobs", "draft", "create", "--help"])
        .ok()
        .stdout;
    assert!(create.contains("--idempotency-key <key>"), "{create}");
    sandbox
        .run(&["help", "jobs", "draft", "create"])
        .ok()
        .stdout_is(&create);
    sandbox
        .run(&["--help", "jobs", "draft", "create"])
        .ok()
        .stdout_is(&create);
    let group = sandbox.run(&["jobs", "--help"]).ok().stdout;
    sandbox.run(&["jobs"]).ok().stdout_is(&group);
    let whoami = sandbox.run(&["whoami", "--help"]).ok().stdout;
    sandbox
        .run(&["auth", "status", "--help"])
        .ok()
        .stdout_is(&whoami);
    for (words, usage) in [
        ("help", "help [<word> ...]"),
        ("man", "man [--into <folder>] [<namespace>]"),
        ("completions", "completions <shell>"),
    ] {
        sandbox
            .run(&[words, "--help"])
            .ok()
            .stdout_line(&format!("Usage: opentrain {usage}"));
    }
    sandbox
        .run(&["--get", "a"])
        .fails()
        .stderr_line("Usage error: flags without a command");
    sandbox
        .run(&["help", "nonsense"])
        .fails()
        .stderr_has("Usage error: no help for `nonsense`");
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn help_and_version_work_when_everything_else_is_broken() {
    let sandbox = Sandbox::new()
        .env("HOME", "")
        .env("OT_API_BASE_URL", "not a url")
        .env("OT_API_TOKEN", "bad\ntoken")
        .env("XDG_CONFIG_HOME", "/dev/null");
    sandbox.run(&["--version"]).ok();
    sandbox.run(&["--help"]).ok();
    let broken = ["jobs", "list", "--limit", "-5", "--nonsense", "--help"];
    sandbox
        .run(&broken)
        .ok()
        .stdout_has("--cursor <cursor>")
        .stderr_is("");
}

#[test]
fn unknown_words_and_flags_name_the_nearest() {
    let sandbox = Sandbox::new();
    let fails = |words: &[&str]| -> Out { sandbox.run(words).fails() };
    fails(&["jobs", "pubish", "job_77"])
        .stderr_is("Usage error: no command `jobs pubish`; did you mean `jobs publish`?\n");
    fails(&["job", "list"]).stderr_has("did you mean `jobs`?");
    fails(&["whomai"]).stderr_has("did you mean `whoami`?");
    fails(&["frobnicate"]).stderr_has("Usage error: no command `frobnicate`");
    fails(&["jobs", "list", "--limt", "5"]).stderr_has("did you mean --limit?");
    fails(&["jobs", "list", "-x"]).stderr_has("Usage error: `jobs list` has no flag -x");
    fails(&["--jsn", "jobs", "list"]).stderr_has("did you mean --json?");
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn global_flags_stand_anywhere_and_values_may_be_attached() {
    let sandbox = Sandbox::claimed();
    let url = format!("--base-url={}", sandbox.fake.url);
    let expected = sandbox.run(&["jobs", "list", "--json"]).ok().stdout;
    assert!(expected.contains("\"jobs\": []"), "{expected}");
    let sandbox = sandbox.env("OT_API_BASE_URL", "http://127.0.0.1:1");
    for words in [
        vec!["--json", &url, "jobs", "list"],
        vec!["jobs", "--json", "list", &url],
        vec!["jobs", "list", &url, "--json", "--limit=5"],
    ] {
        sandbox.run(&words).ok().stdout_is(&expected);
    }
    assert_eq!(sandbox.fake.last().param("limit"), Some("5"));
}

#[test]
fn a_flag_given_twice_is_a_mistake_unless_it_repeats() {
    let sandbox = Sandbox::claimed();
    sandbox
        .run(&["jobs", "list", "--limit", "1", "--limit", "2"])
        .fails()
        .stderr_has("Usage error: --limit is given twice");
    sandbox
        .run(&["--json", "jobs", "list", "--json"])
        .fails()
        .stderr_has("--json is given twice");
    // An alias is the same flag, a bare word the same id.
    sandbox
        .run(&["auth", "register", "--name", "a", "--agent-name", "b"])
        .fails()
        .stderr_has("--agent-name is given twice");
    sandbox
        .run(&["jobs", "publish", "job_1", "--job-id", "job_1"])
        .fails()
        .stderr_has("--job-id is given twice");
    sandbox
        .run(&["jobs", "publish", "--job-id", "job_1", "job_2"])
        .fails()
        .stderr_has("`jobs publish` takes no further words");
    sandbox
        .run(&[
            "jobs", "draft", "update", "job_1", "--set", "a=1", "--set", "a=2",
        ])
        .fails()
        .stderr_has("Usage error: --set names the field a twice");
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn missing_and_wrong_values_are_refused_before_anything_is_sent() {
    let sandbox = Sandbox::claimed();
    let fails = |words: &[&str]| sandbox.run(words).fails().stderr;
    for (words, error) in [
        (
            &["jobs", "publish"][..],
            "`jobs publish` needs --job-id <id>",
        ),
        (&["jobs", "publish", "--job-id"], "--job-id needs a value"),
        (
            &["jobs", "publish", "--job-id", ""],
            "--job-id needs a value, not an empty one",
        ),
        (
            &["jobs", "publish", "--job-id="],
            "--job-id needs a value, not an empty one",
        ),
        (
            &["jobs", "publish", "--job-id", ".."],
            "--job-id must be an id",
        ),
        (&["jobs", "publish", "."], "--job-id must be an id"),
        (&["jobs", "publish", "a\nb"], "--job-id must be an id"),
        (
            &["jobs", "list", "--limit", "0"],
            "--limit must be a whole number from 1, not `0`",
        ),
        (
            &["jobs", "list", "--limit", "1.5"],
            "--limit must be a whole number from 1, not `1.5`",
        ),
        (&["jobs", "list", "--json=yes"], "--json takes no value"),
        (
            &["jobs", "list", "extra"],
            "`jobs list` takes no further words",
        ),
        (
            &["jobs", "list", "--status", "--json"],
            "--status needs a value",
        ),
        (
            &["jobs", "draft", "create"],
            "needs exactly one of --description, --description-file",
        ),
        (
            &[
                "jobs",
                "draft",
                "create",
                "--text",
                "a",
                "--payload-file",
                "b",
            ],
            "needs exactly one of",
        ),
        (
            &["jobs", "draft", "update", "j"],
            "needs exactly one of --set or --set-string, --patch-file, --patch-json",
        ),
        (
            &["jobs", "draft", "update", "j", "--set", "novalue"],
            "--set takes field=value",
        ),
        (
            &["jobs", "draft", "update", "j", "--set", "=x"],
            "--set takes field=value",
        ),
        (
            &["jobs", "draft", "--json", "--base-url", "x"],
            "`jobs draft` is not a complete command",
        ),
        (
            &["auth", "claim"],
            "`auth claim` needs --email <human-email>",
        ),
        (&["auth", "login"], "`auth login` needs --api-key <token>"),
    ] {
        let stderr = fails(words);
        assert!(
            stderr.starts_with("Usage error: ") && stderr.contains(error),
            "{words:?}: {stderr}"
        );
    }
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn a_dash_is_standard_input_for_files_and_secrets_alone() {
    let sandbox = Sandbox::new();
    let words = ["auth", "claim", "--email", "a@b.c", "--claim-token", "-"];
    sandbox
        .run(&words)
        .fails()
        .stderr_has("--claim-token: standard input is empty");
    // `--email -` is just a strange address.
    let words = ["auth", "claim", "--email", "-", "--claim-token", "-"];
    sandbox
        .run(&words)
        .fails()
        .stderr_has("--claim-token: standard input is empty");
    // Two files are two readers.
    let sandbox = Sandbox::claimed();
    sandbox
        .run(&[
            "jobs",
            "draft",
            "create",
            "--description-file",
            "-",
            "--payload-file",
            "-",
        ])
        .fails()
        .stderr_has("Usage error");
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn a_secret_in_the_wrong_place_is_not_repeated() {
    let sandbox = Sandbox::new();
    let token = "ot_pat_abcd_sentinelsentinel";
    for words in [
        &["auth", "login", token][..],
        &["auth", "login", "--api-key", token, "--api-key", token],
        &["auth", "login", "--api-kee", token],
        &["auth", "login", &format!("--api-kee={token}")],
        &["whoami", token],
        &[token],
        &["jobs", "list", "--limit", token],
    ] {
        sandbox
            .run(words)
            .fails()
            .stderr_has("Usage error: ")
            .hides("sentinel");
    }
}

#[test]
fn help_in_the_place_of_a_value_is_the_mistake_that_it_is() {
    let sandbox = Sandbox::claimed();
    for (words, flag) in [
        (
            &["messages", "send", "c", "--content", "--help"][..],
            "--content",
        ),
        (&["jobs", "list", "--limit", "--help", "--json"], "--limit"),
        (
            &["jobs", "draft", "create", "--text", "--help"],
            "--description",
        ),
        (&["--base-url", "--help", "jobs", "list"], "--base-url"),
    ] {
        sandbox
            .run(words)
            .fails()
            .stderr_has(&format!("Usage error: {flag} needs a value"));
    }
    assert!(sandbox.fake.requests().is_empty());
    // Anywhere else it helps, even after a value or a switch.
    for words in [
        &["messages", "send", "--content", "x", "--help"][..],
        &["messages", "send", "--content=x", "--help"],
        &["messages", "send", "--verbose", "--help"],
        &["--help", "messages", "send", "--content"],
    ] {
        sandbox
            .run(words)
            .ok()
            .stdout_has("Usage: opentrain messages send");
    }
}

#[test]
fn text_may_begin_with_dashes_and_a_lone_dash_is_no_text() {
    let sandbox = Sandbox::claimed();
    for text in ["-- thanks", "-", "--", "-x", "--1"] {
        let out = sandbox.run(&["jobs", "search", "--q", text]);
        out.ok();
        assert_eq!(sandbox.fake.last().param("q"), Some(text));
    }
    sandbox.fake.forget();
    for (words, form) in [
        (
            ["jobs", "draft", "create", "--description", "-"],
            "--description-file -",
        ),
        (
            ["jobs", "draft", "create", "--text", "-"],
            "--description-file -",
        ),
        (
            ["messages", "send", "c", "--content", "-"],
            "--content-file -",
        ),
    ] {
        sandbox.run(&words).fails().stderr_has(&format!(
            "takes the text itself; for standard input use {form}"
        ));
    }
    sandbox
        .run(&["jobs", "search", "--q", "--limit", "5"])
        .fails()
        .stderr_has("--q needs a value");
    assert!(sandbox.fake.requests().is_empty());
    // The long name of a short flag is found.
    sandbox
        .run(&["jobs", "search", "--query", "x"])
        .fails()
        .stderr_has("has no flag --query; did you mean --q?");
}
