//! `dialctl validate`

use chrono::{DateTime, Utc};

use super::error::CommandError;
use super::terminal::Terminal;
use super::{Invocation, ManifestArgs, checking, instant};
use crate::exit::Exit;
use crate::report::{self, Root};

/// Check manifests; nothing is sent anywhere.
///
/// Looks at all files in one run: syntax, schema, names, time zones, overlaps, capacity. What the rules
/// make of a document shows once its syntax and its schema are right. Exits 3 when there is an error.
#[derive(Debug, clap::Args)]
pub struct ValidateArgs {
    #[command(flatten)]
    manifests: ManifestArgs,
    /// Format of the findings
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Instant from which open-ended schedules are looked at, RFC 3339 [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    as_of: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Human,
    /// For programs: JSON, versioned, with a schema of its own
    Json,
    /// For GitHub Actions: the human report in the log, and annotations
    Github,
    /// For code scanning and editors: SARIF 2.1.0
    Sarif,
    /// For test reports: JUnit XML, a test for each file
    Junit,
    /// For GitLab: a Code Quality report
    Gitlab,
}

pub fn run(args: &ValidateArgs, invocation: &Invocation<'_>, terminal: &mut Terminal) -> Result<Exit, CommandError> {
    let as_of = args.as_of.unwrap_or_else(Utc::now);
    let checked = checking::check(&args.manifests.paths, &invocation.settings, as_of);
    let (findings, sources) = (&checked.findings, &checked.loaded.sources);
    let text = match args.format {
        Format::Human => checked.told(terminal.has_color()),
        Format::Json => report::json::report(findings, sources, checked.totals()).to_text(),
        Format::Github => report::github::render(findings, sources, &root(), &checked.told(terminal.has_color())),
        Format::Sarif => report::sarif::render(findings, sources, &root()),
        Format::Junit => report::junit::render(findings, sources),
        Format::Gitlab => report::gitlab::render(findings, sources, &root()),
    };
    write!(terminal.out(), "{text}").map_err(CommandError::Output)?;
    let exit = checked.exit();
    // The process ends here; giving the trees of ten thousand manifests back one by one would delay that.
    std::mem::forget(checked);
    Ok(exit)
}

/// The repository that this is, for platforms that know files by their path in it.
fn root() -> Root {
    // Where even the current directory cannot be told, paths stay as they were given.
    let current = std::env::current_dir().unwrap_or_default();
    let root = current.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&current).to_owned();
    Root::new(root, current)
}
