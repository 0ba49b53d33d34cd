//! `dialctl events`

use std::io::Write;

use chrono::{DateTime, SecondsFormat, Utc};
use clap::Subcommand;
use serde_json::json;

use super::counted::counted;
use super::error::CommandError;
use super::keeping::{check_ledger, unreadable};
use super::terminal::Terminal;
use super::{Invocation, instant, ping, redelivery};
use crate::exit::Exit;
use crate::ledger::{self, Attempt, AttemptOutcome, LoggedEvent, ToReceiver};

/// The version of the JSON of these commands.
pub const FORMAT_VERSION: u32 = 1;

/// Look at the events in the ledger, try a receiver out, send events again.
#[derive(Debug, clap::Args)]
pub struct EventsArgs {
    #[command(subcommand)]
    command: Events,
}

#[derive(Debug, Subcommand)]
enum Events {
    List(ListArgs),
    Show(ShowArgs),
    Test(ping::TestArgs),
    Redeliver(redelivery::RedeliverArgs),
}

/// List events, oldest first, and who was told of each
#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Only those that some receiver has not taken yet
    #[arg(long)]
    undelivered: bool,
    /// From this time on
    #[arg(long, value_name = "TIME", value_parser = instant)]
    since: Option<DateTime<Utc>>,
    /// Format of the list
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Show an event and every attempt to deliver it
#[derive(Debug, clap::Args)]
struct ShowArgs {
    /// Id of the event, or its beginning
    #[arg(value_name = "ID")]
    id: String,
    /// Format of the event
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// How these commands answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Lines for people
    Human,
    /// A document for programs
    Json,
}

pub async fn run(
    args: &EventsArgs,
    invocation: &Invocation<'_>,
    terminal: &mut Terminal,
) -> Result<Exit, CommandError> {
    match &args.command {
        Events::List(args) => list(args, invocation, terminal),
        Events::Show(args) => show(args, invocation, terminal),
        Events::Test(args) => ping::run(args, invocation, terminal).await,
        Events::Redeliver(args) => redelivery::run(args, invocation, terminal).await,
    }
}

/// All events in the ledger, oldest first.
pub fn logged(invocation: &Invocation<'_>) -> Result<Vec<LoggedEvent>, CommandError> {
    check_ledger(invocation)?;
    let state = &invocation.settings.state;
    ledger::read_events(invocation.folder()).map_err(|source| unreadable(state, source))
}

fn list(args: &ListArgs, invocation: &Invocation<'_>, terminal: &mut Terminal) -> Result<Exit, CommandError> {
    invocation.refresh_or_tell(terminal);
    let mut events = logged(invocation)?;
    events.retain(|logged| {
        (!args.undelivered || logged.is_owed()) && args.since.is_none_or(|since| logged.event.timestamp >= since)
    });
    let shown = terminal.show(|out| match args.format {
        Format::Json => writeln!(out, "{:#}", json!({"formatVersion": FORMAT_VERSION, "events": events})),
        Format::Human => write_list(&events, out),
    });
    shown.map_err(CommandError::Output)?;
    Ok(Exit::Done)
}

fn write_list(events: &[LoggedEvent], out: &mut dyn Write) -> std::io::Result<()> {
    for logged in events {
        let each = logged.receivers.iter().map(|(name, to)| format!("{} {}", name.escape_debug(), state(to)));
        let receivers = each.collect::<Vec<_>>().join(", ");
        writeln!(out, "{}  {}  {}: {receivers}", time(&logged.event.timestamp), logged.event.id, headline(logged))?;
    }
    let owed = events.iter().filter(|logged| logged.is_owed()).count();
    writeln!(out, "{}, {owed} with a receiver that has still to be told.", counted(events.len(), "event"))
}

fn show(args: &ShowArgs, invocation: &Invocation<'_>, terminal: &mut Terminal) -> Result<Exit, CommandError> {
    invocation.refresh_or_tell(terminal);
    let events = logged(invocation)?;
    let wanted = args.id.to_lowercase();
    let mut found = events.iter().filter(|logged| logged.event.id.to_string().starts_with(&wanted));
    let logged = match (found.next(), found.count()) {
        (Some(logged), 0) => logged,
        (None, _) => return Err(CommandError::UnknownEvent { id: args.id.clone(), found: 0 }),
        (Some(_), others) => return Err(CommandError::UnknownEvent { id: args.id.clone(), found: others + 1 }),
    };
    let shown = terminal.show(|out| match args.format {
        Format::Json => {
            let mut document = json!(logged);
            document["formatVersion"] = json!(FORMAT_VERSION);
            writeln!(out, "{document:#}")
        }
        Format::Human => write_event(logged, out),
    });
    shown.map_err(CommandError::Output)?;
    Ok(Exit::Done)
}

fn write_event(logged: &LoggedEvent, out: &mut dyn Write) -> std::io::Result<()> {
    let event = &logged.event;
    let labels = event.labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", ");
    writeln!(out, "{}", headline(logged))?;
    for (field, value) in [
        ("id", event.id.to_string()),
        ("time", time(&event.timestamp)),
        ("run", event.run_id.to_string()),
        ("plan", event.plan_digest.clone()),
        ("organisation", logged.org.clone()),
        ("owner", logged.owner.clone()),
        ("campaign", event.campaign_id.clone()),
        ("schedule", event.schedule_id.clone().unwrap_or_default()),
        ("labels", labels),
    ] {
        if !value.is_empty() {
            writeln!(out, "  {field:12} {}", value.escape_debug())?;
        }
    }
    for (name, to) in &logged.receivers {
        writeln!(out, "{}: {}", name.escape_debug(), state(to))?;
        for Attempt { timestamp, latency_ms, outcome } in &to.attempts {
            let outcome = match outcome {
                AttemptOutcome::Taken { status } => format!("taken with {status}"),
                AttemptOutcome::Failed { error } => error.escape_debug().to_string(),
            };
            let took = latency_ms.map(|ms| format!(" ({ms} ms)")).unwrap_or_default();
            writeln!(out, "  {} {outcome}{took}", time(timestamp))?;
        }
    }
    Ok(())
}

/// For example `SCHEDULE_CREATED CampaignSchedule spring`.
pub fn headline(logged: &LoggedEvent) -> String {
    let event = &logged.event;
    format!("{} {} {}", event.event_type().as_str(), event.kind, event.name.escape_debug())
}

fn state(to: &ToReceiver) -> &'static str {
    if to.is_delivered { "delivered" } else { "owed" }
}

fn time(instant: &DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}
