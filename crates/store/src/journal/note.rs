//! One note of the journal and its bytes. Must not know where they are kept.

use domain::id::{AttemptId, PostId};
use domain::time::UnixMillis;
use uuid::Uuid;

/// How far an attempt had come. The order is the order of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Not about an attempt: the line of the attempt log up to which the database was compared.
    Mark,
    /// The init is about to be sent.
    Init,
    /// TikTok gave a task; bytes before the last chunk may follow.
    Acked,
    /// The last chunk is about to be sent.
    Final,
    /// It ended without proof that nothing is visible: published, in the inbox, or a person is asked.
    Out,
    /// It ended and cannot be visible.
    Dead,
    /// Nothing about it needs to be known any more.
    Forgotten,
}

impl Stage {
    const ALL: [Self; 7] = [Self::Mark, Self::Init, Self::Acked, Self::Final, Self::Out, Self::Dead, Self::Forgotten];

    /// Nothing more is expected of the attempt.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        match self {
            Self::Out | Self::Dead | Self::Forgotten => true,
            Self::Mark | Self::Init | Self::Acked | Self::Final => false,
        }
    }

    /// Whether the note has to be on the disk before anything follows.
    pub(super) const fn must_last(self) -> bool {
        match self {
            Self::Mark | Self::Init | Self::Acked | Self::Final => true,
            Self::Out | Self::Dead | Self::Forgotten => false,
        }
    }

    const fn byte(self) -> u8 {
        match self {
            Self::Mark => 0,
            Self::Init => 1,
            Self::Acked => 2,
            Self::Final => 3,
            Self::Out => 4,
            Self::Dead => 5,
            Self::Forgotten => 6,
        }
    }
}

/// One note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The attempt; nil in a mark.
    pub attempt: AttemptId,
    /// The post it serves; nil in a mark.
    pub post: PostId,
    /// How far it had come.
    pub stage: Stage,
    /// TikTok's task, from the stage at which it is known.
    pub publish_id: Option<String>,
    /// When the last chunk was announced.
    pub final_at: Option<UnixMillis>,
    /// The line of the attempt log in the commit before the note; 0 when there was none.
    pub seq: i64,
    /// When.
    pub at: UnixMillis,
}

/// `final_at` when there is none.
const NO_INSTANT: i64 = i64::MIN;

impl Note {
    pub(super) fn mark(seq: i64, at: UnixMillis) -> Self {
        Self {
            attempt: AttemptId::from_uuid(Uuid::nil()),
            post: PostId::from_uuid(Uuid::nil()),
            stage: Stage::Mark,
            publish_id: None,
            final_at: None,
            seq,
            at,
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(128);
        bytes.push(self.stage.byte());
        bytes.extend_from_slice(self.attempt.uuid().as_bytes());
        bytes.extend_from_slice(self.post.uuid().as_bytes());
        bytes.extend_from_slice(&self.seq.to_be_bytes());
        bytes.extend_from_slice(&self.at.millis().to_be_bytes());
        bytes.extend_from_slice(&self.final_at.map_or(NO_INSTANT, UnixMillis::millis).to_be_bytes());
        bytes.extend_from_slice(self.publish_id.as_deref().unwrap_or_default().as_bytes());
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (stage, rest) = bytes.split_first()?;
        let (attempt, rest) = rest.split_first_chunk::<16>()?;
        let (post, rest) = rest.split_first_chunk::<16>()?;
        let (seq, rest) = rest.split_first_chunk::<8>()?;
        let (at, rest) = rest.split_first_chunk::<8>()?;
        let (final_at, publish_id) = rest.split_first_chunk::<8>()?;
        let final_at = i64::from_be_bytes(*final_at);
        let publish_id = std::str::from_utf8(publish_id).ok()?.to_owned();
        Some(Self {
            attempt: AttemptId::from_uuid(Uuid::from_bytes(*attempt)),
            post: PostId::from_uuid(Uuid::from_bytes(*post)),
            stage: Stage::ALL.into_iter().find(|known| known.byte() == *stage)?,
            publish_id: Some(publish_id).filter(|id| !id.is_empty()),
            final_at: (final_at != NO_INSTANT).then(|| UnixMillis::from_millis(final_at)),
            seq: i64::from_be_bytes(*seq),
            at: UnixMillis::from_millis(i64::from_be_bytes(*at)),
        })
    }
}
