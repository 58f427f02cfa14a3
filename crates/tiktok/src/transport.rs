//! The border to the network: what a request and an answer are, and the trait that carries one to the other.
//! A transport sends a request once: no redirects, no cookies, no retries, no reading of what it carries.

use std::fmt;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, Stream, StreamExt as _, TryStreamExt as _};
use http::{HeaderMap, Method};
use url::Url;

use crate::error::TransportError;

/// A complete request, ready to be sent once.
pub struct Request {
    /// HTTP method.
    pub method: Method,
    /// Full address; its query may be a secret.
    pub url: Url,
    /// Headers; the bearer token is marked sensitive.
    pub headers: HeaderMap,
    /// What to send.
    pub body: Body,
    /// Time allowed for the whole exchange; `None` leaves it to the transport's own limit.
    pub timeout: Option<Duration>,
    /// Longest body of an answer that is read, bytes.
    pub answer_max_bytes: usize,
}

/// A complete answer; the body is at most [`Request::answer_max_bytes`] long.
pub type Response = http::Response<Bytes>;

/// The bytes of a request.
pub enum Body {
    /// No body.
    Empty,
    /// A body in memory.
    Bytes(Bytes),
    /// A body read while it is sent, exactly as long as declared.
    Stream(SizedStream),
}

/// Sends requests.
///
/// Implementations must send the request at most once, must not follow redirects, must not read more of an answer than
/// [`Request::answer_max_bytes`], and must set `Content-Length` for [`Body::Stream`] from [`SizedStream::len`] instead of using
/// chunked transfer encoding.
pub trait Transport: Clone + Send + Sync + 'static {
    /// Sends one request and reads the whole answer.
    ///
    /// # Errors
    /// When no complete answer arrived; `request_may_have_arrived` must be `true` unless the opposite is certain.
    fn send(&self, request: Request) -> impl Future<Output = Result<Response, TransportError>> + Send;
}

/// Any transport behind one type, so that whoever holds a client need not name how it reaches TikTok.
#[derive(Clone)]
pub struct AnyTransport(Arc<dyn Erased>);

trait Erased: Send + Sync {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>>;
}

impl<T: Transport> Erased for T {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Transport::send(self, request).boxed()
    }
}

impl AnyTransport {
    /// Hides which transport it is.
    pub fn new(transport: impl Transport) -> Self {
        Self(Arc::new(transport))
    }
}

impl fmt::Debug for AnyTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyTransport")
    }
}

impl Transport for AnyTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.0.send(request).await
    }
}

/// A stream that yields exactly the declared number of bytes or fails.
pub struct SizedStream {
    len: u64,
    inner: BoxStream<'static, Result<Bytes, SourceError>>,
}

/// Why the caller's bytes could not be sent as declared.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Reading failed.
    #[error("reading the bytes to upload failed: {0}")]
    Io(#[from] io::Error),
    /// The source ended early.
    #[error("the source ended {missing_bytes} bytes before the declared length")]
    TooShort {
        /// Bytes that were declared and not delivered.
        missing_bytes: u64,
    },
    /// The source delivered more than declared.
    #[error("the source delivered more bytes than declared")]
    TooLong,
}

impl SizedStream {
    /// Declares that `source` will yield `len` bytes; a source that yields more or fewer fails the request.
    pub fn new<S>(source: S, len: u64) -> Self
    where
        S: Stream<Item = Result<Bytes, io::Error>> + Send + 'static,
    {
        let state = (source.boxed(), len);
        let inner = stream::try_unfold(state, |(mut source, left)| async move {
            if left == 0 {
                return Ok(None);
            }
            loop {
                let Some(bytes) = source.try_next().await? else {
                    return Err(SourceError::TooShort { missing_bytes: left });
                };
                if bytes.is_empty() {
                    continue;
                }
                let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                let left = left.checked_sub(len).ok_or(SourceError::TooLong)?;
                return Ok(Some((bytes, (source, left))));
            }
        });
        Self { len, inner: inner.boxed() }
    }

    /// Declared length, bytes.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a declared length, not a collection")]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// The checked stream.
    #[must_use]
    pub fn into_stream(self) -> BoxStream<'static, Result<Bytes, SourceError>> {
        self.inner
    }
}

impl fmt::Debug for SizedStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SizedStream").field("len", &self.len).finish_non_exhaustive()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Bodies hold tokens and captions: only their size may be seen.
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Stream(stream) => write!(f, "Stream({} bytes)", stream.len()),
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("path", &self.url.path())
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn source(parts: &[&'static str]) -> impl Stream<Item = Result<Bytes, io::Error>> + use<> {
        let parts: Vec<_> = parts.iter().map(|part| Ok(Bytes::from_static(part.as_bytes()))).collect();
        stream::iter(parts)
    }

    async fn collect(stream: SizedStream) -> Result<Vec<Bytes>, SourceError> {
        stream.into_stream().try_collect().await
    }

    #[tokio::test]
    async fn a_source_as_long_as_declared_passes() {
        let bytes = collect(SizedStream::new(source(&["ab", "", "c"]), 3)).await.unwrap();
        assert_eq!(bytes.concat(), b"abc");
    }

    #[tokio::test]
    async fn a_short_source_fails_instead_of_ending() {
        let error = collect(SizedStream::new(source(&["ab"]), 3)).await.unwrap_err();
        assert!(matches!(error, SourceError::TooShort { missing_bytes: 1 }));
    }

    #[tokio::test]
    async fn a_long_source_fails_before_the_surplus_is_sent() {
        let error = collect(SizedStream::new(source(&["ab", "cd"]), 3)).await.unwrap_err();
        assert!(matches!(error, SourceError::TooLong));
    }

    #[test]
    fn requests_print_neither_query_nor_headers_nor_body() {
        let request = Request {
            method: Method::PUT,
            url: Url::parse("https://u.tiktokapis.com/video/?upload_token=canary").unwrap(),
            headers: [(http::header::AUTHORIZATION, "Bearer canary".parse().unwrap())].into_iter().collect(),
            body: Body::Bytes(Bytes::from_static(b"canary")),
            timeout: None,
            answer_max_bytes: 0,
        };
        assert!(!format!("{request:?}").contains("canary"));
    }
}
