//! Somebody else at work between the plan and its apply.

use dialctl::apply::Summary;
use dialctl::exit::Exit;
use dialctl::plan::Policy;
use dialctl::schedule::{DesiredSchedule, ScheduleKind};
use serde_json::{Value, json};

use crate::schedules::{desired, mornings};
use crate::subject::{Operation, PRUNE, Subject};
use crate::world::{Api, OUTBOUND, World, failures, windows_path};

/// The schedule beside the one that somebody else touches. It changes in each of these runs.
const BESIDE: &str = "beside";

fn subject(api: Api, operation: Operation) -> Subject {
    Subject { api, operation, target: "shared".to_owned() }
}

/// A world in the state before the run, and what is wanted in it.
async fn world(subject: &Subject, faults: &str) -> (World, Vec<DesiredSchedule>) {
    let targets = [BESIDE, subject.target.as_str()].map(|target| (ScheduleKind::Campaign, target.to_owned()));
    let world = World::with_targets(targets, faults).await;
    world.client(subject.api).create(&subject.before()).await;
    let beside = desired(ScheduleKind::Campaign, BESIDE, mornings("09:00"));
    (world, subject.after().into_iter().chain([beside]).collect())
}

/// Plans, lets somebody else do something to the shared schedule, applies.
async fn apply_after(subject: &Subject, faults: &str, other: Other) -> (World, Summary) {
    let (world, wanted) = world(subject, faults).await;
    let client = world.client(subject.api);
    let plan = client.plan(&wanted, PRUNE).await;
    other.acts(subject, &world).await;
    let summary = client.apply(plan).await;
    let beside = Subject { target: BESIDE.to_owned(), ..subject.clone() };
    assert!(world.stored(&beside.path()).await.is_some(), "the schedule beside is applied");
    (world, summary)
}

/// What somebody else does.
#[derive(Clone, Copy, Debug)]
enum Other {
    Creates,
    Changes,
    Deletes,
}

impl Other {
    async fn acts(self, subject: &Subject, world: &World) {
        let path = subject.path();
        let (status, answer) = match self {
            Self::Deletes => world.send("DELETE", &path, None).await,
            Self::Creates => world.send("PUT", &path, Some(&theirs(&subject.target))).await,
            Self::Changes => {
                let mut changed = world.stored(&path).await.unwrap();
                changed["recurrences"][0]["end"] = json!("2027-03-01T12:30:00");
                world.send("PUT", &path, Some(&changed)).await
            }
        };
        assert_eq!(status, 200, "{answer}");
    }
}

fn theirs(target: &str) -> Value {
    json!({
        "name": "by hand", "timeZone": "UTC", "campaign": {"id": target},
        "intervals": [{"start": "2027-05-01T10:00:00.000", "end": "2027-05-01T14:00:00.000"}],
    })
}

#[track_caller]
fn the_shared_one_failed(summary: &Summary, words: &[&str]) {
    assert_eq!((summary.succeeded(), summary.failed(), summary.exit()), (1, 1, Exit::Partial));
    let message = failures(summary).remove(0);
    for words in words {
        assert!(message.contains(words), "{words}: {message}");
    }
}

#[tokio::test]
async fn a_schedule_changed_since_the_plan_is_not_overwritten() {
    let update = subject(OUTBOUND, Operation::Update);
    let (world, summary) = apply_after(&update, "[]", Other::Changes).await;
    the_shared_one_failed(
        &summary,
        &[
            "shared: PUT",
            "conflict",
            "The request has version 1, but version 2 is stored",
            "invalid.update.wrong.version",
        ],
    );
    let stored = world.stored(&update.path()).await.unwrap();
    assert_eq!((&stored["version"], &stored["recurrences"][0]["end"]), (&json!(2), &json!("2027-03-01T12:30:00")));
}

#[tokio::test]
async fn a_change_found_on_reading_back_is_not_overwritten_either() {
    // Their change is the second PUT for the path, ours the third.
    let update = subject(OUTBOUND, Operation::Update);
    let lost = format!("- {{method: PUT, path: {}, nth: 3, reset: before}}", update.path());
    let (world, summary) = apply_after(&update, &lost, Other::Changes).await;
    the_shared_one_failed(&summary, &["broke", "the target has changed since the plan was made: plan again"]);
    assert_eq!(world.stored(&update.path()).await.unwrap()["version"], 2);

    let create = subject(OUTBOUND, Operation::Create);
    let lost = format!("- {{method: PUT, path: {}, nth: 2, status: 502, html: true}}", create.path());
    let (world, summary) = apply_after(&create, &lost, Other::Creates).await;
    the_shared_one_failed(&summary, &["502", "the target has changed since the plan was made: plan again"]);
    assert_eq!(world.stored(&create.path()).await.unwrap()["name"], "by hand");
}

#[tokio::test]
async fn a_schedule_changed_since_the_plan_is_not_deleted() {
    let delete = subject(OUTBOUND, Operation::Delete);
    let (world, summary) = apply_after(&delete, "[]", Other::Changes).await;
    the_shared_one_failed(&summary, &["shared: ", "has changed since the plan was made", "plan again"]);
    let stored = world.stored(&delete.path()).await.unwrap();
    assert_eq!((&stored["version"], &stored["recurrences"][0]["end"]), (&json!(2), &json!("2027-03-01T12:30:00")));
}

#[tokio::test]
async fn a_schedule_deleted_since_the_plan_is_not_brought_back() {
    let update = subject(OUTBOUND, Operation::Update);
    let (world, summary) = apply_after(&update, "[]", Other::Deletes).await;
    the_shared_one_failed(&summary, &["conflict", "The request has version 1, but nothing is stored"]);
    assert_eq!(world.stored(&update.path()).await, None);
}

#[tokio::test]
async fn a_delete_of_what_is_gone_already_is_done() {
    let delete = subject(OUTBOUND, Operation::Delete);
    let (world, summary) = apply_after(&delete, "[]", Other::Deletes).await;
    assert_eq!((summary.succeeded(), summary.exit()), (2, Exit::Done));
    assert_eq!(world.stored(&delete.path()).await, None);
}

#[tokio::test]
async fn a_schedule_created_since_the_plan_is_not_overwritten() {
    let create = subject(OUTBOUND, Operation::Create);
    let (world, summary) = apply_after(&create, "[]", Other::Creates).await;
    the_shared_one_failed(&summary, &["conflict", "The request has no version, but version 1 is stored"]);
    let stored = world.stored(&create.path()).await.unwrap();
    assert_eq!((&stored["version"], &stored["name"]), (&json!(1), &json!("by hand")));
}

#[tokio::test]
async fn a_window_created_since_the_plan_that_overlaps_is_a_conflict() {
    let create = subject(Api::CampaignSchedules, Operation::Create);
    let (world, wanted) = world(&create, "[]").await;
    let client = world.client(create.api);
    let plan = client.plan(&wanted, Policy::default()).await;
    let theirs = json!({
        "campaignId": "shared", "startTime": "2027-03-01T00:00:00Z", "timezone": "America/New_York",
        "dailySchedule": [{"startTime": "11:00", "endTime": "12:00", "days": ["Friday"]}],
        "maxConcurrentCalls": 1, "maxConcurrentAgents": 1,
    });
    assert_eq!(world.send("POST", &windows_path("shared"), Some(&theirs)).await.0, 201);
    let summary = client.apply(plan).await;
    the_shared_one_failed(&summary, &["conflict", "The schedule overlaps schedule", "Friday 11:00-12:00"]);
    let stored = world.stored(&windows_path("shared")).await.unwrap();
    assert_eq!(stored.as_array().unwrap().len(), 1);
}
