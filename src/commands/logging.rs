//! Messages on stderr for those who want to see how a run goes.

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt;

use super::GlobalArgs;
use super::bar::AboveBar;
use super::terminal::Terminal;

/// The format of the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Starts the messages as the command line asks for.
///
/// Only this program's own messages are shown, however verbose: those of the HTTP libraries would
/// print headers, and with them the token.
pub fn start(global: &GlobalArgs, terminal: &Terminal) {
    let level = match (global.quiet, global.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::INFO,
        (false, 2) => LevelFilter::DEBUG,
        (false, _) => LevelFilter::TRACE,
    };
    let filter = tracing_subscriber::EnvFilter::new(format!("off,dialctl={level}"));
    let bar = terminal.bar();
    let messages = fmt().with_env_filter(filter).with_writer(move || AboveBar(bar.clone())).with_target(false);
    // A second start, as in tests, changes nothing.
    let _ = match global.log_format {
        LogFormat::Text => messages.with_ansi(terminal.has_color_on_stderr()).compact().try_init(),
        LogFormat::Json => messages.json().flatten_event(true).try_init(),
    };
}
