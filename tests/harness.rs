//! Runs the real binary in a sandbox of its own: an empty environment, a temporary home, and a fake
//! OpenTrain next to it.

use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::fake::{Fake, Recorded};

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_opentrain");

/// A fake server and a home, both gone at the end.
pub(crate) struct Sandbox {
    pub fake: Fake,
    pub home: PathBuf,
    env: Vec<(String, String)>,
}

impl Sandbox {
    /// No account yet.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("opentrain-test-{}-{number}", std::process::id());
        let home = std::env::temp_dir().join(name);
        fs::create_dir_all(&home).expect("a temporary folder");
        let fake = Fake::start(promises);
        let env = vec![
            ("HOME".into(), home.display().to_string()),
            ("OT_API_BASE_URL".into(), fake.url.clone()),
        ];
        Sandbox { fake, home, env }
    }

    /// A claimed account whose token, with every scope, is in the environment.
    pub(crate) fn claimed() -> Self {
        let sandbox = Self::new();
        let token = sandbox.fake.change(|state| state.claimed_account());
        sandbox.env("OT_API_TOKEN", &token)
    }

    /// An account whose token has just these scopes.
    pub(crate) fn with_scopes(scopes: &[&str], claimed: bool) -> Self {
        let sandbox = Self::new();
        let token = sandbox
            .fake
            .change(|state| state.account_with(scopes, claimed));
        sandbox.env("OT_API_TOKEN", &token)
    }

    /// The same with a variable set; an empty value removes it.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.retain(|(n, _)| n != name);
        if !value.is_empty() {
            self.env.push((name.into(), value.into()));
        }
        self
    }

    /// Where the credentials file is.
    pub(crate) fn config(&self) -> PathBuf {
        self.home.join(".config/opentrain/cli.json")
    }

    /// Writes the credentials file as the other program would.
    pub(crate) fn save_config(&self, text: &str) {
        fs::create_dir_all(self.config().parent().expect("a folder")).expect("a folder");
        fs::write(self.config(), text).expect("a file");
        fs::set_permissions(self.config(), fs::Permissions::from_mode(0o600)).expect("a mode");
    }

    pub(crate) fn read_config(&self) -> Value {
        serde_json::from_str(&fs::read_to_string(self.config()).expect("cli.json")).expect("JSON")
    }

    /// Writes a file into the home; returns its path.
    pub(crate) fn file(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.home.join(name);
        fs::write(&path, text).expect("a file");
        path.display().to_string()
    }

    /// What lies next to the credentials file: left-over temporary files.
    pub(crate) fn config_files(&self) -> Vec<String> {
        let folder = fs::read_dir(self.config().parent().expect("a folder"));
        let names = folder
            .into_iter()
            .flatten()
            .flatten()
            .map(|e| e.file_name());
        let mut names: Vec<String> = names.map(|n| n.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.args(args).current_dir(&self.home);
        self.clean(&mut command);
        command
    }

    /// Gives a command this sandbox's environment and nothing else.
    pub(crate) fn clean(&self, command: &mut Command) {
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(self.env.iter().map(|(n, v)| (n, v)));
    }

    /// Runs the binary to its end.
    #[track_caller]
    pub(crate) fn run(&self, args: &[&str]) -> Out {
        finish(self.command(args), "")
    }

    #[track_caller]
    pub(crate) fn run_with_stdin(&self, args: &[&str], stdin: impl AsRef<[u8]>) -> Out {
        finish(self.command(args), stdin)
    }

    /// Runs a shell script in the sandbox, with `$B` the binary.
    #[track_caller]
    pub(crate) fn shell(&self, script: &str) -> Out {
        let mut command = Command::new("sh");
        command.args(["-c", script]).current_dir(&self.home);
        self.clean(&mut command);
        command.env("B", BINARY);
        finish(command, "")
    }

    /// Starts the binary and leaves it running.
    pub(crate) fn start(&self, args: &[&str]) -> Child {
        let mut command = self.command(args);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().expect("the binary starts")
    }
}

/// What our client promises about each request: its own name, JSON and no compression, a content
/// type if and only if there is content, no body on a read.
pub(crate) fn promises(request: &Recorded) -> Option<String> {
    let agent = concat!("opentrain/", env!("CARGO_PKG_VERSION"));
    let content_type = match (request.body.as_str(), request.path.as_str()) {
        ("", _) => None,
        (_, path) if path.starts_with("/api/agent/oauth/") => {
            Some("application/x-www-form-urlencoded")
        }
        _ => Some("application/json"),
    };
    for (name, promised) in [
        ("User-Agent", Some(agent)),
        ("Accept", Some("application/json")),
        ("Accept-Encoding", Some("identity")),
        ("Content-Type", content_type),
    ] {
        let sent = request.header(name);
        if sent != promised {
            return Some(format!("{name} is {sent:?}, not {promised:?}"));
        }
    }
    let reads = matches!(request.method.as_str(), "GET" | "DELETE");
    (reads && !request.body.is_empty()).then(|| "a body where none belongs".to_owned())
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.home);
    }
}

/// Copies a file that is to be run. Another process does it: a child that another test forks in the
/// meantime would inherit a file open for writing here, and such a file cannot be run.
#[track_caller]
pub(crate) fn copy_to_run(from: impl AsRef<Path>, to: impl AsRef<Path>) {
    let mut copy = tool("cp");
    copy.arg(from.as_ref()).arg(to.as_ref());
    finish(copy, "").ok();
}

/// Runs a command to its end, with something on its standard input.
#[track_caller]
pub(crate) fn finish(mut command: Command, stdin: impl AsRef<[u8]>) -> Out {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    // A program that does not read its input closes the pipe, as it may.
    let _ = child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(stdin.as_ref());
    Out::of(child)
}

/// What a run left behind; the checks are chained.
#[derive(Debug)]
pub(crate) struct Out {
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Out {
    pub(crate) fn of(child: Child) -> Self {
        let output = child.wait_with_output().expect("the program ends");
        Out {
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Status 0.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, Some(0), "{self:#?}");
        self
    }

    /// Status 1 and nothing on standard output.
    #[track_caller]
    pub(crate) fn fails(self) -> Self {
        assert_eq!(self.status, Some(1), "{self:#?}");
        assert_eq!(self.stdout, "", "{self:#?}");
        self
    }

    /// It failed after a part of its output.
    #[track_caller]
    pub(crate) fn breaks_off(self) -> Self {
        assert_eq!(self.status, Some(1), "{self:#?}");
        assert_ne!(self.stdout, "", "{self:#?}");
        self
    }

    /// The error that `--json-errors` prints: the last line of standard error, an object.
    #[track_caller]
    pub(crate) fn error(&self) -> Value {
        assert_eq!(self.status, Some(1), "{self:#?}");
        let last = self.stderr.lines().last().expect("an error");
        assert!(self.stderr.ends_with('\n'), "{self:#?}");
        serde_json::from_str(last).unwrap_or_else(|e| panic!("{e} in {self:#?}"))
    }

    #[track_caller]
    pub(crate) fn stdout_is(self, text: &str) -> Self {
        assert_eq!(self.stdout, text, "{self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn stderr_is(self, text: &str) -> Self {
        assert_eq!(self.stderr, text, "{self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn stdout_has(self, text: &str) -> Self {
        assert!(self.stdout.contains(text), "no {text:?} in {self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn stderr_has(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "no {text:?} in {self:#?}");
        self
    }

    /// Neither stream contains the text.
    #[track_caller]
    pub(crate) fn hides(self, text: &str) -> Self {
        let both = format!("{}{}", self.stdout, self.stderr);
        assert!(!both.contains(text), "{text:?} is in {self:#?}");
        self
    }

    /// A whole line of standard output.
    #[track_caller]
    pub(crate) fn stdout_line(self, line: &str) -> Self {
        assert!(
            self.stdout.lines().any(|l| l == line),
            "no line {line:?} in {self:#?}"
        );
        self
    }

    /// A whole line of standard error.
    #[track_caller]
    pub(crate) fn stderr_line(self, line: &str) -> Self {
        assert!(
            self.stderr.lines().any(|l| l == line),
            "no line {line:?} in {self:#?}"
        );
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e} in {self:#?}"))
    }
}

/// The requests as `METHOD /path?name=value`, to be compared at a glance.
pub(crate) fn sent(requests: &[Recorded]) -> Vec<String> {
    let one = |r: &Recorded| {
        let query: Vec<String> = r.query.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        let path = r.path.replace("/api/public/v1", "");
        format!("{} {path}{mark}{}", r.method, query.join("&"))
    };
    requests.iter().map(one).collect()
}

/// Waits until a condition holds; fails after ten seconds.
#[track_caller]
pub(crate) fn until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !condition() {
        assert!(Instant::now() < deadline, "it never came to {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// An address of this machine, with a port, where nothing listens and which no other test or run is
/// given: all of 127.0.0.0/8 is this machine, and the port is below the range from which the system
/// takes ports for connections.
pub(crate) fn closed_address() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    loop {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let mut hasher = DefaultHasher::new();
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        (std::process::id(), count, since.unwrap_or_default()).hash(&mut hasher);
        let [a, b, c, d, e, ..] = hasher.finish().to_be_bytes();
        let port = 20_000 + u32::from(u16::from_be_bytes([d, e])) % 10_000;
        let address = format!("127.{}.{b}.{c}:{port}", a % 255 + 1);
        if TcpStream::connect(&address).is_err() {
            return address;
        }
    }
}

/// The mode bits of a file or folder.
pub(crate) fn mode(path: &Path) -> u32 {
    fs::metadata(path)
        .expect("it is there")
        .permissions()
        .mode()
        & 0o777
}

/// A program from the search path, for tests that need a real tool.
pub(crate) fn tool(name: &str) -> Command {
    Command::new(OsStr::new(name))
}
