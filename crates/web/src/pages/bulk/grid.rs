//! The grid page: files and accounts for new rows, the rows, what can be done with those that are ticked. Owns looks only.

use app::posts::{GRID_ROWS, GridView};
use domain::connection::ConnectionState;
use domain::id::{ConnectionId, MediaId, PostId};
use domain::media::MediaOutcome;
use domain::rules::choices::BRANDED_PRIVATE_TEXT;
use domain::schedule::Zone;
use domain::time::UnixMillis;
use maud::{Markup, html};
use store::Media;

use super::fields_of;
use super::row::{Cells, columns, grid_row};
use super::sheet::exchange;
use crate::assets::Asset;
use crate::avatar;
use crate::locale::Locale;
use crate::pages::compose::start::upload_zone;
use crate::pages::small_picture;
use crate::ui::account::{Face, Size, face};
use crate::ui::{
    Button, Does, Frame, Head, Icon, Key, Kind, Notice, TextField, Thumb, Tone, When, app_page, button, empty_state,
    icon, link_button, notice, page_head, shortcuts, text_field, thumb,
};

const HOUR_MS: i64 = 3_600_000;

/// What new rows are made from.
pub struct Making<'a> {
    /// The newest files.
    pub files: &'a [Media],
    /// Files that are ticked.
    pub picked: &'a [MediaId],
    /// Accounts that are ticked.
    pub accounts: &'a [ConnectionId],
    /// TikTok can fetch photos from this instance.
    pub can_give_photos: bool,
}

/// Everything the page shows.
pub struct GridPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// The rows.
    pub view: &'a GridView,
    /// The reader's clock and zone.
    pub when: &'a When,
    /// The reader's zone.
    pub zone: &'a Zone,
    /// New rows.
    pub making: Making<'a>,
    /// Rows that are ticked.
    pub ticked: &'a [PostId],
    /// What was wrong with the last press.
    pub said: Option<&'a str>,
}

/// TikTok's sentence, and the same in the reader's language where that is another.
fn private_note(l: Locale) -> String {
    match l {
        Locale::En => BRANDED_PRIVATE_TEXT.to_owned(),
        Locale::Ru => format!("{BRANDED_PRIVATE_TEXT} {}", t!(l, "compose-branded-private-local")),
    }
}

/// The whole page.
#[must_use]
pub fn grid_page(page: &GridPage<'_>) -> Markup {
    let (l, view) = (page.frame.locale, page.view);
    let usable = view.connections.iter().any(|connection| connection.state == ConnectionState::Active);
    let connect = link_button(
        "/connections",
        &Button { label: &t!(l, "compose-connect"), kind: Kind::Primary, ..Button::default() },
    );
    let content = html! {
        div.stack.loose {
            (page_head(&t!(l, "bulk-title"), Some(&t!(l, "bulk-lede", zone = page.when.zone_label(view.now))), None))
            @if let Some(words) = page.said { (notice(&Notice { tone: Tone::Warn, what: words, urgent: true, ..Notice::default() })) }
            @if !usable {
                (empty_state(&t!(l, "compose-no-account"), &t!(l, "bulk-lede-short"), 2, Some(&connect)))
            } @else {
                (making(page))
            }
            @if view.rows.is_empty() { p.card.sub id="rows" { (t!(l, "bulk-empty")) } } @else { (rows(page)) }
            @if usable { (exchange(l, &view.connections)) }
        }
        (shortcuts(l, &[Key { key: "g", words: t!(l, "bulk-key-grid"), does: Does::Focuses("#grid [data-col=caption] textarea") }]))
        div.bulk-say role="status" aria-live="polite" id="bulk-say" {}
    };
    app_page(page.frame, Head { title: t!(l, "bulk-title"), script: Some(Asset::Bulk), ..Head::default() }, &content)
}

/// Files and accounts; one row for each of each.
fn making(page: &GridPage<'_>) -> Markup {
    let (l, making) = (page.frame.locale, &page.making);
    let accounts = page.view.connections.iter().filter(|it| it.state == ConnectionState::Active);
    let only = page.view.connections.iter().filter(|it| it.state == ConnectionState::Active).count() == 1;
    html! {
        details.card.making open[page.view.rows.is_empty() || !making.picked.is_empty() || page.said.is_some()] {
            summary { h2 { (t!(l, "bulk-add")) } }
            div.stack {
                (upload_zone(l, "/bulk", making.can_give_photos))
                form.stack method="post" action="/bulk" {
                    fieldset.stack.tight {
                        legend.label { (t!(l, "bulk-files")) }
                        @if making.files.is_empty() { p.sub { (t!(l, "compose-no-media")) } }
                        div.file-ticks { @for media in making.files { (file_choice(l, media, making.picked.contains(&media.id))) } }
                    }
                    fieldset.stack.tight {
                        legend.label { (t!(l, "compose-which-accounts")) }
                        div.inter {
                            @for connection in accounts {
                                @let picture = avatar::address(connection);
                                label.check {
                                    input type="checkbox" name="connection" value=(connection.id) checked[only || making.accounts.contains(&connection.id)];
                                    span.row.tight { (face(&Face { name: &connection.display_name, flavour: connection.flavour, picture: picture.as_deref() }, Size::Small)) (connection.display_name) }
                                }
                            }
                        }
                    }
                    div.row { (button(&Button { label: &t!(l, "bulk-make"), icon: Some(Icon::Plus), kind: Kind::Primary, ..Button::default() })) span.hint { (t!(l, "bulk-make-hint", n = GRID_ROWS)) } }
                }
            }
        }
    }
}

fn file_choice(l: Locale, media: &Media, picked: bool) -> Markup {
    let fits = media.verdict.outcome == MediaOutcome::Accept
        || media.verdict.outcome == MediaOutcome::Fixable && media.video().is_some();
    let picture = small_picture(media);
    html! {
        label.item.pick-row {
            input type="checkbox" name="media" value=(media.id) checked[picked && fits] disabled[!fits];
            (thumb(&Thumb { url: picture.as_deref(), ..Thumb::default() }))
            span.grow { b.ttl { (media.file_name) } @if !fits { small { (t!(l, "bulk-file-unfit")) } } }
        }
    }
}

fn rows(page: &GridPage<'_>) -> Markup {
    let (l, view) = (page.frame.locale, page.view);
    let cells =
        |ticked| Cells { l, when: page.when, zone: page.zone, connections: &view.connections, page: view.page, ticked };
    html! {
        section.stack id="rows" aria-labelledby="rows-title" {
            div.row.spread {
                h2 id="rows-title" { (t!(l, "bulk-rows", n = view.drafts)) }
                span.row.tight {
                    a.btn.small href=(format!("/bulk?page={}&all=yes#rows", view.page)) data-all="" { (t!(l, "bulk-tick-all")) }
                    button.btn.small type="button" hidden data-fill="" title=(t!(l, "bulk-fill-more")) { (icon(Icon::Down)) span { (t!(l, "bulk-fill")) } }
                    (pages(l, view))
                }
            }
            div.grid-scroll {
                table.bulk id="grid" role="grid" aria-label=(t!(l, "bulk-title")) data-text-unsaved=(t!(l, "bulk-said-unsaved")) data-text-conflict=(t!(l, "bulk-said-conflict"))
                    data-text-saved=(t!(l, "bulk-said-saved")) data-text-pasted=(t!(l, "bulk-said-pasted")) data-text-filled=(t!(l, "bulk-said-filled")) data-text-refused=(t!(l, "bulk-said-refused")) data-text-not-saved=(t!(l, "bulk-said-not-saved")) data-text-private=(private_note(l)) {
                    thead role="rowgroup" {
                        tr role="row" {
                            td role="gridcell" {}
                            @for (col, words) in columns(l) { th scope="col" role="columnheader" data-head=(col) { (words) } }
                            td.save role="gridcell" {}
                        }
                    }
                    tbody role="rowgroup" {
                        @for row in &view.rows { (grid_row(&cells(page.ticked.contains(&row.post.id)), row)) }
                    }
                }
            }
            p.hint.only-mouse { (t!(l, "bulk-keys")) }
            (bar(page))
        }
    }
}

fn pages(l: Locale, view: &GridView) -> Markup {
    html! {
        @if view.pages > 1 {
            nav.row.tight aria-label=(t!(l, "bulk-pages")) {
                @if view.page > 1 { a.btn.small href=(format!("/bulk?page={}#rows", view.page.saturating_sub(1))) rel="prev" { (icon(Icon::Left)) span { (t!(l, "compose-batch-before")) } } }
                span.tnum { (view.page) " / " (view.pages) }
                @if view.page < view.pages { a.btn.small href=(format!("/bulk?page={}#rows", view.page.saturating_add(1))) rel="next" { (icon(Icon::Right)) span { (t!(l, "compose-batch-after")) } } }
            }
        }
    }
}

/// What can be done with the ticked rows.
fn bar(page: &GridPage<'_>) -> Markup {
    let l = page.frame.locale;
    // The full hour after the next one: nobody plans for 00:42.
    let hour = page.view.now.millis().div_euclid(HOUR_MS).saturating_add(2).saturating_mul(HOUR_MS);
    let at = |days: i64| fields_of(UnixMillis::from_millis(hour).plus_seconds(days * 86_400), page.zone);
    let (from, until) = (at(0), at(7));
    let moment = |name: &str, date_label: String, time_label: String, (date, time): &(String, String)| {
        let (id_date, id_time) = (format!("{name}_date"), format!("{name}_time"));
        html! {
            (text_field(&TextField { id: &id_date, name: &id_date, label: &date_label, value: date, kind: "date", ..TextField::default() }))
            (text_field(&TextField { id: &id_time, name: &id_time, label: &time_label, value: time, kind: "time", ..TextField::default() }))
        }
    };
    html! {
        form.card.stack id="chosen" method="post" action="/bulk/chosen" aria-label=(t!(l, "bulk-ticked")) {
            input type="hidden" name="page" value=(page.view.page);
            div.row.spread {
                // First, for it is what Enter in a field presses, and it changes nothing.
                (button(&Button { label: &t!(l, "bulk-review"), icon: Some(Icon::Right), kind: Kind::Primary, sends: Some(("action", "review")), ..Button::default() }))
                span.row.tight {
                    (button(&Button { label: &t!(l, "bulk-slots"), icon: Some(Icon::Clock), sends: Some(("action", "slots")), ..Button::default() }))
                    (button(&Button { label: &t!(l, "bulk-delete"), kind: Kind::Ghost, sends: Some(("action", "delete")), ..Button::default() }))
                }
            }
            details {
                summary { (t!(l, "bulk-spread")) }
                p.hint { (t!(l, "bulk-spread-more")) }
                div.row.when {
                    (moment("from", t!(l, "arrange-from-date"), t!(l, "arrange-from-time"), &from))
                    (moment("until", t!(l, "arrange-until-date"), t!(l, "arrange-until-time"), &until))
                    (button(&Button { label: &t!(l, "bulk-spread-do"), sends: Some(("action", "spread")), ..Button::default() }))
                }
            }
            p.hint { (t!(l, "bulk-nothing-sent")) }
        }
    }
}
