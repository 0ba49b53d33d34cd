//! What is written is read back as the same timetable.

use std::num::NonZeroU32;

use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::schedule::equality::same_time;
use crate::schedule::{
    Alteration, AlterationKind, Bound, Capacity, DesiredSchedule, Interval, Owner, Pattern, ScheduleKind, ScheduleName,
    Slot, Target, TimeOfDay, Timetable, Weekdays, Zone,
};

use super::{IntervalTimes, decode, encode};

fn n(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap()
}

/// A schedule of a family for the target `t`.
pub(super) fn desired(kind: ScheduleKind, timetable: Timetable) -> DesiredSchedule {
    let name = ScheduleName::try_from("spring".to_owned()).unwrap();
    DesiredSchedule {
        kind,
        live_name: Owner::default().live_name(&name),
        name,
        target: Target { id: "t".into(), name: None },
        timetable,
        capacity: Capacity { calls: 25, agents: 10 },
        protect: false,
        blackouts: Vec::new(),
    }
}

fn encoded(desired: &DesiredSchedule, times: IntervalTimes) -> Value {
    serde_json::to_value(encode::body(desired, None, times).unwrap()).unwrap()
}

/// A timetable that uses everything there is.
pub(super) fn timetable() -> Timetable {
    let zone = Zone::named("America/New_York").unwrap();
    let alteration =
        |kind, start: &str, end: &str| Alteration { kind, start: start.parse().unwrap(), end: end.parse().unwrap() };
    let weekly = Slot {
        zone,
        first: "2027-03-01".parse().unwrap(),
        start: "22:00".parse().unwrap(),
        length: n(8 * 3600),
        pattern: Pattern::Weekly {
            every: n(2),
            days: [chrono::Weekday::Mon, chrono::Weekday::Wed].into_iter().collect(),
        },
        bound: Bound::Until("2027-06-30".parse().unwrap()),
        alterations: vec![
            alteration(AlterationKind::Exclusion, "2027-05-24T12:00:00", "2027-05-25T12:00:00"),
            alteration(AlterationKind::Inclusion, "2027-06-05T10:00:00", "2027-06-05T12:00:00"),
        ],
    };
    let daily = Slot {
        zone: Zone::named("America/Chicago").unwrap(),
        pattern: Pattern::Daily { every: n(1) },
        bound: Bound::Count(n(5)),
        alterations: Vec::new(),
        ..weekly.clone()
    };
    let open = Slot { bound: Bound::Open, zone, ..daily.clone() };
    let (start, end) = ("2027-05-01T10:00:00".parse().unwrap(), "2027-05-01T14:00:00".parse().unwrap());
    Timetable { zone, slots: vec![weekly, daily, open], intervals: vec![Interval { start, end }] }
}

#[test]
fn the_body_is_that_of_the_reference() {
    let body = encoded(&desired(ScheduleKind::Campaign, timetable()), IntervalTimes::Local);
    let (start, end) = ("2027-03-01T22:00:00", "2027-03-02T06:00:00");
    assert_eq!(
        body,
        json!({
            "name": "dialctl/spring", "timeZone": "America/New_York", "campaign": {"id": "t"},
            "intervals": [{"start": "2027-05-01T10:00:00.000", "end": "2027-05-01T14:00:00.000"}],
            "recurrences": [
                {
                    "start": start, "end": end,
                    "pattern": {"type": "Weekly", "interval": 2, "daysOfWeek": ["Monday", "Wednesday"]},
                    "range": {"type": "EndDate", "end": "2027-06-30T23:59:59"},
                    "alterations": [
                        {"type": "Exclusion", "start": "2027-05-24T22:00:00", "end": "2027-05-25T06:00:00"},
                        {"type": "Inclusion", "start": "2027-06-05T10:00:00", "end": "2027-06-05T12:00:00"},
                    ],
                },
                {
                    "start": start, "end": end, "timeZone": "America/Chicago",
                    "pattern": {"type": "Daily", "interval": 1}, "range": {"type": "Numbered", "numberOfOccurrences": 5},
                },
                {"start": start, "end": end, "pattern": {"type": "Daily", "interval": 1}, "range": {"type": "NoEnd"}},
            ],
        })
    );
}

#[test]
fn every_family_names_its_target_and_empty_lists_are_sent() {
    for kind in ScheduleKind::ALL {
        let empty = Timetable { zone: Zone::utc(), slots: Vec::new(), intervals: Vec::new() };
        let body = encoded(&desired(kind, empty.clone()), IntervalTimes::Local);
        let mut expected = json!({"name": "dialctl/spring", "timeZone": "UTC", "intervals": [], "recurrences": []});
        expected[kind.target_field()] = json!({"id": "t"});
        assert_eq!(body, expected);
        let live = decode::live(kind, &body, None, IntervalTimes::Local);
        assert_eq!((live.target.id.as_str(), live.timetable), ("t", Ok(empty)));
    }
}

fn arb_zone() -> impl Strategy<Value = Zone> {
    let names = vec!["UTC", "America/New_York", "Asia/Kathmandu", "Africa/Cairo", "Australia/Lord_Howe"];
    prop::sample::select(names).prop_map(|name| Zone::named(name).unwrap())
}

fn arb_date() -> impl Strategy<Value = NaiveDate> {
    (0_u64..4000).prop_map(|days| "2026-01-01".parse::<NaiveDate>().unwrap() + Days::new(days))
}

fn arb_span() -> impl Strategy<Value = (NaiveDateTime, NaiveDateTime)> {
    (arb_date(), 0_i64..86_400, 1_i64..500_000).prop_map(|(date, start, length)| {
        let start = NaiveDateTime::from(date) + TimeDelta::seconds(start);
        (start, start + TimeDelta::seconds(length))
    })
}

fn arb_slot() -> impl Strategy<Value = Slot> {
    let pattern = prop_oneof![
        (1_u32..9).prop_map(|every| Pattern::Daily { every: n(every) }),
        (1_u32..9, 1_u8..=127).prop_map(|(every, mask)| {
            let days: Weekdays = Weekdays::ALL.iter().filter(|d| mask >> d.num_days_from_monday() & 1 == 1).collect();
            Pattern::Weekly { every: n(every), days }
        }),
    ];
    let bound = prop_oneof![
        Just(Bound::Open),
        arb_date().prop_map(Bound::Until),
        (1_u32..1000).prop_map(|count| Bound::Count(n(count))),
    ];
    let kind = prop::sample::select(vec![AlterationKind::Exclusion, AlterationKind::Inclusion]);
    let alteration = (kind, arb_span()).prop_map(|(kind, (start, end))| Alteration { kind, start, end });
    let alterations = prop::collection::vec(alteration, 0..3);
    (arb_zone(), arb_date(), 0_u32..86_400, 1_u32..500_000, pattern, bound, alterations).prop_map(
        |(zone, date, start, length, pattern, bound, alterations)| Slot {
            zone,
            first: pattern.first_on_or_after(date).unwrap(),
            start: TimeOfDay::from_seconds(start).unwrap(),
            length: n(length),
            pattern,
            bound,
            alterations,
        },
    )
}

fn arb_timetable() -> impl Strategy<Value = Timetable> {
    let interval = arb_span().prop_map(|(start, end)| Interval { start, end });
    (arb_zone(), prop::collection::vec(arb_slot(), 0..4), prop::collection::vec(interval, 0..4))
        .prop_map(|(zone, slots, intervals)| Timetable { zone, slots, intervals })
}

/// The timetable with its exclusions told apart into the occurrences that they cut, as the wire has them.
pub(super) fn as_written(timetable: &Timetable) -> Timetable {
    let told_apart = |slot: &Slot| {
        let exclusion = |(start, end)| Alteration { kind: AlterationKind::Exclusion, start, end };
        let inclusions = slot.alterations.iter().filter(|one| one.kind == AlterationKind::Inclusion).cloned();
        Slot { alterations: slot.cuts().into_iter().map(exclusion).chain(inclusions).collect(), ..slot.clone() }
    };
    Timetable { slots: timetable.slots.iter().map(told_apart).collect(), ..timetable.clone() }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_as_the_same(timetable in arb_timetable()) {
        let desired = desired(ScheduleKind::Sequence, timetable);
        let body = encoded(&desired, IntervalTimes::Local);
        let live = decode::live(desired.kind, &body, None, IntervalTimes::Local);
        let written = as_written(&desired.timetable);
        prop_assert_eq!(&as_written(&written), &written);
        prop_assert!(same_time(&desired.timetable, &written));
        prop_assert_eq!(live.timetable, Ok(written));
    }

    #[test]
    fn intervals_in_utc_are_the_same_instants(timetable in arb_timetable()) {
        let mut desired = desired(ScheduleKind::Campaign, timetable);
        // A local time in a gap names an instant, but the instant is shown by another local time.
        desired.timetable.intervals.retain(|it| it.occurrence(desired.timetable.zone).is_some());
        let zone = desired.timetable.zone;
        let live = decode::live(desired.kind, &encoded(&desired, IntervalTimes::Utc), None, IntervalTimes::Utc);
        let live = live.timetable.unwrap();
        let spans = |timetable: &Timetable| {
            timetable.intervals.iter().map(|it| it.occurrence(zone)).collect::<Vec<_>>()
        };
        prop_assert_eq!(spans(&live), spans(&desired.timetable));
        prop_assert_eq!(live.slots, as_written(&desired.timetable).slots);
    }
}
