//! The Display API: a user's public, moderated videos and their counters.
//! Private, friends-only and followers-only posts never appear here.

use serde::Deserialize;

use crate::answer::{id, null_is_default};
use crate::limits::VIDEO_PAGE_MAX;
use crate::text_enum::text_enum;

text_enum! {
    /// A member of a video object. Source: tiktok-api-v2-video-object.
    pub enum VideoField {
        /// Id of the post.
        Id = "id",
        /// Unix seconds.
        CreateTime = "create_time",
        /// Picture; the address expires after six hours.
        CoverImageUrl = "cover_image_url",
        /// Address of the post.
        ShareUrl = "share_url",
        /// Caption, cut to about 150 characters.
        VideoDescription = "video_description",
        /// Seconds.
        Duration = "duration",
        /// Pixels.
        Height = "height",
        /// Pixels.
        Width = "width",
        /// Title, cut to about 150 characters.
        Title = "title",
        /// Code for embedding.
        EmbedHtml = "embed_html",
        /// Address for embedding.
        EmbedLink = "embed_link",
        /// Likes so far.
        LikeCount = "like_count",
        /// Comments so far.
        CommentCount = "comment_count",
        /// Shares so far.
        ShareCount = "share_count",
        /// Views so far.
        ViewCount = "view_count",
    }
}

/// A public video; members that were not asked for are `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[expect(missing_docs, reason = "each member is documented at its VideoField")]
pub struct Video {
    /// Exact decimal text.
    #[serde(default, deserialize_with = "id")]
    pub id: Option<String>,
    #[serde(default)]
    pub create_time: Option<i64>,
    #[serde(default)]
    pub cover_image_url: Option<String>,
    #[serde(default)]
    pub share_url: Option<String>,
    #[serde(default)]
    pub video_description: Option<String>,
    #[serde(default)]
    pub duration: Option<i64>,
    #[serde(default)]
    pub height: Option<i64>,
    #[serde(default)]
    pub width: Option<i64>,
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub embed_html: Option<String>,
    #[serde(default)]
    pub embed_link: Option<String>,
    #[serde(default)]
    pub like_count: Option<i64>,
    #[serde(default)]
    pub comment_count: Option<i64>,
    #[serde(default)]
    pub share_count: Option<i64>,
    #[serde(default)]
    pub view_count: Option<i64>,
}

/// Which page of `video/list` to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// Only videos older than this, Unix MILLIseconds, as the previous page gave it; the newest when `None`.
    pub cursor: Option<i64>,
    /// 1 to 20 videos.
    pub max_count: u32,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { cursor: None, max_count: VIDEO_PAGE_MAX }
    }
}

/// One page of a user's public videos, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct VideoPage {
    /// The videos.
    #[serde(default, deserialize_with = "null_is_default")]
    pub videos: Vec<Video>,
    /// Where the next page starts, Unix MILLIseconds.
    #[serde(default)]
    pub cursor: Option<i64>,
    /// Whether there is a next page.
    #[serde(default, deserialize_with = "null_is_default")]
    pub has_more: bool,
}
