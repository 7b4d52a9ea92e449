//! `auth`: register, login, status, logout, claim.

use std::fs;
use std::sync::atomic::Ordering;

use serde_json::json;

use crate::fake::Fault;
use crate::harness::{Out, Sandbox, mode, sent, until};

const IDENTITY: &str = "POST /api/agent/identity";
const POLL: &str = "POST /api/agent/oauth/token";

/// A sandbox with a registered, unclaimed agent; the environment holds no token.
fn registered() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox
        .run(&["auth", "register", "--agent-name", "My agent"])
        .ok();
    sandbox.fake.forget();
    sandbox
}

#[test]
fn register_sends_what_is_documented_and_saves_both_secrets() {
    let sandbox = Sandbox::new();
    let out = sandbox
        .run(&[
            "auth",
            "register",
            "--agent-name",
            "My \"agent\"",
            "--organization-name",
            "Acme",
        ])
        .ok();
    let request = sandbox.fake.last();
    assert_eq!(request.line(), IDENTITY);
    assert_eq!(request.header("authorization"), None);
    assert_eq!(
        request.json(),
        json!({"identity_type": "anonymous", "agent_name": "My \"agent\"", "organization_name": "Acme"})
    );
    let saved = sandbox.read_config();
    let (token, claim) = sandbox.fake.change(|s| {
        (
            s.tokens[0].secret.clone(),
            s.accounts[0].claim_token.clone(),
        )
    });
    assert_eq!(
        saved,
        json!({"apiToken": token, "baseUrl": sandbox.fake.url, "claimToken": claim})
    );
    assert_eq!(mode(&sandbox.config()), 0o600);
    assert_eq!(mode(sandbox.config().parent().unwrap()), 0o700);
    assert_eq!(sandbox.config_files(), ["cli.json"]);
    out.stdout_has("opentrain auth claim --email <human-email>")
        .hides(&token)
        .hides(&claim);
}

#[test]
fn register_json_is_the_structured_result_without_a_secret() {
    let sandbox = Sandbox::new();
    let out = sandbox.run(&["auth", "register", "--json"]).ok();
    assert_eq!(
        sandbox.fake.last().json(),
        json!({"identity_type": "anonymous"})
    );
    let token = sandbox.fake.change(|s| s.tokens[0].secret.clone());
    let json = out.json();
    let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "baseUrl",
            "claimTokenExpiresAt",
            "configPath",
            "registrationId",
            "scopes",
            "tokenPreview"
        ]
    );
    assert_eq!(
        json["tokenPreview"],
        format!("{}********{}", &token[..11], &token[token.len() - 4..])
    );
    assert_eq!(json["configPath"], sandbox.config().display().to_string());
    out.hides(&token);
}

#[test]
fn register_never_overwrites_credentials_by_accident() {
    let sandbox = registered();
    let before = sandbox.read_config();
    sandbox
        .run(&["auth", "register"])
        .fails()
        .stderr_has("already holds credentials; nothing was sent")
        .stderr_has("opentrain auth register --force");
    assert!(sandbox.fake.requests().is_empty());
    assert_eq!(sandbox.read_config(), before);
    sandbox.run(&["auth", "register", "--force"]).ok();
    assert_ne!(sandbox.read_config(), before);
}

#[test]
fn register_refusals_print_in_the_same_form_with_the_slug_as_code() {
    let sandbox = Sandbox::new();
    sandbox.fake.script(
        IDENTITY,
        [
            Fault::body(403, r#"{"error":"anonymous_not_enabled"}"#),
            Fault::body(
                429,
                r#"{"error":"rate_limit_exceeded","error_description":"Too many"}"#,
            ),
        ],
    );
    sandbox.run(&["auth", "register"]).fails().stderr_has(
        "OpenTrain API request failed (403 anonymous_not_enabled): anonymous_not_enabled\nHint: ",
    );
    sandbox
        .run(&["auth", "register"])
        .fails()
        .stderr_has("OpenTrain API request failed (429 rate_limit_exceeded): Too many\nHint: ");
    assert_eq!(sandbox.fake.requests().len(), 2);
    assert!(sandbox.config_files().is_empty());
}

#[test]
fn the_place_for_a_secret_is_ready_before_it_is_asked_for() {
    for sandbox in [
        Sandbox::new().env("XDG_CONFIG_HOME", "/dev/null/nowhere"),
        Sandbox::new().env("XDG_CONFIG_HOME", "/proc"),
    ] {
        sandbox
            .run(&["auth", "register"])
            .fails()
            .stderr_has("could not be saved")
            .stderr_has("nothing was sent");
        let words = ["auth", "claim-status", "--claim-token", "ot_clm_x"];
        sandbox.run(&words).fails().stderr_has("nothing was sent");
        sandbox
            .run(&["auth", "login", "--api-key", "ot_pat_x"])
            .fails()
            .stderr_has("nothing was sent");
        assert!(sandbox.fake.requests().is_empty());
    }
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.config()).unwrap();
    sandbox.run(&["auth", "register"]).fails();
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn a_limit_or_a_full_disk_is_noticed_before_a_secret_is_asked_for() {
    let sandbox = registered();
    sandbox.fake.change(|s| s.confirm_claim(0));
    sandbox.fake.forget();
    let before = fs::read_to_string(sandbox.config()).unwrap();
    // With and without the signal; the last limit fits the file as it is, but not as it will be.
    for script in [
        "ulimit -f 0; exec $B",
        "trap '' XFSZ; ulimit -f 0; exec $B",
        "ulimit -f 1; exec $B",
    ] {
        for words in [
            "auth register --force",
            "auth claim-status",
            "auth login --api-key x",
        ] {
            sandbox
                .shell(&format!("{script} {words}"))
                .fails()
                .stderr_has("credentials could not be saved in ")
                .stderr_has("; nothing was sent\nHint: set XDG_CONFIG_HOME");
        }
    }
    assert!(sandbox.fake.requests().is_empty());
    assert_eq!(fs::read_to_string(sandbox.config()).unwrap(), before);
    assert_eq!(sandbox.config_files(), ["cli.json"]);
}

#[test]
fn a_secret_that_cannot_be_saved_is_printed_with_what_to_do() {
    // The folder is taken away while the server makes the account.
    let sandbox = Sandbox::new();
    let (held, let_go) = Fault::held();
    sandbox.fake.script(IDENTITY, [held]);
    let child = sandbox.start(&["auth", "register"]);
    until("a request", || !sandbox.fake.requests().is_empty());
    fs::remove_dir_all(sandbox.config().parent().unwrap()).unwrap();
    let_go.store(true, Ordering::SeqCst);
    let out = Out::of(child).fails();
    let (token, claim) = sandbox.fake.change(|s| {
        (
            s.tokens[0].secret.clone(),
            s.accounts[0].claim_token.clone(),
        )
    });
    out.stderr_has("Error: could not save ")
        .stderr_has("These are shown only once. Keep them now:")
        .stderr_line(&format!("  API token: {token}"))
        .stderr_line(&format!("  claim token: {claim}"))
        .stderr_has("Hint: put the API token into OT_API_TOKEN");

    let sandbox = registered();
    sandbox.fake.change(|s| s.confirm_claim(0));
    sandbox.fake.forget();
    let (held, let_go) = Fault::held();
    sandbox.fake.script("POST /api/agent/oauth/token", [held]);
    let child = sandbox.start(&["auth", "claim-status", "--json"]);
    until("a request", || !sandbox.fake.requests().is_empty());
    fs::remove_dir_all(sandbox.config().parent().unwrap()).unwrap();
    let_go.store(true, Ordering::SeqCst);
    let out = Out::of(child).fails();
    let token = sandbox
        .fake
        .change(|s| s.tokens.last().unwrap().secret.clone());
    out.stderr_line(&format!("  API token: {token}"));
}

#[test]
fn a_secret_in_a_broken_answer_is_printed() {
    let sandbox = Sandbox::new();
    for (fault, shown) in [
        (
            Fault::body(201, r#"{"access_token":"ot_pat_only_this"}"#),
            r#"  {"access_token":"ot_pat_only_this"}"#,
        ),
        (
            Fault::body(201, r#"{"access_token":"ot_pat_half"#),
            r#"  {"access_token":"ot_pat_half"#,
        ),
    ] {
        sandbox.fake.script(IDENTITY, [fault]);
        sandbox
            .run(&["auth", "register"])
            .fails()
            .stderr_line(shown);
    }
    sandbox.fake.script(IDENTITY, [Fault::Cut]);
    let out = sandbox.run(&["auth", "register"]).fails();
    let token = sandbox
        .fake
        .change(|s| s.tokens.last().unwrap().secret.clone());
    out.stderr_has(&token)
        .stderr_has("This is all that the server sent");
    assert_eq!(sandbox.fake.requests().len(), 3);
    assert!(!sandbox.config().exists());
}

#[test]
fn a_variable_that_overrides_what_was_saved_is_named() {
    let sandbox = Sandbox::new().env("OPENTRAIN_API_TOKEN", "ot_pat_other");
    let note = "Note: OPENTRAIN_API_TOKEN is set and overrides the saved token; unset it to use what was saved.";
    sandbox.run(&["auth", "register"]).ok().stderr_line(note);
    let token = sandbox.fake.change(|s| s.tokens[0].secret.clone());
    sandbox
        .run(&["auth", "login", "--api-key", &token])
        .ok()
        .stderr_line(note)
        .hides("overrides the saved base URL");
    let named = sandbox.fake.url.replace("127.0.0.1", "localhost");
    sandbox
        .run(&["auth", "login", "--api-key", &token, "--base-url", &named])
        .ok()
        .stderr_has("Note: OT_API_BASE_URL is set and overrides the saved base URL");
    sandbox.fake.change(|s| s.confirm_claim(0));
    sandbox
        .run(&["auth", "claim-status"])
        .ok()
        .stderr_line(note);
    sandbox
        .run(&["auth", "logout"])
        .ok()
        .stderr_has("Note: OPENTRAIN_API_TOKEN is set and still used");
}

#[test]
fn login_verifies_first_and_then_saves() {
    let sandbox = Sandbox::new();
    let token = sandbox.fake.change(|s| s.claimed_account());
    let out = sandbox.run(&["auth", "login", "--api-key", &token]).ok();
    assert_eq!(sent(&sandbox.fake.requests()), ["GET /auth/me"]);
    assert_eq!(
        sandbox.fake.last().header("authorization"),
        Some(format!("Bearer {token}").as_str())
    );
    assert_eq!(
        sandbox.read_config(),
        json!({"apiToken": token, "baseUrl": sandbox.fake.url})
    );
    out.stdout_has("Logged in as Kim O <kim@example.com>.\n")
        .hides(&token);
    let before = sandbox.read_config();
    sandbox
        .run(&["auth", "login", "--token", "ot_pat_wrong"])
        .fails()
        .stderr_has("(401 UNAUTHORIZED)");
    assert_eq!(sandbox.read_config(), before);
    let json = sandbox
        .run_with_stdin(
            &["auth", "login", "--api-key", "-", "--json"],
            format!("{token}\n"),
        )
        .ok();
    assert_eq!(json.json()["account"]["actor"]["email"], "kim@example.com");
    assert_eq!(json.json()["ok"], true);
    json.hides(&token);
    assert_eq!(sandbox.config_files(), ["cli.json"]);
}

#[test]
fn status_shows_who_and_what_and_whoami_is_the_same() {
    let sandbox = registered();
    let out = sandbox
        .run(&["auth", "status"])
        .ok()
        .stdout_has("jobs:read, jobs:write")
        .stdout_has("opentrain auth claim --email <human-email>");
    sandbox.run(&["whoami"]).ok().stdout_is(&out.stdout);
    let json = sandbox.run(&["whoami", "--json"]).ok().json();
    assert_eq!(json["account"]["memberRole"], "OWNER");
    assert_eq!(sent(&sandbox.fake.requests()), ["GET /auth/me"; 3]);
    let claimed = Sandbox::claimed();
    claimed
        .run(&["whoami"])
        .ok()
        .stdout_has("You are Kim O <kim@example.com>.\n")
        .stdout_has("read from  OT_API_TOKEN")
        .hides("auth claim");
}

#[test]
fn logout_deletes_the_file() {
    let sandbox = registered();
    let json = sandbox.run(&["auth", "logout", "--json"]).ok().json();
    assert_eq!(
        json,
        json!({
            "ok": true, "configPath": sandbox.config().display().to_string(), "deleted": true,
            "unclaimed": true,
        })
    );
    assert!(!sandbox.config().exists());
    sandbox
        .run(&["auth", "logout"])
        .ok()
        .stdout_has("There was nothing to delete");
    sandbox
        .run(&["jobs", "list"])
        .fails()
        .stderr_has("no API token")
        .stderr_has("opentrain auth register");
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn claim_shows_link_and_code_whatever_became_of_the_mail() {
    let sandbox = registered();
    let claim = sandbox.read_config()["claimToken"]
        .as_str()
        .unwrap()
        .to_owned();
    sandbox.run(&["auth", "claim", "--email", "kim@example.com"]).ok().stdout_has(
        "Show your human both of these; the e-mail may not arrive.\n\nhttps://app.opentrain.ai/claim?token=ot_cat_",
    ).stdout_has("\n\n  code        439218\n  sign in as  kim@example.com\n  expires     in 30 minutes\nThen run: opentrain auth claim-status --wait\n");
    assert_eq!(
        sandbox.fake.last().json(),
        json!({"email": "kim@example.com", "claim_token": claim})
    );
    assert_eq!(sandbox.fake.last().header("authorization"), None);
    sandbox
        .run(&["auth", "claim", "--email", "nomail@example.com"])
        .ok()
        .stdout_has("No e-mail was sent: show your human both of these.")
        .stdout_has("439218");
    let json = sandbox
        .run(&[
            "auth",
            "claim",
            "--email",
            "k@e.org",
            "--claim-token",
            &claim,
            "--json",
        ])
        .ok();
    assert_eq!(json.json()["user_code"], "439218");
    sandbox
        .run_with_stdin(
            &["auth", "claim", "--email", "k@e.org", "--claim-token", "-"],
            format!("{claim}\n"),
        )
        .ok();
    assert_eq!(sandbox.fake.last().json()["claim_token"], claim.as_str());
    sandbox
        .run(&["auth", "claim", "--email", "taken@example.com"])
        .fails()
        .stderr_has("Hint: that address already has an OpenTrain account");
}

#[test]
fn a_pending_claim_is_no_error() {
    let sandbox = registered();
    let before = sandbox.read_config();
    sandbox
        .run(&["auth", "claim-status"])
        .ok()
        .stdout_has("The claim is pending")
        .stdout_has("opentrain auth claim-status --wait");
    let request = sandbox.fake.last();
    assert_eq!(
        request.body,
        format!(
            "grant_type=urn%3Aopentrain%3Aagent-auth%3Agrant-type%3Aclaim&claim_token={}",
            before["claimToken"].as_str().unwrap()
        )
    );
    assert_eq!(
        request.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    sandbox.fake.script(POLL, [Fault::slow_down()]);
    assert_eq!(
        sandbox.run(&["auth", "claim-status", "--json"]).ok().json(),
        json!({"status": "pending"})
    );
    assert_eq!(sandbox.read_config(), before);
    assert_eq!(sandbox.config_files(), ["cli.json"]);
}

#[test]
fn a_finished_claim_replaces_the_token_and_drops_the_claim_token() {
    let sandbox = registered();
    sandbox.fake.change(|s| s.confirm_claim(0));
    let out = sandbox.run(&["auth", "claim-status", "--json"]).ok();
    let token = sandbox
        .fake
        .change(|s| s.tokens.last().unwrap().secret.clone());
    assert_eq!(
        sandbox.read_config(),
        json!({"apiToken": token, "baseUrl": sandbox.fake.url})
    );
    let json = out.json();
    assert_eq!(json["status"], "claimed");
    assert!(
        json["scopes"]
            .as_array()
            .unwrap()
            .contains(&json!("team:write"))
    );
    assert_eq!(json["configPath"], sandbox.config().display().to_string());
    out.hides(&token);
    sandbox.run(&["whoami"]).ok().hides("auth claim");
    sandbox
        .run(&["auth", "claim-status"])
        .ok()
        .stdout_has("No claim is open: the account's token is saved");
    let json = sandbox.run(&["auth", "claim-status", "--json"]).ok().json();
    assert_eq!(json["status"], "claimed");
}

#[test]
fn a_single_poll_whose_answer_was_lost_is_not_repeated() {
    let sandbox = registered();
    for fault in [Fault::Drop, Fault::status(502), Fault::status(503)] {
        sandbox.fake.forget();
        sandbox.fake.script(POLL, [fault]);
        sandbox
            .run(&["auth", "claim-status"])
            .fails()
            .stderr_has("invalid_grant");
        assert_eq!(sandbox.fake.requests().len(), 1);
    }
    sandbox.fake.script(POLL, [Fault::Drop]);
    sandbox
        .run(&["auth", "claim-status"])
        .fails()
        .stderr_has("whether the request took effect is unknown");
}

#[test]
fn final_answers_of_a_poll_end_it() {
    let sandbox = registered();
    for (slug, hint) in [
        ("expired_token", "auth register --force"),
        ("invalid_grant", "already delivered"),
        ("access_denied", ""),
    ] {
        sandbox.fake.forget();
        sandbox.fake.script(
            POLL,
            [Fault::body(400, &json!({"error": slug}).to_string())],
        );
        sandbox
            .run(&["auth", "claim-status", "--wait"])
            .fails()
            .stderr_has(&format!("(400 {slug}): {slug}"))
            .stderr_has(hint);
        assert_eq!(sandbox.fake.requests().len(), 1);
    }
}

#[test]
fn of_two_registrations_at_once_neither_loses_its_secrets() {
    let sandbox = Sandbox::new();
    let (held, let_go) = Fault::held();
    sandbox.fake.script(IDENTITY, [held.clone(), held]);
    let both = [
        sandbox.start(&["auth", "register"]),
        sandbox.start(&["auth", "register"]),
    ];
    until("two requests", || sandbox.fake.requests().len() == 2);
    let_go.store(true, Ordering::SeqCst);
    let outs = both.map(Out::of);
    let saved = sandbox.read_config()["apiToken"]
        .as_str()
        .unwrap()
        .to_owned();
    let tokens: Vec<String> = sandbox
        .fake
        .change(|s| s.tokens.iter().map(|t| t.secret.clone()).collect());
    for token in tokens {
        let printed = outs.iter().any(|o| o.stderr.contains(&token));
        assert!(token == saved || printed, "{token} is lost: {outs:#?}");
    }
}

#[test]
fn one_secret_saved_meanwhile_is_enough_to_be_kept() {
    // The other program saved a token alone, or a claim token alone.
    for key in ["apiToken", "claimToken"] {
        let sandbox = Sandbox::new();
        let (held, let_go) = Fault::held();
        sandbox.fake.script(IDENTITY, [held]);
        let child = sandbox.start(&["auth", "register"]);
        until("a request", || !sandbox.fake.requests().is_empty());
        let meanwhile = format!("{{\"{key}\":\"ot_pat_meanwhile\"}}");
        sandbox.save_config(&meanwhile);
        let_go.store(true, Ordering::SeqCst);
        let out = Out::of(child)
            .fails()
            .stderr_has("was changed by another registration in the meantime");
        let ours = sandbox.fake.change(|s| s.tokens[0].secret.clone());
        out.stderr_line(&format!("  API token: {ours}"));
        assert_eq!(fs::read_to_string(sandbox.config()).unwrap(), meanwhile);
    }
}

#[test]
fn the_claim_of_another_registration_keeps_the_saved_claim_token() {
    let sandbox = registered();
    let before = sandbox.read_config();
    let other = sandbox.fake.change(|s| {
        let index = s.new_account();
        s.accounts[index].claimed = true;
        s.accounts[index].claim_token.clone()
    });
    sandbox
        .run(&["auth", "claim-status", "--claim-token", &other])
        .ok()
        .stderr_has("is from another registration and is kept");
    assert_eq!(sandbox.read_config()["claimToken"], before["claimToken"]);
    assert_ne!(sandbox.read_config()["apiToken"], before["apiToken"]);
}

#[test]
fn a_claim_says_only_what_the_server_said_of_the_mail() {
    let sandbox = registered();
    let reply =
        json!({"user_code": "1", "verification_uri": "https://v.example/x", "expires_in": 45});
    sandbox.fake.script(
        "POST /api/agent/identity/claim",
        [Fault::body(200, &reply.to_string())],
    );
    sandbox
        .run(&["auth", "claim", "--email", "a@b.c"])
        .ok()
        .stdout_has("the e-mail may not arrive")
        .stdout_has("  in 45 s\n");
}

#[test]
fn a_token_that_is_delivered_once_is_not_fetched_for_a_file_that_cannot_take_it() {
    let sandbox = Sandbox::new();
    sandbox.save_config("{ damaged");
    sandbox
        .run(&["auth", "claim-status", "--claim-token", "ot_clm_x"])
        .fails()
        .stderr_has("is damaged");
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn login_takes_only_an_account_for_an_answer() {
    let sandbox = registered();
    let before = sandbox.read_config();
    sandbox
        .fake
        .script("GET /api/public/v1/auth/me", [Fault::body(200, "{}")]);
    sandbox
        .run(&["auth", "login", "--api-key", "ot_pat_other_token"])
        .fails()
        .stderr_has("the server did not answer with an account; nothing was saved");
    assert_eq!(sandbox.read_config(), before);
}

#[test]
fn the_next_step_of_a_claim_carries_its_token_flag() {
    let sandbox = registered();
    let claim = sandbox.read_config()["claimToken"]
        .as_str()
        .unwrap()
        .to_owned();
    for words in [
        &["auth", "claim", "--email", "a@b.c"][..],
        &["auth", "claim-status"],
    ] {
        sandbox
            .run(&[words, &["--claim-token", &claim]].concat())
            .ok()
            .stdout_has("opentrain auth claim-status --wait --claim-token <token>\n");
    }
}

#[test]
fn what_killed_saves_left_is_swept_by_logout() {
    let sandbox = registered();
    let left = sandbox.config().with_file_name(".cli.json.7.1.tmp");
    fs::write(&left, "ot_pat_left").unwrap();
    sandbox.run(&["auth", "logout"]).ok();
    assert!(!left.exists());
}

#[test]
fn logging_out_with_revoke_ends_the_token_first_and_keeps_the_file_when_that_fails() {
    let sandbox = Sandbox::new();
    sandbox.run(&["auth", "register"]).ok();
    let token = sandbox.read_config()["apiToken"]
        .as_str()
        .unwrap()
        .to_owned();
    let revoke = "POST /api/agent/oauth/revoke";
    for fault in [Fault::status(500), Fault::Drop] {
        sandbox.fake.script(revoke, [fault]);
        sandbox.run(&["auth", "logout", "--revoke"]).fails();
        assert_eq!(sandbox.read_config()["apiToken"], token.as_str());
    }
    sandbox.fake.forget();
    let json = sandbox
        .run(&["auth", "logout", "--revoke", "--json"])
        .ok()
        .hides(&token)
        .json();
    assert_eq!(json["revoked"], true);
    assert_eq!(json["deleted"], true);
    assert!(!sandbox.config().exists());
    let request = sandbox.fake.last();
    assert_eq!(request.line(), revoke);
    assert_eq!(request.body, format!("token={token}"));
    assert_eq!(request.header("authorization"), None);
    // Nothing is saved any more: nobody is asked.
    sandbox.fake.forget();
    sandbox
        .run(&["auth", "logout", "--revoke"])
        .ok()
        .stdout_has("There was nothing to delete");
    assert!(sandbox.fake.requests().is_empty());
    let sandbox = sandbox.env("OT_API_TOKEN", &token);
    sandbox
        .run(&["whoami"])
        .fails()
        .stderr_has("(401 UNAUTHORIZED)");
}

#[test]
fn a_login_to_another_server_leaves_no_claim_token_to_be_sent_there() {
    let sandbox = Sandbox::new();
    sandbox.run(&["auth", "register"]).ok();
    let other = Sandbox::new();
    let token = other.fake.change(|state| state.claimed_account());
    let (here, there) = (sandbox.fake.url.clone(), other.fake.url.clone());
    let words = ["auth", "login", "--api-key", &token, "--base-url"];
    // At the same server, however it is spelled, it stays: it is valid for its account.
    let own = sandbox.read_config()["apiToken"]
        .as_str()
        .unwrap()
        .to_owned();
    let spelled = format!("{here}/");
    sandbox
        .run(&["auth", "login", "--api-key", &own, "--base-url", &spelled])
        .ok()
        .stderr_is("");
    assert!(sandbox.read_config()["claimToken"].is_string());
    let sandbox = sandbox.env("OT_API_BASE_URL", "");
    sandbox
        .run(&[&words[..], &[&there]].concat())
        .ok()
        .stderr_is(&format!(
            "Note: the claim token saved for {here} is removed: it must not go to {there}.\n"
        ));
    assert_eq!(
        sandbox.read_config(),
        json!({"apiToken": token, "baseUrl": there})
    );
    other.fake.forget();
    sandbox
        .run(&["auth", "claim", "--email", "kim@example.com"])
        .fails()
        .stderr_has("no claim token");
    assert!(other.fake.requests().is_empty());
}

#[test]
fn a_new_token_or_account_elsewhere_leaves_none_either() {
    let sandbox = Sandbox::new();
    sandbox.run(&["auth", "register"]).ok();
    let other = Sandbox::new();
    let token = other.fake.change(|state| state.claimed_account());
    let there = other.fake.url.clone();
    let words = [
        "tokens",
        "create",
        "--name",
        "n",
        "--scopes",
        "jobs:read",
        "--save",
        "--force",
    ];
    let sandbox = sandbox
        .env("OT_API_TOKEN", &token)
        .env("OT_API_BASE_URL", &there);
    sandbox
        .run(&words)
        .ok()
        .stderr_has("is removed: it must not go to");
    assert!(sandbox.read_config().get("claimToken").is_none());
    // A registration brings its own.
    sandbox.run(&["auth", "register", "--force"]).ok();
    let saved = sandbox.read_config();
    let claim = other
        .fake
        .change(|state| state.accounts.last().unwrap().claim_token.clone());
    assert_eq!(saved["claimToken"], claim);
}

#[test]
fn an_empty_token_in_the_file_is_none_everywhere() {
    let sandbox = Sandbox::new();
    sandbox.save_config(r#"{"apiToken":"","claimToken":"","other":1}"#);
    sandbox
        .run(&["jobs", "list"])
        .fails()
        .stderr_has("no API token");
    sandbox
        .run(&["auth", "claim-status"])
        .fails()
        .stderr_has("no claim token");
    sandbox.run(&["auth", "register"]).ok();
    let saved = sandbox.read_config();
    assert!(
        saved["apiToken"]
            .as_str()
            .is_some_and(|t| t.starts_with("ot_pat_")),
        "{saved}"
    );
    assert_eq!(saved["other"], 1);
    let sandbox = Sandbox::claimed();
    sandbox.save_config(r#"{"apiToken":"","claimToken":null}"#);
    sandbox.run(&["tokens", "create", "--save"]).ok();
}

#[test]
fn a_token_is_taken_without_the_blanks_and_line_ends_around_it() {
    let sandbox = Sandbox::new();
    let token = sandbox.fake.change(|s| s.claimed_account());
    for around in ["\n", "\r\n", " ", "\t", "  \r\n\r\n"] {
        let given = format!("{around}{token}{around}");
        let mut command = sandbox.command(&["jobs", "list"]);
        command.env("OT_API_TOKEN", &given);
        crate::harness::finish(command, "").ok();
        sandbox.run(&["auth", "login", "--api-key", &given]).ok();
        assert_eq!(sandbox.read_config()["apiToken"], token);
        sandbox
            .run_with_stdin(&["auth", "login", "--api-key", "-"], &given)
            .ok();
        sandbox.save_config(&json!({"apiToken": given}).to_string());
        sandbox.run(&["jobs", "list"]).ok();
    }
    // One inside is a copying mistake; nothing is sent.
    sandbox.fake.forget();
    for inner in ["ot_pat_ab\ncd", "ot_pat_ab cd", "ot_pat_ab\u{a0}cd"] {
        let mut command = sandbox.command(&["jobs", "list"]);
        command.env("OT_API_TOKEN", inner);
        crate::harness::finish(command, "")
            .fails()
            .stderr_has("from OT_API_TOKEN is empty or contains spaces")
            .hides("ot_pat_ab");
    }
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn an_empty_line_at_a_terminal_is_no_token() {
    let sandbox = Sandbox::new();
    let mut command = crate::harness::tool("script");
    let words = format!("{} auth login --api-key -", crate::harness::BINARY);
    command.args(["-qec", &words, "/dev/null"]);
    sandbox.clean(&mut command);
    let out = crate::harness::finish(command, "\n");
    assert_eq!(out.status, Some(1), "{out:#?}");
    out.stdout_has("Usage error: --api-key: nothing was typed");
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn a_token_typed_at_a_terminal_is_asked_for_and_not_shown() {
    use std::io::Write;
    let sandbox = Sandbox::new();
    let token = sandbox.fake.change(|s| s.claimed_account());
    let mut command = crate::harness::tool("script");
    let words = format!("{} auth login --api-key -", crate::harness::BINARY);
    command.args(["-qec", &words, "/dev/null"]);
    sandbox.clean(&mut command);
    command.env("TERM", "xterm");
    command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped());
    let mut child = command.spawn().expect("script(1) is installed");
    let mut screen = child.stdout.take().expect("a screen");
    let mut shown = Vec::new();
    // What it is waiting for is shown before anything is typed.
    while !String::from_utf8_lossy(&shown).contains("Paste the token and press Enter") {
        let mut bytes = [0; 256];
        let count = std::io::Read::read(&mut screen, &mut bytes).expect("a word");
        assert!(count > 0, "{shown:?}");
        shown.extend_from_slice(&bytes[..count]);
    }
    // One line is enough; the terminal stays open.
    let mut keyboard = child.stdin.take().expect("a keyboard");
    keyboard
        .write_all(format!("{token}\n").as_bytes())
        .expect("keys");
    std::io::Read::read_to_end(&mut screen, &mut shown).expect("an end");
    assert!(child.wait().expect("an end").success());
    drop(keyboard);
    let shown = String::from_utf8_lossy(&shown).into_owned();
    assert!(
        shown.contains("; it is not shown.") && shown.contains("Logged in as"),
        "{shown}"
    );
    assert!(!shown.contains(&token), "{shown}");
    assert_eq!(sandbox.read_config()["apiToken"], token);
}

#[test]
fn a_wait_needs_its_flag() {
    let sandbox = registered();
    sandbox.fake.forget();
    sandbox
        .run(&["auth", "claim-status", "--timeout", "5"])
        .fails()
        .stderr_has("Usage error: --timeout goes with --wait");
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn logging_out_of_an_unclaimed_account_says_what_it_costs() {
    let sandbox = registered();
    sandbox
        .run(&["auth", "logout"])
        .ok()
        .stderr_has("Note: no human has claimed this account, and without its tokens nobody can reach it again")
        .stderr_has("opentrain auth claim --email <human-email>");
    let sandbox = Sandbox::new();
    sandbox.save_config(r#"{"apiToken":"ot_pat_x"}"#);
    let out = sandbox
        .run(&["auth", "logout", "--json"])
        .ok()
        .stderr_is("");
    assert!(out.json().get("unclaimed").is_none(), "{out:#?}");
}

#[test]
fn a_refused_token_is_traced_to_where_it_came_from() {
    let sandbox = Sandbox::new();
    sandbox.save_config(r#"{"apiToken":"ot_pat_saved"}"#);
    let path = sandbox.config().display().to_string();
    sandbox.run(&["jobs", "list"]).fails().stderr_has(&format!(
        "Hint: the token from {path} is invalid, expired or revoked; `opentrain auth login --api-key -` saves another"
    ));
    // With a variable set, saving another one would not help.
    let sandbox = sandbox.env("OPENTRAIN_API_TOKEN", "ot_pat_set");
    sandbox
        .run(&["jobs", "list"])
        .fails()
        .stderr_has("Hint: the token from OPENTRAIN_API_TOKEN is invalid, expired or revoked; set that variable to another one, or unset it")
        .hides("auth login");
    sandbox
        .run(&["auth", "login", "--api-key", "ot_pat_given"])
        .fails()
        .stderr_has(
            "Hint: the token from --api-key is invalid, expired or revoked; give another one",
        );
}
