//! What a repository of manifests declares, each item with the document it stands in.

use std::collections::{HashMap, HashSet};

use crate::schedule::{BlackoutCalendar, CallingHours, Capacity, Schedule, ScheduleName, TargetRef};

use super::DocumentId;

/// The values that the rules name to people and that a schedule may leave to their default.
pub const WITH_DEFAULT: [&str; 2] = ["/spec/maxConcurrentCalls", "/spec/maxConcurrentAgents"];

/// Something declared, and where.
#[derive(Clone, Debug)]
pub struct Declared<T> {
    /// The document that declares it.
    pub document: DocumentId,
    /// What is declared.
    pub item: T,
}

/// Everything that a repository declares, in the order of its files and documents.
#[derive(Clone, Debug, Default)]
pub struct Repository {
    /// The schedules. Slot n of a schedule's timetable stands at `/spec/dailySlots/n`, interval n at
    /// `/spec/intervals/n`, and inclusion n of a slot in the timetable's own zone at `/spec/inclusions/n`.
    pub schedules: Vec<Declared<Schedule>>,
    /// What single campaigns have.
    pub campaign_capacities: Vec<Declared<CampaignCapacity>>,
    /// What campaigns share.
    pub pools: Vec<Declared<CapacityPool>>,
    /// The days without dialing.
    pub blackout_calendars: Vec<Declared<BlackoutCalendar>>,
    /// The legal or agreed local hours.
    pub calling_hours: Vec<Declared<CallingHours>>,
    /// Which of [`WITH_DEFAULT`] the manifests of schedules leave out.
    pub defaults: HashSet<(DocumentId, &'static str)>,
}

/// What one campaign has at any instant, whatever its schedules promise.
#[derive(Clone, Debug)]
pub struct CampaignCapacity {
    /// The name of the manifest.
    pub name: ScheduleName,
    /// The campaign.
    pub campaign: TargetRef,
    /// What it has.
    pub capacity: Capacity,
    /// The name of the [`CapacityPool`] that it draws on.
    pub pool: Option<String>,
}

/// What several campaigns share at the same instant.
#[derive(Clone, Debug)]
pub struct CapacityPool {
    /// The name of the manifest.
    pub name: ScheduleName,
    /// What they share.
    pub capacity: Capacity,
}

impl Repository {
    /// The name of the pool that each campaign draws on. Of several capacities of one campaign the first counts.
    pub fn pool_of_campaign(&self) -> HashMap<&TargetRef, &str> {
        let mut first = HashMap::new();
        for capacity in &self.campaign_capacities {
            first.entry(&capacity.item.campaign).or_insert(capacity.item.pool.as_deref());
        }
        first.into_iter().filter_map(|(campaign, pool)| Some((campaign, pool?))).collect()
    }
}
