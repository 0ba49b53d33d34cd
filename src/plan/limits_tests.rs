use super::*;
use crate::plan::tests::{inputs, live, wanted};
use crate::plan::{NotApproved, Policy, Rails, compare};

const CAMPAIGN: ScheduleKind = ScheduleKind::Campaign;
const SEQUENCE: ScheduleKind = ScheduleKind::Sequence;

/// A plan that, of so many live schedules of each kind, updates the first and deletes the next.
fn plan_of(kinds: &[(ScheduleKind, usize, usize, usize)]) -> Plan {
    let (mut desired, mut found) = (Vec::new(), Vec::new());
    for (kind, owned, updates, deletes) in kinds {
        for n in 0..*owned {
            let id = format!("{n}");
            let mut live = live(Some(&format!("dialctl/s{n}")), &id, "09:00");
            live.kind = *kind;
            found.push(live);
            let start = if n < *updates { "10:00" } else { "09:00" };
            let mut wanted = wanted(&format!("s{n}"), &id, start);
            wanted.schedule.kind = *kind;
            if n < *updates || n >= updates + deletes {
                desired.push(wanted);
            }
        }
    }
    let mut inputs = inputs(desired, found, Policy { prune: true, ..Policy::default() });
    inputs.completeness.manifests_considered = 1;
    compare(inputs)
}

fn limits(kinds: &[(ScheduleKind, LimitsOf)], raised: &[(Limited, &str)]) -> Limits {
    let mut limits = Limits { kinds: kinds.iter().copied().collect(), ..Limits::default() };
    for (limited, text) in raised {
        limits.raised.raise(*limited, text.parse().unwrap());
    }
    limits
}

fn limit(percent: Option<usize>, max: Option<usize>) -> Limit {
    Limit { percent, max }
}

#[test]
fn shares_bind_from_the_floor_on_and_numbers_always() {
    use Limited::{Delete, Update};
    let absolute = LimitsOf { updates: limit(Some(30), Some(2)), deletes: limit(None, Some(1)), floor: 10 };
    let default = Limits::default().all;
    for (what, all, raised, owned, updates, deletes, told) in [
        ("within the share", default, &[][..], 10, 3, 3, ""),
        (
            "beyond the share",
            default,
            &[],
            10,
            4,
            0,
            "4 updates of 10 live schedules are more than the 3 that `limits.updatePercent: 30` allows; if that is meant, \
             say the number for this run: --max-updates 4",
        ),
        ("below the floor", default, &[], 9, 5, 4, ""),
        (
            "both are told",
            default,
            &[],
            12,
            4,
            5,
            "4 updates of 12 live schedules are more than the 3 that `limits.updatePercent: 30` allows; if that is meant, \
             say the number for this run: --max-updates 4\n\
             5 deletes of 12 live schedules are more than the 3 that `limits.deletePercent: 30` allows; if that is meant, \
             say the number for this run: --max-deletes 5",
        ),
        ("raised", default, &[(Update, "4")], 10, 4, 0, ""),
        (
            "raised too little",
            default,
            &[(Update, "4")],
            10,
            5,
            0,
            "5 updates of 10 live schedules are more than the 4 that `--max-updates 4` allows; if that is meant, say the \
             number for this run: --max-updates 5",
        ),
        ("the other one raised", default, &[(Update, "9")], 10, 0, 4, "4 deletes of 10"),
        (
            "a number binds below the floor",
            absolute,
            &[],
            2,
            0,
            2,
            "2 deletes of 2 live schedules are more than the 1 that `limits.maxDeletes: 1` allows; if that is meant, say \
             the number for this run: --max-deletes 2",
        ),
        ("the smaller one binds: the number", absolute, &[], 10, 3, 0, "than the 2 that `limits.maxUpdates: 2` allows"),
        (
            "the smaller one binds: the share",
            LimitsOf { updates: limit(Some(10), Some(2)), ..absolute },
            &[],
            10,
            2,
            0,
            "than the 1 that `limits.updatePercent: 10` allows",
        ),
        ("raised over both", absolute, &[(Update, "5"), (Delete, "2")], 10, 5, 2, ""),
        (
            "one of none",
            LimitsOf { deletes: limit(None, Some(0)), ..default },
            &[],
            3,
            0,
            1,
            "1 delete of 3 live schedules is more than the 0 that `limits.maxDeletes: 0` allows",
        ),
    ] {
        let limits = Limits { all, ..limits(&[], raised) };
        let exceeded = limits.check(&plan_of(&[(CAMPAIGN, owned, updates, deletes)]));
        let found = exceeded.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        assert!(if told.is_empty() { found.is_empty() } else { found.contains(told) }, "{what}: {found}");
    }
}

#[test]
fn a_kind_is_held_against_its_own_numbers_besides() {
    use Limited::{Delete, Update};
    let sequences = LimitsOf { floor: 5, updates: Limit::default(), deletes: limit(Some(10), Some(2)) };
    let of_kind = [(SEQUENCE, sequences)];
    for (what, raised, plan, told) in [
        ("nothing", &[][..], [(CAMPAIGN, 30, 0, 3), (SEQUENCE, 20, 0, 2)], &[][..]),
        (
            "the share of the kind",
            &[],
            [(CAMPAIGN, 30, 0, 0), (SEQUENCE, 10, 0, 2)],
            &["2 deletes of 10 live SequenceSchedules are more than the 1 that \
               `limits.kinds.SequenceSchedule.deletePercent: 10` allows; if that is meant, say the number for this run: \
               --max-deletes SequenceSchedule=2"],
        ),
        (
            "the number of the kind",
            &[],
            [(CAMPAIGN, 30, 0, 0), (SEQUENCE, 50, 0, 3)],
            &["the 2 that `limits.kinds.SequenceSchedule.maxDeletes: 2` allows"],
        ),
        ("below the floor of the kind", &[], [(CAMPAIGN, 30, 0, 0), (SEQUENCE, 4, 0, 2)], &[]),
        ("no numbers for updates of the kind", &[], [(CAMPAIGN, 90, 0, 0), (SEQUENCE, 10, 10, 0)], &[]),
        (
            "both the kind and all",
            &[],
            [(CAMPAIGN, 5, 0, 4), (SEQUENCE, 6, 0, 3)],
            &["7 deletes of 11 live schedules are", "3 deletes of 6 live SequenceSchedules are"],
        ),
        (
            "the kind raised does not raise all",
            &[(Delete, "SequenceSchedule=3")],
            [(CAMPAIGN, 5, 0, 4), (SEQUENCE, 6, 0, 3)],
            &["--max-deletes 7"],
        ),
        (
            "all raised does not raise the kind",
            &[(Delete, "7")],
            [(CAMPAIGN, 5, 0, 4), (SEQUENCE, 6, 0, 3)],
            &["--max-deletes SequenceSchedule=3"],
        ),
        (
            "both raised",
            &[(Delete, "7"), (Delete, "SequenceSchedule=3")],
            [(CAMPAIGN, 5, 0, 4), (SEQUENCE, 6, 0, 3)],
            &[],
        ),
        (
            "a kind without numbers of its own",
            &[(Update, "CampaignSchedule=1")],
            [(CAMPAIGN, 40, 2, 0), (SEQUENCE, 0, 0, 0)],
            &[
                "2 updates of 40 live CampaignSchedules are more than the 1 that `--max-updates CampaignSchedule=1` allows",
            ],
        ),
    ] {
        let exceeded = limits(&of_kind, raised).check(&plan_of(&plan));
        let found: Vec<String> = exceeded.iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), told.len(), "{what}: {found:?}");
        assert!(found.iter().zip(told).all(|(found, told)| found.contains(told)), "{what}: {found:?}");
    }
}

#[test]
fn everything_that_is_exceeded_stands_in_one_error() {
    let error = plan_of(&[(CAMPAIGN, 12, 4, 5)]).approve(&Rails::default()).unwrap_err();
    assert!(matches!(&error, NotApproved::Objections(all) if all.len() == 2), "{error}");
    let message = error.to_string();
    assert!(message.contains("--max-updates 4\n  5 deletes of 12"), "{message}");
    assert!(message.ends_with("--max-deletes 5; nothing was changed"), "{message}");
}

#[test]
fn schedules_of_the_owner_count_whatever_becomes_of_them() {
    let adopt = Policy { adopt: true, ..Policy::default() };
    let denied = Policy { update: false, ..Policy::default() };
    let wanted = || vec![wanted("a", "1", "10:00"), wanted("b", "2", "09:00"), wanted("c", "3", "09:00")];
    let found = |name| vec![live(Some("dialctl/a"), "1", "09:00"), live(Some(name), "2", "09:00")];
    let orphan = live(Some("dialctl/z"), "9", "09:00");
    for (what, policy, live, owned) in [
        ("updated and kept", Policy::default(), found("dialctl/b"), 2),
        ("an update that is refused", denied, found("dialctl/b"), 2),
        ("somebody else's", Policy::default(), found("by hand"), 1),
        ("somebody else's that is taken over", adopt, found("by hand"), 2),
        ("left alone", Policy::default(), vec![orphan.clone()], 1),
        ("deleted", Policy { prune: true, ..Policy::default() }, vec![orphan], 1),
    ] {
        let plan = compare(inputs(wanted(), live, policy));
        let only = plan.clone().only(&["b".to_owned()].into(), &crate::schedule::Owner::default());
        for plan in [plan, only] {
            assert_eq!((plan.owned.count(None), plan.owned.count(Some(CAMPAIGN))), (owned, owned), "{what}");
            assert_eq!(plan.owned.count(Some(SEQUENCE)), 0, "{what}");
        }
    }
}
