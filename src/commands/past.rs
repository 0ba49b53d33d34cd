//! What earlier runs have left behind, as the ledger of this machine remembers it.

use std::collections::BTreeSet;
use std::path::Path;

use super::Invocation;
use super::connection::Connection;
use crate::ledger::{Extent, Memory};
use crate::schedule::ScheduleKind;

/// What is remembered of earlier runs of this owner in this organisation.
#[derive(Debug)]
pub struct Past {
    /// What they have left behind.
    pub memory: Memory,
    /// Why nothing could be read, if that is so.
    unreadable: Option<String>,
}

impl Past {
    /// Reads what the ledger says.
    pub fn of(invocation: &Invocation<'_>, connection: &Connection) -> Self {
        Self::read(invocation.folder(), &connection.organisation, invocation.settings.owner.as_str())
    }

    /// The same, once the folder is up to date with the store, if there is one.
    pub fn up_to_date(invocation: &Invocation<'_>, connection: &Connection) -> Self {
        match invocation.refresh(Extent::New) {
            Ok(()) => Self::of(invocation, connection),
            Err(error) => Self { memory: Memory::default(), unreadable: Some(error.to_string()) },
        }
    }

    fn read(state: &Path, organisation: &str, owner: &str) -> Self {
        match Memory::read(state, organisation, owner) {
            Ok(memory) => Self { memory, unreadable: None },
            Err(error) => Self { memory: Memory::default(), unreadable: Some(error.to_string()) },
        }
    }

    /// What to say where the ledger cannot be read.
    pub fn note(&self) -> Option<String> {
        let error = self.unreadable.as_ref()?;
        Some(format!("what the ledger says of earlier runs: it cannot be read ({error})"))
    }

    /// Whether the owner may have schedules of this family. Where nobody can tell, it may.
    pub fn may_have(&self, kind: ScheduleKind) -> bool {
        self.unreadable.is_some() || self.memory.families().contains(&kind)
    }

    /// The ids of what drives, or may drive, the owner's schedules of this family.
    pub fn targets(&self, kind: ScheduleKind) -> BTreeSet<String> {
        let applied = self.memory.applied.keys().filter(|(of, _)| *of == kind).map(|(_, target)| target.clone());
        let open = self.memory.open.iter().filter(|begun| begun.kind == kind);
        applied.chain(open.map(|begun| begun.campaign_id.clone())).collect()
    }

    /// Whether an earlier run began something in this family of which nobody knows whether it happened.
    pub fn has_open(&self, kind: ScheduleKind) -> bool {
        self.memory.open.iter().any(|begun| begun.kind == kind)
    }
}
