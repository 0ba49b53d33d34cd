//! What can go wrong in a conversation with the API, told apart by what the caller can do about it.

use std::fmt;
use std::time::Duration;

use crate::exit::Exit;

/// The request that an error is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestLine {
    /// The HTTP method.
    pub method: &'static str,
    /// The path, without host and query.
    pub path: String,
}

/// A request that did not succeed.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{request}: {failure}")]
pub struct ApiError {
    /// The request.
    pub request: RequestLine,
    /// What went wrong.
    pub failure: Failure,
    /// The service's correlation id, which its support asks for.
    pub correlation_id: Option<String>,
}

/// Why a request did not succeed.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Failure {
    /// The login or the token was refused; the text says which way out there is.
    #[error("not authenticated: {0}")]
    NotAuthenticated(String),
    /// The client lacks a permission.
    #[error("not permitted: {message}")]
    NotPermitted {
        /// The service's message, which names the permissions of which one is needed.
        message: String,
    },
    /// There is no such object.
    #[error("not found: {message} ({code})")]
    NotFound {
        /// The service's code, for example `campaign.not.found`.
        code: String,
        /// The service's message.
        message: String,
    },
    /// The object changed since it was read, or it clashes with another.
    #[error("conflict: {message} ({code})")]
    Conflict {
        /// The service's code, for example `invalid.update.wrong.version`.
        code: String,
        /// The service's message.
        message: String,
    },
    /// The service refused the request as it stands.
    #[error("refused with {status}: {message} ({code})")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The service's code.
        code: String,
        /// The service's message.
        message: String,
    },
    /// The rate limit held for longer than this program waits.
    #[error("rate limited, {}gave up: {message}", asked(*.retry_after))]
    RateLimited {
        /// How long the service asked to wait; zero where it did not.
        retry_after: Duration,
        /// The service's message.
        message: String,
    },
    /// Nothing was sent: no route, no such host, connection refused, TLS failed.
    #[error("cannot reach the server: {0}")]
    Unreachable(String),
    /// A write was sent and its outcome is unknown: it timed out, the connection broke, or the
    /// service failed.
    #[error("outcome unknown: {0}")]
    OutcomeUnknown(String),
    /// A read failed for good: it timed out, the connection broke, or the service failed.
    #[error("failed: {0}")]
    Failed(String),
    /// The answer is not what the API gives, for example the HTML page of a proxy.
    #[error("unreadable answer: {0}")]
    Unreadable(String),
}

fn asked(retry_after: Duration) -> String {
    if retry_after.is_zero() { String::new() } else { format!("asked to wait {} s, ", retry_after.as_secs()) }
}

impl ApiError {
    /// Whether the request may or may not have had its effect.
    pub fn outcome_unknown(&self) -> bool {
        matches!(self.failure, Failure::OutcomeUnknown(_))
    }

    /// Whether the login or the token was refused, as it would be for every further request.
    pub fn is_login_refused(&self) -> bool {
        matches!(self.failure, Failure::NotAuthenticated(_))
    }

    /// The exit code of a run that ends with this error.
    pub fn exit(&self) -> Exit {
        match self.failure {
            Failure::NotAuthenticated(_) | Failure::NotPermitted { .. } => Exit::Denied,
            _ => Exit::Failed,
        }
    }
}

impl fmt::Display for RequestLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}
