//! The sandbox: a strict local stand-in for the service, over real HTTP on loopback.
//!
//! It serves the token endpoint, both APIs (`outbound-schedules`, all five families, and
//! `campaign-schedules`) and the look-ups of targets and queues, to a client that may do everything or
//! only what it is granted. Where the service's behaviour is not known it takes the stricter reading, or
//! the other one of `assumptions`. Tests ask for the journal of requests at `/sandbox/requests`, and set
//! the faults at `/sandbox/faults`.
//!
//! - the state and its operations, pure: `model`, `schedule_checks`, `campaign_window`, `window_overlap`
//! - what it has from the start: `seed_document`, `inventory`
//! - what it assumes where nothing is known: `assumptions`
//! - what the document says: `openapi`, `schedule_content`, `date_time`, `families`, `targets`, `queues`,
//!   `listing`, `refusal`
//! - what surrounds each request: `pipeline`, `login`, `tokens`, `permissions`, `faults`, `journal`, `connection`
//! - the shell: `server`, `options`, `error`, `http`, `lookups`, `authorization`, `admin`, `service`, `store`

mod admin;
mod assumptions;
mod authorization;
mod campaign_window;
mod connection;
mod date_time;
mod error;
mod families;
mod faults;
mod http;
mod inventory;
mod journal;
mod listing;
mod login;
mod lookups;
mod model;
mod openapi;
mod options;
mod permissions;
mod pipeline;
mod queues;
mod refusal;
mod schedule_checks;
mod schedule_content;
mod seed_document;
mod server;
mod service;
mod store;
mod targets;
#[cfg(test)]
mod tests;
mod tokens;
mod window_overlap;

pub use assumptions::{Assumption, Assumptions};
pub use error::SandboxError;
pub use faults::Faults;
pub use inventory::{Inventory, SeedProblem};
pub use openapi::BrokenDocument;
pub use options::{SandboxClock, SandboxOptions};
pub use permissions::{Permission, Permissions, UnknownPermission};
pub use seed_document::{CampaignSeed, DialingMode, DigitalSeed, QueueSeed, SeedDocument, SequenceSeed, SiteSeed};
pub use server::{Sandbox, Seed, start};
pub use store::StoreError;
