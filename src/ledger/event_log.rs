//! What the ledger says of events: who is to be told of each, who was, and every attempt at it.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::attempt::FailedAttempt;
use super::event::Event;
use super::notation;
use super::record::{Entry, Record};
use super::written::Lines;

/// An event, and what has become of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LoggedEvent {
    /// The event.
    pub event: Event,
    /// The organisation that it is about, as the records of runs name it.
    pub org: String,
    /// The owner of its schedule.
    pub owner: String,
    /// The receivers that are to be told, by their names.
    pub receivers: BTreeMap<String, ToReceiver>,
}

/// What has become of an event at one receiver.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ToReceiver {
    /// Whether it has taken it.
    pub is_delivered: bool,
    /// Every attempt, oldest first.
    pub attempts: Vec<Attempt>,
}

/// One attempt to hand an event to a receiver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// When it was made, or came to its end.
    #[serde(with = "notation::instant")]
    pub timestamp: DateTime<Utc>,
    /// How long it took, in milliseconds, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: AttemptOutcome,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum AttemptOutcome {
    /// The receiver took the event.
    Taken {
        /// The HTTP status.
        status: u16,
    },
    /// It did not.
    Failed {
        /// Why not.
        error: String,
    },
}

impl LoggedEvent {
    /// Whether any receiver has still to be told.
    pub fn is_owed(&self) -> bool {
        !self.receivers.values().all(|deliveries| deliveries.is_delivered)
    }
}

impl From<FailedAttempt> for Attempt {
    fn from(FailedAttempt { timestamp, latency_ms, error }: FailedAttempt) -> Self {
        Self { timestamp, latency_ms: Some(latency_ms), outcome: AttemptOutcome::Failed { error } }
    }
}

/// Reads all events that the ledger of a state directory has, oldest first. What is no record is passed over.
///
/// # Errors
/// When a file cannot be read.
pub fn read_events(dir: &Path) -> io::Result<Vec<LoggedEvent>> {
    let mut reader = Reader::default();
    let (mut lines, mut text) = (Lines::in_dir(dir)?, Vec::new());
    while let Some((_, found)) = lines.map_next(&mut text, of_interest)? {
        found.into_iter().flatten().for_each(|record| reader.take(record));
    }
    Ok(reader.events.into_values().collect())
}

/// The record of a line, unless it is of an action: those are the most and the longest.
fn of_interest(text: &[u8]) -> Option<Record> {
    #[derive(Deserialize)]
    struct Sort<'a> {
        record: &'a str,
    }
    let sort: Sort<'_> = serde_json::from_slice(text).ok()?;
    if sort.record.starts_with("action") { None } else { serde_json::from_slice(text).ok() }
}

#[derive(Default)]
struct Reader {
    /// Whose runs there are: organisation and owner.
    runs: BTreeMap<Uuid, (String, String)>,
    events: BTreeMap<Uuid, LoggedEvent>,
}

impl Reader {
    fn take(&mut self, record: Record) {
        let Record { timestamp, run_id, entry } = record;
        match entry {
            Entry::RunStarted(start) => drop(self.runs.insert(run_id, (start.org, start.owner))),
            Entry::RunFinished { .. } => drop(self.runs.remove(&run_id)),
            Entry::EventQueued { event, receivers } => {
                let (org, owner) = self.runs.get(&run_id).cloned().unwrap_or_default();
                let receivers = receivers.into_iter().map(|name| (name, ToReceiver::default())).collect();
                self.events.insert(event.id, LoggedEvent { event, org, owner, receivers });
            }
            Entry::EventDelivered { event_id, receiver, status, latency_ms, failed_attempts } => {
                if let Some(deliveries) = self.deliveries(event_id, receiver) {
                    deliveries.attempts.extend(failed_attempts.into_iter().map(Attempt::from));
                    let (latency_ms, outcome) = (Some(latency_ms), AttemptOutcome::Taken { status });
                    deliveries.attempts.push(Attempt { timestamp, latency_ms, outcome });
                    deliveries.is_delivered = true;
                }
            }
            Entry::EventFailed { event_id, receiver, error, failed_attempts } => {
                if let Some(deliveries) = self.deliveries(event_id, receiver) {
                    // The run did not wait for the answer to the only attempt.
                    let unanswered = Attempt { timestamp, latency_ms: None, outcome: AttemptOutcome::Failed { error } };
                    let unanswered = failed_attempts.is_empty().then_some(unanswered);
                    deliveries.attempts.extend(failed_attempts.into_iter().map(Attempt::from).chain(unanswered));
                }
            }
            Entry::RedeliveryStarted(_)
            | Entry::ActionIntended(_)
            | Entry::ActionFinished(_)
            | Entry::ReceiverDisabled { .. }
            | Entry::ProtectionSet(_) => {}
        }
    }

    fn deliveries(&mut self, event_id: Uuid, receiver: String) -> Option<&mut ToReceiver> {
        Some(self.events.get_mut(&event_id)?.receivers.entry(receiver).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::a_run;
    use super::*;

    fn read(numbers: &[usize]) -> Vec<LoggedEvent> {
        let mut reader = Reader::default();
        numbers.iter().for_each(|n| reader.take(a_run()[*n].clone()));
        reader.events.into_values().collect()
    }

    #[test]
    fn an_event_is_known_with_every_attempt() {
        let (started, queued, delivered, failed) = (0, 4, 5, 6);
        let events = read(&[started, queued, failed, delivered]);
        let [logged] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((logged.org.as_str(), logged.owner.as_str()), ("api.mypurecloud.de", "dialctl"));
        assert!(logged.is_owed(), "audit has not taken it");
        assert_eq!(
            serde_json::to_value(&logged.receivers).unwrap(),
            serde_json::json!({
                "audit": {"isDelivered": false, "attempts": []},
                "wfm": {"isDelivered": true, "attempts": [
                    {"timestamp": "2027-03-01T09:00:00.250Z", "latencyMs": 5, "error": "no answer"},
                    {"timestamp": "2027-03-01T09:00:00.250Z", "latencyMs": 31, "status": 202},
                ]},
            })
        );
    }

    #[test]
    fn what_is_told_of_unknown_events_is_passed_over() {
        assert_eq!(read(&[0, 5, 6]), []);
    }
}
