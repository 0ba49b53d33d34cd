use serde_json::json;

use super::super::event::tests::event;
use super::super::provenance::Ci;
use super::*;

/// A record of a run.
pub fn record(entry: Entry) -> Record {
    Record { timestamp: "2027-03-01T09:00:00.25Z".parse().unwrap(), run_id: Uuid::from_u128(0xface), entry }
}

/// One record of every sort, in the order of a run.
pub fn a_run() -> Vec<Record> {
    let action = ActionRecord {
        change_id: Uuid::from_u128(7),
        change: Change::Update { before: json!({"slots": [1, 2.5]}), after: json!({"ünïcode": null}) },
        kind: ScheduleKind::Campaign,
        name: "spring".to_owned(),
        labels: BTreeMap::from([("team".to_owned(), "retention".to_owned())]),
        campaign_id: "c-1".to_owned(),
        schedule_id: None,
        timezone: Some("America/New_York".to_owned()),
        max_concurrent_calls: Some(25),
        manifest_file: Some("schedules/spring.yaml".to_owned()),
        manifest_digest: Some("m".to_owned()),
        plan_digest: "p".to_owned(),
    };
    let finished = |outcome| FinishedAction {
        action: ActionRecord { schedule_id: Some("s-1".to_owned()), ..action.clone() },
        stored: (outcome == Outcome::Success).then(|| Stored { version: Some(2), digest: Some("d".to_owned()) }),
        outcome,
        is_open: false,
        latency_ms: 120,
        retries: Some(2),
        before_digest: action.change.before_digest(),
        after_digest: action.change.after_digest(),
        correlation_id: Some("c".to_owned()),
    };
    let provenance = Provenance {
        actor: "ci".to_owned(),
        host: Some("runner-7".to_owned()),
        ci: Some(Ci::GitHub),
        repository: Some("https://github.com/acme/dialing".to_owned()),
        run_url: Some("https://github.com/acme/dialing/actions/runs/42".to_owned()),
        pull_request: Some("https://github.com/acme/dialing/pull/7".to_owned()),
    };
    let (event_id, receiver) = (Uuid::from_u128(7), "wfm".to_owned());
    let failed_attempts = vec![FailedAttempt {
        timestamp: "2027-03-01T09:00:00.25Z".parse().unwrap(),
        latency_ms: 5,
        error: "no answer".to_owned(),
    }];
    [
        Entry::RunStarted(RunStart {
            provenance: provenance.clone(),
            git_commit: Some("c0ffee".to_owned()),
            git_dirty: Some(true),
            tool_version: "0.1.0".to_owned(),
            org: "api.mypurecloud.de".to_owned(),
            api: "outbound-schedules".to_owned(),
            owner: "dialctl".to_owned(),
            plan_digest: "p".to_owned(),
            manifest_digest: "m".to_owned(),
            raised: Some(json!({"maxUpdates": 40})),
            freeze_override: Some("an outage".to_owned()),
        }),
        Entry::ActionIntended(action.clone()),
        Entry::ActionFinished(finished(Outcome::Success)),
        Entry::ActionFinished(finished(Outcome::Failure { error: "conflict".to_owned() })),
        Entry::EventQueued { event: event(7, "spring"), receivers: [receiver.clone(), "audit".to_owned()].into() },
        Entry::EventDelivered {
            event_id,
            receiver: receiver.clone(),
            status: 202,
            latency_ms: 31,
            failed_attempts: Vec::new(),
        },
        Entry::EventFailed { event_id, receiver: receiver.clone(), error: "no answer".to_owned(), failed_attempts },
        Entry::ProtectionSet(Protection {
            kind: ScheduleKind::Campaign,
            name: "spring".to_owned(),
            campaign_id: "c-1".to_owned(),
            protect: true,
        }),
        Entry::ReceiverDisabled { receiver, address_digest: "a".to_owned() },
        Entry::RedeliveryStarted(RedeliveryStart {
            provenance,
            tool_version: "0.1.0".to_owned(),
            org: "api.mypurecloud.de".to_owned(),
            owner: "dialctl".to_owned(),
        }),
        Entry::RunFinished { counts: Counts { succeeded: 1, ..Counts::default() } },
    ]
    .map(record)
    .to_vec()
}

#[test]
fn every_record_comes_back_from_its_json() {
    for record in a_run() {
        let json = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&json).unwrap(), record, "{json}");
    }
}

#[test]
fn a_finished_action_always_has_the_agreed_fields() {
    for (record, status, error) in [(&a_run()[2], "SUCCESS", Value::Null), (&a_run()[3], "FAILURE", json!("conflict"))]
    {
        let mut json = serde_json::to_value(record).unwrap();
        let stored = json.as_object_mut().and_then(|fields| fields.remove("stored"));
        assert_eq!(stored, (status == "SUCCESS").then(|| json!({"version": 2, "digest": "d"})));
        assert_eq!(
            json,
            json!({
                "record": "actionFinished", "timestamp": "2027-03-01T09:00:00.250Z",
                "changeId": "00000000-0000-0000-0000-000000000007",
                "runId": "00000000-0000-0000-0000-00000000face",
                "action": "update", "before": {"slots": [1, 2.5]}, "after": {"ünïcode": null},
                "kind": "CampaignSchedule", "name": "spring", "labels": {"team": "retention"},
                "campaignId": "c-1", "scheduleId": "s-1", "timezone": "America/New_York", "maxConcurrentCalls": 25,
                "manifestFile": "schedules/spring.yaml", "manifestDigest": "m", "planDigest": "p",
                "status": status, "error": error, "latencyMs": 120, "retries": 2, "correlationId": "c",
                "beforeDigest": Digest::of(br#"{"slots":[1,2.5]}"#).to_string(),
                "afterDigest": Digest::of(r#"{"ünïcode":null}"#.as_bytes()).to_string(),
            })
        );
    }
}

#[test]
fn a_start_that_says_no_more_than_who_can_still_be_read() {
    let old = json!({
        "record": "runStarted", "timestamp": "2027-03-01T09:00:00.250Z",
        "runId": "00000000-0000-0000-0000-00000000face", "actor": "ci", "toolVersion": "0.1.0", "org": "sandbox",
        "api": "outbound-schedules", "owner": "dialctl", "planDigest": "p", "manifestDigest": "m",
    });
    let read: Record = serde_json::from_value(old.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), old);
    let Entry::RunStarted(start) = read.entry else { panic!("{old}") };
    assert_eq!(start.provenance, Provenance { actor: "ci".to_owned(), ..Provenance::default() });
}

#[test]
fn a_status_that_contradicts_its_error_is_refused() {
    for (status, error) in [("SUCCESS", json!("boom")), ("FAILURE", Value::Null)] {
        let mut json = serde_json::to_value(&a_run()[2]).unwrap();
        json["status"] = json!(status);
        json["error"] = error;
        assert!(serde_json::from_value::<Record>(json).is_err(), "{status}");
    }
}
