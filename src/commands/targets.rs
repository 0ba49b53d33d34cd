//! From declared schedules to wanted ones: whose campaign or sequence is which, on this platform.

use std::collections::{BTreeMap, BTreeSet};

use super::error::CommandError;
use super::planning::Checked;
use crate::config::Settings;
use crate::genesys::ScheduleApi;
use crate::plan::{Source, Wanted};
use crate::rules::Declared;
use crate::schedule::{DesiredSchedule, Schedule, ScheduleKind, Target, TargetRef};

/// The declared schedules with their targets known.
pub async fn resolve(
    settings: &Settings,
    checked: &Checked,
    api: &dyn ScheduleApi,
) -> Result<Vec<Wanted>, CommandError> {
    let declared = &checked.loaded.repository.schedules;
    let mut names: BTreeMap<ScheduleKind, BTreeSet<String>> = BTreeMap::new();
    for Declared { item, .. } in declared {
        if let TargetRef::Name(name) = &item.target {
            names.entry(item.kind).or_default().insert(name.clone());
        }
    }
    let mut known: BTreeMap<(ScheduleKind, String), Vec<Target>> = BTreeMap::new();
    for (kind, names) in names {
        let found = api.find_targets(kind, &names).await?;
        known.extend(found.into_iter().map(|(name, targets)| ((kind, name), targets)));
    }
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
        let target = match target_of(item, &known) {
            Ok(target) => target,
            Err(problem) => {
                problems.push(at(problem));
                continue;
            }
        };
        // Validation has seen targets that are written alike; one by id and one by name meet only here.
        let other = driven.insert((item.kind, target.id.clone()), source.clone());
        if let Some(other) = other.filter(|_| api.can_change()) {
            let (field, id) = (item.kind.target_field(), &target.id);
            problems.push(at(format!("the {field} {id} is already driven by {}:{}", other.file, other.line)));
            continue;
        }
        let schedule = DesiredSchedule {
            kind: item.kind,
            name: item.name.clone(),
            live_name: settings.owner.live_name(&item.name),
            target,
            timetable: item.timetable.clone(),
            capacity: item.capacity,
        };
        wanted.push(Wanted { schedule, source, stores_capacity: !api.can_change() });
    }
    if problems.is_empty() { Ok(wanted) } else { Err(CommandError::Targets(problems)) }
}

fn target_of(schedule: &Schedule, known: &BTreeMap<(ScheduleKind, String), Vec<Target>>) -> Result<Target, String> {
    let name = match &schedule.target {
        TargetRef::Id(id) => return Ok(Target { id: id.clone(), name: None }),
        TargetRef::Name(name) => name,
    };
    let field = schedule.kind.target_field();
    match known.get(&(schedule.kind, name.clone())).map_or(&[][..], Vec::as_slice) {
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
