//! Everything with HTTP: routes under exact paths, the gate that records and breaks calls, pages and the admin API.

mod admin;
mod api;
mod authorize;
mod connection;
mod gate;
mod images;
mod oauth;
mod pages;
mod pull;
mod upload;
mod watch;
pub(crate) mod webhooks;

pub use gate::Dropped;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post, put};
use tokio::net::TcpListener;

use crate::simulator::Simulator;

/// The routes TikTok has, behind the gate; ours beside them.
pub(crate) fn router(simulator: Simulator) -> Router {
    let platform = Router::new()
        .route("/v2/auth/authorize/", get(authorize::show).post(authorize::decide))
        .route("/v2/auth/authorize", get(authorize::show).post(authorize::decide))
        .route("/v2/oauth/token/", post(oauth::token))
        .route("/v2/oauth/revoke/", post(oauth::revoke))
        .route("/v2/user/info/", get(api::user::info))
        .route("/v2/post/publish/creator_info/query/", post(api::creator::query))
        .route("/v2/post/publish/video/init/", post(api::publish::direct_video))
        .route("/v2/post/publish/inbox/video/init/", post(api::publish::inbox_video))
        .route("/v2/post/publish/content/init/", post(api::publish::photos))
        .route("/v2/post/publish/status/fetch/", post(api::status::fetch))
        .route("/v2/post/publish/cancel/", post(api::status::cancel))
        .route("/v2/video/list/", post(api::display::list))
        .route("/v2/video/query/", post(api::display::query))
        .route("/upload/video/", put(upload::chunk))
        .route("/video/", put(upload::chunk))
        .route("/sim-cdn/{kind}/{name}", get(images::show))
        .fallback(gate::not_found)
        .layer(from_fn_with_state(simulator.clone(), gate::gate));
    platform.merge(admin::routes()).merge(pages::routes()).with_state(simulator)
}

/// Serves with connections that faults can cut.
pub(crate) async fn serve(listener: TcpListener, router: Router) {
    let service = router.into_make_service_with_connect_info::<connection::Connection>();
    if let Err(error) = axum::serve(connection::CuttableListener::new(listener), service).await {
        tracing::error!(%error, "the simulator's listener stopped");
    }
}
