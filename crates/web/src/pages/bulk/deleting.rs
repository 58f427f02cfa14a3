//! The question before several drafts are deleted at once. Owns its looks; nothing is deleted here.

use domain::id::PostId;
use maud::{Markup, html};

use crate::ui::{Button, Frame, Kind, app_page, button};

/// How many drafts would go; the press sends the same rows again. Works without a script.
#[must_use]
pub fn delete_question(frame: &Frame, posts: &[PostId], page: Option<usize>, back: &str) -> Markup {
    let l = frame.locale;
    let title = t!(l, "bulk-delete-sure", n = posts.len());
    let content = html! {
        section.card.stack {
            h1 { (title) }
            p.sub { (t!(l, "bulk-delete-sure-more")) }
            form.row method="post" action="/bulk/chosen" {
                @for post in posts { input type="hidden" name="post" value=(post); }
                @if let Some(page) = page { input type="hidden" name="page" value=(page); }
                input type="hidden" name="sure" value="yes";
                (button(&Button { label: &t!(l, "bulk-delete"), kind: Kind::Danger, sends: Some(("action", "delete")), ..Button::default() }))
                a.btn href=(back) { (t!(l, "verb-keep")) }
            }
        }
    };
    app_page(frame, title.clone(), &content)
}
