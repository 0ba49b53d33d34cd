//! How a schedule is written down: one normal form in the words of the manifest, for showing,
//! comparing and digesting.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use chrono::{NaiveDate, NaiveDateTime};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Alteration, AlterationKind, Bound, Capacity, DesiredSchedule, Interval, LiveSchedule, Pattern, Slot, TimeOfDay,
    Timetable, Weekdays, iso8601,
};

/// A schedule in its normal form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleView {
    /// The live name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When it dials.
    #[serde(flatten)]
    pub timetable: TimetableView,
    /// Only where the API stores it.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
}

/// A timetable in its normal form: slots merged by day where they are otherwise alike, and sorted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TimetableView {
    pub(super) timezone: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) daily_slots: Vec<SlotView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) intervals: Vec<SpanView>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SlotView {
    pub(super) start_time: String,
    pub(super) end_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) days: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) every: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lasts_days: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timezone: Option<&'static str>,
    pub(super) start_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) occurrences: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) exclusions: Vec<SpanView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) inclusions: Vec<SpanView>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub(super) struct SpanView {
    pub(super) start: String,
    pub(super) end: String,
}

impl LiveSchedule {
    /// The normal form; `None` when what is stored cannot be read.
    pub fn view(&self) -> Option<ScheduleView> {
        let timetable = TimetableView::of(self.timetable.as_ref().ok()?);
        Some(ScheduleView { name: self.name.clone(), timetable, capacity: self.capacity })
    }
}

impl DesiredSchedule {
    /// The normal form as the API would give it back, with the capacity where the API stores one.
    pub fn view(&self, stores_capacity: bool) -> ScheduleView {
        // An API that stores the capacity (`campaign-schedules`) keeps no name.
        let name = (!stores_capacity).then(|| self.live_name.to_string());
        let capacity = stores_capacity.then_some(self.capacity);
        ScheduleView { name, timetable: TimetableView::of(&self.timetable), capacity }
    }
}

impl TimetableView {
    /// The normal form of a timetable.
    pub fn of(timetable: &Timetable) -> Self {
        let zone = timetable.zone.name();
        let mut daily_slots: Vec<SlotView> =
            merged_by_day(&timetable.slots).iter().map(|slot| SlotView::of(slot, zone)).collect();
        daily_slots.sort_unstable();
        let mut intervals: Vec<&Interval> = timetable.intervals.iter().collect();
        intervals.sort_unstable();
        let intervals = intervals.into_iter().map(|interval| SpanView::of(interval.start, interval.end)).collect();
        Self { timezone: zone, daily_slots, intervals }
    }
}

impl SlotView {
    fn of(slot: &Slot, zone: &'static str) -> Self {
        // What is live may last a century, which overflows 32 bits.
        let end = u64::from(slot.start.seconds()) + u64::from(slot.length.get());
        let (every, days) = match slot.pattern {
            Pattern::Daily { every } => (every.get(), None),
            Pattern::Weekly { every, days } => (every.get(), Some(days.names().collect())),
        };
        let (end_date, occurrences) = match slot.bound {
            Bound::Open => (None, None),
            Bound::Until(date) => (Some(date.to_string()), None),
            Bound::Count(count) => (None, Some(count.get())),
        };
        Self {
            start_time: slot.start.to_string(),
            end_time: end_of_slot(end).to_string(),
            days,
            every: (every > 1).then_some(every),
            lasts_days: (slot.length.get() > 86_400).then_some(end / 86_400),
            timezone: (slot.zone.name() != zone).then_some(slot.zone.name()),
            start_date: slot.first.to_string(),
            end_date,
            occurrences,
            exclusions: slot.cuts().into_iter().map(|(start, end)| SpanView::of(start, end)).collect(),
            inclusions: inclusions(slot).into_iter().map(|one| SpanView::of(one.start, one.end)).collect(),
        }
    }
}

impl SpanView {
    fn of(start: NaiveDateTime, end: NaiveDateTime) -> Self {
        Self { start: iso8601(start), end: iso8601(end) }
    }
}

/// The time of day of a slot's end, given in seconds since the day of its start began. Midnight is
/// written as the end of the day that it closes.
fn end_of_slot(seconds: u64) -> TimeOfDay {
    let of_day = u32::try_from(seconds % 86_400).unwrap_or_default();
    TimeOfDay::from_seconds(of_day).filter(|time| time.seconds() > 0).unwrap_or(TimeOfDay::END_OF_DAY)
}

/// What a slot runs in addition to its pattern, in order.
fn inclusions(slot: &Slot) -> Vec<&Alteration> {
    let mut inclusions: Vec<_> = slot.alterations.iter().filter(|one| one.kind == AlterationKind::Inclusion).collect();
    inclusions.sort_unstable();
    inclusions
}

/// The slots with a daily pattern written as the seven days, and with slots that differ only in
/// their days put together where that keeps every start date.
fn merged_by_day(slots: &[Slot]) -> Vec<Slot> {
    let mut alike = BTreeMap::new();
    let mut merged = Vec::new();
    for slot in slots {
        match slot.pattern.every_week() {
            Some(days) if !matches!(slot.bound, Bound::Count(_)) => {
                let altered = (slot.cuts(), inclusions(slot));
                let key = (slot.zone.name(), slot.start, slot.length, slot.bound, altered);
                alike.entry(key).or_insert_with(|| (slot, Vec::new())).1.push((slot.first, days));
            }
            _ => merged.push(slot.clone()),
        }
    }
    for (slot, parts) in alike.into_values() {
        for (first, days) in merge_firsts(parts) {
            let every = NonZeroU32::MIN;
            let daily = days == Weekdays::ALL;
            let pattern = if daily { Pattern::Daily { every } } else { Pattern::Weekly { every, days } };
            merged.push(Slot { first, pattern, ..slot.clone() });
        }
    }
    merged
}

/// Puts sets of days together whose start dates are those of the union counted from the earliest.
fn merge_firsts(mut parts: Vec<(NaiveDate, Weekdays)>) -> Vec<(NaiveDate, Weekdays)> {
    parts.sort_unstable();
    let mut merged: Vec<(NaiveDate, Weekdays)> = Vec::new();
    for (first, days) in parts {
        let every = NonZeroU32::MIN;
        let fits = |from: NaiveDate| Pattern::Weekly { every, days }.first_on_or_after(from) == Some(first);
        match merged.iter_mut().find(|(from, _)| fits(*from)) {
            Some((_, union)) => *union = union.union(days),
            None => merged.push((first, days)),
        }
    }
    merged
}
