//! The domain: what a schedule is, when it dials, and when two schedules mean the same.
//!
//! Everything here is pure: no file, no network, no clock.

mod blackout;
mod calling_hours;
mod clock_change;
mod cuts;
mod declared;
pub mod demand;
pub mod equality;
mod iso8601;
mod kind_text;
mod live;
pub mod local_day;
mod name;
pub mod occurrences;
mod other_clock;
mod selector;
mod slot;
mod time_of_day;
mod timetable;
pub mod view;
mod view_lines;
mod weekdays;
pub mod zone;
mod zone_aliases;
mod zone_name;

pub use blackout::{BlackoutAction, BlackoutCalendar, BlackoutCut, BlackoutDate, BlackoutTime, LocalSpan};
pub use calling_hours::{AllowedHours, CallingHours, WeekSet};
pub use clock_change::{ClockChange, ClockChangeKind};
pub use declared::{Capacity, DesiredSchedule, Schedule, ScheduleKind, Target, TargetRef};
pub use iso8601::iso8601;
pub use kind_text::UnknownKind;
pub use live::LiveSchedule;
pub use name::{InvalidName, InvalidOwner, LiveName, Owner, ScheduleName};
pub use occurrences::{Occurrence, Window};
pub use selector::Selector;
pub use slot::{Alteration, AlterationKind, Bound, Pattern, Slot, common_period, monday_of};
pub use time_of_day::{InvalidTimeOfDay, TimeOfDay};
pub use timetable::{Interval, Timetable};
pub use view::{ScheduleView, TimetableView};
pub use weekdays::{Weekdays, short_days};
pub use zone::Zone;
