//! `/analytics/compare`: how posts with something in common did beside the others. Owns its route and looks; comparing is the use case's.

use app::metrics::ReadingsView;
use app::metrics::compare::{By, COMPARED_MAX, Common, Comparison, SHORT_CHARS};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use domain::insight::{Figures, GROUP_FEW, Group, Verdict};
use maud::{Markup, html};

use super::range::{Asked, Shown, filters};
use super::view::signed;
use super::zone_of;
use crate::error::WebError;
use crate::locale::Locale;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Button, Frame, Nav, app_page, empty_state, link_button, page_head, when};

/// The page.
pub struct ComparePage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// What was compared.
    pub comparison: &'a Comparison,
    /// The accounts to choose from.
    pub accounts: &'a [ReadingsView],
    /// Of which days.
    pub shown: Shown,
}

/// `GET /analytics/compare`.
///
/// # Errors
/// For a foreign account.
pub async fn show(
    State(state): State<WebState>,
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let shown = asked.shown(state.app.now(), &zone_of(&me));
    let comparison = state.app.compare(&me.actor, shown.insight()).await?;
    let accounts = state.app.readings(&me.actor).await?;
    let frame = me.frame(Nav::Analytics, "/analytics/compare");
    Ok(compare_page(&ComparePage { frame: &frame, comparison: &comparison, accounts: &accounts, shown })
        .into_response())
}

/// The whole page.
#[must_use]
pub fn compare_page(page: &ComparePage<'_>) -> Markup {
    let (l, it) = (page.frame.locale, page.comparison);
    let back = format!("/analytics?{}", page.shown.address());
    let back = link_button(&back, &Button { label: &t!(l, "nav-analytics"), ..Button::default() });
    let accounts: Vec<_> = page.accounts.iter().map(|it| &it.connection).collect();
    let content = html! {
        (page_head(&t!(l, "compare-title"), Some(&t!(l, "compare-lede")), Some(&back)))
        div.stack.loose {
            (filters(l, &page.shown, &accounts, "/analytics/compare"))
            @if it.parts.is_empty() { (empty_state(&t!(l, "compare-nothing"), &t!(l, "compare-nothing-more"), 2, None)) }
            @else {
                p.sub {
                    (t!(l, "compare-posts", n = it.posts))
                    @if it.left_out > 0 { " " (t!(l, "times-left-out", n = it.left_out)) }
                    @if it.young > 0 { " " (t!(l, "times-young", n = it.young)) }
                }
                @if it.is_cut { p.hint role="status" { (t!(l, "compare-cut", n = when::number(l, u64::from(COMPARED_MAX)))) } }
                @for (by, groups) in &it.parts { (part(l, *by, groups)) }
                p.hint { (t!(l, "compare-how", n = GROUP_FEW)) }
            }
        }
    };
    app_page(page.frame, t!(l, "compare-title"), &content)
}

fn title(l: Locale, by: By) -> (&'static str, String) {
    match by {
        By::Kind => ("by-kind", t!(l, "compare-by-kind")),
        By::Length => ("by-length", t!(l, "compare-by-length")),
        By::Caption => ("by-caption", t!(l, "compare-by-caption")),
        By::Hashtag => ("by-hashtag", t!(l, "compare-by-hashtag")),
        By::Label => ("by-label", t!(l, "compare-by-label")),
    }
}

fn name(l: Locale, common: &Common) -> String {
    match common {
        Common::Video => t!(l, "compare-video"),
        Common::Photos => t!(l, "compare-photos"),
        Common::Bare => t!(l, "compare-bare"),
        Common::Short => t!(l, "compare-short", n = SHORT_CHARS),
        Common::Long => t!(l, "compare-long"),
        Common::Band(0) => t!(l, "compare-band-0"),
        Common::Band(1) => t!(l, "compare-band-1"),
        Common::Band(2) => t!(l, "compare-band-2"),
        Common::Band(3) => t!(l, "compare-band-3"),
        Common::Band(_) => t!(l, "compare-band-4"),
        Common::Untagged => t!(l, "compare-untagged"),
        Common::Hashtag(tag) => tag.clone(),
        Common::Unlabelled => t!(l, "compare-unlabelled"),
        Common::Label(words) => words.clone(),
    }
}

fn verdict(l: Locale, it: &Figures) -> Markup {
    match it.verdict {
        Verdict::Better => html! { b.up { "▲ " (t!(l, "compare-better")) } },
        Verdict::Worse => html! { b.down { "▼ " (t!(l, "compare-worse")) } },
        Verdict::Alike => html! { (t!(l, "compare-alike")) },
        Verdict::Alone => html! { span.muted { (t!(l, "compare-alone")) } },
    }
}

fn part(l: Locale, by: By, groups: &[(Common, Group)]) -> Markup {
    let (id, title) = title(l, by);
    html! {
        section.card.stack aria-labelledby=(id) {
            h2 id=(id) { (title) }
            div.scrolls tabindex="0" role="group" aria-label=(title) {
                table.table.compare {
                    thead { tr {
                        th scope="col" { (t!(l, "compare-what")) }
                        th.n scope="col" { (t!(l, "times-head-posts")) }
                        th.n scope="col" { (t!(l, "compare-median")) }
                        th.n scope="col" { (t!(l, "compare-spread")) }
                        th.n scope="col" { (t!(l, "times-head-percent")) }
                        th scope="col" { (t!(l, "compare-verdict")) }
                    } }
                    tbody { @for (common, group) in groups { (line(l, common, group)) } }
                }
            }
        }
    }
}

fn line(l: Locale, common: &Common, group: &Group) -> Markup {
    html! {
        tr {
            th scope="row" { (name(l, common)) }
            td.n { (when::number(l, u64::try_from(group.posts).unwrap_or(0))) }
            @match &group.figures {
                Some(it) => {
                    td.n { b { (signed(l, it.views)) } }
                    td.n { (signed(l, it.low)) " – " (signed(l, it.high)) }
                    td.n { @match it.percent { Some(percent) => { (signed(l, percent)) } None => { "–" } } }
                    td { (verdict(l, it)) }
                }
                None => { td.few colspan="4" { (t!(l, "compare-few")) } }
            }
        }
    }
}
