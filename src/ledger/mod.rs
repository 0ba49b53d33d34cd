//! The ledger: an append-only, hash-chained record of runs, actions and events, and the delivery of
//! those events.
//!
//! [`record`], [`event`], [`canonical`], [`chain`], [`wire`], [`signature`] and [`attempt`] are pure; [`writer`]
//! appends to the files, which several runs may do at once, [`written`] only reads them; [`run_ledger`] is what a run
//! writes to, in a folder or in a store; [`webhook`] and [`outbox`] own the network. The writer of a run has one owner:
//! reports of deliveries come back as values, and whoever carries out the run records them.

pub mod address;
pub mod attempt;
pub mod canonical;
pub mod chain;
mod checkpoint;
mod copy;
mod disk;
pub mod error;
pub mod event;
mod event_log;
#[cfg(test)]
mod frail_disk;
mod lane;
mod links;
pub mod memory;
mod notation;
pub mod outbox;
mod provenance;
mod query;
mod queue;
pub mod receiver;
pub mod record;
mod run_ledger;
mod segments;
pub mod signature;
mod spool;
mod tail;
mod verify;
pub mod webhook;
pub mod wire;
pub mod writer;
pub mod written;

pub use address::{Address, InvalidAddress};
pub use chain::ledger_schema;
pub use checkpoint::{Checkpoint, InvalidCheckpoint};
pub use copy::Extent;
pub use error::LedgerError;
pub use event::{Event, EventType};
pub use event_log::{Attempt, AttemptOutcome, LoggedEvent, ToReceiver, read_events};
pub use lane::Undelivered;
pub use memory::{Applied, Memory, Owed, ScheduleAt};
pub use outbox::Outbox;
pub use provenance::{Ci, Provenance};
pub use query::{Ended, Query, Row, Search};
pub use receiver::{Interest, Receiver, WFM};
pub use record::{
    ActionKind, ActionRecord, Change, Counts, Entry, FinishedAction, Outcome, Protection, Record, RedeliveryStart,
    RunStart, Stored,
};
pub use run_ledger::{RunLedger, push, refresh, unsent};
pub use segments::Files;
pub use signature::{InvalidSecret, SigningSecret};
pub use verify::{Flaw, Verdict, Verified, verify};
pub use webhook::Webhook;
pub use wire::{Format, Message};
pub use writer::{Ledger, Size};
pub use written::{Lines, begun_with};
