//! Two documents of one kind have the same name, so that neither can be told from the other.

use std::collections::HashMap;

use super::{Code, Context, DocumentId, Finding, place};

const NAME: &str = "/metadata/name";

/// Finds every name that an earlier document of the same kind has already.
pub fn check(context: &Context, findings: &mut Vec<Finding>) {
    let repository = context.repository;
    let schedules = repository
        .schedules
        .iter()
        .map(|schedule| (schedule.document, schedule.item.kind.manifest_kind(), schedule.item.name.as_str()));
    let capacities = repository
        .campaign_capacities
        .iter()
        .map(|capacity| (capacity.document, "CampaignCapacity", capacity.item.name.as_str()));
    let pools = repository.pools.iter().map(|pool| (pool.document, "CapacityPool", pool.item.name.as_str()));
    let calendars = repository
        .blackout_calendars
        .iter()
        .map(|calendar| (calendar.document, "BlackoutCalendar", calendar.item.name.as_str()));
    let hours = repository.calling_hours.iter().map(|hours| (hours.document, "CallingHours", hours.item.name.as_str()));
    let mut seen: HashMap<(&str, &str), DocumentId> = HashMap::new();
    for (document, kind, name) in schedules.chain(capacities).chain(pools).chain(calendars).chain(hours) {
        let first = *seen.entry((kind, name)).or_insert(document);
        if first != document {
            findings.push(
                Finding::new(
                    Code::DuplicateName,
                    place::value(document, NAME),
                    format!("there is already a {kind} named `{name}`"),
                )
                .label("the same name again")
                .related(place::value(first, NAME), "the first of this name")
                .help(format!("give one of the two another name, or remove it: a name is unique among the {kind}s")),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tests::{codes, found, repository, schedule};
    use crate::schedule::ScheduleKind;

    #[test]
    fn only_the_later_of_one_kind_and_name_is_reported() {
        let mut sequence = schedule("same");
        sequence.kind = ScheduleKind::Sequence;
        let repository = repository([schedule("same"), sequence, schedule("other"), schedule("same")]);
        let findings = found(&repository, check);
        assert_eq!(codes(&findings), ["duplicate-name 3/metadata/name"]);
        assert_eq!(findings[0].related[0].place, place::value(DocumentId(0), NAME));
    }
}
