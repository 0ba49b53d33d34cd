//! A seed document whose ids are made and whose references lead somewhere.

use std::collections::HashSet;

use crate::schedule::ScheduleKind;

use super::families::{id_for_name, id_of_named};
use super::seed_document::{CampaignSeed, DialingMode, DigitalSeed, QueueSeed, SeedDocument, SequenceSeed, SiteSeed};

/// What the sandbox has from the start. All ids within a list differ, and each reference is the id of an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Voice campaigns.
    pub(super) campaigns: Vec<StockedCampaign>,
    /// Sequences.
    pub(super) sequences: Vec<StockedSequence>,
    /// The digital campaigns of all three families.
    pub(super) digital: Vec<StockedDigital>,
    /// Queues.
    pub(super) queues: Vec<StockedQueue>,
    /// Sites.
    pub(super) sites: Vec<Named>,
}

/// What everything has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A voice campaign; what is absent stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockedCampaign {
    pub named: Named,
    pub lines: Option<i32>,
    pub dialing_mode: Option<DialingMode>,
    pub queue: Option<String>,
    pub site: Option<String>,
}

/// A sequence with the ids of its campaigns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockedSequence {
    pub named: Named,
    pub campaigns: Option<Vec<String>>,
}

/// A digital campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockedDigital {
    pub kind: ScheduleKind,
    pub named: Named,
    pub messages_per_minute: Option<i32>,
}

/// A queue with its counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockedQueue {
    pub named: Named,
    pub members: Option<i32>,
    pub user_members: Option<i32>,
    pub joined_members: Option<i32>,
}

/// A place of a seed document that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedProblem {
    /// The place, as a JSON pointer.
    pub pointer: String,
    /// What is wrong, with a way out.
    pub message: String,
}

impl Inventory {
    /// Makes the ids and follows the references.
    ///
    /// # Errors
    /// Every id that stands twice and every reference that names nothing, or more than one entry.
    pub fn of(document: SeedDocument) -> Result<Self, Vec<SeedProblem>> {
        let SeedDocument {
            campaigns,
            sequences,
            messaging_campaigns,
            email_campaigns,
            whats_app_campaigns,
            queues,
            sites,
        } = document;
        let mut problems = Vec::new();
        let queues: Vec<StockedQueue> = queues.into_iter().map(queue).collect();
        let sites: Vec<Named> = sites.into_iter().map(|SiteSeed { name, id }| named("site", name, id)).collect();
        let ids: Vec<Named> = campaigns
            .iter()
            .map(|seed| named(ScheduleKind::Campaign.target_field(), seed.name.clone(), seed.id.clone()))
            .collect();
        let among_queues = Entries { list: "queues", entries: queues.iter().map(|queue| &queue.named).collect() };
        let among_sites = Entries { list: "sites", entries: sites.iter().collect() };
        let among_campaigns = Entries { list: "campaigns", entries: ids.iter().collect() };
        let digital: Vec<(&str, StockedDigital)> = [
            ("messagingCampaigns", ScheduleKind::MessagingCampaign, messaging_campaigns),
            ("emailCampaigns", ScheduleKind::EmailCampaign, email_campaigns),
            ("whatsAppCampaigns", ScheduleKind::WhatsAppCampaign, whats_app_campaigns),
        ]
        .into_iter()
        .flat_map(|(list, kind, seeds)| seeds.into_iter().map(move |seed| (list, stocked_digital(kind, seed))))
        .collect();
        for entries in [&among_queues, &among_sites, &among_campaigns] {
            entries.refuse_twins(&mut problems);
        }
        refuse_digital_twins(&digital, &mut problems);
        let stocked_campaigns = campaigns
            .into_iter()
            .zip(&ids)
            .enumerate()
            .map(|(n, (seed, named))| {
                let CampaignSeed { name: _, id: _, outbound_line_count, dialing_mode, queue, site } = seed;
                let mut follow = |among: &Entries<'_>, wanted: Option<String>, field: &str| {
                    among.id_of(&wanted?, format!("/campaigns/{n}/{field}"), &mut problems)
                };
                StockedCampaign {
                    named: named.clone(),
                    lines: outbound_line_count,
                    dialing_mode,
                    queue: follow(&among_queues, queue, "queue"),
                    site: follow(&among_sites, site, "site"),
                }
            })
            .collect();
        let stocked_sequences: Vec<StockedSequence> = sequences
            .into_iter()
            .enumerate()
            .map(|(n, SequenceSeed { name, id, campaigns })| StockedSequence {
                named: named(ScheduleKind::Sequence.target_field(), name, id),
                campaigns: campaigns.map(|wanted| {
                    let ids = wanted.iter().enumerate().filter_map(|(position, wanted)| {
                        among_campaigns.id_of(wanted, format!("/sequences/{n}/campaigns/{position}"), &mut problems)
                    });
                    ids.collect()
                }),
            })
            .collect();
        Entries { list: "sequences", entries: stocked_sequences.iter().map(|sequence| &sequence.named).collect() }
            .refuse_twins(&mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            campaigns: stocked_campaigns,
            sequences: stocked_sequences,
            digital: digital.into_iter().map(|(_, campaign)| campaign).collect(),
            queues,
            sites,
        })
    }
}

/// The entries of one list, to find twins and references in.
struct Entries<'a> {
    list: &'static str,
    entries: Vec<&'a Named>,
}

impl Entries<'_> {
    fn refuse_twins(&self, problems: &mut Vec<SeedProblem>) {
        let mut seen = HashSet::new();
        for (n, entry) in self.entries.iter().enumerate() {
            if !seen.insert(&entry.id) {
                problems.push(twin(self.list, n, entry));
            }
        }
    }

    /// The id of the entry that has this id or name.
    fn id_of(&self, wanted: &str, pointer: String, problems: &mut Vec<SeedProblem>) -> Option<String> {
        if let Some(entry) = self.entries.iter().find(|entry| entry.id == wanted) {
            return Some(entry.id.clone());
        }
        let mut with_name = self.entries.iter().filter(|entry| entry.name == wanted);
        let list = self.list;
        let message = match (with_name.next(), with_name.next()) {
            (Some(entry), None) => return Some(entry.id.clone()),
            (Some(_), Some(_)) => format!("several of `{list}` have the name `{wanted}`; write the id of one instead"),
            (None, _) => match self.nearest(wanted) {
                Some(near) => format!("none of `{list}` has the name or id `{wanted}`; did you mean `{near}`?"),
                None => format!("none of `{list}` has the name or id `{wanted}`; add it there"),
            },
        };
        problems.push(SeedProblem { pointer, message });
        None
    }

    fn nearest(&self, wanted: &str) -> Option<&str> {
        let names = self.entries.iter().map(|entry| entry.name.as_str());
        let near = names.map(|name| (strsim::damerau_levenshtein(wanted, name), name)).min();
        near.filter(|(distance, _)| *distance <= 1 + wanted.len() / 4).map(|(_, name)| name)
    }
}

/// One look-up has the digital campaigns of all three families, so their ids differ across these.
fn refuse_digital_twins(digital: &[(&str, StockedDigital)], problems: &mut Vec<SeedProblem>) {
    let mut seen = HashSet::new();
    for (position, (list, campaign)) in digital.iter().enumerate() {
        if !seen.insert(&campaign.named.id) {
            let before = digital.iter().take(position).filter(|(other, _)| other == list).count();
            problems.push(twin(list, before, &campaign.named));
        }
    }
}

fn twin(list: &str, n: usize, entry: &Named) -> SeedProblem {
    let Named { id, name } = entry;
    let message = format!("the id {id} of `{name}` is taken by an earlier entry; give each an `id` of its own");
    SeedProblem { pointer: format!("/{list}/{n}"), message }
}

fn named(what: &str, name: String, id: Option<String>) -> Named {
    Named { id: id.unwrap_or_else(|| id_of_named(what, &name)), name }
}

fn queue(seed: QueueSeed) -> StockedQueue {
    let QueueSeed { name, id, member_count, user_member_count, joined_member_count } = seed;
    StockedQueue {
        named: named("queue", name, id),
        members: member_count,
        user_members: user_member_count,
        joined_members: joined_member_count,
    }
}

fn stocked_digital(kind: ScheduleKind, seed: DigitalSeed) -> StockedDigital {
    let DigitalSeed { name, id, messages_per_minute } = seed;
    let id = id.unwrap_or_else(|| id_for_name(kind, &name));
    StockedDigital { kind, named: Named { id, name }, messages_per_minute }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn inventory(document: Value) -> Result<Inventory, Vec<SeedProblem>> {
        Inventory::of(serde_json::from_value(document).unwrap())
    }

    #[test]
    fn references_lead_to_ids_by_name_or_id() {
        let queues = json!([{"name": "Sales", "id": "q-1"}, {"name": "Support"}]);
        let made = id_of_named("queue", "Support");
        for (wanted, found) in [("Sales", "q-1"), ("q-1", "q-1"), ("Support", &made), (&made, &made)] {
            let campaigns = json!([{"name": "Spring", "queue": wanted}]);
            let inventory = inventory(json!({"queues": &queues, "campaigns": campaigns})).unwrap();
            assert_eq!(inventory.campaigns[0].queue.as_deref(), Some(found), "{wanted}");
        }
    }

    #[test]
    fn every_place_that_leads_nowhere_is_told_with_a_way_out() {
        let queues = json!([{"name": "Sales"}, {"name": "Twin", "id": "1"}, {"name": "Twin", "id": "2"}]);
        let campaign =
            |field: &str, value: &str| json!({"queues": &queues, "campaigns": [{"name": "C", field: value}]});
        for (document, pointer, way_out) in [
            (campaign("queue", "Sale"), "/campaigns/0/queue", "did you mean `Sales`?"),
            (campaign("queue", "Entirely else"), "/campaigns/0/queue", "add it there"),
            (campaign("queue", "Twin"), "/campaigns/0/queue", "write the id"),
            (campaign("site", "Sales"), "/campaigns/0/site", "add it there"),
            (
                json!({"campaigns": [{"name": "C"}], "sequences": [{"name": "S", "campaigns": ["C", "D"]}]}),
                "/sequences/0/campaigns/1",
                "did you mean `C`?",
            ),
            (json!({"sites": [{"name": "A", "id": "1"}, {"name": "B", "id": "1"}]}), "/sites/1", "`id` of its own"),
            (json!({"campaigns": [{"name": "C"}, {"name": "C"}]}), "/campaigns/1", "`id` of its own"),
            (json!({"sequences": [{"name": "S"}, {"name": "S"}]}), "/sequences/1", "`id` of its own"),
            (
                json!({"messagingCampaigns": [{"name": "A", "id": "1"}],
                    "emailCampaigns": [{"name": "B"}, {"name": "C", "id": "1"}]}),
                "/emailCampaigns/1",
                "`id` of its own",
            ),
        ] {
            let problems = inventory(document.clone()).unwrap_err();
            let [problem] = problems.as_slice() else { panic!("{document}: {problems:?}") };
            assert_eq!(problem.pointer, pointer, "{document}");
            assert!(problem.message.contains(way_out), "{problem:?}");
        }
        let two = json!({"campaigns": [{"name": "C", "queue": "Q", "site": "S"}]});
        assert_eq!(inventory(two).unwrap_err().len(), 2, "all problems are told at once");
    }
}
