//! The week of an account: its slots as a table of days and hours, the gap between posts. Owns the form and its looks; which of the
//! instants are free is decided elsewhere. Everything works without a script, which adds dragging and arrow keys.

use app::Error;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form;
use domain::id::ConnectionId;
use domain::rhythm::{GAP_MAX_MINUTES, Slot, Week};
use domain::time::UnixMillis;
use maud::{Markup, html};
use serde::Deserialize;
use store::{Connection, Rhythm};

use super::pause;
use crate::assets::Asset;
use crate::error::WebError;
use crate::locale::Locale;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{
    Button, Frame, Head, Icon, Kind, Nav, SelectField, TextField, When, app_page, button, form_errors, icon,
    link_button, page_head, select_field, text_field, when,
};

/// What is to be done with the week that the form holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// Keep it.
    #[default]
    Save,
    /// Add a time to some days.
    Add,
    /// Make some days like one.
    Copy,
}

/// What the form holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RhythmForm {
    /// The last change that the form showed.
    seen: i64,
    action: Wish,
    slot: Vec<String>,
    gap: String,
    time: String,
    day: Vec<i8>,
    from: i8,
    to: Vec<i8>,
}

/// Why a week was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mistake {
    Changed,
    Gap,
    Time,
    /// No day is ticked for what was pressed.
    Days(Wish),
    /// More slots than a week may have, by what was pressed.
    TooMany(Wish),
}

impl RhythmForm {
    fn week(&self) -> Result<Week, Mistake> {
        let too_many = Mistake::TooMany(self.action);
        let kept: Vec<Slot> = self.slot.iter().filter_map(|text| text.parse().ok()).collect();
        let mut week = Week::of(kept).map_err(|_| too_many)?;
        match self.action {
            Wish::Save => {}
            Wish::Add => {
                if self.day.is_empty() {
                    return Err(Mistake::Days(Wish::Add));
                }
                let days = self.day.iter().map(|day| format!("{day}-{}", self.time).parse::<Slot>());
                let added: Vec<Slot> = days.collect::<Result<_, _>>().map_err(|_| Mistake::Time)?;
                week = Week::of(week.iter().chain(added)).map_err(|_| too_many)?;
            }
            Wish::Copy => {
                let to: Vec<i8> = self.to.iter().copied().filter(|day| *day != self.from).collect();
                if to.is_empty() {
                    return Err(Mistake::Days(Wish::Copy));
                }
                let copies = week
                    .of_day(self.from)
                    .flat_map(|slot| to.iter().filter_map(move |day| slot.on(*day)))
                    .collect::<Vec<_>>();
                let rest = week.iter().filter(|slot| !to.contains(&slot.weekday()));
                week = Week::of(rest.chain(copies)).map_err(|_| too_many)?;
            }
        }
        Ok(week)
    }

    fn gap_minutes(&self) -> Result<u32, Mistake> {
        let text = self.gap.trim();
        if text.is_empty() {
            return Ok(0);
        }
        text.parse().ok().filter(|minutes| *minutes <= GAP_MAX_MINUTES).ok_or(Mistake::Gap)
    }
}

/// The page of an account's week.
pub struct RhythmPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// The account.
    pub connection: &'a Connection,
    /// What was chosen.
    pub rhythm: &'a Rhythm,
    /// The reader's clock and zone.
    pub when: &'a When,
    mistake: Option<Mistake>,
    /// What the refused form held.
    typed: Option<&'a RhythmForm>,
}

/// The whole page.
#[must_use]
pub fn rhythm_page(page: &RhythmPage<'_>) -> Markup {
    let l = page.frame.locale;
    let title = t!(l, "rhythm-title", name = page.connection.display_name.as_str());
    let head = Head { title: title.clone(), script: Some(Asset::Rhythm), ..Head::default() };
    let back =
        link_button("/connections", &Button { label: &t!(l, "rhythm-back"), kind: Kind::Ghost, ..Button::default() });
    let content = html! {
        div.stack.loose data-flavour=(page.connection.flavour.as_str()) {
            (page_head(&title, Some(&t!(l, "rhythm-lede", zone = page.when.zone_label(page.when.now))), Some(&back)))
            (pause::strip(l, page.when, page.connection, page.rhythm))
            (editor(page))
        }
        div.vh role="status" aria-live="assertive" id="week-say" {}
    };
    app_page(page.frame, head, &content)
}

/// The field that a mistake belongs to, and its words.
fn mistake(l: Locale, mistake: Mistake) -> (&'static str, String) {
    let of_days = |wish: Wish| match wish {
        Wish::Save => "week",
        Wish::Add => "day",
        Wish::Copy => "to",
    };
    match mistake {
        Mistake::Changed => ("week", t!(l, "rhythm-changed")),
        Mistake::Gap => ("gap", t!(l, "rhythm-gap-wrong", most = GAP_MAX_MINUTES)),
        Mistake::Time => ("slot-time", t!(l, "rhythm-time-missing")),
        Mistake::Days(wish) => (of_days(wish), t!(l, "rhythm-days-missing")),
        Mistake::TooMany(wish) => (of_days(wish), t!(l, "rhythm-too-many")),
    }
}

fn editor(page: &RhythmPage<'_>) -> Markup {
    let (l, rhythm) = (page.frame.locale, page.rhythm);
    let errors: Vec<(&str, String)> = page.mistake.map(|it| mistake(l, it)).into_iter().collect();
    let error = |field: &str| errors.iter().find(|(id, _)| *id == field).map(|(_, words)| words.as_str());
    let gap = page.typed.map_or_else(|| rhythm.gap_minutes.to_string(), |typed| typed.gap.clone());
    let time = page.typed.map_or("18:00", |typed| typed.time.as_str());
    let from = page.typed.map_or(1, |typed| typed.from).to_string();
    let (add_to, copy_to) = page.typed.map_or((&[][..], &[][..]), |typed| (&typed.day, &typed.to));
    let days: Vec<(String, String)> = (1..=7).map(|day: i8| (day.to_string(), when::weekday(l, day))).collect();
    let choices: Vec<_> =
        days.iter().map(|(value, label)| crate::ui::Choice { value, label, ..crate::ui::Choice::default() }).collect();
    html! {
        (form_errors(l, &errors))
        form.stack.loose method="post" novalidate action=(format!("/connections/{}/rhythm", page.connection.id)) {
            input type="hidden" name="seen" value=(rhythm.updated_at.millis());
            // What Enter in a field presses.
            button.vh type="submit" name="action" value="save" tabindex="-1" aria-hidden="true" { (t!(l, "verb-save")) }
            section.card.stack aria-labelledby="week" {
                h2 id="week" tabindex="-1" { (t!(l, "rhythm-week")) }
                p.sub { (t!(l, "rhythm-week-more")) }
                (week(l, &rhythm.week))
                p.hint { (t!(l, "rhythm-keys")) }
                (text_field(&TextField {
                    id: "gap", name: "gap", label: &t!(l, "rhythm-gap"), value: &gap, kind: "number", min: Some("0"),
                    hint: Some(&t!(l, "rhythm-gap-hint")), error: error("gap"), ..TextField::default()
                }))
                div { (button(&Button { label: &t!(l, "verb-save"), kind: Kind::Primary, sends: Some(("action", "save")), ..Button::default() })) }
            }
            div.grid.m20 {
                section.card.stack aria-labelledby="add" {
                    h2 id="add" { (t!(l, "rhythm-add")) }
                    (text_field(&TextField { id: "slot-time", name: "time", label: &t!(l, "compose-time"), value: time, kind: "time", error: error("slot-time"), ..TextField::default() }))
                    (day_boxes(l, "day", &t!(l, "rhythm-days"), add_to, error("day")))
                    div { (button(&Button { label: &t!(l, "rhythm-add-submit"), sends: Some(("action", "add")), ..Button::default() })) }
                }
                section.card.stack aria-labelledby="copy" {
                    h2 id="copy" { (t!(l, "rhythm-copy")) }
                    (select_field(&SelectField { id: "from", name: "from", label: &t!(l, "rhythm-copy-from"), choices: &choices, selected: Some(&from), ..SelectField::default() }))
                    (day_boxes(l, "to", &t!(l, "rhythm-copy-to"), copy_to, error("to")))
                    div { (button(&Button { label: &t!(l, "rhythm-copy-submit"), sends: Some(("action", "copy")), ..Button::default() })) }
                }
            }
        }
    }
}

fn day_boxes(l: Locale, name: &str, legend: &str, ticked: &[i8], error: Option<&str>) -> Markup {
    let told = format!("{name}-error");
    html! {
        fieldset.days id=(name) tabindex="-1" aria-describedby=[error.map(|_| &told)] {
            legend.label { (legend) }
            div.row.tight {
                @for day in 1..=7_i8 {
                    label.day-box { input type="checkbox" name=(name) value=(day) checked[ticked.contains(&day)] aria-invalid=[error.map(|_| "true")] aria-label=(when::weekday(l, day)); span aria-hidden="true" { (when::weekday_short(l, day)) } }
                }
            }
            @if let Some(error) = error { span.error id=(told) { (icon(Icon::Alert)) span { (error) } } }
        }
    }
}

/// Days across, hours down; a box in a slot's cell is ticked while the slot stays.
fn week(l: Locale, week: &Week) -> Markup {
    html! {
        table.week id="week-table" data-text-moved=(t!(l, "rhythm-said-moved")) data-text-removed=(t!(l, "rhythm-said-removed")) data-text-added=(t!(l, "rhythm-said-added")) {
            caption.vh { (t!(l, "rhythm-week")) }
            thead {
                tr {
                    td {}
                    @for day in 1..=7_i8 {
                        th scope="col" data-name=(when::weekday(l, day)) { span aria-hidden="true" { (when::weekday_short(l, day)) } span.vh { (when::weekday(l, day)) } }
                    }
                }
            }
            tbody {
                @for hour in 0..24_i8 {
                    tr {
                        th scope="row" { (format!("{hour:02}")) span.vh { ":00" } }
                        @for day in 1..=7_i8 {
                            td data-day=(day) data-hour=(hour) {
                                @for slot in week.of_day(day).filter(|slot| slot.hour() == hour) { (chip(l, slot)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn chip(l: Locale, slot: Slot) -> Markup {
    let clock = slot.clock();
    html! {
        label.slot {
            input type="checkbox" name="slot" value=(slot) checked aria-label=(format!("{} {clock}", when::weekday(l, slot.weekday())));
            span aria-hidden="true" { (clock) }
        }
    }
}

/// `GET /connections/{id}/rhythm`.
///
/// # Errors
/// For a foreign connection.
pub async fn show(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<ConnectionId>,
) -> Result<Response, WebError> {
    let rhythm = state.app.rhythm(&me.actor, id).await?;
    respond(&state, &me, &rhythm, None, None).await
}

async fn respond(
    state: &WebState,
    me: &SignedIn,
    rhythm: &Rhythm,
    mistake: Option<Mistake>,
    typed: Option<&RhythmForm>,
) -> Result<Response, WebError> {
    let connection = state.app.connection(&me.actor, rhythm.connection_id).await?;
    let frame = me.frame(Nav::Connections, &format!("/connections/{}/rhythm", connection.id));
    let when = When::new(me.locale(), &me.actor.time_zone, state.app.now());
    let page = RhythmPage { frame: &frame, connection: &connection, rhythm, when: &when, mistake, typed };
    let status = match mistake {
        None => StatusCode::OK,
        Some(Mistake::Changed) => StatusCode::CONFLICT,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok((status, rhythm_page(&page)).into_response())
}

/// `POST /connections/{id}/rhythm`.
///
/// # Errors
/// For a foreign connection; what was typed wrongly comes back on the page.
pub async fn save(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<ConnectionId>,
    Form(form): Form<RhythmForm>,
) -> Result<Response, WebError> {
    let stored = state.app.rhythm(&me.actor, id).await?;
    let (week, gap) = (form.week(), form.gap_minutes());
    match (week, gap) {
        (Ok(week), Ok(gap)) => {
            let seen = UnixMillis::from_millis(form.seen);
            match state.app.rhythm_set(&me.actor, id, seen, week.clone(), gap).await {
                Ok(()) => Ok(me.flash(&format!("/connections/{id}/rhythm"), "rhythm-saved")),
                Err(Error::Conflict { code: "rhythm-changed-meanwhile" }) => {
                    // What they chose stays in the form, and the next press counts as made in knowledge of the other's.
                    let theirs = state.app.rhythm(&me.actor, id).await?;
                    respond(&state, &me, &Rhythm { week, ..theirs }, Some(Mistake::Changed), Some(&form)).await
                }
                Err(error) => Err(error.into()),
            }
        }
        (Err(mistake), _) | (_, Err(mistake)) => {
            // What the boxes said is kept on the page; nothing is saved.
            let kept = Week::of(form.slot.iter().filter_map(|text| text.parse().ok())).unwrap_or_default();
            respond(
                &state,
                &me,
                &Rhythm { week: kept, updated_at: UnixMillis::from_millis(form.seen), ..stored },
                Some(mistake),
                Some(&form),
            )
            .await
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::pages::check::in_every_language;
    use crate::pages::samples;

    fn form(action: Wish, slots: &[&str]) -> RhythmForm {
        RhythmForm { action, slot: slots.iter().map(ToString::to_string).collect(), ..RhythmForm::default() }
    }

    #[test]
    fn boxes_that_are_not_ticked_are_slots_that_go() {
        assert_eq!(form(Wish::Save, &["3-18:30", "1-09:00"]).week().unwrap().to_string(), "1-09:00 3-18:30");
        assert_eq!(form(Wish::Save, &["nonsense", "9-09:00"]).week().unwrap(), Week::default());
    }

    #[test]
    fn a_time_is_added_to_several_days_and_a_day_copied_to_others() {
        let add = RhythmForm { time: "07:15".to_owned(), day: vec![1, 6], ..form(Wish::Add, &["1-09:00"]) };
        assert_eq!(add.week().unwrap().to_string(), "1-07:15 1-09:00 6-07:15");
        assert_eq!(RhythmForm { day: Vec::new(), ..add }.week(), Err(Mistake::Days(Wish::Add)));
        let unset = RhythmForm { day: vec![1], ..form(Wish::Add, &[]) };
        assert_eq!(unset.week(), Err(Mistake::Time));
        let copy = RhythmForm {
            from: 1,
            to: vec![1, 2, 5],
            ..form(Wish::Copy, &["1-09:00", "1-18:00", "2-12:00", "7-10:00"])
        };
        assert_eq!(copy.week().unwrap().to_string(), "1-09:00 1-18:00 2-09:00 2-18:00 5-09:00 5-18:00 7-10:00");
    }

    #[test]
    fn a_gap_is_minutes_of_at_most_a_day() {
        let gap = |text: &str| RhythmForm { gap: text.to_owned(), ..RhythmForm::default() }.gap_minutes();
        assert_eq!((gap(""), gap(" 45 "), gap("1440")), (Ok(0), Ok(45), Ok(1440)));
        assert_eq!((gap("1441"), gap("-1"), gap("soon")), (Err(Mistake::Gap), Err(Mistake::Gap), Err(Mistake::Gap)));
    }

    #[test]
    fn the_week_renders_in_every_language_at_work_and_at_rest() {
        let connection = samples::connection();
        let now = UnixMillis::from_seconds(1_795_512_600);
        for (paused_at, wrong) in
            [(None, None), (Some(now), Some(Mistake::Gap)), (None, Some(Mistake::TooMany(Wish::Copy)))]
        {
            let week = "1-09:00 1-18:30 7-23:59".parse().unwrap();
            let rhythm = Rhythm { week, gap_minutes: 30, paused_at, ..Rhythm::none(connection.id) };
            in_every_language(|frame| {
                let when = When::new(frame.locale, "Europe/Berlin", now);
                let page = rhythm_page(&RhythmPage {
                    frame,
                    connection: &connection,
                    rhythm: &rhythm,
                    when: &when,
                    mistake: wrong,
                    typed: None,
                });
                assert_eq!(page.0.matches("name=\"slot\"").count(), 3);
                page
            });
        }
    }

    #[test]
    fn what_is_wrong_is_told_at_its_own_field_and_nothing_typed_is_lost() {
        let connection = samples::connection();
        let now = UnixMillis::from_seconds(1_795_512_600);
        let add = RhythmForm { time: "07:15".to_owned(), to: vec![3], from: 2, ..form(Wish::Add, &[]) };
        let copy = RhythmForm { action: Wish::Copy, day: vec![5], to: vec![2], from: 2, ..RhythmForm::default() };
        let unset = RhythmForm { day: vec![1], ..form(Wish::Add, &[]) };
        for (typed, field) in [(add, "day"), (copy, "to"), (unset, "slot-time")] {
            let wrong = typed.week().unwrap_err();
            in_every_language(|frame| {
                let when = When::new(frame.locale, "Europe/Berlin", now);
                let page = rhythm_page(&RhythmPage {
                    frame,
                    connection: &connection,
                    rhythm: &Rhythm::none(connection.id),
                    when: &when,
                    mistake: Some(wrong),
                    typed: Some(&typed),
                });
                assert!(page.0.contains(&format!("href=\"#{field}\"")), "{field}");
                assert!(page.0.contains(&format!("id=\"{field}-error\"")), "{field}");
                assert_eq!(page.0.matches("<span class=\"error\"").count(), 1, "{field}: told once, beside its field");
                let boxes = |name: &str, day: i8| format!("name=\"{name}\" value=\"{day}\" checked");
                for (name, days) in [("day", &typed.day), ("to", &typed.to)] {
                    assert!(days.iter().all(|day| page.0.contains(&boxes(name, *day))), "{name}");
                }
                page
            });
        }
    }
}
