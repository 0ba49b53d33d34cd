//! Occurrences: the concrete spans of instants in which a timetable dials.

use chrono::{DateTime, Days, NaiveDateTime, Utc};

use super::{AlterationKind, Interval, Slot, Timetable, Zone};

/// One concrete half-open span of instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// The first instant inside.
    pub start: DateTime<Utc>,
    /// The first instant after; later than `start`.
    pub end: DateTime<Utc>,
}

/// The half-open span of instants that is looked at. Occurrences that reach into it are given whole.
pub type Window = Occurrence;

impl Occurrence {
    /// The span between two local times of a zone; `None` when it is empty, as a span that lies
    /// wholly in a gap of the clock is.
    pub fn between(zone: Zone, start: NaiveDateTime, end: NaiveDateTime) -> Option<Self> {
        let (start, end) = (zone.instant(start), zone.instant(end));
        (start < end).then_some(Self { start, end })
    }

    /// Whether two spans share an instant; spans that only touch do not.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The span that both share.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let (start, end) = (self.start.max(other.start), self.end.min(other.end));
        (start < end).then_some(Self { start, end })
    }

    /// The span in local time, for example `Tue 2027-03-02 13:00 to 15:30`.
    pub fn in_words(&self, zone: Zone) -> String {
        let (start, end) = (zone.local(self.start), zone.local(self.end));
        let end = if start.date() == end.date() { end.format("%H:%M") } else { end.format("%a %Y-%m-%d %H:%M") };
        format!("{} to {end}", start.format("%a %Y-%m-%d %H:%M"))
    }
}

impl Slot {
    /// The occurrences that reach into the window, in order of their starts.
    pub fn occurrences(&self, window: Window) -> Vec<Occurrence> {
        // An occurrence may have begun before the window, and a local date may differ from the UTC
        // date by one.
        let reach = Days::new(2 + u64::from(self.length.get()) / 86_400);
        let local_from = self.zone.local(window.start).date();
        let from = local_from.checked_sub_days(reach).unwrap_or(local_from);
        let mut spans: Vec<Occurrence> = self
            .start_dates(from)
            .map_while(|date| self.local_span(date))
            .take_while(|(start, _)| self.zone.instant(*start) < window.end)
            .filter_map(|(start, end)| Occurrence::between(self.zone, start, end))
            .collect();
        let local_until = self.zone.local(window.end);
        // Occurrences are given whole, so that one may be cut past the end of the window.
        let cuts = self.excluded(from.into(), local_until.checked_add_days(reach).unwrap_or(local_until));
        if !cuts.is_empty() {
            spans = spans.into_iter().flat_map(|span| without(span, &cuts)).collect();
        }
        let inclusions = self.alterations.iter().filter(|one| one.kind == AlterationKind::Inclusion);
        spans.extend(inclusions.filter_map(|one| Occurrence::between(self.zone, one.start, one.end)));
        spans.retain(|span| span.overlaps(&window));
        spans.sort_unstable();
        spans
    }

    /// The time that the exclusions within a span of local time take away, merged where they touch or
    /// overlap, in order.
    pub fn excluded(&self, from: NaiveDateTime, until: NaiveDateTime) -> Vec<Occurrence> {
        let exclusions = self.alterations.iter().filter(|one| one.kind == AlterationKind::Exclusion);
        let near = exclusions.filter(|one| from <= one.end && one.start <= until);
        let mut cuts: Vec<Occurrence> =
            near.filter_map(|one| Occurrence::between(self.zone, one.start, one.end)).collect();
        cuts.sort_unstable();
        merged(cuts)
    }
}

impl Interval {
    /// The one occurrence of the interval; `None` when the clock jumps over all of it.
    pub fn occurrence(&self, zone: Zone) -> Option<Occurrence> {
        Occurrence::between(zone, self.start, self.end)
    }
}

impl Timetable {
    /// The occurrences of all slots and intervals that reach into the window, in order of their starts.
    pub fn occurrences(&self, window: Window) -> Vec<Occurrence> {
        let mut spans: Vec<Occurrence> = self.slots.iter().flat_map(|slot| slot.occurrences(window)).collect();
        let intervals = self.intervals.iter().filter_map(|interval| interval.occurrence(self.zone));
        spans.extend(intervals.filter(|span| span.overlaps(&window)));
        spans.sort_unstable();
        spans
    }

    /// The time that the timetable occupies within the window: its occurrences, merged where they
    /// touch or overlap, cut at the window's ends.
    pub fn occupied(&self, window: Window) -> Vec<Occurrence> {
        merged(self.occurrences(window).into_iter().filter_map(|span| span.intersection(&window)))
    }
}

/// Spans in order of their starts, merged where they touch or overlap.
pub fn merged(spans: impl IntoIterator<Item = Occurrence>) -> Vec<Occurrence> {
    let mut merged: Vec<Occurrence> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

/// What merged cuts leave of a span. Other spans may overlap this one, so each looks for its cuts itself.
pub fn without(span: Occurrence, cuts: &[Occurrence]) -> Vec<Occurrence> {
    let first = cuts.partition_point(|cut| cut.end <= span.start);
    let within = cuts.get(first..).unwrap_or_default().iter().take_while(|cut| cut.start < span.end);
    let mut left = Vec::new();
    let mut start = span.start;
    for cut in within {
        left.push(Occurrence { start, end: cut.start });
        start = cut.end;
    }
    left.push(Occurrence { start, end: span.end });
    left.retain(|part| part.start < part.end);
    left
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spans(of: &[(i64, i64)]) -> Vec<Occurrence> {
        let at = |minute: i64| DateTime::from_timestamp(minute * 60, 0).unwrap();
        let mut spans: Vec<_> =
            of.iter().map(|(start, more)| Occurrence { start: at(*start), end: at(start + more) }).collect();
        spans.sort_unstable();
        spans
    }

    proptest! {
        #[test]
        fn cuts_take_their_minutes_and_no_others(
            span in (0..40_i64, 1..40_i64),
            cuts in prop::collection::vec((0..80_i64, 1..12_i64), 0..8),
        ) {
            let cuts = merged(spans(&cuts));
            let span = spans(&[span])[0];
            let left = without(span, &cuts);
            for minute in spans(&(0..100).map(|minute| (minute, 1)).collect::<Vec<_>>()) {
                let expected = span.overlaps(&minute) && !cuts.iter().any(|cut| cut.overlaps(&minute));
                prop_assert_eq!(left.iter().filter(|part| part.overlaps(&minute)).count(), usize::from(expected));
            }
        }
    }
}
