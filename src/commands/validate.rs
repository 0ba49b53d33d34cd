//! `dialctl validate`

use chrono::{DateTime, Utc};

use super::error::CommandError;
use super::terminal::Terminal;
use super::{Invocation, ManifestArgs, planning};
use crate::exit::Exit;
use crate::report;

/// Check manifests; nothing is sent anywhere.
///
/// Finds every problem of every file in one run: syntax, schema, names, time zones, overlaps,
/// capacity. Exits 3 when there is an error.
#[derive(Debug, clap::Args)]
pub struct ValidateArgs {
    #[command(flatten)]
    manifests: ManifestArgs,
    /// Format of the findings
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Instant from which open-ended schedules are looked at, RFC 3339 [default: now]
    #[arg(long, value_name = "INSTANT")]
    as_of: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Human,
    /// For programs, versioned
    Json,
}

pub fn run(args: &ValidateArgs, invocation: &Invocation<'_>, terminal: &mut Terminal) -> Result<Exit, CommandError> {
    let as_of = args.as_of.unwrap_or_else(Utc::now);
    let checked = planning::check(&args.manifests.paths, &invocation.settings, as_of);
    let text = match args.format {
        Format::Human => checked.told(terminal.has_color()),
        Format::Json => report::json::report(&checked.findings, &checked.loaded.sources, checked.totals()).to_text(),
    };
    write!(terminal.out(), "{text}").map_err(CommandError::Output)?;
    for unreadable in &checked.loaded.unreadable {
        terminal.error(unreadable);
    }
    Ok(checked.exit())
}
