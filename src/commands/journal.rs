//! The journal of a run: the ledger, the events that ride on it, and who is told of each action.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chrono::Utc;
use serde_json::Value;
use uuid::Uuid;

use super::deliveries::Deliveries;
use super::keeping;
use super::progress::Progress;
use crate::apply::{ActionResult, Journal, JournalError, Outcome, StepError, Summary, millis};
use crate::ledger::{
    self, ActionRecord, Change, Counts, Entry, Event, FinishedAction, LedgerError, Memory, Outbox, Owed, Protection,
    Provenance, Record, RunLedger, RunStart, ScheduleAt, Size, Stored, outbox,
};
use crate::lock::RunLock;
use crate::plan::{Action, Operation, Plan, Raised, Settled, Settlement, json};
use crate::schedule::{LiveSchedule, ScheduleKind};

/// What every record of a run refers to.
pub struct RunFacts {
    start: RunStart,
}

impl RunFacts {
    /// The facts of a run that carries out a plan; `digest` tells that plan from all others, `git_dirty` whether its
    /// manifests differ from its commit, `freeze_override` why it may do so although changes are frozen.
    pub fn of(
        plan: &Plan,
        digest: String,
        provenance: Provenance,
        git_dirty: Option<bool>,
        freeze_override: Option<String>,
    ) -> Self {
        let header = &plan.header;
        Self {
            start: RunStart {
                provenance,
                git_commit: header.git_commit.clone(),
                git_dirty,
                tool_version: env!("CARGO_PKG_VERSION").to_owned(),
                org: header.org.clone(),
                api: header.api.clone(),
                owner: header.owner.clone(),
                plan_digest: digest,
                manifest_digest: header.manifest_digest.clone(),
                raised: told(&header.raised),
                freeze_override,
            },
        }
    }
}

fn told(raised: &Raised) -> Option<Value> {
    if raised.is_empty() { None } else { serde_json::to_value(raised).ok() }
}

/// What tells an action from the others of its plan: the family, the target, and the name.
type ActionKey = (ScheduleKind, String, String);

/// The journal of one run.
pub struct LedgerJournal<'a> {
    ledger: RunLedger,
    /// What was told of a store that fails.
    store_failure: Option<String>,
    folder: PathBuf,
    /// There is one until the run ends.
    outbox: Option<Outbox>,
    deliveries: Deliveries,
    /// The ids of the actions that are under way.
    changes: BTreeMap<ActionKey, Uuid>,
    /// The labels of the schedules that earlier runs have left: what is deleted has no manifest to tell them.
    labels: BTreeMap<ScheduleAt, BTreeMap<String, String>>,
    /// The actions of earlier runs without an end whose event is queued.
    queued: BTreeSet<Uuid>,
    run_id: Uuid,
    plan_digest: String,
    /// What stands before the manifest's name in the name of a live schedule.
    prefix: String,
    progress: Progress<'a>,
    lock: &'a mut RunLock,
}

impl<'a> LedgerJournal<'a> {
    /// Writes down that a run begins.
    pub fn begin(
        (ledger, folder): (RunLedger, &Path),
        outbox: Outbox,
        facts: RunFacts,
        progress: Progress<'a>,
        lock: &'a mut RunLock,
    ) -> Result<Self, LedgerError> {
        let plan_digest = facts.start.plan_digest.clone();
        let prefix = format!("{}/", facts.start.owner);
        let (outbox, deliveries) = (Some(outbox), Deliveries::default());
        let (run_id, changes, labels) = (Uuid::now_v7(), BTreeMap::new(), BTreeMap::new());
        let mut journal = Self {
            ledger,
            store_failure: None,
            folder: folder.to_owned(),
            outbox,
            deliveries,
            changes,
            labels,
            queued: BTreeSet::new(),
            run_id,
            plan_digest,
            prefix,
            progress,
            lock,
        };
        journal.append(vec![Entry::RunStarted(facts.start)])?;
        Ok(journal)
    }

    /// Waits for the events that are under way, and writes down that the run ends.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub async fn end(&mut self, summary: &Summary) -> Result<(), LedgerError> {
        if let Some(outbox) = self.outbox.take() {
            let reports = outbox.finish(outbox::GRACE).await;
            self.record_deliveries(&reports)?;
        }
        // More than four billion actions do not fit into a run.
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let counts = Counts {
            succeeded: count(summary.succeeded()),
            failed: count(summary.failed()),
            not_attempted: count(summary.not_attempted()),
            events_delivered: self.deliveries.delivered(),
            events_failed: self.deliveries.failed(),
        };
        self.append(vec![Entry::RunFinished { counts }])
    }

    /// What came of events so far.
    pub fn deliveries(&self) -> &Deliveries {
        &self.deliveries
    }

    /// What was told of a store that has failed, where it has.
    pub fn store_failure(&self) -> Option<&str> {
        self.store_failure.as_deref()
    }

    /// How large the ledger is.
    pub fn ledger_size(&self) -> Size {
        self.ledger.size()
    }

    fn append(&mut self, entries: Vec<Entry>) -> Result<(), LedgerError> {
        let record = |entry| Record { timestamp: Utc::now(), run_id: self.run_id, entry };
        let records: Vec<Record> = entries.into_iter().map(record).collect();
        self.ledger.append_all(&records)?;
        if let Some(error) = self.ledger.failed()
            && self.store_failure.is_none()
        {
            let told = keeping::told(error, &self.folder);
            self.progress.note(&told);
            self.store_failure = Some(told);
        }
        Ok(())
    }

    fn record_deliveries(&mut self, reports: &[outbox::Report]) -> Result<(), LedgerError> {
        reports.iter().for_each(|report| self.deliveries.count(report));
        let entries: Vec<Entry> = reports.iter().flat_map(outbox::Report::entries).collect();
        if entries.is_empty() { Ok(()) } else { self.append(entries) }
    }

    fn action_record(&self, action: &Action, change_id: Uuid) -> ActionRecord {
        let view = |view: Option<crate::schedule::ScheduleView>| view.as_ref().map_or(Value::Null, json::view_json);
        let (before, after) = (view(action.before()), view(action.after()));
        let change = match action.operation {
            Operation::Create { .. } => Change::Create { after },
            Operation::Update { .. } => Change::Update { before, after },
            Operation::Delete { .. } => Change::Delete { before },
        };
        let wanted = action.wanted();
        let place = (action.kind(), action.target().id.clone());
        let labels = wanted.map_or_else(|| self.labels.get(&place).cloned(), |wanted| Some(wanted.labels.clone()));
        let timetable = action.operation.timetable_after().or(action.operation.timetable_before());
        ActionRecord {
            change_id,
            change,
            kind: action.kind(),
            // A delete knows only the live name.
            name: action.name().strip_prefix(&self.prefix).unwrap_or(action.name()).to_owned(),
            labels: labels.unwrap_or_default(),
            campaign_id: place.1,
            schedule_id: action.live().and_then(|live| live.id.clone()),
            timezone: timetable.map(|timetable| timetable.zone.name().to_owned()),
            max_concurrent_calls: wanted.map(|wanted| wanted.schedule.capacity.calls),
            manifest_file: wanted.map(|wanted| wanted.source.file.clone()),
            manifest_digest: wanted.map(|wanted| wanted.source.digest.clone()),
            plan_digest: self.plan_digest.clone(),
        }
    }
}

impl Journal for LedgerJournal<'_> {
    fn intended(&mut self, action: &Action) -> Result<(), JournalError> {
        self.lock.keep(Utc::now()).map_err(|error| JournalError::Lock(error.to_string()))?;
        let change_id = Uuid::now_v7();
        let record = self.action_record(action, change_id);
        self.append(vec![Entry::ActionIntended(record)]).map_err(|error| JournalError::Ledger(error.to_string()))?;
        self.changes.insert(key(action), change_id);
        self.progress.started(action);
        Ok(())
    }

    fn finished(&mut self, action: &Action, result: &ActionResult) -> Result<(), JournalError> {
        self.progress.finished(result);
        // What was begun has an id; one of its own is as good where it was not.
        let change_id = self.changes.remove(&key(action)).unwrap_or_else(Uuid::now_v7);
        let mut record = self.action_record(action, change_id);
        record.schedule_id.clone_from(&result.schedule_id);
        let correlation_id = match result.error() {
            Some(StepError::Api(error) | StepError::ChangedMeanwhile { write: error }) => error.correlation_id.clone(),
            Some(StepError::Unsettled { write, .. }) => write.correlation_id.clone(),
            Some(StepError::ChangedBeforeDelete | StepError::StoredOtherwise { .. }) | None => None,
        };
        let correlation_id = correlation_id.or_else(|| result.course.correlation_id.clone());
        let outcome = match &result.outcome {
            Outcome::Failed(error) => ledger::Outcome::Failure { error: error.to_string() },
            Outcome::Succeeded | Outcome::NotAttempted => ledger::Outcome::Success,
        };
        let event = matches!(result.outcome, Outcome::Succeeded).then(|| self.event(&record));
        let finished = FinishedAction {
            before_digest: record.change.before_digest(),
            after_digest: record.change.after_digest(),
            action: record,
            outcome,
            stored: result.stored.as_ref().map(stored),
            is_open: result.error().is_some_and(StepError::is_open),
            latency_ms: millis(result.latency),
            retries: Some(result.course.retries),
            correlation_id,
        };
        let queued = event.and_then(|event| self.owed(event));
        let entries = ending(finished, queued.clone());
        let delivered = self.outbox.as_mut().map(Outbox::reports).unwrap_or_default();
        let written = self.append(entries).and_then(|()| self.record_deliveries(&delivered));
        written.map_err(|error| JournalError::Ledger(error.to_string()))?;
        self.send(queued);
        Ok(())
    }
}

impl LedgerJournal<'_> {
    /// Takes over what earlier runs have left behind: sends the events that are owed, before any of this run, and
    /// keeps the labels, and which events are queued.
    pub fn take_over(&mut self, memory: Memory) {
        self.queued = memory.told;
        self.labels = memory.applied.into_iter().map(|(at, applied)| (at, applied.labels)).collect();
        self.send(memory.owed);
    }

    /// Writes down which schedules are protected from now on, and which no longer are.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn protect(&mut self, protections: &[Protection]) -> Result<(), LedgerError> {
        let entries: Vec<Entry> = protections.iter().cloned().map(Entry::ProtectionSet).collect();
        if entries.is_empty() { Ok(()) } else { self.append(entries) }
    }

    /// Writes down what has become of an action that an earlier run began, and tells about it.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn settle(&mut self, settled: &Settled) -> Result<(), LedgerError> {
        let Settled { begun, settlement } = settled.clone();
        let (kind, name, word) = (begun.kind, begun.name.escape_debug().to_string(), begun.change.kind().as_str());
        let is_queued = self.queued.contains(&begun.change_id);
        let (outcome, live, told) = match settlement {
            Settlement::Done(live) => (ledger::Outcome::Success, live, "it has happened".to_owned()),
            Settlement::NotDone => failed("it has not happened: the run that began it ended before"),
            Settlement::Unclear => failed(
                "nobody can tell whether it happened: the run that began it ended before it knew, and the target has \
                 changed since",
            ),
        };
        self.progress.note(format!("An earlier run began to {word} {kind} {name}: {told}."));
        let schedule_id = live.as_ref().and_then(|live| live.id.clone()).or(begun.schedule_id.clone());
        let record = ActionRecord { schedule_id, ..begun };
        let is_done = outcome == ledger::Outcome::Success;
        let queued = if is_done && !is_queued { self.owed(self.event(&record)) } else { None };
        let finished = FinishedAction {
            before_digest: record.change.before_digest(),
            after_digest: record.change.after_digest(),
            action: record,
            outcome,
            stored: live.as_ref().map(stored),
            is_open: false,
            // How long it took went with the run that began it.
            latency_ms: 0,
            retries: None,
            correlation_id: None,
        };
        self.append(ending(finished, queued.clone()))?;
        self.send(queued);
        Ok(())
    }

    /// Who is to be told about an event. Only what a receiver waits for is queued.
    fn owed(&self, event: Event) -> Option<Owed> {
        let receivers = self.outbox.as_ref()?.interested(&event);
        if receivers.is_empty() { None } else { Some(Owed { event, receivers }) }
    }

    /// Hands events that are in the ledger over to be delivered.
    fn send(&mut self, owed: impl IntoIterator<Item = Owed>) {
        if let Some(outbox) = &mut self.outbox {
            owed.into_iter().for_each(|Owed { event, receivers }| outbox.queue(&event, &receivers));
        }
    }

    fn event(&self, record: &ActionRecord) -> Event {
        Event {
            id: record.change_id,
            run_id: self.run_id,
            timestamp: Utc::now(),
            change: record.change.clone(),
            kind: record.kind,
            name: record.name.clone(),
            labels: record.labels.clone(),
            campaign_id: record.campaign_id.clone(),
            schedule_id: record.schedule_id.clone(),
            plan_digest: record.plan_digest.clone(),
        }
    }
}

fn key(action: &Action) -> ActionKey {
    (action.kind(), action.target().id.clone(), action.name().to_owned())
}

/// How an action ends in the ledger. A run that is killed may leave the first of two lines behind alone. That must not be
/// the end of an action whose event is lost; an action without an end, the next run settles.
fn ending(finished: FinishedAction, queued: Option<Owed>) -> Vec<Entry> {
    let mut entries: Vec<Entry> =
        queued.into_iter().map(|Owed { event, receivers }| Entry::EventQueued { event, receivers }).collect();
    entries.push(Entry::ActionFinished(finished));
    entries
}

/// What tells a stored schedule from all others.
fn stored(live: &LiveSchedule) -> Stored {
    Stored { version: live.version, digest: live.view().as_ref().map(json::view_digest) }
}

fn failed(error: &str) -> (ledger::Outcome, Option<LiveSchedule>, String) {
    (ledger::Outcome::Failure { error: error.to_owned() }, None, error.to_owned())
}
