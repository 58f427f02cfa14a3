//! The page of numbers with its accounts in every state, in every language.

use app::metrics::{ReadingView, ReadingsView};
use domain::connection::ConnectionState;
use domain::privacy::purposes::Reading;
use jiff::civil::{Date, date};
use store::{Connection, MetricConsent};

use super::*;
use crate::pages::{check, samples};

const EARLY: Date = date(2026, 12, 1);

fn view(account: &Connection, reading: Reading, given: bool, granted: bool) -> ReadingView {
    let consent = given.then(|| MetricConsent {
        connection_id: account.id,
        reading,
        person_id: "01930000-0000-7000-8000-00000000000a".parse().unwrap(),
        text_version: "1.2".to_owned(),
        given_at: samples::NOW,
    });
    ReadingView { reading, consent, granted }
}

fn accounts(given: bool, granted: bool, state: ConnectionState) -> Vec<ReadingsView> {
    let connection = Connection { state, ..samples::connection() };
    let readings = Reading::ALL.map(|it| view(&connection, it, given, granted)).to_vec();
    vec![ReadingsView { connection, readings }]
}

#[test]
fn pp_7_4_allowing_and_ending_take_one_press_each_on_the_same_page() {
    for (given, granted, allow, stop) in
        [(false, false, 2, 0), (true, true, 0, 2), (true, false, 2, 2), (false, true, 2, 0)]
    {
        for state in [ConnectionState::Active, ConnectionState::ReconnectNeeded] {
            let accounts = accounts(given, granted, state);
            check::in_every_language(|frame| {
                let when = When::new(frame.locale, "Europe/Berlin", samples::NOW);
                let page = analytics_page(&AnalyticsPage { frame, accounts: &accounts, today: EARLY, when: &when });
                check::kept("analytics-readings", frame.locale, &page.0);
                assert_eq!(page.0.matches("/numbers/allow\"").count(), allow);
                assert_eq!(page.0.matches("/numbers/stop\"").count(), stop);
                page
            });
        }
    }
}

#[test]
fn pp_1_4_the_page_says_which_text_a_press_accepts_and_from_when_it_holds_for_everything() {
    let accounts = accounts(false, false, ConnectionState::Active);
    let drawn = |today| {
        let frame = Frame::sample(crate::locale::Locale::En, crate::ui::Theme::System, Nav::Analytics);
        let when = When::new(frame.locale, "Europe/Berlin", samples::NOW);
        analytics_page(&AnalyticsPage { frame: &frame, accounts: &accounts, today, when: &when }).0
    };
    let early = drawn(EARLY);
    assert!(early.contains("href=\"/privacy/1.2#PP-1.4\"") && early.contains("25 January 2027"), "{early}");
    assert!(!drawn(date(2027, 2, 1)).contains("25 January 2027"));
}

#[test]
fn without_an_account_the_page_leads_to_where_one_is_connected() {
    check::in_every_language(|frame| {
        let when = When::new(frame.locale, "Europe/Berlin", samples::NOW);
        let page = analytics_page(&AnalyticsPage { frame, accounts: &[], today: EARLY, when: &when });
        assert!(page.0.contains("href=\"/connections\""));
        page
    });
}
