//! The conversation with Genesys Cloud: the port in the program's own words, and what stands behind it.

pub mod clock;
pub mod error;
pub mod port;

pub use clock::Clock;
pub use error::{ApiError, Failure, RequestLine};
pub use port::{Answer, Listing, ScheduleApi, Scope};
