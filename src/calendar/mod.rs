//! When schedules dial: as a grid for people, as a list of occurrences, and as iCalendar. Pure.

mod dates;
mod demand;
mod grid;
pub mod ics;
pub mod json;
mod pool_loads;
pub mod text;

use std::collections::{BTreeMap, HashMap};

use crate::rules::Repository;
use crate::schedule::{Capacity, LiveSchedule, Schedule, ScheduleKind, Target, TargetRef, Timetable, Zone};

pub use dates::{Dates, InvalidDates, MOST_DAYS};
pub use pool_loads::pool_loads;

/// Schedules to be shown, and the pools that they draw on.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    /// The schedules, in the order in which they are shown.
    pub entries: Vec<Entry>,
    /// What several of them share.
    pub pools: Vec<Pool>,
}

/// One schedule of a calendar.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The family it belongs to.
    pub kind: ScheduleKind,
    /// The name in its manifest or, of a live schedule, as stored; the API `campaign-schedules` stores none.
    pub name: Option<String>,
    /// The campaign or sequence that it drives.
    pub target: Driven,
    /// Free labels; live schedules have none.
    pub labels: BTreeMap<String, String>,
    /// When it dials.
    pub timetable: Timetable,
    /// What it promises to stay within; live schedules seldom store it.
    pub capacity: Option<Capacity>,
}

/// The campaign or sequence that an entry drives, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Driven {
    /// As a manifest points at it.
    Declared(TargetRef),
    /// As the platform returned it.
    Live(Target),
}

/// What the entries of several campaigns share at the same instant.
#[derive(Clone, Debug)]
pub struct Pool {
    /// The name of its manifest.
    pub name: String,
    /// What they share.
    pub capacity: Capacity,
    /// The places of the entries in [`Calendar::entries`].
    pub members: Vec<usize>,
}

impl Calendar {
    /// Everything that manifests declare.
    pub fn declared(repository: &Repository) -> Self {
        let entries = repository.schedules.iter().map(|declared| Entry::declared(&declared.item)).collect();
        let pool_of = repository.pool_of_campaign();
        let mut members: HashMap<&str, Vec<usize>> = HashMap::new();
        for (n, schedule) in repository.schedules.iter().enumerate() {
            if schedule.item.kind == ScheduleKind::Campaign
                && let Some(pool) = pool_of.get(&schedule.item.target)
            {
                members.entry(*pool).or_default().push(n);
            }
        }
        let pools = repository.pools.iter().filter_map(|pool| {
            let members = members.remove(pool.item.name.as_str())?;
            Some(Pool { name: pool.item.name.to_string(), capacity: pool.item.capacity, members })
        });
        Self { entries, pools: pools.collect() }
    }

    /// What is live. Schedules whose timetable this program cannot read are left out.
    pub fn live(schedules: &[LiveSchedule]) -> Self {
        let mut entries: Vec<Entry> = schedules.iter().filter_map(Entry::live).collect();
        entries.sort_by(|a, b| (a.kind, &a.name, &a.target).cmp(&(b.kind, &b.name, &b.target)));
        Self { entries, pools: Vec::new() }
    }

    /// The zone that all schedules agree on; `None` when they do not, or when there are none.
    pub fn common_zone(&self) -> Option<Zone> {
        common(self.entries.iter().map(Entry::zone))
    }
}

impl Entry {
    fn declared(schedule: &Schedule) -> Self {
        Self {
            kind: schedule.kind,
            name: Some(schedule.name.to_string()),
            target: Driven::Declared(schedule.target.clone()),
            labels: schedule.labels.clone(),
            timetable: schedule.timetable.clone(),
            capacity: Some(schedule.capacity),
        }
    }

    fn live(schedule: &LiveSchedule) -> Option<Self> {
        Some(Self {
            kind: schedule.kind,
            name: schedule.name.clone(),
            target: Driven::Live(schedule.target.clone()),
            labels: BTreeMap::new(),
            timetable: schedule.timetable.clone().ok()?,
            capacity: schedule.capacity,
        })
    }

    /// The zone in which its times are best told: the one that all its windows share, its own otherwise.
    pub fn zone(&self) -> Zone {
        zone_of(&self.timetable)
    }

    /// What stands for it where it has no name: its target.
    pub fn title(&self) -> &str {
        let target = || self.target.name().or(self.target.id()).unwrap_or_default();
        self.name.as_deref().unwrap_or_else(target)
    }
}

impl Driven {
    /// The id that the platform gave it, where that is known.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Declared(TargetRef::Id(id)) | Self::Live(Target { id, .. }) => Some(id),
            Self::Declared(TargetRef::Name(_)) => None,
        }
    }

    /// Its name, where that is known.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Declared(TargetRef::Name(name)) => Some(name),
            Self::Declared(TargetRef::Id(_)) => None,
            Self::Live(Target { name, .. }) => name.as_deref(),
        }
    }
}

/// The zone that all windows of a timetable share, its own otherwise.
fn zone_of(timetable: &Timetable) -> Zone {
    let intervals = timetable.intervals.iter().map(|_| timetable.zone);
    common(timetable.slots.iter().map(|slot| slot.zone).chain(intervals)).unwrap_or(timetable.zone)
}

/// The zone that all are; `None` when they differ, or when there is none.
fn common(zones: impl IntoIterator<Item = Zone>) -> Option<Zone> {
    let mut zones = zones.into_iter();
    let first = zones.next()?;
    zones.all(|zone| zone == first).then_some(first)
}
