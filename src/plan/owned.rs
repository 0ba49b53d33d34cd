//! How many live schedules an owner has, which is what limits on their change are held against.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schedule::ScheduleKind;

use super::{Operation, Refusal};

/// How many live schedules of each kind are the owner's, with those that are taken over; kinds without any are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Owned(BTreeMap<ScheduleKind, usize>);

impl Owned {
    /// Counts one more of a kind.
    pub fn add(&mut self, kind: ScheduleKind) {
        *self.0.entry(kind).or_default() += 1;
    }

    /// Counts the live schedule of an operation, unless it is somebody else's and stays so.
    pub fn add_of(&mut self, operation: &Operation, refusal: Option<&Refusal>) {
        let is_of_others = matches!(refusal, Some(Refusal::NotOurs { .. }));
        if operation.live().is_some() && !is_of_others {
            self.add(operation.kind());
        }
    }

    /// How many there are of a kind, or of all.
    pub fn count(&self, kind: Option<ScheduleKind>) -> usize {
        match kind {
            Some(kind) => self.0.get(&kind).copied().unwrap_or_default(),
            None => self.0.values().sum(),
        }
    }
}
