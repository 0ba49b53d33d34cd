//! The subcommands: one file each, arguments first, then the story of the command.

mod apply;
mod audit;
mod bar;
mod calendar;
mod checking;
mod checkout;
mod connection;
mod counted;
mod deliveries;
mod doctor;
mod error;
mod events;
mod explain;
mod freezing;
mod journal;
mod keeping;
mod listing;
mod live_capacity;
mod locking;
mod logging;
mod past;
mod ping;
mod plan;
mod planning;
mod progress;
mod provenance;
mod raising;
mod receivers;
mod redelivery;
mod sandbox;
mod saved_plan;
mod schema;
mod seed_file;
mod targets;
mod terminal;
mod unlock;
mod validate;
mod watch;

use std::cell::OnceCell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Datelike, Utc};
use clap::{Parser, Subcommand};

use crate::config::{ApiName, Config, Environment, Flags, IntervalZone, Profile, Settings};
use crate::exit::Exit;
use crate::genesys::Clock;
use crate::store::Store;

use error::CommandError;
use terminal::{Color, Terminal};

/// GitOps for Genesys Cloud outbound dialing schedules.
///
/// Schedules are YAML manifests in a git repository; a pull request shows the plan, the main branch
/// applies it.
#[derive(Debug, Parser)]
#[command(name = "dialctl", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done, 1 failed, 2 changes (plan --detailed-exitcode), 3 invalid manifests or \
    configuration, 4 refused by a policy or limit, 5 the saved plan is stale, 6 another run holds the lock, 7 applied in part, 8 not \
    authenticated or permitted, 64 wrong usage.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: GlobalArgs,
}

// What each does is told by the documentation of its arguments; one here would hide it from the help.
#[derive(Debug, Subcommand)]
enum Command {
    Validate(validate::ValidateArgs),
    Plan(plan::PlanArgs),
    Apply(apply::ApplyArgs),
    Audit(audit::AuditArgs),
    Calendar(calendar::CalendarArgs),
    Doctor(doctor::DoctorArgs),
    Events(events::EventsArgs),
    Schema(schema::SchemaArgs),
    Explain(explain::ExplainArgs),
    Sandbox(sandbox::SandboxArgs),
    Unlock(unlock::UnlockArgs),
    Watch(watch::WatchArgs),
}

/// Options of every command.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
struct GlobalArgs {
    /// Configuration file [default: dialctl.yaml, where there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Talk to a sandbox inside this process instead of Genesys Cloud
    #[arg(long, global = true)]
    sandbox: bool,
    /// Region, by AWS name or domain [env: GENESYS_ENV, GENESYSCLOUD_REGION]
    #[arg(long, global = true)]
    region: Option<String>,
    /// API to use [default: outbound-schedules]
    #[arg(long, global = true, value_enum)]
    api: Option<ApiName>,
    /// Base of the API instead of the region's [env: DIALCTL_API_URL]
    #[arg(long, global = true, value_name = "URL")]
    api_url: Option<String>,
    /// Base of the login service instead of the region's [env: DIALCTL_LOGIN_URL]
    #[arg(long, global = true, value_name = "URL")]
    login_url: Option<String>,
    /// Region and credentials of this profile in ~/.gc/config.toml, the file of the vendor's `gc`
    #[arg(long, global = true, value_name = "NAME", conflicts_with = "sandbox")]
    profile: Option<String>,
    /// Trust the certificate authorities in this PEM file too [env: DIALCTL_CA_FILE]
    #[arg(long, global = true, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// How the times of one-off intervals are written and read [default: local]
    #[arg(long, global = true, value_enum)]
    interval_times: Option<IntervalZone>,
    /// Owner of the schedules, the first part of their live names [env: DIALCTL_OWNER] [default: dialctl]
    #[arg(long, global = true)]
    owner: Option<String>,
    /// Requests a minute, at most [default: 300]
    #[arg(long, global = true, value_name = "N")]
    rate_limit: Option<u32>,
    /// Directory of audit ledger and sandbox data, or an object store (s3://, gs://, az://) [env: DIALCTL_STATE] [default: .dialctl]
    #[arg(long, global = true, value_name = "DIR|URL")]
    state: Option<PathBuf>,
    /// When to use colour; NO_COLOR is honoured
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    color: Color,
    /// Tell more on stderr; repeat for debug and trace messages
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Tell only errors on stderr
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Format of the messages on stderr
    #[arg(long, global = true, value_enum, default_value_t = logging::LogFormat::Text)]
    log_format: logging::LogFormat,
}

/// What the program reads of the world around it, once, in `main`; tests give it another one.
pub struct Surroundings {
    /// Looks up an environment variable.
    pub environment: fn(&str) -> Option<String>,
    /// The time that waits are measured with.
    pub clock: Clock,
}

/// One run of the program: its settings, and what it reads of the world around it.
struct Invocation<'a> {
    settings: Settings,
    in_sandbox: bool,
    surroundings: &'a Surroundings,
    /// The store of the state, once it was asked for.
    opened: OnceCell<Arc<dyn Store>>,
}

impl Invocation<'_> {
    /// The calendar's time.
    fn now(&self) -> DateTime<Utc> {
        self.surroundings.clock.calendar().into()
    }
}

/// Runs the program.
pub fn run(arguments: impl IntoIterator<Item = OsString>, surroundings: &Surroundings) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Nothing can be told where neither stdout nor stderr can be written.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Done };
        }
    };
    let mut terminal = Terminal::new(cli.global.color, cli.global.quiet);
    logging::start(&cli.global, &terminal);
    match dispatch(&cli, surroundings, &mut terminal) {
        Ok(exit) => exit,
        Err(error) => {
            terminal.error(&error);
            error.exit()
        }
    }
}

fn dispatch(cli: &Cli, surroundings: &Surroundings, terminal: &mut Terminal) -> Result<Exit, CommandError> {
    // Settings are read by those who need them, so that a broken dialctl.yaml does not keep anybody
    // from writing the schema that tells what is wrong with it.
    let invocation = || {
        let (mut settings, in_sandbox) = (cli.global.settings(&surroundings.environment)?, cli.global.sandbox);
        if in_sandbox {
            settings.state = settings.state.of_sandbox();
        }
        Ok::<_, CommandError>(Invocation { settings, in_sandbox, surroundings, opened: OnceCell::new() })
    };
    match &cli.command {
        Command::Schema(args) => schema::run(args, terminal),
        Command::Explain(args) => explain::run(args, terminal),
        Command::Validate(args) => validate::run(args, &invocation()?, terminal),
        Command::Unlock(args) => unlock::run(args, &invocation()?, terminal),
        Command::Doctor(args) => block_on(doctor::run(args, invocation(), terminal)),
        Command::Plan(args) => block_on(plan::run(args, &invocation()?, terminal)),
        Command::Apply(args) => block_on(apply::run(args, invocation(), terminal)),
        Command::Audit(args) => audit::run(args, &invocation()?, terminal),
        Command::Events(args) => block_on(events::run(args, &invocation()?, terminal)),
        Command::Calendar(args) => block_on(calendar::run(args, &invocation()?, terminal)),
        Command::Sandbox(args) => block_on(sandbox::run(args, &invocation()?, terminal)),
        Command::Watch(args) => block_on(watch::run(args, &invocation()?, terminal)),
    }
}

fn block_on(command: impl Future<Output = Result<Exit, CommandError>>) -> Result<Exit, CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|source| CommandError::File { doing: "start the runtime".to_owned(), source })?.block_on(command)
}

impl GlobalArgs {
    fn settings(&self, environment: Environment<'_>) -> Result<Settings, CommandError> {
        let default = Path::new("dialctl.yaml");
        let file = match &self.config {
            Some(path) => Config::read(path)?,
            None if default.exists() => Config::read(default)?,
            None => Config::default(),
        };
        let flags = Flags {
            owner: self.owner.clone(),
            region: self.region.clone(),
            api: self.api,
            api_url: self.api_url.clone(),
            login_url: self.login_url.clone(),
            interval_times: self.interval_times,
            rate_limit: self.rate_limit,
            state: self.state.clone(),
            ca_file: self.ca_file.clone(),
        };
        let profile = self.profile.as_deref().map(|name| Profile::read(name, environment)).transpose()?;
        Ok(Settings::resolve(flags, profile, file, environment)?)
    }
}

/// Where manifests stand unless the command line says otherwise.
const DEFAULT_PATH: &str = "schedules";

/// The manifests that a command works on.
#[derive(Clone, Debug, clap::Args)]
struct ManifestArgs {
    /// Files or directories of manifests
    #[arg(value_name = "PATH", default_value = DEFAULT_PATH)]
    paths: Vec<PathBuf>,
}

/// An instant in RFC 3339, of the years that calendars reach.
fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    let instant: DateTime<Utc> =
        text.parse().map_err(|error| format!("{error}; write it like 2027-03-01T00:00:00Z"))?;
    if (1..=9998).contains(&instant.year()) {
        Ok(instant)
    } else {
        Err("it lies outside the years 1 to 9998".to_owned())
    }
}

/// Completes when somebody asks the program to end. Whoever asks again does not want to wait for what is
/// under way: the program then ends at once, with this exit code.
async fn stop_signal(asked_again: Exit) {
    asked_to_end().await;
    tokio::spawn(async move {
        asked_to_end().await;
        std::process::exit(i32::from(asked_again as u8));
    });
}

/// Completes at Ctrl-C, or the SIGTERM that pipelines send.
async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
