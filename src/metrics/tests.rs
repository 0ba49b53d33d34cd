use uuid::Uuid;

use super::*;
use crate::apply::ActionResult;
use crate::genesys::{ApiError, Course, Failure, RequestLine};
use crate::schedule::ScheduleKind;

fn result(action: &'static str, kind: ScheduleKind, outcome: Outcome, millis: u64) -> ActionResult {
    ActionResult {
        action,
        kind,
        name: Uuid::nil().to_string(),
        schedule_id: None,
        stored: None,
        outcome,
        latency: Duration::from_millis(millis),
        course: Course::default(),
    }
}

fn failed() -> Outcome {
    let request = RequestLine { method: "PUT", path: "/".to_owned() };
    let error = ApiError { request, failure: Failure::OutcomeUnknown("broke".to_owned()), correlation_id: None };
    Outcome::Failed(error.into())
}

#[test]
fn every_metric_has_its_help_its_type_and_its_samples() {
    let (campaign, sequence) = (ScheduleKind::Campaign, ScheduleKind::Sequence);
    let metrics = Metrics {
        stats: Stats {
            requests: 7,
            retries: 2,
            outcomes: BTreeMap::from([
                (RequestOutcome::Success, 4),
                (RequestOutcome::RateLimited, 2),
                (RequestOutcome::Timeout, 1),
            ]),
            latencies: [20, 30, 40, 50, 60, 300, 15_001].map(Duration::from_millis).to_vec(),
            waited: Duration::from_millis(42_500),
        },
        summary: Some(Summary {
            results: vec![
                result("create", campaign, Outcome::Succeeded, 100),
                result("create", campaign, failed(), 42_000),
                result("create", campaign, Outcome::Succeeded, 90),
                result("delete", sequence, Outcome::NotAttempted, 0),
            ],
            journal_error: None,
        }),
        deliveries: BTreeMap::from([("a \"b\"".to_owned(), Delivered { delivered: 3, failed: 1 })]),
        ledger: Some(Size { bytes: 4096, records: 12 }),
    };
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_804_000_000_500);
    let ended = Ended { exit: Exit::Partial, at, after: Duration::from_millis(61_250) };
    let text = metrics.to_text(&ended).replace(env!("CARGO_PKG_VERSION"), "[VERSION]");
    insta::assert_snapshot!(text, @r##"
    # HELP dialctl_build_info The program that has written this.
    # TYPE dialctl_build_info gauge
    dialctl_build_info{version="[VERSION]"} 1
    # HELP dialctl_last_run_timestamp_seconds When the run ended, in Unix time.
    # TYPE dialctl_last_run_timestamp_seconds gauge
    dialctl_last_run_timestamp_seconds 1804000000.5
    # HELP dialctl_run_duration_seconds How long it took.
    # TYPE dialctl_run_duration_seconds gauge
    dialctl_run_duration_seconds 61.25
    # HELP dialctl_run_exit_code Its exit code; 0 is a success.
    # TYPE dialctl_run_exit_code gauge
    dialctl_run_exit_code 7
    # HELP dialctl_requests_total Requests to the service, repeated ones and logins included, by how they ended.
    # TYPE dialctl_requests_total counter
    dialctl_requests_total{outcome="success"} 4
    dialctl_requests_total{outcome="client_error"} 0
    dialctl_requests_total{outcome="rate_limited"} 2
    dialctl_requests_total{outcome="server_error"} 0
    dialctl_requests_total{outcome="timeout"} 1
    dialctl_requests_total{outcome="connection"} 0
    # HELP dialctl_request_retries_total Requests that repeated an earlier one.
    # TYPE dialctl_request_retries_total counter
    dialctl_request_retries_total 2
    # HELP dialctl_rate_limit_wait_seconds_total How long requests waited for the limit of requests a minute, put end to end.
    # TYPE dialctl_rate_limit_wait_seconds_total counter
    dialctl_rate_limit_wait_seconds_total 42.5
    # HELP dialctl_request_duration_seconds How long requests took, each repeat by itself, without waits between them.
    # TYPE dialctl_request_duration_seconds histogram
    dialctl_request_duration_seconds_bucket{le="0.05"} 4
    dialctl_request_duration_seconds_bucket{le="0.1"} 5
    dialctl_request_duration_seconds_bucket{le="0.25"} 5
    dialctl_request_duration_seconds_bucket{le="0.5"} 6
    dialctl_request_duration_seconds_bucket{le="1"} 6
    dialctl_request_duration_seconds_bucket{le="2.5"} 6
    dialctl_request_duration_seconds_bucket{le="5"} 6
    dialctl_request_duration_seconds_bucket{le="10"} 6
    dialctl_request_duration_seconds_bucket{le="15"} 6
    dialctl_request_duration_seconds_bucket{le="60"} 7
    dialctl_request_duration_seconds_bucket{le="300"} 7
    dialctl_request_duration_seconds_bucket{le="+Inf"} 7
    dialctl_request_duration_seconds_sum 15.501
    dialctl_request_duration_seconds_count 7
    # HELP dialctl_actions_total Actions of the plan, by the kind of the schedule and how they ended.
    # TYPE dialctl_actions_total counter
    dialctl_actions_total{kind="CampaignSchedule",action="create",outcome="success"} 2
    dialctl_actions_total{kind="CampaignSchedule",action="create",outcome="failure"} 1
    dialctl_actions_total{kind="CampaignSchedule",action="create",outcome="not_attempted"} 0
    dialctl_actions_total{kind="SequenceSchedule",action="delete",outcome="success"} 0
    dialctl_actions_total{kind="SequenceSchedule",action="delete",outcome="failure"} 0
    dialctl_actions_total{kind="SequenceSchedule",action="delete",outcome="not_attempted"} 1
    # HELP dialctl_action_duration_seconds How long actions took that were begun, waits and repeats included.
    # TYPE dialctl_action_duration_seconds histogram
    dialctl_action_duration_seconds_bucket{le="0.1"} 2
    dialctl_action_duration_seconds_bucket{le="0.25"} 2
    dialctl_action_duration_seconds_bucket{le="0.5"} 2
    dialctl_action_duration_seconds_bucket{le="1"} 2
    dialctl_action_duration_seconds_bucket{le="2.5"} 2
    dialctl_action_duration_seconds_bucket{le="5"} 2
    dialctl_action_duration_seconds_bucket{le="15"} 2
    dialctl_action_duration_seconds_bucket{le="60"} 3
    dialctl_action_duration_seconds_bucket{le="300"} 3
    dialctl_action_duration_seconds_bucket{le="900"} 3
    dialctl_action_duration_seconds_bucket{le="+Inf"} 3
    dialctl_action_duration_seconds_sum 42.19
    dialctl_action_duration_seconds_count 3
    # HELP dialctl_event_deliveries_total Events for each receiver that it took, or that are still owed to it.
    # TYPE dialctl_event_deliveries_total counter
    dialctl_event_deliveries_total{receiver="a \"b\"",outcome="delivered"} 3
    dialctl_event_deliveries_total{receiver="a \"b\"",outcome="failed"} 1
    # HELP dialctl_ledger_size_bytes The length of the audit ledger.
    # TYPE dialctl_ledger_size_bytes gauge
    dialctl_ledger_size_bytes 4096
    # HELP dialctl_ledger_records The records in the audit ledger.
    # TYPE dialctl_ledger_records gauge
    dialctl_ledger_records 12
    "##);
}

#[test]
fn a_run_that_ended_before_it_sent_anything_says_so() {
    let ended = Ended { exit: Exit::Denied, at: SystemTime::UNIX_EPOCH, after: Duration::ZERO };
    let text = Metrics::default().to_text(&ended);
    assert!(
        text.contains("dialctl_run_exit_code 8\n") && text.contains("dialctl_requests_total{outcome=\"success\"} 0\n")
    );
    for absent in ["dialctl_actions_total", "dialctl_event_deliveries_total", "dialctl_ledger_size_bytes"] {
        assert!(!text.contains(absent), "{text}");
    }
}
