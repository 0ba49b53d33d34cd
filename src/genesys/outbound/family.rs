//! How the five families differ in the API: by their path.

use crate::schedule::ScheduleKind;

/// The last part of the collection's path, below `/api/v2/outbound/schedules`. The path of one schedule
/// adds the id of its target (official Python SDK).
pub(super) const fn collection(kind: ScheduleKind) -> &'static str {
    match kind {
        ScheduleKind::Campaign => "campaigns",
        ScheduleKind::Sequence => "sequences",
        ScheduleKind::MessagingCampaign => "messagingcampaigns",
        ScheduleKind::EmailCampaign => "emailcampaigns",
        ScheduleKind::WhatsAppCampaign => "whatsappcampaigns",
    }
}
