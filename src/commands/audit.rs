//! `dialctl audit`

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Subcommand;
use serde_json::Value;

use super::counted::counted;
use super::error::CommandError;
use super::keeping::unreadable;
use super::terminal::Terminal;
use super::{Invocation, instant};
use crate::config::State;
use crate::exit::Exit;
use crate::ledger::{self, Checkpoint, Ended, Extent, Files, Flaw, Lines, Query, Row, Search, Verified};
use crate::plan::text::printable;

/// Look into the audit ledger: show its records, verify that it is what was written, make a checkpoint, send what a
/// store is missing.
#[derive(Debug, clap::Args)]
pub struct AuditArgs {
    #[command(subcommand)]
    command: Audit,
}

#[derive(Debug, Subcommand)]
enum Audit {
    Show(ShowArgs),
    Verify(VerifyArgs),
    Checkpoint(CheckpointArgs),
    Push(PushArgs),
}

/// Show records, oldest first
#[derive(Debug, clap::Args)]
struct ShowArgs {
    /// Of the run whose id begins like this
    #[arg(long, value_name = "ID")]
    run: Option<String>,
    /// Of the schedule with this name
    #[arg(long, value_name = "NAME")]
    schedule: Option<String>,
    /// Of the schedules of the campaign or sequence with this id
    #[arg(long, value_name = "ID")]
    campaign: Option<String>,
    /// Of runs that this person or pipeline has started
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    /// From this time on
    #[arg(long, value_name = "TIME", value_parser = instant)]
    since: Option<DateTime<Utc>>,
    /// Before this time
    #[arg(long, value_name = "TIME", value_parser = instant)]
    until: Option<DateTime<Utc>>,
    /// Actions and deliveries that ended like this
    #[arg(long, value_enum)]
    outcome: Option<Ended>,
    /// Format of the records
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people: a row for each record
    Table,
    /// For programs: a list of the records as they were written
    Json,
    /// For spreadsheets: the rows as comma-separated values
    Csv,
}

/// Check that every line is what was written and continues the one before it; exit 1 at the first that is not
///
/// Told apart is what was edited, removed, inserted, reordered, cut off, or torn by a crash. That lines were cut off the
/// end, or that the whole ledger was written anew, only shows against a checkpoint that was kept elsewhere.
#[derive(Debug, clap::Args)]
struct VerifyArgs {
    /// What `dialctl audit checkpoint` has printed at some time
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
}

/// Verify, then print the end of the ledger, to be kept where nobody who can write to the ledger can write to
#[derive(Debug, clap::Args)]
struct CheckpointArgs {}

/// Send what a run has written down while the store failed; there is nothing to do where the ledger is in a directory
///
/// The next run on this machine does the same before it begins. Records that others have written meanwhile stay before
/// them.
#[derive(Debug, clap::Args)]
struct PushArgs {}

pub fn run(args: &AuditArgs, invocation: &Invocation<'_>, terminal: &mut Terminal) -> Result<Exit, CommandError> {
    match &args.command {
        Audit::Push(PushArgs {}) => return push(invocation, terminal),
        Audit::Show(_) => invocation.refresh_or_tell(terminal),
        Audit::Verify(_) | Audit::Checkpoint(_) => invocation.refresh(Extent::Whole)?,
    }
    let state = &invocation.settings.state;
    let files = Files::of(invocation.folder()).map_err(|source| unreadable(state, source))?;
    if files.is_empty() {
        return Err(CommandError::NoLedger { state: state.to_string() });
    }
    match &args.command {
        Audit::Show(args) => show(args, files, state, terminal),
        Audit::Verify(args) => {
            let checkpoint = args.checkpoint.as_deref().map(read_checkpoint).transpose()?;
            let Verified { records, hash } = verified(files, state, checkpoint.as_ref())?;
            writeln!(terminal.out(), "{records} records, each as it was written; the last has the hash {hash}")
                .map_err(CommandError::Output)?;
            if checkpoint.is_none() {
                terminal.note("Whether lines were cut off its end only shows with --checkpoint.");
            }
            Ok(Exit::Done)
        }
        Audit::Checkpoint(CheckpointArgs {}) => {
            let Verified { records, hash } = verified(files, state, None)?;
            let text = Checkpoint::new(records, hash, invocation.now()).to_text();
            writeln!(terminal.out(), "{text}").map_err(CommandError::Output)?;
            Ok(Exit::Done)
        }
        Audit::Push(PushArgs {}) => push(invocation, terminal),
    }
}

fn push(invocation: &Invocation<'_>, terminal: &mut Terminal) -> Result<Exit, CommandError> {
    let state = &invocation.settings.state;
    let told = match invocation.store()? {
        None => format!("Nothing to send: the ledger is in {state}, and no store is configured."),
        Some(store) => match ledger::push(invocation.folder(), store)? {
            0 => format!("Nothing to send to {state}."),
            records => format!("Sent {} to {state}.", counted(records, "record")),
        },
    };
    writeln!(terminal.out(), "{told}").map_err(CommandError::Output)?;
    Ok(Exit::Done)
}

fn verified(files: Files, state: &State, checkpoint: Option<&Checkpoint>) -> Result<Verified, CommandError> {
    let verified = ledger::verify(files, checkpoint).map_err(|source| unreadable(state, source))?;
    verified.map_err(|Flaw { file, line, verdict }| CommandError::Tampered { file, line, verdict })
}

fn read_checkpoint(path: &Path) -> Result<Checkpoint, CommandError> {
    let doing = || format!("read {}", path.display());
    let text = std::fs::read_to_string(path).map_err(|source| CommandError::File { doing: doing(), source })?;
    Checkpoint::parse(text.trim()).map_err(|reason| CommandError::BrokenCheckpoint { path: path.to_owned(), reason })
}

fn show(args: &ShowArgs, files: Files, state: &State, terminal: &mut Terminal) -> Result<Exit, CommandError> {
    let ShowArgs { run, schedule, campaign, actor, since, until, outcome, format } = args;
    let query = Query {
        run: run.clone(),
        schedule: schedule.clone(),
        campaign: campaign.clone(),
        actor: actor.clone(),
        since: *since,
        until: *until,
        outcome: *outcome,
    };
    let mut search = Search::new(query);
    let mut printed = Printed { format: *format, count: 0 };
    printed.begin(terminal).map_err(CommandError::Output)?;
    let mut lines = Lines::of(files);
    while let Some(text) = lines.next_line().map_err(|source| unreadable(state, source))? {
        // What is no record is for `audit verify` to tell.
        if let Ok(record) = serde_json::from_slice::<Value>(text)
            && let Some(row) = search.take(&record)
        {
            printed.print(&record, &row, terminal).map_err(CommandError::Output)?;
        }
    }
    printed.end(terminal).map_err(CommandError::Output)?;
    Ok(Exit::Done)
}

/// Records as they are printed, one by one: a ledger may be larger than memory.
struct Printed {
    format: Format,
    count: usize,
}

/// How wide the columns of the table are; the last has the rest of the line.
const WIDTHS: [usize; 9] = [6, 24, 8, 14, 8, 26, 24, 8, 6];

impl Printed {
    fn begin(&self, terminal: &mut Terminal) -> std::io::Result<()> {
        match self.format {
            Format::Table => {
                let head =
                    ["seq", "time (UTC)", "run", "record", "action", "kind", "schedule", "outcome", "ms", "detail"];
                writeln!(terminal.out(), "{}", aligned(head.map(str::to_owned)))
            }
            Format::Json => write!(terminal.out(), "["),
            Format::Csv => writeln!(terminal.out(), "{}", separated(&Row::HEAD)),
        }
    }

    fn print(&mut self, record: &Value, row: &Row, terminal: &mut Terminal) -> std::io::Result<()> {
        self.count += 1;
        match self.format {
            Format::Table => {
                let run = row.run.get(24..32).unwrap_or(&row.run);
                let shown = [
                    &row.seq,
                    &row.time,
                    run,
                    &row.record,
                    &row.action,
                    &row.kind,
                    &row.schedule,
                    &row.outcome,
                    &row.latency_ms,
                    &row.detail,
                ];
                writeln!(terminal.out(), "{}", aligned(shown.map(|text| text.escape_debug().to_string())))
            }
            Format::Json => {
                let before = if self.count > 1 { "," } else { "" };
                // Written piece by piece it would take several times as long.
                terminal.out().write_all(format!("{before}\n  {record}").as_bytes())
            }
            Format::Csv => writeln!(terminal.out(), "{}", separated(&row.fields())),
        }
    }

    fn end(&self, terminal: &mut Terminal) -> std::io::Result<()> {
        match self.format {
            Format::Table | Format::Csv => Ok(()),
            Format::Json => writeln!(terminal.out(), "\n]"),
        }
    }
}

fn aligned(fields: [String; 10]) -> String {
    let mut line = String::new();
    for (field, width) in fields.iter().zip(WIDTHS.into_iter().chain([0])) {
        line.push_str(&format!("{field:width$} "));
    }
    line.trim_end().to_owned()
}

/// Fields as RFC 4180 has them. A spreadsheet must not take what somebody wrote for a formula.
fn separated(fields: &[&str]) -> String {
    let quoted = |field: &&str| {
        let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
        // Nor must it steer a terminal.
        let field = printable(&if is_formula { format!("'{field}") } else { (*field).to_owned() });
        if field.contains([',', '"', '\n', '\r']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
    };
    fields.iter().map(quoted).collect::<Vec<_>>().join(",")
}
