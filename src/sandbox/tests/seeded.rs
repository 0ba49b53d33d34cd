//! What a seed file puts there.

use super::*;
use crate::sandbox::Inventory;
use crate::sandbox::families::{id_for_name, id_of_named};

fn inventory() -> Inventory {
    let document = json!({
        "queues": [
            {"name": "Sales", "id": "q-1", "memberCount": 12, "userMemberCount": 11, "joinedMemberCount": 7},
            {"name": "Support"},
        ],
        "sites": [{"name": "Berlin", "id": "s-1"}],
        "campaigns": [
            {"name": "Spring", "outboundLineCount": 20, "dialingMode": "power", "queue": "Sales", "site": "s-1"},
            {"name": "Summer", "id": "c-2", "outboundLineCount": 0},
        ],
        "sequences": [{"name": "Year", "campaigns": ["c-2", "Spring"]}],
        "messagingCampaigns": [{"name": "Texts", "id": "m-1", "messagesPerMinute": 5}],
        "emailCampaigns": [{"name": "News"}],
        "whatsAppCampaigns": [{"name": "Chats", "id": "w-1", "messagesPerMinute": 7}],
    });
    Inventory::of(serde_json::from_value(document).unwrap()).unwrap()
}

async fn seeded() -> World {
    World::with(|options| options.inventory = inventory()).await
}

#[tokio::test]
async fn look_ups_show_what_was_seeded() {
    let world = seeded().await;
    let spring = id_for_name(ScheduleKind::Campaign, "Spring");
    let get = async |path: &str| world.get(&format!("/api/v2/{path}")).await.json();
    let campaign = get(&format!("outbound/campaigns/{spring}")).await;
    Schemas::compile(["Campaign"]).unwrap().check("Campaign", &campaign).unwrap();
    let shown = (&campaign["name"], &campaign["outboundLineCount"], &campaign["dialingMode"]);
    assert_eq!(shown, (&json!("Spring"), &json!(20), &json!("power")));
    assert_eq!(campaign["queue"], json!({"id": "q-1", "name": "Sales", "selfUri": "/api/v2/routing/queues/q-1"}));
    assert_eq!(
        campaign["site"],
        json!({"id": "s-1", "name": "Berlin", "selfUri": "/api/v2/telephony/providers/edges/sites/s-1"})
    );
    let plain = get("outbound/campaigns/c-2").await;
    let shown = (&plain["outboundLineCount"], &plain["dialingMode"], plain.get("queue"), plain.get("site"));
    assert_eq!(shown, (&json!(0), &json!("predictive"), None, None));
    let lines = get(&format!("outbound/campaigns/{spring}/linedistribution")).await;
    assert_eq!(lines["availableOutboundLines"], 20);
    let year = id_for_name(ScheduleKind::Sequence, "Year");
    let sequence = get(&format!("outbound/sequences/{year}")).await;
    Schemas::compile(["CampaignSequence"]).unwrap().check("CampaignSequence", &sequence).unwrap();
    let names: Vec<_> = sequence["campaigns"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["Summer", "Spring"]);
    for (id, rate) in [("m-1", 5), ("w-1", 7), (&id_for_name(ScheduleKind::EmailCampaign, "News"), 100)] {
        assert_eq!(get(&format!("outbound/messagingcampaigns/{id}")).await["messagesPerMinute"], rate);
    }
}

#[tokio::test]
async fn queues_are_listed_and_looked_up() {
    let world = seeded().await;
    let sales = world.get("/api/v2/routing/queues/q-1").await.json();
    let counts = (&sales["memberCount"], &sales["userMemberCount"], &sales["joinedMemberCount"]);
    assert_eq!(counts, (&json!(12), &json!(11), &json!(7)));
    let support = id_of_named("queue", "Support");
    for (query, ids) in [
        ("", vec!["q-1", &support]),
        ("?name=sales", vec!["q-1"]),
        ("?name=Su", vec![&support]),
        ("?id=q-1", vec!["q-1"]),
        ("?pageSize=1&pageNumber=2", vec![&support]),
    ] {
        let listing = world.get(&format!("/api/v2/routing/queues{query}")).await.json();
        let found: Vec<_> = listing["entities"].as_array().unwrap().iter().map(|queue| queue["id"].clone()).collect();
        assert_eq!(found, ids, "{query}");
    }
    assert_eq!(world.get("/api/v2/routing/queues/x").await.error(), error(404, "not.found"));
    assert_eq!(world.get("/api/v2/routing/queues?filterType=Equals").await.error(), error(400, "invalid.value"));
    assert_eq!(world.get("/api/v2/routing/queues?peerId=x").await.error(), error(400, "invalid.value"));
}

#[tokio::test]
async fn seeding_twice_changes_nothing_and_the_data_file_keeps_it() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("sandbox.json");
    let mut texts = Vec::new();
    for inventory in [inventory(), inventory(), Inventory::default()] {
        let world = World::with(|options| {
            options.data = Some(data.clone());
            options.inventory = inventory;
        })
        .await;
        assert_eq!(world.get("/api/v2/routing/queues/q-1").await.json()["joinedMemberCount"], 7);
        texts.push(std::fs::read_to_string(&data).unwrap());
        world.sandbox.stop().await;
    }
    assert!(texts.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn a_seed_file_has_the_last_word_on_what_manifests_name_too() {
    let seeds = ["Spring", "Summer"].map(|name| Seed {
        kind: ScheduleKind::Campaign,
        target: TargetRef::Name(name.into()),
        lines: Some(500),
    });
    let mut world = World::new().await;
    let options = SandboxOptions { inventory: inventory(), ..options() };
    world.sandbox = start(options, seeds.into()).await.unwrap();
    world.log_in().await;
    let listing = world.get("/api/v2/outbound/campaigns").await.json();
    let lines: Vec<_> =
        listing["entities"].as_array().unwrap().iter().map(|entity| entity["outboundLineCount"].clone()).collect();
    assert_eq!(lines, [20, 0]);
}

#[tokio::test]
async fn a_data_file_from_before_there_were_queues_is_loaded() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("sandbox.json");
    let family = json!({"targets": {}, "schedules": {}});
    let known = json!({"id": "old", "name": "Old", "dateCreated": "2027-01-01T00:00:00Z", "capacity": 3});
    let model = json!({
        "campaign": {"targets": {"old": known}, "schedules": {}}, "sequence": family, "messagingCampaign": family,
        "emailCampaign": family, "whatsAppCampaign": family, "campaignSchedules": [],
    });
    std::fs::write(&data, json!({"formatVersion": 1, "model": model}).to_string()).unwrap();
    let world = World::with(|options| options.data = Some(data)).await;
    let old = world.get("/api/v2/outbound/campaigns/old").await.json();
    assert_eq!((&old["outboundLineCount"], &old["dialingMode"]), (&json!(3), &json!("predictive")));
}
