//! Looking for something in the history: by words, days and lateness, page by page, and taking it along as a file.

use app::Actor;
use app::history::HistoryQuery;
use app::history::file::HistoryFormat;
use app::sheet::Format;
use calamine::{Data, Reader, Xlsx};
use domain::id::{ConnectionId, PostId};
use domain::post::{PostContent, PostState};
use domain::time::UnixMillis;
use store::Post;
use uuid::Uuid;

use crate::support::*;

const DAY_MS: i64 = 24 * HOUR_MS;
/// Greater than what a number of a browser or a spreadsheet holds exactly.
const LARGE_ID: &str = "7999999999999999993";

/// Writes posts that are out, a minute apart, the first one the oldest.
async fn out(stage: &Stage, actor: &Actor, connection: ConnectionId, captions: &[String]) -> Vec<PostId> {
    let model = stage.draft(actor, connection).await;
    let mut tx = stage.store().begin().await.unwrap();
    let mut made = Vec::new();
    for (n, caption) in (0_u32..).zip(captions) {
        let at = START.plus_millis(i64::from(n) * MINUTE_MS);
        let post = Post {
            id: PostId::from_uuid(Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0000 + u128::from(n))),
            state: PostState::Published,
            content: PostContent { caption: caption.clone(), ..model.content.clone() },
            published_at: Some(at),
            due_at: Some(at.plus_millis(-i64::from(n) * 1_000)),
            updated_at: at,
            ..model.clone()
        };
        tx.post_insert(&post).await.unwrap();
        made.push(post.id);
    }
    tx.commit().await.unwrap();
    made
}

/// Which posts are found, page by page; and how often looking ended before the end.
async fn found(stage: &Stage, actor: &Actor, query: HistoryQuery) -> (Vec<PostId>, usize) {
    let (mut query, mut all, mut stops) = (query, Vec::new(), 0);
    loop {
        let page = stage.app.history(actor, &query).await.unwrap();
        all.extend(page.rows.iter().map(|row| row.post.id));
        stops += usize::from(page.looked_back_to.is_some());
        match page.next {
            Some(next) => query.before = Some(next),
            None => return (all, stops),
        }
    }
}

fn words(words: &str) -> HistoryQuery {
    HistoryQuery { words: words.to_owned(), ..HistoryQuery::default() }
}

#[tokio::test]
async fn captions_that_lie_sealed_are_found_by_any_form_of_a_word_and_nobody_elses_are() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let captions = ["Кот пьёт молоко", "Milk at dawn #milk", "Bread", "Коты и МОЛОКОМ политый хлеб"];
        let made = out(&stage, &actor, signed_in.connection_id, &captions.map(str::to_owned)).await;
        for (typed, expected) in [
            ("молоко", vec![made[3], made[0]]),
            ("молоком коты", vec![made[3], made[0]]),
            ("хлебом", vec![made[3]]),
            ("#milk", vec![made[1]]),
            ("\"at dawn\"", vec![made[1]]),
            ("\"dawn at\"", vec![]),
            ("breads", vec![made[2]]),
            ("nothing of it", vec![]),
        ] {
            assert_eq!(found(&stage, &actor, words(typed)).await.0, expected, "{typed}");
        }
        let sealed = stage.database.texts("SELECT content FROM post").await;
        assert!(sealed.iter().all(|cell| !cell.contains("Milk")), "it was not found in plain text");
        let (oleg, _) = stage.sign_in(OLEG).await;
        assert_eq!(found(&stage, &oleg, words("молоко")).await.0, []);
    })
    .await;
}

#[tokio::test]
async fn searching_goes_on_where_it_ended_and_neither_misses_nor_repeats_a_post() {
    let small = |setting: &mut Setting| setting.settings.search_posts_max = 500;
    everywhere_with(small, async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let captions: Vec<String> =
            (0..1_300).map(|n| if n % 9 == 0 { format!("Milk {n}") } else { format!("Bread {n}") }).collect();
        let made = out(&stage, &actor, signed_in.connection_id, &captions).await;
        let expected: Vec<PostId> = made.iter().step_by(9).rev().copied().collect();
        let (all, _) = found(&stage, &actor, words("milk")).await;
        assert_eq!(all, expected);
        let (none, stops) = found(&stage, &actor, words("butter")).await;
        assert_eq!((none.len(), stops), (0, 2), "it said twice that it looked long enough");
        let file = stage.app.history_file(&actor, &words("milk"), HistoryFormat::Json).await.unwrap();
        let lines: Vec<serde_json::Value> = serde_json::from_slice(&file).unwrap();
        let newest = made.iter().rev().take(500).filter(|id| expected.contains(id)).count();
        assert_eq!(lines.len(), newest, "a file opens no more captions than a page");
        let (one, _) = found(&stage, &actor, words("\"bread 1\" 1")).await;
        assert!(one.contains(&made[1]) && !one.contains(&made[2]));
    })
    .await;
}

#[tokio::test]
async fn days_lateness_and_numbers_of_tiktok_narrow_the_history() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let captions: Vec<String> = (0..100).map(|n| format!("Post {n}")).collect();
        let made = out(&stage, &actor, signed_in.connection_id, &captions).await;
        let at = |minutes: i64| START.plus_millis(minutes * MINUTE_MS);
        let between = HistoryQuery { from: Some(at(10)), until: Some(at(13)), ..HistoryQuery::default() };
        assert_eq!(found(&stage, &actor, between).await.0, [made[12], made[11], made[10]], "the end is not in it");
        let late = HistoryQuery { late: true, ..HistoryQuery::default() };
        assert_eq!(found(&stage, &actor, late).await.0.len(), 39, "those more than 60 s late: 61 to 99");

        // TikTok told the number of an old post weeks later: it stays where it was out.
        let before = stage.store().post_any(made[11]).await.unwrap().unwrap();
        let after = Post {
            tiktok_ids: vec![LARGE_ID.to_owned()],
            updated_at: before.updated_at.plus_millis(30 * DAY_MS),
            ..before.clone()
        };
        let mut tx = stage.store().begin().await.unwrap();
        assert!(tx.post_update(&after, before.revision, before.state).await.unwrap());
        tx.commit().await.unwrap();
        let between = HistoryQuery { from: Some(at(10)), until: Some(at(13)), ..HistoryQuery::default() };
        let mut still = found(&stage, &actor, between).await.0;
        still.sort_unstable();
        assert_eq!(still, made[10..13]);
        let month = HistoryQuery { from: Some(at(0).plus_millis(DAY_MS)), ..HistoryQuery::default() };
        assert_eq!(found(&stage, &actor, month).await.0, [], "nothing was out then");
        assert_eq!(found(&stage, &actor, words(LARGE_ID)).await.0, [made[11]]);
        assert_eq!(found(&stage, &actor, words("799999999999999999")).await.0, [], "a number is found as a whole");
    })
    .await;
}

#[tokio::test]
async fn a_file_of_the_history_has_every_number_exactly_and_runs_nothing() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let captions: Vec<String> = (0..620).map(|n| format!("=Post \"{n}\", молоко")).collect();
        let made = out(&stage, &actor, signed_in.connection_id, &captions).await;
        let newest = stage.store().post_any(made[619]).await.unwrap().unwrap();
        let told = Post { tiktok_ids: vec![LARGE_ID.to_owned()], ..newest.clone() };
        let mut tx = stage.store().begin().await.unwrap();
        assert!(tx.post_update(&told, newest.revision, newest.state).await.unwrap());
        tx.commit().await.unwrap();
        stage.app.annotate(&actor, made[619], "the better take").await.unwrap();
        let all = HistoryQuery::default();

        let json = stage.app.history_file(&actor, &all, HistoryFormat::Json).await.unwrap();
        let lines: Vec<serde_json::Value> = serde_json::from_slice(&json).unwrap();
        assert_eq!(lines.len(), 620);
        let first = &lines[0];
        assert_eq!(first["tiktok_ids"], serde_json::json!([LARGE_ID]));
        assert_eq!(
            first["links"],
            serde_json::json!([format!("https://www.tiktok.com/@moloko.demo/video/{LARGE_ID}")])
        );
        assert_eq!(
            (&first["late_seconds"], &first["note"]),
            (&serde_json::json!(619), &serde_json::json!("the better take"))
        );
        assert_eq!(first["published_at"], serde_json::json!(newest.published_at.map(UnixMillis::in_utc).unwrap()));

        let csv = stage.app.history_file(&actor, &all, HistoryFormat::Table(Format::Csv)).await.unwrap();
        let text = String::from_utf8(csv).unwrap();
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let heads = reader.headers().unwrap().clone();
        let place = |name: &str| heads.iter().position(|head| head == name).unwrap();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 620);
        assert_eq!((&rows[0][place("tiktok_ids")], &rows[0][place("caption")]), (LARGE_ID, "'=Post \"619\", молоко"));

        let narrow = HistoryQuery { words: "619".to_owned(), ..HistoryQuery::default() };
        let book = stage.app.history_file(&actor, &narrow, HistoryFormat::Table(Format::Xlsx)).await.unwrap();
        let mut book: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(book)).unwrap();
        let sheet = book.worksheet_range_at(0).unwrap().unwrap();
        assert_eq!(sheet.height(), 2, "the heads and what was looked for");
        let column = u32::try_from(place("tiktok_ids")).unwrap();
        assert_eq!(sheet.get_value((1, column)), Some(&Data::String(LARGE_ID.to_owned())), "a text, no number");
    })
    .await;
}

#[tokio::test]
async fn views_are_kept_under_a_name_up_to_a_limit_and_forgotten() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        let kept = stage.app.saved_view_add(&actor, "  What   failed ", "state=failed").await.unwrap();
        stage.app.saved_view_add(&actor, "as late", "late=on").await.unwrap();
        let views = stage.app.saved_views(&actor).await.unwrap();
        let told: Vec<(&str, &str)> = views.iter().map(|it| (it.name.as_str(), it.query.as_str())).collect();
        assert_eq!(told, [("as late", "late=on"), ("What failed", "state=failed")]);
        for (name, query, code) in [
            ("", "", "saved-view-name"),
            ("a\u{202e}b", "", "saved-view-name"),
            ("x", &"w".repeat(1_001), "saved-view-query"),
        ] {
            let refused = stage.app.saved_view_add(&actor, name, query).await;
            assert!(matches!(refused, Err(app::Error::BadInput { code: found }) if found == code), "{code}");
        }
        for n in 2..20 {
            stage.app.saved_view_add(&actor, &format!("View {n}"), "").await.unwrap();
        }
        let refused = stage.app.saved_view_add(&actor, "One more", "").await;
        assert!(matches!(refused, Err(app::Error::Limit { code: "too-many-views" })));
        stage.app.saved_view_delete(&actor, kept).await.unwrap();
        assert_eq!(stage.app.saved_views(&actor).await.unwrap().len(), 19);
    })
    .await;
}

#[tokio::test]
async fn punctuality_is_counted_from_what_tiktok_said_and_what_was_not_measured_is_no_number() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let careful = stage.add_account(&actor, CAREFUL).await;
        let captions: Vec<String> = (0..100).map(|n| format!("Post {n}")).collect();
        let made = out(&stage, &actor, signed_in.connection_id, &captions).await;
        let failed = stage.scheduled(&actor, careful).await;
        let problem = store::PostProblem {
            code: "too-late".to_owned(),
            tiktok_code: None,
            log_id: None,
            detail: None,
            at: START,
        };
        let stopped = Post { state: PostState::Failed, problem: Some(problem), updated_at: START, ..failed.clone() };
        let mut tx = stage.store().begin().await.unwrap();
        assert!(tx.post_update(&stopped, failed.revision, failed.state).await.unwrap());
        tx.commit().await.unwrap();

        // The n-th post was out n minutes after the beginning, n seconds late.
        let at = |minutes: i64| START.plus_millis(minutes * MINUTE_MS);
        let view = stage.app.reliability(&actor, (at(50), at(100)), None).await.unwrap();
        let all = view.all.punctuality.unwrap();
        assert_eq!((all.posts, all.on_time), (50, 11), "50 to 60 seconds late");
        assert_eq!((all.p50_ms, all.p95_ms, all.worst_ms), (74_000, 97_000, 99_000));
        let before = view.before.punctuality.unwrap();
        assert_eq!((before.posts, before.worst_ms), (50, 49_000), "as long a time before");
        assert_eq!((view.all.failed, view.before.failed), (0, 1));
        let first = stage.app.reliability(&actor, (at(0), at(50)), Some(careful)).await.unwrap();
        assert_eq!((first.all.punctuality, first.all.failed, first.all.out), (None, 1, 0));
        assert_eq!(first.reasons, [("too-late".to_owned(), 1)]);
        assert_eq!(first.accounts.len(), 1, "an account of which nothing came is not told of");
        assert!(!view.is_cut);

        // One of them is out by a person's word alone: nobody knows since when, so it is not measured.
        let late = made[99];
        let mut tx = stage.store().begin().await.unwrap();
        let person = Some(actor.user_id);
        tx.event_append(actor.workspace_id, late, "confirmed", person, &serde_json::json!({}), START).await.unwrap();
        tx.commit().await.unwrap();
        let view = stage.app.reliability(&actor, (at(50), at(100)), None).await.unwrap();
        assert_eq!(view.all.punctuality.map(|it| (it.posts, it.worst_ms)), Some((49, 98_000)));
        let asked = HistoryQuery { late: true, ..HistoryQuery::default() };
        assert!(!found(&stage, &actor, asked).await.0.contains(&late));
        let page = stage.app.history(&actor, &HistoryQuery::default()).await.unwrap();
        assert!(page.confirmed.contains(&late) && page.confirmed.len() == 1);
        let file = stage.app.history_file(&actor, &words("\"Post 99\""), HistoryFormat::Json).await.unwrap();
        let lines: Vec<serde_json::Value> = serde_json::from_slice(&file).unwrap();
        assert_eq!(lines[0]["late_seconds"], serde_json::Value::Null);
    })
    .await;
}
