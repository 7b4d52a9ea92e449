//! `tokens create`: a secret that is shown once, or saved.

use serde_json::json;

use crate::fake::Fault;
use crate::harness::Sandbox;

const CREATE: &str = "POST /api/public/v1/tokens";

#[test]
fn a_token_that_is_shown_works_and_is_saved_nowhere() {
    let sandbox = Sandbox::claimed();
    let json = sandbox
        .run(&["tokens", "create", "--scopes", "jobs:read", "--json"])
        .ok()
        .json();
    let token = json["token"].as_str().unwrap();
    assert!(!sandbox.config().exists());
    let sandbox = sandbox.env("OT_API_TOKEN", token);
    sandbox.run(&["jobs", "list"]).ok();
    sandbox.run(&["messages", "list"]).fails();
}

#[test]
fn saving_needs_force_over_saved_credentials_and_asks_for_it_before_anything_is_sent() {
    let sandbox = Sandbox::claimed();
    sandbox
        .run(&["tokens", "create", "--save"])
        .ok()
        .stderr_has("Note: OT_API_TOKEN is set and overrides the saved token");
    let saved = sandbox.read_config();
    assert_eq!(saved["baseUrl"], sandbox.fake.url.as_str());
    sandbox.fake.forget();
    let url = sandbox.fake.url.clone();
    sandbox
        .run(&[
            "tokens",
            "create",
            "--name",
            "b c",
            "--save",
            "--base-url",
            &url,
        ])
        .fails()
        .stderr_has("already holds credentials; nothing was sent")
        .stderr_has(&format!(
            "`opentrain tokens create --name 'b c' --save --force --base-url {url}` replaces them"
        ));
    assert!(sandbox.fake.requests().is_empty());
    assert_eq!(sandbox.read_config(), saved);
    sandbox.run(&["tokens", "create", "--save", "--force"]).ok();
    assert_ne!(sandbox.read_config()["apiToken"], saved["apiToken"]);
    sandbox
        .run(&["tokens", "create", "--force"])
        .fails()
        .stderr_is("Usage error: --force goes with --save\n");
}

#[test]
fn a_place_for_the_token_is_there_before_it_is_asked_for() {
    let sandbox = Sandbox::claimed().env("XDG_CONFIG_HOME", "/proc/nowhere");
    sandbox
        .run(&["tokens", "create", "--save"])
        .fails()
        .stderr_has("nothing was sent");
    assert!(sandbox.fake.requests().is_empty());
}

#[test]
fn a_token_that_cannot_be_read_or_printed_is_not_lost() {
    let sandbox = Sandbox::claimed();
    let odd = json!({"tocken": "ot_pat_lost_lostlostlost"}).to_string();
    sandbox.fake.script(CREATE, [Fault::body(201, &odd)]);
    sandbox
        .run(&["tokens", "create", "--save"])
        .fails()
        .stderr_has("ot_pat_lost_lostlostlost");
    sandbox.fake.script(CREATE, [Fault::body(201, &odd[..30])]);
    sandbox
        .run(&["tokens", "create"])
        .fails()
        .stderr_has("ot_pat_lost");
    for more in ["", " --json"] {
        sandbox
            .shell(&format!("$B tokens create{more} > /dev/full"))
            .fails()
            .stderr_has("No space left on device")
            .stderr_has("  {\"metadata\":")
            .stderr_has("\"token\":\"ot_pat_");
    }
}

#[test]
fn the_servers_refusals_of_a_token_are_told() {
    let sandbox = Sandbox::with_scopes(&["jobs:read"], true);
    let fails = |words: &[&str]| {
        sandbox
            .run(&[&["tokens", "create"], words].concat())
            .fails()
    };
    fails(&["--scopes", "jobs:fly"]).stderr_has("(400 BAD_REQUEST): Unknown scopes");
    fails(&["--scopes", "jobs:write"]).stderr_has("(403 FORBIDDEN): jobs:write exceeds");
    fails(&["--expires-at", "2020-01-01"]).stderr_has("(400 BAD_REQUEST)");
    sandbox.fake.change(|s| {
        for _ in 0..24 {
            s.new_token(0, "more", &["jobs:read"]);
        }
    });
    fails(&[]).stderr_has("(409 CONFLICT): At most 25 active tokens");
}
