//! The order in which events go out to one receiver: one at a time for each schedule, none once it is down. Pure.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

use uuid::Uuid;

use super::event::{Event, ScheduleKey};
use super::lane::Undelivered;
use super::webhook::Delivery;

/// Decides what is sent next.
#[derive(Default)]
pub struct Queue {
    waiting: VecDeque<Event>,
    /// The schedules that an event was sent for, and what that means for their next ones.
    schedules: BTreeMap<ScheduleKey, Last>,
    closed: Option<Closed>,
}

/// Why nothing more is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Closed {
    /// The receiver does not answer.
    Down,
    /// The receiver has said that it is gone for good.
    Gone,
}

/// The last event of a schedule.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    UnderWay,
    Undelivered,
}

/// What to do with the event whose turn it is.
pub enum Step {
    /// Send it.
    Send(Event),
    /// Do not send it, and say why.
    GiveUp(Uuid, Undelivered),
}

impl Queue {
    /// A queue to a receiver that had said before that it is gone.
    pub fn to_gone() -> Self {
        Self { closed: Some(Closed::Gone), ..Self::default() }
    }

    /// Puts an event at the end.
    pub fn push(&mut self, event: Event) {
        self.waiting.push_back(event);
    }

    /// Takes the oldest event whose schedule has none under way. Nothing when all must wait.
    pub fn next(&mut self) -> Option<Step> {
        if let Some(closed) = self.closed {
            let reason = match closed {
                Closed::Down => Undelivered::ReceiverDown,
                Closed::Gone => Undelivered::ReceiverGone,
            };
            return self.waiting.pop_front().map(|event| Step::GiveUp(event.id, reason));
        }
        let is_free = |event: &Event| self.schedules.get(&event.schedule_key()) != Some(&Last::UnderWay);
        let position = self.waiting.iter().position(is_free)?;
        let event = self.waiting.remove(position)?;
        match self.schedules.entry(event.schedule_key()) {
            Entry::Occupied(_) => Some(Step::GiveUp(event.id, Undelivered::HeldBack)),
            Entry::Vacant(schedule) => {
                schedule.insert(Last::UnderWay);
                Some(Step::Send(event))
            }
        }
    }

    /// Learns how the event under way for a schedule ended.
    pub fn settle(&mut self, key: ScheduleKey, result: &Result<Delivery, Undelivered>) {
        match result {
            Ok(_) => drop(self.schedules.remove(&key)),
            Err(error) => {
                // Who is gone does not come back, who is down may.
                self.closed = self.closed.max(error.closes());
                self.schedules.insert(key, Last::Undelivered);
            }
        }
    }
}
