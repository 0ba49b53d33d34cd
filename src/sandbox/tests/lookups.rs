//! Look-ups of targets.

use super::*;

async fn ids(world: &World, path: &str) -> Vec<String> {
    let listing = world.get(path).await.json();
    let entities = listing["entities"].as_array().unwrap_or_else(|| panic!("{listing}"));
    entities.iter().map(|entity| entity["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn targets_are_found_by_name_id_and_type() {
    let mut world = World::new().await;
    let named = |kind, name: &str| Seed { kind, target: TargetRef::Name(name.into()), lines: None };
    let mut seeds = seeds();
    seeds.push(named(ScheduleKind::Campaign, "Spring & Summer"));
    seeds.push(named(ScheduleKind::EmailCampaign, "Mail"));
    world.sandbox = start(options(), seeds).await.unwrap();
    world.log_in().await;
    let spring = crate::sandbox::families::id_for_name(ScheduleKind::Campaign, "Spring & Summer");
    let mail = crate::sandbox::families::id_for_name(ScheduleKind::EmailCampaign, "Mail");
    for (path, found) in [
        ("campaigns", vec!["t", &spring]),
        ("campaigns?sortBy=name&sortOrder=descending", vec![&spring, "t"]),
        ("campaigns?name=Spring%20%26%20Summer&filterType=Equals", vec![&spring]),
        ("campaigns?name=spring", vec![&spring]),
        ("campaigns?id=t&id=x", vec!["t"]),
        ("campaigns?pageSize=1&pageNumber=2", vec![&spring]),
        ("campaigns/divisionviews?name=Spring", vec![&spring]),
        ("sequences", vec!["t"]),
        ("messagingcampaigns?type=EMAIL", vec!["t", &mail]),
        ("messagingcampaigns?type=SMS", vec!["t"]),
    ] {
        assert_eq!(ids(&world, &format!("/api/v2/outbound/{path}")).await, found, "{path}");
    }
    let one = world.get(&format!("/api/v2/outbound/campaigns/{spring}")).await.json();
    assert_eq!((&one["name"], &one["outboundLineCount"]), (&json!("Spring & Summer"), &json!(100)));
    assert_eq!(world.get(&format!("/api/v2/outbound/messagingcampaigns/{mail}")).await.json()["name"], "Mail");
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let world = World::new().await;
    for (path, status, code) in [
        ("campaigns/x", 404, "campaign.not.found"),
        ("campaigns/divisionviews/x", 404, "campaign.not.found"),
        ("sequences/x", 404, "campaign.sequence.not.found"),
        ("messagingcampaigns/x", 404, "not.found"),
        ("nothing", 404, "not.found"),
        ("campaigns?pageSize=0", 400, "invalid.value"),
        ("schedules/campaigns?pageSize=1", 400, "invalid.value"),
    ] {
        assert_eq!(world.get(&format!("/api/v2/outbound/{path}")).await.error(), error(status, code), "{path}");
    }
    assert_eq!(world.delete("/api/v2/outbound/campaigns/t").await.error(), error(405, "method.not.allowed"));
}
