//! A person's browser at TikTok's consent page: plain requests and a plain form, no redirects followed by itself.

use std::collections::BTreeMap;

use app::App;
use app::sign_in::{Callback, Purpose, StartSignIn};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use secrecy::SecretString;
use std::sync::Mutex;
use url::Url;

/// What the person does on the consent page.
#[derive(Debug, Clone)]
pub struct Answer {
    username: &'static str,
    scopes: Vec<&'static str>,
    decision: &'static str,
}

pub const ALL_SCOPES: [&str; 3] = ["user.info.basic", "video.publish", "video.upload"];

impl Answer {
    /// Allows everything that was asked for.
    pub fn allow(username: &str) -> Self {
        Self::allow_only(username, &ALL_SCOPES)
    }

    /// Unticks everything but these scopes.
    pub fn allow_only(username: &str, scopes: &[&'static str]) -> Self {
        let username = Box::leak(username.to_owned().into_boxed_str());
        Self { username, scopes: scopes.to_vec(), decision: "allow" }
    }

    /// Presses Cancel.
    pub fn cancel(username: &str) -> Self {
        Self { decision: "cancel", ..Self::allow(username) }
    }
}

/// One browser with its cookies: ours (the secret) and TikTok's.
pub struct Browser {
    pub secret: SecretString,
    http: reqwest::Client,
    tiktok_cookie: Mutex<Option<String>>,
}

impl Browser {
    pub fn new() -> Self {
        let mut bytes = [0; 32];
        aws_lc_rs::rand::fill(&mut bytes).unwrap();
        let secret: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { secret: secret.into(), http, tiktok_cookie: Mutex::new(None) }
    }

    /// Sets out from our site and comes back with what TikTok's redirect says.
    pub async fn walk(&self, app: &App, purpose: Purpose<'_>, answer: &Answer) -> Callback {
        let authorize = self.set_out(app, purpose).await;
        self.consent(app, &authorize, answer).await
    }

    /// Presses our button, 18+ ticked.
    pub async fn set_out(&self, app: &App, purpose: Purpose<'_>) -> Url {
        app.start_sign_in(StartSignIn {
            purpose,
            browser_secret: &self.secret,
            adult_confirmed: true,
            next_path: "/compose",
            locale: "en",
        })
        .await
        .unwrap()
    }

    /// Opens TikTok's page and answers it, if it asks at all.
    pub async fn consent(&self, app: &App, authorize: &Url, answer: &Answer) -> Callback {
        let mut request = self.http.get(authorize.clone());
        let cookie = self.tiktok_cookie.lock().unwrap().clone();
        if let Some(cookie) = cookie {
            request = request.header(COOKIE, cookie);
        }
        let page = request.send().await.unwrap();
        if page.status().is_redirection() {
            return callback(app, &page);
        }
        let html = page.text().await.unwrap();
        let hidden = value_of(&html, "request").unwrap_or_else(|| panic!("no consent form: {html}"));
        let mut form = vec![("request", hidden.as_str()), ("username", answer.username), ("decision", answer.decision)];
        form.extend(answer.scopes.iter().map(|scope| ("scope", *scope)));
        let mut target = authorize.clone();
        target.set_query(None);
        let response = self.http.post(target).form(&form).send().await.unwrap();
        if let Some(cookie) = response.headers().get(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
            *self.tiktok_cookie.lock().unwrap() = Some(pair);
        }
        callback(app, &response)
    }
}

/// The value of a hidden field, as a browser would send it back.
fn value_of(html: &str, name: &str) -> Option<String> {
    let (_, after) = html.split_once(&format!("name=\"{name}\" value=\""))?;
    let (value, _) = after.split_once('"')?;
    Some(value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&"))
}

/// What a redirect brings to our callback page.
fn callback(app: &App, response: &reqwest::Response) -> Callback {
    assert!(response.status().is_redirection(), "{}", response.status());
    let location = response.headers()[LOCATION].to_str().unwrap();
    assert!(location.starts_with(&app.settings.redirect_uri()), "{location}");
    let query: BTreeMap<String, String> = Url::parse(location).unwrap().query_pairs().into_owned().collect();
    let get = |name: &str| query.get(name).cloned();
    Callback {
        state: get("state"),
        code: get("code"),
        error: get("error"),
        error_type: get("error_type"),
        error_description: get("error_description"),
        err_code: get("errCode"),
    }
}
