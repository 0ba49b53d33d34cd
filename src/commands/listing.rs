//! The live side: which families are listed, and which of their schedules are kept. Every family costs at
//! least one request.

use std::collections::BTreeSet;

use super::error::CommandError;
use super::past::Past;
use crate::genesys::{Failure, Listing, Matter, ScheduleApi, Scope};
use crate::ledger::ActionRecord;
use crate::plan::Wanted;
use crate::schedule::{Owner, ScheduleKind};

/// What a plan depends on, as far as the live side matters to it.
#[derive(Clone, Debug)]
pub struct Interest<'a> {
    /// What manifests ask for.
    pub wanted: &'a [Wanted],
    /// The ids of the voice campaigns with a declared capacity: whatever runs on them uses it.
    pub limited: BTreeSet<String>,
    /// What earlier runs have left behind: this owner may have schedules there, whatever manifests say now.
    pub past: &'a Past,
    /// Whether owned schedules without a manifest are to be deleted, wherever they are.
    pub prune: bool,
    /// Whose schedules the plan is about.
    pub owner: &'a Owner,
}

/// A family that is listed.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What the listing covers.
    pub scope: Scope,
    /// Whether there is no plan without it.
    pub is_needed: bool,
}

/// What is asked of the API, and what is not.
#[derive(Clone, Debug)]
pub struct Questions {
    /// The families that are listed.
    pub asked: Vec<Asked>,
    /// What is left out, and why.
    pub ignored: Vec<String>,
}

impl Interest<'_> {
    /// What to ask of an API that lists whole families. With `all`, the schedules of others are kept, too.
    pub fn in_families(self, all: bool) -> Questions {
        let (mut asked, mut left_out) = (Vec::new(), Vec::new());
        for kind in ScheduleKind::ALL {
            let mut targets = named(self.wanted, kind);
            // What was begun there must not be taken for undone because nobody may look.
            let is_needed = !targets.is_empty() || self.past.has_open(kind);
            if kind == ScheduleKind::Campaign {
                targets.extend(self.limited.iter().cloned());
            }
            if !targets.is_empty() || self.prune || self.past.may_have(kind) {
                // Where the service keeps no names, only the ledger tells which schedules are this owner's.
                targets.extend(self.past.targets(kind));
                let matter = if all { Matter::All } else { Matter::OwnedOrOnTarget(self.owner.clone()) };
                asked.push(Asked { scope: Scope { kind, targets, matter }, is_needed });
            } else {
                left_out.push(kind.manifest_kind());
            }
        }
        let why = (!left_out.is_empty())
            .then(|| format!("{}: not listed, no manifest uses them; `--prune` lists them", left_out.join(", ")));
        Questions { asked, ignored: why.into_iter().collect() }
    }
}

impl Questions {
    /// What to ask of an API that lists by campaign: the campaigns of manifests, and those of `open`, where earlier runs
    /// began what they never finished.
    pub fn by_target(wanted: &[Wanted], open: &[ActionRecord]) -> Self {
        let each = ScheduleKind::ALL.map(|kind| {
            let mut targets = named(wanted, kind);
            targets.extend(open.iter().filter(|begun| begun.kind == kind).map(|begun| begun.campaign_id.clone()));
            Scope { kind, targets, matter: Matter::All }
        });
        let used = each.into_iter().filter(|scope| !scope.targets.is_empty());
        Self { asked: used.map(|scope| Asked { scope, is_needed: true }).collect(), ignored: Vec::new() }
    }

    /// Everything that there is in all families.
    pub fn everything() -> Self {
        let each = ScheduleKind::ALL.map(|kind| Asked { scope: Scope::whole(kind), is_needed: false });
        Self { asked: each.into(), ignored: Vec::new() }
    }

    /// Asks; gives what was found, and what was left out and why.
    ///
    /// # Errors
    /// When a listing fails. One that nobody needs may be one that the client is not permitted.
    pub async fn ask(self, api: &dyn ScheduleApi) -> Result<(Listing, Vec<String>), CommandError> {
        let Self { asked, mut ignored } = self;
        let mut all = Listing::default();
        for Asked { scope, is_needed } in asked {
            match api.list(&scope).await {
                Ok(listing) => {
                    all.pages += listing.pages;
                    all.seen += listing.seen;
                    all.schedules.extend(listing.schedules);
                }
                Err(error) if !is_needed && matches!(error.failure, Failure::NotPermitted { .. }) => {
                    let kind = scope.kind;
                    ignored.push(format!(
                        "{kind}: the client is not permitted to list them, so none of them is shown or deleted"
                    ));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok((all, ignored))
    }
}

/// The ids of the targets of a family that manifests use.
fn named(wanted: &[Wanted], kind: ScheduleKind) -> BTreeSet<String> {
    wanted.iter().filter(|one| one.schedule.kind == kind).map(|one| one.schedule.target.id.clone()).collect()
}
