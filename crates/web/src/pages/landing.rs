//! The front door: what this is, for whom, with the legal texts in sight. Must work without cookies and without a script.

use domain::{connection::Flavour, post::PostState};
use maud::{Markup, html};

use crate::{
    assets::{Asset, Sample},
    locale::Locale,
    ui::{
        Button, Face, Frame, Head, Kind, Status, Thumb, link_button, price, public_page, status_drop, text::with_link,
        thumb, when::Clock,
    },
};

/// The landing page.
#[derive(Debug, Clone, Copy)]
pub struct Landing {
    /// Days until files and history are deleted after an account leaves.
    pub retention_days: u32,
}

impl Landing {
    /// An example for tests.
    #[must_use]
    pub const fn sample() -> Self {
        Self { retention_days: 30 }
    }

    /// Renders the page.
    #[must_use]
    pub fn render(&self, frame: &Frame) -> Markup {
        let l = frame.locale;
        let head =
            Head { title: t!(l, "landing-title"), description: Some(t!(l, "landing-description")), ..Head::default() };
        public_page(
            frame,
            head,
            &html! {
                main.land id="main" tabindex="-1" {
                    section.hero {
                        div.stack.loose {
                            h1 { (t!(l, "landing-headline-1")) br; (t!(l, "landing-headline-2")) }
                            p.lead { (t!(l, "landing-lead")) }
                            div.row { (self.door(frame)) }
                            p.muted { small { (with_link(&t!(l, "landing-why"), "/privacy#scopes")) } }
                        }
                        (day(l))
                    }
                    section.grid.even.m15 { (self.promises(l)) }
                    section.stack {
                        h2 { (t!(l, "landing-how")) }
                        ol.how {
                            li { b { (t!(l, "landing-how-1")) } " " (t!(l, "landing-how-1-text")) }
                            li { b { (t!(l, "landing-how-2")) } " " (t!(l, "landing-how-2-text")) }
                            li { b { (t!(l, "landing-how-3")) } " " (t!(l, "landing-how-3-text")) }
                            li { b { (t!(l, "landing-how-4")) } " " (t!(l, "landing-how-4-text")) }
                        }
                    }
                }
            },
        )
    }

    /// TikTok's name stands here as text only: its logo has rules of its own.
    fn door(&self, frame: &Frame) -> Markup {
        let l = frame.locale;
        let big = Button { kind: Kind::Primary, big: true, ..Default::default() };
        match frame.viewer {
            Some(_) => link_button("/queue", &Button { label: &t!(l, "landing-to-queue"), ..big }),
            None => link_button("/connect", &Button { label: &t!(l, "landing-continue"), ..big }),
        }
    }

    fn promises(&self, l: Locale) -> Markup {
        let days = self.retention_days;
        let carton = |flavour: Flavour, number: String, title: String, text: String| {
            html! {
                article.carton data-flavour=(flavour.as_str()) {
                    span.num.promise { (number) }
                    h2 { (title) }
                    p.sub { (text) }
                }
            }
        };
        html! {
            (carton(Flavour::Cornflower, t!(l, "landing-once-number"), t!(l, "landing-once"), t!(l, "landing-once-text")))
            (carton(Flavour::Honey, t!(l, "landing-time-number"), t!(l, "landing-time"), t!(l, "landing-time-text")))
            (carton(Flavour::Mint, t!(l, "landing-gone-number", days = days), t!(l, "landing-gone"), t!(l, "landing-gone-text", days = days)))
            (carton(Flavour::Raspberry, t!(l, "landing-binary-number"), t!(l, "landing-binary"), t!(l, "landing-binary-text")))
        }
    }
}

/// A drawn day, to be looked at only.
fn day(l: Locale) -> Markup {
    let posts = [
        (Flavour::Honey, "Кухня дома", "08", "30", Sample::Coffee, "0:36", PostState::Published),
        (Flavour::Sea, "Море рядом", "12", "00", Sample::Sail, "0:49", PostState::Publishing),
        (Flavour::Raspberry, "Северный вечер", "18", "00", Sample::Studio, "1:12", PostState::Scheduled),
        (Flavour::Pistachio, "Двор и футбол", "20", "15", Sample::Pitch, "0:23", PostState::Scheduled),
    ];
    html! {
        div.hero-shelf {
            div.shelf-card {
                ul.shelf tabindex="0" aria-label=(t!(l, "landing-shelf-label")) {
                    @for (flavour, name, hours, minutes, sample, duration, state) in posts {
                        @let clock = Clock { hours: hours.to_owned(), minutes: minutes.to_owned(), iso: format!("{hours}:{minutes}") };
                        li {
                            span.bottle data-flavour=(flavour.as_str()) {
                                (thumb(&Thumb { url: Some(Asset::Sample(sample).url()), duration: Some(duration), account: Some(Face { name, flavour, picture: None }) }))
                                span.tag { span.top { (price(&clock)) } (status_drop(l, Status::Post(state))) }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{pages::check, ui::Theme};

    #[test]
    fn the_front_door_renders_in_every_language() {
        check::in_every_language(|frame| Landing::sample().render(frame));
        for l in Locale::ALL {
            check::kept("landing", l, &Landing::sample().render(&Frame::public(l, Theme::System, "/")).0);
        }
    }

    #[test]
    fn the_legal_links_are_in_the_header_and_the_door_leads_to_the_age_question() {
        let html = Landing::sample().render(&Frame::public(Locale::En, Theme::System, "/")).0;
        let header = html.split("</header>").next().unwrap_or_default();
        assert!(header.contains("href=\"/privacy\"") && header.contains("href=\"/terms\""));
        assert!(html.contains("href=\"/connect\"") && html.contains("Continue with TikTok"));
        assert!(!html.contains("type=\"checkbox\""), "the age box stands on the connect page, unticked");
    }
}
