//! A schedule as the platform returned it.

use super::{Capacity, ScheduleKind, Target, Timetable};

/// One schedule that exists on the platform.
#[derive(Clone, Debug)]
pub struct LiveSchedule {
    /// The family it belongs to.
    pub kind: ScheduleKind,
    /// The campaign or sequence that it drives.
    pub target: Target,
    /// The id of the schedule object, which under `outbound-schedules` appears in no path.
    pub id: Option<String>,
    /// Its name as stored; `<owner>/<name>` when it is ours. The API `campaign-schedules` keeps none.
    pub name: Option<String>,
    /// The counter that an update must repeat.
    pub version: Option<i32>,
    /// When it dials, or why this program cannot read that.
    pub timetable: Result<Timetable, String>,
    /// Only the API `campaign-schedules` stores one.
    pub capacity: Option<Capacity>,
}
