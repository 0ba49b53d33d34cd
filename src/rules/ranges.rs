//! Stretches of local time that are worth a look, far apart as they may be.

use chrono::NaiveDateTime;

pub use crate::schedule::LocalSpan;

/// Half-open spans in order that neither overlap nor touch. One date that is centuries off adds its own
/// stretch, not the centuries in between.
#[derive(Clone, Debug, Default)]
pub struct Ranges(Vec<LocalSpan>);

impl Ranges {
    /// Adds a span; an empty one adds nothing.
    pub fn add(&mut self, (from, until): LocalSpan) {
        if from >= until {
            return;
        }
        let first = self.0.partition_point(|(_, end)| *end < from);
        let last = self.0.partition_point(|(start, _)| *start <= until);
        let (mut start, mut end) = (from, until);
        for (known_start, known_end) in self.0.get(first..last).unwrap_or_default() {
            start = start.min(*known_start);
            end = end.max(*known_end);
        }
        self.0.splice(first..last, [(start, end)]);
    }

    /// Whether all of a span was added.
    pub fn holds(&self, (from, until): LocalSpan) -> bool {
        let next = self.0.partition_point(|(_, end)| *end <= from);
        self.0.get(next).is_some_and(|(start, end)| *start <= from && until <= *end)
    }

    /// The spans, in order.
    pub fn iter(&self) -> impl Iterator<Item = LocalSpan> {
        self.0.iter().copied()
    }

    /// The end of the last span.
    pub fn end(&self) -> Option<NaiveDateTime> {
        self.0.last().map(|(_, end)| *end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn they_hold_what_was_added_and_nothing_else(spans in prop::collection::vec((0..60_i64, 0..15_i64), 0..12)) {
            let at = |hour| chrono::DateTime::from_timestamp(hour * 3600, 0).unwrap().naive_utc();
            let mut ranges = Ranges::default();
            for (start, length) in &spans {
                ranges.add((at(*start), at(start + length)));
            }
            for hour in 0..80 {
                let added = spans.iter().any(|(start, length)| (*start..start + length).contains(&hour));
                let held = ranges.iter().filter(|(start, end)| *start <= at(hour) && at(hour) < *end).count();
                prop_assert_eq!(held, usize::from(added), "{}", hour);
                prop_assert_eq!(ranges.holds((at(hour), at(hour + 1))), added, "{}", hour);
            }
            prop_assert!(ranges.0.windows(2).all(|pair| pair[0].1 < pair[1].0), "{:?}", ranges);
            prop_assert_eq!(ranges.end(), ranges.iter().map(|(_, end)| end).max());
        }
    }
}
