//! One apply at a time for each organisation and owner, among all that share a state directory.
//!
//! A lock is two files in the folder `locks`. `<organisation>~<owner>.lock` says who holds it; it is replaced as
//! a whole and can be read at any time. `<id>.alive` is locked by the process of the holder for as long as it
//! lives, so that the system itself tells of a holder that was killed.
//!
//! [`claim`] is pure; [`locks`] owns the folder, and [`run_lock`] is what a run holds.

pub mod claim;
mod error;
pub mod locks;
pub mod run_lock;

pub use claim::{Claim, Claimant, Scope};
pub use error::LockError;
pub use locks::{Found, Locks};
pub use run_lock::{Before, RunLock};
