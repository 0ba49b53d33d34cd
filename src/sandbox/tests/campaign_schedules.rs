//! The API `campaign-schedules`.

use super::*;

const PATH: &str = "/api/v2/outbound/campaigns/t/schedules";

fn window(start: &str, end: &str) -> Value {
    json!({
        "id": null, "campaignId": "t", "startTime": "2027-03-01T00:00:00Z", "endTime": null, "timezone": "UTC",
        "dailySchedule": [{"startTime": start, "endTime": end, "days": ["Monday"]}],
        "maxConcurrentCalls": 10, "maxConcurrentAgents": 5,
    })
}

#[tokio::test]
async fn schedules_are_created_and_listed() {
    let world = World::new().await;
    assert_eq!(world.get(PATH).await.json(), json!([]));
    let first = world.post(PATH, &window("09:00", "13:00")).await;
    assert_eq!(first.status, 201, "{}", first.text);
    let id = first.json()["id"].as_str().unwrap().to_owned();
    assert!(id.parse::<uuid::Uuid>().is_ok());
    let mut second = window("13:00", "17:00");
    second["id"] = json!("mine");
    let second = world.post(PATH, &second).await;
    assert_eq!((second.status.as_u16(), &second.json()["id"]), (201, &json!("mine")));
    assert_eq!(world.get(PATH).await.json(), json!([first.json(), second.json()]));
}

#[tokio::test]
async fn a_window_that_is_taken_is_refused_with_the_holder() {
    let world = World::new().await;
    let id = world.post(PATH, &window("09:00", "13:00")).await.json()["id"].as_str().unwrap().to_owned();
    for (start, end) in [("09:00", "13:00"), ("12:59", "14:00"), ("00:00", "24:00")] {
        let clash = world.post(PATH, &window(start, end)).await;
        assert_eq!(clash.error(), error(409, "general.conflict"));
        let message = clash.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(&id) && message.contains("Monday 09:00-13:00"), "{message}");
    }
    assert_eq!(world.get(PATH).await.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_wrong_or_not_offered_is_refused() {
    let world = World::new().await;
    let mut extra = window("09:00", "13:00");
    extra["priority"] = json!(1);
    let refused = world.post(PATH, &extra).await;
    assert_eq!(refused.error(), error(400, "bad.request"));
    assert!(refused.text.contains("priority"));
    let elsewhere = "/api/v2/outbound/campaigns/nobody/schedules";
    assert_eq!(world.get(elsewhere).await.error(), error(404, "campaign.not.found"));
    assert_eq!(world.post(elsewhere, &window("09:00", "13:00")).await.error(), error(404, "campaign.not.found"));
    assert_eq!(world.put(PATH, &window("09:00", "13:00")).await.error(), error(405, "method.not.allowed"));
    assert_eq!(world.delete(PATH).await.error(), error(405, "method.not.allowed"));
}
