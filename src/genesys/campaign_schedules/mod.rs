//! The API of some gateways and test doubles: several schedules per campaign, created and listed, never
//! changed. It is not part of the public API.

mod boundaries;
mod client;
mod decode;
mod encode;
mod representable;
#[cfg(test)]
mod round_trip;
mod wire;

pub use client::CampaignSchedules;
pub use representable::{NotRepresentable, representable};
