use super::*;

const C: ScheduleKind = ScheduleKind::Campaign;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
}

/// Runs a write at a time, with ids that count up from `first_id`.
fn write<T>(second: i64, first_id: u128, change: impl FnOnce(&mut Moment<'_>) -> T) -> T {
    let mut next = first_id;
    let mut new_id = || {
        next += 1;
        Uuid::from_u128(next - 1)
    };
    change(&mut Moment { now: at(second), new_id: &mut new_id })
}

fn model() -> Model {
    let mut model = Model::default();
    for kind in ScheduleKind::ALL {
        model.seed(kind, &TargetRef::Id("t".into()), None, at(0));
    }
    model
}

fn put(version: Option<i32>, name: &str) -> ScheduleWrite {
    let recurrence = json!({"start": "2027-03-01T09:00:00", "end": "2027-03-01T13:00:00",
        "pattern": {"type": "Daily", "interval": 1}, "range": {"type": "NoEnd"}});
    let content = json!({"name": name, "intervals": [], "recurrences": [recurrence]});
    ScheduleWrite { version, target_id: Some("t".into()), content: serde_json::from_value(content).unwrap() }
}

#[test]
fn versions_count_writes_and_ids_stay() {
    let mut model = model();
    for kind in ScheduleKind::ALL {
        let assumptions = Assumptions::default();
        let first = write(1, 7, |moment| model.put_schedule(kind, "t", put(None, "a"), &assumptions, moment)).unwrap();
        assert_eq!((&first["version"], &first["recurrences"][0]["id"]), (&json!(1), &json!(Uuid::from_u128(7))));
        let second =
            write(2, 50, |moment| model.put_schedule(kind, "t", put(Some(1), "b"), &assumptions, moment)).unwrap();
        assert_eq!((&second["version"], &second["id"]), (&json!(2), &first["id"]));
        assert_eq!(second["dateCreated"], "2027-01-15T08:00:01.000Z");
        assert_eq!(second["dateModified"], "2027-01-15T08:00:02.000Z");
        assert_eq!(second[kind.target_field()]["id"], "t");
        assert_eq!(model.schedules(kind), [second]);
    }
}

#[test]
fn a_wrong_version_changes_nothing() {
    let mut empty = model();
    let gone = write(1, 1, |moment| empty.put_schedule(C, "t", put(Some(1), "a"), &Assumptions::default(), moment));
    assert_eq!(gone.unwrap_err().code, "invalid.update.wrong.version");
    let mut model = model();
    write(1, 1, |moment| model.put_schedule(C, "t", put(None, "a"), &Assumptions::default(), moment)).unwrap();
    let before = model.clone();
    for version in [None, Some(0), Some(2)] {
        for (how, status, code) in [
            (Assumptions::default(), 409, "invalid.update.wrong.version"),
            (Assumptions::from_iter([Assumption::WrongVersionBadRequest]), 400, "invalid.update"),
        ] {
            let refusal =
                write(2, 1, |moment| model.put_schedule(C, "t", put(version, "b"), &how, moment)).unwrap_err();
            assert_eq!((refusal.status, refusal.code), (status, code), "{version:?}");
            assert!(refusal.message.contains("version 1 is stored"), "{}", refusal.message);
            assert_eq!(model, before);
        }
    }
}

#[test]
fn a_body_must_refer_to_the_target_in_the_path() {
    for target_id in [None, Some("other".to_owned())] {
        let write_to = ScheduleWrite { target_id, ..put(None, "a") };
        let refusal = write(1, 1, |moment| model().put_schedule(C, "t", write_to, &Assumptions::default(), moment));
        assert_eq!(refusal.unwrap_err().field.as_deref(), Some("campaign.id"));
    }
}

#[test]
fn unknown_targets_and_missing_schedules_are_told_apart() {
    let mut model = model();
    for (kind, code) in [
        (C, "campaign.not.found"),
        (ScheduleKind::Sequence, "campaign.sequence.not.found"),
        (ScheduleKind::MessagingCampaign, "not.found"),
        (ScheduleKind::EmailCampaign, "not.found"),
        (ScheduleKind::WhatsAppCampaign, "not.found"),
    ] {
        assert_eq!(model.schedule(kind, "nobody").unwrap_err().code, code);
        assert_eq!(model.delete_schedule(kind, "nobody").unwrap_err().code, code);
        let missing = [model.schedule(kind, "t").unwrap_err(), model.delete_schedule(kind, "t").unwrap_err()];
        assert!(missing.iter().all(|refusal| (refusal.status, refusal.code) == (404, "not.found")));
    }
}

#[test]
fn seeds_are_added_once() {
    let mut model = Model::default();
    for _ in 0..2 {
        model.seed(C, &TargetRef::Name("Spring".into()), None, at(0));
        model.seed(C, &TargetRef::Id("5b1c0000-aaaa".into()), None, at(0));
        // Known under its name already.
        model.seed(C, &TargetRef::Name("Campaign 5b1c0000".into()), None, at(0));
    }
    let names: Vec<_> = model.targets(C).map(|target| target.name.as_str()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names.contains(&"Spring") && names.contains(&"Campaign 5b1c0000"));
    let other = id_for_name(ScheduleKind::Sequence, "Spring");
    assert!(model.target(C, &id_for_name(C, "Spring")).is_ok() && model.target(C, &other).is_err());
}

fn window(id: Option<&str>, start: &str, end: &str) -> Value {
    let mut window = json!({
        "campaignId": "t", "startTime": "2027-03-01T00:00:00Z", "timezone": "UTC",
        "dailySchedule": [{"startTime": start, "endTime": end}], "maxConcurrentCalls": 1, "maxConcurrentAgents": 1,
    });
    if let Some(id) = id {
        window["id"] = json!(id);
    }
    window
}

#[test]
fn campaign_schedules_clash_by_id_and_by_time() {
    let mut model = model();
    model.seed(C, &TargetRef::Id("u".into()), None, at(0));
    let mut ids = 0;
    let mut add = |campaign: &str, body: Value| {
        ids += 1;
        write(1, ids, |moment| model.add_campaign_schedule(campaign, body, moment))
            .map(|stored| stored.id)
            .map_err(|refusal| (refusal.status, refusal.message))
    };
    assert_eq!(add("t", window(Some("mine"), "09:00", "13:00")), Ok("mine".to_owned()));
    let given = add("t", window(None, "13:00", "17:00")).unwrap();
    assert_eq!(given, Uuid::from_u128(2).to_string());
    for (body, named) in [
        (window(None, "09:00", "13:00"), "schedule mine"),
        (window(None, "08:00", "09:01"), "every day 09:00-13:00"),
        (window(Some("x"), "16:00", "18:00"), given.as_str()),
        (window(Some("mine"), "20:00", "21:00"), "the id mine"),
    ] {
        let (status, message) = add("t", body).unwrap_err();
        assert!(status == 409 && message.contains(named), "{message}");
    }
    let mut elsewhere = window(None, "09:00", "13:00");
    elsewhere["campaignId"] = json!("u");
    assert!(add("u", elsewhere).is_ok(), "another campaign has its own windows");
    assert_eq!(add("nobody", window(None, "01:00", "02:00")).unwrap_err().0, 404);
    assert_eq!(model.campaign_schedules("t").unwrap().len(), 2);
}
