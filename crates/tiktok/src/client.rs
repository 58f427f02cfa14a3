//! The calls, each exactly once: build, send, read. No retries, no memory, no pacing, no clock.
//! Whoever repeats a call must know what the first one may have done; see [`Error::class`].

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::Stream;
use secrecy::SecretString;
use url::Url;

use crate::answer::Answer;
use crate::avatar::Avatar;
use crate::creator::CreatorInfo;
use crate::display::{PageRequest, Video, VideoField, VideoPage};
use crate::endpoint::{AppCredentials, Endpoint, Endpoints};
use crate::error::Error;
use crate::http_transport::{HttpOptions, HttpTransport, SetupError};
use crate::oauth::{self, AuthorizeRequest, ClientToken, TokenGrant};
use crate::pkce::PkceVerifier;
use crate::post::{DirectVideo, PhotoPost, PublishId, PullVideo, UploadGrant, UploadUrl};
use crate::response::ChunkAnswer;
use crate::status::PublishStatus;
use crate::transport::{AnyTransport, Request, Response, SizedStream, Transport};
use crate::upload::{Chunk, ChunkPlan};
use crate::user::{UserField, UserInfo};
use crate::{request, response};

/// A client of TikTok's open API for one app. Cheap to clone; holds no tokens.
#[derive(Clone)]
pub struct Client<T = AnyTransport> {
    app: Arc<App>,
    transport: T,
}

struct App {
    credentials: AppCredentials,
    endpoints: Endpoints,
}

impl<T> fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("client_key", &self.app.credentials.client_key)
            .field("api", &self.app.endpoints.api.as_str())
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client over the network.
    ///
    /// # Errors
    /// [`SetupError`] when the API address is neither https nor loopback, the CA file is unreadable or TLS cannot start.
    pub fn new(credentials: AppCredentials, endpoints: Endpoints, options: HttpOptions) -> Result<Self, SetupError> {
        let transport = HttpTransport::new(&endpoints, options)?;
        Ok(Self::with_transport(credentials, endpoints, AnyTransport::new(transport)))
    }
}

impl<T: Transport> Client<T> {
    /// A client over another transport.
    pub fn with_transport(credentials: AppCredentials, endpoints: Endpoints, transport: T) -> Self {
        Self { app: Arc::new(App { credentials, endpoints }), transport }
    }

    /// The app's public key, as webhooks name it.
    #[must_use]
    pub fn client_key(&self) -> &str {
        &self.app.credentials.client_key
    }

    /// The address of the consent page, without any parameter.
    #[must_use]
    pub fn authorize_endpoint(&self) -> Url {
        self.app.endpoints.authorize.clone()
    }

    /// Checks a webhook's signature with this app's secret, which does not leave the client, then reads the event.
    ///
    /// # Errors
    /// As [`crate::webhook::verify`].
    pub fn verify_webhook(
        &self,
        header: &str,
        raw_body: &[u8],
    ) -> Result<crate::webhook::Signed, crate::webhook::WebhookError> {
        crate::webhook::verify(&self.app.credentials.client_secret, header, raw_body)
    }

    /// Where to send the browser. Source: login-kit-web, login-kit-desktop.
    #[must_use]
    pub fn authorize_url(&self, request: &AuthorizeRequest<'_>) -> Url {
        oauth::authorize_url(&self.app.endpoints, &self.app.credentials, request)
    }

    /// Exchanges a callback's code, once. Source: oauth-user-access-token-management.
    ///
    /// `redirect_uri` must be the one of the authorize request, `verifier` the one whose challenge was sent.
    ///
    /// # Errors
    /// [`Error::OAuth`], [`Error::Transport`] or [`Error::Malformed`]; the last two may have used up the code.
    pub async fn exchange_code(
        &self,
        code: &str,
        redirect_uri: &str,
        verifier: Option<&PkceVerifier>,
    ) -> Result<TokenGrant, Error> {
        let App { credentials, endpoints } = &*self.app;
        let request = request::exchange_code(endpoints, credentials, code, redirect_uri, verifier)?;
        response::exchange_code(&self.send(Endpoint::TokenExchange, request).await?)
    }

    /// Gets new tokens. Source: oauth-user-access-token-management.
    ///
    /// The answer may carry another refresh token, and the old one may be dead then: one refresh at a time per user, and persist
    /// the answer before using it.
    ///
    /// # Errors
    /// [`Error::OAuth`] (only `invalid_grant` means that the user must connect again), [`Error::Transport`] or
    /// [`Error::Malformed`]; after the last two the old refresh token may be dead.
    pub async fn refresh(&self, refresh_token: &SecretString) -> Result<TokenGrant, Error> {
        let App { credentials, endpoints } = &*self.app;
        let request = request::refresh(endpoints, credentials, refresh_token)?;
        let answer = self.send(Endpoint::TokenRefresh, request).await?;
        response::refresh(&answer, refresh_token)
    }

    /// Gets a token of the app itself, which proves that key and secret belong together. Source: client-access-token-management.
    ///
    /// # Errors
    /// [`Error::OAuth`] with `invalid_client` when they do not; otherwise as [`Self::exchange_code`].
    pub async fn client_token(&self) -> Result<ClientToken, Error> {
        let request = request::client_token(&self.app.endpoints, &self.app.credentials);
        response::client_token(&self.send(Endpoint::ClientToken, request).await?)
    }

    /// Ends the grant that `access_token` belongs to. Source: oauth-user-access-token-management.
    ///
    /// # Errors
    /// [`Error`]; delete the tokens whatever comes back.
    pub async fn revoke(&self, access_token: &SecretString) -> Result<(), Error> {
        let App { credentials, endpoints } = &*self.app;
        let request = request::revoke(endpoints, credentials, access_token)?;
        response::revoke(&self.send(Endpoint::Revoke, request).await?)
    }

    /// Profile of the user; ask only for members whose scope was granted. 600 a minute. Source: tiktok-api-v2-get-user-info.
    ///
    /// # Errors
    /// [`Error`]; nothing was changed.
    pub async fn user_info(
        &self,
        access_token: &SecretString,
        fields: &[UserField],
    ) -> Result<Answer<UserInfo>, Error> {
        let request = request::user_info(&self.app.endpoints, access_token, fields)?;
        response::user_info(&self.send(Endpoint::UserInfo, request).await?)
    }

    /// What the creator may post now. 20 a minute. Source: content-posting-api-reference-query-creator-info.
    ///
    /// # Errors
    /// [`Error`]; a creator who cannot post now is an [`Error::Api`] with HTTP 200.
    pub async fn creator_info(&self, access_token: &SecretString) -> Result<Answer<CreatorInfo>, Error> {
        let request = request::creator_info(&self.app.endpoints, access_token)?;
        response::creator_info(&self.send(Endpoint::CreatorInfo, request).await?)
    }

    /// Starts a direct post of bytes we send. 6 a minute. Source: content-posting-api-reference-direct-post.
    ///
    /// Nothing can become visible before the last chunk; an answer that is lost leaves an upload nobody can complete.
    ///
    /// # Errors
    /// [`Error`]; after [`ErrorClass::Ambiguous`](crate::ErrorClass::Ambiguous) a task may exist without anybody knowing its id.
    pub async fn init_video(
        &self,
        access_token: &SecretString,
        video: &DirectVideo,
    ) -> Result<Answer<UploadGrant>, Error> {
        let endpoint = Endpoint::VideoInit;
        let request = request::init_video(&self.app.endpoints, access_token, video)?;
        response::upload_grant(endpoint, &self.send(endpoint, request).await?)
    }

    /// Starts a direct post that TikTok fetches. 6 a minute. Source: content-posting-api-reference-direct-post.
    ///
    /// # Errors
    /// [`Error`]; after [`ErrorClass::Ambiguous`](crate::ErrorClass::Ambiguous) a post may appear. Never repeat blindly.
    pub async fn init_pull_video(
        &self,
        access_token: &SecretString,
        video: &PullVideo,
    ) -> Result<Answer<PublishId>, Error> {
        let endpoint = Endpoint::VideoInit;
        let request = request::init_pull_video(&self.app.endpoints, access_token, video)?;
        response::publish_id(endpoint, &self.send(endpoint, request).await?)
    }

    /// Starts a draft of bytes we send. 6 a minute, 5 unfinished drafts. Source: content-posting-api-reference-upload-video.
    ///
    /// Drafts arrive without caption and options; the creator finishes them in the TikTok app.
    ///
    /// # Errors
    /// As [`Self::init_video`].
    pub async fn init_inbox_video(
        &self,
        access_token: &SecretString,
        plan: &ChunkPlan,
    ) -> Result<Answer<UploadGrant>, Error> {
        let endpoint = Endpoint::InboxVideoInit;
        let request = request::init_inbox_video(&self.app.endpoints, access_token, plan)?;
        response::upload_grant(endpoint, &self.send(endpoint, request).await?)
    }

    /// Starts a draft that TikTok fetches. 6 a minute. Source: content-posting-api-reference-upload-video.
    ///
    /// # Errors
    /// As [`Self::init_pull_video`].
    pub async fn init_pull_inbox_video(
        &self,
        access_token: &SecretString,
        video_url: &Url,
    ) -> Result<Answer<PublishId>, Error> {
        let endpoint = Endpoint::InboxVideoInit;
        let request = request::init_pull_inbox_video(&self.app.endpoints, access_token, video_url)?;
        response::publish_id(endpoint, &self.send(endpoint, request).await?)
    }

    /// Starts a photo post or photo draft that TikTok fetches. 6 a minute. Source: content-posting-api-reference-photo-post.
    ///
    /// # Errors
    /// As [`Self::init_pull_video`].
    pub async fn init_photo(&self, access_token: &SecretString, post: &PhotoPost) -> Result<Answer<PublishId>, Error> {
        let endpoint = Endpoint::ContentInit;
        let request = request::init_photo(&self.app.endpoints, access_token, post)?;
        response::publish_id(endpoint, &self.send(endpoint, request).await?)
    }

    /// Sends one chunk, in order, one at a time. Source: content-posting-api-media-transfer-guide.
    ///
    /// `body` must yield exactly the chunk's bytes ([`chunk_body`](crate::chunk_body) makes one from a reader); it is streamed with
    /// a stated length. `mime` is `video/mp4`, `video/quicktime` or `video/webm`. `timeout` bounds the whole chunk: 10 MB at
    /// 1 Mbit/s take 80 s, and the upload address lives one hour. After the final chunk of a direct post, and after any error
    /// of it except a refusal by this crate, only ask [`Self::status`].
    ///
    /// # Errors
    /// [`Error::Refused`] before a byte leaves, [`Error::Upload`] for a refused chunk, [`Error::Transport`] when no answer came.
    pub async fn put_chunk<S>(
        &self,
        upload_url: &UploadUrl,
        chunk: &Chunk,
        mime: &str,
        body: S,
        timeout: Duration,
    ) -> Result<ChunkAnswer, Error>
    where
        S: Stream<Item = Result<Bytes, io::Error>> + Send + 'static,
    {
        let body = SizedStream::new(body, chunk.len());
        let request = request::put_chunk(&self.app.endpoints, upload_url, chunk, mime, body, timeout)?;
        response::chunk(chunk, &self.send(Endpoint::UploadChunk, request).await?)
    }

    /// What became of a task. 30 a minute. Source: content-posting-api-reference-get-video-status.
    ///
    /// # Errors
    /// [`Error`]; nothing was changed. A task that failed is `Ok` with [`PublishState::Failed`](crate::PublishState::Failed).
    pub async fn status(
        &self,
        access_token: &SecretString,
        publish_id: &PublishId,
    ) -> Result<Answer<PublishStatus>, Error> {
        let request = request::status(&self.app.endpoints, access_token, publish_id)?;
        response::status(&self.send(Endpoint::StatusFetch, request).await?)
    }

    /// Asks TikTok to stop fetching; best effort, only for tasks that TikTok fetches. For bytes we send, stop sending.
    /// Source: content-posting-api-reference-get-video-status.
    ///
    /// # Errors
    /// [`Error`]; success only means that TikTok will try, the status tells.
    pub async fn cancel(&self, access_token: &SecretString, publish_id: &PublishId) -> Result<Answer<()>, Error> {
        let request = request::cancel(&self.app.endpoints, access_token, publish_id)?;
        response::cancel(&self.send(Endpoint::Cancel, request).await?)
    }

    /// A page of the user's public videos, newest first. 600 a minute. Source: tiktok-api-v2-video-list.
    ///
    /// # Errors
    /// [`Error`]; nothing was changed.
    pub async fn list_videos(
        &self,
        access_token: &SecretString,
        fields: &[VideoField],
        page: PageRequest,
    ) -> Result<Answer<VideoPage>, Error> {
        let request = request::list_videos(&self.app.endpoints, access_token, fields, page)?;
        response::list_videos(&self.send(Endpoint::VideoList, request).await?)
    }

    /// Up to 20 named videos of the user; private, deleted and foreign ones are missing. 600 a minute. Source: tiktok-api-v2-video-query.
    ///
    /// # Errors
    /// [`Error`]; nothing was changed.
    pub async fn query_videos(
        &self,
        access_token: &SecretString,
        fields: &[VideoField],
        ids: &[String],
    ) -> Result<Answer<Vec<Video>>, Error> {
        let request = request::query_videos(&self.app.endpoints, access_token, fields, ids)?;
        response::query_videos(&self.send(Endpoint::VideoQuery, request).await?)
    }

    /// Bytes of a profile picture, from the address that [`Self::user_info`] or [`Self::creator_info`] gave; it expires, so keep the
    /// bytes. At most 512 KiB within `timeout`. Goes out without a token. Source: tiktok-api-v2-get-user-info.
    ///
    /// # Errors
    /// [`Error::Refused`] for an address that is not on one of the [`AvatarHosts`](crate::AvatarHosts), [`Error::Avatar`] for an answer
    /// that is no picture, redirects included, [`Error::Transport`] when none came or it was too large.
    pub async fn avatar(&self, address: &str, timeout: Duration) -> Result<Avatar, Error> {
        let request = request::avatar(&self.app.endpoints, address, timeout)?;
        response::avatar(&self.send(Endpoint::Avatar, request).await?)
    }

    async fn send(&self, endpoint: Endpoint, request: Request) -> Result<Response, Error> {
        self.transport.send(request).await.map_err(|error| Error::Transport(error.at(endpoint)))
    }
}
