//! Video list and query: public, moderated posts with counters that grow deterministically.

use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::user::fields;
use super::{authorization, known};
use crate::answer::{self, ApiFault, ApiResult, Call};
use crate::config::BaseUrls;
use crate::http::images;
use crate::journal::Route;
use crate::json::{self, Members, Noticed};
use crate::rules::init::respell;
use crate::scope::Scope;
use crate::simulator::Simulator;
use crate::world::growth::{self, Counters};
use crate::world::{Bearer, Post, World};

const CALLS_PER_MINUTE: usize = 600;
const PAGE_DEFAULT: usize = 10;
const PAGE_MAX: usize = 20;
const TEXT_MAX: usize = 150;

const FIELDS: [&str; 15] = [
    "id",
    "create_time",
    "cover_image_url",
    "share_url",
    "video_description",
    "duration",
    "height",
    "width",
    "title",
    "embed_html",
    "embed_link",
    "like_count",
    "comment_count",
    "share_count",
    "view_count",
];

fn invalid(message: &'static str) -> ApiFault {
    ApiFault::new(400, "invalid_params", message)
}

fn value(post: &Post, base: &BaseUrls, field: &str, now_ms: i64) -> Value {
    let Counters { views, likes, comments, shares } = growth::counters(post, now_ms);
    let short: String = post.caption().chars().take(TEXT_MAX).collect();
    let link = format!("{}/@{}/video/{}", base.web, post.username, post.post_id);
    match field {
        "id" => json!(post.post_id.to_string()),
        "create_time" => json!(post.created_at_ms.div_euclid(1000)),
        "cover_image_url" => json!(images::cover(base, post.post_id, now_ms)),
        "share_url" => json!(format!("{link}?utm_campaign=tt4d_open_api&utm_source={}", post.client_key)),
        "video_description" | "title" => json!(short),
        "duration" => json!(post.media.as_ref().map_or(0, |facts| facts.duration_ms.div_ceil(1000))),
        "height" => json!(post.media.as_ref().map_or(0, |facts| facts.height_px)),
        "width" => json!(post.media.as_ref().map_or(0, |facts| facts.width_px)),
        "embed_html" => json!(format!("<blockquote cite=\"{link}\"></blockquote>")),
        "embed_link" => json!(link),
        "view_count" => json!(views),
        "like_count" => json!(likes),
        "comment_count" => json!(comments),
        "share_count" => json!(shares),
        _ => Value::Null,
    }
}

fn render(post: &Post, base: &BaseUrls, fields: &[String], now_ms: i64) -> Value {
    let members: Map<String, Value> =
        fields.iter().map(|field| (field.clone(), value(post, base, field, now_ms))).collect();
    Value::Object(members)
}

fn caller(world: &mut World, call: &Call, headers: &HeaderMap, route: Route) -> Result<Bearer, ApiFault> {
    let bearer = world.bearer(authorization(headers), route, CALLS_PER_MINUTE, call.at_ms)?;
    known(world, call, &bearer);
    bearer.allowed(&[Scope::VideoList])
}

fn wanted(uri: &Uri) -> Result<Vec<String>, ApiFault> {
    let fields = fields(uri);
    if fields.is_empty() {
        return Err(invalid("The parameter fields is required"));
    }
    if fields.iter().any(|field| !FIELDS.contains(&field.as_str())) {
        return Err(invalid("The parameter fields contains an unknown field"));
    }
    Ok(fields)
}

/// The body is optional for a list.
fn body_members(body: &[u8]) -> Result<Map<String, Value>, ApiFault> {
    if body.is_empty() { Ok(Map::new()) } else { json::object(body) }
}

fn public_posts<'a>(world: &'a World, username: &'a str, now_ms: i64) -> impl Iterator<Item = &'a Post> {
    world.posts.iter().filter(move |post| post.username == username && post.is_public(now_ms))
}

fn answer_list(
    world: &mut World,
    base: &BaseUrls,
    call: &Call,
    headers: &HeaderMap,
    uri: &Uri,
    body: &[u8],
) -> ApiResult {
    let bearer = caller(world, call, headers, Route::VideoList)?;
    let fields = wanted(uri)?;
    let map = body_members(body)?;
    let mut noticed = Noticed::default();
    let members = Members::new(&map, "", &["cursor", "max_count"], &mut noticed);
    let before_ms = members.integer("cursor")?.filter(|cursor| *cursor > 0).unwrap_or(i64::MAX);
    let count = match members.integer("max_count")? {
        None => PAGE_DEFAULT,
        Some(count) => usize::try_from(count)
            .ok()
            .filter(|count| (1..=PAGE_MAX).contains(count))
            .ok_or_else(|| invalid("max_count must be between 1 and 20"))?,
    };
    if let Some(received) = world.journal.get_mut(call.seq) {
        received.unknown_members = noticed.unknown;
    }
    let mut posts: Vec<&Post> =
        public_posts(world, &bearer.username, call.at_ms).filter(|post| post.created_at_ms < before_ms).collect();
    posts.sort_by_key(|post| std::cmp::Reverse((post.created_at_ms, post.post_id)));
    let has_more = posts.len() > count;
    posts.truncate(count);
    let cursor = posts.last().map_or(call.at_ms, |post| post.created_at_ms);
    let videos: Vec<Value> = posts.into_iter().map(|post| render(post, base, &fields, call.at_ms)).collect();
    Ok(json!({"videos": videos, "cursor": cursor, "has_more": has_more}))
}

fn answer_query(
    world: &mut World,
    base: &BaseUrls,
    call: &Call,
    headers: &HeaderMap,
    uri: &Uri,
    body: &[u8],
) -> ApiResult {
    let bearer = caller(world, call, headers, Route::VideoQuery)?;
    let fields = wanted(uri)?;
    let map = json::object(body)?;
    let mut noticed = Noticed::default();
    let top = Members::new(&map, "", &["filters"], &mut noticed);
    let filters = top.object("filters")?.ok_or_else(|| invalid("filters is required"))?;
    let ids = Members::new(filters, "filters", &["video_ids"], &mut noticed)
        .texts("video_ids")?
        .filter(|ids| (1..=PAGE_MAX).contains(&ids.len()))
        .ok_or_else(|| invalid("video_ids must hold 1 to 20 ids"))?;
    let videos: Vec<Value> = public_posts(world, &bearer.username, call.at_ms)
        .filter(|post| ids.contains(&post.post_id.to_string().as_str()))
        .map(|post| render(post, base, &fields, call.at_ms))
        .collect();
    if let Some(received) = world.journal.get_mut(call.seq) {
        received.unknown_members = noticed.unknown;
    }
    Ok(json!({"videos": videos}))
}

/// `POST /v2/video/list/`
pub(in crate::http) async fn list(
    State(simulator): State<Simulator>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Response {
    let base = simulator.base_urls();
    let mut world = simulator.world();
    let result = answer_list(&mut world, &base, &call, &headers, &uri, &body);
    let spelling = world.quirks.invalid_param;
    answer::api(&call, result.map_err(|fault| respell(spelling, fault)))
}

/// `POST /v2/video/query/`
pub(in crate::http) async fn query(
    State(simulator): State<Simulator>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Response {
    let base = simulator.base_urls();
    let mut world = simulator.world();
    let result = answer_query(&mut world, &base, &call, &headers, &uri, &body);
    let spelling = world.quirks.invalid_param;
    answer::api(&call, result.map_err(|fault| respell(spelling, fault)))
}
