//! The headers every answer carries so that a mistake elsewhere stays small. Owns their values; must not depend on a page.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

/// No page needs any of these; the program asks for none of them.
const PERMISSIONS: &str = "accelerometer=(), autoplay=(self), camera=(), clipboard-write=(self), display-capture=(), \
                           encrypted-media=(), fullscreen=(self), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), \
                           payment=(), picture-in-picture=(self), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), \
                           xr-spatial-tracking=()";

/// The same for pages of operators, which ask for a passkey.
pub(crate) fn permissions_with_passkeys() -> HeaderValue {
    const GET: &str = "publickey-credentials-get=()";
    let permissions = PERMISSIONS.replace(GET, "publickey-credentials-create=(self), publickey-credentials-get=(self)");
    // The fallback allows less, never more.
    HeaderValue::from_str(&permissions).unwrap_or(HeaderValue::from_static(PERMISSIONS))
}

/// The set of headers of one instance. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SecurityHeaders {
    policy: HeaderValue,
    https: bool,
}

impl SecurityHeaders {
    /// Headers for an instance that sends people to `authorize` to sign in and is itself reached over TLS when `https`.
    ///
    /// Browsers apply `form-action` to redirects too, so the origin of the authorize page has to be named.
    #[must_use]
    pub fn new(authorize: &url::Url, https: bool) -> Self {
        let origin = authorize.origin();
        let form_action = if origin.is_tuple() {
            format!("form-action 'self' {}", origin.ascii_serialization())
        } else {
            "form-action 'self'".to_owned()
        };
        let policy = [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob:",
            "media-src 'self' blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            &form_action,
        ]
        .join("; ");
        Self {
            // an origin is ASCII without control characters, so the fallback is the stricter policy, never none
            policy: HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'")),
            https,
        }
    }

    /// Adds every header that the answer does not set itself (the callback page, for one, sends a stricter referrer policy).
    pub fn apply(&self, headers: &mut HeaderMap) {
        let mut set = |name: HeaderName, value: HeaderValue| {
            headers.entry(name).or_insert(value);
        };
        set(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        set(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        set(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        set(HeaderName::from_static("permissions-policy"), HeaderValue::from_static(PERMISSIONS));
        set(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
        set(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
        set(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        // pages hold personal data: only answers that say otherwise may be kept
        set(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.https {
            set(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000; includeSubDomains"));
        }
    }
}

/// The middleware: `axum::middleware::from_fn_with_state(headers, security_headers::protect)`.
pub async fn protect(State(headers): State<SecurityHeaders>, request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    headers.apply(answer.headers_mut());
    answer
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    fn headers(authorize: &str, https: bool) -> HeaderMap {
        let mut map = HeaderMap::new();
        SecurityHeaders::new(&authorize.parse().unwrap(), https).apply(&mut map);
        map
    }

    #[test]
    fn no_inline_code_and_only_the_authorize_page_may_receive_forms() {
        let map = headers("https://www.tiktok.com/v2/auth/authorize/", true);
        let policy = map[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(!policy.contains("unsafe") && !policy.contains("data:") && !policy.contains('*'));
        assert!(policy.contains("form-action 'self' https://www.tiktok.com"));
        assert!(!policy.contains("/v2/auth"));
        assert!(
            headers("http://127.0.0.1:4010/v2/auth/authorize/", false)[header::CONTENT_SECURITY_POLICY]
                .to_str()
                .unwrap()
                .contains("form-action 'self' http://127.0.0.1:4010")
        );
    }

    #[test]
    fn strict_transport_only_where_there_is_transport_security() {
        assert!(headers("https://www.tiktok.com", true).contains_key(header::STRICT_TRANSPORT_SECURITY));
        assert!(!headers("https://www.tiktok.com", false).contains_key(header::STRICT_TRANSPORT_SECURITY));
    }

    #[test]
    fn a_page_may_be_stricter_than_the_rest() {
        let mut map = HeaderMap::new();
        map.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        SecurityHeaders::new(&"https://www.tiktok.com".parse().unwrap(), true).apply(&mut map);
        assert_eq!(map[header::REFERRER_POLICY], "no-referrer");
        assert_eq!(map[header::CACHE_CONTROL], "no-store");
    }
}
