//! From timetables to events whose expansion is exactly their occurrences, whoever expands them.
//!
//! The ends of our windows are each read on their own on the wall clock. A recurring event has one length
//! instead, and programs do not agree on what that means on a day on which the clock is set. So a rule
//! stands only for the occurrences that every reading gives alike; the others, and what exclusions leave
//! of those that they cut, are events of their own.

use std::collections::HashMap;

use chrono::{Days, NaiveDate, NaiveDateTime};

use crate::schedule::occurrences::without;
use crate::schedule::{AlterationKind, Interval, Occurrence, Pattern, Slot, Timetable, Window, Zone};

/// Something that happens, once or by a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What tells it from the other events of its schedule, whatever else changes.
    pub key: String,
    /// The zone whose clock it follows.
    pub zone: Zone,
    /// Its time, or that of its first occurrence.
    pub span: Occurrence,
    /// How it recurs.
    pub rule: Option<Rule>,
}

/// How an event recurs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// On which days.
    pub pattern: Pattern,
    /// The local start of the last occurrence.
    pub last: NaiveDateTime,
    /// The local starts of the occurrences that there are not.
    pub except: Vec<NaiveDateTime>,
}

/// The events of the occurrences that reach into the window.
pub fn of_timetable(timetable: &Timetable, window: Window) -> Vec<Event> {
    // By their content, so that an event stays the same wherever its slot stands in the list.
    let mut slots: Vec<&Slot> = timetable.slots.iter().collect();
    slots.sort_by_key(|slot| slot.first);
    // Slots that differ in nothing but their dates are told apart by the order of these: of all of them, so
    // that an event stays the same when another one leaves the window.
    let mut alike: HashMap<String, u32> = HashMap::new();
    let mut events = Vec::new();
    for slot in slots {
        let kind = format!("slot {} {} {}", slot.zone, slot.start, pattern_key(slot.pattern));
        let nth = alike.entry(kind.clone()).or_default();
        *nth += 1;
        events.extend(of_slot(slot, format!("{kind} {nth}"), window));
    }
    let intervals = timetable
        .intervals
        .iter()
        .filter_map(|Interval { start, end }| once(format!("interval {start}"), timetable.zone, *start, *end, window));
    events.extend(intervals);
    events
}

fn of_slot(slot: &Slot, key: String, window: Window) -> Vec<Event> {
    let reach = Days::new(2 + u64::from(slot.length.get()) / 86_400);
    let day = |instant| slot.zone.local(instant).date();
    let from = day(window.start).checked_sub_days(reach).unwrap_or(slot.first);
    let until = day(window.end).checked_add_days(reach).unwrap_or(NaiveDate::MAX);
    let cuts = slot.excluded(from.into(), until.into());

    let mut events = Vec::new();
    let mut regular: Vec<(NaiveDateTime, Occurrence)> = Vec::new();
    let mut irregular: Vec<NaiveDateTime> = Vec::new();
    let spans = slot.start_dates(from).map_while(|date| slot.local_span(date));
    for (start, end) in spans.take_while(|(start, _)| slot.zone.instant(*start) < window.end) {
        let parts = Occurrence::between(slot.zone, start, end).map(|whole| without(whole, &cuts)).unwrap_or_default();
        match parts.as_slice() {
            [span] if span.overlaps(&window) && is_plain(slot.zone, start, end, *span) => regular.push((start, *span)),
            _ => {
                irregular.push(start);
                let near = parts.into_iter().enumerate().filter(|(_, span)| span.overlaps(&window));
                events.extend(near.map(|(n, span)| Event {
                    key: format!("{key} on {start} part {n}"),
                    zone: slot.zone,
                    span,
                    rule: None,
                }));
            }
        }
    }
    if let (Some((first, span)), Some((last, _))) = (regular.first(), regular.last()) {
        let except = irregular.into_iter().filter(|start| first < start && start < last).collect();
        let rule = (first < last).then_some(Rule { pattern: slot.pattern, last: *last, except });
        events.insert(0, Event { key, zone: slot.zone, span: *span, rule });
    }
    let inclusions = slot.alterations.iter().filter(|one| one.kind == AlterationKind::Inclusion);
    events.extend(
        inclusions.filter_map(|one| once(format!("inclusion {}", one.start), slot.zone, one.start, one.end, window)),
    );
    events
}

/// Whether every reading of the clock gives the span between these local times.
fn is_plain(zone: Zone, start: NaiveDateTime, end: NaiveDateTime, span: Occurrence) -> bool {
    let same = zone.instant(start) == span.start && zone.instant(end) == span.end;
    let clear = [start, end].into_iter().all(|time| zone.clock_change_at(time).is_none());
    same && clear && span.end - span.start == end - start
}

fn once(key: String, zone: Zone, start: NaiveDateTime, end: NaiveDateTime, window: Window) -> Option<Event> {
    let span = Occurrence::between(zone, start, end).filter(|span| span.overlaps(&window))?;
    Some(Event { key, zone, span, rule: None })
}

fn pattern_key(pattern: Pattern) -> String {
    match pattern {
        Pattern::Daily { every } => format!("daily {every}"),
        Pattern::Weekly { every, days } => format!("weekly {every} {}", days.names().collect::<Vec<_>>().join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use chrono::{TimeDelta, Weekday};
    use proptest::prelude::*;

    use super::*;
    use crate::schedule::{Alteration, Bound, TimeOfDay, Weekdays};

    fn at(minute: i64) -> NaiveDateTime {
        "2027-01-01T00:00:00".parse::<NaiveDateTime>().unwrap() + TimeDelta::minutes(minute)
    }

    /// The occurrences of an event as RFC 5545 has them: each as long as the first one, in seconds.
    fn expanded(event: &Event) -> Vec<Occurrence> {
        let Some(rule) = &event.rule else { return vec![event.span] };
        let first = event.zone.local(event.span.start);
        let slot = Slot {
            zone: event.zone,
            first: first.date(),
            start: TimeOfDay::from_seconds(0).unwrap(),
            length: NonZeroU32::MIN,
            pattern: rule.pattern,
            bound: Bound::Until(rule.last.date()),
            alterations: Vec::new(),
        };
        let starts = slot.start_dates(first.date()).map(|date| date.and_time(first.time()));
        let starts = starts.filter(|start| !rule.except.contains(start)).map(|start| event.zone.instant(start));
        starts.map(|start| Occurrence { start, end: start + (event.span.end - event.span.start) }).collect()
    }

    fn slot() -> impl Strategy<Value = Slot> {
        let zones = prop::sample::select(vec!["America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "UTC"]);
        let alteration = (any::<bool>(), 0..525_600_i64, 1..20_000_i64);
        let every = (1..4_u32, prop::option::of(prop::sample::subsequence(vec![Weekday::Mon, Weekday::Sun], 1..=2)));
        // Most windows begin at night, when clocks are set.
        let start = prop_oneof![3 => 0..300_u32, 1 => 0..1440_u32];
        (zones, start, 1..1800_u32, every, 0..200_u64, prop::collection::vec(alteration, 0..5)).prop_map(
            |(zone, start, length, (every, days), first, alterations)| {
                let every = NonZeroU32::new(every).unwrap();
                let pattern = match days {
                    Some(days) => Pattern::Weekly { every, days: days.into_iter().collect::<Weekdays>() },
                    None => Pattern::Daily { every },
                };
                let alterations = alterations.into_iter().map(|(adds, start, length)| Alteration {
                    kind: if adds { AlterationKind::Inclusion } else { AlterationKind::Exclusion },
                    start: at(start),
                    end: at(start + length),
                });
                Slot {
                    zone: Zone::named(zone).unwrap(),
                    first: pattern.first_on_or_after(at(0).date() + Days::new(first)).unwrap(),
                    start: TimeOfDay::from_seconds(start * 60).unwrap(),
                    length: NonZeroU32::new(length * 60).unwrap(),
                    pattern,
                    bound: Bound::Open,
                    alterations: alterations.collect(),
                }
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn events_expand_to_the_occurrences(slots in prop::collection::vec(slot(), 1..3), from in 0..400_i64, days in 1..300_i64) {
            let table = Timetable {
                zone: Zone::utc(),
                slots,
                intervals: vec![Interval { start: at(100_000), end: at(100_060) }],
            };
            let start = at(from * 1440).and_utc();
            let window = Window { start, end: start + TimeDelta::days(days) };
            let events = of_timetable(&table, window);
            let mut found: Vec<Occurrence> = events.iter().flat_map(expanded).collect();
            found.sort_unstable();
            prop_assert_eq!(found, table.occurrences(window));
        }
    }
}
