//! The overlap of random windows against a look at every minute.

use std::num::NonZeroU32;

use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};
use proptest::prelude::*;

use super::*;
use crate::rules::tests::{as_of, zone};
use crate::schedule::*;

/// Everything is built to lie within these weeks; New York and Paris change their clocks in them.
const FIRST: &str = "2027-03-01";
const WEEKS: u64 = 6;

fn arb_pattern() -> impl Strategy<Value = Pattern> {
    let every = (1..=3_u32).prop_map(|n| NonZeroU32::new(n).unwrap());
    let weekly = (every.clone(), prop::collection::vec(0..7_usize, 1..4)).prop_map(|(every, days)| Pattern::Weekly {
        every,
        days: days.into_iter().map(|n| crate::schedule::Weekdays::ALL.iter().nth(n).unwrap()).collect(),
    });
    prop_oneof![3 => weekly, 1 => every.prop_map(|every| Pattern::Daily { every })]
}

fn arb_alteration() -> impl Strategy<Value = Alteration> {
    (0..30_u64, 0..24_u32, 1..40_i64, prop::bool::weighted(0.3)).prop_map(|(day, hour, hours, adds)| {
        let date = FIRST.parse::<NaiveDate>().unwrap() + Days::new(day);
        let start = date.and_hms_opt(hour, 0, 0).unwrap();
        let kind = if adds { AlterationKind::Inclusion } else { AlterationKind::Exclusion };
        Alteration { kind, start, end: start + TimeDelta::hours(hours) }
    })
}

fn arb_slot() -> impl Strategy<Value = Slot> {
    (
        prop_oneof![4 => Just("America/New_York"), 1 => Just("Europe/Paris"), 1 => Just("Asia/Kathmandu")],
        0..14_u64,
        0..48_u32,
        1..60_u32,
        arb_pattern(),
        prop_oneof![(0..25_u64).prop_map(Ok), (1..6_u32).prop_map(Err)],
        prop::collection::vec(arb_alteration(), 0..2),
    )
        .prop_map(|(name, first, start, length, pattern, bound, alterations)| {
            let first = pattern.first_on_or_after(FIRST.parse::<NaiveDate>().unwrap() + Days::new(first)).unwrap();
            Slot {
                zone: zone(name),
                first,
                start: TimeOfDay::from_seconds(start * 1800).unwrap(),
                length: NonZeroU32::new(length * 1800).unwrap(),
                pattern,
                bound: match bound {
                    Ok(days) => Bound::Until(first + Days::new(days)),
                    Err(count) => Bound::Count(NonZeroU32::new(count).unwrap()),
                },
                alterations,
            }
        })
}

/// Whether a slot runs at a time of its own wall clock, told from its definition day by day.
fn runs(slot: &Slot, local: NaiveDateTime) -> bool {
    let altered = |kind| slot.alterations.iter().any(|one| one.kind == kind && one.start <= local && local < one.end);
    if altered(AlterationKind::Inclusion) {
        return true;
    }
    let monday = |date: NaiveDate| date.week(chrono::Weekday::Mon).first_day();
    let starts_on = |date: NaiveDate| match slot.pattern {
        Pattern::Daily { every } => (date - slot.first).num_days() % i64::from(every.get()) == 0,
        Pattern::Weekly { every, days } => {
            use chrono::Datelike;
            let weeks = (monday(date) - monday(slot.first)).num_days() / 7;
            days.contains(date.weekday()) && weeks % i64::from(every.get()) == 0
        }
    };
    let mut occurred = 0;
    let mut date = slot.first;
    while NaiveDateTime::from(date) <= local {
        let within = match slot.bound {
            Bound::Open => true,
            Bound::Until(last) => date <= last,
            Bound::Count(count) => occurred < count.get(),
        };
        if within && starts_on(date) {
            occurred += 1;
            let start = NaiveDateTime::from(date) + TimeDelta::seconds(slot.start.seconds().into());
            if start <= local && local < start + TimeDelta::seconds(slot.length.get().into()) {
                return !altered(AlterationKind::Exclusion);
            }
        }
        date = date + Days::new(1);
    }
    false
}

/// The first time (of the wall clock, or UTC between zones) at which both slots run, in steps of the
/// 15 minutes that everything here is built from.
fn first_shared(a: &Slot, b: &Slot) -> Option<NaiveDateTime> {
    let begin = NaiveDateTime::from(FIRST.parse::<NaiveDate>().unwrap()) - TimeDelta::days(1);
    let steps = i64::try_from(WEEKS * 7 * 96).unwrap() + 96;
    let mut times = (0..steps).map(|n| begin + TimeDelta::minutes(15 * n));
    if a.zone == b.zone {
        return times.find(|time| runs(a, *time) && runs(b, *time));
    }
    let at = |slot: &Slot, utc: NaiveDateTime| runs(slot, slot.zone.local(utc.and_utc()));
    times.find(|time| at(a, *time) && at(b, *time))
}

/// Whether a time that the slot names is read by the rules for gaps and folds, which a look at each
/// minute does not know.
fn meets_a_change_of_the_clock(slot: &Slot) -> bool {
    let window =
        Window { start: "2027-02-20T00:00:00Z".parse().unwrap(), end: "2027-05-01T00:00:00Z".parse().unwrap() };
    let zone = slot.zone;
    let wall = Slot { zone: Zone::utc(), ..slot.clone() };
    let odd = |local: NaiveDateTime| zone.reading(local) != zone::LocalReading::Once;
    wall.occurrences(window).iter().any(|span| odd(span.start.naive_utc()) || odd(span.end.naive_utc()))
}

fn found(slots: &[Slot]) -> Vec<Overlap> {
    let items: Vec<Item> =
        slots.iter().enumerate().map(|(owner, slot)| Item { owner, shape: Shape::Slot(slot) }).collect();
    find(&items, as_of()).pairs
}

fn without_shared_inclusions(slots: &mut [Slot]) {
    // An inclusion that two slots have is not an overlap; here each has its own.
    for (n, slot) in slots.iter_mut().enumerate() {
        if n > 0 {
            slot.alterations.retain(|one| one.kind == AlterationKind::Exclusion);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_pairs_and_their_first_times_are_those_of_the_oracle(mut slots in prop::collection::vec(arb_slot(), 2..5)) {
        without_shared_inclusions(&mut slots);
        prop_assume!(!slots.iter().any(meets_a_change_of_the_clock));
        let found = found(&slots);
        for second in 0..slots.len() {
            for first in 0..second {
                let (a, b) = (&slots[first], &slots[second]);
                let actual = found.iter().find(|one| (one.first, one.second) == (first, second));
                let actual = actual.map(|one| one.common.0);
                let expected = first_shared(a, b).map(|time| if a.zone == b.zone { time } else { b.zone.local(time.and_utc()) });
                prop_assert_eq!(actual, expected, "{:?} {:?}", a, b);
            }
        }
    }
}
