//! `dialctl calendar`: the grid, the occurrences, iCalendar, and what is live.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::manifests::{campaign_id, schedule, slot};
use crate::support::Workspace;

const WEEK: [&str; 4] = ["calendar", "--from", "2027-03-08", AS_OF];

const AS_OF: &str = "--as-of=2027-03-01T00:00:00Z";

fn arguments<'a>(more: &[&'a str]) -> Vec<&'a str> {
    WEEK.iter().chain(more).copied().collect()
}

#[test]
fn a_week_as_a_grid() {
    let workspace = Workspace::with_examples();
    insta::assert_snapshot!("calendar", workspace.run(&WEEK).exits(0));
    let in_one_zone = arguments(&["--to", "2027-03-10", "--timezone", "America/New_York"]);
    insta::assert_snapshot!("calendar_in_one_zone", workspace.run(&in_one_zone).exits(0));
}

#[test]
fn this_week_begins_on_monday_in_the_zone_shown() {
    let workspace = Workspace::with_schedules(1);
    for (as_of, zone, first) in [
        ("2027-03-15T03:59:59Z", "America/New_York", "Mon 2027-03-08 to Sun 2027-03-14"),
        ("2027-03-15T04:00:00Z", "America/New_York", "Mon 2027-03-15 to Sun 2027-03-21"),
        ("2027-03-15T03:59:59Z", "UTC", "Mon 2027-03-15 to Sun 2027-03-21"),
    ] {
        let ran = workspace.run(&["calendar", "--as-of", as_of, "--timezone", zone]).exits(0);
        assert!(ran.stdout.starts_with(first), "{as_of} {zone}: {ran}");
    }
}

#[test]
fn occurrences_as_json() {
    let workspace = Workspace::with_examples();
    // The Monday is Easter Monday, on which London is excluded; its clocks were set the day before.
    let ran =
        workspace.run(&["calendar", "--from", "2027-03-29", "--to", "2027-03-31", "--format", "json", AS_OF]).exits(0);
    insta::assert_snapshot!("calendar_json", ran);
}

#[test]
fn rules_exceptions_and_zones_as_icalendar() {
    let workspace = Workspace::with_examples();
    let ran = workspace.run(&[
        "calendar",
        "schedules/voice/north-america.yaml",
        "--from=2027-03-08",
        "--to=2027-06-06",
        "--format=ics",
        AS_OF,
    ]);
    let ran = ran.exits(0);
    assert_eq!(ran.stdout.lines().count(), ran.stdout.matches("\r\n").count());
    insta::assert_snapshot!("calendar_ics", ran.to_string().replace('\r', ""));
}

/// The property of each event of a calendar made at an instant.
fn properties(workspace: &Workspace, name: &str, more: &[&str]) -> BTreeSet<String> {
    let ran = workspace.run(&arguments(&[&["--format", "ics"], more].concat())).exits(0);
    ran.stdout.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::to_owned)).collect()
}

#[test]
fn ids_of_events_outlive_changes_around_them() {
    let workspace = Workspace::new();
    let write = |slots: &[String]| {
        workspace.write("schedules/one.yaml", schedule("one", &campaign_id(1), &slots.join(", ")));
        properties(&workspace, "UID", &[])
    };
    let two = write(&[slot("09:00", "12:00"), slot("14:00", "17:00")]);
    assert_eq!(two.len(), 2);
    assert_eq!(write(&[slot("14:00", "17:00"), slot("09:00", "12:00")]), two);
    assert_eq!(write(&[slot("09:00", "13:00"), slot("14:00", "17:00")]), two);
    let three = write(&[slot("06:00", "07:00"), slot("09:00", "12:00"), slot("14:00", "17:00")]);
    assert!(three.is_superset(&two) && three.len() == 3, "{three:?} {two:?}");
}

#[test]
fn ids_of_events_outlive_those_that_leave_the_calendar() {
    let workspace = Workspace::new();
    let spring = slot("09:00", "12:00").replace("days", "endDate: 2027-03-31, days");
    let autumn = slot("09:00", "12:00").replace("days", "startDate: 2027-05-03, days");
    workspace.write("schedules/one.yaml", schedule("one", &campaign_id(1), &[spring, autumn].join(", ")));
    let ids = |from: &str| {
        let ran = workspace.run(&["calendar", "--format", "ics", "--from", from, "--to", "2027-06-30"]).exits(0);
        let ids = ran.stdout.lines().filter(|line| line.starts_with("UID:"));
        ids.map(str::to_owned).collect::<Vec<_>>()
    };
    let both = ids("2027-03-01");
    assert_eq!((both.len(), ids("2027-04-05")), (2, vec![both[1].clone()]));
}

#[test]
fn the_instant_decides_how_far_yearly_days_reach() {
    let workspace = Workspace::new();
    workspace.write("schedules/one.yaml", schedule("one", &campaign_id(1), &slot("09:00", "17:00")));
    workspace.write(
        "schedules/calendar.yaml",
        "apiVersion: dialctl/v1\nkind: BlackoutCalendar\nmetadata: {name: c}\nspec:\n  selector: {}\n  \
         action: exclude\n  dates: [{date: 2027-07-05, name: A Monday in 2038 too, yearly: true}]\n",
    );
    let dialed = |as_of: &str| {
        let day = ["calendar", "--from", "2038-07-05", "--to", "2038-07-05", "--format", "json", "--as-of", as_of];
        workspace.run(&day).exits(0).json().as_array().map(Vec::len)
    };
    assert_eq!((dialed("2027-01-01T00:00:00Z"), dialed("2038-01-01T00:00:00Z")), (Some(1), Some(0)));
}

#[test]
fn sequences_count_seconds_unless_one_is_given() {
    let workspace = Workspace::with_schedules(1);
    // 2616 days after the first of January 2020.
    assert_eq!(properties(&workspace, "SEQUENCE", &[]), BTreeSet::from([(2616 * 24 * 60 * 60).to_string()]));
    assert_eq!(properties(&workspace, "SEQUENCE", &["--sequence", "7"]), BTreeSet::from(["7".to_owned()]));
}

#[test]
fn what_is_live_is_shown_under_its_stored_name() {
    let mut workspace = Workspace::with_schedules(2);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    workspace.run(&["apply"]).exits(0);
    let listed = |more: &[&str]| workspace.run(&arguments(&[&["--format", "json"], more].concat())).exits(0).json();
    let mut declared = listed(&[]);
    assert_eq!(declared.as_array().map(Vec::len), Some(4));
    for one in declared.as_array_mut().unwrap() {
        one["name"] = json!(format!("dialctl/{}", one["name"].as_str().unwrap()));
    }
    let without_target_names = |mut listed: Value| {
        listed.as_array_mut().unwrap().iter_mut().for_each(|one| one["target"]["name"] = Value::Null);
        listed
    };
    assert_eq!(without_target_names(listed(&["--live"])), declared);
    // Manifests that are wrong or missing do not hide what is live.
    workspace.write("schedules/broken.yaml", "kind: [");
    assert_eq!(without_target_names(listed(&["--live"])), declared);
    assert!(sandbox.requests().iter().filter(|one| one["method"] == "PUT").count() == 2);
    let ran = workspace.run(&arguments(&["--live"])).exits(0);
    assert!(ran.stdout.contains("\ndialctl/schedule-000 |"), "{ran}");
}

#[test]
fn wrong_manifests_are_told_and_nothing_is_shown() {
    let workspace = Workspace::with_schedules(1);
    workspace.write("schedules/broken.yaml", "kind: [");
    let ran = workspace.run(&WEEK).exits(3);
    assert!(ran.stdout.is_empty() && ran.stderr.contains("yaml-syntax"), "{ran}");
}

#[test]
fn dates_and_zones_that_make_no_sense_exit_64() {
    let workspace = Workspace::with_schedules(1);
    for (more, told) in [
        (&["--to", "2027-03-07"][..], "--to 2027-03-07 is before --from 2027-03-08: give a later --to"),
        (&["--to", "2028-04-11"], "are 401 days, and a calendar shows 400 at most"),
        (&["--to", "someday"], "'someday' for '--to <DATE>'"),
        (&["--to", "+12027-03-14"], "+12027-03-14 lies outside the years"),
        (&["--timezone", "America/NewYork"], "there is no time zone `America/NewYork`; did you mean America/New_York"),
        (&["--sequence", "2147483648"], "2147483648 is not in"),
        (&["--as-of=+12027-03-14T00:00:00Z"], "outside the years 1 to 9998"),
        (&["--as-of", "2027-03-14"], "write it like 2027-03-01T00:00:00Z"),
    ] {
        let ran = workspace.run(&[&WEEK[..3], more].concat()).exits(64);
        assert!(ran.stdout.is_empty() && ran.stderr.contains(told), "{more:?}: {ran}");
    }
    workspace.run(&arguments(&["--to", "2028-04-10"])).exits(0);
}

#[test]
fn a_thousand_schedules_are_shown_row_by_row() {
    let workspace = Workspace::new();
    let all: Vec<String> =
        (0..1000).map(|n| schedule(&format!("schedule-{n:03}"), &campaign_id(n), &slot("09:00", "17:00"))).collect();
    workspace.write("schedules/all.yaml", all.join("---\n"));
    let ran = workspace.run(&WEEK).exits(0);
    assert_eq!(ran.stdout.lines().filter(|line| line.starts_with("schedule-")).count(), 1000, "Mondays and Tuesdays");
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 100));
}
