//! Every fault against every operation: what is stored in the end, how many requests it took, what is told, and
//! what a plan says afterwards. Waits pass on a virtual clock.
//!
//! - the table: `faults`
//! - what is struck: `reads`, `logins`, `writes` (the write itself, the look before a delete, the read-back)
//! - faults that take more than one struck request: `late`, `behind`, `renewal`, `waits`

mod behind;
mod faults;
mod late;
mod logins;
mod reads;
mod renewal;
mod waits;
mod writes;
