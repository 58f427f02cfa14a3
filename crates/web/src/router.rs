//! Every route in one table, each with who may use it. A test walks the table; a route that is not in it does not exist.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderName, HeaderValue, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get, patch, post, put};
use axum::{Router, middleware};
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use store::wall;

use crate::error::WebError;
use crate::pages::operator::door;
use crate::pages::{
    analytics, board, bulk, calendar, compose, connect, connections, erasure, gallery, guide, help, history, installed,
    labels, landing, legal, library, notices, operator as desk, post as post_page, queue, reports, settings, snippets,
    your_data,
};
use crate::security_headers::{self, SecurityHeaders};
use crate::session::{MaybeSignedIn, tend_cookies};
use crate::state::WebState;
use crate::{assets, avatar, error, gate, health, live, media, requests, uploads, webhook};

/// Largest body of an ordinary form, bytes.
const FORM_MAX_BYTES: usize = 64 * 1024;
/// Largest webhook, bytes.
const WEBHOOK_MAX_BYTES: usize = 64 * 1024;
/// An ordinary answer takes no longer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(40);

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody; no session needed.
    Public,
    /// A signed-in person, for what is in their workspace.
    SignedIn,
    /// Whoever has a link, proven by the word in the address. Nobody is asked who they are.
    Shared,
    /// TikTok's redirect, proven by its state.
    Callback,
    /// TikTok's servers, proven by a signature.
    Webhook,
    /// TikTok's servers, proven by the word in the address.
    Gate,
    /// Whoever operates the instance, by a secret or from the machine itself.
    Operator,
    /// How operators come in: open for everybody, and the same for everybody.
    OperatorDoor,
    /// A signed-in operator. For everybody else it does not exist.
    Console,
    /// Everybody, in development mode only.
    Development,
}

/// How long a route's body and answer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A form and a page.
    Page,
    /// A form that brings a spreadsheet, and a page.
    Sheet,
    /// Bytes without a fixed end: uploads, media, live updates.
    Stream,
    /// A webhook.
    Hook,
}

struct Route {
    path: &'static str,
    access: Access,
    kind: Kind,
    methods: MethodRouter<WebState>,
}

fn page(path: &'static str, access: Access, methods: MethodRouter<WebState>) -> Route {
    Route { path, access, kind: Kind::Page, methods }
}

fn sheet(path: &'static str, access: Access, methods: MethodRouter<WebState>) -> Route {
    Route { path, access, kind: Kind::Sheet, methods }
}

fn stream(path: &'static str, access: Access, methods: MethodRouter<WebState>) -> Route {
    Route { path, access, kind: Kind::Stream, methods }
}

fn routes() -> Vec<Route> {
    use Access::{Callback, Console, Development, Gate, Operator, OperatorDoor, Public, Shared, SignedIn, Webhook};
    vec![
        page("/", Public, get(home)),
        page("/privacy", Public, get(legal::privacy)),
        page("/privacy.json", Public, get(legal::privacy_json)),
        page("/privacy/promises", Public, get(legal::promises::promises)),
        page("/privacy/{version}", Public, get(legal::privacy_version)),
        page("/privacy/{version}/changes", Public, get(legal::privacy_changes)),
        page("/terms", Public, get(legal::terms)),
        page("/terms.json", Public, get(legal::terms_json)),
        page("/terms/{version}", Public, get(legal::terms_version)),
        page("/terms/{version}/changes", Public, get(legal::terms_changes)),
        page("/agreement", SignedIn, get(legal::agreement::ask).post(legal::agreement::answer)),
        page("/preferences", Public, post(settings::switch)),
        page("/healthz", Public, get(health::alive)),
        page("/readyz", Public, get(health::ready)),
        page("/metrics", Operator, get(health::metrics)),
        page("/worker.js", Public, get(installed::worker)),
        page("/offline", Public, get(installed::offline)),
        page("/share", SignedIn, get(installed::share)),
        stream("/share", SignedIn, post(installed::shared)),
        page("/dev/gallery", Development, get(show_gallery)),
        page("/connect", Public, get(connect::show).post(connect::begin)),
        page("/connect/failed", Public, get(connect::show_failure)),
        page("/connect/account/{id}", SignedIn, get(connect::confirm::ask).post(connect::confirm::confirm)),
        page("/connect/account/{id}/decline", SignedIn, post(connect::confirm::decline)),
        stream("/connect/account/{id}/avatar", SignedIn, get(avatar::of_unconfirmed)),
        page("/oauth/tiktok/callback/", Callback, get(connect::callback)),
        page("/sign-out", SignedIn, post(connect::sign_out)),
        page("/queue", SignedIn, get(queue::show)),
        page("/queue/body", SignedIn, get(queue::body)),
        page("/queue/arrange", SignedIn, get(queue::arrange::choose).post(queue::arrange::review)),
        page("/queue/arrange/apply", SignedIn, post(queue::arrange::apply)),
        page("/queue/arrange/done", SignedIn, get(queue::arrange::done)),
        page("/calendar", SignedIn, get(calendar::show)),
        page("/calendar/body", SignedIn, get(calendar::body)),
        page("/calendar/posts/{id}/move", SignedIn, post(calendar::moving::set)),
        page("/board", SignedIn, get(board::show)),
        page("/board/body", SignedIn, get(board::body)),
        page("/board/ideas", SignedIn, post(board::ideas::add)),
        page("/board/ideas/{id}", SignedIn, post(board::ideas::change)),
        page("/board/ideas/{id}/labels", SignedIn, post(board::ideas::labels)),
        page("/board/ideas/{id}/move", SignedIn, post(board::moving::idea)),
        page("/board/ideas/{id}/delete", SignedIn, post(board::ideas::delete)),
        page("/board/posts/{id}/move", SignedIn, post(board::moving::post)),
        page("/guide/hide", SignedIn, post(guide::hide)),
        page("/guide/show", SignedIn, post(guide::show)),
        page("/samples", SignedIn, post(guide::add_samples)),
        page("/samples/remove", SignedIn, post(guide::remove_samples)),
        page("/labels", SignedIn, get(labels::show).post(labels::add)),
        page("/labels/{id}", SignedIn, post(labels::change)),
        page("/labels/{id}/delete", SignedIn, post(labels::delete)),
        page("/bulk", SignedIn, get(bulk::show).post(bulk::make)),
        page("/bulk/rows/{post}", SignedIn, post(bulk::save)),
        page("/bulk/chosen", SignedIn, post(bulk::chosen)),
        page("/bulk/consent", SignedIn, post(bulk::consent)),
        page("/bulk/plan", SignedIn, get(bulk::sheet::plan)),
        page("/bulk/template.csv", SignedIn, get(bulk::sheet::template_csv)),
        page("/bulk/template.xlsx", SignedIn, get(bulk::sheet::template_xlsx)),
        sheet("/bulk/import", SignedIn, post(bulk::sheet::try_it)),
        sheet("/bulk/import/make", SignedIn, post(bulk::sheet::make)),
        page("/compose", SignedIn, get(compose::start).post(compose::begin)),
        page("/compose/when", SignedIn, get(compose::explain_time)),
        page("/compose/{group}", SignedIn, get(compose::show)),
        page("/compose/{group}/account", SignedIn, post(compose::add_account)),
        page("/compose/{group}/{post}", SignedIn, post(compose::submit)),
        page("/compose/{group}/{post}/draft", SignedIn, put(compose::autosave)),
        page("/compose/{group}/{post}/restore", SignedIn, post(compose::earlier::restore)),
        page("/compose/{group}/{post}/delete", SignedIn, post(compose::delete)),
        page("/posts/{id}", SignedIn, get(post_page::show)),
        page("/posts/{id}/body", SignedIn, get(post_page::body)),
        page("/posts/{id}/labels", SignedIn, post(labels::of_post)),
        page("/posts/{id}/resolve", SignedIn, post(post_page::resolve)),
        page("/posts/{id}/published", SignedIn, post(post_page::confirm)),
        page("/posts/{id}/move", SignedIn, get(post_page::change::ask_time).post(post_page::change::set_time)),
        page("/posts/{id}/cancel", SignedIn, get(post_page::change::ask_cancel).post(post_page::change::cancel)),
        page("/history", SignedIn, get(history::show)),
        page("/history/punctuality", SignedIn, get(history::punctuality::show)),
        page("/history/file", SignedIn, get(history::file::take)),
        page("/history/views", SignedIn, post(history::views::keep)),
        page("/history/views/{id}/delete", SignedIn, post(history::views::forget)),
        page("/analytics", SignedIn, get(analytics::show)),
        page("/analytics/notes", SignedIn, post(analytics::notes::add)),
        page("/analytics/notes/{id}/delete", SignedIn, post(analytics::notes::remove)),
        page("/analytics/compare", SignedIn, get(analytics::compare::show)),
        page("/reports", SignedIn, get(reports::list)),
        page("/reports/{week}", SignedIn, get(reports::show)),
        page("/reports/{week}/file", SignedIn, get(reports::file)),
        page("/reports/{week}/share", SignedIn, post(reports::share::make)),
        page("/reports/links/{id}/end", SignedIn, post(reports::share::end)),
        page("/reports/wish", SignedIn, post(reports::weekly::choose)),
        page("/r/{word}", Shared, get(reports::shared::show)),
        stream("/r/{word}/pictures/{id}", Shared, get(reports::shared::picture)),
        page("/connections/{id}/numbers/allow", SignedIn, post(analytics::allow)),
        page("/connections/{id}/numbers/stop", SignedIn, post(analytics::stop)),
        page("/connections", SignedIn, get(connections::show)),
        page("/connections/add", SignedIn, post(connections::add)),
        stream("/connections/{id}/avatar", SignedIn, get(avatar::of_connection)),
        page("/connections/{id}/reconnect", SignedIn, post(connections::reconnect)),
        page("/connections/{id}/disconnect", SignedIn, get(connections::ask_disconnect).post(connections::disconnect)),
        page("/connections/{id}/rhythm", SignedIn, get(connections::rhythm::show).post(connections::rhythm::save)),
        page("/connections/{id}/slot", SignedIn, post(analytics::times::set)),
        page("/connections/{id}/pause", SignedIn, post(connections::pause::pause)),
        page(
            "/connections/{id}/resume",
            SignedIn,
            get(connections::pause::ask_resume).post(connections::pause::resume),
        ),
        page("/snippets", SignedIn, get(snippets::show).post(snippets::add)),
        page("/snippets/{id}", SignedIn, post(snippets::change)),
        page("/snippets/{id}/delete", SignedIn, post(snippets::delete)),
        page("/settings", SignedIn, get(settings::show).post(settings::save)),
        page("/your-data", SignedIn, get(your_data::show)),
        page("/your-data.json", SignedIn, get(your_data::file)),
        page("/your-data/correct", SignedIn, get(your_data::correct::show)),
        page("/your-data/name", SignedIn, post(your_data::correct::rename)),
        page("/your-data/consents", SignedIn, get(your_data::consents::show)),
        page("/connections/{id}/refresh", SignedIn, post(your_data::correct::refresh)),
        page("/posts/{id}/note", SignedIn, post(post_page::note::write)),
        page("/notices", SignedIn, get(notices::show)),
        page("/notices/read", SignedIn, post(notices::read_all)),
        page("/notices/{number}/open", SignedIn, post(notices::open)),
        page("/help", Public, get(help::show)),
        page("/help/requests", SignedIn, post(help::ask)),
        page("/help/requests/{number}", SignedIn, get(help::thread::show).post(help::thread::write)),
        page("/help/requests/{number}/close", SignedIn, post(help::thread::close)),
        page("/your-data/export", SignedIn, get(your_data::export::body).post(your_data::export::make)),
        stream("/your-data/export/{id}/{until}/{word}", SignedIn, get(your_data::export::fetch)),
        page("/schemas/export/1/{name}", Public, get(your_data::export::published_schema)),
        page("/operator/link/{word}", OperatorDoor, get(door::show_link).post(door::begin_link)),
        page("/operator/link/{word}/passkey", OperatorDoor, post(door::finish_link)),
        page("/operator/sign-in", OperatorDoor, get(door::show_sign_in).post(door::begin_sign_in)),
        page("/operator/sign-in/passkey", OperatorDoor, post(door::finish_sign_in)),
        page("/operator/confirm", Console, get(door::show_confirm).post(door::begin_confirm)),
        page("/operator/confirm/passkey", Console, post(door::finish_confirm)),
        page("/operator/sign-out", Console, post(door::sign_out)),
        page("/operator", Console, get(desk::overview::show)),
        page("/operator/requests", Console, get(desk::requests::show)),
        page("/operator/requests/{number}", Console, get(desk::requests::show_one).post(desk::requests::write)),
        page("/operator/requests/{number}/close", Console, post(desk::requests::close)),
        page("/operator/duties", Console, get(desk::duties::show)),
        page("/operator/holds", Console, post(desk::duties::place)),
        page("/operator/holds/{id}/lift", Console, post(desk::duties::lift)),
        page("/operator/promises", Console, get(desk::promises::show)),
        page("/operator/audit", Console, get(desk::audit::show)),
        page("/operator/audit/verify", Console, post(desk::audit::verify)),
        page("/operator/access", Console, get(desk::access::show)),
        page("/operator/sessions/{id}/end", Console, post(desk::access::end)),
        page("/settings/leave", SignedIn, get(erasure::ask_leave).post(erasure::leave)),
        page("/settings/stay", SignedIn, post(erasure::stay)),
        page("/receipts/{secret}", Public, get(erasure::receipt)),
        page("/receipts/{secret}/receipt.json", Public, get(erasure::receipt_file)),
        page("/your-data/receipts", SignedIn, get(erasure::receipts::all)),
        page("/your-data/receipts/{id}", SignedIn, get(erasure::receipts::one)),
        page("/your-data/receipts/{id}/receipt.json", SignedIn, get(erasure::receipts::file)),
        page("/library/receipts/{id}", SignedIn, get(erasure::receipts::deletion)),
        page("/settings/push", SignedIn, post(settings::push::begin)),
        page("/settings/push/{id}/end", SignedIn, post(settings::push::end)),
        page("/settings/sessions/{id}/end", SignedIn, post(settings::end_session)),
        page("/library/{id}/fit", SignedIn, get(library::fit::body).post(library::fit::ask_for)),
        page("/library/{id}/fit/cancel", SignedIn, post(library::fit::cancel)),
        page("/library/chosen", SignedIn, post(library::pick::chosen)),
        page("/library/{id}/tags", SignedIn, post(library::tags::save)),
        page("/library/{id}/delete", SignedIn, post(library::delete)),
        page("/library/uploads/{id}/delete", SignedIn, post(library::give_up)),
        page("/library", SignedIn, get(library::show)),
        stream("/library", SignedIn, post(uploads::form::receive)),
        stream("/api/v1/uploads", SignedIn, post(uploads::create).options(uploads::options)),
        stream(
            "/api/v1/uploads/{id}",
            SignedIn,
            patch(uploads::append).head(uploads::ask).delete(uploads::terminate).options(uploads::options),
        ),
        stream("/media/{id}/file", SignedIn, get(media::file)),
        stream("/media/{id}/thumbnail", SignedIn, get(media::thumbnail)),
        stream("/media/{id}/frames/{n}", SignedIn, get(media::frame)),
        stream("/live", SignedIn, get(live::stream)),
        stream("/pull/{attempt}/{word}/{n}", Gate, get(gate::picture)),
        page("/pull/{file}", Gate, get(gate::signature)),
        Route { path: "/webhooks/tiktok", access: Webhook, kind: Kind::Hook, methods: post(webhook::receive) },
    ]
}

/// Every path with who may use it, for the access test and the documentation.
#[must_use]
pub fn access_table() -> Vec<(&'static str, Access)> {
    routes().into_iter().map(|route| (route.path, route.access)).collect()
}

/// The whole site.
pub fn router(state: WebState) -> Router {
    let settings = &state.app.settings;
    let headers = SecurityHeaders::new(&state.app.tiktok.authorize_endpoint(), settings.is_https());
    let https = settings.is_https();
    // A proxy may rewrite the host; the address people use is trusted all the same.
    let own = settings.public_url.origin().ascii_serialization();
    let forgery = CsrfLayer::new().add_trusted_origin(own).unwrap_or_else(|_| CsrfLayer::new());
    let development = !settings.production;
    let no_referrer =
        SetResponseHeaderLayer::overriding(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let mut site: Router<WebState> = Router::new();
    for route in routes() {
        if route.access == Access::Development && !development {
            continue;
        }
        let methods = match route.kind {
            Kind::Page => bounded(route.methods, FORM_MAX_BYTES).layer(packed()),
            Kind::Sheet => bounded(route.methods, bulk::sheet::FORM_MAX_BYTES).layer(packed()),
            Kind::Hook => bounded(route.methods, WEBHOOK_MAX_BYTES),
            // The use case counts these bytes; a limit here would only cut resumable uploads short.
            Kind::Stream => route.methods.layer::<_, Infallible>(DefaultBodyLimit::disable()),
        };
        let methods = match route.access {
            // TikTok's servers send no browser headers; everybody else's unsafe requests must come from our own pages.
            Access::Webhook => methods,
            // The address holds a code, so whatever the answer is, an error page too, tells nobody where it came from.
            Access::Callback => methods.layer::<_, Infallible>(forgery.clone()).layer(no_referrer.clone()),
            Access::Public | Access::SignedIn | Access::Gate | Access::Operator | Access::Development => {
                methods.layer(forgery.clone())
            }
            // The address is the key: it is told to nobody, and no search engine lists it.
            Access::Shared => methods
                .layer::<_, Infallible>(forgery.clone())
                .layer(no_referrer.clone())
                .layer(middleware::map_response(unlisted)),
            Access::OperatorDoor => methods.layer(forgery.clone()).layer(middleware::map_response(for_operators)),
            // Which methods it knows is nobody's business either.
            Access::Console => {
                any(nothing_here).merge(methods).layer(forgery.clone()).layer(middleware::map_response(for_operators))
            }
        };
        site = site.route(route.path, methods);
    }
    let noted = middleware::from_fn_with_state(state.clone(), requests::note);
    let walled = middleware::from_fn(|request: Request<axum::body::Body>, next: middleware::Next| {
        wall::request(next.run(request))
    });
    dressed(site.fallback(nothing_here).with_state(state).merge(assets::routes()), headers, https)
        .layer(walled)
        .layer(noted)
}

/// One step above the default of brotli: pages are a tenth smaller for a fraction of a millisecond.
fn packed() -> CompressionLayer {
    CompressionLayer::new().quality(CompressionLevel::Precise(5))
}

/// The layers that every answer passes, outermost last.
fn dressed(site: Router, headers: SecurityHeaders, https: bool) -> Router {
    let request_id = HeaderName::from_static("x-request-id");
    site.layer(middleware::from_fn_with_state(https, tend_cookies))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(error::render))
        .layer(middleware::from_fn_with_state(headers, security_headers::protect))
        .layer(PropagateRequestIdLayer::new(request_id.clone()))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(SetRequestIdLayer::new(request_id, MakeRequestUuid))
}

/// No search engine lists it.
async fn unlisted(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    response
}

/// What pages of operators have beside the rest, where there is one: no search engine lists them, and they may ask for a passkey.
async fn for_operators(mut response: Response) -> Response {
    // What is not there looks like everything else that is not there.
    if response.status() != StatusCode::NOT_FOUND {
        let headers = response.headers_mut();
        headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
        headers.insert(HeaderName::from_static("permissions-policy"), security_headers::permissions_with_passkeys());
    }
    response
}

fn bounded(methods: MethodRouter<WebState>, body_bytes: usize) -> MethodRouter<WebState> {
    methods
        .layer::<_, Infallible>(DefaultBodyLimit::max(body_bytes))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, ANSWER_TIMEOUT))
}

/// A path without the secrets that some of them carry.
fn loggable(path: &str) -> &str {
    if path.starts_with("/receipts/") {
        "/receipts/..."
    } else if path.starts_with("/r/") {
        "/r/..."
    } else if path.starts_with("/operator/link/") {
        "/operator/link/..."
    } else if path.starts_with("/your-data/export/") {
        "/your-data/export/..."
    } else {
        gate::loggable(path)
    }
}

/// What a request leaves in the log: no query string, no header, no body. Other addresses with secrets have them in the query.
fn span<B>(request: &Request<B>) -> tracing::Span {
    let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    tracing::info_span!("request", method = %request.method(), path = loggable(request.uri().path()), id)
}

fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    tracing::error!("a request handler panicked");
    WebError::status(StatusCode::INTERNAL_SERVER_ERROR).into_response()
}

async fn nothing_here() -> WebError {
    WebError::status(StatusCode::NOT_FOUND)
}

async fn home(State(state): State<WebState>, who: MaybeSignedIn) -> Response {
    let retention_days = state.legal.retention_days;
    landing::Landing { retention_days }.render(&who.frame("/")).into_response()
}

async fn show_gallery(who: MaybeSignedIn) -> Response {
    gallery::gallery(&who.frame("/dev/gallery")).into_response()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use axum::body::{Body, to_bytes};
    use tower::ServiceExt as _;

    use super::*;

    async fn broken() -> StatusCode {
        panic!("the secret reason")
    }

    #[tokio::test]
    async fn a_handler_that_panics_answers_500_with_a_page_and_no_reason() {
        let headers = SecurityHeaders::new(&"https://www.tiktok.com".parse().unwrap(), true);
        let site = dressed(Router::new().route("/broken", get(broken)), headers, true);
        for (accept, kind, words) in [
            ("text/html", "text/html", "<!DOCTYPE html>"),
            ("application/json", "application/problem+json", "\"status\":500"),
        ] {
            let request = Request::get("/broken").header(header::ACCEPT, accept).body(Body::empty()).unwrap();
            let answer = site.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert!(answer.headers().get(header::CONTENT_TYPE).unwrap().to_str().unwrap().starts_with(kind));
            assert!(answer.headers().contains_key(header::CONTENT_SECURITY_POLICY));
            assert!(answer.headers().contains_key("x-request-id"));
            let body = to_bytes(answer.into_body(), 1_000_000).await.unwrap();
            let text = String::from_utf8_lossy(&body);
            assert!(text.contains(words) && !text.contains("secret reason"), "{text}");
        }
    }
}
