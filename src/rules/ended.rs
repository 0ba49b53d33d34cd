//! A schedule that has run for the last time: it does nothing any more, and makes the others harder to read.

use chrono::{DateTime, Days, NaiveDateTime, TimeDelta, Utc};

use super::{Code, Context, Declared, Finding, never_runs::runs_after, place, spans};
use crate::schedule::{Occurrence, Schedule, Slot, Timetable, Window, Zone};

/// Finds the schedules of which every slot, interval and inclusion is over at `as_of`.
pub fn check(context: &Context, findings: &mut Vec<Finding>) {
    let over = |schedule: &&Declared<Schedule>| is_over(&schedule.item.timetable, context.as_of);
    for schedule in context.repository.schedules.iter().filter(over) {
        // Without any run there is nothing to be over; that is another rule's.
        let Some((last, zone)) = last_run(&schedule.item.timetable, context.as_of) else { continue };
        let (local, utc) = (spans::dated(zone.local(last.end)), spans::dated(last.end.naive_utc()));
        findings.push(
            Finding::new(
                Code::Ended,
                place::value(schedule.document, "/spec/endDate"),
                format!("`{}` is over: it last ran until {local} in {zone} ({utc} UTC)", schedule.item.name),
            )
            .help("remove the manifest, and `apply --prune` deletes the live schedule; or move the end date"),
        );
    }
}

fn is_over(timetable: &Timetable, as_of: DateTime<Utc>) -> bool {
    let interval_runs = |span: Occurrence| as_of < span.end;
    !timetable.intervals.iter().filter_map(|one| one.occurrence(timetable.zone)).any(interval_runs)
        && !timetable.slots.iter().any(|slot| runs_after(slot, as_of))
}

/// The run that ended last, of those before an instant, and the zone to tell it in.
fn last_run(timetable: &Timetable, before: DateTime<Utc>) -> Option<(Occurrence, Zone)> {
    let slots = timetable.slots.iter().filter_map(|slot| Some((last_of_slot(slot, before)?, slot.zone)));
    let intervals = timetable.intervals.iter().filter_map(|one| one.occurrence(timetable.zone));
    slots.chain(intervals.map(|span| (span, timetable.zone))).max_by_key(|(span, _)| span.end)
}

fn last_of_slot(slot: &Slot, before: DateTime<Utc>) -> Option<Occurrence> {
    if slot.alterations.is_empty()
        && let Some(last) = last_of_pattern(slot)
        && last.end <= before
    {
        return Some(last);
    }
    let starts = slot.alterations.iter().map(|one| one.start).chain([NaiveDateTime::from(slot.first)]);
    let earliest = slot.zone.instant(starts.min()?);
    // Further back each time: most schedules that are over have been so for a short while.
    let mut days = 8;
    loop {
        let start = before.checked_sub_signed(TimeDelta::days(days)).unwrap_or(DateTime::<Utc>::MIN_UTC);
        let runs = slot.occurrences(Window { start, end: before });
        if let Some(last) = runs.into_iter().max_by_key(|span| span.end) {
            return Some(last);
        }
        if start < earliest {
            return None;
        }
        days *= 4;
    }
}

/// The occurrence on the last day of a bounded pattern, unless the clock jumps over it.
fn last_of_pattern(slot: &Slot) -> Option<Occurrence> {
    let last = slot.last_date()?;
    let round = last.checked_sub_days(Days::new(slot.pattern.period())).unwrap_or(slot.first);
    let (start, end) = slot.local_span(slot.start_dates(round).last()?)?;
    Occurrence::between(slot.zone, start, end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tests::{codes, exclusion, found_from, inclusion, interval, repository, schedule, slot};
    use crate::schedule::{Bound, Interval};

    fn messages(as_of: &str, slots: Vec<Slot>, intervals: Vec<Interval>) -> Vec<String> {
        let mut schedule = schedule("a");
        schedule.timetable = Timetable { slots, intervals, ..schedule.timetable };
        let findings = found_from(as_of, &repository([schedule]), check);
        assert!(codes(&findings).iter().all(|code| code == "ended 0/spec/endDate"), "{findings:?}");
        findings.into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn a_schedule_is_over_with_the_last_of_its_windows() {
        // In New York, from Monday 2027-03-01 on.
        let until = |date: &str| Slot {
            bound: Bound::Until(date.parse().unwrap()),
            ..slot("22:00", "02:00", &["Monday", "Friday"])
        };
        let altered = |alterations| Slot { alterations, ..until("2027-06-30") };
        let last = |text: &str| Some(format!("`a` is over: it last ran until {text} UTC)"));
        let monday = || last("2027-06-29 02:00 in America/New_York (2027-06-29 06:00");
        let interval = || interval("2027-08-01T10:00:00", "2027-08-01T12:00:00");
        for (what, as_of, slots, intervals, expected) in [
            ("before", "2027-01-01T00:00:00Z", vec![until("2027-06-30")], vec![], None),
            ("running", "2027-06-29T05:59:59Z", vec![until("2027-06-30")], vec![], None),
            ("just over", "2027-06-29T06:00:00Z", vec![until("2027-06-30")], vec![], monday()),
            ("long over", "2049-06-29T06:00:00Z", vec![until("2027-06-30")], vec![], monday()),
            ("open", "2049-06-29T06:00:00Z", vec![until("2027-06-30"), slot("09:00", "10:00", &[])], vec![], None),
            ("an interval ahead", "2027-07-10T00:00:00Z", vec![until("2027-06-30")], vec![interval()], None),
            (
                "the interval over",
                "2027-08-10T00:00:00Z",
                vec![until("2027-06-30")],
                vec![interval()],
                last("2027-08-01 12:00 in America/New_York (2027-08-01 16:00"),
            ),
            (
                "intervals alone",
                "2027-08-10T00:00:00Z",
                vec![],
                vec![interval()],
                last("2027-08-01 12:00 in America/New_York (2027-08-01 16:00"),
            ),
            (
                "an inclusion ahead",
                "2027-07-10T00:00:00Z",
                vec![altered(vec![inclusion("2027-07-12T10:00:00", "2027-07-12T11:00:00")])],
                vec![],
                None,
            ),
            (
                "the inclusion over",
                "2027-07-13T00:00:00Z",
                vec![altered(vec![inclusion("2027-07-12T10:00:00", "2027-07-12T11:00:00")])],
                vec![],
                last("2027-07-12 11:00 in America/New_York (2027-07-12 15:00"),
            ),
            // What is ahead is excluded, and so is the last of what is not.
            (
                "excluded ahead",
                "2027-04-15T00:00:00Z",
                vec![altered(vec![exclusion("2027-04-06T00:00:00", "2027-07-01T00:00:00")])],
                vec![],
                last("2027-04-06 00:00 in America/New_York (2027-04-06 04:00"),
            ),
            (
                "excluded in part",
                "2027-04-15T00:00:00Z",
                vec![altered(vec![exclusion("2027-04-06T00:00:00", "2027-06-26T00:00:00")])],
                vec![],
                None,
            ),
            // It never ran, which is another rule's.
            ("never", "2028-01-01T00:00:00Z", vec![until("2027-02-01")], vec![], None),
            ("nothing at all", "2028-01-01T00:00:00Z", vec![], vec![], None),
            (
                "one that never ran, and one that is over",
                "2028-01-01T00:00:00Z",
                vec![until("2027-02-01"), until("2027-06-30")],
                vec![],
                monday(),
            ),
        ] {
            assert_eq!(messages(as_of, slots, intervals), expected.into_iter().collect::<Vec<_>>(), "{what}");
        }
    }
}
