//! Letting others read a report: the form on its page, the page that shows a new link once, the list of links with the press that ends each. Owns these
//! routes and looks; what whoever has a link sees is `shared`'s.

use app::reports::Report;
use app::reports::links::Share;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use domain::id::ReportLinkId;
use domain::privacy::documents::Document;
use domain::report::LINK_DAYS;
use domain::time::UnixMillis;
use maud::{Markup, html};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use store::Connection;
use store::report::ReportLink;

use super::view::{address, title};
use super::{Asked, week_of};
use crate::error::WebError;
use crate::locale::Locale;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::preferences::local_path;
use crate::ui::{
    Button, Choice, Frame, Kind, Nav, SelectField, TextField, When, app_page, button, copy_code, link_button,
    page_head, select_field, text_field,
};

/// The form on a report's page, folded.
pub(super) fn form(l: Locale, report: &Report) -> Markup {
    let week = report.query.week;
    let (this, newest) = (t!(l, "sharing-this-week"), t!(l, "sharing-newest"));
    let mut which = vec![Choice { value: "newest", label: &newest, ..Choice::default() }];
    if report.is_over() {
        which.insert(0, Choice { value: "this", label: &this, ..Choice::default() });
    }
    let spans: Vec<(String, String)> = LINK_DAYS.map(|n| (n.to_string(), t!(l, "sharing-days", n = n))).to_vec();
    let days: Vec<Choice<'_>> =
        spans.iter().map(|(value, label)| Choice { value, label, ..Choice::default() }).collect();
    html! {
        details.card.no-print id="share" {
            summary { h2 { (t!(l, "sharing-title")) } }
            form.stack method="post" action=(address(&format!("/reports/{week}/share"), report.query.connection, None)) {
                p.sub { (t!(l, "sharing-more")) }
                (select_field(&SelectField { id: "which", name: "which", label: &t!(l, "sharing-which"), choices: &which, selected: which.first().map(|it| it.value), ..SelectField::default() }))
                (select_field(&SelectField { id: "share-days", name: "days", label: &t!(l, "sharing-for"), choices: &days, selected: Some("30"), ..SelectField::default() }))
                (text_field(&TextField { id: "share-name", name: "name", label: &t!(l, "sharing-name"), hint: Some(&t!(l, "sharing-name-hint")), ..TextField::default() }))
                // What is agreed to is read before the button.
                p { (t!(l, "sharing-sees")) " " a href=(format!("{}#PP-4.4", Document::Privacy.newest().path())) { (t!(l, "settings-push-policy")) " " (Document::Privacy.newest().id) } }
                div { (button(&Button { label: &t!(l, "sharing-make"), kind: Kind::Primary, ..Button::default() })) }
            }
        }
    }
}

/// The links of a workspace, each with the press that ends it; `back` is the page it stands on.
#[must_use]
pub fn links(l: Locale, all: &[ReportLink], connections: &[Connection], when: &When, back: &str) -> Markup {
    html! {
        section.card.stack aria-labelledby="links" {
            h2 id="links" { (t!(l, "links-title")) }
            p.sub { (t!(l, "links-more")) }
            @if all.is_empty() { p { (t!(l, "links-none")) } }
            ul.list { @for link in all { (entry(l, link, connections, when, back)) } }
        }
    }
}

fn entry(l: Locale, link: &ReportLink, connections: &[Connection], when: &When, back: &str) -> Markup {
    let what = link.week.map_or_else(|| t!(l, "sharing-newest"), |week| title(l, week));
    let account = link.connection_id.and_then(|id| connections.iter().find(|it| it.id == id));
    let name = if link.name.is_empty() { what.clone() } else { link.name.clone() };
    let is_over = link.expires_at <= when.now;
    html! {
        li.item.plain {
            span.grow {
                b.ttl { (name) }
                small {
                    @if !link.name.is_empty() { (what) " · " }
                    @if let Some(account) = account { (account.display_name) " · " }
                    @if is_over { (t!(l, "links-over", at = when.moment(link.expires_at))) } @else { (t!(l, "links-until", at = when.moment(link.expires_at))) }
                    " · " (opened(l, link.opens, link.opened_at, when))
                }
            }
            form method="post" action=(format!("/reports/links/{}/end", link.id)) {
                input type="hidden" name="back" value=(back);
                // Several links have the same button, so each says which one it ends.
                button.btn.small type="submit" aria-label=(t!(l, "links-end-what", what = name.as_str())) { span { @if is_over { (t!(l, "links-forget")) } @else { (t!(l, "settings-end")) } } }
            }
        }
    }
}

fn opened(l: Locale, opens: i64, at: Option<UnixMillis>, when: &When) -> String {
    match at {
        Some(at) => t!(l, "links-opened", n = opens, at = when.moment(at)),
        None => t!(l, "links-never"),
    }
}

/// The page that shows a new link, once.
pub struct MadePage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// The link.
    pub link: &'a ReportLink,
    /// Its address, with the word.
    pub url: &'a str,
    /// The way back.
    pub back: &'a str,
    /// The reader's clock and zone.
    pub when: &'a When,
}

/// The new link.
#[must_use]
pub fn made_page(page: &MadePage<'_>) -> Markup {
    let l = page.frame.locale;
    let content = html! {
        (page_head(&t!(l, "sharing-made"), Some(&t!(l, "sharing-made-more")), None))
        div.stack.loose {
            section.card.stack {
                (copy_code(l, &t!(l, "sharing-address"), page.url))
                p { (t!(l, "sharing-holds", at = page.when.moment(page.link.expires_at))) " " (t!(l, "sharing-ends")) }
            }
            div.row {
                (link_button(page.back, &Button { label: &t!(l, "sharing-back"), kind: Kind::Primary, ..Button::default() }))
                (link_button("/reports#links", &Button { label: &t!(l, "links-title"), ..Button::default() }))
            }
        }
    };
    app_page(page.frame, t!(l, "sharing-made"), &content)
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ShareForm {
    which: String,
    days: String,
    name: String,
}

/// `POST /reports/{week}/share`: makes a link and shows it, this once.
///
/// # Errors
/// For a week that is not over, days that are not on offer, a name that is none, too many links, a foreign account.
pub async fn make(
    State(state): State<WebState>,
    me: SignedIn,
    Path(week): Path<String>,
    Query(asked): Query<Asked>,
    Form(form): Form<ShareForm>,
) -> Result<Response, WebError> {
    let (week, connection) = (week_of(&week)?, asked.account()?);
    let share = Share {
        week: (form.which != "newest").then_some(week),
        connection,
        name: form.name,
        days: form.days.parse().unwrap_or(0),
    };
    let (link, word) = state.app.report_share(&me.actor, &share).await?;
    let mut url = state.app.settings.public_url.clone();
    url.set_path(&format!("/r/{}", word.expose_secret()));
    let back = address(&format!("/reports/{week}"), connection, None);
    let frame = me.frame(Nav::Analytics, "/reports");
    let when = When::new(me.locale(), &me.actor.time_zone, state.app.now());
    let page = MadePage { frame: &frame, link: &link, url: url.as_str(), back: &back, when: &when };
    Ok(made_page(&page).into_response())
}

/// Where the list stands.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct EndForm {
    back: String,
}

/// `POST /reports/links/{id}/end`: the link opens nothing any more.
///
/// # Errors
/// 404 when it is not theirs.
pub async fn end(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<ReportLinkId>,
    Form(form): Form<EndForm>,
) -> Result<Response, WebError> {
    state.app.report_unshare(&me.actor, id).await?;
    let back = if form.back.is_empty() { "/reports#links" } else { local_path(&form.back) };
    Ok(me.flash(back, "report-link-ended"))
}
