//! A time zone goes by a name that the database keeps for older files, or by an offset that knows no daylight
//! saving time.

use chrono::{DateTime, Utc};

use super::{Code, Context, DocumentId, Finding, place};
use crate::schedule::Zone;
use crate::schedule::zone::Naming;

/// Finds the zones of schedules, and of slots with a zone of their own, that are not named after a place.
pub fn check(context: &Context, findings: &mut Vec<Finding>) {
    for schedule in &context.repository.schedules {
        let timetable = &schedule.item.timetable;
        let mut add = |pointer: String, zone: Zone| {
            findings.extend(finding(schedule.document, pointer, zone, context.as_of));
        };
        add("/spec/timezone".to_owned(), timetable.zone);
        for (n, slot) in timetable.slots.iter().enumerate().filter(|(_, slot)| slot.zone != timetable.zone) {
            add(format!("/spec/dailySlots/{n}/timezone"), slot.zone);
        }
    }
}

fn finding(document: DocumentId, pointer: String, zone: Zone, as_of: DateTime<Utc>) -> Option<Finding> {
    let (message, help) = match zone.naming() {
        Naming::Current => return None,
        Naming::Alias { current } => (format!("`{zone}` is an alias of {current}"), format!("write `{current}`")),
        Naming::Offset => {
            let offset = offset(zone, as_of);
            let sign = if zone.name().starts_with("Etc/") { ", with the sign turned round" } else { "" };
            (
                format!("`{zone}` is the bare offset {offset}{sign}: it knows no daylight saving time"),
                "write the name of the place whose clock is meant, for example `America/New_York`, or `UTC`".to_owned(),
            )
        }
    };
    Some(Finding::new(Code::TimezoneAlias, place::value(document, pointer), message).help(help))
}

/// How far the clock of a zone is ahead of UTC or behind it, for example `UTC-5`.
fn offset(zone: Zone, as_of: DateTime<Utc>) -> String {
    let minutes = (zone.local(as_of) - as_of.naive_utc()).num_minutes();
    match minutes % 60 {
        0 => format!("UTC{:+}", minutes / 60),
        rest => format!("UTC{:+}:{:02}", minutes / 60, rest.abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tests::{codes, found, repository, schedule, slot, zone};
    use crate::schedule::Slot;

    #[test]
    fn each_written_zone_is_told_once() {
        let in_zone = |name: &str| Slot { zone: zone(name), ..slot("09:00", "10:00", &[]) };
        let mut old = schedule("a");
        old.timetable.zone = zone("US/Eastern");
        old.timetable.slots = vec![
            in_zone("US/Eastern"),
            in_zone("Etc/GMT+5"),
            in_zone("Europe/Oslo"),
            in_zone("UTC"),
            in_zone("MST"),
            in_zone("Etc/GMT-10"),
        ];
        let findings = found(&repository([old, schedule("b")]), check);
        assert_eq!(
            codes(&findings),
            [
                "timezone-alias 0/spec/timezone",
                "timezone-alias 0/spec/dailySlots/1/timezone",
                "timezone-alias 0/spec/dailySlots/4/timezone",
                "timezone-alias 0/spec/dailySlots/5/timezone",
            ]
        );
        let messages: Vec<_> = findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "`US/Eastern` is an alias of America/New_York",
                "`Etc/GMT+5` is the bare offset UTC-5, with the sign turned round: it knows no daylight saving time",
                "`MST` is the bare offset UTC-7: it knows no daylight saving time",
                "`Etc/GMT-10` is the bare offset UTC+10, with the sign turned round: it knows no daylight saving time",
            ]
        );
        assert_eq!(findings[0].help.as_deref(), Some("write `America/New_York`"));
    }
}
