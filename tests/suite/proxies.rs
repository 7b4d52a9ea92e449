//! Proxies: a real tinyproxy with and without a password, one that refuses, SOCKS5.

use std::fs;
use std::net::TcpStream;
use std::process::{Child, Stdio};

use crate::harness::{Sandbox, closed_address, tool, until};
use crate::raw::{Raw, answer, socks5};

const JOBS: &str = r#"{"jobs":[],"nextCursor":null}"#;

/// A tinyproxy, stopped at the end.
struct Proxy {
    child: Child,
    /// Where it listens.
    address: String,
    log: std::path::PathBuf,
}

impl Proxy {
    fn start(sandbox: &Sandbox, more: &str) -> Self {
        let address = closed_address();
        let (host, port) = address.split_once(':').unwrap();
        let log = sandbox.home.join("proxy.log");
        fs::write(&log, "").unwrap();
        let config = format!(
            "Port {port}\nListen {host}\nTimeout 60\nMaxClients 20\nLogLevel Connect\nLogFile \"{}\"\n{more}\n",
            log.display()
        );
        let config = sandbox.file("tinyproxy.conf", config);
        let child = tool("tinyproxy")
            .args(["-d", "-c", &config])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("tinyproxy is installed");
        let proxy = Proxy {
            child,
            address,
            log,
        };
        until("a proxy that listens", || {
            TcpStream::connect(&proxy.address).is_ok()
        });
        // The listener is ours if our proxy reports the connection.
        until("a proxy of ours", || proxy.seen().contains("Connect (file"));
        proxy
    }

    fn seen(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn server() -> Raw {
    Raw::start(vec![vec![answer(200, "", JOBS)]])
}

#[test]
fn a_call_goes_through_the_proxy_that_is_named() {
    let raw = server();
    for (variable, scheme) in [
        ("http_proxy", "http://"),
        ("all_proxy", ""),
        ("ALL_PROXY", "http://"),
    ] {
        let sandbox = Sandbox::claimed();
        let proxy = Proxy::start(&sandbox, "");
        let sandbox = sandbox.env(variable, &format!("{scheme}{}", proxy.address));
        sandbox.run(&["jobs", "list", "--base-url", &raw.url]).ok();
        let target = format!("127.0.0.1:{}", raw.port);
        until("a line in the proxy's log", || {
            proxy.seen().contains(&format!("CONNECT {target}"))
        });
        let trace = sandbox
            .run(&["jobs", "list", "--base-url", &raw.url, "--verbose"])
            .ok();
        trace.stderr_has(&format!("through http://{} ({variable})", proxy.address));
    }
}

#[test]
fn upper_case_http_proxy_and_the_other_scheme_do_not_count() {
    let raw = server();
    let dead = format!("http://{}", closed_address());
    let sandbox = Sandbox::claimed()
        .env("HTTP_PROXY", &dead)
        .env("https_proxy", &dead)
        .env("HTTPS_PROXY", &dead);
    sandbox.run(&["jobs", "list", "--base-url", &raw.url]).ok();
    // The scheme's own variable wins over the one for all.
    let sandbox = Sandbox::claimed();
    let proxy = Proxy::start(&sandbox, "");
    let sandbox = sandbox
        .env("all_proxy", &dead)
        .env("http_proxy", &proxy.address);
    sandbox.run(&["jobs", "list", "--base-url", &raw.url]).ok();
    let sandbox = Sandbox::claimed()
        .env("HTTPS_PROXY", &dead)
        .env("all_proxy", "127.0.0.1:1");
    sandbox.run(&["jobs", "list", "--base-url", "https://127.0.0.1:2"]).fails()
        .stderr_has(&format!("https://127.0.0.1:2 through the proxy {dead} (HTTPS_PROXY) could not be reached: connection refused; nothing was sent"));
}

#[test]
fn a_password_goes_to_the_proxy_and_nowhere_else() {
    let raw = server();
    let sandbox = Sandbox::claimed();
    let proxy = Proxy::start(&sandbox, "BasicAuth kim sentinelpw");
    let with = sandbox.env(
        "http_proxy",
        &format!("http://kim:sentinel%70w@{}", proxy.address),
    );
    with.run(&["jobs", "list", "--base-url", &raw.url, "--verbose"])
        .ok()
        .hides("sentinel");
    assert!(
        !raw.requests()[0].contains("Proxy-"),
        "{:?}",
        raw.requests()
    );
    let without = with.env("http_proxy", &format!("http://{}", proxy.address));
    without.run(&["jobs", "list", "--base-url", &raw.url]).fails()
        .stderr_has("the proxy asks for a user and password, or refuses those in its variable; nothing was sent");
    let wrong = without.env(
        "http_proxy",
        &format!("http://kim:sentinel@{}", proxy.address),
    );
    wrong
        .run(&["jobs", "list", "--base-url", &raw.url])
        .fails()
        .stderr_has("refuses those in its variable")
        .hides("sentinel");
    assert_eq!(raw.requests().len(), 1);
}

#[test]
fn a_proxy_that_refuses_is_an_error_and_never_passed_by() {
    let raw = server();
    let sandbox = Sandbox::claimed();
    let proxy = Proxy::start(&sandbox, "ConnectPort 443");
    let sandbox = sandbox.env("http_proxy", &proxy.address);
    for words in [["jobs", "list"], ["jobs", "search"]] {
        let words = [&words[..], &["--base-url", &raw.url]].concat();
        sandbox
            .run(&words)
            .fails()
            .stderr_has("the proxy answered 403")
            .stderr_has("nothing was sent");
    }
    assert!(raw.requests().is_empty());
}

#[test]
fn a_value_that_is_no_proxy_names_its_variable_only() {
    let raw = server();
    for value in [
        "ftp://sentinel:21",
        "http://user:sentinel@",
        "sentinel sentinel",
        "http://",
        "socks9://sentinel",
    ] {
        let sandbox = Sandbox::claimed().env("http_proxy", value);
        sandbox
            .run(&["jobs", "list", "--base-url", &raw.url])
            .fails()
            .stderr_has("the variable http_proxy is not a proxy URL such as ")
            .hides("sentinel");
    }
    assert!(raw.requests().is_empty());
}

#[test]
fn exempt_hosts_are_reached_directly() {
    let raw = server();
    let dead = format!("http://{}", closed_address());
    for list in [
        "127.0.0.1",
        "localhost, 127.0.0.1 ",
        "*",
        "127.0.0.0/8",
        &format!("127.0.0.1:{}", raw.port),
    ] {
        for variable in ["no_proxy", "NO_PROXY"] {
            let sandbox = Sandbox::claimed()
                .env("all_proxy", &dead)
                .env(variable, list);
            sandbox.run(&["jobs", "list", "--base-url", &raw.url]).ok();
        }
    }
    let sandbox = Sandbox::claimed()
        .env("all_proxy", &dead)
        .env("no_proxy", "127.0.0.1:1,example.com");
    sandbox
        .run(&["jobs", "list", "--base-url", &raw.url])
        .fails();
}

#[test]
fn socks5_works_with_and_without_names() {
    let raw = server();
    let (port, asked) = socks5();
    let by_name = format!("http://localhost:{}", raw.port);
    for (scheme, target) in [
        ("socks5", format!("127.0.0.1:{}", raw.port)),
        ("socks5h", format!("localhost:{}", raw.port)),
    ] {
        let sandbox = Sandbox::claimed().env("all_proxy", &format!("{scheme}://127.0.0.1:{port}"));
        sandbox.run(&["jobs", "list", "--base-url", &by_name]).ok();
        assert_eq!(asked.lock().unwrap().last(), Some(&target));
    }
}

#[test]
fn no_token_goes_in_clear_to_a_proxy_elsewhere() {
    let raw = server();
    // An address of the documentation: if it were asked for anything, it would not answer.
    let sandbox = Sandbox::claimed().env("all_proxy", "http://192.0.2.1:3128");
    for words in [
        &["jobs", "list"][..],
        &["auth", "register"],
        &[
            "auth",
            "claim",
            "--email",
            "a@b.c",
            "--claim-token",
            "ot_clm_x",
        ],
    ] {
        let words = [words, &["--base-url", &raw.url]].concat();
        sandbox.run(&words).fails().stderr_has("is plain http, and the proxy http://192.0.2.1:3128 (all_proxy) is not on this machine: no token is sent that way");
    }
    assert!(raw.requests().is_empty());
}

#[test]
fn a_port_or_password_that_would_name_another_host_is_refused() {
    let raw = server();
    for value in [
        "http://127.0.0.1:99999",
        "http://user:sen/tinel@127.0.0.1:9",
        "http://user:sen#tinel@127.0.0.1:9",
        "http://127.0.0.1:9/path",
        "http://127.0.0.1:9?x",
    ] {
        let sandbox = Sandbox::claimed().env("http_proxy", value);
        sandbox
            .run(&["jobs", "list", "--base-url", &raw.url])
            .fails()
            .stderr_has("the variable http_proxy is not a proxy URL")
            .hides("tinel");
    }
}
