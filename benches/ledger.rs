//! What a ledger costs that has grown: appending to it, verifying it, and reading what it remembers.
//!
//! ```sh
//! cargo bench --bench ledger -- /dev/shm/ledgers
//! cargo bench --bench ledger -- /var/tmp/ledgers
//! ```
//!
//! In memory the time of an append is that of the program, on a disk mostly the wait for it. The ledgers stay in the
//! directory, for `dialctl audit show` and for another run.

mod stopwatch;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use dialctl::ledger::{
    ActionRecord, Change, Counts, Entry, Event, Files, FinishedAction, Ledger, LedgerError, Memory, Outcome,
    Provenance, Record, RunStart, Stored, WFM, begun_with, read_events, verify,
};
use dialctl::schedule::ScheduleKind;
use serde_json::{Value, json};
use stopwatch::fastest;
use uuid::Uuid;

/// As the program itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ORG: &str = "api.mypurecloud.de";
const OWNER: &str = "dialctl";

/// How many records the ledgers have.
const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

/// How many actions a run has.
const ACTIONS: usize = 500;

/// Over how many schedules the actions go round.
const SCHEDULES: usize = 5_000;

/// How many records are appended one by one.
const APPENDS: usize = 2_000;

fn main() {
    // `cargo bench` adds a flag of its own.
    let Some(root) = std::env::args().skip(1).find(|argument| !argument.starts_with("--")) else {
        eprintln!("give a directory for ledgers: cargo bench --bench ledger -- /dev/shm/ledgers");
        return;
    };
    for size in SIZES {
        let measured = made(&Path::new(&root).join(size.to_string()), size).and_then(|dir| measure(&dir, size));
        if let Err(error) = measured {
            eprintln!("{error}");
            return;
        }
    }
}

/// The directory of a ledger with so many records.
fn made(dir: &Path, size: usize) -> Result<PathBuf, Box<dyn std::error::Error>> {
    if !Files::of(dir)?.is_empty() {
        std::fs::remove_dir_all(dir)?;
    }
    let mut ledger = Ledger::open(dir)?;
    let mut records = records().take(size).peekable();
    while records.peek().is_some() {
        let group: Vec<Record> = records.by_ref().take(ACTIONS).collect();
        ledger.append_all(&group)?;
    }
    Ok(dir.to_owned())
}

fn measure(dir: &Path, size: usize) -> Result<(), Box<dyn std::error::Error>> {
    let bytes: u64 =
        std::fs::read_dir(dir)?.flatten().filter_map(|entry| entry.metadata().ok()).map(|of| of.len()).sum();
    let megabytes = bytes as f64 / 1e6;
    println!("{size} records, {megabytes:.1} MB");
    let (time, verified) = fastest(|| verify(Files::of(dir)?, None));
    verified?.map_err(|flaw| flaw.verdict)?;
    let seconds = time.as_secs_f64();
    tell("verify", time, format!("{:.0} MB/s, {:.0} records/s", megabytes / seconds, size as f64 / seconds));
    let (time, memory) = fastest(|| Memory::read(dir, ORG, OWNER));
    let memory = memory?;
    tell("memory", time, format!("{} schedules, {} events owed", memory.applied.len(), memory.owed.len()));
    let (time, events) = fastest(|| read_events(dir));
    tell("events", time, format!("{} events", events?.len()));
    let (time, begun) = fastest(|| begun_with(dir, "no such plan"));
    tell("was a plan begun", time, format!("{:?}", begun?));
    let (time, _) = fastest(|| Files::of(dir).map(|files| files.is_empty()));
    tell("list files", time, "");
    let appended = append(dir)?;
    tell("append one", appended, "");
    Ok(())
}

/// The time of one append.
fn append(dir: &Path) -> Result<Duration, LedgerError> {
    let records: Vec<Record> = records().skip(1).take(APPENDS).collect();
    let mut ledger = Ledger::open(dir)?;
    let start = Instant::now();
    for record in &records {
        ledger.append(record)?;
    }
    let count = u32::try_from(records.len()).unwrap_or(u32::MAX);
    Ok(start.elapsed() / count)
}

/// The records of runs without end, as an apply writes them down.
fn records() -> impl Iterator<Item = Record> {
    (0..).flat_map(|run: usize| {
        let actions = (0..ACTIONS).flat_map(move |action| action_records(run, run * ACTIONS + action));
        let start = Entry::RunStarted(start());
        let counts = Counts { succeeded: 500, events_delivered: 500, ..Counts::default() };
        let end = Entry::RunFinished { counts };
        std::iter::once(start).chain(actions).chain([end]).map(move |entry| Record {
            timestamp: now(),
            run_id: Uuid::from_u128(run as u128 + 1),
            entry,
        })
    })
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_820)
}

fn action_records(run: usize, number: usize) -> [Entry; 4] {
    let schedule = number % SCHEDULES;
    let id = Uuid::from_u128(u128::MAX / 3 + number as u128);
    let target = Uuid::from_u128(u128::MAX / 5 + schedule as u128).to_string();
    let (before, after) = (view(schedule, "17:00"), view(schedule, "18:30"));
    let is_new = number < SCHEDULES;
    let change = if is_new { Change::Create { after } } else { Change::Update { before, after } };
    let labels = BTreeMap::from([("team".to_owned(), format!("team-{}", schedule % 9))]);
    let (kind, name, digest) = (ScheduleKind::Campaign, format!("schedule-{schedule:06}"), "5a27d028".repeat(8));
    let action = ActionRecord {
        change_id: id,
        change: change.clone(),
        kind,
        name: name.clone(),
        labels: labels.clone(),
        campaign_id: target.clone(),
        schedule_id: Some(target.clone()),
        timezone: Some("America/New_York".to_owned()),
        max_concurrent_calls: Some(25),
        manifest_file: Some(format!("schedules/voice/{name}.yaml")),
        manifest_digest: Some(digest.clone()),
        plan_digest: digest.clone(),
    };
    let event = Event {
        id,
        run_id: Uuid::from_u128(run as u128 + 1),
        timestamp: now(),
        change,
        kind,
        name,
        labels,
        campaign_id: target.clone(),
        schedule_id: Some(target),
        plan_digest: digest.clone(),
    };
    let finished = FinishedAction {
        action: action.clone(),
        outcome: Outcome::Success,
        stored: Some(Stored { version: Some(3), digest: Some(digest.clone()) }),
        is_open: false,
        latency_ms: 120,
        retries: None,
        before_digest: None,
        after_digest: Some(digest),
        correlation_id: None,
    };
    let receiver = WFM.to_owned();
    [
        Entry::ActionIntended(action),
        Entry::EventQueued { event, receivers: [receiver.clone()].into() },
        Entry::ActionFinished(finished),
        Entry::EventDelivered { event_id: id, receiver, status: 202, latency_ms: 31, failed_attempts: Vec::new() },
    ]
}

fn view(schedule: usize, end: &str) -> Value {
    let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];
    json!({
        "dailySlots": [
            {"days": days, "startDate": "2027-02-01", "startTime": "09:00", "endTime": "12:00"},
            {"days": days, "startDate": "2027-02-01", "startTime": "13:00", "endTime": end},
        ],
        "name": format!("dialctl/schedule-{schedule:06}"),
        "timezone": "America/New_York",
    })
}

fn start() -> RunStart {
    let digest = "5a27d028".repeat(8);
    RunStart {
        provenance: Provenance { actor: "ci".to_owned(), ..Provenance::default() },
        git_dirty: Some(false),
        git_commit: Some("5a27d0287a27d0285a27d0287a27d0285a27d028".to_owned()),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        org: ORG.to_owned(),
        api: "outbound-schedules".to_owned(),
        owner: OWNER.to_owned(),
        plan_digest: digest.clone(),
        manifest_digest: digest,
        raised: None,
        freeze_override: None,
    }
}

fn tell(what: &str, time: Duration, besides: impl Display) {
    println!("  {what:<22} {:>10.3} ms  {besides}", time.as_secs_f64() * 1000.0);
}
