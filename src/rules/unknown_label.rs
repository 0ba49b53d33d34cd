//! A selector that matches no schedule, most likely because a label is misspelt.

use std::collections::BTreeSet;

use super::{Code, Context, Declared, DocumentId, Finding, Place, Repository, nearest, place};
use crate::schedule::{Schedule, Selector};

const LABELS: &str = "/spec/selector/matchLabels";

/// Finds the labels that no schedule has, in selectors that match none.
pub fn check(context: &Context, findings: &mut Vec<Finding>) {
    let Repository { schedules, blackout_calendars, calling_hours, .. } = context.repository;
    if schedules.is_empty() {
        return;
    }
    let calendars = blackout_calendars.iter().map(|one| (one.document, &one.item.selector));
    let hours = calling_hours.iter().map(|one| (one.document, &one.item.selector));
    for (document, selector) in calendars.chain(hours) {
        if !schedules.iter().any(|schedule| selector.matches(&schedule.item.labels)) {
            findings.extend(of_selector(document, selector, schedules));
        }
    }
}

fn of_selector(document: DocumentId, selector: &Selector, schedules: &[Declared<Schedule>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, value) in &selector.match_labels {
        let values: BTreeSet<&str> =
            schedules.iter().filter_map(|one| one.item.labels.get(key).map(String::as_str)).collect();
        let pointer = format!("{LABELS}/{}", key.replace('~', "~0").replace('/', "~1"));
        let (place, message, near) = if values.is_empty() {
            let keys: BTreeSet<&str> =
                schedules.iter().flat_map(|one| one.item.labels.keys()).map(String::as_str).collect();
            let place = Place::Key { document, pointer };
            (place, format!("no schedule has the label `{}`", key.escape_debug()), nearest(key, keys))
        } else if values.contains(value.as_str()) {
            continue;
        } else {
            let message = format!("no schedule has the label `{}: {}`", key.escape_debug(), value.escape_debug());
            (place::value(document, pointer), message, nearest(value, values))
        };
        let help = match near {
            Some(near) => format!("did you mean `{}`?", near.escape_debug()),
            None => "give schedules this label, or remove it here: as it is, the document is about none".to_owned(),
        };
        findings.push(Finding::new(Code::UnknownLabel, place, message).help(help));
    }
    if findings.is_empty() {
        let message = "no schedule has all of these labels; each alone is known";
        let finding = Finding::new(Code::UnknownLabel, place::value(document, LABELS), message);
        findings.push(finding.help("remove one of them, or write a document for each"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tests::{calendar, codes, day, found, repository, schedule};

    fn with(labels: &[(&str, &str)]) -> Repository {
        let labelled = |name: &str, labels: &[(&str, &str)]| {
            let mut schedule = schedule(name);
            schedule.labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            schedule
        };
        let schedules = [
            labelled("a", &[("region", "us"), ("team", "sales")]),
            labelled("b", &[("region", "apac"), ("team", "fraud"), ("a/b~c", "x")]),
        ];
        let mut item = calendar("c", vec![day("2027-12-25", "Christmas Day", true)]);
        item.selector.match_labels =
            labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Repository { blackout_calendars: vec![Declared { document: DocumentId(9), item }], ..repository(schedules) }
    }

    #[test]
    fn the_label_that_nobody_has_is_named_with_the_one_that_was_meant() {
        for (labels, expected) in [
            (&[][..], &[][..]),
            (&[("region", "us")], &[]),
            (&[("regoin", "us")], &["9/regoin no schedule has the label `regoin`; did you mean `region`?"]),
            (&[("region", "apca")], &["9/region no schedule has the label `region: apca`; did you mean `apac`?"]),
            (
                &[("region", "antarctica"), ("team", "sales")],
                &[
                    "9/region no schedule has the label `region: antarctica`; give schedules this label, or remove it here: as it is, the document is about none",
                ],
            ),
            (&[("a/b~c", "y")], &["9/a~1b~0c no schedule has the label `a/b~c: y`; did you mean `x`?"]),
            (
                &[("region", "us"), ("team", "fraud")],
                &[
                    "9 no schedule has all of these labels; each alone is known; remove one of them, or write a document for each",
                ],
            ),
        ] {
            let told: Vec<_> = found(&with(labels), check)
                .into_iter()
                .map(|finding| match finding.place {
                    Place::Value { document, pointer } | Place::Key { document, pointer } => {
                        let label = pointer.strip_prefix(LABELS).unwrap();
                        format!("{}{label} {}; {}", document.0, finding.message, finding.help.unwrap())
                    }
                    other => panic!("{other:?}"),
                })
                .collect();
            assert_eq!(told, expected, "{labels:?}");
        }
    }

    #[test]
    fn without_schedules_every_label_is_unknown_and_nothing_is_said() {
        let mut repository = with(&[("regoin", "us")]);
        assert_eq!(codes(&[]), codes(&found(&Repository { schedules: Vec::new(), ..repository.clone() }, check)));
        repository.blackout_calendars.clear();
        assert_eq!(found(&repository, check), []);
    }
}
