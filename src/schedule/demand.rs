//! How much is asked for at each instant, where several schedules ask at once.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::Occurrence;

/// A demand that stays the same for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// How long.
    pub span: Occurrence,
    /// Calls that may be dialed at once.
    pub calls: u64,
    /// Agents that may be busy at once.
    pub agents: u64,
}

/// The highest demand, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busiest {
    /// The most calls at one instant, and the first time of it.
    pub calls: (u64, Occurrence),
    /// The most agents at one instant, and the first time of it.
    pub agents: (u64, Occurrence),
}

/// The sums of loads, each a span with its calls and agents; only where there is a load.
pub fn steps(loads: impl Iterator<Item = (Occurrence, u64, u64)>) -> impl Iterator<Item = Step> {
    // What starts and what ends are kept apart, so that sums never go below nothing.
    let mut ends: BTreeMap<DateTime<Utc>, [(u64, u64, u64); 2]> = BTreeMap::new();
    for (span, calls, agents) in loads {
        for (at, which) in [(span.start, 0), (span.end, 1)] {
            if let Some(sum) = ends.entry(at).or_default().get_mut(which) {
                *sum = (sum.0 + 1, sum.1 + calls, sum.2 + agents);
            }
        }
    }
    let mut running = (0, 0, 0);
    let mut since = None;
    ends.into_iter().filter_map(move |(at, [more, less])| {
        let (count, calls, agents) = running;
        let step = since.filter(|_| count > 0).map(|start| Step { span: Occurrence { start, end: at }, calls, agents });
        running = (count + more.0 - less.0, calls + more.1 - less.1, agents + more.2 - less.2);
        since = Some(at);
        step
    })
}

impl Busiest {
    /// The highest of steps in order; nothing where there are none.
    pub fn of(steps: &[Step]) -> Option<Self> {
        let most = |of: fn(&Step) -> u64| {
            // The first of the highest: of equal ones, `max_by_key` gives the last.
            let (n, highest) = steps.iter().enumerate().rev().max_by_key(|(_, step)| of(step))?;
            // One schedule may hand over to another that needs as much.
            let mut span = highest.span;
            for next in steps.iter().skip(n + 1) {
                if next.span.start != span.end || of(next) != of(highest) {
                    break;
                }
                span.end = next.span.end;
            }
            Some((of(highest), span))
        };
        Some(Self { calls: most(|step| step.calls)?, agents: most(|step| step.agents)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_time_goes_on_where_one_schedule_hands_over_to_another() {
        let at = |hour: u32| format!("2027-03-01T{hour:02}:00:00Z").parse().unwrap();
        let step = |from, to, calls, agents| Step { span: Occurrence { start: at(from), end: at(to) }, calls, agents };
        let steps =
            [step(8, 9, 5, 2), step(9, 12, 10, 2), step(12, 17, 10, 3), step(17, 18, 4, 3), step(19, 20, 10, 3)];
        let busiest = Busiest::of(&steps).unwrap();
        assert_eq!(busiest.calls, (10, Occurrence { start: at(9), end: at(17) }));
        assert_eq!(busiest.agents, (3, Occurrence { start: at(12), end: at(18) }));
    }
}
