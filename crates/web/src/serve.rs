//! Connections: takes them, speaks HTTP/1.1 over them and lets them end. Owns the limits of a connection; what is answered is the
//! router's.
//!
//! HTTP/2 without TLS is refused whatever other crates of the program switch on: in front of the service stands a proxy that speaks
//! HTTP/1.1 to it, and the doors (origin check, limits) are tried over that alone.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// What a connection may take of the process.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections open at once. The next ones wait to be accepted.
    pub connections: usize,
    /// From the end of an answer, or the start of a connection, to the end of the next request's head. Also how long an idle connection
    /// stays open; longer than the 60 s after which common proxies let go of theirs, so that they never write into a closing one.
    pub head: Duration,
    /// How long the other side may take no byte of an answer: whoever does not read keeps no place.
    pub write: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 4_096, head: Duration::from_secs(75), write: Duration::from_secs(75) }
    }
}

/// Pause after the system had no socket to give (too many open files).
const NO_SOCKET: Duration = Duration::from_millis(200);

/// Serves until `stop`, then until every answer that had begun has ended. Whoever cannot wait for the latter drops the future.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: CancellationToken) {
    let open = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(limits.connections));
    let taken = async {
        loop {
            // Never closed.
            let Ok(seat) = Arc::clone(&room).acquire_owned().await else { return };
            let (socket, peer) = accept(&listener).await;
            connect(socket, peer, router.clone(), limits, &open, seat);
        }
    };
    tokio::select! {
        () = taken => {}
        () = stop.cancelled() => {}
    }
    // Nobody new is taken while the last answers are given.
    drop(listener);
    open.shutdown().await;
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(taken) => return taken,
            // Over before it was taken: the visitor's matter.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be taken; it is tried again");
                tokio::time::sleep(NO_SOCKET).await;
            }
        }
    }
}

fn connect(
    socket: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    open: &GracefulShutdown,
    seat: OwnedSemaphorePermit,
) {
    // Small answers leave at once; without it they are only later.
    let _ = socket.set_nodelay(true);
    let mut line = TimeoutStream::new(socket);
    line.set_write_timeout(Some(limits.write));
    let answer = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request.map(Body::new))
    });
    let talk = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .serve_connection(TokioIo::new(Box::pin(line)), answer);
    let talk = open.watch(talk);
    tokio::spawn(async move {
        if let Err(error) = talk.await {
            // Broken lines and nonsense of visitors; nobody's name is in it.
            tracing::debug!(%error, "a connection ended early");
        }
        drop(seat);
    });
}
