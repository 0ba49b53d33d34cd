//! Which blackout calendar took which days out of a schedule, as plans show it.

use chrono::NaiveDateTime;
use schemars::JsonSchema;
use serde::Serialize;

use super::Effect;
use crate::schedule::{BlackoutCut, iso8601};

/// How many days of one calendar are named.
const SHOWN: usize = 6;

/// A line for each calendar: its days from the first time on that the action touches.
pub fn lines(cuts: &[BlackoutCut], effect: &Effect) -> Vec<String> {
    let Some(from) = effect.next_affected_start else { return Vec::new() };
    let ahead = |cut: &&BlackoutCut| cut.zone.instant(cut.span.1) > from;
    let mut by_calendar: Vec<(&str, Vec<&BlackoutCut>)> = Vec::new();
    for cut in cuts.iter().filter(ahead) {
        let calendar = cut.calendar.as_str();
        match by_calendar.iter_mut().find(|(known, _)| *known == calendar) {
            Some((_, cuts)) => cuts.push(cut),
            None => by_calendar.push((calendar, vec![cut])),
        }
    }
    let line = |(calendar, cuts): (&str, Vec<&BlackoutCut>)| {
        let named: Vec<String> = cuts.iter().take(SHOWN).map(|cut| named(cut)).collect();
        let more = cuts.len().checked_sub(SHOWN).filter(|more| *more > 0);
        let more = more.map(|more| format!(", and {more} more")).unwrap_or_default();
        format!("excluded by {calendar}: {}{more}", named.join(", "))
    };
    by_calendar.into_iter().map(line).collect()
}

/// Every day with its calendar, in order of time; nothing when there is none. Times are local, in `timezone`.
pub fn excluded(cuts: &[BlackoutCut]) -> Option<Vec<Excluded<'_>>> {
    let each = cuts.iter().map(|cut| Excluded {
        calendar: cut.calendar.as_str(),
        name: &cut.name,
        start: iso8601(cut.span.0),
        end: iso8601(cut.span.1),
        timezone: cut.zone.name(),
    });
    (!cuts.is_empty()).then(|| each.collect())
}

/// A span of time that a blackout calendar takes out.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Excluded<'a> {
    /// The name of the calendar's manifest.
    calendar: &'a str,
    /// What the calendar calls the day.
    name: &'a str,
    /// Local time.
    start: String,
    /// Local time, exclusive.
    end: String,
    timezone: &'a str,
}

fn named(cut: &BlackoutCut) -> String {
    let (name, (start, end)) = (&cut.name, cut.span);
    let is_midnight = |time: NaiveDateTime| time.time() == chrono::NaiveTime::MIN;
    if is_midnight(start) && start.date().succ_opt().map(NaiveDateTime::from) == Some(end) {
        return format!("{} {name}", start.date());
    }
    format!("{} to {} {name}", start.format("%Y-%m-%d %H:%M"), end.format("%Y-%m-%d %H:%M"))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::plan::Fortnight;
    use crate::schedule::{ScheduleName, Zone};

    fn cut(calendar: &str, start: &str, end: &str, name: &str) -> BlackoutCut {
        BlackoutCut {
            calendar: ScheduleName::try_from(calendar.to_owned()).unwrap(),
            date: 0,
            name: name.to_owned(),
            span: (start.parse().unwrap(), end.parse().unwrap()),
            zone: Zone::named("America/New_York").unwrap(),
            slots: vec![0],
        }
    }

    fn effect(from: &str) -> Effect {
        let next = from.parse::<DateTime<Utc>>().ok();
        Effect {
            added_hours_per_week: 0.0,
            removed_hours_per_week: 1.0,
            next_affected_start: next,
            next_days: Fortnight::default(),
            zone: Zone::utc(),
        }
    }

    #[test]
    fn days_ahead_are_named_by_calendar_and_few_of_many_are_shown() {
        let mut cuts = vec![
            cut("us", "2026-12-25T00:00:00", "2026-12-26T00:00:00", "Christmas Day"),
            cut("us", "2027-12-25T00:00:00", "2027-12-26T00:00:00", "Christmas Day"),
            cut("works", "2027-12-27T12:00:00", "2027-12-28T00:00:00", "Works"),
        ];
        cuts.extend((0..6).map(|_| cut("us", "2028-01-01T00:00:00", "2028-01-02T00:00:00", "New Year's Day")));
        insta::assert_snapshot!(lines(&cuts, &effect("2027-01-01T00:00:00Z")).join("\n"), @r"
        excluded by us: 2027-12-25 Christmas Day, 2028-01-01 New Year's Day, 2028-01-01 New Year's Day, 2028-01-01 New Year's Day, 2028-01-01 New Year's Day, 2028-01-01 New Year's Day, and 1 more
        excluded by works: 2027-12-27 12:00 to 2027-12-28 00:00 Works
        ");
        assert_eq!(lines(&cuts, &effect("2029-01-01T00:00:00Z")), [""; 0]);
        assert_eq!(lines(&cuts, &effect("never")), [""; 0]);
    }

    #[test]
    fn the_json_plan_has_them_all() {
        assert!(excluded(&[]).is_none());
        let cuts = [cut("us", "2026-12-25T00:00:00", "2026-12-26T00:00:00", "Christmas Day")];
        let expected = serde_json::json!([{
            "calendar": "us", "name": "Christmas Day",
            "start": "2026-12-25T00:00:00", "end": "2026-12-26T00:00:00", "timezone": "America/New_York",
        }]);
        assert_eq!(serde_json::to_value(excluded(&cuts)).unwrap(), expected);
    }
}
