//! The part of a file's card where it is made to fit: why it does not, the button, how far it is, what came of it. Owns its routes and looks.

use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Response};
use domain::id::MediaId;
use domain::media::MediaOutcome;
use domain::media::fit::{Trim, can_help};
use domain::time::UnixMillis;
use maud::{Markup, html};
use serde::Deserialize;
use store::Media;
use store::rendition::{Rendition, RenditionState};

use crate::error::WebError;
use crate::locale::Locale;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{
    Button, Icon, Kind, Notice, Progress, TextField, Tone, button, notice, progress_bar, text_field, when,
};

/// Before so much is done, nobody knows how long the rest takes, thousandths.
const GUESS_FROM_PERMILLE: i64 = 30;

/// What the part shows.
#[derive(Clone, Copy)]
pub struct FitPart<'a> {
    /// In which language.
    pub locale: Locale,
    /// The file.
    pub media: &'a Media,
    /// What was asked for, if anything.
    pub job: Option<&'a Rendition>,
    /// This instance can make files fit.
    pub available: bool,
    /// What time it is.
    pub now: UnixMillis,
}

/// The part; live updates fetch the same.
#[must_use]
pub fn fit_part(it: &FitPart<'_>) -> Markup {
    let l = it.locale;
    let id = it.media.id;
    let open = it.job.is_some_and(|job| job.state.is_open());
    // Only where something moves is anything fetched.
    let (from, on) =
        if open { (Some(format!("/library/{id}/fit")), Some("rendition from:#live")) } else { (None, None) };
    html! {
        div.stack.tight id=(format!("fit-{id}")) hx-get=[from] hx-trigger=[on] hx-target=[on.map(|_| "this")] hx-swap=[on.map(|_| "outerMorph")] {
            @match it.job.map(|job| (job, job.state)) {
                Some((job, RenditionState::Asked | RenditionState::Working)) => { (underway(it, job)) }
                Some((job, RenditionState::Ready)) => {
                    @match job.media_id {
                        Some(made) => {
                            p role="status" { b { (t!(l, "fit-ready")) } }
                            div.row.tight {
                                a.btn.small href=(format!("/compose?media={made}")) { (t!(l, "fit-use")) }
                                a href=(format!("/library?made={made}#m-{made}")) { (t!(l, "fit-show")) }
                            }
                        }
                        // The new file was deleted.
                        None => { (ask(it)) }
                    }
                }
                Some((job, RenditionState::Failed)) => {
                    @let word = job.problem.as_deref().unwrap_or("trouble");
                    @let why = l.message(&format!("fit-failed-{word}"), []).unwrap_or_else(|| t!(l, "fit-failed-trouble"));
                    (notice(&Notice { tone: Tone::Bad, what: &t!(l, "fit-failed"), more: &why, ..Notice::default() }))
                    (ask(it))
                }
                Some((_, RenditionState::Cancelled)) | None => { (ask(it)) }
            }
        }
    }
}

fn ask(it: &FitPart<'_>) -> Markup {
    let l = it.locale;
    if it.media.file_gone_at.is_some() || !can_help(&it.media.verdict) {
        return html! {};
    }
    if !it.available {
        return html! { p.hint { (t!(l, "fit-unavailable")) } };
    }
    let id = it.media.id;
    let is_video = it.media.video().is_some();
    let fits = it.media.verdict.outcome == MediaOutcome::Accept;
    let label = if fits { t!(l, "fit-cut") } else { t!(l, "fit-ask") };
    let ids = [format!("from-{id}"), format!("until-{id}")];
    html! {
        form.stack.tight method="post" action=(format!("/library/{id}/fit")) {
            @if is_video {
                details open[fits] {
                    summary { (t!(l, "fit-part")) }
                    div.stack.tight {
                        @for ((field, name), words) in ids.iter().zip(["from", "until"]).zip([t!(l, "fit-from"), t!(l, "fit-until")]) {
                            (text_field(&TextField { id: field, name, label: &words, hint: (name == "until").then_some(t!(l, "fit-part-hint")).as_deref(), ..TextField::default() }))
                        }
                    }
                }
            }
            div { (button(&Button { label: &label, kind: Kind::Primary, small: true, ..Button::default() })) }
            p.hint { @if is_video { (t!(l, "fit-what-video")) } @else { (t!(l, "fit-what-photo")) } }
        }
    }
}

fn underway(it: &FitPart<'_>, job: &Rendition) -> Markup {
    let l = it.locale;
    let id = it.media.id;
    let words = said(l, job, it.now);
    let done = u64::try_from(job.done_permille).unwrap_or(0);
    html! {
        p role="status" { (words) }
        (progress_bar(&format!("fit-bar-{id}"), done, 1000, &words, Progress::Running))
        div.row.tight {
            form method="post" action=(format!("/library/{id}/fit/cancel")) {
                (button(&Button { label: &t!(l, "fit-cancel"), small: true, icon: Some(Icon::Close), ..Button::default() }))
            }
            // For whoever has no scripts: a form asks anew every time, a link to the page that is open does not.
            form action="/library" { (button(&Button { label: &t!(l, "fit-look"), small: true, kind: Kind::Ghost, ..Button::default() })) }
        }
    }
}

/// How far a job is, and how long it may still take.
pub fn said(l: Locale, job: &Rendition, now: UnixMillis) -> String {
    let Some(begun_at) = job.begun_at.filter(|_| job.state == RenditionState::Working) else {
        return t!(l, "fit-waiting");
    };
    let done = job.done_permille;
    if done < GUESS_FROM_PERMILLE {
        return t!(l, "fit-working");
    }
    let left_ms = now.millis_since(begun_at).max(0).saturating_mul(1000 - done) / done;
    t!(l, "fit-working-left", percent = done / 10, left = when::length(left_ms))
}

/// A moment of a video as people write it: `75`, `1:15`, `1:15.5`, `1:02:03`; nothing written is `None`.
fn moment_ms(text: &str) -> Result<Option<i64>, ()> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let mut seconds_ms = 0_i64;
    let parts: Vec<&str> = text.split(':').collect();
    if parts.len() > 3 {
        return Err(());
    }
    for (n, part) in parts.iter().rev().enumerate() {
        let unit_ms = [1_000, 60_000, 3_600_000].get(n).copied().ok_or(())?;
        let (whole, fraction) = match part.replace(',', ".").split_once('.') {
            Some((whole, fraction)) if n == 0 => (whole.to_owned(), fraction.to_owned()),
            Some(_) => return Err(()),
            None => ((*part).to_owned(), String::new()),
        };
        let digits = |text: &str, most: usize| {
            (text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(()).ok_or(())
        };
        digits(&whole, 6)?;
        digits(&fraction, 3)?;
        let number: i64 = whole.parse().map_err(|_| ())?;
        let thousandths: i64 = format!("{fraction:0<3}").parse().map_err(|_| ())?;
        seconds_ms = seconds_ms.saturating_add(number.saturating_mul(unit_ms));
        if n == 0 {
            seconds_ms = seconds_ms.saturating_add(thousandths);
        }
    }
    Ok(Some(seconds_ms))
}

/// What the form sends. The post page's form may send more, which is not looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    from: String,
    until: String,
}

/// From where the button was pressed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct From {
    next: String,
}

/// `POST /library/{id}/fit`: makes a file fit, or a part of it.
///
/// # Errors
/// When it is not theirs, cannot be made fit, or there is no such part.
pub async fn ask_for(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<MediaId>,
    Query(from): Query<From>,
    Form(asked): Form<Asked>,
) -> Result<Response, WebError> {
    const NO_SUCH_PART: app::Error = app::Error::BadInput { code: "no-such-part" };
    let moment = |text: &str| moment_ms(text).map_err(|()| NO_SUCH_PART);
    let trim = Trim { from_ms: moment(&asked.from)?.unwrap_or(0), until_ms: moment(&asked.until)? };
    state.app.ask_fit(&me.actor, id, trim).await?;
    let back = if from.next == "/compose" { "/compose" } else { "/library" };
    Ok(me.flash(back, "fit-asked"))
}

/// `POST /library/{id}/fit/cancel`.
///
/// # Errors
/// When the file is not theirs.
pub async fn cancel(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<MediaId>,
) -> Result<Response, WebError> {
    state.app.cancel_fit(&me.actor, id).await?;
    Ok(me.flash("/library", "fit-cancelled"))
}

/// `GET /library/{id}/fit`: the part alone.
///
/// # Errors
/// When the file is not theirs.
pub async fn body(State(state): State<WebState>, me: SignedIn, Path(id): Path<MediaId>) -> Result<Response, WebError> {
    let media = state.app.media(&me.actor, id).await?;
    let job = state.app.fit_of(&me.actor, id).await?;
    let part = FitPart {
        locale: me.locale(),
        media: &media,
        job: job.as_ref(),
        available: state.app.media_tools().is_some(),
        now: state.app.now(),
    };
    Ok(fit_part(&part).into_response())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use domain::media::fit::Trim;
    use domain::media::{Container, judge};

    use super::*;
    use crate::pages::samples;

    #[test]
    fn moments_are_read_as_people_write_them() {
        let read = [("", None), (" 75 ", Some(75_000)), ("1:15", Some(75_000)), ("1:15,5", Some(75_500))];
        for (text, ms) in read.into_iter().chain([("1:02:03.250", Some(3_723_250)), ("0", Some(0))]) {
            assert_eq!(moment_ms(text), Ok(ms), "{text}");
        }
        for wrong in ["a", "1:", "-1", "1:2:3:4", "1.5:00", "1e3", "9999999", ":", "1.2345"] {
            assert_eq!(moment_ms(wrong), Err(()), "{wrong}");
        }
    }

    fn job(state: RenditionState, problem: Option<&str>) -> Rendition {
        let media = samples::media(60_000);
        Rendition {
            id: "01930000-0000-7000-8000-0000000000f1".parse().unwrap(),
            workspace_id: media.workspace_id,
            source_id: media.id,
            asked_by: media.uploaded_by,
            state,
            trim: Trim::default(),
            asked_at: UnixMillis::from_millis(0),
            tries: 1,
            begun_at: Some(UnixMillis::from_millis(0)),
            done_permille: 250,
            media_id: None,
            ended_at: None,
            problem: problem.map(str::to_owned),
        }
    }

    #[test]
    fn how_far_it_is_comes_with_how_long_it_may_still_take() {
        let words = said(Locale::En, &job(RenditionState::Working, None), UnixMillis::from_millis(20_000));
        assert!(words.contains("25") && words.contains("1:00"), "{words}");
        let words = said(Locale::Ru, &job(RenditionState::Asked, None), UnixMillis::from_millis(20_000));
        assert!(!words.is_empty() && !words.contains("25"), "{words}");
    }

    #[test]
    fn every_state_and_every_reason_has_its_words_in_both_languages() {
        let mut media = samples::media(60_000);
        let mut facts = media.video().unwrap().clone();
        facts.container = Container::Matroska;
        media.verdict = judge(Ok(&facts));
        let reasons = [
            "no-converter",
            "too-slow",
            "unreadable",
            "disk-full",
            "no-quota",
            "source-gone",
            "still-not-fit",
            "trouble",
        ];
        for locale in Locale::ALL {
            let drawn = |job: Option<&Rendition>| {
                fit_part(&FitPart { locale, media: &media, job, available: true, now: UnixMillis::from_millis(9) }).0
            };
            let states = [RenditionState::Asked, RenditionState::Working, RenditionState::Cancelled];
            for state in states {
                let html = drawn(Some(&job(state, None)));
                assert_eq!(html.contains("hx-get"), state.is_open(), "{html}");
                assert_eq!(html.contains("/fit/cancel"), state.is_open(), "{html}");
            }
            let mut seen = std::collections::BTreeSet::new();
            for reason in reasons {
                let html = drawn(Some(&job(RenditionState::Failed, Some(reason))));
                assert!(html.contains(&format!("/library/{}/fit\"", media.id)), "it can be asked for again: {html}");
                assert!(seen.insert(html), "{reason} has words of its own");
            }
        }
    }
}
