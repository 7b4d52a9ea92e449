//! What to do about an error: the sentence that fits it.

use super::mistakes;
use super::reasons::{
    API_KEYS, CLAIM, CLAIMED_SCOPES, DETAILS, DRAFT_UPDATE, LOGIN, REASONS, Reason, STATUSES,
};
use crate::cli::{Advice, Invocation};
use crate::config::{Origin, Token};
use crate::error::{Error, Failure, Hint, Refusal};
use crate::http::Request;
use crate::json::Object;

/// Adds a sentence on what to do next.
pub(super) fn explain(error: Error, invocation: &Invocation, request: &Request) -> Error {
    let writes = error.repeatable_write.is_some();
    let hint = match &error.failure {
        Failure::Refused(refusal) if writes && refusal.leaves_effect_unknown() => {
            Some(unknown_effect(refusal, invocation))
        }
        Failure::Refused(refusal) => {
            let hint = for_refusal(refusal, &error.text, invocation);
            hint.or_else(|| match (&request.token, refusal.status) {
                (Some(token), 401) => Some(refused_token(token)),
                _ => None,
            })
        }
        Failure::Lost(_) if writes => if_lost(invocation),
        _ => None,
    };
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// What to do when the outcome of a write is unknown.
fn if_lost(invocation: &Invocation) -> Option<Hint> {
    let advice = invocation.command.if_lost;
    let hint = advice.for_call(invocation, &Object::default());
    hint.filter(|_| !advice.text.is_empty())
}

fn unknown_effect(refusal: &Refusal, invocation: &Invocation) -> Hint {
    let mut unknown = match refusal.retry_after {
        Some(seconds) => format!("the server says to wait {seconds} s; "),
        None => String::new(),
    };
    unknown.push_str("whether it took effect is unknown");
    match if_lost(invocation) {
        Some(hint) => hint.after(unknown + "; "),
        None => unknown.into(),
    }
}

/// Where the refused token came from, and what to do about it.
fn refused_token(token: &Token) -> Hint {
    let refused = format!(
        "the token from {} is invalid, expired or revoked; ",
        token.source
    );
    let hint = Hint::from(refused);
    match token.from {
        Origin::Variable => {
            hint.text("set that variable to another one, or unset it to use the saved one")
        }
        Origin::File(_) => hint.and("`{}` saves another", [LOGIN.in_general()]),
        Origin::Flag => hint.text("give another one"),
    }
}

fn for_refusal(refusal: &Refusal, message: &str, invocation: &Invocation) -> Option<Hint> {
    let details = refusal.details();
    let known = |name: &str| {
        let fits = |r: &&Reason| r.1 == name && (r.0 == 0 || r.0 == refusal.status);
        let mut sentences = REASONS.iter().filter(fits);
        sentences.find_map(|(_, _, advice)| advice.for_call(invocation, &details))
    };
    // The API may put this slug into the description instead (K30).
    let slug = match message.contains("email_already_registered") {
        true => "email_already_registered",
        false => refusal.code.as_str(),
    };
    let by_key = || {
        let mut named = DETAILS
            .iter()
            .filter(|(key, _)| !details.get(key).is_null());
        named.find_map(|(_, advice)| advice.for_call(invocation, &details))
    };
    let by_status = || {
        let (_, advice) = STATUSES.iter().find(|(s, _)| *s == refusal.status)?;
        advice.for_call(invocation, &details)
    };
    details
        .text("reason")
        .and_then(|reason| known(&reason))
        .or_else(|| known(slug))
        .or_else(|| missing_scope(&details.get("requiredScopes").joined()?))
        .or_else(|| {
            let seconds = refusal.retry_after?;
            Some(format!("wait {seconds} s, then run it again").into())
        })
        .or_else(|| missing_fields(&details, invocation))
        .or_else(|| mistakes::explain(refusal, invocation))
        .or_else(by_key)
        .or_else(|| invocation.command.if_refused?(invocation, refusal))
        .or_else(by_status)
}

/// The claim adds three scopes; any other comes with a token that a human makes in the app.
fn missing_scope(scopes: &str) -> Option<Hint> {
    let lacks = Hint::from(format!("the token lacks the scope {scopes}; "));
    let how = match CLAIMED_SCOPES.iter().any(|s| scopes.contains(s)) {
        true => lacks.and(
            "a claimed account has it (`{}`), or a",
            [CLAIM.in_general()],
        ),
        false => lacks.text("a"),
    };
    let made = format!(" human can make a token with it at {API_KEYS}, saved with `{{}}`");
    Some(how.and(&made, [LOGIN.in_general()]))
}

/// When a draft is not ready, the refusal lists the fields that it lacks.
fn missing_fields(details: &Object<'_>, invocation: &Invocation) -> Option<Hint> {
    let validation = details.get("validation").object()?;
    let mut names = Vec::new();
    for field in validation.get("missingFields").items()? {
        let entry = field.object().unwrap_or_default();
        let keys = entry.get("updateKeys").joined();
        let name = keys.or_else(|| entry.text("field")).or(field.string());
        names.extend(name.map(|name| name.into_owned()));
    }
    const SET_EACH: Advice = Advice::new("; set each with `{}`", &[DRAFT_UPDATE]);
    let set = SET_EACH.for_call(invocation, details)?;
    (!names.is_empty()).then(|| set.after(format!("the draft lacks {}", names.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::parse;
    use crate::commands::TABLE;

    fn call(line: &str) -> Invocation {
        parse(TABLE, line.split(' ').map(Into::into).collect()).unwrap()
    }

    fn hint(status: u16, details: &str) -> String {
        let refusal = Refusal {
            status,
            details: Some(details.into()),
            ..Refusal::default()
        };
        let hint = for_refusal(&refusal, "", &call("credits show"));
        hint.map(|h| h.to_string()).unwrap_or_default()
    }

    #[test]
    fn every_reason_has_a_sentence_without_gaps_even_alone() {
        for (status, reason, _) in REASONS {
            let sentence = hint(*status, &format!(r#"{{"reason":"{reason}"}}"#));
            assert!(
                !sentence.is_empty() && !sentence.contains('{'),
                "{reason}: {sentence}"
            );
        }
        let details = r#"{"reason":"payment_method_required","billingUrl":"https://b"}"#;
        assert!(hint(409, details).contains("https://b"));
    }

    #[test]
    fn a_servers_words_are_quoted_in_commands_and_used_once() {
        let details = r#"{"reason":"moderation_blocked","jobId":"x; rm -r {reason} {} #"}"#;
        let sentence = hint(409, details);
        assert!(
            sentence.contains("--job-id 'x; rm -r {reason} {} #' --set"),
            "{sentence}"
        );
        assert!(
            sentence.contains("and job x; rm -r {reason} {} # is a draft"),
            "{sentence}"
        );
    }

    #[test]
    fn the_id_that_was_given_stands_in_the_next_command() {
        let refusal = Refusal {
            status: 409,
            details: Some(r#"{"reason":"job_not_published"}"#.into()),
            ..Refusal::default()
        };
        let invite = call("jobs invite job_7 --freelancer-id u");
        let hint = for_refusal(&refusal, "", &invite).map(|h| h.to_string());
        assert_eq!(
            hint.as_deref(),
            Some("publish the job first: `opentrain jobs publish --job-id job_7`")
        );
    }

    #[test]
    fn the_same_reason_means_another_thing_with_another_status() {
        let details = r#"{"reason":"moderation_blocked","jobId":"j1"}"#;
        assert!(hint(409, details).contains("opentrain jobs publish --job-id j1"));
        assert!(hint(403, details).contains("moderation refused the job"));
    }

    #[test]
    fn an_unknown_reason_falls_back_to_what_the_details_hold() {
        let details = r#"{"reason":"new","billingUrl":"https://b.example"}"#;
        assert!(hint(409, details).contains("https://b.example"));
        assert_eq!(hint(409, r#"{"reason":"new"}"#), "");
    }
}
