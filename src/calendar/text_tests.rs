//! What the grid looks like.

use super::*;
use crate::calendar::{Driven, Entry};
use crate::schedule::{Capacity, Interval, ScheduleKind, TargetRef, Timetable};

/// A schedule of one target that dials on the Sunday on which New York sets its clocks to summer time.
fn entry(name: &str, zone: &str, spans: &[(&str, &str)]) -> Entry {
    let time = |text: &str| format!("2027-03-14T{text}:00").parse().unwrap();
    let intervals = spans.iter().map(|(start, end)| Interval { start: time(start), end: time(end) }).collect();
    Entry {
        kind: ScheduleKind::Campaign,
        name: Some(name.to_owned()),
        target: Driven::Declared(TargetRef::Id("one".to_owned())),
        labels: BTreeMap::new(),
        timetable: Timetable { zone: Zone::named(zone).unwrap(), slots: Vec::new(), intervals },
        capacity: Some(Capacity { calls: 10, agents: 5 }),
    }
}

fn calendar() -> Calendar {
    let two = entry("two", "America/New_York", &[("01:15", "04:45"), ("11:30", "14:00")]);
    let entries = vec![entry("one", "America/New_York", &[("09:00", "12:00")]), two];
    let pool = |name: &str, calls| Pool {
        name: name.to_owned(),
        capacity: Capacity { calls, agents: 40 },
        members: vec![0, 1],
    };
    Calendar { entries, pools: vec![pool("large", 40), pool("small", 19)] }
}

fn dates(first: &str, last: &str) -> Dates {
    Dates::new(first.parse().unwrap(), last.parse().unwrap()).unwrap()
}

fn text(calendar: &Calendar, dates: Dates, zone: Option<Zone>) -> String {
    let mut out = Vec::new();
    write(calendar, dates, zone, &mut anstream::StripStream::new(&mut out)).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn overlaps_peaks_parts_and_gaps_have_signs_of_their_own() {
    insta::assert_snapshot!(text(&calendar(), dates("2027-03-13", "2027-03-14"), None), @r"
    Sat 2027-03-13 to Sun 2027-03-14, by half hour. All times are in America/New_York.

    Sat  2027-03-13
    Nothing is dialed.

    Sun  2027-03-14
                00  02  04  06  08  10  12  14  16  18  20  22  24
    one        |·   ~~  ·   ·   · █████X·   ·   ·   ·   ·   ·   |
    two        |· ▒█~~███▒  ·   ·   ·  X████·   ·   ·   ·   ·   |
    pool large |· ▃▃~~▃▃▃▃  ·   · ▃▃▃▃▃^▃▃▃▃·   ·   ·   ·   ·   |
    pool small |· ▅▅~~▅▅▅▅  ·   · ▅▅▅▅▅!▅▅▅▅·   ·   ·   ·   ·   |
    Clock change in America/New_York: 02:00 to 03:00 does not exist.

    pool large, busiest in America/New_York:
      20 of 40 calls         from Sun 2027-03-14 11:30 to 12:00
      10 of 40 agents        from Sun 2027-03-14 11:30 to 12:00
    pool small, busiest in America/New_York:
      20 of 19 calls         from Sun 2027-03-14 11:30 to 12:00, 1 too many
      10 of 40 agents        from Sun 2027-03-14 11:30 to 12:00

    █ dials   ▒ dials for a part of the half hour   X overlap: dials twice at once
    ~ the clock jumps over it   ▁▃▅▇ share of the pool in use   ^ the pool at its busiest
    ! the pool has too little
    ");
}

#[test]
fn colours_repeat_what_the_signs_say() {
    let mut out = Vec::new();
    write(&calendar(), dates("2027-03-14", "2027-03-14"), None, &mut out).unwrap();
    let coloured = String::from_utf8(out).unwrap();
    assert_eq!(
        anstream::adapter::strip_str(&coloured).to_string(),
        text(&calendar(), dates("2027-03-14", "2027-03-14"), None)
    );
    let rows: Vec<String> = coloured.lines().skip(5).take(4).map(|line| line.replace('\u{1b}', "␛")).collect();
    insta::assert_snapshot!(rows.join("\n"), @r"
    two        ␛[2m|␛[0m␛[2m· ␛[0m␛[32m▒█␛[0m␛[1m␛[33m~~␛[0m␛[32m███▒␛[0m␛[2m  ·   ·   ·  ␛[0m␛[1m␛[31mX␛[0m␛[32m████␛[0m␛[2m·   ·   ·   ·   ·   ␛[0m␛[2m|␛[0m
    pool large ␛[2m|␛[0m␛[2m· ␛[0m␛[36m▃▃␛[0m␛[1m␛[33m~~␛[0m␛[36m▃▃▃▃␛[0m␛[2m  ·   · ␛[0m␛[36m▃▃▃▃▃␛[0m␛[1m␛[33m^␛[0m␛[36m▃▃▃▃␛[0m␛[2m·   ·   ·   ·   ·   ␛[0m␛[2m|␛[0m
    pool small ␛[2m|␛[0m␛[2m· ␛[0m␛[36m▅▅␛[0m␛[1m␛[33m~~␛[0m␛[36m▅▅▅▅␛[0m␛[2m  ·   · ␛[0m␛[36m▅▅▅▅▅␛[0m␛[1m␛[31m!␛[0m␛[36m▅▅▅▅␛[0m␛[2m·   ·   ·   ·   ·   ␛[0m␛[2m|␛[0m
    ␛[1m␛[33mClock change␛[0m in America/New_York: 02:00 to 03:00 does not exist.
    ");
}

#[test]
fn no_line_is_wider_than_the_page_whatever_the_names() {
    let names =
        ["東京".repeat(40), "a".repeat(300), "bell\u{7}\u{1b}[2J\n".to_owned(), String::new(), "e\u{301}".repeat(90)];
    let zones = ["America/Argentina/ComodRivadavia", "UTC", "America/New_York", "UTC", "Europe/Madrid"];
    let entries = names.iter().zip(zones).map(|(name, zone)| entry(name, zone, &[("01:00", "23:00")])).collect();
    let calendar = Calendar { entries, pools: Vec::new() };
    for zone in [None, Some(Zone::utc())] {
        let text = text(&calendar, dates("2027-03-08", "2027-03-21"), zone);
        let widest = text.lines().map(|line| line.width()).max().unwrap();
        assert_eq!(widest, WIDTH, "{text}");
        assert!(!text.contains(['\u{7}', '\u{1b}']), "{text}");
        let frames = |line: &str| {
            line.char_indices().filter(|(_, sign)| *sign == '|').map(|(at, _)| line[..at].width()).collect::<Vec<_>>()
        };
        let places: BTreeSet<_> = text.lines().map(frames).filter(|frames| !frames.is_empty()).collect();
        assert_eq!(places.len(), 1, "{text}");
    }
}

#[test]
fn days_in_a_row_are_put_together() {
    for (listed, shown) in [
        ("2027-03-08", "Mon  2027-03-08"),
        ("2027-03-08 2027-03-09", "Mon, Tue  2027-03-08, 03-09"),
        ("2027-03-08 2027-03-09 2027-03-10 2027-03-12", "Mon-Wed, Fri  2027-03-08 to 03-10, 03-12"),
        ("2026-12-30 2026-12-31 2027-01-01", "Wed-Fri  2026-12-30 to 2027-01-01"),
        ("2026-12-30 2027-01-01 2027-01-03", "Wed, Fri, Sun  2026-12-30, 2027-01-01, 2027-01-03"),
    ] {
        let dates: Vec<NaiveDate> = listed.split(' ').map(|date| date.parse().unwrap()).collect();
        assert_eq!(days(&dates), shown);
    }
}

#[test]
fn nothing_to_show_is_said() {
    assert_eq!(text(&Calendar::default(), dates("2027-03-08", "2027-03-14"), None), "There is no schedule to show.\n");
}
