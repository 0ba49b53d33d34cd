//! What the service has from the start besides the targets of manifests, and how it refers to each other.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::sandbox::families::target_path;
use crate::sandbox::inventory::{Inventory, Named, StockedCampaign, StockedDigital, StockedQueue, StockedSequence};
use crate::sandbox::queues::{KnownQueue, site_reference};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::targets::{KnownTarget, TargetReferences};
use crate::schedule::ScheduleKind;

use super::Model;

impl Model {
    /// Adds what an inventory has, and changes what is known already to what the inventory says of it. Done
    /// twice it changes nothing more.
    pub fn stock(&mut self, inventory: &Inventory, now: DateTime<Utc>) {
        let Inventory { campaigns, sequences, digital, queues, sites } = inventory;
        for Named { id, name } in sites {
            self.sites.insert(id.clone(), name.clone());
        }
        for queue in queues {
            self.stock_queue(queue, now);
        }
        for StockedCampaign { named, lines, dialing_mode, queue, site } in campaigns {
            let known = self.stocked(ScheduleKind::Campaign, named, now);
            known.capacity = lines.unwrap_or(known.capacity);
            known.dialing_mode = dialing_mode.unwrap_or(known.dialing_mode);
            if queue.is_some() {
                known.queue.clone_from(queue);
            }
            if site.is_some() {
                known.site.clone_from(site);
            }
        }
        for StockedSequence { named, campaigns } in sequences {
            let known = self.stocked(ScheduleKind::Sequence, named, now);
            if let Some(campaigns) = campaigns {
                known.campaigns.clone_from(campaigns);
            }
        }
        for StockedDigital { kind, named, messages_per_minute } in digital {
            let known = self.stocked(*kind, named, now);
            known.capacity = messages_per_minute.unwrap_or(known.capacity);
        }
    }

    fn stocked(&mut self, kind: ScheduleKind, named: &Named, now: DateTime<Utc>) -> &mut KnownTarget {
        let Named { id, name } = named;
        let targets = &mut self.family_mut(kind).targets;
        let known = targets.entry(id.clone()).or_insert_with(|| KnownTarget::new(id.clone(), name.clone(), now));
        known.name.clone_from(name);
        known
    }

    fn stock_queue(&mut self, queue: &StockedQueue, now: DateTime<Utc>) {
        let StockedQueue { named: Named { id, name }, members, user_members, joined_members } = queue;
        let new = || KnownQueue::new(id.clone(), name.clone(), now);
        let known = self.queues.entry(id.clone()).or_insert_with(new);
        known.name.clone_from(name);
        known.member_count = members.unwrap_or(known.member_count);
        known.user_member_count = user_members.unwrap_or(known.user_member_count);
        known.joined_member_count = joined_members.unwrap_or(known.joined_member_count);
    }

    /// All queues, by id.
    pub fn queues(&self) -> impl Iterator<Item = &KnownQueue> {
        self.queues.values()
    }

    /// One queue.
    ///
    /// # Errors
    /// 404 `not.found`.
    pub fn queue(&self, id: &str) -> Result<&KnownQueue, Refusal> {
        self.queues.get(id).ok_or_else(|| Refusal::of_status(404))
    }

    /// A target as its look-up shows it.
    pub fn shown(&self, target: &KnownTarget, kind: ScheduleKind) -> Value {
        let queue = target.queue.as_ref().and_then(|id| self.queues.get(id)).map(KnownQueue::reference);
        let site = target.site.as_ref().and_then(|id| Some(site_reference(id, self.sites.get(id)?)));
        let campaigns = target.campaigns.iter().filter_map(|id| self.campaign.targets.get(id));
        let campaigns = campaigns
            .map(|campaign| campaign.reference(target_path(ScheduleKind::Campaign, &campaign.id), false))
            .collect();
        target.shown(kind, TargetReferences { queue, site, campaigns })
    }
}
