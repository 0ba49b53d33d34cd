//! What is well and what is not, as far as that takes no more than values.

use chrono::{NaiveDate, TimeDelta};

use super::Check;
use crate::exit::Exit;
use crate::genesys::{Grants, Right, permissions};
use crate::schedule::ScheduleKind;

/// How far a clock may be off. Receivers of signed events turn away what is some minutes off (Standard Webhooks),
/// and the ledger says when things were done.
const SKEW_MAX: TimeDelta = TimeDelta::seconds(30);

/// The age at which rules of time zones are no longer current: some zone has changed since.
const ZONES_AGE_MAX: TimeDelta = TimeDelta::days(365);

/// Whether the rules of time zones are current.
pub fn zone_database(version: &str, released: NaiveDate, today: NaiveDate) -> Check {
    let subject = "zone database";
    if today - released > ZONES_AGE_MAX {
        let way_out = "install a newer dialctl: hours of zones whose rules have changed since are wrong";
        Check::warning(subject, format!("{version}, released on {released}, is over a year old; {way_out}"))
    } else {
        Check::ok(subject, format!("{version}, released on {released}"))
    }
}

/// Whether the clock of this machine is right, by that of a server. `ahead` is how far the server's is ahead.
pub fn clock(ahead: TimeDelta) -> Check {
    let seconds = ahead.num_seconds().abs();
    if ahead.abs() <= SKEW_MAX {
        return Check::ok("clock", format!("{seconds} s off"));
    }
    let side = if ahead < TimeDelta::zero() { "ahead of" } else { "behind" };
    let way_out = "set it, for example by NTP: the ledger and events carry its time";
    Check::warning("clock", format!("the clock of this machine is {seconds} s {side} the service's; {way_out}"))
}

/// What the client may do with the schedules of a family, by its own roles. `None` where they are not told.
pub fn rights(kind: ScheduleKind, grants: Option<&Grants>) -> Vec<Check> {
    let judge = |right: Right, word: &str, use_of_it: &str| {
        let subject = format!("{word} {kind}");
        let any = permissions(kind, right).join(" or ");
        match grants {
            None => Check::skipped(subject, format!("the client's roles are not told; {use_of_it} takes {any}")),
            Some(grants) if permissions(kind, right).into_iter().any(|needed| grants.allow(needed)) => {
                Check::ok(subject, "permitted by the client's roles")
            }
            Some(_) => Check::warning(subject, format!("not permitted; for {use_of_it} grant {any} to the client")),
        }
    };
    vec![judge(Right::Edit, "edit", "`apply`"), judge(Right::Delete, "delete", "`apply --prune`")]
}

/// A family that cannot be listed.
pub fn not_viewed(kind: ScheduleKind, is_needed: bool, exit: Exit, error: &str) -> Check {
    let any = permissions(kind, Right::View).join(" or ");
    let subject = format!("view {kind}");
    let found = format!("{error}; grant {any} to the client");
    if is_needed { Check::failed(subject, exit, found) } else { Check::warning(subject, found) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn zone_rules_grow_old() {
        let released = NaiveDate::from_ymd_opt(2026, 10, 28).unwrap();
        for (days, verdict) in [(0, Verdict::Ok), (365, Verdict::Ok), (366, Verdict::Warning)] {
            let check = zone_database("2026f", released, released + TimeDelta::days(days));
            assert_eq!(check.verdict, verdict, "{days}");
        }
    }

    #[test]
    fn a_clock_may_be_a_little_off() {
        for (ahead, verdict, told) in [
            (0, Verdict::Ok, "0 s off"),
            (-30, Verdict::Ok, "30 s off"),
            (31, Verdict::Warning, "is 31 s behind the service's"),
            (-90, Verdict::Warning, "is 90 s ahead of the service's"),
        ] {
            let check = clock(TimeDelta::seconds(ahead));
            assert_eq!(check.verdict, verdict, "{ahead}");
            assert!(check.found.contains(told), "{}", check.found);
        }
    }

    #[test]
    fn rights_are_those_of_the_roles() {
        let grants = Grants::of([("outbound", "campaign", &["editSchedule"][..])]);
        let told = |kind, grants| rights(kind, grants).into_iter().map(|check| check.verdict).collect::<Vec<_>>();
        assert_eq!(told(ScheduleKind::Campaign, Some(&grants)), [Verdict::Ok, Verdict::Warning]);
        assert_eq!(told(ScheduleKind::EmailCampaign, Some(&grants)), [Verdict::Warning, Verdict::Warning]);
        assert_eq!(told(ScheduleKind::Campaign, None), [Verdict::Skipped, Verdict::Skipped]);
        let lacking = &rights(ScheduleKind::Campaign, Some(&grants))[1];
        assert_eq!(lacking.subject, "delete CampaignSchedule");
        let way_out = "grant outbound:schedule:delete or outbound:campaign:deleteSchedule to the client";
        assert!(lacking.found.contains(way_out), "{}", lacking.found);
    }
}
