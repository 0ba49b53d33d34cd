//! What this API cannot express.

use std::fmt;

use chrono::NaiveDate;

use crate::schedule::{Bound, Slot, Timetable};

const DAY: u32 = 86_400;

/// Something in a timetable that this API has no way to express. Slots and intervals are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRepresentable {
    /// There is no slot, and so nothing to send.
    NoSlots,
    /// One-off windows.
    Interval {
        /// Which interval.
        interval: usize,
    },
    /// Exclusions and inclusions.
    Alterations {
        /// Whose.
        slot: usize,
    },
    /// A pattern other than days of every week.
    Every {
        /// Which slot recurs so.
        slot: usize,
    },
    /// A zone of its own.
    Zone {
        /// Which slot has one.
        slot: usize,
    },
    /// A first date that does not follow from the earliest of all slots.
    FirstDate {
        /// Which slot has it.
        slot: usize,
    },
    /// A last date that differs from those of the other slots.
    LastDate {
        /// Which slot has it.
        slot: usize,
    },
    /// An end after a number of occurrences.
    Count {
        /// Which slot ends so.
        slot: usize,
    },
    /// A length of a day or more, other than from 00:00 to 24:00.
    Length {
        /// Which slot is that long.
        slot: usize,
    },
}

/// Whether the API `campaign-schedules` can express a timetable; if not, everything in the way.
pub fn representable(timetable: &Timetable) -> Result<(), Vec<NotRepresentable>> {
    let Timetable { zone, slots, intervals } = timetable;
    let mut found: Vec<NotRepresentable> =
        (0..intervals.len()).map(|interval| NotRepresentable::Interval { interval }).collect();
    let earliest = slots.iter().map(|slot| slot.first).min();
    let (Some(earliest), Some(bound)) = (earliest, slots.first().map(|slot| slot.bound)) else {
        found.push(NotRepresentable::NoSlots);
        return Err(found);
    };
    for (slot, it) in slots.iter().enumerate() {
        let Slot { zone: own_zone, first: _, start, length, pattern, bound: own_bound, alterations } = it;
        let counted = matches!(own_bound, Bound::Count(_));
        // From 00:00 to 24:00 is a day that can be written; any other day ends at the time it starts.
        let too_long = length.get() >= DAY && !(length.get() == DAY && start.seconds() == 0);
        for (wrong, what) in [
            (!alterations.is_empty(), NotRepresentable::Alterations { slot }),
            (pattern.every_week().is_none(), NotRepresentable::Every { slot }),
            (own_zone != zone, NotRepresentable::Zone { slot }),
            (counted, NotRepresentable::Count { slot }),
            (starts_later(it, earliest), NotRepresentable::FirstDate { slot }),
            (!counted && *own_bound != bound, NotRepresentable::LastDate { slot }),
            (too_long, NotRepresentable::Length { slot }),
        ] {
            if wrong {
                found.push(what);
            }
        }
    }
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// Whether a slot leaves out a day of its pattern on or after the date from which all slots are valid.
fn starts_later(slot: &Slot, from: NaiveDate) -> bool {
    slot.pattern.first_on_or_after(from) != Some(slot.first)
}

impl fmt::Display for NotRepresentable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::NoSlots => "a schedule without daily slots",
            Self::Interval { .. } => "a one-off interval",
            Self::Alterations { .. } => "exclusions and inclusions",
            Self::Every { .. } => "a slot that does not recur every week",
            Self::Zone { .. } => "a slot with a time zone of its own",
            Self::FirstDate { .. } | Self::LastDate { .. } => "slots with different first or last dates",
            Self::Count { .. } => "a slot that ends after a number of occurrences",
            Self::Length { .. } => "a slot of 24 hours or more, other than from 00:00 to 24:00",
        };
        write!(f, "the API campaign-schedules cannot express {what}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::{Alteration, AlterationKind, Interval, Pattern, TimeOfDay, Zone};
    use std::num::NonZeroU32;

    fn n(n: u32) -> NonZeroU32 {
        NonZeroU32::new(n).unwrap()
    }

    fn timetable() -> Timetable {
        let slot = |first: &str, start: &str, day| Slot {
            zone: Zone::utc(),
            first: first.parse().unwrap(),
            start: start.parse().unwrap(),
            length: n(4 * 3600),
            pattern: Pattern::Weekly { every: n(1), days: [day].into_iter().collect() },
            bound: Bound::Open,
            alterations: Vec::new(),
        };
        // 2027-03-01 is a Monday.
        let slots =
            vec![slot("2027-03-01", "09:00", chrono::Weekday::Mon), slot("2027-03-03", "22:00", chrono::Weekday::Wed)];
        Timetable { zone: Zone::utc(), slots, intervals: Vec::new() }
    }

    #[test]
    fn names_everything_in_the_way_and_where_it_is() {
        type Change = fn(&mut Timetable);
        let cases: [(Change, &[NotRepresentable]); 12] = [
            (|_| {}, &[]),
            (|t| t.slots[1].length = n(DAY - 1), &[]),
            (|t| t.slots[1].length = n(DAY), &[NotRepresentable::Length { slot: 1 }]),
            (|t| (t.slots[1].start, t.slots[1].length) = (TimeOfDay::from_seconds(0).unwrap(), n(DAY)), &[]),
            (|t| t.slots[0].pattern = Pattern::Daily { every: n(1) }, &[]),
            (|t| t.slots[0].pattern = Pattern::Daily { every: n(2) }, &[NotRepresentable::Every { slot: 0 }]),
            (|t| t.slots[1].zone = Zone::named("Europe/Paris").unwrap(), &[NotRepresentable::Zone { slot: 1 }]),
            (|t| t.slots[1].first = "2027-03-10".parse().unwrap(), &[NotRepresentable::FirstDate { slot: 1 }]),
            (
                |t| t.slots[1].bound = Bound::Until("2027-06-01".parse().unwrap()),
                &[NotRepresentable::LastDate { slot: 1 }],
            ),
            (|t| t.slots[1].bound = Bound::Count(n(3)), &[NotRepresentable::Count { slot: 1 }]),
            (|t| t.slots.clear(), &[NotRepresentable::NoSlots]),
            (
                |t| {
                    let (start, end) = ("2027-05-01T10:00:00".parse().unwrap(), "2027-05-01T14:00:00".parse().unwrap());
                    t.intervals.push(Interval { start, end });
                    t.slots[0].alterations.push(Alteration { kind: AlterationKind::Exclusion, start, end });
                },
                &[NotRepresentable::Interval { interval: 0 }, NotRepresentable::Alterations { slot: 0 }],
            ),
        ];
        for (change, expected) in cases {
            let mut timetable = timetable();
            change(&mut timetable);
            let found = representable(&timetable).err().unwrap_or_default();
            assert_eq!(found, expected, "{timetable:?}");
        }
    }
}
