//! How the five families appear in the API: paths, schemas, codes.

use uuid::Uuid;

use crate::schedule::ScheduleKind;

use super::refusal::Refusal;

/// The family's segment under `/api/v2/outbound/schedules/`.
pub const fn schedules_segment(kind: ScheduleKind) -> &'static str {
    match kind {
        ScheduleKind::Campaign => "campaigns",
        ScheduleKind::Sequence => "sequences",
        ScheduleKind::MessagingCampaign => "messagingcampaigns",
        ScheduleKind::EmailCampaign => "emailcampaigns",
        ScheduleKind::WhatsAppCampaign => "whatsappcampaigns",
    }
}

/// The segment under `/api/v2/outbound/` where the family's targets are looked up. The three digital
/// families share one.
pub const fn targets_segment(kind: ScheduleKind) -> &'static str {
    match kind {
        ScheduleKind::Campaign => "campaigns",
        ScheduleKind::Sequence => "sequences",
        ScheduleKind::MessagingCampaign | ScheduleKind::EmailCampaign | ScheduleKind::WhatsAppCampaign => {
            "messagingcampaigns"
        }
    }
}

/// The `type` that the look-up of digital campaigns filters by; `None` for the other families.
pub const fn digital_type(kind: ScheduleKind) -> Option<&'static str> {
    match kind {
        ScheduleKind::Campaign | ScheduleKind::Sequence => None,
        ScheduleKind::MessagingCampaign => Some("SMS"),
        ScheduleKind::EmailCampaign => Some("EMAIL"),
        ScheduleKind::WhatsAppCampaign => Some("WHATSAPP"),
    }
}

/// The path of one schedule, which is also its `selfUri`.
pub fn schedule_path(kind: ScheduleKind, target_id: &str) -> String {
    format!("/api/v2/outbound/schedules/{}/{target_id}", schedules_segment(kind))
}

/// The family of a path of schedules and, where it is that of one schedule, the id of its target.
pub fn schedules_at(path: &str) -> Option<(ScheduleKind, Option<&str>)> {
    let rest = path.strip_prefix("/api/v2/outbound/schedules/")?;
    let (segment, id) = rest.split_once('/').map_or((rest, None), |(segment, id)| (segment, Some(id)));
    ScheduleKind::ALL.into_iter().find(|kind| schedules_segment(*kind) == segment).map(|kind| (kind, id))
}

/// A family whose targets a path looks up. Of the three digital families that share one, SMS.
pub fn targets_at(path: &str) -> Option<ScheduleKind> {
    let segment = path.strip_prefix("/api/v2/outbound/")?.split('/').next();
    ScheduleKind::ALL.into_iter().find(|kind| Some(targets_segment(*kind)) == segment)
}

/// The path of one target, which is also its `selfUri`.
pub fn target_path(kind: ScheduleKind, target_id: &str) -> String {
    format!("/api/v2/outbound/{}/{target_id}", targets_segment(kind))
}

/// What an unknown target is answered with. Only voice campaigns and sequences have codes of their own.
pub fn target_not_found(kind: ScheduleKind) -> Refusal {
    match kind {
        ScheduleKind::Campaign => Refusal::new(404, "campaign.not.found", "The dialer campaign was not found."),
        ScheduleKind::Sequence => {
            Refusal::new(404, "campaign.sequence.not.found", "The campaign sequence was not found.")
        }
        _ => Refusal::of_status(404),
    }
}

/// The id that a target known only by its name gets: the same on every machine and after every restart.
pub fn id_for_name(kind: ScheduleKind, name: &str) -> String {
    id_of_named(kind.target_field(), name)
}

/// The same for anything else that has a name.
pub fn id_of_named(what: &str, name: &str) -> String {
    let unique = format!("dialctl-sandbox/{what}/{name}");
    Uuid::new_v5(&Uuid::NAMESPACE_URL, unique.as_bytes()).to_string()
}

/// A readable name for a target known only by its id.
pub fn name_for_id(kind: ScheduleKind, id: &str) -> String {
    let label = match kind {
        ScheduleKind::Campaign => "Campaign",
        ScheduleKind::Sequence => "Sequence",
        ScheduleKind::MessagingCampaign => "Messaging campaign",
        ScheduleKind::EmailCampaign => "Email campaign",
        ScheduleKind::WhatsAppCampaign => "WhatsApp campaign",
    };
    let start: String = id.chars().take(8).collect();
    format!("{label} {start}")
}
