//! The outline of a window: enough to tell quickly that two of them never meet.

use chrono::{Datelike, NaiveDateTime, Timelike};

use crate::schedule::{Alteration, AlterationKind, Occurrence, Pattern, Slot, Weekdays, Zone, common_period};

use super::{LocalSpan, Shape};
use crate::rules::horizon::{self, moved};

const DAY: u32 = 86_400;
const WEEK: u32 = 7 * DAY;
/// How far at most bounded windows are compared, so that an end date of 9999 costs no minutes.
const BOUNDED_DAYS: i64 = 30 * 366;
/// How long patterns that leave out weeks are compared between zones: ten years.
const RARE_DAYS: u64 = 3653;
/// Two zones differ by at most 26 hours.
const ZONES_DAYS: i64 = 2;

/// A superset of the time that a window occupies, by date and by time of the week.
pub struct Outline<'a> {
    /// The zone of all that follows.
    pub zone: Zone,
    from: NaiveDateTime,
    /// `None` when it is open-ended.
    until: Option<NaiveDateTime>,
    /// Seconds since Monday 00:00, in order, cut at the week's end.
    week: Vec<(u32, u32)>,
    /// After how many days the pattern repeats.
    period: u64,
    inclusions: Vec<&'a Alteration>,
}

impl<'a> Outline<'a> {
    /// The outline of a window.
    pub fn of(shape: Shape<'a>) -> Self {
        match shape {
            Shape::Slot(slot) => Self::of_slot(slot),
            Shape::Interval(interval, zone) => {
                let start =
                    interval.start.weekday().num_days_from_monday() * DAY + interval.start.num_seconds_from_midnight();
                let length = (interval.end - interval.start).num_seconds();
                let mut week = Vec::new();
                push_segment(&mut week, start, u32::try_from(length).unwrap_or(WEEK));
                week.sort_unstable();
                let (from, until) = (interval.start, Some(interval.end));
                Self { zone, from, until, week, period: 1, inclusions: Vec::new() }
            }
        }
    }

    fn of_slot(slot: &'a Slot) -> Self {
        let days = match slot.pattern {
            Pattern::Weekly { days, .. } => days,
            Pattern::Daily { .. } => Weekdays::ALL,
        };
        let mut week = Vec::with_capacity(8);
        for day in days.iter() {
            push_segment(&mut week, day.num_days_from_monday() * DAY + slot.start.seconds(), slot.length.get());
        }
        week.sort_unstable();
        let (from, until) = horizon::of_slot(slot);
        let inclusions = slot.alterations.iter().filter(|one| one.kind == AlterationKind::Inclusion).collect();
        Self { zone: slot.zone, from, until, week, period: slot.pattern.period(), inclusions }
    }

    /// Whether the two could run at the same time; `false` only when they certainly do not.
    pub fn may_overlap(&self, other: &Self) -> bool {
        let same_zone = self.zone == other.zone;
        // Inclusions lie outside the pattern; those that both windows have belong to their schedule.
        let plain = self.inclusions == other.inclusions && (same_zone || self.inclusions.is_empty());
        if !plain {
            return true;
        }
        let margin = if same_zone { 0 } else { ZONES_DAYS };
        let ends_before = |a: &Self, b: &Self| a.until.is_some_and(|until| moved(until, margin) <= b.from);
        if ends_before(self, other) || ends_before(other, self) {
            return false;
        }
        !same_zone || segments_meet(&self.week, &other.week)
    }

    /// How many days two open-ended windows are compared.
    fn open_days(&self, other: &Self) -> i64 {
        let period = common_period(self.period, other.period);
        // A pattern that leaves out weeks may for years miss those in which the clocks of two zones differ.
        let rare = self.zone != other.zone && period > 7;
        horizon::of_period(if rare { period.max(RARE_DAYS) } else { period }, BOUNDED_DAYS)
    }

    /// The time in which the two are to be compared, wide enough for any zone.
    pub fn common_range(&self, other: &Self, as_of: NaiveDateTime) -> LocalSpan {
        let open = self.until.is_none() && other.until.is_none();
        let later_start = self.from.max(other.from);
        let from = if open { later_start.max(as_of) } else { later_start };
        let until = match (self.until, other.until) {
            (None, None) => moved(from, self.open_days(other)),
            (Some(end), None) | (None, Some(end)) => end.min(moved(from, BOUNDED_DAYS)),
            (Some(a), Some(b)) => a.min(b).min(moved(from, BOUNDED_DAYS)),
        };
        let inclusions = self.inclusions.iter().chain(&other.inclusions);
        let (from, until) = inclusions.fold((from, until), |(from, until), one| {
            (from.min(one.start), until.max(one.end.min(moved(one.start, BOUNDED_DAYS))))
        });
        (moved(from, -ZONES_DAYS), moved(until, ZONES_DAYS))
    }
}

/// The inclusions of a window as spans on a clock.
pub fn inclusions(slot: &Slot, zone: Zone) -> Vec<Occurrence> {
    let included = slot.alterations.iter().filter(|one| one.kind == AlterationKind::Inclusion);
    included.filter_map(|one| Occurrence::between(zone, one.start, one.end)).collect()
}

fn push_segment(week: &mut Vec<(u32, u32)>, start: u32, length: u32) {
    if length >= WEEK {
        week.push((0, WEEK));
        return;
    }
    let end = start + length;
    week.push((start, end.min(WEEK)));
    if end > WEEK {
        week.push((0, end - WEEK));
    }
}

/// Whether two ordered lists of half-open segments share a second.
fn segments_meet(a: &[(u32, u32)], b: &[(u32, u32)]) -> bool {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    while let (Some((a_start, a_end)), Some((b_start, b_end))) = (a.peek(), b.peek()) {
        if a_start < b_end && b_start < a_end {
            return true;
        }
        // The one that ends first can meet nothing that follows in the other list.
        if a_end <= b_end {
            a.next();
        } else {
            b.next();
        }
    }
    false
}
