//! What a manifest asks for and `campaign-schedules` has no way to express: its body holds daily
//! slots between two dates in one zone, for a voice campaign, and nothing else.

use crate::genesys::campaign_schedules::{NotRepresentable, representable};
use crate::schedule::{AlterationKind, Pattern, Schedule, ScheduleKind};

use super::{ApiShape, Code, Context, Declared, Finding, Repository, place};

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
        losses(&schedule.item).into_iter().for_each(add);
        by_calendars(schedule, context.repository, findings);
    }
}

/// Says which calendars would take days out of a schedule, each once.
fn by_calendars(schedule: &Declared<Schedule>, repository: &Repository, findings: &mut Vec<Finding>) {
    for calendar in &repository.blackout_calendars {
        let name = &calendar.item.name;
        let mut cuts = schedule.item.blackouts.iter().filter(|cut| cut.calendar == *name);
        let Some(first) = cuts.next() else { continue };
        let more = match cuts.count() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let day = format!("{} {}", first.span.0.date(), first.name);
        let message =
            format!("the API `campaign-schedules` has no exclusions, and the calendar `{name}` excludes {day}{more}");
        let finding = Finding::new(Code::NotRepresentable, place::value(schedule.document, "/metadata/name"), message)
            .related(place::value(calendar.document, format!("/spec/dates/{}", first.date)), "this day")
            .help("write manifests that end before and start after each day, or choose `api: outbound-schedules`");
        findings.push(finding);
    }
}

#[derive(PartialEq)]
struct Loss {
    pointer: String,
    what: String,
    way_out: &'static str,
}

/// What the client of that API could not send, each once and in the place where it is written.
fn losses(schedule: &Schedule) -> Vec<Loss> {
    let timetable = &schedule.timetable;
    let mut losses = Vec::new();
    for one in representable(timetable).err().into_iter().flatten() {
        for loss in places(one, schedule) {
            if !losses.contains(&loss) {
                losses.push(loss);
            }
        }
    }
    losses
}

fn places(lost: NotRepresentable, schedule: &Schedule) -> Vec<Loss> {
    let timetable = &schedule.timetable;
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
            let count = |kind| {
                let alterations = timetable.slots.get(slot).map(|it| it.alterations.iter());
                alterations.into_iter().flatten().filter(|one| one.kind == kind).count()
            };
            // What a calendar excludes is told as the calendar's.
            let by_calendars = schedule.blackouts.iter().filter(|cut| cut.slots.contains(&slot)).count();
            let has = |kind| match kind {
                AlterationKind::Exclusion => count(kind) > by_calendars,
                AlterationKind::Inclusion => count(kind) > 0,
            };
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
    use crate::rules::DocumentId;
    use crate::rules::tests::{
        as_of, calendar, codes, day, exclusion, found, found_under, inclusion, interval, repository, schedule, slot,
        zone,
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
    fn days_that_a_calendar_excludes_are_told_where_they_cut() {
        let item = calendar("us", vec![day("2027-03-07", "Sunday", false), day("2027-03-08", "Monday", false)]);
        let fridays = |exclusions: Vec<_>| {
            let mut schedule = schedule("a");
            schedule.timetable.slots = vec![Slot { alterations: exclusions, ..slot("09:00", "10:00", &["Friday"]) }];
            schedule
        };
        let by_hand = || vec![exclusion("2027-04-01T00:00:00", "2027-05-02T00:00:00")];
        let mondays = |exclusions| {
            let mut schedule = fridays(exclusions);
            schedule.timetable.slots.push(slot("09:00", "10:00", &["Monday"]));
            schedule
        };
        for (schedule, expected) in [
            (fridays(vec![]), &[][..]),
            (fridays(by_hand()), &["not-representable 0/spec/exclusions"]),
            (mondays(vec![]), &["not-representable 0/metadata/name"]),
            (mondays(by_hand()), &["not-representable 0/spec/exclusions", "not-representable 0/metadata/name"]),
        ] {
            let blackout_calendars = vec![Declared { document: DocumentId(7), item: item.clone() }];
            let repository = Repository { blackout_calendars, ..repository([schedule]) }.with_blackouts(as_of());
            let findings = found_under(ApiShape::CampaignSchedules, &repository, check);
            assert_eq!(codes(&findings), expected);
            for finding in findings.iter().filter(|finding| finding.message.contains("calendar")) {
                let message =
                    "the API `campaign-schedules` has no exclusions, and the calendar `us` excludes 2027-03-08 Monday";
                assert_eq!(finding.message, message);
                assert_eq!(finding.related[0].place, place::value(DocumentId(7), "/spec/dates/1"));
            }
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
