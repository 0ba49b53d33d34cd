//! What the table does not hold: reasons of refusals, what is left alone, and what the plan has not seen.

use super::super::{Action, Objection, Plan};
use super::escape::inline;
use super::table::named;
use crate::schedule::LiveSchedule;

/// Before the refusals.
pub const REFUSED: &str = "**Refused:**\n\n";

/// Before what was compared and what was ignored; without it the list would go on with the one before.
pub const COMPARED: &str = "**Compared:**\n\n";

/// The limits that somebody has replaced; nothing where none is.
pub fn raised(plan: &Plan) -> Option<String> {
    let raised = &plan.header.raised;
    (!raised.is_empty()).then(|| format!("**Raised for this run:** `{raised}`\n\n"))
}

/// That apply will not carry the plan out.
pub fn warning(objection: &Objection) -> String {
    format!("**apply will refuse this plan:** {}\n\n", inline(&objection.to_string()))
}

/// Why an action is refused; nothing for one that is not.
pub fn refusal(action: &Action) -> Option<String> {
    let reason = action.refusal.as_ref()?;
    let (kind, name, reason) = (action.kind(), inline(action.name()), inline(&reason.to_string()));
    Some(format!("- {kind} {name}: {reason}\n"))
}

/// Before the schedules that no manifest declares.
pub fn orphans_head(count: usize) -> String {
    let (schedules, them) = if count == 1 { ("schedule is", "it") } else { ("schedules are", "them") };
    format!("**{count} {schedules} no longer in the repository;** `--prune` deletes {them}:\n\n")
}

/// A schedule that no manifest declares.
pub fn orphan(live: &LiveSchedule) -> String {
    let (kind, name) = (live.kind, inline(live.name.as_deref().unwrap_or_default()));
    format!("- {kind} {name}, {} {}\n", kind.target_field(), named(&live.target))
}

/// What was compared, then what was ignored.
pub fn notes(plan: &Plan) -> impl Iterator<Item = String> {
    let ignored = plan.completeness.ignored.iter().map(|ignored| format!("- Note: {}\n", inline(ignored)));
    std::iter::once(compared(plan)).chain(ignored)
}

fn compared(plan: &Plan) -> String {
    let (seen, header) = (&plan.completeness, &plan.header);
    let (org, api, owner) = (inline(&header.org), inline(&header.api), inline(&header.owner));
    format!(
        "- {org} ({api}), owner {owner}: manifests {}, live schedules {}, of others {}, answers of the API {}\n",
        seen.manifests_considered, seen.objects_seen, plan.unmanaged, seen.pages_fetched
    )
}
