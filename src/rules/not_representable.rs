//! What a manifest asks for and `campaign-schedules` has no way to express: its body holds daily
//! slots between two dates in one zone, for a voice campaign, and nothing else.

use crate::schedule::{AlterationKind, Bound, Pattern, ScheduleKind, Timetable};

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
                Finding::error(Code::NotRepresentable, place::value(schedule.document, loss.pointer), message)
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

struct Loss {
    pointer: String,
    what: String,
    way_out: &'static str,
}

fn losses(timetable: &Timetable) -> Vec<Loss> {
    let mut losses = Vec::new();
    let mut lose = |pointer: String, what: &str, way_out| losses.push(Loss { pointer, what: what.to_owned(), way_out });
    if !timetable.intervals.is_empty() {
        lose(
            "/spec/intervals".into(),
            "one-off intervals",
            "write a manifest with a slot and equal start and end dates",
        );
    }
    let altered = |kind| timetable.slots.iter().any(|slot| slot.alterations.iter().any(|one| one.kind == kind));
    if altered(AlterationKind::Exclusion) {
        lose(
            "/spec/exclusions".into(),
            "exclusions",
            "end one manifest before the excluded time and start another after it",
        );
    }
    if altered(AlterationKind::Inclusion) {
        lose("/spec/inclusions".into(), "inclusions", "write another manifest for the included time");
    }
    // One start date serves all slots if each slot's first day follows from it.
    let start = timetable.slots.iter().map(|slot| slot.first).min();
    let bound = timetable.slots.first().map(|slot| slot.bound);
    for (n, slot) in timetable.slots.iter().enumerate() {
        let at = |field: &str| format!("/spec/dailySlots/{n}/{field}");
        if slot.pattern.every_week().is_none() {
            let (what, way_out) = match slot.pattern {
                Pattern::Daily { .. } => ("slots every n days", "name the days of the week"),
                Pattern::Weekly { .. } => ("slots every n weeks", "write a manifest with its own dates for each week"),
            };
            lose(at("every"), what, way_out);
        }
        if slot.zone != timetable.zone {
            lose(at("timezone"), "time zone of a single slot", "move the slot to a manifest of its own");
        }
        if start.and_then(|start| slot.pattern.first_on_or_after(start)) != Some(slot.first) {
            lose(at("startDate"), "start date of a single slot", "move the slot to a manifest of its own");
        }
        match slot.bound {
            Bound::Count(_) => lose(at("occurrences"), "count of occurrences", "write the end date instead"),
            Bound::Open | Bound::Until(_) if Some(slot.bound) != bound => {
                lose(at("endDate"), "end date of a single slot", "move the slot to a manifest of its own");
            }
            Bound::Open | Bound::Until(_) => {}
        }
    }
    losses
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tests::{
        codes, exclusion, found, found_under, inclusion, interval, repository, schedule, slot, zone,
    };
    use crate::schedule::{Slot, Weekdays};
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
