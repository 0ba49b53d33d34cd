//! Answers later than the client waits: the requests are carried out, or not, and nobody has said so.

use std::time::Duration;

use dialctl::apply::Outcome;
use dialctl::schedule::ScheduleKind;

use crate::schedules::{desired, mornings};
use crate::subject::{Operation, PRUNE, Subject};
use crate::world::{Api, OUTBOUND, World};

const BESIDE: &str = "beside";

/// Moves the time past the client's patience each time when a struck request has arrived and waits for its
/// answer. Only then: while answers are under way, time that jumps would end the wait for them, too.
pub(super) async fn pass_time(world: &World, method: &str, path: &str, times: usize) {
    for n in 1..=times {
        while world.arrived(method, path).await < n {
            tokio::task::yield_now().await;
        }
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(16)).await;
        tokio::time::resume();
    }
}

/// Carries an operation out whose requests of a method meet an effect, so many of which are given up.
async fn run(subject: &Subject, method: &str, effect: &str, given_up: usize) -> (World, Outcome, Vec<String>) {
    let targets = [BESIDE, subject.target.as_str()].map(|target| (ScheduleKind::Campaign, target.to_owned()));
    let world = World::with_targets(targets, "[]").await;
    let client = world.client(subject.api);
    let beside = desired(ScheduleKind::Campaign, BESIDE, mornings("09:00"));
    client.create(subject.before().iter().chain([&beside])).await;
    let wanted: Vec<_> = subject.after().into_iter().chain([beside]).collect();
    let plan = client.plan(&wanted, PRUNE).await;
    world.strike(&format!("- {{method: {method}, path: {}, {effect}}}", subject.path())).await;
    let path = subject.path();
    let (mut summary, ()) = tokio::join!(client.apply(plan), pass_time(&world, method, &path, given_up));
    let sent = world.requests().await;
    world.strike("[]").await;
    let outcome = summary.results.remove(0).outcome;
    let after = client.plan(&wanted, PRUNE).await;
    let is_done = matches!(outcome, Outcome::Succeeded);
    assert_eq!(after.actions.len(), usize::from(!is_done), "{subject:?} {method} {effect}");
    let methods = sent.iter().filter_map(|request| request.split(' ').next()).map(str::to_owned).collect();
    (world, outcome, methods)
}

fn subjects() -> impl Iterator<Item = Subject> {
    [OUTBOUND, Api::CampaignSchedules].into_iter().flat_map(|api| {
        let subject = move |operation: &Operation| Subject { api, operation: *operation, target: "late".to_owned() };
        Operation::of(api).iter().map(subject)
    })
}

#[tokio::test]
async fn a_success_that_is_told_too_late_is_found_by_reading_back() {
    for subject in subjects() {
        for effect in ["delayMs: 60000", "nth: 1, delayMs: 60000"] {
            let (world, outcome, sent) = run(&subject, subject.method(), effect, 1).await;
            assert!(matches!(outcome, Outcome::Succeeded), "{subject:?}: {outcome:?}");
            assert_eq!(sent, subject.sends(&["write", "GET"]), "{subject:?} {effect}");
            subject.is_done_once(&world).await;
        }
    }
}

#[tokio::test]
async fn a_failure_that_is_told_too_late_is_found_undone_and_repeated() {
    for subject in subjects() {
        let (world, outcome, sent) = run(&subject, subject.method(), "nth: 1, status: 503, delayMs: 60000", 1).await;
        assert!(matches!(outcome, Outcome::Succeeded), "{subject:?}: {outcome:?}");
        assert_eq!(sent, subject.sends(&["write", "GET", "write"]), "{subject:?}");
        subject.is_done_once(&world).await;

        let (world, outcome, sent) = run(&subject, subject.method(), "status: 503, delayMs: 60000", 4).await;
        let Outcome::Failed(error) = outcome else { panic!("{subject:?}: {outcome:?}") };
        assert!(error.to_string().contains("outcome unknown: no answer from"), "{error}");
        assert!(error.to_string().contains("within 15 s"), "{error}");
        assert_eq!(sent, subject.sends(&["write", "GET"].repeat(4)), "{subject:?}");
        subject.is_untouched(&world, 1).await;
    }
}

#[tokio::test]
async fn a_look_before_a_delete_that_is_never_answered_deletes_nothing() {
    let subject = Subject { api: OUTBOUND, operation: Operation::Delete, target: "late".to_owned() };
    let (world, outcome, sent) = run(&subject, "GET", "nth: 1, delayMs: 60000", 1).await;
    assert!(matches!(outcome, Outcome::Succeeded), "{outcome:?}");
    assert_eq!(sent, ["GET", "GET", "DELETE"]);
    subject.is_done_once(&world).await;

    let (world, outcome, sent) = run(&subject, "GET", "delayMs: 60000", 4).await;
    let Outcome::Failed(error) = outcome else { panic!("{outcome:?}") };
    assert!(error.to_string().contains("no answer from"), "{error}");
    assert_eq!(sent, ["GET"; 4]);
    subject.is_untouched(&world, 1).await;
}

#[tokio::test]
async fn a_login_that_is_answered_too_late_is_repeated_within_its_bound() {
    for (effect, given_up, is_done) in [("nth: 1, delayMs: 60000", 1, true), ("delayMs: 60000", 4, false)] {
        let world = World::with_targets([], "[]").await;
        world.strike(&format!("- {{path: /oauth/token, {effect}}}")).await;
        let client = world.client(OUTBOUND);
        let scope = dialctl::genesys::Scope::whole(ScheduleKind::Campaign);
        let (listed, ()) = tokio::join!(client.api.list(&scope), pass_time(&world, "POST", "/oauth/token", given_up));
        assert_eq!(listed.is_ok(), is_done);
        if let Err(error) = listed {
            assert!(error.to_string().contains("POST /oauth/token: failed: no answer from"), "{error}");
        }
        let logins = given_up + usize::from(is_done);
        assert_eq!(world.arrived("POST", "/oauth/token").await, logins);
    }
}
