//! The outbox: delivers events to all receivers while the run goes on, and never holds it up for long.
//!
//! Each receiver has a lane of its own, so that a slow one holds up no other. The outbox does not touch the ledger: its
//! reports go to whoever owns the writer.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::attempt::FailedAttempt;
use super::event::Event;
use super::lane::{Lane, Progress, Told, Undelivered};
use super::queue::Closed;
use super::record::Entry;
use super::webhook::{Delivery, Webhook};
use super::wire::Message;

/// How long the end of a run may wait for what is still under way.
pub const GRACE: Duration = Duration::from_secs(5);

/// What became of an event at one receiver in this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The event, by its id.
    pub event_id: Uuid,
    /// The receiver, by its name.
    pub receiver: String,
    /// The attempts that failed.
    pub failed: Vec<FailedAttempt>,
    /// Whether the receiver took it.
    pub result: Result<Delivery, Undelivered>,
    /// The digest of the receiver's address, where it has just said that it is gone.
    pub gone: Option<String>,
}

/// Delivers events in the background.
#[derive(Debug)]
pub struct Outbox {
    lanes: BTreeMap<String, Lane>,
    told: UnboundedReceiver<Told>,
    /// The events without a report, by receiver and in the order of their ids, which is that of their age; with the
    /// attempts that have failed.
    open: BTreeMap<(String, Uuid), Vec<FailedAttempt>>,
}

impl Report {
    /// What the ledger says about it. An event that was not sent leaves no trace: that it was queued, and not delivered,
    /// says enough, and a receiver that is away for long would fill the ledger.
    pub fn entries(&self) -> Vec<Entry> {
        let (event_id, receiver, failed_attempts) = (self.event_id, self.receiver.clone(), self.failed.clone());
        let entry = match &self.result {
            Ok(Delivery { status, latency }) => Some(Entry::EventDelivered {
                event_id,
                receiver: receiver.clone(),
                status: *status,
                latency_ms: u64::try_from(latency.as_millis()).unwrap_or(u64::MAX),
                failed_attempts,
            }),
            Err(
                Undelivered::ReceiverDown
                | Undelivered::ReceiverGone
                | Undelivered::AskedToWait
                | Undelivered::HeldBack,
            ) if failed_attempts.is_empty() => None,
            Err(error) => Some(Entry::EventFailed {
                event_id,
                receiver: receiver.clone(),
                error: error.to_string(),
                failed_attempts,
            }),
        };
        let gone = self.gone.clone().map(|address_digest| Entry::ReceiverDisabled { receiver, address_digest });
        entry.into_iter().chain(gone).collect()
    }
}

impl Outbox {
    /// Starts to deliver to receivers, within the current tokio runtime. `disabled` are the digests of the addresses at
    /// which receivers have said that they are gone.
    pub fn start(webhooks: Vec<Webhook>, disabled: &BTreeMap<String, String>) -> Self {
        let (teller, told) = mpsc::unbounded_channel();
        let lanes = webhooks.into_iter().map(|webhook| {
            let receiver = webhook.receiver().clone();
            let is_gone = disabled.get(&receiver.name) == Some(&receiver.address.digest());
            let deliver = move |event: Event| {
                let webhook = webhook.clone();
                async move { webhook.deliver(&Message::from(&event)).await }
            };
            (receiver.name.clone(), Lane::start(receiver, is_gone, teller.clone(), deliver))
        });
        Self { lanes: lanes.collect(), told, open: BTreeMap::new() }
    }

    /// The names of the receivers that are to be told about an event.
    pub fn interested(&self, event: &Event) -> BTreeSet<String> {
        let lanes = self.lanes.iter().filter(|(_, lane)| lane.receiver.interest.covers(event));
        lanes.map(|(name, _)| name.clone()).collect()
    }

    /// Hands over an event for these receivers and returns at once. It must be in the ledger before, or a crash loses
    /// it. Receivers that there are no more are passed over.
    pub fn queue(&mut self, event: &Event, receivers: &BTreeSet<String>) {
        for (name, lane) in self.lanes.iter().filter(|(name, _)| receivers.contains(*name)) {
            self.open.insert((name.clone(), event.id), Vec::new());
            lane.push(event.clone());
        }
    }

    /// The reports that came in since the last call, without waiting.
    pub fn reports(&mut self) -> Vec<Report> {
        let mut reports = Vec::new();
        while let Ok(told) = self.told.try_recv() {
            reports.extend(self.take(told));
        }
        reports
    }

    /// Waits for what is still under way, at most for `grace`, and gives the reports that
    /// [`Outbox::reports`] has not given. Every event that was queued has then been reported once for each receiver.
    pub async fn finish(mut self, grace: Duration) -> Vec<Report> {
        self.close();
        let deadline = Instant::now() + grace;
        let mut reports = Vec::new();
        while let Ok(Some(report)) = timeout_at(deadline, self.next()).await {
            reports.push(report);
        }
        self.lanes.values().for_each(Lane::abort);
        reports.extend(std::mem::take(&mut self.open).into_iter().map(|((receiver, event_id), failed)| Report {
            event_id,
            receiver,
            failed,
            result: Err(Undelivered::RunEnded),
            gone: None,
        }));
        reports
    }

    /// Takes no more events; those that it has are still delivered.
    pub fn close(&mut self) {
        self.lanes.values_mut().for_each(Lane::close);
    }

    /// Waits for the next report. Nothing when every event was reported.
    pub async fn next(&mut self) -> Option<Report> {
        while !self.open.is_empty() {
            let told = self.told.recv().await?;
            if let Some(report) = self.take(told) {
                return Some(report);
            }
        }
        None
    }

    fn take(&mut self, told: Told) -> Option<Report> {
        let Told { receiver, event_id, progress } = told;
        let key = (receiver, event_id);
        match progress {
            Progress::Tried(attempt) => {
                self.open.entry(key).or_default().push(attempt);
                None
            }
            Progress::Ended(result) => {
                let failed = self.open.remove(&key).unwrap_or_default();
                let has_gone = result.as_ref().err().and_then(Undelivered::closes) == Some(Closed::Gone);
                let address = self.lanes.get(&key.0).map(|lane| &lane.receiver.address);
                let gone = address.filter(|_| has_gone).map(|address| address.digest());
                Some(Report { event_id, receiver: key.0, failed, result, gone })
            }
        }
    }
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
