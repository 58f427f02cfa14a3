//! Backups on both databases: what is put back is what was there, and what nobody needs any more is gone.

use domain::post::PostState;
use domain::time::UnixMillis;
use futures::StreamExt as _;
use store::backup::{BackupFolder, Finding, RESTORED, Source};
use store::blobs::{BlobKey, BlobKind, Blobs};
use store::testing::{START, Seed, TestStore, empty_engines, engines};
use store::{DatabaseUrl, Engine, MarkKeys, Store, Tombstone, TombstoneFile};

const DAY_MS: i64 = 86_400_000;

fn day(n: i64) -> UnixMillis {
    START.plus_millis(n * DAY_MS)
}

async fn put(blobs: &Blobs, key: &str, bytes: &'static [u8]) {
    let key = BlobKey::parse(key).unwrap();
    blobs.create_partial(&key).await.unwrap();
    let arriving = futures::stream::iter([Ok::<_, std::io::Error>(bytes::Bytes::from_static(bytes))]);
    blobs.append(&key, 0, 1000, arriving).await.unwrap();
    blobs.finish(&key, bytes.len() as u64).await.unwrap();
}

/// Everything in every table but what a copy says of itself, as sorted text.
async fn content(store: &Store) -> Vec<String> {
    let mut tables: Vec<String> = store.columns().await.unwrap().into_iter().map(|(table, _)| table).collect();
    tables.dedup();
    let mut all = Vec::new();
    for table in tables.iter().filter(|table| *table != "meta") {
        for row in store::testing::rows_in_words(store, table).await {
            all.push(format!("{table} {row}"));
        }
    }
    all.sort();
    all
}

fn stone(letter: &str, at: UnixMillis) -> Tombstone {
    Tombstone { mark: letter.repeat(64), erased_at: at }
}

async fn add(folder: &BackupFolder, store: &TestStore, blobs: &Blobs, now: UnixMillis) -> store::backup::Made {
    let tombstones = TombstoneFile::of(store.folder());
    let source = Source {
        store,
        url: store.url(),
        blobs,
        tombstones: &tombstones,
        mark_keys: MarkKeys::parse("1:AQID"),
        key_check: store.keys().check_value().unwrap(),
    };
    folder.add(&source, now).await.unwrap()
}

#[tokio::test]
async fn pp_6_6_what_is_put_back_is_what_was_there_on_either_database() {
    for (store, target) in engines().await.into_iter().zip(empty_engines().await) {
        let place = tempfile::TempDir::new().unwrap();
        let seed = Seed::write(&store).await;
        store.raise_wall().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        tx.post_insert(&seed.post(7, PostState::Scheduled)).await.unwrap();
        tx.tombstone_put(&stone("a", day(-3))).await.unwrap();
        tx.commit().await.unwrap();
        let blobs = Blobs::disk(store.folder().join("blobs")).await.unwrap();
        put(&blobs, "film", b"a film").await;
        put(&blobs, "same-film", b"a film").await;
        blobs
            .put_small(&BlobKey::parse("film-poster-0").unwrap(), bytes::Bytes::from_static(b"a picture"))
            .await
            .unwrap();
        let before = content(&store).await;
        assert!(before.len() > 5);

        let folder = BackupFolder::make(place.path()).unwrap();
        let made = add(&folder, &store, &blobs, day(0)).await;
        assert_eq!((made.files, made.new_files), (3, 2), "bytes that are there are there once");
        let again = add(&folder, &store, &blobs, day(1)).await;
        assert_eq!((again.files, again.new_files), (3, 0));
        assert_eq!(store.meta_get(RESTORED).await.unwrap(), None, "the database itself is not touched");
        let looked = folder.verify(None, 21, day(1)).unwrap();
        assert_eq!((looked.good.len(), looked.findings.len(), looked.files), (2, 0, 2));

        // Afterwards somebody is erased; the marks of that are newer than the copy and count for it.
        TombstoneFile::of(store.folder()).add(&[stone("b", day(2))]).unwrap();
        let tombstones = TombstoneFile::of(store.folder());
        let (mark_keys, key_check) = (MarkKeys::default(), String::new());
        let source =
            Source { store: &store, url: store.url(), blobs: &blobs, tombstones: &tombstones, mark_keys, key_check };
        assert_eq!(folder.keep_marks(&source, day(2)).await.unwrap(), 2);

        let copies = folder.copies().unwrap();
        let data = target.folder().join("data");
        std::fs::create_dir(&data).unwrap();
        let restore = folder.restore(&copies[0], &data, target.url().engine()).unwrap();
        assert!(store::backup::half_restored(&data));
        let put_back = restore.media(data.join("blobs")).await.unwrap();
        assert_eq!((put_back.files, put_back.there), (3, 0));
        let url = match target.url().engine() {
            Engine::Sqlite => {
                restore.put().unwrap();
                DatabaseUrl::Sqlite(data.join("moloko.db"))
            }
            Engine::Postgres => {
                restore.fill(&target, target.url()).await.unwrap();
                // Again in the place of what is there now.
                restore.fill(&target, target.url()).await.unwrap();
                target.url().clone()
            }
        };
        restore.end().unwrap();
        assert!(!store::backup::half_restored(&data));
        let back = Store::open(&url).await.unwrap();
        assert_eq!(content(&back).await, before);
        assert_eq!(back.migrations_pending().await.unwrap(), 0);
        assert_eq!(back.meta_get(RESTORED).await.unwrap(), Some(copies[0].name.clone()));
        back.raise_wall().await.unwrap();
        assert_eq!(
            back.wall().await.unwrap().map(|(there, wanted)| there == wanted),
            store.wall().await.unwrap().map(|_| true)
        );
        back.close().await;
        let marks = TombstoneFile::of(&data);
        assert_eq!(marks.read().unwrap(), [stone("a", day(-3)), stone("b", day(2))]);
        assert_eq!(marks.keys().unwrap().to_string(), "1:AQID");
        let lying = Blobs::disk(data.join("blobs")).await.unwrap();
        assert_eq!(lying.list(BlobKind::Whole).count().await, 2);
        assert_eq!(std::fs::read(lying.path(&BlobKey::parse("film").unwrap())).unwrap(), b"a film");
    }
}

#[tokio::test]
async fn pp_6_6_a_backup_goes_with_its_days_and_its_files_with_the_last_one_that_needs_them() {
    let store = store::testing::sqlite().await;
    let place = tempfile::TempDir::new().unwrap();
    Seed::write(&store).await;
    let blobs = Blobs::disk(store.folder().join("blobs")).await.unwrap();
    put(&blobs, "early", b"erased early").await;
    put(&blobs, "lasting", b"lasting").await;
    let folder = BackupFolder::make(place.path()).unwrap();
    add(&folder, &store, &blobs, day(0)).await;
    blobs.delete(BlobKind::Whole, &BlobKey::parse("early").unwrap()).await.unwrap();
    add(&folder, &store, &blobs, day(10)).await;
    // A command that was killed left this.
    std::fs::create_dir(place.path().join("unfinished")).unwrap();
    std::fs::write(place.path().join("unfinished/moloko.db"), "half").unwrap();
    std::fs::write(place.path().join("media/incoming.part"), "half").unwrap();
    std::fs::create_dir(place.path().join("going-2026-01-01T00-00-00.000Z")).unwrap();

    let pruned = folder.prune(21, day(20)).unwrap();
    assert_eq!((pruned.copies.len(), pruned.files), (0, 1), "only what was half-written");
    assert!(!place.path().join("unfinished").exists());
    let pruned = folder.prune(21, day(21)).unwrap();
    assert_eq!((pruned.copies.len(), pruned.files), (1, 1));
    let left: Vec<_> = std::fs::read_dir(place.path().join("media")).unwrap().collect();
    assert_eq!(left.len(), 1, "what was erased before the second one is gone with the first");
    assert_eq!(folder.verify(None, 21, day(21)).unwrap().good.len(), 1);

    // One whose time is over and that nobody removed is told of.
    let old = folder.verify(None, 21, day(33)).unwrap().findings;
    assert!(matches!(old.as_slice(), [Finding::Old { days: 23, .. }]), "{old:?}");

    // A file that a disk altered is found; nothing is removed while a list cannot be read.
    let film = std::fs::read_dir(place.path().join("media")).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&film, "lastinG").unwrap();
    assert!(matches!(folder.verify(None, 21, day(21)).unwrap().findings.as_slice(), [Finding::Altered { .. }]));
    let copy = folder.copies().unwrap().remove(0);
    let data = store.folder().join("elsewhere");
    std::fs::create_dir(&data).unwrap();
    let restore = folder.restore(&copy, &data, Engine::Sqlite).unwrap();
    let put_back = restore.media(data.join("blobs")).await.unwrap();
    assert_eq!((put_back.files, put_back.damaged), (0, vec!["lasting".to_owned()]), "the others would be put back");
    assert!(store::backup::half_restored(&data), "nobody starts on it");
    std::fs::write(place.path().join(&copy.name).join("manifest.json"), "{").unwrap();
    let pruned = folder.prune(21, day(22)).unwrap();
    assert_eq!((pruned.unreadable, pruned.files), (vec![copy.name.clone()], 0));
    assert!(folder.restore(&copy, &data, Engine::Postgres).is_err());
}
