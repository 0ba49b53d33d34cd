//! Which days without dialing are met, by what, and how it is told.

use super::*;
use crate::rules::tests::{
    as_of, calendar, codes, day, exclusion, found, inclusion, interval, repository, schedule, slot, zone,
};
use crate::rules::{DocumentId, Repository};
use crate::schedule::{BlackoutDate, Bound, Interval};

fn with(slots: Vec<Slot>, intervals: Vec<Interval>, action: BlackoutAction, dates: Vec<BlackoutDate>) -> Repository {
    let mut schedule = schedule("a");
    schedule.timetable.slots = slots;
    schedule.timetable.intervals = intervals;
    let item = BlackoutCalendar { action, ..calendar("us", dates) };
    let blackout_calendars = vec![Declared { document: DocumentId(7), item }];
    Repository { blackout_calendars, ..repository([schedule]) }.with_blackouts(as_of())
}

/// Christmas Day is a Saturday in 2027 and a Monday in 2028.
fn christmas() -> Vec<BlackoutDate> {
    vec![day("2027-07-05", "Independence Day", false), day("2000-12-25", "Christmas Day", true)]
}

#[test]
fn a_denied_day_is_told_with_its_first_time_and_the_others() {
    let ends = |date: &str, slot: Slot| Slot { bound: Bound::Until(date.parse().unwrap()), ..slot };
    let saturdays = || slot("09:00", "13:00", &["Saturday"]);
    let out = || exclusion("2027-12-25T00:00:00", "2027-12-26T00:00:00");
    for (what, slot, expected) in [
        (
            "one",
            saturdays(),
            Some(
                "the slot runs on Christmas Day of the calendar `us`: 2027-12-25 Saturday 09:00-13:00 in America/New_York",
            ),
        ),
        (
            "several",
            ends("2030-01-01", slot("09:00", "13:00", &[])),
            Some(
                "the slot runs on Independence Day of the calendar `us`: 2027-07-05 Monday 09:00-13:00 in America/New_York, and 3 more until 2029-12-25",
            ),
        ),
        (
            "the end of a night",
            slot("22:00", "02:00", &["Friday"]),
            Some(
                "the slot runs on Christmas Day of the calendar `us`: 2027-12-25 Saturday 00:00-02:00 in America/New_York",
            ),
        ),
        (
            "another clock",
            Slot { zone: zone("Asia/Tokyo"), ..slot("09:00", "20:00", &["Sunday"]) },
            Some("the slot runs on Christmas Day of the calendar `us`: 2027-12-26 Sunday 09:00-14:00 in Asia/Tokyo"),
        ),
        ("excluded by hand", Slot { alterations: vec![out()], ..saturdays() }, None),
        ("ends before", ends("2027-12-24", saturdays()), None),
        ("another day", slot("09:00", "13:00", &["Sunday"]), None),
        (
            "is over",
            ends("2026-12-30", Slot { first: "2020-01-01".parse().unwrap(), ..slot("09:00", "13:00", &[]) }),
            None,
        ),
    ] {
        let findings = found(&with(vec![slot], vec![], BlackoutAction::Deny, christmas()), check);
        let messages: Vec<_> = findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(messages, expected.into_iter().collect::<Vec<_>>(), "{what}");
        for finding in &findings {
            assert_eq!(
                finding.related[0].place,
                place::value(
                    DocumentId(7),
                    if finding.message.contains("Independence") { "/spec/dates/0" } else { "/spec/dates/1" }
                )
            );
        }
    }
}

#[test]
fn what_no_exclusion_takes_away_is_told_where_it_stands() {
    let daily = || slot("09:00", "13:00", &[]);
    let included = |slot: Slot| Slot {
        alterations: vec![
            inclusion("2027-03-06T09:00:00", "2027-03-06T12:00:00"),
            inclusion("2027-12-25T20:00:00", "2027-12-26T01:00:00"),
        ],
        ..slot
    };
    let on_day = || {
        vec![
            interval("2027-03-06T09:00:00", "2027-03-06T12:00:00"),
            interval("2027-12-25T09:00:00", "2027-12-25T12:00:00"),
        ]
    };
    for (what, slots, intervals, expected) in [
        ("slots alone", vec![daily()], vec![], None),
        ("an interval", vec![], on_day(), Some("on-blackout-date 0/spec/intervals/1")),
        ("an inclusion", vec![included(daily())], vec![], Some("on-blackout-date 0/spec/inclusions/1")),
        (
            "an inclusion on another clock",
            vec![included(Slot { zone: zone("America/Chicago"), ..daily() })],
            vec![],
            Some("on-blackout-date 0/spec/inclusions"),
        ),
        ("an interval of the past", vec![], vec![interval("2026-12-25T09:00:00", "2026-12-25T12:00:00")], None),
    ] {
        let findings = found(&with(slots, intervals, BlackoutAction::Exclude, christmas()), check);
        assert_eq!(codes(&findings), expected.into_iter().collect::<Vec<_>>(), "{what}");
    }
}

#[test]
fn an_end_of_a_slot_that_the_clock_moves_into_the_day_is_told() {
    // In Nuuk the clock goes from 23:00 on Saturday 2027-03-27 to 24:00, so 23:30 reads as 00:30 on Sunday.
    let nuuk = |slot: Slot| Slot { zone: zone("America/Nuuk"), ..slot };
    for (end, expected) in [("23:30", &["on-blackout-date 0/spec/dailySlots/0"][..]), ("22:30", &[])] {
        let mut repository =
            with(vec![nuuk(slot("20:00", end, &["Saturday"]))], vec![], BlackoutAction::Exclude, vec![]);
        repository.schedules[0].item.timetable.zone = zone("America/Nuuk");
        repository.blackout_calendars[0].item.dates = vec![day("2027-03-28", "Easter Day", false)];
        assert_eq!(codes(&found(&repository.with_blackouts(as_of()), check)), expected, "{end}");
    }
}

#[test]
fn only_matching_schedules_are_judged() {
    let mut repository = with(vec![slot("09:00", "13:00", &[])], vec![], BlackoutAction::Deny, christmas());
    assert_eq!(found(&repository, check).len(), 1);
    repository.blackout_calendars[0].item.selector.match_labels.insert("region".into(), "us".into());
    assert_eq!(found(&repository, check), []);
}
