//! TLS: a real server with certificates made in the test run.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Stdio};

use crate::harness::{Out, Sandbox, tool};

/// Certificates of a private CA, newly made for each test.
struct Authority {
    folder: PathBuf,
}

const CONFIG: &str = "\
[ca]
default_ca = own
[own]
dir = .
database = index
serial = serial
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
";

impl Authority {
    fn new(sandbox: &Sandbox) -> Self {
        let authority = Authority {
            folder: sandbox.home.clone(),
        };
        sandbox.file("ca.conf", CONFIG);
        sandbox.file("index", "");
        sandbox.file("serial", "01\n");
        authority.openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=Private-CA -addext basicConstraints=critical,CA:TRUE");
        authority
    }

    fn openssl(&self, line: &str) {
        let out = tool("openssl")
            .args(line.split(' '))
            .current_dir(&self.folder)
            .output()
            .expect("openssl is installed");
        assert!(
            out.status.success(),
            "{line}: {}",
            String::from_utf8_lossy(&out.stderr)
        );
    }

    /// A certificate for a name, valid between two times (`YYMMDDHHMMSSZ`).
    fn issue(&self, name: &str, from: &str, to: &str) {
        self.openssl(&format!("req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout server.key -out server.csr -subj /CN={name} -addext subjectAltName=DNS:{name}"));
        self.openssl(&format!("ca -batch -notext -config ca.conf -in server.csr -out server.pem -startdate {from} -enddate {to}"));
    }
}

/// `openssl s_server`, which answers a GET with the file of that name.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(authority: &Authority) -> Self {
        let folder = authority.folder.join("api/public/v1/jobs");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("mine"), r#"{"jobs":[],"nextCursor":null}"#).unwrap();
        let mut child = tool("openssl")
            .args([
                "s_server",
                "-WWW",
                "-accept",
                "127.0.0.1:0",
                "-cert",
                "server.pem",
                "-key",
                "server.key",
            ])
            .current_dir(&authority.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl is installed");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let port = loop {
            let line = lines.next().expect("a line").expect("text");
            if let Some((_, port)) = line
                .strip_prefix("ACCEPT ")
                .and_then(|a| a.rsplit_once(':'))
            {
                break port.trim().to_owned();
            }
        };
        // It keeps talking; somebody must keep listening.
        std::thread::spawn(move || lines.for_each(drop));
        Server {
            child,
            url: format!("https://localhost:{port}"),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const LONG_AGO: &str = "200101000000Z";
const YESTERYEAR: &str = "250101000000Z";
const FAR: &str = "450101000000Z";

fn set_up(name: &str, from: &str, to: &str) -> (Sandbox, Server) {
    let sandbox = Sandbox::claimed();
    let authority = Authority::new(&sandbox);
    authority.issue(name, from, to);
    let server = Server::start(&authority);
    (sandbox, server)
}

#[test]
fn a_private_ca_is_trusted_in_both_ways() {
    let (sandbox, server) = set_up("localhost", LONG_AGO, FAR);
    let words = ["jobs", "list", "--base-url", &server.url, "--verbose"];
    let ca = sandbox.home.join("ca.pem").display().to_string();
    sandbox.run(&words).fails()
        .stderr_has("could not be reached: its certificate is from an issuer that is not trusted; nothing was sent\nHint: a proxy that inspects TLS, or a private CA: set NODE_EXTRA_CA_CERTS")
        .stderr_has("(attempt 1, directly)");
    let sandbox = sandbox.env("SSL_CERT_FILE", &ca);
    sandbox.run(&words).ok().stdout_is("No jobs.\n");
    let sandbox = sandbox
        .env("SSL_CERT_FILE", "")
        .env("NODE_EXTRA_CA_CERTS", &ca);
    sandbox
        .run(&words)
        .ok()
        .stdout_is("No jobs.\n")
        .stderr_has("trying again with the certificates of NODE_EXTRA_CA_CERTS");
    // Roots that do not know the issuer, and extra ones that do not know it either.
    let other = Sandbox::new();
    Authority::new(&other);
    let sandbox = sandbox.env(
        "SSL_CERT_FILE",
        &other.home.join("ca.pem").display().to_string(),
    );
    sandbox.run(&words).ok();
    let sandbox = sandbox.env(
        "NODE_EXTRA_CA_CERTS",
        &other.home.join("ca.pem").display().to_string(),
    );
    let out = sandbox
        .run(&words)
        .fails()
        .stderr_has("an issuer that is not trusted");
    assert_eq!(out.stderr.matches("* GET").count(), 2, "{}", out.stderr);
}

#[test]
fn doctor_says_which_certificates_are_trusted() {
    let (sandbox, server) = set_up("localhost", LONG_AGO, FAR);
    let doctor = ["doctor", "--json", "--base-url", &server.url];
    let says = |out: Out| {
        let checks = out.json()["checks"].as_array().expect("checks").clone();
        let found = checks.iter().find(|check| check["check"] == "certificates");
        found.expect("a check")["says"].clone()
    };
    assert_eq!(says(sandbox.run(&doctor)), "of the program");
    let ca = sandbox.home.join("ca.pem").display().to_string();
    let sandbox = sandbox.env("SSL_CERT_FILE", &ca);
    assert_eq!(says(sandbox.run(&doctor)), "of SSL_CERT_FILE");
}

#[test]
fn folders_of_certificates_are_trusted_like_a_file() {
    let (sandbox, server) = set_up("localhost", LONG_AGO, FAR);
    let words = ["jobs", "list", "--base-url", &server.url];
    let (one, two) = (sandbox.home.join("one"), sandbox.home.join("two"));
    for folder in [&one, &two] {
        std::fs::create_dir(folder).unwrap();
        std::fs::write(folder.join("README"), "no certificate").unwrap();
    }
    let folders = format!("{}:{}", one.display(), two.display());
    let sandbox = sandbox.env("SSL_CERT_DIR", &folders);
    sandbox.run(&words).fails().stderr_has(&format!(
        "the variable SSL_CERT_DIR names {folders}: no certificate found; nothing was sent"
    ));
    std::fs::copy(sandbox.home.join("ca.pem"), two.join("0a1b2c3d.0")).unwrap();
    sandbox.run(&words).ok();
    // A second name of the same file, a folder and a link to nothing do no harm.
    std::os::unix::fs::symlink("0a1b2c3d.0", two.join("ca.pem")).unwrap();
    std::os::unix::fs::symlink("gone", two.join("dangling.pem")).unwrap();
    std::fs::create_dir(two.join("more.pem")).unwrap();
    sandbox.run(&words).ok();
    // The file and the folders are trusted together.
    let other = Sandbox::new();
    Authority::new(&other);
    let other = other.home.join("ca.pem").display().to_string();
    let sandbox = sandbox.env("SSL_CERT_FILE", &other);
    sandbox
        .run(&[&words[..], &["--verbose"]].concat())
        .ok()
        .stderr_has("trying again with the certificates of SSL_CERT_DIR");
    let sandbox = sandbox.env("SSL_CERT_DIR", "/no/such/folder");
    sandbox.run(&words).fails().stderr_has(
        "the variable SSL_CERT_DIR names /no/such/folder: it could not be read: No such file",
    );
}

#[test]
fn a_certificate_of_a_ca_is_told_from_one_of_a_stranger() {
    for (ca, works) in [("TRUE", false), ("FALSE", true)] {
        let sandbox = Sandbox::claimed();
        let authority = Authority::new(&sandbox);
        authority.openssl(&format!("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout server.key -out server.pem -days 30 -subj /CN=localhost -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:{ca}"));
        let server = Server::start(&authority);
        let own = sandbox.home.join("server.pem").display().to_string();
        let sandbox = sandbox.env("SSL_CERT_FILE", &own);
        let out = sandbox.run(&["jobs", "list", "--base-url", &server.url]);
        match works {
            true => out.ok().stdout_is("No jobs.\n"),
            false => out.fails().stderr_has("its certificate is that of a CA, which may only sign server certificates; nothing was sent\nHint: give the server a certificate that says basicConstraints=CA:FALSE"),
        };
    }
}

#[test]
fn each_fault_of_a_certificate_has_its_sentence() {
    for (name, from, to, sentence) in [
        (
            "elsewhere.example",
            LONG_AGO,
            FAR,
            "its certificate is for another host name; nothing was sent\nHint: check the base URL",
        ),
        (
            "localhost",
            LONG_AGO,
            YESTERYEAR,
            "its certificate has expired; nothing was sent\nHint: check the clock of this machine; if it is right, the server has to renew it",
        ),
        (
            "localhost",
            "440101000000Z",
            FAR,
            "its certificate is not valid yet; nothing was sent\nHint: check the clock of this machine",
        ),
    ] {
        let (sandbox, server) = set_up(name, from, to);
        let sandbox = {
            let ca = sandbox.home.join("ca.pem").display().to_string();
            sandbox.env("SSL_CERT_FILE", &ca)
        };
        let out = sandbox
            .run(&["jobs", "list", "--base-url", &server.url, "--verbose"])
            .fails()
            .stderr_has(sentence);
        assert_eq!(out.stderr.matches("* GET").count(), 1, "{}", out.stderr);
    }
}

#[test]
fn a_server_without_tls_is_told_from_one_with_a_bad_certificate() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = (&stream).write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let sandbox = Sandbox::claimed();
    sandbox
        .run(&["jobs", "list", "--base-url", &url])
        .fails()
        .stderr_has(
            ": it does not speak TLS as expected; nothing was sent\nHint: check the base URL: is it http://?",
        );
}

#[test]
fn a_certificate_file_that_cannot_be_used_is_named() {
    let (sandbox, server) = set_up("localhost", LONG_AGO, FAR);
    let empty = sandbox.file("empty.pem", "");
    let garbage = sandbox.file("garbage.pem", "-----BEGIN NOTHING-----\nxx\n");
    let mut sandbox = sandbox;
    for variable in ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"] {
        for (path, why) in [
            ("/no/such/file", "it could not be read: No such file"),
            (empty.as_str(), "no certificate found"),
            (garbage.as_str(), "no certificate found"),
        ] {
            sandbox = sandbox.env(variable, path);
            let words = ["jobs", "list", "--base-url", &server.url];
            sandbox
                .run(&words)
                .fails()
                .stderr_has(&format!(
                    "Error: the variable {variable} names {path}: {why}"
                ))
                .stderr_has("nothing was sent");
            // Plain http needs no certificates, and does not look.
            sandbox.run(&["jobs", "list"]).ok();
        }
        sandbox = sandbox.env(variable, "");
    }
}

#[test]
fn a_wait_ends_at_once_when_the_certificate_will_not_do() {
    let (sandbox, server) = set_up("localhost", LONG_AGO, FAR);
    let words = [
        "auth",
        "claim-status",
        "--wait",
        "--claim-token",
        "ot_clm_x",
    ];
    let words = [&words[..], &["--base-url", &server.url]].concat();
    sandbox
        .run(&words)
        .fails()
        .stderr_has("an issuer that is not trusted; nothing was sent");
}

/// Sits in front of a TLS server: passes the handshake on, takes the request, and then sends
/// something that is not TLS. Returns its URL.
fn garble(server: &Server) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let target = server.url.replace("https://localhost", "127.0.0.1");
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(&target).unwrap();
            let (mut down, mut to_client) =
                (server.try_clone().unwrap(), client.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut down, &mut to_client));
            take_request(client, server);
        }
    });
    format!("https://localhost:{port}")
}

/// TLS 1.3: of the client's records of application data the first ends the handshake, the
/// second is the request.
fn take_request(mut client: TcpStream, mut server: TcpStream) -> Option<()> {
    let mut data = 0;
    loop {
        let mut record = vec![0; 5];
        client.read_exact(&mut record).ok()?;
        let length = usize::from(u16::from_be_bytes([record[3], record[4]]));
        record.resize(5 + length, 0);
        client.read_exact(&mut record[5..]).ok()?;
        data += u32::from(record[0] == 23);
        if data == 2 {
            client.write_all(b"this is no record of TLS at all").ok()?;
            return client.shutdown(std::net::Shutdown::Write).ok();
        }
        server.write_all(&record).ok()?;
    }
}

#[test]
fn a_write_that_arrived_before_tls_broke_is_never_called_unsent() {
    let (sandbox, server) = set_up("localhost", LONG_AGO, FAR);
    let ca = sandbox.home.join("ca.pem").display().to_string();
    let sandbox = sandbox.env("SSL_CERT_FILE", &ca);
    let url = garble(&server);
    let out = sandbox
        .run(&["jobs", "close", "job_1", "--base-url", &url, "--verbose"])
        .fails()
        .stderr_has("whether the request took effect is unknown")
        .stderr_has("Hint: run it again: a closed job stays as it is")
        .hides("nothing was sent");
    assert_eq!(out.stderr.matches("* POST").count(), 1, "{}", out.stderr);
}
