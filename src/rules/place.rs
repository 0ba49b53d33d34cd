//! Places within documents, as the rules name them, and their order.

use std::cmp::Ordering;

use super::{DocumentId, Place};
use crate::schedule::{Slot, Zone};

/// The value at a JSON pointer of a document.
pub fn value(document: DocumentId, pointer: impl Into<String>) -> Place {
    Place::Value { document, pointer: pointer.into() }
}

/// Where the n-th inclusion that a slot carries stands in its manifest. On another clock than the schedule's
/// some may have had no time at all, so that only the list is certain.
pub fn inclusion(slot: &Slot, schedule_zone: Zone, n: usize) -> String {
    if slot.zone == schedule_zone { format!("/spec/inclusions/{n}") } else { "/spec/inclusions".to_owned() }
}

/// The key at a JSON pointer of a document, or the closest one around it.
pub fn key(document: DocumentId, pointer: impl Into<String>) -> Place {
    Place::Key { document, pointer: pointer.into() }
}

/// The order in which places are shown: by document, then along the pointer, list items by number.
pub fn order(a: &Place, b: &Place) -> Ordering {
    match (position(a), position(b)) {
        (Some((a, at)), Some((b, bt))) => a.cmp(&b).then_with(|| steps(at).cmp(steps(bt))),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

fn position(place: &Place) -> Option<(DocumentId, &str)> {
    match place {
        Place::Value { document, pointer } | Place::Key { document, pointer } => Some((*document, pointer)),
        Place::Bytes { .. } | Place::Path(_) => None,
    }
}

fn steps(pointer: &str) -> impl Iterator<Item = (Option<u64>, &str)> {
    pointer.split('/').map(|step| (step.parse().ok(), step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_ordered_by_number_and_documents_come_first() {
        let at = |document, pointer: &str| value(DocumentId(document), pointer);
        let sorted = [
            at(0, "/spec"),
            at(0, "/spec/dailySlots/2"),
            at(0, "/spec/dailySlots/2/every"),
            at(0, "/spec/dailySlots/10"),
            at(1, "/kind"),
        ];
        let mut shuffled = sorted.clone();
        shuffled.reverse();
        shuffled.sort_by(order);
        assert_eq!(shuffled, sorted);
    }
}
