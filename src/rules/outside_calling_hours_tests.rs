//! Which hours are outside, where it is told, and what is left alone.

use super::*;
use crate::rules::tests::{codes, exclusion, found, inclusion, interval, name, repository, schedule, slot};
use crate::rules::{DocumentId, Repository};
use crate::schedule::{AllowedHours, Alteration, Bound, Interval, Selector};

const WORKDAYS: [&str; 5] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];

fn window(days: &[&str], start: &str, end: &str) -> AllowedHours {
    AllowedHours {
        days: days.iter().filter_map(|day| Weekdays::day_named(day)).collect(),
        start: start.parse().unwrap(),
        end: end.parse().unwrap(),
    }
}

/// The schedule, allowed to dial from Monday to Friday between 08:00 and 21:00.
fn judged(slots: Vec<Slot>, listed: Vec<Vec<Weekday>>, intervals: Vec<Interval>) -> Vec<Finding> {
    let mut schedule = schedule("a");
    schedule.timetable.slots = slots;
    schedule.timetable.intervals = intervals;
    schedule.listed_days = listed;
    let item = CallingHours {
        name: name("us"),
        selector: Selector::default(),
        allowed: WeekSet::of(&[window(&WORKDAYS, "08:00", "12:00"), window(&WORKDAYS, "12:00", "21:00")]),
        source: Some("a rule".to_owned()),
    };
    let calling_hours = vec![Declared { document: DocumentId(7), item }];
    found(&Repository { calling_hours, ..repository([schedule]) }, check)
}

fn told(findings: &[Finding]) -> Vec<String> {
    let words = findings.iter().zip(codes(findings));
    words
        .map(|(finding, at)| {
            let message = finding.message.strip_prefix("the slot runs outside of the calling hours `us`: ").unwrap();
            let at = at.strip_prefix("outside-calling-hours 0/spec/dailySlots/0").unwrap();
            format!("{at}: {message}; {}; {}", finding.label.as_deref().unwrap(), finding.help.as_deref().unwrap())
        })
        .collect()
}

#[test]
fn a_slot_must_lie_within_the_union_of_the_hours() {
    let zone = "in America/New_York";
    for (slot, listed, expected) in [
        (slot("08:00", "21:00", &WORKDAYS), vec![], None),
        (
            slot("07:00", "20:00", &["Monday", "Friday"]),
            vec![Weekday::Fri, Weekday::Mon],
            Some(format!(
                "/startTime: Monday 07:00-08:00 {zone}, and 1 other day; Monday allows 08:00-21:00; start at 08:00 or later"
            )),
        ),
        (
            slot("20:00", "22:00", &["Friday"]),
            vec![Weekday::Fri],
            Some(format!("/endTime: Friday 21:00-22:00 {zone}; Friday allows 08:00-21:00; end at 21:00 or sooner")),
        ),
        (
            slot("20:00", "02:00", &["Monday"]),
            vec![Weekday::Mon],
            Some(format!("/endTime: Monday 21:00-02:00 {zone}; Monday allows 08:00-21:00; end at 21:00 or sooner")),
        ),
        (
            slot("07:00", "22:00", &["Monday"]),
            vec![Weekday::Mon],
            Some(format!("/startTime: Monday 07:00-08:00 {zone}; Monday allows 08:00-21:00; start at 08:00 or later")),
        ),
        (
            slot("09:00", "12:00", &["Monday", "Saturday", "Sunday"]),
            vec![Weekday::Mon, Weekday::Sun, Weekday::Sat],
            Some(format!(
                "/days/2: Saturday 09:00-12:00 {zone}, and 1 other day; nothing is allowed on Saturday; remove Saturday from `days`"
            )),
        ),
        (
            slot("09:00", "12:00", &[]),
            vec![],
            Some(format!(
                "/startTime: Saturday 09:00-12:00 {zone}, and 1 other day; nothing is allowed on Saturday; name the days on which dialing is allowed in `days`"
            )),
        ),
        (
            slot("22:00", "23:00", &["Monday"]),
            vec![Weekday::Mon],
            Some(format!(
                "/startTime: Monday 22:00-23:00 {zone}; Monday allows 08:00-21:00; move the slot into the allowed hours"
            )),
        ),
    ] {
        let findings = judged(vec![slot], vec![listed], vec![]);
        assert_eq!(told(&findings), expected.into_iter().collect::<Vec<_>>());
        for finding in findings {
            assert_eq!(finding.related[0].message, "the hours of `us`: a rule");
            assert_eq!(finding.related[0].place, place::value(DocumentId(7), "/spec/hours"));
        }
    }
}

#[test]
fn only_dates_on_which_the_slot_runs_count() {
    let every = |first: &str, last: &str| Slot {
        first: first.parse().unwrap(),
        bound: Bound::Until(last.parse().unwrap()),
        ..slot("09:00", "12:00", &[])
    };
    let cut = |alterations: Vec<Alteration>, slot: Slot| Slot { alterations, ..slot };
    let weekend = || exclusion("2027-03-06T00:00:00", "2027-03-08T00:00:00");
    for (what, slot, count) in [
        // 2027-03-01 is a Monday.
        ("a working week", every("2027-03-01", "2027-03-05"), 0),
        ("with a Saturday", every("2027-03-01", "2027-03-06"), 1),
        ("the weekend is excluded", cut(vec![weekend()], every("2027-03-01", "2027-03-12")), 0),
        ("the next is not", cut(vec![weekend()], every("2027-03-01", "2027-03-13")), 1),
        (
            "the hours outside are excluded",
            cut(vec![exclusion("2027-03-06T08:00:00", "2027-03-06T13:00:00")], every("2027-03-06", "2027-03-06")),
            0,
        ),
        (
            "a part is",
            cut(vec![exclusion("2027-03-06T08:00:00", "2027-03-06T11:00:00")], every("2027-03-06", "2027-03-06")),
            1,
        ),
        ("over", every("2026-12-01", "2026-12-31"), 0),
    ] {
        assert_eq!(judged(vec![slot], vec![vec![]], vec![]).len(), count, "{what}");
    }
}

#[test]
fn one_off_windows_are_judged_by_their_local_times() {
    // 2027-03-01 is a Monday.
    for (start, end, expected) in [
        ("2027-03-01T08:00:00", "2027-03-01T21:00:00", None),
        ("2027-03-01T07:00:00", "2027-03-01T09:00:00", Some(("/start", "start at 08:00 or later"))),
        ("2027-03-01T20:00:00", "2027-03-01T22:00:00", Some(("/end", "end at 21:00 or sooner"))),
        ("2027-03-06T09:00:00", "2027-03-06T10:00:00", Some(("", "move it into the allowed hours, or remove it"))),
        ("2027-03-01T08:00:00", "2037-03-01T08:00:00", Some(("", "move it into the allowed hours, or remove it"))),
        ("2026-03-01T07:00:00", "2026-03-01T09:00:00", None),
    ] {
        let as_inclusion = Slot { alterations: vec![inclusion(start, end)], ..slot("09:00", "10:00", &["Monday"]) };
        for (what, findings) in [
            ("intervals", judged(vec![], vec![], vec![interval(start, end)])),
            ("inclusions", judged(vec![as_inclusion], vec![vec![Weekday::Mon]], vec![])),
        ] {
            let told: Vec<_> =
                codes(&findings).into_iter().zip(findings.iter().filter_map(|one| one.help.clone())).collect();
            let expected = expected
                .map(|(field, help)| (format!("outside-calling-hours 0/spec/{what}/0{field}"), help.to_owned()));
            assert_eq!(told, expected.into_iter().collect::<Vec<_>>(), "{start} {end}");
        }
    }
}
