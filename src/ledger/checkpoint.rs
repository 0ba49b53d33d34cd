//! A checkpoint: the end of a ledger at some time, kept elsewhere, so that nobody can cut the ledger or write it anew
//! unseen.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::notation;

/// The version of the format.
const FORMAT_VERSION: u32 = 1;

/// The end of a ledger at some time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Checkpoint {
    format_version: u32,
    /// The number of the last record.
    pub seq: u64,
    /// Its hash, in lower-case hexadecimal.
    pub hash: String,
    /// When the checkpoint was made.
    #[serde(with = "notation::instant")]
    pub made_at: DateTime<Utc>,
}

/// A text that is no checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum InvalidCheckpoint {
    /// It is something else.
    #[error("it is not what `dialctl audit checkpoint` prints: {0}")]
    NotACheckpoint(#[from] serde_json::Error),
    /// It is from another version of this program.
    #[error("it has format version {0}, not {FORMAT_VERSION}")]
    OtherVersion(u32),
}

impl Checkpoint {
    /// The checkpoint of a ledger that ends with this record.
    pub fn new(seq: u64, hash: String, made_at: DateTime<Utc>) -> Self {
        Self { format_version: FORMAT_VERSION, seq, hash, made_at }
    }

    /// Reads what [`Checkpoint::to_text`] wrote.
    ///
    /// # Errors
    /// When the text is something else.
    pub fn parse(text: &str) -> Result<Self, InvalidCheckpoint> {
        let checkpoint: Self = serde_json::from_str(text)?;
        match checkpoint.format_version {
            FORMAT_VERSION => Ok(checkpoint),
            other => Err(InvalidCheckpoint::OtherVersion(other)),
        }
    }

    /// One line of JSON.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_comes_back_from_its_text_and_others_do_not() {
        let checkpoint = Checkpoint::new(7, "h".to_owned(), "2027-03-01T09:00:00Z".parse().unwrap());
        let text = checkpoint.to_text();
        assert_eq!(text, r#"{"formatVersion":1,"seq":7,"hash":"h","madeAt":"2027-03-01T09:00:00.000Z"}"#);
        assert_eq!(Checkpoint::parse(&text).unwrap(), checkpoint);
        assert!(Checkpoint::parse(&text.replace(":1,", ":2,")).unwrap_err().to_string().contains("version 2"));
        assert!(Checkpoint::parse("{}").is_err());
    }
}
