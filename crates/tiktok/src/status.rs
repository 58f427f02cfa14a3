//! What became of a publishing task.
//! It must not conclude more than TikTok says: an unknown state is still pending.

use serde::Deserialize;

use crate::answer::{ids, null_is_default};
use crate::text_enum::text_enum;

text_enum! {
    /// `status` of a task. Source: content-posting-api-reference-get-video-status.
    pub enum PublishState {
        /// Bytes are being received or processed.
        ProcessingUpload = "PROCESSING_UPLOAD",
        /// TikTok is fetching the media.
        ProcessingDownload = "PROCESSING_DOWNLOAD",
        /// The draft reached the creator's inbox; may become `PublishComplete` when the creator posts it.
        SendToUserInbox = "SEND_TO_USER_INBOX",
        /// Posted. Ids may still arrive later, and never do for private posts.
        PublishComplete = "PUBLISH_COMPLETE",
        /// The whole task failed; there is no post.
        Failed = "FAILED",
    }
}

impl PublishState {
    /// Whether TikTok's work on the task is over. Unknown states count as pending.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::SendToUserInbox | Self::PublishComplete | Self::Failed => true,
            Self::ProcessingUpload | Self::ProcessingDownload | Self::Other(_) => false,
        }
    }
}

text_enum! {
    /// `fail_reason` of a task, also in webhooks. Source: content-posting-api-reference-get-video-status.
    pub enum FailReason {
        /// Container or codec is not accepted.
        FileFormatCheckFailed = "file_format_check_failed",
        /// Too long or too short.
        DurationCheckFailed = "duration_check_failed",
        /// Outside 23 to 60 frames a second.
        FrameRateCheckFailed = "frame_rate_check_failed",
        /// Width or height is not accepted; one bad photo fails the whole post.
        PictureSizeCheckFailed = "picture_size_check_failed",
        /// TikTok failed.
        Internal = "internal",
        /// TikTok could not fetch the video.
        VideoPullFailed = "video_pull_failed",
        /// TikTok could not fetch a photo.
        PhotoPullFailed = "photo_pull_failed",
        /// Cancelled on request.
        PublishCancelled = "publish_cancelled",
        /// The user disconnected the app meanwhile.
        AuthRemoved = "auth_removed",
        /// The creator's daily number of API posts is used up.
        SpamRiskTooManyPosts = "spam_risk_too_many_posts",
        /// The creator is banned from posting.
        SpamRiskUserBanned = "spam_risk_user_banned_from_posting",
        /// TikTok judges the caption risky.
        SpamRiskText = "spam_risk_text",
        /// TikTok judges the request risky.
        SpamRisk = "spam_risk",
    }
}

/// What a [`FailReason`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailKind {
    /// The file itself; the same file fails again.
    Media,
    /// TikTok's own trouble; one new attempt is reasonable.
    Platform,
    /// TikTok could not fetch the media; a new attempt is reasonable when the address works.
    Transfer,
    /// Cancelled by us or cut off by the user.
    Ended,
    /// Daily cap.
    Cap,
    /// The account is blocked or the content judged risky; no retry.
    Refused,
}

impl FailReason {
    /// What the reason is about. Unknown reasons are refusals: shown verbatim, not retried.
    #[must_use]
    pub fn kind(&self) -> FailKind {
        match self {
            Self::FileFormatCheckFailed
            | Self::DurationCheckFailed
            | Self::FrameRateCheckFailed
            | Self::PictureSizeCheckFailed => FailKind::Media,
            Self::Internal => FailKind::Platform,
            Self::VideoPullFailed | Self::PhotoPullFailed => FailKind::Transfer,
            Self::PublishCancelled | Self::AuthRemoved => FailKind::Ended,
            Self::SpamRiskTooManyPosts => FailKind::Cap,
            Self::SpamRiskUserBanned | Self::SpamRiskText | Self::SpamRisk | Self::Other(_) => FailKind::Refused,
        }
    }
}

/// Answer of `status/fetch`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishStatus {
    /// Where the task stands.
    pub state: PublishState,
    /// Why it failed; occasionally present while still processing.
    pub fail_reason: Option<FailReason>,
    /// Ids of public, moderated posts as exact decimal text; a draft can become several. Empty is normal.
    pub post_ids: Vec<String>,
    /// Bytes received from us.
    pub uploaded_bytes: Option<u64>,
    /// Bytes fetched by TikTok.
    pub downloaded_bytes: Option<u64>,
}

/// `data` of `status/fetch`.
#[derive(Deserialize)]
pub(crate) struct StatusData {
    status: PublishState,
    #[serde(default, deserialize_with = "null_is_default")]
    fail_reason: String,
    // TikTok's spelling.
    #[serde(default, deserialize_with = "ids")]
    publicaly_available_post_id: Vec<String>,
    // In case TikTok repairs it.
    #[serde(default, deserialize_with = "ids")]
    publicly_available_post_id: Vec<String>,
    #[serde(default)]
    uploaded_bytes: Option<u64>,
    #[serde(default)]
    downloaded_bytes: Option<u64>,
}

impl From<StatusData> for PublishStatus {
    fn from(data: StatusData) -> Self {
        let mut post_ids = data.publicaly_available_post_id;
        for id in data.publicly_available_post_id {
            if !post_ids.contains(&id) {
                post_ids.push(id);
            }
        }
        let reason = data.fail_reason.trim();
        Self {
            state: data.status,
            fail_reason: (!reason.is_empty()).then(|| FailReason::parse(reason)),
            post_ids,
            uploaded_bytes: data.uploaded_bytes,
            downloaded_bytes: data.downloaded_bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(json: &str) -> PublishStatus {
        serde_json::from_str::<StatusData>(json).unwrap().into()
    }

    #[test]
    fn the_misspelt_and_the_repaired_member_give_the_same_ids() {
        let misspelt = read(
            r#"{"status":"PUBLISH_COMPLETE","publicaly_available_post_id":[7600000000000000123],"uploaded_bytes":66259900}"#,
        );
        let repaired = read(
            r#"{"status":"PUBLISH_COMPLETE","publicly_available_post_id":"7600000000000000123","uploaded_bytes":66259900}"#,
        );
        assert_eq!(misspelt, repaired);
        assert_eq!(misspelt.post_ids, ["7600000000000000123"]);
    }

    #[test]
    fn an_unknown_state_is_kept_and_pending() {
        let status = read(r#"{"status":"EXPIRED","fail_reason":""}"#);
        assert_eq!(status.state, PublishState::Other("EXPIRED".into()));
        assert!(!status.state.is_final());
        assert_eq!(status.fail_reason, None);
    }

    #[test]
    fn an_unknown_reason_is_kept_and_not_retried() {
        let status = read(r#"{"status":"FAILED","fail_reason":"privacy_level_not_authorized"}"#);
        let reason = status.fail_reason.unwrap();
        assert_eq!(reason.as_str(), "privacy_level_not_authorized");
        assert_eq!(reason.kind(), FailKind::Refused);
    }
}
