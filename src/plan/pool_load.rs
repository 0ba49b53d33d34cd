//! What a pool is asked for over a week, as plans show it.

use chrono::NaiveDate;

use crate::schedule::demand::Step;
use crate::schedule::{Capacity, Zone};

/// What the schedules of a pool may use at each instant of a week, before a plan and after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolLoad {
    /// The name of the pool's manifest.
    pub name: String,
    /// What the pool has.
    pub capacity: Capacity,
    /// The zone in which the days of the week begin.
    pub zone: Zone,
    /// The first day of the week.
    pub monday: NaiveDate,
    /// Before the plan, in order; steps may reach past the week.
    pub before: Vec<Step>,
    /// After it.
    pub after: Vec<Step>,
}
