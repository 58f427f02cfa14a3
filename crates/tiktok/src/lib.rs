//! A client for TikTok's open API: Login Kit, Content Posting, Display and webhooks.
//! It owns the wire: it builds requests, sends each once, and reads answers with every quirk of the platform.
//! It must not retry, remember, pace or decide for a user; it knows nothing of the program that uses it.
//!
//! Start with [`Client`]. [`request`] and [`response`] do the same without I/O, for other transports and for tests.
//! [`Error::class`] says which kind of trouble an error is. Sources name pages of TikTok's developer documentation by slug.

#![warn(missing_docs)]

mod answer;
mod avatar;
mod client;
mod creator;
mod display;
mod endpoint;
mod error;
mod error_code;
mod hex;
mod http_transport;
pub mod limits;
mod oauth;
mod pkce;
mod post;
pub mod request;
pub mod response;
mod scope;
mod status;
mod text_enum;
mod transport;
mod upload;
mod user;
pub mod webhook;

pub use answer::Answer;
pub use avatar::{Avatar, AvatarFormat, AvatarHosts};
pub use client::Client;
pub use creator::{CreatorInfo, PrivacyLevel};
pub use display::{PageRequest, Video, VideoField, VideoPage};
pub use endpoint::{AppCredentials, Endpoint, Endpoints, UploadHosts};
pub use error::{
    ApiError, AvatarError, Error, ErrorClass, ErrorCode, OAuthError, OAuthErrorCode, Refusal, TransportError,
    TransportErrorKind, UploadError, UploadErrorKind,
};
pub use http_transport::{HttpOptions, HttpTransport, SetupError};
pub use oauth::{AuthorizeRequest, Callback, CallbackError, CallbackRefusal, ClientToken, TokenGrant};
pub use pkce::{PkceError, PkceVerifier};
pub use post::{DirectVideo, GrantError, PhotoMode, PhotoPost, PublishId, PullVideo, UploadGrant, UploadUrl};
pub use response::ChunkAnswer;
pub use scope::Scope;
pub use secrecy::{ExposeSecret, SecretString};
pub use status::{FailKind, FailReason, PublishState, PublishStatus};
pub use transport::{AnyTransport, Body, Request, Response, SizedStream, SourceError, Transport};
pub use upload::{Chunk, ChunkPlan, ChunkPlanError, chunk_body};
pub use url::Url;
pub use user::{UserField, UserInfo};

// The example of the README is compiled with the documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
