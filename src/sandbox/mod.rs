//! The sandbox: a strict local stand-in for the service, over real HTTP on loopback.
//!
//! It serves the token endpoint, both APIs (`outbound-schedules`, all five families, and
//! `campaign-schedules`) and the look-ups of targets. Where the service's behaviour is not known it
//! takes the stricter reading. It also keeps a journal of requests, at `GET /sandbox/requests`.
//!
//! - the state and its operations, pure: `model`, `schedule_checks`, `campaign_window`, `window_overlap`
//! - what the document says: `openapi`, `schedule_content`, `date_time`, `families`, `targets`, `listing`
//! - what surrounds each request: `pipeline`, `login`, `tokens`, `faults`, `journal`, `connection`
//! - the shell: `server`, `http`, `lookups`, `service`, `store`

mod campaign_window;
mod connection;
mod date_time;
mod errors;
mod families;
mod faults;
mod http;
mod journal;
mod listing;
mod login;
mod lookups;
mod model;
mod openapi;
mod pipeline;
mod schedule_checks;
mod schedule_content;
mod server;
mod service;
mod store;
mod targets;
#[cfg(test)]
mod tests;
mod tokens;
mod window_overlap;

pub use faults::{Faults, FaultsError};
pub use model::WrongVersion;
pub use openapi::BrokenDocument;
pub use server::{Sandbox, SandboxError, SandboxOptions, Seed, start};
pub use service::{Behaviour, Clock, SetUpError};
pub use store::StoreError;
