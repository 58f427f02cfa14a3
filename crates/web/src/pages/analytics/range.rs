//! Which days the pages of numbers show, and against which: what an address says, and the address that says it. Owns the limits; days are those of UTC, as the
//! sums of days are.

use app::metrics::insight::InsightQuery;
use app::metrics::shown::{Against, NumbersQuery};
use domain::calendar::Day;
use domain::id::ConnectionId;
use domain::metrics::day_number;
use domain::schedule::Zone;
use domain::time::UnixMillis;
use maud::{Markup, html};
use serde::Deserialize;
use store::Connection;

use crate::locale::Locale;
use crate::ui::{Button, Choice, SelectField, TextField, button, select_field, text_field};

/// Ranges that one press asks for, days.
const RANGES: [i64; 4] = [7, 28, 90, 365];
/// The one that is shown at first.
const RANGE: i64 = 28;
/// Days that are shown at most: as long as numbers are kept.
const DAYS_MAX: i64 = 730;
const DAY_MS: i64 = 86_400_000;
/// The page whose figures are compared with those of other days.
pub(super) const MAIN: &str = "/analytics";

/// What the address asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    account: String,
    days: String,
    from: String,
    until: String,
    against: String,
}

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// Which numbers.
    pub query: NumbersQuery,
    /// The last so many days were asked for, and not from one day to another.
    days: Option<i64>,
    /// What was asked for are no days that can be shown.
    is_refused: bool,
}

/// The number of a day, counted from 1970-01-01 in UTC.
pub(super) fn day_number_of(text: &str) -> Option<i64> {
    let day: Day = text.parse().ok()?;
    Some(day_number(day.start(&Zone::utc())))
}

/// The day of such a number, `2026-11-27`.
pub(super) fn day_text(number: i64) -> String {
    Day::of(UnixMillis::from_millis(number.saturating_mul(DAY_MS)), &Zone::utc()).to_string()
}

const fn word(against: Against) -> &'static str {
    match against {
        Against::Before => "before",
        Against::YearBefore => "year",
        Against::Nothing => "nothing",
    }
}

impl Asked {
    /// The days that are meant; unreadable ones are said to be, and the usual ones shown. Where the reader's day is ahead of that of UTC, it may be asked for:
    /// what there is of it is in the day of UTC that is not over.
    #[must_use]
    pub fn shown(&self, now: UnixMillis, zone: &Zone) -> Shown {
        let today = day_number(now);
        let latest = day_number_of(&Day::of(now, zone).to_string()).unwrap_or(today).max(today);
        let all = [Against::Before, Against::YearBefore, Against::Nothing];
        let against = all.into_iter().find(|it| word(*it) == self.against).unwrap_or(Against::Before);
        let connection = self.account.parse().ok();
        let is_free = !(self.from.is_empty() && self.until.is_empty());
        let free = day_number_of(&self.from).zip(day_number_of(&self.until));
        let free = free.filter(|(from, until)| from <= until && *until <= latest && until - from < DAYS_MAX);
        let free = free.map(|(from, until)| (from.min(today), until.min(today)));
        match free.filter(|_| is_free) {
            Some((from, until)) => Shown {
                query: NumbersQuery { connection, first_day: from, end_day: until + 1, against },
                days: RANGES.into_iter().find(|days| until == today && until - from + 1 == *days),
                is_refused: false,
            },
            None => {
                let days = self.days.parse().ok().filter(|days| RANGES.contains(days)).unwrap_or(RANGE);
                let query = NumbersQuery { connection, first_day: today + 1 - days, end_day: today + 1, against };
                Shown { query, days: Some(days), is_refused: is_free }
            }
        }
    }
}

impl Shown {
    /// How many days.
    #[must_use]
    pub const fn wide(&self) -> i64 {
        self.query.end_day - self.query.first_day
    }

    /// The numbers of the days, counted from 1970-01-01 in UTC.
    #[must_use]
    pub const fn days(&self) -> std::ops::Range<i64> {
        self.query.first_day..self.query.end_day
    }

    /// The same days as instants.
    #[must_use]
    pub const fn insight(&self) -> InsightQuery {
        InsightQuery {
            connection: self.query.connection,
            from: UnixMillis::from_millis(self.query.first_day.saturating_mul(DAY_MS)),
            until: UnixMillis::from_millis(self.query.end_day.saturating_mul(DAY_MS)),
        }
    }

    /// The query of the address that shows it.
    #[must_use]
    pub fn address(&self) -> String {
        let account = self.query.connection.map(|id: ConnectionId| id.to_string()).unwrap_or_default();
        let days = match self.days {
            Some(days) => format!("days={days}"),
            None => format!("from={}&until={}", day_text(self.query.first_day), day_text(self.query.end_day - 1)),
        };
        format!("account={account}&{days}&against={}", word(self.query.against))
    }
}

impl Shown {
    /// The page of punctuality for the same days.
    #[must_use]
    pub fn punctuality(&self) -> String {
        let account = self.query.connection.map(|id: ConnectionId| id.to_string()).unwrap_or_default();
        let (from, until) = (day_text(self.query.first_day), day_text(self.query.end_day - 1));
        format!("/history/punctuality?from={from}&until={until}&account={account}")
    }
}

/// Days that one press asks for, and the form for all others.
pub(super) fn filters(l: Locale, shown: &Shown, accounts: &[&Connection], page: &str) -> Markup {
    let every = t!(l, "history-every-account");
    let ids: Vec<String> = accounts.iter().map(|it| it.id.to_string()).collect();
    let mut choices = vec![Choice { value: "", label: &every, ..Choice::default() }];
    choices.extend(ids.iter().zip(accounts).map(|(id, it)| Choice {
        value: id,
        label: &it.display_name,
        ..Choice::default()
    }));
    let account = shown.query.connection.map(|id| id.to_string()).unwrap_or_default();
    let against =
        [("before", t!(l, "range-before")), ("year", t!(l, "range-year-before")), ("nothing", t!(l, "range-nothing"))];
    let against: Vec<Choice<'_>> =
        against.iter().map(|(value, label)| Choice { value, label, ..Choice::default() }).collect();
    let date = |id: &str, label: &str, value: &str| {
        text_field(&TextField { id, name: id, label, value, kind: "date", ..TextField::default() })
    };
    let chip = |days: i64| Shown {
        days: Some(days),
        query: NumbersQuery { first_day: shown.query.end_day - days, ..shown.query },
        ..*shown
    };
    html! {
        nav.row.tight.chips aria-label=(t!(l, "analytics-range")) {
            @for days in RANGES {
                a.chip href=(format!("{page}?{}", chip(days).address())) aria-current=[(shown.days == Some(days)).then_some("page")] { (t!(l, "analytics-days", n = days)) }
            }
        }
        form.row.filters method="get" action=(page) {
            (select_field(&SelectField { id: "account", name: "account", label: &t!(l, "history-account"), choices: &choices, selected: Some(&account), ..SelectField::default() }))
            (date("from", &t!(l, "history-from"), &day_text(shown.query.first_day)))
            (date("until", &t!(l, "history-until"), &day_text(shown.query.end_day - 1)))
            @if page == MAIN { (select_field(&SelectField { id: "against", name: "against", label: &t!(l, "range-against"), choices: &against, selected: Some(word(shown.query.against)), ..SelectField::default() })) }
            @else { input type="hidden" name="against" value=(word(shown.query.against)); }
            (button(&Button { label: &t!(l, "history-show"), ..Button::default() }))
        }
        @if shown.is_refused { p.error role="alert" { (t!(l, "range-refused", n = DAYS_MAX)) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-28, 12:00 in UTC.
    const NOW: UnixMillis = UnixMillis::from_seconds(1_795_867_200);

    fn asked(from: &str, until: &str) -> Asked {
        Asked { from: from.to_owned(), until: until.to_owned(), ..Asked::default() }
    }

    #[test]
    fn days_are_whole_and_an_address_leads_back_to_them() {
        let free = asked("2026-10-01", "2026-10-31").shown(NOW, &Zone::utc());
        assert_eq!((free.wide(), free.is_refused), (31, false));
        assert!(free.address().contains("from=2026-10-01&until=2026-10-31"), "{}", free.address());
        let last = asked("2026-11-22", "2026-11-28").shown(NOW, &Zone::utc());
        assert_eq!((last.wide(), last.days), (7, Some(7)), "the last seven days, however they were asked for");
        let one = asked("2026-11-28", "2026-11-28").shown(NOW, &Zone::utc());
        assert_eq!(one.insight().until.millis_since(one.insight().from), DAY_MS);
        let none = Asked::default().shown(NOW, &Zone::utc());
        assert_eq!((none.wide(), none.days), (28, Some(28)));
    }

    #[test]
    fn what_cannot_be_shown_is_refused_and_the_usual_days_are_shown() {
        for (from, until) in [
            ("2026-11-20", "2026-11-29"),
            ("2026-11-20", "2026-11-19"),
            ("2024-11-27", "2026-11-28"),
            ("2026-11-20", ""),
            ("", "2026-11-20"),
            ("nonsense", "2026-11-20"),
            ("2026-02-30", "2026-11-20"),
        ] {
            let shown = asked(from, until).shown(NOW, &Zone::utc());
            assert!(shown.is_refused && shown.wide() == 28, "{from} {until}");
        }
        let ahead: Zone = "Pacific/Kiritimati".parse().unwrap();
        for from in ["2026-11-28", "2026-11-29"] {
            let shown = asked(from, "2026-11-29").shown(NOW, &ahead);
            assert!(!shown.is_refused && shown.address().contains("from=2026-11-28&until=2026-11-28"), "{from}");
        }
        assert!(asked("2026-11-28", "2026-11-30").shown(NOW, &ahead).is_refused);
        assert!(!asked("2024-11-29", "2026-11-28").shown(NOW, &Zone::utc()).is_refused, "730 days");
    }
}
