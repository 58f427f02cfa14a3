//! Cookies and the person behind a request. Owns cookie names and attributes; sessions themselves are in `app`.

use app::Actor;
use app::live::Seen;
use app::sessions::Device;
use app::surroundings::Surroundings;
use axum::extract::{ConnectInfo, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use domain::connection::Flavour;
use domain::schedule::Zone;
use secrecy::{ExposeSecret, SecretString};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use store::wall;

use crate::avatar;
use crate::error::WebError;
use crate::locale::Locale;
use crate::pages::legal::is_document;
use crate::requests::Visitor;
use crate::state::WebState;
use crate::ui::preferences::local_path;
use crate::ui::{Badges, Frame, Nav, PolicyNotice, Preferences, Viewer, When};

/// Cookie of a sentence to show once.
pub(crate) const FLASH: &str = "moloko_flash";
/// Longest bearer secret or cookie that is looked at, characters.
const SECRET_MAX: usize = 128;
/// Longest other cookie that is looked at, characters.
const TEXT_MAX: usize = 1_024;
/// Life of the pre-sign-in cookie, seconds.
const BROWSER_MAX_AGE_S: i64 = 3_600;
/// How long the page of a failed walk can be reloaded, seconds.
const FAILURE_MAX_AGE_S: i64 = 300;

/// Cookie names: with the strict prefix over https; plain on loopback, where browsers refuse `Secure` over http.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CookieNames {
    secure: bool,
}

impl CookieNames {
    /// The names of an instance.
    #[must_use]
    pub fn of(state: &WebState) -> Self {
        Self { secure: state.app.settings.is_https() }
    }

    /// The session's cookie.
    #[must_use]
    pub const fn session(self) -> &'static str {
        if self.secure { "__Host-moloko" } else { "moloko" }
    }

    /// The cookie that ties a walk to TikTok to this browser.
    #[must_use]
    pub const fn browser(self) -> &'static str {
        if self.secure { "__Host-moloko-browser" } else { "moloko-browser" }
    }

    /// The cookie of an operator: the question to an authenticator at first, the session afterwards.
    #[must_use]
    pub const fn operator(self) -> &'static str {
        if self.secure { "__Host-moloko-operator" } else { "moloko-operator" }
    }

    fn set(self, name: &str, value: &str, max_age_s: i64) -> HeaderValue {
        self.set_for(name, value, max_age_s, "Lax")
    }

    fn set_for(self, name: &str, value: &str, max_age_s: i64, sites: &str) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let text = format!("{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite={sites}{secure}");
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
    }

    /// `Set-Cookie` of [`CookieNames::operator`]. No other site leads into pages of operators, so none sends it along.
    #[must_use]
    pub fn open_operator(self, secret: &SecretString) -> HeaderValue {
        self.set_for(self.operator(), secret.expose_secret(), app::operators::SESSION_MS / 1000, "Strict")
    }

    /// `Set-Cookie` that ends it.
    #[must_use]
    pub fn close_operator(self) -> HeaderValue {
        self.set_for(self.operator(), "", 0, "Strict")
    }

    /// `Set-Cookie` of a new session.
    #[must_use]
    pub fn open_session(self, secret: &SecretString) -> HeaderValue {
        self.set(self.session(), secret.expose_secret(), app::sessions::ABSOLUTE_MS / 1000)
    }

    /// `Set-Cookie` that ends the session's cookie.
    #[must_use]
    pub fn close_session(self) -> HeaderValue {
        self.set(self.session(), "", 0)
    }

    /// `Set-Cookie` of the browser's own secret, and of the time zone it told.
    #[must_use]
    pub fn remember_browser(self, secret: &SecretString, zone: Option<&Zone>) -> HeaderValue {
        let zone = zone.map(|zone| format!("~{}", zone.name())).unwrap_or_default();
        self.set(self.browser(), &format!("{}{zone}", secret.expose_secret()), BROWSER_MAX_AGE_S)
    }

    /// What [`CookieNames::remember_browser`] left in this browser.
    #[must_use]
    pub fn browser_of(self, headers: &HeaderMap) -> Option<(SecretString, Option<Zone>)> {
        let value = cookie_secret(headers, self.browser())?;
        match value.expose_secret().split_once('~') {
            Some((secret, zone)) => Some((secret.to_owned().into(), zone.parse().ok())),
            None => Some((value, None)),
        }
    }

    /// The cookie that holds why a walk failed, until its page is shown.
    #[must_use]
    pub const fn failure(self) -> &'static str {
        if self.secure { "__Host-moloko-failure" } else { "moloko-failure" }
    }

    /// `Set-Cookie` of [`CookieNames::failure`].
    #[must_use]
    pub fn remember_failure(self, told: &str) -> HeaderValue {
        self.set(self.failure(), told, FAILURE_MAX_AGE_S)
    }
}

/// `Set-Cookie` of a sentence (`flash-<key>`) that the next page shows.
pub(crate) fn flash_cookie(key: &str) -> String {
    format!("{FLASH}={key}; Path=/; Max-Age=30; HttpOnly; SameSite=Lax")
}

/// The value of a cookie.
pub(crate) fn cookie_text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = CookieJar::from_headers(headers).get(name)?.value().to_owned();
    (!value.is_empty() && value.len() <= TEXT_MAX).then_some(value)
}

/// The value of a cookie, as a secret.
#[must_use]
pub fn cookie_secret(headers: &HeaderMap, name: &str) -> Option<SecretString> {
    let jar = CookieJar::from_headers(headers);
    let value = jar.get(name)?.value();
    (!value.is_empty() && value.len() <= SECRET_MAX).then(|| SecretString::from(value.to_owned()))
}

fn bearer(headers: &HeaderMap) -> Option<SecretString> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let secret = value.strip_prefix("Bearer ")?.trim();
    (!secret.is_empty() && secret.len() <= SECRET_MAX).then(|| SecretString::from(secret.to_owned()))
}

/// A signed-in person's request. As an extractor it sends everybody else to the landing page, or answers programs with 401.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The person.
    pub actor: Actor,
    preferences: Preferences,
    flash: Option<String>,
    /// Read for whole pages only.
    around: Option<Surroundings>,
    /// When everything of theirs begins to be erased, in words.
    leaving: Option<String>,
    /// How far changes were before anything of the page was read.
    seen: Seen,
}

impl SignedIn {
    /// The person's zone; one that is unknown here reads as UTC.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.actor.time_zone.parse().unwrap_or_else(|_| Zone::utc())
    }

    /// The language of the answer.
    #[must_use]
    pub const fn locale(&self) -> Locale {
        self.preferences.locale
    }

    /// The frame of a page in an area of the menu.
    #[must_use]
    pub fn frame(&self, nav: Nav, path: &str) -> Frame {
        Frame {
            locale: self.preferences.locale,
            theme: self.preferences.theme,
            nav,
            viewer: Some(Viewer {
                display_name: self.actor.display_name.clone(),
                handle: self.around.as_ref().and_then(|around| around.handle().map(str::to_owned)),
                flavour: self.around.as_ref().map_or(Flavour::Sea, Surroundings::flavour),
                avatar_url: self.around.as_ref().and_then(|around| avatar::address(around.own.as_ref()?)),
            }),
            badges: self.around.as_ref().map_or_else(Badges::default, |around| Badges {
                queue: around.posts_waiting,
                connections: around.connections_waiting,
                notices: around.notices_unread,
            }),
            path: path.to_owned(),
            live_url: Some(format!("/live?seen={}.{}", self.seen.began.millis(), self.seen.told)),
            flash: self.flash.as_deref().and_then(|key| self.preferences.locale.message(&format!("flash-{key}"), [])),
            policy: self.around.as_ref().and_then(|around| PolicyNotice::of(&around.policy, path)),
            leaving: self.leaving.clone(),
        }
    }

    /// Leads to another page of this site, which says `flash-<key>` once.
    #[must_use]
    pub fn flash(&self, to: &str, key: &str) -> Response {
        let mut response = Redirect::to(local_path(to)).into_response();
        if let Ok(cookie) = HeaderValue::from_str(&flash_cookie(key)) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

/// Routes that programs use: they may come with a bearer secret, and are answered in their own form.
pub(crate) fn is_for_programs(path: &str) -> bool {
    ["/api/", "/webhooks/"].iter().any(|start| path.starts_with(start))
}

impl FromRequestParts<WebState> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Response> {
        let me = Self::of(parts, state).await?;
        wall::within(me.actor.workspace_id);
        Ok(me)
    }
}

impl SignedIn {
    /// Who is behind a request. On a page for everybody, or on the way back from TikTok, that does not say in whose workspace it acts.
    async fn of(parts: &mut Parts, state: &WebState) -> Result<Self, Response> {
        let seen = state.app.live.seen();
        let names = CookieNames::of(state);
        let program = is_for_programs(parts.uri.path());
        let secret = match bearer(&parts.headers) {
            Some(secret) if program => Some(secret),
            Some(_) | None => cookie_secret(&parts.headers, names.session()),
        };
        let actor = match &secret {
            Some(secret) => {
                state.app.actor_of_session(secret).await.map_err(|error| WebError::from(error).into_response())?
            }
            None => None,
        };
        let Some(actor) = actor else {
            let page = !program && parts.method == axum::http::Method::GET;
            return Err(if page {
                Redirect::to("/").into_response()
            } else {
                WebError::status(StatusCode::UNAUTHORIZED).into_response()
            });
        };
        let preferences = Preferences::from_headers(&parts.headers).for_person(&actor.locale, &actor.theme);
        let jar = CookieJar::from_headers(&parts.headers);
        let flash = jar.get(FLASH).map(|cookie| cookie.value().to_owned()).filter(|key| is_key(key));
        let around = if wants_page(&parts.headers) {
            let read = state.app.surroundings(&actor).await;
            Some(read.map_err(|error| WebError::from(error).into_response())?)
        } else {
            None
        };
        let leaving = around
            .as_ref()
            .and_then(|around| around.leaving.as_ref())
            .map(|leaving| When::new(preferences.locale, &actor.time_zone, state.app.now()).moment(leaving.begins_at));
        let me = Self { actor, preferences, flash, around, leaving, seen };
        if let Some(visitor) = parts.extensions.get::<Visitor>() {
            visitor.is(me.actor.session_id);
        }
        if let Some(reader) = parts.extensions.get::<Reader>() {
            let mut frame = Frame { live_url: None, flash: None, ..me.frame(Nav::None, parts.uri.path()) };
            // The address of a form cannot be come back to.
            if let Some(policy) = frame.policy.as_mut().filter(|_| parts.method != axum::http::Method::GET) {
                "/queue".clone_into(&mut policy.next);
            }
            reader.is(frame);
        }
        Ok(me)
    }
}

/// A whole document is asked for, not a part of one, a file or an event stream.
pub(crate) fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    accept.contains("text/html") && !headers.contains_key("hx-request")
}

/// Who turned out to read the answer; an error page is drawn for them. One per request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reader(Arc<OnceLock<Frame>>);

impl Reader {
    pub(crate) fn is(&self, frame: Frame) {
        // The first extractor that knows the person knows as much as the second.
        let _ = self.0.set(frame);
    }

    pub(crate) fn frame(&self) -> Option<&Frame> {
        self.0.get()
    }
}

pub(crate) fn is_key(text: &str) -> bool {
    !text.is_empty() && text.len() <= 40 && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}

/// Middleware: a sentence that a page showed is not shown again; on an https site no cookie travels without TLS.
pub async fn tend_cookies(
    State(https): State<bool>,
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> Response {
    // The policy, the terms and what a link shows are read without any cookie, so a sentence waits for the page after them.
    let had = CookieJar::from_headers(request.headers()).get(FLASH).is_some()
        && !is_document(request.uri().path())
        && !request.uri().path().starts_with("/r/");
    let mut response = next.run(request).await;
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/html"));
    if had && is_page && !response.status().is_redirection() {
        let gone = HeaderValue::from_static("moloko_flash=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
        response.headers_mut().append(header::SET_COOKIE, gone);
    }
    if https && response.headers().contains_key(header::SET_COOKIE) {
        let all: Vec<HeaderValue> = response.headers().get_all(header::SET_COOKIE).iter().map(secured).collect();
        response.headers_mut().remove(header::SET_COOKIE);
        for cookie in all {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

fn secured(cookie: &HeaderValue) -> HeaderValue {
    match cookie.to_str() {
        Ok(text) if !text.ends_with("; Secure") && !text.contains("; Secure;") => {
            HeaderValue::from_str(&format!("{text}; Secure")).unwrap_or_else(|_| cookie.clone())
        }
        Ok(_) | Err(_) => cookie.clone(),
    }
}

/// A person, or nobody: for public pages that look different to somebody signed in.
#[derive(Debug, Clone)]
pub struct MaybeSignedIn(pub Option<SignedIn>, pub Preferences);

impl MaybeSignedIn {
    /// The frame of a public page.
    #[must_use]
    pub fn frame(&self, path: &str) -> Frame {
        match &self.0 {
            Some(me) => Frame { live_url: None, ..me.frame(Nav::None, path) },
            None => Frame::public(self.1.locale, self.1.theme, path),
        }
    }
}

impl FromRequestParts<WebState> for MaybeSignedIn {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Self::Rejection> {
        let preferences = Preferences::from_headers(&parts.headers);
        let me = SignedIn::of(parts, state).await.ok();
        Ok(Self(me, preferences))
    }
}

/// Where a request comes from: the peer's address, or what a proxy on this machine says.
#[derive(Debug, Clone, Copy)]
pub struct ClientIp(pub IpAddr);

impl<S: Sync> FromRequestParts<S> for ClientIp {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(client_ip(&parts.extensions, &parts.headers)))
    }
}

/// See [`ClientIp`].
pub(crate) fn client_ip(extensions: &Extensions, headers: &HeaderMap) -> IpAddr {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    // A socket for both families shows an IPv4 peer as a mapped address.
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)).to_canonical();
    // Only a proxy on this machine is believed, and only what it appended itself: the last entry of the last header.
    let told = headers
        .get_all("x-forwarded-for")
        .iter()
        .next_back()
        .filter(|_| peer.is_loopback())
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.rsplit(',').next())
        .and_then(|value| value.trim().parse().ok());
    told.unwrap_or(peer)
}

/// Browser and system family of a request. No fingerprint: two words.
pub(crate) fn families(headers: &HeaderMap) -> (Option<&'static str>, Option<&'static str>) {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let first =
        |table: &[(&str, &'static str)]| table.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, word)| *word);
    let browser = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iOS"),
        ("iPad", "iPadOS"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    (browser, system)
}

/// The same for the session list.
#[must_use]
pub fn device(headers: &HeaderMap, ip: IpAddr) -> Device {
    let (browser, system) = families(headers);
    let label = match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "?".to_owned(),
    };
    Device { label, ip: ip.to_string() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_device_is_two_words_and_never_a_fingerprint() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::USER_AGENT,
            HeaderValue::from_static(
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.1.2 Safari/537.36",
            ),
        );
        let seen = device(&headers, IpAddr::V4(Ipv4Addr::LOCALHOST));
        assert_eq!(seen.label, "Chrome, Linux");
    }

    async fn ip_of(peer: &str, forwarded: &[&str]) -> String {
        let peer: SocketAddr = peer.parse().unwrap();
        let mut request = axum::http::Request::new(());
        request.extensions_mut().insert(ConnectInfo(peer));
        for value in forwarded {
            request.headers_mut().append("x-forwarded-for", HeaderValue::from_str(value).unwrap());
        }
        let Ok(ClientIp(ip)) = ClientIp::from_request_parts(&mut request.into_parts().0, &()).await;
        ip.to_string()
    }

    #[tokio::test]
    async fn only_a_proxy_on_this_machine_says_where_a_request_comes_from() {
        assert_eq!(ip_of("198.51.100.7:4000", &[]).await, "198.51.100.7");
        assert_eq!(ip_of("198.51.100.7:4000", &["203.0.113.1"]).await, "198.51.100.7", "a stranger's word");
        assert_eq!(ip_of("127.0.0.1:4000", &["203.0.113.1"]).await, "203.0.113.1");
        assert_eq!(ip_of("[::1]:4000", &["2001:db8::1"]).await, "2001:db8::1");
        assert_eq!(ip_of("[::ffff:127.0.0.1]:4000", &["203.0.113.1"]).await, "203.0.113.1");
        assert_eq!(
            ip_of("127.0.0.1:4000", &["6.6.6.6, 203.0.113.1"]).await,
            "203.0.113.1",
            "what the client claimed first"
        );
        assert_eq!(ip_of("127.0.0.1:4000", &["6.6.6.6", "203.0.113.1"]).await, "203.0.113.1", "a header of its own");
        assert_eq!(ip_of("127.0.0.1:4000", &["nonsense"]).await, "127.0.0.1");
    }

    #[test]
    fn a_flash_key_is_a_word_of_ours() {
        assert!(is_key("scheduled"));
        for bad in ["", "A", "a b", "<b>", "x".repeat(41).as_str()] {
            assert!(!is_key(bad), "{bad}");
        }
    }
}
