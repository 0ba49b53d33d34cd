//! What `apply --format json` prints: a line of JSON for each thing as it happens. The last line says how
//! the run ended.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use crate::exit::Exit;
use crate::plan::json::TargetShown;
use crate::plan::{Action, Counts, Plan};

use super::{ActionResult, Summary, Traffic, millis};

/// The version of the lines.
pub const FORMAT_VERSION: u32 = 1;

const ACTIONS: [&str; 3] = ["create", "update", "delete"];
const STATUSES: [&str; 3] = ["SUCCESS", "FAILURE", "NOT_ATTEMPTED"];

/// One line of what `dialctl apply --format json` prints.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "lowercase")]
#[schemars(title = "dialctl apply", extend("$id" = "urn:dialctl:apply:v1"))]
enum Line<'a> {
    /// What is to be done, before it is approved.
    Plan(PlanLine<'a>),
    /// An action starts. It is in the audit ledger already, its first request is not sent yet.
    Started(StartedLine<'a>),
    /// An action has ended.
    Finished(ResultLine<'a>),
    /// The last line of a run whose plan was approved.
    Summary(SummaryLine<'a>),
    /// The last line of a run that ended before it could carry out a plan.
    Error(ErrorLine<'a>),
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct PlanLine<'a> {
    /// The version of this format.
    #[schemars(extend("const" = FORMAT_VERSION))]
    format_version: u32,
    /// The digest of the plan, which the ledger keeps too.
    plan_digest: &'a str,
    counts: Counts,
}

#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct StartedLine<'a> {
    #[schemars(extend("enum" = ACTIONS))]
    action: &'static str,
    /// The `kind` of the manifest.
    kind: &'static str,
    /// The name of the manifest; of a delete the live name.
    name: &'a str,
    target: TargetShown<'a>,
}

/// What came of one action.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Result")]
struct ResultLine<'a> {
    #[schemars(extend("enum" = ACTIONS))]
    action: &'static str,
    /// The `kind` of the manifest.
    kind: &'static str,
    /// The name of the manifest; of a delete the live name.
    name: &'a str,
    /// The id of the schedule object, where it is known.
    schedule_id: Option<&'a str>,
    #[schemars(extend("enum" = STATUSES))]
    status: &'static str,
    /// From the start of the action to its outcome, waits and repeats included.
    latency_ms: u64,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct SummaryLine<'a> {
    /// The version of this format.
    #[schemars(extend("const" = FORMAT_VERSION))]
    format_version: u32,
    /// The actions of the plan.
    total: usize,
    succeeded: usize,
    failed: usize,
    not_attempted: usize,
    #[serde(flatten)]
    traffic: Traffic,
    latency_ms: Latency,
    /// One for each action, in the order in which this was known of them.
    results: Vec<ResultLine<'a>>,
}

/// The latencies of the attempted actions.
#[derive(Serialize, JsonSchema)]
struct Latency {
    p50: u64,
    p95: u64,
    max: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct ErrorLine<'a> {
    /// The version of this format.
    #[schemars(extend("const" = FORMAT_VERSION))]
    format_version: u32,
    /// The exit code of the program.
    exit_code: u8,
    /// What stderr says, too.
    message: &'a str,
}

/// The line about a plan.
pub fn plan(plan: &Plan, digest: &str) -> String {
    Line::Plan(PlanLine { format_version: FORMAT_VERSION, plan_digest: digest, counts: plan.counts() }).to_text()
}

/// The line about an action that starts.
pub fn started(action: &Action) -> String {
    Line::Started(StartedLine {
        action: action.operation.verb(),
        kind: action.kind().manifest_kind(),
        name: action.name(),
        target: TargetShown::of(action.target()),
    })
    .to_text()
}

/// The line about an action that has ended.
pub fn finished(result: &ActionResult) -> String {
    Line::Finished(ResultLine::of(result)).to_text()
}

/// The last line of a run whose plan was approved.
pub fn summary(summary: &Summary, traffic: Traffic) -> String {
    let latency = |percent| millis(summary.latency(percent));
    Line::Summary(SummaryLine {
        format_version: FORMAT_VERSION,
        total: summary.results.len(),
        succeeded: summary.succeeded(),
        failed: summary.failed(),
        not_attempted: summary.not_attempted(),
        traffic,
        latency_ms: Latency { p50: latency(50), p95: latency(95), max: latency(100) },
        results: summary.results.iter().map(ResultLine::of).collect(),
    })
    .to_text()
}

/// The last line of a run that ended before it could carry out a plan.
pub fn error(message: &str, exit: Exit) -> String {
    Line::Error(ErrorLine { format_version: FORMAT_VERSION, exit_code: exit as u8, message }).to_text()
}

/// The JSON Schema of a line.
pub fn apply_schema() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<Line>().to_value()
}

impl Line<'_> {
    fn to_text(&self) -> String {
        let mut text = serde_json::to_string(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

impl<'a> ResultLine<'a> {
    fn of(result: &'a ActionResult) -> Self {
        Self {
            action: result.action,
            kind: result.kind.manifest_kind(),
            name: &result.name,
            schedule_id: result.schedule_id.as_deref(),
            status: result.outcome.status(),
            latency_ms: millis(result.latency),
            error: result.error().map(ToString::to_string),
        }
    }
}
