//! The API with several schedules per campaign is not in the document: its fields are those of the
//! source that it comes from, and no others.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use dialctl::genesys::{CampaignSchedules, Failure, ScheduleApi, Scope};
use dialctl::schedule::{Bound, Pattern, ScheduleKind, Slot, Timetable, Zone};
use reqwest::Client;
use serde_json::{Value, json};

use crate::conversation::{Line, desired, seed};
use crate::wire::Exchange;

const FIELDS: [&str; 8] = [
    "campaignId",
    "dailySchedule",
    "endTime",
    "id",
    "maxConcurrentAgents",
    "maxConcurrentCalls",
    "startTime",
    "timezone",
];

fn timetable(hour: u32) -> Timetable {
    let zone = Zone::named("Europe/London").unwrap();
    let number = |n| NonZeroU32::new(n).unwrap();
    let slot = Slot {
        zone,
        first: "2027-03-01".parse().unwrap(),
        start: format!("{hour:02}:00").parse().unwrap(),
        length: number(3600),
        pattern: Pattern::Weekly { every: number(1), days: [chrono::Weekday::Mon].into_iter().collect() },
        bound: Bound::Until("2027-06-28".parse().unwrap()),
        alterations: Vec::new(),
    };
    let second = Slot { start: format!("{:02}:00", hour + 2).parse().unwrap(), ..slot.clone() };
    Timetable { zone, slots: vec![slot, second], intervals: Vec::new() }
}

/// The fields of a schedule are exactly these, each of its type.
#[track_caller]
fn assert_schedule(value: &Value) {
    let fields: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, FIELDS);
    for field in ["id", "campaignId", "startTime", "endTime", "timezone"] {
        assert!(value[field].is_string(), "{field}");
    }
    for field in ["maxConcurrentCalls", "maxConcurrentAgents"] {
        assert!(value[field].is_u64(), "{field}");
    }
    for daily in value["dailySchedule"].as_array().unwrap() {
        let fields: Vec<&str> = daily.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(fields, ["days", "endTime", "startTime"]);
        assert!(daily["days"].as_array().unwrap().iter().all(Value::is_string));
        assert!(daily["startTime"].is_string() && daily["endTime"].is_string());
    }
}

fn body(exchange: &Exchange) -> Value {
    serde_json::from_slice(&exchange.request).unwrap()
}

#[tokio::test]
async fn exactly_the_fields_of_the_source_are_sent_and_answered() {
    let kind = ScheduleKind::Campaign;
    let line = Line::to(vec![seed(kind, "A")]).await;
    let api = CampaignSchedules::new(line.transport());
    let names: BTreeSet<String> = ["A".to_owned()].into();
    let target = api.find_targets(kind, &names).await.unwrap()["A"][0].clone();
    api.create(&desired(kind, &target, timetable(9))).await.unwrap();
    api.create(&desired(kind, &target, timetable(14))).await.unwrap();
    let error = api.create(&desired(kind, &target, timetable(9))).await.unwrap_err();
    assert!(matches!(error.failure, Failure::Conflict { .. }), "{error}");
    let scope = Scope { targets: [target.id.clone()].into(), ..Scope::whole(kind) };
    assert_eq!(api.list(&scope).await.unwrap().schedules.len(), 2);

    let path = format!("/api/v2/outbound/campaigns/{}/schedules", target.id);
    let exchanges: Vec<Exchange> =
        line.recorder.exchanges().into_iter().filter(|exchange| exchange.path == path).collect();
    let seen: Vec<(&str, u16)> = exchanges.iter().map(|seen| (seen.method.as_str(), seen.status)).collect();
    assert_eq!(seen, [("POST", 201), ("POST", 201), ("POST", 409), ("GET", 200)]);
    for exchange in &exchanges {
        assert_eq!(exchange.query, "");
        let answer: Value = serde_json::from_slice(&exchange.response).unwrap();
        match (exchange.method.as_str(), exchange.status) {
            ("POST", 409) => assert!(answer["message"].is_string() && answer["code"].is_string(), "{answer}"),
            ("POST", _) => {
                assert_schedule(&body(exchange));
                assert_eq!(answer, body(exchange));
            }
            _ => answer.as_array().unwrap().iter().for_each(assert_schedule),
        }
    }
}

#[tokio::test]
async fn the_sandbox_accepts_no_other_field_and_misses_each() {
    let kind = ScheduleKind::Campaign;
    let line = Line::to(vec![seed(kind, "A")]).await;
    let api = CampaignSchedules::new(line.transport());
    let names: BTreeSet<String> = ["A".to_owned()].into();
    let target = api.find_targets(kind, &names).await.unwrap()["A"][0].clone();
    api.create(&desired(kind, &target, timetable(9))).await.unwrap();
    let sent = line.recorder.exchanges().pop().unwrap();
    let good = {
        let mut good = body(&sent);
        good["id"] = json!("another");
        good["dailySchedule"][0]["startTime"] = json!("20:00");
        good["dailySchedule"][0]["endTime"] = json!("21:00");
        good["dailySchedule"].as_array_mut().unwrap().truncate(1);
        good
    };
    let client = Client::builder().no_proxy().build().unwrap();
    let post = async |body: &Value| {
        let request = client.post(format!("{}{}", line.recorder.url, sent.path)).json(body);
        let token = sent.request_headers["authorization"].clone();
        request.header("authorization", token).send().await.unwrap().status().as_u16()
    };
    let mut extra = good.clone();
    extra["name"] = json!("x");
    assert_eq!(post(&extra).await, 400);
    let mut extra = good.clone();
    extra["dailySchedule"][0]["label"] = json!("x");
    assert_eq!(post(&extra).await, 400);
    // The id is given by the server when it is left out, and a schedule need not end.
    for field in FIELDS.iter().filter(|field| !["id", "endTime"].contains(field)) {
        let mut less = good.clone();
        less.as_object_mut().unwrap().remove(*field);
        assert_eq!(post(&less).await, 400, "{field}");
    }
    assert_eq!(post(&good).await, 201);
}
