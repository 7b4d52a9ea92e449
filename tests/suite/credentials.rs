//! The credentials file: shared, atomic, private, and read only when it is needed.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::Ordering;

use serde_json::json;

use crate::fake::Fault;
use crate::harness::{Sandbox, mode};

#[test]
fn unknown_keys_survive_every_save_digit_for_digit() {
    let sandbox = Sandbox::new();
    let token = sandbox.fake.change(|s| s.claimed_account());
    let url = sandbox.fake.url.clone();
    sandbox.save_config(&format!(
        r#"{{"other":{{"b":1.10,"a":[12345678901234567890]}},"apiToken":"old","x":null,"claimToken":"ot_clm_c","baseUrl":"{url}"}}"#
    ));
    sandbox
        .run(&["auth", "login", "--api-key", &token])
        .ok()
        .stderr_has("the claim token of an earlier registration is kept");
    let text = fs::read_to_string(sandbox.config()).unwrap();
    assert_eq!(
        text,
        format!(
            "{{\n  \"other\": {{\n    \"b\": 1.10,\n    \"a\": [\n      12345678901234567890\n    ]\n  }},\n  \"apiToken\": \"{token}\",\n  \"x\": null,\n  \"claimToken\": \"ot_clm_c\",\n  \"baseUrl\": \"{}\"\n}}\n",
            sandbox.fake.url
        )
    );
    sandbox.run(&["auth", "register", "--force"]).ok();
    assert_eq!(sandbox.read_config()["other"]["b"], json!(1.1));
    let account = sandbox.fake.change(|s| {
        s.confirm_claim(1);
        s.accounts[1].claim_token.clone()
    });
    assert_eq!(sandbox.read_config()["claimToken"], account);
    sandbox.run(&["auth", "claim-status"]).ok();
    let saved = sandbox.read_config();
    assert!(
        saved["claimToken"].is_null() && saved["other"]["a"].is_array(),
        "{saved}"
    );
}

#[test]
fn a_file_that_was_open_to_others_is_private_after_a_save() {
    let sandbox = Sandbox::new();
    let token = sandbox.fake.change(|s| s.claimed_account());
    sandbox.save_config("{}");
    fs::set_permissions(
        sandbox.config(),
        std::os::unix::fs::PermissionsExt::from_mode(0o644),
    )
    .unwrap();
    sandbox.run(&["auth", "login", "--api-key", &token]).ok();
    assert_eq!(mode(&sandbox.config()), 0o600);
}

#[test]
fn a_symlinked_file_stays_a_link() {
    let sandbox = Sandbox::new();
    let token = sandbox.fake.change(|s| s.claimed_account());
    sandbox.save_config("{}");
    let real = sandbox.home.join("real/creds.json");
    fs::create_dir(sandbox.home.join("real")).unwrap();
    for link in [real.clone(), "../../real/creds.json".into()] {
        fs::remove_file(sandbox.config()).unwrap();
        let _ = fs::remove_file(&real);
        symlink(&link, sandbox.config()).unwrap();
        sandbox.run(&["auth", "login", "--api-key", &token]).ok();
        sandbox.run(&["auth", "login", "--api-key", &token]).ok();
        assert!(fs::symlink_metadata(sandbox.config()).unwrap().is_symlink());
        assert!(fs::read_to_string(&real).unwrap().contains(&token));
        assert_eq!(mode(&real), 0o600);
    }
    sandbox.run(&["auth", "logout"]).ok();
    assert!(!real.exists());
}

#[test]
fn the_environment_wins_over_the_file_and_ot_over_opentrain() {
    let sandbox = Sandbox::new();
    let tokens: Vec<String> = (0..3)
        .map(|_| sandbox.fake.change(|s| s.claimed_account()))
        .collect();
    let used = |sandbox: &Sandbox| {
        sandbox.run(&["jobs", "list"]).ok();
        sandbox
            .fake
            .last()
            .header("authorization")
            .unwrap()
            .to_owned()
    };
    sandbox.save_config(&json!({"apiToken": tokens[0]}).to_string());
    assert_eq!(used(&sandbox), format!("Bearer {}", tokens[0]));
    let sandbox = sandbox.env("OPENTRAIN_API_TOKEN", &tokens[1]);
    assert_eq!(used(&sandbox), format!("Bearer {}", tokens[1]));
    let sandbox = sandbox.env("OT_API_TOKEN", &tokens[2]);
    assert_eq!(used(&sandbox), format!("Bearer {}", tokens[2]));
    // Empty counts as unset.
    let words = "OT_API_TOKEN= $B jobs list";
    sandbox.shell(words).ok();
    assert_eq!(
        sandbox.fake.last().header("authorization"),
        Some(format!("Bearer {}", tokens[1]).as_str())
    );
}

#[test]
fn the_base_url_comes_from_flag_environment_file_in_that_order() {
    let sandbox = Sandbox::claimed();
    let url = sandbox.fake.url.clone();
    let dead = "http://127.0.0.1:1";
    let sandbox = sandbox.env("OT_API_BASE_URL", dead);
    sandbox.run(&["jobs", "list", "--base-url", &url]).ok();
    sandbox.run(&["jobs", "list"]).fails().stderr_has(dead);
    let sandbox = sandbox
        .env("OT_API_BASE_URL", "")
        .env("OPENTRAIN_API_BASE_URL", &url);
    sandbox.run(&["jobs", "list"]).ok();
    let sandbox = sandbox.env("OPENTRAIN_API_BASE_URL", "");
    sandbox.save_config(&json!({"baseUrl": url}).to_string());
    sandbox.run(&["jobs", "list"]).ok();
    let sandbox = sandbox.env("OPENTRAIN_API_BASE_URL", dead);
    sandbox.run(&["jobs", "list"]).fails().stderr_has(dead);
}

#[test]
fn with_a_token_in_the_environment_the_file_does_not_matter() {
    let sandbox = Sandbox::claimed();
    sandbox.save_config("{ damaged");
    sandbox.run(&["jobs", "list"]).ok().stderr_is("");
    let sandbox = sandbox
        .env("HOME", "")
        .env("XDG_CONFIG_HOME", "/dev/null/x");
    sandbox.run(&["jobs", "list"]).ok().stderr_is("");
    let sandbox = sandbox.env("XDG_CONFIG_HOME", "/proc/version");
    sandbox.run(&["jobs", "list"]).ok().stderr_is("");
}

#[test]
fn without_a_home_nothing_is_said_of_it() {
    // The default server is asked for nothing: its name cannot be looked up here.
    let sandbox = Sandbox::claimed()
        .env("HOME", "")
        .env("XDG_CONFIG_HOME", "")
        .env("OT_API_BASE_URL", "");
    let url = sandbox.fake.url.clone();
    sandbox
        .run(&["jobs", "list", "--base-url", &url])
        .ok()
        .stderr_is("");
    let sandbox = Sandbox::claimed();
    sandbox.save_config("{ damaged");
    let sandbox = sandbox
        .env("OT_API_BASE_URL", "")
        .env("https_proxy", "http://127.0.0.1:1");
    sandbox.run(&["jobs", "list"]).fails()
        .stderr_has("cli.json is damaged: it is not a JSON object; the base URL is https://app.opentrain.ai")
        .stderr_has("https://app.opentrain.ai through the proxy");
}

#[test]
fn a_pipe_or_a_huge_file_is_not_a_credentials_file() {
    let sandbox = Sandbox::new();
    sandbox.save_config("");
    fs::remove_file(sandbox.config()).unwrap();
    let path = sandbox.config().display().to_string();
    assert!(
        crate::harness::tool("mkfifo")
            .arg(&path)
            .status()
            .unwrap()
            .success()
    );
    sandbox
        .run(&["jobs", "list"])
        .fails()
        .stderr_has("it is not a credentials file");
    fs::remove_file(&path).unwrap();
    // What cannot even be looked at is not the same as nothing.
    std::os::unix::fs::symlink("cli.json", &path).unwrap();
    sandbox
        .run(&["jobs", "list"])
        .fails()
        .stderr_has("could not read ");
    fs::remove_file(&path).unwrap();
    // A mebibyte is taken, and not a byte more.
    let token = sandbox.fake.change(|s| s.claimed_account());
    let mut text = format!("{{\"apiToken\":\"{token}\"}}");
    text.push_str(&" ".repeat((1 << 20) - text.len()));
    fs::write(&path, &text).unwrap();
    sandbox.run(&["jobs", "list"]).ok();
    fs::write(&path, text + " ").unwrap();
    sandbox
        .run(&["jobs", "list"])
        .fails()
        .stderr_has("it is not a credentials file");
    fs::File::create(&path).unwrap().set_len(3 << 30).unwrap();
    sandbox
        .run(&["jobs", "list"])
        .fails()
        .stderr_has("it is not a credentials file");
}

#[test]
fn a_key_that_stands_twice_is_replaced_by_one() {
    let sandbox = Sandbox::new();
    let token = sandbox.fake.change(|s| s.claimed_account());
    sandbox.save_config(r#"{"apiToken":"ot_pat_first","x":1,"apiToken":"ot_pat_second"}"#);
    sandbox.run(&["auth", "login", "--api-key", &token]).ok();
    sandbox.run(&["whoami"]).ok();
    assert_eq!(
        fs::read_to_string(sandbox.config())
            .unwrap()
            .matches("apiToken")
            .count(),
        1
    );
}

#[test]
fn whoever_holds_the_lock_does_not_cost_a_secret() {
    let sandbox = Sandbox::new();
    sandbox.save_config("{}");
    let folder = fs::File::open(sandbox.config().parent().unwrap()).unwrap();
    folder.lock().unwrap();
    sandbox
        .run(&["auth", "register"])
        .fails()
        .stderr_has("another program keeps its folder locked; nothing was sent");
    assert!(sandbox.fake.requests().is_empty());
    folder.unlock().unwrap();
    // Locked only after the account was requested: its secrets are printed.
    let (held, let_go) = Fault::held();
    sandbox.fake.script("POST /api/agent/identity", [held]);
    let child = sandbox.start(&["auth", "register"]);
    crate::harness::until("a request", || !sandbox.fake.requests().is_empty());
    folder.lock().unwrap();
    let_go.store(true, Ordering::SeqCst);
    let out = crate::harness::Out::of(child).fails();
    let token = sandbox.fake.change(|s| s.tokens[0].secret.clone());
    out.stderr_has("could not save ")
        .stderr_line(&format!("  API token: {token}"));
    assert_eq!(fs::read_to_string(sandbox.config()).unwrap(), "{}");
    assert_eq!(sandbox.config_files(), ["cli.json"]);
}

#[test]
fn our_own_saves_take_turns() {
    // The lock is held while a login wants to save: it waits, and then keeps what was written
    // meanwhile.
    let sandbox = Sandbox::new();
    let token = sandbox.fake.change(|s| s.claimed_account());
    sandbox.save_config("{}");
    let folder = fs::File::open(sandbox.config().parent().unwrap()).unwrap();
    let (held, let_go) = Fault::held();
    sandbox.fake.script("GET /api/public/v1/auth/me", [held]);
    let child = sandbox.start(&["auth", "login", "--api-key", &token]);
    crate::harness::until("a request", || !sandbox.fake.requests().is_empty());
    folder.lock().unwrap();
    let_go.store(true, Ordering::SeqCst);
    fs::write(sandbox.config(), r#"{"meanwhile":1}"#).unwrap();
    folder.unlock().unwrap();
    crate::harness::Out::of(child).ok();
    let saved = sandbox.read_config();
    assert_eq!(
        (&saved["meanwhile"], &saved["apiToken"]),
        (&json!(1), &json!(token))
    );
}

#[test]
fn a_damaged_file_is_named_with_what_to_do() {
    for damage in ["{", "[]", "\"text\"", "{} x", "not json"] {
        let sandbox = Sandbox::new();
        sandbox.save_config(damage);
        let path = sandbox.config().display().to_string();
        for words in [
            &["jobs", "list"][..],
            &["whoami"],
            &["auth", "register"],
            &["auth", "login", "--api-key", "ot_pat_x"],
            &["auth", "claim", "--email", "a@b.c"],
            &["auth", "claim-status"],
        ] {
            sandbox
                .run(words)
                .fails()
                .stderr_has(&format!(
                    "Error: {path} is damaged: it is not a JSON object"
                ))
                .stderr_has("opentrain auth logout");
        }
        assert_eq!(fs::read_to_string(sandbox.config()).unwrap(), damage);
        assert!(sandbox.fake.requests().is_empty());
        sandbox.run(&["auth", "register", "--force"]).ok();
        assert!(sandbox.read_config()["apiToken"].is_string());
        sandbox.save_config(damage);
        sandbox.run(&["auth", "logout"]).ok();
        assert!(!sandbox.config().exists());
    }
}

#[test]
fn a_config_folder_of_ones_own_is_honoured() {
    let sandbox = Sandbox::new();
    let folder = sandbox.home.join("elsewhere/deep");
    let sandbox = sandbox.env("XDG_CONFIG_HOME", &folder.display().to_string());
    sandbox.run(&["auth", "register"]).ok().stderr_is("");
    assert!(folder.join("opentrain/cli.json").exists());
    assert!(!sandbox.config().exists());
    // A relative folder counts as unset.
    let sandbox = sandbox.env("XDG_CONFIG_HOME", "relative");
    sandbox
        .run(&["auth", "register"])
        .ok()
        .stderr_is("Note: XDG_CONFIG_HOME is not an absolute path, and is ignored.\n");
    assert!(sandbox.config().exists());
}
