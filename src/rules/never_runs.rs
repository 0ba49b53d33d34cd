//! A schedule or a slot that never dials, most likely because a date is wrong.

use chrono::{DateTime, Days, NaiveDateTime, Utc};

use crate::schedule::{AlterationKind, Bound, Occurrence, Slot};

use super::{Code, Context, Finding, place};

/// Finds schedules without any window, and slots without any occurrence.
pub fn check(context: &Context, findings: &mut Vec<Finding>) {
    for schedule in &context.repository.schedules {
        let timetable = &schedule.item.timetable;
        if timetable.slots.is_empty() && timetable.intervals.is_empty() {
            findings.push(
                Finding::new(
                    Code::NeverRuns,
                    place::key(schedule.document, "/spec/dailySlots"),
                    format!("`{}` never runs: it has neither slots nor intervals", schedule.item.name),
                )
                .help("add `dailySlots` or `intervals`, or remove the manifest"),
            );
        }
        for (n, slot) in timetable.slots.iter().enumerate() {
            let Some((why, help)) = never(slot) else { continue };
            findings.push(
                Finding::new(
                    Code::NeverRuns,
                    place::value(schedule.document, format!("/spec/dailySlots/{n}")),
                    format!("the slot never runs: {why}"),
                )
                .help(help),
            );
        }
        for (n, interval) in timetable.intervals.iter().enumerate() {
            if interval.occurrence(timetable.zone).is_none() {
                findings.push(
                    Finding::new(
                        Code::NeverRuns,
                        place::value(schedule.document, format!("/spec/intervals/{n}")),
                        format!("the interval never runs: the clock of {} jumps over it", timetable.zone),
                    )
                    .help("move it to before or after the change of the clock"),
                );
            }
        }
    }
}

/// Why a slot has no occurrence, and the way out.
fn never(slot: &Slot) -> Option<(String, &'static str)> {
    if slot.never_starts() {
        let last = slot.last_date().map(|last| format!(" and it ends on {last}")).unwrap_or_default();
        return Some((
            format!("its first day would be {}{last}", slot.first),
            "move the end date to that day or later, or choose days that lie between the two dates",
        ));
    }
    let mut included = slot.alterations.iter().filter(|alteration| alteration.kind == AlterationKind::Inclusion);
    if included.any(|span| Occurrence::between(slot.zone, span.start, span.end).is_some()) {
        return None;
    }
    let mut spans = slot.start_dates(slot.first).filter_map(|date| slot.local_span(date));
    if !spans.any(|(start, end)| Occurrence::between(slot.zone, start, end).is_some()) {
        return Some((
            format!("the clock of {} jumps over all of it", slot.zone),
            "move it to before or after the change of the clock",
        ));
    }
    (!runs_outside_exclusions(slot, DateTime::<Utc>::MIN_UTC))
        .then(|| ("all its occurrences are excluded".to_owned(), "remove the slot, or the exclusions that cover it"))
}

/// Whether a slot has no occurrence at all.
pub fn slot_never_runs(slot: &Slot) -> bool {
    never(slot).is_some()
}

/// Whether some occurrence of a slot is not over at an instant.
pub fn runs_after(slot: &Slot, from: DateTime<Utc>) -> bool {
    let mut included = slot.alterations.iter().filter(|alteration| alteration.kind == AlterationKind::Inclusion);
    included.any(|span| Occurrence::between(slot.zone, span.start, span.end).is_some_and(|one| from < one.end))
        || runs_outside_exclusions(slot, from)
}

/// Whether an occurrence reaches out of the exclusions after an instant: before the first of them, between two,
/// or after the last.
fn runs_outside_exclusions(slot: &Slot, from: DateTime<Utc>) -> bool {
    // Exclusions are finite.
    if slot.bound == Bound::Open {
        return true;
    }
    let mut left_from = from;
    for cut in slot.excluded(NaiveDateTime::MIN, NaiveDateTime::MAX) {
        if left_from < cut.start && occurs(slot, left_from, cut.start) {
            return true;
        }
        left_from = left_from.max(cut.end);
    }
    occurs(slot, left_from, DateTime::<Utc>::MAX_UTC)
}

/// Whether the pattern of a slot has an occurrence that reaches into a span of time.
fn occurs(slot: &Slot, from: DateTime<Utc>, until: DateTime<Utc>) -> bool {
    // An occurrence may have begun before, and a local date may differ from that of UTC by one.
    let reach = Days::new(2 + u64::from(slot.length.get()) / 86_400);
    let first = from.date_naive().checked_sub_days(reach).unwrap_or(slot.first).max(slot.first);
    let spans = slot.start_dates(first).filter_map(|date| slot.local_span(date));
    let mut spans = spans.take_while(|(start, _)| slot.zone.instant(*start) < until);
    spans.any(|(start, end)| Occurrence::between(slot.zone, start, end).is_some_and(|one| from < one.end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tests::{codes, exclusion, found, inclusion, interval, repository, schedule, slot};

    #[test]
    fn a_slot_needs_one_occurrence() {
        let base = || slot("09:00", "17:00", &["Monday"]);
        let until = |date: &str| Slot { bound: Bound::Until(date.parse().unwrap()), ..base() };
        let altered = |alterations| Slot { alterations, ..until("2027-03-08") };
        let both = || {
            vec![
                exclusion("2027-03-01T00:00:00", "2027-03-02T00:00:00"),
                exclusion("2027-03-08T09:00:00", "2027-03-08T17:00:00"),
            ]
        };
        let mut with_inclusion = both();
        with_inclusion.push(inclusion("2027-03-03T09:00:00", "2027-03-03T10:00:00"));
        for (slot, runs, what) in [
            (base(), true, "open"),
            (until("2027-03-01"), true, "one day"),
            (until("2027-02-28"), false, "ends before its first day"),
            (altered(both()), false, "both days excluded"),
            (altered(both()[1..].to_vec()), true, "one day excluded"),
            (altered(vec![exclusion("2027-03-01T00:00:00", "2027-03-08T16:59:59")]), true, "a second is left"),
            (altered(with_inclusion), true, "an inclusion is left"),
            (Slot { alterations: both(), ..base() }, true, "open-ended"),
            // Every day of a hundred centuries, and none is left.
            (
                Slot {
                    bound: Bound::Until("9999-12-30".parse().unwrap()),
                    alterations: vec![exclusion("2027-01-01T00:00:00", "9999-12-31T00:00:00")],
                    ..base()
                },
                false,
                "all centuries excluded",
            ),
            (
                Slot { alterations: vec![exclusion("2027-01-01T00:00:00", "9999-12-31T00:00:00")], ..base() },
                true,
                "later",
            ),
        ] {
            let mut schedule = schedule("a");
            schedule.timetable.slots = vec![slot];
            let findings = codes(&found(&repository([schedule]), check));
            let expected: &[&str] = if runs { &[] } else { &["never-runs 0/spec/dailySlots/0"] };
            assert_eq!(findings, expected, "{what}");
        }
    }

    #[test]
    fn an_interval_within_a_gap_of_the_clock_never_runs() {
        let mut in_gap = schedule("a");
        in_gap.timetable.slots.clear();
        // New York, 2027-03-14: the clock goes from 02:00 to 03:00.
        in_gap.timetable.intervals = vec![
            interval("2027-03-14T02:00:00", "2027-03-14T03:00:00"),
            interval("2027-03-14T02:00:00", "2027-03-14T04:00:00"),
        ];
        assert_eq!(codes(&found(&repository([in_gap]), check)), ["never-runs 0/spec/intervals/0"]);
    }

    #[test]
    fn a_schedule_needs_a_window() {
        let mut empty = schedule("a");
        empty.timetable.slots.clear();
        let mut with_interval = schedule("b");
        with_interval.timetable.slots.clear();
        with_interval.timetable.intervals = vec![interval("2027-03-01T09:00:00", "2027-03-01T10:00:00")];
        assert_eq!(codes(&found(&repository([empty, with_interval]), check)), ["never-runs 0/spec/dailySlots"]);
    }
}
