//! The client of this API.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use reqwest::{Method, Url};
use serde_json::Value;

use crate::genesys::page::Page;
use crate::genesys::transport::{Transport, refused_unsent};
use crate::genesys::{Answer, ApiError, Failure, Listing, ScheduleApi, Scope, target_names};
use crate::schedule::{DesiredSchedule, LiveSchedule, ScheduleKind, Target};

use super::{decode, encode};

/// How many campaigns are asked at the same time. The pace limits the requests a minute; this limits the
/// open connections.
const ASKED_AT_ONCE: usize = 8;

/// The API with several schedules per campaign: `GET` and `POST` on
/// `/api/v2/outbound/campaigns/{campaignId}/schedules`. Other families have none.
#[derive(Clone, Debug)]
pub struct CampaignSchedules {
    transport: Arc<Transport>,
}

impl CampaignSchedules {
    /// The API over a transport.
    pub fn new(transport: Arc<Transport>) -> Self {
        Self { transport }
    }

    fn url(&self, method: &Method, campaign: &str) -> Result<Url, ApiError> {
        self.transport.outbound(method, &["campaigns", campaign, "schedules"])
    }

    async fn list_asked(&self, scope: &Scope) -> Result<Listing, ApiError> {
        if scope.kind != ScheduleKind::Campaign {
            return Ok(Listing::default());
        }
        let campaigns: Vec<Target> = scope.targets.iter().map(|id| Target { id: id.clone(), name: None }).collect();
        let asked: Vec<_> = campaigns.iter().map(|campaign| self.read(ScheduleKind::Campaign, campaign)).collect();
        let answers: Vec<_> = stream::iter(asked).buffered(ASKED_AT_ONCE).try_collect().await?;
        let pages = u32::try_from(answers.len()).unwrap_or(u32::MAX);
        let schedules: Vec<LiveSchedule> = answers.into_iter().flatten().collect();
        Ok(Listing { seen: schedules.len(), schedules, pages })
    }

    async fn read_campaign(&self, kind: ScheduleKind, target: &Target) -> Result<Vec<LiveSchedule>, ApiError> {
        if kind != ScheduleKind::Campaign {
            return Ok(Vec::new());
        }
        match self.transport.get(self.url(&Method::GET, &target.id)?).await {
            Ok(answer) => Ok(Page::of(&answer)?.items.iter().map(|item| decode::live(item, target)).collect()),
            Err(ApiError { failure: Failure::NotFound { .. }, .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    async fn post(&self, desired: &DesiredSchedule) -> Result<LiveSchedule, ApiError> {
        let url = self.url(&Method::POST, &desired.target.id)?;
        let refused = |message: &str| refused_unsent(&Method::POST, &url, 422, "not.representable", message);
        if desired.kind != ScheduleKind::Campaign {
            return Err(refused(&format!("the API campaign-schedules has no {}", desired.kind)));
        }
        let body = encode::body(desired).map_err(|reason| refused(&reason))?;
        let body = serde_json::to_vec(&body).map_err(|error| refused(&error.to_string()))?;
        let answer = self.transport.write(Method::POST, url, Some(body)).await?;
        Ok(decode::live(&answer.json::<Value>()?, &desired.target))
    }

    fn cannot(&self, method: &Method, live: &LiveSchedule, what: &str) -> ApiError {
        match self.url(method, &live.target.id) {
            Err(error) => error,
            Ok(url) => {
                let message = format!("the API campaign-schedules can create schedules, but not {what} them");
                refused_unsent(method, &url, 405, "method.not.allowed", &message)
            }
        }
    }
}

impl ScheduleApi for CampaignSchedules {
    fn name(&self) -> &'static str {
        "campaign-schedules"
    }

    fn can_change(&self) -> bool {
        false
    }

    fn list<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Listing> {
        Box::pin(self.list_asked(scope))
    }

    fn read<'a>(&'a self, kind: ScheduleKind, target: &'a Target) -> Answer<'a, Vec<LiveSchedule>> {
        Box::pin(self.read_campaign(kind, target))
    }

    fn create<'a>(&'a self, desired: &'a DesiredSchedule) -> Answer<'a, LiveSchedule> {
        Box::pin(self.post(desired))
    }

    fn update<'a>(&'a self, live: &'a LiveSchedule, _desired: &'a DesiredSchedule) -> Answer<'a, LiveSchedule> {
        Box::pin(std::future::ready(Err(self.cannot(&Method::PUT, live, "change"))))
    }

    fn delete<'a>(&'a self, live: &'a LiveSchedule) -> Answer<'a, ()> {
        Box::pin(std::future::ready(Err(self.cannot(&Method::DELETE, live, "delete"))))
    }

    fn find_targets<'a>(
        &'a self,
        kind: ScheduleKind,
        names: &'a BTreeSet<String>,
    ) -> Answer<'a, BTreeMap<String, Vec<Target>>> {
        Box::pin(target_names::find(&self.transport, kind, names))
    }
}

#[cfg(test)]
mod tests {
    use super::super::round_trip::desired;
    use super::*;
    use crate::genesys::scripted_server::{Answer as Say, Scripted};
    use serde_json::json;

    #[tokio::test]
    async fn a_listing_asks_once_per_campaign_and_keeps_their_order() {
        let server = Scripted::api(|_, seen| {
            if seen.line.contains("/gone/") {
                return Say::json(404, json!({"code": "campaign.not.found"}));
            }
            let one = json!({"id": seen.line, "startTime": "2027-03-01", "dailySchedule": []});
            Say::json(200, if seen.line.contains("/a/") { json!([one]) } else { json!({"entities": [one]}) })
        })
        .await;
        let api = CampaignSchedules::new(server.transport());
        let targets = ["b", "gone", "a"].map(str::to_owned).into();
        let listing = api.list(&Scope { targets, ..Scope::whole(ScheduleKind::Campaign) }).await.unwrap();
        let targets: Vec<&str> = listing.schedules.iter().map(|live| live.target.id.as_str()).collect();
        assert_eq!((targets, listing.pages), (vec!["a", "b"], 3));
        assert_eq!(server.seen().len(), 1 + 3);
        let other = Scope { targets: ["x".to_owned()].into(), ..Scope::whole(ScheduleKind::Sequence) };
        assert!(api.list(&other).await.unwrap().schedules.is_empty());
        assert_eq!(server.seen().len(), 1 + 3);
    }

    #[tokio::test]
    async fn a_create_posts_the_whole_body_and_a_clash_is_a_conflict() {
        let server = Scripted::api(|n, seen| match n {
            1 => Say::json(201, serde_json::from_slice(&seen.body).unwrap()),
            _ => Say::json(409, json!({"code": "general.conflict", "message": "overlaps with s"})),
        })
        .await;
        let api = CampaignSchedules::new(server.transport());
        let desired = desired();
        let live = api.create(&desired).await.unwrap();
        assert_eq!((&live.timetable, live.capacity), (&Ok(desired.timetable.clone()), Some(desired.capacity)));
        let error = api.create(&desired).await.unwrap_err();
        let message = "overlaps with s".to_owned();
        assert_eq!(error.failure, Failure::Conflict { code: "general.conflict".into(), message });
        let bodies = server.bodies();
        assert_eq!(bodies[0], bodies[1], "a repeat has the same id");
        let id = bodies[0]["id"].clone();
        assert_eq!(
            bodies[0],
            json!({
                "id": id, "campaignId": "c", "startTime": "2027-03-01T05:00:00Z", "endTime": "2027-07-01T04:00:00Z",
                "timezone": "America/New_York", "maxConcurrentCalls": 25, "maxConcurrentAgents": 10,
                "dailySchedule": [
                    {"startTime": "09:00", "endTime": "13:00", "days": ["Monday", "Wednesday"]},
                    {"startTime": "22:00", "endTime": "06:00", "days": ["Tuesday"]},
                ],
            })
        );
    }

    #[tokio::test]
    async fn what_the_api_cannot_do_is_refused_without_a_request() {
        let server = Scripted::api(|_, _| Say::json(500, json!({}))).await;
        let api = CampaignSchedules::new(server.transport());
        let mut wanted = desired();
        let live = decode::live(&json!({}), &wanted.target);
        let change = api.update(&live, &wanted).await.unwrap_err();
        let delete = api.delete(&live).await.unwrap_err();
        wanted.timetable.slots.clear();
        let create = api.create(&wanted).await.unwrap_err();
        wanted.kind = ScheduleKind::Sequence;
        let other = api.create(&wanted).await.unwrap_err();
        for error in [change, delete, create, other] {
            assert!(matches!(error.failure, Failure::Refused { .. }), "{error}");
            assert!(error.to_string().contains("nothing was sent"), "{error}");
        }
        assert!(server.seen().is_empty());
    }
}
