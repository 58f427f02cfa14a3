//! The part where reading numbers is switched on and off: what it would add, what it costs, and for each account and purpose one button. Owns its looks.

use app::metrics::{ReadingView, ReadingsView};
use domain::connection::ConnectionState;
use domain::id::ConnectionId;
use domain::privacy::clauses::METRICS_MONTHS;
use domain::privacy::purposes::Reading;
use maud::{Markup, html};

use super::AnalyticsPage;
use crate::avatar;
use crate::locale::Locale;
use crate::ui::account::{Face, Size, face};
use crate::ui::{Icon, icon, when};

/// What is offered, and how each account stands.
pub(super) fn section(page: &AnalyticsPage<'_>) -> Markup {
    let l = page.frame.locale;
    html! {
        section.stack.loose aria-labelledby="readings" {
            div.card.stack {
                h2 id="readings" { (t!(l, "readings-title")) }
                p { (t!(l, "readings-more")) }
                ul.marks {
                    @for words in [t!(l, "readings-what"), t!(l, "readings-not"), t!(l, "readings-often"), t!(l, "readings-kept", n = METRICS_MONTHS), t!(l, "readings-end")] {
                        li { (icon(Icon::Check)) span { (words) } }
                    }
                }
                (accepting(page))
            }
            div.grid { @for account in &page.numbers.accounts { (one(page, account)) } }
        }
    }
}

/// Which text a press accepts, and from when that holds for everything.
fn accepting(page: &AnalyticsPage<'_>) -> Markup {
    let (l, version) = (page.frame.locale, Reading::accepted());
    let before = version.effective > page.today;
    html! {
        p.hint {
            (t!(l, "readings-accept")) " "
            a href=(format!("{}#PP-1.4", version.path())) { (t!(l, "link-privacy")) " " (version.id) }
            @if before { ", " (t!(l, "readings-accept-before", date = when::full_date(l, version.effective))) } @else { "." }
        }
    }
}

fn one(page: &AnalyticsPage<'_>, account: &ReadingsView) -> Markup {
    let c = &account.connection;
    let picture = avatar::address(c);
    html! {
        section.card.stack id=(format!("readings-{}", c.id)) data-flavour=(c.flavour.as_str()) aria-labelledby=(format!("r-{}", c.id)) {
            div.row {
                (face(&Face { name: &c.display_name, flavour: c.flavour, picture: picture.as_deref() }, Size::Large))
                div.grow { h3 id=(format!("r-{}", c.id)) { (c.display_name) } @if let Some(handle) = &c.username { p.sub { "@" (handle) } } }
            }
            @for view in &account.readings { (reading(page, account, view)) }
        }
    }
}

fn reading(page: &AnalyticsPage<'_>, account: &ReadingsView, view: &ReadingView) -> Markup {
    let (l, c) = (page.frame.locale, &account.connection);
    let active = c.state == ConnectionState::Active;
    html! {
        div.stack.tight {
            h4 { (name(l, view.reading)) }
            @match &view.consent {
                None => { p.sub { (t!(l, "readings-off")) } }
                Some(given) => {
                    p.sub {
                        @if view.is_on() && active { (t!(l, "readings-on")) } @else if active { (t!(l, "readings-not-granted")) } @else { (t!(l, "readings-no-grant")) }
                        " " (t!(l, "readings-since")) " " (page.when.moment_element(given.given_at))
                    }
                }
            }
            div.row {
                @if !view.is_on() {
                    form method="post" action=(format!("/connections/{}/numbers/allow", c.id)) {
                        button.btn.small name="reading" value=(view.reading.as_str()) { (offer(l, view)) span.vh { ": " (c.display_name) } }
                    }
                }
                @if view.consent.is_some() { (stop_button(l, c.id, view.reading, &c.display_name)) }
            }
        }
    }
}

fn offer(l: Locale, view: &ReadingView) -> String {
    match (view.consent.is_some(), view.reading) {
        (true, _) => t!(l, "readings-again"),
        (false, Reading::Metrics) => t!(l, "readings-allow-metrics"),
        (false, Reading::Followers) => t!(l, "readings-allow-followers"),
    }
}

/// The name of a reading, as it stands above its button.
pub(super) fn name(l: Locale, reading: Reading) -> String {
    match reading {
        Reading::Metrics => t!(l, "reading-metrics"),
        Reading::Followers => t!(l, "reading-followers"),
    }
}

/// The one press that ends a reading and erases what was read.
#[must_use]
pub fn stop_button(l: Locale, connection: ConnectionId, reading: Reading, account: &str) -> Markup {
    html! {
        form method="post" action=(format!("/connections/{connection}/numbers/stop")) {
            button.btn.small name="reading" value=(reading.as_str()) { (t!(l, "readings-stop")) span.vh { ": " (name(l, reading)) ", " (account) } }
        }
    }
}
