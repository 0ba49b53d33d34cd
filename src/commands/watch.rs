//! `dialctl watch`

use super::connection::Connection;
use super::error::CommandError;
use super::past::Past;
use super::planning::{self, Look, PlanningArgs};
use super::terminal::Terminal;
use super::{Invocation, ManifestArgs, checking};
use crate::exit::Exit;
use crate::plan::text;
use crate::watch;

/// Validate again whenever manifests change.
///
/// Shows one screen per change, until Ctrl-C.
#[derive(Debug, clap::Args)]
pub struct WatchArgs {
    #[command(flatten)]
    manifests: ManifestArgs,
    /// Plan again, too
    #[arg(long)]
    plan: bool,
}

/// Clears the screen and the lines scrolled out of it, then goes to the top left.
const CLEAR: &str = "\x1b[2J\x1b[3J\x1b[H";

pub async fn run(args: &WatchArgs, invocation: &Invocation<'_>, terminal: &mut Terminal) -> Result<Exit, CommandError> {
    let mut changes = watch::changes(&args.manifests.paths)?;
    let mut stop = std::pin::pin!(super::stop_signal(Exit::Done));
    loop {
        if terminal.is_screen() {
            write!(terminal.out(), "{CLEAR}").map_err(CommandError::Output)?;
        }
        tokio::select! {
            shown = show(args, invocation, terminal) => shown?,
            () = &mut stop => return Ok(Exit::Done),
        }
        let now = chrono::Local::now().format("%H:%M:%S");
        writeln!(terminal.out(), "\n[{now}] watching for changes, Ctrl-C ends").map_err(CommandError::Output)?;
        if terminal.is_closed() {
            return Ok(Exit::Done);
        }
        tokio::select! {
            changed = changes.next() => changed?,
            () = &mut stop => return Ok(Exit::Done),
        }
    }
}

/// Shows the state of the manifests. What is wrong with them, or with the connection, is shown too
/// and may be mended; only a stdout that cannot be written ends the command.
async fn show(args: &WatchArgs, invocation: &Invocation<'_>, terminal: &mut Terminal) -> Result<(), CommandError> {
    let shown = if args.plan {
        plan(args, invocation, terminal).await
    } else {
        let checked = checking::check(&args.manifests.paths, &invocation.settings, invocation.now());
        let told = checked.told(terminal.has_color());
        write!(terminal.out(), "{told}").map_err(CommandError::Output)
    };
    match shown {
        Err(error @ CommandError::Output(_)) => Err(error),
        Err(error) => {
            terminal.error(&error);
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

async fn plan(args: &WatchArgs, invocation: &Invocation<'_>, terminal: &mut Terminal) -> Result<(), CommandError> {
    let checked = checking::check_or_tell(&args.manifests.paths, &invocation.settings, invocation.now(), terminal)?;
    let connection = Connection::open(invocation, &checked.loaded).await?;
    let planning = PlanningArgs::of(args.manifests.clone());
    let past = Past::up_to_date(invocation, &connection);
    let look = Look { past: &past, lists_others: false };
    let plan = planning::make_plan(&planning, invocation, &checked, &connection, look, terminal).await;
    connection.close().await;
    let plan = plan?;
    terminal.show(|out| text::write(&plan, out)).map_err(CommandError::Output)
}
