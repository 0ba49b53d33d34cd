//! `dialctl calendar`

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::connection::Connection;
use super::error::CommandError;
use super::listing::Questions;
use super::terminal::Terminal;
use super::{Invocation, ManifestArgs, checking, instant, targets};
use crate::calendar::ics::{self, Edition};
use crate::calendar::{Calendar, Dates, json, text};
use crate::config::ApiName;
use crate::exit::Exit;
use crate::schedule::{LiveSchedule, Zone, monday_of, zone};

/// Show when schedules dial.
///
/// As a grid of half hours with overlaps and the busiest times of pools marked, as a list of
/// occurrences in UTC, or as iCalendar for any calendar program. Nothing is changed anywhere.
#[derive(Debug, clap::Args)]
pub struct CalendarArgs {
    #[command(flatten)]
    manifests: ManifestArgs,
    /// First day [default: Monday of this week]
    #[arg(long, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// Last day, at most 400 days in all [default: six days after --from; with ics, 52 weeks in all]
    #[arg(long, value_name = "DATE")]
    to: Option<NaiveDate>,
    /// Zone in which days begin and the grid is shown [default: the one that all schedules share; else
    /// each row of the grid has its own, and days begin in UTC]
    #[arg(long, value_name = "ZONE", value_parser = zone_named)]
    timezone: Option<Zone>,
    /// Format of the calendar
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Show the live schedules instead of the manifests
    #[arg(long)]
    live: bool,
    /// Instant at which the calendar is made, RFC 3339; decides what this week is, how far yearly blackout
    /// days reach, and the SEQUENCE of ics [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    as_of: Option<DateTime<Utc>>,
    /// SEQUENCE of the events in ics, higher than in any earlier one [default: seconds since 2020]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=i64::from(i32::MAX)))]
    sequence: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A grid of half hours, a row for each schedule
    Text,
    /// Every occurrence in UTC
    Json,
    /// iCalendar, RFC 5545
    Ics,
}

pub async fn run(
    args: &CalendarArgs,
    invocation: &Invocation<'_>,
    terminal: &mut Terminal,
) -> Result<Exit, CommandError> {
    let as_of = args.as_of.unwrap_or_else(Utc::now);
    // What is wrong with the dates is known before anything is read, unless this week depends on it.
    if let Some(from) = args.from {
        args.dates(from)?;
    }
    let calendar = if args.live {
        live(args, as_of, invocation, terminal).await?
    } else {
        declared(args, as_of, invocation, terminal)?
    };
    let days = args.timezone.or_else(|| calendar.common_zone()).unwrap_or_else(Zone::utc);
    let dates = args.dates(args.from.unwrap_or_else(|| monday_of(days.local(as_of).date())))?;
    let edition = Edition::at(as_of);
    let edition = Edition { sequence: args.sequence.unwrap_or(edition.sequence), ..edition };
    match args.format {
        Format::Text => terminal.show(|out| text::write(&calendar, dates, args.timezone, out)),
        Format::Json => terminal.show(|out| json::write(&calendar, dates.window(days), out)),
        Format::Ics => terminal.show(|out| ics::write(&calendar, dates.window(days), edition, out)),
    }
    .map_err(CommandError::Output)?;
    Ok(Exit::Done)
}

impl CalendarArgs {
    fn dates(&self, from: NaiveDate) -> Result<Dates, CommandError> {
        let further = match self.format {
            Format::Text | Format::Json => Days::new(6),
            Format::Ics => Days::new(52 * 7 - 1),
        };
        let to = self.to.or_else(|| from.checked_add_days(further)).unwrap_or(from);
        Ok(Dates::new(from, to)?)
    }
}

fn declared(
    args: &CalendarArgs,
    as_of: DateTime<Utc>,
    invocation: &Invocation<'_>,
    terminal: &mut Terminal,
) -> Result<Calendar, CommandError> {
    let checked = checking::check_or_tell(&args.manifests.paths, &invocation.settings, as_of, terminal)?;
    Ok(Calendar::declared(&checked.loaded.repository))
}

async fn live(
    args: &CalendarArgs,
    as_of: DateTime<Utc>,
    invocation: &Invocation<'_>,
    terminal: &mut Terminal,
) -> Result<Calendar, CommandError> {
    let settings = &invocation.settings;
    let paths = &args.manifests.paths;
    let (checked, by_target) = match settings.api {
        // Whole families are listed, so that manifests, be they wrong or missing, only seed a sandbox.
        ApiName::OutboundSchedules => (checking::check(paths, settings, as_of), false),
        ApiName::CampaignSchedules => (checking::check_or_tell(paths, settings, as_of, terminal)?, true),
    };
    let connection = Connection::open(invocation, &checked.loaded).await?;
    let api = connection.api.as_ref();
    let questions = if by_target {
        let known = targets::look_up(&checked.loaded.repository, api).await?;
        Questions::by_target(&targets::resolve(settings, &checked, &known, api.can_change())?, &[])
    } else {
        Questions::everything()
    };
    let (listing, ignored) = questions.ask(api).await?;
    connection.close().await;
    for note in ignored.into_iter().chain(listing.schedules.iter().filter_map(unreadable)) {
        terminal.note(format_args!("note: {note}"));
    }
    Ok(Calendar::live(&listing.schedules))
}

/// What is to be said about a live schedule that cannot be shown.
fn unreadable(live: &LiveSchedule) -> Option<String> {
    let reason = live.timetable.as_ref().err()?;
    let (name, target) = (live.name.as_deref().unwrap_or("without a name"), &live.target.id);
    let (name, target) = (name.escape_debug(), target.escape_debug());
    Some(format!("{} {name} of {} {target} is left out: {reason}", live.kind, live.kind.target_field()))
}

fn zone_named(name: &str) -> Result<Zone, String> {
    Zone::named(name).map_err(|error| match zone::similar_names(name).as_slice() {
        [] => error.to_string(),
        near => format!("{error}; did you mean {}?", near.join(", ")),
    })
}
