//! Apps and users: adding, changing, and their identities towards each other.

use super::World;
use crate::config::{AppSpec, UserSpec};
use crate::error::SimError;
use crate::random::{Seeded, of_text};

impl World {
    pub(crate) fn app(&self, client_key: &str) -> Result<&AppSpec, SimError> {
        self.apps.get(client_key).ok_or_else(|| SimError::unknown("app", client_key))
    }

    /// Those that can post first, then by name: the first one is what a person wants to try.
    pub(crate) fn users_in_order(&self) -> Vec<UserSpec> {
        let mut users: Vec<UserSpec> = self.users.values().cloned().collect();
        users.sort_by_key(|user| user.banned || user.posts_elsewhere_today >= user.daily_post_cap);
        users
    }

    pub(crate) fn user(&self, username: &str) -> Result<&UserSpec, SimError> {
        self.users.get(username).ok_or_else(|| SimError::unknown("user", username))
    }

    pub(crate) fn user_mut(&mut self, username: &str) -> Result<&mut UserSpec, SimError> {
        self.users.get_mut(username).ok_or_else(|| SimError::unknown("user", username))
    }
}

/// The user's id in one app: opaque, and different in every app.
pub(crate) fn open_id(client_key: &str, username: &str) -> String {
    format!("-000{}", Seeded::new(of_text(&format!("{client_key} {username}"))).word(28))
}

/// The user's id across the apps of one developer.
pub(crate) fn union_id(username: &str) -> String {
    Seeded::new(of_text(&format!("union {username}"))).word(32)
}
