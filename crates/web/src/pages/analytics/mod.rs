//! Numbers of posts and accounts: the page where reading them is switched on and off, account by account. Owns its routes; the looks are in `view`.

mod chart;
pub mod compare;
mod hours;
pub mod notes;
mod of_post;
mod range;
mod readings;
mod reliable;
pub mod times;
mod view;

use app::Error;
use app::history::punctuality::Reliability;
use app::metrics::insight::Insight;
use app::metrics::shown::Numbers;
use app::sign_in::Purpose as Walking;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use domain::id::ConnectionId;
use domain::metrics::day_number;
use domain::privacy::documents::day_of;
use domain::privacy::purposes::Reading;
use domain::schedule::Zone;
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;
use store::annotation::Annotation;

use crate::error::WebError;
use crate::pages::connect::{Walk, leave};
use crate::session::{ClientIp, SignedIn};
use crate::state::WebState;
use crate::ui::{Button, Frame, Kind, Nav, When, app_page, empty_state, link_button, page_head};

pub use self::of_post::section as post_section;
pub use self::range::{Asked, Shown};
pub use self::readings::stop_button;

/// The page.
pub struct AnalyticsPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// What was read, and what may be read of each account.
    pub numbers: &'a Numbers,
    /// What posts say together; `None` where none are read.
    pub insight: Option<&'a Insight>,
    /// Notes on these days and on those ahead.
    pub notes: &'a [Annotation],
    /// A note that was refused.
    pub refused: Option<&'a notes::Refused>,
    /// How reliably posts went out in these days; `None` where no numbers are read.
    pub reliability: Option<&'a Reliability>,
    /// What is shown.
    pub shown: Shown,
    /// The day of the reading.
    pub today: Date,
    /// The reader's clock and zone.
    pub when: &'a When,
}

/// `/analytics`
#[must_use]
pub fn analytics_page(page: &AnalyticsPage<'_>) -> Markup {
    let l = page.frame.locale;
    let content = html! {
        (page_head(&t!(l, "nav-analytics"), Some(&t!(l, "analytics-lede")), Some(&link_button("/reports", &Button { label: &t!(l, "reports-title"), ..Button::default() }))))
        @if page.numbers.accounts.is_empty() {
            @let connect = link_button("/connections", &Button { label: &t!(l, "nav-connections"), kind: Kind::Primary, ..Button::default() });
            (empty_state(&t!(l, "analytics-no-account"), &t!(l, "analytics-no-account-more"), 2, Some(&connect)))
        } @else {
            @if page.numbers.has_posts() || page.numbers.has_followers() {
                @let accounts: Vec<_> = page.numbers.accounts.iter().map(|it| &it.connection).collect();
                div.stack.loose {
                    (range::filters(l, &page.shown, &accounts, range::MAIN))
                    (view::figures(page, page.numbers))
                    @if let Some(insight) = page.insight {
                        p { a href=(format!("/analytics/compare?{}", page.shown.address())) { (t!(l, "compare-open")) } }
                        (times::section(page, insight)) (hours::section(page, insight))
                    }
                    @if let Some(reliability) = page.reliability { (reliable::section(page, reliability)) }
                    (readings::section(page))
                }
            } @else { (readings::section(page)) }
        }
    };
    app_page(page.frame, t!(l, "nav-analytics"), &content)
}

/// The zone of who reads.
fn zone_of(me: &SignedIn) -> Zone {
    me.actor.time_zone.parse().unwrap_or_else(|_| Zone::utc())
}

/// `GET /analytics`.
///
/// # Errors
/// For a foreign account.
pub async fn show(
    State(state): State<WebState>,
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    respond(&state, &me, &asked, None).await
}

async fn respond(
    state: &WebState,
    me: &SignedIn,
    asked: &Asked,
    refused: Option<&notes::Refused>,
) -> Result<Response, WebError> {
    let now = state.app.now();
    let shown = asked.shown(now, &zone_of(me));
    let numbers = state.app.numbers(&me.actor, shown.query).await?;
    let query = shown.insight();
    let (insight, reliability) = if numbers.has_posts() {
        let insight = state.app.insight(&me.actor, query).await?;
        let reliability = state.app.reliability(&me.actor, (query.from, query.until), query.connection).await?;
        (Some(insight), Some(reliability))
    } else {
        (None, None)
    };
    let mut notes = state.app.annotations(&me.actor, shown.days(), shown.query.connection).await?;
    let ahead = day_number(now).saturating_add(1).max(shown.query.end_day)..i64::MAX;
    notes.extend(state.app.annotations(&me.actor, ahead, shown.query.connection).await?);
    let frame = me.frame(Nav::Analytics, "/analytics");
    let when = When::new(me.locale(), &me.actor.time_zone, now);
    let page = AnalyticsPage {
        frame: &frame,
        numbers: &numbers,
        insight: insight.as_ref(),
        notes: &notes,
        refused,
        reliability: reliability.as_ref(),
        shown,
        today: day_of(now),
        when: &when,
    };
    Ok(analytics_page(&page).into_response())
}

/// Which reading.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ReadingForm {
    reading: String,
}

async fn asked(state: &WebState, me: &SignedIn, id: ConnectionId, form: &ReadingForm) -> Result<Reading, WebError> {
    state.app.connection(&me.actor, id).await?;
    Ok(Reading::parse(&form.reading).ok_or(Error::BadInput { code: "no-such-reading" })?)
}

/// `POST /connections/{id}/numbers/allow`: to TikTok's page with one permission more, for exactly this account.
///
/// # Errors
/// For a foreign connection; 429 when one address starts too many walks.
pub async fn allow(
    State(state): State<WebState>,
    me: SignedIn,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
    Path(id): Path<ConnectionId>,
    Form(form): Form<ReadingForm>,
) -> Result<Response, WebError> {
    let reading = asked(&state, &me, id, &form).await?;
    state.throttle.sign_in(ip).map_err(WebError::too_many)?;
    let purpose = Walking::Allow(&me.actor, id, reading);
    Ok(leave(&state, &headers, me.locale().tag(), Walk { purpose, adult: true, next: "/analytics", zone: None })
        .await?)
}

/// `POST /connections/{id}/numbers/stop`: read no more, and erase what was read.
///
/// # Errors
/// For a foreign connection.
pub async fn stop(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<ConnectionId>,
    Form(form): Form<ReadingForm>,
) -> Result<Response, WebError> {
    let reading = asked(&state, &me, id, &form).await?;
    state.app.stop_reading(&me.actor, id, reading).await?;
    let said = match reading {
        Reading::Metrics => "metrics-stopped",
        Reading::Followers => "followers-stopped",
    };
    Ok(me.flash("/analytics", said))
}

#[cfg(test)]
mod tests;
