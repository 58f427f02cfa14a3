//! Language and theme of a reader who is not signed in, kept in two cookies; and the form that changes them.
//! A signed-in person's stored choice wins over both; must not store anything that could identify a reader.

use std::convert::Infallible;

use axum::{
    Form,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::frame::Theme;
use crate::locale::Locale;

const LOCALE_COOKIE: &str = "moloko_locale";
const THEME_COOKIE: &str = "moloko_theme";
const YEAR_S: u32 = 31_536_000;

/// What a request says about how pages should look. As an extractor it never fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Preferences {
    /// The language to answer in.
    pub locale: Locale,
    /// The theme to draw in.
    pub theme: Theme,
}

impl Preferences {
    /// Reads cookies and `Accept-Language`.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let jar = CookieJar::from_headers(headers);
        let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
        Self {
            locale: Locale::choose(None, jar.get(LOCALE_COOKIE).map(|c| c.value()), asked),
            theme: jar.get(THEME_COOKIE).and_then(|c| Theme::parse(c.value())).unwrap_or_default(),
        }
    }

    /// The language that somebody chose in this browser; `None` when nobody did.
    #[must_use]
    pub fn chosen_locale(headers: &HeaderMap) -> Option<Locale> {
        CookieJar::from_headers(headers).get(LOCALE_COOKIE).and_then(|cookie| Locale::parse(cookie.value()))
    }

    /// The same, unless the person's stored choice (texts of the database) says otherwise.
    #[must_use]
    pub fn for_person(self, locale: &str, theme: &str) -> Self {
        Self { locale: Locale::parse(locale).unwrap_or(self.locale), theme: Theme::parse(theme).unwrap_or(self.theme) }
    }
}

impl<S: Sync> FromRequestParts<S> for Preferences {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::from_headers(&parts.headers))
    }
}

/// Body of `POST /preferences`; a missing field leaves that choice as it is.
#[derive(Debug, Deserialize)]
pub struct PreferencesForm {
    /// A language tag.
    pub locale: Option<String>,
    /// `system`, `light` or `dark`.
    pub theme: Option<String>,
    /// The page to come back to: a path on this server.
    #[serde(default)]
    pub next: String,
}

/// `POST /preferences`: remembers the choice in this browser and returns to where the reader was.
pub async fn save(Form(form): Form<PreferencesForm>) -> Response {
    let mut headers = HeaderMap::new();
    remember(&mut headers, form.locale.as_deref().unwrap_or_default(), form.theme.as_deref().unwrap_or_default());
    let next = HeaderValue::from_str(local_path(&form.next)).unwrap_or(HeaderValue::from_static("/"));
    headers.insert(header::LOCATION, next);
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// Keeps a choice in the browser that gets the answer; a word that is none leaves that choice as it is.
pub fn remember(answer: &mut HeaderMap, locale: &str, theme: &str) {
    let mut keep = |name: &str, value: &str| {
        // the values are words of ours, so the header is always well-formed
        if let Ok(cookie) =
            HeaderValue::from_str(&format!("{name}={value}; Path=/; Max-Age={YEAR_S}; HttpOnly; SameSite=Lax"))
        {
            answer.append(header::SET_COOKIE, cookie);
        }
    };
    if let Some(locale) = Locale::parse(locale) {
        keep(LOCALE_COOKIE, locale.tag());
    }
    if let Some(theme) = Theme::parse(theme) {
        keep(THEME_COOKIE, theme.as_str());
    }
}

/// A path on this server, or `/`: never another host, however it is spelled.
#[must_use]
pub fn local_path(next: &str) -> &str {
    let sane = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(['\\', '\r', '\n', '\t'])
        && next.len() <= 1024
        && next.is_ascii();
    if sane { next } else { "/" }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    fn headers(cookie: &str, languages: &str) -> HeaderMap {
        let mut map = HeaderMap::new();
        map.insert(header::COOKIE, HeaderValue::from_str(cookie).unwrap());
        map.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_str(languages).unwrap());
        map
    }

    #[test]
    fn a_cookie_outweighs_the_browser_and_the_person_outweighs_both() {
        let seen = Preferences::from_headers(&headers("moloko_locale=ru; moloko_theme=dark", "en"));
        assert_eq!(seen, Preferences { locale: Locale::Ru, theme: Theme::Dark });
        assert_eq!(seen.for_person("en", "light"), Preferences { locale: Locale::En, theme: Theme::Light });
        assert_eq!(seen.for_person("", "nonsense"), seen);
        assert_eq!(Preferences::from_headers(&headers("moloko_theme=pink", "ru")).theme, Theme::System);
    }

    #[tokio::test]
    async fn saving_sets_both_cookies_and_goes_back() {
        let form = PreferencesForm { locale: Some("ru".into()), theme: Some("dark".into()), next: "/terms?x=1".into() };
        let answer = save(Form(form)).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert_eq!(answer.headers()[header::LOCATION], "/terms?x=1");
        let cookies: Vec<_> =
            answer.headers().get_all(header::SET_COOKIE).iter().map(|v| v.to_str().unwrap()).collect();
        assert!(cookies[0].starts_with("moloko_locale=ru;") && cookies[1].starts_with("moloko_theme=dark;"));
        assert!(cookies.iter().all(|c| c.contains("HttpOnly") && c.contains("SameSite=Lax")));
    }

    #[test]
    fn the_way_back_never_leaves_this_server() {
        for evil in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "/a\r\nSet-Cookie: x=1",
            "",
        ] {
            assert_eq!(local_path(evil), "/", "{evil}");
        }
        assert_eq!(local_path("/queue?page=2"), "/queue?page=2");
    }
}
