//! `doctor`: what stands between this machine and the API, one check per line.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use super::auth::{self, STATUS};
use super::jobs::{CAPABILITIES, FACETS};
use crate::call::{self, CLAIMED_SCOPES};
use crate::cli::{Answer, BASE_URL, Command, Invocation, Namespace, Sink, VERBOSE, View};
use crate::config::{self, Credentials};
use crate::error::{Error, Failure};
use crate::http::{BaseUrl, probe};
use crate::json::{self, Object};
use crate::view::{List, field};

static DOCTOR: Command = Command {
    words: &["doctor"],
    summary: "Check what stands between this machine and the API",
    about: "One line per check: ok, note (worth a look), WRONG, or not checked.\n\
            Sends only reads. Exit status 1 when something is WRONG. No token is ever shown.",
    examples: &["opentrain doctor", "opentrain doctor --json"],
    run: Some(doctor),
    ..Command::BASE
};

/// The commands of this namespace.
pub(super) static NAMESPACE: Namespace = Namespace {
    name: "doctor",
    summary: "what is wrong here",
    commands: &[&DOCTOR],
    recipe: None,
};

const CHECKS: List = List::whole(
    "checks",
    "Nothing was checked.",
    &[
        field("VERDICT", "verdict"),
        field("CHECK", "check"),
        field("SAYS", "says"),
    ],
);

const OK: &str = "ok";
const LOOK: &str = "note";
const WRONG: &str = "WRONG";
const UNKNOWN: &str = "not checked";

/// The checks so far.
#[derive(Default)]
struct Checks {
    lines: Vec<String>,
    wrong: Vec<&'static str>,
}

impl Checks {
    fn add(&mut self, check: &'static str, verdict: &str, says: &str) {
        let mut line = Object::default();
        line.push("check", json::quote(check));
        line.push("verdict", json::quote(verdict));
        line.push("says", json::quote(says));
        self.lines.push(line.to_string());
        if verdict == WRONG {
            self.wrong.push(check);
        }
    }

    /// The value of a step that succeeded; a failure becomes a line.
    fn of<T>(&mut self, check: &'static str, step: Result<T, Error>) -> Option<T> {
        step.map_err(|error| self.add(check, WRONG, &error.brief()))
            .ok()
    }
}

fn doctor(inv: &Invocation, sink: &mut dyn Sink) -> Result<(), Error> {
    let mut checks = Checks::default();
    checks.add("version", OK, env!("CARGO_PKG_VERSION"));
    let file = credentials(&mut checks, sink);
    let has_token = token(&mut checks, file.as_ref());
    let base = config::base_url(inv.get(&BASE_URL), sink)
        .and_then(|url| Ok((BaseUrl::parse(&url.value, &url.source)?, url.source)));
    match checks.of("server", base) {
        Some((base, source)) => {
            server(&mut checks, &base, &source);
            match way(&mut checks, &base) {
                Some(last) => api(&mut checks, inv, last, has_token, sink),
                None => checks.add("API", UNKNOWN, "the server could not be reached"),
            }
        }
        None => checks.add("API", UNKNOWN, "there is no server to ask"),
    }
    let mut result = Object::default();
    result.push("ok", json::boolean(checks.wrong.is_empty()));
    result.push("checks", format!("[{}]", checks.lines.join(",")));
    sink.answer(&Answer::ours(&result.to_string(), View::List(CHECKS)))?;
    match checks.wrong.is_empty() {
        true => Ok(()),
        false => Err(Error::unmet(format!(
            "wrong here: {}",
            checks.wrong.join(", ")
        ))),
    }
}

/// The credentials file: where, whose, and who can read it.
fn credentials(checks: &mut Checks, sink: &mut dyn Sink) -> Option<Credentials> {
    // A token in a variable needs no file, and a machine without a home has none.
    let file = match Credentials::load(sink) {
        Ok(file) => file,
        Err(error) => {
            let set = config::variable(config::token_variables()).ok().flatten();
            checks.add(
                "credentials file",
                if set.is_some() { LOOK } else { WRONG },
                &error.text,
            );
            return None;
        }
    };
    let path = file.path.display();
    match fs::metadata(&file.path) {
        Ok(found) => {
            let mode = found.permissions().mode() & 0o777;
            let verdict = if mode & 0o077 == 0 { OK } else { LOOK };
            let says = format!("{path}, mode {mode:04o}, owner uid {}", found.uid());
            checks.add("credentials file", verdict, &says);
        }
        Err(_) => checks.add("credentials file", OK, &format!("none at {path}")),
    }
    Some(file)
}

/// Which of these variables are set.
///
/// # Errors
/// One is not valid UTF-8.
fn set(names: &[&'static str]) -> Result<Vec<String>, Error> {
    let set = names
        .iter()
        .filter_map(|name| config::variable(&[name]).transpose());
    set.map(|set| set.map(|set| set.source)).collect()
}

/// Which server it is, and what that hides.
fn server(checks: &mut Checks, base: &BaseUrl, source: &str) {
    if let Err(error) = base.allow_secrets() {
        return checks.add("server", WRONG, &error.text);
    }
    let url = base.as_str();
    let mut hidden = set(&config::BASE_URL_VARIABLES).unwrap_or_default();
    hidden.retain(|name| name != source);
    match hidden.is_empty() {
        true => checks.add("server", OK, &format!("{url} ({source})")),
        false => {
            let says = format!("{url} ({source}), which hides {}", hidden.join(" and "));
            checks.add("server", LOOK, &says);
        }
    }
}

/// Where the token comes from, and what it hides.
fn token(checks: &mut Checks, file: Option<&Credentials>) -> bool {
    let Some(mut found) = checks.of("token", set(config::token_variables())) else {
        return false;
    };
    if let Some(file) = file.filter(|file| file.secret("apiToken").is_some()) {
        found.push(file.path.display().to_string());
    }
    match found.split_first() {
        None => checks.add(
            "token",
            WRONG,
            "none; for a new account run opentrain auth register, with an existing token opentrain auth login --api-key -",
        ),
        Some((used, [])) => checks.add("token", OK, &format!("from {used}")),
        Some((used, hidden)) => {
            let says = format!("from {used}, which hides {}", hidden.join(" and "));
            checks.add("token", LOOK, &says);
        }
    }
    !found.is_empty()
}

/// What only a call can tell about the way to the server.
enum Last {
    /// Nothing.
    Nothing,
    /// Whether the server proves its identity.
    Tls,
    /// Whether the proxy leads there.
    Proxy,
}

/// The way to the server, step by step, and what remains to be found out; `None` when it leads
/// nowhere.
fn way(checks: &mut Checks, base: &BaseUrl) -> Option<Last> {
    let proxy = checks.of("proxy", probe::proxy_of(base))?;
    checks.add("proxy", OK, proxy.as_deref().unwrap_or("none"));
    if base.https {
        let sources = checks.of("certificates", probe::certificates())?;
        checks.add("certificates", OK, &format!("of {}", sources.join(", ")));
    } else {
        checks.add("certificates", OK, "none needed: it is plain http");
    }
    if proxy.is_some() {
        checks.add("look-up", UNKNOWN, "the proxy does it");
        return Some(Last::Proxy);
    }
    let Some(addresses) = checks.of("look-up", probe::look_up(base)) else {
        checks.add("connection", UNKNOWN, "there is no address");
        return None;
    };
    let shown: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    checks.add("look-up", OK, &shown.join(", "));
    let (address, time) = checks.of("connection", probe::connect(base, &addresses))?;
    let says = format!("{address} port {} in {} ms", base.port(), time.as_millis());
    checks.add("connection", OK, &says);
    Some(match base.https {
        true => Last::Tls,
        false => Last::Nothing,
    })
}

/// Whether the API answers, for whom, and what they may do.
fn api(checks: &mut Checks, inv: &Invocation, last: Last, has_token: bool, sink: &mut dyn Sink) {
    let mut ask = |command: &'static Command| {
        let given = [
            (&BASE_URL, inv.get(&BASE_URL)),
            (&VERBOSE, inv.get(&VERBOSE)),
        ];
        call::reply(&Invocation::of(command, &given), sink)
    };
    let public = ask(&FACETS);
    let step = match last {
        Last::Nothing => None,
        Last::Tls => Some(("TLS", "the server has proved its identity")),
        Last::Proxy => Some(("connection", "through the proxy")),
    };
    match (step, &public) {
        (Some((check, _)), Err(error)) if matches!(error.failure, Failure::Unreached) => {
            checks.add(check, WRONG, &error.text);
            return checks.add("API", UNKNOWN, "there is no connection");
        }
        (Some((check, says)), _) => checks.add(check, OK, says),
        _ => {}
    }
    let Some(public) = checks.of("API", public) else {
        return;
    };
    checks.add("API", OK, &format!("answers {}", public.status));
    if !has_token {
        checks.add("account", UNKNOWN, "there is no token");
        return;
    }
    let Some(me) = checks.of("account", ask(&STATUS)) else {
        return;
    };
    let account = Object::parse(me.text()).unwrap_or_default();
    if account.part("actor").is_none_or(|actor| actor.is_empty()) {
        return checks.add("account", WRONG, "the reply names no user");
    }
    checks.add("account", OK, &auth::who(&account));
    let token = account.part("token").unwrap_or_default();
    let scopes = token.get("scopes").joined().unwrap_or_default();
    checks.add("scopes", OK, &scopes);
    let claimed = CLAIMED_SCOPES.iter().any(|scope| scopes.contains(scope));
    checks.add(
        "claimed",
        if claimed { OK } else { LOOK },
        if claimed {
            "yes, by its scopes"
        } else {
            "no claimed-account scopes: hiring, messages and invites wait for opentrain auth claim --email <human-email>"
        },
    );
    let Some(able) = checks.of("features", ask(&CAPABILITIES)) else {
        return;
    };
    let able = Object::parse(able.text()).unwrap_or_default();
    let features = able.part("capabilities").unwrap_or_default();
    let are = |state: &str| {
        let keys = features.iter().filter(|(_, value)| value.raw() == state);
        keys.map(|(key, _)| key.to_owned()).collect::<Vec<_>>()
    };
    let (on, off) = (are("true"), are("false"));
    let says = match off.is_empty() {
        true => format!("on: {}", on.join(", ")),
        false => format!("on: {}; off: {}", on.join(", "), off.join(", ")),
    };
    checks.add("features", if off.is_empty() { OK } else { LOOK }, &says);
}
