//! What the simulated service knows, and what its operations do to it. Pure: time and ids come in.

mod others;
mod stock;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::schedule::{ScheduleKind, TargetRef};

use super::assumptions::{Assumption, Assumptions};
use super::campaign_window::CampaignWindow;
use super::date_time::shown;
use super::families::{id_for_name, name_for_id, schedule_path, target_not_found, target_path};
use super::queues::KnownQueue;
use super::refusal::Refusal;
use super::schedule_content::{ScheduleContent, ScheduleWrite};
use super::targets::KnownTarget;
use super::window_overlap::clash_between;

/// What a write needs from outside.
pub struct Moment<'a> {
    /// The time of the write.
    pub now: DateTime<Utc>,
    /// Gives a fresh id at each call.
    pub new_id: &'a mut dyn FnMut() -> Uuid,
}

/// The state of the service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Model {
    campaign: Family,
    sequence: Family,
    messaging_campaign: Family,
    email_campaign: Family,
    whats_app_campaign: Family,
    /// The schedules of the API `campaign-schedules`, in the order of their creation.
    campaign_schedules: Vec<CampaignWindow>,
    /// Queues by id.
    #[serde(default)]
    queues: BTreeMap<String, KnownQueue>,
    /// The names of sites by id.
    #[serde(default)]
    sites: BTreeMap<String, String>,
}

/// One of the five families: its targets, and at most one schedule for each, by the target's id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Family {
    targets: BTreeMap<String, KnownTarget>,
    schedules: BTreeMap<String, StoredSchedule>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StoredSchedule {
    id: Uuid,
    version: i32,
    date_created: DateTime<Utc>,
    date_modified: DateTime<Utc>,
    content: ScheduleContent,
}

impl Model {
    const fn family(&self, kind: ScheduleKind) -> &Family {
        match kind {
            ScheduleKind::Campaign => &self.campaign,
            ScheduleKind::Sequence => &self.sequence,
            ScheduleKind::MessagingCampaign => &self.messaging_campaign,
            ScheduleKind::EmailCampaign => &self.email_campaign,
            ScheduleKind::WhatsAppCampaign => &self.whats_app_campaign,
        }
    }

    const fn family_mut(&mut self, kind: ScheduleKind) -> &mut Family {
        match kind {
            ScheduleKind::Campaign => &mut self.campaign,
            ScheduleKind::Sequence => &mut self.sequence,
            ScheduleKind::MessagingCampaign => &mut self.messaging_campaign,
            ScheduleKind::EmailCampaign => &mut self.email_campaign,
            ScheduleKind::WhatsAppCampaign => &mut self.whats_app_campaign,
        }
    }

    /// Adds a target unless it is known: one named by id gets a readable name, one named by name an id
    /// that depends on nothing else. Known or not, it dials at least so many lines at once.
    pub fn seed(&mut self, kind: ScheduleKind, target: &TargetRef, lines: Option<u32>, now: DateTime<Utc>) {
        let targets = &mut self.family_mut(kind).targets;
        let (id, name) = match target {
            TargetRef::Id(id) => (id.clone(), name_for_id(kind, id)),
            TargetRef::Name(name) => match targets.values().find(|known| known.name == *name) {
                Some(known) => (known.id.clone(), name.clone()),
                None => (id_for_name(kind, name), name.clone()),
            },
        };
        let known = targets.entry(id.clone()).or_insert_with(|| KnownTarget::new(id, name, now));
        known.dial_at_least(lines.unwrap_or_default());
    }

    /// The targets of a family, by id.
    pub fn targets(&self, kind: ScheduleKind) -> impl Iterator<Item = &KnownTarget> {
        self.family(kind).targets.values()
    }

    /// One target.
    ///
    /// # Errors
    /// 404 with the family's own code.
    pub fn target(&self, kind: ScheduleKind, id: &str) -> Result<&KnownTarget, Refusal> {
        self.family(kind).targets.get(id).ok_or_else(|| target_not_found(kind))
    }

    /// All schedules of a family.
    pub fn schedules(&self, kind: ScheduleKind) -> Vec<Value> {
        let family = self.family(kind);
        let found = family.schedules.iter().filter_map(|(id, stored)| Some((family.targets.get(id)?, stored)));
        found.map(|(target, stored)| stored.shown(kind, target)).collect()
    }

    /// The schedule of one target.
    ///
    /// # Errors
    /// 404: the family's own code when the target is unknown, `not.found` when it has no schedule.
    pub fn schedule(&self, kind: ScheduleKind, target_id: &str) -> Result<Value, Refusal> {
        let target = self.target(kind, target_id)?;
        let stored = self.family(kind).schedules.get(target_id).ok_or_else(|| Refusal::of_status(404))?;
        Ok(stored.shown(kind, target))
    }

    /// Creates or replaces the schedule of one target; the content is expected to be checked.
    ///
    /// # Errors
    /// 404 for an unknown target, 400 when the body refers to another one, and what the assumptions say when the
    /// version is not the stored one. A version without a stored schedule is wrong too, unless it is the one
    /// that they ask for: the client has read one that is gone by now.
    pub fn put_schedule(
        &mut self,
        kind: ScheduleKind,
        target_id: &str,
        write: ScheduleWrite,
        assumptions: &Assumptions,
        moment: &mut Moment<'_>,
    ) -> Result<Value, Refusal> {
        let target = self.target(kind, target_id)?.clone();
        let is_of_target = write.target_id.as_deref() == Some(target_id);
        if !is_of_target && !assumptions.hold(Assumption::PathIdWins) {
            let field = format!("{}.id", kind.target_field());
            return Err(Refusal::bad_request(&field, "must be the id in the path"));
        }
        let schedules = &mut self.family_mut(kind).schedules;
        let stored = schedules.get(target_id);
        let stored_version = stored.map(|stored| stored.version);
        if write.version != stored_version.or_else(|| assumptions.version_before_first()) {
            return Err(assumptions.wrong_version(wrong_version(write.version, stored_version)));
        }
        let mut content = write.content;
        if assumptions.hold(Assumption::NamesDropped) {
            content.name = None;
        }
        for recurrence in content.recurrences.iter_mut().flatten() {
            recurrence.id.get_or_insert_with(|| (moment.new_id)().to_string());
        }
        let written = StoredSchedule {
            id: stored.map_or_else(|| (moment.new_id)(), |stored| stored.id),
            version: stored_version.map_or(assumptions.first_version(), |version| version.saturating_add(1)),
            date_created: stored.map_or(moment.now, |stored| stored.date_created),
            date_modified: moment.now,
            content,
        };
        let shown = written.shown(kind, &target);
        schedules.insert(target_id.to_owned(), written);
        Ok(shown)
    }

    /// Removes the schedule of one target.
    ///
    /// # Errors
    /// As [`Model::schedule`].
    pub fn delete_schedule(&mut self, kind: ScheduleKind, target_id: &str) -> Result<(), Refusal> {
        self.target(kind, target_id)?;
        let removed = self.family_mut(kind).schedules.remove(target_id);
        removed.map(drop).ok_or_else(|| Refusal::of_status(404))
    }

    /// The schedules of one campaign under `campaign-schedules`, in the order of their creation.
    ///
    /// # Errors
    /// 404 `campaign.not.found`.
    pub fn campaign_schedules(&self, campaign_id: &str) -> Result<Vec<&CampaignWindow>, Refusal> {
        self.target(ScheduleKind::Campaign, campaign_id)?;
        Ok(self.campaign_schedules.iter().filter(|window| window.campaign_id == campaign_id).collect())
    }

    /// Adds a schedule under `campaign-schedules` and gives it as stored.
    ///
    /// # Errors
    /// 404 `campaign.not.found`, 400 when the body is wrong, 409 `general.conflict` when its id is taken
    /// or it overlaps another schedule of the campaign.
    pub fn add_campaign_schedule(
        &mut self,
        campaign_id: &str,
        body: Value,
        moment: &mut Moment<'_>,
    ) -> Result<CampaignWindow, Refusal> {
        self.target(ScheduleKind::Campaign, campaign_id)?;
        let new = CampaignWindow::read(campaign_id, body, &mut *moment.new_id)?;
        if self.campaign_schedules.iter().any(|existing| existing.id == new.id) {
            let message = format!("There already is a schedule with the id {}.", new.id);
            return Err(Refusal::new(409, "general.conflict", message));
        }
        let windows = new.windows()?;
        for existing in self.campaign_schedules(campaign_id)? {
            if let Some(clash) = clash_between(&existing.windows()?, &windows) {
                let message = format!("The schedule overlaps schedule {} of the same campaign: {clash}.", existing.id);
                return Err(Refusal::new(409, "general.conflict", message));
            }
        }
        self.campaign_schedules.push(new.clone());
        Ok(new)
    }
}

fn wrong_version(sent: Option<i32>, stored: Option<i32>) -> String {
    let sent = sent.map_or_else(|| "no version".to_owned(), |version| format!("version {version}"));
    let stored =
        stored.map_or_else(|| "nothing is stored".to_owned(), |version| format!("version {version} is stored"));
    format!("The request has {sent}, but {stored}: it does not match the current version.")
}

impl StoredSchedule {
    fn shown(&self, kind: ScheduleKind, target: &KnownTarget) -> Value {
        let mut shown = json!({
            "id": self.id,
            "dateCreated": shown(self.date_created),
            "dateModified": shown(self.date_modified),
            "version": self.version,
            "intervals": self.content.intervals,
            "selfUri": schedule_path(kind, &target.id),
        });
        shown[kind.target_field()] = target.reference(target_path(kind, &target.id), kind != ScheduleKind::Sequence);
        let ScheduleContent { name, intervals: _, recurrences, time_zone } = &self.content;
        if let Some(name) = name {
            shown["name"] = json!(name);
        }
        if let Some(recurrences) = recurrences {
            shown["recurrences"] = json!(recurrences);
        }
        if let Some(time_zone) = time_zone {
            shown["timeZone"] = json!(time_zone);
        }
        shown
    }
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
