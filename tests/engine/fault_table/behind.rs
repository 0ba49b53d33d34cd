//! Reads that are behind writes: an unknown write that is read back seems undone.

use std::time::Duration;

use chrono::{DateTime, Utc};
use dialctl::genesys::Clock;
use dialctl::plan::Policy;
use dialctl::sandbox::{SandboxClock, SandboxOptions};
use dialctl::schedule::{DesiredSchedule, ScheduleKind};

use crate::schedules::{desired, mornings};
use crate::subject::{Operation, PRUNE, Subject};
use crate::world::{Api, Client, OUTBOUND, World, failures};

const BESIDE: &str = "beside";

fn subjects() -> impl Iterator<Item = Subject> {
    [OUTBOUND, Api::CampaignSchedules].into_iter().flat_map(|api| {
        let subject = move |operation: &Operation| Subject { api, operation: *operation, target: "behind".to_owned() };
        Operation::of(api).iter().map(subject)
    })
}

struct Run {
    world: World,
    client: Client,
    wanted: Vec<DesiredSchedule>,
    failures: Vec<String>,
    sent: Vec<String>,
}

/// Carries an operation out whose first write is struck, while reads are behind for so many seconds from the
/// plan on.
async fn run(subject: &Subject, reset: &str, seconds: u32) -> Run {
    let clock = Clock::virtual_time();
    let seen = clock.clone();
    let sandbox_clock = SandboxClock::from_fn(move || DateTime::<Utc>::UNIX_EPOCH + seen.now());
    let options = SandboxOptions { rate_limit: 0, clock: sandbox_clock, ..World::options() };
    let targets = [BESIDE, subject.target.as_str()].map(|target| (ScheduleKind::Campaign, target.to_owned()));
    let world = World::with(options, targets).await;
    let client = Client::on(&world.url, subject.api, &clock);
    let beside = desired(ScheduleKind::Campaign, BESIDE, mornings("09:00"));
    client.create(subject.before().iter().chain([&beside])).await;
    let wanted: Vec<_> = subject.after().into_iter().chain([beside]).collect();
    let plan = client.plan(&wanted, PRUNE).await;
    let (write, path) = (subject.method(), subject.path());
    let begins = format!("- {{path: /api/v2/outbound/sequences, staleReads: {seconds}}}\n");
    world.strike(&format!("{begins}- {{method: {write}, path: {path}, nth: 1, reset: {reset}}}")).await;
    world.send("GET", "/api/v2/outbound/sequences", None).await;
    let summary = client.apply(plan).await;
    let sent = world.requests().await.into_iter().skip(1);
    let sent = sent.filter_map(|request| Some(request.split_once(' ')?.0.to_owned())).collect();
    Run { failures: failures(&summary), world, client, wanted, sent }
}

#[tokio::test]
async fn a_write_that_reads_show_late_is_found_done_and_nothing_is_written_twice() {
    for subject in subjects() {
        // Longer than the wait before the repeat, and shorter than all waits after its conflict.
        let run = run(&subject, "after", 10).await;
        assert_eq!(run.failures, [""; 0], "{subject:?}");
        if subject.operation == Operation::Delete {
            assert_eq!(run.sent, ["GET", "DELETE", "GET", "DELETE"]);
        } else {
            assert_eq!(run.sent[..4], subject.sends(&["write", "GET", "write", "GET"]), "{subject:?}");
            assert!(run.sent.len() <= 7 && run.sent[4..].iter().all(|sent| sent == "GET"), "{:?}", run.sent);
        }
        run.client.clock.sleep(Duration::from_secs(10)).await;
        subject.is_done_once(&run.world).await;
        assert_eq!(run.client.plan(&run.wanted, PRUNE).await.actions.len(), 0, "{subject:?}");
    }
}

#[tokio::test]
async fn a_write_that_did_not_happen_is_repeated_although_reads_are_behind() {
    for subject in subjects() {
        let run = run(&subject, "before", 600).await;
        assert_eq!(run.failures, [""; 0], "{subject:?}");
        assert_eq!(run.sent, subject.sends(&["write", "GET", "write"]), "{subject:?}");
        run.client.clock.sleep(Duration::from_secs(600)).await;
        subject.is_done_once(&run.world).await;
        assert_eq!(run.client.plan(&run.wanted, PRUNE).await.actions.len(), 0, "{subject:?}");
    }
}

#[tokio::test]
async fn a_write_that_reads_do_not_show_is_told_as_one_that_may_be_done_and_makes_no_second_object() {
    for subject in subjects().filter(|subject| subject.operation != Operation::Delete) {
        let run = run(&subject, "after", 600).await;
        assert_eq!(run.failures.len(), 1, "{subject:?}");
        for words in ["conflict: The", "an earlier attempt may have done it", "plan again later"] {
            assert!(run.failures[0].contains(words), "{words}: {}", run.failures[0]);
        }
        assert_eq!(run.sent, subject.sends(&["write", "GET", "write", "GET", "GET", "GET", "GET"]), "{subject:?}");
        // Whoever plans at once sees the same action, and the service refuses it.
        let plan = run.client.plan(&run.wanted, Policy::default()).await;
        assert_eq!(plan.actions.len(), 1, "{subject:?}");
        let again = failures(&run.client.apply(plan).await);
        assert!(again.len() == 1 && again[0].contains("conflict"), "{again:?}");
        run.client.clock.sleep(Duration::from_secs(600)).await;
        subject.is_done_once(&run.world).await;
        assert_eq!(run.client.plan(&run.wanted, PRUNE).await.actions.len(), 0, "{subject:?}");
    }
}
