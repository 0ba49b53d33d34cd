//! From a written slot to a slot of the domain: dates, ends and alterations.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use super::document::DailySlot;
use super::lower::{Findings, at_least_one};
use super::text::{Boundary, DateOrInstant};
use crate::rules::{Code, Finding};
use crate::schedule::{Alteration, AlterationKind, Bound, Interval, Pattern, Slot, TimeOfDay, Zone};

const DAY: u32 = 86_400;

/// What the slots of one schedule share.
pub(super) struct Spec {
    /// `None` when it was not understood.
    pub zone: Option<Zone>,
    pub start: Option<Boundary>,
    pub end: Option<Boundary>,
    pub exclusions: Vec<Interval>,
    pub inclusions: Vec<Interval>,
}

/// A boundary and where it stands.
struct Written<'a> {
    boundary: DateOrInstant,
    pointer: &'a str,
}

impl Spec {
    /// Whether the dates that all slots share are in order.
    pub fn check(&self, findings: &mut Findings) {
        if let (Some(start), Some(end)) = (&self.start, &self.end) {
            let start = Written { boundary: start.0, pointer: "/spec/startDate" };
            let end = Written { boundary: end.0, pointer: "/spec/endDate" };
            in_order(self.zone.unwrap_or_else(Zone::utc), &start, &end, false, findings);
        }
    }

    /// The n-th slot; `None` after saying why it is none.
    pub fn slot(&self, n: usize, slot: &DailySlot, findings: &mut Findings) -> Option<Slot> {
        let at = |field: &str| format!("/spec/dailySlots/{n}/{field}");
        let zone = match &slot.timezone {
            Some(name) => findings.zone(&at("timezone"), name),
            None => self.zone,
        };
        let length = length(n, slot, findings);
        let (own_start, own_end) = (at("startDate"), at("endDate"));
        let start = written(slot.start_date.as_ref(), &own_start, self.start.as_ref(), "/spec/startDate");
        let end = written(slot.end_date.as_ref(), &own_end, self.end.as_ref(), "/spec/endDate");
        let Some(start) = start else {
            findings.list.push(
                Finding::new(
                    Code::Schema,
                    findings.key("/spec/dailySlots"),
                    "`dailySlots` needs `startDate` beside it",
                )
                .help("add `startDate`"),
            );
            return None;
        };
        let (zone, length) = (zone?, length?);
        let own_dates = slot.start_date.is_some() || slot.end_date.is_some();
        // With an occurrence count, an end that comes first for all slots is no contradiction.
        if let Some(end) = &end
            && own_dates
            && !in_order(zone, &start, end, slot.end_date.is_none(), findings)
        {
            return None;
        }
        let every = at_least_one(slot.every);
        let pattern = match &slot.days {
            Some(days) => Pattern::Weekly { every, days: days.iter().map(|day| day.0).collect() },
            None => Pattern::Daily { every },
        };
        let time = slot.start_time.0;
        let Some(first) = first_date(zone, time, start.boundary).and_then(|date| pattern.first_on_or_after(date))
        else {
            let message = "the slot starts after the end of the calendar";
            findings.list.push(Finding::new(Code::Schema, findings.value(start.pointer), message));
            return None;
        };
        let until = end.map(|end| last_date(zone, time, end.boundary));
        let unbounded = Slot {
            zone,
            first,
            start: time,
            length: at_least_one(length),
            pattern,
            bound: Bound::Open,
            alterations: Vec::new(),
        };
        let bound = bound(&unbounded, slot.occurrences, until);
        Some(Slot { bound, alterations: self.alterations(n, zone), ..unbounded })
    }

    /// Inclusions add time by themselves, so only one slot may carry them.
    fn alterations(&self, n: usize, zone: Zone) -> Vec<Alteration> {
        let inclusions = if n == 0 { self.inclusions.as_slice() } else { &[] };
        let exclusions = self.exclusions.iter().map(|span| (AlterationKind::Exclusion, span));
        let inclusions = inclusions.iter().map(|span| (AlterationKind::Inclusion, span));
        let own = self.zone.unwrap_or(zone);
        let early = |time: NaiveDateTime| own.early_on(zone, time);
        let late = |time: NaiveDateTime| own.late_on(zone, time);
        exclusions
            .chain(inclusions)
            .map(|(kind, span)| {
                // Where an end cannot be told exactly, an hour without calls is better than one too many.
                let (start, end) = match kind {
                    AlterationKind::Exclusion => (early(span.start), late(span.end)),
                    AlterationKind::Inclusion => (late(span.start), early(span.end)),
                };
                Alteration { kind, start, end }
            })
            // A span that lies in a gap of the one clock has no time in the other.
            .filter(|alteration| alteration.start < alteration.end)
            .collect()
    }
}

fn written<'a>(
    own: Option<&Boundary>,
    own_pointer: &'a str,
    shared: Option<&Boundary>,
    shared_pointer: &'a str,
) -> Option<Written<'a>> {
    own.map(|own| Written { boundary: own.0, pointer: own_pointer })
        .or_else(|| shared.map(|shared| Written { boundary: shared.0, pointer: shared_pointer }))
}

/// Seconds of the wall clock from start to end; `None` after saying that there are none.
fn length(n: usize, slot: &DailySlot, findings: &mut Findings) -> Option<u32> {
    let (start, end) = (slot.start_time.0.seconds(), slot.end_time.0.seconds());
    if start == end {
        let at = |field| findings.value(&format!("/spec/dailySlots/{n}/{field}"));
        let finding = Finding::new(Code::EmptyWindow, at("endTime"), "the slot ends when it starts")
            .related(at("startTime"), "it starts here")
            .help("for a whole day write 00:00 to 24:00");
        findings.list.push(finding);
        return None;
    }
    Some(if end > start { end - start } else { end + DAY - start })
}

/// Whether some time lies between the two; says so when none does, at the end unless the start is to blame.
fn in_order(zone: Zone, start: &Written<'_>, end: &Written<'_>, blame_start: bool, findings: &mut Findings) -> bool {
    let ordered = match (start.boundary, end.boundary) {
        (DateOrInstant::Date(start), DateOrInstant::Date(end)) => start <= end,
        (start, end) => from(zone, start) < until(zone, end),
    };
    if !ordered {
        let (start, end) = (findings.value(start.pointer), findings.value(end.pointer));
        let finding = if blame_start {
            Finding::new(Code::DatesReversed, start, "the slot starts after the end of the schedule")
                .related(end, "the end")
                .help("move the start, or give the slot an end of its own")
        } else {
            Finding::new(Code::DatesReversed, end, "the end lies before the start")
                .related(start, "the start")
                .help("swap the two dates, or move the end")
        };
        findings.list.push(finding);
    }
    ordered
}

fn from(zone: Zone, start: DateOrInstant) -> DateTime<Utc> {
    match start {
        DateOrInstant::Date(date) => zone.start_of_day(date),
        DateOrInstant::Instant(instant) => instant,
    }
}

/// The first instant after: an end date is inclusive.
fn until(zone: Zone, end: DateOrInstant) -> DateTime<Utc> {
    match end {
        DateOrInstant::Date(date) => zone.start_of_day(date.checked_add_days(Days::new(1)).unwrap_or(date)),
        DateOrInstant::Instant(instant) => instant,
    }
}

/// When the slot starts on a date. Dates come from years of four digits, far from the end of the calendar.
fn starts_at(zone: Zone, date: NaiveDate, time: TimeOfDay) -> DateTime<Utc> {
    zone.instant(NaiveDateTime::from(date) + TimeDelta::seconds(time.seconds().into()))
}

/// The local dates around an instant. The local date of an instant is certain, but where the clock
/// jumps over midnight the start of a slot may read as an instant of the day next to it.
fn around(zone: Zone, instant: DateTime<Utc>) -> impl DoubleEndedIterator<Item = NaiveDate> {
    let date = zone.local(instant).date();
    let before = date.checked_sub_days(Days::new(2)).unwrap_or(date);
    (0..5).filter_map(move |n| before.checked_add_days(Days::new(n)))
}

/// The first date on which a slot may start.
fn first_date(zone: Zone, time: TimeOfDay, start: DateOrInstant) -> Option<NaiveDate> {
    match start {
        DateOrInstant::Date(date) => Some(date),
        DateOrInstant::Instant(instant) => around(zone, instant).find(|date| starts_at(zone, *date, time) >= instant),
    }
}

/// The last date on which a slot may start.
fn last_date(zone: Zone, time: TimeOfDay, end: DateOrInstant) -> NaiveDate {
    match end {
        DateOrInstant::Date(date) => date,
        DateOrInstant::Instant(instant) => around(zone, instant)
            .rev()
            .find(|date| starts_at(zone, *date, time) < instant)
            .unwrap_or_else(|| zone.local(instant).date()),
    }
}

/// A count ends the slot, unless the last date comes first.
fn bound(slot: &Slot, occurrences: Option<u32>, until: Option<NaiveDate>) -> Bound {
    let Some(count) = occurrences.map(|count| Bound::Count(at_least_one(count))) else {
        return until.map_or(Bound::Open, Bound::Until);
    };
    let counted = Slot { bound: count, ..slot.clone() }.last_date();
    match until {
        // A count that goes on past the end of the calendar has no last date.
        Some(until) if counted.is_none_or(|last| until < last) => Bound::Until(until),
        _ => count,
    }
}
