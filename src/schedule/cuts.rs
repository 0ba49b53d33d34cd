//! What exclusions take out of a slot, occurrence by occurrence.

use chrono::{Days, NaiveDateTime, TimeDelta};

use super::{AlterationKind, Slot};

/// The longest exclusion that is told apart into the occurrences that it cuts: a year and a bit.
const LONGEST_EXCLUSION: TimeDelta = TimeDelta::days(400);

impl Slot {
    /// What the exclusions take out of the slot's occurrences, in local time and in order: of each
    /// occurrence that they touch, the part that they cover; told apart again, it is the same. An exclusion of more than
    /// [`LONGEST_EXCLUSION`] stands as it was given; one that touches no occurrence does not stand at all.
    pub fn cuts(&self) -> Vec<(NaiveDateTime, NaiveDateTime)> {
        let exclusions = self.alterations.iter().filter(|one| one.kind == AlterationKind::Exclusion);
        let mut cuts: Vec<_> =
            exclusions.flat_map(|exclusion| self.parts_within(exclusion.start, exclusion.end)).collect();
        cuts.sort_unstable();
        let mut apart: Vec<(NaiveDateTime, NaiveDateTime)> = Vec::new();
        for (start, end) in cuts {
            match apart.last_mut() {
                // What only touches stays apart: each cut is to have the times of its occurrence.
                Some(last) if start < last.1 => last.1 = last.1.max(end),
                _ => apart.push((start, end)),
            }
        }
        apart
    }

    /// The parts of the slot's occurrences, alterations aside, that lie within a span of local time, in order.
    /// A span of more than [`LONGEST_EXCLUSION`] is its own only part.
    pub fn parts_within(&self, start: NaiveDateTime, end: NaiveDateTime) -> Vec<(NaiveDateTime, NaiveDateTime)> {
        if end - start > LONGEST_EXCLUSION {
            return vec![(start, end)];
        }
        let reach = Days::new(1 + u64::from(self.length.get()) / 86_400);
        let from = start.date().checked_sub_days(reach).unwrap_or(self.first);
        let occurrences = self.start_dates(from).map_while(|date| self.local_span(date));
        let near = occurrences.take_while(|(begins, _)| *begins < end);
        let parts = near.map(|(begins, ends)| (begins.max(start), ends.min(end)));
        parts.filter(|(begins, ends)| begins < ends).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::schedule::{Alteration, Bound, Pattern, Zone};

    #[test]
    fn exclusions_are_told_apart_into_the_occurrences_that_they_cut() {
        let daily = Slot {
            zone: Zone::utc(),
            first: "2027-03-01".parse().unwrap(),
            start: "09:00".parse().unwrap(),
            length: NonZeroU32::new(3600).unwrap(),
            pattern: Pattern::Daily { every: NonZeroU32::MIN },
            bound: Bound::Until("2027-03-31".parse().unwrap()),
            alterations: Vec::new(),
        };
        let length = NonZeroU32::new(8 * 3600).unwrap();
        let night = Slot { start: "22:00".parse().unwrap(), length, ..daily.clone() };
        for (what, slot, exclusions, cuts) in [
            ("a day", &daily, "2027-03-02T00:00/2027-03-03T00:00", "2027-03-02T09:00/2027-03-02T10:00"),
            (
                "two days",
                &daily,
                "2027-03-02T00:00/2027-03-04T00:00",
                "2027-03-02T09:00/2027-03-02T10:00 2027-03-03T09:00/2027-03-03T10:00",
            ),
            ("a part", &daily, "2027-03-02T09:30/2027-03-02T12:00", "2027-03-02T09:30/2027-03-02T10:00"),
            ("nothing", &daily, "2027-03-02T10:00/2027-03-03T09:00", ""),
            ("after the end", &daily, "2027-04-02T00:00/2027-04-03T00:00", ""),
            (
                "the same twice",
                &daily,
                "2027-03-02T00:00/2027-03-03T00:00 2027-03-02T09:00/2027-03-02T10:00",
                "2027-03-02T09:00/2027-03-02T10:00",
            ),
            (
                "ends of two nights",
                &night,
                "2027-03-02T00:00/2027-03-03T00:00",
                "2027-03-02T00:00/2027-03-02T06:00 2027-03-02T22:00/2027-03-03T00:00",
            ),
            ("years", &daily, "2027-03-02T00:00/2037-03-02T00:00", "2027-03-02T00:00/2037-03-02T00:00"),
        ] {
            let spans = |text: &str| -> Vec<(NaiveDateTime, NaiveDateTime)> {
                let time = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap();
                let both = text.split_whitespace().map(|span| span.split_once('/').unwrap());
                both.map(|(start, end)| (time(start), time(end))).collect()
            };
            let exclusion = |(start, end)| Alteration { kind: AlterationKind::Exclusion, start, end };
            let alterations = spans(exclusions).into_iter().map(exclusion).collect();
            assert_eq!(Slot { alterations, ..slot.clone() }.cuts(), spans(cuts), "{what}");
        }
    }
}
