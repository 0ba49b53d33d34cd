//! A schedule in the program's words, as the body of a PUT.

use std::collections::BTreeMap;

use crate::schedule::{AlterationKind, Bound, DesiredSchedule, Pattern, Slot, Zone};

use super::stamp::{IntervalTimes, wall};
use super::wire::{self, Recurrence, Reference, ScheduleBody};

/// The body of a PUT. `version` is the one of the live schedule on update, none on create. `None` when a
/// slot ends past the end of the calendar, some 260,000 years from now.
pub(super) fn body(desired: &DesiredSchedule, version: Option<i32>, times: IntervalTimes) -> Option<ScheduleBody> {
    let zone = desired.timetable.zone;
    let intervals = desired.timetable.intervals.iter().map(|interval| wire::Interval {
        start: times.write(interval.start, zone),
        end: times.write(interval.end, zone),
    });
    let slots = desired.timetable.slots.iter().map(|slot| recurrence(slot, zone));
    Some(ScheduleBody {
        name: desired.live_name.as_str().to_owned(),
        version,
        time_zone: zone.name(),
        intervals: intervals.collect(),
        recurrences: slots.collect::<Option<_>>()?,
        target: BTreeMap::from([(desired.kind.target_field(), Reference { id: desired.target.id.clone() })]),
    })
}

fn recurrence(slot: &Slot, schedule_zone: Zone) -> Option<Recurrence> {
    let (start, end) = slot.local_span(slot.first)?;
    let alteration = |kind: &str, start, end| wire::Alteration {
        kind: Some(kind.to_owned()),
        start: Some(wall(start)),
        end: Some(wall(end)),
    };
    // Whether the API cuts time out of occurrences or drops those that an exclusion names is unknown. An
    // exclusion with the very times of the occurrence that it covers does the same under both readings.
    let exclusions = slot.cuts().into_iter().map(|(start, end)| alteration("Exclusion", start, end));
    let inclusions = slot.alterations.iter().filter(|one| one.kind == AlterationKind::Inclusion);
    let inclusions = inclusions.map(|one| alteration("Inclusion", one.start, one.end));
    let alterations: Vec<_> = exclusions.chain(inclusions).collect();
    Some(Recurrence {
        start: wall(start),
        end: wall(end),
        time_zone: (slot.zone != schedule_zone).then(|| slot.zone.name().to_owned()),
        pattern: pattern(slot.pattern),
        range: range(slot.bound),
        alterations: (!alterations.is_empty()).then_some(alterations),
    })
}

fn pattern(pattern: Pattern) -> wire::Pattern {
    match pattern {
        Pattern::Daily { every } => {
            wire::Pattern { kind: "Daily".to_owned(), interval: every.get().into(), days_of_week: None }
        }
        Pattern::Weekly { every, days } => wire::Pattern {
            kind: "Weekly".to_owned(),
            interval: every.get().into(),
            days_of_week: Some(days.names().map(str::to_owned).collect()),
        },
    }
}

fn range(bound: Bound) -> wire::Range {
    let range = |kind: &str| wire::Range { kind: kind.to_owned(), end: None, number_of_occurrences: None };
    match bound {
        Bound::Open => range("NoEnd"),
        // The API calls this the "date-time of the last occurrence" and leaves open in which zone, and
        // whether it is compared with that occurrence's start or end, up to and including it or not. At
        // the last second of the last date, an occurrence that starts on that date is within the range
        // under each of these readings, and one that starts on the next date under none.
        Bound::Until(last) => wire::Range { end: Some(format!("{last}T23:59:59")), ..range("EndDate") },
        Bound::Count(count) => wire::Range { number_of_occurrences: Some(count.get().into()), ..range("Numbered") },
    }
}
