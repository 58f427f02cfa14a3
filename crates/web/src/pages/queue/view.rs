//! The queue as markup: what needs somebody, the shelf of today, the list of later days, drafts. Owns the looks of each.
//!
//! The same function draws the full page's body and the fragment that live updates fetch.

use app::guide::Guide;
use app::publishing::HELD_CODES;
use app::queue::{PostRow, QUEUE_MAX, QUEUE_ROWS, QueueView};
use domain::connection::ConnectionState;
use domain::id::LabelId;
use domain::post::{FIRST_LINE_CHARS, PostState};
use domain::schedule::{Zone, to_local};
use domain::time::UnixMillis;
use maud::{Markup, html};

use crate::avatar;
use crate::locale::Locale;
use crate::pages::connections::pause;
use crate::pages::guide;
use crate::pages::labels::part::{chips, filter};
use crate::ui::{
    Bottle, Button, Does, Face, Frame, Icon, Key, Kind, ListRow, MenuItem, Notice, Status, Tone, When, app_page,
    bottle, button, empty_state, link_button, list_row_with, menu, notice, page_head, shelf, shortcuts, when,
};
use crate::words;

/// The queue page.
pub struct QueuePage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// What was read.
    pub view: &'a QueueView,
    /// The reader's clock and zone.
    pub when: &'a When,
    /// The reader's zone.
    pub zone: &'a Zone,
    /// The reader's name.
    pub name: &'a str,
    /// How many planned posts were asked for.
    pub rows: u32,
    /// Only what bears this label.
    pub label: Option<LabelId>,
    /// The first steps, while they are of use.
    pub guide: Option<Guide>,
}

/// The whole page.
#[must_use]
pub fn queue_page(page: &QueuePage<'_>) -> Markup {
    let l = page.frame.locale;
    let posts = "#queue a.bottle, #queue a.ttl";
    let keys = [
        Key { key: "j", words: t!(l, "keys-next-post"), does: Does::Next(posts) },
        Key { key: "k", words: t!(l, "keys-previous-post"), does: Does::Previous(posts) },
    ];
    // The list of keys stays in place while the rest is fetched again.
    app_page(page.frame, t!(l, "nav-queue"), &html! { (queue_body(page)) (shortcuts(l, &keys)) })
}

/// How many are still to come, or that today's work is done.
fn lede(page: &QueuePage<'_>) -> String {
    let l = page.frame.locale;
    let to_come = page.view.upcoming.iter().filter(|row| is_today(page.when, row)).count();
    let is_cut = page.view.more && page.view.upcoming.last().is_some_and(|row| is_today(page.when, row));
    if page.label.is_some() {
        return if is_cut {
            t!(l, "queue-lede-label-many", n = to_come)
        } else {
            t!(l, "queue-lede-label", n = to_come)
        };
    }
    if to_come == 0 && !page.view.done_today.is_empty() {
        return t!(l, "queue-lede-done", n = page.view.done_today.len());
    }
    if is_cut {
        return t!(l, "queue-lede-many", n = to_come);
    }
    t!(l, "queue-lede", n = to_come)
}

/// The query of an address of the queue.
#[must_use]
pub fn asked(rows: u32, label: Option<LabelId>) -> String {
    label.map_or_else(|| format!("rows={rows}"), |label| format!("rows={rows}&label={label}"))
}

/// The whole content; fetched again when something changes.
#[must_use]
pub fn queue_body(page: &QueuePage<'_>) -> Markup {
    let (l, view) = (page.frame.locale, page.view);
    let nothing = view.attention.is_empty()
        && view.resting.is_empty()
        && view.upcoming.is_empty()
        && view.done_today.is_empty()
        && view.drafts.is_empty();
    let of =
        |path: &str, label: Option<LabelId>| label.map_or_else(|| path.to_owned(), |id| format!("{path}?label={id}"));
    let body = format!("/queue/body?{}", asked(page.rows, page.label));
    let add = link_button(
        "/compose",
        &Button { label: &t!(l, "nav-new-post"), kind: Kind::Primary, icon: Some(Icon::Plus), ..Button::default() },
    );
    html! {
        div.stack.loose id="queue" hx-get=(body) hx-trigger="post from:#live, connections from:#live" hx-target="this" hx-swap="outerMorph" {
            (page_head(&greeting(page), Some(&lede(page)), rearrange(page).as_ref()))
            (filter(l, &view.labels, page.label, |label| of("/queue", label)))
            @if let Some(guide) = &page.guide { (guide::card(l, guide)) }
            (late(page))
            @for (connection, at) in &view.paused { (pause::paused(l, page.when, connection, *at)) }
            (attention(page))
            @if nothing && page.label.is_some() {
                (empty_state(&t!(l, "queue-empty-label"), &t!(l, "queue-empty-label-more"), 2, None))
            } @else if nothing && page.guide.is_some() {
                // The steps say what to do.
            } @else if nothing {
                (empty_state(&t!(l, "queue-empty"), &t!(l, "queue-empty-more"), 2, Some(&add)))
            } @else {
                (today(page))
                (next_slots(page))
                (later(page))
                (more(page))
                (resting(page))
                (drafts(page))
            }
        }
    }
}

/// The way to other times for several posts, where there are several.
fn rearrange(page: &QueuePage<'_>) -> Option<Markup> {
    let waiting = page
        .view
        .upcoming
        .iter()
        .chain(&page.view.resting)
        .filter(|row| row.post.state == PostState::Scheduled)
        .count();
    let label = t!(page.frame.locale, "arrange-open");
    (waiting > 1).then(|| link_button("/queue/arrange", &Button { label: &label, ..Button::default() }))
}

/// Where the next post of each account could stand; each begins a post with that time.
fn next_slots(page: &QueuePage<'_>) -> Markup {
    let l = page.frame.locale;
    html! {
        @if !page.view.next_slots.is_empty() {
            section.row.tight aria-labelledby="next-slots" {
                h2.sub id="next-slots" { (t!(l, "queue-next-slots")) }
                @for (connection, at) in &page.view.next_slots {
                    a.btn.small data-flavour=(connection.flavour.as_str()) href=(format!("/compose?at={}&connection={}", to_local(*at, page.zone), connection.id)) {
                        (connection.display_name) ": " (page.when.moment(*at))
                    }
                }
            }
        }
    }
}

/// Said calmly: the posts go out by themselves as soon as they can.
fn late(page: &QueuePage<'_>) -> Markup {
    let l = page.frame.locale;
    let Some(late) = page.view.late else { return html! {} };
    let time = page.when.time(late.first_due_at);
    let more = if late.held_after_minutes > 0 {
        t!(l, "queue-late-more", minutes = late.held_after_minutes)
    } else {
        t!(l, "queue-late-more-always")
    };
    notice(&Notice {
        tone: Tone::Warn,
        what: &t!(l, "queue-late", n = late.posts, time = time.as_str()),
        more: &more,
        ..Notice::default()
    })
}

fn greeting(page: &QueuePage<'_>) -> String {
    let hour: u8 = page.when.clock(page.view.now).hours.parse().unwrap_or(12);
    let (l, name) = (page.frame.locale, page.name);
    match hour {
        5..=11 => t!(l, "queue-morning", name = name),
        12..=17 => t!(l, "queue-day", name = name),
        18..=22 => t!(l, "queue-evening", name = name),
        _ => t!(l, "queue-night", name = name),
    }
}

/// First line of the caption, or the file's name.
#[must_use]
pub fn title(l: Locale, row: &PostRow) -> String {
    match (row.post.content.first_line(), &row.media) {
        ("", Some(media)) => media.file_name.chars().take(FIRST_LINE_CHARS).collect(),
        ("", None) => t!(l, "queue-untitled"),
        (line, _) => line.to_owned(),
    }
}

/// How long a video is, or how many photos a post has.
#[must_use]
pub fn measure(l: Locale, row: &PostRow) -> Option<String> {
    if let Some(photos) = &row.post.photos {
        return Some(t!(l, "count-photos", n = photos.pictures().len()));
    }
    row.media.as_ref().and_then(|media| media.video()).map(|facts| when::length(facts.duration_ms))
}

/// Where the post's small picture is, when there is one.
#[must_use]
pub fn thumbnail(row: &PostRow) -> Option<String> {
    let media = row.media.as_ref()?;
    crate::pages::small_picture(media)
}

/// What stands for the post's account, with the address of its picture as [`avatar::address`] gives it.
#[must_use]
pub fn account_face<'a>(row: &'a PostRow, picture: Option<&'a str>) -> Face<'a> {
    Face { name: &row.connection.display_name, flavour: row.connection.flavour, picture }
}

/// The status word: an attempt whose outcome nobody knows is a status of its own.
#[must_use]
pub fn status(row: &PostRow) -> Status {
    if is_unknown(row) { Status::OutcomeUnknown } else { Status::Post(row.post.state) }
}

/// Nobody can tell whether the post is out.
#[must_use]
pub fn is_unknown(row: &PostRow) -> bool {
    row.post.state == PostState::NeedsAttention
        && row.post.problem.as_ref().is_some_and(|problem| problem.code.starts_with("outcome-unknown"))
}

/// The post did not go out by itself although its time has come; it may be on TikTok already.
#[must_use]
pub fn is_held(row: &PostRow) -> bool {
    row.post.state == PostState::NeedsAttention
        && row.post.problem.as_ref().is_some_and(|problem| HELD_CODES.contains(&problem.code.as_str()))
}

/// What can be done about a held post: publish it now or at another time (its consent is asked for again), or say that it is out.
#[must_use]
pub fn held_choices(l: Locale, row: &PostRow) -> Markup {
    let base = format!("/posts/{}", row.post.id);
    html! {
        (link_button(&format!("{base}/move"), &Button { label: &t!(l, "queue-now-or-move"), small: true, ..Button::default() }))
        form method="post" action=(format!("{base}/published")) {
            (button(&Button { label: &t!(l, "queue-is-out"), small: true, ..Button::default() }))
        }
    }
}

fn due(row: &PostRow) -> Option<UnixMillis> {
    row.post.published_at.or(row.post.due_at)
}

fn is_today(when: &When, row: &PostRow) -> bool {
    due(row).is_some_and(|at| when.days_from_today(at) <= 0)
}

fn attention(page: &QueuePage<'_>) -> Markup {
    let (l, view) = (page.frame.locale, page.view);
    let reconnect: Vec<_> = view.connections.iter().filter(|c| c.state == ConnectionState::ReconnectNeeded).collect();
    html! {
        @if !view.attention.is_empty() || !reconnect.is_empty() {
            section.stack.tight aria-labelledby="attention" {
                h2.vh id="attention" { (t!(l, "queue-attention")) }
                @for connection in reconnect {
                    (notice(&Notice {
                        tone: Tone::Warn,
                        what: &t!(l, "queue-reconnect", name = connection.display_name.as_str()),
                        more: &t!(l, "queue-reconnect-more"),
                        actions: Some(html! {
                            form method="post" action=(format!("/connections/{}/reconnect", connection.id)) {
                                (button(&Button { label: &t!(l, "verb-reconnect"), small: true, ..Button::default() }))
                            }
                        }),
                        urgent: false,
                    }))
                }
                @for row in &view.attention { (needs_you(page, row)) }
                @if view.attention_total > view.attention.len() {
                    @let all = if page.rows < QUEUE_MAX { format!("/queue?{}", asked(QUEUE_MAX, page.label)) } else { "/history?state=failed".to_owned() };
                    div { (link_button(&all, &Button { label: &t!(l, "queue-attention-all", n = view.attention_total), small: true, ..Button::default() })) }
                }
            }
        }
    }
}

fn needs_you(page: &QueuePage<'_>, row: &PostRow) -> Markup {
    let l = page.frame.locale;
    let open = format!("/posts/{}", row.post.id);
    let name = title(l, row);
    if is_unknown(row) {
        return notice(&Notice {
            tone: Tone::Ask,
            what: &t!(l, "queue-unknown", title = name.as_str()),
            more: &t!(l, "queue-unknown-more"),
            actions: Some(link_button(
                &open,
                &Button { label: &t!(l, "queue-look"), small: true, ..Button::default() },
            )),
            urgent: false,
        });
    }
    let failure = words::failure(l, row.post.problem.as_ref().map_or("unknown", |problem| problem.code.as_str()));
    let tone = if row.post.state == PostState::Failed { Tone::Bad } else { Tone::Warn };
    notice(&Notice {
        tone,
        what: &t!(l, "queue-failed", title = name.as_str(), what = failure.what.as_str()),
        more: &format!("{} {}", failure.why, failure.todo),
        actions: Some(html! {
            (link_button(&open, &Button { label: &t!(l, "verb-open"), small: true, ..Button::default() }))
            @if is_held(row) { (held_choices(l, row)) } @else {
                (link_button(&format!("/posts/{}/move", row.post.id), &Button { label: &t!(l, "verb-retry"), small: true, ..Button::default() }))
            }
        }),
        urgent: false,
    })
}

fn today(page: &QueuePage<'_>) -> Markup {
    let (l, view) = (page.frame.locale, page.view);
    let mut rows: Vec<&PostRow> =
        view.done_today.iter().chain(view.upcoming.iter().filter(|row| is_today(page.when, row))).collect();
    rows.sort_by_key(|row| (due(row), row.post.id));
    let bottles: Vec<Markup> = rows.iter().map(|row| stand(page, row)).collect();
    html! {
        section aria-labelledby="today" {
            div.card-head { h2 id="today" { (page.when.heading(view.now)) } span.muted { (page.when.zone_label(view.now)) } }
            @if bottles.is_empty() {
                p.card.sub { (t!(l, "queue-nothing-today")) }
            } @else {
                (shelf(&t!(l, "queue-shelf"), &bottles))
            }
        }
    }
}

fn stand(page: &QueuePage<'_>, row: &PostRow) -> Markup {
    let l = page.frame.locale;
    let clock = page.when.clock(due(row).unwrap_or(page.view.now));
    let thumb_url = thumbnail(row);
    let picture = avatar::address(&row.connection);
    let duration = measure(l, row);
    html! {
        (bottle(
            l,
            &Bottle {
                href: &format!("/posts/{}", row.post.id),
                title: &title(l, row),
                account: account_face(row, picture.as_deref()),
                clock: &clock,
                status: status(row),
                thumb_url: thumb_url.as_deref(),
                duration: duration.as_deref(),
            },
        ))
        @if row.post.published_at.is_none() { (actions(l, row)) }
    }
}

/// What may still be done with a post that waits.
fn actions(l: Locale, row: &PostRow) -> Markup {
    let id = row.post.id;
    let (edit, change, cancel) = (
        format!("/compose/{}?account={}", row.post.group_id, row.connection.id),
        format!("/posts/{id}/move"),
        format!("/posts/{id}/cancel"),
    );
    let (edit_word, move_word, cancel_word) = (t!(l, "verb-edit"), t!(l, "queue-move-or-now"), t!(l, "queue-cancel"));
    let items = [
        MenuItem::Link(Icon::Clock, &move_word, &change),
        MenuItem::Link(Icon::Edit, &edit_word, &edit),
        MenuItem::Link(Icon::Close, &cancel_word, &cancel),
    ];
    menu(l, &format!("menu-{id}"), &title(l, row), &items)
}

fn later(page: &QueuePage<'_>) -> Markup {
    let mut days: Vec<(i64, Vec<&PostRow>)> = Vec::new();
    // Today stands on the shelf.
    for row in page.view.upcoming.iter().filter(|row| !is_today(page.when, row)) {
        let Some(at) = row.post.due_at else { continue };
        let day = page.when.days_from_today(at);
        match days.last_mut() {
            Some((last, rows)) if *last == day => rows.push(row),
            Some(_) | None => days.push((day, vec![row])),
        }
    }
    html! {
        @for (day, rows) in &days {
            @if let Some(at) = rows.first().and_then(|row| row.post.due_at) {
                section.stack.tight aria-labelledby=(format!("day-{day}")) {
                    h2 id=(format!("day-{day}")) { (page.when.heading(at)) }
                    div.list { @for row in rows { (planned(page, row)) } }
                }
            }
        }
    }
}

/// The way to what is planned after the last post shown: more of the queue, and beyond what one page shows the calendar.
fn more(page: &QueuePage<'_>) -> Markup {
    let l = page.frame.locale;
    if !page.view.more {
        return html! {};
    }
    let (label, href) = if page.rows < QUEUE_MAX {
        let rows = page.rows.saturating_mul(2).clamp(QUEUE_ROWS, QUEUE_MAX);
        (t!(l, "queue-more"), format!("/queue?{}", asked(rows, page.label)))
    } else {
        let of_label = page.label.map(|id| format!("?label={id}")).unwrap_or_default();
        (t!(l, "queue-more-calendar"), format!("/calendar{of_label}"))
    };
    html! { div { (link_button(&href, &Button { label: &label, ..Button::default() })) } }
}

/// What was due and waits because its account rests: behind what goes out by itself.
fn resting(page: &QueuePage<'_>) -> Markup {
    let (l, view) = (page.frame.locale, page.view);
    let more = view.resting_total.saturating_sub(view.resting.len());
    html! {
        @if !view.resting.is_empty() {
            section.stack.tight aria-labelledby="resting" {
                h2 id="resting" { (t!(l, "queue-resting")) }
                p.sub { (t!(l, "queue-resting-more")) }
                div.list {
                    @for row in &view.resting {
                        @let was_due = row.post.due_at.map(|at| t!(l, "queue-was-due", at = page.when.moment(at))).unwrap_or_default();
                        (waiting(page, row, &was_due))
                    }
                }
                @if more > 0 { p.hint { (t!(l, "queue-resting-rest", n = more)) } }
            }
        }
    }
}

fn planned(page: &QueuePage<'_>, row: &PostRow) -> Markup {
    let l = page.frame.locale;
    let id = row.post.id;
    let duration = measure(l, row).unwrap_or_default();
    let note = match page.view.delayed.get(&id) {
        Some(from) => {
            let from = page.when.time(next_minute(*from));
            let told = t!(l, "queue-from", from = from.as_str());
            if duration.is_empty() { told } else { format!("{duration} · {told}") }
        }
        None => duration,
    };
    waiting(page, row, &note)
}

/// A planned post as a row.
fn waiting(page: &QueuePage<'_>, row: &PostRow, note: &str) -> Markup {
    let l = page.frame.locale;
    let id = row.post.id;
    let name = title(l, row);
    let clock = row.post.due_at.map(|at| page.when.clock(at));
    let thumb_url = thumbnail(row);
    let picture = avatar::address(&row.connection);
    list_row_with(
        l,
        &ListRow {
            id: &format!("post-{id}"),
            href: &format!("/posts/{id}"),
            title: &name,
            note,
            account: account_face(row, picture.as_deref()),
            clock: clock.as_ref(),
            status: status(row),
            thumb_url: thumb_url.as_deref(),
            actions: Some(actions(l, row)),
        },
        &borne(page, row),
    )
}

/// The labels of a post.
fn borne(page: &QueuePage<'_>, row: &PostRow) -> Markup {
    chips(page.frame.locale, page.view.borne.get(&row.post.id).map_or(&[], Vec::as_slice))
}

/// The first whole minute from which it is true.
#[must_use]
pub fn next_minute(at: UnixMillis) -> UnixMillis {
    at.plus_millis((60_000 - at.millis().rem_euclid(60_000)) % 60_000)
}

fn drafts(page: &QueuePage<'_>) -> Markup {
    let (l, view) = (page.frame.locale, page.view);
    html! {
        @if !view.drafts.is_empty() {
            section.stack.tight aria-labelledby="drafts" {
                h2 id="drafts" { (t!(l, "queue-drafts")) }
                div.list {
                    @for row in &view.drafts {
                        @let thumb_url = thumbnail(row);
                        @let picture = avatar::address(&row.connection);
                        @let edit = format!("/compose/{}?account={}", row.post.group_id, row.connection.id);
                        @let delete = format!("/compose/{}/{}/delete", row.post.group_id, row.post.id);
                        @let (edit_word, delete_word) = (t!(l, "verb-edit"), t!(l, "compose-delete"));
                        (list_row_with(l, &ListRow {
                            id: &format!("post-{}", row.post.id),
                            href: &edit,
                            title: &title(l, row),
                            note: &page.when.relative(row.post.updated_at),
                            account: account_face(row, picture.as_deref()),
                            clock: None,
                            status: Status::Post(PostState::Draft),
                            thumb_url: thumb_url.as_deref(),
                            actions: Some(menu(l, &format!("menu-{}", row.post.id), &title(l, row), &[
                                MenuItem::Link(Icon::Edit, &edit_word, &edit),
                                MenuItem::Post(Icon::Trash, &delete_word, &delete),
                            ])),
                        }, &borne(page, row)))
                    }
                }
            }
        }
    }
}
