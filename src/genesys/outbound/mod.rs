//! The public API: one schedule object per campaign or sequence, in five families.

mod client;
mod decode;
mod encode;
mod family;
mod stamp;
mod wire;

pub use client::OutboundSchedules;
pub use stamp::IntervalTimes;
