//! `--max-updates` and `--max-deletes`: limits that are replaced for this one run.

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

use crate::plan::{Limited, Raise, Raised};

/// The options as they stand on the command line.
#[derive(Debug, Args)]
struct RaiseArgs {
    /// Allow this many updates in this run, whatever the limits say, or this many of a kind, for example
    /// SequenceSchedule=2; may be given several times
    #[arg(long, value_name = "N|KIND=N")]
    max_updates: Vec<Raise>,
    /// Allow this many deletes in this run, whatever the limits say, or this many of a kind; may be given several
    /// times
    #[arg(long, value_name = "N|KIND=N")]
    max_deletes: Vec<Raise>,
}

/// Two numbers for the same limit are wrong usage: nobody can tell which is meant.
impl TryFrom<RaiseArgs> for Raised {
    type Error = Error;

    fn try_from(args: RaiseArgs) -> Result<Self, Error> {
        let mut raised = Self::default();
        let updates = args.max_updates.into_iter().map(|raise| (Limited::Update, raise));
        let deletes = args.max_deletes.into_iter().map(|raise| (Limited::Delete, raise));
        for (limited, raise) in updates.chain(deletes) {
            if let Some(number) = raised.raise(limited, raise) {
                let (flag, before) = (limited.flag(), Raise { number, ..raise });
                let message =
                    format!("`{flag} {before}` and `{flag} {raise}` are for the same limit; give one of them");
                return Err(Error::raw(ErrorKind::ArgumentConflict, message));
            }
        }
        Ok(raised)
    }
}

impl Args for Raised {
    fn augment_args(command: Command) -> Command {
        RaiseArgs::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        RaiseArgs::augment_args_for_update(command)
    }
}

impl FromArgMatches for Raised {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        RaiseArgs::from_arg_matches(matches)?.try_into()
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
