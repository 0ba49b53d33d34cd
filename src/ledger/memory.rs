//! What the ledger remembers of one owner's schedules in one organisation: how each was left, which are protected,
//! what was begun and never finished, and which events are owed.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::schedule::ScheduleKind;

use super::event::Event;
use super::record::{ActionKind, ActionRecord, Stored};
use super::written::Lines;

/// The place of a schedule: its family, and the id of what it drives.
pub type ScheduleAt = (ScheduleKind, String);

/// What runs of one owner have left behind in one organisation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// The schedules that runs have created or updated and none has deleted since, as they were left.
    pub applied: BTreeMap<ScheduleAt, Applied>,
    /// The schedules that must not be deleted.
    pub protected: BTreeSet<ScheduleAt>,
    /// Actions that were begun and of which nobody knows whether they happened, oldest first.
    pub open: Vec<ActionRecord>,
    /// Those of them whose event was queued already, by their change ids.
    pub told: BTreeSet<Uuid>,
    /// Events that not every receiver has taken yet, oldest first.
    pub owed: Vec<Owed>,
    /// The receivers that have said that they are gone, each with the digest of the address at which it said so.
    pub disabled: BTreeMap<String, String>,
}

/// An event, and who has not taken it yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Owed {
    /// The event.
    pub event: Event,
    /// The names of the receivers that it is owed to.
    pub receivers: BTreeSet<String>,
}

/// How a run has left a schedule.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// The name of its manifest.
    pub name: String,
    /// The labels of its manifest.
    pub labels: BTreeMap<String, String>,
    /// What was asked for, in its normal form.
    pub wanted: Value,
    /// What the service said that it stored, where it said so.
    pub stored: Option<Stored>,
}

impl Memory {
    /// Reads what the ledger of a state directory remembers. A ledger that is not there remembers nothing.
    ///
    /// Lines are believed as they stand; what is no record is passed over, as a line may be that another run is
    /// writing.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read(dir: &Path, org: &str, owner: &str) -> io::Result<Self> {
        let (mut lines, mut text) = (Lines::in_dir(dir)?, Vec::new());
        let mut reader = Reader::default();
        while let Some((_, found)) = lines.map_next(&mut text, Line::read)? {
            for line in found.into_iter().flatten() {
                reader.take(&line, org, owner);
            }
        }
        Ok(reader.end())
    }

    /// The families in which the owner may have schedules.
    pub fn families(&self) -> BTreeSet<ScheduleKind> {
        self.applied.keys().map(|(kind, _)| *kind).chain(self.open.iter().map(|action| action.kind)).collect()
    }

    /// Whether nothing was ever applied, or all of it has been deleted since.
    pub fn is_empty(&self) -> bool {
        self.applied.is_empty()
    }
}

/// The part of a line that is of interest here; most lines have only some of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    /// All of it.
    #[serde(skip)]
    text: &'a [u8],
    record: &'a str,
    run_id: Uuid,
    org: Option<&'a str>,
    owner: Option<&'a str>,
    change_id: Option<Uuid>,
    action: Option<ActionKind>,
    /// A word of an action, a number of a delivery.
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    kind: Option<ScheduleKind>,
    name: Option<String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    campaign_id: Option<String>,
    #[serde(borrow)]
    after: Option<&'a RawValue>,
    stored: Option<Stored>,
    #[serde(default)]
    is_open: bool,
    protect: Option<bool>,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    #[serde(default)]
    receivers: BTreeSet<String>,
    event_id: Option<Uuid>,
    receiver: Option<String>,
    address_digest: Option<String>,
}

/// What was read so far. What is parsed further is only what stands in the end.
#[derive(Default)]
struct Reader {
    ours: BTreeSet<Uuid>,
    applied: BTreeMap<ScheduleAt, Left>,
    protected: BTreeSet<ScheduleAt>,
    /// Whole lines of actions that were begun.
    open: BTreeMap<Uuid, Vec<u8>>,
    told: BTreeSet<Uuid>,
    owed: BTreeMap<Uuid, (String, BTreeSet<String>)>,
    disabled: BTreeMap<String, String>,
}

struct Left {
    name: String,
    labels: BTreeMap<String, String>,
    wanted: String,
    stored: Option<Stored>,
}

impl Reader {
    fn take(&mut self, line: &Line<'_>, org: &str, owner: &str) {
        if matches!(line.record, "runStarted" | "redeliveryStarted")
            && line.org == Some(org)
            && line.owner == Some(owner)
        {
            self.ours.insert(line.run_id);
        }
        if !self.ours.contains(&line.run_id) {
            return;
        }
        match (line.record, line.change_id) {
            ("actionIntended", Some(id)) => drop(self.open.insert(id, line.text.to_owned())),
            ("actionFinished", Some(id)) => {
                if !line.is_open {
                    self.open.remove(&id);
                    self.told.remove(&id);
                }
                self.finish(line);
            }
            ("protectionSet", _) => {
                if let (Some(at), Some(protect)) = (line.place(), line.protect) {
                    if protect {
                        self.protected.insert(at)
                    } else {
                        self.protected.remove(&at)
                    };
                }
            }
            ("eventQueued", _) => {
                if let Some((id, event)) = line.event.and_then(|event| Some((id_of(event)?, event))) {
                    self.owed.insert(id, (event.get().to_owned(), line.receivers.clone()));
                    // An event has the id of its change.
                    if self.open.contains_key(&id) {
                        self.told.insert(id);
                    }
                }
            }
            ("eventDelivered", _) => {
                if let (Some(id), Some(receiver)) = (line.event_id, &line.receiver) {
                    // Who takes an event is there again.
                    self.disabled.remove(receiver);
                    if let Entry::Occupied(mut owed) = self.owed.entry(id) {
                        owed.get_mut().1.remove(receiver);
                        if owed.get().1.is_empty() {
                            owed.remove();
                        }
                    }
                }
            }
            ("receiverDisabled", _) => {
                if let (Some(receiver), Some(digest)) = (&line.receiver, &line.address_digest) {
                    self.disabled.insert(receiver.clone(), digest.clone());
                }
            }
            _ => {}
        }
    }

    fn finish(&mut self, line: &Line<'_>) {
        let Some(at) = line.place() else { return };
        let is_done = line.status.is_some_and(|status| status.get() == "\"SUCCESS\"");
        match line.action {
            Some(ActionKind::Delete) if is_done => {
                self.applied.remove(&at);
                self.protected.remove(&at);
            }
            // What the service stored is what there is now, even where it is not what was asked for.
            Some(ActionKind::Create | ActionKind::Update) if is_done || line.stored.is_some() => {
                let wanted = line.after.map_or_else(String::new, |after| after.get().to_owned());
                let name = line.name.clone().unwrap_or_default();
                let (labels, stored) = (line.labels.clone(), line.stored.clone());
                self.applied.insert(at, Left { name, labels, wanted, stored });
            }
            _ => {}
        }
    }

    fn end(self) -> Memory {
        let left = |Left { name, labels, wanted, stored }| Applied {
            name,
            labels,
            wanted: serde_json::from_str(&wanted).unwrap_or_default(),
            stored,
        };
        let owed =
            |(event, receivers): (String, _)| Some(Owed { event: serde_json::from_str(&event).ok()?, receivers });
        Memory {
            applied: self.applied.into_iter().map(|(at, one)| (at, left(one))).collect(),
            protected: self.protected,
            open: self.open.into_values().filter_map(|line| serde_json::from_slice(&line).ok()).collect(),
            told: self.told,
            owed: self.owed.into_values().filter_map(owed).collect(),
            disabled: self.disabled,
        }
    }
}

impl<'a> Line<'a> {
    fn read(text: &'a [u8]) -> Option<Self> {
        let line: Self = serde_json::from_slice(text).ok()?;
        Some(Self { text, ..line })
    }

    fn place(&self) -> Option<ScheduleAt> {
        Some((self.kind?, self.campaign_id.clone()?))
    }
}

fn id_of(event: &RawValue) -> Option<Uuid> {
    #[derive(Deserialize)]
    struct Known {
        id: Uuid,
    }
    serde_json::from_str::<Known>(event.get()).ok().map(|known| known.id)
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
