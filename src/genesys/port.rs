//! The port: what the rest of the program asks of an API, in the program's own words.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;

use crate::schedule::{DesiredSchedule, LiveSchedule, Owner, ScheduleKind, Target};

use super::ApiError;

/// A pending answer of the API.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, ApiError>> + Send + 'a>>;

/// What a listing is to cover.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The family to list.
    pub kind: ScheduleKind,
    /// The targets that manifests name, by id. An API that lists by campaign asks for each; one that lists
    /// whole families asks once.
    pub targets: BTreeSet<String>,
    /// Which of the schedules found are kept.
    pub matter: Matter,
}

/// Which of the schedules that a listing finds matter.
#[derive(Clone, Debug)]
pub enum Matter {
    /// All of them.
    All,
    /// Those of this owner, and those on the targets of the scope, whoever made them. Of the others it
    /// matters only how many there are: an organisation may have far more than a repository.
    OwnedOrOnTarget(Owner),
}

impl Scope {
    /// All schedules of a family, for an API that lists whole families.
    pub fn whole(kind: ScheduleKind) -> Self {
        Self { kind, targets: BTreeSet::new(), matter: Matter::All }
    }

    /// Whether a schedule with this name on this target matters.
    pub fn keeps(&self, target_id: &str, name: Option<&str>) -> bool {
        match &self.matter {
            Matter::All => true,
            Matter::OwnedOrOnTarget(owner) => {
                self.targets.contains(target_id) || name.is_some_and(|name| owner.owned_name(name).is_some())
            }
        }
    }
}

/// What a listing found, and what it took to know that it is complete.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// The live schedules in the scope that matter.
    pub schedules: Vec<LiveSchedule>,
    /// How many live schedules there are in the scope, whether they matter or not.
    pub seen: usize,
    /// The number of answers (pages, or campaigns asked) that were put together.
    pub pages: u32,
}

/// An API that keeps schedules.
///
/// Each write is sent at most once per call unless it provably had no effect (rate limit, connection
/// refused). A write whose outcome is unknown gives an error for which [`ApiError::outcome_unknown`]
/// holds; the caller settles it with [`ScheduleApi::read`].
pub trait ScheduleApi: Send + Sync {
    /// The name of the API as `dialctl.yaml` spells it.
    fn name(&self) -> &'static str;

    /// Whether live schedules can be changed and deleted, or only created.
    fn can_change(&self) -> bool;

    /// The live schedules in the scope.
    fn list<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Listing>;

    /// The live schedules of one target: none, one, or (where the API allows it) several.
    fn read<'a>(&'a self, kind: ScheduleKind, target: &'a Target) -> Answer<'a, Vec<LiveSchedule>>;

    /// Creates a schedule and gives it as stored.
    fn create<'a>(&'a self, desired: &'a DesiredSchedule) -> Answer<'a, LiveSchedule>;

    /// Replaces a live schedule, provided that it still has the version that was read.
    fn update<'a>(&'a self, live: &'a LiveSchedule, desired: &'a DesiredSchedule) -> Answer<'a, LiveSchedule>;

    /// Deletes a live schedule; one that is already gone counts as deleted.
    fn delete<'a>(&'a self, live: &'a LiveSchedule) -> Answer<'a, ()>;

    /// The targets with exactly these names; a name may have none or several.
    fn find_targets<'a>(
        &'a self,
        kind: ScheduleKind,
        names: &'a BTreeSet<String>,
    ) -> Answer<'a, BTreeMap<String, Vec<Target>>>;

    /// How many lines the voice campaigns with these ids dial at once, by id, as far as it is known. An API
    /// that has only schedules knows it of none.
    fn campaign_lines<'a>(&'a self, _ids: &'a BTreeSet<String>) -> Answer<'a, BTreeMap<String, u32>> {
        Box::pin(std::future::ready(Ok(BTreeMap::new())))
    }
}
