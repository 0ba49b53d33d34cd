//! `dialctl plan`

use std::io::Write as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};

use super::connection::Connection;
use super::error::CommandError;
use super::past::Past;
use super::planning::{self, Look, PlanningArgs};
use super::terminal::Terminal;
use super::{Invocation, checking, freezing, live_capacity};
use crate::calendar::pool_loads;
use crate::exit::Exit;
use crate::plan::{Plan, SavedPlan, html, json, markdown, text};

/// Show what apply would change.
///
/// Reads the manifests and the live schedules and compares them. Nothing is written anywhere. Exits
/// 4 when something that a manifest asks for is refused.
#[derive(Debug, clap::Args)]
pub struct PlanArgs {
    #[command(flatten)]
    planning: PlanningArgs,
    /// Format of the plan
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Size that the Markdown is kept to; GitHub takes 65,536
    #[arg(long, value_name = "BYTES", default_value_t = 60_000, value_parser = clap::value_parser!(u32).range(i64::from(markdown::SMALLEST_BUDGET)..))]
    markdown_budget: u32,
    /// Write the plan to a file too, for `apply --plan`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Hours for which the written plan may be applied
    #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..=720), requires = "out")]
    expires_in: u16,
    /// Exit 2 when there are changes
    #[arg(long)]
    detailed_exitcode: bool,
    /// List the live schedules that this repository does not manage
    #[arg(long)]
    show_unmanaged: bool,
    /// Show only what was changed in Genesys Cloud since the last apply, and exit 2 when there is something
    #[arg(long, conflicts_with_all = ["out", "prune", "detailed_exitcode", "on_conflict"])]
    drift: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Human,
    /// For programs, versioned
    Json,
    /// The comment on a pull request
    Markdown,
    /// A page for the browser, with weeks and pools drawn
    Html,
}

pub async fn run(args: &PlanArgs, invocation: &Invocation<'_>, terminal: &mut Terminal) -> Result<Exit, CommandError> {
    let settings = &invocation.settings;
    args.planning.check_prune(settings)?;
    let checked = checking::check_or_tell(&args.planning.manifests.paths, settings, invocation.now(), terminal)?;
    let connection = Connection::open(invocation, &checked.loaded).await?;
    let made_at = invocation.now();
    let past = Past::up_to_date(invocation, &connection);
    let look = Look { past: &past, lists_others: args.show_unmanaged };
    let (plan, known) = if args.drift {
        if past.memory.is_empty() {
            return Err(CommandError::NothingApplied { state: settings.state.to_string() });
        }
        let planning = args.planning.looking_for_drift();
        let (plan, known) =
            planning::plan_and_targets(&planning, invocation, &checked, &connection, look, terminal).await?;
        (plan.only_drift(), known)
    } else {
        planning::plan_and_targets(&args.planning, invocation, &checked, &connection, look, terminal).await?
    };
    if let Some(path) = &args.out {
        save(&plan, args, made_at, path)?;
    }
    // What drift would take to be undone is not what this asks.
    let objections = if args.drift {
        Vec::new()
    } else {
        plan.objections(&args.planning.rails(invocation, freezing::frozen(invocation)))
    };
    match args.format {
        Format::Human => terminal.show(|out| text::write(&plan, out)),
        Format::Json => terminal.show(|out| json::write(&plan, out)),
        Format::Markdown => {
            let budget = usize::try_from(args.markdown_budget).unwrap_or(usize::MAX);
            terminal.show(|out| out.write_all(markdown::to_markdown(&plan, &objections, budget).as_bytes()))
        }
        Format::Html => {
            let repository = live_capacity::by_id(&checked.loaded.repository, &known);
            let pools = pool_loads(&repository, &plan, made_at);
            terminal.show(|out| html::write(&plan, &objections, &pools, out))
        }
    }
    .map_err(CommandError::Output)?;
    for objection in objections {
        let note = format!("Note: apply will refuse this plan: {objection}");
        match args.format {
            Format::Human => writeln!(terminal.out(), "{note}").map_err(CommandError::Output)?,
            Format::Json => terminal.note(note),
            // The comment and the page say so themselves.
            Format::Markdown | Format::Html => {}
        }
    }
    connection.close().await;
    Ok(exit(&plan, args))
}

/// Writes the plan for `apply --plan`; a file that is there already is replaced as a whole.
fn save(plan: &Plan, args: &PlanArgs, made_at: DateTime<Utc>, path: &Path) -> Result<(), CommandError> {
    let good_for = TimeDelta::hours(args.expires_in.into());
    let saved = SavedPlan::new(plan, args.planning.request(), made_at, good_for);
    let failed = |source| CommandError::File { doing: format!("write the plan to {}", path.display()), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(saved.to_text().as_bytes()).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

fn exit(plan: &Plan, args: &PlanArgs) -> Exit {
    if args.drift {
        return if plan.actions.is_empty() { Exit::Done } else { Exit::Changes };
    }
    if plan.has_refusals() {
        Exit::Refused
    } else if args.detailed_exitcode && plan.has_changes() {
        Exit::Changes
    } else {
        Exit::Done
    }
}
