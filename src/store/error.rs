//! What can go wrong with a store, with its way out.

use std::error::Error;

use object_store::Error as Cause;

use super::location::Location;
use crate::exit::Exit;

/// The longest that is told of what a store says, in characters.
const REASON_MAX: usize = 300;

/// A store could not be reached, or refused.
#[derive(Clone, Debug, thiserror::Error)]
#[error(
    "cannot {doing} {location}: {reason}; {} come from {}",
    if *is_denied {
        "check that the credentials may list, read and write there; they"
    } else {
        "check the network, and the address and the credentials; they"
    },
    location.provider.variables()
)]
pub struct StoreError {
    doing: &'static str,
    location: Location,
    reason: String,
    is_denied: bool,
}

impl StoreError {
    /// Names what was asked of a store, and what it said.
    pub(super) fn new(doing: &'static str, location: &Location, cause: &Cause) -> Self {
        let is_denied = matches!(cause, Cause::PermissionDenied { .. } | Cause::Unauthenticated { .. });
        Self { doing, location: location.clone(), reason: reason(cause), is_denied }
    }

    /// A failure that is not the store's own.
    pub(crate) fn because(doing: &'static str, location: &Location, reason: impl Into<String>) -> Self {
        Self { doing, location: location.clone(), reason: reason.into(), is_denied: false }
    }

    /// The exit code of a run that ends with this error before it has begun.
    pub fn exit(&self) -> Exit {
        if self.is_denied { Exit::Denied } else { Exit::Failed }
    }
}

/// What lies at the bottom of an error. Those above it tell the whole request, which a token may be part of.
fn reason(cause: &Cause) -> String {
    let mut bottom: &dyn Error = cause;
    while let Some(below) = bottom.source() {
        bottom = below;
    }
    let text = bottom.to_string().replace(char::is_control, " ");
    let said = match (between(&text, "<Code>", "</Code>"), between(&text, "<Message>", "</Message>")) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        (None, _) => without_queries(&text),
    };
    // The only thing that is said without a hint how to change it.
    let said = said.replace("URL scheme is not allowed", "plain http is only used with AWS_ALLOW_HTTP=true");
    said.chars().take(REASON_MAX).collect()
}

fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(begin)?;
    rest.split_once(end).map(|(within, _)| within)
}

/// The text with the queries of all URLs cut off: Azure's tokens stand there.
fn without_queries(text: &str) -> String {
    let word = |word: &str| match word.split_once('?') {
        Some((before, _)) if before.contains("://") => before.to_owned(),
        _ => word.to_owned(),
    };
    text.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        reason(&Cause::Generic { store: "S3", source: text.into() })
    }

    #[test]
    fn what_a_store_says_is_told_in_short_and_without_tokens() {
        let body =
            "Server returned 403: <?xml ?><Error><Code>AccessDenied</Code><Message>Not you.</Message><X/></Error>";
        assert_eq!(told(body), "AccessDenied: Not you.");
        assert_eq!(
            told("GET https://a.example/b?sig=s3cr3t failed\n\u{1b}[31m"),
            "GET https://a.example/b failed [31m"
        );
        assert_eq!(told(&"x".repeat(1000)).len(), REASON_MAX);
    }

    #[test]
    fn only_refused_credentials_exit_as_such() {
        let location: Location = "s3://bucket/x".parse().unwrap();
        let denied = Cause::PermissionDenied { path: "x".to_owned(), source: "no".into() };
        let error = StoreError::new("read", &location, &denied);
        assert_eq!(error.exit(), Exit::Denied);
        let told = error.to_string();
        assert!(told.starts_with("cannot read s3://bucket/x: no; check that the credentials"), "{told}");
        assert!(told.contains("AWS_ACCESS_KEY_ID"), "{told}");
        assert_eq!(StoreError::because("read", &location, "down").exit(), Exit::Failed);
    }
}
