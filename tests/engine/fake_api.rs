//! An API that stores nothing: every write takes a second of paused time, and is counted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use dialctl::genesys::{Answer, ApiError, Failure, Listing, RequestLine, ScheduleApi, Scope};
use dialctl::schedule::{DesiredSchedule, LiveSchedule, ScheduleKind, Target};

use crate::records::Told;

/// How long each write takes.
pub const WRITE: Duration = Duration::from_secs(1);

/// An API that counts.
#[derive(Debug, Default)]
pub struct FakeApi {
    counts: Mutex<Counts>,
    /// The live schedules that reads find.
    live: Vec<LiveSchedule>,
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

impl FakeApi {
    /// An API that holds these schedules.
    pub fn with(live: Vec<LiveSchedule>) -> Self {
        Self { live, ..Self::default() }
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

    async fn write(&self, verb: &'static str, name: String) -> Result<(), ApiError> {
        {
            let mut counts = self.counts.lock().unwrap();
            counts.begun.push((verb, name.clone()));
            counts.peak = counts.peak.max(counts.begun.len() - counts.ended.len());
        }
        tokio::time::sleep(WRITE).await;
        self.counts.lock().unwrap().ended.push((verb, name.clone()));
        let request = RequestLine { method: "PUT", path: format!("/{name}") };
        let failure = self.refused.get(&name).cloned();
        failure.map_or(Ok(()), |failure| Err(ApiError { request, failure, correlation_id: None }))
    }

    async fn put(&self, verb: &'static str, desired: &DesiredSchedule) -> Result<LiveSchedule, ApiError> {
        self.write(verb, desired.name.as_str().to_owned()).await?;
        Ok(live(desired))
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

impl ScheduleApi for FakeApi {
    fn name(&self) -> &'static str {
        "outbound-schedules"
    }

    fn can_change(&self) -> bool {
        true
    }

    fn list<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Listing> {
        let schedules = self.live.iter().filter(|live| live.kind == scope.kind).cloned().collect();
        Box::pin(std::future::ready(Ok(Listing { schedules, pages: 1 })))
    }

    fn read<'a>(&'a self, kind: ScheduleKind, target: &'a Target) -> Answer<'a, Vec<LiveSchedule>> {
        let found = self.live.iter().filter(|live| live.kind == kind && live.target.id == target.id).cloned();
        Box::pin(std::future::ready(Ok(found.collect())))
    }

    fn create<'a>(&'a self, desired: &'a DesiredSchedule) -> Answer<'a, LiveSchedule> {
        Box::pin(self.put("create", desired))
    }

    fn update<'a>(&'a self, _live: &'a LiveSchedule, desired: &'a DesiredSchedule) -> Answer<'a, LiveSchedule> {
        Box::pin(self.put("update", desired))
    }

    fn delete<'a>(&'a self, live: &'a LiveSchedule) -> Answer<'a, ()> {
        Box::pin(self.write("delete", live.name.clone().unwrap()))
    }

    fn find_targets<'a>(
        &'a self,
        _kind: ScheduleKind,
        _names: &'a BTreeSet<String>,
    ) -> Answer<'a, BTreeMap<String, Vec<Target>>> {
        Box::pin(std::future::ready(Ok(BTreeMap::new())))
    }
}
