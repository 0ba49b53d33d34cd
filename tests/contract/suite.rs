//! One table of what an API promises, held against the API in memory, and against the sandbox through the
//! real client, whose conversation the document judges.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use dialctl::genesys::{ApiError, Failure, IntervalTimes, Matter, OutboundSchedules, ScheduleApi, Scope};
use dialctl::sandbox::Seed;
use dialctl::schedule::{
    Bound, DesiredSchedule, LiveSchedule, Owner, Pattern, ScheduleKind, Slot, Target, TargetRef, Timetable, Zone,
};

use crate::conversation::{Line, desired, judge};
use crate::memory::MemoryApi;

/// The targets that exist. The last two have the same name.
const KNOWN: [&str; 4] = ["alpha", "beta", "twins-of-one", "twins-of-two"];
/// A target that does not exist.
const NOBODY: &str = "nobody";

/// What is asked of an API.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Creates a schedule that starts at an hour.
    Create(&'static str, u32),
    /// Replaces what was last seen of a target, with its version moved by so much.
    Update(&'static str, i32, u32),
    /// Deletes what was last seen of a target.
    Delete(&'static str),
    Read(&'static str),
    List,
    /// Lists what matters to an owner who names these targets.
    ListFor(&'static str, &'static [&'static str]),
    /// Looks up names; `twins` and the like stand for whatever the family calls them.
    Names(&'static [&'static str]),
    Lines(&'static [&'static str]),
}

use Step::{Create, Delete, Lines, List, ListFor, Names, Read, Update};

/// Whether two schedules are the same is told by whether their ids are: `#1` is the first of a case.
const CASES: &[(&str, &[(Step, &str)])] = &[
    (
        "what is created is read and listed",
        &[
            (Read("alpha"), "none"),
            (List, "0 of 0"),
            (Create("alpha", 9), "alpha #1 version 1 at 09:00"),
            (Read("alpha"), "alpha #1 version 1 at 09:00"),
            (Read("beta"), "none"),
            (Create("beta", 14), "beta #2 version 1 at 14:00"),
            (List, "2 of 2: alpha #1 version 1 at 09:00, beta #2 version 1 at 14:00"),
        ],
    ),
    (
        "what exists is not created again",
        &[
            (Create("alpha", 9), "alpha #1 version 1 at 09:00"),
            (Create("alpha", 10), "conflict: invalid.update.wrong.version"),
            (Read("alpha"), "alpha #1 version 1 at 09:00"),
        ],
    ),
    (
        "an update needs the version that is there",
        &[
            (Create("alpha", 9), "alpha #1 version 1 at 09:00"),
            (Update("alpha", 0, 10), "alpha #1 version 2 at 10:00"),
            (Update("alpha", 0, 11), "alpha #1 version 3 at 11:00"),
            (Update("alpha", -1, 12), "conflict: invalid.update.wrong.version"),
            (Update("alpha", 1, 12), "conflict: invalid.update.wrong.version"),
            (Read("alpha"), "alpha #1 version 3 at 11:00"),
        ],
    ),
    (
        "an update that changes nothing is one",
        &[(Create("alpha", 9), "alpha #1 version 1 at 09:00"), (Update("alpha", 0, 9), "alpha #1 version 2 at 09:00")],
    ),
    (
        "what is deleted is gone, once and for all",
        &[
            (Create("alpha", 9), "alpha #1 version 1 at 09:00"),
            (Create("beta", 9), "beta #2 version 1 at 09:00"),
            (Delete("alpha"), "done"),
            (Read("alpha"), "none"),
            (List, "1 of 1: beta #2 version 1 at 09:00"),
            (Delete("alpha"), "done"),
            (Update("alpha", 0, 10), "conflict: invalid.update.wrong.version"),
            (Read("alpha"), "none"),
        ],
    ),
    (
        "what is created after a delete is another one",
        &[
            (Create("alpha", 9), "alpha #1 version 1 at 09:00"),
            (Update("alpha", 0, 10), "alpha #1 version 2 at 10:00"),
            (Delete("alpha"), "done"),
            (Create("alpha", 9), "alpha #2 version 1 at 09:00"),
        ],
    ),
    (
        "a delete does not ask for the version",
        &[
            (Create("alpha", 9), "alpha #1 version 1 at 09:00"),
            (Update("alpha", 0, 10), "alpha #1 version 2 at 10:00"),
            (Update("alpha", -1, 11), "conflict: invalid.update.wrong.version"),
            (Delete("alpha"), "done"),
            (Read("alpha"), "none"),
        ],
    ),
    (
        "an unknown target has nothing and takes nothing",
        &[(Read(NOBODY), "none"), (Create(NOBODY, 9), "not found: (unknown)"), (List, "0 of 0")],
    ),
    (
        "of others only the number is told",
        &[
            (Create("alpha", 9), "alpha #1 version 1 at 09:00"),
            (Create("beta", 9), "beta #2 version 1 at 09:00"),
            (ListFor("dialctl", &[]), "2 of 2: alpha #1 version 1 at 09:00, beta #2 version 1 at 09:00"),
            (ListFor("somebody", &["beta", NOBODY]), "1 of 2: beta #2 version 1 at 09:00"),
            (ListFor("dial", &[]), "0 of 2"),
        ],
    ),
    (
        "names are compared exactly",
        &[
            (Names(&["alpha"]), "alpha: alpha"),
            (Names(&["ALPHA"]), "ALPHA: none"),
            (Names(&["alp"]), "alp: none"),
            (Names(&["twins-of"]), "twins-of: twins-of-one or twins-of-two"),
            (
                Names(&["alpha", "nobody", "twins-of"]),
                "alpha: alpha; nobody: none; twins-of: twins-of-one or twins-of-two",
            ),
        ],
    ),
    ("lines are those of voice campaigns", &[(Lines(&["alpha", NOBODY]), "alpha: 100"), (Lines(&[]), "")]),
];

/// The name of a target, as the sandbox makes it from its id.
fn name_of(kind: ScheduleKind, id: &str) -> String {
    let label = match kind {
        ScheduleKind::Campaign => "Campaign",
        ScheduleKind::Sequence => "Sequence",
        ScheduleKind::MessagingCampaign => "Messaging campaign",
        ScheduleKind::EmailCampaign => "Email campaign",
        ScheduleKind::WhatsAppCampaign => "WhatsApp campaign",
    };
    format!("{label} {}", id.chars().take(8).collect::<String>())
}

/// An API in the course of a case.
struct Run<'a> {
    api: &'a dyn ScheduleApi,
    kind: ScheduleKind,
    /// What was last seen of each target.
    seen: BTreeMap<String, LiveSchedule>,
    /// The ids of schedules in the order in which they came up.
    ids: Vec<String>,
}

impl Run<'_> {
    async fn step(&mut self, step: Step) -> String {
        match step {
            Create(target, hour) => {
                let stored = self.api.create(&self.wanted(target, hour)).await;
                self.told(stored)
            }
            Update(target, shift, hour) => {
                let mut live = self.seen[target].clone();
                live.version = live.version.map(|version| version + shift);
                let stored = self.api.update(&live, &self.wanted(target, hour)).await;
                self.told(stored)
            }
            Delete(target) => {
                let deleted = self.api.delete(&self.seen[target]).await;
                deleted.map_or_else(|error| refusal(self.kind, error), |()| "done".to_owned())
            }
            Read(target) => match self.api.read(self.kind, &by_id(target)).await.unwrap().pop() {
                Some(live) => self.told(Ok(live)),
                None => "none".to_owned(),
            },
            List => self.list(Scope::whole(self.kind)).await,
            ListFor(owner, targets) => {
                let matter = Matter::OwnedOrOnTarget(Owner::try_from(owner.to_owned()).unwrap());
                let targets = targets.iter().map(|id| (*id).to_owned()).collect();
                self.list(Scope { kind: self.kind, targets, matter }).await
            }
            Names(short) => {
                let full = |short: &&str| (name_of(self.kind, short), (*short).to_owned());
                let full: BTreeMap<String, String> = short.iter().map(full).collect();
                let found = self.api.find_targets(self.kind, &full.keys().cloned().collect()).await.unwrap();
                let each = found.iter().map(|(name, targets)| {
                    let ids: Vec<&str> = targets.iter().map(|target| target.id.as_str()).collect();
                    assert!(targets.iter().all(|target| target.name.as_ref() == Some(name)));
                    format!("{}: {}", full[name], if ids.is_empty() { "none".to_owned() } else { ids.join(" or ") })
                });
                each.collect::<Vec<_>>().join("; ")
            }
            Lines(ids) => {
                let ids: BTreeSet<String> = ids.iter().map(|id| (*id).to_owned()).collect();
                let lines = self.api.campaign_lines(&ids).await.unwrap();
                lines.iter().map(|(id, lines)| format!("{id}: {lines}")).collect::<Vec<_>>().join(", ")
            }
        }
    }

    async fn list(&mut self, scope: Scope) -> String {
        let mut listing = self.api.list(&scope).await.unwrap();
        listing.schedules.sort_by(|a, b| a.target.cmp(&b.target));
        let count = format!("{} of {}", listing.schedules.len(), listing.seen);
        let each: Vec<String> = listing.schedules.into_iter().map(|live| self.told(Ok(live))).collect();
        if each.is_empty() { count } else { format!("{count}: {}", each.join(", ")) }
    }

    fn wanted(&self, target: &str, hour: u32) -> DesiredSchedule {
        desired(self.kind, &by_id(target), mornings(hour))
    }

    fn told(&mut self, answer: Result<LiveSchedule, ApiError>) -> String {
        let live = match answer {
            Ok(live) => live,
            Err(error) => return refusal(self.kind, error),
        };
        assert_eq!((live.kind, live.name.as_deref()), (self.kind, Some("dialctl/spring")));
        assert_eq!(live.target.name, Some(name_of(self.kind, &live.target.id)));
        let id = live.id.clone().unwrap();
        if !self.ids.contains(&id) {
            self.ids.push(id.clone());
        }
        let nth = self.ids.iter().position(|known| *known == id).unwrap() + 1;
        let (target, version) = (live.target.id.clone(), live.version.unwrap());
        let start = live.timetable.as_ref().unwrap().slots[0].start;
        self.seen.insert(target.clone(), live);
        format!("{target} #{nth} version {version} at {start}")
    }
}

/// What a refusal says to the program. What an unknown target is called differs between families.
fn refusal(kind: ScheduleKind, error: ApiError) -> String {
    let unknown = match kind {
        ScheduleKind::Campaign => "campaign.not.found",
        ScheduleKind::Sequence => "campaign.sequence.not.found",
        _ => "not.found",
    };
    match error.failure {
        Failure::Conflict { code, .. } => format!("conflict: {code}"),
        Failure::NotFound { code, .. } if code == unknown => "not found: (unknown)".to_owned(),
        other => other.to_string(),
    }
}

fn by_id(id: &str) -> Target {
    Target { id: id.to_owned(), name: None }
}

/// Four hours of each day.
fn mornings(hour: u32) -> Timetable {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let slot = Slot {
        zone,
        first: "2027-03-01".parse().unwrap(),
        start: format!("{hour:02}:00").parse().unwrap(),
        length: NonZeroU32::new(4 * 3600).unwrap(),
        pattern: Pattern::Daily { every: NonZeroU32::MIN },
        bound: Bound::Open,
        alterations: Vec::new(),
    };
    Timetable { zone, slots: vec![slot], intervals: Vec::new() }
}

/// Holds an API to the whole table.
async fn hold(api: &dyn ScheduleApi, kind: ScheduleKind) {
    for (case, steps) in CASES {
        if kind != ScheduleKind::Campaign && steps.iter().any(|(step, _)| matches!(step, Lines(_))) {
            continue;
        }
        let mut run = Run { api, kind, seen: BTreeMap::new(), ids: Vec::new() };
        for (n, (step, expected)) in steps.iter().enumerate() {
            assert_eq!(run.step(*step).await, *expected, "{kind}: {case}, step {}: {step:?}", n + 1);
        }
        for live in run.seen.values() {
            api.delete(live).await.unwrap();
        }
    }
}

#[tokio::test]
async fn the_api_in_memory_keeps_every_promise() {
    for kind in ScheduleKind::ALL {
        let targets = KNOWN.map(|id| (kind, Target { id: id.to_owned(), name: Some(name_of(kind, id)) }));
        hold(&MemoryApi::knowing(targets), kind).await;
    }
}

#[tokio::test]
async fn the_sandbox_keeps_every_promise_to_the_real_client() {
    for kind in ScheduleKind::ALL {
        let seed = |id: &str| Seed { kind, target: TargetRef::Id(id.to_owned()), lines: None };
        let line = Line::to(KNOWN.map(seed).into()).await;
        hold(&OutboundSchedules::new(line.transport(), IntervalTimes::Local), kind).await;
        judge(&line);
    }
}
