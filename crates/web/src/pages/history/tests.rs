//! The history from samples: what was looked for, views that are kept, and a name that was refused, in both languages.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use app::history::HistoryPage;
use app::queue::PostRow;
use domain::post::{PostContent, PostState};
use domain::schedule::Zone;
use store::Post;
use store::saved_view::SavedView;

use super::Asked;
use super::view::{HistoryView, history_page, off_time};
use super::views::Refused;
use crate::locale::Locale;
use crate::pages::{check, samples};
use crate::ui::When;

fn page(caption: &str) -> HistoryPage {
    let content = PostContent { caption: caption.to_owned(), ..PostContent::default() };
    let post = samples::post(PostState::Published, content);
    let around = HashMap::from([(post.id, "…milk & <honey>…".to_owned())]);
    let next = Some((post.updated_at, post.id));
    let row = PostRow { post, connection: Arc::new(samples::connection()), media: None };
    HistoryPage {
        rows: vec![row],
        next,
        notes: HashMap::new(),
        labels: HashMap::new(),
        around,
        confirmed: HashSet::new(),
        looked_back_to: Some(samples::NOW),
    }
}

fn kept(name: &str, query: &str) -> SavedView {
    let of = samples::connection();
    SavedView {
        id: "01930000-0000-7000-8000-000000000042".parse().unwrap(),
        workspace_id: of.workspace_id,
        person_id: of.workspace_id.to_string().parse().unwrap(),
        name: name.to_owned(),
        query: query.to_owned(),
        at: samples::NOW,
    }
}

#[test]
fn what_was_looked_for_stays_in_its_fields_and_in_every_address() {
    let asked = Asked {
        words: "milk & \"honey\"".to_owned(),
        state: "published".to_owned(),
        from: "2026-11-01".to_owned(),
        late: "on".to_owned(),
        ..Asked::default()
    };
    let address = asked.address();
    assert_eq!(address, "words=milk+%26+%22honey%22&state=published&from=2026-11-01&late=on");
    let (page, views) = (page("Bread"), [kept("Slow <ones>", &address)]);
    check::in_every_language(|frame| {
        let when = When::new(frame.locale, "Europe/Berlin", samples::NOW);
        let (asked, views) = (&asked, views.as_slice());
        let (connections, labels, refused) = (&[samples::connection()], samples::labels(), None);
        let html = history_page(&HistoryView {
            frame,
            page: &page,
            asked,
            connections,
            labels: &labels,
            views,
            is_label_gone: false,
            refused,
            when: &when,
        });
        assert!(html.0.contains("value=\"milk &amp; &quot;honey&quot;\"") && html.0.contains("value=\"2026-11-01\""));
        assert!(html.0.contains("…milk &amp; &lt;honey&gt;…") && html.0.contains("Slow &lt;ones&gt;"));
        let address = address.replace('&', "&amp;");
        for path in ["/history?", "/history/file?"] {
            assert!(html.0.contains(&format!("{path}{address}&amp;")), "{path}");
        }
        assert!(html.0.contains("/history/views/01930000-0000-7000-8000-000000000042/delete"));
        assert!(!html.0.contains("view-name"), "it is kept already");
        html
    });
}

#[test]
fn a_view_can_be_kept_and_a_refused_name_still_stands_in_its_field() {
    let asked = Asked { state: "failed".to_owned(), ..Asked::default() };
    let refused = Refused { name: "Typed".to_owned(), why: "Something is wrong.".to_owned() };
    let page = HistoryPage { rows: Vec::new(), next: None, looked_back_to: None, ..page("") };
    check::in_every_language(|frame| {
        let when = When::new(frame.locale, "Europe/Berlin", samples::NOW);
        let html = history_page(&HistoryView {
            frame,
            page: &page,
            asked: &asked,
            connections: &[],
            labels: &[],
            views: &[kept("Mine", "late=on")],
            is_label_gone: false,
            refused: Some(&refused),
            when: &when,
        });
        assert!(html.0.contains("value=\"state=failed\"") && html.0.contains("value=\"Typed\""));
        assert!(html.0.contains("Something is wrong.") && html.0.contains("aria-invalid=\"true\""));
        html
    });
}

#[test]
fn how_far_from_its_time_a_post_was_out_is_said_as_people_say_it() {
    let post = |state, ms: Option<i64>, due: bool| Post {
        due_at: due.then_some(samples::NOW),
        published_at: ms.map(|ms| samples::NOW.plus_millis(ms)),
        ..samples::post(state, PostContent::default())
    };
    let said = |ms| off_time(Locale::En, &post(PostState::Published, Some(ms), true), false).unwrap();
    assert_eq!(said(400), "out on time");
    assert_eq!(said(-900), "out on time", "clocks differ a little");
    assert_eq!(said(4_999), "out 4 s after its time");
    assert_eq!(said(125_000), "out 2:05 after its time");
    let inbox = post(PostState::InInbox, Some(4_000), true);
    assert_eq!(off_time(Locale::En, &inbox, false).unwrap(), "in the inbox 4 s after its time", "it is not out");
    assert_eq!(off_time(Locale::En, &post(PostState::Published, Some(0), false), false), None);
    assert_eq!(off_time(Locale::En, &post(PostState::Failed, None, true), false), None);
    let by_word = post(PostState::Published, Some(86_400_000), true);
    assert_eq!(off_time(Locale::En, &by_word, true), None, "a person said so, and nobody knows since when");
}

#[test]
fn an_address_that_nobody_can_read_asks_for_everything() {
    let asked = Asked {
        state: "bread".to_owned(),
        account: "1".to_owned(),
        label: "x".to_owned(),
        from: "yesterday".to_owned(),
        until: "2026-02-30".to_owned(),
        before: "1.2".to_owned(),
        ..Asked::default()
    };
    let query = asked.query(&Zone::utc());
    assert!(query.states.is_empty() && query.connection.is_none() && query.label.is_none());
    assert!(query.from.is_none() && query.until.is_none() && query.before.is_none() && !query.late);
}

#[test]
fn a_label_that_was_deleted_and_the_end_of_a_search_are_said_as_what_they_are() {
    let none = HistoryPage::default();
    let gone = Asked { label: "01930000-0000-7000-8000-000000000077".to_owned(), ..Asked::default() };
    let further = Asked { words: "milk".to_owned(), before: "1.x".to_owned(), ..Asked::default() };
    for (asked, is_label_gone, id) in [(&gone, true, "history-label-gone"), (&further, false, "history-none-further")] {
        check::in_every_language(|frame| {
            let when = When::new(frame.locale, "Europe/Berlin", samples::NOW);
            let view = HistoryView {
                frame,
                page: &none,
                asked,
                connections: &[],
                labels: &[],
                views: &[],
                is_label_gone,
                refused: None,
                when: &when,
            };
            let html = history_page(&view);
            assert!(html.0.contains(&frame.locale.message(id, []).unwrap()), "{id}");
            html
        });
    }
}
