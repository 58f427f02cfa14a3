//! The transport for real networks: HTTP/1.1 over rustls with the platform's trust store.
//! It sends once: redirects are not followed, cookies are not kept, environment proxies are not used for loopback.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use bytes::BytesMut;
use http::HeaderValue;
use http::header::CONTENT_LENGTH;
use reqwest::redirect::Policy;

use crate::endpoint::{Endpoints, is_confidential, is_loopback};
use crate::error::{TransportError, TransportErrorKind};
use crate::transport::{Body, Request, Response, SourceError, Transport};

/// Settings of [`HttpTransport`].
#[derive(Clone)]
pub struct HttpOptions {
    /// More certificate authorities to trust, PEM, one or several; the platform's own stay trusted.
    pub extra_ca_pem: Option<Vec<u8>>,
    /// `User-Agent` of every request.
    pub user_agent: String,
    /// Time for name resolution, TCP and TLS together. Ten seconds are a good value.
    pub connect_timeout: Duration,
    /// Time for a whole API call, body included. Thirty seconds are a good value. Chunks have their own, see `put_chunk`.
    pub api_timeout: Duration,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            extra_ca_pem: None,
            user_agent: concat!("tiktok-rust/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_timeout: Duration::from_secs(10),
            api_timeout: Duration::from_secs(30),
        }
    }
}

impl fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpOptions")
            .field("extra_ca", &self.extra_ca_pem.is_some())
            .field("user_agent", &self.user_agent)
            .field("connect_timeout", &self.connect_timeout)
            .field("api_timeout", &self.api_timeout)
            .finish()
    }
}

/// Why a client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The API address would carry secrets in the clear.
    #[error("the API address must be https, or http on a loopback host; it is {scheme}://{host}")]
    Insecure {
        /// Scheme found.
        scheme: String,
        /// Host found.
        host: String,
    },
    /// The extra certificate authority file is not PEM.
    #[error("the extra certificate authority is not a PEM file with at least one certificate")]
    ExtraCa,
    /// TLS or HTTP could not be set up.
    #[error("the HTTP client could not be set up: {0}")]
    Http(String),
}

/// [`Transport`] over a real network. The environment's `HTTPS_PROXY` and `NO_PROXY` apply, except towards loopback.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
    api_timeout: Duration,
}

impl HttpTransport {
    /// Sets up TLS, time limits and the rule that nothing is ever sent twice.
    ///
    /// # Errors
    /// [`SetupError`] for an address that is neither https nor loopback, an unreadable CA file, or a TLS failure.
    pub fn new(endpoints: &Endpoints, options: HttpOptions) -> Result<Self, SetupError> {
        if !is_confidential(&endpoints.api) {
            return Err(SetupError::Insecure {
                scheme: endpoints.api.scheme().to_owned(),
                host: endpoints.api.host_str().unwrap_or_default().to_owned(),
            });
        }
        let mut builder = reqwest::Client::builder()
            .user_agent(options.user_agent)
            .connect_timeout(options.connect_timeout)
            // A connection that idles long is likely to be closed by the other side just when a chunk is sent on it.
            .pool_idle_timeout(Duration::from_secs(20))
            .redirect(Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            // With HTTP/2, whether bytes have left could not be told from whether they were written.
            .http1_only()
            .https_only(endpoints.api.scheme() == "https");
        if is_loopback(&endpoints.api) {
            builder = builder.no_proxy();
        }
        if let Some(pem) = options.extra_ca_pem {
            let certificates = reqwest::Certificate::from_pem_bundle(&pem)
                .ok()
                .filter(|certificates| !certificates.is_empty())
                .ok_or(SetupError::ExtraCa)?;
            builder = builder.tls_certs_merge(certificates);
        }
        let client = builder.build().map_err(|error| SetupError::Http(describe(&error.without_url())))?;
        Ok(Self { client, api_timeout: options.api_timeout })
    }
}

impl Transport for HttpTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let Request { method, url, mut headers, body, timeout, answer_max_bytes } = request;
        if let Body::Stream(stream) = &body {
            // With the length stated, the HTTP layer frames the body by it and never chunks.
            headers.insert(CONTENT_LENGTH, HeaderValue::from(stream.len()));
        }
        let builder = self.client.request(method, url).headers(headers).timeout(timeout.unwrap_or(self.api_timeout));
        let builder = match body {
            Body::Empty => builder,
            Body::Bytes(bytes) => builder.body(bytes),
            Body::Stream(stream) => builder.body(reqwest::Body::wrap_stream(stream.into_stream())),
        };
        let mut answer = builder.send().await.map_err(classify)?;
        let too_large = || {
            let detail = format!("the answer is larger than {answer_max_bytes} bytes");
            TransportError::new(TransportErrorKind::AnswerTooLarge, true, &detail)
        };
        if answer.content_length().is_some_and(|length| usize::try_from(length).is_ok_and(|it| it > answer_max_bytes)) {
            return Err(too_large());
        }

        let mut response = http::Response::new(bytes::Bytes::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        let mut body = BytesMut::new();
        while let Some(part) = answer.chunk().await.map_err(classify)? {
            if body.len().saturating_add(part.len()) > answer_max_bytes {
                return Err(too_large());
            }
            body.extend_from_slice(&part);
        }
        *response.body_mut() = body.freeze();
        Ok(response)
    }
}

/// Says where a call broke and whether TikTok can have the whole request. In doubt it can.
fn classify(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    let detail = describe(&error);
    let (kind, may_have_arrived) = if has_source_error(&error) {
        (TransportErrorKind::Source, false)
    } else if error.is_builder() {
        (TransportErrorKind::Unsendable, false)
    } else if error.is_connect() {
        (TransportErrorKind::Connect, false)
    } else if error.is_timeout() {
        (TransportErrorKind::Timeout, true)
    } else {
        (TransportErrorKind::Disconnected, true)
    };
    TransportError::new(kind, may_have_arrived, &detail)
}

fn has_source_error(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| cause.is::<SourceError>())
}

/// The chain of causes as one line.
fn describe(error: &reqwest::Error) -> String {
    causes(error).fold(error.to_string(), |mut text, cause| {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        text
    })
}

fn causes<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause: &&'a (dyn Error + 'static)| (**cause).source())
}
