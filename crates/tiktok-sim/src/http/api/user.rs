//! `GET /v2/user/info/`: exactly the requested fields, each under its scope.

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::{authorization, known};
use crate::answer::{self, ApiFault, ApiResult, Call};
use crate::config::{BaseUrls, UserSpec};
use crate::http::images;
use crate::journal::Route;
use crate::rules::init::respell;
use crate::scope::Scope;
use crate::simulator::Simulator;
use crate::world::{World, union_id};

const CALLS_PER_MINUTE: usize = 600;

fn scope_of(field: &str) -> Option<Scope> {
    match field {
        "open_id" | "union_id" | "avatar_url" | "avatar_url_100" | "avatar_large_url" | "display_name" => {
            Some(Scope::UserInfoBasic)
        }
        "bio_description" | "profile_deep_link" | "profile_web_link" | "is_verified" | "username" => {
            Some(Scope::UserInfoProfile)
        }
        "follower_count" | "following_count" | "likes_count" | "video_count" => Some(Scope::UserInfoStats),
        _ => None,
    }
}

/// The value of the first query parameter of this name.
pub(super) fn fields(uri: &Uri) -> Vec<String> {
    url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .find(|(name, _)| name == "fields")
        .map(|(_, value)| {
            value.split(',').map(str::trim).filter(|field| !field.is_empty()).map(str::to_owned).collect()
        })
        .unwrap_or_default()
}

fn value(world: &World, base: &BaseUrls, user: &UserSpec, open_id: &str, field: &str, now_ms: i64) -> Value {
    let public_posts =
        || world.posts.iter().filter(|post| post.username == user.username && post.is_public(now_ms)).count();
    let profile = format!("{}/@{}", base.web, user.username);
    match field {
        "open_id" => json!(open_id),
        "union_id" => json!(union_id(&user.username)),
        "avatar_url" | "avatar_url_100" | "avatar_large_url" => json!(images::avatar(base, user, now_ms)),
        "display_name" => json!(user.nickname),
        "bio_description" => json!(user.bio),
        "profile_deep_link" | "profile_web_link" => json!(profile),
        "is_verified" => json!(user.is_verified),
        "username" => json!(user.username),
        "follower_count" => json!(world.followers(&user.username, now_ms)),
        "following_count" => json!(user.following_count),
        "likes_count" => json!(user.likes_count),
        "video_count" => json!(public_posts()),
        _ => Value::Null,
    }
}

fn answer_fields(world: &mut World, base: &BaseUrls, call: &Call, headers: &HeaderMap, uri: &Uri) -> ApiResult {
    let bearer = world.bearer(authorization(headers), Route::UserInfo, CALLS_PER_MINUTE, call.at_ms)?;
    known(world, call, &bearer);
    let fields = fields(uri);
    let invalid = |message: &'static str| ApiFault::new(400, "invalid_params", message);
    let mut bearer = bearer.allowed(&[Scope::UserInfoBasic, Scope::UserInfoProfile, Scope::UserInfoStats])?;
    if fields.is_empty() {
        return Err(invalid("The parameter fields is required"));
    }
    for field in &fields {
        let scope = scope_of(field).ok_or_else(|| invalid("The parameter fields contains an unknown field"))?;
        bearer = bearer.allowed(&[scope])?;
    }
    let user = world.users.get(&bearer.username).ok_or_else(ApiFault::token_invalid)?;
    let members: Map<String, Value> = fields
        .iter()
        .map(|field| (field.clone(), value(world, base, user, &bearer.open_id, field, call.at_ms)))
        .collect();
    Ok(json!({"user": members}))
}

/// The route.
pub(in crate::http) async fn info(
    State(simulator): State<Simulator>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let base = simulator.base_urls();
    let mut world = simulator.world();
    let result = answer_fields(&mut world, &base, &call, &headers, &uri);
    let spelling = world.quirks.invalid_param;
    answer::api(&call, result.map_err(|fault| respell(spelling, fault)))
}
