//! The plan as the comment on a pull request: Markdown as GitHub reads it, kept to a number of bytes.

mod contents;
mod details;
mod escape;
mod lists;
mod table;
#[cfg(test)]
pub(super) mod tests;
mod week_grid;

use super::{Objection, Plan, json};
use contents::{Contents, Counts};

/// The fewest bytes that a comment can be kept to.
pub const SMALLEST_BUDGET: u32 = 200;

/// The first line of every comment begins with this, so that a later plan can take its place.
pub const MARKER: &str = "<!-- dialctl plan ";

/// Where all is shown.
const SHOWS_ALL: &str = "`dialctl plan` shows all.";

/// The plan and what apply will refuse of it, in at most `budget` bytes. What does not fit is left out as a whole: the
/// week grids from the last one on, then the fields of the actions likewise, then schedules that are no longer in the
/// repository, then rows of the table, then notes, then reasons. A line at the top says so.
pub fn to_markdown(plan: &Plan, objections: &[Objection], budget: usize) -> String {
    let marker = format!("{MARKER}{} -->\n", json::digest(plan));
    let counts = plan.counts();
    let headline = format!("\n**{}**", plan.headline());
    let head = format!("{marker}{headline} {} unchanged, {} unmanaged.\n\n", counts.unchanged, counts.unmanaged);
    let all = contents::all(plan, objections);

    // Of the two line ends that all of it ends with, one goes.
    let room = |before: usize| budget.saturating_add(1).checked_sub(before);
    let whole = Contents::within(room(head.len()).unwrap_or_default(), plan, objections);
    if whole.counts() == all {
        return ended(&format!("{head}{}", whole.to_markdown(plan)));
    }
    let longest = left_out(budget, all, Contents::default().counts());
    if let Some(room) = room(head.len() + longest.len()) {
        let part = Contents::within(room, plan, objections);
        let left_out = left_out(budget, all, part.counts());
        return ended(&format!("{head}{left_out}{}", part.to_markdown(plan)));
    }
    let rest = format!("\n\nLeft out: the rest. {SHOWS_ALL}\n");
    let with_headline = format!("{marker}{headline}{rest}");
    if with_headline.len() <= budget { with_headline } else { format!("{}{rest}", marker.trim_end()) }
}

/// For example `**Left out to stay within 60000 bytes:** 3 week grids. ...`, in the order in which it was done.
fn left_out(budget: usize, all: Counts, here: Counts) -> String {
    let parts = all.into_iter().zip(here).rev().filter_map(|((all, one, several), (here, ..))| {
        let missing = all.saturating_sub(here);
        let word = if missing == 1 { one } else { several };
        (missing > 0).then(|| format!("{missing} {word}"))
    });
    let parts: Vec<String> = parts.collect();
    format!("**Left out to stay within {budget} bytes:** {}. {SHOWS_ALL}\n\n", parts.join(", "))
}

/// The text with one end of line.
fn ended(text: &str) -> String {
    format!("{}\n", text.trim_end())
}
