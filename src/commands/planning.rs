//! From checked manifests to a plan: what `plan`, `apply` and `watch --plan` have in common.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::checking::Checked;
use super::connection::Connection;
use super::error::CommandError;
use super::listing::{Interest, Questions};
use super::live_capacity::{self, After};
use super::provenance;
use super::targets;
use super::terminal::Terminal;
use super::{DEFAULT_PATH, Invocation, ManifestArgs};
use crate::config::{Settings, Switches};
use crate::genesys::Listing;
use crate::ledger;
use crate::plan::{Completeness, Header, Inputs, Plan, Policy, Request, Wanted, compare};
use crate::schedule::{ScheduleKind, zone};

/// What decides the contents of a plan besides the settings.
#[derive(Debug, clap::Args)]
pub struct PlanningArgs {
    #[command(flatten)]
    pub manifests: ManifestArgs,
    /// Delete owned schedules whose manifest is gone
    #[arg(long)]
    prune: bool,
    /// Take over schedules of others on the targets that manifests name
    #[arg(long)]
    adopt: bool,
    /// Only the schedule with this name; may be given several times
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
}

impl PlanningArgs {
    /// A plan of everything that the manifests declare.
    pub fn of(manifests: ManifestArgs) -> Self {
        Self { manifests, prune: false, adopt: false, only: Vec::new() }
    }

    /// Refuses a `--prune` that the policy denies, or that would delete what other manifests declare.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn check_prune(&self, settings: &Settings) -> Result<(), CommandError> {
        if !self.prune {
            return Ok(());
        }
        if settings.denies_prune(&self.switches()) {
            return Err(CommandError::PruneDenied);
        }
        // Names on the command line say which schedules are meant, whatever was read.
        if self.only.is_empty()
            && let Some(part) = part_of(Path::new(DEFAULT_PATH), &self.manifests.paths)
        {
            return Err(CommandError::PruneOfPart { part: part.to_owned() });
        }
        Ok(())
    }

    /// What a saved plan was asked for.
    pub fn of_saved(request: &Request) -> Self {
        let Request { paths, prune, adopt, only } = request.clone();
        Self { manifests: ManifestArgs { paths }, prune, adopt, only }
    }

    /// What is asked for, to be saved with the plan.
    pub fn request(&self) -> Request {
        let Self { manifests, prune, adopt, only } = self;
        Request { paths: manifests.paths.clone(), prune: *prune, adopt: *adopt, only: only.clone() }
    }

    /// What the command line allows, without raised limits.
    pub fn switches(&self) -> Switches {
        Switches { prune: self.prune, adopt: self.adopt, ..Switches::default() }
    }
}

/// Reads the live side and compares.
pub async fn make_plan(
    args: &PlanningArgs,
    invocation: &Invocation<'_>,
    checked: &Checked,
    connection: &Connection,
    terminal: &mut Terminal,
) -> Result<Plan, CommandError> {
    let settings = &invocation.settings;
    let policy = settings.policy(&args.switches());
    let api = connection.api.as_ref();
    let as_of = invocation.now();
    let repository = &checked.loaded.repository;
    let known = targets::look_up(repository, api).await?;
    let wanted = targets::resolve(settings, checked, &known, api.can_change())?;
    let questions = if api.can_change() {
        let limited = live_capacity::limited(repository, &known).into_keys().collect();
        interest(&wanted, limited, policy, settings, &connection.organisation)
    } else {
        Questions::by_target(&wanted)
    };
    let (listing, mut ignored) = questions.ask(api).await?;
    let after = After { wanted: &wanted, live: &listing.schedules, policy, owner: &settings.owner };
    let live = live_capacity::look(repository, &known, after, api, as_of).await?;
    ignored.extend(live.notes);
    checked.tell_more(live.findings, settings, terminal)?;
    ignored.extend(checked.findings.iter().map(|finding| finding.message.clone()));
    let completeness = Completeness {
        pages_fetched: listing.pages,
        objects_seen: listing.seen,
        manifests_considered: wanted.len(),
        ignored,
    };
    let names: BTreeSet<String> = args.only.iter().cloned().collect();
    check_names(&names, &wanted, &listing, settings)?;
    let plan = compare(Inputs {
        header: header(args, invocation, checked, connection),
        owner: settings.owner.clone(),
        wanted,
        passed_over: listing.seen - listing.schedules.len(),
        live: listing.schedules,
        policy,
        can_change: api.can_change(),
        as_of,
        completeness,
    });
    Ok(if names.is_empty() { plan } else { plan.only(&names, &settings.owner) })
}

/// What a plan is made with and from.
pub fn header(args: &PlanningArgs, invocation: &Invocation<'_>, checked: &Checked, connection: &Connection) -> Header {
    let near = args.manifests.paths.first().map_or_else(|| PathBuf::from("."), Clone::clone);
    Header {
        tool: concat!("dialctl ", env!("CARGO_PKG_VERSION")).to_owned(),
        tzdata: zone::database_version().to_owned(),
        org: connection.organisation.clone(),
        api: connection.api.name().to_owned(),
        owner: invocation.settings.owner.to_string(),
        git_commit: provenance::git_commit(&near, invocation.surroundings.environment),
        manifest_digest: checked.loaded.sources.digest(),
    }
}

/// What the plan wants to know of the live side.
fn interest(
    wanted: &[Wanted],
    limited: BTreeSet<String>,
    policy: Policy,
    settings: &Settings,
    organisation: &str,
) -> Questions {
    let (prune, owner) = (policy.prune, &settings.owner);
    match ledger::written_families(&settings.state, organisation, owner.as_str()) {
        Ok(written) => Interest { wanted, limited, written, prune, owner }.in_families(),
        Err(error) => {
            let written = ScheduleKind::ALL.into();
            let mut questions = Interest { wanted, limited, written, prune, owner }.in_families();
            questions.ignored.push(format!("what the ledger says of earlier runs: it cannot be read ({error})"));
            questions
        }
    }
}

/// Refuses names of `--only` that stand for nothing: a misspelt one would look like a plan without changes.
fn check_names(
    names: &BTreeSet<String>,
    wanted: &[Wanted],
    listing: &Listing,
    settings: &Settings,
) -> Result<(), CommandError> {
    let declared = wanted.iter().map(|wanted| wanted.schedule.name.as_str());
    let live = listing.schedules.iter().filter_map(|live| settings.owner.owned_name(live.name.as_deref()?));
    let known: BTreeSet<&str> = declared.chain(live).collect();
    let unknown: Vec<String> = names.iter().filter(|name| !known.contains(name.as_str())).cloned().collect();
    if unknown.is_empty() { Ok(()) } else { Err(CommandError::UnknownNames(unknown)) }
}

/// The first of the paths that lies inside `whole`, unless another of them covers all of it.
fn part_of<'a>(whole: &Path, paths: &'a [PathBuf]) -> Option<&'a Path> {
    let whole = whole.canonicalize().ok()?;
    let real = |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
    if paths.iter().any(|path| whole.starts_with(real(path))) {
        return None;
    }
    paths.iter().find(|path| real(path).starts_with(&whole)).map(PathBuf::as_path)
}
