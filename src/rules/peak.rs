//! The highest sum of demands at one instant, found by one sweep over the changes.

use chrono::{DateTime, Utc};

use crate::schedule::Occurrence;

/// A change of the demand at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// When.
    pub at: DateTime<Utc>,
    /// By how much.
    pub by: i64,
}

/// Where demands together are higher than a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peak {
    /// The highest demand.
    pub demand: i64,
    /// The first span of this demand.
    pub span: Occurrence,
    /// In how many separate spans the demand is over the limit.
    pub spans_over: u32,
}

/// The first highest demand over the limit; `None` when the limit is kept. The changes are in order of
/// time, and each demand that begins also ends.
pub fn over(changes: impl IntoIterator<Item = Change>, limit: i64) -> Option<Peak> {
    let mut changes = changes.into_iter().peekable();
    let (mut demand, mut spans_over, mut highest) = (0, 0, None::<Peak>);
    while let Some(change) = changes.next() {
        let before = demand;
        demand += change.by;
        while let Some(same) = changes.next_if(|next| next.at == change.at) {
            demand += same.by;
        }
        spans_over += u32::from(before <= limit && demand > limit);
        if demand > highest.map_or(limit, |peak| peak.demand) {
            highest = Some(Peak { demand, span: Occurrence { start: change.at, end: change.at }, spans_over: 0 });
        }
        // The peak lasts until the demand next falls, which each demand does when it ends.
        if let Some(peak) = &mut highest
            && before == peak.demand
            && demand != before
            && peak.span.end == peak.span.start
        {
            peak.span.end = change.at;
        }
    }
    highest.map(|peak| Peak { spans_over, ..peak })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(minute * 60, 0).unwrap()
    }

    fn peak(loads: &[(i64, i64, i64)], limit: i64) -> Option<(i64, i64, i64, u32)> {
        let mut changes: Vec<Change> = loads
            .iter()
            .flat_map(|(start, end, by)| [Change { at: at(*start), by: *by }, Change { at: at(*end), by: -by }])
            .collect();
        changes.sort();
        over(changes, limit).map(|peak| {
            let minute = |time: DateTime<Utc>| time.timestamp() / 60;
            (peak.demand, minute(peak.span.start), minute(peak.span.end), peak.spans_over)
        })
    }

    #[test]
    fn the_first_highest_demand_is_found_with_its_span() {
        for (loads, expected) in [
            (&[(0, 10, 6), (10, 20, 6)][..], None),
            (&[(0, 10, 6), (9, 20, 6)], Some((12, 9, 10, 1))),
            (&[(0, 10, 6), (5, 20, 6), (10, 15, 6)], Some((12, 5, 15, 1))),
            (&[(0, 10, 6), (0, 10, 6), (20, 30, 13), (40, 50, 13)], Some((13, 20, 30, 3))),
            (&[(0, 30, 8), (5, 10, 5), (15, 20, 5)], Some((13, 5, 10, 2))),
            (&[], None),
        ] {
            assert_eq!(peak(loads, 10), expected, "{loads:?}");
        }
    }
}
