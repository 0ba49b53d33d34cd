//! Who is told: a receiver of events.

use std::collections::BTreeSet;

use reqwest::header::HeaderMap;

use super::address::Address;
use super::event::{Event, EventType};
use super::signature::SigningSecret;
use super::wire::Format;
use crate::schedule::Selector;

/// The receiver that `WFM_WEBHOOK_URL` stands for.
pub const WFM: &str = "wfm";

/// A receiver of events.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// What it is called. The ledger and all messages know it by this name.
    pub name: String,
    /// Where it listens.
    pub address: Address,
    /// What it is told about.
    pub interest: Interest,
    /// What requests to it look like.
    pub format: Format,
    /// What requests to it are signed with, each with all of them; not at all without any.
    pub secrets: Vec<SigningSecret>,
    /// Headers that it asks for besides. Their values are secrets and marked so.
    pub headers: HeaderMap,
}

/// What a receiver is told about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// The types of events; all of them where there are none.
    pub events: BTreeSet<EventType>,
    /// The labels of the schedules.
    pub selector: Selector,
}

impl Interest {
    /// Whether it covers an event.
    pub fn covers(&self, event: &Event) -> bool {
        let is_meant = self.events.is_empty() || self.events.contains(&event.event_type());
        is_meant && self.selector.matches(&event.labels)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use super::super::event::tests::event;
    use super::*;

    /// A receiver at an address, with nothing besides.
    pub fn receiver(name: &str, address: &str) -> Receiver {
        Receiver {
            name: name.to_owned(),
            address: Address::parse(address).unwrap(),
            interest: Interest::default(),
            format: Format::Mission,
            secrets: Vec::new(),
            headers: HeaderMap::new(),
        }
    }

    #[test]
    fn types_and_labels_must_both_be_meant() {
        let labels = |team: &str| BTreeMap::from([("team".to_owned(), team.to_owned())]);
        for (events, match_labels, covers) in [
            (vec![], BTreeMap::new(), true),
            (vec![EventType::ScheduleCreated, EventType::ScheduleDeleted], BTreeMap::new(), true),
            (vec![EventType::ScheduleDeleted], BTreeMap::new(), false),
            (vec![], labels("retention"), true),
            (vec![], labels("sales"), false),
            (vec![EventType::ScheduleUpdated], labels("retention"), false),
        ] {
            let interest = Interest { events: events.into_iter().collect(), selector: Selector { match_labels } };
            assert_eq!(interest.covers(&event(7, "spring")), covers, "{interest:?}");
        }
    }
}
