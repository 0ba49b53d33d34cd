//! Who may do what.

use super::*;
use crate::sandbox::Permissions;
use crate::sandbox::families::{schedule_path, schedules_segment};

const ME: &str = "/api/v2/authorization/subjects/me";

async fn granted(names: &[&str]) -> World {
    let permissions = Permissions::Only(names.iter().map(|name| name.parse().unwrap()).collect());
    World::with(|options| options.permissions = permissions).await
}

fn message(any_of: &[&str]) -> String {
    format!(
        "Unable to perform the requested action. You must have at least one of the following permissions assigned: [{}]",
        any_of.join(", ")
    )
}

#[tokio::test]
async fn each_request_asks_for_one_of_its_permissions_and_no_other() {
    let digital = ["outbound:messagingCampaign:view", "outbound:emailCampaign:view", "outbound:whatsAppCampaign:view"];
    let voice = "/api/v2/outbound/schedules/campaigns";
    let window = "/api/v2/outbound/campaigns/t/schedules";
    for (method, path, any_of) in [
        (Method::GET, voice, vec!["outbound:schedule:view", "outbound:campaign:viewSchedule"]),
        (Method::HEAD, voice, vec!["outbound:schedule:view", "outbound:campaign:viewSchedule"]),
        (Method::GET, VOICE, vec!["outbound:schedule:view", "outbound:campaign:viewSchedule"]),
        (Method::PUT, VOICE, vec!["outbound:schedule:edit", "outbound:campaign:editSchedule"]),
        (Method::DELETE, VOICE, vec!["outbound:schedule:delete", "outbound:campaign:deleteSchedule"]),
        (
            Method::PUT,
            "/api/v2/outbound/schedules/whatsappcampaigns/t",
            vec!["outbound:whatsAppCampaignSchedule:edit", "outbound:whatsAppCampaign:editSchedule"],
        ),
        (Method::GET, "/api/v2/outbound/campaigns", vec!["outbound:campaign:view"]),
        (Method::GET, "/api/v2/outbound/campaigns/t", vec!["outbound:campaign:view"]),
        (Method::GET, "/api/v2/outbound/campaigns/t/linedistribution", vec!["outbound:lineDistribution:view"]),
        (Method::GET, "/api/v2/outbound/campaigns/divisionviews", vec!["outbound:campaign:search"]),
        (Method::GET, "/api/v2/outbound/campaigns/divisionviews/t", vec!["outbound:campaign:search"]),
        (Method::GET, "/api/v2/outbound/sequences", vec!["outbound:campaignSequence:view"]),
        (Method::GET, "/api/v2/outbound/sequences/t", vec!["outbound:campaignSequence:view"]),
        (Method::GET, "/api/v2/outbound/messagingcampaigns", digital.to_vec()),
        (Method::GET, "/api/v2/outbound/messagingcampaigns/t", digital.to_vec()),
        (Method::GET, "/api/v2/routing/queues", vec!["routing:queue:view"]),
        (Method::GET, "/api/v2/routing/queues/q", vec!["routing:queue:view"]),
        (Method::GET, window, vec!["outbound:campaign:viewSchedule"]),
        (Method::POST, window, vec!["outbound:campaign:editSchedule"]),
    ] {
        let other = if any_of.contains(&"outbound:campaign:view") {
            "outbound:schedule:view"
        } else {
            "outbound:campaign:view"
        };
        let refused = Answer::to(granted(&[other]).await.request(method.clone(), path)).await;
        assert_eq!(refused.status, 403, "{method} {path}");
        if method != Method::HEAD {
            assert_eq!(refused.error(), error(403, "missing.any.permissions"));
            assert_eq!(refused.json()["message"], message(&any_of));
        }
        for one in any_of {
            let answer = Answer::to(granted(&[one]).await.request(method.clone(), path)).await;
            assert_ne!(answer.status, 403, "{method} {path} with {one}");
        }
    }
}

#[tokio::test]
async fn every_schedule_family_is_closed_to_a_client_without_its_permissions() {
    let world = granted(&["outbound:lineDistribution:view"]).await;
    for kind in ScheduleKind::ALL {
        let (one, all) = (schedule_path(kind, "t"), format!("/api/v2/outbound/schedules/{}", schedules_segment(kind)));
        for answer in [
            world.get(&all).await,
            world.get(&one).await,
            world.put(&one, &schedule(kind, None)).await,
            world.delete(&one).await,
        ] {
            assert_eq!(answer.error(), error(403, "missing.any.permissions"), "{kind}");
        }
    }
}

#[tokio::test]
async fn the_login_comes_before_the_permission_and_the_permission_before_the_target() {
    let mut world = granted(&["outbound:campaign:view"]).await;
    let nobody = "/api/v2/outbound/schedules/campaigns/nobody";
    assert_eq!(world.get(nobody).await.error(), error(403, "missing.any.permissions"));
    assert_eq!(world.put(nobody, &json!("no schedule")).await.error(), error(403, "missing.any.permissions"));
    assert_eq!(world.get("/api/v2/outbound/campaigns/nobody").await.error(), error(404, "campaign.not.found"));
    assert_eq!(world.get("/api/v2/nothing").await.error(), error(404, "not.found"));
    assert_eq!(world.post(VOICE, &json!({})).await.error(), error(405, "method.not.allowed"));
    world.token = "wrong".to_owned();
    assert_eq!(world.get(nobody).await.error(), error(401, "bad.credentials"));
}

#[tokio::test]
async fn a_client_can_ask_for_its_own_permissions() {
    let everything = json!([
        {"domain": "outbound", "entityName": "*", "actions": ["*"]},
        {"domain": "routing", "entityName": "*", "actions": ["*"]},
    ]);
    let two = json!([
        {"domain": "outbound", "entityName": "campaign", "actions": ["view"]},
        {"domain": "outbound", "entityName": "schedule", "actions": ["edit", "view"]},
    ]);
    let names = ["outbound:schedule:view", "outbound:campaign:view", "outbound:schedule:edit"];
    for (world, policies) in
        [(World::new().await, everything), (granted(&names).await, two), (granted(&[]).await, json!([]))]
    {
        let subject = world.get(ME).await.json();
        let grant = &subject["grants"][0];
        assert_eq!(grant["role"]["policies"], policies);
        assert_eq!((&subject["id"], &grant["subjectId"]), (&json!(CLIENT.0), &json!(CLIENT.0)));
        assert_eq!(grant["division"]["homeDivision"], true);
        assert_eq!(grant["grantMadeAt"], "2027-01-15T08:00:00.000Z");
        let campaign = world.get("/api/v2/outbound/campaigns/t").await;
        if campaign.status == 200 {
            assert_eq!(campaign.json()["division"]["id"], grant["division"]["id"]);
        }
    }
}
