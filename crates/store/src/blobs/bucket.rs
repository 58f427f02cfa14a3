//! Whole and small blobs as objects of an S3-compatible storage. Owns names of objects, time limits and what an answer means.
//!
//! Must not know how an upload grows: that is always on this machine's disk, until [`moving`] has brought it here.

pub(super) mod moving;
pub(super) mod reading;
mod trouble;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{
    BackoffConfig, ClientOptions, GetOptions, ObjectMeta, ObjectStore as _, ObjectStoreExt as _, PutPayload,
    RetryConfig,
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;
use url::Url;
use uuid::Uuid;

pub use trouble::BucketTrouble;
use trouble::of;

use super::{BlobError, BlobKey, BlobKind, Result, SMALL_MAX_BYTES, Stored};

/// How long one request may take; the largest carries [`moving::PART_BYTES`].
const REQUEST_WITHIN: Duration = Duration::from_secs(60);
/// How long a connection may take to stand.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Repetitions of a request that the storage did not take, and how long they go on.
const RETRIES_MAX: usize = 4;
const RETRY_FOR: Duration = Duration::from_secs(90);
// Else a request that was swallowed, which is known only at its end, would never be made again.
const _: () = assert!(RETRY_FOR.as_secs() > REQUEST_WITHIN.as_secs());
/// How long the questions at the start may take in all.
const CHECK_WITHIN: Duration = Duration::from_secs(15);
/// How long whoever asks for readiness waits.
const REACH_WITHIN: Duration = Duration::from_secs(3);
/// Files on their way to the storage at the same time; each has a few parts in memory.
const MOVES_MAX: usize = 2;

/// Where an S3-compatible storage is, and who we are there.
#[derive(Debug, Clone)]
pub struct BucketSettings {
    /// Name of the bucket.
    pub bucket: String,
    /// What all names of objects begin with, without slashes around it; may be empty.
    pub prefix: String,
    /// Address of the storage; buckets are named in the path behind it.
    pub endpoint: Url,
    /// The region that requests are signed for.
    pub region: String,
    /// Name of the key.
    pub key_id: String,
    /// The key itself.
    pub secret: SecretString,
}

/// What a check of the storage found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BucketFacts {
    /// The storage keeps what is deleted as older versions.
    pub keeps_versions: bool,
}

/// Where objects lie that only show whether they can be written.
const CHECKS: &str = "check";

/// The object that says whose files these are.
const OWNER: &str = "instance";
/// Longest id of an owner, bytes.
const OWNER_MAX_BYTES: u64 = 100;

/// An open storage; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    store: Arc<AmazonS3>,
    prefix: Arc<str>,
    /// The name for people, without any secret.
    name: Arc<str>,
    moves: Arc<Semaphore>,
}

const fn part(kind: BlobKind) -> &'static str {
    match kind {
        BlobKind::Partial => "partial",
        BlobKind::Whole => "whole",
        BlobKind::Small => "small",
    }
}

impl Bucket {
    /// Makes no request.
    pub(super) fn new(settings: &BucketSettings) -> Result<Self> {
        let client = ClientOptions::new()
            .with_allow_http(settings.endpoint.scheme() == "http")
            .with_connect_timeout(CONNECT_WITHIN)
            .with_timeout(REQUEST_WITHIN);
        let backoff = BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(5),
            ..BackoffConfig::default()
        };
        let store = AmazonS3Builder::new()
            .with_bucket_name(&settings.bucket)
            .with_endpoint(settings.endpoint.as_str().trim_end_matches('/'))
            .with_region(&settings.region)
            .with_access_key_id(&settings.key_id)
            .with_secret_access_key(settings.secret.expose_secret())
            .with_virtual_hosted_style_request(false)
            // Several storages have no request for many deletions at once.
            .with_disable_bulk_delete(true)
            .with_client_options(client)
            .with_retry(RetryConfig { backoff, max_retries: RETRIES_MAX, retry_timeout: RETRY_FOR })
            .build()
            .map_err(of("set up the storage"))?;
        let prefix = settings.prefix.trim_matches('/');
        let name = format!("s3://{}/{prefix}", settings.bucket);
        Ok(Self {
            store: Arc::new(store),
            prefix: Arc::from(prefix),
            name: Arc::from(name.trim_end_matches('/')),
            moves: Arc::new(Semaphore::new(MOVES_MAX)),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    fn below(&self, rest: &str) -> Path {
        if self.prefix.is_empty() { Path::from(rest) } else { Path::from(format!("{}/{rest}", self.prefix)) }
    }

    fn path(&self, kind: BlobKind, key: &BlobKey) -> Path {
        self.below(&format!("{}/{key}", part(kind)))
    }

    /// Writes, reads and deletes one small object, as all the work here does.
    pub(super) async fn check(&self, nonce: Uuid) -> Result<BucketFacts> {
        let path = self.below(&format!("{CHECKS}/{nonce}"));
        let told: &[u8] = b"written by moloko to see whether it may; it can be deleted";
        let work = async {
            self.bucket_is_there().await?;
            let written =
                self.store.put(&path, PutPayload::from_static(told)).await.map_err(of("write to the storage"))?;
            let read = self.store.get(&path).await.map_err(of("read from the storage"))?;
            let read = read.bytes().await.map_err(of("read from the storage"))?;
            if read != told {
                return Err(BlobError::bucket("read from the storage", BucketTrouble::Altered));
            }
            self.store.delete(&path).await.map_err(of("delete from the storage"))?;
            // The word "null" is the version of whatever has none.
            Ok(BucketFacts { keeps_versions: written.version.is_some_and(|version| version != "null") })
        };
        within(CHECK_WITHIN, "ask the storage", work).await
    }

    /// Whether the storage answers and knows us.
    pub(super) async fn reach(&self) -> Result<()> {
        within(REACH_WITHIN, "ask the storage", self.bucket_is_there()).await
    }

    /// Lists what is never there for long: the one question whose answer tells about the bucket itself at every storage.
    async fn bucket_is_there(&self) -> Result<()> {
        let first = self.store.list(Some(&self.below(CHECKS))).next().await;
        first.transpose().map(drop).map_err(of("ask the storage"))
    }

    /// What an answer "not found" comes to: nobody may take files for gone because the bucket is.
    async fn is_missing<T>(&self, key: &BlobKey) -> Result<T> {
        self.bucket_is_there().await?;
        Err(BlobError::Missing(key.clone()))
    }

    /// What is known about an object.
    async fn facts(&self, path: &Path, key: &BlobKey) -> Result<ObjectMeta> {
        match self.store.head(path).await {
            Ok(facts) => Ok(facts),
            Err(object_store::Error::NotFound { .. }) => self.is_missing(key).await,
            Err(error) => Err(of("measure a stored file")(error)),
        }
    }

    pub(super) async fn len(&self, kind: BlobKind, key: &BlobKey) -> Result<u64> {
        Ok(self.facts(&self.path(kind, key), key).await?.size)
    }

    pub(super) async fn delete(&self, kind: BlobKind, key: &BlobKey) -> Result<bool> {
        let path = self.path(kind, key);
        match self.facts(&path, key).await {
            Ok(_) => {}
            Err(BlobError::Missing(_)) => return Ok(false),
            Err(error) => return Err(error),
        }
        match self.store.delete(&path).await {
            // Also when somebody else was quicker: storages answer both alike.
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(true),
            Err(error) => Err(of("delete a stored file")(error)),
        }
    }

    pub(super) async fn put_small(&self, key: &BlobKey, content: Bytes) -> Result<()> {
        let path = self.path(BlobKind::Small, key);
        self.store.put(&path, PutPayload::from(content)).await.map_err(of("write a small file"))?;
        Ok(())
    }

    pub(super) async fn get_small(&self, key: &BlobKey) -> Result<Option<Bytes>> {
        let path = self.path(BlobKind::Small, key);
        let found = match self.store.get_opts(&path, GetOptions::default()).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return self.bucket_is_there().await.map(|()| None),
            Err(error) => return Err(of("read a small file")(error)),
        };
        let limit = u64::try_from(SMALL_MAX_BYTES).unwrap_or(u64::MAX);
        if found.meta.size > limit {
            return Err(BlobError::TooLong { limit });
        }
        found.bytes().await.map(Some).map_err(of("read a small file"))
    }

    /// The id of the instance whose files lie below the prefix; `None` when nothing says so.
    pub(super) async fn owner(&self) -> Result<Option<String>> {
        let what = "read whose files are at the storage";
        let found = match self.store.get(&self.below(OWNER)).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return self.bucket_is_there().await.map(|()| None),
            Err(error) => return Err(of(what)(error)),
        };
        if found.meta.size > OWNER_MAX_BYTES {
            return Err(BlobError::TooLong { limit: OWNER_MAX_BYTES });
        }
        let bytes = found.bytes().await.map_err(of(what))?;
        Ok(Some(String::from_utf8_lossy(&bytes).trim().to_owned()))
    }

    pub(super) async fn set_owner(&self, id: &str) -> Result<()> {
        let content = PutPayload::from(id.to_owned());
        self.store.put(&self.below(OWNER), content).await.map_err(of("write whose files are at the storage"))?;
        Ok(())
    }

    /// All objects of a kind in the order of their names, a thousand of them in memory.
    pub(super) fn list(&self, kind: BlobKind) -> BoxStream<'static, Result<Stored>> {
        let listed = self.store.list(Some(&self.below(part(kind))));
        listed
            .map_err(of("list the storage"))
            .try_filter_map(|facts| async move {
                // What is not a key is not ours: left alone.
                let key = facts.location.filename().and_then(|name| BlobKey::parse(name).ok());
                Ok(key.map(|key| Stored { key, size_bytes: facts.size, changed_at_s: facts.last_modified.timestamp() }))
            })
            .boxed()
    }
}

/// Ends work that takes longer than whoever asks can wait.
async fn within<T>(limit: Duration, what: &'static str, work: impl Future<Output = Result<T>>) -> Result<T> {
    match tokio::time::timeout(limit, work).await {
        Ok(done) => done,
        Err(_) => Err(BlobError::bucket(what, BucketTrouble::Silent { seconds: limit.as_secs() })),
    }
}
