//! No secret reaches a stream: every command, failing in each documented way, with secrets in
//! flag, environment, file, standard input and reply.

use serde_json::json;

use crate::fake::{Answer, Fault};
use crate::harness::{Sandbox, closed_address};
use crate::table::{ROWS, Row};
use crate::world::World;

/// What both streams are searched for; every secret contains it.
const SENTINEL: &str = "sentinel";

/// Ways to fail, each echoing the secrets that were sent.
fn faults() -> Vec<Fault> {
    let echo =
        "you sent ot_pat_sentinel1_sentinelsentinel and ot_clm_sentinel2 and whsec_sentinel3";
    let details = json!({"reason": "ot_pat_sentinel4", "field": "ot_clm_sentinel5", "hint": echo});
    let mut faults: Vec<Fault> = [400, 401, 403, 404, 409, 429, 500]
        .map(|s| Fault::Answer(Answer::error(s, echo, details.clone())))
        .to_vec();
    faults.push(Fault::Answer(Answer::oauth(400, "invalid_grant", echo)));
    faults.push(Fault::body(500, echo));
    faults
}

#[test]
fn no_failure_shows_a_secret() {
    let token = "ot_pat_env0_sentinelsentinelsentinel";
    let file =
        json!({"apiToken": "ot_pat_file_sentinelsentinel", "claimToken": "ot_clm_file_sentinel"})
            .to_string();
    // What follows the feed waits until a fault has passed.
    let fails = |row: &&Row| !row.requests.is_empty() && !row.line.starts_with("updates watch");
    for row in ROWS.iter().filter(fails) {
        let World { sandbox, mut ids } = World::new();
        sandbox.fake.change(|s| {
            s.add_token(0, "test", &crate::fake::state::ALL_SCOPES, token);
        });
        for (name, secret) in [
            ("token", "ot_pat_flag_sentinelsentinel"),
            ("claim", "ot_clm_flag_sentinel"),
            ("done", "ot_clm_flag_sentinel"),
        ] {
            ids.insert(name, secret.into());
        }
        let sandbox = sandbox.env("OT_API_TOKEN", token).env("OT_VERBOSE", "1");
        let world = World { sandbox, ids };
        // A read would be tried again after a lost answer, and wait before.
        let lost = (!row.reads()).then_some(Fault::Drop);
        for (n, fault) in faults().into_iter().chain(lost).enumerate() {
            world.sandbox.save_config(&file);
            for request in row.lines(&world) {
                let faults = [fault.clone(), fault.clone(), fault.clone()];
                world.sandbox.fake.script(&request, faults);
            }
            let json = if n % 2 == 0 { " --json" } else { "" };
            let out = world.run(&format!("{}{json}", row.line));
            assert_eq!(out.status, Some(1), "{}: {out:#?}", row.line);
            out.hides(SENTINEL);
            world.sandbox.fake.unscript();
        }
    }
}

#[test]
fn no_success_shows_a_token() {
    let sandbox = Sandbox::new().env("OT_VERBOSE", "1");
    let run = |words: &[&str]| sandbox.run(words).ok();
    for json in [&[][..], &["--json"]] {
        let all = |words: &[&str]| run(&[words, json].concat());
        all(&["auth", "register", "--force"]);
        let (token, claim) = secrets(&sandbox);
        for words in [
            &["whoami"][..],
            &["tokens", "list"],
            &["auth", "claim", "--email", "a@b.c"],
            &["auth", "claim-status"],
            &["jobs", "list"],
        ] {
            all(words).hides(&token).hides(&claim);
        }
        sandbox
            .run_with_stdin(
                &[&["auth", "login", "--api-key", "-"][..], json].concat(),
                &token,
            )
            .ok()
            .hides(&token);
        all(&["auth", "login", "--api-key", &token]).hides(&token);
        all(&["auth", "logout"]).hides(&token);
    }
}

fn secrets(sandbox: &Sandbox) -> (String, String) {
    let saved = sandbox.read_config();
    let text = |key: &str| saved[key].as_str().expect(key).to_owned();
    (text("apiToken"), text("claimToken"))
}

#[test]
fn a_trace_says_what_was_called_and_what_came_of_it() {
    let sandbox = Sandbox::claimed();
    sandbox
        .fake
        .script("GET /api/public/v1/jobs/mine", [Fault::status(503)]);
    let out = sandbox
        .run(&["jobs", "list", "--limit", "3", "--verbose"])
        .ok()
        .stdout_is("No jobs.\n");
    let url = format!("{}/api/public/v1/jobs/mine?limit=3", sandbox.fake.url);
    let lines: Vec<&str> = out.stderr.lines().collect();
    assert_eq!(lines.len(), 5, "{out:#?}");
    assert_eq!(lines[0], format!("* GET {url} (attempt 1, directly)"));
    assert!(
        lines[1].starts_with("* status 503 after ")
            && lines[1].ends_with(", request id req-fake-1"),
        "{out:#?}"
    );
    assert_eq!(lines[2], "* trying again in 500 ms");
    assert_eq!(lines[3], format!("* GET {url} (attempt 2, directly)"));
    assert!(lines[4].starts_with("* status 200 after "), "{out:#?}");
    let sandbox = sandbox.env("OT_VERBOSE", "1");
    sandbox.run(&["jobs", "list"]).ok().stderr_has("* GET ");
    let sandbox = sandbox.env("OT_VERBOSE", "0");
    sandbox.run(&["jobs", "list"]).ok().stderr_is("");
    let dead = format!("http://{}", crate::harness::closed_address());
    sandbox
        .run(&["jobs", "list", "--verbose", "--base-url", &dead])
        .fails()
        .stderr_has("(attempt 3, directly)")
        .stderr_has(" ms: connection refused\n");
}

#[test]
fn help_warns_of_a_token_on_the_command_line_and_shows_the_other_way() {
    let sandbox = Sandbox::new();
    sandbox
        .run(&["auth", "login", "--help"])
        .ok()
        .stdout_has("as an argument it is visible to other users of the\n      machine.")
        .stdout_has("opentrain auth login --api-key - < token.txt");
}

#[test]
fn a_file_that_others_can_read_is_warned_of_once() {
    let sandbox = Sandbox::new();
    sandbox.run(&["auth", "register"]).ok();
    std::fs::set_permissions(
        sandbox.config(),
        std::os::unix::fs::PermissionsExt::from_mode(0o640),
    )
    .unwrap();
    let path = sandbox.config().display().to_string();
    let warning = format!("Warning: others can read {path}; run: chmod 600 {path}\n");
    // Token and base URL both come from the file here.
    let sandbox = sandbox.env("OT_API_BASE_URL", "");
    sandbox.run(&["jobs", "list"]).ok().stderr_is(&warning);
    sandbox
        .run(&["auth", "claim", "--email", "a@b.c"])
        .ok()
        .stderr_is(&warning);
    // A command that does not read it says nothing.
    let url = sandbox.fake.url.clone();
    sandbox
        .run(&["jobs", "search", "--base-url", &url])
        .ok()
        .stderr_is("");
}

#[test]
fn a_token_of_any_shape_is_masked_when_it_is_echoed() {
    for token in [
        "ot_pat_ab+SENTINEL/x=",
        "ot_ptk_SENTINEL",
        "another-SENTINEL-form",
    ] {
        let sandbox = Sandbox::new().env("OT_API_TOKEN", token);
        let echo = Answer::error(
            401,
            &format!("bad token {token} given"),
            json!({"token": token}),
        );
        sandbox
            .fake
            .script("GET /api/public/v1/jobs/mine", [Fault::Answer(echo)]);
        sandbox
            .run(&["jobs", "list"])
            .fails()
            .stderr_has("bad token ")
            .hides("SENTINEL");
    }
}

#[test]
fn a_webhooks_secret_is_never_lost() {
    let world = World::new();
    let line = "webhooks create --url https://e.example --events payment.pending";
    let words = world.words(line).join(" ");
    for more in ["", " --json"] {
        world
            .sandbox
            .shell(&format!("$B {words}{more} > /dev/full"))
            .fails()
            .stderr_has("No space left on device")
            .stderr_has("whsec_shownonce0123456789");
    }
    world
        .sandbox
        .shell(&format!("{{ $B {words}; echo $? >&2; }} | true"))
        .stderr_has("whsec_shownonce0123456789")
        .stderr_has("\n1\n");
    world.sandbox.fake.script(
        "POST /api/public/v1/webhooks",
        [Fault::body(201, r#"{"secret":"whsec_half"#)],
    );
    world
        .run(line)
        .fails()
        .stderr_has(r#"  {"secret":"whsec_half"#);
    world.sandbox.fake.script(
        "POST /api/public/v1/webhooks",
        [Fault::body(201, r#"{"secret":"whsec_odd"}"#)],
    );
    world.run(line).ok().stdout_has("whsec_odd");
}

#[test]
fn a_saved_token_that_goes_to_another_server_is_told_before_it_goes() {
    let sandbox = Sandbox::new().env("OT_API_BASE_URL", "");
    sandbox.save_config(
        r#"{"apiToken":"ot_pat_sentinel1","claimToken":"ot_clm_sentinel2","baseUrl":"https://one.test/"}"#,
    );
    let dead = format!("http://{}", closed_address());
    let sandbox = sandbox.env("https_proxy", &dead);
    let note =
        "Note: the token saved for https://one.test/ goes to https://two.test (--base-url).\n";
    for words in [
        &["jobs", "list"][..],
        &["auth", "claim", "--email", "a@b.c"],
        &["auth", "claim-status"],
        &["auth", "logout", "--revoke"],
    ] {
        let out = sandbox.run(&[words, &["--base-url", "https://two.test"]].concat());
        let out = out.fails().hides("sentinel");
        assert!(out.stderr.starts_with(note), "{out:#?}");
        assert_eq!(out.stderr.matches("Note: ").count(), 1, "{out:#?}");
        // To the server that gave it, however it is spelled, it goes without a word.
        for url in [
            "https://ONE.test",
            "https://one.test:443/v9",
            "https://one.test.",
        ] {
            let out = sandbox.run(&[words, &["--base-url", url]].concat()).fails();
            assert!(out.stderr.starts_with("Error: "), "{out:#?}");
        }
    }
    // A variable says so as a flag does; another port or scheme is another server.
    let by_variable = sandbox.env("OT_API_BASE_URL", "https://one.test:8443");
    by_variable.run(&["jobs", "list"]).fails().stderr_has(
        "Note: the token saved for https://one.test/ goes to https://one.test:8443 (OT_API_BASE_URL).\n",
    );
    // A token that was not saved has no server of its own, and this machine is no other.
    let given = by_variable.env("OT_API_TOKEN", "ot_pat_given");
    let out = given.run(&["jobs", "list"]).fails();
    assert!(!out.stderr.contains("Note: "), "{out:#?}");
    let local = given.env("OT_API_TOKEN", "").env("https_proxy", "");
    let out = local
        .run(&["jobs", "list", "--base-url", "http://api.localhost:1"])
        .fails();
    assert!(!out.stderr.contains("Note: "), "{out:#?}");
}

#[test]
fn a_file_of_another_user_steers_nothing_without_a_warning() {
    let sandbox = Sandbox::new();
    sandbox.run(&["auth", "register"]).ok();
    let path = sandbox.config();
    if let Err(e) = std::os::unix::fs::chown(&path, Some(65_533), None) {
        eprintln!("only root can give a file away: {e}");
        return;
    }
    let warning = format!(
        "Warning: {} belongs to another user (uid 65533), who chooses the server and token used here.\n",
        path.display()
    );
    // Server and token come from the file: one warning for both, before anything else.
    let sandbox = sandbox.env("OT_API_BASE_URL", "");
    sandbox.run(&["jobs", "list"]).ok().stderr_is(&warning);
    let sandbox = sandbox.env("OT_API_TOKEN", "ot_pat_given");
    let out = sandbox.run(&["jobs", "list"]).fails();
    assert!(out.stderr.starts_with(&warning), "{out:#?}");
    // Where it has no effect, nothing is said about it.
    let url = sandbox.fake.url.clone();
    let sandbox = sandbox.env("OT_API_BASE_URL", &url);
    let out = sandbox.run(&["jobs", "list"]).fails();
    assert!(!out.stderr.contains("Warning: "), "{out:#?}");
    // A file owned by root is as good as our own.
    std::os::unix::fs::chown(&path, Some(0), None).unwrap();
    let sandbox = sandbox.env("OT_API_BASE_URL", "");
    let out = sandbox.run(&["jobs", "list"]).fails();
    assert!(!out.stderr.contains("Warning: "), "{out:#?}");
}

#[test]
fn a_secret_that_is_shown_once_has_a_reader_before_it_is_asked_for() {
    let sandbox = Sandbox::claimed();
    for (line, secret) in [
        (
            "webhooks create --url https://a.example --events message.received",
            "\"secret\":\"whsec_",
        ),
        ("tokens create --scopes jobs:read", "\"token\":\"ot_pat_"),
    ] {
        for json in ["", " --json"] {
            sandbox.fake.forget();
            sandbox
                .shell(&format!("$B {line}{json} > /dev/null"))
                .fails()
                .stderr_is("Error: standard output is /dev/null, and the secret would be lost; nothing was sent\n");
            sandbox
                .shell(&format!("$B {line}{json} 1< /dev/null"))
                .fails()
                .stderr_has("nothing was sent");
            assert!(sandbox.fake.requests().is_empty());
            // Closed: then it is on standard error.
            let out = sandbox.shell(&format!("$B {line}{json} >&-")).fails();
            out.stderr_has("it is closed; the call itself was carried out")
                .stderr_has(secret);
            // A file that may not grow.
            let out = sandbox.shell(&format!("ulimit -f 0; exec $B {line}{json} > file"));
            out.fails().stderr_has(secret);
        }
    }
    // Output without a secret may go there.
    sandbox.shell("$B jobs list > /dev/null").ok();
    sandbox.shell("$B tokens create --save > /dev/null").ok();
}

#[test]
fn a_secret_that_would_outgrow_its_file_is_printed_whole() {
    let sandbox = Sandbox::claimed();
    let create = "tokens create --name ci --json";
    let shown = sandbox.shell(&format!("$B {create}")).ok().stdout;
    // Room for the server's own text, and not for what it is when it is indented.
    sandbox.file("file", "x".repeat(4096 + 10 - shown.len()));
    sandbox
        .shell(&format!("exec prlimit --fsize=4096 $B {create} >> file"))
        .fails()
        .stderr_has("could not write to standard output")
        .stderr_has("ot_pat_");
}

#[test]
fn no_words_for_people_hold_a_secret_however_it_is_spelled() {
    let token = "ot_pat_Sentinel_secret_1234";
    let sandbox = Sandbox::new();
    sandbox.fake.change(|s| {
        let account = s.new_account();
        s.add_token(account, "test", &crate::fake::state::ALL_SCOPES, token);
    });
    let sandbox = sandbox.env("OT_API_TOKEN", token);
    for spelled in [
        token.to_owned(),
        token.to_uppercase(),
        token.replace("_", "%5F"),
        r"\u006ft_pat_Sentinel_secret_1234".into(),
        r"ot_pat_Sentinel\n_secret_1234".into(),
        r"ot_\r\npat_Sentinel_secret_1234".into(),
    ] {
        let as_it_came = format!(r#"{{"token":"{spelled}","{spelled}":[1]}}"#);
        let in_a_summary = format!(
            r#"{{"jobs":[{{"id":"{spelled}","title":"a {spelled} b"}}],"nextCursor":"{spelled}"}}"#
        );
        let refused = format!(
            r#"{{"error":"no {spelled}","code":"X","requestId":"{spelled}","details":{{"k":"{spelled}"}}}}"#
        );
        for (status, body) in [(200, &as_it_came), (200, &in_a_summary), (400, &refused)] {
            sandbox
                .fake
                .script("GET /api/public/v1/jobs/mine", [Fault::body(status, body)]);
            let out = sandbox.run(&["jobs", "list"]);
            let shown = format!("{}{}", out.stdout, out.stderr).to_lowercase();
            assert!(
                !shown.contains("secret") && !shown.contains("1234"),
                "{out:#?}"
            );
        }
        // The API's own body is never altered where it was asked for.
        sandbox.fake.script(
            "GET /api/public/v1/jobs/mine",
            [Fault::body(200, &as_it_came)],
        );
        let json = sandbox.run(&["jobs", "list", "--json"]).ok();
        assert_eq!(
            json.json(),
            serde_json::from_str::<serde_json::Value>(&as_it_came).unwrap()
        );
        // Our own results are not its body.
        let account = format!(r#"{{"actor":{{"userId":"u"}},"token":"{spelled}"}}"#);
        sandbox
            .fake
            .script("GET /api/public/v1/auth/me", [Fault::body(200, &account)]);
        let out = sandbox
            .run(&["auth", "login", "--api-key", token, "--json"])
            .ok();
        out.json();
        assert!(
            !out.stdout.to_lowercase().contains("secret_1234"),
            "{out:#?}"
        );
    }
}
