//! The URL of a store.

use std::fmt;
use std::str::FromStr;

/// A part of a bucket: `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    pub(super) provider: Provider,
    pub(super) bucket: String,
    /// Without a slash at either end; empty for the whole bucket.
    pub(super) prefix: String,
}

/// Whose service it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Provider {
    /// Amazon S3, and what speaks as it does.
    S3,
    /// Google Cloud Storage.
    Google,
    /// Azure Blob Storage.
    Azure,
}

/// Why a text is not the URL of a store. It is not repeated: somebody may have put credentials into it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLocation {
    /// No store has such URLs.
    #[error("no state is kept under `{}://`; give a directory, or a URL of s3://, gs://, az:// or file://", .0.escape_debug())]
    Scheme(String),
    /// The name of the bucket is none.
    #[error(
        "the URL of the state has no name of a bucket after `://`; write it like s3://bucket/prefix, without credentials"
    )]
    Bucket,
    /// What follows the bucket is no prefix.
    #[error(
        "the prefix in the URL of the state has an empty part, `.`, `..`, or a character that is not a letter, a digit or one \
         of `-_.=+@`"
    )]
    Prefix,
}

impl Provider {
    fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Google => "gs",
            Self::Azure => "az",
        }
    }

    /// The variables that say where the service is and who asks.
    pub(super) fn variables(self) -> &'static str {
        match self {
            Self::S3 => {
                "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION and AWS_ENDPOINT_URL, or from a role"
            }
            Self::Google => {
                "GOOGLE_APPLICATION_CREDENTIALS or GOOGLE_SERVICE_ACCOUNT_KEY, or from the machine's account"
            }
            Self::Azure => {
                "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_SAS_TOKEN, or from an identity"
            }
        }
    }
}

impl FromStr for Location {
    type Err = InvalidLocation;

    fn from_str(text: &str) -> Result<Self, InvalidLocation> {
        let (scheme, rest) = text.split_once("://").unwrap_or((text, ""));
        let provider = [Provider::S3, Provider::Google, Provider::Azure].into_iter().find(|one| one.scheme() == scheme);
        let provider = provider.ok_or_else(|| InvalidLocation::Scheme(scheme.to_owned()))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let is_plain = |text: &str, more: &str| {
            !text.is_empty() && text.chars().all(|one| one.is_ascii_alphanumeric() || more.contains(one))
        };
        if !is_plain(bucket, "-_.") {
            return Err(InvalidLocation::Bucket);
        }
        let prefix = prefix.trim_end_matches('/');
        let is_part = |part: &str| is_plain(part, "-_.=+@") && part != "." && part != "..";
        if !prefix.is_empty() && !prefix.split('/').all(is_part) {
            return Err(InvalidLocation::Prefix);
        }
        Ok(Self { provider, bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { provider, bucket, prefix } = self;
        write!(f, "{}://{bucket}", provider.scheme())?;
        if prefix.is_empty() { Ok(()) } else { write!(f, "/{prefix}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_told_as_it_was_given_without_a_slash_at_its_end() {
        for (text, told) in [
            ("s3://bucket", "s3://bucket"),
            ("s3://bucket/", "s3://bucket"),
            ("gs://my.bucket/a/b=c/", "gs://my.bucket/a/b=c"),
            ("az://container/x", "az://container/x"),
        ] {
            assert_eq!(text.parse::<Location>().unwrap().to_string(), told);
        }
    }

    #[test]
    fn what_is_no_url_of_a_store_is_refused_without_its_secrets() {
        for (text, reason) in [
            ("ftp://bucket/x", InvalidLocation::Scheme("ftp".to_owned())),
            ("s3://", InvalidLocation::Bucket),
            ("s3:///x", InvalidLocation::Bucket),
            ("s3://id:s3cr3t@bucket/x", InvalidLocation::Bucket),
            ("az://container?sig=s3cr3t", InvalidLocation::Bucket),
            ("az://container/x?sig=s3cr3t", InvalidLocation::Prefix),
            ("s3://bucket//x", InvalidLocation::Prefix),
            ("s3://bucket/a/../x", InvalidLocation::Prefix),
        ] {
            let error = text.parse::<Location>().unwrap_err();
            assert!(!error.to_string().contains("s3cr3t"), "{error}");
            assert_eq!(error, reason, "{text}");
        }
    }
}
