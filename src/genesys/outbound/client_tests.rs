//! The client against scripted answers.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::genesys::scripted_server::{Answer, Scripted, options};
use crate::genesys::{Clock, Credentials, Failure, Matter, ScheduleApi, Scope, Transport};
use crate::schedule::{ScheduleKind, Target};

use super::round_trip::{as_written, desired, timetable};
use super::{IntervalTimes, OutboundSchedules};

fn api(server: &Scripted) -> OutboundSchedules {
    OutboundSchedules::new(server.transport(), IntervalTimes::default())
}

fn all(kind: ScheduleKind) -> Scope {
    Scope { targets: ["not asked for".to_owned()].into(), ..Scope::whole(kind) }
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
async fn pages_without_schedules_end() {
    // Each names another one after it.
    let next = |n: usize| format!("/api/v2/outbound/schedules/emailcampaigns?cursor={n}");
    let endless = Scripted::api(move |n, _| Answer::json(200, json!({"entities": [], "nextUri": next(n)}))).await;
    let error = api(&endless).list(&all(ScheduleKind::EmailCampaign)).await.unwrap_err();
    assert!(error.to_string().contains("4 pages in a row"), "{error}");
    assert_eq!(endless.asked().len(), 4);
    let few = Scripted::api(move |n, _| {
        let one = json!({"emailCampaign": {"id": n.to_string()}, "intervals": []});
        let entities = if n % 3 == 0 { json!([one]) } else { json!([]) };
        Answer::json(200, json!({"entities": entities, "nextUri": (n < 9).then(|| next(n))}))
    })
    .await;
    let listing = api(&few).list(&all(ScheduleKind::EmailCampaign)).await.unwrap();
    assert_eq!((listing.pages, listing.schedules.len()), (9, 3));
}

#[tokio::test]
async fn of_what_does_not_matter_only_the_number_is_kept() {
    let server = Scripted::api(|n, _| {
        let one = |id: &str, name: &str| json!({"name": name, "emailCampaign": {"id": id}, "intervals": []});
        let entities = match n {
            1 => json!([one("a", "dialctl/a"), one("b", "theirs"), one("c", "theirs"), {"name": "astray"}, 7]),
            // Something created meanwhile has shifted the pages.
            _ => json!([one("c", "theirs"), one("a", "dialctl/a"), one("d", "dialctl2/d"), one("wanted", "theirs")]),
        };
        let next = (n == 1).then_some("/api/v2/outbound/schedules/emailcampaigns?pageNumber=2");
        Answer::json(200, json!({"entities": entities, "nextUri": next}))
    })
    .await;
    let owner = crate::schedule::Owner::default();
    let targets = ["wanted".to_owned()].into();
    let scope = Scope { kind: ScheduleKind::EmailCampaign, targets, matter: Matter::OwnedOrOnTarget(owner) };
    let listing = api(&server).list(&scope).await.unwrap();
    let kept: Vec<&str> = listing.schedules.iter().map(|live| live.target.id.as_str()).collect();
    assert_eq!((kept, listing.seen), (vec!["a", "wanted"], 7));
}

#[tokio::test]
async fn an_attempt_that_breaks_off_leaves_nothing_behind() {
    let list = json!([{"campaign": {"id": "a"}, "intervals": []}, {"campaign": {"id": "b"}, "intervals": []}]);
    let server = Scripted::api(move |n, _| {
        let whole = Answer::json(200, list.clone());
        // Promised longer than it is, so that the connection ends within it.
        if n < 3 { whole.header("content-length", "999") } else { whole }
    })
    .await;
    let listing = api(&server).list(&all(ScheduleKind::Campaign)).await.unwrap();
    assert_eq!((listing.schedules.len(), listing.seen, server.asked().len()), (2, 2, 3));
    let cut = Scripted::api(|_, _| Answer::text(200, "application/json", r#"[{"campaign": {"id""#)).await;
    let error = api(&cut).list(&all(ScheduleKind::Campaign)).await.unwrap_err();
    assert!(matches!(error.failure, Failure::Unreadable(_)) && error.to_string().contains("broken JSON"), "{error}");
    assert_eq!(cut.asked().len(), 1);
}

#[tokio::test]
async fn a_listing_that_stalls_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 4096]).await;
            let begun = b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n[";
            tokio::io::AsyncWriteExt::write_all(&mut stream, begun).await.unwrap();
            open.push(stream);
        }
    });
    let mut options = options(&base, Credentials::Token("t".into()), &Clock::virtual_time());
    options.request_timeout = Duration::from_millis(50);
    let transport = Arc::new(Transport::new(options).unwrap());
    let api = OutboundSchedules::new(Arc::clone(&transport), IntervalTimes::default());
    let error = api.list(&all(ScheduleKind::Campaign)).await.unwrap_err();
    assert!(matches!(error.failure, Failure::Failed(_)) && error.to_string().contains("no answer"), "{error}");
    assert_eq!(transport.stats().requests, 4);
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
