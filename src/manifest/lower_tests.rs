//! What schedules mean: slots, dates, ends and alterations.

use super::*;
use crate::manifest::yaml;
use crate::schedule::{AlterationKind, Bound, Pattern};

fn lowered(spec: &str) -> Result<Schedule, Vec<Finding>> {
    let spec = spec.lines().map(|line| format!("  {line}\n")).collect::<String>();
    let text = format!(
        "apiVersion: dialctl/v1\nkind: SequenceSchedule\nmetadata: {{name: s, labels: {{team: a}}}}\nspec:\n  \
         sequence: {{name: Spring}}\n{spec}"
    );
    let root = yaml::read(&text).documents.remove(0).root;
    let kind = super::super::check::check(DocumentId(0), &root).unwrap();
    match lower(DocumentId(0), kind, &root)? {
        Meaning::Schedule(schedule) => Ok(schedule),
        other => panic!("{other:?}"),
    }
}

/// The first slot as `first start+length pattern bound`.
fn slot(spec: &str) -> String {
    let schedule = lowered(spec).unwrap();
    let slot = &schedule.timetable.slots[0];
    let pattern = match slot.pattern {
        Pattern::Daily { every } => format!("daily/{every}"),
        Pattern::Weekly { every, days } => {
            let days: Vec<_> = days.names().map(|name| &name[..2]).collect();
            format!("weekly/{every} {}", days.join(","))
        }
    };
    let bound = match slot.bound {
        Bound::Open => "open".to_owned(),
        Bound::Until(date) => format!("until {date}"),
        Bound::Count(count) => format!("count {count}"),
    };
    format!("{} {}+{} {} {pattern} {bound}", slot.first, slot.start, slot.length, slot.zone)
}

/// A spec with these dates and one slot.
fn spec(dates: &str, slot: &str) -> String {
    format!("{dates}\ndailySlots:\n- {{{slot}}}")
}

#[test]
fn slots_mean_what_they_say() {
    let from = "startDate: 2027-03-01"; // a Monday
    let until = "startDate: 2027-03-01\nendDate: 2027-03-10";
    let new_york = "timezone: America/New_York\n";
    let hour = "startTime: 09:00, endTime: 10:00";
    for (spec, expected) in [
        (spec(from, hour), "2027-03-01 09:00+3600 UTC daily/1 open"),
        (spec(from, "startTime: 22:00, endTime: 06:00"), "2027-03-01 22:00+28800 UTC daily/1 open"),
        (spec(from, "startTime: 00:00, endTime: 24:00"), "2027-03-01 00:00+86400 UTC daily/1 open"),
        (spec(from, "startTime: 18:00, endTime: 00:00"), "2027-03-01 18:00+21600 UTC daily/1 open"),
        (spec(from, "startTime: 09:00:30, endTime: 09:00:31"), "2027-03-01 09:00:30+1 UTC daily/1 open"),
        (
            spec(from, &format!("{hour}, days: [Thursday, Wednesday], every: 2")),
            "2027-03-03 09:00+3600 UTC weekly/2 We,Th open",
        ),
        (spec(from, &format!("{hour}, every: 3")), "2027-03-01 09:00+3600 UTC daily/3 open"),
        (spec(until, hour), "2027-03-01 09:00+3600 UTC daily/1 until 2027-03-10"),
        (spec(until, &format!("{hour}, endDate: 2027-04-01")), "2027-03-01 09:00+3600 UTC daily/1 until 2027-04-01"),
        (spec(until, &format!("{hour}, startDate: 2027-03-09")), "2027-03-09 09:00+3600 UTC daily/1 until 2027-03-10"),
        // The count ends on 2027-03-05 and 2027-03-20.
        (spec(until, &format!("{hour}, occurrences: 5")), "2027-03-01 09:00+3600 UTC daily/1 count 5"),
        (spec(until, &format!("{hour}, occurrences: 10")), "2027-03-01 09:00+3600 UTC daily/1 count 10"),
        (spec(until, &format!("{hour}, occurrences: 20")), "2027-03-01 09:00+3600 UTC daily/1 until 2027-03-10"),
        (spec(from, &format!("{hour}, occurrences: 20")), "2027-03-01 09:00+3600 UTC daily/1 count 20"),
        (
            spec(until, &format!("{hour}, occurrences: 2147483647, every: 2147483647")),
            "2027-03-01 09:00+3600 UTC daily/2147483647 until 2027-03-10",
        ),
        (
            spec(&format!("{new_york}{from}"), &format!("{hour}, timezone: Asia/Tokyo")),
            "2027-03-01 09:00+3600 Asia/Tokyo daily/1 open",
        ),
        // 09:00 in New York is 14:00Z on these days.
        (
            spec(&format!("{new_york}startDate: 2027-03-01T14:00:00Z"), hour),
            "2027-03-01 09:00+3600 America/New_York daily/1 open",
        ),
        (
            spec(&format!("{new_york}startDate: 2027-03-01T14:00:01Z"), hour),
            "2027-03-02 09:00+3600 America/New_York daily/1 open",
        ),
        (
            spec(&format!("{new_york}startDate: 2027-03-01T14:00:01Z"), &format!("{hour}, days: [Monday]")),
            "2027-03-08 09:00+3600 America/New_York weekly/1 Mo open",
        ),
        (
            spec(&format!("{new_york}{from}\nendDate: 2027-03-04T14:00:00Z"), hour),
            "2027-03-01 09:00+3600 America/New_York daily/1 until 2027-03-03",
        ),
        (
            spec(&format!("{new_york}{from}\nendDate: 2027-03-04T09:00:01-05:00"), hour),
            "2027-03-01 09:00+3600 America/New_York daily/1 until 2027-03-04",
        ),
        // Local dates are far from UTC dates at the ends of the world.
        (
            spec("timezone: Pacific/Kiritimati\nstartDate: 2027-03-01T10:00:00Z", "startTime: 00:00, endTime: 01:00"),
            "2027-03-02 00:00+3600 Pacific/Kiritimati daily/1 open",
        ),
    ] {
        assert_eq!(slot(&spec), expected, "{spec}");
    }
}

#[test]
fn the_rest_of_the_manifest_comes_along() {
    let schedule = lowered(
        "timezone: Asia/Tokyo\nmaxConcurrentCalls: 25\nintervals:\n- {start: 2027-05-02T10:00, end: 2027-05-02T14:00:30}\n\
         - {start: 2027-05-01T10:00, end: 2027-05-01T14:00}",
    )
    .unwrap();
    assert_eq!((schedule.kind, schedule.name.as_str()), (ScheduleKind::Sequence, "s"));
    assert_eq!(schedule.target, TargetRef::Name("Spring".into()));
    assert_eq!(schedule.labels.get("team").map(String::as_str), Some("a"));
    assert_eq!((schedule.capacity.calls, schedule.capacity.agents), (25, 5));
    assert_eq!(schedule.timetable.zone.name(), "Asia/Tokyo");
    let spans: Vec<_> = schedule.timetable.intervals.iter().map(|i| format!("{} {}", i.start, i.end)).collect();
    assert_eq!(spans, ["2027-05-02 10:00:00 2027-05-02 14:00:30", "2027-05-01 10:00:00 2027-05-01 14:00:00"]);
}

#[test]
fn alterations_mean_the_same_instants_in_every_slot_and_inclusions_come_once() {
    let schedule = lowered(
        "timezone: America/New_York\nstartDate: 2027-01-01\ndailySlots:\n- {startTime: 09:00, endTime: 10:00}\n\
         - {startTime: 12:00, endTime: 13:00, timezone: America/Los_Angeles}\n\
         exclusions: [{start: 2027-05-31T00:00, end: 2027-06-01T00:00}]\n\
         inclusions: [{start: 2027-06-05T10:00, end: 2027-06-05T11:00}]",
    )
    .unwrap();
    let told = |n: usize| {
        let alterations = &schedule.timetable.slots[n].alterations;
        alterations.iter().map(|a| (a.kind, a.start.to_string(), a.end.to_string())).collect::<Vec<_>>()
    };
    let of = |kind, start: &str, end: &str| (kind, start.to_owned(), end.to_owned());
    assert_eq!(
        told(0),
        [
            of(AlterationKind::Exclusion, "2027-05-31 00:00:00", "2027-06-01 00:00:00"),
            of(AlterationKind::Inclusion, "2027-06-05 10:00:00", "2027-06-05 11:00:00"),
        ]
    );
    assert_eq!(told(1), [of(AlterationKind::Exclusion, "2027-05-30 21:00:00", "2027-05-31 21:00:00")]);
}

#[test]
fn no_excluded_moment_is_lost_where_another_clock_is_set_back() {
    // New York shows 01:00 to 02:00 twice: at 05:00Z and at 06:00Z.
    for (span, exclusion, inclusion) in [
        ("{start: 2027-11-07T04:30, end: 2027-11-07T06:30}", Some(("00:30", "02:30")), Some(("00:30", "01:30"))),
        ("{start: 2027-11-07T05:30, end: 2027-11-07T06:15}", Some(("01:30", "02:15")), None),
        ("{start: 2027-11-07T06:30, end: 2027-11-07T08:00}", Some(("01:30", "03:00")), Some(("02:30", "03:00"))),
        ("{start: 2027-11-07T05:10, end: 2027-11-07T05:50}", Some(("01:10", "01:50")), Some(("01:10", "01:50"))),
    ] {
        for (field, expected) in [("exclusions", exclusion), ("inclusions", inclusion)] {
            let schedule = lowered(&format!(
                "startDate: 2027-01-01\ndailySlots:\n- {{startTime: 00:00, endTime: 05:00, timezone: America/New_York}}\n\
                 {field}: [{span}]"
            ))
            .unwrap();
            let clock = |time: chrono::NaiveDateTime| time.format("%H:%M").to_string();
            let told: Vec<_> =
                schedule.timetable.slots[0].alterations.iter().map(|a| (clock(a.start), clock(a.end))).collect();
            let expected: Vec<_> = expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
            assert_eq!(told, expected, "{field} {span}");
        }
    }
}

#[test]
fn exclusions_never_pass_over_an_interval_in_silence() {
    let spec = |interval: &str| {
        format!(
            "startDate: 2027-03-01\ndailySlots:\n- {{startTime: 09:00, endTime: 10:00}}\nintervals:\n- {interval}\n\
             exclusions: [{{start: 2027-05-31T00:00, end: 2027-06-01T00:00}}]"
        )
    };
    let cut = lowered(&spec("{start: 2027-05-31T20:00, end: 2027-06-01T02:00}")).unwrap_err();
    let [finding] = cut.as_slice() else { panic!("{cut:?}") };
    assert_eq!((finding.code, finding.related.len()), (Code::NotRepresentable, 1));
    assert!(lowered(&spec("{start: 2027-06-01T00:00, end: 2027-06-01T02:00}")).is_ok());
    let without_slots = lowered("exclusions: [{start: 2027-05-31T00:00, end: 2027-06-01T00:00}]").unwrap_err();
    assert!(without_slots[0].help.as_deref().unwrap().starts_with("remove them"), "{without_slots:?}");
}

#[test]
fn every_slot_is_judged_and_shared_faults_are_told_once() {
    for (spec, pointers) in [
        (
            "timezone: No/Where\nstartDate: 2027-03-02\nendDate: 2027-03-01\ndailySlots:\n\
             - {startTime: 09:00, endTime: 09:00}\n- {startTime: 09:00, endTime: 10:00, timezone: No/Place}\n\
             - {startTime: 10:00, endTime: 11:00}",
            vec!["/spec/timezone", "/spec/endDate", "/spec/dailySlots/0/endTime", "/spec/dailySlots/1/timezone"],
        ),
        (
            "startDate: 2027-03-02\nendDate: 2027-03-03\ndailySlots:\n\
             - {startTime: 09:00, endTime: 10:00, startDate: 2027-03-04}\n\
             - {startTime: 09:00, endTime: 10:00, endDate: 2027-03-02T00:00:00Z}",
            vec!["/spec/dailySlots/0/startDate", "/spec/dailySlots/1/endDate"],
        ),
        (
            "startDate: 2027-03-02T09:00:00Z\nendDate: 2027-03-02\ndailySlots: []\ninclusions: [{start: 2027-03-02T10:00, \
             end: 2027-03-02T11:00}]",
            vec!["/spec/inclusions"],
        ),
    ] {
        let findings = lowered(spec).unwrap_err();
        let told: Vec<_> = findings
            .iter()
            .map(|finding| match &finding.place {
                Place::Value { pointer, .. } | Place::Key { pointer, .. } => pointer.as_str(),
                Place::Bytes { .. } | Place::Path(_) => "",
            })
            .collect();
        assert_eq!(told, pointers, "{spec}");
        let reversed = findings.iter().filter(|finding| finding.code == Code::DatesReversed);
        assert!(reversed.into_iter().all(|finding| finding.related.len() == 1), "{findings:?}");
    }
}

#[test]
fn a_schedule_is_protected_where_its_metadata_says_so() {
    for (metadata, protect) in [("", false), (", protect: false", false), (", protect: true", true)] {
        let text = format!(
            "apiVersion: dialctl/v1\nkind: EmailCampaignSchedule\nmetadata: {{name: s{metadata}}}\n\
             spec: {{emailCampaign: {{id: a}}}}\n"
        );
        let root = yaml::read(&text).documents.remove(0).root;
        let kind = super::super::check::check(DocumentId(0), &root).unwrap();
        let Ok(Meaning::Schedule(schedule)) = lower(DocumentId(0), kind, &root) else { panic!("{metadata}") };
        assert_eq!(schedule.protect, protect, "{metadata}");
    }
    let pool = "apiVersion: dialctl/v1\nkind: CapacityPool\nmetadata: {name: s, protect: true}\n\
                spec: {maxConcurrentCalls: 1, maxConcurrentAgents: 1}\n";
    let root = yaml::read(pool).documents.remove(0).root;
    let [finding] = super::super::check::check(DocumentId(0), &root).unwrap_err().try_into().unwrap();
    assert_eq!((finding.code, finding.message.as_str()), (Code::UnknownField, "unknown field `protect`"));
}
