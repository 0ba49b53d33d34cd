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
#[path = "tests.rs"]
mod tests;
