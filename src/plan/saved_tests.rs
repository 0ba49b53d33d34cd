use super::*;
use crate::plan::tests::{inputs, live, wanted};
use crate::plan::{Inputs, Policy, compare};

const NOW: &str = "2027-02-01T00:00:00Z";

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

/// A create, an update and a delete.
fn given() -> Inputs {
    let policy = Policy { prune: true, ..Policy::default() };
    let wanted = vec![wanted("a", "1", "09:00"), wanted("b", "2", "10:00")];
    inputs(wanted, vec![live(Some("dialctl/b"), "2", "09:00"), live(Some("dialctl/c"), "3", "09:00")], policy)
}

fn inputs_with_manifests(mut inputs: Inputs) -> Inputs {
    inputs.completeness.manifests_considered = inputs.wanted.len();
    inputs
}

fn saved() -> SavedPlan {
    let request = Request { prune: true, paths: vec!["schedules".into()], ..Request::default() };
    SavedPlan::new(&compare(inputs_with_manifests(given())), request, now(), TimeDelta::hours(24))
}

#[test]
fn what_is_written_is_read() {
    let saved = saved();
    assert_eq!(SavedPlan::parse(&saved.to_text()).unwrap(), saved);
    let touched: Vec<_> = saved.touched().map(|touched| (touched.name, touched.target, touched.is_delete)).collect();
    assert_eq!(touched, [("a", "1", false), ("b", "2", false), ("dialctl/c", "3", true)]);
    let later = SavedPlan::new(
        &compare(inputs_with_manifests(given())),
        saved.request().clone(),
        now() + TimeDelta::hours(1),
        TimeDelta::hours(24),
    );
    assert_ne!(saved.digest(), later.digest(), "the same wish at another time is another plan");
}

#[test]
fn a_file_that_is_not_what_was_written_is_refused() {
    let text = saved().to_text();
    for (text, told) in [
        (text.replace("09:00", "08:00"), "changed after it was written"),
        (text.replace("\"prune\": true", "\"prune\": false"), "changed after it was written"),
        (
            text.replace("\"formatVersion\": 1,\n  \"madeAt\"", "\"formatVersion\": 2,\n  \"madeAt\""),
            "format version 2",
        ),
        (text[..text.len() / 2].to_owned(), "not what `dialctl plan --out` writes"),
        ("{}".to_owned(), "not what `dialctl plan --out` writes"),
        ("[]".to_owned(), "not what `dialctl plan --out` writes"),
        (String::new(), "not what `dialctl plan --out` writes"),
    ] {
        let message = SavedPlan::parse(&text).unwrap_err().to_string();
        assert!(message.contains(told), "{message}");
    }
}

#[test]
fn time_place_and_manifests_outdate_a_plan() {
    let saved = saved();
    let header = given().header;
    let with = |change: &dyn Fn(&mut Header)| {
        let mut header = header.clone();
        change(&mut header);
        header
    };
    for (header, hours, told) in [
        (header.clone(), 0, None),
        (header.clone(), 23, None),
        (header.clone(), 24, Some("expired at 2027-02-02T00:00:00Z")),
        (header.clone(), -1, Some("still to come: check the clock")),
        (with(&|header| header.org = "api.mypurecloud.de".into()), 0, Some("for the organisation `sandbox`")),
        (with(&|header| header.owner = "sales".into()), 0, Some("this is `sales`")),
        (with(&|header| header.manifest_digest = "e".into()), 0, Some("the manifests have changed since")),
        (with(&|header| header.tool = "dialctl 1".into()), 0, Some("version of the program")),
        (with(&|header| header.tzdata = "2027a".into()), 0, None),
    ] {
        let reasons = saved.outdated(&header, now() + TimeDelta::hours(hours)).join("; ");
        assert!(told.map_or(reasons.is_empty(), |told| reasons.contains(told)), "{told:?}: {reasons}");
    }
}

#[test]
fn versions_break_by_their_first_part_that_is_not_zero() {
    for (tool, part) in [
        ("dialctl 0.1.0", "dialctl 0.1"),
        ("dialctl 1.2.3", "dialctl 1"),
        ("dialctl 10.0.0", "dialctl 10"),
        ("dialctl 0", "dialctl 0"),
    ] {
        assert_eq!(breaking(tool), part);
    }
}

#[test]
fn whatever_moved_is_told_field_by_field() {
    let saved = saved();
    let moved = |change: &dyn Fn(&mut Inputs)| {
        let mut inputs = inputs_with_manifests(given());
        // When it is looked at does not matter.
        inputs.as_of += TimeDelta::days(60);
        change(&mut inputs);
        saved.moved(&compare(inputs))
    };
    assert_eq!(moved(&|_| {}), [""; 0]);
    for (change, told) in [
        (
            &(|inputs: &mut Inputs| inputs.live.push(live(Some("dialctl/a"), "1", "09:00"))) as &dyn Fn(&mut Inputs),
            "CampaignSchedule a: nothing is to be done any more",
        ),
        (
            &|inputs| inputs.live.push(live(Some("by hand"), "1", "09:00")),
            "CampaignSchedule a: /action was \"create\" and is \"refused\"",
        ),
        (&|inputs| inputs.live[0].version = Some(2), "CampaignSchedule b: /live/version was 1 and is 2"),
        (
            &|inputs| inputs.live[0] = live(Some("dialctl/b"), "2", "08:00"),
            "b: /before/dailySlots/0/startTime was \"09:00\" and is \"08:00\"",
        ),
        (&|inputs| _ = inputs.live.pop(), "CampaignSchedule dialctl/c: nothing is to be done any more"),
        (
            &|inputs| inputs.live.push(live(Some("dialctl/d"), "4", "09:00")),
            "CampaignSchedule dialctl/d: delete is to be done now and was not",
        ),
    ] {
        let reasons = moved(change);
        assert!(reasons.iter().any(|reason| reason.contains(told)), "{told}: {reasons:?}");
    }
}
