//! What an error means to a program that has to decide what to do next.

use super::{Error, Failure, Refusal};
use crate::json::{self, Object};

/// Whether to run the same command again.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Retry {
    /// It would fail the same way.
    No,
    /// It cannot do a thing twice, and may succeed.
    Yes,
    /// It may do a thing twice: check first.
    Check,
}

impl Error {
    /// The error as the object that `--json-errors` prints. Keys that do not apply are absent.
    pub(crate) fn to_object(&self) -> Object<'static> {
        let mut object = Object::default();
        let mut set = |key, value: Option<String>| {
            if let Some(value) = value {
                object.set(key, value);
            }
        };
        let refusal = match &self.failure {
            Failure::Refused(refusal) => Some(refusal.as_ref()),
            _ => None,
        };
        let details = refusal.and_then(|r| r.details.clone());
        let reason =
            refusal.and_then(|r| r.details().text("reason").map(|text| json::quote(&text)));
        set("message", Some(json::quote(&self.text)));
        set("class", Some(json::quote(self.class())));
        set("status", refusal.map(|r| r.status.to_string()));
        set("code", refusal.map(|r| json::quote(&r.code)));
        set("reason", reason);
        set("details", details);
        let id = refusal.and_then(|r| r.request_id.as_ref());
        set("requestId", id.map(|id| json::quote(id)));
        set("effect", self.effect().map(json::quote));
        set(
            "retry",
            Some(json::quote(match self.retry() {
                Retry::No => "no",
                Retry::Yes => "yes",
                Retry::Check => "check",
            })),
        );
        let wait = refusal.and_then(|r| r.retry_after);
        set("retryAfterSeconds", wait.map(|seconds| seconds.to_string()));
        if let Some(hint) = &self.hint {
            set("hint", Some(json::quote(&hint.to_string())));
            let commands: Vec<String> = hint.ready_steps().collect();
            set(
                "commands",
                (!commands.is_empty()).then(|| json::quote_all(&commands)),
            );
        }
        object
    }

    fn class(&self) -> &'static str {
        match &self.failure {
            Failure::Usage => "usage",
            Failure::Local | Failure::Output | Failure::Rescue(_) | Failure::DryRun(_) => "local",
            Failure::Unmet => "unmet",
            Failure::Unreached => "never_sent",
            Failure::Lost(_) => "outcome_unknown",
            Failure::Refused(refusal) => match refusal.status {
                401 | 403 => "auth",
                404 | 410 => "not_found",
                409 => "conflict",
                429 => "rate_limited",
                408 | 500.. => "server",
                _ => "refused",
            },
        }
    }

    /// What became of the request on the server: `none`, `unknown`; nothing when it was done.
    fn effect(&self) -> Option<&'static str> {
        let writes = self.repeatable_write.is_some();
        if self.carried_out {
            return None;
        }
        match &self.failure {
            Failure::Output | Failure::Rescue(_) if writes => None,
            Failure::Refused(refusal) if writes && refusal.tells_of_an_effect() => None,
            Failure::Refused(refusal) if writes && refusal.leaves_effect_unknown() => {
                Some("unknown")
            }
            Failure::Lost(_) if writes => Some("unknown"),
            _ => Some("none"),
        }
    }

    fn retry(&self) -> Retry {
        if self.carried_out && self.repeatable_write == Some(false) {
            return Retry::Check;
        }
        let passing = match &self.failure {
            Failure::Usage | Failure::Unmet => false,
            // The same answer would be no better a second time.
            Failure::Output if !self.passing => false,
            Failure::Refused(refusal) if refusal.status == 429 => return Retry::Yes,
            Failure::Refused(refusal) if !refusal.leaves_effect_unknown() => false,
            Failure::Local | Failure::Unreached | Failure::DryRun(_) => self.passing,
            Failure::Refused(_) | Failure::Lost(_) | Failure::Output | Failure::Rescue(_) => {
                match self.repeatable_write {
                    Some(true) => true,
                    Some(false) => return Retry::Check,
                    None => self.passing || !matches!(self.failure, Failure::Lost(_)),
                }
            }
        };
        if passing { Retry::Yes } else { Retry::No }
    }
}

impl Refusal {
    /// Whether it says itself that the write was carried out (API.md, section 2).
    fn tells_of_an_effect(&self) -> bool {
        self.status == 409 && self.details().text("reason").as_deref() == Some("moderation_blocked")
    }
}
