//! From checked manifests to a plan: what `plan`, `apply` and `watch --plan` have in common.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;

use super::checking::Checked;
use super::connection::Connection;
use super::error::CommandError;
use super::listing::{Interest, Questions};
use super::live_capacity::{self, After};
use super::past::Past;
use super::provenance;
use super::targets::{self, Known};
use super::terminal::Terminal;
use super::{DEFAULT_PATH, Invocation, ManifestArgs};
use crate::config::{LONGEST_GRACE, Settings, Switches};
use crate::genesys::Listing;
use crate::plan::{
    Completeness, Frozen, Grace, Header, Inputs, OnConflict, Plan, Rails, Raised, Request, Wanted, compare,
};
use crate::schedule::zone;

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
    /// What becomes of schedules that were changed both here and in Genesys Cloud since the last apply
    #[arg(long, value_enum, default_value_t)]
    on_conflict: OnConflict,
    #[command(flatten)]
    pub raised: Raised,
    #[command(flatten)]
    pub imminent: ImminentArgs,
}

/// What may be felt at once.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ImminentArgs {
    /// Let apply neither cut nor start dialing that is running or begins within so many minutes; 0 lets it
    /// [env: DIALCTL_GRACE] [default: 15]
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(..=i64::from(LONGEST_GRACE)))]
    grace: Option<u32>,
    /// Let it all the same with the schedule of this name; may be given several times
    #[arg(long, value_name = "NAME")]
    allow_imminent: Vec<String>,
}

impl ImminentArgs {
    /// The grace that holds in this run. In the sandbox none does: nobody is dialed there.
    pub fn grace(&self, invocation: &Invocation<'_>) -> Option<Grace> {
        let minutes = self.grace.unwrap_or(invocation.settings.grace_minutes);
        let allowed = self.allow_imminent.iter().cloned().collect();
        let grace = Grace { within: TimeDelta::minutes(minutes.into()), as_of: invocation.now(), allowed };
        (minutes > 0 && !invocation.in_sandbox).then_some(grace)
    }
}

impl PlanningArgs {
    /// A plan of everything that the manifests declare.
    pub fn of(manifests: ManifestArgs) -> Self {
        let (only, on_conflict, raised) = (Vec::new(), OnConflict::Fail, Raised::default());
        let imminent = ImminentArgs::default();
        Self { manifests, prune: false, adopt: false, only, on_conflict, raised, imminent }
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

    /// The same manifests, looked at for what others have done: all of it counts, whatever the repository asks for.
    pub fn looking_for_drift(&self) -> Self {
        let Self { manifests, adopt, only, raised, imminent, .. } = self;
        let (manifests, only) = (manifests.clone(), only.clone());
        let (raised, imminent) = (raised.clone(), imminent.clone());
        Self { manifests, prune: true, adopt: *adopt, only, on_conflict: OnConflict::Ours, raised, imminent }
    }

    /// What a saved plan was asked for, but for what is allowed otherwise now.
    pub fn of_saved(request: &Request, now: &Self) -> Self {
        let Request { paths, prune, adopt, only, on_conflict, raised: saved } = request.clone();
        let (raised, imminent) = (now.raised.clone().or(&saved), now.imminent.clone());
        Self { manifests: ManifestArgs { paths }, prune, adopt, only, on_conflict, raised, imminent }
    }

    /// What is asked for, to be saved with the plan.
    pub fn request(&self) -> Request {
        let Self { manifests, prune, adopt, only, on_conflict, raised, imminent: _ } = self;
        let (paths, only, raised) = (manifests.paths.clone(), only.clone(), raised.clone());
        Request { paths, prune: *prune, adopt: *adopt, only, on_conflict: *on_conflict, raised }
    }

    /// What apply holds the plan to.
    pub fn rails(&self, invocation: &Invocation<'_>, frozen: Option<Frozen>) -> Rails {
        let limits = invocation.settings.limits(&self.raised);
        Rails { limits, frozen, grace: self.imminent.grace(invocation) }
    }

    /// What the command line allows, without raised limits.
    pub fn switches(&self) -> Switches {
        Switches { prune: self.prune, adopt: self.adopt, on_conflict: self.on_conflict }
    }
}

/// What a plan is made with besides the manifests.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// What earlier runs have left behind.
    pub past: &'a Past,
    /// Whether the live schedules of others are told one by one.
    pub lists_others: bool,
}

/// Reads the live side and compares.
pub async fn make_plan(
    args: &PlanningArgs,
    invocation: &Invocation<'_>,
    checked: &Checked,
    connection: &Connection,
    look: Look<'_>,
    terminal: &mut Terminal,
) -> Result<Plan, CommandError> {
    plan_and_targets(args, invocation, checked, connection, look, terminal).await.map(|(plan, _)| plan)
}

/// The same, with the campaigns and sequences that manifests name.
pub async fn plan_and_targets(
    args: &PlanningArgs,
    invocation: &Invocation<'_>,
    checked: &Checked,
    connection: &Connection,
    look: Look<'_>,
    terminal: &mut Terminal,
) -> Result<(Plan, Known), CommandError> {
    let Look { past, lists_others } = look;
    let settings = &invocation.settings;
    let policy = settings.policy(&args.switches());
    let api = connection.api.as_ref();
    let as_of = invocation.now();
    let repository = &checked.loaded.repository;
    let known = targets::look_up(repository, api).await?;
    let wanted = targets::resolve(settings, checked, &known, api.can_change())?;
    let questions = if api.can_change() {
        let limited = live_capacity::limited(repository, &known).into_keys().collect();
        let interest = Interest { wanted: &wanted, limited, past, prune: policy.prune, owner: &settings.owner };
        interest.in_families(lists_others)
    } else {
        Questions::by_target(&wanted, &past.memory.open)
    };
    let (listing, mut ignored) = questions.ask(api).await?;
    ignored.extend(past.note());
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
    check_names(&names, &wanted, &listing, past, settings)?;
    let plan = compare(Inputs {
        header: header(args, invocation, checked, connection),
        owner: settings.owner.clone(),
        wanted,
        passed_over: listing.seen - listing.schedules.len(),
        live: listing.schedules,
        policy,
        can_change: api.can_change(),
        memory: past.memory.clone(),
        lists_others,
        as_of,
        completeness,
    });
    let plan = if names.is_empty() { plan } else { plan.only(&names, &settings.owner) };
    Ok((plan, known))
}

/// What a plan is made with and from.
pub fn header(args: &PlanningArgs, invocation: &Invocation<'_>, checked: &Checked, connection: &Connection) -> Header {
    let said = provenance::commit(invocation.surroundings.environment);
    Header {
        tool: concat!("dialctl ", env!("CARGO_PKG_VERSION")).to_owned(),
        tzdata: zone::database_version().to_owned(),
        org: connection.organisation.clone(),
        api: connection.api.name().to_owned(),
        owner: invocation.settings.owner.to_string(),
        git_commit: said.or_else(|| checked.checkout.commit()),
        manifest_digest: checked.loaded.sources.digest(),
        raised: args.raised.clone(),
    }
}

/// Refuses names of `--only` that stand for nothing: a misspelt one would look like a plan without changes.
fn check_names(
    names: &BTreeSet<String>,
    wanted: &[Wanted],
    listing: &Listing,
    past: &Past,
    settings: &Settings,
) -> Result<(), CommandError> {
    let declared = wanted.iter().map(|wanted| wanted.schedule.name.as_str());
    let live = listing.schedules.iter().filter_map(|live| settings.owner.owned_name(live.name.as_deref()?));
    let remembered = past.memory.applied.values().map(|applied| applied.name.as_str());
    let known: BTreeSet<&str> = declared.chain(live).chain(remembered).collect();
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
