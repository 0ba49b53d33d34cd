//! What would be felt at once: an action that cuts or starts dialing which is running or about to begin.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Imminent, Plan};
use crate::schedule::{ScheduleKind, Zone};

/// How soon an action must not be felt, unless somebody says its name.
#[derive(Clone, Debug)]
pub struct Grace {
    /// How soon.
    pub within: TimeDelta,
    /// When the plan is to be applied.
    pub as_of: DateTime<Utc>,
    /// The names of schedules for which it does not matter.
    pub allowed: BTreeSet<String>,
}

/// An action that would be felt at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooSoon {
    verb: &'static str,
    kind: ScheduleKind,
    name: String,
    imminent: Imminent,
    as_of: DateTime<Utc>,
    zone: Zone,
}

impl Grace {
    /// The actions of a plan that would be felt too soon, and that nobody has allowed.
    pub fn check(&self, plan: &Plan) -> Vec<TooSoon> {
        let as_of = self.as_of;
        let actions = plan.actions.iter().filter(|action| !action.is_refused());
        let felt = actions.filter_map(|action| {
            let imminent = action.effect.next_days.imminent(as_of, self.within)?;
            let (verb, kind, zone) = (action.verb(), action.kind(), action.effect.zone);
            // People know a schedule by the name in its manifest, also where that is gone.
            let name = action.name().rsplit('/').next().unwrap_or_default().to_owned();
            Some(TooSoon { verb, kind, name, imminent, as_of, zone })
        });
        felt.filter(|soon| !self.allowed.contains(&soon.name)).collect()
    }
}

impl fmt::Display for TooSoon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { verb, kind, name, imminent, as_of, zone } = self;
        let name = name.escape_debug();
        let (does, start) = match imminent {
            Imminent::Cut(start) => ("cut", *start),
            Imminent::Start(start) => ("start", *start),
        };
        let when = match (imminent, start <= *as_of) {
            (Imminent::Cut(_), true) => "that is running since",
            (Imminent::Start(_), true) => "at once, in a window since",
            (_, false) => "that begins at",
        };
        let (local, utc) = (zone.local(start).format("%H:%M"), start.format("%H:%M"));
        write!(
            f,
            "to {verb} {kind} {name} would {does} dialing {when} {local} {zone} ({utc} UTC); do it later, or say its name \
             for this run: --allow-imminent {name}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{inputs, live, wanted};
    use super::super::{Inputs, Policy, compare};
    use super::*;

    /// What is too soon in a plan made at a time of the 2nd of March, on which New York is five hours behind UTC.
    fn too_soon(time: &str, minutes: i64, allowed: &[&str]) -> Vec<String> {
        let as_of = format!("2027-03-02T{time}Z").parse().unwrap();
        let both = vec![wanted("a", "1", "10:00"), wanted("b", "2", "09:00")];
        let now = vec![live(Some("dialctl/a"), "1", "09:00"), live(Some("dialctl/gone"), "3", "09:00")];
        let policy = Policy { prune: true, ..Policy::default() };
        let plan = compare(Inputs { as_of, ..inputs(both, now, policy) });
        let allowed = allowed.iter().map(|name| (*name).to_owned()).collect();
        let found = Grace { within: TimeDelta::minutes(minutes), as_of, allowed }.check(&plan);
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_runs_or_is_about_to_begin_is_told_by_name() {
        // a moves from 09:00-13:00 to 10:00-14:00, b begins to be dialed at 09:00-13:00, gone ceases to be.
        insta::assert_snapshot!(too_soon("13:45:01", 15, &[]).join("\n"), @r"
        to create CampaignSchedule b would start dialing that begins at 09:00 America/New_York (14:00 UTC); do it later, or say its name for this run: --allow-imminent b
        to update CampaignSchedule a would cut dialing that begins at 09:00 America/New_York (14:00 UTC); do it later, or say its name for this run: --allow-imminent a
        to delete CampaignSchedule gone would cut dialing that begins at 09:00 America/New_York (14:00 UTC); do it later, or say its name for this run: --allow-imminent gone
        ");
        let running = too_soon("14:30:00", 15, &["b", "gone"]);
        assert!(running[0].contains("a would cut dialing that is running since 09:00 America/New_York"), "{running:?}");
        assert_eq!(too_soon("13:44:59", 15, &[]), [""; 0], "a quarter of an hour before");
        assert_eq!(too_soon("13:45:01", 15, &[]).len(), 3);
        assert_eq!(too_soon("13:45:01", 15, &["gone", "a"]).len(), 1);
        let started = too_soon("18:30:00", 15, &[]);
        assert_eq!(started.len(), 1, "{started:?}");
        assert!(started[0].contains("a would start dialing at once, in a window since 13:00 America"), "{started:?}");
        assert_eq!(too_soon("19:00:00", 15, &[]), [""; 0], "all over for today");
    }
}
