//! What the documents about days and hours mean.

use super::document::{self, BlackoutCalendarSpec, CallingHoursSpec, Envelope};
use super::lower::Findings;
use super::wording::harmless;
use crate::rules::{Code, DocumentId, Finding};
use crate::schedule::{
    AllowedHours, BlackoutAction, BlackoutCalendar, BlackoutDate, BlackoutTime, CallingHours, Selector, WeekSet,
};

/// A blackout calendar; otherwise all that is wrong with it.
pub(super) fn blackout_calendar(
    document: DocumentId,
    manifest: Envelope<BlackoutCalendarSpec>,
) -> Result<BlackoutCalendar, Vec<Finding>> {
    let Envelope { api_version: _, kind: _, metadata, spec } = manifest;
    let mut findings = Findings::of(document);
    let zone = spec.timezone.map(|name| findings.zone("/spec/timezone", &name));
    let dates: Vec<Option<BlackoutDate>> =
        spec.dates.into_iter().enumerate().map(|(n, date)| blackout_date(n, date, &mut findings)).collect();
    if !findings.list.is_empty() {
        return Err(findings.list);
    }
    Ok(BlackoutCalendar {
        name: metadata.name.0,
        selector: selector(spec.selector),
        // With no finding, the zone and every date were understood.
        zone: zone.flatten(),
        dates: dates.into_iter().flatten().collect(),
        action: match spec.action {
            document::BlackoutAction::Exclude => BlackoutAction::Exclude,
            document::BlackoutAction::Deny => BlackoutAction::Deny,
        },
    })
}

fn blackout_date(n: usize, written: document::BlackoutDate, findings: &mut Findings) -> Option<BlackoutDate> {
    let pointer = format!("/spec/dates/{n}");
    let document::BlackoutDate { date, start, end, name, yearly } = written;
    let time = match (date, start, end) {
        (Some(date), None, None) => BlackoutTime::Day(date.0),
        (None, Some(start), Some(end)) => {
            let span = findings.span(&pointer, start.0, end.0)?;
            BlackoutTime::Span(span.start, span.end)
        }
        _ => {
            let message = "either `date`, or `start` and `end` must be given";
            findings.list.push(Finding::new(Code::Schema, findings.value(&pointer), message));
            return None;
        }
    };
    let date = BlackoutDate { name: harmless(&name), time, yearly };
    if yearly && date.is_longer_than_a_year() {
        let message = "the span comes back each year and lasts longer than one";
        let finding = Finding::new(Code::Schema, findings.value(&format!("{pointer}/end")), message)
            .related(findings.value(&format!("{pointer}/start")), "it starts here")
            .help("end it within a year, or remove `yearly`");
        findings.list.push(finding);
        return None;
    }
    Some(date)
}

/// Calling hours; otherwise all that is wrong with them.
pub(super) fn calling_hours(
    document: DocumentId,
    manifest: Envelope<CallingHoursSpec>,
) -> Result<CallingHours, Vec<Finding>> {
    let Envelope { api_version: _, kind: _, metadata, spec } = manifest;
    let mut findings = Findings::of(document);
    let mut windows = Vec::with_capacity(spec.hours.len());
    for (n, hours) in spec.hours.iter().enumerate() {
        let (start, end) = (hours.start_time.0, hours.end_time.0);
        if start == end {
            let at = |field: &str| findings.value(&format!("/spec/hours/{n}/{field}"));
            let finding = Finding::new(Code::EmptyWindow, at("endTime"), "the hours end when they start")
                .related(at("startTime"), "they start here")
                .help("for a whole day write 00:00 to 24:00; for none, leave the day out");
            findings.list.push(finding);
            continue;
        }
        windows.push(AllowedHours { days: hours.days.iter().map(|day| day.0).collect(), start, end });
    }
    if !findings.list.is_empty() {
        return Err(findings.list);
    }
    Ok(CallingHours {
        name: metadata.name.0,
        selector: selector(spec.selector),
        allowed: WeekSet::of(&windows),
        source: spec.source.as_deref().map(harmless),
    })
}

fn selector(written: document::Selector) -> Selector {
    Selector { match_labels: written.match_labels }
}

#[cfg(test)]
mod tests {
    use super::super::lower::{Meaning, lower};
    use super::*;
    use crate::manifest::yaml;
    use crate::rules::Place;

    fn lowered(kind: &str, spec: &str) -> Result<Meaning, Vec<Finding>> {
        let text = format!("apiVersion: dialctl/v1\nkind: {kind}\nmetadata: {{name: a}}\nspec: {spec}\n");
        let root = yaml::read(&text).documents.remove(0).root;
        let kind = super::super::check::check(DocumentId(0), &root).unwrap();
        lower(DocumentId(0), kind, &root)
    }

    fn calendar(dates: &str) -> String {
        format!("{{selector: {{}}, timezone: Europe/Paris, action: deny, dates: [{dates}]}}")
    }

    #[test]
    fn a_calendar_means_its_days() {
        let dates = "{date: 2028-02-29, name: Leap Day, yearly: true}, \
                     {start: 2027-12-24T12:00, end: 2027-12-27T00:00, name: Christmas}";
        let Ok(Meaning::BlackoutCalendar(calendar)) = lowered("BlackoutCalendar", &calendar(dates)) else { panic!() };
        assert_eq!((calendar.action, calendar.zone.unwrap().name()), (BlackoutAction::Deny, "Europe/Paris"));
        assert_eq!(calendar.selector, Selector::default());
        let [leap, christmas] = calendar.dates.as_slice() else { panic!("{calendar:?}") };
        assert_eq!((leap.time, leap.yearly), (BlackoutTime::Day("2028-02-29".parse().unwrap()), true));
        assert_eq!((christmas.name.as_str(), christmas.yearly), ("Christmas", false));
    }

    #[test]
    fn what_is_wrong_is_told_where_it_stands() {
        let dates = |dates: &str| ("BlackoutCalendar", calendar(dates));
        let hours = |hours: &str| ("CallingHours", format!("{{selector: {{}}, hours: [{hours}]}}"));
        for ((kind, spec), expected) in [
            (
                dates(
                    "{start: 2027-12-27T00:00, end: 2027-12-24T12:00, name: A}, {start: 2027-12-27T00:00, end: 2027-12-27T00:00, name: B}",
                ),
                "dates-reversed /spec/dates/0/end, empty-window /spec/dates/1/end",
            ),
            (
                dates("{start: 2027-01-01T00:00, end: 2028-01-01T00:01, name: A, yearly: true}"),
                "schema /spec/dates/0/end",
            ),
            (
                (
                    "BlackoutCalendar",
                    "{selector: {}, timezone: No/Where, action: deny, dates: [{date: 2027-01-01, name: A}]}".to_owned(),
                ),
                "unknown-timezone /spec/timezone",
            ),
            (hours("{days: [Monday], startTime: 09:00, endTime: 09:00}"), "empty-window /spec/hours/0/endTime"),
        ] {
            let findings = lowered(kind, &spec).unwrap_err();
            let told: Vec<_> = findings
                .iter()
                .map(|finding| match &finding.place {
                    Place::Value { pointer, .. } => format!("{} {pointer}", finding.code),
                    other => panic!("{other:?}"),
                })
                .collect();
            assert_eq!(told.join(", "), expected, "{spec}");
        }
    }
}
