//! What an earlier run began and never finished: a read tells whether it happened.

use serde_json::Value;

use super::json::view_json;
use super::{Wanted, is_stored_as_sent};
use crate::ledger::{ActionRecord, Change};
use crate::schedule::LiveSchedule;

/// What a read shows of an action that was begun.
#[derive(Clone, Debug)]
pub enum Settlement {
    /// It happened. The schedule as it is stored; none where it was deleted.
    Done(Option<LiveSchedule>),
    /// It did not happen: what is live is what was there before.
    NotDone,
    /// Neither: somebody has changed the target since, and nobody can tell.
    Unclear,
}

/// An action that an earlier run began, and what a read shows of it.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The action.
    pub begun: ActionRecord,
    /// What became of it.
    pub settlement: Settlement,
}

impl Settled {
    /// Tells what became of an action from what is live and what manifests ask for now.
    pub fn of(begun: &ActionRecord, wanted: &[Wanted], live: &[LiveSchedule]) -> Self {
        let is_there = |kind, target: &str| kind == begun.kind && target == begun.campaign_id;
        let found = live.iter().filter(|live| is_there(live.kind, &live.target.id)).cloned().collect();
        let asked = wanted.iter().filter(|one| is_there(one.schedule.kind, &one.schedule.target.id));
        Self { begun: begun.clone(), settlement: judge(&begun.change, asked, found) }
    }
}

fn judge<'a>(change: &Change, wanted: impl Iterator<Item = &'a Wanted>, mut found: Vec<LiveSchedule>) -> Settlement {
    let position = |found: &[LiveSchedule], sought: &Value| found.iter().position(|live| shows(live, sought));
    let (before, after) = match change {
        Change::Create { after } => (None, Some(after)),
        Change::Update { before, after } => (Some(before), Some(after)),
        Change::Delete { before } => (Some(before), None),
    };
    match after {
        None if found.is_empty() => return Settlement::Done(None),
        None => {}
        Some(after) => {
            // The service may write the same times in another way than they were sent. What that means is known as long
            // as the manifest asks for the same.
            let asked = wanted.filter(|one| view_json(&one.schedule.view(one.stores_capacity)) == *after);
            let asked: Vec<&Wanted> = asked.collect();
            let as_asked = |live: &LiveSchedule| asked.iter().any(|one| is_stored_as_sent(live, one));
            if let Some(at) = position(&found, after).or_else(|| found.iter().position(as_asked)) {
                return Settlement::Done(Some(found.swap_remove(at)));
            }
        }
    }
    let is_as_before = match before {
        None => found.is_empty(),
        Some(before) => position(&found, before).is_some(),
    };
    if is_as_before { Settlement::NotDone } else { Settlement::Unclear }
}

/// Whether a live schedule has this normal form; where the service keeps no names, but for its name.
fn shows(live: &LiveSchedule, sought: &Value) -> bool {
    let Some(view) = live.view() else { return false };
    let view = view_json(&view);
    if live.name.is_some() {
        return view == *sought;
    }
    let mut nameless = sought.clone();
    if let Value::Object(fields) = &mut nameless {
        fields.remove("name");
    }
    view == nameless
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::{live, wanted};

    #[test]
    fn what_is_live_tells_whether_it_happened() {
        let view = |start| view_json(&wanted("a", "1", start).schedule.view(false));
        let (ours, nameless) = (Some("dialctl/a"), None);
        let create = Change::Create { after: view("09:00") };
        let update = Change::Update { before: view("09:00"), after: view("10:00") };
        let delete = Change::Delete { before: view("09:00") };
        for (what, change, found, expected) in [
            ("created", &create, vec![live(ours, "1", "09:00")], "done"),
            ("created where no names are kept", &create, vec![live(nameless, "1", "09:00")], "done"),
            ("not created", &create, vec![], "not done"),
            ("created by somebody else", &create, vec![live(Some("by hand"), "1", "09:00")], "unclear"),
            ("updated", &update, vec![live(ours, "1", "10:00")], "done"),
            ("not updated", &update, vec![live(ours, "1", "09:00")], "not done"),
            ("updated by somebody else", &update, vec![live(ours, "1", "11:00")], "unclear"),
            ("deleted by somebody else", &update, vec![], "unclear"),
            ("deleted", &delete, vec![], "done"),
            ("not deleted", &delete, vec![live(ours, "1", "09:00")], "not done"),
            ("replaced", &delete, vec![live(ours, "1", "11:00")], "unclear"),
        ] {
            let told = match judge(change, [].iter(), found) {
                Settlement::Done(_) => "done",
                Settlement::NotDone => "not done",
                Settlement::Unclear => "unclear",
            };
            assert_eq!(told, expected, "{what}");
        }
    }

    #[test]
    fn the_same_times_in_another_notation_are_what_was_asked_for() {
        let sent = wanted("a", "1", "09:00");
        let change = Change::Create { after: view_json(&sent.schedule.view(false)) };
        let mut halves = live(Some("dialctl/a"), "1", "09:00");
        let slots = &mut halves.timetable.as_mut().unwrap().slots;
        slots[0].length = std::num::NonZeroU32::new(7200).unwrap();
        slots.push(crate::schedule::Slot { start: "11:00".parse().unwrap(), ..slots[0].clone() });
        assert!(matches!(judge(&change, [&sent].into_iter(), vec![halves.clone()]), Settlement::Done(Some(_))));
        assert!(matches!(judge(&change, [].iter(), vec![halves]), Settlement::Unclear));
    }
}
