//! What people write: files, YAML with places, documents, their schema, and what they mean.
//!
//! [`load`] is the whole way: files are found and read, each text is parsed once into a tree in which
//! every value knows its bytes, each document is checked against the schema of its kind, and what has
//! no error is lowered to the domain.

mod allowance;
mod check;
mod discover;
pub mod document;
mod load;
mod lower;
mod lower_calendar;
mod lower_slot;
#[cfg(test)]
mod mutation_tests;
mod repair;
mod schema;
mod settings_file;
mod slips;
mod source;
mod text;
mod wording;
pub mod yaml;

pub use check::check;
pub use discover::{MAX_FILE_BYTES, ReadError};
pub use load::{Loaded, load, load_texts};
pub use schema::{Compiled, generator, manifest_schema, pretty};
pub use settings_file::read_checked_settings;
pub use source::{Document, Sources};
pub use text::{DateOrLocalTime, Day, EndTime, LocalBoundary, StartTime};
pub use wording::{harmless, listed, shown};
