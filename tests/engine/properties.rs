//! Whatever is wanted and whatever is live: after an apply there is nothing left to do, and what others
//! own is as it was.

use std::collections::BTreeMap;

use dialctl::exit::Exit;
use dialctl::genesys::IntervalTimes;
use dialctl::plan::Policy;
use dialctl::schedule::equality::same_time;
use dialctl::schedule::{DesiredSchedule, Owner, ScheduleKind, Timetable};
use proptest::prelude::*;

use crate::schedules::{desired, owned_by};
use crate::timetables::{timetable, windows};
use crate::world::{Api, Client, World, failures, schedule_path, windows_path};

/// What a target has on both sides.
#[derive(Clone, Debug)]
enum Fate {
    /// Wanted, not live.
    Missing(Timetable),
    /// Wanted, and live in another order.
    Kept(Timetable),
    /// Wanted, and live with another timetable.
    Changed { live: Timetable, wanted: Timetable },
    /// Wanted, and live under the name of another manifest of ours.
    Renamed(Timetable),
    /// Ours and live, but no longer wanted.
    Orphan(Timetable),
    /// Live, and somebody else's.
    Others(Timetable),
    /// Live, and nobody's.
    Nameless(Timetable),
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        2 => timetable().prop_map(Fate::Missing),
        2 => timetable().prop_map(Fate::Kept),
        2 => (timetable(), timetable()).prop_map(|(live, wanted)| Fate::Changed { live, wanted }),
        1 => timetable().prop_map(Fate::Renamed),
        1 => timetable().prop_map(Fate::Orphan),
        1 => timetable().prop_map(Fate::Others),
        1 => timetable().prop_map(Fate::Nameless),
    ]
}

fn kind() -> impl Strategy<Value = ScheduleKind> {
    prop::sample::select(ScheduleKind::ALL.to_vec())
}

/// One target, with what there is of it.
#[derive(Clone, Debug)]
struct Place {
    kind: ScheduleKind,
    target: String,
    fate: Fate,
}

impl Place {
    fn path(&self) -> String {
        schedule_path(self.kind, &self.target)
    }

    fn wanted(&self) -> Option<DesiredSchedule> {
        match &self.fate {
            Fate::Missing(timetable) | Fate::Kept(timetable) | Fate::Renamed(timetable) => Some(timetable),
            Fate::Changed { wanted, .. } => Some(wanted),
            Fate::Orphan(_) | Fate::Others(_) | Fate::Nameless(_) => None,
        }
        .map(|timetable| desired(self.kind, &self.target, timetable.clone()))
    }

    fn live(&self) -> Option<DesiredSchedule> {
        let ours = |timetable: &Timetable| desired(self.kind, &self.target, timetable.clone());
        let named = |owner: &Owner, name: &str, timetable: &Timetable| {
            owned_by(owner, self.kind, name, &self.target, timetable.clone())
        };
        match &self.fate {
            Fate::Missing(_) => None,
            Fate::Kept(timetable) => {
                let mut reordered = ours(timetable);
                reordered.timetable.slots.reverse();
                reordered.timetable.intervals.reverse();
                Some(reordered)
            }
            Fate::Changed { live, .. } | Fate::Orphan(live) => Some(ours(live)),
            Fate::Renamed(timetable) => Some(named(&Owner::default(), "earlier", timetable)),
            Fate::Others(timetable) | Fate::Nameless(timetable) => {
                // Not ours, however much its name begins like ours.
                Some(named(&Owner::try_from("dialctl2".to_owned()).unwrap(), "theirs", timetable))
            }
        }
    }

    fn is_of_others(&self) -> bool {
        matches!(self.fate, Fate::Others(_) | Fate::Nameless(_))
    }

    fn is_to_change(&self) -> bool {
        match &self.fate {
            Fate::Changed { live, wanted } => !same_time(live, wanted),
            Fate::Renamed(_) => true,
            _ => false,
        }
    }
}

/// Makes the live side.
async fn set_up(world: &World, client: &Client, places: &[Place]) {
    client.create(places.iter().filter_map(Place::live).collect::<Vec<_>>().iter()).await;
    for place in places.iter().filter(|place| matches!(place.fate, Fate::Nameless(_))) {
        let mut stored = world.stored(&place.path()).await.unwrap();
        stored.as_object_mut().unwrap().remove("name");
        assert_eq!(world.send("PUT", &place.path(), Some(&stored)).await.0, 200);
    }
}

/// What is stored at some paths, letter by letter.
async fn texts(world: &World, paths: impl IntoIterator<Item = String>) -> BTreeMap<String, (u16, String)> {
    let mut texts = BTreeMap::new();
    for path in paths {
        let answer = world.send("GET", &path, None).await;
        texts.insert(path, answer);
    }
    texts
}

async fn plan_and_apply(places: Vec<Place>, times: IntervalTimes, prune: bool) {
    let world = World::with_targets(places.iter().map(|place| (place.kind, place.target.clone())), "[]").await;
    let client = world.client(Api::Outbound(times));
    set_up(&world, &client, &places).await;
    let wanted: Vec<_> = places.iter().filter_map(Place::wanted).collect();
    let count = |is: fn(&Place) -> bool| places.iter().filter(|place| is(place)).count();
    let orphans = count(|place| matches!(place.fate, Fate::Orphan(_)));
    // Where no manifest declares a schedule, nothing is pruned.
    let pruned = if prune && !wanted.is_empty() { orphans } else { 0 };
    let others = || places.iter().filter(|place| place.is_of_others()).map(Place::path);
    let before = texts(&world, others()).await;
    let policy = Policy { prune, ..Policy::default() };

    let plan = client.plan(&wanted, policy).await;
    let counts = plan.counts();
    assert_eq!(counts.create, count(|place| matches!(place.fate, Fate::Missing(_))));
    assert_eq!(counts.update, count(Place::is_to_change));
    assert_eq!((counts.delete, plan.orphans.len()), (pruned, orphans - pruned));
    assert_eq!((counts.refused, counts.unmanaged), (0, others().count()));
    let (planned, writes) = (counts.create + counts.update + counts.delete, world.writes().await);
    let summary = client.apply(plan).await;
    assert_eq!((failures(&summary), summary.exit()), (Vec::new(), Exit::Done));
    assert_eq!(world.writes().await - writes, planned, "one write for each action");

    let writes = world.writes().await;
    let second = client.plan(&wanted, policy).await;
    let left: Vec<_> = second.actions.iter().map(|action| (action.verb(), action.before(), action.after())).collect();
    assert_eq!(left, [], "nothing is left to do");
    assert_eq!((second.unchanged, second.orphans.len()), (wanted.len(), orphans - pruned));
    assert_eq!(client.apply(second).await.results.len(), 0);
    assert_eq!(world.writes().await, writes, "an empty plan writes nothing");

    assert_eq!(texts(&world, others()).await, before, "what others own is as it was");
    for place in places {
        let is_gone = pruned > 0 && matches!(place.fate, Fate::Orphan(_));
        assert_eq!(world.stored(&place.path()).await.is_none(), is_gone, "{place:?}");
    }
}

/// Schedules of one campaign, each with whether it is live and whether it is wanted.
type Campaign = Vec<(Timetable, bool, bool)>;

fn campaign() -> impl Strategy<Value = Campaign> {
    windows().prop_flat_map(|tables| {
        let fates = prop::collection::vec((any::<bool>(), prop::bool::weighted(0.8)), tables.len());
        fates.prop_map(move |fates| {
            tables.iter().cloned().zip(fates).map(|(table, (live, wanted))| (table, live, wanted)).collect()
        })
    })
}

async fn plan_and_apply_windows(campaigns: Vec<Campaign>) {
    let named = |n: usize| format!("c-{n}");
    let world = World::with_targets((0..campaigns.len()).map(|n| (ScheduleKind::Campaign, named(n))), "[]").await;
    let client = world.client(Api::CampaignSchedules);
    let all = campaigns.iter().enumerate().flat_map(|(n, campaign)| {
        campaign.iter().enumerate().map(move |(m, (timetable, live, wanted))| {
            let (owner, kind) = (Owner::default(), ScheduleKind::Campaign);
            (owned_by(&owner, kind, &format!("s-{n}-{m}"), &named(n), timetable.clone()), *live, *wanted)
        })
    });
    let all: Vec<(DesiredSchedule, bool, bool)> = all.collect();
    let some = |is: fn(bool, bool) -> bool| -> Vec<DesiredSchedule> {
        all.iter().filter(|one| is(one.1, one.2)).map(|one| one.0.clone()).collect()
    };
    client.create(&some(|live, _| live)).await;
    let wanted = some(|_, wanted| wanted);
    let paths = || (0..campaigns.len()).map(|n| windows_path(&named(n)));
    let before = texts(&world, paths()).await;
    let policy = Policy { prune: true, ..Policy::default() };

    let plan = client.plan(&wanted, policy).await;
    let missing = some(|live, wanted| wanted && !live).len();
    assert_eq!((plan.counts().create, plan.actions.len()), (missing, missing));
    let writes = world.writes().await;
    let summary = client.apply(plan).await;
    assert_eq!((failures(&summary), summary.exit()), (Vec::new(), Exit::Done));
    assert_eq!(world.writes().await - writes, missing);

    let second = client.plan(&wanted, policy).await;
    assert_eq!((second.actions.len(), second.unchanged), (0, wanted.len()));
    assert_eq!(client.apply(second).await.results.len(), 0);
    assert_eq!(world.writes().await - writes, missing, "an empty plan writes nothing");
    for (path, (_, after)) in texts(&world, paths()).await {
        // What was there is still there, and first: the sandbox keeps the order of creation.
        let earlier = before[&path].1.trim_end_matches(']');
        assert!(after.starts_with(earlier), "{earlier}\n{after}");
    }
}

/// How many repositories are made up. All 10,000 take `DIALCTL_REPOSITORIES=10000`.
fn repositories() -> u32 {
    std::env::var("DIALCTL_REPOSITORIES").map_or(24, |count| count.parse().unwrap())
}

fn block_on(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: repositories(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_after_its_apply_is_empty(
        fates in prop::collection::vec((kind(), fate()), 1..9),
        in_utc in any::<bool>(),
        prune in any::<bool>(),
    ) {
        let times = if in_utc { IntervalTimes::Utc } else { IntervalTimes::Local };
        let places = fates.into_iter().enumerate().map(|(n, (kind, fate))| Place { kind, target: format!("t-{n}"), fate });
        block_on(plan_and_apply(places.collect(), times, prune));
    }

    #[test]
    fn a_plan_after_its_apply_is_empty_where_a_campaign_has_several(
        campaigns in prop::collection::vec(campaign(), 1..4),
    ) {
        block_on(plan_and_apply_windows(campaigns));
    }
}
