use std::num::NonZeroU32;

use super::*;
use crate::schedule::{Bound, Interval, Pattern, Slot, Weekdays};

fn once(zone: &str, start: &str, end: &str) -> FreezeWindow {
    let interval = Interval { start: start.parse().unwrap(), end: end.parse().unwrap() };
    window(zone, vec![], vec![interval])
}

/// Open for so many hours from a time on, on these days of the week.
fn recurring(zone: &str, days: &[&str], start: &str, hours: u32) -> FreezeWindow {
    let days: Weekdays = days.iter().filter_map(|day| Weekdays::day_named(day)).collect();
    let every = NonZeroU32::MIN;
    let pattern = if days.is_empty() { Pattern::Daily { every } } else { Pattern::Weekly { every, days } };
    let slot = Slot {
        zone: Zone::named(zone).unwrap(),
        first: pattern.first_on_or_after("1970-01-01".parse().unwrap()).unwrap(),
        start: start.parse().unwrap(),
        length: NonZeroU32::new(hours * 3600).unwrap(),
        pattern,
        bound: Bound::Open,
        alterations: vec![],
    };
    window(zone, vec![slot], vec![])
}

fn window(zone: &str, slots: Vec<Slot>, intervals: Vec<Interval>) -> FreezeWindow {
    let zone = Zone::named(zone).unwrap();
    FreezeWindow { timetable: Timetable { zone, slots, intervals }, reason: zone.to_string() }
}

#[test]
fn a_window_is_open_from_its_start_to_before_its_end() {
    let year_end = || once("Europe/Berlin", "2026-12-20T00:00:00", "2027-01-04T00:00:00");
    // 2027-03-05 is a Friday; New York sets its clock forward on 2027-03-14 and back on 2027-11-07.
    let fridays = || recurring("America/New_York", &["Friday"], "15:00", 9);
    let nights = || recurring("America/New_York", &[], "22:00", 8);
    let saturdays = |hours| recurring("America/New_York", &["Saturday"], "20:00", hours);
    for (what, windows, now, until) in [
        ("before", vec![year_end()], "2026-12-19T22:59:59Z", "open"),
        ("at its start", vec![year_end()], "2026-12-19T23:00:00Z", "2027-01-03T23:00:00Z"),
        ("right before its end", vec![year_end()], "2027-01-03T22:59:59.999Z", "2027-01-03T23:00:00Z"),
        ("at its end", vec![year_end()], "2027-01-03T23:00:00Z", "open"),
        ("Friday afternoon", vec![fridays()], "2027-03-05T20:00:00Z", "2027-03-06T05:00:00Z"),
        ("Friday morning", vec![fridays()], "2027-03-05T19:59:59Z", "open"),
        ("Saturday in UTC, Friday in New York", vec![fridays()], "2027-03-06T04:59:59Z", "2027-03-06T05:00:00Z"),
        ("Saturday in New York", vec![fridays()], "2027-03-06T05:00:00Z", "open"),
        ("Friday in summer", vec![fridays()], "2027-07-02T19:00:00Z", "2027-07-03T04:00:00Z"),
        ("before midnight", vec![nights()], "2027-03-05T03:00:00Z", "2027-03-05T11:00:00Z"),
        ("after midnight", vec![nights()], "2027-03-05T10:59:59Z", "2027-03-05T11:00:00Z"),
        ("in the morning", vec![nights()], "2027-03-05T11:00:00Z", "open"),
        ("the night that is an hour shorter", vec![nights()], "2027-03-14T09:00:00Z", "2027-03-14T10:00:00Z"),
        ("after it", vec![nights()], "2027-03-14T10:00:00Z", "open"),
        ("the night that is an hour longer", vec![nights()], "2027-11-07T10:30:00Z", "2027-11-07T11:00:00Z"),
        ("an end that the clock skips", vec![saturdays(6)], "2027-03-14T06:30:00Z", "2027-03-14T07:00:00Z"),
        ("an end after the clock is set back", vec![saturdays(6)], "2027-11-07T06:30:00Z", "2027-11-07T07:00:00Z"),
        ("an end that exists twice", vec![saturdays(5)], "2027-11-07T04:59:59Z", "2027-11-07T05:00:00Z"),
        ("the second time of that end", vec![saturdays(5)], "2027-11-07T05:59:59Z", "open"),
    ] {
        let frozen = Freeze(windows).at(now.parse().unwrap());
        let told = frozen.map_or_else(|| "open".to_owned(), |frozen| frozen.until.unwrap().to_rfc3339());
        assert_eq!(told.replace("+00:00", "Z"), until, "{what}");
    }
}

#[test]
fn windows_that_touch_or_overlap_end_together() {
    let day = |zone, start: &str, end: &str| once(zone, &format!("{start}T00:00:00"), &format!("{end}T00:00:00"));
    let always = || recurring("UTC", &[], "00:00", 24);
    for (what, windows, until, reasons) in [
        (
            "one after the other",
            vec![day("UTC", "2027-05-03", "2027-05-04"), day("Europe/Paris", "2027-05-04", "2027-05-06")],
            Some("2027-05-05T22:00:00Z"),
            &["UTC"][..],
        ),
        (
            "a gap between them",
            vec![day("UTC", "2027-05-03", "2027-05-04"), day("UTC", "2027-05-05", "2027-05-06")],
            Some("2027-05-04T00:00:00Z"),
            &["UTC"],
        ),
        (
            "both are open",
            vec![day("Europe/Paris", "2027-05-03", "2027-05-05"), day("UTC", "2027-05-01", "2027-05-04")],
            Some("2027-05-04T22:00:00Z"),
            &["Europe/Paris", "UTC"],
        ),
        ("every day, all day", vec![always()], None, &["UTC"]),
        ("years", vec![day("UTC", "2027-01-01", "2037-01-01")], None, &["UTC"]),
        ("over already", vec![day("UTC", "2027-01-01", "2027-05-03"), always()], None, &["UTC"]),
    ] {
        let frozen = Freeze(windows).at("2027-05-03T12:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(frozen.until, until.map(|until| until.parse().unwrap()), "{what}");
        assert_eq!(frozen.reasons, reasons, "{what}");
    }
    assert_eq!(Freeze::default().at("2027-05-03T12:00:00Z".parse().unwrap()), None);
}

#[test]
fn the_end_is_told_on_both_clocks() {
    let window = once("Europe/Berlin", "2026-12-20T00:00:00", "2027-01-04T00:00:00");
    let frozen = Freeze(vec![window]).at("2026-12-24T12:00:00Z".parse().unwrap()).unwrap();
    assert_eq!(
        frozen.to_string(),
        "changes are frozen until Mon 2027-01-04 00:00 Europe/Berlin (2027-01-03 23:00 UTC): Europe/Berlin; apply again \
         then, or, in an emergency, say why with `--override-freeze REASON`, which the ledger keeps"
    );
    let endless = Frozen { until: None, ..frozen };
    assert!(endless.to_string().starts_with("changes are frozen for more than a year: Europe/Berlin; in an emergency"));
}
