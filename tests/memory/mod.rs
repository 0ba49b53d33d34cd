//! The API in memory: one schedule for each target, with versions, as strict as the service. It needs no
//! network and no time.

use std::collections::{BTreeMap, BTreeSet};
use std::future::ready;
use std::sync::{Mutex, MutexGuard};

use dialctl::genesys::{Answer, ApiError, Failure, Listing, RequestLine, ScheduleApi, Scope};
use dialctl::schedule::{DesiredSchedule, LiveSchedule, ScheduleKind, Target};

/// How many lines each voice campaign dials.
const LINES: u32 = 100;

type Place = (ScheduleKind, String);

/// An API that keeps everything in memory.
#[derive(Debug, Default)]
pub struct MemoryApi(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The names of the targets that exist, by their ids.
    targets: BTreeMap<Place, Option<String>>,
    schedules: BTreeMap<Place, LiveSchedule>,
    /// How many schedules were ever created.
    created: u32,
}

impl MemoryApi {
    /// An API that knows these targets.
    pub fn knowing(targets: impl IntoIterator<Item = (ScheduleKind, Target)>) -> Self {
        let targets = targets.into_iter().map(|(kind, target)| ((kind, target.id), target.name)).collect();
        Self(Mutex::new(State { targets, ..State::default() }))
    }

    /// Adds a schedule as it is, with its target.
    pub fn put(&self, live: LiveSchedule) {
        let mut state = self.state();
        let place = (live.kind, live.target.id.clone());
        state.targets.insert(place.clone(), live.target.name.clone());
        state.schedules.insert(place, live);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl State {
    fn found(&self, scope: &Scope) -> Listing {
        let of_kind: Vec<_> = self.schedules.values().filter(|live| live.kind == scope.kind).collect();
        let keeps = |live: &&&LiveSchedule| scope.keeps(&live.target.id, live.name.as_deref());
        let schedules = of_kind.iter().filter(keeps).map(|live| (*live).clone()).collect();
        Listing { schedules, seen: of_kind.len(), pages: 1 }
    }

    /// Stores a schedule if the one that is there has this version, or none is there and none is expected.
    fn write(&mut self, desired: &DesiredSchedule, version: Option<i32>) -> Result<LiveSchedule, ApiError> {
        let place = (desired.kind, desired.target.id.clone());
        let Some(name) = self.targets.get(&place) else {
            let code = match desired.kind {
                ScheduleKind::Campaign => "campaign.not.found",
                ScheduleKind::Sequence => "campaign.sequence.not.found",
                _ => "not.found",
            };
            return Err(refused(desired, Failure::NotFound { code: code.to_owned(), message: String::new() }));
        };
        let stored = self.schedules.get(&place);
        if stored.and_then(|stored| stored.version) != version {
            let code = "invalid.update.wrong.version".to_owned();
            return Err(refused(desired, Failure::Conflict { code, message: String::new() }));
        }
        let id = match stored {
            Some(stored) => stored.id.clone(),
            None => {
                self.created += 1;
                Some(format!("schedule-{}", self.created))
            }
        };
        let live = LiveSchedule {
            kind: desired.kind,
            target: Target { name: name.clone(), ..desired.target.clone() },
            id,
            name: Some(desired.live_name.as_str().to_owned()),
            version: Some(version.unwrap_or_default() + 1),
            timetable: Ok(desired.timetable.clone()),
            capacity: None,
        };
        self.schedules.insert(place, live.clone());
        Ok(live)
    }
}

fn refused(desired: &DesiredSchedule, failure: Failure) -> ApiError {
    let path = format!("/{}/{}", desired.kind, desired.target.id);
    ApiError { request: RequestLine { method: "PUT", path }, failure, correlation_id: None }
}

impl ScheduleApi for MemoryApi {
    fn name(&self) -> &'static str {
        "outbound-schedules"
    }

    fn can_change(&self) -> bool {
        true
    }

    fn list<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Listing> {
        Box::pin(ready(Ok(self.state().found(scope))))
    }

    fn read<'a>(&'a self, kind: ScheduleKind, target: &'a Target) -> Answer<'a, Vec<LiveSchedule>> {
        let found = self.state().schedules.get(&(kind, target.id.clone())).cloned();
        Box::pin(ready(Ok(found.into_iter().collect())))
    }

    fn create<'a>(&'a self, desired: &'a DesiredSchedule) -> Answer<'a, LiveSchedule> {
        Box::pin(ready(self.state().write(desired, None)))
    }

    fn update<'a>(&'a self, live: &'a LiveSchedule, desired: &'a DesiredSchedule) -> Answer<'a, LiveSchedule> {
        Box::pin(ready(self.state().write(desired, live.version)))
    }

    fn delete<'a>(&'a self, live: &'a LiveSchedule) -> Answer<'a, ()> {
        self.state().schedules.remove(&(live.kind, live.target.id.clone()));
        Box::pin(ready(Ok(())))
    }

    fn find_targets<'a>(
        &'a self,
        kind: ScheduleKind,
        names: &'a BTreeSet<String>,
    ) -> Answer<'a, BTreeMap<String, Vec<Target>>> {
        let state = self.state();
        let with_name = |name: &String| {
            let named = state.targets.iter().filter(|((of, _), known)| *of == kind && known.as_ref() == Some(name));
            let targets = named.map(|((_, id), known)| Target { id: id.clone(), name: known.clone() });
            (name.clone(), targets.collect())
        };
        Box::pin(ready(Ok(names.iter().map(with_name).collect())))
    }

    fn campaign_lines<'a>(&'a self, ids: &'a BTreeSet<String>) -> Answer<'a, BTreeMap<String, u32>> {
        let state = self.state();
        let known = ids.iter().filter(|id| state.targets.contains_key(&(ScheduleKind::Campaign, (*id).clone())));
        Box::pin(ready(Ok(known.map(|id| (id.clone(), LINES)).collect())))
    }
}
