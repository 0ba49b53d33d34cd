//! The public API: one schedule object per campaign or sequence, in five families.

mod client;
#[cfg(test)]
mod client_tests;
mod decode;
mod encode;
mod family;
mod listing;
#[cfg(test)]
mod round_trip;
mod stamp;
mod wire;

pub use client::OutboundSchedules;
pub use stamp::IntervalTimes;
