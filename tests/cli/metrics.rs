//! The metrics of a run, against what the sandbox, the receiver and the ledger have seen.

use std::collections::BTreeMap;

use crate::manifests::campaign_id;
use crate::support::Workspace;
use crate::virtual_time::be_the_program_where_asked;
use crate::wire::{Exchange, RecordingServer};

/// The samples of a metrics file, by name and labels. Fails where a sample stands below no type.
fn samples(workspace: &Workspace) -> BTreeMap<String, f64> {
    let text = workspace.read("metrics.prom");
    let mut family = String::new();
    let mut samples = BTreeMap::new();
    for line in text.lines() {
        if let Some(head) = line.strip_prefix("# TYPE ") {
            family = head.split(' ').next().unwrap().to_owned();
        } else if !line.starts_with('#') {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            assert!(sample.starts_with(&family), "{line} is not of {family}");
            assert!(samples.insert(sample.to_owned(), value.parse().unwrap()).is_none(), "{line} stands twice");
        }
    }
    samples
}

/// How many requests were answered with such a status.
fn answered(seen: &[Exchange], status: std::ops::Range<u16>) -> f64 {
    seen.iter().filter(|exchange| status.contains(&exchange.status)).count() as f64
}

#[test]
fn a_throttled_and_failing_run_counts_what_has_happened() {
    be_the_program_where_asked();
    let mut workspace = Workspace::with_schedules(3);
    let path = |n| format!("/api/v2/outbound/schedules/campaigns/{}", campaign_id(n));
    workspace.write(
        "faults.yaml",
        format!(
            "- {{method: GET, nth: 1, status: 503}}\n- {{path: {}, method: PUT, status: 400}}\n\
             - {{path: {}, method: PUT, nth: 1, status: 429, retryAfter: 7}}\n",
            path(2),
            path(0),
        ),
    );
    let sandbox = workspace.sandbox(&["--faults", "faults.yaml", "--data", "sandbox.json"]);
    workspace.connect(&sandbox);
    let service = RecordingServer::before(&sandbox.url);
    workspace.set("DIALCTL_API_URL", &service.url);
    let receiver = RecordingServer::answering(|_| (200, "text/plain", String::new()));
    workspace.set("WFM_WEBHOOK_URL", &receiver.url);
    let test = "metrics::a_throttled_and_failing_run_counts_what_has_happened";
    workspace.run_on_virtual_time(test, &["apply", "--yes", "--metrics-file", "metrics.prom"]).exits(7);

    let (found, seen) = (samples(&workspace), service.exchanges());
    let requests = |outcome: &str| found[&format!("dialctl_requests_total{{outcome=\"{outcome}\"}}")];
    assert_eq!(requests("success"), answered(&seen, 200..300));
    assert_eq!((requests("rate_limited"), answered(&seen, 429..430)), (1.0, 1.0));
    assert_eq!((requests("client_error"), answered(&seen, 400..429)), (1.0, 1.0));
    assert_eq!((requests("server_error"), answered(&seen, 500..600)), (1.0, 1.0));
    assert_eq!((requests("timeout"), requests("connection")), (0.0, 0.0));
    let all = seen.len() as f64;
    assert_eq!(found["dialctl_request_duration_seconds_count"], all);
    assert_eq!(found["dialctl_request_duration_seconds_bucket{le=\"+Inf\"}"], all);
    assert_eq!(found["dialctl_request_retries_total"], 2.0);
    assert!(found["dialctl_rate_limit_wait_seconds_total"] >= 7.0, "{found:?}");
    assert!(found["dialctl_run_duration_seconds"] >= 7.0, "{found:?}");
    let actions = |outcome: &str| {
        found[&format!("dialctl_actions_total{{kind=\"CampaignSchedule\",action=\"create\",outcome=\"{outcome}\"}}")]
    };
    assert_eq!((actions("success"), actions("failure"), actions("not_attempted")), (2.0, 1.0, 0.0));
    assert_eq!(found["dialctl_action_duration_seconds_count"], 3.0);
    let deliveries =
        |outcome: &str| found[&format!("dialctl_event_deliveries_total{{receiver=\"wfm\",outcome=\"{outcome}\"}}")];
    assert_eq!((deliveries("delivered"), deliveries("failed")), (2.0, 0.0));
    assert_eq!(found["dialctl_run_exit_code"], 7.0);
    let ledger = workspace.ledger();
    assert_eq!(found["dialctl_ledger_records"], ledger.len() as f64);
    assert_eq!(found["dialctl_ledger_size_bytes"], workspace.read(".dialctl/ledger.jsonl").len() as f64);

    // Each action tells of its own repeats and its own answer, though all three were under way at once.
    let finished: Vec<_> = ledger.iter().filter(|record| record["record"] == "actionFinished").collect();
    let mut retries: Vec<u64> = finished.iter().map(|record| record["retries"].as_u64().unwrap()).collect();
    retries.sort_unstable();
    assert_eq!(retries, [0, 0, 1]);
    for record in finished {
        let id = record["correlationId"].as_str().unwrap();
        let answer = seen.iter().find(|answer| answer.headers["inin-correlation-id"] == id);
        let answer = answer.unwrap_or_else(|| panic!("nothing was answered with {id}"));
        assert!(answer.path.ends_with(record["campaignId"].as_str().unwrap()) && answer.method == "PUT", "{answer:?}");
        assert_ne!(answer.status, 429, "the last answer counts");
        assert_eq!(record["beforeDigest"], serde_json::Value::Null, "nothing was there");
        assert_eq!(record["afterDigest"].as_str().map(str::len), Some(64));
        if record["status"] == "SUCCESS" {
            assert_eq!(record["afterDigest"], record["stored"]["digest"], "it is stored as it was wanted");
        }
    }
}

#[test]
fn a_run_that_gets_nowhere_leaves_metrics_once_it_has_asked() {
    let mut workspace = Workspace::with_schedules(1);
    workspace.write("dialctl.yaml", "retry: {maxAttempts: 1}\n");
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    let apply = ["apply", "--metrics-file", "metrics.prom"];
    workspace.set("GENESYS_CLIENT_SECRET", "wrong");
    workspace.run(&apply).exits(8);
    let found = samples(&workspace);
    assert_eq!(found["dialctl_run_exit_code"], 8.0);
    assert_eq!(found["dialctl_requests_total{outcome=\"client_error\"}"], 1.0);
    assert!(!found.contains_key("dialctl_ledger_records"), "{found:?}");

    drop(sandbox);
    workspace.run(&apply).exits(1);
    let found = samples(&workspace);
    assert_eq!(found["dialctl_run_exit_code"], 1.0);
    assert_eq!(found["dialctl_requests_total{outcome=\"connection\"}"], 1.0);

    // What never came to a request leaves the last metrics as they are, whose timestamp says how old they are.
    let before = workspace.read("metrics.prom");
    workspace.write("schedules/broken.yaml", "a: [");
    workspace.run(&apply).exits(3);
    assert_eq!(workspace.read("metrics.prom"), before);
}

#[test]
fn a_write_that_is_sent_again_is_a_retry_whoever_found_out_that_it_had_to_be() {
    be_the_program_where_asked();
    for (fault, outcome) in
        [("reset: before", "connection"), ("status: 504", "server_error"), ("expireToken: true", "client_error")]
    {
        let mut workspace = Workspace::with_schedules(1);
        workspace.write("faults.yaml", format!("- {{method: PUT, nth: 1, {fault}}}\n"));
        let sandbox = workspace.sandbox(&["--faults", "faults.yaml", "--data", "sandbox.json"]);
        workspace.connect(&sandbox);
        let test = "metrics::a_write_that_is_sent_again_is_a_retry_whoever_found_out_that_it_had_to_be";
        workspace.run_on_virtual_time(test, &["apply", "--yes", "--metrics-file", "metrics.prom"]).exits(0);
        let found = samples(&workspace);
        assert_eq!(found["dialctl_request_retries_total"], 1.0, "{fault}");
        assert_eq!(found[&format!("dialctl_requests_total{{outcome=\"{outcome}\"}}")], 1.0, "{fault}");
        let ledger = workspace.ledger();
        let finished = ledger.iter().find(|record| record["record"] == "actionFinished").unwrap();
        assert_eq!(finished["retries"], 1, "{fault}");
        assert!(finished["correlationId"].is_string(), "{fault}");
    }
}
