//! GitOps for Genesys Cloud outbound dialing schedules.
//!
//! The map of the crate, top to bottom; arrows point down this list or to [`schedule`]:
//!
//! - [`genesys`]: the port that the rest of the program talks to, and the HTTP client behind it
//! - [`rules`]: what makes a repository of schedules wrong, as pure functions; findings as data
//! - [`schedule`]: the domain: timetables, slots, zones, occurrences, semantic equality

pub mod exit;
pub mod genesys;
pub mod rules;
pub mod schedule;
