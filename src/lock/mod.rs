//! One apply at a time for each organisation and owner, among all that share a state.
//!
//! In a folder a lock is two files in the folder `locks`. `<organisation>~<owner>.lock` says who holds it; it is
//! replaced as a whole and can be read at any time. `<id>.alive` is locked by the process of the holder for as long as
//! it lives, so that the system itself tells of a holder that was killed. In a store a lock is an object of the same
//! name, and nobody can tell whether its holder lives: one that was killed holds it until it expires.
//!
//! [`claim`] is pure; [`locks`] is what commands use, in front of the two kinds.

pub mod claim;
mod error;
mod folder_lock;
mod folder_locks;
pub mod locks;
mod store_lock;
mod store_locks;

pub use claim::{Claim, Claimant, Scope};
pub use error::LockError;
pub use folder_lock::FolderLock;
pub use folder_locks::FolderLocks;
pub use locks::{Before, Found, Holder, Locks, RunLock};
pub use store_lock::StoreLock;
pub use store_locks::StoreLocks;
