//! A write that never arrives, and one that arrives after it was given up: both are written once.

use std::time::Duration;

use dialctl::exit::Exit;
use dialctl::schedule::ScheduleKind;

use crate::relay::{FirstWrite, relay};
use crate::schedules::{desired, mornings};
use crate::subject::{Operation, PRUNE, Subject};
use crate::world::{Api, Client, OUTBOUND, World, failures};

/// How long the client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// A schedule that stays as it is: where no manifest declares one, nothing is pruned.
const BESIDE: &str = "beside";

fn subjects() -> impl Iterator<Item = Subject> {
    let all = [OUTBOUND, Api::CampaignSchedules].into_iter();
    all.flat_map(|api| {
        let subject = move |operation: &Operation| Subject { api, operation: *operation, target: "struck".to_owned() };
        Operation::of(api).iter().map(subject)
    })
}

/// Carries an operation out while its first write goes wrong in a way. `arriving` is what comes through
/// to the sandbox.
async fn is_written_once(subject: Subject, first_write: FirstWrite, arriving: &[&'static str]) {
    let beside = desired(ScheduleKind::Campaign, BESIDE, mornings("09:00"));
    let targets = [BESIDE, subject.target.as_str()].map(|target| (ScheduleKind::Campaign, target.to_owned()));
    let world = World::with_targets(targets, "[]").await;
    world.client(subject.api).create(subject.before().iter().chain([&beside])).await;
    let wanted: Vec<_> = subject.after().into_iter().chain([beside]).collect();
    let relay = relay(&world.url, first_write).await;
    let client = Client::at(&relay.url, subject.api, PATIENCE);
    let plan = client.plan(&wanted, PRUNE).await;
    let planned = world.requests().await.len();
    // Time moves only while the write waits for its answer: else it would end the waits for others, too.
    let pass_time = async {
        relay.swallowed.notified().await;
        tokio::time::pause();
        tokio::time::advance(PATIENCE + Duration::from_secs(1)).await;
        tokio::time::resume();
    };
    let (summary, ()) = tokio::join!(client.apply(plan), pass_time);
    assert_eq!(failures(&summary), [""; 0], "{subject:?} {first_write:?}");
    assert_eq!((summary.succeeded(), summary.exit()), (1, Exit::Done), "{subject:?} {first_write:?}");
    let sent = world.requests().await.split_off(planned);
    let methods: Vec<&str> = sent.iter().filter_map(|request| request.split(' ').next()).collect();
    assert_eq!(methods, subject.sends(arriving), "{subject:?} {first_write:?}");
    subject.is_done_once(&world).await;
    let after = client.plan(&wanted, PRUNE).await;
    assert_eq!((after.actions.len(), after.unchanged), (0, wanted.len()), "{subject:?} {first_write:?}");
}

#[tokio::test]
async fn a_write_whose_answer_never_comes_is_found_done() {
    for subject in subjects() {
        is_written_once(subject, FirstWrite::Unanswered, &["write", "GET"]).await;
    }
}

#[tokio::test]
async fn a_write_that_never_arrives_is_sent_again() {
    for subject in subjects() {
        is_written_once(subject, FirstWrite::Lost, &["GET", "write"]).await;
    }
}

#[tokio::test]
async fn a_write_that_arrives_after_it_was_given_up_is_found_done() {
    for subject in subjects() {
        // A repeated delete finds nothing, which is what it wants; the others clash with what came late.
        let arriving: &[_] = match subject.operation {
            Operation::Delete => &["GET", "write", "write"],
            Operation::Create | Operation::Update => &["GET", "write", "write", "GET"],
        };
        is_written_once(subject, FirstWrite::Late, arriving).await;
    }
}
