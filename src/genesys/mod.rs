//! The conversation with Genesys Cloud: the port in the program's own words, and what stands behind it.

pub mod error;
pub mod port;

pub use error::{ApiError, Failure, RequestLine};
pub use port::{Answer, Listing, ScheduleApi, Scope};
