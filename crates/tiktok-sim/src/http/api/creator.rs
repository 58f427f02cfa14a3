//! `POST /v2/post/publish/creator_info/query/`: what a post page must show. Some refusals come with HTTP 200.

use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::json;

use super::{authorization, known};
use crate::answer::{self, ApiFault, ApiResult, Call};
use crate::config::BaseUrls;
use crate::http::images;
use crate::journal::Route;
use crate::rules::caps;
use crate::scope::Scope;
use crate::simulator::Simulator;
use crate::world::World;

const CALLS_PER_MINUTE: usize = 20;

/// On purpose an HTTP success.
fn polite_refusal(code: &'static str) -> ApiFault {
    ApiFault { status: 200, ..ApiFault::guideline(code) }
}

fn answer_query(world: &mut World, base: &BaseUrls, call: &Call, headers: &HeaderMap) -> ApiResult {
    let bearer = world.bearer(authorization(headers), Route::CreatorInfo, CALLS_PER_MINUTE, call.at_ms)?;
    known(world, call, &bearer);
    let bearer = bearer.allowed(&[Scope::VideoPublish])?;
    if let Some(grant) = world.grants.get_mut(bearer.grant) {
        grant.creator_info_at_ms = Some(call.at_ms);
    }
    let app = world.apps.get(&bearer.client_key).ok_or_else(ApiFault::token_invalid)?;
    let user = world.users.get(&bearer.username).ok_or_else(ApiFault::token_invalid)?;
    if user.banned {
        return Err(polite_refusal("spam_risk_user_banned_from_posting"));
    }
    if caps::is_at_post_cap(world, user, call.at_ms) {
        return Err(polite_refusal("spam_risk_too_many_posts"));
    }
    if caps::is_beyond_active_users(world, app, &user.username, call.at_ms) {
        return Err(polite_refusal("reached_active_user_cap"));
    }
    let options: Vec<&str> =
        caps::privacy_options(world, app, user).into_iter().map(|privacy| privacy.as_str()).collect();
    Ok(json!({
        "creator_avatar_url": images::avatar(base, user, call.at_ms),
        "creator_username": user.username,
        "creator_nickname": user.nickname,
        "privacy_level_options": options,
        "comment_disabled": user.comment_disabled,
        "duet_disabled": user.duet_disabled || user.is_private(),
        "stitch_disabled": user.stitch_disabled || user.is_private(),
        "max_video_post_duration_sec": user.max_video_post_duration_sec,
    }))
}

/// The route.
pub(in crate::http) async fn query(
    State(simulator): State<Simulator>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
) -> Response {
    let base = simulator.base_urls();
    let result = answer_query(&mut simulator.world(), &base, &call, &headers);
    answer::api(&call, result)
}
