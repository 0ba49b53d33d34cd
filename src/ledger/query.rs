//! Records that somebody looks for, and each of them in a row.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

/// What is looked for. What is not said does not matter.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// The run, by the beginning of its id.
    pub run: Option<String>,
    /// The name of the schedule's manifest.
    pub schedule: Option<String>,
    /// The id of the campaign or sequence.
    pub campaign: Option<String>,
    /// Who started the run.
    pub actor: Option<String>,
    /// Not before.
    pub since: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
    /// How the action, the delivery or the run ended.
    pub outcome: Option<Ended>,
}

/// How something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Ended {
    /// It was done
    Success,
    /// It failed, or is not known to have happened
    Failure,
}

/// Goes through records in their order; what a run's records have in common stands in its first one.
#[derive(Debug)]
pub struct Search {
    query: Query,
    /// What the first record of each run says.
    runs: BTreeMap<String, Run>,
}

/// What the records of a run have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// Who started it.
    pub actor: String,
    /// The machine.
    pub host: String,
    /// The system whose pipeline it is.
    pub ci: String,
    /// The commit of its manifests.
    pub commit: String,
    /// Whether manifests differed from it: `true`, `false`, or empty where nobody knows.
    pub dirty: String,
    /// The web page of the pipeline's run.
    pub run_url: String,
    /// The pull request.
    pub pull_request: String,
}

/// A record in a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The number of the record.
    pub seq: String,
    /// When, in UTC.
    pub time: String,
    /// The id of the run.
    pub run: String,
    /// What is known of the run.
    pub of_run: Run,
    /// What the record is of, for example `actionFinished`.
    pub record: String,
    /// `create`, `update` or `delete`.
    pub action: String,
    /// The family of the schedule.
    pub kind: String,
    /// The name of its manifest.
    pub schedule: String,
    /// What it drives.
    pub campaign: String,
    /// How it ended.
    pub outcome: String,
    /// How long it took, in milliseconds.
    pub latency_ms: String,
    /// The error, the receiver, or the counts of the run.
    pub detail: String,
    /// Requests that repeated an earlier one.
    pub retries: String,
    /// What the service calls its answer.
    pub correlation_id: String,
    /// The digest of the schedule before.
    pub before_digest: String,
    /// The digest of the schedule after.
    pub after_digest: String,
}

impl Search {
    /// A search from the first record on.
    pub fn new(query: Query) -> Self {
        Self { query, runs: BTreeMap::new() }
    }

    /// The record in a row, where it is looked for.
    pub fn take(&mut self, record: &Value) -> Option<Row> {
        let row = Row::of(record);
        if matches!(row.record.as_str(), "runStarted" | "redeliveryStarted") {
            self.runs.insert(row.run.clone(), Run::of(record));
        }
        let of_run = self.runs.get(&row.run).cloned().unwrap_or_default();
        let row = Row { of_run, ..row };
        if row.record == "runFinished" {
            self.runs.remove(&row.run);
        }
        self.query.wants(&row).then_some(row)
    }
}

impl Query {
    fn wants(&self, row: &Row) -> bool {
        let is = |wish: &Option<String>, found: &str| wish.as_ref().is_none_or(|wish| wish == found);
        let time = || row.time.parse::<DateTime<Utc>>().ok();
        self.run.as_ref().is_none_or(|run| row.run.starts_with(run.as_str()))
            && is(&self.schedule, &row.schedule)
            && is(&self.campaign, &row.campaign)
            && is(&self.actor, &row.of_run.actor)
            && self.since.is_none_or(|since| time().is_some_and(|time| time >= since))
            && self.until.is_none_or(|until| time().is_some_and(|time| time < until))
            && self.outcome.is_none_or(|ended| row.ended() == Some(ended))
    }
}

impl Run {
    /// From the first record of a run.
    fn of(record: &Value) -> Self {
        Self {
            actor: text(record, "/actor"),
            host: text(record, "/host"),
            ci: text(record, "/ci"),
            commit: text(record, "/gitCommit"),
            dirty: text(record, "/gitDirty"),
            run_url: text(record, "/runUrl"),
            pull_request: text(record, "/pullRequest"),
        }
    }

    /// Who it is, in few words. In a pipeline the machine says nothing, elsewhere it tells one `root` from another.
    fn told(&self) -> String {
        let Self { actor, host, ci, .. } = self;
        let who = match (ci.as_str(), host.as_str()) {
            ("", "") => format!("by {actor}"),
            ("", host) => format!("by {actor}@{host}"),
            (ci, _) => format!("by {actor} in {ci}"),
        };
        if self.dirty == "true" { format!("{who}, not all committed") } else { who }
    }
}

impl Row {
    /// The names of the fields, in their order.
    pub const HEAD: [&'static str; 22] = [
        "seq",
        "time",
        "run",
        "actor",
        "record",
        "action",
        "kind",
        "schedule",
        "campaign",
        "outcome",
        "latencyMs",
        "detail",
        "host",
        "ci",
        "commit",
        "dirty",
        "runUrl",
        "pullRequest",
        "retries",
        "correlationId",
        "beforeDigest",
        "afterDigest",
    ];

    /// The fields in their order.
    pub fn fields(&self) -> [&str; 22] {
        let Run { actor, host, ci, commit, dirty, run_url, pull_request } = &self.of_run;
        [
            &self.seq,
            &self.time,
            &self.run,
            actor,
            &self.record,
            &self.action,
            &self.kind,
            &self.schedule,
            &self.campaign,
            &self.outcome,
            &self.latency_ms,
            &self.detail,
            host,
            ci,
            commit,
            dirty,
            run_url,
            pull_request,
            &self.retries,
            &self.correlation_id,
            &self.before_digest,
            &self.after_digest,
        ]
    }

    fn of(record: &Value) -> Self {
        // An event stands in its record whole.
        let of = |field: &str| {
            let found = text(record, &format!("/{field}"));
            if found.is_empty() { text(record, &format!("/event/{field}")) } else { found }
        };
        let error = text(record, "/error");
        let detail = match (error.is_empty(), record.get("counts"), record.get("receiver")) {
            (false, ..) => error,
            (true, Some(counts), _) => counted(counts),
            (true, None, Some(_)) => text(record, "/receiver"),
            (true, None, None) if record.get("actor").is_some() => Run::of(record).told(),
            (true, None, None) => String::new(),
        };
        Self {
            seq: text(record, "/seq"),
            time: text(record, "/timestamp"),
            run: text(record, "/runId"),
            of_run: Run::default(),
            record: text(record, "/record"),
            action: of("action"),
            kind: of("kind"),
            schedule: of("name"),
            campaign: of("campaignId"),
            outcome: text(record, "/status"),
            latency_ms: text(record, "/latencyMs"),
            detail,
            retries: text(record, "/retries"),
            correlation_id: text(record, "/correlationId"),
            before_digest: text(record, "/beforeDigest"),
            after_digest: text(record, "/afterDigest"),
        }
    }

    fn ended(&self) -> Option<Ended> {
        match (self.record.as_str(), self.outcome.as_str()) {
            ("actionFinished", "SUCCESS") | ("eventDelivered", _) => Some(Ended::Success),
            ("actionFinished", _) | ("eventFailed", _) => Some(Ended::Failure),
            _ => None,
        }
    }
}

/// For example `succeeded 3, failed 1`; what is zero is left out.
fn counted(counts: &Value) -> String {
    let Some(counts) = counts.as_object() else { return String::new() };
    let each = counts.iter().filter(|(_, count)| **count != 0).map(|(name, count)| format!("{name} {count}"));
    each.collect::<Vec<_>>().join(", ")
}

/// A field as it is shown; empty where there is none.
fn text(record: &Value, pointer: &str) -> String {
    match record.pointer(pointer) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::a_run;
    use super::*;

    /// The numbers of the records of a run that are found, from 1, in the order of [`a_run`].
    fn found(query: Query) -> Vec<usize> {
        let mut search = Search::new(query);
        let records = a_run().into_iter().map(|record| serde_json::to_value(record).unwrap());
        let rows = records.enumerate().filter_map(|(n, record)| search.take(&record).map(|_| n + 1));
        rows.collect()
    }

    #[test]
    fn records_are_found_by_what_they_are_about() {
        let all: Vec<usize> = (1..=a_run().len()).collect();
        let some = |text: &str| Some(text.to_owned());
        let at = |text: &str| Some(text.parse().unwrap());
        let of_spring = vec![2, 3, 4, 5, 8];
        for (what, query, expected) in [
            ("everything", Query::default(), all.clone()),
            ("a run", Query { run: some("00000000-0000"), ..Query::default() }, all.clone()),
            ("another run", Query { run: some("01"), ..Query::default() }, vec![]),
            ("a schedule", Query { schedule: some("spring"), ..Query::default() }, of_spring.clone()),
            ("a campaign", Query { campaign: some("c-1"), ..Query::default() }, of_spring),
            ("an actor", Query { actor: some("ci"), ..Query::default() }, all.clone()),
            ("another actor", Query { actor: some("eve"), ..Query::default() }, vec![]),
            ("since then", Query { since: at("2027-03-01T09:00:00.25Z"), ..Query::default() }, all.clone()),
            ("until then", Query { until: at("2027-03-01T09:00:00.25Z"), ..Query::default() }, vec![]),
            ("successes", Query { outcome: Some(Ended::Success), ..Query::default() }, vec![3, 6]),
            ("failures", Query { outcome: Some(Ended::Failure), ..Query::default() }, vec![4, 7]),
        ] {
            assert_eq!(found(query), expected, "{what}");
        }
    }

    #[test]
    fn a_row_tells_what_matters_of_a_record() {
        let mut search = Search::new(Query::default());
        let rows: Vec<String> = a_run()
            .into_iter()
            .filter_map(|record| search.take(&serde_json::to_value(record).unwrap()))
            .map(|row| row.fields()[3..12].join("|"))
            .collect();
        assert_eq!(
            rows,
            [
                "ci|runStarted|||||||by ci in github, not all committed",
                "ci|actionIntended|update|CampaignSchedule|spring|c-1|||",
                "ci|actionFinished|update|CampaignSchedule|spring|c-1|SUCCESS|120|",
                "ci|actionFinished|update|CampaignSchedule|spring|c-1|FAILURE|120|conflict",
                "ci|eventQueued|create|CampaignSchedule|spring|c-1|||",
                "ci|eventDelivered|||||202|31|wfm",
                "ci|eventFailed|||||||no answer",
                "ci|protectionSet||CampaignSchedule|spring|c-1|||",
                "ci|receiverDisabled|||||||wfm",
                "ci|redeliveryStarted|||||||by ci in github",
                "ci|runFinished|||||||succeeded 1",
            ]
        );
    }

    #[test]
    fn each_row_of_a_run_tells_where_it_comes_from() {
        let mut search = Search::new(Query::default());
        let records = a_run().into_iter().map(|record| serde_json::to_value(record).unwrap());
        let rows: Vec<Row> = records.filter_map(|record| search.take(&record)).collect();
        let page = "https://github.com/acme/dialing";
        let common = format!("runner-7|github|c0ffee|true|{page}/actions/runs/42|{page}/pull/7");
        assert_eq!(rows[0].fields()[12..18].join("|"), common);
        assert_eq!(rows[2].fields()[12..18].join("|"), common);
        let own = &rows[2].fields()[18..];
        assert_eq!((&own[..2], own[2].len(), own[3].len()), (&["2", "c"][..], 64, 64));
    }

    #[test]
    fn who_starts_a_run_is_told_once() {
        let run = |host: &str, ci: &str| Run {
            actor: "alice".to_owned(),
            host: host.to_owned(),
            ci: ci.to_owned(),
            ..Run::default()
        };
        for (run, told) in [
            (run("", ""), "by alice"),
            (run("laptop", ""), "by alice@laptop"),
            (run("runner-7", "gitlab"), "by alice in gitlab"),
            (Run { dirty: "false".to_owned(), ..run("laptop", "") }, "by alice@laptop"),
            (Run { dirty: "true".to_owned(), ..run("laptop", "") }, "by alice@laptop, not all committed"),
        ] {
            assert_eq!(run.told(), told);
        }
    }
}
