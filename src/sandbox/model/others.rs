//! What other users of the service do meanwhile, as faults ask for it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::sandbox::families::{schedules_at, targets_at};
use crate::sandbox::schedule_content::ScheduleContent;
use crate::sandbox::targets::KnownTarget;
use crate::schedule::ScheduleKind;

use super::{Model, StoredSchedule};

impl Model {
    /// Somebody writes the schedule at a path once more as it is, so that its version goes up. Where there is
    /// none, nobody does.
    pub fn written_by_others(&mut self, path: &str, now: DateTime<Utc>) {
        let Some((kind, Some(target_id))) = schedules_at(path) else { return };
        if let Some(stored) = self.family_mut(kind).schedules.get_mut(target_id) {
            stored.version = stored.version.saturating_add(1);
            stored.date_modified = now;
        }
    }

    /// Somebody creates what comes first in the listing at a path, so that what was last on a page moves to
    /// the next one.
    pub fn created_by_others(&mut self, path: &str, now: DateTime<Utc>) {
        if let Some((kind, _)) = schedules_at(path) {
            let target_id = self.new_first_target(kind, now);
            let content = ScheduleContent {
                name: Some("somebody else's".to_owned()),
                intervals: Vec::new(),
                recurrences: None,
                time_zone: None,
            };
            let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, target_id.as_bytes());
            let stored = StoredSchedule { id, version: 1, date_created: now, date_modified: now, content };
            self.family_mut(kind).schedules.insert(target_id, stored);
        } else if let Some(kind) = targets_at(path) {
            self.new_first_target(kind, now);
        }
    }

    /// Adds a target whose id and name come before those of all others: listings of schedules go by the id,
    /// look-ups by the name.
    fn new_first_target(&mut self, kind: ScheduleKind, now: DateTime<Utc>) -> String {
        let targets = &mut self.family_mut(kind).targets;
        // The later ones come before the earlier ones.
        let number = 99_999_usize.saturating_sub(targets.len());
        let (id, name) = (format!("!{number:05}"), format!("!somebody else's {number:05}"));
        targets.insert(id.clone(), KnownTarget::new(id.clone(), name, now));
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::TargetRef;

    fn now() -> DateTime<Utc> {
        "2027-01-01T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn what_others_create_comes_first() {
        let mut model = Model::default();
        model.seed(ScheduleKind::EmailCampaign, &TargetRef::Id("0".into()), None, now());
        for _ in 0..2 {
            model.created_by_others("/api/v2/outbound/schedules/emailcampaigns", now());
        }
        let ids: Vec<&str> = model.targets(ScheduleKind::EmailCampaign).map(|target| target.id.as_str()).collect();
        assert_eq!(ids, ["!99997", "!99998", "0"]);
        assert_eq!(model.schedules(ScheduleKind::EmailCampaign).len(), 2);
        model.created_by_others("/api/v2/outbound/messagingcampaigns", now());
        assert_eq!(model.targets(ScheduleKind::MessagingCampaign).count(), 1);
        assert_eq!(model.schedules(ScheduleKind::MessagingCampaign).len(), 0);
    }

    #[test]
    fn others_write_only_what_there_is() {
        let mut model = Model::default();
        model.created_by_others("/api/v2/outbound/schedules/campaigns", now());
        let before = model.clone();
        for path in
            ["/api/v2/outbound/schedules/campaigns", "/api/v2/outbound/schedules/campaigns/none", "/oauth/token"]
        {
            model.written_by_others(path, now());
        }
        assert_eq!(model, before);
        model.written_by_others("/api/v2/outbound/schedules/campaigns/!99999", now());
        assert_eq!(model.schedule(ScheduleKind::Campaign, "!99999").unwrap()["version"], 2);
    }
}
