//! History as markup: filters by state and account, a dense list, the next page by cursor.

use app::history::{HistoryPage, HistoryQuery};
use domain::post::PostState;
use domain::time::UnixMillis;
use maud::{Markup, html};
use store::Connection;
use store::label::Label;

use crate::avatar;
use crate::pages::queue::view::{account_face, status, thumbnail, title};
use crate::ui::{
    Button, Choice, Frame, ListRow, SelectField, Status, When, button, empty_state, link_button, list_row, page_head,
    select_field,
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
    pub query: &'a HistoryQuery,
    /// Accounts to filter by.
    pub connections: &'a [Connection],
    /// Labels to filter by.
    pub labels: &'a [Label],
    /// The reader's clock and zone.
    pub when: &'a When,
}

/// The whole page.
#[must_use]
pub fn history_page(view: &HistoryView<'_>) -> Markup {
    let l = view.frame.locale;
    let content = html! {
        (page_head(&t!(l, "nav-history"), Some(&t!(l, "history-lede")), None))
        div.stack.loose {
            (filters(view))
            @if view.page.rows.is_empty() {
                (empty_state(&t!(l, "history-empty"), &t!(l, "history-empty-more"), 2, Some(&link_button("/queue", &Button { label: &t!(l, "nav-queue"), ..Button::default() }))))
            } @else {
                div.list { @for row in &view.page.rows {
                    @let at = row.post.published_at.unwrap_or(row.post.updated_at);
                    @let clock = view.when.clock(at);
                    @let thumb_url = thumbnail(row);
                    @let picture = avatar::address(&row.connection);
                    (list_row(l, &ListRow {
                        id: &format!("post-{}", row.post.id),
                        href: &format!("/posts/{}", row.post.id),
                        title: &title(l, row),
                        note: &remarks(view, row, at),
                        account: account_face(row, picture.as_deref()),
                        clock: Some(&clock),
                        status: status(row),
                        thumb_url: thumb_url.as_deref(),
                        actions: None,
                    }))
                } }
                @if let Some((at, id)) = view.page.next {
                    (link_button(&next_href(view, at.millis(), &id.to_string()), &Button { label: &t!(l, "history-older"), ..Button::default() }))
                }
            }
        }
    };
    crate::ui::app_page(view.frame, t!(l, "nav-history"), &content)
}

/// When it was, which labels it bears, and what a person wrote beside it.
fn remarks(view: &HistoryView<'_>, row: &app::queue::PostRow, at: UnixMillis) -> String {
    let labels = view.page.labels.get(&row.post.id).into_iter().flatten().map(|label| label.words.clone());
    let note = noted(view, row).map(str::to_owned);
    std::iter::once(view.when.moment(at)).chain(labels).chain(note).collect::<Vec<_>>().join(" · ")
}

/// The first line of what a person wrote beside a post.
fn noted<'a>(view: &'a HistoryView<'_>, row: &app::queue::PostRow) -> Option<&'a str> {
    view.page.notes.get(&row.post.id).and_then(|words| words.lines().next())
}

fn next_href(view: &HistoryView<'_>, at_ms: i64, id: &str) -> String {
    let state = match view.query.states.as_slice() {
        [one] => one.as_str(),
        _ => "",
    };
    let account = view.query.connection.map(|id| id.to_string()).unwrap_or_default();
    let label = view.query.label.map(|id| id.to_string()).unwrap_or_default();
    format!("/history?state={state}&account={account}&label={label}&before={at_ms}.{id}")
}

fn filters(view: &HistoryView<'_>) -> Markup {
    let l = view.frame.locale;
    let all = t!(l, "history-all");
    let words: Vec<String> = STATES.iter().map(|state| Status::Post(*state).word(l)).collect();
    let mut states = vec![Choice { value: "", label: &all, ..Choice::default() }];
    states.extend(STATES.iter().zip(&words).map(|(state, word)| Choice {
        value: state.as_str(),
        label: word,
        ..Choice::default()
    }));
    let ids: Vec<String> = view.connections.iter().map(|connection| connection.id.to_string()).collect();
    let every = t!(l, "history-every-account");
    let mut accounts = vec![Choice { value: "", label: &every, ..Choice::default() }];
    accounts.extend(ids.iter().zip(view.connections).map(|(id, c)| Choice {
        value: id,
        label: &c.display_name,
        ..Choice::default()
    }));
    let state = match view.query.states.as_slice() {
        [one] => one.as_str(),
        _ => "",
    };
    let account = view.query.connection.map(|id| id.to_string()).unwrap_or_default();
    let label_ids: Vec<String> = view.labels.iter().map(|label| label.id.to_string()).collect();
    let any = t!(l, "labels-any");
    let mut labels = vec![Choice { value: "", label: &any, ..Choice::default() }];
    labels.extend(label_ids.iter().zip(view.labels).map(|(id, label)| Choice {
        value: id,
        label: &label.words,
        ..Choice::default()
    }));
    let label = view.query.label.map(|id| id.to_string()).unwrap_or_default();
    html! {
        form.row.filters method="get" action="/history" {
            (select_field(&SelectField { id: "state", name: "state", label: &t!(l, "history-state"), choices: &states, selected: Some(state), ..SelectField::default() }))
            (select_field(&SelectField { id: "account", name: "account", label: &t!(l, "history-account"), choices: &accounts, selected: Some(&account), ..SelectField::default() }))
            @if !view.labels.is_empty() {
                (select_field(&SelectField { id: "label", name: "label", label: &t!(l, "labels-label"), choices: &labels, selected: Some(&label), ..SelectField::default() }))
            }
            (button(&Button { label: &t!(l, "history-show"), ..Button::default() }))
        }
    }
}
