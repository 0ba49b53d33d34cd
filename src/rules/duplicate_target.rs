//! Two documents claim one target where only one can.

use std::collections::HashMap;

use crate::schedule::{ScheduleKind, TargetRef};

use super::{ApiShape, Code, Context, DocumentId, Finding, Place, place};

/// Finds second schedules of one target under `outbound-schedules`, and second capacities of one campaign.
pub fn check(context: &Context, findings: &mut Vec<Finding>) {
    if context.api == ApiShape::OutboundSchedules {
        let mut seen = HashMap::new();
        for schedule in &context.repository.schedules {
            let (kind, target) = (schedule.item.kind, &schedule.item.target);
            let first = *seen.entry((kind, target)).or_insert(schedule.document);
            if first != schedule.document {
                let field = kind.target_field();
                findings.push(clash(
                    target_place(schedule.document, kind, target),
                    target_place(first, kind, target),
                    format!("another {kind} drives {field} {target} already"),
                    "the service keeps one schedule for each target: put all slots into one manifest \
                     (each may have its own startDate and endDate)",
                ));
            }
        }
    }
    let mut seen = HashMap::new();
    for capacity in &context.repository.campaign_capacities {
        let campaign = &capacity.item.campaign;
        let first = *seen.entry(campaign).or_insert(capacity.document);
        if first != capacity.document {
            findings.push(clash(
                target_place(capacity.document, ScheduleKind::Campaign, campaign),
                target_place(first, ScheduleKind::Campaign, campaign),
                format!("another CampaignCapacity declares what campaign {campaign} has already"),
                "keep one CampaignCapacity for each campaign",
            ));
        }
    }
}

fn clash(place: Place, first: Place, message: String, help: &str) -> Finding {
    Finding::new(Code::DuplicateTarget, place, message)
        .label("the same target again")
        .related(first, "the first for this target")
        .help(help)
}

/// Where a document names its target.
pub fn target_place(document: DocumentId, kind: ScheduleKind, target: &TargetRef) -> Place {
    let by = match target {
        TargetRef::Id(_) => "id",
        TargetRef::Name(_) => "name",
    };
    place::value(document, format!("/spec/{}/{by}", kind.target_field()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tests::{capacity, codes, found, found_under, repository, schedule};

    #[test]
    fn outbound_schedules_keep_one_schedule_for_each_target_and_kind() {
        let mut sequence = schedule("c");
        sequence.kind = ScheduleKind::Sequence;
        let mut elsewhere = schedule("d");
        elsewhere.target = TargetRef::Name("one".into());
        let repository = repository([schedule("a"), schedule("b"), sequence, elsewhere]);
        assert_eq!(codes(&found(&repository, check)), ["duplicate-target 1/spec/campaign/id"]);
        assert_eq!(found_under(ApiShape::CampaignSchedules, &repository, check), []);
    }

    #[test]
    fn a_campaign_has_one_declared_capacity() {
        let mut repository = repository([]);
        repository.campaign_capacities = vec![capacity(0, "a", 10, 5), capacity(1, "b", 10, 5)];
        for api in [ApiShape::OutboundSchedules, ApiShape::CampaignSchedules] {
            assert_eq!(codes(&found_under(api, &repository, check)), ["duplicate-target 1/spec/campaign/id"]);
        }
    }
}
