//! Random timetables.

use std::num::NonZeroU32;

use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};
use dialctl::schedule::{
    Alteration, AlterationKind, Bound, Interval, Pattern, Slot, TimeOfDay, Timetable, Weekdays, Zone,
};
use proptest::prelude::*;

/// Zones with and without changes of the clock, at odd offsets, by half an hour, at midnight.
const ZONES: [&str; 8] = [
    "UTC",
    "America/New_York",
    "America/Phoenix",
    "Europe/Paris",
    "Asia/Kathmandu",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
];
/// Dates near which a clock of these zones changes, and a leap day.
const ODD_DATES: [&str; 7] =
    ["2027-03-14", "2027-11-07", "2027-03-28", "2027-10-31", "2027-04-30", "2027-10-03", "2028-02-29"];
const DAY: u32 = 86_400;

fn n(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap()
}

fn zone() -> impl Strategy<Value = Zone> {
    prop::sample::select(ZONES.to_vec()).prop_map(|name| Zone::named(name).unwrap())
}

fn date() -> impl Strategy<Value = NaiveDate> {
    let any = (0_u64..1500).prop_map(|days| "2026-01-01".parse::<NaiveDate>().unwrap() + Days::new(days));
    let odd = prop::sample::select(ODD_DATES.to_vec()).prop_map(|date| date.parse().unwrap());
    prop_oneof![3 => any, 1 => odd]
}

/// Whole minutes as people write them, now and then with seconds.
fn seconds_of_day() -> impl Strategy<Value = u32> {
    prop_oneof![6 => (0_u32..96).prop_map(|quarter| quarter * 900), 2 => (0_u32..1440).prop_map(|minute| minute * 60), 1 => 0..DAY]
}

fn span() -> impl Strategy<Value = (NaiveDateTime, NaiveDateTime)> {
    (date(), seconds_of_day(), 1_i64..4000).prop_map(|(date, start, minutes)| {
        let start = NaiveDateTime::from(date) + TimeDelta::seconds(start.into());
        (start, start + TimeDelta::minutes(minutes))
    })
}

fn days() -> impl Strategy<Value = Weekdays> {
    (1_u8..128)
        .prop_map(|bits| Weekdays::ALL.iter().filter(|day| bits >> day.num_days_from_monday() & 1 == 1).collect())
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let every = || prop_oneof![2 => Just(1), 1 => 2_u32..6].prop_map(n);
    prop_oneof![
        every().prop_map(|every| Pattern::Daily { every }),
        (every(), days()).prop_map(|(every, days)| Pattern::Weekly { every, days }),
    ]
}

fn bound() -> impl Strategy<Value = Result<u64, Bound>> {
    prop_oneof![
        Just(Err(Bound::Open)),
        (0_u64..700).prop_map(Ok),
        (1_u32..200).prop_map(|count| Err(Bound::Count(n(count)))),
    ]
}

fn slot() -> impl Strategy<Value = Slot> {
    let kind = prop::sample::select(vec![AlterationKind::Exclusion, AlterationKind::Inclusion]);
    let alteration = (kind, span()).prop_map(|(kind, (start, end))| Alteration { kind, start, end });
    let alterations = prop::collection::vec(alteration, 0..3);
    (zone(), date(), seconds_of_day(), 1_u32..2 * DAY, pattern(), bound(), alterations).prop_map(
        |(zone, date, start, length, pattern, bound, alterations)| {
            let first = pattern.first_on_or_after(date).unwrap();
            let bound = bound.map_or_else(|bound| bound, |days| Bound::Until(first + Days::new(days)));
            let start = TimeOfDay::from_seconds(start).unwrap();
            Slot { zone, first, start, length: n(length), pattern, bound, alterations }
        },
    )
}

/// A timetable that the public API can hold.
pub fn timetable() -> impl Strategy<Value = Timetable> {
    let interval = span().prop_map(|(start, end)| Interval { start, end });
    (zone(), prop::collection::vec((slot(), any::<bool>()), 0..4), prop::collection::vec(interval, 0..3)).prop_map(
        |(zone, slots, mut intervals)| {
            // Most slots follow their schedule's zone; some have one of their own.
            let slots = slots.into_iter().map(|(slot, own)| if own { slot } else { Slot { zone, ..slot } }).collect();
            // An interval in a gap of the clock is no time at all, which validation refuses.
            intervals.retain(|interval| interval.occurrence(zone).is_some());
            Timetable { zone, slots, intervals }
        },
    )
}

/// The parts of the day in which the slots of one campaign lie, in minutes, so that none overlap. The last
/// reaches past midnight.
const PARTS: [(u32, u32); 4] = [(360, 600), (600, 840), (840, 1080), (1080, 1800)];

/// Timetables of one campaign that `campaign-schedules` can hold side by side.
pub fn windows() -> impl Strategy<Value = Vec<Timetable>> {
    let part = || ((0_u32..720, 1_u32..720, days(), any::<bool>()), 0_usize..3);
    let parts: [_; PARTS.len()] = std::array::from_fn(|_| part());
    let side_by_side = (zone(), date(), prop::option::of(7_u64..400), parts);
    side_by_side.prop_map(|(zone, date, lasts, parts)| {
        let mut tables: Vec<Vec<Slot>> = vec![Vec::new(); 3];
        let bound = lasts.map_or(Bound::Open, |days| Bound::Until(date + Days::new(days)));
        for ((from, until), ((later, length, days, daily), table)) in PARTS.into_iter().zip(parts) {
            let start = from + later % (until - from);
            let length = length.min(until - start);
            let every = NonZeroU32::MIN;
            let pattern = if daily { Pattern::Daily { every } } else { Pattern::Weekly { every, days } };
            tables[table].push(Slot {
                zone,
                first: date,
                start: TimeOfDay::from_seconds(start % 1440 * 60).unwrap(),
                length: n(length * 60),
                pattern,
                bound,
                alterations: Vec::new(),
            });
        }
        tables.retain(|slots| !slots.is_empty());
        tables.into_iter().map(|slots| valid_from(zone, date, slots)).collect()
    })
}

/// The slots as parts of one validity, which begins with the first of them.
fn valid_from(zone: Zone, date: NaiveDate, mut slots: Vec<Slot>) -> Timetable {
    let first = |slot: &Slot| slot.pattern.first_on_or_after(date).unwrap();
    let earliest = slots.iter().map(first).min().unwrap();
    for slot in &mut slots {
        slot.first = slot.pattern.first_on_or_after(earliest).unwrap();
    }
    Timetable { zone, slots, intervals: Vec::new() }
}
