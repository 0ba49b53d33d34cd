//! What the sandbox refuses, in the words of the service: status, code, message.
//!
//! Codes and texts are those that the service's published documents list; where a text is not
//! published it is our own.

use serde_json::{Value, json};

/// A request that the service does not carry out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The service's code, for example `campaign.not.found`.
    pub code: &'static str,
    /// What is wrong, in one line.
    pub message: String,
    /// The field of the request that is wrong, as `recurrences[0].pattern.interval`.
    pub field: Option<String>,
    /// Whole seconds to wait before the next try.
    pub retry_after: Option<u32>,
}

impl Refusal {
    /// A refusal with a message of its own.
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), field: None, retry_after: None }
    }

    /// The refusal that a bare status stands for.
    pub fn of_status(status: u16) -> Self {
        let (code, message) = match status {
            400 => ("bad.request", "The request could not be understood by the server due to malformed syntax."),
            401 => ("bad.credentials", "Invalid login credentials."),
            403 => ("missing.any.permissions", "Unable to perform the requested action."),
            404 => ("not.found", "The requested resource was not found."),
            405 => ("method.not.allowed", "The requested resource does not support this method."),
            408 => ("client.timeout", "The client did not produce a request within the server timeout limit."),
            409 => ("general.conflict", "The request conflicts with the current state of the target resource."),
            413 => ("request.entity.too.large", "The request is over the size limit of 512000 bytes."),
            415 => ("unsupported.media.type", "The request must have the content type application/json."),
            429 => ("too.many.requests.retry.after", "Rate limit exceeded the maximum."),
            503 => ("service.unavailable", "Service Unavailable"),
            504 => ("request.timeout", "The request timed out."),
            _ => (
                "internal.server.error",
                "The server encountered an unexpected condition which prevented it from fulfilling the request.",
            ),
        };
        Self::new(status, code, message)
    }

    /// 400 `bad.request`: the body is not what the document describes.
    pub fn bad_request(field: &str, problem: &str) -> Self {
        Self::about(400, "bad.request", field, problem)
    }

    /// 400 `invalid.value`: the field has a value that it cannot have.
    pub fn invalid_value(field: &str, problem: &str) -> Self {
        Self::about(400, "invalid.value", field, problem)
    }

    /// 400 `invalid.date`: the text is not a date-time of the expected form.
    pub fn invalid_date(field: &str, problem: &str) -> Self {
        Self::about(400, "invalid.date", field, problem)
    }

    /// 400 `invalid.interval.time`: a span that ends before it starts, or has already begun.
    pub fn invalid_interval_time(field: &str, problem: &str) -> Self {
        Self::about(400, "invalid.interval.time", field, problem)
    }

    /// 429 with the service's announced text, which names the seconds to wait.
    pub fn rate_limited(seconds: u32) -> Self {
        let message = format!("Rate limit exceeded the maximum. Retry the request in [{seconds}] seconds");
        Self { retry_after: Some(seconds), ..Self::new(429, "too.many.requests.retry.after", message) }
    }

    /// 403 `missing.any.permissions`, with the service's text.
    pub fn missing_permissions(any_of: &[String]) -> Self {
        let message = format!(
            "Unable to perform the requested action. You must have at least one of the following permissions assigned: \
             [{}]",
            any_of.join(", ")
        );
        Self::new(403, "missing.any.permissions", message)
    }

    fn about(status: u16, code: &'static str, field: &str, problem: &str) -> Self {
        let message = if field.is_empty() { problem.to_owned() } else { format!("{field}: {problem}") };
        let field = (!field.is_empty()).then(|| field.to_owned());
        Self { field, ..Self::new(status, code, message) }
    }

    /// The `ErrorBody` of the service's document.
    pub fn body(&self, context_id: &str) -> Value {
        let details: Vec<Value> =
            self.field.iter().map(|field| json!({"errorCode": self.code, "fieldName": field})).collect();
        json!({
            "message": self.message,
            "code": self.code,
            "status": self.status,
            "contextId": context_id,
            "details": details,
            "errors": [],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_named_in_the_message_and_in_the_details() {
        let body = Refusal::bad_request("intervals[0].start", "is missing").body("c-1");
        assert_eq!(body["message"], "intervals[0].start: is missing");
        assert_eq!(body["details"][0]["fieldName"], "intervals[0].start");
        assert_eq!(body["contextId"], "c-1");
        assert_eq!(Refusal::of_status(404).body("c-1")["details"], json!([]));
    }

    #[test]
    fn a_rate_limit_tells_how_long_to_wait() {
        let refusal = Refusal::rate_limited(42);
        assert_eq!(refusal.message, "Rate limit exceeded the maximum. Retry the request in [42] seconds");
        assert_eq!((refusal.status, refusal.retry_after), (429, Some(42)));
    }
}
