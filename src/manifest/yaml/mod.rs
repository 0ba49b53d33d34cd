//! YAML read once: text to a tree in which every value and every key knows its bytes.
//!
//! Scalars follow the core schema of YAML 1.2, so `yes`, `09:00` and `2027-03-01` are text. Everything
//! that needs the parser is in this module, so that the parser can be replaced.

mod broken;
mod build;
mod de;
mod json;
mod load;
mod scalar;
mod tree;

#[cfg(test)]
mod load_tests;

pub use de::DecodeError;
pub use load::{Document, Fault, Problem, Stream, read, read_with_comments};
pub use tree::{Entry, Node, Value, escape_pointer_token};
