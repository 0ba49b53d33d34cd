//! Every answer against the service's document.

use super::*;
use crate::sandbox::families::{schedule_path, schedules_segment};

const SCHEMAS: [&str; 17] = [
    "CampaignSchedule",
    "SequenceSchedule",
    "MessagingCampaignSchedule",
    "EmailCampaignSchedule",
    "WhatsAppCampaignSchedule",
    "MessagingCampaignScheduleEntityListing",
    "EmailCampaignScheduleEntityListing",
    "WhatsAppCampaignScheduleEntityListing",
    "Campaign",
    "CampaignEntityListing",
    "CampaignSequence",
    "CampaignSequenceEntityListing",
    "CampaignOutboundLinesDistribution",
    "CampaignDivisionView",
    "CampaignDivisionViewListing",
    "MessagingCampaign",
    "MessagingCampaignEntityListing",
];

#[tokio::test]
async fn answers_fit_their_schemas() {
    let world = World::new().await;
    let schemas = Schemas::compile(SCHEMAS).unwrap();
    let fits = |schema: &str, value: &Value| schemas.check(schema, value).unwrap_or_else(|e| panic!("{schema}: {e:?}"));
    for kind in ScheduleKind::ALL {
        let schema = kind.manifest_kind();
        let path = schedule_path(kind, "t");
        fits(schema, &world.put(&path, &schedule(kind, None)).await.json());
        fits(schema, &world.get(&path).await.json());
        let list = world.get(&format!("/api/v2/outbound/schedules/{}", schedules_segment(kind))).await.json();
        match list.as_array() {
            Some(schedules) => schedules.iter().for_each(|schedule| fits(schema, schedule)),
            None => fits(&format!("{schema}EntityListing"), &list),
        }
    }
    for (path, schema) in [
        ("campaigns", "CampaignEntityListing"),
        ("campaigns/t", "Campaign"),
        ("campaigns/t/linedistribution", "CampaignOutboundLinesDistribution"),
        ("campaigns/divisionviews", "CampaignDivisionViewListing"),
        ("campaigns/divisionviews/t", "CampaignDivisionView"),
        ("messagingcampaigns", "MessagingCampaignEntityListing"),
        ("messagingcampaigns/t", "MessagingCampaign"),
        ("sequences", "CampaignSequenceEntityListing"),
        ("sequences/t", "CampaignSequence"),
    ] {
        fits(schema, &world.get(&format!("/api/v2/outbound/{path}")).await.json());
    }
}

/// Every operation of the document is served: none of them answers that path or method is unknown.
#[tokio::test]
async fn every_operation_of_the_document_is_served() {
    let world = World::new().await;
    let document: Value = serde_json::from_str(crate::sandbox::openapi::DOCUMENT).unwrap();
    let mut operations = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "put", "post", "delete"].iter().filter(|method| item.get(**method).is_some()) {
            let id = path.split(['{', '}']).nth(1).map(|name| format!("{{{name}}}")).unwrap_or_default();
            let real = if id.is_empty() { path.clone() } else { path.replace(&id, "t") };
            let answer = Answer::to(world.request(method.to_uppercase().parse().unwrap(), &real)).await;
            let code = serde_json::from_str::<Value>(&answer.text).unwrap_or_default()["code"].clone();
            assert_ne!(answer.status, 405, "{method} {path}");
            // A DELETE or GET of a schedule that is not there yet is a served operation too.
            let is_schedule = path.contains("/schedules/");
            assert!(answer.status != 404 || (is_schedule && code == "not.found"), "{method} {path}: {}", answer.text);
            operations += 1;
        }
    }
    assert_eq!(operations, 30);
}

#[tokio::test]
async fn the_journal_shows_what_was_sent_and_no_secret() {
    let world = World::new().await;
    world.put(VOICE, &voice(None)).await;
    world.get("/api/v2/outbound/campaigns?name=a").await;
    let journal = world.journal().await;
    assert_eq!(journal.len(), 3, "the journal does not list itself");
    assert_eq!(journal[1]["body"], voice(None));
    let line = |n: usize| (journal[n]["method"].as_str().unwrap(), journal[n]["status"].as_u64().unwrap());
    assert_eq!([line(0), line(1), line(2)], [("POST", 200), ("PUT", 200), ("GET", 200)]);
    assert_eq!((&journal[2]["query"], &journal[2]["n"]), (&json!("name=a"), &json!(3)));
    let text = serde_json::to_string(&journal).unwrap();
    assert!(!text.contains(&world.token) && !text.contains(CLIENT.1));
    assert!(!format!("{:?}", options()).contains(CLIENT.1));
}
