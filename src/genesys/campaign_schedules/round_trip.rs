//! What is written is read back as the same timetable.

use std::num::NonZeroU32;

use chrono::{Days, NaiveDate, Weekday};
use proptest::prelude::*;

use crate::schedule::{
    Bound, Capacity, DesiredSchedule, Owner, Pattern, ScheduleKind, ScheduleName, Slot, Target, TimeOfDay, Timetable,
    Weekdays, Zone,
};

use super::{decode, encode};

fn n(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap()
}

fn desired_with(timetable: Timetable) -> DesiredSchedule {
    let name = ScheduleName::try_from("spring".to_owned()).unwrap();
    DesiredSchedule {
        kind: ScheduleKind::Campaign,
        live_name: Owner::default().live_name(&name),
        name,
        target: Target { id: "c".into(), name: None },
        timetable,
        capacity: Capacity { calls: 25, agents: 10 },
        protect: false,
        blackouts: Vec::new(),
    }
}

/// A schedule with a slot by day and one overnight.
pub(super) fn desired() -> DesiredSchedule {
    let zone = Zone::named("America/New_York").unwrap();
    let slot = |first: &str, start: &str, hours: u32, days: &[Weekday]| Slot {
        zone,
        first: first.parse().unwrap(),
        start: start.parse().unwrap(),
        length: n(hours * 3600),
        pattern: Pattern::Weekly { every: n(1), days: days.iter().copied().collect() },
        bound: Bound::Until("2027-06-30".parse().unwrap()),
        alterations: Vec::new(),
    };
    let slots = vec![
        slot("2027-03-01", "09:00", 4, &[Weekday::Mon, Weekday::Wed]),
        slot("2027-03-02", "22:00", 8, &[Weekday::Tue]),
    ];
    desired_with(Timetable { zone, slots, intervals: Vec::new() })
}

fn arb_timetable() -> impl Strategy<Value = Timetable> {
    let zone = prop::sample::select(vec!["UTC", "America/New_York", "Asia/Kathmandu", "Africa/Cairo", "Pacific/Apia"]);
    let slot = (0_u32..86_400, 1_u32..86_400, 1_u8..=127);
    let slots = prop::collection::vec(slot, 1..5);
    (zone, 0_u64..2000, prop::option::of(0_u64..400), slots).prop_map(|(zone, from, lasts, slots)| {
        let zone = Zone::named(zone).unwrap();
        let date: NaiveDate = "2026-01-01".parse::<NaiveDate>().unwrap() + Days::new(from);
        let bound = lasts.map_or(Bound::Open, |days| Bound::Until(date + Days::new(days)));
        let slots = slots.into_iter().map(|(start, length, mask)| {
            let days: Weekdays =
                Weekdays::ALL.iter().filter(|day| mask >> day.num_days_from_monday() & 1 == 1).collect();
            let pattern = match days {
                Weekdays::ALL => Pattern::Daily { every: n(1) },
                days => Pattern::Weekly { every: n(1), days },
            };
            Slot {
                zone,
                first: pattern.first_on_or_after(date).unwrap(),
                start: TimeOfDay::from_seconds(start).unwrap(),
                length: n(length),
                pattern,
                bound,
                alterations: Vec::new(),
            }
        });
        Timetable { zone, slots: slots.collect(), intervals: Vec::new() }
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_as_the_same(timetable in arb_timetable()) {
        let desired = desired_with(timetable);
        let body = serde_json::to_value(encode::body(&desired).unwrap()).unwrap();
        let live = decode::live(&body, &desired.target);
        prop_assert_eq!(live.timetable, Ok(desired.timetable));
        prop_assert_eq!(live.capacity, Some(desired.capacity));
    }
}

#[test]
fn a_whole_day_ends_at_24_00() {
    let mut desired = desired();
    (desired.timetable.slots[0].start, desired.timetable.slots[0].length) =
        (TimeOfDay::from_seconds(0).unwrap(), n(86_400));
    let body = serde_json::to_value(encode::body(&desired).unwrap()).unwrap();
    assert_eq!(body["dailySchedule"][0]["endTime"], "24:00");
    assert_eq!(decode::live(&body, &desired.target).timetable, Ok(desired.timetable));
}
