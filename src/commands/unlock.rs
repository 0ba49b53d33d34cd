//! `dialctl unlock`

use chrono::Utc;

use super::Invocation;
use super::error::CommandError;
use super::terminal::Terminal;
use crate::exit::Exit;
use crate::lock::{Holder, Locks};

/// Take a lock away from the run that holds it.
///
/// For a run that hangs: it finishes what it has under way, should it go on after all, and starts nothing more.
/// A run that was killed holds no lock, and one that has started nothing for two hours loses it to the next one. In an
/// object store one that was killed holds its lock for these two hours as well.
#[derive(Debug, clap::Args)]
pub struct UnlockArgs {
    /// Lock to take away, by the id that `apply` and `doctor` tell
    #[arg(value_name = "ID")]
    id: String,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

pub fn run(args: &UnlockArgs, invocation: &Invocation<'_>, terminal: &mut Terminal) -> Result<Exit, CommandError> {
    let locks = invocation.locks()?;
    let found = locks.found()?;
    let Some(lock) = found.iter().find(|lock| lock.claim.id.as_str() == args.id) else {
        return Err(unknown(args, invocation, &locks)?);
    };
    let told = lock.claim.told(Utc::now());
    if !args.yes && terminal.can_ask() {
        let answer = terminal.ask(&format!("Take away the lock {told}? Only `yes` is taken for an answer:"));
        let answer = answer.map_err(|source| CommandError::File { doing: "read the answer".to_owned(), source })?;
        if answer != "yes" {
            return Err(CommandError::NotConfirmed);
        }
    }
    if !locks.take_away(&lock.claim.id)? {
        return Err(unknown(args, invocation, &locks)?);
    }
    writeln!(terminal.out(), "Took away the lock {told}.").map_err(CommandError::Output)?;
    terminal.note(match lock.holder {
        Holder::Lives => "Its run finishes what it has under way, and starts nothing more.",
        Holder::Ended => "Its run had ended already.",
        Holder::OutOfSight => "Should its run live, it finishes what it has under way, and starts nothing more.",
    });
    Ok(Exit::Done)
}

/// Which ids there are instead.
fn unknown(args: &UnlockArgs, invocation: &Invocation<'_>, locks: &Locks) -> Result<CommandError, CommandError> {
    let now = Utc::now();
    let held = locks.found()?.into_iter().filter(|lock| lock.holder != Holder::Ended).map(|lock| lock.claim.told(now));
    Ok(CommandError::UnknownLock {
        id: args.id.clone(),
        state: invocation.settings.state.to_string(),
        held: held.collect(),
    })
}
