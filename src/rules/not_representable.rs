//! What a manifest asks for and `campaign-schedules` has no way to express: its body holds daily
//! slots between two dates in one zone, for a voice campaign, and nothing else.

use crate::genesys::campaign_schedules::{NotRepresentable, representable};
use crate::schedule::{AlterationKind, Pattern, ScheduleKind, Timetable};

use super::{ApiShape, Code, Context, Finding, place};

/// Finds everything that `campaign-schedules` would lose.
pub fn check(context: &Context, findings: &mut Vec<Finding>) {
    if context.api != ApiShape::CampaignSchedules {
        return;
    }
    for schedule in &context.repository.schedules {
        let mut add = |loss: Loss| {
            let message = format!("the API `campaign-schedules` has no {}", loss.what);
            findings.push(
                Finding::new(Code::NotRepresentable, place::value(schedule.document, loss.pointer), message)
                    .help(format!("{}, or choose `api: outbound-schedules`", loss.way_out)),
            );
        };
        if schedule.item.kind != ScheduleKind::Campaign {
            add(Loss {
                pointer: "/kind".to_owned(),
                what: format!("{}", schedule.item.kind),
                way_out: "remove the manifest",
            });
        }
        losses(&schedule.item.timetable).into_iter().for_each(add);
    }
}

#[derive(PartialEq)]
struct Loss {
    pointer: String,
    what: String,
    way_out: &'static str,
}

/// What the client of that API could not send, each once and in the place where it is written.
fn losses(timetable: &Timetable) -> Vec<Loss> {
    let mut losses = Vec::new();
    for one in representable(timetable).err().into_iter().flatten() {
        for loss in places(one, timetable) {
            if !losses.contains(&loss) {
                losses.push(loss);
            }
        }
    }
    losses
}

fn places(lost: NotRepresentable, timetable: &Timetable) -> Vec<Loss> {
    const OWN_MANIFEST: &str = "move the slot to a manifest of its own";
    let loss =
        |pointer: &str, what: &str, way_out| Loss { pointer: pointer.to_owned(), what: what.to_owned(), way_out };
    let of_slot = |slot: usize, field: &str, what: &str, way_out| {
        vec![loss(&format!("/spec/dailySlots/{slot}/{field}"), what, way_out)]
    };
    match lost {
        // That there are none is told by the rule about schedules that never run.
        NotRepresentable::NoSlots => Vec::new(),
        NotRepresentable::Interval { .. } => {
            let way_out = "write a manifest with a slot and equal start and end dates";
            vec![loss("/spec/intervals", "one-off intervals", way_out)]
        }
        NotRepresentable::Alterations { slot } => {
            let has =
                |kind| timetable.slots.get(slot).is_some_and(|it| it.alterations.iter().any(|one| one.kind == kind));
            let exclusions = loss(
                "/spec/exclusions",
                "exclusions",
                "end one manifest before the excluded time and start another after it",
            );
            let inclusions = loss("/spec/inclusions", "inclusions", "write another manifest for the included time");
            [(AlterationKind::Exclusion, exclusions), (AlterationKind::Inclusion, inclusions)]
                .into_iter()
                .filter_map(|(kind, loss)| has(kind).then_some(loss))
                .collect()
        }
        NotRepresentable::Every { slot } => match timetable.slots.get(slot).map(|it| it.pattern) {
            Some(Pattern::Daily { .. }) => of_slot(slot, "every", "slots every n days", "name the days of the week"),
            Some(Pattern::Weekly { .. }) | None => {
                of_slot(slot, "every", "slots every n weeks", "write a manifest with its own dates for each week")
            }
        },
        NotRepresentable::Zone { slot } => of_slot(slot, "timezone", "time zone of a single slot", OWN_MANIFEST),
        NotRepresentable::FirstDate { slot } => of_slot(slot, "startDate", "start date of a single slot", OWN_MANIFEST),
        NotRepresentable::LastDate { slot } => of_slot(slot, "endDate", "end date of a single slot", OWN_MANIFEST),
        NotRepresentable::Count { slot } => {
            of_slot(slot, "occurrences", "count of occurrences", "write the end date instead")
        }
        NotRepresentable::Length { slot } => {
            of_slot(slot, "endTime", "slots of 24 hours or more", "end the slot sooner, and start another then")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tests::{
        codes, exclusion, found, found_under, inclusion, interval, repository, schedule, slot, zone,
    };
    use crate::schedule::{Bound, Slot, Weekdays};
    use std::num::NonZeroU32;

    #[test]
    fn each_thing_that_would_be_lost_is_named_where_it_stands() {
        let two = NonZeroU32::new(2).unwrap();
        let (monday, friday) = (|| slot("09:00", "10:00", &["Monday"]), || slot("09:00", "10:00", &["Friday"]));
        let altered = |alteration| Slot { alterations: vec![alteration], ..friday() };
        let cases: [(Slot, &[&str]); 9] = [
            (friday(), &[]),
            (Slot { first: "2027-03-12".parse().unwrap(), ..friday() }, &["/spec/dailySlots/1/startDate"]),
            (Slot { bound: Bound::Until("2027-04-01".parse().unwrap()), ..friday() }, &["/spec/dailySlots/1/endDate"]),
            (Slot { bound: Bound::Count(two), ..friday() }, &["/spec/dailySlots/1/occurrences"]),
            (Slot { zone: zone("Europe/Paris"), ..friday() }, &["/spec/dailySlots/1/timezone"]),
            (
                Slot { pattern: Pattern::Weekly { every: two, days: Weekdays::ALL }, ..monday() },
                &["/spec/dailySlots/1/every"],
            ),
            (Slot { pattern: Pattern::Daily { every: two }, ..monday() }, &["/spec/dailySlots/1/every"]),
            (altered(exclusion("2027-04-01T00:00:00", "2027-04-02T00:00:00")), &["/spec/exclusions"]),
            (altered(inclusion("2027-04-01T00:00:00", "2027-04-02T00:00:00")), &["/spec/inclusions"]),
        ];
        for (second, pointers) in cases {
            let mut schedule = schedule("a");
            schedule.timetable.slots = vec![monday(), second];
            let repository = repository([schedule]);
            let expected: Vec<_> = pointers.iter().map(|pointer| format!("not-representable 0{pointer}")).collect();
            assert_eq!(codes(&found_under(ApiShape::CampaignSchedules, &repository, check)), expected);
            assert_eq!(found(&repository, check), []);
        }
    }

    #[test]
    fn other_families_and_intervals_are_lost_too() {
        let mut sequence = schedule("a");
        sequence.kind = ScheduleKind::Sequence;
        sequence.timetable.intervals = vec![interval("2027-03-01T14:00:00", "2027-03-01T15:00:00")];
        let findings = found_under(ApiShape::CampaignSchedules, &repository([sequence]), check);
        assert_eq!(codes(&findings), ["not-representable 0/kind", "not-representable 0/spec/intervals"]);
        assert_eq!(findings[0].message, "the API `campaign-schedules` has no SequenceSchedule");
    }
}
