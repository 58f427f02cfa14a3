//! TikTok's published numbers in one place, with units in their names.
//! Only facts of the platform; policies about retries or pacing belong to the caller.

/// Life of a user access token when an answer omits `expires_in`, seconds. Source: oauth-user-access-token-management.
pub const ACCESS_TOKEN_TTL_S: i64 = 86_400;
/// Life of a refresh token when an answer omits `refresh_expires_in`, seconds. Source: oauth-user-access-token-management.
pub const REFRESH_TOKEN_TTL_S: i64 = 31_536_000;
/// Fewest characters of a PKCE verifier. Source: login-kit-desktop.
pub const PKCE_VERIFIER_MIN_CHARS: usize = 43;
/// Most characters of a PKCE verifier. Source: login-kit-desktop.
pub const PKCE_VERIFIER_MAX_CHARS: usize = 128;
/// A redirect address must be shorter than this, characters. Source: login-kit-web.
pub const REDIRECT_URI_MAX_CHARS_EXCLUSIVE: usize = 512;

/// `creator_info/query` calls a minute and user token. Source: content-posting-api-reference-query-creator-info.
pub const CREATOR_INFO_PER_MINUTE: u32 = 20;
/// Calls a minute and user token of each of the three init endpoints. Source: content-posting-api-reference-direct-post.
pub const INIT_PER_MINUTE: u32 = 6;
/// `status/fetch` calls a minute and user token. Source: content-posting-api-reference-get-video-status.
pub const STATUS_PER_MINUTE: u32 = 30;
/// `user/info`, `video/list` and `video/query` calls a minute. Source: tiktok-api-v2-rate-limit.
pub const DISPLAY_PER_MINUTE: u32 = 600;

/// Direct posts a creator may receive from all apps together in 24 hours; typical, varies. Source: content-sharing-guidelines.
pub const DIRECT_POSTS_PER_DAY_TYPICAL: u32 = 15;
/// Unfinished drafts a creator may have within 24 hours. Source: content-posting-api-reference-upload-video.
pub const PENDING_DRAFTS_PER_DAY: u32 = 5;
/// Creators an unaudited app may post for in 24 hours. Source: content-sharing-guidelines.
pub const UNAUDITED_CREATORS_PER_DAY: u32 = 5;

/// Life of an upload address, seconds; the whole upload must end inside it. Source: content-posting-api-reference-direct-post.
pub const UPLOAD_URL_TTL_S: i64 = 3_600;
/// Largest file sent as one chunk, bytes (64 MB read as decimal, the narrower reading). Source: content-posting-api-media-transfer-guide.
pub const SINGLE_CHUNK_MAX_BYTES: u64 = 64_000_000;
/// Chunk size this crate chooses for larger files, bytes.
pub const CHUNK_BYTES: u64 = 10_000_000;
/// Smallest chunk of a plan with several, bytes (5 MB read as binary, the narrower reading). Source: content-posting-api-media-transfer-guide.
pub const CHUNK_MIN_BYTES: u64 = 5_242_880;
/// Largest last chunk, bytes. Source: content-posting-api-media-transfer-guide.
pub const LAST_CHUNK_MAX_BYTES: u64 = 128_000_000;
/// Most chunks of a plan. Source: content-posting-api-media-transfer-guide.
pub const CHUNKS_MAX: u64 = 1_000;
/// Smallest file for which [`ChunkPlan::for_early_release`](crate::ChunkPlan::for_early_release) makes two chunks, bytes.
pub const EARLY_RELEASE_MIN_BYTES: u64 = 15_000_000;
/// Largest video, bytes (4 GB read as binary). Source: content-posting-api-media-transfer-guide.
pub const VIDEO_MAX_BYTES: u64 = 4_294_967_296;
/// Longest `publish_id`, characters. Source: content-posting-api-reference-direct-post.
pub const PUBLISH_ID_MAX_CHARS: usize = 64;
/// Longest upload address this crate accepts, characters. 256 are documented; eight times that leaves room without being unbounded.
pub const UPLOAD_URL_MAX_CHARS: usize = 2_048;

/// Longest video caption, UTF-16 code units. Source: content-posting-api-reference-direct-post.
pub const VIDEO_TITLE_MAX_UTF16: usize = 2_200;
/// Longest photo title, UTF-16 code units. Source: content-posting-api-reference-photo-post.
pub const PHOTO_TITLE_MAX_UTF16: usize = 90;
/// Longest photo description, UTF-16 code units. Source: content-posting-api-reference-photo-post.
pub const PHOTO_DESCRIPTION_MAX_UTF16: usize = 4_000;
/// Most photos of one post. Source: content-posting-api-reference-photo-post.
pub const PHOTOS_MAX: usize = 35;

/// Most videos on one page of `video/list`. Source: tiktok-api-v2-video-list.
pub const VIDEO_PAGE_MAX: u32 = 20;
/// Most ids in one `video/query`. Source: tiktok-api-v2-video-query.
pub const VIDEO_QUERY_IDS_MAX: usize = 20;

/// TikTok repeats a webhook that was not answered with 200 for this long, seconds. Source: webhooks-overview.
pub const WEBHOOK_RETRY_WINDOW_S: i64 = 259_200;
/// Largest webhook body this crate reads, bytes. Real ones stay under one kilobyte.
pub const WEBHOOK_BODY_MAX_BYTES: usize = 65_536;
/// Largest API answer this crate reads, bytes. A full page of videos stays under 100 kB.
pub const ANSWER_MAX_BYTES: usize = 1_048_576;
/// Largest profile picture this crate reads, bytes. TikTok's have 168 pixels on a side and a few kilobytes.
pub const AVATAR_MAX_BYTES: usize = 524_288;
/// Longest address of a profile picture this crate accepts, characters. Real ones have a few hundred.
pub const AVATAR_URL_MAX_CHARS: usize = 2_048;
/// Longest token, code, state or other single value this crate sends, characters.
pub const VALUE_MAX_CHARS: usize = 8_192;
