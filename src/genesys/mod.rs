//! The conversation with Genesys Cloud: the port in the program's own words, and what stands behind it.
//!
//! [`port::ScheduleApi`] is what the rest of the program sees. Two clients implement it over one
//! [`Transport`]: [`OutboundSchedules`] for the public API, [`CampaignSchedules`] for gateways that keep
//! several schedules per campaign. Listings of whole families are read item by item (`list_reader`), and only
//! what matters is kept. The transport paces ([`pacing`]), repeats ([`retry`]), logs in, and
//! turns everything that can go wrong into an [`ApiError`].

mod auth;
mod authorities;
mod breakage;
mod campaign_lines;
pub mod campaign_schedules;

mod clock;
#[cfg(test)]
mod conversation_tests;
pub mod course;
mod credentials;
mod endpoints;
pub mod error;
mod excerpt;
mod grants;
mod http;
mod list_reader;
mod outbound;
pub mod pacing;
mod page;
pub mod port;
mod reach;
mod refusal;
mod region;
mod reply;
pub mod retry;
#[cfg(test)]
mod scripted_server;
mod secrets;
mod stats;
mod target_names;
mod transport;

pub use authorities::{Authorities, InvalidAuthorities};
pub use campaign_schedules::CampaignSchedules;
pub use clock::Clock;
pub use course::Course;
pub use credentials::Credentials;
pub use endpoints::{Endpoints, InvalidEndpoint};
pub use error::{ApiError, Failure, RequestLine};
pub use grants::{Grants, Right, permissions};
pub use http::NoClient;
pub use outbound::{IntervalTimes, OutboundSchedules};
pub use port::{Answer, Listing, Matter, ScheduleApi, Scope};
pub use reach::Reached;
pub use region::{Region, UnknownRegion};
pub use retry::RetryPolicy;
pub use stats::{RequestOutcome, Stats};
pub use transport::{Transport, TransportOptions};
