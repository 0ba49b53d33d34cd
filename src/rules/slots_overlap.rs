//! Two slots or intervals of one schedule run at the same time, which is most likely a slip: the
//! service's own reading of it is unknown.

use super::overlap::{Overlap, Relation, Shape, find, items, pointer};
use super::{Code, Context, Declared, Finding, Place, place, spans};
use crate::schedule::Schedule;

/// Pairs of one schedule that are shown; one slip in a template should not hide everything else.
const SHOWN: usize = 20;

/// Finds every pair of windows of one schedule that overlap.
pub fn check(context: &Context, findings: &mut Vec<Finding>) {
    for schedule in &context.repository.schedules {
        let windows: Vec<_> = items(&schedule.item.timetable, |n| n).collect();
        let overlaps = find(&windows, context.as_of);
        let total = overlaps.pairs.len();
        for overlap in overlaps.pairs.iter().take(SHOWN) {
            findings.push(finding(schedule, overlap, |n| windows.get(n).map(|item| item.shape)));
        }
        if total > SHOWN {
            let at_least = if overlaps.cut_short { "at least " } else { "" };
            findings.push(Finding::new(
                Code::SlotsOverlap,
                place::key(schedule.document, "/spec/dailySlots"),
                format!("{at_least}{} more pairs of slots of `{}` overlap", total - SHOWN, schedule.item.name),
            ));
        }
    }
}

fn finding<'a>(
    schedule: &Declared<Schedule>,
    overlap: &Overlap,
    shape: impl Fn(usize) -> Option<Shape<'a>>,
) -> Finding {
    let at = |n| -> Place { place::value(schedule.document, pointer(&schedule.item.timetable, n)) };
    let (first, second) = (shape(overlap.first), shape(overlap.second));
    let is_slot = |shape: &Option<Shape>| matches!(shape, Some(Shape::Slot(_)));
    let (what, when) = match (is_slot(&first), is_slot(&second)) {
        (true, true) => ("slots overlap", "first on"),
        (false, false) => ("intervals overlap", "on"),
        _ => ("a slot and an interval overlap", "on"),
    };
    let (start, end) = overlap.common;
    let zones = (first.map(|one| one.zone()), second.map(|one| one.zone()));
    let zone = match zones {
        (Some(first), Some(second)) if first != second => format!(" in {second}"),
        _ => String::new(),
    };
    let message = format!("{what}: {}{zone}, {when} {}", spans::weekly(start, end), start.date());
    let (first_start, first_end) = overlap.first_span;
    let (second_start, second_end) = overlap.second_span;
    Finding::new(Code::SlotsOverlap, at(overlap.second), message)
        .label(format!("runs {}", spans::weekly(second_start, second_end)))
        .related(at(overlap.first), format!("runs {}", spans::weekly(first_start, first_end)))
        .help(help(overlap, zones.0 != zones.1))
}

/// The smallest change that parts the two. Each time is given on the clock of the window to change.
fn help(overlap: &Overlap, zones_differ: bool) -> String {
    if zones_differ {
        return "move one of the two, or give it other days or dates; their zones differ".to_owned();
    }
    let (first_start, first_end) = overlap.first_span;
    let (second_start, second_end) = overlap.second_span;
    match overlap.relation {
        Relation::Same => "remove one of the two, or give it other days or dates".to_owned(),
        Relation::FirstWithin => "remove the earlier one, which lies within this one".to_owned(),
        Relation::SecondWithin => "remove this one, which lies within the earlier one".to_owned(),
        Relation::FirstSooner => format!(
            "end the earlier one at {} or start this one at {}",
            spans::clock(second_start),
            spans::clock(first_end)
        ),
        Relation::SecondSooner => format!(
            "end this one at {} or start the earlier one at {}",
            spans::clock(first_start),
            spans::clock(second_end)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Repository;
    use crate::rules::tests::{codes, exclusion, found, inclusion, interval, repository, schedule, slot, zone};
    use crate::schedule::{Bound, Interval, Pattern, Slot};
    use std::num::NonZeroU32;

    fn with(slots: Vec<Slot>, intervals: Vec<Interval>) -> Repository {
        let mut schedule = schedule("a");
        schedule.timetable.slots = slots;
        schedule.timetable.intervals = intervals;
        repository([schedule])
    }

    fn messages(slots: Vec<Slot>, intervals: Vec<Interval>) -> Vec<String> {
        found(&with(slots, intervals), check).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn an_overlap_names_its_first_time_and_the_smallest_change() {
        let repository = with(
            vec![slot("09:00", "13:00", &["Monday", "Friday"]), slot("12:00", "17:00", &["Wednesday", "Monday"])],
            Vec::new(),
        );
        let findings = found(&repository, check);
        assert_eq!(codes(&findings), ["slots-overlap 0/spec/dailySlots/1"]);
        assert_eq!(findings[0].message, "slots overlap: Monday 12:00-13:00, first on 2027-03-01");
        assert_eq!(findings[0].help.as_deref(), Some("end the earlier one at 12:00 or start this one at 13:00"));
        assert_eq!(findings[0].related[0].place, place::value(crate::rules::DocumentId(0), "/spec/dailySlots/0"));
    }

    #[test]
    fn windows_that_share_no_time_are_fine() {
        let every = |n: u32, days: &[&str]| {
            let Pattern::Weekly { days, .. } = slot("09:00", "13:00", days).pattern else { panic!() };
            Pattern::Weekly { every: NonZeroU32::new(n).unwrap(), days }
        };
        let date = |text: &str| text.parse().unwrap();
        let morning = || slot("09:00", "13:00", &["Monday"]);
        let cases = [
            ("touching", vec![morning(), slot("13:00", "17:00", &["Monday"])], vec![]),
            ("other days", vec![morning(), slot("09:00", "13:00", &["Tuesday"])], vec![]),
            ("week end", vec![slot("22:00", "02:00", &["Sunday"]), slot("02:00", "04:00", &["Monday"])], vec![]),
            (
                "alternating weeks",
                vec![
                    Slot { pattern: every(2, &["Monday"]), ..morning() },
                    Slot { pattern: every(2, &["Monday"]), first: date("2027-03-08"), ..morning() },
                ],
                vec![],
            ),
            (
                "one ends before the other begins",
                vec![
                    Slot { bound: Bound::Count(NonZeroU32::new(2).unwrap()), ..morning() },
                    Slot { first: date("2027-03-15"), ..morning() },
                ],
                vec![],
            ),
            (
                "excluded for the interval",
                vec![Slot { alterations: vec![exclusion("2027-03-08T00:00:00", "2027-03-09T00:00:00")], ..morning() }],
                vec![interval("2027-03-08T10:00:00", "2027-03-08T12:00:00")],
            ),
            (
                "an inclusion of the whole schedule",
                vec![
                    Slot { alterations: vec![inclusion("2027-03-06T09:00:00", "2027-03-06T12:00:00")], ..morning() },
                    Slot {
                        alterations: vec![inclusion("2027-03-06T09:00:00", "2027-03-06T12:00:00")],
                        ..slot("13:00", "17:00", &["Monday"])
                    },
                ],
                vec![],
            ),
            (
                "the gap of the clock does not push neighbours together",
                vec![slot("01:00", "02:30", &["Sunday"]), slot("03:00", "05:00", &["Sunday"])],
                vec![],
            ),
            (
                "another zone",
                vec![
                    slot("09:00", "12:00", &["Monday"]),
                    Slot { zone: zone("America/Los_Angeles"), ..slot("09:00", "12:00", &["Monday"]) },
                ],
                vec![],
            ),
        ];
        for (what, slots, intervals) in cases {
            assert_eq!(messages(slots, intervals), [""; 0], "{what}");
        }
    }

    #[test]
    fn overlaps_show_across_midnight_weeks_zones_and_kinds_of_windows() {
        let cases = [
            (
                vec![slot("22:00", "02:00", &["Sunday"]), slot("01:00", "04:00", &["Monday"])],
                vec![],
                "slots overlap: Monday 01:00-02:00, first on 2027-03-08",
            ),
            (
                vec![slot("22:00", "21:00", &["Sunday", "Monday"]), slot("09:00", "10:00", &["Tuesday"])],
                vec![],
                "slots overlap: Tuesday 09:00-10:00, first on 2027-03-02",
            ),
            (
                vec![
                    slot("09:00", "13:00", &["Monday"]),
                    Slot { zone: zone("America/Los_Angeles"), ..slot("09:00", "13:00", &["Monday"]) },
                ],
                vec![],
                "slots overlap: Monday 09:00-10:00 in America/Los_Angeles, first on 2027-03-01",
            ),
            (
                vec![slot("09:00", "13:00", &["Monday"])],
                vec![interval("2027-04-05T12:00:00", "2027-04-05T18:00:00")],
                "a slot and an interval overlap: Monday 12:00-13:00, on 2027-04-05",
            ),
            (
                vec![],
                vec![
                    interval("2027-04-05T12:00:00", "2027-04-08T18:00:00"),
                    interval("2027-04-06T12:00:00", "2027-04-09T18:00:00"),
                ],
                "intervals overlap: Tuesday 2027-04-06 12:00 to Thursday 2027-04-08 18:00, on 2027-04-06",
            ),
        ];
        for (slots, intervals, message) in cases {
            assert_eq!(messages(slots, intervals), [message]);
        }
    }

    #[test]
    fn the_way_out_fits_how_the_two_lie() {
        let morning = || slot("09:00", "13:00", &[]);
        for (first, second, help) in [
            (morning(), morning(), "remove one of the two, or give it other days or dates"),
            (morning(), slot("10:00", "13:00", &[]), "remove this one, which lies within the earlier one"),
            (slot("10:00", "11:00", &[]), morning(), "remove the earlier one, which lies within this one"),
            (slot("12:00", "14:00", &[]), morning(), "end this one at 12:00 or start the earlier one at 13:00"),
        ] {
            let findings = found(&with(vec![first, second], Vec::new()), check);
            assert_eq!(findings[0].help.as_deref(), Some(help));
        }
    }

    #[test]
    fn slots_without_an_end_are_looked_at_from_now_on() {
        let since = |start, end| Slot { first: "2020-01-06".parse().unwrap(), ..slot(start, end, &["Monday"]) };
        assert_eq!(
            messages(vec![since("09:00", "13:00"), since("12:00", "17:00")], vec![]),
            ["slots overlap: Monday 12:00-13:00, first on 2027-01-04"]
        );
    }

    #[test]
    fn patterns_that_seldom_meet_are_followed_until_they_do() {
        let every = |n: u32, first: &str| {
            let monday = slot("09:00", "10:00", &["Monday"]);
            let Pattern::Weekly { days, .. } = monday.pattern else { panic!() };
            let pattern = Pattern::Weekly { every: NonZeroU32::new(n).unwrap(), days };
            Slot { first: first.parse().unwrap(), pattern, ..monday }
        };
        assert_eq!(
            messages(vec![every(8, "2027-03-01"), every(9, "2027-03-08")], vec![]),
            ["slots overlap: Monday 09:00-10:00, first on 2028-05-22"]
        );
    }

    #[test]
    fn a_thousand_slots_that_all_overlap_are_counted_and_few_are_shown() {
        let findings = found(&with(vec![slot("09:00", "13:00", &[]); 1000], Vec::new()), check);
        assert_eq!(findings.len(), SHOWN + 1);
        assert_eq!(findings[SHOWN].message, "499480 more pairs of slots of `a` overlap");
    }
}
