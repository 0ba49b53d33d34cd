//! Semantic equality: whether two timetables dial at the same instants, for ever.
//!
//! Order, notation, ids, aliases of a zone, another zone with the same instants, a daily pattern
//! against all seven days, slots split or merged: none of these is a difference.

use chrono::{DateTime, Days, Utc};

use super::view::TimetableView;
use super::{AlterationKind, Occurrence, Slot, Timetable, Window, common_period};

/// How far two open-ended timetables are compared beyond the last change of pattern in either, in
/// days: ten years, so that zones whose rules differ only in some years are still told apart. Patterns
/// that take longer than that to repeat together are compared for as long as they take.
const OPEN_HORIZON: u64 = 3653;

/// The longest period, in days, of open-ended patterns in different zones that are compared: four weeks.
/// A slot that comes back more seldom may for decades miss the weeks in which two clocks differ.
const LONGEST_PERIOD_ACROSS_ZONES: u64 = 28;

/// The longest span that is compared instant by instant, in days: a century. Beyond it only equal
/// notation counts as equal, which is safe: the worst that can come of it is a needless update.
const LONGEST_COMPARISON: i64 = 36_525;

/// The length, in days, of the first piece of time that is compared.
const FIRST_PIECE: u64 = 35;

/// How many times as long as the one before the next piece is.
const GROWTH: u64 = 4;

/// When a timetable falls silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    At(DateTime<Utc>),
    Never,
}

/// Whether two timetables occupy the same instants, now and for ever.
pub fn same_time(a: &Timetable, b: &Timetable) -> bool {
    if a == b || TimetableView::of(a) == TimetableView::of(b) {
        return true;
    }
    let Some(window) = comparison_window(a, b) else { return false };
    is_open(a) == is_open(b) && pieces(window).all(|piece| a.occupied(piece) == b.occupied(piece))
}

/// A window cut into pieces, each so many times as long as the one before: most differences show within weeks, and
/// years need not be looked at for them.
fn pieces(window: Window) -> impl Iterator<Item = Window> {
    let lengths = std::iter::successors(Some(FIRST_PIECE), |length| length.checked_mul(GROWTH));
    lengths.scan(window.start, move |start, days| {
        let end = start.checked_add_days(Days::new(days)).map_or(window.end, |end| end.min(window.end));
        let piece = Window { start: std::mem::replace(start, end), end };
        (piece.start < piece.end).then_some(piece)
    })
}

/// The time that `after` occupies and `before` does not, within a window.
pub fn added_time(before: &[Occurrence], after: &[Occurrence]) -> Vec<Occurrence> {
    let mut added = Vec::new();
    let mut known = before.iter().peekable();
    for span in after {
        let mut start = span.start;
        while let Some(covered) = known.peek() {
            if covered.end <= start {
                known.next();
            } else if covered.start >= span.end {
                break;
            } else {
                if start < covered.start {
                    added.push(Occurrence { start, end: covered.start });
                }
                start = covered.end;
                if start >= span.end {
                    break;
                }
            }
        }
        if start < span.end {
            added.push(Occurrence { start, end: span.end });
        }
    }
    added
}

fn is_open(timetable: &Timetable) -> bool {
    timetable.slots.iter().any(|slot| slot.last_date().is_none())
}

/// From the first instant of either timetable to the last one that can differ; `None` when that is
/// too long to compare or lies outside the calendar.
fn comparison_window(a: &Timetable, b: &Timetable) -> Option<Window> {
    let both = || [a, b].into_iter();
    let slots = || both().flat_map(|timetable| &timetable.slots);
    let intervals = both().flat_map(|t| t.intervals.iter().filter_map(|interval| interval.occurrence(t.zone)));
    let altered = slots().flat_map(|slot| {
        let inclusions = slot.alterations.iter().filter(|alteration| alteration.kind == AlterationKind::Inclusion);
        inclusions.filter_map(|inclusion| Occurrence::between(slot.zone, inclusion.start, inclusion.end))
    });
    let one_off: Vec<Occurrence> = intervals.chain(altered).collect();
    let starts = slots().map(|slot| slot.zone.start_of_day(slot.first)).chain(one_off.iter().map(|span| span.start));
    let ends = slots().map(last_change).chain(one_off.iter().map(|span| End::At(span.end)));
    let start = starts.min()?;
    let last = ends.max()?;
    let end = match last {
        End::At(instant) => instant,
        End::Never => return None,
    };
    let end = end.checked_add_days(Days::new(open_days(a, b)?))?;
    ((end - start).num_days() <= LONGEST_COMPARISON && start < end).then_some(Window { start, end })
}

/// How long two timetables are compared beyond the last change of pattern in either; `None` when no
/// comparison can tell that they stay the same.
fn open_days(a: &Timetable, b: &Timetable) -> Option<u64> {
    let open: Vec<&Slot> = [a, b].into_iter().flat_map(|t| &t.slots).filter(|s| s.last_date().is_none()).collect();
    let Some(first) = open.first() else { return Some(0) };
    let periods = || open.iter().map(|slot| slot.pattern.period());
    let one_zone = open.iter().all(|slot| slot.zone == first.zone);
    let comparable = one_zone || periods().all(|period| period <= LONGEST_PERIOD_ACROSS_ZONES);
    comparable.then(|| OPEN_HORIZON.max(periods().fold(1, common_period).saturating_add(7)))
}

/// The last instant at which the pattern of a slot changes: its end, or its start when it is
/// open-ended. `Never` stands for an end outside the calendar.
fn last_change(slot: &Slot) -> End {
    let exclusions = slot.alterations.iter().map(|alteration| slot.zone.instant(alteration.end)).max();
    let date = slot.last_date().unwrap_or(slot.first).max(slot.first);
    let end = slot.local_span(date).map(|(_, end)| slot.zone.instant(end));
    end.map_or(End::Never, |end| End::At(exclusions.map_or(end, |cut| cut.max(end))))
}

#[cfg(test)]
#[path = "equality_tests.rs"]
mod tests;
