//! The shape of `dialctl.yaml`.

use std::io;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::freeze::{FreezeWindowFile, freeze};
use super::limits::LimitsFile;
use super::rules::RulesFile;
use super::webhooks::{self, WebhookFile};
use crate::manifest::{self, Compiled};
use crate::plan::Freeze;

/// The largest configuration file that is read, in bytes.
const SIZE_MAX: u64 = 256 * 1024;

/// Settings of a repository of schedules. Credentials never stand here: they come from the environment.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(title = "dialctl.yaml, a mapping of settings")]
pub struct ConfigFile {
    /// Whose schedules this repository holds: the part of live names before the slash. Default `dialctl`.
    #[schemars(title = "an owner of 1 to 13 characters: a-z, 0-9 and `-`", regex(pattern = "^[a-z0-9-]{1,13}$"))]
    pub owner: Option<String>,
    /// Which Genesys Cloud organisation to talk to, and how.
    pub genesys: GenesysFile,
    /// What apply may do at all.
    pub policy: PolicyFile,
    /// How much one run may change.
    pub limits: LimitsFile,
    /// Times in which apply changes nothing.
    #[schemars(length(max = 100))]
    pub freeze: Vec<FreezeWindowFile>,
    /// Requests a minute that all parts of one run send together, at most. Default 300, the service's own limit.
    #[schemars(range(min = 1, max = 100_000))]
    pub rate_limit: Option<u32>,
    /// How many minutes before it would be felt apply must not change running or upcoming dialing, unless the schedule is
    /// named with `--allow-imminent`. Default 15; 0 lets it.
    #[schemars(range(min = 0, max = 1440))]
    pub grace_minutes: Option<u32>,
    /// How patiently failed requests are repeated.
    pub retry: RetryFile,
    /// Where the audit ledger and the locks are kept: a directory, or a part of an object store that several machines
    /// share. Default `.dialctl`. Credentials for a store come from its own variables, as `AWS_ACCESS_KEY_ID`.
    #[schemars(example = "s3://bucket/dialctl", example = "gs://bucket/dialctl", example = "az://container/dialctl")]
    pub state: Option<PathBuf>,
    /// Who is told about changes, besides the receiver of the variable `WFM_WEBHOOK_URL`.
    pub webhooks: Vec<WebhookFile>,
    /// How bad findings are, by code; what stands here replaces what the code says itself.
    pub rules: RulesFile,
}

/// What `dialctl.yaml` says, with what no schema can check.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// What it says.
    pub file: ConfigFile,
    /// What its `freeze` means.
    pub freeze: Freeze,
}

/// Which Genesys Cloud organisation to talk to, and how.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GenesysFile {
    /// The region, by AWS name or domain.
    #[schemars(example = "eu-central-1", example = "mypurecloud.de")]
    pub region: Option<String>,
    /// The API to use. Default `outbound-schedules`, the public one.
    pub api: Option<ApiName>,
    /// The base of the API, instead of the region's; plain http only to this machine.
    pub api_url: Option<String>,
    /// The base of the login service, instead of the region's; plain http only to this machine.
    pub login_url: Option<String>,
    /// How the times of one-off intervals are written and read. Default `local`.
    pub interval_times: Option<IntervalZone>,
}

/// The APIs that keep schedules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum ApiName {
    /// The public API: one schedule per campaign or sequence.
    OutboundSchedules,
    /// Several schedules per campaign, which can only be created.
    CampaignSchedules,
}

/// What the service makes of the times of intervals, which its documents leave open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum IntervalZone {
    /// Local times of the schedule's zone, a trailing `Z` means nothing.
    Local,
    /// UTC, marked by a trailing `Z`.
    Utc,
}

/// What apply may do at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PolicyFile {
    /// Creating missing schedules. Default `allow`.
    pub create: Option<Verdict>,
    /// Updating owned schedules. Default `allow`.
    pub update: Option<Verdict>,
    /// Deleting owned schedules without a manifest, which also takes `--prune`. Default `allow`.
    pub delete: Option<Verdict>,
    /// Taking over schedules of others without `--adopt`. Default `deny`.
    pub adopt: Option<Verdict>,
}

/// Whether something is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is allowed.
    Allow,
    /// It is refused.
    Deny,
}

/// How patiently failed requests are repeated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RetryFile {
    /// Attempts in all. Default 4.
    #[schemars(range(min = 1, max = 20))]
    pub max_attempts: Option<u32>,
    /// The longest wait between two attempts, in seconds. Default 30.
    #[schemars(range(min = 1, max = 300))]
    pub max_wait_seconds: Option<u64>,
    /// The longest wait that a server may ask for with `Retry-After`, in seconds. Default 180.
    #[schemars(range(min = 1, max = 3600))]
    pub max_retry_after_seconds: Option<u64>,
    /// The longest that one request may take, in seconds. Default 15.
    #[schemars(range(min = 1, max = 300))]
    pub request_timeout_seconds: Option<u64>,
    /// The longest that one request may take with all its repeats and waits, in seconds. Default 900.
    #[schemars(range(min = 1, max = 7200))]
    pub max_total_seconds: Option<u64>,
}

/// `dialctl.yaml` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFileError {
    /// It cannot be read.
    #[error("cannot read the configuration {}: {source}; repair it, or give another with --config", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is far larger than any configuration.
    #[error("the configuration {} has {size} bytes, more than the {SIZE_MAX} that are read", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
    },
    /// It is no file: a pipe, for example, would be waited for in vain.
    #[error("cannot read the configuration {}: it is not a file; give another with --config", .0.display())]
    NoFile(PathBuf),
    /// It is not what the schema allows.
    #[error("the configuration is not valid:\n{}", .0.join("\n"))]
    Invalid(Vec<String>),
}

impl Config {
    /// Reads a configuration file.
    pub fn read(path: &Path) -> Result<Self, ConfigFileError> {
        let unreadable = |source| ConfigFileError::Unreadable { path: path.to_owned(), source };
        let metadata = std::fs::metadata(path).map_err(unreadable)?;
        if !metadata.is_file() {
            return Err(ConfigFileError::NoFile(path.to_owned()));
        }
        if metadata.len() > SIZE_MAX {
            return Err(ConfigFileError::TooLarge { path: path.to_owned(), size: metadata.len() });
        }
        let bytes = std::fs::read(path).map_err(unreadable)?;
        Self::parse(&path.display().to_string(), bytes).map_err(ConfigFileError::Invalid)
    }

    /// Reads a configuration; each error says what is wrong and where, and repeats no value of a field
    /// that does not exist.
    pub fn parse(path: &str, content: impl Into<Vec<u8>>) -> Result<Self, Vec<String>> {
        let checked = |mut file: ConfigFile, place: &dyn Fn(&str) -> String| match (
            freeze(&file.freeze),
            webhooks::check(std::mem::take(&mut file.webhooks), place),
        ) {
            (Ok(freeze), Ok(webhooks)) => {
                file.webhooks = webhooks;
                Ok(Self { file, freeze })
            }
            (freeze, webhooks) => Err(freeze.err().into_iter().chain(webhooks.err()).flatten().collect()),
        };
        manifest::read_checked_settings(path, content.into(), &Compiled::new(config_schema()), checked)
    }
}

/// The JSON Schema of `dialctl.yaml`.
pub fn config_schema() -> Value {
    manifest::generator().into_root_schema_for::<ConfigFile>().to_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_reference_shows() {
        let text =
            "owner: sales\ngenesys:\n  region: eu-central-1\n  api: campaign-schedules\npolicy: {delete: deny}\n";
        let config = Config::parse("dialctl.yaml", text).unwrap().file;
        assert_eq!(config.owner.as_deref(), Some("sales"));
        assert_eq!(config.genesys.api, Some(ApiName::CampaignSchedules));
        assert_eq!(config.policy.delete, Some(Verdict::Deny));
    }

    #[test]
    fn nothing_but_comments_is_the_default() {
        assert_eq!(Config::parse("dialctl.yaml", "# later\n\n"), Ok(Config::default()));
        assert_eq!(Config::parse("dialctl.yaml", ""), Ok(Config::default()));
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (text, told) in [
            ("ownr: hunter2\n", &["dialctl.yaml:1:1: unknown field `ownr`", "did you mean `owner`?"][..]),
            ("genesys: {api: rest}\n", &["1:16: ", "outbound-schedules"]),
            ("rateLimit: 0\n", &["1:12: expected a whole number from 1", "found the number 0"]),
            ("owner: Sales Team\n", &["1:8: expected an owner", "found `Sales Team`"]),
            ("\nrateLimit: many\n", &["2:12: expected a whole number", "found `many`"]),
            ("owner: a\nowner: b\n", &["2:1: ", "stands twice"]),
            ("owner: [\n", &["dialctl.yaml:1:8: ", "never closed"]),
            ("- owner\n", &["1:1: expected dialctl.yaml, a mapping of settings, found a list"]),
            ("owner: a\n---\nowner: b\n", &["3:1: only one document"]),
        ] {
            let message = Config::parse("dialctl.yaml", text).unwrap_err().join("\n");
            assert!(told.iter().all(|part| message.contains(part)), "{text:?}: {message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }
}
