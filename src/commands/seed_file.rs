//! The file with what a sandbox has from the start.

use std::io;
use std::path::{Path, PathBuf};

use crate::manifest::{self, Compiled};
use crate::sandbox::{Inventory, SeedDocument};

/// A seed file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SeedFileError {
    /// It cannot be read.
    #[error("cannot read the seed file {}: {source}; check the path given with --seed", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not what the schema allows, or refers to what is not there.
    #[error("the seed file is not valid:\n{}", .0.join("\n"))]
    Invalid(Vec<String>),
}

/// Reads a seed file, YAML or JSON.
pub fn read(path: &Path) -> Result<Inventory, SeedFileError> {
    let bytes = std::fs::read(path).map_err(|source| SeedFileError::Unreadable { path: path.to_owned(), source })?;
    let schema = manifest::generator().into_root_schema_for::<SeedDocument>().to_value();
    let inventory = |document, _: &dyn Fn(&str) -> String| {
        Inventory::of(document)
            .map_err(|problems| problems.into_iter().map(|problem| (problem.pointer, problem.message)).collect())
    };
    manifest::read_checked_settings(&path.display().to_string(), bytes, &Compiled::new(schema), inventory)
        .map_err(SeedFileError::Invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_wrong_is_told_with_its_place() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("seed.yaml");
        for (text, told) in [
            ("campaigns:\n  - {name: A, color: red}\n", vec![":2:15: ", "color"]),
            ("campaigns:\n  - {nam: A}\n", vec![":2:6: ", "`name`"]),
            ("queues:\n  - name: Q\n    memberCount: many\n", vec![":3:18: "]),
            ("queues:\n  - {name: 5}\n  - {name: Q, memberCount: -1}\n", vec![":2:12: ", ":3:28: "]),
            ("campaigns:\n  - {name: A, dialingMode: quick}\n", vec![":2:28: "]),
            (
                "campaigns:\n  - name: A\n    queue: Sale\nqueues:\n  - name: Sales\n",
                vec![":3:12: ", "did you mean `Sales`?"],
            ),
            ("sites:\n  - {name: A}\n  - {name: A}\n", vec![":3:", "`id` of its own"]),
            ("[]", vec![":1:1: "]),
            ("campaigns: [", vec![":1:"]),
        ] {
            std::fs::write(&path, text).unwrap();
            let message = read(&path).unwrap_err().to_string();
            for part in told {
                assert!(message.contains(part) && message.contains("seed.yaml:"), "{text}: {message}");
            }
        }
    }

    #[test]
    fn yaml_json_and_nothing_are_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("seed.yaml");
        std::fs::write(&path, "queues: [{name: Q}]\ncampaigns: [{name: A, queue: Q, outboundLineCount: 3}]\n").unwrap();
        let yaml = read(&path).unwrap();
        std::fs::write(
            &path,
            r#"{"queues": [{"name": "Q"}], "campaigns": [{"name": "A", "queue": "Q", "outboundLineCount": 3}]}"#,
        )
        .unwrap();
        assert_eq!(read(&path).unwrap(), yaml);
        std::fs::write(&path, "").unwrap();
        assert_eq!(read(&path).unwrap(), Inventory::default());
    }
}
