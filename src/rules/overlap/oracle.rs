//! The overlap of random windows against a look at every minute.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::LazyLock;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, Weekday};
use proptest::prelude::*;

use super::*;
use crate::rules::tests::{as_of, zone};
use crate::schedule::*;

/// The first day that is looked at, a Monday.
const FIRST: &str = "2027-03-01";
/// How many minutes are looked at: eight weeks, of which the first is before that day. New York and Paris put
/// their clocks forward in them, Lord Howe puts its clock back, by half an hour.
const MINUTES: usize = 8 * WEEK;
const WEEK: usize = 7 * 1440;
/// No zone here is further from UTC, in minutes.
const FURTHEST: usize = 12 * 60;
const ZONES: [&str; 4] = ["America/New_York", "Europe/Paris", "Asia/Kathmandu", "Australia/Lord_Howe"];

fn first_day() -> NaiveDate {
    FIRST.parse().unwrap()
}

/// Minutes are counted from a week before the first day.
fn time_of(minute: usize) -> NaiveDateTime {
    NaiveDateTime::from(first_day()) + TimeDelta::minutes(minute as i64 - WEEK as i64)
}

fn minute_of(time: NaiveDateTime) -> usize {
    usize::try_from((time - NaiveDateTime::from(first_day())).num_minutes() + WEEK as i64).unwrap()
}

fn n(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap()
}

fn arb_pattern() -> impl Strategy<Value = Pattern> {
    let weekly = (1..=3_u32, 1..128_u8).prop_map(|(every, bits)| Pattern::Weekly {
        every: n(every),
        days: Weekdays::ALL.iter().filter(|day| bits >> day.num_days_from_monday() & 1 == 1).collect(),
    });
    prop_oneof![3 => weekly, 1 => (1..=3_u32).prop_map(|every| Pattern::Daily { every: n(every) })]
}

/// Any minute of the day, more often one of the hours in which clocks change.
fn arb_minute() -> impl Strategy<Value = u32> {
    prop_oneof![2 => 0..1440_u32, 1 => 60..210_u32]
}

fn arb_alteration() -> impl Strategy<Value = Alteration> {
    (0..40_u64, arb_minute(), 1..2400_i64, prop::bool::weighted(0.3)).prop_map(|(day, minute, minutes, adds)| {
        let start = NaiveDateTime::from(first_day() + Days::new(day)) + TimeDelta::minutes(minute.into());
        let kind = if adds { AlterationKind::Inclusion } else { AlterationKind::Exclusion };
        Alteration { kind, start, end: start + TimeDelta::minutes(minutes) }
    })
}

fn arb_slot() -> impl Strategy<Value = Slot> {
    let bound = prop_oneof![
        1 => Just(Ok(Bound::Open)),
        3 => (0..40_u64).prop_map(Err),
        3 => (1..6_u32).prop_map(|count| Ok(Bound::Count(n(count)))),
    ];
    (
        prop_oneof![2 => Just(ZONES[0]), 3 => prop::sample::select(ZONES.to_vec())],
        0..30_u64,
        arb_minute(),
        prop_oneof![1..240_u32, 1..1800_u32],
        arb_pattern(),
        bound,
        prop::collection::vec(arb_alteration(), 0..3),
    )
        .prop_map(|(name, first, start, length, pattern, bound, alterations)| {
            let first = pattern.first_on_or_after(first_day() + Days::new(first)).unwrap();
            Slot {
                zone: zone(name),
                first,
                start: TimeOfDay::from_seconds(start * 60).unwrap(),
                length: n(length * 60),
                pattern,
                bound: bound.unwrap_or_else(|days| Bound::Until(first + Days::new(days))),
                alterations,
            }
        })
}

/// What the clock of a zone shows at each minute of UTC.
static FACES: LazyLock<HashMap<&str, Vec<usize>>> = LazyLock::new(|| {
    let shown = |zone: Zone, utc| minute_of(zone.local(time_of(utc).and_utc()));
    // Two days less at either end, so that every minute shown can be counted.
    let face = |name| (0..MINUTES).map(|utc| shown(zone(name), utc.clamp(2880, MINUTES - 2880))).collect();
    ZONES.iter().map(|name| (*name, face(name))).collect()
});

/// The minute of UTC that a local minute is, found by looking at the clock: the first at which it shows
/// this minute. Where it jumps over it, the minute at which it would have been shown without the jump.
fn on_face(face: &[usize], local: usize) -> usize {
    let nearby = local.saturating_sub(FURTHEST)..face.len().min(local + FURTHEST);
    let Some(reached) = nearby.into_iter().find(|utc| face[*utc] >= local) else { return face.len() };
    if face[reached] == local { reached } else { reached - 1 + (local - face[reached - 1]) }
}

/// The minutes in which a slot runs, told from its definition day by day; those after the last one that is
/// looked at are left out. `read` gives the minute of the compared clock that a local minute is.
fn runs(slot: &Slot, read: impl Fn(usize) -> usize) -> Vec<bool> {
    let mut minutes = vec![false; MINUTES];
    let mut mark = |from: usize, until: usize, runs: bool| {
        let (from, until) = (read(from.min(MINUTES)).min(MINUTES), read(until.min(MINUTES)).min(MINUTES));
        (from..until).for_each(|minute| minutes[minute] = runs);
    };
    let monday = |date: NaiveDate| date.week(Weekday::Mon).first_day();
    let starts_on = |date: NaiveDate| match slot.pattern {
        Pattern::Daily { every } => (date - slot.first).num_days() % i64::from(every.get()) == 0,
        Pattern::Weekly { every, days } => {
            let weeks = (monday(date) - monday(slot.first)).num_days() / 7;
            days.contains(date.weekday()) && weeks % i64::from(every.get()) == 0
        }
    };
    let mut occurred = 0;
    let mut date = slot.first;
    while minute_of(date.into()) < MINUTES {
        let within = match slot.bound {
            Bound::Open => true,
            Bound::Until(last) => date <= last,
            Bound::Count(count) => occurred < count.get(),
        };
        if within && starts_on(date) {
            occurred += 1;
            let start = minute_of(date.into()) + slot.start.seconds() as usize / 60;
            mark(start, start + slot.length.get() as usize / 60, true);
        }
        date = date + Days::new(1);
    }
    for (kind, runs) in [(AlterationKind::Exclusion, false), (AlterationKind::Inclusion, true)] {
        for one in slot.alterations.iter().filter(|one| one.kind == kind) {
            mark(minute_of(one.start), minute_of(one.end), runs);
        }
    }
    minutes
}

/// The first time at which both slots run, on the clock of the second: on the wall clock of one zone, as
/// instants between two.
fn first_shared(a: &Slot, b: &Slot) -> Option<NaiveDateTime> {
    let first = |a: Vec<bool>, b: Vec<bool>| a.into_iter().zip(b).position(|(a, b)| a && b).map(time_of);
    if a.zone == b.zone {
        return first(runs(a, |local| local), runs(b, |local| local));
    }
    let at = |slot: &Slot| runs(slot, |local| on_face(&FACES[slot.zone.name()], local));
    first(at(a), at(b)).map(|utc| b.zone.local(utc.and_utc()))
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

#[test]
fn the_oracle_reads_gaps_and_folds_as_the_zones_do() {
    for name in ZONES {
        for minute in 2 * WEEK..MINUTES - WEEK {
            let instant = zone(name).instant(time_of(minute));
            assert_eq!(time_of(on_face(&FACES[name], minute)).and_utc(), instant, "{name} {}", time_of(minute));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_pairs_and_their_first_times_are_those_of_the_oracle(mut slots in prop::collection::vec(arb_slot(), 2..5)) {
        without_shared_inclusions(&mut slots);
        let found = found(&slots);
        // What is not bounded may meet later than anybody looks here, and what is cut off may seem to end.
        let looked_at = time_of(MINUTES - WEEK);
        for second in 0..slots.len() {
            for first in 0..second {
                let (a, b) = (&slots[first], &slots[second]);
                let actual = found.iter().find(|one| (one.first, one.second) == (first, second));
                let actual = actual.map(|one| one.common.0).filter(|time| *time < looked_at);
                let expected = first_shared(a, b).filter(|time| *time < looked_at);
                prop_assert_eq!(actual, expected, "{:?} {:?}", a, b);
            }
        }
    }
}
