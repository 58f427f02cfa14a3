//! The library as an editor looks through it: words, filters, order, pages, what is told beside a file, and deleting several at once.

use app::media::library::{FileKind, LibraryQuery, Order, SHOWN};
use app::{Actor, Error};
use bytes::Bytes;
use domain::id::{MediaId, PostId};
use domain::media::MediaOutcome;
use domain::post::PostState;
use futures::stream;
use store::Post;
use tiktok_sim::sample_mp4;

use crate::support::*;

/// A file with a name of its own; the seconds make its content.
async fn named(stage: &Stage, actor: &Actor, name: &str, seconds: u32) -> MediaId {
    let video = sample_mp4(720, 1280, 30, seconds * 1000, 40_000);
    bytes_named(stage, actor, name, Bytes::from(video)).await
}

async fn bytes_named(stage: &Stage, actor: &Actor, name: &str, bytes: Bytes) -> MediaId {
    let length = u64::try_from(bytes.len()).unwrap();
    let upload = stage.app.upload_create(actor, name, length).await.unwrap();
    let body = stream::iter([Ok::<_, std::io::Error>(bytes)]);
    let done = stage.app.upload_append(actor, upload.id, 0, body).await.unwrap();
    stage.pass(1_000);
    done.media_id.unwrap()
}

async fn found(stage: &Stage, actor: &Actor, query: &LibraryQuery) -> Vec<String> {
    let view = stage.app.library(actor, query).await.unwrap();
    view.files.into_iter().map(|file| file.media.file_name).collect()
}

async fn publish(stage: &Stage, id: PostId) {
    let before = stage.store().post_any(id).await.unwrap().unwrap();
    let now = stage.now();
    let after = Post { state: PostState::Published, published_at: Some(now), updated_at: now, ..before.clone() };
    let mut tx = stage.store().begin().await.unwrap();
    assert!(tx.post_update(&after, before.revision, before.state).await.unwrap());
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn files_are_found_by_words_of_their_names_by_kind_by_use_and_in_an_order() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        let milk = named(&stage, &mila, "Молоко утром.mp4", 5).await;
        named(&stage, &mila, "milk evening.mp4", 9).await;
        bytes_named(&stage, &mila, "notes of milk.txt", Bytes::from_static(b"no video at all")).await;
        stage.app.create_drafts(&mila, milk, &[signed_in.connection_id]).await.unwrap();
        let query = LibraryQuery::default;

        let newest = ["notes of milk.txt", "milk evening.mp4", "Молоко утром.mp4"];
        assert_eq!(found(&stage, &mila, &query()).await, newest);
        let words = |text: &str| LibraryQuery { words: text.to_owned(), ..query() };
        assert_eq!(found(&stage, &mila, &words("МОЛОКО")).await, ["Молоко утром.mp4"]);
        assert_eq!(found(&stage, &mila, &words("mp4 MILK")).await, ["milk evening.mp4"]);
        assert_eq!(found(&stage, &mila, &words("%")).await, Vec::<String>::new());
        let used = |used| LibraryQuery { used: Some(used), ..query() };
        assert_eq!(found(&stage, &mila, &used(true)).await, ["Молоко утром.mp4"]);
        assert_eq!(found(&stage, &mila, &used(false)).await, ["notes of milk.txt", "milk evening.mp4"]);
        let video = LibraryQuery { kind: Some(FileKind::Video), order: Order::Largest, ..query() };
        assert_eq!(found(&stage, &mila, &video).await, ["milk evening.mp4", "Молоко утром.mp4"]);
        let unfit = LibraryQuery { fits: Some(MediaOutcome::Reject), ..query() };
        assert_eq!(found(&stage, &mila, &unfit).await, ["notes of milk.txt"]);

        let view = stage.app.library(&mila, &query()).await.unwrap();
        assert_eq!(view.bytes.other, 15);
        assert_eq!(view.bytes.photos, 0);
        assert_eq!(view.bytes.videos + 15, stage.app.media_room(&mila).await.unwrap().0);
    })
    .await;
}

#[tokio::test]
async fn pages_neither_repeat_nor_lose_a_file_when_the_one_at_the_border_is_deleted() {
    everywhere(async |stage| {
        let (mila, _) = stage.sign_in(MILA).await;
        let mut all = Vec::new();
        for n in 0..=SHOWN {
            let text = format!("{n:04}");
            all.push(bytes_named(&stage, &mila, &format!("{text}.txt"), Bytes::from(text)).await);
        }
        for order in [Order::Newest, Order::Largest] {
            let query = LibraryQuery { order, ..LibraryQuery::default() };
            let first = stage.app.library(&mila, &query).await.unwrap();
            assert_eq!((first.files.len(), first.cut), (SHOWN, false));
            let border = first.next.unwrap();
            let second = LibraryQuery { after: Some(border), ..query };
            assert_eq!(found(&stage, &mila, &second).await, ["0000.txt"], "{order:?}");
            if order == Order::Largest {
                stage.app.media_delete(&mila, border.id).await.unwrap();
                assert_eq!(found(&stage, &mila, &second).await, ["0000.txt"], "the place outlives its file");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_says_where_it_is_used_what_it_is_a_copy_of_and_when_it_goes() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        let account = signed_in.connection_id;
        let post = stage.scheduled(&mila, account).await;
        let original = stage.app.media(&mila, post.media_id).await.unwrap();
        stage.pass(1_000);
        let copy = stage.upload(&mila).await;

        let view = stage.app.library(&mila, &LibraryQuery::default()).await.unwrap();
        let [of_copy, of_original] = view.files.as_slice() else { panic!("two files") };
        assert_eq!(of_copy.same.as_ref().map(|same| same.id), Some(original.id));
        assert_eq!(of_original.same.as_ref().map(|same| same.id), Some(copy));
        assert_eq!(of_original.uses.len(), 1);
        assert_eq!((of_original.uses[0].post_id, of_original.uses[0].connection_id), (post.id, account));
        assert_eq!((of_original.goes_at, of_copy.goes_at), (None, None), "nothing is out");

        publish(&stage, post.id).await;
        let soonest = LibraryQuery { order: Order::DeletedSoonest, ..LibraryQuery::default() };
        let view = stage.app.library(&mila, &soonest).await.unwrap();
        let goes_at = view.files[0].goes_at.unwrap();
        assert_eq!((view.files[0].media.id, goes_at), (original.id, stage.now().plus_millis(30 * DAY_MS)));
        stage.pass(30 * DAY_MS - 1);
        assert_eq!(stage.app.purge_served().await.unwrap().files, 0, "not before its time");
        stage.pass(2);
        assert_eq!(stage.app.purge_served().await.unwrap().files, 1, "and not later");
    })
    .await;
}

#[tokio::test]
async fn a_copy_of_what_is_out_already_is_told_before_it_goes_out_again() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        let first = stage.scheduled(&mila, signed_in.connection_id).await;
        let again = stage.draft(&mila, signed_in.connection_id).await;
        let view = stage.app.compose(&mila, again.group_id, None, None).await.unwrap();
        assert_eq!(view.out_before, [], "it is planned, not out");
        publish(&stage, first.id).await;
        let view = stage.app.compose(&mila, again.group_id, None, None).await.unwrap();
        assert_eq!(view.out_before.iter().map(|one| one.post_id).collect::<Vec<_>>(), [first.id]);
        let view = stage.app.compose(&mila, first.group_id, None, None).await.unwrap();
        assert_eq!(view.out_before, [], "a post is no copy of itself");

        let (careful, of_careful) = stage.sign_in(CAREFUL).await;
        let theirs = stage.draft(&careful, of_careful.connection_id).await;
        let view = stage.app.compose(&careful, theirs.group_id, None, None).await.unwrap();
        assert_eq!(view.out_before, [], "what others posted is theirs to know");
    })
    .await;
}

#[tokio::test]
async fn several_files_are_deleted_at_once_and_what_a_post_needs_stays_and_is_named() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        let needed = stage.scheduled(&mila, signed_in.connection_id).await.media_id;
        let ids = [named(&stage, &mila, "one.mp4", 3).await, named(&stage, &mila, "two.mp4", 4).await];
        let mut bytes = 0;
        for id in ids {
            bytes += stage.app.media(&mila, id).await.unwrap().size_bytes;
        }
        let chosen = [ids[0], needed, ids[1], ids[0]];
        let uses = stage.app.uses_of(&mila, &chosen).await.unwrap();
        assert_eq!(uses.iter().map(|one| one.media_id).collect::<Vec<_>>(), [needed]);
        let done = stage.app.media_delete_many(&mila, &chosen).await.unwrap();
        let names = |files: &[store::deletion::NamedFile]| files.iter().map(|it| it.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&done.named.gone), ["one.mp4", "two.mp4"]);
        assert_eq!(done.named.kept.len(), 1, "and it is named, too");
        assert_eq!((done.files, done.size_bytes), (2, bytes));
        for id in ids {
            assert!(matches!(stage.app.media(&mila, id).await, Err(Error::NotFound { .. })));
        }
        stage.app.media_bytes(&mila, needed, 0).await.unwrap();
        let too_many = vec![needed; SHOWN + 1];
        let refused = stage.app.media_delete_many(&mila, &too_many).await.unwrap_err();
        assert!(matches!(refused, Error::Limit { code: "too-many-files" }), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn files_are_sorted_by_words_of_ones_own() {
    everywhere(async |stage| {
        let (mila, _) = stage.sign_in(MILA).await;
        let dawn = named(&stage, &mila, "dawn.mp4", 5).await;
        let dusk = named(&stage, &mila, "dusk.mp4", 6).await;
        let (both, app) = ([dawn, dusk], &stage.app);
        assert_eq!(app.media_tags_add(&mila, &both, "#Harbour, утро").await.unwrap(), 2);
        app.media_tags_set(&mila, dusk, "harbour, Вечер").await.unwrap();
        app.media_tags_add(&mila, &[dawn], "HARBOUR, milk bar").await.unwrap();
        let tagged = |tag: &str| LibraryQuery { tag: Some(tag.to_owned()), ..LibraryQuery::default() };
        let words = |text: &str| LibraryQuery { words: text.to_owned(), ..LibraryQuery::default() };
        assert_eq!(found(&stage, &mila, &tagged("hARBOUR")).await, ["dusk.mp4", "dawn.mp4"]);
        assert_eq!(found(&stage, &mila, &tagged("УТРО")).await, ["dawn.mp4"]);
        assert_eq!(found(&stage, &mila, &tagged("harb")).await, Vec::<String>::new(), "a tag is whole");
        assert_eq!(found(&stage, &mila, &words("вечер dusk")).await, ["dusk.mp4"], "a search looks at names and tags");
        let view = app.library(&mila, &LibraryQuery::default()).await.unwrap();
        let told: Vec<_> = view.tags.iter().map(|(tag, n)| (tag.as_str(), *n)).collect();
        assert_eq!(told, [("Harbour", 2), ("milk bar", 1), ("Вечер", 1), ("утро", 1)]);
        let kept = "SELECT words FROM media_tags";
        assert!(
            stage.database.texts(kept).await.iter().all(|cell| cell.starts_with('\u{1}')),
            "sealed in the database"
        );

        let many = (0..20).map(|n| format!("t{n}")).collect::<Vec<_>>().join(",");
        let refused = app.media_tags_add(&mila, &both, &many).await;
        assert!(matches!(refused, Err(Error::BadInput { code: "too-many-tags" })));
        assert_eq!(found(&stage, &mila, &tagged("t1")).await, Vec::<String>::new(), "all or none");
        let refused = app.media_tags_set(&mila, dawn, &"x".repeat(41)).await;
        assert!(matches!(refused, Err(Error::BadInput { code: "tag-too-long" })));
        let refused = app.media_tags_add(&mila, &both, " , # ").await;
        assert!(matches!(refused, Err(Error::BadInput { code: "no-tags" })));
        app.media_tags_set(&mila, dawn, "").await.unwrap();
        app.media_delete(&mila, dusk).await.unwrap();
        assert_eq!(stage.database.texts(kept).await, [""; 0], "they go with their file");
    })
    .await;
}

#[tokio::test]
async fn words_that_two_windows_add_at_once_are_all_there() {
    everywhere(async |stage| {
        let (mila, _) = stage.sign_in(MILA).await;
        let dawn = named(&stage, &mila, "dawn.mp4", 5).await;
        let dusk = named(&stage, &mila, "dusk.mp4", 6).await;
        let adding = (0..16).map(|n| {
            let (app, mila) = (stage.app.clone(), mila.clone());
            let chosen = if n % 2 == 0 { [dawn, dusk] } else { [dusk, dawn] };
            async move { app.media_tags_add(&mila, &chosen, &format!("word {n}")).await }
        });
        futures::future::try_join_all(adding).await.unwrap();
        let view = stage.app.library(&mila, &LibraryQuery::default()).await.unwrap();
        assert_eq!(view.tags.len(), 16);
        assert!(view.tags.iter().all(|(_, files)| *files == 2), "{:?}", view.tags);
    })
    .await;
}
