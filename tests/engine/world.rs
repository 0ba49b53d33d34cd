//! A sandbox, a client that talks to it, and the way from wanted schedules to what came of them.

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use dialctl::apply::{ApplyOptions, Backoff, OnError, Summary, apply};
use dialctl::genesys::{
    Authorities, CampaignSchedules, Clock, Credentials, Endpoints, IntervalTimes, Matter, OutboundSchedules,
    RetryPolicy, ScheduleApi, Scope, Transport, TransportOptions,
};
use dialctl::ledger::Memory;
use dialctl::plan::{Completeness, Header, Inputs, Limits, LimitsOf, Plan, Policy, Rails, Raised, Wanted, compare};
use dialctl::sandbox::{Faults, Sandbox, SandboxOptions, Seed, start};
use dialctl::schedule::{DesiredSchedule, LiveSchedule, Owner, ScheduleKind, TargetRef};
use serde_json::Value;

use crate::records::Records;
use crate::schedules::source;

const CLIENT: &str = "engine";
const SECRET: &str = "engine-secret";

/// Which API, and how it is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    Outbound(IntervalTimes),
    CampaignSchedules,
}

/// The default API as it is spoken by default.
pub const OUTBOUND: Api = Api::Outbound(IntervalTimes::Local);

/// A sandbox, and somebody who talks to it past the program.
pub struct World {
    // Stops when it is dropped.
    _sandbox: Sandbox,
    /// Where the sandbox is reached.
    pub url: String,
    http: reqwest::Client,
    token: String,
}

/// A client of a world, with its own clock.
pub struct Client {
    pub api: Box<dyn ScheduleApi>,
    pub clock: Clock,
}

impl World {
    /// A sandbox that knows the targets of these schedules.
    pub async fn for_schedules<'a>(schedules: impl IntoIterator<Item = &'a DesiredSchedule>) -> Self {
        Self::with_targets(schedules.into_iter().map(|one| (one.kind, one.target.id.clone())), "[]").await
    }

    /// A sandbox that knows these targets, and in which faults strike by these rules.
    pub async fn with_targets(targets: impl IntoIterator<Item = (ScheduleKind, String)>, faults: &str) -> Self {
        let faults = Faults::parse(faults).unwrap();
        Self::with(SandboxOptions { rate_limit: 0, faults, ..Self::options() }, targets).await
    }

    /// A sandbox that knows these targets by id and others by name, without a limit of requests.
    pub async fn with_named(
        ids: impl IntoIterator<Item = (ScheduleKind, String)>,
        names: impl IntoIterator<Item = (ScheduleKind, String)>,
    ) -> Self {
        let ids = ids.into_iter().map(|(kind, id)| (kind, TargetRef::Id(id)));
        let names = names.into_iter().map(|(kind, name)| (kind, TargetRef::Name(name)));
        Self::set_up(SandboxOptions { rate_limit: 0, ..Self::options() }, ids.chain(names)).await
    }

    /// A sandbox as it is by default, for the client of these tests.
    pub fn options() -> SandboxOptions {
        SandboxOptions::new(CLIENT.to_owned(), SECRET.into())
    }

    /// A sandbox that knows these targets.
    pub async fn with(options: SandboxOptions, targets: impl IntoIterator<Item = (ScheduleKind, String)>) -> Self {
        Self::set_up(options, targets.into_iter().map(|(kind, id)| (kind, TargetRef::Id(id)))).await
    }

    async fn set_up(options: SandboxOptions, targets: impl Iterator<Item = (ScheduleKind, TargetRef)>) -> Self {
        let seeds = targets.map(|(kind, target)| Seed { kind, target, lines: None }).collect();
        let sandbox = start(options, seeds).await.unwrap();
        let url = sandbox.url();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let login = http.post(format!("{url}/oauth/token")).basic_auth(CLIENT, Some(SECRET));
        let login = login.form(&[("grant_type", "client_credentials")]).send().await.unwrap();
        let token = login.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned();
        Self { _sandbox: sandbox, url, http, token }
    }

    /// A client that waits 15 s for each answer.
    pub fn client(&self, api: Api) -> Client {
        Client::of(&self.url, SECRET, api, Duration::from_secs(15))
    }

    /// A client whose secret is wrong.
    pub fn stranger(&self, api: Api) -> Client {
        Client::of(&self.url, "not the secret", api, Duration::from_secs(15))
    }

    /// Sends a request of somebody else; gives the status and the text of the answer.
    pub async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, String) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// What is stored at a path; `None` when there is nothing.
    pub async fn stored(&self, path: &str) -> Option<Value> {
        match self.send("GET", path, None).await {
            (200, text) => Some(serde_json::from_str(&text).unwrap()),
            (404, _) => None,
            other => panic!("{path}: {other:?}"),
        }
    }

    /// From now on these faults strike, and no others; the requests so far are forgotten.
    pub async fn strike(&self, faults: &str) {
        let (faults_url, requests_url) =
            (format!("{}/sandbox/faults", self.url), format!("{}/sandbox/requests", self.url));
        let answer = self.http.put(faults_url).body(faults.to_owned()).send().await.unwrap();
        assert_eq!(answer.status(), 204, "{faults}: {}", answer.text().await.unwrap());
        self.http.delete(requests_url).send().await.unwrap();
    }

    /// The latest requests, logins included, oldest first.
    pub async fn journal(&self) -> Vec<Value> {
        self.http.get(format!("{}/sandbox/requests", self.url)).send().await.unwrap().json().await.unwrap()
    }

    /// All requests to the API so far, as `METHOD path`, oldest first.
    pub async fn requests(&self) -> Vec<String> {
        let all = self.journal().await;
        let text = |request: &Value, field: &str| request[field].as_str().unwrap().to_owned();
        let api = all.iter().filter(|request| text(request, "path").starts_with("/api/"));
        api.map(|request| format!("{} {}", text(request, "method"), text(request, "path"))).collect()
    }

    /// How many requests of a method to a path have arrived so far.
    pub async fn arrived(&self, method: &str, path: &str) -> usize {
        let all = self.journal().await;
        all.iter().filter(|request| request["method"] == method && request["path"] == path).count()
    }

    /// How many of the requests so far asked for a write.
    pub async fn writes(&self) -> usize {
        self.requests().await.iter().filter(|request| !request.starts_with("GET")).count()
    }
}

impl Client {
    /// A client of whatever answers at an address.
    pub fn at(url: &str, api: Api, patience: Duration) -> Self {
        Self::of(url, SECRET, api, patience)
    }

    /// A client of the default API with the default pace, on a clock that others see, too.
    pub fn paced(url: &str, clock: &Clock) -> Self {
        let rate_per_minute = TransportOptions::DEFAULT_RATE_PER_MINUTE;
        let options = transport_options(url, SECRET, Duration::from_secs(15), clock);
        Self::with(TransportOptions { rate_per_minute, ..options }, OUTBOUND)
    }

    /// A client of the sandbox on a clock that others see, too.
    pub fn on(url: &str, api: Api, clock: &Clock) -> Self {
        Self::with(transport_options(url, SECRET, Duration::from_secs(15), clock), api)
    }

    fn of(url: &str, secret: &str, api: Api, request_timeout: Duration) -> Self {
        Self::with(transport_options(url, secret, request_timeout, &Clock::virtual_time()), api)
    }

    fn with(options: TransportOptions, api: Api) -> Self {
        let clock = options.clock.clone();
        let transport = Arc::new(Transport::new(options).unwrap());
        let api: Box<dyn ScheduleApi> = match api {
            Api::Outbound(times) => Box::new(OutboundSchedules::new(transport, times)),
            Api::CampaignSchedules => Box::new(CampaignSchedules::new(transport)),
        };
        Self { api, clock }
    }

    /// Creates schedules without a plan, as an earlier run has.
    pub async fn create(&self, schedules: impl IntoIterator<Item = &DesiredSchedule>) {
        for schedule in schedules {
            self.api.create(schedule).await.unwrap();
        }
    }

    /// The plan that makes the live schedules the wanted ones.
    pub async fn plan(&self, wanted: &[DesiredSchedule], policy: Policy) -> Plan {
        let (mut live, mut passed_over) = (Vec::new(), 0);
        for kind in ScheduleKind::ALL {
            let targets = wanted.iter().filter(|one| one.kind == kind).map(|one| one.target.id.clone()).collect();
            let scope = Scope { kind, targets, matter: Matter::OwnedOrOnTarget(Owner::default()) };
            let found = self.api.list(&scope).await.unwrap();
            passed_over += found.seen - found.schedules.len();
            live.extend(found.schedules);
        }
        let mut plan = comparison(wanted, live, policy, self.api.can_change());
        plan.unmanaged += passed_over;
        plan
    }

    /// Carries a plan out, four actions at once, and checks that the run was written down action by action.
    pub async fn apply(&self, plan: Plan) -> Summary {
        self.apply_at_once(4, plan).await
    }

    /// The same with so many actions at once.
    pub async fn apply_at_once(&self, concurrency: usize, plan: Plan) -> Summary {
        let approved = plan.approve(&unlimited()).unwrap();
        let mut records = Records::default();
        let options = options(concurrency, &self.clock);
        let summary = apply(&approved, self.api.as_ref(), &options, &mut records, std::future::pending()).await;
        records.agree_with(&summary);
        assert_eq!(summary.results.len(), approved.actions().len());
        summary
    }
}

fn transport_options(url: &str, secret: &str, request_timeout: Duration, clock: &Clock) -> TransportOptions {
    TransportOptions {
        endpoints: Endpoints::resolve(None, Some(url), None).unwrap(),
        credentials: Credentials::Client { id: CLIENT.to_owned(), secret: secret.into() },
        rate_per_minute: NonZeroU32::new(60_000).unwrap(),
        retry: RetryPolicy::default(),
        request_timeout,
        authorities: Authorities::default(),
        clock: clock.clone(),
    }
}

/// The plan that makes these live schedules the wanted ones.
pub fn comparison(wanted: &[DesiredSchedule], live: Vec<LiveSchedule>, policy: Policy, can_change: bool) -> Plan {
    let wanted = wanted.iter().map(|schedule| Wanted {
        schedule: schedule.clone(),
        labels: BTreeMap::new(),
        source: source(),
        stores_capacity: !can_change,
    });
    compare(Inputs {
        header: Header {
            tool: "engine".to_owned(),
            tzdata: dialctl::schedule::zone::database_version().to_owned(),
            org: "sandbox".to_owned(),
            api: if can_change { "outbound-schedules" } else { "campaign-schedules" }.to_owned(),
            owner: Owner::default().to_string(),
            git_commit: None,
            manifest_digest: String::new(),
            raised: Raised::default(),
        },
        owner: Owner::default(),
        wanted: wanted.collect(),
        live,
        passed_over: 0,
        policy,
        can_change,
        memory: Memory::default(),
        lists_others: false,
        as_of: "2027-01-01T00:00:00Z".parse().unwrap(),
        completeness: Completeness::default(),
    })
}

/// Rails that hold nothing back.
pub fn unlimited() -> Rails {
    Rails { limits: Limits { all: LimitsOf::default(), ..Limits::default() }, ..Rails::default() }
}

/// How plans are carried out here: as the command line does, but for the time.
pub fn options(concurrency: usize, clock: &Clock) -> ApplyOptions {
    ApplyOptions {
        concurrency: NonZeroUsize::new(concurrency).unwrap(),
        on_error: OnError::Continue,
        backoff: Backoff { attempts: 4, first_wait: Duration::from_secs(1), longest_wait: Duration::from_secs(30) },
        clock: clock.clone(),
    }
}

/// The path of one schedule of the public API.
pub fn schedule_path(kind: ScheduleKind, target: &str) -> String {
    let family = match kind {
        ScheduleKind::Campaign => "campaigns",
        ScheduleKind::Sequence => "sequences",
        ScheduleKind::MessagingCampaign => "messagingcampaigns",
        ScheduleKind::EmailCampaign => "emailcampaigns",
        ScheduleKind::WhatsAppCampaign => "whatsappcampaigns",
    };
    format!("/api/v2/outbound/schedules/{family}/{target}")
}

/// The path of the schedules of one campaign under `campaign-schedules`.
pub fn windows_path(campaign: &str) -> String {
    format!("/api/v2/outbound/campaigns/{campaign}/schedules")
}

/// The texts of what failed, each with the name of the schedule.
pub fn failures(summary: &Summary) -> Vec<String> {
    let failed = summary.results.iter().filter_map(|result| Some((result, result.error()?)));
    failed.map(|(result, error)| format!("{}: {error}", result.name)).collect()
}
