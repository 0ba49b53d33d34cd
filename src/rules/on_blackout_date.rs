//! A schedule that dials on a day without dialing: on any of a `deny` calendar, and of an `exclude` calendar
//! on what no exclusion can take away.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Utc};

use crate::schedule::{
    Alteration, AlterationKind, BlackoutAction, BlackoutCalendar, LocalSpan, Occurrence, Schedule, Slot, Zone,
};

use super::{Code, Context, Declared, Finding, horizon, place, spans};

/// How far ahead days that come back are looked at in a slot that ends, in years.
const YEARS_AHEAD: i32 = 10;

/// Finds what dials on the days of calendars, once for each window and calendar.
pub fn check(context: &Context, findings: &mut Vec<Finding>) {
    for calendar in &context.repository.blackout_calendars {
        let mut days = Days { calendar: &calendar.item, as_of: context.as_of, known: HashMap::new() };
        let schedules = context.repository.schedules.iter();
        for schedule in schedules.filter(|schedule| calendar.item.selector.matches(&schedule.item.labels)) {
            of_schedule(calendar, schedule, &mut days, findings);
        }
    }
}

/// The first time that a window runs on a day of a calendar, and the others.
struct Met {
    /// The position of the first day among the calendar's dates.
    date: usize,
    /// What is dialed on it, in the zone of the window.
    first: LocalSpan,
    /// How many other days are met.
    more: usize,
    /// The last of them.
    last: NaiveDateTime,
}

/// A kind of window, which decides how its finding is worded.
#[derive(Clone, Copy, PartialEq)]
enum Window {
    Slot,
    Interval,
    Inclusion,
}

fn of_schedule(
    calendar: &Declared<BlackoutCalendar>,
    schedule: &Declared<Schedule>,
    days: &mut Days,
    findings: &mut Vec<Finding>,
) {
    let timetable = &schedule.item.timetable;
    let own = timetable.zone;
    let mut add = |window: Window, pointer: String, zone: Zone, met: Option<Met>| {
        if let Some(met) = met {
            findings.push(finding(calendar, window, place::value(schedule.document, pointer), zone, &met));
        }
    };
    for (n, slot) in timetable.slots.iter().enumerate() {
        add(Window::Slot, format!("/spec/dailySlots/{n}"), slot.zone, days.met_by_slot(slot, own));
        let inclusions = slot.alterations.iter().filter(|one| one.kind == AlterationKind::Inclusion);
        for (m, one) in inclusions.enumerate() {
            let met = days.met_once((one.start, one.end), slot.zone, own);
            add(Window::Inclusion, place::inclusion(slot, own, m), slot.zone, met);
        }
    }
    for (n, interval) in timetable.intervals.iter().enumerate() {
        let met = days.met_once((interval.start, interval.end), own, own);
        add(Window::Interval, format!("/spec/intervals/{n}"), own, met);
    }
}

/// The days of a calendar.
struct Days<'a> {
    calendar: &'a BlackoutCalendar,
    as_of: DateTime<Utc>,
    /// The days that slots are compared with, by the zone that they are days of.
    known: HashMap<Zone, Vec<Day>>,
}

/// A day without dialing.
#[derive(Clone, Copy)]
struct Day {
    date: usize,
    /// On the clock of `zone`.
    span: LocalSpan,
    zone: Zone,
    instants: Occurrence,
    /// Whether the clock changes around its start, where an exclusion may miss an end of a slot.
    clock_changes: bool,
}

impl Days<'_> {
    /// The days in order, of the calendar's zone or the schedule's own.
    fn of(&mut self, own: Zone) -> &[Day] {
        let zone = self.calendar.zone.unwrap_or(own);
        let (calendar, as_of) = (self.calendar, self.as_of);
        self.known.entry(zone).or_insert_with(|| {
            // An `exclude` calendar is written out for fewer years, and only those can be judged.
            let ahead = if calendar.action == BlackoutAction::Deny { YEARS_AHEAD } else { 1 };
            let years = as_of.year() - 1..=as_of.year() + ahead;
            let mut days: Vec<Day> = Vec::new();
            for (date, blackout) in calendar.dates.iter().enumerate() {
                days.extend(blackout.spans(years.clone()).filter_map(|span| Day::of(date, span, zone)));
            }
            days.retain(|day| as_of < day.instants.end);
            days.sort_by_key(|day| (day.instants, day.date));
            days
        })
    }

    fn met_by_slot(&mut self, slot: &Slot, own: Zone) -> Option<Met> {
        let (from, until) = horizon::of_slot(slot);
        let as_of = self.as_of;
        let open_until = horizon::moved(from.max(slot.zone.local(as_of)), horizon::OPEN_DAYS);
        let reach = Occurrence::between(slot.zone, from, until.unwrap_or(open_until))?;
        let denies = self.calendar.action == BlackoutAction::Deny;
        let days = self.of(own);
        let first = days.partition_point(|day| day.instants.start < reach.start - LONGEST_SEARCH);
        let near = days.get(first..).unwrap_or_default().iter();
        let met = near
            .take_while(|day| day.instants.start < reach.end)
            .filter(|day| (denies || day.clock_changes) && day.instants.overlaps(&reach))
            .filter_map(|day| Some((day.date, dialed(slot, day, as_of)?)));
        Met::of(met, slot.zone)
    }

    /// What a one-off window meets, in whatever year it lies.
    fn met_once(&self, span: LocalSpan, zone: Zone, own: Zone) -> Option<Met> {
        let dialed = Occurrence::between(zone, span.0, span.1).filter(|one| self.as_of < one.end)?;
        let days_zone = self.calendar.zone.unwrap_or(own);
        // A day may begin in the year before; a window of centuries meets the same days every year.
        let years = span.0.year() - 1..=span.1.year().min(span.0.year() + YEARS_AHEAD) + 1;
        let mut met: Vec<(usize, Occurrence)> = Vec::new();
        for (date, blackout) in self.calendar.dates.iter().enumerate() {
            let days = blackout.spans(years.clone()).filter_map(|span| Day::of(date, span, days_zone));
            met.extend(days.filter_map(|day| Some((date, dialed.intersection(&day.instants)?))));
        }
        met.sort_by_key(|(date, common)| (*common, *date));
        Met::of(met.into_iter(), zone)
    }
}

/// No day is looked for that began longer than this before a slot.
const LONGEST_SEARCH: TimeDelta = TimeDelta::days(36_525);

impl Day {
    fn of(date: usize, (start, end): LocalSpan, zone: Zone) -> Option<Self> {
        let instants = Occurrence::between(zone, start, end)?;
        let clock_changes = [-1, 1].iter().any(|days| {
            let other = horizon::moved(start, *days);
            zone.instant(other) - instants.start != other - start
        });
        Some(Self { date, span: (start, end), zone, instants, clock_changes })
    }
}

/// What the pattern of a slot dials of a day, exclusions respected: the first time that is not over.
fn dialed(slot: &Slot, day: &Day, as_of: DateTime<Utc>) -> Option<Occurrence> {
    let (start, end) = day.span;
    let same_clock = slot.zone == day.zone;
    // Most days of a calendar fall on days without the slot, and a look at the dates is cheap. Zones differ by
    // at most 26 hours, and where the clock jumps an end may read as one of the next day.
    let margin = if same_clock { 1 } else { 2 };
    let reach = margin + i64::from(slot.length.get()) / 86_400;
    let near = horizon::moved(start, -reach).date();
    slot.start_dates(near).next().filter(|date| *date <= horizon::moved(end, margin).date())?;
    let covers = |one: &Alteration| one.kind == AlterationKind::Exclusion && one.start <= start && end <= one.end;
    if same_clock && !day.clock_changes && slot.alterations.iter().any(covers) {
        return None;
    }
    let span = day.instants;
    let included = slot.alterations.iter().any(|one| one.kind == AlterationKind::Inclusion);
    let occurrences = if included {
        // Inclusions are told where they stand.
        let kept = slot.alterations.iter().filter(|one| one.kind == AlterationKind::Exclusion);
        Slot { alterations: kept.cloned().collect(), ..slot.clone() }.occurrences(span)
    } else {
        slot.occurrences(span)
    };
    occurrences.into_iter().filter(|one| as_of < one.end).find_map(|one| one.intersection(&span))
}

impl Met {
    fn of(mut met: impl Iterator<Item = (usize, Occurrence)>, zone: Zone) -> Option<Self> {
        let (date, first) = met.next()?;
        let (more, last) = met.fold((0, first), |(more, last), (_, one)| (more + 1, last.max(one)));
        Some(Self { date, first: (zone.local(first.start), zone.local(first.end)), more, last: zone.local(last.start) })
    }
}

fn finding(calendar: &Declared<BlackoutCalendar>, window: Window, at: super::Place, zone: Zone, met: &Met) -> Finding {
    let BlackoutCalendar { name, dates, action, .. } = &calendar.item;
    let day = dates.get(met.date).map_or("", |date| date.name.as_str());
    let what = match window {
        Window::Slot => "the slot",
        Window::Interval => "the interval",
        Window::Inclusion => "the inclusion",
    };
    let (start, end) = met.first;
    let more = match met.more {
        0 => String::new(),
        more => format!(", and {more} more until {}", met.last.date()),
    };
    let on = if end - start > TimeDelta::days(1) { String::new() } else { format!("{} ", start.date()) };
    let message =
        format!("{what} runs on {day} of the calendar `{name}`: {on}{} in {zone}{more}", spans::weekly(start, end));
    let help = match (action, window) {
        (BlackoutAction::Deny, Window::Slot) => {
            "write an exclusion for the day, choose other days or dates, or let the calendar `exclude` its days"
        }
        (BlackoutAction::Deny, Window::Interval | Window::Inclusion) => "move it to another day, or remove it",
        (BlackoutAction::Exclude, Window::Slot) => "move the ends of the slot away from the change of the clock",
        (BlackoutAction::Exclude, Window::Interval) => {
            "move it to another day, or remove it: exclusions cut slots alone, and it would be dialed in full"
        }
        (BlackoutAction::Exclude, Window::Inclusion) => {
            "move it to another day, or remove it: inclusions win over exclusions"
        }
    };
    Finding::new(Code::OnBlackoutDate, at, message)
        .related(
            place::value(calendar.document, format!("/spec/dates/{}", met.date)),
            format!("{day}, without dialing"),
        )
        .help(help)
}

#[cfg(test)]
#[path = "on_blackout_date_tests.rs"]
mod tests;
