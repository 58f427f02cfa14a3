//! Who asks. Owns the identity that every use case authorises against; must not know how it was proven.

use domain::id::{SessionId, UserId, WorkspaceId};

/// A signed-in person acting in one workspace, from any door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person.
    pub user_id: UserId,
    /// The workspace all of whose posts, media and connections the actor may touch, and nothing else.
    pub workspace_id: WorkspaceId,
    /// The session that proved it.
    pub session_id: SessionId,
    /// Name shown in the page frame.
    pub display_name: String,
    /// `en` or `ru`.
    pub locale: String,
    /// IANA zone in which times are typed and shown.
    pub time_zone: String,
    /// `system`, `light` or `dark`.
    pub theme: String,
}
