//! From manifests to a plan: what `plan`, `apply` and `watch --plan` have in common.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::connection::Connection;
use super::error::CommandError;
use super::live_capacity::{self, After};
use super::provenance;
use super::targets;
use super::terminal::Terminal;
use super::{DEFAULT_PATH, Invocation, ManifestArgs};
use crate::config::{ApiName, Settings, Switches};
use crate::exit::Exit;
use crate::genesys::{Failure, Listing, ScheduleApi, Scope};
use crate::manifest::{self, Loaded};
use crate::plan::{Completeness, Header, Inputs, Plan, Wanted, compare};
use crate::report::{self, Tally, Totals};
use crate::rules::{self, ApiShape, Code, Finding, LiveSide, Severity};
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

    /// What the command line allows, without raised limits.
    pub fn switches(&self) -> Switches {
        Switches { prune: self.prune, adopt: self.adopt, ..Switches::default() }
    }
}

/// Manifests after all checks that need no network.
pub struct Checked {
    /// The manifests.
    pub loaded: Loaded,
    /// Everything found, in the order of places.
    pub findings: Vec<Finding>,
}

impl Checked {
    /// What was looked at.
    pub fn totals(&self) -> Totals {
        let Loaded { repository, sources, .. } = &self.loaded;
        Totals { schedules: repository.schedules.len(), files: sources.file_count() }
    }

    /// The findings and a line over all of them, for people.
    pub fn told(&self, color: bool) -> String {
        let findings = report::human::render(&self.findings, &self.loaded.sources, color);
        format!("{findings}{}\n", report::human::summary(self.totals(), Tally::of(&self.findings)))
    }

    /// Tells what else was found with the platform in view. Errors end the command.
    fn tell_more(&self, found: Vec<Finding>, settings: &Settings, terminal: &mut Terminal) -> Result<(), CommandError> {
        let is_told =
            |found: &Finding| self.findings.iter().any(|told| told.code == found.code && told.place == found.place);
        let mut found = judged(&self.loaded, found, settings);
        // Which allowances are unused was told when all rules had run.
        found.retain(|finding| finding.code != Code::UnusedAllowance && !is_told(finding));
        if found.is_empty() {
            return Ok(());
        }
        let text = report::human::render(&found, &self.loaded.sources, terminal.has_color_on_stderr());
        terminal.tell(&text);
        if Tally::of(&found).errors > 0 { Err(CommandError::OverLiveCapacity) } else { Ok(()) }
    }

    /// The exit code of a validation.
    pub fn exit(&self) -> Exit {
        if self.findings.iter().any(|finding| finding.code == Code::Unreadable) {
            Exit::Failed
        } else if self.findings.iter().any(|finding| finding.severity == Severity::Error) {
            Exit::Invalid
        } else {
            Exit::Done
        }
    }
}

/// Loads and checks manifests, with the days of blackout calendars taken out of the schedules.
pub fn check(paths: &[PathBuf], settings: &Settings, as_of: DateTime<Utc>) -> Checked {
    let mut loaded = manifest::load(paths);
    let mut findings = std::mem::take(&mut loaded.findings);
    let api = match settings.api {
        ApiName::OutboundSchedules => ApiShape::OutboundSchedules,
        ApiName::CampaignSchedules => ApiShape::CampaignSchedules,
    };
    loaded.repository = std::mem::take(&mut loaded.repository).with_blackouts(as_of);
    findings.extend(rules::check(&rules::Context {
        repository: &loaded.repository,
        api,
        as_of,
        live: LiveSide::unasked(),
    }));
    Checked { findings: judged(&loaded, findings, settings), loaded }
}

/// Findings as the repository wants them judged: without those that comments allow, and as bad as it says.
fn judged(loaded: &Loaded, findings: Vec<Finding>, settings: &Settings) -> Vec<Finding> {
    let left = rules::allow(findings, &loaded.allowances, |place| loaded.sources.line(place));
    settings.severities.judge(left)
}

/// Loads and checks manifests, and tells what is wrong on stderr. Errors end the command.
pub fn check_or_tell(paths: &[PathBuf], settings: &Settings, terminal: &mut Terminal) -> Result<Checked, CommandError> {
    let checked = check(paths, settings, Utc::now());
    if !checked.findings.is_empty() {
        let told = checked.told(terminal.has_color_on_stderr());
        terminal.tell(&told);
    }
    match checked.exit() {
        Exit::Done => Ok(checked),
        Exit::Failed => Err(CommandError::UnreadableManifests),
        _ => Err(CommandError::InvalidManifests),
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
    let as_of = Utc::now();
    let repository = &checked.loaded.repository;
    let known = targets::look_up(repository, api).await?;
    let wanted = targets::resolve(settings, checked, &known, api.can_change())?;
    let (listing, mut ignored) = list(&wanted, api).await?;
    let after = After { wanted: &wanted, live: &listing.schedules, policy, owner: &settings.owner };
    let live = live_capacity::look(repository, &known, after, api, as_of).await?;
    ignored.extend(live.notes);
    checked.tell_more(live.findings, settings, terminal)?;
    let sources = &checked.loaded.sources;
    let near = args.manifests.paths.first().map_or_else(|| PathBuf::from("."), Clone::clone);
    ignored.extend(checked.findings.iter().map(|finding| finding.message.clone()));
    let completeness = Completeness {
        pages_fetched: listing.pages,
        objects_seen: listing.schedules.len(),
        manifests_considered: wanted.len(),
        ignored,
    };
    let names: BTreeSet<String> = args.only.iter().cloned().collect();
    check_names(&names, &wanted, &listing, settings)?;
    let header = Header {
        tool: concat!("dialctl ", env!("CARGO_PKG_VERSION")).to_owned(),
        tzdata: zone::database_version().to_owned(),
        org: connection.organisation.clone(),
        api: api.name().to_owned(),
        owner: settings.owner.to_string(),
        git_commit: provenance::git_commit(&near, invocation.surroundings.environment),
        manifest_digest: sources.digest(),
    };
    let plan = compare(Inputs {
        header,
        owner: settings.owner.clone(),
        wanted,
        live: listing.schedules,
        policy,
        can_change: api.can_change(),
        as_of,
        completeness,
    });
    Ok(if names.is_empty() { plan } else { plan.only(&names, &settings.owner) })
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

/// Every live schedule of all families, for the last manifest of a family may be gone; where targets
/// are asked one by one, of those that manifests use.
pub async fn list(wanted: &[Wanted], api: &dyn ScheduleApi) -> Result<(Listing, Vec<String>), CommandError> {
    let mut all = Listing::default();
    let mut ignored = Vec::new();
    for kind in ScheduleKind::ALL {
        let targets: BTreeSet<String> =
            wanted.iter().filter(|w| w.schedule.kind == kind).map(|w| w.schedule.target.id.clone()).collect();
        let is_used = !targets.is_empty();
        if !is_used && !api.can_change() {
            continue;
        }
        match api.list(&Scope { kind, targets }).await {
            Ok(listing) => {
                all.pages += listing.pages;
                all.schedules.extend(listing.schedules);
            }
            Err(error) if !is_used && matches!(error.failure, Failure::NotPermitted { .. }) => {
                ignored.push(format!(
                    "{kind}: the client is not permitted to list them, so none of them is shown or deleted"
                ));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok((all, ignored))
}
