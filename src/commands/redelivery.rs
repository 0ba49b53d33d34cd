//! `dialctl events redeliver`

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::deliveries::Deliveries;
use super::error::CommandError;
use super::events::{self, FORMAT_VERSION, Format};
use super::terminal::Terminal;
use super::{Invocation, connection, instant, keeping, locking, provenance, receivers};
use crate::exit::Exit;
use crate::ledger::outbox::{GRACE, Report};
use crate::ledger::{
    Counts, Entry, Event, Extent, LedgerError, LoggedEvent, Memory, Outbox, Record, RedeliveryStart, RunLedger,
    ToReceiver, Webhook,
};

/// Send events that receivers have not taken yet; exit 1 where some still have not
///
/// Each keeps its id, so that a receiver that has it already can tell. Sent are those of this owner in this organisation,
/// each to the receivers that were configured when it happened. A receiver that has answered 410 (gone) is tried again
/// where --receiver names it.
#[derive(Debug, clap::Args)]
pub struct RedeliverArgs {
    /// Send those from this time on once more, even where they were delivered
    #[arg(long, value_name = "TIME", value_parser = instant)]
    since: Option<DateTime<Utc>>,
    /// Only to the receiver with this name
    #[arg(long, value_name = "NAME")]
    receiver: Option<String>,
    /// Wait for another run to end, for so many seconds at most
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    lock_timeout: u32,
    /// Format of the result
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

pub async fn run(
    args: &RedeliverArgs,
    invocation: &Invocation<'_>,
    terminal: &mut Terminal,
) -> Result<Exit, CommandError> {
    let settings = &invocation.settings;
    let mut webhooks = receivers::configured(invocation, terminal)?;
    if let Some(name) = &args.receiver {
        let only = receivers::named(&webhooks, name)?.clone();
        webhooks = vec![only];
    }
    // Without one there is nothing to take a lock for.
    invocation.refresh(Extent::New)?;
    keeping::check_ledger(invocation)?;
    let mut lock = locking::take(args.lock_timeout, invocation, terminal).await?;
    let (run_id, ledger) = (Uuid::now_v7(), invocation.open_ledger()?);
    let (org, owner) = (connection::lock_scope(invocation)?.org, settings.owner.to_string());
    let logged = events::logged(invocation)?.into_iter().filter(|logged| logged.org == org && logged.owner == owner);
    let chosen = chosen(logged, &webhooks, args.since);
    let disabled = match &args.receiver {
        // Whoever names it wants it tried.
        Some(_) => BTreeMap::new(),
        None => {
            let memory = Memory::read(invocation.folder(), &org, &owner);
            memory.map_err(|source| keeping::unreadable(&settings.state, source))?.disabled
        }
    };
    let mut journal = Journal { ledger, run_id, deliveries: Deliveries::default() };
    lock.keep(Utc::now()).map_err(CommandError::LockLost)?;
    let mut failed: Vec<Report> = Vec::new();
    if !chosen.is_empty() {
        let provenance = provenance::provenance(invocation.surroundings.environment);
        let tool_version = env!("CARGO_PKG_VERSION").to_owned();
        journal.append(vec![Entry::RedeliveryStarted(RedeliveryStart { provenance, tool_version, org, owner })])?;
        let mut outbox = Outbox::start(webhooks, &disabled);
        chosen.iter().for_each(|(event, receivers)| outbox.queue(event, receivers));
        failed = journal.deliver(outbox).await?;
    }
    let deliveries = &journal.deliveries;
    let shown = terminal.show(|out| match args.format {
        Format::Json => {
            let failures = failed.iter().filter_map(|report| {
                let error = report.result.as_ref().err()?.to_string();
                Some(json!({"eventId": report.event_id, "receiver": report.receiver, "error": error}))
            });
            let document = json!({
                "formatVersion": FORMAT_VERSION, "delivered": deliveries.delivered(), "failed": deliveries.failed(),
                "failures": failures.collect::<Vec<_>>(),
            });
            writeln!(out, "{document:#}")
        }
        Format::Human if chosen.is_empty() => writeln!(out, "Nothing to deliver."),
        Format::Human => {
            for report in &failed {
                if let Err(error) = &report.result {
                    writeln!(out, "{} to `{}`: {error}", report.event_id, report.receiver)?;
                }
            }
            writeln!(out, "{} delivered, {} failed.", deliveries.delivered(), deliveries.failed())
        }
    });
    shown.map_err(CommandError::Output)?;
    if let Some(error) = journal.ledger.failed() {
        terminal.note(keeping::told(error, invocation.folder()));
    }
    deliveries.warnings().into_iter().for_each(|warning| terminal.note(warning));
    Ok(if deliveries.failed() == 0 { Exit::Done } else { Exit::Failed })
}

/// What is sent to whom: what is owed, and what has happened since a time. Who is no longer configured gets nothing.
fn chosen(
    logged: impl Iterator<Item = LoggedEvent>,
    webhooks: &[Webhook],
    since: Option<DateTime<Utc>>,
) -> Vec<(Event, BTreeSet<String>)> {
    let configured: BTreeSet<&str> = webhooks.iter().map(|webhook| webhook.receiver().name.as_str()).collect();
    let chosen = logged.map(|LoggedEvent { event, receivers, .. }| {
        let is_wanted = since.is_some_and(|since| event.timestamp >= since);
        let is_chosen = |name: &str, to: &ToReceiver| configured.contains(name) && (is_wanted || !to.is_delivered);
        let names = receivers.into_iter().filter(|(name, to)| is_chosen(name, to)).map(|(name, _)| name).collect();
        (event, names)
    });
    chosen.filter(|(_, receivers): &(Event, BTreeSet<String>)| !receivers.is_empty()).collect()
}

/// What is written down of a redelivery.
struct Journal {
    ledger: RunLedger,
    run_id: Uuid,
    deliveries: Deliveries,
}

impl Journal {
    fn append(&mut self, entries: Vec<Entry>) -> Result<(), LedgerError> {
        let record = |entry| Record { timestamp: Utc::now(), run_id: self.run_id, entry };
        let records: Vec<Record> = entries.into_iter().map(record).collect();
        self.ledger.append_all(&records).map(drop)
    }

    fn take(&mut self, report: &Report) -> Result<(), LedgerError> {
        self.deliveries.count(report);
        self.append(report.entries())
    }

    /// Waits for all that is under way, or until somebody asks to end, and gives what was not delivered.
    async fn deliver(&mut self, mut outbox: Outbox) -> Result<Vec<Report>, LedgerError> {
        let mut failed = Vec::new();
        let mut stop = std::pin::pin!(super::stop_signal(Exit::Failed));
        outbox.close();
        loop {
            let report = tokio::select! {
                report = outbox.next() => report,
                () = &mut stop => break,
            };
            let Some(report) = report else { break };
            self.take(&report)?;
            failed.extend(Some(report).filter(|report| report.result.is_err()));
        }
        for report in outbox.finish(GRACE).await {
            self.take(&report)?;
            failed.extend(Some(report).filter(|report| report.result.is_err()));
        }
        let (events_delivered, events_failed) = (self.deliveries.delivered(), self.deliveries.failed());
        let counts = Counts { events_delivered, events_failed, ..Counts::default() };
        self.append(vec![Entry::RunFinished { counts }])?;
        Ok(failed)
    }
}
