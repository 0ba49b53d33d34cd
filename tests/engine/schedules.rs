//! Schedules to want.

use std::num::NonZeroU32;

use dialctl::plan::Source;
use dialctl::schedule::{
    Bound, Capacity, DesiredSchedule, Owner, Pattern, ScheduleKind, ScheduleName, Slot, Target, Timetable, Weekdays,
    Zone,
};

/// A schedule of ours for a target. It is named after the target, which no other schedule of the
/// family may have.
pub fn desired(kind: ScheduleKind, target: &str, timetable: Timetable) -> DesiredSchedule {
    owned_by(&Owner::default(), kind, target, target, timetable)
}

/// A schedule of an owner.
pub fn owned_by(owner: &Owner, kind: ScheduleKind, name: &str, target: &str, timetable: Timetable) -> DesiredSchedule {
    let name = ScheduleName::try_from(name.to_owned()).unwrap();
    DesiredSchedule {
        kind,
        live_name: owner.live_name(&name),
        name,
        target: Target { id: target.to_owned(), name: None },
        timetable,
        capacity: Capacity { calls: 25, agents: 10 },
        protect: false,
        blackouts: Vec::new(),
    }
}

/// Weekdays in New York, four hours from a time on; every API can express it.
pub fn mornings(start: &str) -> Timetable {
    let zone = Zone::named("America/New_York").unwrap();
    let days = Weekdays::ALL.iter().take(5).collect();
    let slot = Slot {
        zone,
        first: "2027-03-01".parse().unwrap(),
        start: start.parse().unwrap(),
        length: NonZeroU32::new(4 * 3600).unwrap(),
        pattern: Pattern::Weekly { every: NonZeroU32::MIN, days },
        bound: Bound::Open,
        alterations: Vec::new(),
    };
    Timetable { zone, slots: vec![slot], intervals: Vec::new() }
}

/// Where all schedules of these tests are declared.
pub fn source() -> Source {
    Source { file: "schedules/engine.yaml".to_owned(), line: 1, digest: String::new() }
}
