//! Many writes under the limit of the service: how long they take, and how often they are turned away.

use std::collections::BTreeSet;
use std::time::Duration;

use dialctl::genesys::Clock;
use dialctl::plan::Policy;
use dialctl::sandbox::SandboxOptions;
use dialctl::schedule::{DesiredSchedule, ScheduleKind};
use serde_json::Value;

use crate::rival::{SharedTime, rival};
use crate::schedules::{desired, mornings};
use crate::world::{Client, World, comparison, failures};

const MINUTE: Duration = Duration::from_secs(60);
const SCHEDULES: u32 = 1000;
const LIMIT: u32 = 300;
/// How many requests may leave at once: a fifteenth of the limit.
const BURST: u32 = LIMIT / 15;

fn wanted() -> Vec<DesiredSchedule> {
    let one = |n| desired(ScheduleKind::Campaign, &format!("t-{n:04}"), mornings("09:00"));
    (0..SCHEDULES).map(one).collect()
}

/// A sandbox with a limit a minute, on the time of the program.
async fn limited(rate_limit: u32, wanted: &[DesiredSchedule], time: &SharedTime) -> World {
    let options = SandboxOptions { rate_limit, clock: time.sandbox_clock(), ..World::options() };
    World::with(options, wanted.iter().map(|one| (one.kind, one.target.id.clone()))).await
}

/// How many actions run at once where the service turns requests away. The clock jumps while answers are under
/// way, so that with more of them a wait would begin later than the service meant it.
const ONE: usize = 1;

/// Creates everything, and gives how long that took and how often a write was turned away.
async fn create_all(
    world: &World,
    url: &str,
    wanted: &[DesiredSchedule],
    at_once: usize,
    clock: &Clock,
) -> (Duration, u32) {
    let plan = comparison(wanted, Vec::new(), Policy::default(), true);
    let summary = Client::paced(url, clock).apply_at_once(at_once, plan).await;
    let took = clock.now();
    assert_eq!((failures(&summary), summary.succeeded()), (vec![], wanted.len()));

    let listed = world.stored("/api/v2/outbound/schedules/campaigns").await.unwrap();
    let listed = listed.as_array().unwrap();
    assert!(listed.iter().all(|live| live["version"] == 1), "something was written twice");
    let names: BTreeSet<&str> = listed.iter().map(|live| live["name"].as_str().unwrap()).collect();
    assert_eq!((listed.len(), names.len()), (wanted.len(), wanted.len()));
    let is_turned_away = |request: &&Value| request["status"] == 429 && request["method"] == "PUT";
    let turned_away = world.journal().await.iter().filter(is_turned_away).count();
    (took, u32::try_from(turned_away).unwrap())
}

#[tokio::test]
async fn a_thousand_creates_are_never_turned_away_and_take_as_long_as_they_must() {
    let (wanted, clock) = (wanted(), Clock::virtual_time());
    let time = SharedTime::of(&clock);
    let world = limited(LIMIT, &wanted, &time).await;
    let (took, turned_away) = create_all(&world, &world.url, &wanted, 8, &clock).await;
    assert_eq!(turned_away, 0);
    // So that no minute has more than 300, the burst of 20 included, 281 of them must become due in each. The
    // last of 1,000 creates and a login leaves when all but a burst have become due one after the other.
    let period = MINUTE / (LIMIT - BURST + 1);
    let least = period * (SCHEDULES + 1 - BURST);
    assert_eq!(least.as_secs(), 209);
    assert!(took >= least && took <= least.mul_f64(1.02), "{took:?} instead of {least:?}");
}

#[tokio::test]
async fn a_client_that_eats_half_of_the_limit_delays_and_spoils_nothing() {
    let (wanted, clock) = (wanted(), Clock::virtual_time());
    let time = SharedTime::of(&clock);
    let world = limited(LIMIT, &wanted, &time).await;
    let url = rival(&world.url, &time, MINUTE / (LIMIT / 2)).await;
    let (took, turned_away) = create_all(&world, &url, &wanted, ONE, &clock).await;
    // At least 150 of ours fit into each minute of the service, which counts all and starts anew each time.
    let minutes = SCHEDULES.div_ceil(LIMIT / 2);
    // Without the other client it takes three and a half.
    assert!((MINUTE * 4..=MINUTE * minutes).contains(&took), "{took:?}");
    // The one that is turned away tells all others to wait for the next minute.
    assert!(turned_away <= minutes, "{turned_away} in {minutes} minutes");
}

#[tokio::test]
async fn a_limit_below_the_pace_is_followed() {
    let (wanted, clock) = (wanted(), Clock::virtual_time());
    let time = SharedTime::of(&clock);
    let limit = 180;
    let world = limited(limit, &wanted, &time).await;
    let (took, turned_away) = create_all(&world, &world.url, &wanted, ONE, &clock).await;
    // Five minutes are used up, and in the sixth the last hundred leave at their own pace.
    let full = SCHEDULES / limit;
    assert!((MINUTE * full..MINUTE * (full + 1)).contains(&took), "{took:?}");
    assert_eq!(turned_away, 0, "the last one that is let in is told that it is the last");
}
