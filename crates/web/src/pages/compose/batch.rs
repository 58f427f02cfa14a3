//! What was begun in one go: the strip above the post page, with the way to the one before and the one after. Owns looks only.

use app::posts::{Begun, ComposeView};
use maud::{Markup, html};

use crate::locale::Locale;
use crate::pages::small_picture;
use crate::ui::{Icon, Status, Thumb, icon, status_drop, thumb};

/// Where to go on with one of them: its form as long as one of its posts is a draft, else the page of its post. The form would take a
/// planned post off the plan.
fn place(begun: &Begun) -> String {
    match (begun.open(), begun.posts.first()) {
        (None, Some((post, ..))) => format!("/posts/{post}"),
        (Some(_), _) | (None, None) => format!("/compose/{}", begun.group),
    }
}

/// The strip; nothing for a post that was begun alone.
pub(super) fn strip(l: Locale, view: &ComposeView) -> Markup {
    let here = view.batch.iter().position(|begun| begun.group == view.current.post.group_id);
    let Some(here) = here.filter(|_| view.batch.len() > 1) else { return html! {} };
    let before = here.checked_sub(1).and_then(|index| view.batch.get(index));
    let after = view.batch.get(here.saturating_add(1));
    let step = |begun: Option<&Begun>, rel: &str, label: &str, symbol: Icon| {
        html! {
            @if let Some(begun) = begun {
                a.btn.small href=(place(begun)) rel=(rel) { (icon(symbol)) span { (label) } }
            }
        }
    };
    html! {
        nav.card.stack.tight aria-label=(t!(l, "compose-batch")) {
            div.row.spread {
                b { (t!(l, "compose-batch-place", n = here.saturating_add(1), count = view.batch.len())) }
                span.row.tight {
                    (step(before, "prev", &t!(l, "compose-batch-before"), Icon::Left))
                    (step(after, "next", &t!(l, "compose-batch-after"), Icon::Right))
                }
            }
            ol.batch {
                @for (index, begun) in view.batch.iter().enumerate() {
                    li {
                        a href=(place(begun)) aria-current=[(index == here).then_some("page")] {
                            (thumb(&Thumb { url: small_picture(&begun.media).as_deref(), ..Thumb::default() }))
                            span { b.ttl title=(begun.media.file_name) { (begun.media.file_name) } (status_drop(l, Status::from(begun.state()))) }
                        }
                    }
                }
            }
            p.hint { (t!(l, "compose-batch-each")) }
        }
    }
}
