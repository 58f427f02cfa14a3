//! An S3-compatible server in this process, on a port of its own: another project's server over a temporary folder, with its journal of
//! requests and a way to hold one of them. Must not be linked into the product.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use crate::blobs::BucketSettings;

/// Name of the key that it knows.
const KEY_ID: &str = "moloko-test";
/// The key.
const SECRET: &str = "canary-of-the-bucket";
/// Its one bucket.
const BUCKET: &str = "media";

#[derive(Debug, Default)]
struct Journal {
    requests: Mutex<Vec<String>>,
    /// A request whose line holds this text is not answered.
    held: Mutex<Option<String>>,
    is_holding: Notify,
    /// Requests that are worked on, whoever waits for their answers.
    at_work: watch::Sender<usize>,
}

/// A running server; it ends when this is dropped.
#[derive(Debug)]
pub struct BucketServer {
    folder: TempDir,
    address: SocketAddr,
    journal: Arc<Journal>,
    _accepting: AbortOnDropHandle<()>,
}

fn of<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl BucketServer {
    /// Starts one with an empty bucket.
    ///
    /// # Panics
    /// When it cannot be started.
    pub async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join(BUCKET)).unwrap();
        let mut builder = S3ServiceBuilder::new(FileSystem::new(folder.path()).expect("the folder is served"));
        builder.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
        let service = builder.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let journal = Arc::new(Journal::default());
        let accepting = AbortOnDropHandle::new(tokio::spawn(accept(listener, service, Arc::clone(&journal))));
        Self { folder, address, journal, _accepting: accepting }
    }

    /// How it is reached.
    ///
    /// # Panics
    /// Never: its address is one.
    #[must_use]
    pub fn settings(&self) -> BucketSettings {
        BucketSettings {
            bucket: BUCKET.to_owned(),
            prefix: "of/this-test".to_owned(),
            endpoint: Url::parse(&format!("http://{}", self.address)).unwrap(),
            region: "us-east-1".to_owned(),
            key_id: KEY_ID.to_owned(),
            secret: SecretString::from(SECRET),
        }
    }

    /// Method and address of each request so far.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        of(&self.journal.requests).clone()
    }

    /// Forgets them.
    pub fn forget_requests(&self) {
        of(&self.journal.requests).clear();
    }

    /// Holds every request whose line has this text, until [`BucketServer::let_go`]; those that were held are never answered.
    pub fn hold(&self, text: &str) {
        *of(&self.journal.held) = Some(text.to_owned());
    }

    /// Waits until one is held.
    pub async fn holding(&self) {
        self.journal.is_holding.notified().await;
    }

    /// Waits until everything that was asked and is not held is done, also what nobody waits for any more.
    pub async fn at_rest(&self) {
        let mut at_work = self.journal.at_work.subscribe();
        let _ = at_work.wait_for(|count| *count == 0).await;
    }

    /// Answers from now on.
    pub fn let_go(&self) {
        *of(&self.journal.held) = None;
    }

    /// The folder of the bucket: an object is a file of its name.
    #[must_use]
    pub fn objects(&self) -> std::path::PathBuf {
        self.folder.path().join(BUCKET)
    }

    /// Where the server keeps everything, also what was begun and not ended.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

async fn accept(listener: TcpListener, service: S3Service, journal: Arc<Journal>) {
    while let Ok((socket, _)) = listener.accept().await {
        tokio::spawn(serve(socket, service.clone(), Arc::clone(&journal)));
    }
}

async fn serve(socket: TcpStream, service: S3Service, journal: Arc<Journal>) {
    let answer = service_fn(move |request: http::Request<Incoming>| {
        let line = format!("{} {}", request.method(), request.uri());
        of(&journal.requests).push(line.clone());
        let is_held = of(&journal.held).as_ref().is_some_and(|text| line.contains(text));
        let (service, journal) = (service.clone(), Arc::clone(&journal));
        async move {
            if is_held {
                journal.is_holding.notify_one();
                std::future::pending::<()>().await;
            }
            // To its end, as storages do: this server does things in steps, and a client that is killed must not leave it between two.
            journal.at_work.send_modify(|count| *count += 1);
            let work = tokio::spawn(async move {
                let answer = service.call(request.map(s3s::Body::from)).await;
                journal.at_work.send_modify(|count| *count -= 1);
                answer
            });
            work.await.expect("the server does not panic")
        }
    });
    // Whoever broke off is the test's own client.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), answer).await;
}
