//! Scripts, styles, fonts and pictures embedded in the binary, and the route that serves them.
//! File names carry their content's hash, so answers may be cached forever; must not read the disk.

use std::{collections::HashMap, sync::LazyLock};

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "assets/dist"]
struct Dist;

/// A file the pages refer to by meaning; the bundler gives it a name with a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asset {
    /// The style sheet of every page.
    Style,
    /// The additional style sheet of posts as they will look: the post page, many posts at once.
    ComposerStyle,
    /// The additional style sheet of the calendar.
    CalendarStyle,
    /// The additional style sheet of many posts at once.
    BulkStyle,
    /// The additional style sheet of operators' pages.
    OperatorStyle,
    /// The additional style sheet of the board.
    BoardStyle,
    /// The additional style sheet of numbers and their charts.
    AnalyticsStyle,
    /// The additional style sheet of reports, on paper too.
    ReportStyle,
    /// The additional style sheet of the gallery.
    GalleryStyle,
    /// The script of every page.
    App,
    /// The additional script of the post page.
    Composer,
    /// The additional script of the calendar.
    Calendar,
    /// The additional script of the board.
    Board,
    /// The additional script of the grid of many posts, and of its review.
    Bulk,
    /// The additional script of an account's week.
    Rhythm,
    /// The additional script of operators' pages: passkeys.
    Operator,
    /// The additional script of the settings: messages to this browser.
    Push,
    /// The additional script of a report: printing.
    Reports,
    /// The icon sprite.
    Icons,
    /// The mark, with its highlight.
    Logo,
    /// The mark for browser tabs.
    Favicon,
    /// The mark inside a safe zone, for home screens.
    Maskable,
    /// The mark as dots, for home screens that take no drawing.
    AppleTouch,
    /// Name, colours and icons for home screens.
    WebManifest,
    /// Onest, Latin.
    FontLatin,
    /// Onest, Cyrillic.
    FontCyrillic,
    /// Drawn stand-ins for video thumbnails on the landing page and in the gallery.
    Sample(Sample),
}

/// The drawn thumbnails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sample {
    /// A cup from above.
    Coffee,
    /// A sailing boat.
    Sail,
    /// A microphone.
    Studio,
    /// Towers at night.
    City,
    /// Hills at sunrise.
    Dawn,
    /// A football pitch.
    Pitch,
    /// Breakfast in a pan.
    Pan,
    /// A person.
    Portrait,
}

impl Asset {
    /// Every asset, for tests and for the gallery.
    pub const ALL: [Self; 34] = [
        Self::Style,
        Self::ComposerStyle,
        Self::CalendarStyle,
        Self::BulkStyle,
        Self::OperatorStyle,
        Self::BoardStyle,
        Self::AnalyticsStyle,
        Self::ReportStyle,
        Self::GalleryStyle,
        Self::App,
        Self::Composer,
        Self::Calendar,
        Self::Board,
        Self::Bulk,
        Self::Rhythm,
        Self::Operator,
        Self::Push,
        Self::Reports,
        Self::Icons,
        Self::Logo,
        Self::Favicon,
        Self::Maskable,
        Self::AppleTouch,
        Self::WebManifest,
        Self::FontLatin,
        Self::FontCyrillic,
        Self::Sample(Sample::Coffee),
        Self::Sample(Sample::Sail),
        Self::Sample(Sample::Studio),
        Self::Sample(Sample::City),
        Self::Sample(Sample::Dawn),
        Self::Sample(Sample::Pitch),
        Self::Sample(Sample::Pan),
        Self::Sample(Sample::Portrait),
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Style => "app.css",
            Self::ComposerStyle => "composer.css",
            Self::CalendarStyle => "calendar.css",
            Self::BulkStyle => "bulk.css",
            Self::OperatorStyle => "operator.css",
            Self::BoardStyle => "board.css",
            Self::AnalyticsStyle => "analytics.css",
            Self::ReportStyle => "report.css",
            Self::GalleryStyle => "gallery.css",
            Self::App => "app.js",
            Self::Composer => "composer.js",
            Self::Calendar => "calendar.js",
            Self::Board => "board.js",
            Self::Bulk => "bulk.js",
            Self::Rhythm => "rhythm.js",
            Self::Operator => "operator.js",
            Self::Push => "push.js",
            Self::Reports => "reports.js",
            Self::Icons => "icons.svg",
            Self::Logo => "logo.svg",
            Self::Favicon => "favicon.svg",
            Self::Maskable => "maskable.svg",
            Self::AppleTouch => "apple-touch-icon.png",
            Self::WebManifest => "site.webmanifest",
            Self::FontLatin => "onest-latin.woff2",
            Self::FontCyrillic => "onest-cyrillic.woff2",
            Self::Sample(Sample::Coffee) => "sample-coffee.svg",
            Self::Sample(Sample::Sail) => "sample-sail.svg",
            Self::Sample(Sample::Studio) => "sample-studio.svg",
            Self::Sample(Sample::City) => "sample-city.svg",
            Self::Sample(Sample::Dawn) => "sample-dawn.svg",
            Self::Sample(Sample::Pitch) => "sample-pitch.svg",
            Self::Sample(Sample::Pan) => "sample-pan.svg",
            Self::Sample(Sample::Portrait) => "sample-portrait.svg",
        }
    }

    /// The address to put into a page, `/assets/NAME-HASH.EXT`.
    #[must_use]
    pub fn url(self) -> &'static str {
        ADDRESSES.get(self.name()).map_or("/assets/not-bundled", String::as_str)
    }
}

/// Logical name to address. Empty when the manifest cannot be read; a test forbids that.
static ADDRESSES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let parsed = Dist::get("manifest.json").map(|file| serde_json::from_slice::<HashMap<String, String>>(&file.data));
    match parsed {
        Some(Ok(names)) => names.into_iter().map(|(name, file)| (name, format!("/assets/{file}"))).collect(),
        Some(Err(error)) => {
            tracing::error!(%error, "assets/dist/manifest.json is unreadable; run `make assets`");
            HashMap::new()
        }
        None => HashMap::new(),
    }
});

/// `/assets/{file}` and `/favicon.ico`, for any application state.
pub fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    Router::new().route("/assets/{file}", get(serve)).route("/favicon.ico", get(favicon))
}

/// The worker's text; not found where it was not bundled.
pub fn worker() -> Response {
    let name = ADDRESSES.get("worker.js").and_then(|address| address.strip_prefix("/assets/"));
    name.and_then(Dist::get).map_or_else(
        || StatusCode::NOT_FOUND.into_response(),
        |file| ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], file.data.into_owned()).into_response(),
    )
}

async fn favicon() -> Response {
    (
        StatusCode::MOVED_PERMANENTLY,
        [(header::LOCATION, Asset::Favicon.url()), (header::CACHE_CONTROL, "public, max-age=86400")],
    )
        .into_response()
}

/// Sends an embedded file in the best encoding the browser accepts. Unknown names are 404.
pub async fn serve(Path(file): Path<String>, request: HeaderMap) -> Response {
    let Some(kind) = content_type(&file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Some(plain) = Dist::get(&file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    // A file is no document, so the long lists for documents would be half a kilobyte of every file for nothing.
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    );
    headers.insert(HeaderName::from_static("permissions-policy"), HeaderValue::from_static("camera=()"));
    // the name holds the hash of the content, so the name is the tag
    let tag = format!("\"{file}\"");
    if let Ok(value) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, value);
    }
    let known = request.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    if known.is_some_and(|tags| tags.split(',').any(|t| t.trim().trim_start_matches("W/") == tag)) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let accepted = request.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
    for (coding, suffix) in [("br", ".br"), ("gzip", ".gz")] {
        if accepts(accepted, coding)
            && let Some(packed) = Dist::get(&format!("{file}{suffix}"))
        {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
            return (headers, packed.data.into_owned()).into_response();
        }
    }
    (headers, plain.data.into_owned()).into_response()
}

/// Whether an `Accept-Encoding` header names `coding` without forbidding it.
fn accepts(header: &str, coding: &str) -> bool {
    header.split(',').any(|item| {
        let mut parts = item.split(';');
        parts.next().is_some_and(|name| name.trim().eq_ignore_ascii_case(coding))
            && !parts.any(|part| matches!(part.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// The type of a public file; `None` hides the manifest and the packed siblings.
fn content_type(file: &str) -> Option<&'static str> {
    match file.rsplit_once('.')?.1 {
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        "png" => Some("image/png"),
        "woff2" => Some("font/woff2"),
        "webmanifest" => Some("application/manifest+json"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use axum::{body::Body, http::Request};
    use tower::ServiceExt;

    use super::*;

    async fn fetch(path: &str, headers: &[(header::HeaderName, &str)]) -> Response {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        routes::<()>().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn every_asset_is_bundled_and_cached_forever() {
        for asset in Asset::ALL {
            let answer = fetch(asset.url(), &[]).await;
            assert_eq!(answer.status(), StatusCode::OK, "{asset:?} at {}", asset.url());
            assert!(answer.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
            let tag = answer.headers()[header::ETAG].to_str().unwrap().to_owned();
            let again = fetch(asset.url(), &[(header::IF_NONE_MATCH, &tag)]).await;
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        }
    }

    #[tokio::test]
    async fn the_smallest_accepted_encoding_is_sent() {
        let url = Asset::Style.url();
        let brotli = fetch(url, &[(header::ACCEPT_ENCODING, "gzip, deflate, br, zstd")]).await;
        assert_eq!(brotli.headers()[header::CONTENT_ENCODING], "br");
        let gzip = fetch(url, &[(header::ACCEPT_ENCODING, "br;q=0, gzip")]).await;
        assert_eq!(gzip.headers()[header::CONTENT_ENCODING], "gzip");
        let plain = fetch(url, &[]).await;
        assert!(plain.headers().get(header::CONTENT_ENCODING).is_none());
    }

    #[tokio::test]
    async fn nothing_but_public_files_is_served() {
        for path in [
            "/assets/manifest.json",
            "/assets/nope.css",
            "/assets/..%2fmanifest.json",
            &format!("{}.br", Asset::App.url()),
        ] {
            assert_eq!(fetch(path, &[]).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(fetch("/favicon.ico", &[]).await.headers()[header::LOCATION], Asset::Favicon.url());
    }
}
