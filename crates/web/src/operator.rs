//! Who operates, behind a request: the cookie and the extractor. For everybody else these pages do not exist. Owns nothing of people's sessions.

use app::operators::OperatorActor;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use secrecy::SecretString;

use crate::error::WebError;
use crate::locale::Locale;
use crate::session::{CookieNames, FLASH, Reader, cookie_secret, flash_cookie, is_key};
use crate::state::WebState;
use crate::ui::preferences::local_path;
use crate::ui::{Frame, Preferences, When};

/// A signed-in operator's request. As an extractor it answers everybody else that there is nothing here.
#[derive(Debug, Clone)]
pub struct Operator {
    /// The operator.
    pub actor: OperatorActor,
    /// What the cookie holds.
    pub secret: SecretString,
    preferences: Preferences,
    flash: Option<String>,
}

impl Operator {
    /// The language of the answer.
    #[must_use]
    pub const fn locale(&self) -> Locale {
        self.preferences.locale
    }

    /// What is around a page of theirs.
    #[must_use]
    pub fn frame(&self, path: &str) -> Frame {
        let l = self.preferences.locale;
        Frame {
            flash: self.flash.as_deref().and_then(|key| l.message(&format!("flash-{key}"), [])),
            ..Frame::public(l, self.preferences.theme, path)
        }
    }

    /// Times for operators are in UTC, as in logs and in the record.
    #[must_use]
    pub fn when(&self, state: &WebState) -> When {
        When::new(self.locale(), "UTC", state.app.now())
    }

    /// Leads to another page, which says `flash-<key>` once.
    #[must_use]
    pub fn flash(&self, to: &str, key: &str) -> Response {
        let mut response = Redirect::to(local_path(to)).into_response();
        if let Ok(cookie) = HeaderValue::from_str(&flash_cookie(key)) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }

    /// What came of a change: the page that says so, or first the question whether it is still them.
    ///
    /// # Errors
    /// What the use case refused.
    pub fn changed(&self, done: app::Result<()>, to: &str, key: &str) -> Result<Response, WebError> {
        match done {
            Ok(()) => Ok(self.flash(to, key)),
            Err(app::Error::Conflict { code: "operator-confirm" }) => {
                let next: String = url::form_urlencoded::byte_serialize(to.as_bytes()).collect();
                Ok(Redirect::to(&format!("/operator/confirm?next={next}")).into_response())
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl FromRequestParts<WebState> for Operator {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, WebError> {
        const NOTHING_HERE: WebError = WebError::status(StatusCode::NOT_FOUND);
        let secret = cookie_secret(&parts.headers, CookieNames::of(state).operator()).ok_or(NOTHING_HERE)?;
        let actor = state.app.operator_of_session(&secret).await?.ok_or(NOTHING_HERE)?;
        let jar = CookieJar::from_headers(&parts.headers);
        let flash = jar.get(FLASH).map(|cookie| cookie.value().to_owned()).filter(|key| is_key(key));
        let me = Self { actor, secret, preferences: Preferences::from_headers(&parts.headers), flash };
        if let Some(reader) = parts.extensions.get::<Reader>() {
            reader.is(Frame { flash: None, ..me.frame(parts.uri.path()) });
        }
        Ok(me)
    }
}
