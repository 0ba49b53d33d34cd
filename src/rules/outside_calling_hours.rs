//! A schedule that dials outside of the hours that are allowed for it, on the wall clock of each of its windows.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, Weekday};

use crate::schedule::{
    AlterationKind, CallingHours, LocalSpan, Occurrence, Pattern, Schedule, Slot, WeekSet, Weekdays, Zone,
};

use super::{Code, Context, Declared, Finding, Place, horizon, place, spans};

/// How many dates of a slot are looked at for one that is not excluded.
const DATES: usize = 4000;

/// A span that is longer meets the same hours of another week again.
const ROUND_DAYS: i64 = 8;

/// Finds what is dialed outside, once for each window and document.
pub fn check(context: &Context, findings: &mut Vec<Finding>) {
    for hours in &context.repository.calling_hours {
        let schedules = context.repository.schedules.iter();
        for schedule in schedules.filter(|schedule| hours.item.selector.matches(&schedule.item.labels)) {
            of_slots(hours, schedule, context, findings);
            of_one_offs(hours, schedule, context, findings);
        }
    }
}

/// The dates of a slot on one weekday, of which some part lies outside.
struct Outside {
    /// The first such date's occurrence.
    occurrence: LocalSpan,
    /// The parts of it that lie outside, in order.
    parts: Vec<LocalSpan>,
}

impl Outside {
    fn seconds(&self) -> i64 {
        self.parts.iter().map(|(start, end)| (*end - *start).num_seconds()).sum()
    }

    /// The part to show: the one that holds the start, else the longest.
    fn part(&self) -> LocalSpan {
        let longest =
            || self.parts.iter().copied().max_by_key(|(start, end)| (*end - *start, std::cmp::Reverse(*start)));
        let first = self.parts.first().copied().filter(|(start, _)| *start == self.occurrence.0);
        first.or_else(longest).unwrap_or(self.occurrence)
    }

    /// Whether nothing of it is allowed.
    fn is_whole(&self) -> bool {
        self.parts.as_slice() == [self.occurrence]
    }
}

fn of_slots(
    hours: &Declared<CallingHours>,
    schedule: &Declared<Schedule>,
    context: &Context,
    findings: &mut Vec<Finding>,
) {
    for (n, slot) in schedule.item.timetable.slots.iter().enumerate() {
        let outside = outside(slot, &hours.item.allowed, slot.zone.local(context.as_of));
        // The earliest of those that are equally bad.
        let Some(worst) = outside.iter().rev().max_by_key(|one| one.seconds()) else { continue };
        let pointer = format!("/spec/dailySlots/{n}");
        let day = worst.occurrence.0.weekday();
        let listed = schedule.item.listed_days.get(n).and_then(|days| days.iter().position(|listed| *listed == day));
        let allowed_day = hours.item.allowed.on(day);
        let (pointer, help) = match listed {
            Some(m) if worst.is_whole() && allowed_day.is_empty() => {
                (format!("{pointer}/days/{m}"), format!("remove {} from `days`", spans::day_name(day)))
            }
            _ if worst.part().0 == worst.occurrence.0 => {
                (format!("{pointer}/startTime"), move_start(worst, &allowed_day))
            }
            _ => (format!("{pointer}/endTime"), format!("end at {} or sooner", clock_of_end(worst.part().0))),
        };
        let at = place::value(schedule.document, pointer);
        findings.push(finding("the slot", hours, at, slot.zone, worst, outside.len() - 1).help(help));
    }
}

fn of_one_offs(
    hours: &Declared<CallingHours>,
    schedule: &Declared<Schedule>,
    context: &Context,
    findings: &mut Vec<Finding>,
) {
    let timetable = &schedule.item.timetable;
    let mut add = |what: &str, pointer: String, zone: Zone, (start, end): LocalSpan| {
        let is_ahead = Occurrence::between(zone, start, end).is_some_and(|one| context.as_of < one.end);
        let until = end.min(horizon::moved(start, ROUND_DAYS));
        let parts = hours.item.allowed.outside((start, until));
        if parts.is_empty() || !is_ahead {
            return;
        }
        let outside = Outside { occurrence: (start, until), parts };
        let (pointer, help) = if outside.is_whole() || until < end {
            (pointer, "move it into the allowed hours, or remove it".to_owned())
        } else if outside.part().0 == start {
            (format!("{pointer}/start"), format!("start at {} or later", spans::clock(outside.part().1)))
        } else {
            (format!("{pointer}/end"), format!("end at {} or sooner", clock_of_end(outside.part().0)))
        };
        findings.push(finding(what, hours, place::value(schedule.document, pointer), zone, &outside, 0).help(help));
    };
    for (n, interval) in timetable.intervals.iter().enumerate() {
        add("the interval", format!("/spec/intervals/{n}"), timetable.zone, (interval.start, interval.end));
    }
    for slot in &timetable.slots {
        let inclusions = slot.alterations.iter().filter(|one| one.kind == AlterationKind::Inclusion);
        for (n, one) in inclusions.enumerate() {
            // Of an inclusion whose own place is not known, the ends have none either.
            let pointer = place::inclusion(slot, timetable.zone, n);
            add("the inclusion", pointer, slot.zone, (one.start, one.end));
        }
    }
}

/// Each weekday on which the slot runs outside of the allowed hours on a date that is not over, in the order
/// of the week.
fn outside(slot: &Slot, allowed: &WeekSet, now: NaiveDateTime) -> Vec<Outside> {
    let days = match slot.pattern {
        Pattern::Weekly { days, .. } => days,
        Pattern::Daily { .. } => Weekdays::ALL,
    };
    let (start, length) = (slot.start.seconds(), slot.length.get());
    let mut suspects: Weekdays = days.iter().filter(|day| !allowed.covers(*day, start, length)).collect();
    if suspects.is_empty() {
        return Vec::new();
    }
    let reach = Days::new(1 + u64::from(length) / 86_400);
    let from = now.date().checked_sub_days(reach).unwrap_or(slot.first).max(slot.first);
    let mut found: Vec<Outside> = Vec::new();
    // Every weekday of a pattern shows within a round of seven dates, unless it is excluded.
    let mut left = 14;
    for date in slot.start_dates(from).take(DATES) {
        if suspects.is_empty() || left == 0 {
            break;
        }
        if !suspects.contains(date.weekday()) {
            left -= i32::from(!has_exclusion_after(slot, date));
            continue;
        }
        let Some(occurrence) = slot.local_span(date).filter(|(_, end)| now < *end) else { continue };
        let mut parts = allowed.outside(occurrence);
        parts.retain(|part| !is_excluded(slot, *part));
        if !parts.is_empty() {
            suspects = suspects.iter().filter(|day| *day != date.weekday()).collect();
            found.push(Outside { occurrence, parts });
        }
        left -= i32::from(!has_exclusion_after(slot, date));
    }
    found.sort_by_key(|one| one.occurrence.0.weekday().num_days_from_monday());
    found
}

fn has_exclusion_after(slot: &Slot, date: NaiveDate) -> bool {
    slot.alterations.iter().any(|one| one.kind == AlterationKind::Exclusion && date <= one.end.date())
}

fn is_excluded(slot: &Slot, (start, end): LocalSpan) -> bool {
    let mut exclusions = slot.alterations.iter().filter(|one| one.kind == AlterationKind::Exclusion);
    exclusions.any(|one| one.start <= start && end <= one.end)
}

fn move_start(worst: &Outside, allowed_day: &[(u32, u32)]) -> String {
    match (worst.is_whole(), allowed_day.is_empty()) {
        (false, _) => format!("start at {} or later", spans::clock(worst.part().1)),
        (true, false) => "move the slot into the allowed hours".to_owned(),
        (true, true) => "name the days on which dialing is allowed in `days`".to_owned(),
    }
}

fn finding(
    what: &str,
    hours: &Declared<CallingHours>,
    at: Place,
    zone: Zone,
    outside: &Outside,
    others: usize,
) -> Finding {
    let CallingHours { name, allowed, source, .. } = &hours.item;
    let (start, end) = outside.part();
    let others = match others {
        0 => String::new(),
        1 => ", and 1 other day".to_owned(),
        more => format!(", and {more} other days"),
    };
    let message =
        format!("{what} runs outside of the calling hours `{name}`: {} in {zone}{others}", spans::weekly(start, end));
    let by = source.as_ref().map(|source| format!(": {source}")).unwrap_or_default();
    Finding::new(Code::OutsideCallingHours, at, message)
        .label(allowed_on(allowed, start.weekday()))
        .related(place::value(hours.document, "/spec/hours"), format!("the hours of `{name}`{by}"))
}

/// What a day allows, in words.
fn allowed_on(allowed: &WeekSet, day: Weekday) -> String {
    let clock = |second: u32| {
        let midnight = NaiveDateTime::default();
        let time = midnight.checked_add_signed(TimeDelta::seconds(second.into())).unwrap_or(midnight);
        if second > 0 { clock_of_end(time) } else { spans::clock(time) }
    };
    let spans: Vec<String> =
        allowed.on(day).into_iter().map(|(start, end)| format!("{}-{}", clock(start), clock(end))).collect();
    match spans.as_slice() {
        [] => format!("nothing is allowed on {}", spans::day_name(day)),
        spans => format!("{} allows {}", spans::day_name(day), spans.join(", ")),
    }
}

/// A clock time at which something ends; midnight is the end of the day before.
fn clock_of_end(time: NaiveDateTime) -> String {
    match spans::clock(time).as_str() {
        "00:00" => "24:00".to_owned(),
        clock => clock.to_owned(),
    }
}

#[cfg(test)]
#[path = "outside_calling_hours_tests.rs"]
mod tests;
