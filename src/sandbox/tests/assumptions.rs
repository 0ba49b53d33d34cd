//! Each reading of what is not known, and its opposite.

use super::*;
use crate::sandbox::families::{schedule_path, target_path};

/// What the same requests come to by default, and under an assumption.
async fn both(assumption: Assumption) -> [World; 2] {
    [World::new().await, World::assuming([assumption]).await]
}

fn changed(field: &str, value: Value) -> Value {
    let mut body = voice(None);
    body[field] = value;
    body
}

fn recurring(field: &str, value: Value) -> Value {
    let mut body = voice(None);
    body["recurrences"][0][field] = value;
    body
}

/// Puts each body on a sandbox of its own reading: refused so by default, accepted under the assumption.
async fn accepted_only_under(assumption: Assumption, bodies: impl IntoIterator<Item = Value>, refused: (u16, String)) {
    for body in bodies {
        let [default, assumed] = both(assumption).await;
        assert_eq!(default.put(VOICE, &body).await.error(), refused, "{body}");
        let answer = assumed.put(VOICE, &body).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_wrong_version_has_one_of_two_codes() {
    let [default, assumed] = both(Assumption::WrongVersionBadRequest).await;
    for (world, refused) in
        [(default, error(409, "invalid.update.wrong.version")), (assumed, error(400, "invalid.update"))]
    {
        assert_eq!(world.put(VOICE, &voice(None)).await.status, 200);
        for version in [None, Some(0), Some(9)] {
            assert_eq!(world.put(VOICE, &voice(version)).await.error(), refused);
        }
        assert_eq!(world.put(VOICE, &voice(Some(1))).await.status, 200);
    }
}

#[tokio::test]
async fn past_intervals_may_be_refused() {
    let past = changed("intervals", json!([{"start": "2020-01-01T00:00:00Z", "end": "2030-01-01T00:00:00Z"}]));
    let [default, assumed] = both(Assumption::PastIntervalsRefused).await;
    assert_eq!(default.put(VOICE, &past).await.status, 200);
    assert_eq!(assumed.put(VOICE, &past).await.error(), error(400, "invalid.interval.time"));
    assert_eq!(assumed.put(VOICE, &voice(None)).await.status, 200, "its interval is still to come");
}

#[tokio::test]
async fn the_first_write_may_need_version_zero() {
    let [default, assumed] = both(Assumption::CreateNeedsVersion).await;
    let refused = error(409, "invalid.update.wrong.version");
    for (world, wrong, right) in [(default, Some(0), None), (assumed, None, Some(0))] {
        assert_eq!(world.put(VOICE, &voice(wrong)).await.error(), refused);
        assert_eq!(world.put(VOICE, &voice(Some(1))).await.error(), refused);
        assert_eq!(world.put(VOICE, &voice(right)).await.json()["version"], 1);
        assert_eq!(world.put(VOICE, &voice(right)).await.error(), refused);
        assert_eq!(world.put(VOICE, &voice(Some(1))).await.json()["version"], 2);
    }
}

#[tokio::test]
async fn empty_spans_may_be_accepted() {
    let at = "2027-05-01T10:00:00";
    let exclusion = json!([{"type": "Exclusion", "start": at, "end": at}]);
    let bodies = [
        changed("intervals", json!([{"start": at, "end": at}])),
        changed("intervals", json!([{"start": at, "end": "2027-04-01T10:00:00"}])),
        recurring("end", json!("2027-03-01T09:00:00")),
        recurring("alterations", exclusion),
    ];
    accepted_only_under(Assumption::EmptyIntervalsAccepted, bodies, error(400, "invalid.interval.time")).await;
}

#[tokio::test]
async fn open_patterns_may_be_accepted() {
    let bodies = [
        recurring("pattern", json!({"type": "Weekly", "interval": 1})),
        recurring("pattern", json!({"type": "Weekly", "interval": 1, "daysOfWeek": []})),
        recurring("range", json!({"type": "EndDate"})),
        recurring("range", json!({"type": "Numbered"})),
    ];
    accepted_only_under(Assumption::OpenPatternsAccepted, bodies, error(400, "bad.request")).await;
    let assumed = World::assuming([Assumption::OpenPatternsAccepted]).await;
    let none = recurring("range", json!({"type": "Numbered", "numberOfOccurrences": 0}));
    assert_eq!(assumed.put(VOICE, &none).await.error(), error(400, "invalid.value"), "what stands there is checked");
}

#[tokio::test]
async fn an_unknown_target_may_have_no_code_of_its_own() {
    let [default, assumed] = both(Assumption::AbsentCampaignIsNotFound).await;
    for (kind, code) in
        [(ScheduleKind::Campaign, "campaign.not.found"), (ScheduleKind::Sequence, "campaign.sequence.not.found")]
    {
        let mut body = schedule(kind, None);
        body[kind.target_field()]["id"] = json!("nobody");
        let (one, target) = (schedule_path(kind, "nobody"), target_path(kind, "nobody"));
        for (world, code) in [(&default, code), (&assumed, "not.found")] {
            for answer in [
                world.get(&one).await,
                world.put(&one, &body).await,
                world.delete(&one).await,
                world.get(&target).await,
            ] {
                assert_eq!(answer.error(), error(404, code));
            }
        }
    }
}

#[tokio::test]
async fn the_target_in_the_path_may_win() {
    let bodies = [json!({"id": "other"}), json!({})].map(|reference| changed("campaign", reference));
    accepted_only_under(Assumption::PathIdWins, bodies.clone(), error(400, "bad.request")).await;
    let assumed = World::assuming([Assumption::PathIdWins]).await;
    let [other, _] = bodies;
    assert_eq!(assumed.put(VOICE, &other).await.json()["campaign"]["id"], "t");
    assert_eq!(assumed.get("/api/v2/outbound/schedules/campaigns/other").await.error().0, 404);
}

#[tokio::test]
async fn times_of_intervals_may_come_back_in_utc() {
    let verbatim = json!([
        {"start": "2027-05-01T10:00:00", "end": "2027-05-01T14:00:00.5"},
        {"start": "2027-06-01T10:00:00Z", "end": "2027-06-01T19:00:00+05:00"},
    ]);
    let body = changed("intervals", verbatim.clone());
    let in_utc = json!([
        {"start": "2027-05-01T08:00:00.000Z", "end": "2027-05-01T12:00:00.500Z"},
        {"start": "2027-06-01T10:00:00.000Z", "end": "2027-06-01T14:00:00.000Z"},
    ]);
    let [default, assumed] = both(Assumption::IntervalsNormalized).await;
    for (world, intervals) in [(default, verbatim), (assumed, in_utc)] {
        let put = world.put(VOICE, &body).await.json();
        assert_eq!(put["intervals"], intervals);
        assert_eq!(put["recurrences"][0]["start"], "2027-03-01T09:00:00", "recurrences have no instants");
        assert_eq!(world.get(VOICE).await.json(), put);
    }
}

#[tokio::test]
async fn names_may_be_dropped() {
    let [default, assumed] = both(Assumption::NamesDropped).await;
    for (world, name) in [(default, Some(&json!("dialctl/spring"))), (assumed, None)] {
        assert_eq!(world.put(VOICE, &voice(None)).await.json().get("name"), name);
        assert_eq!(world.get("/api/v2/outbound/schedules/campaigns").await.json()[0].get("name"), name);
    }
}

#[tokio::test]
async fn versions_may_start_at_zero() {
    let [default, assumed] = both(Assumption::VersionStartsAtZero).await;
    for (world, first) in [(default, 1), (assumed, 0)] {
        assert_eq!(world.put(VOICE, &voice(None)).await.json()["version"], first);
        assert_eq!(world.put(VOICE, &voice(Some(first))).await.json()["version"], first + 1);
    }
}

#[tokio::test]
async fn assumptions_go_together() {
    let world = World::assuming([Assumption::CreateNeedsVersion, Assumption::VersionStartsAtZero]).await;
    assert_eq!(world.put(VOICE, &voice(Some(0))).await.json()["version"], 0);
    assert_eq!(world.put(VOICE, &voice(Some(0))).await.json()["version"], 1);
}
