//! What the sandbox has from the start, as people write it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the sandbox has from the start. Each entry has a name; its id is made from the name unless it is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(title = "a seed file, a mapping of lists")]
pub struct SeedDocument {
    /// Voice campaigns.
    pub campaigns: Vec<CampaignSeed>,
    /// Sequences of voice campaigns.
    pub sequences: Vec<SequenceSeed>,
    /// SMS campaigns.
    pub messaging_campaigns: Vec<DigitalSeed>,
    /// Email campaigns.
    pub email_campaigns: Vec<DigitalSeed>,
    /// WhatsApp campaigns.
    pub whats_app_campaigns: Vec<DigitalSeed>,
    /// Queues, which campaigns refer to.
    pub queues: Vec<QueueSeed>,
    /// Sites, which campaigns refer to.
    pub sites: Vec<SiteSeed>,
}

/// A voice campaign.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CampaignSeed {
    /// Its name.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Its id.
    #[schemars(length(min = 1))]
    pub id: Option<String>,
    /// Lines that it dials at once. Default 100.
    #[schemars(range(min = 0, max = 2_147_483_647))]
    pub outbound_line_count: Option<i32>,
    /// How it dials. Default predictive.
    pub dialing_mode: Option<DialingMode>,
    /// The name or id of a queue of this file.
    pub queue: Option<String>,
    /// The name or id of a site of this file.
    pub site: Option<String>,
}

/// How a campaign dials (genesys-api.md, 4.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DialingMode {
    /// Without agents.
    Agentless,
    /// The agent sees the contact first.
    Preview,
    /// As many calls as agents are free.
    Power,
    /// As many calls as agents will be free.
    #[default]
    Predictive,
    /// One call for each free agent.
    Progressive,
    /// Something else dials.
    External,
}

/// A sequence.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SequenceSeed {
    /// Its name.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Its id.
    #[schemars(length(min = 1))]
    pub id: Option<String>,
    /// The names or ids of campaigns of this file, in the order in which they run.
    pub campaigns: Option<Vec<String>>,
}

/// An SMS, email or WhatsApp campaign.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DigitalSeed {
    /// Its name.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Its id.
    #[schemars(length(min = 1))]
    pub id: Option<String>,
    /// Messages that it sends a minute. Default 100.
    #[schemars(range(min = 0, max = 2_147_483_647))]
    pub messages_per_minute: Option<i32>,
}

/// A queue. Its counts are 0 unless they are given.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueueSeed {
    /// Its name.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Its id.
    #[schemars(length(min = 1))]
    pub id: Option<String>,
    /// All members.
    #[schemars(range(min = 0, max = 2_147_483_647))]
    pub member_count: Option<i32>,
    /// Members that are users of their own, not of a group.
    #[schemars(range(min = 0, max = 2_147_483_647))]
    pub user_member_count: Option<i32>,
    /// Members that have joined.
    #[schemars(range(min = 0, max = 2_147_483_647))]
    pub joined_member_count: Option<i32>,
}

/// A site.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SiteSeed {
    /// Its name.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Its id.
    #[schemars(length(min = 1))]
    pub id: Option<String>,
}
