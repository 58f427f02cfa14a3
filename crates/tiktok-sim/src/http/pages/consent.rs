//! The consent page: who is signed in, what may the app do, allow or cancel. And the page for refused requests.

use axum::response::Response;
use maud::html;

use super::layout::{Frame, page};
use crate::config::UserSpec;
use crate::http::authorize::Asked;
use crate::scope::Scope;

/// The form. `request` is the original query string; it is checked again when the form comes back.
pub(in crate::http) fn form(asked: &Asked, users: &[UserSpec], session: Option<&str>, request: &str) -> Response {
    let chosen = session.or_else(|| users.first().map(|user| user.username.as_str()));
    let name = if asked.app.name.is_empty() { &asked.app.client_key } else { &asked.app.name };
    let body = html! {
        form.card method="post" action="/v2/auth/authorize/" {
            h1 { "Let " (name) " use your account?" }
            p.quiet { "App stage: " (asked.app.stage.as_str()) ". Choose who is signed in to the simulated TikTok in this browser." }
            input type="hidden" name="request" value=(request);
            fieldset {
                legend { "Account" }
                @for user in users {
                    label.choice {
                        input type="radio" name="username" value=(user.username) checked[Some(user.username.as_str()) == chosen] required;
                        span { (user.nickname) small { "@" (user.username) (describe(user)) } }
                    }
                }
            }
            fieldset {
                legend { (name) " would like to" }
                @for scope in &asked.scopes {
                    label.choice {
                        @if *scope == Scope::UserInfoBasic {
                            input type="checkbox" checked disabled;
                            input type="hidden" name="scope" value=(scope.as_str());
                        } @else {
                            input type="checkbox" name="scope" value=(scope.as_str()) checked;
                        }
                        span { (scope.explained()) small { (scope.as_str()) } }
                    }
                }
            }
            div.actions.wide {
                button.main type="submit" name="decision" value="allow" { "Allow" }
                button type="submit" name="decision" value="cancel" { "Cancel" }
            }
        }
    };
    page(200, &Frame { title: "Consent", is_narrow: true, version: None }, &body)
}

fn describe(user: &UserSpec) -> String {
    let mut words = vec![if user.is_private() { "private account" } else { "public account" }];
    if user.banned {
        words.push("banned from posting");
    }
    if user.posts_elsewhere_today >= user.daily_post_cap {
        words.push("at the daily cap");
    }
    format!(" · {}", words.join(", "))
}

/// The page TikTok shows instead of going back to the app.
pub(in crate::http) fn refusal(parameter: &str, number: u32, detail: &str) -> Response {
    let body = html! {
        section {
            h1 { "Something went wrong" }
            p.warn { "The app asked for access with a mistake in " strong { (parameter) } "." }
            p { (detail) }
            p.quiet { "errCode=" (number) " error_type=" (parameter) ". The app was told nothing." }
        }
    };
    page(200, &Frame { title: "Something went wrong", is_narrow: true, version: None }, &body)
}
