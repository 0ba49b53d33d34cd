use std::num::NonZeroU32;

use super::*;
use crate::rules::tests::{codes, exclusion, found_from, inclusion, interval, repository, schedule, slot, zone};
use crate::schedule::{Bound, Pattern, Schedule, Slot};

fn findings(as_of: &str, schedule: Schedule) -> Vec<Finding> {
    found_from(as_of, &repository([schedule]), check)
}

fn with(slots: Vec<Slot>) -> Schedule {
    let mut schedule = schedule("a");
    schedule.timetable.slots = slots;
    schedule
}

/// A slot of every day from a date on.
fn daily(zone_name: &str, first: &str, start: &str, end: &str) -> Slot {
    Slot { zone: zone(zone_name), first: first.parse().unwrap(), ..slot(start, end, &[]) }
}

/// Code, end and message of each finding about a slot, seen from midnight UTC of a date.
fn told(as_of: &str, slot: Slot) -> Vec<String> {
    let findings = findings(&format!("{as_of}T00:00:00Z"), with(vec![slot]));
    let short = |code: &String| code.replace(" 0/spec/dailySlots/0/", " ").replace("Time", "");
    codes(&findings).iter().zip(&findings).map(|(code, one)| format!("{}: {}", short(code), one.message)).collect()
}

#[test]
fn a_message_names_the_date_the_clock_and_the_instant_that_will_be_used() {
    for (zone, first, start, end, expected) in [
        (
            "America/New_York",
            "2027-03-01",
            "02:30",
            "08:00",
            &[
                "dst-gap start: there is no 02:30 on 2027-03-14: the clock of America/New_York goes from 02:00 to 03:00; \
               the slot starts at 03:30 (2027-03-14 07:30 UTC); and 1 more until 2028-03-12",
            ][..],
        ),
        (
            "America/New_York",
            "2027-04-01",
            "22:00",
            "01:30",
            &["dst-fold end: 01:30 on 2027-11-07 comes twice: the clock of America/New_York goes back from 02:00 to \
               01:00; the slot ends at the earlier 01:30 (2027-11-07 05:30 UTC)"],
        ),
        // As its start is read, the end is over.
        (
            "America/New_York",
            "2027-04-01",
            "02:00",
            "03:00",
            &[
                "dst-gap start: there is no 02:00 on 2028-03-12: the clock of America/New_York goes from 02:00 to 03:00; \
               with its start read as 03:00 (2028-03-12 07:00 UTC) the slot has no time left and does not occur",
            ],
        ),
        // A slot of less than an hour is moved as a whole.
        (
            "Europe/London",
            "2027-01-01",
            "01:10",
            "01:20",
            &[
                "dst-gap start: there is no 01:10 on 2027-03-28: the clock of Europe/London goes from 01:00 to 02:00; \
                 the slot starts at 02:10 (2027-03-28 01:10 UTC)",
                "dst-fold start: 01:10 on 2027-10-31 comes twice: the clock of Europe/London goes back from 02:00 to \
                 01:00; the slot starts at the earlier 01:10 (2027-10-31 00:10 UTC)",
                "dst-gap end: there is no 01:20 on 2027-03-28: the clock of Europe/London goes from 01:00 to 02:00; \
                 the slot ends at 02:20 (2027-03-28 01:20 UTC)",
                "dst-fold end: 01:20 on 2027-10-31 comes twice: the clock of Europe/London goes back from 02:00 to \
                 01:00; the slot ends at the earlier 01:20 (2027-10-31 00:20 UTC)",
            ],
        ),
        // Half an hour.
        (
            "Australia/Lord_Howe",
            "2027-01-01",
            "01:45",
            "02:15",
            &[
                "dst-fold start: 01:45 on 2027-04-04 comes twice: the clock of Australia/Lord_Howe goes back from 02:00 \
                 to 01:30; the slot starts at the earlier 01:45 (2027-04-03 14:45 UTC)",
                "dst-gap end: there is no 02:15 on 2027-10-03: the clock of Australia/Lord_Howe goes from 02:00 to \
                 02:30; the slot ends at 02:45 (2027-10-02 15:45 UTC)",
            ],
        ),
        // Changes at midnight: 24:00 is the midnight of the day after.
        (
            "America/Havana",
            "2027-04-01",
            "18:00",
            "24:00",
            &[
                "dst-gap end: there is no 00:00 on 2028-03-12: the clock of America/Havana goes from 00:00 to 01:00; \
                 the slot ends at 01:00 (2028-03-12 05:00 UTC)",
                "dst-fold end: 00:00 on 2027-11-07 comes twice: the clock of America/Havana goes back from 01:00 to \
                 00:00; the slot ends at the earlier 00:00 (2027-11-07 04:00 UTC)",
            ],
        ),
        (
            "Asia/Beirut",
            "2027-01-01",
            "00:00",
            "06:00",
            &[
                "dst-gap start: there is no 00:00 on 2027-03-28: the clock of Asia/Beirut goes from 00:00 to 01:00; the \
               slot starts at 01:00 (2027-03-27 22:00 UTC)",
            ],
        ),
        (
            "Africa/Cairo",
            "2027-05-01",
            "20:00",
            "23:30",
            &[
                "dst-fold end: 23:30 on 2027-10-28 comes twice: the clock of Africa/Cairo goes back from 24:00 to 23:00; \
               the slot ends at the earlier 23:30 (2027-10-28 20:30 UTC)",
            ],
        ),
        // The clock is set back from 24:00 to 23:00: the midnight itself comes once.
        (
            "Africa/Cairo",
            "2027-05-01",
            "20:00",
            "24:00",
            &["dst-gap end: there is no 00:00 on 2028-04-28: the clock of \
            Africa/Cairo goes from 00:00 to 01:00; the slot ends at 01:00 (2028-04-27 22:00 UTC)"],
        ),
        (
            "America/Santiago",
            "2027-01-01",
            "00:00",
            "23:00",
            &[
                "dst-gap start: there is no 00:00 on 2027-09-05: the clock of America/Santiago goes from 00:00 to 01:00; \
                 the slot starts at 01:00 (2027-09-05 04:00 UTC)",
                "dst-fold end: 23:00 on 2027-04-03 comes twice: the clock of America/Santiago goes back from 24:00 to \
                 23:00; the slot ends at the earlier 23:00 (2027-04-04 02:00 UTC)",
            ],
        ),
        // A day that never was.
        (
            "Pacific/Apia",
            "2011-12-01",
            "09:00",
            "09:30",
            &[
                "dst-gap start: there is no 09:00 on 2011-12-30: the clock of Pacific/Apia goes from 2011-12-30 00:00 \
                 to 2011-12-31 00:00; the slot starts at 2011-12-31 09:00 (2011-12-30 19:00 UTC)",
                "dst-gap end: there is no 09:30 on 2011-12-30: the clock of Pacific/Apia goes from 2011-12-30 00:00 \
                 to 2011-12-31 00:00; the slot ends at 2011-12-31 09:30 (2011-12-30 19:30 UTC)",
            ],
        ),
    ] {
        assert_eq!(told(first, daily(zone, first, start, end)), expected, "{zone} {start}-{end}");
    }
}

#[test]
fn only_the_occurrences_to_come_count() {
    let slot = |start: &str, end: &str, days: &[&str], first: &str| Slot {
        first: first.parse().unwrap(),
        ..slot(start, end, days)
    };
    let every = |n: u32, slot: Slot| {
        let every = NonZeroU32::new(n).unwrap();
        let pattern = match slot.pattern {
            Pattern::Daily { .. } => Pattern::Daily { every },
            Pattern::Weekly { days, .. } => Pattern::Weekly { every, days },
        };
        Slot { pattern, ..slot }
    };
    let until = |date: &str, slot: Slot| Slot { bound: Bound::Until(date.parse().unwrap()), ..slot };
    let count = |n: u32, slot: Slot| Slot { bound: Bound::Count(NonZeroU32::new(n).unwrap()), ..slot };
    let altered = |alterations: Vec<_>, slot: Slot| Slot { alterations, ..slot };
    let sunday = || slot("02:30", "08:00", &["Sunday"], "2027-02-28");
    let all = |times: &[&str]| times.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    for (what, as_of, slot, expected) in [
        ("on a Sunday", "2027-01-01", until("2027-12-31", sunday()), &["start 2027-03-14"][..]),
        ("not on the last day before", "2027-01-01", until("2027-03-13", sunday()), &[]),
        ("on the last day", "2027-01-01", until("2027-03-14", sunday()), &["start 2027-03-14"]),
        ("the second of two", "2027-01-01", count(3, sunday()), &["start 2027-03-14"]),
        ("the first two", "2027-01-01", count(2, sunday()), &[]),
        ("400 days", "2027-01-01", sunday(), &["start 2027-03-14, 1 more until 2028-03-12"]),
        ("400 days from now", "2028-01-01", sunday(), &["start 2028-03-12"]),
        ("bounded", "2027-01-01", until("2029-12-31", sunday()), &["start 2027-03-14, 2 more until 2029-03-11"]),
        ("no end", "2027-01-01", until("9999-12-31", sunday()), &["start 2027-03-14, 30 more until 2057-03-11"]),
        ("over", "2027-03-15", until("2027-12-31", sunday()), &[]),
        ("on weekdays", "2027-01-01", slot("02:30", "08:00", &["Monday", "Saturday"], "2027-03-01"), &[]),
        (
            "the end of the night before",
            "2027-01-01",
            slot("22:00", "02:30", &["Saturday"], "2027-03-01"),
            &["end 2027-03-14, 1 more until 2028-03-12"],
        ),
        ("the night after", "2027-01-01", slot("22:00", "02:30", &["Sunday"], "2027-03-01"), &[]),
        // The slot is running; its end is still to come.
        ("running", "2027-11-07", until("2027-12-01", slot("20:00", "01:30", &[], "2027-03-15")), &["end 2027-11-07"]),
        ("every other week", "2027-01-01", every(2, sunday()), &["start 2027-03-14, 1 more until 2028-03-12"]),
        ("the other weeks", "2027-01-01", every(2, slot("02:30", "08:00", &["Sunday"], "2027-03-07")), &[]),
        // From 29 February to 12 March 2028 are twelve days.
        (
            "every other day over a leap day",
            "2028-01-01",
            until("2028-04-01", every(2, slot("02:30", "08:00", &[], "2028-02-29"))),
            &["start 2028-03-12"],
        ),
        ("the other ones", "2028-01-01", until("2028-04-01", every(2, slot("02:30", "08:00", &[], "2028-02-28"))), &[]),
        (
            "excluded",
            "2027-01-01",
            altered(vec![exclusion("2027-03-14T00:00:00", "2027-03-15T00:00:00")], until("2027-12-31", sunday())),
            &[],
        ),
        // What is cut is not what starts in the gap.
        (
            "its rest excluded",
            "2027-01-01",
            altered(vec![exclusion("2027-03-14T05:00:00", "2027-03-15T00:00:00")], until("2027-12-31", sunday())),
            &["start 2027-03-14"],
        ),
        (
            "its start excluded",
            "2027-01-01",
            altered(vec![exclusion("2027-03-14T00:00:00", "2027-03-14T05:00:00")], until("2027-12-31", sunday())),
            &[],
        ),
        // The excluded hour is none on that day, so it takes nothing away.
        (
            "excluded in vain",
            "2027-01-01",
            altered(vec![exclusion("2027-03-14T02:00:00", "2027-03-14T03:00:00")], until("2027-12-31", sunday())),
            &["start 2027-03-14"],
        ),
        (
            "no time and excluded",
            "2027-01-01",
            altered(
                vec![exclusion("2027-03-14T00:00:00", "2027-03-15T00:00:00")],
                until("2027-12-31", slot("02:00", "03:00", &[], "2027-03-01")),
            ),
            &[],
        ),
        // Told by the rule about what never runs.
        ("nothing but the gap", "2027-01-01", until("2027-03-14", slot("02:00", "03:00", &[], "2027-03-14")), &[]),
    ] {
        let short = |text: &String| {
            let end = text.split([' ', ':']).nth(1).unwrap();
            let date = text.split(" on ").nth(1).unwrap().get(..10).unwrap();
            let more = text.split_once("; and ").map(|(_, more)| format!(", {more}")).unwrap_or_default();
            format!("{end} {date}{more}")
        };
        assert_eq!(told(as_of, slot).iter().map(short).collect::<Vec<_>>(), all(expected), "{what}");
    }
}

#[test]
fn each_slot_follows_its_own_clock_and_one_off_windows_that_of_the_schedule() {
    let mut schedule = with(vec![
        slot("09:00", "17:00", &[]),
        Slot { zone: zone("Europe/London"), ..slot("01:30", "05:00", &["Sunday"]) },
        Slot {
            alterations: vec![
                exclusion("2027-11-07T00:00:00", "2027-11-08T00:00:00"),
                inclusion("2027-05-01T09:00:00", "2027-05-01T10:00:00"),
                inclusion("2027-11-07T01:15:00", "2027-11-07T03:00:00"),
                inclusion("2026-11-01T01:15:00", "2026-11-01T03:00:00"),
            ],
            ..slot("10:00", "12:00", &[])
        },
    ]);
    schedule.timetable.intervals = vec![
        interval("2027-03-14T02:30:00", "2027-03-14T05:00:00"),
        interval("2027-03-28T01:30:00", "2027-03-28T05:00:00"),
        interval("2027-11-06T20:00:00", "2027-11-07T01:00:00"),
        // It never runs, and that is told.
        interval("2027-03-14T02:00:00", "2027-03-14T03:00:00"),
        interval("2026-03-08T02:30:00", "2026-03-08T05:00:00"),
    ];
    let findings = findings("2027-01-01T00:00:00Z", schedule);
    assert_eq!(
        codes(&findings),
        [
            "dst-gap 0/spec/dailySlots/1/startTime",
            "dst-fold 0/spec/dailySlots/1/startTime",
            "dst-gap 0/spec/intervals/0/start",
            "dst-fold 0/spec/intervals/2/end",
            "dst-fold 0/spec/inclusions/1/start",
        ]
    );
    assert_eq!(
        findings[2].message,
        "there is no 02:30 on 2027-03-14: the clock of America/New_York goes from 02:00 to 03:00; the interval starts \
         at 03:30 (2027-03-14 07:30 UTC)"
    );
    assert_eq!(findings[2].label.as_deref(), Some("skipped on 2027-03-14"));
    assert_eq!(findings[2].help.as_deref(), Some("move it before 02:00, or to 03:00 or later"));
    assert_eq!(findings[4].label.as_deref(), Some("comes twice on 2027-11-07"));
}

#[test]
fn the_help_names_times_that_are_safe_all_the_year() {
    for (zone, start, end, expected) in [
        (
            "America/New_York",
            "02:30",
            "08:00",
            "outside of 01:00-03:00, where the clock of America/New_York changes; from 03:00",
        ),
        (
            "Europe/London",
            "01:30",
            "08:00",
            "outside of 01:00-02:00, where the clock of Europe/London changes; from 02:00",
        ),
        (
            "Africa/Cairo",
            "00:30",
            "08:00",
            "outside of 23:00-01:00, where the clock of Africa/Cairo changes; from 01:00",
        ),
        (
            "America/Nuuk",
            "23:30",
            "08:00",
            "outside of 23:00-24:00, where the clock of America/Nuuk changes; from 00:00",
        ),
    ] {
        let slot = daily(zone, "2027-01-01", start, end);
        let findings = findings("2027-01-01T00:00:00Z", with(vec![slot]));
        let expected = format!("write a time {expected} on it is safe again");
        assert_eq!(findings[0].help.as_deref(), Some(expected.as_str()), "{zone}");
    }
    let slot = Slot {
        bound: Bound::Until("2012-01-31".parse().unwrap()),
        ..daily("Pacific/Apia", "2011-12-01", "09:00", "10:00")
    };
    assert_eq!(
        findings("2011-12-01T00:00:00Z", with(vec![slot]))[0].help.as_deref(),
        Some(
            "exclude the time from 2011-12-30 00:00 to 2011-12-31 00:00, which the clock of Pacific/Apia skips or repeats"
        )
    );
}
