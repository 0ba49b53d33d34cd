//! What a comment holds besides its head, as far as there is room for it.

use super::super::week::Week;
use super::super::{Objection, Plan};
use super::{details, lists, table, week_grid};

/// Each part from its first piece on; nothing of a part unless all of the parts before it are whole. Thus what is
/// last here is left out first.
#[derive(Debug, Default)]
pub struct Contents {
    warnings: Vec<String>,
    refusals: Vec<String>,
    notes: Vec<String>,
    rows: Vec<String>,
    orphans: Vec<String>,
    details: Vec<String>,
    /// One for each of the first details, empty where the action touches no time.
    grids: Vec<String>,
}

/// How many pieces a part has, in the order of the parts, each with the word for one and for several.
pub type Counts = [(usize, &'static str, &'static str); 7];

impl Contents {
    /// As much as fits.
    pub fn within(room: usize, plan: &Plan, objections: &[Objection]) -> Self {
        let mut room = Room { left: room, is_full: false };
        let changed = || plan.actions.iter().filter(|action| !action.is_refused());
        // In the order of the parts.
        let warnings = room.take(0, lists::raised(plan).into_iter().chain(objections.iter().map(lists::warning)));
        let refusals = room.take(frame(lists::REFUSED), plan.actions.iter().filter_map(lists::refusal));
        let notes = room.take(frame(lists::COMPARED), lists::notes(plan));
        let rows = room.take(frame(table::HEAD), plan.actions.iter().map(table::row));
        let orphans =
            room.take(frame(&lists::orphans_head(plan.orphans.len())), plan.orphans.iter().map(lists::orphan));
        let details = room.take(0, changed().map(details::block));
        let grids = room.take(0, changed().map(|action| week_grid::week_grid(action).unwrap_or_default()));
        Self { warnings, refusals, notes, rows, orphans, details, grids }
    }

    /// How many pieces are here.
    pub fn counts(&self) -> Counts {
        counts([
            self.warnings.len(),
            self.refusals.len(),
            self.notes.len(),
            self.rows.len(),
            self.orphans.len(),
            self.details.len(),
            self.grids.iter().filter(|grid| !grid.is_empty()).count(),
        ])
    }

    /// The parts as they are read.
    pub fn to_markdown(&self, plan: &Plan) -> String {
        let mut text = self.warnings.concat();
        list(table::HEAD, &self.rows, &mut text);
        for (n, block) in self.details.iter().enumerate() {
            let open = block.strip_suffix(details::END).unwrap_or(block);
            let grid = self.grids.get(n).map(String::as_str).unwrap_or_default();
            text.extend([open, grid, details::END]);
        }
        list(lists::REFUSED, &self.refusals, &mut text);
        list(&lists::orphans_head(plan.orphans.len()), &self.orphans, &mut text);
        list(lists::COMPARED, &self.notes, &mut text);
        text
    }
}

/// How many pieces there would be, had everything room.
pub fn all(plan: &Plan, objections: &[Objection]) -> Counts {
    let with_grid = plan.actions.iter().filter(|action| !action.is_refused() && Week::exists(action)).count();
    let refused = plan.counts().refused;
    let changed = plan.actions.len() - refused;
    let notes = 1 + plan.completeness.ignored.len();
    let warnings = objections.len() + usize::from(!plan.header.raised.is_empty());
    counts([warnings, refused, notes, plan.actions.len(), plan.orphans.len(), changed, with_grid])
}

fn counts([warnings, refusals, notes, rows, orphans, details, grids]: [usize; 7]) -> Counts {
    [
        (warnings, "warning", "warnings"),
        (refusals, "reason of a refusal", "reasons of refusals"),
        (notes, "note", "notes"),
        (rows, "row of the table", "rows of the table"),
        (orphans, "schedule that is no longer in the repository", "schedules that are no longer in the repository"),
        (details, "action's fields", "actions' fields"),
        (grids, "week grid", "week grids"),
    ]
}

/// The bytes around the pieces of a list.
fn frame(head: &str) -> usize {
    head.len() + 1
}

fn list(head: &str, items: &[String], text: &mut String) {
    if !items.is_empty() {
        text.push_str(head);
        text.extend(items.iter().map(String::as_str));
        text.push('\n');
    }
}

/// What is left of a number of bytes.
struct Room {
    left: usize,
    /// Something did not fit; nothing does from then on, however small it is.
    is_full: bool,
}

impl Room {
    /// The first pieces that fit, with the bytes of what stands around them all. None is made in vain.
    fn take(&mut self, mut frame: usize, pieces: impl Iterator<Item = String>) -> Vec<String> {
        let mut taken = Vec::new();
        if self.is_full {
            return taken;
        }
        for piece in pieces {
            let Some(left) = self.left.checked_sub(frame + piece.len()) else {
                self.is_full = true;
                break;
            };
            self.left = left;
            frame = 0;
            taken.push(piece);
        }
        taken
    }
}
