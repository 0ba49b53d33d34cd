//! Manifests made by the number.

use crate::support::Workspace;

/// The id of the n-th campaign.
pub fn campaign_id(n: usize) -> String {
    format!("00000000-0000-4000-8000-{n:012}")
}

/// A schedule of a campaign from 2027 on, in New York, with the slots as YAML in flow style.
pub fn schedule(name: &str, campaign: &str, slots: &str) -> String {
    format!(
        "apiVersion: dialctl/v1\nkind: CampaignSchedule\nmetadata: {{name: {name}}}\nspec:\n  \
         campaign: {{id: {campaign}}}\n  timezone: America/New_York\n  startDate: 2027-03-01\n  \
         dailySlots: [{slots}]\n"
    )
}

/// A slot between two times on Mondays and Tuesdays.
pub fn slot(start: &str, end: &str) -> String {
    format!("{{startTime: \"{start}\", endTime: \"{end}\", days: [Monday, Tuesday]}}")
}

/// Makes a campaign known to the sandbox that no schedule drives.
pub fn idle_campaign(name: &str, campaign: &str) -> String {
    format!(
        "apiVersion: dialctl/v1\nkind: CampaignCapacity\nmetadata: {{name: {name}}}\n\
         spec: {{campaign: {{id: {campaign}}}, maxConcurrentCalls: 10, maxConcurrentAgents: 5}}\n"
    )
}

impl Workspace {
    /// A folder with one file for each of so many schedules, each of another campaign.
    pub fn with_schedules(count: usize) -> Self {
        let workspace = Self::new();
        for n in 0..count {
            workspace.write(&schedule_file(n), schedule(&schedule_name(n), &campaign_id(n), &slot("09:00", "17:00")));
        }
        workspace
    }
}

/// The name of the n-th schedule of [`Workspace::with_schedules`].
pub fn schedule_name(n: usize) -> String {
    format!("schedule-{n:03}")
}

/// The file of the n-th schedule of [`Workspace::with_schedules`].
pub fn schedule_file(n: usize) -> String {
    format!("schedules/{}.yaml", schedule_name(n))
}
