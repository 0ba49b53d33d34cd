//! Unknown fields that stand for known ones, so that one slip is told once.

use std::collections::{HashMap, HashSet};

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;

use super::check::{Faults, MAX_FINDINGS};
use crate::rules::nearest;

/// The end of the path of a keyword that asks for a field where another one is not given.
pub(super) const OTHERWISE: &str = "/else/required";

pub(super) fn is_otherwise(error: &ValidationError<'_>) -> bool {
    error.schema_path().as_str().ends_with(OTHERWISE)
}

/// Whether a field is missing only because of another one.
pub(super) fn is_dependent(error: &ValidationError<'_>) -> bool {
    error.schema_path().as_str().ends_with("/dependentRequired")
}

/// A pointer to a field as that of its mapping and the rest.
pub(super) fn split(pointer: &str) -> (&str, &str) {
    pointer.rsplit_once('/').unwrap_or(("", pointer))
}

/// Unknown fields that stand for known ones. That these are missing is then no fault of its own.
#[derive(Default)]
pub(super) struct Slips<'e> {
    /// The fields that are not missing after all, each with the pointer of its mapping.
    found: HashSet<(&'e str, &'e str)>,
    /// The known field that an unknown one stands for, where only one can be meant.
    meant: HashMap<(&'e str, &'e str), &'e str>,
}

impl<'e> Slips<'e> {
    pub fn of(faults: &'e Faults<'_>, errors: &'e [ValidationError<'_>]) -> Self {
        let mut slips = Self::default();
        let mut missing: HashMap<&str, Vec<Vec<&str>>> = HashMap::new();
        for error in errors {
            let lacking = faults.lacking(error);
            if !lacking.is_empty() {
                missing.entry(error.instance_path().as_str()).or_default().push(lacking);
            }
        }
        // Each of these errors gives a finding, and no more of those are told.
        let mut crowded = 0;
        for error in errors {
            if crowded == MAX_FINDINGS {
                break;
            }
            if let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() {
                let at = error.instance_path().as_str();
                let mut odd = Vec::new();
                for key in unexpected.iter().take(MAX_FINDINGS) {
                    match nearest(key, faults.fields(error)) {
                        Some(near) => slips.add(at, key, near),
                        None => odd.push(key.as_str()),
                    }
                }
                slips.pair(faults, missing.remove(at).unwrap_or_default(), at, odd);
                crowded += 1;
            }
        }
        slips
    }

    fn add(&mut self, at: &'e str, key: &'e str, meant: &'e str) {
        self.found.insert((at, meant));
        self.meant.insert((at, key), meant);
    }

    /// Takes fields without likeness for missing ones that would take their values: a `campaign` for the
    /// `sequence` of another kind.
    fn pair(&mut self, faults: &'e Faults<'_>, mut missing: Vec<Vec<&'e str>>, at: &'e str, mut odd: Vec<&'e str>) {
        missing.retain(|lacking| !self.explain(at, lacking));
        let is_certain = odd.len() == 1 && missing.len() == 1;
        for lacking in missing {
            let fitting = lacking.iter().find_map(|field| {
                let position = odd.iter().position(|key| faults.would_fit(at, key, field))?;
                Some((position, *field))
            });
            let Some((position, field)) = fitting else { continue };
            let key = odd.remove(position);
            if is_certain {
                self.add(at, key, field);
            } else {
                self.found.insert((at, field));
            }
        }
    }

    /// Whether one of these fields is there after all, under another name.
    pub fn explain(&self, at: &str, lacking: &[&str]) -> bool {
        lacking.iter().any(|field| self.found.contains(&(at, *field)))
    }

    pub fn meant(&self, at: &str, key: &str) -> Option<&'e str> {
        self.meant.get(&(at, key)).copied()
    }
}
