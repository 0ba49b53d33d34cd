//! From settings to an API that answers: the service's, or a sandbox inside this process.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use secrecy::SecretString;
use uuid::Uuid;

use super::Invocation;
use super::error::CommandError;
use crate::apply::{Backoff, Traffic};
use crate::config::{ApiName, IntervalZone, Settings};
use crate::genesys::{
    Authorities, CampaignSchedules, Credentials, Endpoints, IntervalTimes, OutboundSchedules, Region, RetryPolicy,
    ScheduleApi, Transport, TransportOptions,
};
use crate::lock::Scope;
use crate::manifest::Loaded;
use crate::sandbox::{Sandbox, SandboxOptions, Seed};
use crate::schedule::{ScheduleKind, TargetRef};

/// What stands for the organisation of a sandbox inside this process.
const SANDBOX: &str = "sandbox";

/// A connection to an API that keeps schedules.
pub struct Connection {
    /// The API.
    pub api: Box<dyn ScheduleApi>,
    /// What stands for the organisation in plans: the host of the API, or `sandbox`.
    pub organisation: String,
    transport: Arc<Transport>,
    sandbox: Option<Sandbox>,
}

impl Connection {
    /// Connects as the settings say; with `--sandbox`, to a sandbox inside this process that knows
    /// every target that the manifests name.
    pub async fn open(invocation: &Invocation<'_>, loaded: &Loaded) -> Result<Self, CommandError> {
        let settings = &invocation.settings;
        if !invocation.in_sandbox {
            let (endpoints, credentials) = (endpoints(settings)?, credentials(settings)?);
            let organisation = organisation_of(&endpoints);
            return Self::to(invocation, endpoints, credentials, organisation, None);
        }
        let (id, secret) = (Uuid::new_v4().to_string(), SecretString::from(Uuid::new_v4().to_string()));
        let options = SandboxOptions {
            data: Some(invocation.folder().join("sandbox.json")),
            ..SandboxOptions::new(id.clone(), secret.clone())
        };
        let sandbox = crate::sandbox::start(options, seeds(loaded)).await?;
        let endpoints = Endpoints::resolve(None, Some(&sandbox.url()), None)?;
        Self::to(invocation, endpoints, Credentials::Client { id, secret }, SANDBOX.to_owned(), Some(sandbox))
    }

    fn to(
        invocation: &Invocation<'_>,
        endpoints: Endpoints,
        credentials: Credentials,
        organisation: String,
        sandbox: Option<Sandbox>,
    ) -> Result<Self, CommandError> {
        let settings = &invocation.settings;
        let transport = Arc::new(Transport::new(TransportOptions {
            endpoints,
            credentials,
            rate_per_minute: NonZeroU32::new(settings.rate_limit).unwrap_or(NonZeroU32::MIN),
            retry: RetryPolicy {
                attempts: settings.max_attempts,
                longest_wait: settings.max_wait,
                longest_retry_after: settings.max_retry_after,
                longest_in_all: settings.max_total,
                ..RetryPolicy::default()
            },
            request_timeout: settings.request_timeout,
            authorities: authorities(settings)?,
            clock: invocation.surroundings.clock.clone(),
        })?);
        let times = match settings.interval_times {
            IntervalZone::Local => IntervalTimes::Local,
            IntervalZone::Utc => IntervalTimes::Utc,
        };
        let api: Box<dyn ScheduleApi> = match settings.api {
            ApiName::OutboundSchedules => Box::new(OutboundSchedules::new(Arc::clone(&transport), times)),
            ApiName::CampaignSchedules => Box::new(CampaignSchedules::new(Arc::clone(&transport))),
        };
        Ok(Self { api, organisation, transport, sandbox })
    }

    /// What everything is sent with.
    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    /// The requests that were sent so far.
    pub fn traffic(&self) -> Traffic {
        let stats = self.transport.stats();
        Traffic { requests: stats.requests, retries: stats.retries }
    }

    /// Ends the sandbox, where there is one.
    pub async fn close(self) {
        if let Some(sandbox) = self.sandbox {
            sandbox.stop().await;
        }
    }
}

/// What nobody else may apply to while this run does, known before anything is asked for: the schedules of the owner
/// in the organisation. A sandbox inside this process keeps those of all owners in one file, which it writes alone.
pub fn lock_scope(invocation: &Invocation<'_>) -> Result<Scope, CommandError> {
    if invocation.in_sandbox {
        return Ok(Scope { org: SANDBOX.to_owned(), owner: None });
    }
    let settings = &invocation.settings;
    Ok(Scope { org: organisation_of(&endpoints(settings)?), owner: Some(settings.owner.as_str().to_owned()) })
}

fn organisation_of(endpoints: &Endpoints) -> String {
    endpoints.api().host_str().unwrap_or_default().to_owned()
}

/// Who is trusted besides the authorities of the system.
pub fn authorities(settings: &Settings) -> Result<Authorities, CommandError> {
    Ok(settings.ca_file.as_deref().map(Authorities::read).transpose()?.unwrap_or_default())
}

/// How writes of unknown outcome are repeated once they are known not to have happened.
pub fn backoff(settings: &Settings) -> Backoff {
    let default = RetryPolicy::default();
    Backoff { attempts: settings.max_attempts, first_wait: default.first_wait, longest_wait: settings.max_wait }
}

/// Every target that manifests name, each once, so that a sandbox knows it. Campaigns dial as many lines as
/// their capacity says: what a sandbox has is made up, and should stop nobody.
pub fn seeds(loaded: &Loaded) -> Vec<Seed> {
    let schedules = loaded.repository.schedules.iter().map(|declared| &declared.item);
    let capacities = loaded.repository.campaign_capacities.iter().map(|declared| &declared.item);
    let driven = schedules.map(|schedule| (schedule.kind, schedule.target.clone()));
    let mut named: BTreeMap<(ScheduleKind, TargetRef), Option<u32>> = driven.map(|key| (key, None)).collect();
    for limited in capacities {
        let lines = named.entry((ScheduleKind::Campaign, limited.campaign.clone())).or_default();
        *lines = (*lines).max(Some(limited.capacity.calls));
    }
    named.into_iter().map(|((kind, target), lines)| Seed { kind, target, lines }).collect()
}

fn endpoints(settings: &Settings) -> Result<Endpoints, CommandError> {
    let region = settings.region.as_deref().map(Region::named).transpose()?;
    if region.is_none() && settings.api_url.is_none() {
        return Err(CommandError::NoRegion);
    }
    Ok(Endpoints::resolve(region, settings.api_url.as_deref(), settings.login_url.as_deref())?)
}

fn credentials(settings: &Settings) -> Result<Credentials, CommandError> {
    match (&settings.access_token, &settings.client_id, &settings.client_secret) {
        (Some(token), _, _) => Ok(Credentials::Token(token.clone())),
        (None, Some(id), Some(secret)) => Ok(Credentials::Client { id: id.clone(), secret: secret.clone() }),
        (None, _, _) => Err(CommandError::NoCredentials),
    }
}
