//! The starts and ends that fall into a gap or a fold of the clock.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use crate::rules::{horizon, never_runs};
use crate::schedule::{AlterationKind, ClockChange, Occurrence, Slot, Timetable, Zone};

/// How far bounded slots are looked at, in days: who names a last day centuries ahead means that there is none.
const MOST_DAYS: u64 = 30 * 366;

/// One end of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Start,
    End,
}

/// A local time that does not exist or exists twice, where a window starts or ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// What the clock does there.
    pub change: ClockChange,
    /// The local time as it follows from what is written.
    pub local: NaiveDateTime,
    /// What it is read as.
    pub instant: DateTime<Utc>,
    /// Whether any time is left between the start and the end as they are read.
    pub occurs: bool,
}

/// A window that does not recur.
#[derive(Clone, Debug)]
pub struct OneOff {
    /// What people call it.
    pub name: &'static str,
    /// Where it stands in its document.
    pub pointer: String,
    span: (NaiveDateTime, NaiveDateTime),
}

/// The hits of one end of a slot, in order: the occurrences of its whole range that are not over at `as_of`.
pub fn of_slot(slot: &Slot, end: End, as_of: DateTime<Utc>) -> Vec<Hit> {
    let after_midnight = match end {
        End::Start => slot.start.seconds(),
        End::End => slot.start.seconds().saturating_add(slot.length.get()),
    };
    // Most slots keep clear of the hours in which clocks are changed.
    if !slot.zone.clock_ever_changes_at(after_midnight % 86_400) {
        return Vec::new();
    }
    let Some((from, last)) = range(slot, as_of) else { return Vec::new() };
    let after_midnight = TimeDelta::seconds(after_midnight.into());
    let mut hits = Vec::new();
    for change in changes(slot, from, last) {
        let (low, high) = change.affected();
        let (Some(low), Some(high)) = (low.checked_sub_signed(after_midnight), high.checked_sub_signed(after_midnight))
        else {
            continue;
        };
        // The days on which the time lies within what the clock skips or repeats: most often none.
        let days = low.date().iter_days().skip_while(|day| NaiveDateTime::from(*day) < low);
        for day in days.take_while(|day| NaiveDateTime::from(*day) < high && *day <= last) {
            if slot.start_dates(day).next() != Some(day) {
                continue;
            }
            let Some(span) = slot.local_span(day) else { continue };
            hits.extend(hit(slot.zone, span, end, change, as_of).filter(|hit| !is_excluded(slot, span, end, hit)));
        }
    }
    // That the clock jumps over all of a slot is told by the rule about what never runs.
    if hits.iter().any(|hit| !hit.occurs) && never_runs::slot_never_runs(slot) {
        hits.clear();
    }
    hits
}

/// The windows that do not recur and are in the zone of the timetable: the intervals, and the inclusions where
/// they were not turned into the time of another zone.
pub fn one_off(timetable: &Timetable) -> impl Iterator<Item = OneOff> {
    let intervals = timetable.intervals.iter().enumerate().map(|(n, one)| OneOff {
        name: "interval",
        pointer: format!("/spec/intervals/{n}"),
        span: (one.start, one.end),
    });
    let slots = timetable.slots.iter().filter(|slot| slot.zone == timetable.zone);
    let inclusions = slots.flat_map(|slot| {
        let inclusions = slot.alterations.iter().filter(|one| one.kind == AlterationKind::Inclusion);
        inclusions.enumerate().map(|(n, one)| OneOff {
            name: "inclusion",
            pointer: format!("/spec/inclusions/{n}"),
            span: (one.start, one.end),
        })
    });
    intervals.chain(inclusions)
}

/// The hit of one end of a window that does not recur, unless it is over at `as_of`.
pub fn of_one_off(one: &OneOff, zone: Zone, end: End, as_of: DateTime<Utc>) -> Option<Hit> {
    let change = zone.clock_change_at(local(one.span, end))?;
    // An interval without any time is told by the rule about what never runs.
    hit(zone, one.span, end, change, as_of).filter(|hit| hit.occurs || one.name != "interval")
}

/// The first and the last date to look at, by the start of the occurrence; `None` when all is over.
fn range(slot: &Slot, as_of: DateTime<Utc>) -> Option<(NaiveDate, NaiveDate)> {
    let today = slot.zone.local(as_of).date();
    let from = slot.first.max(today);
    let later = |days| from.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX);
    let last = match slot.last_date() {
        Some(last) => last.min(later(MOST_DAYS)),
        None => later(horizon::OPEN_DAYS.unsigned_abs()),
    };
    // An occurrence of the days before may still be running, or be read as a time of the days after.
    let before = slot.first.max(today.checked_sub_days(reach(slot)).unwrap_or(today));
    (before <= last).then_some((before, last))
}

/// How many days an occurrence may end after it starts, with what zones and changes of the clock add.
fn reach(slot: &Slot) -> Days {
    Days::new(3 + u64::from(slot.length.get() / 86_400))
}

/// The changes of the clock that touch the occurrences of a slot starting on these dates.
fn changes(slot: &Slot, from: NaiveDate, last: NaiveDate) -> impl Iterator<Item = ClockChange> {
    let from = from.checked_sub_days(Days::new(2)).unwrap_or(from);
    let until = last.checked_add_days(reach(slot)).unwrap_or(last);
    slot.zone.clock_changes(slot.zone.start_of_day(from), slot.zone.start_of_day(until))
}

fn local((start, finish): (NaiveDateTime, NaiveDateTime), end: End) -> NaiveDateTime {
    match end {
        End::Start => start,
        End::End => finish,
    }
}

fn hit(
    zone: Zone,
    span: (NaiveDateTime, NaiveDateTime),
    end: End,
    change: ClockChange,
    as_of: DateTime<Utc>,
) -> Option<Hit> {
    let local = local(span, end);
    let instant = zone.instant(local);
    let occurs = Occurrence::between(zone, span.0, span.1).is_some();
    (instant >= as_of).then_some(Hit { change, local, instant, occurs })
}

/// Whether the exclusions of a slot leave no dialing that starts or ends with this hit.
fn is_excluded(slot: &Slot, (start, finish): (NaiveDateTime, NaiveDateTime), end: End, hit: &Hit) -> bool {
    if !hit.occurs {
        let mut exclusions = slot.alterations.iter().filter(|one| one.kind == AlterationKind::Exclusion);
        return exclusions.any(|one| one.start <= start && finish <= one.end);
    }
    // Near a change the order of instants may differ from that of local times, by a day at most.
    let cuts = slot.excluded(horizon::moved(start, -2), horizon::moved(finish, 2));
    cuts.iter().any(|cut| match end {
        End::Start => cut.start <= hit.instant && hit.instant < cut.end,
        End::End => cut.start < hit.instant && hit.instant <= cut.end,
    })
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use chrono::Timelike;
    use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
    use proptest::prelude::*;

    use super::*;
    use crate::rules::tests::{as_of, exclusion};
    use crate::schedule::{Alteration, Bound, Pattern, TimeOfDay, Weekdays, Window};

    const ZONES: [&str; 9] = [
        "America/New_York",
        "Europe/London",
        "Australia/Lord_Howe",
        "America/Havana",
        "Africa/Cairo",
        "America/Santiago",
        "Africa/Casablanca",
        "Antarctica/Troll",
        "Asia/Tokyo",
    ];

    fn zones() -> impl Strategy<Value = Zone> {
        prop::sample::select(&ZONES[..]).prop_map(|name| Zone::named(name).unwrap())
    }

    fn patterns() -> impl Strategy<Value = Pattern> {
        let every = || (1..4_u32).prop_map(|n| NonZeroU32::new(n).unwrap());
        let days = (1..128_u32).prop_map(|mask| {
            (0..7_u8)
                .filter(|n| mask & (1 << n) != 0)
                .filter_map(|n| chrono::Weekday::try_from(n).ok())
                .collect::<Weekdays>()
        });
        prop_oneof![
            every().prop_map(|every| Pattern::Daily { every }),
            (every(), days).prop_map(|(every, days)| Pattern::Weekly { every, days }),
        ]
    }

    prop_compose! {
        /// Slots that mostly start and end where clocks change.
        fn slots()(
            zone in zones(),
            first in -30..400_i64,
            // In quarters of an hour, from 21:00 to 05:00 and at noon.
            start in prop_oneof![0..20_u32, 84..96_u32, Just(48)],
            length in prop_oneof![1..32_u32, 80..97_u32],
            pattern in patterns(),
            bound in prop_oneof![Just(None), (0..700_i64).prop_map(Some)],
            excluded in prop::collection::vec((0..900_i64, 0..96_i64, 1..100_i64), 0..3),
        ) -> Slot {
            let day = |n: i64| (as_of() + TimeDelta::days(n)).date_naive();
            let at = |n: i64, quarter: i64| NaiveDateTime::from(day(n)) + TimeDelta::minutes(15 * quarter);
            Slot {
                zone,
                first: pattern.first_on_or_after(day(first)).unwrap(),
                start: TimeOfDay::from_seconds(start * 900).unwrap(),
                length: NonZeroU32::new(length * 900).unwrap(),
                pattern,
                bound: bound.map_or(Bound::Open, |days| Bound::Until(day(first + days))),
                alterations: excluded
                    .into_iter()
                    .map(|(n, quarter, length)| Alteration {
                        start: at(n, quarter),
                        end: at(n, quarter + length),
                        ..exclusion("2027-01-01T00:00:00", "2027-01-02T00:00:00")
                    })
                    .collect(),
            }
        }
    }

    /// The instant that is used for a local time which does not exist or exists twice.
    fn questionable(zone: &TimeZone, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        let part = |n: u32| i8::try_from(n).unwrap();
        let civil = jiff::civil::datetime(
            local.format("%Y").to_string().parse().unwrap(),
            local.format("%m").to_string().parse().unwrap(),
            local.format("%d").to_string().parse().unwrap(),
            part(local.hour()),
            part(local.minute()),
            part(local.second()),
            0,
        );
        match zone.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { .. } => None,
            AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => {
                Some((local - TimeDelta::seconds(before.seconds().into())).and_utc())
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn hits_are_the_occurrences_that_a_look_at_every_date_finds(slot in slots()) {
            let rules = TimeZoneDatabase::bundled().get(slot.zone.name()).unwrap();
            let horizon = slot.first.max(slot.zone.local(as_of()).date()) + Days::new(400);
            let last = if slot.bound == Bound::Open { horizon } else { NaiveDate::MAX };
            for end in [End::Start, End::End] {
                let mut expected = Vec::new();
                for day in slot.start_dates(slot.first).take_while(|day| *day <= last) {
                    let span = slot.local_span(day).unwrap();
                    let local = local(span, end);
                    let Some(instant) = questionable(&rules, local).filter(|instant| *instant >= as_of()) else { continue };
                    let own = Occurrence::between(slot.zone, span.0, span.1);
                    // Of an occurrence that exclusions cut, what is left still has this end.
                    let left = match own {
                        Some(own) => {
                            let alone = Slot { first: day, bound: Bound::Until(day), ..slot.clone() };
                            let parts = alone.occurrences(Window { start: own.start, end: own.end });
                            parts.iter().any(|part| local_end(part, end) == instant)
                        }
                        None => !slot.alterations.iter().any(|one| one.start <= span.0 && span.1 <= one.end),
                    };
                    if left {
                        expected.push((local, instant, own.is_some()));
                    }
                }
                if expected.iter().any(|(_, _, occurs)| !occurs) && never_runs::slot_never_runs(&slot) {
                    expected.clear();
                }
                let hits = of_slot(&slot, end, as_of());
                let found: Vec<_> = hits.iter().map(|hit| (hit.local, hit.instant, hit.occurs)).collect();
                prop_assert_eq!(found, expected, "{:?}", end);
            }
        }
    }

    fn local_end(part: &Occurrence, end: End) -> DateTime<Utc> {
        match end {
            End::Start => part.start,
            End::End => part.end,
        }
    }
}
