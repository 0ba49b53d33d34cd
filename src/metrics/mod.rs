//! The metrics of a run, as the textfile collector of Prometheus' node exporter takes them.
//!
//! Written by hand, because what the official crate writes is OpenMetrics: there a counter's type stands under a name
//! without `_total`, so that the collector, which reads the older text format, would not know its type. The values are
//! there all at once when the run ends, so that a registry of them would be of no use either.

mod exposition;
mod file;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use crate::apply::{Outcome, Summary};
use crate::exit::Exit;
use crate::genesys::{RequestOutcome, Stats};
use crate::ledger::Size;

use exposition::{Exposition, Kind, count};

pub use file::replace;

/// Upper bounds for one request, in seconds: the service answers within tenths of a second, gives up on a request after
/// 15 s by default, and a list that is read while it arrives may take minutes.
const REQUEST_BOUNDS: [f64; 11] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 60.0, 300.0];

/// Upper bounds for one action, in seconds: a request or two, or with waits and repeats as much as a request may take in
/// all by default, which is 900 s.
const ACTION_BOUNDS: [f64; 10] = [0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 900.0];

/// What is known of a run when it ends, however it ends.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    /// The requests.
    pub stats: Stats,
    /// The actions, where it came to any.
    pub summary: Option<Summary>,
    /// The deliveries of events, by the name of the receiver.
    pub deliveries: BTreeMap<String, Delivered>,
    /// How large the ledger is, where it was written to.
    pub ledger: Option<Size>,
}

/// The deliveries to one receiver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Events that it took.
    pub delivered: u32,
    /// Events that are still owed to it.
    pub failed: u32,
}

/// How and when a run ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    /// The exit code.
    pub exit: Exit,
    /// When.
    pub at: SystemTime,
    /// After how long.
    pub after: Duration,
}

impl Metrics {
    /// The text. Each run begins to count at zero.
    pub fn to_text(&self, ended: &Ended) -> String {
        let mut text = Exposition::default();
        let build = vec![("version", env!("CARGO_PKG_VERSION"))];
        text.family("dialctl_build_info", Kind::Gauge, "The program that has written this.", [(build, 1.0)]);
        let at = ended.at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        text.single("dialctl_last_run_timestamp_seconds", Kind::Gauge, "When the run ended, in Unix time.", at);
        text.single("dialctl_run_duration_seconds", Kind::Gauge, "How long it took.", ended.after.as_secs_f64());
        let code = f64::from(ended.exit as u8);
        text.single("dialctl_run_exit_code", Kind::Gauge, "Its exit code; 0 is a success.", code);
        self.requests(&mut text);
        self.actions(&mut text);
        self.deliveries(&mut text);
        if let Some(Size { bytes, records }) = self.ledger {
            text.single("dialctl_ledger_size_bytes", Kind::Gauge, "The length of the audit ledger.", count(bytes));
            text.single("dialctl_ledger_records", Kind::Gauge, "The records in the audit ledger.", count(records));
        }
        text.into_text()
    }

    fn requests(&self, text: &mut Exposition) {
        let Stats { retries, outcomes, latencies, waited, .. } = &self.stats;
        let outcomes = RequestOutcome::ALL.map(|outcome| {
            (vec![("outcome", outcome.as_str())], count(outcomes.get(&outcome).copied().unwrap_or_default()))
        });
        let help = "Requests to the service, repeated ones and logins included, by how they ended.";
        text.family("dialctl_requests_total", Kind::Counter, help, outcomes);
        let help = "Requests that repeated an earlier one.";
        text.single("dialctl_request_retries_total", Kind::Counter, help, count(*retries));
        let help = "How long requests waited for the limit of requests a minute, put end to end.";
        text.single("dialctl_rate_limit_wait_seconds_total", Kind::Counter, help, waited.as_secs_f64());
        let help = "How long requests took, each repeat by itself, without waits between them.";
        text.histogram("dialctl_request_duration_seconds", help, &REQUEST_BOUNDS, latencies.iter().copied());
    }

    fn actions(&self, text: &mut Exposition) {
        let results = self.summary.iter().flat_map(|summary| &summary.results);
        let mut counts: BTreeMap<(&str, &str), [usize; 3]> = BTreeMap::new();
        for result in results.clone() {
            let [succeeded, failed, not_attempted] =
                counts.entry((result.kind.manifest_kind(), result.action)).or_default();
            *match result.outcome {
                Outcome::Succeeded => succeeded,
                Outcome::Failed(_) => failed,
                Outcome::NotAttempted => not_attempted,
            } += 1;
        }
        let samples = counts.into_iter().flat_map(|((kind, action), counts)| {
            ["success", "failure", "not_attempted"]
                .into_iter()
                .zip(counts)
                .map(move |(outcome, n)| (vec![("kind", kind), ("action", action), ("outcome", outcome)], count(n)))
        });
        let help = "Actions of the plan, by the kind of the schedule and how they ended.";
        text.family("dialctl_actions_total", Kind::Counter, help, samples);
        let attempted = results.filter(|result| !matches!(result.outcome, Outcome::NotAttempted));
        let help = "How long actions took that were begun, waits and repeats included.";
        text.histogram("dialctl_action_duration_seconds", help, &ACTION_BOUNDS, attempted.map(|result| result.latency));
    }

    fn deliveries(&self, text: &mut Exposition) {
        let samples = self.deliveries.iter().flat_map(|(receiver, Delivered { delivered, failed })| {
            [("delivered", delivered), ("failed", failed)]
                .map(|(outcome, n)| (vec![("receiver", receiver.as_str()), ("outcome", outcome)], f64::from(*n)))
        });
        let help = "Events for each receiver that it took, or that are still owed to it.";
        text.family("dialctl_event_deliveries_total", Kind::Counter, help, samples);
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
