//! What the platform holds besides the manifests, as far as capacity goes.

use std::collections::BTreeMap;

use crate::schedule::{Capacity, Timetable};

/// What the platform holds besides the manifests. Nothing, where nobody asked it.
#[derive(Clone, Debug, Default)]
pub struct LiveSide {
    /// Schedules of voice campaigns that run on, whatever the manifests declare.
    pub schedules: Vec<UndeclaredSchedule>,
    /// How many lines voice campaigns dial at once, by the id of the campaign.
    pub lines: BTreeMap<String, u32>,
}

impl LiveSide {
    /// Nothing: the platform was not asked.
    pub fn unasked() -> &'static Self {
        static UNASKED: LiveSide = LiveSide { schedules: Vec::new(), lines: BTreeMap::new() };
        &UNASKED
    }
}

/// A live schedule that no manifest declares.
#[derive(Clone, Debug)]
pub struct UndeclaredSchedule {
    /// What messages call it.
    pub name: String,
    /// The id of the voice campaign that it drives.
    pub campaign: String,
    /// When it dials.
    pub timetable: Timetable,
    /// What its campaign has, and the schedule may therefore use.
    pub capacity: Capacity,
}
