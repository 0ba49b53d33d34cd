//! What the client may do: the permissions that operations ask for, and those that its roles give it.

use serde::Deserialize;

use crate::schedule::ScheduleKind;

use super::ApiError;
use super::transport::Transport;

/// What is done to the schedules of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Listing and reading.
    View,
    /// Creating and updating.
    Edit,
    /// Deleting.
    Delete,
}

/// The permissions of which any one is enough. The first of each pair is the older one, the second knows divisions.
/// (The table of operations in the official Python SDK's documents.)
pub const fn permissions(kind: ScheduleKind, right: Right) -> [&'static str; 2] {
    use Right::{Delete, Edit, View};
    use ScheduleKind::{Campaign, EmailCampaign, MessagingCampaign, Sequence, WhatsAppCampaign};
    match (kind, right) {
        (Campaign, View) => ["outbound:schedule:view", "outbound:campaign:viewSchedule"],
        (Campaign, Edit) => ["outbound:schedule:edit", "outbound:campaign:editSchedule"],
        (Campaign, Delete) => ["outbound:schedule:delete", "outbound:campaign:deleteSchedule"],
        (Sequence, View) => ["outbound:schedule:view", "outbound:campaignSequenceSchedule:view"],
        (Sequence, Edit) => ["outbound:schedule:edit", "outbound:campaignSequenceSchedule:edit"],
        (Sequence, Delete) => ["outbound:schedule:delete", "outbound:campaignSequenceSchedule:delete"],
        (MessagingCampaign, View) => {
            ["outbound:messagingCampaignSchedule:view", "outbound:messagingCampaign:viewSchedule"]
        }
        (MessagingCampaign, Edit) => {
            ["outbound:messagingCampaignSchedule:edit", "outbound:messagingCampaign:editSchedule"]
        }
        (MessagingCampaign, Delete) => {
            ["outbound:messagingCampaignSchedule:delete", "outbound:messagingCampaign:deleteSchedule"]
        }
        (EmailCampaign, View) => ["outbound:emailCampaignSchedule:view", "outbound:emailCampaign:viewSchedule"],
        (EmailCampaign, Edit) => ["outbound:emailCampaignSchedule:edit", "outbound:emailCampaign:editSchedule"],
        (EmailCampaign, Delete) => ["outbound:emailCampaignSchedule:delete", "outbound:emailCampaign:deleteSchedule"],
        (WhatsAppCampaign, View) => {
            ["outbound:whatsAppCampaignSchedule:view", "outbound:whatsAppCampaign:viewSchedule"]
        }
        (WhatsAppCampaign, Edit) => {
            ["outbound:whatsAppCampaignSchedule:edit", "outbound:whatsAppCampaign:editSchedule"]
        }
        (WhatsAppCampaign, Delete) => {
            ["outbound:whatsAppCampaignSchedule:delete", "outbound:whatsAppCampaign:deleteSchedule"]
        }
    }
}

/// What the roles of the client allow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants(Vec<Policy>);

/// A part of a role. `*` stands for every domain, every entity, every action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Policy {
    domain: String,
    entity_name: String,
    actions: Vec<String>,
}

/// The part of an `AuthzSubject` that matters (official Python SDK).
#[derive(Debug, Deserialize)]
struct Subject {
    #[serde(default)]
    grants: Vec<Grant>,
}

#[derive(Debug, Deserialize)]
struct Grant {
    role: Option<Role>,
}

#[derive(Debug, Deserialize)]
struct Role {
    #[serde(default)]
    policies: Vec<Policy>,
}

impl Grants {
    /// What these policies allow: domain, entity, actions.
    pub fn of<'a>(policies: impl IntoIterator<Item = (&'a str, &'a str, &'a [&'a str])>) -> Self {
        let policy = |(domain, entity, actions): (&str, &str, &[&str])| Policy {
            domain: domain.to_owned(),
            entity_name: entity.to_owned(),
            actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        };
        Self(policies.into_iter().map(policy).collect())
    }

    /// Whether a permission such as `outbound:schedule:edit` is among them. One that holds under a condition counts.
    pub fn allow(&self, permission: &str) -> bool {
        let mut parts = permission.splitn(3, ':');
        let (domain, entity, action) = (parts.next(), parts.next(), parts.next());
        let fits = |given: &str, wanted: Option<&str>| given == "*" || Some(given) == wanted;
        self.0.iter().any(|policy| {
            fits(&policy.domain, domain)
                && fits(&policy.entity_name, entity)
                && policy.actions.iter().any(|given| fits(given, action))
        })
    }
}

impl Transport {
    /// What the client's own roles allow; `None` where the service names roles without what they allow.
    ///
    /// `GET /api/v2/authorization/subjects/me` takes no permission. Its documents speak of users; whether it answers
    /// to a client of the grant Client Credentials is unknown.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn own_grants(&self) -> Result<Option<Grants>, ApiError> {
        let answer = self.get(self.platform(&["authorization", "subjects", "me"])).await?;
        let subject: Subject = answer.json()?;
        let policies: Vec<Policy> =
            subject.grants.into_iter().filter_map(|grant| grant.role).flat_map(|role| role.policies).collect();
        Ok((!policies.is_empty()).then_some(Grants(policies)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::scripted_server::{Answer, Scripted};
    use super::*;

    #[test]
    fn a_star_stands_for_everything() {
        for (policy, permission, allowed) in [
            (("outbound", "schedule", &["view", "edit"][..]), "outbound:schedule:edit", true),
            (("outbound", "schedule", &["view"][..]), "outbound:schedule:edit", false),
            (("outbound", "campaign", &["*"][..]), "outbound:schedule:edit", false),
            (("outbound", "*", &["*"][..]), "outbound:schedule:edit", true),
            (("*", "*", &["*"][..]), "outbound:schedule:edit", true),
            (("routing", "*", &["*"][..]), "outbound:schedule:edit", false),
            (("outbound", "schedule", &[][..]), "outbound:schedule:edit", false),
        ] {
            assert_eq!(Grants::of([policy]).allow(permission), allowed, "{policy:?}");
        }
    }

    #[tokio::test]
    async fn the_roles_of_the_client_are_read() {
        for (grants, expected) in [
            (
                json!([{"role": {"policies": [{"domain": "outbound", "entityName": "schedule", "actions": ["view"]}]}}]),
                Some(Grants::of([("outbound", "schedule", &["view"][..])])),
            ),
            (json!([{"role": {"name": "Admin"}}, {}]), None),
            (json!([]), None),
        ] {
            let server = Scripted::api(move |_, _| Answer::json(200, json!({"id": "me", "grants": grants}))).await;
            assert_eq!(server.transport().own_grants().await.unwrap(), expected);
            assert_eq!(server.asked(), ["GET /api/v2/authorization/subjects/me"]);
        }
    }
}
