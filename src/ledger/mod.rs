//! The ledger: an append-only, hash-chained record of runs, actions and events, and the delivery of
//! those events.
//!
//! [`record`], [`event`], [`canonical`] and [`chain`] are pure; [`writer`] appends to the file, which
//! several runs may do at once, [`written`] only reads it; [`receiver`], [`webhook`] and [`outbox`] own the network. The
//! writer of a run has one owner: reports of deliveries come back as values, and whoever carries out the run records them.

pub mod canonical;
pub mod chain;
mod checkpoint;
pub mod error;
pub mod event;
mod links;
pub mod memory;
mod notation;
pub mod outbox;
mod query;
mod queue;
pub mod receiver;
pub mod record;
mod tail;
mod verify;
pub mod webhook;
pub mod writer;
pub mod written;

pub use checkpoint::{Checkpoint, InvalidCheckpoint};
pub use error::LedgerError;
pub use event::Event;
pub use memory::{Applied, Memory, ScheduleAt};
pub use outbox::Outbox;
pub use query::{Ended, Query, Row, Search};
pub use receiver::Receiver;
pub use record::{
    ActionKind, ActionRecord, Change, Counts, Entry, FinishedAction, Outcome, Protection, Record, RunStart, Stored,
};
pub use verify::{Flaw, Verdict, Verified, verify};
pub use webhook::Webhook;
pub use writer::Ledger;
pub use written::{begun_with, files};
