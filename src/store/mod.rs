//! Where several machines keep a state together: an object store whose writes can depend on what is there.
//!
//! [`Store`] is all that the ledger and the locks ask of one. [`Cloud`] offers it on the services of three clouds.

mod cloud;
mod error;
#[cfg(test)]
pub mod faulty;
mod location;

use std::fmt;

use object_store::UpdateVersion;

pub use cloud::Cloud;
pub use error::StoreError;
pub use location::{InvalidLocation, Location};

/// What tells one state of an object from all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(UpdateVersion);

/// An object as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// What it holds.
    pub bytes: Vec<u8>,
    /// What tells this state of it from all others.
    pub version: Version,
}

/// How a conditional write ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// The object is what was written.
    Done(Version),
    /// The object was not as the condition says. It may be what this very call has written, in a try whose answer was
    /// lost: whoever asks looks at what is there.
    Lost,
}

/// A store of objects. Every call waits for its answer, for half a minute at most.
pub trait Store: fmt::Debug + Send + Sync {
    /// Where it is.
    fn location(&self) -> &Location;

    /// The names of the objects whose names begin with `folder/`, in alphabetical order.
    ///
    /// # Errors
    /// When the store cannot be reached or refuses, as everywhere here.
    fn list(&self, folder: &str) -> Result<Vec<String>, StoreError>;

    /// Reads objects, several at once, and gives them in the order of their names here; nothing where there is none.
    fn get_all(&self, names: &[String]) -> Result<Vec<Option<Object>>, StoreError>;

    /// Makes an object, where there is none of this name.
    fn create(&self, name: &str, bytes: Vec<u8>) -> Result<Put, StoreError>;

    /// Replaces an object, where it is still in the state that was read.
    fn replace(&self, name: &str, bytes: Vec<u8>, version: &Version) -> Result<Put, StoreError>;

    /// Reads an object, where there is one.
    fn get(&self, name: &str) -> Result<Option<Object>, StoreError> {
        Ok(self.get_all(&[name.to_owned()])?.pop().flatten())
    }
}
