//! The settings of a run: flag before environment before file before default.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use crate::genesys::Credentials;
use crate::ledger::Receiver;
use crate::plan::{Freeze, Limits, OnConflict, Policy, Raised};
use crate::rules::Severities;
use crate::schedule::{InvalidOwner, Owner};

use super::file::{ApiName, Config, ConfigFile, IntervalZone, Verdict};
use super::profile::Profile;
use super::state::{InvalidState, State};
use super::webhooks;

/// Looks up an environment variable. Empty ones count as unset.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What the command line says about settings that the file may also hold.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--owner`
    pub owner: Option<String>,
    /// `--region`
    pub region: Option<String>,
    /// `--api`
    pub api: Option<ApiName>,
    /// `--api-url`
    pub api_url: Option<String>,
    /// `--login-url`
    pub login_url: Option<String>,
    /// `--interval-times`
    pub interval_times: Option<IntervalZone>,
    /// `--rate-limit`
    pub rate_limit: Option<u32>,
    /// `--state`
    pub state: Option<PathBuf>,
    /// `--ca-file`
    pub ca_file: Option<PathBuf>,
}

/// What the command line allows for this one run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Switches {
    /// `--prune`
    pub prune: bool,
    /// `--adopt`
    pub adopt: bool,
    /// `--on-conflict`
    pub on_conflict: OnConflict,
}

/// The settings of a run.
#[derive(Debug)]
pub struct Settings {
    /// Whose schedules are managed.
    pub owner: Owner,
    /// The region by name or domain, where one is given.
    pub region: Option<String>,
    /// The API to use.
    pub api: ApiName,
    /// The base of the API, instead of the region's.
    pub api_url: Option<String>,
    /// The base of the login service, instead of the region's.
    pub login_url: Option<String>,
    /// How the times of intervals are written and read.
    pub interval_times: IntervalZone,
    /// What the file says about what apply may do.
    file: ConfigFile,
    /// When apply changes nothing.
    pub freeze: Freeze,
    /// How soon an apply must not be felt, in minutes; nothing is looked at where it is 0.
    pub grace_minutes: u32,
    /// Requests a minute, at most.
    pub rate_limit: u32,
    /// Attempts of one request.
    pub max_attempts: u32,
    /// The longest wait between two attempts.
    pub max_wait: Duration,
    /// The longest `Retry-After` that is obeyed.
    pub max_retry_after: Duration,
    /// The longest that one attempt at a request may take.
    pub request_timeout: Duration,
    /// The longest that one request may take with all its repeats and waits.
    pub max_total: Duration,
    /// What the repository makes of the findings of each code.
    pub severities: Severities,
    /// Where the ledger, the locks and the sandbox's data are kept.
    pub state: State,
    /// A file of certificate authorities that are trusted besides those of the system.
    pub ca_file: Option<PathBuf>,
    /// The client's id, where the environment or the profile has one.
    pub client_id: Option<String>,
    /// The client's secret, where the environment or the profile has one.
    pub client_secret: Option<SecretString>,
    /// A ready token, where the environment or the profile has one.
    pub access_token: Option<SecretString>,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidSetting {
    /// The owner is no owner.
    #[error(transparent)]
    Owner(#[from] InvalidOwner),
    /// The state is kept nowhere.
    #[error(transparent)]
    State(#[from] InvalidState),
    /// The number is none that makes sense.
    #[error("a rate limit of 0 requests a minute would never send any; give at least 1")]
    RateLimit,
    /// The grace is none.
    #[error("DIALCTL_GRACE is `{0}`; give a number of minutes from 0 to {LONGEST_GRACE}")]
    Grace(String),
}

/// The longest grace, in minutes: a day.
pub const LONGEST_GRACE: u32 = 24 * 60;

fn grace(text: &str) -> Result<u32, InvalidSetting> {
    let minutes = text.trim().parse().ok().filter(|minutes| *minutes <= LONGEST_GRACE);
    minutes.ok_or_else(|| InvalidSetting::Grace(text.escape_debug().to_string()))
}

impl Settings {
    /// Adds up flags, environment, file and defaults. A profile counts as a flag, because somebody names it on the
    /// command line: its credentials are used as they stand there, never mixed with those of the environment.
    pub fn resolve(
        flags: Flags,
        profile: Option<Profile>,
        config: Config,
        environment: Environment<'_>,
    ) -> Result<Self, InvalidSetting> {
        let Config { file, freeze } = config;
        let variable =
            |names: &[&str]| names.iter().find_map(|name| environment(name).filter(|value| !value.trim().is_empty()));
        let secret = |names: &[&str]| variable(names).map(SecretString::from);
        let (genesys, retry) = (file.genesys.clone(), file.retry);
        let profile_region = profile.as_ref().and_then(|profile| profile.region.clone());
        let (client_id, client_secret, access_token) = match profile.map(|profile| profile.credentials) {
            Some(Credentials::Token(token)) => (None, None, Some(token)),
            Some(Credentials::Client { id, secret }) => (Some(id), Some(secret), None),
            None => (
                variable(&["GENESYS_CLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_ID"]),
                secret(&["GENESYS_CLIENT_SECRET", "GENESYSCLOUD_OAUTHCLIENT_SECRET"]),
                secret(&["GENESYSCLOUD_ACCESS_TOKEN"]),
            ),
        };
        let owner = flags.owner.or_else(|| variable(&["DIALCTL_OWNER"])).or(file.owner.clone());
        let state = flags.state.or_else(|| variable(&["DIALCTL_STATE"]).map(PathBuf::from)).or(file.state.clone());
        let grace = variable(&["DIALCTL_GRACE"]).map(|text| grace(&text)).transpose()?;
        let rate_limit = flags.rate_limit.or(file.rate_limit).unwrap_or(300);
        if rate_limit == 0 {
            return Err(InvalidSetting::RateLimit);
        }
        let seconds = |value: Option<u64>, default| Duration::from_secs(value.unwrap_or(default));
        Ok(Self {
            owner: owner.map(Owner::try_from).transpose()?.unwrap_or_default(),
            region: flags
                .region
                .or(profile_region)
                .or_else(|| variable(&["GENESYS_ENV", "GENESYSCLOUD_REGION"]))
                .or(genesys.region),
            api: flags.api.or(genesys.api).unwrap_or(ApiName::OutboundSchedules),
            api_url: flags.api_url.or_else(|| variable(&["DIALCTL_API_URL"])).or(genesys.api_url),
            login_url: flags.login_url.or_else(|| variable(&["DIALCTL_LOGIN_URL"])).or(genesys.login_url),
            interval_times: flags.interval_times.or(genesys.interval_times).unwrap_or(IntervalZone::Local),
            grace_minutes: grace.or(file.grace_minutes).unwrap_or(15),
            rate_limit,
            max_attempts: retry.max_attempts.unwrap_or(4),
            max_wait: seconds(retry.max_wait_seconds, 30),
            max_retry_after: seconds(retry.max_retry_after_seconds, 180),
            request_timeout: seconds(retry.request_timeout_seconds, 15),
            max_total: seconds(retry.max_total_seconds, 900),
            severities: file.rules.severities(),
            state: state.map(State::try_from).transpose()?.unwrap_or_default(),
            ca_file: flags.ca_file.or_else(|| variable(&["DIALCTL_CA_FILE"]).map(PathBuf::from)),
            client_id,
            client_secret,
            access_token,
            file,
            freeze,
        })
    }

    /// What a plan may contain.
    pub fn policy(&self, switches: &Switches) -> Policy {
        let policy = &self.file.policy;
        let allows = |verdict: Option<Verdict>| verdict != Some(Verdict::Deny);
        Policy {
            create: allows(policy.create),
            update: allows(policy.update),
            prune: switches.prune && allows(policy.delete),
            adopt: switches.adopt || policy.adopt == Some(Verdict::Allow),
            on_conflict: switches.on_conflict,
        }
    }

    /// How much a plan may change in a run that raises these limits.
    pub fn limits(&self, raised: &Raised) -> Limits {
        self.file.limits.limits(raised.clone())
    }

    /// Who is told about changes, in the order of their names. Only who sends asks for this: what it takes from the
    /// environment is missing where manifests are only checked.
    ///
    /// # Errors
    /// Every problem, a line each, with its place and the way out.
    pub fn receivers(&self, environment: Environment<'_>) -> Result<Vec<Receiver>, Vec<String>> {
        webhooks::receivers(&self.file.webhooks, environment)
    }

    /// Whether `--prune` was given in vain because the policy denies deletes.
    pub fn denies_prune(&self, switches: &Switches) -> bool {
        switches.prune && self.file.policy.delete == Some(Verdict::Deny)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(flags: Flags, file: &str, environment: &[(&str, &str)]) -> Settings {
        let lookup =
            |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Settings::resolve(flags, None, Config::parse("dialctl.yaml", file).unwrap(), &lookup).unwrap()
    }

    #[test]
    fn a_profile_beats_the_environment_as_a_whole() {
        let environment = |name: &str| match name {
            "GENESYS_ENV" | "GENESYS_CLIENT_ID" | "GENESYS_CLIENT_SECRET" | "GENESYSCLOUD_ACCESS_TOKEN" => {
                Some("env".to_owned())
            }
            _ => None,
        };
        let client = || Credentials::Client { id: "profile".into(), secret: "profile".into() };
        let token = || Credentials::Token("profile".into());
        for (flag, region, credentials, expected) in [
            (None, Some("profile"), client(), ("profile", Some("profile"), false)),
            (Some("flag"), Some("profile"), client(), ("flag", Some("profile"), false)),
            (None, None, token(), ("env", None, true)),
        ] {
            let flags = Flags { region: flag.map(str::to_owned), ..Flags::default() };
            let profile = Profile { region: region.map(str::to_owned), credentials };
            let settings = Settings::resolve(flags, Some(profile), Config::default(), &environment).unwrap();
            let found = (settings.region.as_deref(), settings.client_id.as_deref(), settings.access_token.is_some());
            assert_eq!(found, (Some(expected.0), expected.1, expected.2));
            assert_eq!(settings.client_secret.is_some(), expected.1.is_some());
        }
    }

    #[test]
    fn flag_beats_environment_beats_file_beats_default() {
        let flags = || Flags { region: Some("flag".into()), owner: Some("flag".into()), ..Flags::default() };
        let environment = [("GENESYS_ENV", "env"), ("DIALCTL_OWNER", "env")];
        let file = "owner: file\ngenesys: {region: file}\n";
        for (settings, expected) in [
            (resolve(flags(), file, &environment), ("flag", Some("flag"))),
            (resolve(Flags::default(), file, &environment), ("env", Some("env"))),
            (resolve(Flags::default(), file, &[]), ("file", Some("file"))),
            (resolve(Flags::default(), "", &[]), ("dialctl", None)),
        ] {
            assert_eq!((settings.owner.as_str(), settings.region.as_deref()), expected);
        }
    }

    #[test]
    fn the_names_of_the_vendor_work_too_and_empty_ones_count_for_nothing() {
        let vendor = [("GENESYS_CLIENT_ID", " "), ("GENESYSCLOUD_OAUTHCLIENT_ID", "vendor")];
        assert_eq!(resolve(Flags::default(), "", &vendor).client_id.as_deref(), Some("vendor"));
    }

    #[test]
    fn a_policy_that_denies_deletes_outlives_the_flag() {
        let prune = Switches { prune: true, ..Switches::default() };
        let denied = resolve(Flags::default(), "policy: {delete: deny}\n", &[]);
        assert!(!denied.policy(&prune).prune && denied.denies_prune(&prune));
        assert!(resolve(Flags::default(), "", &[]).policy(&prune).prune);
    }

    #[test]
    fn secrets_show_in_no_debug_text() {
        let environment = [("GENESYS_CLIENT_SECRET", "s3cr3t"), ("GENESYSCLOUD_ACCESS_TOKEN", "s3cr3t")];
        let shown = format!("{:?}", resolve(Flags::default(), "", &environment));
        assert!(!shown.contains("s3cr3t"), "{shown}");
    }
}
