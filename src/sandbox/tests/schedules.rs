//! The public API: one schedule per target of each family.

use super::*;
use crate::sandbox::families::{schedule_path, schedules_segment};

#[tokio::test]
async fn a_schedule_lives_from_its_first_put_to_its_delete_in_every_family() {
    let world = World::new().await;
    for kind in ScheduleKind::ALL {
        let path = schedule_path(kind, "t");
        assert_eq!(world.get(&path).await.error(), error(404, "not.found"));
        let created = world.put(&path, &schedule(kind, None)).await;
        assert_eq!((created.status.as_u16(), &created.json()["version"]), (200, &json!(1)));
        assert_eq!(world.put(&path, &schedule(kind, None)).await.error(), error(409, "invalid.update.wrong.version"));
        assert_eq!(
            world.put(&path, &schedule(kind, Some(2))).await.error(),
            error(409, "invalid.update.wrong.version")
        );
        // What was read can be sent back as it is: read-only fields are ignored.
        let updated = world.put(&path, &created.json()).await.json();
        assert_eq!((&updated["version"], &updated["id"]), (&json!(2), &created.json()["id"]));
        assert_eq!(updated["intervals"], schedule(kind, None)["intervals"], "kept verbatim");
        assert_eq!(updated["recurrences"], created.json()["recurrences"]);
        assert_eq!(world.get(&path).await.json(), updated);
        let listed = world.get(&format!("/api/v2/outbound/schedules/{}", schedules_segment(kind))).await.json();
        let entities = listed.get("entities").unwrap_or(&listed);
        assert_eq!(entities, &json!([updated]), "{kind}");
        let deleted = world.delete(&path).await;
        assert_eq!((deleted.status.as_u16(), deleted.text.as_str()), (200, ""));
        assert_eq!(world.delete(&path).await.error(), error(404, "not.found"));
    }
}

#[tokio::test]
async fn bodies_are_refused_with_the_reason() {
    let world = World::assuming([Assumption::PastIntervalsRefused]).await;
    let recurrence = |field: &str, value: Value| {
        let mut recurrences = voice(None)["recurrences"].clone();
        recurrences[0][field] = value;
        recurrences
    };
    for (field, value, code) in [
        ("intervals", json!(null), "bad.request"),
        ("version", json!("three"), "bad.request"),
        ("version", json!(4_294_967_296_u64), "bad.request"),
        ("zone", json!("UTC"), "bad.request"),
        ("campaign", json!({"id": "other"}), "bad.request"),
        ("campaign", json!({}), "bad.request"),
        ("recurrences", recurrence("pattern", json!({"type": "Weekly", "interval": 1})), "bad.request"),
        ("recurrences", recurrence("range", json!({"type": "EndDate"})), "bad.request"),
        ("recurrences", recurrence("range", json!({"type": "Numbered"})), "bad.request"),
        ("recurrences", recurrence("pattern", json!({"type": "Daily", "interval": 0})), "invalid.value"),
        ("recurrences", recurrence("start", json!("2027-03-01T09:00:00Z")), "invalid.date"),
        ("recurrences", recurrence("end", json!("2027-03-01T09:00:00")), "invalid.interval.time"),
        ("timeZone", json!("Europe/Berlim"), "invalid.value"),
        ("name", json!("n".repeat(65)), "invalid.value"),
        ("intervals", json!([{"start": "soon", "end": "later"}]), "invalid.date"),
        (
            "intervals",
            json!([{"start": "2020-01-01T00:00:00Z", "end": "2030-01-01T00:00:00Z"}]),
            "invalid.interval.time",
        ),
    ] {
        let mut body = voice(None);
        body[field] = value;
        let answer = world.put(VOICE, &body).await;
        assert_eq!(answer.error(), error(400, code), "{field}: {}", answer.text);
        let named = answer.json()["details"][0]["fieldName"].as_str().unwrap().to_owned();
        assert!(named.starts_with(field), "{named}");
    }
    assert_eq!(world.get(VOICE).await.error(), error(404, "not.found"));
}

#[tokio::test]
async fn a_put_must_be_json_of_bearable_size() {
    let world = World::new().await;
    let put = |content_type: &'static str, body: String| {
        Answer::to(world.request(Method::PUT, VOICE).header("content-type", content_type).body(body))
    };
    assert_eq!(put("text/plain", voice(None).to_string()).await.error(), error(415, "unsupported.media.type"));
    assert_eq!(put("application/json", "{".to_owned()).await.error(), error(400, "bad.request"));
    let padded = |size: usize| format!("{}{}", voice(None), " ".repeat(size - voice(None).to_string().len()));
    assert_eq!(put("application/json", padded(512_001)).await.error(), error(413, "request.entity.too.large"));
    assert_eq!(put("application/json; charset=utf-8", padded(512_000)).await.status, 200);
}

#[tokio::test]
async fn unknown_targets_have_the_codes_of_their_family() {
    let world = World::new().await;
    for (kind, code) in [
        (ScheduleKind::Campaign, "campaign.not.found"),
        (ScheduleKind::Sequence, "campaign.sequence.not.found"),
        (ScheduleKind::EmailCampaign, "not.found"),
    ] {
        let path = schedule_path(kind, "nobody");
        let mut body = schedule(kind, None);
        body[kind.target_field()]["id"] = json!("nobody");
        assert_eq!(world.get(&path).await.error(), error(404, code));
        assert_eq!(world.put(&path, &body).await.error(), error(404, code));
        assert_eq!(world.delete(&path).await.error(), error(404, code));
    }
}

#[tokio::test]
async fn of_two_writers_that_read_the_same_version_one_wins() {
    let world = World::new().await;
    assert_eq!(world.put(VOICE, &voice(None)).await.status, 200);
    let body = voice(Some(1));
    let (a, b) = tokio::join!(world.put(VOICE, &body), world.put(VOICE, &body));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(world.get(VOICE).await.json()["version"], 2);
}

#[tokio::test]
async fn digital_schedules_come_in_pages() {
    let kind = ScheduleKind::EmailCampaign;
    let ids: Vec<String> = (0..27).map(|n| format!("e{n:02}")).collect();
    let seeds = ids.iter().map(|id| Seed { kind, target: TargetRef::Id(id.clone()), lines: None }).collect();
    let mut world = World::new().await;
    world.sandbox = start(options(), seeds).await.unwrap();
    world.log_in().await;
    for id in &ids {
        let mut body = schedule(kind, None);
        body["emailCampaign"]["id"] = json!(id);
        assert_eq!(world.put(&schedule_path(kind, id), &body).await.status, 200);
    }
    let first = world.get("/api/v2/outbound/schedules/emailcampaigns").await.json();
    let second = world.get(first["nextUri"].as_str().unwrap()).await.json();
    assert_eq!((first["total"].as_i64(), second.get("nextUri")), (Some(27), None));
    let pages = [first, second];
    let entities = pages.iter().flat_map(|page| page["entities"].as_array().unwrap());
    let seen: Vec<_> = entities.map(|entity| entity["emailCampaign"]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(seen, ids);
}
