//! The library's pages from samples, in both languages and both themes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use app::media::library::{LibraryFile, LibraryView, Place};
use domain::creator::CreatorStanding;
use domain::id::MediaId;
use domain::post::PostState;
use store::Connection;
use store::library::{BytesByKind, FileUse};

use super::pick::{AskPage, ask_page};
use super::view::Asked;
use super::{LibraryPage, library_page};
use crate::locale::Locale;
use crate::pages::{check, samples};
use crate::ui::{Frame, Nav, Theme, When};

fn account(n: u8, name: &str, longest_s: i64) -> Connection {
    let mut creator = samples::creator();
    creator.max_video_duration_s = longest_s;
    Connection {
        id: format!("00000000-0000-0000-0000-0000000001{n:02}").parse().unwrap(),
        display_name: name.to_owned(),
        creator: Some(CreatorStanding::CanPost(creator)),
        ..samples::connection()
    }
}

fn one_use(media_id: MediaId, connection: &Connection) -> FileUse {
    FileUse {
        media_id,
        post_id: samples::post(PostState::Scheduled, domain::post::PostContent::default()).id,
        connection_id: connection.id,
        state: PostState::Scheduled,
        due_at: Some(samples::NOW),
        published_at: None,
        updated_at: samples::NOW,
    }
}

fn view() -> LibraryView {
    let connections = vec![account(1, "Anna", 600), account(2, "Boris", 60)];
    let film = samples::media(90_000);
    let used = LibraryFile {
        tags: vec!["harbour".to_owned(), "dawn <1>".to_owned()],
        uses: vec![one_use(film.id, &connections[0])],
        same: Some(samples::picture(7)),
        made_from: Some(samples::picture(8)),
        goes_at: Some(samples::NOW.plus_seconds(9 * 86_400)),
        media: film,
    };
    let idle = LibraryFile {
        media: samples::picture(3),
        tags: Vec::new(),
        uses: Vec::new(),
        same: None,
        made_from: None,
        goes_at: None,
    };
    LibraryView {
        held_until: None,
        next: Some(Place { key: -5, id: used.media.id }),
        files: vec![used, idle],
        cut: true,
        connections,
        fits: Vec::new(),
        tags: vec![("dawn <1>".to_owned(), 1), ("harbour".to_owned(), 1)],
        bytes: BytesByKind { videos: 10_000_000, photos: 800_000, other: 4 },
        quota_bytes: 100_000_000,
    }
}

fn page(frame: &Frame, asked: &Asked, view: &LibraryView) -> maud::Markup {
    library_page(&LibraryPage {
        frame,
        asked,
        view,
        open: &[],
        when: &When::new(frame.locale, "UTC", samples::NOW),
        can_fit: true,
        now: samples::NOW,
    })
}

fn asked(query: &str) -> Asked {
    let uri: axum::http::Uri = format!("/library?{query}").parse().unwrap();
    axum::extract::Query::<Asked>::try_from_uri(&uri).unwrap().0
}

#[test]
fn every_page_of_the_library_is_whole_in_every_language() {
    let view = view();
    check::in_every_language(|frame| page(frame, &Asked::default(), &view));
    for l in Locale::ALL {
        check::kept("library", l, &page(&Frame::sample(l, Theme::System, Nav::Library), &Asked::default(), &view).0);
    }
    let empty = LibraryView { files: Vec::new(), next: None, ..self::view() };
    check::in_every_language(|frame| page(frame, &Asked::default(), &empty));
    check::in_every_language(|frame| page(frame, &asked("q=none&kind=video"), &empty));
    let files: Vec<_> = view.files.iter().map(|file| file.media.clone()).collect();
    check::in_every_language(|frame| {
        ask_page(&AskPage {
            frame,
            files: &files,
            uses: &view.files[0].uses,
            connections: &view.connections,
            when: &When::new(frame.locale, "UTC", samples::NOW),
        })
    });
}

#[test]
fn a_card_tells_what_each_account_takes_where_the_file_is_used_and_what_it_is_of() {
    let html = page(&Frame::sample(Locale::En, Theme::System, Nav::Library), &Asked::default(), &view()).0;
    for told in [
        "Fits Anna",
        "Too long for Boris (at most 1:00)",
        "/posts/",
        "look-7.jpg",
        "look-8.jpg",
        "in 9 days",
        "/library?tag=harbour",
        "dawn &lt;1&gt; (1)",
    ] {
        assert!(html.contains(told), "{told}");
    }
    assert_eq!(html.matches("form=\"pick\"").count(), 2, "each file can be chosen");
    assert_eq!(html.matches("/delete\"").count(), 1, "only what no post needs can be deleted");
}

#[test]
fn the_address_holds_the_view_and_what_it_does_not_know_is_ignored() {
    let typed = asked("q=milk%20%26%20honey&kind=video&fits=fixable&used=no&tag=Dawn&sort=largest");
    let place = Place { key: -77, id: samples::picture(3).id };
    let next = typed.next(place);
    let again = asked(next.split_once('?').unwrap().1).query();
    assert_eq!(again.after, Some(place));
    assert_eq!(app::media::library::LibraryQuery { after: None, ..again }, typed.query());
    assert!(asked("kind=song&sort=up&after=x_y&made=1").is_plain());
}
