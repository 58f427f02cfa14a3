//! Profiles and posts as the public sees them, and the received media behind them.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use maud::html;

use super::layout::{Frame, page, time};
use super::overview;
use crate::answer;
use crate::http::watch;
use crate::simulator::Simulator;
use crate::views::SimPost;

fn missing() -> Response {
    let body = html! { section { h1 { "Nothing here" } p { "This account or post does not exist, or is not public." } p { a href="/console" { "Console" } } } };
    page(404, &Frame { title: "Nothing here", is_narrow: true, version: None }, &body)
}

/// `GET /@{username}`
pub(super) async fn account(State(simulator): State<Simulator>, Path(handle): Path<String>) -> Response {
    let Some(username) = handle.strip_prefix('@') else { return missing() };
    let Some(user) = simulator.users().into_iter().find(|user| user.username == username) else { return missing() };
    let posts: Vec<SimPost> =
        simulator.posts().into_iter().filter(|post| post.username == username && post.is_public).collect();
    let body = html! {
        section { h1 { (user.nickname) } p.quiet { "@" (user.username) " · " (user.bio) } }
        @if posts.is_empty() { section { p.quiet { "No public posts." } } }
        @for post in posts.iter().rev() {
            section.post { (overview::media(post)) p { (post.caption) } p.quiet { (time(post.created_at_ms)) } }
        }
    };
    page(200, &Frame { title: &user.nickname, is_narrow: true, version: None }, &body)
}

/// `GET /@{username}/video/{post_id}` and `/photo/`: posts the public cannot see say so, but play for the tester.
pub(super) async fn post(State(simulator): State<Simulator>, Path((handle, post_id)): Path<(String, u64)>) -> Response {
    let found =
        simulator.posts().into_iter().find(|post| post.post_id == post_id && handle == format!("@{}", post.username));
    let Some(post) = found else { return missing() };
    let body = html! {
        section.post {
            (overview::media(&post))
            p { strong { (post.caption) } }
            p.quiet { "@" (post.username) " · " (time(post.created_at_ms)) }
            @if !post.is_public { p.warn { "The public does not see this post." } }
            (overview::tags(&post))
        }
    };
    page(200, &Frame { title: "Post", is_narrow: true, version: None }, &body)
}

/// `GET /console/media/{post_id}/{part}`
pub(super) async fn media(
    State(simulator): State<Simulator>,
    Path((post_id, part)): Path<(u64, usize)>,
    headers: HeaderMap,
) -> Response {
    let found = simulator.posts().into_iter().find(|post| post.post_id == post_id);
    let Some(post) = found else { return answer::bare(404) };
    let Some(path) = post.files.get(part) else { return answer::bare(404) };
    let mime = match &post.media {
        Some(facts) => facts.container.mime(),
        None if post.is_photo => "image/jpeg",
        None => "video/mp4",
    };
    watch::file(path, mime, &headers).await
}
