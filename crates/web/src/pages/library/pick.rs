//! Several files at once: the bar, and the question before a deletion. Owns those routes; what may be deleted is the use case's.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use domain::id::MediaId;
use domain::privacy::clauses::BACKUP_DAYS;
use maud::{Markup, html};
use serde::Deserialize;
use store::library::FileUse;
use store::{Connection, Media};

use crate::error::WebError;
use crate::locale::Locale;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Button, Frame, Nav, When, app_page, link_button, page_head, status_drop, when};

/// What is to be done with the files that were ticked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// Ask about deleting them.
    #[default]
    Ask,
    /// Delete them.
    Delete,
    /// Begin a post of them.
    Compose,
    /// Put words beside them.
    Tag,
}

/// The ticked files.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PickForm {
    file: Vec<MediaId>,
    action: Wish,
    tags: String,
}

/// The bar; the boxes of the cards belong to its form.
pub(super) fn bar(l: Locale, tags: &[(String, usize)]) -> Markup {
    html! {
        form.row.tight id="pick" method="post" action="/library/chosen" aria-label=(t!(l, "library-chosen")) {
            span.sub { (t!(l, "library-chosen")) }
            // The first button is what Enter in the field presses.
            label.vh for="pick-tags" { (t!(l, "library-tags-add-label")) }
            input.input.short id="pick-tags" name="tags" list="known-tags" maxlength="400" autocomplete="off" placeholder=(t!(l, "library-tags-add-label"));
            datalist id="known-tags" { @for (tag, _) in tags { option value=(tag) {} } }
            button.btn.small type="submit" name="action" value="tag" { (t!(l, "library-tags-add")) }
            button.btn.small type="submit" name="action" value="compose" { (t!(l, "library-compose")) }
            button.btn.small type="submit" name="action" value="ask" { (t!(l, "library-delete-chosen")) }
        }
    }
}

/// What the question before a deletion shows.
pub struct AskPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// The ticked files.
    pub files: &'a [Media],
    /// The posts that use any of them.
    pub uses: &'a [FileUse],
    /// Accounts, for their names.
    pub connections: &'a [Connection],
    /// The reader's clock and zone.
    pub when: &'a When,
}

/// The question before a deletion: what goes, and what stays because posts need it.
#[must_use]
pub fn ask_page(page: &AskPage<'_>) -> Markup {
    let l = page.frame.locale;
    let is_used = |media: &Media| page.uses.iter().any(|one| one.media_id == media.id);
    let (kept, going): (Vec<&Media>, Vec<&Media>) = page.files.iter().partition(|media| is_used(media));
    let bytes = going.iter().fold(0_u64, |sum, media| sum.saturating_add(media.size_bytes));
    let gone = t!(l, "library-account-gone");
    let content = html! {
        (page_head(&t!(l, "library-delete-title"), None, None))
        div.stack.loose {
            @if !going.is_empty() {
                section.card.stack aria-labelledby="going" {
                    h2 id="going" { (t!(l, "library-delete-going", n = going.len(), size = when::size(l, bytes))) }
                    ul { @for media in &going { li { (media.file_name) ", " (when::size(l, media.size_bytes)) } } }
                    p.hint { (t!(l, "library-delete-final", days = BACKUP_DAYS)) }
                    form method="post" action="/library/chosen" {
                        @for media in &going { input type="hidden" name="file" value=(media.id); }
                        button.btn.danger type="submit" name="action" value="delete" { (t!(l, "library-delete-now", n = going.len())) }
                    }
                }
            }
            @if !kept.is_empty() {
                section.card.stack aria-labelledby="kept" {
                    h2 id="kept" { (t!(l, "library-delete-kept", n = kept.len())) }
                    p.hint { (t!(l, "library-delete-kept-why")) }
                    ul { @for media in &kept {
                        li {
                            (media.file_name)
                            ul.plain { @for one in page.uses.iter().filter(|one| one.media_id == media.id) {
                                li.row.tight {
                                    (status_drop(l, one.state))
                                    a href=(format!("/posts/{}", one.post_id)) {
                                        (page.connections.iter().find(|c| c.id == one.connection_id).map_or(gone.as_str(), |c| &c.display_name))
                                        @if let Some(at) = one.published_at.or(one.due_at) { ", " (page.when.moment(at)) }
                                    }
                                }
                            } }
                        }
                    } }
                }
            }
            div { (link_button("/library", &Button { label: &t!(l, "library-back"), ..Button::default() })) }
        }
    };
    app_page(page.frame, t!(l, "library-delete-title"), &content)
}

/// `POST /library/chosen`: the question, the deletion or a new post, by the pressed button.
///
/// # Errors
/// When one of the files is not theirs, or nothing may be deleted now.
pub async fn chosen(
    State(state): State<WebState>,
    me: SignedIn,
    Form(form): Form<PickForm>,
) -> Result<Response, WebError> {
    if form.file.is_empty() {
        return Ok(me.flash("/library", "library-none-chosen"));
    }
    let when = When::new(me.locale(), &me.actor.time_zone, state.app.now());
    let frame = me.frame(Nav::Library, "/library");
    match form.action {
        Wish::Compose => {
            let files = state.app.chosen_files(&me.actor, &form.file).await?;
            let list = files.iter().map(|media| media.id.to_string()).collect::<Vec<_>>().join(",");
            Ok(Redirect::to(&format!("/compose?media={list}")).into_response())
        }
        Wish::Ask => {
            let files = state.app.chosen_files(&me.actor, &form.file).await?;
            let uses = state.app.uses_of(&me.actor, &form.file).await?;
            let connections = state.app.connections(&me.actor).await?;
            let page = AskPage { frame: &frame, files: &files, uses: &uses, connections: &connections, when: &when };
            Ok(ask_page(&page).into_response())
        }
        Wish::Tag => {
            state.app.media_tags_add(&me.actor, &form.file, &form.tags).await?;
            Ok(me.flash("/library", "library-tagged"))
        }
        Wish::Delete => {
            let done = state.app.media_delete_many(&me.actor, &form.file).await?;
            Ok(Redirect::to(&format!("/library/receipts/{}", done.id)).into_response())
        }
    }
}
