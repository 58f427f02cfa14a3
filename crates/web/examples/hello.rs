//! The smallest answer that the same HTTP stack can give: what a page of the service is measured against.
//! `cargo run --release -p web --example hello -- 8091`; `scripts/bench-web.sh` starts it by itself.

use axum::Router;
use axum::routing::get;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = std::env::args().nth(1).map_or(Ok(8091), |text| text.parse())?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, Router::new().route("/", get(async || "Hello, World!"))).await?;
    Ok(())
}
