//! Two schedules of one campaign run at the same time, where the API keeps several for a campaign
//! and answers an overlap with a conflict.

use std::collections::HashMap;

use super::overlap::{find, items};
use super::{ApiShape, Code, Context, Declared, Finding, duplicate_target::target_place, spans};
use crate::schedule::{Schedule, ScheduleKind};

/// Finds every two schedules of one target that overlap, under `campaign-schedules`.
pub fn check(context: &Context, findings: &mut Vec<Finding>) {
    if context.api != ApiShape::CampaignSchedules {
        return;
    }
    let mut of_target: HashMap<_, Vec<&Declared<Schedule>>> = HashMap::new();
    for schedule in &context.repository.schedules {
        of_target.entry((schedule.item.kind, &schedule.item.target)).or_default().push(schedule);
    }
    for ((kind, _), schedules) in of_target {
        findings.extend(among(kind, &schedules, context));
    }
}

fn among(kind: ScheduleKind, schedules: &[&Declared<Schedule>], context: &Context) -> Vec<Finding> {
    let windows: Vec<_> =
        schedules.iter().enumerate().flat_map(|(n, one)| items(&one.item.timetable, move |_| n)).collect();
    let owner = |position: usize| schedules.get(windows.get(position)?.owner).copied();
    let finding = |overlap: &super::overlap::Overlap| {
        let (first, second) = (owner(overlap.first)?, owner(overlap.second)?);
        let (start, end) = overlap.common;
        let (zone, target) = (second.item.timetable.zone, &second.item.target);
        Some(
            Finding::new(
                Code::SchedulesOverlap,
                target_place(second.document, kind, target),
                format!(
                    "`{}` and `{}` drive {} {target} at the same time: {} in {zone}, first on {}",
                    first.item.name,
                    second.item.name,
                    kind.target_field(),
                    spans::weekly(start, end),
                    start.date()
                ),
            )
            .label("driven by two schedules at once")
            .related(target_place(first.document, kind, &first.item.target), format!("by `{}` too", first.item.name))
            .help("move or shorten a slot of one of the two, or end one before the other starts"),
        )
    };
    find(&windows, context.as_of).pairs.iter().filter_map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tests::{codes, found, found_under, repository, schedule, slot};

    #[test]
    fn schedules_of_one_campaign_may_share_it_but_not_at_the_same_time() {
        let mut afternoon = schedule("b");
        afternoon.timetable.slots = vec![slot("13:00", "17:00", &[])];
        let mut lunch = schedule("c");
        lunch.timetable.slots = vec![slot("07:00", "08:00", &[]), slot("12:30", "13:30", &["Tuesday"])];
        let repository = repository([schedule("a"), afternoon, lunch]);
        let mut findings = found_under(ApiShape::CampaignSchedules, &repository, check);
        findings.sort_by(|a, b| a.message.cmp(&b.message));
        assert_eq!(codes(&findings), ["schedules-overlap 2/spec/campaign/id"; 2]);
        assert_eq!(
            findings[0].message,
            "`a` and `c` drive campaign one at the same time: Tuesday 12:30-13:00 in America/New_York, first on 2027-03-02"
        );
        assert_eq!(found(&repository, check), []);
    }
}
