//! Limits that are not request rates: posts per creator, unfinished drafts, active creators of an app,
//! and what an app that is not audited may post.

use std::collections::BTreeSet;

use super::post_info::Privacy;
use crate::answer::ApiFault;
use crate::config::{AppSpec, UnauditedOptions, UserSpec};
use crate::world::{TaskState, World};

pub(crate) const DAY_MS: i64 = 86_400_000;

/// Direct posts of a creator in the last 24 hours, over all apps.
fn direct_posts_today(world: &World, user: &UserSpec, now_ms: i64) -> u64 {
    let ours = world
        .tasks
        .values()
        .filter(|task| task.username == user.username && task.channel.is_direct())
        .filter(|task| task.created_at_ms > now_ms - DAY_MS)
        .filter(|task| !matches!(task.state, TaskState::Failed { .. }))
        .count();
    u64::try_from(ours).unwrap_or(u64::MAX).saturating_add(u64::from(user.posts_elsewhere_today))
}

/// `spam_risk_too_many_posts`.
pub(crate) fn is_at_post_cap(world: &World, user: &UserSpec, now_ms: i64) -> bool {
    direct_posts_today(world, user, now_ms) >= u64::from(user.daily_post_cap)
}

/// `spam_risk_too_many_pending_share`: drafts of the last 24 hours the person has not finished.
pub(crate) fn is_at_draft_cap(world: &World, user: &UserSpec, now_ms: i64) -> bool {
    let unfinished = world
        .tasks
        .values()
        .filter(|task| task.username == user.username && !task.channel.is_direct())
        .filter(|task| task.created_at_ms > now_ms - DAY_MS)
        .filter(|task| match task.state {
            TaskState::Uploading
            | TaskState::Downloading { .. }
            | TaskState::Processing { .. }
            | TaskState::InInbox { .. } => true,
            TaskState::Complete { .. } | TaskState::Failed { .. } => false,
        })
        .count();
    u32::try_from(unfinished).unwrap_or(u32::MAX) >= world.quirks.pending_draft_cap
}

/// `reached_active_user_cap`: a creator beyond the app's daily number; those already counted go on.
pub(crate) fn is_beyond_active_users(world: &World, app: &AppSpec, username: &str, now_ms: i64) -> bool {
    let Some(allowed) = app.active_users_allowed() else { return false };
    let active: BTreeSet<&str> = world
        .tasks
        .values()
        .filter(|task| task.client_key == app.client_key && task.channel.is_direct())
        .filter(|task| task.created_at_ms > now_ms - DAY_MS)
        .map(|task| task.username.as_str())
        .collect();
    !active.contains(username) && active.len() >= usize::try_from(allowed).unwrap_or(usize::MAX)
}

/// Options shown to this app for this creator.
pub(crate) fn privacy_options(world: &World, app: &AppSpec, user: &UserSpec) -> Vec<Privacy> {
    if !app.stage.is_audited() && world.quirks.unaudited_options == UnauditedOptions::SelfOnly {
        return vec![Privacy::SelfOnly];
    }
    let widest = if user.is_private() { Privacy::Followers } else { Privacy::Public };
    vec![widest, Privacy::Friends, Privacy::SelfOnly]
}

/// The audit rule, then the creator's options.
pub(crate) fn check_privacy(
    world: &World,
    app: &AppSpec,
    user: &UserSpec,
    privacy: Option<Privacy>,
) -> Result<Privacy, ApiFault> {
    let may_post = user.is_private() && privacy == Some(Privacy::SelfOnly);
    if !app.stage.is_audited() && privacy.is_some() && !may_post {
        return Err(ApiFault::guideline("unaudited_client_can_only_post_to_private_accounts"));
    }
    privacy
        .filter(|privacy| privacy_options(world, app, user).contains(privacy))
        .ok_or_else(|| ApiFault::guideline("privacy_level_option_mismatch"))
}
