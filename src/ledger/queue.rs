//! The order in which events go out: one at a time for each schedule, none to a receiver that is down. Pure.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

use uuid::Uuid;

use super::event::{Event, ScheduleKey};
use super::outbox::Undelivered;
use super::webhook::{Delivery, DeliveryError};

/// Decides what is sent next.
#[derive(Default)]
pub struct Queue {
    waiting: VecDeque<Event>,
    /// The schedules that an event was sent for, and what that means for their next ones.
    schedules: BTreeMap<ScheduleKey, Last>,
    is_down: bool,
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
    /// Puts an event at the end.
    pub fn push(&mut self, event: Event) {
        self.waiting.push_back(event);
    }

    /// Takes the oldest event whose schedule has none under way. Nothing when all must wait.
    pub fn next(&mut self) -> Option<Step> {
        let is_free = |event: &Event| self.schedules.get(&event.schedule_key()) != Some(&Last::UnderWay);
        let position = if self.is_down { 0 } else { self.waiting.iter().position(is_free)? };
        let event = self.waiting.remove(position)?;
        if self.is_down {
            return Some(Step::GiveUp(event.id, Undelivered::ReceiverDown));
        }
        match self.schedules.entry(event.schedule_key()) {
            Entry::Occupied(_) => Some(Step::GiveUp(event.id, Undelivered::HeldBack)),
            Entry::Vacant(schedule) => {
                schedule.insert(Last::UnderWay);
                Some(Step::Send(event))
            }
        }
    }

    /// Learns how the event under way for a schedule ended.
    pub fn settle(&mut self, key: ScheduleKey, result: &Result<Delivery, DeliveryError>) {
        match result {
            Ok(_) => drop(self.schedules.remove(&key)),
            Err(error) => {
                self.is_down |= error.means_down();
                self.schedules.insert(key, Last::Undelivered);
            }
        }
    }
}
