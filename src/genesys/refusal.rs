//! Answers that are not successes: what the service, or something in front of it, says.

use serde::Deserialize;

use super::Failure;
use super::reply::Reply;
use super::retry::Effect;

/// The error body of the platform API; every field is optional (official JavaScript SDK).
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ErrorBody {
    message: Option<String>,
    code: Option<String>,
    context_id: Option<String>,
    details: Vec<ErrorDetail>,
    errors: Vec<ErrorBody>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ErrorDetail {
    error_code: Option<String>,
    field_name: Option<String>,
}

/// What an answer that is not a success means for the caller.
pub(super) fn failure(effect: Effect, reply: &Reply) -> Failure {
    let status = reply.status;
    if (300..400).contains(&status) {
        return Failure::Unreadable(redirected(reply));
    }
    let transient = status == 408 || status >= 500 && status != 501;
    let Some(body) = error_body(reply) else {
        let words = reply.not_json();
        return match effect {
            Effect::Read if transient => Failure::Failed(words),
            Effect::Write if transient => Failure::OutcomeUnknown(words),
            _ => Failure::Unreadable(words),
        };
    };
    let code = body.code.as_deref().map_or_else(|| "no code".to_owned(), |code| reply.shown(code, 100));
    let message = reply.shown(&body.words(status), 600);
    match status {
        401 => Failure::NotAuthenticated(format!(
            "{message} ({code}): the token is not valid here; check the region, and GENESYS_CLIENT_ID or GENESYSCLOUD_ACCESS_TOKEN"
        )),
        403 => Failure::NotPermitted { message },
        404 => Failure::NotFound { code, message },
        409 => Failure::Conflict { code, message },
        // The only code that the last published Swagger declares for a stale version of a schedule;
        // the text is what the official Terraform provider looks for.
        400 if code.starts_with("invalid.update") || message.contains("does not match the current version") => {
            Failure::Conflict { code, message }
        }
        429 => Failure::RateLimited { retry_after: reply.retry_after.unwrap_or_default(), message },
        _ if transient && effect == Effect::Read => Failure::Failed(format!("{status}: {message} ({code})")),
        _ if transient => Failure::OutcomeUnknown(format!("{status}: {message} ({code})")),
        _ => Failure::Refused { status, code, message },
    }
}

/// The correlation id in an error body, which the service also sends as a header.
pub(super) fn context_id(reply: &Reply) -> Option<String> {
    error_body(reply)?.context_id.map(|id| reply.shown(&id, 100))
}

/// An empty body is one that says nothing; `None` is a body of somebody else.
fn error_body(reply: &Reply) -> Option<ErrorBody> {
    if reply.body.iter().all(u8::is_ascii_whitespace) {
        return Some(ErrorBody::default());
    }
    serde_json::from_slice(&reply.body).ok()
}

fn redirected(reply: &Reply) -> String {
    let target = reply.location.as_deref().and_then(|location| reqwest::Url::parse(location).ok());
    let host = target.as_ref().and_then(|url| url.host_str()).unwrap_or("an unnamed place");
    let status = reply.status;
    format!("redirected with {status} to {host}, which is not followed: check the region, the API URL and any proxy")
}

impl ErrorBody {
    fn words(&self, status: u16) -> String {
        let mut parts: Vec<String> = self.message.iter().cloned().collect();
        parts.extend(self.details.iter().filter_map(|detail| match (&detail.field_name, &detail.error_code) {
            (Some(field), Some(code)) => Some(format!("{field}: {code}")),
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (None, None) => None,
        }));
        parts.extend(self.errors.iter().filter_map(|error| error.message.clone()));
        if parts.is_empty() {
            parts.push(format!("the service gave no reason for its status {status}"));
        }
        parts.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Effect::{Read, Write};
    use std::time::Duration;

    fn answered(status: u16, body: &str) -> Reply {
        Reply { status, content_type: Some("text/html".into()), body: body.into(), ..Reply::default() }
    }

    fn coded(status: u16, code: &str) -> Reply {
        answered(status, &format!(r#"{{"message":"m","code":"{code}","status":{status},"contextId":"c-1"}}"#))
    }

    fn kind(failure: &Failure) -> &'static str {
        match failure {
            Failure::NotAuthenticated(_) => "unauthenticated",
            Failure::NotPermitted { .. } => "unpermitted",
            Failure::NotFound { .. } => "missing",
            Failure::Conflict { .. } => "conflict",
            Failure::Refused { .. } => "refused",
            Failure::RateLimited { .. } => "limited",
            Failure::Unreachable(_) => "unreachable",
            Failure::OutcomeUnknown(_) => "unknown",
            Failure::Failed(_) => "failed",
            Failure::Unreadable(_) => "unreadable",
        }
    }

    #[test]
    fn every_documented_status_and_code() {
        for (status, code, read, write) in [
            (400, "bad.request", "refused", "refused"),
            (400, "invalid.update", "conflict", "conflict"),
            (400, "invalid.update.wrong.version", "conflict", "conflict"),
            (401, "bad.credentials", "unauthenticated", "unauthenticated"),
            (403, "missing.any.permissions", "unpermitted", "unpermitted"),
            (404, "campaign.not.found", "missing", "missing"),
            (408, "client.timeout", "failed", "unknown"),
            (409, "general.conflict", "conflict", "conflict"),
            (413, "request.entity.too.large", "refused", "refused"),
            (415, "unsupported.media.type", "refused", "refused"),
            (429, "too.many.requests.retry.after", "limited", "limited"),
            (500, "internal.server.error", "failed", "unknown"),
            (501, "not.implemented", "refused", "refused"),
            (502, "bad.gateway", "failed", "unknown"),
            (503, "service.unavailable", "failed", "unknown"),
            (504, "request.timeout", "failed", "unknown"),
            (520, "odd", "failed", "unknown"),
        ] {
            let reply = coded(status, code);
            assert_eq!(kind(&failure(Read, &reply)), read, "read {status} {code}");
            assert_eq!(kind(&failure(Write, &reply)), write, "write {status} {code}");
            assert_eq!(context_id(&reply).as_deref(), Some("c-1"));
        }
    }

    #[test]
    fn pages_of_a_proxy_are_never_taken_for_the_service() {
        for (status, read, write) in [
            (302, "unreadable", "unreadable"),
            (403, "unreadable", "unreadable"),
            (404, "unreadable", "unreadable"),
            (502, "failed", "unknown"),
        ] {
            let reply = answered(status, "<html>\n<b>Blocked</b>\u{1b}[2J");
            assert_eq!(kind(&failure(Read, &reply)), read, "read {status}");
            assert_eq!(kind(&failure(Write, &reply)), write, "write {status}");
            let words = failure(Read, &reply).to_string();
            assert!(!words.contains(char::is_control), "{words:?}");
            assert!(status == 302 || words.contains("text/html") && words.contains("Blocked"), "{words}");
        }
    }

    #[test]
    fn words_name_what_helps() {
        let permission = "You must have at least one of: [outbound:schedule:edit]";
        let reply = answered(403, &format!(r#"{{"message":"{permission}"}}"#));
        assert_eq!(failure(Write, &reply), Failure::NotPermitted { message: permission.into() });

        let mut moved = answered(301, "");
        moved.location = Some("https://sso.example.com/login?secret=1".into());
        let words = failure(Read, &moved).to_string();
        assert!(words.contains("sso.example.com") && !words.contains("secret"), "{words}");

        let details = r#"{"message":"bad","details":[{"errorCode":"too.long","fieldName":"name"}]}"#;
        let expected = Failure::Refused { status: 400, code: "no code".into(), message: "bad; name: too.long".into() };
        assert_eq!(failure(Write, &answered(400, details)), expected);

        let mut limited = coded(429, "too.many.requests.retry.after");
        assert!(!failure(Read, &limited).to_string().contains("asked to wait"), "nobody has asked");
        limited.retry_after = Some(Duration::from_secs(9000));
        assert!(failure(Read, &limited).to_string().contains("9000 s"));
        assert_eq!(kind(&failure(Read, &answered(404, ""))), "missing");
    }
}
