//! What makes a repository of schedules wrong: one file per rule, findings as data. Pure.

mod finding;
mod repository;

pub use finding::{Code, DocumentId, FileId, Finding, Place, Related, Severity};
pub use repository::{CampaignCapacity, CapacityPool, Declared, Repository};
