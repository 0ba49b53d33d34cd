//! `dialctl doctor`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::checking::{self, Checked};
use super::checkout::Checkout;
use super::connection::Connection;
use super::counted::counted;
use super::error::CommandError;
use super::terminal::Terminal;
use super::{DEFAULT_PATH, Invocation, receivers, targets};
use crate::config::Settings;
use crate::doctor::{self, Check};
use crate::exit::Exit;
use crate::genesys::{Failure, Matter, Reached, Scope};
use crate::ledger::{self, Files, Ledger, Receiver};
use crate::lock::{Found, Holder, LockError};
use crate::manifest::Loaded;
use crate::report::Tally;
use crate::schedule::{ScheduleKind, TargetRef, zone};

/// Check everything that a run needs, one line each, with the way out; nothing is changed.
///
/// Configuration, zone rules, state directory, manifests, DNS and TLS, clock, login, permissions of each family,
/// names of targets, the receiver of events. Viewing is tried; what the client may write is read from its roles.
/// Exits 0 where nothing failed; warnings do not count.
#[derive(Debug, clap::Args)]
pub struct DoctorArgs {
    /// Files or directories of manifests [default: schedules, where it exists]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Format of the checks
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Human,
    /// For programs: JSON, versioned
    Json,
}

/// Settings that cannot be used are a finding like others, so they come as they are.
pub async fn run(
    args: &DoctorArgs,
    invocation: Result<Invocation<'_>, CommandError>,
    terminal: &mut Terminal,
) -> Result<Exit, CommandError> {
    let now = Utc::now();
    let zones = doctor::zone_database(zone::database_version(), zone::database_released(), now.date_naive());
    let mut checks = Vec::new();
    match invocation {
        Err(error) => checks.extend([failed("configuration", &error), zones]),
        Ok(invocation) => {
            let settings = &invocation.settings;
            let api = clap::ValueEnum::to_possible_value(&settings.api);
            let api = api.as_ref().map_or("", |api| api.get_name());
            checks.push(Check::ok("configuration", format!("owner `{}`, API {api}", settings.owner.as_str())));
            checks.push(zones);
            checks.push(state(&invocation));
            checks.extend(unsent(&invocation));
            checks.extend(locks(&invocation, now));
            let manifests = manifests(args, settings, now, &mut checks);
            online(&invocation, &manifests, &mut checks).await;
            checks.extend(webhooks(&invocation, terminal).await);
        }
    }
    match args.format {
        Format::Human => write!(terminal.out(), "{}", doctor::text(&checks)),
        Format::Json => writeln!(terminal.out(), "{:#}", doctor::json(&checks)),
    }
    .map_err(CommandError::Output)?;
    Ok(doctor::exit(&checks))
}

fn failed(subject: &str, error: &CommandError) -> Check {
    Check::failed(subject, error.exit(), error.to_string())
}

/// Whether the ledger can be continued. What does not exist yet is not made.
fn state(invocation: &Invocation<'_>) -> Check {
    let listed = invocation.store().and_then(|store| store.map(|store| store.list("ledger")).transpose());
    let state = &invocation.settings.state;
    match listed {
        Err(error) => Check::failed("state", error.exit(), error.to_string()),
        // A write would be a change, so that is left to the first run.
        Ok(Some(objects)) if objects.is_empty() => {
            Check::ok("state", format!("{state} can be listed; no run has been written down there yet"))
        }
        Ok(Some(_)) => Check::ok("state", format!("the ledger in {state} can be listed")),
        Ok(None) => folder(state.folder()),
    }
}

/// What earlier runs could not send to the store.
fn unsent(invocation: &Invocation<'_>) -> Option<Check> {
    let state = &invocation.settings.state;
    state.location()?;
    let records = ledger::unsent(state.folder()).unwrap_or(0);
    let told = format!(
        "{} still to be sent to {state}, which failed midway: `dialctl audit push` does that",
        counted(records, "record")
    );
    (records > 0).then(|| Check::warning("state", told))
}

fn folder(directory: &Path) -> Check {
    let shown = directory.display();
    if directory.join("ledger.jsonl").exists() || Files::of(directory).is_ok_and(|files| !files.is_empty()) {
        return match Ledger::open(directory) {
            Ok(_) => Check::ok("state", format!("the ledger in {shown} can be continued")),
            Err(error) => Check::failed("state", Exit::Failed, error.to_string()),
        };
    }
    let existing = directory.ancestors().find(|folder| folder.exists());
    let existing = existing.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match tempfile::tempfile_in(existing) {
        Ok(_) => Check::ok("state", format!("no run has been written down yet; the first one creates {shown}")),
        Err(error) => {
            let way_out = "make it writable, or choose another directory with --state";
            Check::failed("state", Exit::Failed, format!("cannot write to {}: {error}; {way_out}", existing.display()))
        }
    }
}

/// The runs that others have to wait for.
fn locks(invocation: &Invocation<'_>, now: DateTime<Utc>) -> Vec<Check> {
    let held = |lock: Found| {
        let (told, id) = (lock.claim.told(now), lock.claim.id.as_str());
        let way_out = format!("wait for it with `apply --lock-timeout`, or take it away with `dialctl unlock {id}`");
        Check::warning("lock", format!("{told}; {way_out}"))
    };
    // What a store says that fails is told with the state.
    let Ok(locks) = invocation.locks() else { return Vec::new() };
    match locks.found() {
        Ok(found) => found.into_iter().filter(|lock| lock.holder != Holder::Ended).map(held).collect(),
        Err(LockError::Store(_)) => Vec::new(),
        Err(error) => vec![Check::failed("lock", error.exit(), error.to_string())],
    }
}

/// What the manifests ask for; without any, nothing.
fn manifests(args: &DoctorArgs, settings: &Settings, now: DateTime<Utc>, checks: &mut Vec<Check>) -> Checked {
    let default = Path::new(DEFAULT_PATH);
    if args.paths.is_empty() && !default.exists() {
        let found = "there is no folder `schedules`, so all families are looked at";
        checks.push(Check::skipped("manifests", found));
        let checkout = Checkout::of(&[]);
        return Checked { loaded: crate::manifest::load_texts([]), findings: Vec::new(), checkout };
    }
    let paths = if args.paths.is_empty() { vec![default.to_owned()] } else { args.paths.clone() };
    let checked = checking::check(&paths, settings, now);
    let tally = Tally::of(&checked.findings);
    let found = crate::report::human::summary(checked.totals(), tally);
    checks.push(match checked.exit() {
        Exit::Done => Check::ok("manifests", found),
        exit => Check::failed("manifests", exit, format!("{found} `dialctl validate` shows where")),
    });
    checked
}

/// Everything that takes the service.
async fn online(invocation: &Invocation<'_>, checked: &Checked, checks: &mut Vec<Check>) {
    let connection = match Connection::open(invocation, &checked.loaded).await {
        Ok(connection) => connection,
        Err(error) => return checks.push(failed("connection", &error)),
    };
    if reach(&connection, checks).await && login(&connection, invocation, checks).await {
        families(&connection, &checked.loaded, &invocation.settings, checks).await;
        names(&connection, &checked.loaded, checks).await;
    }
    connection.close().await;
}

/// Whether the servers answer, and what their clock says.
async fn reach(connection: &Connection, checks: &mut Vec<Check>) -> bool {
    let transport = connection.transport();
    let mut found = vec![(transport.api(), transport.reach_api().await)];
    if transport.login().origin() != transport.api().origin() {
        found.push((transport.login(), transport.reach_login().await));
    }
    let mut ahead = None;
    let mut all = true;
    for (url, reached) in found {
        let address = url.origin().ascii_serialization();
        checks.push(match reached {
            Ok(reached) => {
                ahead = ahead.or_else(|| seconds_ahead(&reached));
                Check::ok("server", format!("{address} answers within {} ms", reached.took.as_millis()))
            }
            Err(failure) => {
                all = false;
                Check::failed("server", Exit::Failed, format!("{address}: {failure}"))
            }
        });
    }
    checks.push(ahead.map_or_else(|| Check::skipped("clock", "no server tells the time"), doctor::clock));
    all
}

/// How far the clock of a server is ahead of this machine's. It tells whole seconds, which have half of one to come
/// on average, and told them some time ago.
fn seconds_ahead(reached: &Reached) -> Option<TimeDelta> {
    let told = reached.date? + Duration::from_millis(500) + reached.took / 2;
    let ahead = DateTime::<Utc>::from(told) - DateTime::<Utc>::from(reached.received);
    Some(TimeDelta::seconds((ahead.num_milliseconds() + 500).div_euclid(1000)))
}

async fn login(connection: &Connection, invocation: &Invocation<'_>, checks: &mut Vec<Check>) -> bool {
    let is_ready = invocation.settings.access_token.is_some() && !invocation.in_sandbox;
    match connection.transport().log_in().await {
        // Nobody has looked at it yet; who does, says so in what follows.
        Ok(()) if is_ready => checks.push(Check::ok("login", "not needed, a ready token is used")),
        Ok(()) => checks.push(Check::ok("login", "the credentials are accepted")),
        Err(error) => checks.push(failed("login", &error.into())),
    }
    !matches!(checks.last(), Some(Check { verdict: doctor::Verdict::Failed(_), .. }))
}

/// What the client may do with each family that manifests use; with all of them where there are none.
async fn families(connection: &Connection, loaded: &Loaded, settings: &Settings, checks: &mut Vec<Check>) {
    let api = connection.api.as_ref();
    let schedules = || loaded.repository.schedules.iter().map(|declared| &declared.item);
    let used: BTreeSet<ScheduleKind> = schedules().map(|schedule| schedule.kind).collect();
    let kinds = if used.is_empty() { ScheduleKind::ALL.into() } else { used.clone() };
    let grants = if api.can_change() {
        match connection.transport().own_grants().await {
            Ok(grants) => grants,
            Err(error) if error.is_login_refused() => return checks.push(failed("login", &error.into())),
            Err(_) => None,
        }
    } else {
        None
    };
    for kind in kinds {
        let targets = schedules().filter(|schedule| schedule.kind == kind).filter_map(|one| match &one.target {
            TargetRef::Id(id) => Some(id.clone()),
            TargetRef::Name(_) => None,
        });
        let scope = Scope { kind, targets: targets.collect(), matter: Matter::OwnedOrOnTarget(settings.owner.clone()) };
        match api.list(&scope).await {
            Ok(listing) => {
                let owned = |live: &&crate::schedule::LiveSchedule| {
                    live.name.as_deref().is_some_and(|name| settings.owner.owned_name(name).is_some())
                };
                let (seen, owned) = (listing.seen, listing.schedules.iter().filter(owned).count());
                let owner = settings.owner.as_str();
                checks.push(Check::ok(format!("view {kind}"), format!("{seen} live, {owned} of owner `{owner}`")));
            }
            Err(error) if matches!(error.failure, Failure::NotPermitted { .. }) => {
                checks.push(doctor::not_viewed(kind, used.contains(&kind), error.exit(), &error.to_string()));
            }
            Err(error) => checks.push(failed(&format!("view {kind}"), &error.into())),
        }
        if api.can_change() {
            checks.extend(doctor::rights(kind, grants.as_ref()));
        }
    }
}

/// Whether the names that manifests use can be looked up.
async fn names(connection: &Connection, loaded: &Loaded, checks: &mut Vec<Check>) {
    let schedules = loaded.repository.schedules.iter().map(|declared| &declared.item.target);
    let capacities = loaded.repository.campaign_capacities.iter().map(|declared| &declared.item.campaign);
    if !schedules.chain(capacities).any(|target| matches!(target, TargetRef::Name(_))) {
        return;
    }
    checks.push(match targets::look_up(&loaded.repository, connection.api.as_ref()).await {
        Ok(_) => Check::ok("names of targets", "they can be looked up"),
        Err(error) => failed("names of targets", &error),
    });
}

/// Whether the receivers of events answer.
async fn webhooks(invocation: &Invocation<'_>, terminal: &mut Terminal) -> Vec<Check> {
    let webhooks = match receivers::configured(invocation, terminal) {
        Err(error) => return vec![failed("webhook", &error)],
        Ok(webhooks) => webhooks,
    };
    if webhooks.is_empty() {
        let found = "neither WFM_WEBHOOK_URL nor `webhooks` names a receiver to use here: no events are sent";
        return vec![Check::skipped("webhook", found)];
    }
    let mut checks = Vec::new();
    for webhook in webhooks {
        let Receiver { name, address, .. } = webhook.receiver();
        let subject = format!("webhook {name}");
        checks.push(match webhook.reach().await {
            Ok(status) => Check::ok(subject, format!("{address} answers (with {status} to HEAD)")),
            // Events that are not delivered are kept, and no run fails for them.
            Err(error) => Check::warning(subject, format!("{error}; check its address, events are kept meanwhile")),
        });
    }
    checks
}
