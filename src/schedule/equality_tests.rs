//! What is a difference of time and what is none.

use std::num::NonZeroU32;

use chrono::{NaiveDate, TimeDelta};
use proptest::prelude::*;

use super::*;
use crate::schedule::{Alteration, Bound, Interval, Pattern, TimeOfDay, Weekdays, Zone};

fn n(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn slot(zone: &str, start: &str, hours: u32, pattern: Pattern) -> Slot {
    let first = pattern.first_on_or_after(date("2027-03-01")).unwrap();
    let start = start.parse().unwrap();
    let zone = Zone::named(zone).unwrap();
    Slot { zone, first, start, length: n(hours * 3600), pattern, bound: Bound::Open, alterations: vec![] }
}

fn table(slots: Vec<Slot>) -> Timetable {
    Timetable { zone: Zone::utc(), slots, intervals: vec![] }
}

fn weekly(days: &str) -> Pattern {
    Pattern::Weekly { every: n(1), days: days.split(' ').map(|day| Weekdays::day_named(day).unwrap()).collect() }
}

const DAILY: Pattern = Pattern::Daily { every: NonZeroU32::MIN };

#[test]
fn notation_is_no_difference() {
    let all = Pattern::Weekly { every: n(1), days: Weekdays::ALL };
    let ny = "America/New_York";
    let counted = Slot { bound: Bound::Count(n(3)), ..slot(ny, "09:00", 1, DAILY) };
    let until = Slot { bound: Bound::Until(date("2027-03-03")), ..slot(ny, "09:00", 1, DAILY) };
    let later_monday = Slot { bound: Bound::Until(date("2027-03-11")), ..slot(ny, "09:00", 1, weekly("Monday")) };
    let sooner_monday = Slot { bound: Bound::Until(date("2027-03-08")), ..later_monday.clone() };
    let interval = Timetable {
        zone: Zone::named(ny).unwrap(),
        slots: vec![],
        intervals: vec![Interval {
            start: "2027-03-01T09:00:00".parse().unwrap(),
            end: "2027-03-01T10:00:00".parse().unwrap(),
        }],
    };
    let once = Slot { bound: Bound::Count(n(1)), ..slot(ny, "09:00", 1, DAILY) };
    for (what, a, b) in [
        ("daily and seven days", table(vec![slot(ny, "09:00", 4, DAILY)]), table(vec![slot(ny, "09:00", 4, all)])),
        (
            "days in one slot or two",
            table(vec![slot(ny, "09:00", 4, weekly("Monday Friday"))]),
            table(vec![slot(ny, "09:00", 4, weekly("Friday")), slot(ny, "09:00", 4, weekly("Monday"))]),
        ),
        (
            "adjacent slots",
            table(vec![slot(ny, "09:00", 4, DAILY)]),
            table(vec![slot(ny, "10:00", 3, DAILY), slot(ny, "09:00", 1, DAILY)]),
        ),
        ("alias", table(vec![slot(ny, "09:00", 4, DAILY)]), table(vec![slot("US/Eastern", "09:00", 4, DAILY)])),
        (
            "another zone, same instants",
            table(vec![slot("Europe/Paris", "09:00", 4, DAILY)]),
            table(vec![slot("Europe/London", "08:00", 4, DAILY)]),
        ),
        ("count and date", table(vec![counted]), table(vec![until])),
        ("a last date that is no day of the pattern", table(vec![later_monday]), table(vec![sooner_monday])),
        ("interval and single occurrence", interval, table(vec![once])),
    ] {
        assert!(same_time(&a, &b), "{what}");
        assert!(same_time(&b, &a), "{what}, other way");
    }
}

#[test]
fn every_real_change_is_noticed() {
    let ny = "America/New_York";
    let base = slot(ny, "09:00", 4, weekly("Monday Tuesday"));
    let exclusion = Alteration {
        kind: AlterationKind::Exclusion,
        start: "2027-05-31T00:00:00".parse().unwrap(),
        end: "2027-06-01T00:00:00".parse().unwrap(),
    };
    let years_ahead = Alteration {
        start: "2036-02-04T00:00:00".parse().unwrap(),
        end: "2036-02-05T00:00:00".parse().unwrap(),
        ..exclusion
    };
    for (what, changed) in [
        ("start", slot(ny, "09:01", 4, weekly("Monday Tuesday"))),
        ("length", slot(ny, "09:00", 5, weekly("Monday Tuesday"))),
        ("days", slot(ny, "09:00", 4, weekly("Monday Wednesday"))),
        ("same offset today, another after the clock changes", {
            slot("America/Bogota", "09:00", 4, weekly("Monday Tuesday"))
        }),
        ("end", Slot { bound: Bound::Until(date("2047-01-01")), ..base.clone() }),
        (
            "every other week",
            Slot {
                pattern: Pattern::Weekly { every: n(2), days: weekly("Monday Tuesday").every_week().unwrap() },
                ..base.clone()
            },
        ),
        ("exclusion", Slot { alterations: vec![exclusion], ..base.clone() }),
        ("exclusion years ahead", Slot { alterations: vec![years_ahead], ..base.clone() }),
        ("first week", Slot { first: date("2027-03-08"), ..base.clone() }),
    ] {
        assert!(!same_time(&table(vec![base.clone()]), &table(vec![changed.clone()])), "{what}");
        assert!(!same_time(&table(vec![changed]), &table(vec![base.clone()])), "{what}, other way");
    }
}

#[test]
fn patterns_that_seldom_occur_are_told_apart() {
    let every = |zone: &str, weeks: u32| {
        let pattern = Pattern::Weekly { every: n(weeks), days: [chrono::Weekday::Mon].into_iter().collect() };
        table(vec![slot(zone, "09:00", 4, pattern)])
    };
    let (new_york, bogota) = ("America/New_York", "America/Bogota");
    for (what, a, b) in [
        ("after twelve years or after twenty", every(new_york, 600), every(new_york, 1000)),
        ("after millions of years", every(new_york, 600), every(new_york, i32::MAX as u32)),
        ("in summer only after decades", every(new_york, 52), every(bogota, 52)),
    ] {
        assert!(!same_time(&a, &b), "{what}");
    }
    let mut parted = every(new_york, 600);
    parted.slots[0].length = n(3600);
    parted.slots.push(Slot { start: "10:00".parse().unwrap(), length: n(3 * 3600), ..parted.slots[0].clone() });
    assert!(same_time(&every(new_york, 600), &parted));
}

#[test]
fn a_live_slot_of_a_century_is_compared() {
    let century = |length| table(vec![Slot { length: n(length), ..slot("UTC", "23:00", 1, DAILY) }]);
    assert!(!same_time(&century(u32::MAX), &century(u32::MAX - 1)));
}

fn arb_slot() -> impl Strategy<Value = Slot> {
    let zones = prop::sample::select(vec!["UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]);
    let pattern = prop_oneof![
        (1_u32..4).prop_map(|every| Pattern::Daily { every: n(every) }),
        (1_u32..4, 1_u8..128).prop_map(|(every, bits)| {
            let days = Weekdays::ALL.iter().filter(|d| bits & 1 << d.num_days_from_monday() != 0).collect();
            Pattern::Weekly { every: n(every), days }
        }),
    ];
    let bound = prop_oneof![
        Just(Bound::Open),
        (0_u64..200).prop_map(|days| Bound::Until(date("2027-03-10") + Days::new(days))),
        (1_u32..40).prop_map(|count| Bound::Count(n(count))),
    ];
    (zones, pattern, bound, 0_u32..96, 2_u32..90, 0_u64..14).prop_map(
        |(zone, pattern, bound, quarter, quarters, later)| Slot {
            zone: Zone::named(zone).unwrap(),
            first: pattern.first_on_or_after(date("2027-03-01") + Days::new(later)).unwrap(),
            start: TimeOfDay::from_seconds(quarter * 900).unwrap(),
            length: n(quarters * 900),
            pattern,
            bound,
            alterations: vec![],
        },
    )
}

fn arb_table() -> impl Strategy<Value = Timetable> {
    prop::collection::vec(arb_slot(), 1..4).prop_map(table)
}

/// The slot as two that follow each other without a gap.
fn halves(slot: &Slot) -> [Slot; 2] {
    let half = slot.length.get() / 2;
    let start = slot.start.seconds() + half;
    let (next_day, start) = (start / 86_400, start % 86_400);
    let first = Slot { length: n(half), ..slot.clone() };
    let mut second = Slot { length: n(slot.length.get() - half), ..slot.clone() };
    second.start = TimeOfDay::from_seconds(start).unwrap();
    if next_day > 0 {
        second.first = slot.first.succ_opt().unwrap();
        if let Bound::Until(date) = slot.bound {
            second.bound = Bound::Until(date.succ_opt().unwrap());
        }
    }
    [first, second]
}

#[test]
fn the_pieces_of_a_window_follow_each_other_and_make_up_all_of_it() {
    let start: DateTime<Utc> = "2027-03-01T00:00:00Z".parse().unwrap();
    for days in [1, 35, 36, 3653, LONGEST_COMPARISON] {
        let window = Window { start, end: start + TimeDelta::days(days) };
        let mut reached = start;
        for piece in pieces(window) {
            assert!(piece.start == reached && piece.start < piece.end, "{days}");
            reached = piece.end;
        }
        assert_eq!(reached, window.end);
    }
    assert_eq!(pieces(Window { start, end: start }).count(), 0);
}

proptest! {
    #[test]
    fn order_and_splitting_are_no_difference(table in arb_table(), at in 0_usize..4) {
        let mut reversed = table.clone();
        reversed.slots.reverse();
        prop_assert!(same_time(&table, &reversed));

        // Splitting in the gap of a clock is a real change of instants, so the clock keeps still; and
        // splitting moves days of the week when it crosses midnight, so only daily patterns may.
        let mut table = table;
        let at = at % table.slots.len();
        table.slots[at].zone = Zone::named("Asia/Kathmandu").unwrap();
        let slot = &table.slots[at];
        let crosses = slot.start.seconds() + slot.length.get() / 2 >= 86_400;
        prop_assume!(!crosses || matches!(slot.pattern, Pattern::Daily { .. }));
        let mut split = table.clone();
        split.slots.splice(at..=at, halves(slot));
        prop_assert!(same_time(&table, &split));
    }

    #[test]
    fn equality_is_that_of_the_occupied_minutes(a in arb_table(), minutes in -2_i64..3) {
        let mut b = a.clone();
        let shifted = i64::from(b.slots[0].start.seconds()) + minutes * 60;
        prop_assume!((0..86_400).contains(&shifted));
        b.slots[0].start = TimeOfDay::from_seconds(u32::try_from(shifted).unwrap()).unwrap();
        let start = Zone::utc().start_of_day(date("2027-02-20"));
        let window = Window { start, end: start + TimeDelta::days(900) };
        prop_assert_eq!(same_time(&a, &b), a.occupied(window) == b.occupied(window));
    }

    #[test]
    fn added_and_kept_time_make_up_the_whole(a in arb_table(), b in arb_table()) {
        let start = Zone::utc().start_of_day(date("2027-03-01"));
        let window = Window { start, end: start + TimeDelta::days(60) };
        let (before, after) = (a.occupied(window), b.occupied(window));
        let seconds = |spans: &[Occurrence]| spans.iter().map(|s| (s.end - s.start).num_seconds()).sum::<i64>();
        let kept: Vec<_> =
            after.iter().flat_map(|x| before.iter().filter_map(|y| x.intersection(y))).collect();
        let added = added_time(&before, &after);
        prop_assert_eq!(seconds(&added) + seconds(&kept), seconds(&after));
        prop_assert!(added.iter().all(|x| !before.iter().any(|y| x.overlaps(y))));
    }
}
