//! One operation on one schedule: its two sides, and what shows that it happened once or not at all.

use dialctl::plan::{OnConflict, Policy};
use dialctl::schedule::{DesiredSchedule, ScheduleKind};
use serde_json::{Value, json};

use crate::schedules::{desired, mornings};
use crate::world::{Api, World, schedule_path, windows_path};

/// What a plan with deletes is made with.
pub const PRUNE: Policy =
    Policy { create: true, update: true, prune: true, adopt: false, on_conflict: OnConflict::Fail };

/// What is done to a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Create,
    Update,
    Delete,
}

/// One operation on the schedule of one campaign.
#[derive(Clone, Debug)]
pub struct Subject {
    pub api: Api,
    pub operation: Operation,
    pub target: String,
}

impl Operation {
    /// The operations that an API has.
    pub fn of(api: Api) -> &'static [Self] {
        match api {
            Api::Outbound(_) => &[Self::Create, Self::Update, Self::Delete],
            Api::CampaignSchedules => &[Self::Create],
        }
    }
}

impl Subject {
    /// The method of the write.
    pub fn method(&self) -> &'static str {
        match (self.api, self.operation) {
            (Api::CampaignSchedules, _) => "POST",
            (Api::Outbound(_), Operation::Delete) => "DELETE",
            (Api::Outbound(_), Operation::Create | Operation::Update) => "PUT",
        }
    }

    /// The methods of what an apply sends when the write is followed by these requests; `write` stands
    /// for the write's own method. A delete looks first: the API has no condition for it.
    pub fn sends(&self, requests: &[&'static str]) -> Vec<&'static str> {
        let look = (self.operation == Operation::Delete).then_some("GET");
        let own = |request: &&'static str| if *request == "write" { self.method() } else { *request };
        look.into_iter().chain(requests.iter().map(own)).collect()
    }

    /// The path that is written to and read back.
    pub fn path(&self) -> String {
        match self.api {
            Api::Outbound(_) => schedule_path(ScheduleKind::Campaign, &self.target),
            Api::CampaignSchedules => windows_path(&self.target),
        }
    }

    /// The schedule as an earlier run has left it.
    pub fn before(&self) -> Option<DesiredSchedule> {
        (self.operation != Operation::Create).then(|| self.starting_at("09:00"))
    }

    /// The schedule as it is wanted.
    pub fn after(&self) -> Option<DesiredSchedule> {
        (self.operation != Operation::Delete).then(|| self.starting_at("10:00"))
    }

    fn starting_at(&self, start: &str) -> DesiredSchedule {
        desired(ScheduleKind::Campaign, &self.target, mornings(start))
    }

    /// Checks that the schedule is as it is wanted, and that one write made it so.
    pub async fn is_done_once(&self, world: &World) {
        self.is_done_once_and_rewritten(world, 0).await;
    }

    /// The same where somebody else has written the schedule so many times since, as it was.
    pub async fn is_done_once_and_rewritten(&self, world: &World, rewritten: i32) {
        let stored = world.stored(&self.path()).await;
        match (self.api, self.operation) {
            (Api::CampaignSchedules, _) => {
                let windows = stored.as_ref().and_then(Value::as_array).unwrap();
                assert_eq!(windows.len(), 1, "{self:?}: {windows:?}");
                assert_eq!(windows[0]["dailySchedule"][0]["startTime"], "10:00", "{self:?}");
            }
            (_, Operation::Delete) => assert_eq!(stored, None, "{self:?}"),
            (_, operation) => {
                let stored = stored.unwrap();
                let version = if operation == Operation::Create { 1 } else { 2 };
                assert_eq!(stored["version"], version + rewritten, "{self:?}");
                assert_eq!(stored["recurrences"][0]["start"], "2027-03-01T10:00:00", "{self:?}");
            }
        }
    }

    /// Checks that nothing of ours was written to what has this version by now.
    pub async fn is_untouched(&self, world: &World, version: i32) {
        let stored = world.stored(&self.path()).await;
        match (self.api, self.operation) {
            (Api::CampaignSchedules, _) => assert_eq!(stored, Some(json!([])), "{self:?}"),
            (_, Operation::Create) => assert_eq!(stored, None, "{self:?}"),
            (_, Operation::Update | Operation::Delete) => {
                let stored = stored.unwrap();
                assert_eq!(stored["version"], version, "{self:?}");
                assert_eq!(stored["recurrences"][0]["start"], "2027-03-01T09:00:00", "{self:?}");
            }
        }
    }
}
