//! A slot, an interval or an inclusion starts or ends at a local time that a change of the clock skips or shows
//! twice. What the service makes of such a time is unknown; plans read it as the zone module says.

mod hits;
mod text;

use super::{Code, Context, Finding, place};
use crate::schedule::ClockChangeKind;
use hits::{End, Hit};

/// Finds the starts and the ends that fall into a gap or a fold of the clock, from `as_of` on.
pub fn check(context: &Context, findings: &mut Vec<Finding>) {
    for schedule in &context.repository.schedules {
        let mut add = |pointer: String, what: &text::Subject, hits: &[Hit]| {
            for (kind, code) in [(ClockChangeKind::Gap, Code::DstGap), (ClockChangeKind::Fold, Code::DstFold)] {
                let hits: Vec<&Hit> = hits.iter().filter(|hit| hit.change.kind() == kind).collect();
                if let Some((first, more)) = hits.split_first() {
                    let finding = Finding::new(
                        code,
                        place::value(schedule.document, pointer.clone()),
                        text::message(what, first, more),
                    );
                    findings.push(finding.label(text::label(first)).help(text::help(what, first)));
                }
            }
        };
        let timetable = &schedule.item.timetable;
        for (n, slot) in timetable.slots.iter().enumerate() {
            for (end, field) in [(End::Start, "startTime"), (End::End, "endTime")] {
                let what = text::Subject { name: "slot", end, zone: slot.zone, recurs: true };
                add(format!("/spec/dailySlots/{n}/{field}"), &what, &hits::of_slot(slot, end, context.as_of));
            }
        }
        for one in hits::one_off(timetable) {
            for (end, field) in [(End::Start, "start"), (End::End, "end")] {
                let what = text::Subject { name: one.name, end, zone: timetable.zone, recurs: false };
                let hit = hits::of_one_off(&one, timetable.zone, end, context.as_of);
                add(format!("{}/{field}", one.pointer), &what, hit.as_slice());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::rules::tests::{codes, exclusion, inclusion, interval, repository, schedule, slot, zone};
    use crate::schedule::{Alteration, Bound, Interval, Pattern, Slot};

    /// Code, pointer and message of each finding about one slot.
    fn of(as_of: &str, slot: Slot) -> Vec<String> {
        let mut schedule = schedule("a");
        schedule.timetable.slots = vec![slot];
        let findings = findings(as_of, schedule);
        codes(&findings).iter().zip(&findings).map(|(code, finding)| format!("{code}: {}", finding.message)).collect()
    }

    fn findings(as_of: &str, schedule: crate::schedule::Schedule) -> Vec<Finding> {
        let repository = repository([schedule]);
        let as_of = format!("{as_of}T00:00:00Z").parse().unwrap();
        let api = crate::rules::ApiShape::OutboundSchedules;
        let mut findings = Vec::new();
        check(&Context { repository: &repository, api, as_of }, &mut findings);
        findings
    }

    fn daily(zone_name: &str, first: &str, start: &str, end: &str) -> Slot {
        Slot { zone: zone(zone_name), first: first.parse().unwrap(), ..slot(start, end, &[]) }
    }

    #[test]
    fn messages_name_the_date_the_clock_and_what_will_be() {
        let of = |zone: &str, first: &str, start: &str, end: &str| of(first, daily(zone, first, start, end)).join("\n");
        insta::assert_snapshot!(of("America/New_York", "2027-03-01", "02:30", "08:00"), @"");
        insta::assert_snapshot!(of("America/New_York", "2027-03-01", "02:00", "03:00"), @"");
        insta::assert_snapshot!(of("America/New_York", "2027-03-01", "22:00", "01:30"), @"");
        insta::assert_snapshot!(of("Australia/Lord_Howe", "2027-01-01", "01:45", "02:15"), @"");
        insta::assert_snapshot!(of("America/Havana", "2027-01-01", "18:00", "24:00"), @"");
        insta::assert_snapshot!(of("Asia/Beirut", "2027-01-01", "00:00", "06:00"), @"");
        insta::assert_snapshot!(of("Africa/Cairo", "2027-01-01", "20:00", "23:30"), @"");
        insta::assert_snapshot!(of("America/Santiago", "2027-01-01", "00:00", "23:00"), @"");
        insta::assert_snapshot!(of("Pacific/Apia", "2011-12-01", "09:00", "17:00"), @"");
    }
}
