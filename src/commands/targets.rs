//! From declared schedules to wanted ones: whose campaign or sequence is which, on this platform.

use std::collections::{BTreeMap, BTreeSet};

use super::checking::Checked;
use super::error::CommandError;
use crate::config::Settings;
use crate::genesys::ScheduleApi;
use crate::plan::{Source, Wanted};
use crate::rules::{Declared, Repository};
use crate::schedule::{DesiredSchedule, ScheduleKind, Target, TargetRef};

/// The campaigns and sequences that manifests name, as the platform knows them.
#[derive(Debug, Default)]
pub struct Known(BTreeMap<(ScheduleKind, String), Vec<Target>>);

/// Looks up every name that manifests use; without any there is no request.
pub async fn look_up(repository: &Repository, api: &dyn ScheduleApi) -> Result<Known, CommandError> {
    let schedules = repository.schedules.iter().map(|one| (one.item.kind, &one.item.target));
    let capacities = repository.campaign_capacities.iter().map(|one| (ScheduleKind::Campaign, &one.item.campaign));
    let mut names: BTreeMap<ScheduleKind, BTreeSet<String>> = BTreeMap::new();
    for (kind, target) in schedules.chain(capacities) {
        if let TargetRef::Name(name) = target {
            names.entry(kind).or_default().insert(name.clone());
        }
    }
    let mut known = Known::default();
    for (kind, names) in names {
        let found = api.find_targets(kind, &names).await?;
        known.0.extend(found.into_iter().map(|(name, targets)| ((kind, name), targets)));
    }
    Ok(known)
}

/// The declared schedules with their targets known.
pub fn resolve(
    settings: &Settings,
    checked: &Checked,
    known: &Known,
    can_change: bool,
) -> Result<Vec<Wanted>, CommandError> {
    let declared = &checked.loaded.repository.schedules;
    let mut wanted: Vec<Wanted> = Vec::new();
    let mut problems = Vec::new();
    let mut driven: BTreeMap<(ScheduleKind, String), Source> = BTreeMap::new();
    for Declared { document, item } in declared {
        let sources = &checked.loaded.sources;
        let source = Source {
            file: sources.document(*document).map_or_else(String::new, |found| sources.path(found.file).to_owned()),
            line: sources.line_of(*document),
            digest: sources.document_digest(*document),
        };
        let at = |text: String| format!("{}:{}: {}: {text}", source.file, source.line, item.name);
        let target = match known.target(item.kind, &item.target) {
            Ok(target) => target,
            Err(problem) => {
                problems.push(at(problem));
                continue;
            }
        };
        // Validation has seen targets that are written alike; one by id and one by name meet only here.
        let other = driven.insert((item.kind, target.id.clone()), source.clone());
        if let Some(other) = other.filter(|_| can_change) {
            let (field, id) = (item.kind.target_field(), &target.id);
            problems.push(at(format!("the {field} {id} is already driven by {}:{}", other.file, other.line)));
            continue;
        }
        let schedule = DesiredSchedule {
            kind: item.kind,
            name: item.name.clone(),
            live_name: settings.owner.live_name(&item.name),
            protect: item.protect,
            target,
            timetable: item.timetable.clone(),
            capacity: item.capacity,
            blackouts: item.blackouts.clone(),
        };
        let labels = item.labels.clone();
        wanted.push(Wanted { schedule, labels, source, stores_capacity: !can_change });
    }
    if problems.is_empty() { Ok(wanted) } else { Err(CommandError::Targets(problems)) }
}

impl Known {
    /// The target that a manifest points at; otherwise why it cannot be told.
    pub fn target(&self, kind: ScheduleKind, target: &TargetRef) -> Result<Target, String> {
        let name = match target {
            TargetRef::Id(id) => return Ok(Target { id: id.clone(), name: None }),
            TargetRef::Name(name) => name,
        };
        let field = kind.target_field();
        match self.0.get(&(kind, name.clone())).map_or(&[][..], Vec::as_slice) {
            [target] => Ok(target.clone()),
            [] => Err(format!("there is no {field} with the name \"{name}\"; correct it, or point at it by id")),
            several => {
                let ids: Vec<&str> = several.iter().map(|target| target.id.as_str()).collect();
                Err(format!(
                    "there are {} {field}s with the name \"{name}\"; point at one by id: {}",
                    ids.len(),
                    ids.join(", ")
                ))
            }
        }
    }
}
