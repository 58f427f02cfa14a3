//! Typed identifiers. Owns their text form; must not create them (randomness is injected elsewhere).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is not an identifier of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind} id: expected a hyphenated UUID")]
pub struct InvalidId {
    /// The kind of id that was expected, for example `post`.
    pub kind: &'static str,
}

macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that the injected id generator made.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID inside.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($kind, ":{}"), self.0.as_hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                if text.len() != 36 {
                    return Err(InvalidId { kind: $kind });
                }
                Uuid::try_parse(text)
                    .map(Self)
                    .map_err(|_| InvalidId { kind: $kind })
            }
        }
    };
}

/// A text that is not the number of anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a number that something is called by")]
pub struct InvalidNumber;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// The number that the database gave.
            #[must_use]
            pub const fn new(number: i64) -> Self {
                Self(number)
            }

            /// The number itself.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidNumber;

            fn from_str(text: &str) -> Result<Self, InvalidNumber> {
                let digits = !text.is_empty() && text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
                match text.parse() {
                    Ok(number) if digits && number > 0 => Ok(Self(number)),
                    Ok(_) | Err(_) => Err(InvalidNumber),
                }
            }
        }
    };
}

number!(
    /// The short number of a request, by which person and operator call it.
    RequestNumber);
number!(
    /// A line that tells a person what happened.
    NoticeNumber);

typed_id!(
    /// A person who signed in.
    UserId, "user");
typed_id!(
    /// What posts, media and connections belong to.
    WorkspaceId, "workspace");
typed_id!(
    /// One TikTok account connected to a workspace.
    ConnectionId, "connection");
typed_id!(
    /// An uploaded file.
    MediaId, "media");
typed_id!(
    /// A resumable upload in progress.
    UploadId, "upload");
typed_id!(
    /// What the user wants published, once.
    PostId, "post");
typed_id!(
    /// Posts composed together from the same media, one per connection.
    GroupId, "group");
typed_id!(
    /// One run at publishing a post.
    AttemptId, "attempt");
typed_id!(
    /// The record of a person's express consent to exactly one post.
    ConsentId, "consent");
typed_id!(
    /// One signed-in browser; public handle of a session, not its secret.
    SessionId, "session");
typed_id!(
    /// The wish to have something erased.
    ErasureId, "erasure");
typed_id!(
    /// A legal duty to keep something for the time being.
    HoldId, "hold");
typed_id!(
    /// What was deleted from the library at one press.
    DeletionId, "deletion");
typed_id!(
    /// The wish to have a file made fit.
    RenditionId, "rendition");
typed_id!(
    /// One export of what is held about a person.
    ExportId, "export");
typed_id!(
    /// Somebody who operates the instance.
    OperatorId, "operator");
typed_id!(
    /// A text that is kept for captions.
    SnippetId, "snippet");
typed_id!(
    /// A view of the history that is kept.
    SavedViewId, "saved view");
typed_id!(
    /// A note on a day.
    AnnotationId, "annotation");
typed_id!(
    /// A link by which a report is read.
    ReportLinkId, "report link");
typed_id!(
    /// A post that has no file yet.
    IdeaId, "idea");
typed_id!(
    /// A word by which people tell their posts apart.
    LabelId, "label");
typed_id!(
    /// What a draft was like at an earlier time.
    DraftStateId, "draft state");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_short_positive_one() {
        assert_eq!("17".parse(), Ok(RequestNumber::new(17)));
        for wrong in ["", "0", "-1", "+1", "1a", "99999999999999999999"] {
            assert_eq!(wrong.parse::<RequestNumber>(), Err(InvalidNumber), "{wrong}");
        }
    }

    #[test]
    fn an_id_survives_its_text_form_and_refuses_other_texts() {
        let id = PostId::from_uuid(Uuid::from_u128(7));
        assert_eq!(id.to_string().parse::<PostId>(), Ok(id));
        for bad in ["", "7", "{00000000-0000-0000-0000-000000000007}", "zz"] {
            assert_eq!(bad.parse::<PostId>(), Err(InvalidId { kind: "post" }));
        }
    }
}
