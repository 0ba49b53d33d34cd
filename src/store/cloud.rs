//! The object stores of three clouds. Their futures run on a thread of their own, so that whoever asks can simply wait,
//! in whatever runtime it is itself.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use object_store::aws::{AmazonS3Builder, S3ConditionalPut};
use object_store::azure::MicrosoftAzureBuilder;
use object_store::client::{HttpClient, HttpConnector, ReqwestConnector};
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{
    Certificate, ClientOptions, Error as Cause, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, PutPayload,
    RetryConfig, UpdateVersion,
};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::error::StoreError;
use super::location::{Location, Provider};
use super::{Object, Put, Store, Version};

/// How often a request is tried that fails for what may pass.
const TRIES: u32 = 3;

/// The longest that one try may take.
const TRY_MAX: Duration = Duration::from_secs(10);

/// The wait after the first try; each next one is three times as long.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// How many objects are read at once.
const CONCURRENCY: usize = 8;

/// A store in a cloud.
pub struct Cloud {
    location: Location,
    objects: Arc<dyn ObjectStore>,
    handle: Handle,
    /// The thread ends when this is dropped.
    _stop: oneshot::Sender<()>,
    /// Whether the last request failed. Then nobody waits long for the next one.
    is_down: AtomicBool,
}

impl Cloud {
    /// Gets ready to use a store. Who asks, and where, say the cloud's own variables; the authorities in a PEM file are
    /// trusted besides those of the system. Nothing is sent yet.
    ///
    /// # Errors
    /// When what those variables say, or the file, cannot be used.
    pub fn open(location: &Location, ca_file: Option<&std::path::Path>) -> Result<Self, StoreError> {
        // Already there where the program has made another client.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let connector = Connector::trusting(ca_file).map_err(|reason| StoreError::because("use", location, reason))?;
        let bucket = bucket(location, connector).map_err(|cause| StoreError::new("use", location, &cause))?;
        Self::of(location, bucket)
    }

    pub(super) fn of(location: &Location, bucket: Arc<dyn ObjectStore>) -> Result<Self, StoreError> {
        let objects: Arc<dyn ObjectStore> = match location.prefix.as_str() {
            "" => bucket,
            prefix => {
                let prefix = path(prefix).map_err(|cause| StoreError::new("use", location, &cause))?;
                Arc::new(PrefixStore::new(bucket, prefix))
            }
        };
        let (handle, stop) = start().map_err(|cause| StoreError::because("use", location, cause.to_string()))?;
        Ok(Self { location: location.clone(), objects, handle, _stop: stop, is_down: AtomicBool::new(false) })
    }

    /// Runs a request on the thread and waits for its answer.
    fn ask<T, F>(
        &self,
        doing: &'static str,
        request: impl Fn(Arc<dyn ObjectStore>) -> F + Send + Sync + 'static,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Cause>> + Send,
    {
        let objects = Arc::clone(&self.objects);
        let tries = if self.is_down.load(Ordering::Relaxed) { 1 } else { TRIES };
        let (sender, receiver) = mpsc::sync_channel(1);
        self.handle.spawn(async move {
            let answer = patiently(tries, || request(Arc::clone(&objects))).await;
            // Whoever asked is waiting below.
            let _ = sender.send(answer);
        });
        let answer = match receiver.recv() {
            Ok(answer) => answer.map_err(|cause| StoreError::new(doing, &self.location, &cause)),
            Err(_) => Err(StoreError::because(doing, &self.location, "the thread that asks it has ended")),
        };
        self.is_down.store(answer.is_err(), Ordering::Relaxed);
        answer
    }

    fn put(&self, name: &str, bytes: Vec<u8>, mode: PutMode) -> Result<Put, StoreError> {
        let (name, payload) = (name.to_owned(), PutPayload::from(bytes));
        self.ask("write to", move |objects| {
            let (name, payload, options) = (path(&name), payload.clone(), PutOptions::from(mode.clone()));
            async move {
                match objects.put_opts(&name?, payload, options).await {
                    Ok(put) => Ok(Put::Done(Version(UpdateVersion { e_tag: put.e_tag, version: put.version }))),
                    Err(Cause::AlreadyExists { .. } | Cause::Precondition { .. }) => Ok(Put::Lost),
                    Err(cause) => Err(cause),
                }
            }
        })
    }
}

/// Connects as the variables say, and trusts more authorities.
#[derive(Debug, Default)]
struct Connector {
    authorities: Vec<Certificate>,
}

impl Connector {
    fn trusting(ca_file: Option<&std::path::Path>) -> Result<Self, String> {
        let Some(path) = ca_file else { return Ok(Self::default()) };
        let unusable = |error: &dyn fmt::Display| format!("the certificates in {}: {error}", path.display());
        let text = std::fs::read(path).map_err(|error| unusable(&error))?;
        let authorities = Certificate::from_pem_bundle(&text).map_err(|error| unusable(&error))?;
        Ok(Self { authorities })
    }
}

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> Result<HttpClient, Cause> {
        let trusting = self.authorities.iter().cloned().fold(options.clone(), ClientOptions::with_root_certificate);
        ReqwestConnector::default().connect(&trusting)
    }
}

impl Store for Cloud {
    fn location(&self) -> &Location {
        &self.location
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        let folder = folder.to_owned();
        self.ask("list", move |objects| {
            let folder = path(&folder);
            async move {
                let listed = objects.list(Some(&folder?)).map_ok(|object| object.location.to_string());
                let mut names: Vec<String> = listed.try_collect().await?;
                names.sort();
                Ok(names)
            }
        })
    }

    fn get_all(&self, names: &[String]) -> Result<Vec<Option<Object>>, StoreError> {
        let names = names.to_vec();
        self.ask("read", move |objects| {
            let names = names.clone();
            async move {
                let read = names.into_iter().map(|name| read(Arc::clone(&objects), name));
                stream::iter(read).buffered(CONCURRENCY).try_collect().await
            }
        })
    }

    fn create(&self, name: &str, bytes: Vec<u8>) -> Result<Put, StoreError> {
        self.put(name, bytes, PutMode::Create)
    }

    fn replace(&self, name: &str, bytes: Vec<u8>, version: &Version) -> Result<Put, StoreError> {
        self.put(name, bytes, PutMode::Update(version.0.clone()))
    }
}

impl fmt::Debug for Cloud {
    /// Without the client, which has the credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cloud").field("location", &self.location).finish_non_exhaustive()
    }
}

fn bucket(location: &Location, connector: Connector) -> Result<Arc<dyn ObjectStore>, Cause> {
    // Tries are counted here, where it is known which of them may be repeated.
    let once = RetryConfig { max_retries: 0, ..RetryConfig::default() };
    let name = location.bucket.as_str();
    Ok(match location.provider {
        Provider::S3 => {
            let builder = AmazonS3Builder::from_env().with_bucket_name(name).with_retry(once);
            let builder = builder.with_conditional_put(S3ConditionalPut::ETagMatch);
            Arc::new(builder.with_http_connector(connector).build()?)
        }
        Provider::Google => {
            let builder = GoogleCloudStorageBuilder::from_env().with_bucket_name(name).with_retry(once);
            Arc::new(builder.with_http_connector(connector).build()?)
        }
        Provider::Azure => {
            let builder = MicrosoftAzureBuilder::from_env().with_container_name(name).with_retry(once);
            Arc::new(builder.with_http_connector(connector).build()?)
        }
    })
}

/// A name as the store has it, nothing written otherwise.
fn path(name: &str) -> Result<Path, Cause> {
    Ok(Path::parse(name)?)
}

async fn read(objects: Arc<dyn ObjectStore>, name: String) -> Result<Option<Object>, Cause> {
    let found = match objects.get(&path(&name)?).await {
        Err(Cause::NotFound { .. }) => return Ok(None),
        found => found?,
    };
    let version = UpdateVersion { e_tag: found.meta.e_tag.clone(), version: found.meta.version.clone() };
    Ok(Some(Object { bytes: found.bytes().await?.into(), version: Version(version) }))
}

/// Tries a request until it succeeds, or fails for what does not pass.
async fn patiently<T, F>(tries: u32, request: impl Fn() -> F) -> Result<T, Cause>
where
    F: Future<Output = Result<T, Cause>>,
{
    let (mut left, mut wait) = (tries, FIRST_WAIT);
    loop {
        let answer = tokio::time::timeout(TRY_MAX, request()).await.unwrap_or_else(|_| {
            let source = format!("there was no answer in {} s", TRY_MAX.as_secs()).into();
            Err(Cause::Generic { store: "object store", source })
        });
        left = left.saturating_sub(1);
        match answer {
            Err(Cause::Generic { .. }) if left > 0 => tokio::time::sleep(wait).await,
            answer => return answer,
        }
        wait *= 3;
    }
}

/// Starts the thread. It runs what it is given until the sender is dropped.
fn start() -> io::Result<(Handle, oneshot::Sender<()>)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (handle, (stop, stopped)) = (runtime.handle().clone(), oneshot::channel::<()>());
    thread::Builder::new().name("store".to_owned()).spawn(move || {
        // That the sender is gone is what is waited for.
        let _ = runtime.block_on(stopped);
    })?;
    Ok((handle, stop))
}

#[cfg(test)]
mod tests {
    use object_store::memory::InMemory;

    use super::*;

    fn cloud() -> Cloud {
        Cloud::of(&"s3://bucket/a/b".parse().unwrap(), Arc::new(InMemory::new())).unwrap()
    }

    #[test]
    fn writes_depend_on_what_is_there() {
        let cloud = cloud();
        assert_eq!(cloud.get("x/1").unwrap(), None);
        let Put::Done(first) = cloud.create("x/1", b"one".to_vec()).unwrap() else { panic!("it was not there") };
        assert_eq!(cloud.create("x/1", b"two".to_vec()).unwrap(), Put::Lost);
        let Put::Done(second) = cloud.replace("x/1", b"two".to_vec(), &first).unwrap() else {
            panic!("it was as read")
        };
        assert_eq!(cloud.replace("x/1", b"three".to_vec(), &first).unwrap(), Put::Lost);
        assert_eq!(cloud.get("x/1").unwrap(), Some(Object { bytes: b"two".to_vec(), version: second }));
    }

    #[test]
    fn objects_are_listed_and_read_in_order_whatever_their_names() {
        let cloud = cloud();
        let names: Vec<String> = ["x/2", "x/10", "x/a%5B~b.lock"].map(str::to_owned).to_vec();
        for name in &names {
            cloud.create(name, name.clone().into_bytes()).unwrap();
        }
        cloud.create("xy/1", Vec::new()).unwrap();
        assert_eq!(cloud.list("x").unwrap(), ["x/10", "x/2", "x/a%5B~b.lock"]);
        let read = cloud.get_all(&names).unwrap();
        let read: Vec<String> = read.into_iter().map(|one| String::from_utf8(one.unwrap().bytes).unwrap()).collect();
        assert_eq!(read, names);
    }

    #[tokio::test]
    async fn can_be_waited_for_in_a_runtime_of_one_thread() {
        assert_eq!(cloud().list("x").unwrap(), Vec::<String>::new());
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_may_pass_is_tried_again() {
        let count = std::cell::Cell::new(0);
        let failing = |make: fn() -> Cause| {
            let count = &count;
            move || {
                count.set(count.get() + 1);
                async move { Err::<(), _>(make()) }
            }
        };
        let passing = || Cause::Generic { store: "S3", source: "reset".into() };
        let lasting = || Cause::PermissionDenied { path: String::new(), source: "no".into() };
        for (make, tries, tried) in [(passing as fn() -> Cause, 3, 3), (passing, 1, 1), (lasting, 3, 1)] {
            count.set(0);
            patiently(tries, failing(make)).await.unwrap_err();
            assert_eq!(count.get(), tried);
        }
        let never = patiently(1, std::future::pending::<Result<(), Cause>>).await.unwrap_err();
        assert!(never.to_string().contains("no answer in 10 s"), "{never}");
    }
}
