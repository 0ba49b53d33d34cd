//! The client against scripted answers.

use serde_json::json;

use crate::genesys::scripted_server::{Answer, Scripted};
use crate::genesys::{Failure, ScheduleApi, Scope};
use crate::schedule::{ScheduleKind, Target};

use super::round_trip::{as_written, desired, timetable};
use super::{IntervalTimes, OutboundSchedules};

fn api(server: &Scripted) -> OutboundSchedules {
    OutboundSchedules::new(server.transport(), IntervalTimes::default())
}

fn all(kind: ScheduleKind) -> Scope {
    Scope { kind, targets: ["not asked for".to_owned()].into() }
}

#[tokio::test]
async fn a_listing_takes_one_login_and_one_request() {
    let paths = ["campaigns", "sequences", "messagingcampaigns", "emailcampaigns", "whatsappcampaigns"];
    for (kind, path) in ScheduleKind::ALL.into_iter().zip(paths) {
        let field = kind.target_field();
        let server = Scripted::api(move |_, _| {
            let good = json!({"id": "s", "name": "dialctl/a", "version": 1, field: {"id": "a"}, "intervals": []});
            let odd = json!({"id": "r", field: {"id": "b"}, "timeZone": "Mars/Olympus", "intervals": []});
            Answer::json(200, json!([good, odd, 7]))
        })
        .await;
        let listing = api(&server).list(&all(kind)).await.unwrap();
        assert_eq!(listing.pages, 1);
        let readable: Vec<bool> = listing.schedules.iter().map(|live| live.timetable.is_ok()).collect();
        assert_eq!(readable, [true, false, false], "an odd schedule does not hide the others");
        let lines: Vec<_> = server.seen().into_iter().map(|seen| seen.line).collect();
        assert_eq!(lines, ["POST /oauth/token".to_owned(), format!("GET /api/v2/outbound/schedules/{path}")]);
    }
}

#[tokio::test]
async fn pages_are_followed_to_the_end() {
    let server = Scripted::api(|n, _| {
        let next = (n < 3).then(|| format!("/api/v2/outbound/schedules/emailcampaigns?pageNumber={}", n + 1));
        let one = json!({"emailCampaign": {"id": n.to_string()}, "intervals": []});
        Answer::json(200, json!({"entities": [one], "pageNumber": n, "pageCount": 3, "nextUri": next}))
    })
    .await;
    let listing = api(&server).list(&all(ScheduleKind::EmailCampaign)).await.unwrap();
    assert_eq!((listing.pages, listing.schedules.len()), (3, 3));
}

#[tokio::test]
async fn a_listing_that_may_be_incomplete_is_an_error() {
    let one = json!({"emailCampaign": {"id": "a"}, "intervals": []});
    let here = "/api/v2/outbound/schedules/emailcampaigns";
    for (answer, requests, words) in [
        (json!({"entities": [one], "nextUri": here}), 1, "repeats"),
        (json!({"entities": [], "nextUri": here}), 1, "repeats"),
        (json!({"entities": [one], "nextUri": "https://evil.example.com/x"}), 1, "another host"),
        (json!({"entities": [one], "pageCount": 2}), 1, "ends after page 1 of 2"),
        (json!({}), 1, "no `entities`"),
        (json!("none"), 1, "neither a list"),
    ] {
        let server = Scripted::api(move |_, _| Answer::json(200, answer.clone())).await;
        let error = api(&server).list(&all(ScheduleKind::EmailCampaign)).await.unwrap_err();
        assert!(matches!(error.failure, Failure::Unreadable(_)) && error.to_string().contains(words), "{error}");
        assert_eq!(server.asked().len(), requests, "{words}");
    }
    let page = json!({"entities": [one], "nextUri": format!("{here}?again")});
    let server = Scripted::api(move |_, _| Answer::json(200, page.clone())).await;
    let error = api(&server).list(&all(ScheduleKind::EmailCampaign)).await.unwrap_err();
    assert!(error.to_string().contains("page 2 repeats"), "{error}");
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_create_has_no_version_and_an_update_the_live_one() {
    let server = Scripted::api(|n, seen| {
        let mut stored: serde_json::Value = serde_json::from_slice(&seen.body).unwrap();
        (stored["id"], stored["version"]) = (json!("s"), json!(n + 6));
        Answer::json(200, stored)
    })
    .await;
    let api = api(&server);
    let desired = desired(ScheduleKind::Sequence, timetable());
    let live = api.create(&desired).await.unwrap();
    assert_eq!((live.version, live.timetable.as_ref()), (Some(7), Ok(&as_written(&desired.timetable))));
    assert_eq!((live.id.as_deref(), live.name.as_deref()), (Some("s"), Some(desired.live_name.as_str())));
    assert_eq!(api.update(&live, &desired).await.unwrap().version, Some(8));
    let bodies = server.bodies();
    assert_eq!((bodies[0].get("version"), bodies[1].get("version")), (None, Some(&json!(7))));
    assert_eq!(server.asked(), ["PUT /api/v2/outbound/schedules/sequences/t"; 2]);
}

#[tokio::test]
async fn a_write_whose_answer_cannot_be_read_is_unknown() {
    let server = Scripted::api(|_, _| Answer::text(200, "text/html", "<h1>Welcome</h1>")).await;
    let error = api(&server).create(&desired(ScheduleKind::Campaign, timetable())).await.unwrap_err();
    assert!(error.outcome_unknown() && error.to_string().contains("Welcome"), "{error}");
}

#[tokio::test]
async fn a_stale_version_is_a_conflict() {
    for (status, code) in [(409, "invalid.update.wrong.version"), (400, "invalid.update")] {
        let server = Scripted::api(move |_, _| Answer::json(status, json!({"code": code, "message": "stale"}))).await;
        let error = api(&server).create(&desired(ScheduleKind::Campaign, timetable())).await.unwrap_err();
        assert_eq!(error.failure, Failure::Conflict { code: code.into(), message: "stale".into() });
        assert_eq!(server.asked().len(), 1);
    }
}

#[tokio::test]
async fn what_is_absent_reads_as_none_and_counts_as_deleted() {
    let server = Scripted::api(|_, _| Answer::json(404, json!({"code": "not.found"}))).await;
    let api = api(&server);
    let target = Target { id: "t".into(), name: None };
    assert!(api.read(ScheduleKind::Campaign, &target).await.unwrap().is_empty());
    let body = json!({"campaign": {"id": "t"}});
    let live = super::decode::live(ScheduleKind::Campaign, &body, None, IntervalTimes::Local);
    api.delete(&live).await.unwrap();
    let path = "/api/v2/outbound/schedules/campaigns/t";
    assert_eq!(server.asked(), [format!("GET {path}"), format!("DELETE {path}")]);
}

#[tokio::test]
async fn a_proxy_that_says_404_does_not_make_a_schedule_absent() {
    let server = Scripted::api(|_, _| Answer::text(404, "text/html", "<h1>Not here</h1>")).await;
    let target = Target { id: "t".into(), name: None };
    let error = api(&server).read(ScheduleKind::Campaign, &target).await.unwrap_err();
    assert!(matches!(error.failure, Failure::Unreadable(_)), "{error}");
}
