//! History as markup: views that are kept, filters and search, a dense list, the next page by cursor, and what can be taken along.

use app::history::file::FILE_ROWS_MAX;
use app::history::{HistoryPage, LATE_MS};
use domain::post::PostState;
use domain::time::UnixMillis;
use maud::{Markup, html};
use store::label::Label;
use store::saved_view::SavedView;
use store::{Connection, Post};

use super::Asked;
use super::views::Refused;
use crate::avatar;
use crate::locale::Locale;
use crate::pages::queue::view::{account_face, status, thumbnail, title};
use crate::ui::when;
use crate::ui::{
    Button, Checkbox, Choice, Frame, Icon, Kind, ListRow, SelectField, Status, TextField, When, button, checkbox,
    empty_state, icon, link_button, list_row, page_head, select_field, text_field,
};

/// States a reader may filter by.
pub const STATES: [PostState; 5] =
    [PostState::Published, PostState::InInbox, PostState::Failed, PostState::NeedsAttention, PostState::Cancelled];

/// The history page.
pub struct HistoryView<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// What was read.
    pub page: &'a HistoryPage,
    /// What was asked for.
    pub asked: &'a Asked,
    /// Accounts to filter by.
    pub connections: &'a [Connection],
    /// Labels to filter by.
    pub labels: &'a [Label],
    /// Views that are kept.
    pub views: &'a [SavedView],
    /// What is asked for bears a label that is not there any more.
    pub is_label_gone: bool,
    /// A name for a view that was refused.
    pub refused: Option<&'a Refused>,
    /// The reader's clock and zone.
    pub when: &'a When,
}

/// The whole page.
#[must_use]
pub fn history_page(view: &HistoryView<'_>) -> Markup {
    let l = view.frame.locale;
    let is_all = view.asked.address().is_empty();
    let content = html! {
        (page_head(&t!(l, "nav-history"), Some(&t!(l, "history-lede")), Some(&html! {
            (link_button("/history/punctuality", &Button { label: &t!(l, "punctuality-title"), ..Button::default() }))
            (link_button("/reports", &Button { label: &t!(l, "reports-title"), ..Button::default() }))
            (link_button("/analytics", &Button { label: &t!(l, "nav-analytics"), ..Button::default() }))
        })))
        div.stack.loose {
            @if !view.views.is_empty() { (kept(view)) }
            (filters(view))
            @if view.page.rows.is_empty() {
                @if !view.asked.before.is_empty() {
                    (empty_state(&t!(l, "history-none-further"), "", 2, Some(&link_button(&format!("/history?{}", view.asked.address()), &Button { label: &t!(l, "history-from-newest"), ..Button::default() }))))
                } @else if view.is_label_gone {
                    (empty_state(&t!(l, "history-label-gone"), &t!(l, "history-label-gone-more"), 2, Some(&link_button("/history", &Button { label: &t!(l, "history-show-all"), ..Button::default() }))))
                } @else if is_all {
                    (empty_state(&t!(l, "history-empty"), &t!(l, "history-empty-more"), 2, Some(&link_button("/queue", &Button { label: &t!(l, "nav-queue"), ..Button::default() }))))
                } @else if view.page.looked_back_to.is_none() {
                    (empty_state(&t!(l, "history-none"), &t!(l, "history-none-more"), 2, Some(&link_button("/history", &Button { label: &t!(l, "history-show-all"), ..Button::default() }))))
                }
            } @else {
                div.list { @for row in &view.page.rows { (entry(view, row)) } }
            }
            @if let Some(at) = view.page.looked_back_to {
                p.sub role="status" { (t!(l, "history-looked-back", when = view.when.moment(at))) }
            }
            @if let Some((at, id)) = view.page.next {
                @let label = if view.page.looked_back_to.is_some() { t!(l, "history-look-further") } else { t!(l, "history-older") };
                div { (link_button(&next_href(view, at.millis(), &id.to_string()), &Button { label: &label, ..Button::default() })) }
            }
            @if !is_all || !view.page.rows.is_empty() { (along(view)) }
        }
    };
    crate::ui::app_page(view.frame, t!(l, "nav-history"), &content)
}

fn entry(view: &HistoryView<'_>, row: &app::queue::PostRow) -> Markup {
    let l = view.frame.locale;
    let at = row.post.published_at.unwrap_or(row.post.updated_at);
    let clock = view.when.clock(at);
    let thumb_url = thumbnail(row);
    let picture = avatar::address(&row.connection);
    list_row(
        l,
        &ListRow {
            id: &format!("post-{}", row.post.id),
            href: &format!("/posts/{}", row.post.id),
            title: &title(l, row),
            note: &remarks(view, row, at),
            account: account_face(row, picture.as_deref()),
            clock: Some(&clock),
            status: status(row),
            thumb_url: thumb_url.as_deref(),
            actions: None,
        },
    )
}

/// When it was, how far from its time, what was looked for, which labels it bears, and what a person wrote beside it.
fn remarks(view: &HistoryView<'_>, row: &app::queue::PostRow, at: UnixMillis) -> String {
    let labels = view.page.labels.get(&row.post.id).into_iter().flatten().map(|label| label.words.clone());
    let note = noted(view, row).map(str::to_owned);
    let around = view.page.around.get(&row.post.id).cloned();
    let off = off_time(view.frame.locale, &row.post, view.page.confirmed.contains(&row.post.id));
    let parts = std::iter::once(view.when.moment(at)).chain(off).chain(around).chain(labels).chain(note);
    parts.collect::<Vec<_>>().join(" · ")
}

/// How far from its planned time a post was out, or in the inbox; `None` when it had none, is neither, or nobody but a person said so.
#[must_use]
pub fn off_time(l: Locale, post: &Post, is_out_by_word: bool) -> Option<String> {
    let late_ms = post.published_at.filter(|_| !is_out_by_word)?.millis_since(post.due_at?);
    let late = match late_ms {
        ..1_000 => None,
        1_000..LATE_MS => Some(t!(l, "late-seconds", n = late_ms / 1_000)),
        _ => Some(when::length(late_ms)),
    };
    Some(match (post.state == PostState::InInbox, late) {
        (false, None) => t!(l, "history-on-time"),
        (false, Some(time)) => t!(l, "history-after", time = time),
        (true, None) => t!(l, "history-inbox-on-time"),
        (true, Some(time)) => t!(l, "history-inbox-after", time = time),
    })
}

/// The first line of what a person wrote beside a post.
fn noted<'a>(view: &'a HistoryView<'_>, row: &app::queue::PostRow) -> Option<&'a str> {
    view.page.notes.get(&row.post.id).and_then(|words| words.lines().next())
}

fn next_href(view: &HistoryView<'_>, at_ms: i64, id: &str) -> String {
    let query = view.asked.address();
    let and = if query.is_empty() { "" } else { "&" };
    format!("/history?{query}{and}before={at_ms}.{id}")
}

/// The views that are kept, as links; each can be forgotten below them.
fn kept(view: &HistoryView<'_>) -> Markup {
    let l = view.frame.locale;
    let address = view.asked.address();
    html! {
        nav.row.tight.chips aria-label=(t!(l, "view-list")) {
            a.chip href="/history" aria-current=[address.is_empty().then_some("page")] { (t!(l, "history-all")) }
            @for it in view.views {
                a.chip href=(format!("/history?{}", it.query)) aria-current=[(it.query == address).then_some("page")] { (it.name) }
            }
        }
        details {
            summary { (t!(l, "view-forget-one")) }
            div.row.tight {
                @for it in view.views {
                    form method="post" action=(format!("/history/views/{}/delete", it.id)) {
                        (button(&Button { label: &t!(l, "view-forget", name = it.name.clone()), kind: Kind::Ghost, small: true, icon: Some(Icon::Trash), ..Button::default() }))
                    }
                }
            }
        }
    }
}

/// Keeping what is shown under a name, and taking it along as a file.
fn along(view: &HistoryView<'_>) -> Markup {
    let l = view.frame.locale;
    let query = view.asked.address();
    let is_kept = view.views.iter().any(|it| it.query == query);
    let file = |format: &str, words: &str| {
        let and = if query.is_empty() { "" } else { "&" };
        html! { a.btn.small href=(format!("/history/file?{query}{and}format={format}")) download { (icon(Icon::Download)) span { (words) } } }
    };
    html! {
        div.row.along {
            div.row.tight role="group" aria-label=(t!(l, "history-take-label")) aria-describedby="take-hint" {
                (file("csv", "CSV")) (file("xlsx", "XLSX")) (file("json", "JSON"))
                span.hint id="take-hint" { @if !view.asked.words.is_empty() { (t!(l, "history-take-words")) } @else { (t!(l, "history-take", n = when::number(l, u64::try_from(FILE_ROWS_MAX).unwrap_or(0)))) } }
            }
            @if !query.is_empty() && !is_kept {
                details open[view.refused.is_some()] {
                    summary { (t!(l, "view-keep")) }
                    form.row.filters method="post" action="/history/views" {
                        input type="hidden" name="query" value=(query);
                        (text_field(&TextField {
                            id: "view-name", name: "name", label: &t!(l, "view-name"), required: true,
                            value: view.refused.map(|it| it.name.as_str()).unwrap_or_default(),
                            error: view.refused.map(|it| it.why.as_str()), ..TextField::default()
                        }))
                        (button(&Button { label: &t!(l, "view-keep-it"), ..Button::default() }))
                    }
                }
            }
        }
    }
}

fn filters(view: &HistoryView<'_>) -> Markup {
    let l = view.frame.locale;
    let asked = view.asked;
    let words: Vec<String> = STATES.iter().map(|state| Status::Post(*state).word(l)).collect();
    let states = STATES.iter().zip(&words).map(|(state, word)| (state.as_str().to_owned(), word.as_str()));
    let accounts = view.connections.iter().map(|it| (it.id.to_string(), it.display_name.as_str()));
    let labels = view.labels.iter().map(|it| (it.id.to_string(), it.words.as_str()));
    let more = [&asked.label, &asked.from, &asked.until, &asked.late].iter().any(|it| !it.is_empty());
    let date = |id: &str, label: &str, value: &str| {
        text_field(&TextField { id, name: id, label, value, kind: "date", ..TextField::default() })
    };
    html! {
        form.stack.tight method="get" action="/history" role="search" {
            div.row.filters {
                (text_field(&TextField { id: "words", name: "words", label: &t!(l, "history-words"), value: &asked.words, kind: "search", ..TextField::default() }))
                (list("state", &t!(l, "history-state"), &t!(l, "history-all"), states.collect(), &asked.state))
                (list("account", &t!(l, "history-account"), &t!(l, "history-every-account"), accounts.collect(), &asked.account))
                (button(&Button { label: &t!(l, "history-show"), ..Button::default() }))
            }
            details open[more] {
                summary { (t!(l, "history-more-filters")) }
                div.row.filters {
                    (date("from", &t!(l, "history-from"), &asked.from))
                    (date("until", &t!(l, "history-until"), &asked.until))
                    @if !view.labels.is_empty() {
                        (list("label", &t!(l, "labels-label"), &t!(l, "labels-any"), labels.collect(), &asked.label))
                    }
                    (checkbox(&Checkbox { id: "late", name: "late", label: &t!(l, "history-late"), checked: !asked.late.is_empty(), ..Checkbox::default() }))
                }
            }
        }
    }
}

/// A native list whose first entry asks for everything.
pub(super) fn list(id: &str, label: &str, all: &str, entries: Vec<(String, &str)>, picked: &str) -> Markup {
    let every = Choice { value: "", label: all, ..Choice::default() };
    let choices = entries.iter().map(|(value, label)| Choice { value, label, ..Choice::default() });
    let choices: Vec<Choice<'_>> = std::iter::once(every).chain(choices).collect();
    select_field(&SelectField {
        id,
        name: id,
        label,
        choices: &choices,
        selected: Some(picked),
        ..SelectField::default()
    })
}
