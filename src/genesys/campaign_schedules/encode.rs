//! A schedule in the program's words, as the body of a POST.

use uuid::Uuid;

use crate::schedule::{Bound, DesiredSchedule, Slot, TimeOfDay, Timetable};

use super::boundaries::{beginning, ending};
use super::representable::representable;
use super::wire::{DailySlot, ScheduleBody, Times};

/// The space of the ids that this program gives to schedules. Fixed for good: with another one, a repeated
/// create would not be recognised.
const ID_SPACE: Uuid = Uuid::from_u128(0x6f0e_5a9c_2d5b_4c1e_9b7a_3e41_d08c_57f2);

/// The body of a POST, or why there can be none.
pub(super) fn body(desired: &DesiredSchedule) -> Result<ScheduleBody, String> {
    let all =
        |found: Vec<super::NotRepresentable>| found.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    representable(&desired.timetable).map_err(all)?;
    let times = times(&desired.timetable).ok_or("a slot ends past the end of the calendar")?;
    let window = serde_json::to_string(&times).map_err(|error| error.to_string())?;
    let seed = format!("{}\n{}\n{window}", desired.live_name, desired.target.id);
    Ok(ScheduleBody {
        // Made of the name and the window, so that a repeat has the same id and creates nothing twice.
        id: Uuid::new_v5(&ID_SPACE, seed.as_bytes()).to_string(),
        campaign_id: desired.target.id.clone(),
        times,
        max_concurrent_calls: desired.capacity.calls,
        max_concurrent_agents: desired.capacity.agents,
    })
}

/// The times of a representable timetable.
fn times(timetable: &Timetable) -> Option<Times> {
    let zone = timetable.zone;
    let first = timetable.slots.iter().map(|slot| slot.first).min()?;
    let end_time = match timetable.slots.first()?.bound {
        Bound::Until(last) => Some(ending(last, zone)?),
        Bound::Open | Bound::Count(_) => None,
    };
    Some(Times {
        start_time: beginning(first, zone),
        end_time,
        timezone: Some(zone.name().to_owned()),
        daily_schedule: timetable.slots.iter().map(daily_slot).collect::<Option<_>>()?,
    })
}

fn daily_slot(slot: &Slot) -> Option<DailySlot> {
    let day = TimeOfDay::END_OF_DAY.seconds();
    let end = slot.start.seconds() + slot.length.get();
    let end = TimeOfDay::from_seconds(if end > day { end - day } else { end })?;
    Some(DailySlot {
        start_time: slot.start.to_string(),
        end_time: end.to_string(),
        days: Some(slot.pattern.every_week()?.names().map(str::to_owned).collect()),
    })
}
