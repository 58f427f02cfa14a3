//! Connected accounts: health, permissions in plain words, adding, renewing, disconnecting. Owns their routes and looks.

pub mod pause;
pub mod rhythm;

use app::connections::ConnectionView;
use app::settings::TikTokApp;
use app::sign_in::Purpose;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::connection::{ConnectionState, SCOPE_PUBLISH, SCOPE_UPLOAD, Scopes};
use domain::id::ConnectionId;
use maud::{Markup, html};

use crate::avatar;
use crate::error::WebError;
use crate::locale::Locale;
use crate::pages::connect::{Walk, leave};
use crate::pages::erasure::to_receipt;
use crate::pages::guide::app_status;
use crate::session::{ClientIp, SignedIn};
use crate::state::WebState;
use crate::ui::account::{Face, Size, face};
use crate::ui::{
    Button, Frame, Icon, Kind, Nav, When, app_page, button, empty_state, icon, link_button, page_head, surface,
};

/// The page of all connections.
pub struct ConnectionsPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// The accounts.
    pub views: &'a [ConnectionView],
    /// How far the app is at TikTok.
    pub app: TikTokApp,
    /// The reader's clock and zone.
    pub when: &'a When,
}

/// The page of all connections.
#[must_use]
pub fn connections_page(page: &ConnectionsPage<'_>) -> Markup {
    let l = page.frame.locale;
    let add = html! {
        form method="post" action="/connections/add" {
            (button(&Button { label: &t!(l, "connections-add"), kind: Kind::Primary, icon: Some(Icon::Plus), ..Button::default() }))
        }
    };
    let content = html! {
        (page_head(&t!(l, "nav-connections"), Some(&t!(l, "connections-lede")), Some(&add)))
        (app_status(l, page.app))
        @if page.views.is_empty() {
            (empty_state(&t!(l, "connections-empty"), &t!(l, "connections-empty-more"), 2, None))
        }
        div.grid.m20 { @for view in page.views { (one(page, view)) } }
    };
    app_page(page.frame, t!(l, "nav-connections"), &content)
}

fn one(page: &ConnectionsPage<'_>, view: &ConnectionView) -> Markup {
    let (l, c) = (page.frame.locale, &view.connection);
    let missing: Vec<&str> = [SCOPE_PUBLISH, SCOPE_UPLOAD].into_iter().filter(|scope| !c.scopes.has(scope)).collect();
    let base = format!("/connections/{}", c.id);
    let picture = avatar::address(c);
    let health = match c.state {
        ConnectionState::Active => t!(l, "connections-active"),
        ConnectionState::ReconnectNeeded => t!(l, "connections-reconnect-needed"),
        ConnectionState::Disconnected => t!(l, "connections-disconnected"),
    };
    html! {
        section.card.stack data-flavour=(c.flavour.as_str()) aria-labelledby=(format!("c-{}", c.id)) {
            div.row {
                (face(&Face { name: &c.display_name, flavour: c.flavour, picture: picture.as_deref() }, Size::Large))
                div.grow { h2 id=(format!("c-{}", c.id)) { (c.display_name) } @if let Some(handle) = &c.username { p.sub { "@" (handle) } } }
            }
            @if let Some(at) = view.erased_from { p.sub { (t!(l, "connections-erased-at", at = page.when.moment(at))) } }
            p { b { (health) } @if view.waiting_posts > 0 { " " (t!(l, "connections-waiting", n = view.waiting_posts)) } }
            @if let Some(at) = view.rhythm.paused_at { (pause::paused(l, page.when, c, at)) }
            @if c.state != ConnectionState::Disconnected {
                (permissions(l, &c.scopes))
                dl.facts {
                    dt { (t!(l, "connections-since")) } dd { (page.when.moment_element(c.connected_at)) }
                    @if let Some(at) = view.access_expires_at { dt { (t!(l, "connections-access")) } dd { (page.when.relative_element(at)) } }
                    @if let Some(at) = view.refresh_expires_at { dt { (t!(l, "connections-grant")) } dd { (page.when.moment_element(at)) } }
                }
            }
            div.row {
                @if c.state != ConnectionState::Active || !missing.is_empty() {
                    form method="post" action=(format!("{base}/reconnect")) {
                        (button(&Button { label: &t!(l, "verb-reconnect"), small: true, ..Button::default() }))
                    }
                }
                @if c.state != ConnectionState::Disconnected {
                    (link_button(&format!("/analytics#readings-{}", c.id), &Button { label: &t!(l, "nav-analytics"), small: true, ..Button::default() }))
                    (link_button(&format!("{base}/rhythm"), &Button { label: &t!(l, "rhythm-open"), small: true, ..Button::default() }))
                    (link_button(&format!("{base}/disconnect"), &Button { label: &t!(l, "verb-disconnect"), small: true, kind: Kind::Ghost, ..Button::default() }))
                }
            }
        }
    }
}

/// What the account allows us, in plain words.
pub(crate) fn permissions(l: Locale, scopes: &Scopes) -> Markup {
    html! {
        ul.marks {
            (permission(true, &t!(l, "scope-basic-granted")))
            @if scopes.has(SCOPE_PUBLISH) { (permission(true, &t!(l, "scope-publish-granted"))) }
            @else { (permission(false, &t!(l, "scope-publish-missing"))) }
            @if scopes.has(SCOPE_UPLOAD) { (permission(true, &t!(l, "scope-upload-granted"))) }
            @else { (permission(false, &t!(l, "scope-upload-missing"))) }
        }
    }
}

fn permission(granted: bool, words: &str) -> Markup {
    html! { li.no[!granted] { (icon(if granted { Icon::Check } else { Icon::Close })) span { (words) } } }
}

/// `GET /connections`.
///
/// # Errors
/// When the database does not answer.
pub async fn show(State(state): State<WebState>, me: SignedIn) -> Result<Response, WebError> {
    let views = state.app.connection_views(&me.actor).await?;
    let frame = me.frame(Nav::Connections, "/connections");
    let when = When::new(me.locale(), &me.actor.time_zone, state.app.now());
    Ok(connections_page(&ConnectionsPage {
        frame: &frame,
        views: &views,
        app: state.app.settings.tiktok_app,
        when: &when,
    })
    .into_response())
}

/// `POST /connections/add`: one more account; TikTok asks which.
///
/// # Errors
/// 429 when one address starts too many walks.
pub async fn add(
    State(state): State<WebState>,
    me: SignedIn,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    state.throttle.sign_in(ip).map_err(WebError::too_many)?;
    let walk = Walk { purpose: Purpose::AddAccount(&me.actor), adult: true, next: "/connections", zone: None };
    Ok(leave(&state, &headers, me.locale().tag(), walk).await?)
}

/// `POST /connections/{id}/reconnect`: renews the grant of exactly this account.
///
/// # Errors
/// For a foreign connection; 429 when one address starts too many walks.
pub async fn reconnect(
    State(state): State<WebState>,
    me: SignedIn,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
    Path(id): Path<ConnectionId>,
) -> Result<Response, WebError> {
    state.throttle.sign_in(ip).map_err(WebError::too_many)?;
    let walk = Walk { purpose: Purpose::Reconnect(&me.actor, id), adult: true, next: "/connections", zone: None };
    Ok(leave(&state, &headers, me.locale().tag(), walk).await?)
}

/// `GET /connections/{id}/disconnect`: what will be deleted, and when.
///
/// # Errors
/// For a foreign connection.
pub async fn ask_disconnect(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<ConnectionId>,
) -> Result<Response, WebError> {
    let connection = state.app.connection(&me.actor, id).await?;
    let l = me.locale();
    let frame = me.frame(Nav::Connections, &format!("/connections/{id}/disconnect"));
    let calendar = state.app.leaving_calendar();
    let when = When::new(l, &me.actor.time_zone, state.app.now());
    let title = t!(l, "disconnect-title", name = connection.display_name.as_str());
    let content = surface::question(
        l,
        &title,
        &t!(l, "disconnect-text", at = when.moment(calendar.begins_at), deadline = when.moment(calendar.deadline_at)),
        &format!("/connections/{id}/disconnect"),
        &t!(l, "verb-disconnect"),
        "/connections",
    );
    Ok(app_page(&frame, title, &content).into_response())
}

/// `POST /connections/{id}/disconnect`.
///
/// # Errors
/// For a foreign connection.
pub async fn disconnect(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<ConnectionId>,
) -> Result<Response, WebError> {
    // In a task of its own: who closes the page has disconnected all the same.
    let ending = tokio::spawn(async move { state.app.disconnect(&me.actor, id).await });
    let done = ending.await.map_err(|_| WebError::status(StatusCode::INTERNAL_SERVER_ERROR))??;
    Ok(to_receipt(&done))
}
