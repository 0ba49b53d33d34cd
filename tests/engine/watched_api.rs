//! The API in memory, watched: every write takes a second of paused time and is counted, and some are refused.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use dialctl::genesys::{Answer, ApiError, Failure, Listing, RequestLine, ScheduleApi, Scope};
use dialctl::schedule::{DesiredSchedule, LiveSchedule, ScheduleKind, Target};

use crate::memory::MemoryApi;
use crate::records::Told;

/// How long each write takes.
pub const WRITE: Duration = Duration::from_secs(1);

/// An API that counts.
#[derive(Debug)]
pub struct WatchedApi {
    counts: Mutex<Counts>,
    memory: MemoryApi,
    /// The names whose writes are refused, and how.
    refused: BTreeMap<String, Failure>,
}

/// What an API was asked for.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Every write, in the order of their beginnings.
    pub begun: Vec<Told>,
    /// Every write, in the order of their ends.
    pub ended: Vec<Told>,
    /// The most writes that were under way at once.
    pub peak: usize,
}

impl WatchedApi {
    /// An API that holds some schedules and knows the targets of others.
    pub fn with(live: Vec<LiveSchedule>, others: &[DesiredSchedule]) -> Self {
        let memory = MemoryApi::knowing(others.iter().map(|other| (other.kind, other.target.clone())));
        live.into_iter().for_each(|live| memory.put(live));
        Self { counts: Mutex::default(), memory, refused: BTreeMap::new() }
    }

    /// The same, but it refuses a write.
    pub fn refusing(mut self, name: &str, failure: Failure) -> Self {
        self.refused.insert(name.to_owned(), failure);
        self
    }

    /// What it was asked for so far.
    pub fn counts(&self) -> Counts {
        self.counts.lock().unwrap().clone()
    }

    /// What it holds in the end, by kind and name.
    pub async fn held(&self) -> BTreeSet<(ScheduleKind, String)> {
        let mut held = BTreeSet::new();
        for kind in ScheduleKind::ALL {
            let listing = self.memory.list(&Scope::whole(kind)).await.unwrap();
            held.extend(listing.schedules.into_iter().map(|live| (kind, live.name.unwrap())));
        }
        held
    }

    async fn write<T>(&self, verb: &'static str, name: String, write: Answer<'_, T>) -> Result<T, ApiError> {
        {
            let mut counts = self.counts.lock().unwrap();
            counts.begun.push((verb, name.clone()));
            counts.peak = counts.peak.max(counts.begun.len() - counts.ended.len());
        }
        tokio::time::sleep(WRITE).await;
        self.counts.lock().unwrap().ended.push((verb, name.clone()));
        let request = RequestLine { method: "PUT", path: format!("/{name}") };
        match self.refused.get(&name).cloned() {
            Some(failure) => Err(ApiError { request, failure, correlation_id: None }),
            None => write.await,
        }
    }
}

/// A schedule as an API holds it.
pub fn live(desired: &DesiredSchedule) -> LiveSchedule {
    LiveSchedule {
        kind: desired.kind,
        target: desired.target.clone(),
        id: Some(format!("id-of-{}", desired.name)),
        name: Some(desired.live_name.as_str().to_owned()),
        version: Some(1),
        timetable: Ok(desired.timetable.clone()),
        capacity: None,
    }
}

impl ScheduleApi for WatchedApi {
    fn name(&self) -> &'static str {
        self.memory.name()
    }

    fn can_change(&self) -> bool {
        self.memory.can_change()
    }

    fn list<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Listing> {
        self.memory.list(scope)
    }

    fn read<'a>(&'a self, kind: ScheduleKind, target: &'a Target) -> Answer<'a, Vec<LiveSchedule>> {
        self.memory.read(kind, target)
    }

    fn create<'a>(&'a self, desired: &'a DesiredSchedule) -> Answer<'a, LiveSchedule> {
        let name = desired.name.as_str().to_owned();
        Box::pin(self.write("create", name, Box::pin(async { self.memory.create(desired).await })))
    }

    fn update<'a>(&'a self, live: &'a LiveSchedule, desired: &'a DesiredSchedule) -> Answer<'a, LiveSchedule> {
        let name = desired.name.as_str().to_owned();
        Box::pin(self.write("update", name, Box::pin(async { self.memory.update(live, desired).await })))
    }

    fn delete<'a>(&'a self, live: &'a LiveSchedule) -> Answer<'a, ()> {
        let name = live.name.clone().unwrap();
        Box::pin(self.write("delete", name, Box::pin(async { self.memory.delete(live).await })))
    }

    fn find_targets<'a>(
        &'a self,
        kind: ScheduleKind,
        names: &'a BTreeSet<String>,
    ) -> Answer<'a, BTreeMap<String, Vec<Target>>> {
        self.memory.find_targets(kind, names)
    }
}
