//! `doctor`: each check has its verdict, and says so if it could not be made.

use serde_json::Value;

use crate::fake::Fault;
use crate::harness::{Out, Sandbox, closed_address};

const ME: &str = "GET /api/public/v1/auth/me";

/// The verdict of a check, and what it says.
fn check(out: &Out, name: &str) -> (String, String) {
    let checks = out.json()["checks"].as_array().expect("checks").clone();
    let found = checks.iter().find(|check| check["check"] == name);
    let text = |key: &str| {
        let text = found.map(|check| check[key].clone()).unwrap_or_default();
        text.as_str().unwrap_or("absent").to_owned()
    };
    (text("verdict"), text("says"))
}

#[test]
fn a_machine_that_is_fine_has_no_wrong_line_and_shows_no_token() {
    let sandbox = Sandbox::claimed();
    let out = sandbox.run(&["doctor", "--json"]).ok().stderr_is("");
    assert_eq!(out.json()["ok"], true);
    for name in [
        "version",
        "token",
        "server",
        "proxy",
        "look-up",
        "connection",
        "API",
        "account",
        "scopes",
        "claimed",
        "features",
    ] {
        assert_eq!(check(&out, name).0, "ok", "{name}: {out:#?}");
    }
    out.hides("ot_pat_");
    // Only reads, and the public one without the token.
    let requests = sandbox.fake.requests();
    assert!(requests.iter().all(|request| request.method == "GET"));
    assert_eq!(requests[0].header("authorization"), None);
}

#[test]
fn what_hides_what_is_told_and_a_refused_token_is_wrong() {
    let sandbox = Sandbox::claimed();
    let url = sandbox.fake.url.clone();
    sandbox.save_config(&format!(
        "{{\"apiToken\":\"ot_pat_saved_0123456789\",\"baseUrl\":\"{url}\"}}"
    ));
    let sandbox = sandbox.env("OPENTRAIN_API_TOKEN", "ot_pat_second_0123456789");
    let out = sandbox.run(&["doctor", "--json"]).ok();
    let (verdict, says) = check(&out, "token");
    assert_eq!(verdict, "note");
    assert!(
        says.contains("from OT_API_TOKEN, which hides OPENTRAIN_API_TOKEN and ")
            && says.contains("cli.json"),
        "{says}"
    );
    let (_, file) = check(&out, "credentials file");
    assert!(
        file.contains(", mode 0") && file.contains(", owner uid "),
        "{file}"
    );
    out.hides("0123456789");
    // A flag hides the variables of the server in the same way.
    let sandbox = sandbox
        .env("OT_API_BASE_URL", "https://one.example")
        .env("OPENTRAIN_API_BASE_URL", "https://two.example");
    let doctor = ["doctor", "--json", "--base-url", &url];
    let (verdict, says) = check(&sandbox.run(&doctor), "server");
    assert_eq!(verdict, "note");
    assert_eq!(
        says,
        format!("{url} (--base-url), which hides OT_API_BASE_URL and OPENTRAIN_API_BASE_URL")
    );
    let sandbox = sandbox
        .env("OT_API_BASE_URL", &url)
        .env("OPENTRAIN_API_BASE_URL", "");
    assert_eq!(check(&sandbox.run(&doctor[..2]), "server").0, "ok");
    sandbox.fake.script(ME, [Fault::status(401)]);
    let out = sandbox.run(&["doctor", "--json"]);
    assert_eq!(
        (out.status, check(&out, "account").0),
        (Some(1), "WRONG".into())
    );
    assert_eq!(out.json()["ok"], false);
    out.stderr_has("Error: wrong here: account");
}

#[test]
fn offline_it_says_what_could_not_be_checked() {
    let address = closed_address();
    for (url, wrong) in [
        (format!("http://{address}"), "connection"),
        (format!("https://{address}"), "connection"),
        ("https://nowhere.invalid".to_owned(), "look-up"),
        ("ftp://x".to_owned(), "server"),
    ] {
        let sandbox = Sandbox::new()
            .env("OT_API_BASE_URL", &url)
            .env("OT_API_TOKEN", "ot_pat_x_0123456789");
        let out = sandbox.run(&["doctor", "--json"]);
        assert_eq!(out.status, Some(1), "{url}");
        assert_eq!(check(&out, wrong).0, "WRONG", "{url}: {out:#?}");
        assert_eq!(check(&out, "API").0, "not checked", "{url}");
        assert!(sandbox.fake.requests().is_empty());
    }
    // Without a token the API is still asked for what is public.
    let sandbox = Sandbox::new();
    let out = sandbox.run(&["doctor", "--json"]);
    assert_eq!(out.status, Some(1));
    assert_eq!(
        (
            check(&out, "token").0.as_str(),
            check(&out, "API").0.as_str()
        ),
        ("WRONG", "ok")
    );
    // A proxy that is not there is found in the step that it is for.
    let dead = Sandbox::claimed()
        .env("http_proxy", &format!("http://{}", closed_address()))
        .env("no_proxy", "");
    let out = dead.run(&["doctor", "--json"]);
    let (verdict, says) = check(&out, "connection");
    assert_eq!(verdict, "WRONG", "{out:#?}");
    assert!(says.contains("through the proxy") && says.contains("connection refused"));
    assert_eq!(check(&out, "API").0, "not checked");
    let proxied = Sandbox::claimed()
        .env("http_proxy", "nonsense://")
        .env("no_proxy", "");
    let out = proxied.run(&["doctor", "--json"]);
    assert_eq!(check(&out, "proxy").0, "WRONG", "{out:#?}");
    let _: Value = out.json();
}
