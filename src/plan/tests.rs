use std::collections::BTreeMap;
use std::num::NonZeroU32;

use serde_json::json;

use super::*;
use crate::ledger::Memory;
use crate::ledger::canonical::{Digest, canonical};
use crate::schedule::{Bound, Capacity, Owner, Pattern, ScheduleKind, ScheduleName, Slot, Target, Timetable, Zone};

fn timetable(start: &str, hours: u32) -> Timetable {
    let zone = Zone::named("America/New_York").unwrap();
    let slot = Slot {
        zone,
        first: "2027-03-01".parse().unwrap(),
        start: start.parse().unwrap(),
        length: NonZeroU32::new(hours * 3600).unwrap(),
        pattern: Pattern::Daily { every: NonZeroU32::MIN },
        bound: Bound::Open,
        alterations: vec![],
    };
    Timetable { zone, slots: vec![slot], intervals: vec![] }
}

fn target(id: &str) -> Target {
    Target { id: id.to_owned(), name: None }
}

pub(crate) fn wanted(name: &str, target_id: &str, start: &str) -> Wanted {
    let name = ScheduleName::try_from(name.to_owned()).unwrap();
    Wanted {
        schedule: DesiredSchedule {
            kind: ScheduleKind::Campaign,
            live_name: Owner::default().live_name(&name),
            name,
            target: target(target_id),
            timetable: timetable(start, 4),
            capacity: Capacity { calls: 10, agents: 5 },
            protect: false,
            blackouts: Vec::new(),
        },
        labels: BTreeMap::new(),
        source: Source { file: "schedules/a.yaml".to_owned(), line: 1, digest: String::new() },
        stores_capacity: false,
    }
}

pub(crate) fn live(name: Option<&str>, target_id: &str, start: &str) -> LiveSchedule {
    LiveSchedule {
        kind: ScheduleKind::Campaign,
        target: target(target_id),
        id: Some(format!("id-{target_id}")),
        name: name.map(str::to_owned),
        version: Some(1),
        timetable: Ok(timetable(start, 4)),
        capacity: None,
    }
}

pub(crate) fn inputs(wanted: Vec<Wanted>, live: Vec<LiveSchedule>, policy: Policy) -> Inputs {
    Inputs {
        header: Header {
            tool: "dialctl 0".to_owned(),
            tzdata: "2026f".to_owned(),
            org: "sandbox".to_owned(),
            api: "outbound-schedules".to_owned(),
            owner: "dialctl".to_owned(),
            git_commit: None,
            manifest_digest: "d".to_owned(),
            raised: Raised::default(),
        },
        owner: Owner::default(),
        wanted,
        live,
        passed_over: 0,
        policy,
        can_change: true,
        memory: Memory::default(),
        lists_others: false,
        as_of: "2027-02-01T00:00:00Z".parse().unwrap(),
        completeness: Completeness::default(),
    }
}

/// The plan in short: its actions, then the counts of what is unchanged, unmanaged and orphaned.
fn short(plan: &Plan) -> (Vec<String>, [usize; 3]) {
    let actions = plan.actions.iter().map(|action| format!("{} {}", action.verb(), action.name())).collect();
    (actions, [plan.unchanged, plan.unmanaged, plan.orphans.len()])
}

#[test]
fn ownership_is_told_by_name() {
    let default = Policy::default();
    let prune = Policy { prune: true, ..default };
    let adopt = Policy { adopt: true, ..default };
    let frozen = Policy { create: false, update: false, ..default };
    let ours = Some("dialctl/a");
    for (what, wanted, live, policy, actions, counts) in [
        ("missing", vec![wanted("a", "1", "09:00")], vec![], default, vec!["create a"], [0, 0, 0]),
        ("same", vec![wanted("a", "1", "09:00")], vec![live(ours, "1", "09:00")], default, vec![], [1, 0, 0]),
        (
            "changed",
            vec![wanted("a", "1", "10:00")],
            vec![live(ours, "1", "09:00")],
            default,
            vec!["update a"],
            [0, 0, 0],
        ),
        (
            "renamed manifest of the same owner",
            vec![wanted("b", "1", "09:00")],
            vec![live(ours, "1", "09:00")],
            default,
            vec!["update b"],
            [0, 0, 0],
        ),
        (
            "made by somebody else, even with the same time",
            vec![wanted("a", "1", "09:00")],
            vec![live(Some("by hand"), "1", "09:00")],
            default,
            vec!["refused a"],
            [0, 0, 0],
        ),
        (
            "adopted",
            vec![wanted("a", "1", "09:00")],
            vec![live(Some("by hand"), "1", "09:00")],
            adopt,
            vec!["update a"],
            [0, 0, 0],
        ),
        (
            "without a name",
            vec![wanted("a", "1", "09:00")],
            vec![live(None, "1", "09:00")],
            default,
            vec!["refused a"],
            [0, 0, 0],
        ),
        ("orphan", vec![], vec![live(ours, "1", "09:00")], default, vec![], [0, 0, 1]),
        (
            "pruned",
            vec![wanted("b", "2", "09:00")],
            vec![live(ours, "1", "09:00"), live(Some("dialctl/b"), "2", "09:00")],
            prune,
            vec!["delete dialctl/a"],
            [1, 0, 0],
        ),
        ("never prunes everything", vec![], vec![live(ours, "1", "09:00")], prune, vec![], [0, 0, 1]),
        ("never prunes others", vec![], vec![live(Some("other/a"), "1", "09:00")], prune, vec![], [0, 1, 0]),
        (
            "another target is another schedule",
            vec![wanted("a", "2", "09:00")],
            vec![live(ours, "1", "09:00")],
            prune,
            vec!["create a", "delete dialctl/a"],
            [0, 0, 0],
        ),
        (
            "policy",
            vec![wanted("a", "1", "10:00"), wanted("b", "2", "10:00")],
            vec![live(ours, "1", "09:00")],
            frozen,
            vec!["refused a", "refused b"],
            [0, 0, 0],
        ),
    ] {
        let plan = compare(inputs(wanted, live, policy));
        assert_eq!(short(&plan), (actions.into_iter().map(str::to_owned).collect(), counts), "{what}");
    }
}

#[test]
fn what_cannot_be_read_is_replaced_when_it_is_ours() {
    let unreadable = LiveSchedule { timetable: Err("no such zone".into()), ..live(Some("dialctl/a"), "1", "09:00") };
    let plan = compare(inputs(vec![wanted("a", "1", "09:00")], vec![unreadable], Policy::default()));
    assert_eq!(short(&plan).0, ["update a"]);
}

#[test]
fn without_names_the_time_tells_schedules_apart() {
    let capacity = |calls| Some(Capacity { calls, agents: 5 });
    let stored = |start, calls| LiveSchedule { capacity: capacity(calls), ..live(None, "1", start) };
    let want = |start| Wanted { stores_capacity: true, ..wanted("a", "1", start) };
    for (what, wanted, live, actions, counts) in [
        ("same", vec![want("09:00")], vec![stored("09:00", 10)], vec![], [1, 0, 0]),
        ("other time", vec![want("09:00")], vec![stored("14:00", 10)], vec!["create a"], [0, 1, 0]),
        ("other capacity", vec![want("09:00")], vec![stored("09:00", 11)], vec!["refused a"], [0, 0, 0]),
    ] {
        let policy = Policy { prune: true, ..Policy::default() };
        let plan = compare(Inputs { can_change: false, ..inputs(wanted, live, policy) });
        assert_eq!(short(&plan), (actions.into_iter().map(str::to_owned).collect(), counts), "{what}");
    }
}

#[test]
fn a_plan_with_a_refusal_cannot_be_applied() {
    let both = vec![wanted("a", "1", "09:00"), wanted("b", "2", "09:00")];
    let plan = compare(inputs(both, vec![live(None, "1", "09:00")], Policy::default()));
    assert_eq!(plan.approve(&Rails::default()).unwrap_err(), NotApproved::Refusals(1));
}

#[test]
fn the_effect_is_told_in_hours_per_week_and_from_when_on() {
    let plan = compare(inputs(
        vec![wanted("a", "1", "10:00")],
        vec![live(Some("dialctl/a"), "1", "09:00")],
        Policy::default(),
    ));
    let effect = &plan.actions[0].effect;
    assert_eq!(
        serde_json::to_value(effect).unwrap(),
        json!({
            "hoursPerWeek": {"added": 7.0, "removed": 7.0},
            "nextAffectedStart": {
                "utc": "2027-03-01T14:00:00Z", "local": "2027-03-01T09:00:00", "timezone": "America/New_York"
            },
            "next14Days": {"timezone": "America/New_York", "added": [], "removed": []},
        })
    );
}

#[test]
fn the_next_14_days_are_told_stretch_by_stretch() {
    // 10 o'clock in New York on a day on which 09:00-13:00 moves to 10:00-14:00.
    let as_of = "2027-03-02T15:00:00Z".parse().unwrap();
    let effect = Effect::of(Some(&timetable("09:00", 4)), Some(&timetable("10:00", 4)), as_of);
    let days = effect.next_days;
    assert_eq!((days.added.len(), days.removed.len()), (14, 13), "today's first hour is over");
    let shown = |span: &crate::schedule::Occurrence| format!("{:?} {:?}", span.start, span.end);
    assert_eq!(shown(&days.added[0]), "2027-03-02T18:00:00Z 2027-03-02T19:00:00Z");
    assert_eq!(shown(&days.removed[0]), "2027-03-03T14:00:00Z 2027-03-03T15:00:00Z");
    // The clock goes forward on the 14th.
    assert_eq!(shown(&days.added[13]), "2027-03-15T17:00:00Z 2027-03-15T18:00:00Z");
}

#[test]
fn an_effect_that_is_months_away_is_found() {
    let holiday = crate::schedule::Alteration {
        kind: crate::schedule::AlterationKind::Exclusion,
        start: "2027-11-25T00:00:00".parse().unwrap(),
        end: "2027-11-26T00:00:00".parse().unwrap(),
    };
    let mut closed = timetable("09:00", 4);
    closed.slots[0].alterations.push(holiday);
    let effect = Effect::of(Some(&timetable("09:00", 4)), Some(&closed), "2027-02-01T00:00:00Z".parse().unwrap());
    assert_eq!((effect.added_hours_per_week, effect.removed_hours_per_week), (0.0, 1.0));
    assert_eq!(effect.next_affected_start.unwrap().to_rfc3339(), "2027-11-25T14:00:00+00:00");
}

#[test]
fn equal_plans_have_equal_digests_and_the_digest_covers_the_actions() {
    let plan = |start| compare(inputs(vec![wanted("a", "1", start)], vec![], Policy::default()));
    assert_eq!(json::digest(&plan("09:00")), json::digest(&plan("09:00")));
    assert_ne!(json::digest(&plan("09:00")), json::digest(&plan("10:00")));
    assert_eq!(json::to_json(&plan("09:00"))["digest"], json::digest(&plan("09:00")));
}

#[test]
fn the_json_plan_in_pieces_is_the_whole_one() {
    for count in [0, 1, 150] {
        let each = |n: usize| wanted(&format!("a{n}"), &n.to_string(), "09:00");
        let mut inputs = inputs((0..count).map(each).collect(), vec![], Policy::default());
        inputs.header.org = "\"actions\": []\n\"actions\":[]".to_owned();
        inputs.completeness.ignored = vec!["\"actions\":[]".to_owned()];
        let plan = compare(inputs);
        let mut whole = json::to_json(&plan);
        let mut written = Vec::new();
        json::write(&plan, &mut written).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), format!("{whole:#}\n"), "{count}");
        let digest = whole.as_object_mut().unwrap().remove("digest").unwrap();
        assert_eq!(digest, Digest::of(canonical(&whole).as_bytes()).to_string(), "{count}");
    }
}

#[test]
fn an_update_shows_exactly_the_field_that_differs() {
    let plan = compare(inputs(
        vec![wanted("a", "1", "10:00")],
        vec![live(Some("dialctl/a"), "1", "09:00")],
        Policy::default(),
    ));
    let json = json::to_json(&plan);
    assert_eq!(
        json["actions"][0]["changes"],
        json!([
            {"path": "/dailySlots/0/endTime", "before": "13:00", "after": "14:00"},
            {"path": "/dailySlots/0/startTime", "before": "09:00", "after": "10:00"},
        ])
    );
    insta::assert_snapshot!(text::to_text(&plan), @r#"
    ~ update CampaignSchedule a campaign 1 schedules/a.yaml:1
          name dialctl/a
          zone America/New_York
        - slot 09:00-13:00 daily from 2027-03-01
        + slot 10:00-14:00 daily from 2027-03-01
        adds 7 h and removes 7 h a week, from Mon 2027-03-01 09:00 America/New_York (2027-03-01 14:00 UTC) on

    Plan: 0 to create, 1 to update, 0 to delete. 0 unchanged, 0 unmanaged.
    "#);
}

#[test]
fn what_the_service_says_cannot_steer_a_terminal_or_a_log() {
    let odd = "odd\u{1b}[31m\n::error::name";
    let mut refused = live(Some(odd), "1", "09:00");
    refused.target.name = Some(odd.to_owned());
    let mut orphan = live(Some(&format!("dialctl/{odd}")), "2", "09:00");
    orphan.target.name = Some(odd.to_owned());
    let mut wanted = wanted("a", "1", "09:00");
    wanted.schedule.target.name = Some(odd.to_owned());
    for prune in [false, true] {
        let policy = Policy { prune, ..Policy::default() };
        let plan = compare(inputs(vec![wanted.clone()], vec![refused.clone(), orphan.clone()], policy));
        let text = text::to_text(&plan);
        assert!(text.contains("odd") && !text.contains('\u{1b}'), "{text:?}");
        assert!(text.lines().all(|line| !line.starts_with("::")), "{text:?}");
    }
}

#[test]
fn nothing_that_the_service_says_steers_a_terminal() {
    let mut odd = live(Some("dialctl/a"), "1", "09:00");
    odd.timetable = Err("odd \u{1b}[2J slot".to_owned());
    let mut wanted = wanted("a", "1", "09:00");
    wanted.source.file = "schedules/\u{7}.yaml".to_owned();
    let plan = compare(inputs(vec![wanted], vec![odd], Policy::default()));
    let mut shown = Vec::new();
    text::write(&plan, &mut shown).unwrap();
    let shown = String::from_utf8(shown).unwrap();
    assert!(shown.contains(r"cannot be read: odd \u{1b}[2J slot"), "{shown}");
    assert!(shown.contains(r"schedules/\u{7}.yaml"), "{shown}");
}
