//! The plan as JSON, format version 1.

use std::io::{self, Write};
use std::num::NonZeroUsize;

use crate::ledger::canonical::{Digest, Digesting, canonical};
use crate::parallel;
use crate::schedule::{LiveSchedule, ScheduleView, Target};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Value, json};

use super::blackouts::{self, Excluded};
use super::changes::{Change, changes};
use super::{Action, Completeness, Counts, Effect, Header, Operation, Origin, Owned, Plan, Source, Theirs};

/// The version of the JSON plan.
pub const FORMAT_VERSION: u32 = 1;

/// So many actions are worth a thread.
// 64 is not zero, which the compiler checks: the constant is evaluated when it builds.
const CHUNK: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// The texts of so many actions are in memory at once.
const AT_ONCE: usize = 1024;

/// Where the actions stand in a plan without any.
const NO_ACTIONS: &str = "\"actions\": []";

/// The plan as JSON, with its digest.
pub fn to_json(plan: &Plan) -> Value {
    let mut value = body(plan, plan.actions.iter().map(step).collect());
    insert_digest(&mut value, digest(plan));
    value
}

/// Writes the plan as JSON, with its digest. Few actions at a time: all of a large plan as one value take hundreds of
/// megabytes.
pub fn write(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let mut frame = body(plan, Vec::new());
    let mut whole = Whole::of(&frame);
    let unfinished = format!("{frame:#}");
    let before = unfinished.split_once(NO_ACTIONS).filter(|_| !plan.actions.is_empty());
    if let Some((before, _)) = before {
        write!(out, "{before}\"actions\": [")?;
    }
    // Ends of lines within texts are escaped.
    let texts = |step: &Value| (canonical(step), format!("{step:#}").replace('\n', "\n    "));
    for (n, (canonical, shown)) in steps(plan, texts).enumerate() {
        whole.take(&canonical);
        let separator = if n == 0 { "" } else { "," };
        write!(out, "{separator}\n    {shown}")?;
    }
    insert_digest(&mut frame, whole.digest());
    let frame = format!("{frame:#}");
    match frame.split_once(NO_ACTIONS).filter(|_| before.is_some()) {
        Some((_, after)) => writeln!(out, "\n  ]{after}"),
        None => writeln!(out, "{frame}"),
    }
}

/// The SHA-256 of the plan's canonical JSON, in lower-case hexadecimal.
pub fn digest(plan: &Plan) -> String {
    let mut whole = Whole::of(&body(plan, Vec::new()));
    steps(plan, canonical).for_each(|step| whole.take(&step));
    whole.digest()
}

/// A text of each action, in their order.
fn steps<'a, T: Send + 'a>(plan: &'a Plan, text: impl Fn(&Value) -> T + Sync + 'a) -> impl Iterator<Item = T> + 'a {
    plan.actions
        .chunks(AT_ONCE)
        .flat_map(move |some| parallel::map(some.iter().collect(), CHUNK, |action| text(&as_value(step(action)))))
}

/// The canonical JSON of a plan, action by action, on its way into a digest.
struct Whole {
    digesting: Digesting,
    is_empty: bool,
    /// What follows the actions.
    after: String,
}

impl Whole {
    /// A plan of which all but the actions is known.
    fn of(frame: &Value) -> Self {
        // The members are sorted, so that this is where the actions belong.
        let frame = canonical(frame);
        let (before, after) = frame.split_once("\"actions\":[]").unwrap_or((&frame, ""));
        let mut digesting = Digesting::default();
        digesting.take(before.as_bytes());
        digesting.take(b"\"actions\":[");
        Self { digesting, is_empty: true, after: format!("]{after}") }
    }

    fn take(&mut self, step: &str) {
        if !std::mem::take(&mut self.is_empty) {
            self.digesting.take(b",");
        }
        self.digesting.take(step.as_bytes());
    }

    fn digest(mut self) -> String {
        self.digesting.take(self.after.as_bytes());
        self.digesting.end().to_string()
    }
}

/// A schedule in its normal form as JSON.
pub fn view_json(view: &ScheduleView) -> Value {
    as_value(view)
}

/// SHA-256 over a schedule in its normal form, in lower-case hexadecimal.
pub fn view_digest(view: &ScheduleView) -> String {
    sha256_of(&view_json(view))
}

/// The JSON Schema of the document.
pub fn plan_schema() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<Document>().to_value()
}

/// What `dialctl plan --format json` prints: what apply would do.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "dialctl plan", extend("$id" = "urn:dialctl:plan:v1"))]
struct Document<'a> {
    /// The version of this format.
    #[schemars(extend("const" = FORMAT_VERSION))]
    format_version: u32,
    #[serde(flatten)]
    header: &'a Header,
    /// What is to be done: creates, then updates, then deletes, then what is refused.
    actions: Vec<Step<'a>>,
    /// The number of actions of each sort.
    counts: Counts,
    /// Live schedules of this owner that no manifest declares and the plan leaves alone.
    orphans: Vec<LeftAlone<'a>>,
    /// Live schedules of others, with `--show-unmanaged`.
    #[serde(skip_serializing_if = "Option::is_none")]
    unmanaged: Option<Vec<LeftAlone<'a>>>,
    /// How many live schedules of each kind are this owner's, with those that the plan takes over and those that
    /// `--only` leaves out: what limits are held against. Kinds without any are absent.
    owned: &'a Owned,
    completeness: &'a Completeness,
    /// SHA-256 over the canonical JSON (RFC 8785) of all the other fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

/// One step of the plan.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Step<'a> {
    action: Verb,
    /// The `kind` of the manifest.
    kind: &'static str,
    /// The name of the manifest; of a delete the live name.
    name: &'a str,
    target: TargetShown<'a>,
    /// The fields in which the schedule before and after differ.
    changes: Vec<Change>,
    /// Since the last apply that is on record, the manifest has changed (`manifest`), what is live has (`drift`), or both
    /// have (`conflict`); absent where none is on record.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<OriginShown>,
    /// What others have changed since the last apply: each field as it was applied, and as it is live. Absent where they
    /// have changed nothing; `null` where they have deleted the schedule.
    #[serde(skip_serializing_if = "Option::is_none")]
    theirs: Option<Option<&'a [Change]>>,
    /// Why it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<LiveShown<'a>>,
    /// The schedule before, in its normal form; absent where there is none or it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<ScheduleView>,
    /// The schedule after, in its normal form; absent where it is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<ScheduleView>,
    /// The days that blackout calendars took out.
    #[serde(skip_serializing_if = "Option::is_none")]
    excluded_by: Option<Vec<Excluded<'a>>>,
    effect: &'a Effect,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a Source>,
}

/// What is done; `refused` where something asked for is not done.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Verb {
    Create,
    Update,
    Delete,
    Refused,
}

/// Who has changed something since the last apply.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Origin", inline)]
enum OriginShown {
    Manifest,
    Drift,
    Conflict,
}

/// A live schedule that is left alone.
#[derive(Serialize, JsonSchema)]
struct LeftAlone<'a> {
    /// The `kind` of its manifest, had it one.
    kind: &'static str,
    /// Its live name, where it has one.
    name: Option<&'a str>,
    target: TargetShown<'a>,
}

/// The campaign or sequence that a schedule drives.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Target")]
pub struct TargetShown<'a> {
    id: &'a str,
    name: Option<&'a str>,
}

/// What is live now.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Live")]
struct LiveShown<'a> {
    id: Option<&'a str>,
    /// The version that an update replaces.
    version: Option<i32>,
    /// SHA-256 over its version and its normal form.
    digest: String,
}

impl<'a> TargetShown<'a> {
    /// A target as it is shown.
    pub fn of(target: &'a Target) -> Self {
        Self { id: &target.id, name: target.name.as_deref() }
    }
}

impl<'a> LeftAlone<'a> {
    fn of(live: &'a LiveSchedule) -> Self {
        Self { kind: live.kind.manifest_kind(), name: live.name.as_deref(), target: TargetShown::of(&live.target) }
    }
}

fn insert_digest(body: &mut Value, digest: String) {
    if let Value::Object(fields) = body {
        fields.insert("digest".to_owned(), Value::String(digest));
    }
}

/// All but the digest.
fn body(plan: &Plan, actions: Vec<Step<'_>>) -> Value {
    as_value(Document {
        format_version: FORMAT_VERSION,
        header: &plan.header,
        actions,
        counts: plan.counts(),
        orphans: plan.orphans.iter().map(LeftAlone::of).collect(),
        unmanaged: plan.others.as_ref().map(|others| others.iter().map(LeftAlone::of).collect()),
        owned: &plan.owned,
        completeness: &plan.completeness,
        digest: None,
    })
}

fn as_value(document: impl Serialize) -> Value {
    serde_json::to_value(document).unwrap_or(Value::Null)
}

fn step(action: &Action) -> Step<'_> {
    let (before, after) = (action.before(), action.after());
    let fields = |view: &Option<ScheduleView>| view.as_ref().map_or_else(|| json!({}), view_json);
    Step {
        action: match action.operation {
            _ if action.is_refused() => Verb::Refused,
            Operation::Create { .. } => Verb::Create,
            Operation::Update { .. } => Verb::Update,
            Operation::Delete { .. } => Verb::Delete,
        },
        kind: action.kind().manifest_kind(),
        name: action.name(),
        target: TargetShown::of(action.target()),
        changes: changes(&fields(&before), &fields(&after)),
        origin: match action.origin {
            Origin::Unknown => None,
            Origin::Manifest => Some(OriginShown::Manifest),
            Origin::Drift(_) => Some(OriginShown::Drift),
            Origin::Conflict(_) => Some(OriginShown::Conflict),
        },
        theirs: action.origin.theirs().map(|theirs| match theirs {
            Theirs::Deleted => None,
            Theirs::Changed(fields) => Some(fields.as_slice()),
        }),
        reason: action.refusal.as_ref().map(ToString::to_string),
        live: action.live().map(live),
        before,
        after,
        excluded_by: action.wanted().and_then(|wanted| blackouts::excluded(&wanted.schedule.blackouts)),
        effect: &action.effect,
        source: action.wanted().map(|wanted| &wanted.source),
    }
}

fn live(live: &LiveSchedule) -> LiveShown<'_> {
    let seen = json!({"version": live.version, "view": live.view().as_ref().map(view_json)});
    LiveShown { id: live.id.as_deref(), version: live.version, digest: sha256_of(&seen) }
}

fn sha256_of(value: &Value) -> String {
    Digest::of(canonical(value).as_bytes()).to_string()
}
