//! Builds every request without sending it, and refuses what TikTok would certainly refuse or what would leak.
//! No I/O, no clock, no memory: the same arguments give the same request.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::creator::PrivacyLevel;
use crate::display::{PageRequest, VideoField};
use crate::endpoint::{AppCredentials, Endpoint, Endpoints};
use crate::error::Refusal;
use crate::limits::{
    ANSWER_MAX_BYTES, AVATAR_MAX_BYTES, AVATAR_URL_MAX_CHARS, PHOTO_DESCRIPTION_MAX_UTF16, PHOTO_TITLE_MAX_UTF16,
    PHOTOS_MAX, VALUE_MAX_CHARS, VIDEO_PAGE_MAX, VIDEO_QUERY_IDS_MAX, VIDEO_TITLE_MAX_UTF16,
};
use crate::pkce::PkceVerifier;
use crate::post::{DirectVideo, PhotoMode, PhotoPost, PublishId, PullVideo, UploadUrl};
use crate::transport::{Body, Request, SizedStream};
use crate::upload::{Chunk, ChunkPlan};
use crate::user::UserField;

/// Content types TikTok takes for a video. Source: content-posting-api-media-transfer-guide.
pub const VIDEO_MIME_TYPES: [&str; 3] = ["video/mp4", "video/quicktime", "video/webm"];

/// Exchanges an authorization code.
///
/// # Errors
/// [`Refusal`] for a value that is empty or too long.
pub fn exchange_code(
    endpoints: &Endpoints,
    credentials: &AppCredentials,
    code: &str,
    redirect_uri: &str,
    verifier: Option<&PkceVerifier>,
) -> Result<Request, Refusal> {
    check_value("the authorization code", code)?;
    let mut form = app_form(credentials);
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", redirect_uri);
    if let Some(verifier) = verifier {
        form.append_pair("code_verifier", verifier.expose());
    }
    Ok(post_form(endpoints, Endpoint::TokenExchange, &form.finish()))
}

/// Exchanges a refresh token.
///
/// # Errors
/// [`Refusal`] for a value that is empty or too long.
pub fn refresh(
    endpoints: &Endpoints,
    credentials: &AppCredentials,
    refresh_token: &SecretString,
) -> Result<Request, Refusal> {
    check_value("the refresh token", refresh_token.expose_secret())?;
    let mut form = app_form(credentials);
    form.append_pair("grant_type", "refresh_token").append_pair("refresh_token", refresh_token.expose_secret());
    Ok(post_form(endpoints, Endpoint::TokenRefresh, &form.finish()))
}

/// Asks for an app token.
#[must_use]
pub fn client_token(endpoints: &Endpoints, credentials: &AppCredentials) -> Request {
    let mut form = app_form(credentials);
    form.append_pair("grant_type", "client_credentials");
    post_form(endpoints, Endpoint::ClientToken, &form.finish())
}

/// Ends a grant by its access token.
///
/// # Errors
/// [`Refusal`] for a value that is empty or too long.
pub fn revoke(
    endpoints: &Endpoints,
    credentials: &AppCredentials,
    access_token: &SecretString,
) -> Result<Request, Refusal> {
    check_value("the access token", access_token.expose_secret())?;
    let mut form = app_form(credentials);
    form.append_pair("token", access_token.expose_secret());
    Ok(post_form(endpoints, Endpoint::Revoke, &form.finish()))
}

/// Asks for profile members.
///
/// # Errors
/// [`Refusal`] for no members or an unusable token.
pub fn user_info(endpoints: &Endpoints, token: &SecretString, fields: &[UserField]) -> Result<Request, Refusal> {
    let fields = field_list(fields.iter().map(UserField::as_str))?;
    let mut url = endpoints.url(Endpoint::UserInfo);
    url.query_pairs_mut().append_pair("fields", &fields);
    Ok(Request {
        method: Method::GET,
        url,
        headers: bearer(token)?,
        body: Body::Empty,
        timeout: None,
        answer_max_bytes: ANSWER_MAX_BYTES,
    })
}

/// Asks what the creator may post now.
///
/// # Errors
/// [`Refusal`] for an unusable token.
pub fn creator_info(endpoints: &Endpoints, token: &SecretString) -> Result<Request, Refusal> {
    post_json(endpoints, Endpoint::CreatorInfo, token, &json!({}))
}

/// Starts a direct post whose bytes we send.
///
/// # Errors
/// [`Refusal`] for a caption over 2200 UTF-16 units, a cover time outside 0 to 2^31-1 ms, or an impossible chunk plan.
pub fn init_video(endpoints: &Endpoints, token: &SecretString, video: &DirectVideo) -> Result<Request, Refusal> {
    let body = json!({
        "post_info": video_post_info(video)?,
        "source_info": file_upload(&video.plan)?,
    });
    post_json(endpoints, Endpoint::VideoInit, token, &body)
}

/// Starts a direct post that TikTok fetches.
///
/// # Errors
/// As [`init_video`], and for an address that is not https.
pub fn init_pull_video(endpoints: &Endpoints, token: &SecretString, video: &PullVideo) -> Result<Request, Refusal> {
    let body = json!({
        "post_info": video_post_info(&video.options)?,
        "source_info": pull_video_source(&video.video_url)?,
    });
    post_json(endpoints, Endpoint::VideoInit, token, &body)
}

/// Starts a draft whose bytes we send. TikTok keeps no caption and no options of a video draft, so none can be given.
///
/// # Errors
/// [`Refusal`] for an impossible chunk plan.
pub fn init_inbox_video(endpoints: &Endpoints, token: &SecretString, plan: &ChunkPlan) -> Result<Request, Refusal> {
    let body = json!({ "source_info": file_upload(plan)? });
    post_json(endpoints, Endpoint::InboxVideoInit, token, &body)
}

/// Starts a draft that TikTok fetches.
///
/// # Errors
/// [`Refusal`] for an address that is not https.
pub fn init_pull_inbox_video(
    endpoints: &Endpoints,
    token: &SecretString,
    video_url: &url::Url,
) -> Result<Request, Refusal> {
    let body = json!({ "source_info": pull_video_source(video_url)? });
    post_json(endpoints, Endpoint::InboxVideoInit, token, &body)
}

/// Starts a photo post or photo draft.
///
/// # Errors
/// [`Refusal`] for texts that are too long, no or too many photos, a cover outside them, or an address that is not https.
pub fn init_photo(endpoints: &Endpoints, token: &SecretString, post: &PhotoPost) -> Result<Request, Refusal> {
    check_utf16("the photo title", &post.title, PHOTO_TITLE_MAX_UTF16)?;
    check_utf16("the photo description", &post.description, PHOTO_DESCRIPTION_MAX_UTF16)?;
    check_count("the photo list", "photos", post.images.len(), PHOTOS_MAX)?;
    let cover = usize::try_from(post.cover_index).unwrap_or(usize::MAX);
    if cover >= post.images.len() {
        return Err(Refusal::Invalid { what: "the photo cover index", why: "points past the last photo" });
    }
    for image in &post.images {
        check_pull_url(image)?;
    }
    let images: Vec<&str> = post.images.iter().map(url::Url::as_str).collect();
    let (post_mode, post_info) = match &post.mode {
        PhotoMode::DirectPost {
            privacy_level,
            disable_comment,
            auto_add_music,
            brand_content_toggle,
            brand_organic_toggle,
        } => (
            "DIRECT_POST",
            json!({
                "title": post.title,
                "description": post.description,
                "privacy_level": privacy_level,
                "disable_comment": disable_comment,
                "auto_add_music": auto_add_music,
                "brand_content_toggle": brand_content_toggle,
                "brand_organic_toggle": brand_organic_toggle,
            }),
        ),
        PhotoMode::MediaUpload => ("MEDIA_UPLOAD", json!({ "title": post.title, "description": post.description })),
    };
    let body = json!({
        "media_type": "PHOTO",
        "post_mode": post_mode,
        "post_info": post_info,
        "source_info": {
            "source": "PULL_FROM_URL",
            "photo_cover_index": post.cover_index,
            "photo_images": images,
        },
    });
    post_json(endpoints, Endpoint::ContentInit, token, &body)
}

/// Sends one chunk. No bearer token goes along: the address is the permission.
///
/// # Errors
/// [`Refusal::UploadHostNotAllowed`] before anything is sent, [`Refusal::Invalid`] for a content type TikTok does not take.
pub fn put_chunk(
    endpoints: &Endpoints,
    upload_url: &UploadUrl,
    chunk: &Chunk,
    mime: &str,
    body: SizedStream,
    timeout: Duration,
) -> Result<Request, Refusal> {
    let url = upload_url.url();
    if !endpoints.upload_hosts.allows(url) {
        return Err(Refusal::UploadHostNotAllowed { host: url.host_str().unwrap_or_default().to_owned() });
    }
    let mime = VIDEO_MIME_TYPES
        .into_iter()
        .find(|known| *known == mime)
        .ok_or(Refusal::Invalid { what: "the content type", why: "is not video/mp4, video/quicktime or video/webm" })?;
    let range = HeaderValue::from_str(&chunk.content_range())
        .map_err(|_not_ascii| Refusal::Invalid { what: "the chunk range", why: "does not fit into a header" })?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(mime));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(chunk.len()));
    headers.insert(CONTENT_RANGE, range);
    Ok(Request {
        method: Method::PUT,
        url: url.clone(),
        headers,
        body: Body::Stream(body),
        timeout: Some(timeout),
        answer_max_bytes: ANSWER_MAX_BYTES,
    })
}

/// Fetches a profile picture from the address that an answer named. Carries no token: the address is enough.
///
/// # Errors
/// [`Refusal`] for what is no address, is too long, or is not on an allowed host.
pub fn avatar(endpoints: &Endpoints, address: &str, timeout: Duration) -> Result<Request, Refusal> {
    let what = "the address of the picture";
    check_count(what, "characters", address.chars().count(), AVATAR_URL_MAX_CHARS)?;
    let url = url::Url::parse(address).map_err(|_not_an_address| Refusal::Invalid { what, why: "is no address" })?;
    if !endpoints.avatar_hosts.allows(&url) {
        return Err(Refusal::AvatarHostNotAllowed { host: url.host_str().unwrap_or_default().to_owned() });
    }
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("image/webp,image/jpeg,image/png"));
    Ok(Request {
        method: Method::GET,
        url,
        headers,
        body: Body::Empty,
        timeout: Some(timeout),
        answer_max_bytes: AVATAR_MAX_BYTES,
    })
}

/// Asks what became of a task.
///
/// # Errors
/// [`Refusal`] for an unusable token.
pub fn status(endpoints: &Endpoints, token: &SecretString, publish_id: &PublishId) -> Result<Request, Refusal> {
    let body = json!({ "publish_id": publish_id });
    post_json(endpoints, Endpoint::StatusFetch, token, &body)
}

/// Asks TikTok to stop fetching.
///
/// # Errors
/// [`Refusal`] for an unusable token.
pub fn cancel(endpoints: &Endpoints, token: &SecretString, publish_id: &PublishId) -> Result<Request, Refusal> {
    let body = json!({ "publish_id": publish_id });
    post_json(endpoints, Endpoint::Cancel, token, &body)
}

/// Asks for a page of the user's public videos.
///
/// # Errors
/// [`Refusal`] for no members, a page size outside 1 to 20, or an unusable token.
pub fn list_videos(
    endpoints: &Endpoints,
    token: &SecretString,
    fields: &[VideoField],
    page: PageRequest,
) -> Result<Request, Refusal> {
    if !(1..=VIDEO_PAGE_MAX).contains(&page.max_count) {
        return Err(Refusal::Invalid { what: "the page size", why: "is outside 1 to 20 videos" });
    }
    let mut body = json!({ "max_count": page.max_count });
    if let (Some(cursor), Some(members)) = (page.cursor, body.as_object_mut()) {
        members.insert("cursor".to_owned(), cursor.into());
    }
    let fields = field_list(fields.iter().map(VideoField::as_str))?;
    let mut request = post_json(endpoints, Endpoint::VideoList, token, &body)?;
    request.url.query_pairs_mut().append_pair("fields", &fields);
    Ok(request)
}

/// Asks for named videos of the user.
///
/// # Errors
/// [`Refusal`] for no members, no or more than 20 ids, an id that is not decimal, or an unusable token.
pub fn query_videos(
    endpoints: &Endpoints,
    token: &SecretString,
    fields: &[VideoField],
    ids: &[String],
) -> Result<Request, Refusal> {
    check_count("the id list", "ids", ids.len(), VIDEO_QUERY_IDS_MAX)?;
    let is_id = |id: &String| (1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit());
    if !ids.iter().all(is_id) {
        return Err(Refusal::Invalid { what: "a video id", why: "is not decimal" });
    }
    let fields = field_list(fields.iter().map(VideoField::as_str))?;
    let body = json!({ "filters": { "video_ids": ids } });
    let mut request = post_json(endpoints, Endpoint::VideoQuery, token, &body)?;
    request.url.query_pairs_mut().append_pair("fields", &fields);
    Ok(request)
}

#[derive(Serialize)]
struct VideoPostInfo<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'a str,
    privacy_level: &'a PrivacyLevel,
    disable_duet: bool,
    disable_stitch: bool,
    disable_comment: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    video_cover_timestamp_ms: Option<i32>,
    brand_content_toggle: bool,
    brand_organic_toggle: bool,
    is_aigc: bool,
}

fn video_post_info(video: &DirectVideo) -> Result<VideoPostInfo<'_>, Refusal> {
    check_utf16("the caption", &video.title, VIDEO_TITLE_MAX_UTF16)?;
    let video_cover_timestamp_ms = video
        .video_cover_timestamp_ms
        .map(|ms| i32::try_from(ms).ok().filter(|ms| *ms >= 0))
        .map(|ms| ms.ok_or(Refusal::Invalid { what: "the cover time", why: "is negative or beyond 2147483647 ms" }))
        .transpose()?;
    Ok(VideoPostInfo {
        title: &video.title,
        privacy_level: &video.privacy_level,
        disable_duet: video.disable_duet,
        disable_stitch: video.disable_stitch,
        disable_comment: video.disable_comment,
        video_cover_timestamp_ms,
        brand_content_toggle: video.brand_content_toggle,
        brand_organic_toggle: video.brand_organic_toggle,
        is_aigc: video.is_aigc,
    })
}

fn file_upload(plan: &ChunkPlan) -> Result<Value, Refusal> {
    plan.check().map_err(|_broken_rule| Refusal::Invalid {
        what: "the chunk plan",
        why: "breaks a rule of TikTok's chunk plans",
    })?;
    Ok(json!({
        "source": "FILE_UPLOAD",
        "video_size": plan.size_bytes,
        "chunk_size": plan.chunk_size_bytes,
        "total_chunk_count": plan.chunk_count,
    }))
}

fn pull_video_source(video_url: &url::Url) -> Result<Value, Refusal> {
    check_pull_url(video_url)?;
    Ok(json!({ "source": "PULL_FROM_URL", "video_url": video_url.as_str() }))
}

fn check_pull_url(url: &url::Url) -> Result<(), Refusal> {
    check_value("a media address", url.as_str())?;
    if url.scheme() == "https" {
        Ok(())
    } else {
        Err(Refusal::Invalid { what: "a media address", why: "is not https" })
    }
}

fn check_utf16(what: &'static str, text: &str, limit: usize) -> Result<(), Refusal> {
    let actual = text.encode_utf16().count();
    if actual <= limit {
        return Ok(());
    }
    Err(Refusal::TooLong { what, unit: "UTF-16 units", limit, actual })
}

fn check_count(what: &'static str, unit: &'static str, actual: usize, limit: usize) -> Result<(), Refusal> {
    if actual == 0 {
        return Err(Refusal::Invalid { what, why: "is empty" });
    }
    if actual <= limit {
        return Ok(());
    }
    Err(Refusal::TooLong { what, unit, limit, actual })
}

fn check_value(what: &'static str, value: &str) -> Result<(), Refusal> {
    check_count(what, "characters", value.chars().count(), VALUE_MAX_CHARS)
}

fn field_list<'a>(fields: impl Iterator<Item = &'a str>) -> Result<String, Refusal> {
    let fields: Vec<&str> = fields.collect();
    check_count("the member list", "members", fields.len(), 64)?;
    Ok(fields.join(","))
}

fn app_form(credentials: &AppCredentials) -> form_urlencoded::Serializer<'static, String> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("client_key", &credentials.client_key)
        .append_pair("client_secret", credentials.client_secret.expose_secret());
    form
}

fn post_form(endpoints: &Endpoints, endpoint: Endpoint, form: &str) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    Request {
        method: Method::POST,
        url: endpoints.url(endpoint),
        headers,
        body: Body::Bytes(Bytes::copy_from_slice(form.as_bytes())),
        timeout: None,
        answer_max_bytes: ANSWER_MAX_BYTES,
    }
}

fn post_json(
    endpoints: &Endpoints,
    endpoint: Endpoint,
    token: &SecretString,
    body: &Value,
) -> Result<Request, Refusal> {
    let mut headers = bearer(token)?;
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=UTF-8"));
    Ok(Request {
        method: Method::POST,
        url: endpoints.url(endpoint),
        headers,
        body: Body::Bytes(Bytes::from(body.to_string())),
        timeout: None,
        answer_max_bytes: ANSWER_MAX_BYTES,
    })
}

fn bearer(token: &SecretString) -> Result<HeaderMap, Refusal> {
    let token = token.expose_secret();
    check_value("the access token", token)?;
    let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_not_a_header| Refusal::Invalid {
        what: "the access token",
        why: "has characters that do not fit into a header",
    })?;
    value.set_sensitive(true);
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, value);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    Ok(headers)
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
