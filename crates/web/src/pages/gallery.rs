//! `/dev/gallery`: every component in both themes on one page. Development mode only; its words are examples, not messages.

use domain::connection::Flavour;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::{
    assets::{Asset, Sample},
    locale::Locale,
    ui::{
        Bottle, Button, Checkbox, Choice, Face, Frame, GlassSize, Head, Icon, Kind, ListRow, MenuItem, Notice,
        Progress, SelectField, Status, Step, StepTone, TabLink, TextArea, TextField, Tone, When, account, bottle,
        button, card, checkbox, copy_code, dialog, empty_slot, empty_state, form_errors, glass, icon, link_button,
        list_row, listbox, menu, notice, progress_bar, public_page, select_field, shelf, status_drop, switch, tabs,
        text_area, text_field, timeline,
    },
};

/// Every additional style sheet, so that whatever is looked at here looks as on its page.
const SHEETS: [Asset; 6] = [
    Asset::ComposerStyle,
    Asset::CalendarStyle,
    Asset::BulkStyle,
    Asset::BoardStyle,
    Asset::OperatorStyle,
    Asset::GalleryStyle,
];

/// Renders the gallery in the reader's language.
#[must_use]
pub fn gallery(frame: &Frame) -> Markup {
    public_page(
        frame,
        Head { sheets: &SHEETS, ..Head::from("Components") },
        &html! {
            main.gal id="main" tabindex="-1" {
                h1 { "Components" }
                div.gal2 {
                    div.side-by data-theme="light" { (components(frame.locale, "l")) }
                    div.side-by data-theme="dark" { (components(frame.locale, "d")) }
                }
            }
        },
    )
}

fn when(l: Locale) -> When {
    // a fixed day, so that two renderings are equal
    let noon = Timestamp::from_second(1_795_510_800).unwrap_or(Timestamp::UNIX_EPOCH);
    When::new(l, "Europe/Moscow", domain::time::UnixMillis::from_millis(noon.as_millisecond()))
}

fn components(l: Locale, p: &str) -> Markup {
    html! {
        (statuses(l))
        (buttons(l, p))
        (fields(l, p))
        (notices(l, p))
        (glasses(p))
        (shelves(l, p))
        (rows(l, p))
        (story(l))
        (icons())
    }
}

fn statuses(l: Locale) -> Markup {
    card(
        "Status and accounts",
        None,
        &html! {
            div.row.tight { @for status in Status::ALL { (status_drop(l, status)) } }
            div.row.examples {
                @for (flavour, name) in Flavour::ALL.into_iter().zip(
                    ["Море рядом", "Северный вечер", "Кухня дома", "Двор и футбол", "Утро с нами", "Cocoa bar", "Blue Berry", "Mint"],
                ) { (account(&Face { name, flavour, picture: None }, Some("handle"))) }
                (account(&Face { name: "With a picture", flavour: Flavour::Sea, picture: Some(Asset::Sample(Sample::Sail).url()) }, Some("handle")))
            }
        },
    )
}

fn buttons(l: Locale, p: &str) -> Markup {
    let why = format!("{p}-why");
    let sheet = format!("{p}-sheet");
    let plain = Button { inert: true, ..Default::default() };
    card(
        "Buttons, tabs, menu, dialog",
        Some(&menu(
            l,
            &format!("{p}-menu"),
            "example",
            &[
                MenuItem::Link(Icon::Edit, "Edit", "#main"),
                MenuItem::Post(Icon::Trash, "Cancel the post", "/dev/gallery"),
            ],
        )),
        &html! {
            div.row {
                (button(&Button { label: "New post", kind: Kind::Primary, icon: Some(Icon::Plus), ..plain }))
                (button(&Button { label: "Опубликовать сейчас", ..plain }))
                (button(&Button { label: "Delete", kind: Kind::Danger, ..plain }))
                (button(&Button { label: "Cancel", kind: Kind::Ghost, ..plain }))
                (button(&Button { label: "More", icon: Some(Icon::More), icon_only: true, ..plain }))
                (button(&Button { label: "Small", small: true, ..plain }))
                (button(&Button { label: "Schedule", kind: Kind::Primary, disabled_by: Some(&why), ..plain }))
                span id=(why) { "Choose who can watch" }
                (link_button("#main", &Button { label: "A link", icon: Some(Icon::Link), ..Default::default() }))
                (button(&Button { label: "Disconnect…", opens: Some(&sheet), ..plain }))
            }
            (tabs(&format!("Example {p}"), &[
                TabLink { label: "Timeline", href: "#main", current: true },
                TabLink { label: "Evidence", href: "#main", current: false },
                TabLink { label: "Numbers", href: "#main", current: false },
            ]))
            (dialog(l, &sheet, "Disconnect “Кухня дома”?", "Keys are destroyed at once. Three scheduled posts are cancelled.",
                "/dev/gallery", &Button { label: "Disconnect", kind: Kind::Danger, ..Default::default() }))
        },
    )
}

fn fields(l: Locale, p: &str) -> Markup {
    let id = |name: &str| format!("{p}-{name}");
    let time_id = id("time");
    let choices = [
        Choice { value: "PUBLIC_TO_EVERYONE", label: "Everyone", ..Default::default() },
        Choice {
            value: "MUTUAL_FOLLOW_FRIENDS",
            label: "Friends",
            note: Some("Followers you follow back"),
            ..Default::default()
        },
        Choice {
            value: "SELF_ONLY",
            label: "Only you",
            note: Some("Branded content visibility cannot be set to private."),
            disabled: true,
        },
    ];
    card(
        "Fields",
        None,
        &html! {
            div.stack {
                (form_errors(l, &[(&time_id, "25:10 is not a time.".to_owned())]))
                (text_field(&TextField { id: &id("slot"), name: "slot", label: "Название", value: "Утренний", ..Default::default() }))
                (text_field(&TextField {
                    id: &time_id, name: "time", label: "Time", value: "25:10",
                    error: Some("There is no such time: a day ends at 23:59. Enter 01:10, for example."), ..Default::default()
                }))
                (text_area(&TextArea {
                    id: &id("caption"), name: "caption", label: "Caption", value: "Парусная школа: первый день на воде. 🥛",
                    limit_utf16: 2200, hint: Some("Hashtags and mentions count too."), ..Default::default()
                }))
                (listbox(&SelectField {
                    id: &id("privacy"), name: &id("privacy"), label: "Who can watch", choices: &choices, placeholder: Some("Choose who can watch"),
                    ..Default::default()
                }))
                (listbox(&SelectField {
                    id: &id("privacy2"), name: &id("privacy2"), label: "Who can watch, chosen", choices: &choices,
                    selected: Some("MUTUAL_FOLLOW_FRIENDS"), placeholder: Some("Choose who can watch"), ..Default::default()
                }))
                (select_field(&SelectField {
                    id: &id("zone"), name: "zone", label: "Time zone", choices: &choices, selected: Some("PUBLIC_TO_EVERYONE"), ..Default::default()
                }))
                div {
                    (checkbox(&Checkbox { id: &id("c1"), name: "c1", label: "Comment", checked: true, ..Default::default() }))
                    (checkbox(&Checkbox { id: &id("c2"), name: "c2", label: "Duet", ..Default::default() }))
                    (checkbox(&Checkbox {
                        id: &id("c3"), name: "c3", label: "Stitch", note: Some("Turned off in this TikTok account"), disabled: true, ..Default::default()
                    }))
                    (switch(&Checkbox {
                        id: &id("s1"), name: "s1", label: "Disclose commercial content", checked: true,
                        note: Some("Turn on if this video promotes you, a brand, a product or a service."), ..Default::default()
                    }))
                    (switch(&Checkbox { id: &id("s2"), name: "s2", label: "AI-generated", ..Default::default() }))
                }
            }
        },
    )
}

fn notices(l: Locale, p: &str) -> Markup {
    let act = button(&Button { label: "Look and decide", small: true, inert: true, ..Default::default() });
    html! {
        section.stack.tight {
            (notice(&Notice { what: "Moved to 25 November, 12:00.", more: "Your consent still holds.", ..Default::default() }))
            (notice(&Notice { tone: Tone::Good, what: "Published.", ..Default::default() }))
            (notice(&Notice { tone: Tone::Warn, what: "“Kitchen” must be connected again by tomorrow 09:00.", more: "Three posts depend on it.", ..Default::default() }))
            (notice(&Notice { tone: Tone::Bad, what: "TikTok didn't take it: the limit for this account is 10:00, your video is 10:42.", more: "Trim it and schedule again.", ..Default::default() }))
            (notice(&Notice { tone: Tone::Ask, what: "We can't know whether it went out.", more: "Please look; we won't repeat it on our own.", actions: Some(act), ..Default::default() }))
            (copy_code(l, "log_id", "20261123151044A7C3F0D2E1"))
            div { span.toast { "Scheduled" (button(&Button { label: "Undo", small: true, inert: true, ..Default::default() })) } }
        }
        section.card id=(format!("{p}-empty")) {
            (empty_state("The shelf is empty", "Drop videos here and we'll pour them over your week.", 2,
                Some(&button(&Button { label: "Choose files", kind: Kind::Primary, icon: Some(Icon::Upload), inert: true, ..Default::default() }))))
        }
    }
}

fn glasses(p: &str) -> Markup {
    let bar = |state: Progress, value: u64| {
        progress_bar(&format!("{p}-bar-{value}"), value, 100, &format!("{value}%"), state)
    };
    card(
        "Glass and bar",
        None,
        &html! {
            div.row {
                @for percent in [0_u8, 20, 55, 80, 100, 120] { (glass(&format!("{p}-g{percent}"), percent, &format!("{percent}%"), GlassSize::Medium)) }
                (glass(&format!("{p}-gs"), 100, "100%", GlassSize::Small))
                (glass(&format!("{p}-gl"), 66, "66%", GlassSize::Large))
            }
            div.stack.tight { (bar(Progress::Running, 64)) (bar(Progress::Paused, 40)) (bar(Progress::Done, 100)) }
            div.upload {
                (glass(&format!("{p}-gu"), 64, "64%", GlassSize::Small))
                b { "pirs-2.mp4" }
                (button(&Button { label: "Pause", icon: Some(Icon::Pause), icon_only: true, kind: Kind::Ghost, small: true, inert: true, ..Default::default() }))
                (progress_bar(&format!("{p}-up"), 412, 644, "412 of 644 MB", Progress::Running))
            }
        },
    )
}

const DAY: [(i64, &str, &str, Flavour, Status, Sample); 3] = [
    (
        -2,
        "Рассвет на Куршской косе за сорок секунд без единой склейки",
        "Море рядом",
        Flavour::Sea,
        Status::Post(domain::post::PostState::Published),
        Sample::Dawn,
    ),
    (
        2,
        "Шакшука на чугуне",
        "Кухня дома",
        Flavour::Honey,
        Status::Post(domain::post::PostState::Publishing),
        Sample::Pan,
    ),
    (6, "Кто придёт в студию?", "Северный вечер", Flavour::Raspberry, Status::OutcomeUnknown, Sample::Studio),
];

fn shelves(l: Locale, p: &str) -> Markup {
    let when = when(l);
    let mut bottles: Vec<Markup> = DAY
        .iter()
        .map(|(hours, title, name, flavour, status, sample)| {
            bottle(
                l,
                &Bottle {
                    href: "#main",
                    title,
                    account: Face { name, flavour: *flavour, picture: None },
                    clock: &when.clock(when.now.plus_seconds(hours * 3600)),
                    status: *status,
                    thumb_url: Some(Asset::Sample(*sample).url()),
                    duration: Some("0:41"),
                },
            )
        })
        .collect();
    bottles.push(empty_slot(l, "#main", &when.clock(when.now.plus_seconds(8 * 3600))));
    html! {
        section.stack id=(format!("{p}-shelf")) { h2 { (when.heading(when.now)) } (shelf("Shelf", &bottles)) }
    }
}

fn rows(l: Locale, p: &str) -> Markup {
    let when = when(l);
    html! {
        div.main {
            div.list {
                @for (index, (hours, title, name, flavour, status, sample)) in DAY.iter().enumerate() {
                    @let id = format!("{p}-row-{index}");
                    @let clock = when.clock(when.now.plus_seconds((hours + 24) * 3600));
                    (list_row(l, &ListRow {
                        id: &id,
                        href: "#main",
                        title,
                        note: "0:49 · #утро",
                        account: Face { name, flavour: *flavour, picture: None },
                        clock: (index < 2).then_some(&clock),
                        status: *status,
                        thumb_url: (index != 1).then(|| Asset::Sample(*sample).url()),
                        actions: Some(menu(l, &format!("{id}-menu"), title, &[MenuItem::Link(Icon::Edit, "Edit", "#main")])),
                    }))
                }
            }
        }
    }
}

fn story(l: Locale) -> Markup {
    card(
        "Timeline",
        None,
        &timeline(&[
            Step {
                time: "18:00:00",
                iso: "2026-11-24T18:00:00+03:00",
                what: "Due",
                more: Some("0.2 s late"),
                ..Default::default()
            },
            Step {
                tone: StepTone::Good,
                time: "18:00:02",
                iso: "2026-11-24T18:00:02+03:00",
                what: "Upload started",
                more: Some("4 parts"),
                ..Default::default()
            },
            Step {
                tone: StepTone::Bad,
                time: "18:04:10",
                iso: "2026-11-24T18:04:10+03:00",
                what: "TikTok answered: too many requests",
                codes: Some(copy_code(l, "log_id", "20261123151044A7C3F0D2E1")),
                ..Default::default()
            },
            Step {
                tone: StepTone::Going,
                time: "18:04:20",
                iso: "2026-11-24T18:04:20+03:00",
                what: "Going on",
                ..Default::default()
            },
            Step {
                tone: StepTone::Ask,
                time: "19:04:20",
                iso: "2026-11-24T19:04:20+03:00",
                what: "No answer will come",
                more: Some("We stopped and ask you."),
                ..Default::default()
            },
        ]),
    )
}

fn icons() -> Markup {
    card(
        "Icons",
        None,
        &html! { div.row.tight { @for symbol in Icon::ALL { span title=(symbol.id()) { (icon(*symbol)) } } } },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::check;

    #[test]
    fn the_gallery_shows_every_component_in_every_language() {
        check::in_every_language(gallery);
    }
}
