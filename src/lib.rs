//! GitOps for Genesys Cloud outbound dialing schedules.
//!
//! The map of the crate, top to bottom; arrows point down this list or to [`schedule`]:
//!
//! - [`commands`]: the command line; one file per subcommand
//! - [`config`]: `dialctl.yaml`, and the settings that flags, environment and file add up to
//! - [`manifest`]: what people write: sources and spans, documents, their schema, lowering to the domain
//! - [`report`]: findings rendered for people and for programs
//! - [`calendar`]: when schedules dial, as a grid, as a list of occurrences, as iCalendar
//! - [`rules`]: what makes a repository of schedules wrong, as pure functions; findings as data
//! - [`plan`]: desired and live sides in, a plan out; how it is shown
//! - [`doctor`]: what is well and what is not with everything that a run needs
//! - [`apply`]: carries a plan out through the port
//! - [`genesys`]: the port that the rest of the program talks to, and the HTTP client behind it
//! - [`sandbox`]: a strict local stand-in for the service
//! - [`lock`]: one apply at a time for each organisation and owner
//! - [`metrics`]: the metrics of a run, for Prometheus
//! - [`ledger`]: the append-only record of runs, and the delivery of the events in it
//! - [`store`]: object stores that several machines keep the ledger and the locks in
//! - `retry_after`: how long a server asks to wait
//! - `parallel`: the same work on many items, on all processors
//! - `turn`: one process at a time, for a few writes
//! - [`watch`]: tells when manifests change on disk
//! - [`schedule`]: the domain: timetables, slots, zones, occurrences, semantic equality

pub mod apply;
pub mod calendar;
pub mod commands;
pub mod config;
pub mod doctor;
pub mod exit;
pub mod genesys;
pub mod ledger;
pub mod lock;
pub mod manifest;
pub mod metrics;
mod parallel;
pub mod plan;
pub mod report;
mod retry_after;
pub mod rules;
pub mod sandbox;
pub mod schedule;
pub mod store;
mod turn;
pub mod watch;
