//! A store for tests, which fails at chosen calls.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use object_store::memory::InMemory;

use super::{Cloud, Location, Object, Put, Store, StoreError, Version};

/// What happens at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It fails and does nothing.
    Before,
    /// It does what it is asked for, and the answer is lost.
    After,
    /// It does what it is asked for, the answer is lost, and so it is tried once more.
    Twice,
}

/// A store in memory that fails at calls.
#[derive(Debug)]
pub struct Faulty {
    store: Arc<dyn Store>,
    calls: AtomicUsize,
    fault: Mutex<Option<(usize, usize, Fault)>>,
}

/// A store in memory, without any fault.
pub fn in_memory() -> Arc<dyn Store> {
    let location: Location = "s3://bucket/prefix".parse().unwrap();
    Arc::new(Cloud::of(&location, Arc::new(InMemory::new())).unwrap())
}

impl Faulty {
    /// The same objects, seen over a connection that works.
    pub fn over(store: &Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self { store: Arc::clone(store), calls: AtomicUsize::new(0), fault: Mutex::new(None) })
    }

    /// Lets so many more calls pass, and then so many fail.
    pub fn fail(&self, pass: usize, fail: usize, fault: Fault) {
        self.calls.store(0, Ordering::Relaxed);
        *self.fault.lock().unwrap() = Some((pass, fail, fault));
    }

    /// How many calls there were since the fault was set.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    fn call<T>(&self, call: impl Fn() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let fault = *self.fault.lock().unwrap();
        let fault = fault.filter(|(pass, fail, _)| (*pass..pass.saturating_add(*fail)).contains(&number));
        match fault.map(|(_, _, fault)| fault) {
            None => return call(),
            Some(Fault::Twice) => {
                call()?;
                return call();
            }
            Some(Fault::After) => drop(call()?),
            Some(Fault::Before) => {}
        }
        Err(StoreError::because("ask", self.store.location(), "it is down"))
    }
}

impl Store for Faulty {
    fn location(&self) -> &Location {
        self.store.location()
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        self.call(|| self.store.list(folder))
    }

    fn get_all(&self, names: &[String]) -> Result<Vec<Option<Object>>, StoreError> {
        self.call(|| self.store.get_all(names))
    }

    fn create(&self, name: &str, bytes: Vec<u8>) -> Result<Put, StoreError> {
        self.call(|| self.store.create(name, bytes.clone()))
    }

    fn replace(&self, name: &str, bytes: Vec<u8>, version: &Version) -> Result<Put, StoreError> {
        self.call(|| self.store.replace(name, bytes.clone(), version))
    }
}
