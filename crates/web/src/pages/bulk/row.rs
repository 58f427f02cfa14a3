//! One row of the grid: its cells, what is wrong with it, and its form. Owns looks and parsing; what may be chosen comes from the rule engine.

use app::posts::{ClockSays, DraftInput, GridRow, waits};
use domain::connection::ConnectionState;
use domain::creator::{CreatorStanding, PrivacyLevel};
use domain::id::ConnectionId;
use domain::photos::PhotoContent;
use domain::post::{Delivery, Disclosure, PostContent, PostState};
use domain::rules::{InteractionChoice, Severity};
use domain::schedule::{Zone, to_local};
use maud::{Markup, html};
use serde::Deserialize;
use store::label::Label;
use store::{Connection, Post};

use crate::locale::Locale;
use crate::pages::compose::page::privacy_word;
use crate::pages::{local_of, small_picture};
use crate::ui::{Icon, Thumb, When, icon, thumb};
use crate::words;

/// What a row sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RowForm {
    /// Revision of the draft that the row showed.
    pub revision: i64,
    /// The page of the grid, to come back to.
    pub page: usize,
    /// The row is ticked.
    pub ticked: Option<String>,
    /// TikTok had said nothing when the row was drawn, so it could not offer what only TikTok allows.
    pub silent: Option<String>,
    /// Its account.
    pub account: Option<ConnectionId>,
    title: String,
    caption: String,
    privacy: String,
    allow_comment: Option<String>,
    allow_duet: Option<String>,
    allow_stitch: Option<String>,
    disclosure: Option<String>,
    your_brand: Option<String>,
    branded_content: Option<String>,
    ai_generated: Option<String>,
    date: String,
    time: String,
    /// Its labels, with commas between; a row that has no such field leaves them as they are.
    pub labels: Option<String>,
}

impl RowForm {
    /// The draft with what the row holds in place of what the grid shows; cover, arrangement and music of photos stay.
    #[must_use]
    pub fn draft(&self, stored: &Post, zone: &Zone) -> DraftInput {
        let photos = stored.content.photos.as_ref().map(|photos| PhotoContent {
            title: domain::caption::normalise(&self.title).replace('\n', " "),
            ..photos.clone()
        });
        let typed = PostContent {
            caption: domain::caption::normalise(&self.caption),
            privacy: PrivacyLevel::parse(&self.privacy),
            allow_comment: self.allow_comment.is_some(),
            allow_duet: self.allow_duet.is_some(),
            allow_stitch: self.allow_stitch.is_some(),
            disclosure: Disclosure {
                on: self.disclosure.is_some(),
                your_brand: self.your_brand.is_some(),
                branded_content: self.branded_content.is_some(),
            },
            ai_generated: self.ai_generated.is_some(),
            cover_ms: stored.content.cover_ms,
            photos,
        };
        DraftInput {
            delivery: stored.delivery,
            content: self.kept(typed, stored),
            local_time: local_of(&self.date, &self.time),
            time_zone: zone.clone(),
            photos: None,
        }
    }
}

impl RowForm {
    /// What the row had no field for stays as it was: everything but the words in a draft for the inbox, and of a silent TikTok the
    /// interactions.
    fn kept(&self, typed: PostContent, stored: &Post) -> PostContent {
        let before = &stored.content;
        match stored.delivery {
            Delivery::Inbox => PostContent { caption: typed.caption, photos: typed.photos, ..before.clone() },
            Delivery::Direct if self.silent.is_some() => PostContent {
                allow_comment: before.allow_comment,
                allow_duet: before.allow_duet,
                allow_stitch: before.allow_stitch,
                ..typed
            },
            Delivery::Direct => typed,
        }
    }
}

/// What every cell needs to know.
pub struct Cells<'a> {
    /// The reader's language.
    pub l: Locale,
    /// The reader's clock and zone.
    pub when: &'a When,
    /// The zone of the time fields.
    pub zone: &'a Zone,
    /// Accounts that a row can have.
    pub connections: &'a [Connection],
    /// The page of the grid.
    pub page: usize,
    /// The row is ticked.
    pub ticked: bool,
}

/// The cells that the arrow keys move among, in order, with the words of their heads.
#[must_use]
pub fn columns(l: Locale) -> Vec<(&'static str, String)> {
    vec![
        ("file", t!(l, "bulk-col-file")),
        ("account", t!(l, "bulk-col-account")),
        ("caption", t!(l, "compose-caption")),
        ("privacy", t!(l, "bulk-col-privacy")),
        ("comment", t!(l, "compose-comment")),
        ("duet", t!(l, "compose-duet")),
        ("stitch", t!(l, "compose-stitch")),
        ("disclosure", t!(l, "bulk-col-disclosure")),
        ("your_brand", t!(l, "compose-your-brand")),
        ("branded", t!(l, "compose-branded")),
        ("ai", t!(l, "bulk-col-ai")),
        ("date", t!(l, "compose-date")),
        ("time", t!(l, "compose-time")),
        ("labels", t!(l, "labels-title")),
    ]
}

/// Date and time as the fields hold them, in the reader's zone.
fn typed_time(post: &Post, zone: &Zone) -> (String, String) {
    let own = post.time_zone.as_deref() == Some(zone.name());
    let local = match (own, ClockSays::of(post).at()) {
        (true, _) | (false, None) => post.local_time.clone().unwrap_or_default(),
        (false, Some(at)) => to_local(at, zone).to_string(),
    };
    let (date, time) = local.split_once('T').unwrap_or(("", ""));
    (date.to_owned(), time.to_owned())
}

/// The row.
#[must_use]
pub fn grid_row(c: &Cells<'_>, row: &GridRow) -> Markup {
    let (l, post) = (c.l, &row.post);
    let id = post.id;
    let form = format!("f-{id}");
    let name = row.files.as_ref().map_or_else(|| t!(l, "bulk-file-gone-short"), |files| files.media.file_name.clone());
    let is_direct = post.delivery == Delivery::Direct;
    let (date, time) = typed_time(post, c.zone);
    let named = |what: &str| format!("{what}: {name}");
    let (choice, disclosed) = (&row.choices, post.content.disclosure);
    let here = format!("/compose/{}?account={}", post.group_id, post.connection_id);
    html! {
        tr id=(format!("row-{id}")) role="row" data-row=(id) data-flavour=(row.connection.flavour.as_str()) {
            td.pick role="gridcell" data-col="pick" {
                label.tick { input type="checkbox" name="post" value=(id) form="chosen" checked[c.ticked] aria-label=(t!(l, "bulk-tick", name = name.as_str())); }
            }
            th.file role="rowheader" scope="row" data-col="file" {
                @let picture = row.files.as_ref().and_then(|files| small_picture(&files.media));
                span.row.tight {
                    (thumb(&Thumb { url: picture.as_deref(), ..Thumb::default() }))
                    span.grow {
                        a.ttl href=(here) { (name) }
                        @if let Some(photos) = &post.photos { small { (t!(l, "count-photos", n = photos.pictures().len())) } }
                        @if !is_direct { small { (t!(l, "bulk-to-inbox")) } }
                    }
                }
                // Beside the name, which stays in sight: what hinders a post is read without moving sideways.
                div.told data-problems="" { (problems(c, row)) }
            }
            (cell(l, "account", t!(l, "bulk-col-account"), &html! {
                select.input name="account" form=(form) aria-label=(named(&t!(l, "bulk-col-account"))) {
                    // Another account is one from which something can go out; the row's own stands there in any case.
                    @for one in c.connections.iter().filter(|one| one.state == ConnectionState::Active || one.id == post.connection_id) { option value=(one.id) selected[one.id == post.connection_id] data-name=(one.display_name) data-handle=[one.username.as_deref()] {
                        (one.display_name) @if let Some(handle) = &one.username { " @" (handle) }
                    } }
                }
            }))
            (cell(l, "caption", t!(l, "compose-caption"), &html! {
                @if let Some(photos) = &post.content.photos {
                    input.input name="title" form=(form) value=(photos.title) aria-label=(named(&t!(l, "compose-photo-title"))) placeholder=(t!(l, "compose-photo-title"));
                }
                textarea.input name="caption" rows="1" form=(form) aria-label=(named(&t!(l, "compose-caption"))) {
                    @if post.content.caption.starts_with('\n') { "\n" }
                    (post.content.caption)
                }
            }))
            @if is_direct {
                (cell(l, "privacy", t!(l, "bulk-col-privacy"), &audiences(c, row, &form, &named(&t!(l, "bulk-col-privacy")))))
                (interaction(l, &form, "comment", "allow_comment", &named(&t!(l, "compose-comment")), Some(choice.comment)))
                (interaction(l, &form, "duet", "allow_duet", &named(&t!(l, "compose-duet")), choice.duet))
                (interaction(l, &form, "stitch", "allow_stitch", &named(&t!(l, "compose-stitch")), choice.stitch))
                (tick(l, &form, "disclosure", "disclosure", t!(l, "bulk-col-disclosure"), &named(&t!(l, "compose-disclosure")), choice.disclosure_on, false))
                // UX-13: nothing to choose before the switch is on.
                (tick(l, &form, "your_brand", "your_brand", t!(l, "compose-your-brand"), &named(&t!(l, "compose-your-brand")), disclosed.your_brand, !disclosed.on))
                (tick(l, &form, "branded", "branded_content", t!(l, "compose-branded"), &named(&t!(l, "compose-branded")), disclosed.branded_content, !disclosed.on))
                @if post.photos.is_none() {
                    (tick(l, &form, "ai", "ai_generated", t!(l, "bulk-col-ai"), &named(&t!(l, "compose-ai")), post.content.ai_generated, false))
                } @else { td.none role="gridcell" data-col="ai" { span aria-hidden="true" { "–" } } }
            } @else {
                @for col in ["privacy", "comment", "duet", "stitch", "disclosure", "your_brand", "branded", "ai"] {
                    td.none role="gridcell" data-col=(col) { span aria-hidden="true" { "–" } }
                }
            }
            (cell(l, "date", t!(l, "compose-date"), &html! { input.input type="date" name="date" form=(form) value=(date) aria-label=(named(&t!(l, "compose-date"))); }))
            (cell(l, "time", t!(l, "compose-time"), &html! { input.input type="time" name="time" form=(form) value=(time) aria-label=(named(&t!(l, "compose-time"))); }))
            (cell(l, "labels", t!(l, "labels-title"), &html! { input.input name="labels" form=(form) autocomplete="off" value=(label_list(&row.labels)) aria-label=(named(&t!(l, "labels-title"))); }))
            td.save role="gridcell" {
                form id=(form) method="post" action=(format!("/bulk/rows/{id}")) {
                    input type="hidden" name="revision" value=(post.revision);
                    input type="hidden" name="page" value=(c.page);
                    @if row.standing.is_none() { input type="hidden" name="silent" value="yes"; }
                    button.btn.small type="submit" data-save="" { (t!(l, "verb-save")) span.vh { ": " (name) } }
                }
            }
        }
    }
}

/// Labels as a cell holds them.
fn label_list(labels: &[Label]) -> String {
    labels.iter().map(|label| label.words.as_str()).collect::<Vec<_>>().join(", ")
}

/// A cell with its name for narrow screens, where the heads are not seen.
fn cell(_: Locale, col: &str, head: String, content: &Markup) -> Markup {
    html! { td role="gridcell" data-col=(col) { span.head aria-hidden="true" { (head) } (content) } }
}

#[allow(clippy::too_many_arguments, reason = "what a box is made of")]
fn tick(
    l: Locale,
    form: &str,
    col: &str,
    name: &str,
    head: String,
    label: &str,
    checked: bool,
    disabled: bool,
) -> Markup {
    cell(
        l,
        col,
        head,
        &html! {
            label.tick { input type="checkbox" name=(name) form=(form) checked[checked] disabled[disabled] aria-label=(label); }
        },
    )
}

/// UX-8, UX-9, UX-10: unticked until ticked; greyed where the creator turned it off; not there for photos.
fn interaction(l: Locale, form: &str, col: &str, name: &str, label: &str, choice: Option<InteractionChoice>) -> Markup {
    let head = match col {
        "comment" => t!(l, "compose-comment"),
        "duet" => t!(l, "compose-duet"),
        _ => t!(l, "compose-stitch"),
    };
    match choice {
        None => html! { td.none role="gridcell" data-col=(col) { span aria-hidden="true" { "–" } } },
        Some(choice) => {
            let off = t!(l, "compose-turned-off");
            let label = if choice.turned_off { format!("{label}. {off}") } else { label.to_owned() };
            cell(
                l,
                col,
                head,
                &html! {
                    label.tick title=[choice.turned_off.then_some(off.as_str())] {
                        input type="checkbox" name=(name) form=(form) checked[choice.ticked] disabled[choice.turned_off] aria-label=(label);
                    }
                },
            )
        }
    }
}

/// UX-6, UX-7: exactly TikTok's options for this creator, none picked until somebody picks.
fn audiences(c: &Cells<'_>, row: &GridRow, form: &str, label: &str) -> Markup {
    let l = c.l;
    let chosen = row.post.content.privacy;
    let offered = &row.choices.privacy;
    let is_offered = offered.iter().any(|choice| Some(choice.level) == chosen);
    html! {
        select.input name="privacy" form=(form) aria-label=(label) {
            option value="" selected[chosen.is_none()] { (t!(l, "bulk-choose")) }
            @for choice in offered {
                option value=(choice.level.as_str()) selected[Some(choice.level) == chosen] disabled[choice.disabled_because.is_some() && !choice.chosen] { (privacy_word(l, choice.level)) }
            }
            // What was chosen stays what it is; that it is not on offer is told among the problems.
            @if let Some(level) = chosen.filter(|_| !is_offered) { option value=(level.as_str()) selected { (privacy_word(l, level)) } }
        }
    }
}

/// That the account has its file already, in the words of the post that is nearest to going out; what went out comes last.
#[must_use]
pub fn twin(c: &Cells<'_>, row: &GridRow) -> Option<String> {
    let first = row.twins.iter().find(|one| waits(one.state)).or_else(|| row.twins.first())?;
    let words = match (first.state, first.due_at, first.published_at) {
        (PostState::Draft, ..) => t!(c.l, "bulk-twin-draft"),
        (state, Some(at), _) if waits(state) => t!(c.l, "bulk-twin-planned", when = c.when.moment(at)),
        (_, _, Some(at)) => t!(c.l, "bulk-twin-out", when = c.when.moment(at)),
        _ => t!(c.l, "bulk-twin-other"),
    };
    Some(words)
}

/// What stands in the way of a row, or that nothing does.
#[must_use]
pub fn problems(c: &Cells<'_>, row: &GridRow) -> Markup {
    let l = c.l;
    let silent = row.standing.is_none() && row.post.delivery == Delivery::Direct;
    let blocked = matches!(row.standing.as_deref(), Some(CreatorStanding::Blocked(_)));
    let mut told: Vec<(bool, String)> = Vec::new();
    if row.files.is_none() {
        told.push((true, t!(l, "bulk-file-gone")));
    }
    for problem in &row.problems {
        let is_ours = row.files.is_some() || !matches!(problem, domain::rules::Problem::MediaRejected);
        if is_ours {
            told.push((problem.severity() == Severity::Blocks, words::problem(l, c.when, problem)));
        }
    }
    match row.clock {
        ClockSays::NoTime => told.push((true, t!(l, "bulk-no-time"))),
        ClockSays::Never(_) => told.push((true, t!(l, "bulk-skipped-time"))),
        ClockSays::Twice(..) => told.push((false, t!(l, "bulk-time-twice"))),
        ClockSays::Once(_) => {}
    }
    told.extend(twin(c, row).map(|words| (false, words)));
    let stops = told.iter().any(|(stops, _)| *stops) || silent || blocked;
    html! {
        @if stops {
            details {
                summary { (icon(Icon::Alert)) span { (t!(l, "bulk-to-do", n = told.iter().filter(|(stops, _)| *stops).count().max(1))) } }
                ul { @for (_, words) in &told { li { (words) } } }
            }
        } @else {
            span.ready { (icon(Icon::Check)) (t!(l, "bulk-ready")) }
            @for (_, words) in &told { small { (words) } }
        }
    }
}
