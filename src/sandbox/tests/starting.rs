//! Start, stop, and what outlives them.

use super::*;

#[tokio::test]
async fn what_was_answered_survives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("state/sandbox.json");
    let path = "/api/v2/outbound/campaigns/t/schedules";
    let window = json!({
        "campaignId": "t", "startTime": "2027-03-01T00:00:00Z", "timezone": "UTC",
        "dailySchedule": [{"startTime": "09:00", "endTime": "13:00"}], "maxConcurrentCalls": 1, "maxConcurrentAgents": 1,
    });
    let first = World::with(|options| options.data = Some(data.clone())).await;
    let schedule = first.put(VOICE, &voice(None)).await.json();
    let window = first.post(path, &window).await.json();
    let old_token = first.token.clone();
    first.sandbox.stop().await;
    let mut second = World::with(|options| options.data = Some(data.clone())).await;
    assert_eq!(second.get(VOICE).await.json(), schedule);
    assert_eq!(second.get(path).await.json(), json!([window]));
    assert_eq!(second.put(VOICE, &voice(Some(1))).await.json()["version"], 2);
    second.token = old_token;
    assert_eq!(second.get(VOICE).await.error(), error(401, "bad.credentials"), "tokens are not kept");
    let text = std::fs::read_to_string(&data).unwrap();
    assert!(!text.contains(CLIENT.1) && text.ends_with("}\n"));
}

#[tokio::test]
async fn a_change_that_cannot_be_kept_is_not_made() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("state");
    let world = World::with(|options| options.data = Some(place.join("sandbox.json"))).await;
    std::fs::remove_dir_all(&place).unwrap();
    std::fs::write(&place, "in the way").unwrap();
    assert_eq!(world.put(VOICE, &voice(None)).await.error(), error(500, "internal.server.error"));
    assert_eq!(world.get(VOICE).await.error(), error(404, "not.found"));
}

#[tokio::test]
async fn what_hinders_the_start_is_named_with_a_way_out() {
    let directory = tempfile::tempdir().unwrap();
    let broken = directory.path().join("broken.json");
    std::fs::write(&broken, "{\"formatVersion\":").unwrap();
    let running = World::new().await;
    let taken = running.sandbox.url().trim_start_matches("http://").parse().unwrap();
    for (options, named, way_out) in [
        (
            SandboxOptions { listen: ([0, 0, 0, 0], 8080).into(), ..options() },
            "0.0.0.0:8080",
            "--listen 127.0.0.1:8080",
        ),
        (SandboxOptions { data: Some(broken.clone()), ..options() }, "broken.json", "move it away"),
        (SandboxOptions { data: Some(broken.join("below.json")), ..options() }, "below.json", "--data"),
        (SandboxOptions { listen: taken, ..options() }, "127.0.0.1", "another port"),
    ] {
        let message = start(options, Vec::new()).await.unwrap_err().to_string();
        assert!(message.contains(named) && message.contains(way_out), "{message}");
    }
    assert_eq!(std::fs::read_to_string(&broken).unwrap(), "{\"formatVersion\":");
}

#[tokio::test]
async fn it_stops_when_it_is_told_to_and_frees_its_port() {
    let world = World::new().await;
    let url = world.sandbox.url();
    world.sandbox.stop().await;
    assert!(http_client().get(url).send().await.unwrap_err().is_connect());
}
