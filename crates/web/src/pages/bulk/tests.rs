//! The grid, its review and what came of it, rendered in every language; what a row sends; what a token says.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::Arc;

use app::posts::{Behind, ClockSays, Expectation, GridRow, GridView, Reviewed, Settled};
use app::queue::PostRow;
use app::sheet::{Column, DryRun, Fault, Found};
use domain::consent::Declaration;
use domain::creator::{CreatorStanding, PrivacyLevel};
use domain::id::PostId;
use domain::photos::PhotoContent;
use domain::post::{Delivery, Disclosure, PostContent, PostState};
use domain::rules::Problem;
use domain::schedule::Zone;
use domain::time::UnixMillis;
use domain::timetable::Cap;
use store::library::FileUse;

use super::grid::{GridPage, Making, grid_page};
use super::review::{DonePage, ReviewPage, done_page, parsed, review_page, token};
use super::row::RowForm;
use super::sheet::{TriedPage, tried_page};
use crate::pages::check::in_every_language;
use crate::pages::samples;
use crate::ui::When;

fn id(n: u8) -> PostId {
    format!("01930000-0000-7000-8000-0000000000{n:02}").parse().unwrap()
}

fn row(n: u8, content: PostContent, local: Option<&str>) -> GridRow {
    let is_photos = content.photos.is_some();
    let standing = CreatorStanding::CanPost(samples::creator());
    let view = if is_photos {
        samples::compose_photos(content, standing.clone(), (1..=3).map(samples::picture).collect())
    } else {
        samples::compose(content, standing.clone(), 15_000)
    };
    let mut post = view.current.post;
    post.id = id(n);
    post.local_time = local.map(str::to_owned);
    post.time_zone = local.map(|_| "Europe/Berlin".to_owned());
    let clock = ClockSays::of(&post);
    GridRow {
        post,
        connection: Arc::new(view.current.connection),
        files: Some(view.files),
        standing: Some(Arc::new(standing)),
        choices: view.choices,
        problems: view.problems,
        clock,
        labels: samples::labels(),
        twins: Vec::new(),
    }
}

fn chosen() -> PostContent {
    PostContent {
        caption: "Слой за слоем\n#медовик @mila".to_owned(),
        privacy: Some(PrivacyLevel::PublicToEveryone),
        allow_comment: true,
        disclosure: Disclosure { on: true, your_brand: false, branded_content: true },
        ai_generated: true,
        cover_ms: Some(1_500),
        ..PostContent::default()
    }
}

fn rows() -> Vec<GridRow> {
    let photos = PostContent {
        photos: Some(PhotoContent { title: "Three looks".to_owned(), auto_add_music: true }),
        ..PostContent::default()
    };
    let mut gone = row(5, PostContent::default(), Some("2026-12-24T18:30"));
    gone.files = None;
    let mut inbox = row(6, PostContent::default(), None);
    inbox.post.delivery = Delivery::Inbox;
    inbox.standing = None;
    vec![
        row(1, PostContent::default(), None),
        row(2, chosen(), Some("2026-12-24T18:30")),
        row(3, photos, Some("2027-03-28T02:30")),
        row(4, chosen(), Some("2027-10-31T02:30")),
        gone,
        inbox,
    ]
}

fn grid(rows: Vec<GridRow>) -> GridView {
    let drafts = rows.len();
    GridView { rows, page: 1, pages: 2, drafts, connections: vec![samples::connection()], now: samples::NOW }
}

#[test]
fn the_grid_renders_in_every_language_with_rows_of_every_kind_and_without() {
    let (zone, picture) = ("Europe/Berlin".parse::<Zone>().unwrap(), samples::picture(1));
    for (rows, said) in [(rows(), None), (Vec::new(), Some("No."))] {
        let view = grid(rows);
        in_every_language(|frame| {
            let when = When::new(frame.locale, zone.name(), samples::NOW);
            let files = [samples::media(1_000), picture.clone()];
            let page = grid_page(&GridPage {
                frame,
                view: &view,
                when: &when,
                zone: &zone,
                making: Making { files: &files, picked: &[], accounts: &[], can_give_photos: false },
                ticked: &[id(2)],
                said,
            });
            assert_eq!(page.0.matches(" data-row=").count(), view.rows.len());
            page
        });
    }
}

#[test]
fn ux_07_ux_08_ux_12_a_fresh_row_has_nothing_chosen_and_says_what_is_missing() {
    let zone = Zone::utc();
    let view = grid(vec![row(1, PostContent::default(), None)]);
    in_every_language(|frame| {
        let when = When::new(frame.locale, "UTC", samples::NOW);
        let making = Making { files: &[], picked: &[], accounts: &[], can_give_photos: true };
        let page =
            grid_page(&GridPage { frame, view: &view, when: &when, zone: &zone, making, ticked: &[], said: None });
        let body = page.0.split("<tbody").nth(1).unwrap().split("</tbody>").next().unwrap().to_owned();
        assert!(!body.contains(" checked"), "no box is ticked");
        let list = body.split("name=\"privacy\"").nth(1).unwrap().split("</select>").next().unwrap().to_owned();
        assert!(list.contains("<option value=\"\" selected>") && list.matches(" selected").count() == 1, "{list}");
        // Exactly the creator's three audiences, and the one that is none.
        assert_eq!(list.matches("<option").count(), 4);
        let stitch = body.split("name=\"allow_stitch\"").nth(1).unwrap().split('>').next().unwrap().to_owned();
        assert!(stitch.contains("disabled"), "turned off by the creator");
        assert!(body.contains(&frame.locale.message("problem-privacy-missing", []).unwrap()));
        assert!(body.contains(&frame.locale.message("bulk-no-time", []).unwrap()));
        page
    });
}

#[test]
fn a_row_changes_what_it_shows_and_nothing_else() {
    let stored = row(1, chosen(), None).post;
    let form: RowForm = serde_json::from_value(serde_json::json!({
        "caption": "New\r\nwords", "privacy": "SELF_ONLY", "allow_duet": "on", "date": "2026-12-31", "time": "23:59"
    }))
    .unwrap();
    let draft = form.draft(&stored, &"Europe/Berlin".parse().unwrap());
    assert_eq!(draft.content.caption, "New\nwords");
    assert_eq!(draft.content.privacy, Some(PrivacyLevel::SelfOnly));
    assert!(draft.content.allow_duet && !draft.content.allow_comment && !draft.content.ai_generated);
    assert_eq!(draft.content.disclosure, Disclosure::default());
    assert_eq!(draft.content.cover_ms, Some(1_500), "the cover is chosen elsewhere");
    assert_eq!(draft.local_time.unwrap().to_string(), "2026-12-31T23:59");
    assert_eq!(draft.delivery, Delivery::Direct);

    let photos = PostContent {
        photos: Some(PhotoContent { title: "Old".to_owned(), auto_add_music: true }),
        ..PostContent::default()
    };
    let stored = row(1, photos, None).post;
    let form: RowForm = serde_json::from_value(serde_json::json!({ "title": "New\ntitle" })).unwrap();
    let draft = form.draft(&stored, &Zone::utc());
    assert_eq!(draft.content.photos, Some(PhotoContent { title: "New title".to_owned(), auto_add_music: true }));
    assert_eq!((draft.local_time, draft.photos), (None, None));
}

fn reviewed(row: GridRow, behind: Option<Behind>) -> Reviewed {
    let at = row.clock.at().unwrap_or(samples::NOW);
    Reviewed {
        expected: Some(Expectation {
            due_at: at,
            from: Some(at.plus_seconds(90)),
            sending_minutes: None,
            together: 3,
            held_after_minutes: None,
            cap: None,
        }),
        cap: Some(Cap::DirectPosts { number: 16, typical: 15 }),
        out_before: vec![FileUse {
            media_id: samples::media(1).id,
            post_id: id(9),
            connection_id: row.connection.id,
            state: PostState::Published,
            published_at: Some(samples::NOW),
            due_at: Some(samples::NOW),
            updated_at: samples::NOW,
        }],
        marks: match row.clock {
            ClockSays::Once(at) => vec![(at, "mark".to_owned())],
            ClockSays::Twice(first, second) => vec![(first, "mark".to_owned()), (second, "mark".to_owned())],
            ClockSays::NoTime | ClockSays::Never(_) => Vec::new(),
        },
        row,
        behind,
    }
}

#[test]
fn a_review_shows_each_post_as_it_will_be_sent_and_asks_once_at_its_end() {
    let ready = || {
        vec![
            reviewed(row(2, chosen(), Some("2026-12-24T18:30")), None),
            reviewed(
                row(
                    4,
                    PostContent { privacy: Some(PrivacyLevel::SelfOnly), ..PostContent::default() },
                    Some("2027-10-31T02:30"),
                ),
                None,
            ),
        ]
    };
    let held = || {
        vec![
            reviewed(row(1, PostContent::default(), None), Some(Behind::NoTime)),
            reviewed(row(3, PostContent::default(), Some("2027-03-28T02:30")), Some(Behind::SkippedTime)),
            reviewed(
                row(5, PostContent::default(), None),
                Some(Behind::Problems(vec![Problem::PrivacyMissing, Problem::DisclosureEmpty])),
            ),
            reviewed(row(6, PostContent::default(), None), Some(Behind::FileGone)),
            reviewed(row(7, PostContent::default(), None), Some(Behind::Changed)),
        ]
    };
    let connections = [samples::connection()];
    for (all, not_agreed) in
        [(ready().into_iter().chain(held()).collect::<Vec<_>>(), false), (held(), false), (Vec::new(), true)]
    {
        let ready = all.iter().filter(|one| one.behind.is_none()).count();
        in_every_language(|frame| {
            let when = When::new(frame.locale, "Europe/Berlin", samples::NOW);
            let page = review_page(&ReviewPage {
                frame,
                reviewed: &all,
                gone: all.len() % 2,
                when: &when,
                connections: &connections,
                not_agreed,
            });
            assert_eq!(page.0.matches("data-seen=").count(), ready);
            assert_eq!(page.0.contains("action=\"/bulk/consent\""), ready > 0);
            assert_eq!(page.0.matches("name=\"agree\"").count(), ready, "one answer for each that can be planned");
            if ready > 0 {
                let nickname = samples::creator().nickname;
                assert!(page.0.contains(&nickname) && page.0.contains("<video"));
                assert!(page.0.contains("labeled as 'Paid partnership'") || page.0.contains("labeled as &#39;Paid"));
                // The branded one beside its own post and at the button; the other one as well.
                assert_eq!(page.0.matches("Branded Content Policy</a>").count(), 2);
            }
            page
        });
    }
}

#[test]
fn a_token_says_post_revision_instant_and_declaration_and_nothing_else_is_one() {
    let post = row(2, chosen(), Some("2026-12-24T18:30")).post;
    let at = UnixMillis::from_seconds(1_798_133_400);
    let agreement = parsed(&token(&post, at, "mark")).unwrap();
    assert_eq!((agreement.id, agreement.revision, agreement.at), (post.id, post.revision, at));
    assert_eq!((agreement.declaration, agreement.mark.as_str()), (Declaration::BrandedAndMusic, "mark"));
    for other in [
        "",
        "1.2.3.music",
        "x",
        &format!("{}.music", token(&post, at, "mark")),
        &token(&post, at, "mark").replace("branded", "none"),
    ] {
        assert_eq!(parsed(other), None, "{other}");
    }
}

#[test]
fn what_came_of_it_is_told_for_each_post() {
    let settled = |behind: Option<Behind>| Settled {
        row: PostRow {
            post: samples::post(if behind.is_none() { PostState::Scheduled } else { PostState::Draft }, chosen()),
            connection: Arc::new(samples::connection()),
            media: Some(Arc::new(samples::media(15_000))),
        },
        behind,
    };
    for settled in
        [vec![settled(None), settled(Some(Behind::Changed))], vec![settled(Some(Behind::NoTime))], vec![settled(None)]]
    {
        in_every_language(|frame| {
            let when = When::new(frame.locale, "Europe/Berlin", samples::NOW);
            done_page(&DonePage { frame, settled: &settled, gone: 2, when: &when })
        });
    }
}

#[test]
fn what_a_file_would_become_is_told_by_row_and_column_in_words_of_every_fault() {
    let faults = [
        Fault::UnknownAccount,
        Fault::ManyAccounts,
        Fault::UnknownFile,
        Fault::ManyFiles,
        Fault::UnfitFile,
        Fault::MixedFiles,
        Fault::UnfitPhotos,
        Fault::Missing,
        Fault::BadPrivacy,
        Fault::BadAnswer,
        Fault::BadCover,
        Fault::BadDate,
        Fault::BadTime,
        Fault::HalfTime,
        Fault::BadZone,
        Fault::SkippedTime,
        Fault::TimeTwice,
        Fault::PastTime,
        Fault::TooLong { used: 2_201, most: 2_200 },
        Fault::Endless,
        Fault::OverCap(Cap::DirectPosts { number: 16, typical: 15 }),
        Fault::Twin,
        Fault::WentOut { at: None },
        Fault::WentOut { at: Some(samples::NOW) },
        Fault::SameAsRow { row: 2 },
    ];
    let found: Vec<Found> = (2..)
        .zip(faults)
        .map(|(row, fault)| Found { row, column: Column::Caption, word: "<b>=1+1".to_owned(), fault })
        .collect();
    let dry = DryRun {
        rows: 21,
        found,
        ignored: vec!["mood".to_owned()],
        as_csv: "account,file\r\n</textarea>".to_owned(),
        ..DryRun::default()
    };
    for dry in [dry, DryRun { rows: 1, ..DryRun::default() }] {
        in_every_language(|frame| {
            let when = When::new(frame.locale, "Europe/Berlin", samples::NOW);
            let page = tried_page(&TriedPage { frame, dry: &dry, when: &when });
            assert_eq!(page.0.matches(" data-fault=").count(), dry.found.len());
            for found in &dry.found {
                let code = found.fault.code();
                assert!(!page.0.contains(&format!("<td>{code}")), "{code} has no words");
            }
            assert!(!page.0.contains("<b>=1+1") && page.0.matches("</textarea>").count() == 1);
            page
        });
    }
}

#[test]
fn whoever_deletes_several_drafts_is_asked_how_many_and_sends_the_same_rows() {
    let posts = [id(1), id(2)];
    in_every_language(|frame| {
        let html = super::deleting::delete_question(frame, &posts, Some(3), "/bulk?page=3#rows");
        for post in posts {
            assert!(html.0.contains(&format!("name=\"post\" value=\"{post}\"")));
        }
        assert!(html.0.contains("name=\"sure\"") && html.0.contains("href=\"/bulk?page=3#rows\""));
        html
    });
}
