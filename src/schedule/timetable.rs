//! A timetable: everything about when one schedule dials.

use chrono::NaiveDateTime;

use super::{Slot, Zone};

/// When one schedule dials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timetable {
    /// The zone of the intervals, and of slots that name none of their own.
    pub zone: Zone,
    /// The recurring windows.
    pub slots: Vec<Slot>,
    /// The one-off windows.
    pub intervals: Vec<Interval>,
}

/// A one-off window of local time in the zone of its timetable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    /// Local start, inclusive.
    pub start: NaiveDateTime,
    /// Local end, exclusive; after `start`.
    pub end: NaiveDateTime,
}
