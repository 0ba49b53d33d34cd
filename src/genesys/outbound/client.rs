//! The client of the public API.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use reqwest::{Method, Url};
use serde_json::Value;

use crate::genesys::transport::{Transport, refused_unsent};
use crate::genesys::{Answer, ApiError, Failure, Listing, ScheduleApi, Scope, campaign_lines, target_names};
use crate::schedule::{DesiredSchedule, LiveSchedule, ScheduleKind, Target};

use super::family::collection;
use super::stamp::IntervalTimes;
use super::{decode, encode, listing};

/// The public API: `GET`, `PUT` and `DELETE` below `/api/v2/outbound/schedules`.
#[derive(Clone, Debug)]
pub struct OutboundSchedules {
    transport: Arc<Transport>,
    times: IntervalTimes,
}

impl OutboundSchedules {
    /// The public API over a transport.
    pub fn new(transport: Arc<Transport>, times: IntervalTimes) -> Self {
        Self { transport, times }
    }

    fn url(&self, method: &Method, kind: ScheduleKind, target: &str) -> Result<Url, ApiError> {
        self.transport.outbound(method, &["schedules", collection(kind), target])
    }

    async fn read_one(&self, kind: ScheduleKind, target: &Target) -> Result<Vec<LiveSchedule>, ApiError> {
        let url = self.url(&Method::GET, kind, &target.id)?;
        match self.transport.get(url).await {
            Ok(answer) => Ok(vec![decode::live(kind, &answer.json::<Value>()?, Some(target), self.times)]),
            // The service answers 404 both for a target without a schedule and for an unknown one.
            Err(ApiError { failure: Failure::NotFound { .. }, .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    async fn put(&self, desired: &DesiredSchedule, version: Option<i32>) -> Result<LiveSchedule, ApiError> {
        let url = self.url(&Method::PUT, desired.kind, &desired.target.id)?;
        let refused = |message: &str| refused_unsent(&Method::PUT, &url, 400, "bad.request", message);
        let body = encode::body(desired, version, self.times);
        let body = body.ok_or_else(|| refused("a slot ends past the end of the calendar"))?;
        let body = serde_json::to_vec(&body).map_err(|error| refused(&error.to_string()))?;
        let answer = self.transport.write(Method::PUT, url, Some(body)).await?;
        Ok(decode::live(desired.kind, &answer.json::<Value>()?, Some(&desired.target), self.times))
    }

    async fn delete_one(&self, live: &LiveSchedule) -> Result<(), ApiError> {
        let url = self.url(&Method::DELETE, live.kind, &live.target.id)?;
        match self.transport.write(Method::DELETE, url, None).await {
            Ok(answer) => answer.nothing_or_json(),
            Err(ApiError { failure: Failure::NotFound { .. }, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl ScheduleApi for OutboundSchedules {
    fn name(&self) -> &'static str {
        "outbound-schedules"
    }

    fn can_change(&self) -> bool {
        true
    }

    fn list<'a>(&'a self, scope: &'a Scope) -> Answer<'a, Listing> {
        Box::pin(listing::list(&self.transport, scope, self.times))
    }

    fn read<'a>(&'a self, kind: ScheduleKind, target: &'a Target) -> Answer<'a, Vec<LiveSchedule>> {
        Box::pin(self.read_one(kind, target))
    }

    fn create<'a>(&'a self, desired: &'a DesiredSchedule) -> Answer<'a, LiveSchedule> {
        // The API has no other way to create; a version would claim that there is something to replace.
        Box::pin(self.put(desired, None))
    }

    fn update<'a>(&'a self, live: &'a LiveSchedule, desired: &'a DesiredSchedule) -> Answer<'a, LiveSchedule> {
        Box::pin(self.put(desired, live.version))
    }

    fn delete<'a>(&'a self, live: &'a LiveSchedule) -> Answer<'a, ()> {
        Box::pin(self.delete_one(live))
    }

    fn find_targets<'a>(
        &'a self,
        kind: ScheduleKind,
        names: &'a BTreeSet<String>,
    ) -> Answer<'a, BTreeMap<String, Vec<Target>>> {
        Box::pin(target_names::find(&self.transport, kind, names))
    }

    fn campaign_lines<'a>(&'a self, ids: &'a BTreeSet<String>) -> Answer<'a, BTreeMap<String, u32>> {
        Box::pin(campaign_lines::fetch(&self.transport, ids))
    }
}
