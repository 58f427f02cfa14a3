//! What many posts say together: each figure is counted here a second time, by hand, from what was read.

use app::Error;
use app::labels::Labelling;
use app::metrics::compare::{By, Common};
use app::metrics::insight::{AGE_HOURS, Insight, InsightQuery};
use app::posts::DraftInput;
use domain::id::{ConnectionId, PostId};
use domain::insight::{Cell, HourGrowth, Verdict};
use domain::metrics::day_number;
use domain::post::PostContent;
use domain::privacy::purposes::Reading;
use domain::rhythm::Slot;
use domain::schedule::{Zone, to_local};
use domain::time::UnixMillis;

use crate::sampling::{QUARTER_MS, WITH_NUMBERS, allow, posted, published, rounds};
use crate::support::*;

async fn insight(stage: &Stage, actor: &app::Actor, connection: Option<ConnectionId>) -> Insight {
    let query = InsightQuery { connection, from: START, until: stage.now().plus_millis(DAY_MS) };
    stage.app.insight(actor, query).await.unwrap()
}

/// What was read of a post, as minutes after it went out and views.
async fn told(stage: &Stage, actor: &app::Actor, post: PostId) -> (UnixMillis, Vec<(i64, i64)>) {
    let published_at = stage.app.post(actor, post).await.unwrap().published_at.unwrap();
    let samples = stage.store().metric_samples(actor.workspace_id, post).await.unwrap();
    let views = samples.iter().map(|it| (it.read_at.millis_since(published_at), it.counters.views.unwrap())).collect();
    (published_at, views)
}

/// The value at an age by a ruler laid between the two readings around it.
fn by_hand(read: &[(i64, i64)], age_ms: i64, apart_ms: i64) -> Option<i64> {
    let after = read.iter().position(|(at, _)| *at >= age_ms)?;
    let ((t0, v0), (t1, v1)) = (*read.get(after.checked_sub(1)?)?, read[after]);
    (t1 - t0 <= apart_ms).then(|| v0 + (v1 - v0) * (age_ms - t0) / (t1 - t0))
}

fn middle(mut all: Vec<i64>) -> i64 {
    all.sort_unstable();
    let half = all.len() / 2;
    if all.len() % 2 == 1 { all[half] } else { (all[half - 1] + all[half]).div_euclid(2) }
}

#[tokio::test]
async fn every_figure_about_many_posts_comes_from_samples_and_stays_when_they_are_thinned_out() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        allow(&stage, &actor, id, Reading::Metrics, &WITH_NUMBERS).await;
        let mut posts = Vec::new();
        for n in 0..3 {
            let ours = posted(&stage, 60_000 + n * 10_000).await;
            posts.push(published(&stage, &actor, id, &[ours]).await);
        }
        rounds(&stage.app).await;
        let young = insight(&stage, &actor, None).await;
        assert_eq!((young.table.posts, young.table.left_out, young.young), (0, 0, 3));
        for _ in 0..(50 * 4) {
            rounds(&stage.app).await;
            stage.pass(QUARTER_MS);
        }
        let shown = insight(&stage, &actor, None).await;

        let mut at_age = Vec::new();
        let mut first_hours = Vec::new();
        let mut place = (0, 0);
        let zone: Zone = actor.time_zone.parse().unwrap();
        for post in &posts {
            let (published_at, read) = told(&stage, &actor, *post).await;
            assert!(read.len() > 60, "{}", read.len());
            at_age.push(by_hand(&read, AGE_HOURS * HOUR_MS, 150 * MINUTE_MS).unwrap());
            let mut with_start = vec![(0, 0)];
            with_start.extend(read);
            let hours: Vec<Option<i64>> =
                (1..=48).map(|hour| by_hand(&with_start, hour * HOUR_MS, 90 * MINUTE_MS)).collect();
            first_hours.push(std::iter::once(Some(0)).chain(hours).collect::<Vec<_>>());
            let local = to_local(published_at, &zone);
            place = (local.weekday(), usize::try_from(local.hour()).unwrap() / 2);
        }
        assert!(at_age.iter().all(|views| *views > 0), "{at_age:?}");
        let usual = middle(at_age.clone());
        let cell = shown.table.days().find(|(day, _)| *day == place.0).unwrap().1[place.1];
        assert_eq!(cell, Cell { posts: 3, views: Some(usual), percent: None }, "three posts make nothing usual");
        assert_eq!((shown.accounts, shown.table.posts, shown.table.left_out, shown.young), (1, 3, 0, 0));
        assert_eq!((shown.hours.len(), shown.hours_posts), (48, 3));
        for (hour, it) in shown.hours.iter().enumerate() {
            let gained = first_hours.iter().map(|post| Some(post[hour + 1]? - post[hour]?)).collect::<Option<Vec<_>>>();
            let expected =
                gained.map_or_else(HourGrowth::default, |all| HourGrowth { posts: 3, views: Some(middle(all)) });
            assert_eq!(*it, expected, "hour {hour}");
        }

        let unread = format!(
            "INSERT INTO metric_watch (post_id, video_id, connection_id, state, since, next_at) VALUES ('{}', '1', '{id}', 'live', 0, 9000000000000000)",
            posts[0]
        );
        stage.database.tamper(&[&unread]).await;
        let part = insight(&stage, &actor, None).await;
        assert_eq!((part.hours[0].posts, part.hours_posts), (2, 3), "an id that was never read is no zero");
        stage.database.tamper(&["DELETE FROM metric_watch WHERE video_id = '1'"]).await;

        stage.pass(40 * DAY_MS);
        stage.app.thin_samples().await.unwrap();
        let (_, left) = told(&stage, &actor, posts[0]).await;
        assert!(left.len() <= 4, "{left:?}");
        let later = insight(&stage, &actor, Some(id)).await;
        assert_eq!(later.table, shown.table, "marks stay");
        assert_eq!(later.hours_posts, 0, "and hours are no longer told of");

        stage.pass(700 * DAY_MS);
        stage.app.thin_samples().await.unwrap();
        assert_eq!(
            stage.database.texts("SELECT video_id FROM metric_mark").await,
            [""; 0],
            "they end with their months"
        );
    })
    .await;
}

#[tokio::test]
async fn a_post_that_was_not_read_around_that_moment_is_left_out_and_said_to_be() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        let ours = posted(&stage, 60_000).await;
        published(&stage, &actor, id, &[ours]).await;
        allow(&stage, &actor, id, Reading::Metrics, &WITH_NUMBERS).await;
        for _ in 0..8 {
            rounds(&stage.app).await;
            stage.pass(QUARTER_MS);
        }
        let ages = "SELECT CAST(age_hours AS TEXT) FROM metric_mark ORDER BY age_hours";
        assert_eq!(stage.database.texts(ages).await, ["1"]);
        // The service rests over the moment.
        stage.pass(30 * HOUR_MS);
        rounds(&stage.app).await;
        stage.pass(HOUR_MS);
        rounds(&stage.app).await;
        assert_eq!(stage.database.texts(ages).await, ["1"], "nothing is guessed");
        let shown = insight(&stage, &actor, None).await;
        assert_eq!((shown.table.posts, shown.table.left_out, shown.young), (0, 1, 0));

        stage.app.stop_reading(&actor, id, Reading::Metrics).await.unwrap();
        assert_eq!(stage.database.texts(ages).await, [""; 0], "stopped and erased");
        let shown = insight(&stage, &actor, None).await;
        assert_eq!((shown.table.posts, shown.table.left_out), (0, 0));
    })
    .await;
}

/// A post with a caption that went out so many days ago, and its views after 24 hours.
async fn marked(stage: &Stage, actor: &app::Actor, id: ConnectionId, caption: &str, days: i64, views: i64) -> PostId {
    let draft = stage.draft(actor, id).await;
    let content = PostContent { caption: caption.to_owned(), ..everyone().content };
    stage.app.save_draft(actor, draft.id, draft.revision, &DraftInput { content, ..everyone() }).await.unwrap();
    let (post, at) = (draft.id, stage.now().millis() - days * DAY_MS);
    let mark = format!("('{post}', '7001', 24, '{id}', {at}, {views}, 1, 1, 1)");
    stage
        .database
        .tamper(&[
            &format!("UPDATE post SET state = 'published', published_at = {at}, tiktok_ids = '[\"7001\"]' WHERE id = '{post}'"),
            &format!(
                "INSERT INTO metric_watch (post_id, video_id, connection_id, state, since, next_at, read_at, views, likes, comments, shares) \
                 VALUES ('{post}', '7001', '{id}', 'live', {at}, {at}, {at}, {views}, 1, 1, 1)"
            ),
            &format!(
                "INSERT INTO metric_mark (post_id, video_id, age_hours, connection_id, read_at, views, likes, comments, shares) VALUES {mark}"
            ),
        ])
        .await;
    post
}

#[tokio::test]
async fn posts_that_nobody_knows_since_when_they_were_seen_are_left_out() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        for (kind, after) in [("confirmed", 0), ("linked", 61 * MINUTE_MS), ("linked", 59 * MINUTE_MS)] {
            let post = marked(&stage, &actor, id, "Milk", 3, 500).await;
            let at = stage.now().millis() - 3 * DAY_MS + after;
            let event = format!(
                "INSERT INTO post_event (workspace_id, post_id, kind, detail, at) VALUES ('{}', '{post}', '{kind}', '{{}}', {at})",
                actor.workspace_id
            );
            stage.database.tamper(&[&event]).await;
        }
        let query = InsightQuery { connection: None, from: stage.now().plus_millis(-9 * DAY_MS), until: stage.now() };
        let shown = stage.app.insight(&actor, query).await.unwrap();
        assert_eq!((shown.table.posts, shown.table.left_out, shown.hours_posts), (1, 2, 1));
    })
    .await;
}

#[tokio::test]
async fn posts_are_compared_by_what_they_have_in_common_and_each_figure_can_be_counted_again() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        let mut good = Vec::new();
        for n in 0..8 {
            good.push(marked(&stage, &actor, id, "Milk #Dawn #milk", 3 + n, 5_000 + n * 100).await);
            let long = format!("{} #dawn", "A long story about milk. ".repeat(5));
            marked(&stage, &actor, id, &long, 20 + n, 1_000 + n * 10).await;
        }
        marked(&stage, &actor, id, "", 40, 900).await;
        marked(&stage, &actor, id, "#rare", 41, 800).await;
        let label = stage.app.label_add(&actor, "season", None).await.unwrap();
        for post in &good[..5] {
            let chosen = Labelling { chosen: vec![label], new: String::new(), flavour: None };
            stage.app.post_labels_set(&actor, *post, &chosen).await.unwrap();
        }
        let query = InsightQuery { connection: None, from: stage.now().plus_millis(-90 * DAY_MS), until: stage.now() };
        let shown = stage.app.compare(&actor, query).await.unwrap();
        assert_eq!((shown.posts, shown.left_out, shown.young, shown.is_cut), (18, 0, 0, false));
        let part = |by: By| shown.parts.iter().find(|(it, _)| *it == by).map(|(_, groups)| groups.clone());
        let tags = part(By::Hashtag).unwrap();
        let names: Vec<&Common> = tags.iter().map(|(name, _)| name).collect();
        let tag = |tag: &str| Common::Hashtag(tag.to_owned());
        assert_eq!(names, [&Common::Untagged, &tag("#dawn"), &tag("#milk")], "one of two posts is not shown");
        let milk = &tags[2].1;
        let figures = milk.figures.unwrap();
        assert_eq!((milk.posts, figures.views, figures.low, figures.high), (8, 5_350, 5_100, 5_500));
        assert_eq!(figures.verdict, Verdict::Better);
        // The account's usual is 1,065, between 1,060 and 1,070; 5,300 is 498 % of it and 5,400 507 %.
        assert_eq!(figures.percent, Some(502));
        let captions = part(By::Caption).unwrap();
        let counted: Vec<(Common, usize)> = captions.iter().map(|(name, it)| (name.clone(), it.posts)).collect();
        assert_eq!(counted, [(Common::Short, 9), (Common::Long, 8), (Common::Bare, 1)]);
        let labels = part(By::Label).unwrap();
        let counted: Vec<(Common, usize)> = labels.iter().map(|(name, it)| (name.clone(), it.posts)).collect();
        assert_eq!(counted, [(Common::Unlabelled, 13), (Common::Label("season".to_owned()), 5)]);
        assert!(part(By::Kind).is_none(), "videos alone are compared with nothing");
    })
    .await;
}

#[tokio::test]
async fn a_slot_comes_into_the_week_once_and_leaves_it_whatever_else_is_in_it() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        let seen = stage.app.rhythm(&actor, id).await.unwrap().updated_at;
        stage.app.rhythm_set(&actor, id, seen, "1-09:00".parse().unwrap(), 30).await.unwrap();
        let slot: Slot = "4-18:30".parse().unwrap();
        let mut told = Vec::new();
        for is_in in [true, true, false, false] {
            told.push(stage.app.slot_set(&actor, id, slot, is_in).await.unwrap());
            let rhythm = stage.app.rhythm(&actor, id).await.unwrap();
            assert_eq!(rhythm.week.to_string(), if is_in { "1-09:00 4-18:30" } else { "1-09:00" });
            assert_eq!(rhythm.gap_minutes, 30);
        }
        assert_eq!(told, [true, false, true, false]);
        let full =
            domain::rhythm::Week::of((0..168).map(|n| Slot::new(1, 0, 0).unwrap().plus_minutes(n * 60))).unwrap();
        let seen = stage.app.rhythm(&actor, id).await.unwrap().updated_at;
        stage.app.rhythm_set(&actor, id, seen, full, 0).await.unwrap();
        let refused = stage.app.slot_set(&actor, id, slot, true).await;
        assert!(matches!(refused, Err(Error::Limit { code: "too-many-slots" })), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn notes_stand_on_their_days_and_there_are_two_hundred_at_most() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let (id, today) = (signed.connection_id, day_number(stage.now()));
        let app = &stage.app;
        let all = app.annotation_add(&actor, today - 3, None, "  Campaign \n began ").await.unwrap();
        app.annotation_add(&actor, today - 1, Some(id), "A new picture").await.unwrap();
        let words = async |days: std::ops::Range<i64>, connection| {
            let notes = app.annotations(&actor, days, connection).await.unwrap();
            notes.into_iter().map(|note| note.words).collect::<Vec<_>>()
        };
        assert_eq!(words(today - 7..today + 1, None).await, ["Campaign began", "A new picture"]);
        assert_eq!(words(today - 2..today + 1, Some(id)).await, ["A new picture"]);
        assert_eq!(
            words(today - 7..today, Some(id)).await,
            ["Campaign began", "A new picture"],
            "and what is about all"
        );
        let sealed = stage.database.texts("SELECT words FROM annotation").await;
        assert!(sealed.len() == 2 && sealed.iter().all(|cell| cell.starts_with('\u{1}')), "{sealed:?}");

        let long = "m".repeat(141);
        for (day, words, code) in [
            (today, "", "annotation-words"),
            (today, long.as_str(), "annotation-words"),
            (today - 731, "Long ago", "annotation-day"),
            (today + 367, "Not yet", "annotation-day"),
        ] {
            let refused = app.annotation_add(&actor, day, None, words).await;
            assert!(matches!(refused, Err(Error::BadInput { code: it }) if it == code), "{refused:?}");
        }
        app.annotation_delete(&actor, all).await.unwrap();
        assert!(matches!(app.annotation_delete(&actor, all).await, Err(Error::NotFound { .. })));
        for n in 0..199 {
            app.annotation_add(&actor, today, None, &format!("Note {n}")).await.unwrap();
        }
        let refused = app.annotation_add(&actor, today, None, "One more").await;
        assert!(matches!(refused, Err(Error::Limit { code: "too-many-annotations" })), "{refused:?}");
    })
    .await;
}
