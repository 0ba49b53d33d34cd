//! The table of actions, a row for each.

use super::super::{Action, Effect};
use super::escape::inline;
use crate::schedule::Target;

/// The head of the table.
pub const HEAD: &str = "\
| action | kind | name | target | hours a week | next affected start |
| --- | --- | --- | --- | --- | --- |
";

/// The row of an action.
pub fn row(action: &Action) -> String {
    let (verb, kind) = (action.verb(), action.kind());
    let (name, target) = (inline(action.name()), named(action.target()));
    let (hours, start) = (hours(&action.effect), start(&action.effect));
    format!("| {verb} | {kind} | {name} | {target} | {hours} | {start} |\n")
}

/// A campaign or sequence: its name, where it is known, and its id.
pub fn named(target: &Target) -> String {
    match &target.name {
        Some(name) => format!("{} ({})", inline(name), inline(&target.id)),
        None => inline(&target.id),
    }
}

fn hours(effect: &Effect) -> String {
    let (added, removed) = (effect.added_hours_per_week, effect.removed_hours_per_week);
    match (added > 0.0, removed > 0.0) {
        (true, true) => format!("+{added} h, −{removed} h"),
        (true, false) => format!("+{added} h"),
        (false, true) => format!("−{removed} h"),
        (false, false) => "none".to_owned(),
    }
}

fn start(effect: &Effect) -> String {
    let start = effect.next_affected_start.map(|instant| {
        let zone = effect.zone;
        let local = zone.local(instant).format("%a %Y-%m-%d %H:%M");
        inline(&format!("{local} {zone}"))
    });
    start.unwrap_or_default()
}
