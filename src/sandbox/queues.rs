//! Queues as their look-up shows them, and how others refer to queues and sites.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::date_time::shown;
use super::targets::division;

/// A queue that the sandbox knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KnownQueue {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    date_created: DateTime<Utc>,
    /// All members.
    pub member_count: i32,
    /// Members that are users of their own.
    pub user_member_count: i32,
    /// Members that have joined.
    pub joined_member_count: i32,
}

impl KnownQueue {
    /// A queue that nobody is a member of.
    pub fn new(id: String, name: String, now: DateTime<Utc>) -> Self {
        Self { id, name, date_created: now, member_count: 0, user_member_count: 0, joined_member_count: 0 }
    }

    /// A `Queue` with what matters for capacity (official Python SDK, `RoutingApi.get_routing_queue`).
    pub fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "division": division(),
            "dateCreated": shown(self.date_created),
            "dateModified": shown(self.date_created),
            "memberCount": self.member_count,
            "userMemberCount": self.user_member_count,
            "joinedMemberCount": self.joined_member_count,
            "selfUri": queue_path(&self.id),
        })
    }

    /// The queue as a campaign refers to it.
    pub fn reference(&self) -> Value {
        json!({"id": self.id, "name": self.name, "selfUri": queue_path(&self.id)})
    }
}

fn queue_path(id: &str) -> String {
    format!("/api/v2/routing/queues/{id}")
}

/// A site as a campaign refers to it. Sites themselves are not served.
pub fn site_reference(id: &str, name: &str) -> Value {
    json!({"id": id, "name": name, "selfUri": format!("/api/v2/telephony/providers/edges/sites/{id}")})
}
