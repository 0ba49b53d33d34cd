//! `dialctl apply`

use std::num::NonZeroUsize;
use std::path::PathBuf;

use chrono::Utc;

use super::bar::Bar;
use super::checking::{self, Checked};
use super::connection::{self, Connection};
use super::deliveries::Deliveries;
use super::error::CommandError;
use super::journal::{LedgerJournal, RunFacts};
use super::locking;
use super::past::Past;
use super::planning::{self, Look, PlanningArgs};
use super::progress::Progress;
use super::provenance;
use super::receivers;
use super::saved_plan;
use super::terminal::Terminal;
use super::{Invocation, freezing};
use crate::apply::{ApplyOptions, OnError, Summary, Traffic, apply, stream};
use crate::exit::Exit;
use crate::ledger::{LedgerError, Outbox, RunLedger, Webhook};
use crate::lock::RunLock;
use crate::metrics::{self, Ended, Metrics};
use crate::plan::{ApprovedPlan, Plan, Rails, SavedPlan, json, text};

/// How many actions run at once. They share one rate limit, so more would only wait.
// 8 is not zero, which the compiler checks: the constant is evaluated when it builds.
const CONCURRENCY: NonZeroUsize = NonZeroUsize::new(8).unwrap();

/// Make the live schedules those of the manifests.
///
/// Plans, asks on a terminal (not in the sandbox), and carries the plan out: creates, then updates,
/// then (with --prune) deletes. One failing schedule does not stop the others, unless --on-error says
/// so. Every action is written to the audit ledger before and after its request.
#[derive(Debug, clap::Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    planning: PlanningArgs,
    /// Carry out this plan of `plan --out`, exactly as it is or not at all
    #[arg(long, value_name = "FILE", conflicts_with_all = ["paths", "prune", "adopt", "only"])]
    plan: Option<PathBuf>,
    /// Change what is live although `freeze` in dialctl.yaml forbids it now; the reason is kept in the ledger
    #[arg(long, value_name = "REASON", value_parser = freezing::reason)]
    override_freeze: Option<String>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// What a failed action means for those that have not started
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = OnError::Continue)]
    on_error: OnError,
    /// Wait for another run to end, for so many seconds at most
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    lock_timeout: u32,
    /// Write the metrics of the run in the text format of Prometheus, also where it fails once it has begun to ask
    #[arg(long, value_name = "FILE")]
    metrics_file: Option<PathBuf>,
    /// Format of the result
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// The plan, a line per action, and a summary
    Human,
    /// For programs: a line of JSON for each thing as it happens, the summary last
    Json,
}

pub async fn run(
    args: &ApplyArgs,
    invocation: Result<Invocation<'_>, CommandError>,
    terminal: &mut Terminal,
) -> Result<Exit, CommandError> {
    let ended = match invocation {
        Ok(invocation) => carry_out(args, &invocation, terminal).await,
        Err(error) => Err(error),
    };
    if let (Err(error), Format::Json) = (&ended, args.format) {
        // It is told on stderr as well, so one that cannot be told here either is not lost.
        let line = stream::error(&error.to_string(), error.exit());
        let _ = terminal.show(|out| out.write_all(line.as_bytes()));
    }
    ended?
}

/// Goes from the manifests to the summary, and to the metrics. What fails after the summary is in the inner result.
async fn carry_out(
    args: &ApplyArgs,
    invocation: &Invocation<'_>,
    terminal: &mut Terminal,
) -> Result<Result<Exit, CommandError>, CommandError> {
    let (settings, clock) = (&invocation.settings, &invocation.surroundings.clock);
    let began = clock.now();
    let saved = args.plan.as_deref().map(saved_plan::read).transpose()?;
    let planning = match &saved {
        Some(saved) => &PlanningArgs::of_saved(saved.request(), &args.planning),
        None => &args.planning,
    };
    planning.check_prune(settings)?;
    let webhooks = receivers::configured(invocation, terminal)?;
    let checked = checking::check_or_tell(&planning.manifests.paths, settings, invocation.now(), terminal)?;
    // Taken before anything is read, so that no other run changes what the plan was made from.
    let lock = locking::take(args.lock_timeout, invocation, terminal).await?;
    let ledger = invocation.open_ledger()?;
    if let Some(torn) = ledger.torn() {
        terminal
            .note(format!("the last run ended while it wrote to the ledger; its half line is in {}", torn.display()));
    }
    if let Some(saved) = &saved {
        saved_plan::check_unused(saved, invocation)?;
    }
    let connection = Connection::open(invocation, &checked.loaded).await?;
    // From here on there may be requests, so that there are metrics, however the run ends.
    let mut metrics = Metrics::default();
    let start = Start { args, planning, saved: saved.as_ref(), webhooks, checked, lock, ledger };
    let ended = plan_and_apply(start, invocation, &connection, &mut metrics, terminal).await;
    metrics.stats = connection.transport().stats();
    connection.close().await;
    let Some(path) = &args.metrics_file else { return ended };
    let exit = match &ended {
        Ok(Ok(exit)) => *exit,
        Ok(Err(error)) | Err(error) => error.exit(),
    };
    let text = metrics.to_text(&Ended { exit, at: clock.calendar(), after: clock.now().saturating_sub(began) });
    let written = metrics::replace(path, &text)
        .map_err(|source| CommandError::File { doing: format!("write the metrics to {}", path.display()), source });
    match (ended, written) {
        // What was done is told all the same.
        (Ok(Ok(_)), Err(error)) => Ok(Err(error)),
        (ended, Err(error)) => {
            terminal.error(&error);
            ended
        }
        (ended, Ok(())) => ended,
    }
}

/// What a run has taken into its hands before its first request.
struct Start<'a> {
    args: &'a ApplyArgs,
    planning: &'a PlanningArgs,
    saved: Option<&'a SavedPlan>,
    webhooks: Vec<Webhook>,
    checked: Checked,
    lock: RunLock,
    ledger: RunLedger,
}

/// Goes from the live side to the summary.
async fn plan_and_apply(
    start: Start<'_>,
    invocation: &Invocation<'_>,
    connection: &Connection,
    metrics: &mut Metrics,
    terminal: &mut Terminal,
) -> Result<Result<Exit, CommandError>, CommandError> {
    let Start { args, planning, saved, webhooks, mut checked, mut lock, ledger } = start;
    let past = Past::of(invocation, connection);
    let look = Look { past: &past, lists_others: false };
    let plan = match saved {
        Some(saved) => saved_plan::make_again(saved, planning, invocation, &mut checked, connection, &past).await?,
        None => planning::make_plan(planning, invocation, &checked, connection, look, terminal).await?,
    };
    let digest = saved.map_or_else(|| json::digest(&plan), |saved| saved.digest().to_owned());
    match args.format {
        Format::Human => terminal.show(|out| text::write(&plan, out)),
        Format::Json => terminal.show(|out| out.write_all(stream::plan(&plan, &digest).as_bytes())),
    }
    .map_err(CommandError::Output)?;
    let provenance = provenance::provenance(invocation.surroundings.environment);
    let dirty = checked.checkout.is_dirty();
    let facts = RunFacts::of(&plan, digest, provenance, dirty, args.override_freeze.clone());
    let asks = !args.yes && !invocation.in_sandbox && terminal.can_ask();
    if args.format == Format::Json && (asks || plan.has_refusals()) {
        // Nobody can agree to, or mend, what is not shown.
        terminal.note(text::to_text(&plan));
    }
    let frozen = freezing::unless_overridden(args.override_freeze.as_deref(), invocation, terminal);
    let approved = approve(plan, asks, &planning.rails(invocation, frozen), terminal)?;

    // Whoever was asked may have thought about it for long, and another run may have taken over.
    lock.keep(Utc::now()).map_err(CommandError::LockLost)?;
    let options = ApplyOptions {
        concurrency: CONCURRENCY,
        on_error: args.on_error,
        backoff: connection::backoff(&invocation.settings),
        clock: invocation.surroundings.clock.clone(),
    };
    let outbox = Outbox::start(webhooks, &past.memory.disabled);
    let bar = terminal.bar();
    let progress = match args.format {
        Format::Human => Progress::Lines(terminal),
        Format::Json => Progress::Stream(terminal),
    };
    let mut journal = LedgerJournal::begin((ledger, invocation.folder()), outbox, facts, progress, &mut lock)?;
    metrics.ledger = Some(journal.ledger_size());
    journal.take_over(past.memory);
    journal.protect(approved.protections())?;
    for settled in approved.settled() {
        journal.settle(settled)?;
    }
    if args.format == Format::Human && !approved.actions().is_empty() {
        bar.show(approved.actions().len());
    }
    let summary = apply(&approved, connection.api.as_ref(), &options, &mut journal, stop(&bar)).await;
    bar.remove();
    let events = journal.end(&summary).await;
    let (deliveries, size) = (journal.deliveries().clone(), journal.ledger_size());
    let store = journal.store_failure().map(str::to_owned);
    (metrics.deliveries, metrics.ledger) = (deliveries.by_receiver(), Some(size));
    let summary = metrics.summary.insert(summary);

    let traffic = connection.traffic();
    match args.format {
        Format::Json => terminal.show(|out| out.write_all(stream::summary(summary, traffic).as_bytes())),
        Format::Human if approved.actions().is_empty() => Ok(()),
        Format::Human => write_summary(summary, traffic, terminal),
    }
    .map_err(CommandError::Output)?;
    Ok(conclude(summary, events.map(|()| deliveries), store, terminal))
}

/// Tells what people are to know besides the summary; `store` is what they are to know of a store that has failed.
fn conclude(
    summary: &Summary,
    deliveries: Result<Deliveries, LedgerError>,
    store: Option<String>,
    terminal: &mut Terminal,
) -> Result<Exit, CommandError> {
    deliveries?.warnings().into_iter().chain(store).for_each(|warning| terminal.note(warning));
    if let Some(error) = &summary.journal_error {
        terminal.error(error);
    }
    Ok(summary.exit())
}

/// Completes when nothing more is to be started. The bar goes, for it counts on to an end that is not reached,
/// and whoever asks again must not find it left behind.
async fn stop(bar: &Bar) {
    super::stop_signal(Exit::Partial).await;
    bar.remove();
    tracing::warn!("asked to end: nothing more is started, what is under way is finished; ask again to end at once");
}

fn approve(plan: Plan, asks: bool, rails: &Rails, terminal: &mut Terminal) -> Result<ApprovedPlan, CommandError> {
    let has_changes = plan.has_changes();
    let approved = plan.approve(rails)?;
    if has_changes && asks {
        let answer = terminal.ask("Apply this plan? Only `yes` is taken for an answer:");
        let answer = answer.map_err(|source| CommandError::File { doing: "read the answer".to_owned(), source })?;
        if answer != "yes" {
            return Err(CommandError::NotConfirmed);
        }
    }
    Ok(approved)
}

fn write_summary(summary: &Summary, traffic: Traffic, terminal: &mut Terminal) -> std::io::Result<()> {
    let (succeeded, failed, left) = (summary.succeeded(), summary.failed(), summary.not_attempted());
    let [p50, p95, max] = [50, 95, 100].map(|percent| crate::apply::millis(summary.latency(percent)));
    let Traffic { requests, retries } = traffic;
    writeln!(terminal.out(), "\nApplied: {succeeded} succeeded, {failed} failed, {left} not attempted.")?;
    writeln!(
        terminal.out(),
        "{requests} requests, {retries} retries; latency p50 {p50} ms, p95 {p95} ms, max {max} ms."
    )
}
