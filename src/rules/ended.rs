//! A schedule that has run for the last time: it does nothing any more, and makes the others harder to read.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

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
