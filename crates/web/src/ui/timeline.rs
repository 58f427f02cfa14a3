//! The timeline of one post: what happened, when, with what evidence. Must not decide what is worth telling.

use maud::{Markup, html};

use super::icon::{Icon, icon};

/// What a step means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StepTone {
    /// It happened.
    #[default]
    Plain,
    /// It is going on.
    Going,
    /// It went well.
    Good,
    /// It went wrong.
    Bad,
    /// Nobody can know.
    Ask,
}

/// One step.
#[derive(Debug, Clone, Default)]
pub struct Step<'a> {
    /// Meaning.
    pub tone: StepTone,
    /// `HH:MM:SS` or a day and a time.
    pub time: &'a str,
    /// RFC 3339, for machines.
    pub iso: &'a str,
    /// What happened.
    pub what: &'a str,
    /// Details in words.
    pub more: Option<&'a str>,
    /// Codes to copy, see [`super::copy_code`].
    pub codes: Option<Markup>,
}

/// Draws the steps in the order given.
#[must_use]
pub fn timeline(steps: &[Step<'_>]) -> Markup {
    html! {
        ol.timeline {
            @for step in steps {
                @let (class, symbol) = look(step.tone);
                li {
                    time datetime=(step.iso) { (step.time) }
                    span class=(class) { (icon(symbol)) }
                    div {
                        b { (step.what) }
                        @if let Some(more) = step.more { small { (more) } }
                        @if let Some(codes) = &step.codes { (codes) }
                    }
                }
            }
        }
    }
}

const fn look(tone: StepTone) -> (&'static str, Icon) {
    match tone {
        StepTone::Plain => ("dot", Icon::Clock),
        StepTone::Going => ("dot go", Icon::Upload),
        StepTone::Good => ("dot good", Icon::Check),
        StepTone::Bad => ("dot bad", Icon::Close),
        StepTone::Ask => ("dot ask", Icon::Help),
    }
}
