//! Backups on both databases: what is put back is what was there, and what nobody needs any more is gone.

use domain::post::PostState;
use domain::time::UnixMillis;
use futures::StreamExt as _;
use store::backup::{BackupError, BackupFolder, Finding, Made, RESTORED, Source};
use store::blobs::{BlobKey, BlobKind, Blobs};
use store::console::Node;
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

/// Puts the file of a seed there, with bytes that are those of its row.
async fn film_of(store: &TestStore, seed: &Seed, blobs: &Blobs) -> String {
    let sha256 = "eb4d67fa94a1035e41117b2890d6281a1ad461ac0c9cfa6d3c0e94256a08532f";
    store.tamper(&[&format!("UPDATE media SET sha256 = '{sha256}', size_bytes = 6")]).await;
    let key = format!("media-{}", seed.media);
    put(blobs, &key, b"a film").await;
    key
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

async fn add(folder: &BackupFolder, store: &TestStore, blobs: &Blobs, now: UnixMillis) -> Made {
    try_add(folder, store, blobs, now, false).await.unwrap()
}

async fn try_add(
    folder: &BackupFolder,
    store: &TestStore,
    blobs: &Blobs,
    now: UnixMillis,
    without_files: bool,
) -> Result<Made, BackupError> {
    let tombstones = TombstoneFile::of(store.folder());
    let source = Source {
        store,
        url: store.url(),
        blobs,
        tombstones: &tombstones,
        mark_keys: MarkKeys::parse("1:AQID"),
        key_check: store.keys().check_value().unwrap(),
        key_versions: vec![1],
        without_files,
    };
    folder.add(&source, now).await
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
        film_of(&store, &seed, &blobs).await;
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
        let source = Source {
            store: &store,
            url: store.url(),
            blobs: &blobs,
            tombstones: &tombstones,
            mark_keys,
            key_check,
            key_versions: Vec::new(),
            without_files: false,
        };
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
    store.tamper(&["UPDATE media SET file_gone_at = 1"]).await;
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

#[tokio::test]
async fn pp_6_6_a_disk_that_is_full_while_files_are_put_back_ends_the_restore() {
    let store = store::testing::sqlite().await;
    let place = tempfile::TempDir::new().unwrap();
    let folder = copied(&store, place.path()).await;
    let data = store.folder().join("elsewhere");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("moloko.db"), "of before").unwrap();
    let restore = folder.restore(&folder.copies().unwrap()[0], &data, Engine::Sqlite).unwrap();
    std::os::unix::fs::symlink("/dev/full", data.join("restoring/incoming")).unwrap();
    let full = restore.media(data.join("blobs")).await.unwrap_err().to_string();
    assert!(full.contains("cannot write") && full.contains("No space left"), "{full}");
    drop(restore);
    assert!(store::backup::half_restored(&data));
    store::backup::give_up(&data).unwrap();
    assert_eq!(std::fs::read_to_string(data.join("moloko.db")).unwrap(), "of before");
    // With room again it is whole.
    let restore = folder.restore(&folder.copies().unwrap()[0], &data, Engine::Sqlite).unwrap();
    let put_back = restore.media(data.join("blobs")).await.unwrap();
    assert_eq!((put_back.files, put_back.damaged), (1, Vec::new()));
}

/// A copy of a store, and the folder that it is in.
async fn copied(store: &TestStore, place: &std::path::Path) -> BackupFolder {
    let blobs = Blobs::disk(store.folder().join("blobs")).await.unwrap();
    put(&blobs, "film", b"a film").await;
    let folder = BackupFolder::make(place).unwrap();
    add(&folder, store, &blobs, day(0)).await;
    folder
}

async fn put_back(folder: &BackupFolder, into: &TestStore, url: &DatabaseUrl) -> Result<(), BackupError> {
    let data = into.folder().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let restore = folder.restore(&folder.copies().unwrap()[0], &data, Engine::Postgres).unwrap();
    restore.fill(into, url).await
}

fn node(seen_at: UnixMillis) -> Node {
    Node { id: "n1".to_owned(), program: "1.0".to_owned(), key_version: 1, started_at: START, seen_at }
}

#[tokio::test]
async fn pp_6_6_no_copy_is_put_back_under_a_node_that_is_at_work() {
    let Some(store) = store::testing::postgres().await else { return };
    let place = tempfile::TempDir::new().unwrap();
    Seed::write(&store).await;
    let folder = copied(&store, place.path()).await;
    let now = store.now_db().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.node_seen(&node(now.plus_seconds(-20)), START).await.unwrap();
    tx.commit().await.unwrap();
    let before = content(&store).await;
    let refused = store.may_be_replaced().await.unwrap_err().to_string();
    assert!(refused.contains("n1 (version 1.0, heard 2") && refused.contains("Stop every node first"), "{refused}");
    // One that began after the command looked is seen by the transaction itself.
    let refused = put_back(&folder, &store, store.url()).await.unwrap_err().to_string();
    assert!(refused.contains("the process n1 is at work with this database"), "{refused}");
    assert_eq!(content(&store).await, before, "nothing has changed");
    // A node that died says nothing any more; one that ended said so.
    for gone in [false, true] {
        let mut tx = store.begin().await.unwrap();
        tx.node_seen(&node(now.plus_seconds(if gone { 0 } else { -91 })), START).await.unwrap();
        if gone {
            tx.node_gone("n1").await.unwrap();
        }
        tx.commit().await.unwrap();
        store.may_be_replaced().await.unwrap();
        put_back(&folder, &store, store.url()).await.unwrap();
        assert_eq!(store.nodes().await.unwrap(), [], "nobody works with what was put back");
    }
    // One command at a time.
    let turn = store.turn_to_restore().await.unwrap();
    let refused = store.turn_to_restore().await.unwrap_err().to_string();
    assert!(refused.contains("another command puts a copy back"), "{refused}");
    drop(turn);
    let mut again = store.turn_to_restore().await;
    while again.is_err() {
        tokio::task::yield_now().await;
        again = store.turn_to_restore().await;
    }
}

#[tokio::test]
async fn pp_6_6_what_others_keep_in_the_schema_is_neither_copied_nor_taken_away() {
    let Some(store) = store::testing::postgres().await else { return };
    let place = tempfile::TempDir::new().unwrap();
    Seed::write(&store).await;
    // What an erasure leaves there is ours.
    store.scrub().await.unwrap();
    store.may_be_replaced().await.unwrap();
    store
        .tamper(&[
            "CREATE TABLE letters (text TEXT)",
            "INSERT INTO letters VALUES ('love')",
            "CREATE VIEW latest AS SELECT * FROM letters",
        ])
        .await;
    let folder = copied(&store, place.path()).await;
    let text =
        std::fs::read_to_string(place.path().join(&folder.copies().unwrap()[0].name).join("moloko.sql")).unwrap();
    assert!(!text.contains("letters") && !text.contains("latest"), "it is not ours");
    for refused in
        [store.may_be_replaced().await.unwrap_err(), put_back(&folder, &store, store.url()).await.unwrap_err()]
    {
        let refused = refused.to_string();
        assert!(refused.contains("holds what is not this version's: latest, letters"), "{refused}");
    }
    // A view elsewhere that somebody made of our tables is not dropped with them.
    store
        .tamper(&[
            "DROP VIEW latest",
            "DROP TABLE letters",
            "CREATE SCHEMA reports",
            "CREATE VIEW reports.people AS SELECT * FROM person",
        ])
        .await;
    let refused = put_back(&folder, &store, store.url()).await.unwrap_err().to_string();
    assert!(
        refused.contains("view reports.people depends on table person") && !refused.contains("CASCADE"),
        "{refused}"
    );
    store.tamper(&["DROP VIEW reports.people"]).await;
    put_back(&folder, &store, store.url()).await.unwrap();
    // Bytes that changed since are found before anything counts.
    let damaged = folder.restore(&folder.copies().unwrap()[0], store.folder(), Engine::Postgres).unwrap();
    let file = place.path().join(&folder.copies().unwrap()[0].name).join("moloko.sql");
    std::fs::write(&file, format!("{text}-- one more\n")).unwrap();
    let before = content(&store).await;
    let refused = damaged.fill(&store, store.url()).await.unwrap_err().to_string();
    assert!(refused.contains("other bytes than were written"), "{refused}");
    assert_eq!(content(&store).await, before);
}

#[tokio::test]
async fn pp_6_6_a_copy_is_put_back_by_a_user_who_may_only_make_tables() {
    let Some(store) = store::testing::postgres().await else { return };
    let place = tempfile::TempDir::new().unwrap();
    Seed::write(&store).await;
    let folder = copied(&store, place.path()).await;
    let file = place.path().join(&folder.copies().unwrap()[0].name).join("moloko.sql");
    assert!(!std::fs::read_to_string(file).unwrap().contains("\nCOMMENT ON "));
    let target = empty_engines().await.pop().unwrap();
    target
        .tamper(&[
            "DO $$ BEGIN CREATE ROLE moloko_plain NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
            "GRANT USAGE, CREATE ON SCHEMA public TO moloko_plain",
        ])
        .await;
    let DatabaseUrl::Postgres(mut url) = target.url().clone() else { panic!("it is PostgreSQL") };
    url.query_pairs_mut().append_pair("options[role]", "moloko_plain");
    let url = DatabaseUrl::Postgres(url);
    let plain = Store::open(&url).await.unwrap();
    let data = target.folder().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let restore = folder.restore(&folder.copies().unwrap()[0], &data, Engine::Postgres).unwrap();
    restore.fill(&plain, &url).await.unwrap();
    restore.fill(&plain, &url).await.unwrap();
    assert_eq!(content(&plain).await, content(&store).await);
    plain.close().await;
}

#[tokio::test]
async fn pp_6_6_a_copy_that_lacks_files_says_so_for_as_long_as_it_lives() {
    for store in engines().await {
        let place = tempfile::TempDir::new().unwrap();
        let seed = Seed::write(&store).await;
        let blobs = Blobs::disk(store.folder().join("blobs")).await.unwrap();
        let folder = BackupFolder::make(place.path()).unwrap();
        // A disk that is not mounted.
        let refused = try_add(&folder, &store, &blobs, day(0), false).await.unwrap_err().to_string();
        assert!(refused.contains("none of the 1 files") && refused.contains("not mounted"), "{refused}");
        assert_eq!(folder.copies().unwrap(), [], "nothing looks like a copy");
        let made = try_add(&folder, &store, &blobs, day(0), true).await.unwrap();
        let key = format!("media-{}", seed.media);
        assert_eq!((made.missing, made.elsewhere), (vec![key.clone()], 0));
        // Another file is there, and this one with other bytes.
        put(&blobs, &key, b"a film").await;
        let made = add(&folder, &store, &blobs, day(1)).await;
        assert_eq!((made.missing.len(), made.corrupt), (0, vec![key.clone()]));
        film_of(&store, &seed, &blobs).await;
        let made = add(&folder, &store, &blobs, day(2)).await;
        assert_eq!((made.missing.len(), made.corrupt.len()), (0, 0));
        let looked = folder.verify(None, 21, day(2)).unwrap();
        assert_eq!(looked.good, [made.name], "the others cannot be put back whole");
        let lacks = |n: usize| folder.manifest(&folder.copies().unwrap()[n]).unwrap().lacks();
        assert_eq!((lacks(0), lacks(1), lacks(2)), (1, 1, 0));
        assert!(
            matches!(
                looked.findings.as_slice(),
                [Finding::Lacks { missing, .. }, Finding::Lacks { corrupt, .. }] if *missing == [key.clone()] && *corrupt == [key.clone()]
            ),
            "{:?}",
            looked.findings
        );
    }
}

#[tokio::test]
async fn pp_6_6_a_file_that_rotted_among_the_backups_is_copied_anew() {
    let store = store::testing::sqlite().await;
    let place = tempfile::TempDir::new().unwrap();
    let seed = Seed::write(&store).await;
    let blobs = Blobs::disk(store.folder().join("blobs")).await.unwrap();
    film_of(&store, &seed, &blobs).await;
    let folder = BackupFolder::make(place.path()).unwrap();
    add(&folder, &store, &blobs, day(0)).await;
    let film = std::fs::read_dir(place.path().join("media")).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&film, "a fiLm").unwrap();
    assert!(matches!(folder.verify(None, 21, day(0)).unwrap().findings.as_slice(), [Finding::Altered { .. }]));
    let rotten = film.with_extension("rotten");
    assert_eq!(std::fs::read(&rotten).unwrap(), b"a fiLm", "it is all there is for now");
    folder.prune(21, day(0)).unwrap();
    assert!(rotten.exists() && !film.exists());
    let made = add(&folder, &store, &blobs, day(1)).await;
    assert_eq!((made.files, made.new_files), (1, 1));
    assert_eq!(std::fs::read(&film).unwrap(), b"a film");
    let looked = folder.verify(None, 21, day(1)).unwrap();
    assert_eq!((looked.good.len(), looked.findings.len()), (2, 0), "the older copy is whole again, too");
    folder.prune(21, day(1)).unwrap();
    assert!(!rotten.exists());
}

#[tokio::test]
async fn pp_6_6_a_clock_that_jumps_does_not_take_every_copy_along() {
    let store = store::testing::sqlite().await;
    let place = tempfile::TempDir::new().unwrap();
    let blobs = Blobs::disk(store.folder().join("blobs")).await.unwrap();
    let folder = BackupFolder::make(place.path()).unwrap();
    let mut names = Vec::new();
    for n in 0..6 {
        names.push(add(&folder, &store, &blobs, day(n)).await.name);
    }
    let hour = |days: i64, hours: i64| day(days).plus_millis(hours * 3_600_000);
    // A year ahead, and the copy that was made then.
    let ahead = add(&folder, &store, &blobs, day(365)).await.name;
    let pruned = folder.prune(21, hour(365, 0)).unwrap();
    assert_eq!((&pruned.copies[..], &pruned.kept_back[..]), (&names[..3], &names[3..]), "the newest stay");
    assert!(!pruned.is_sure());
    let again = folder.prune(21, hour(365, 23)).unwrap();
    assert_eq!((again.copies.len(), again.kept_back.len()), (0, 3));
    // The clock is right again: that copy is from the future, and is no reason for anything.
    let pruned = folder.prune(21, day(7)).unwrap();
    assert_eq!((pruned.copies.len(), &pruned.future[..]), (0, &[ahead.clone()][..]));
    assert!(folder.verify(None, 21, day(7)).unwrap().findings.contains(&Finding::Future { name: ahead.clone() }));
    let pruned = folder.prune(21, day(27)).unwrap();
    assert_eq!(
        (pruned.copies.len(), pruned.kept_back.len()),
        (0, 3),
        "the one from the future does not count as a copy from since"
    );
    // A clock that still says so a day later is believed, whatever was made or not made meanwhile: people were promised that.
    assert_eq!(folder.prune(21, hour(27, 23)).unwrap().copies.len(), 0);
    let pruned = folder.prune(21, hour(28, 0)).unwrap();
    assert_eq!((&pruned.copies[..], &pruned.future[..]), (&names[3..], &[ahead.clone()][..]));
    // A clock that was set back removes nothing.
    assert_eq!(folder.prune(21, day(-400)).unwrap().copies.len(), 0);
    assert_eq!(folder.prune(0, day(29)).unwrap().copies, [ahead], "everything means everything");
    assert_eq!(folder.copies().unwrap(), []);
}

#[tokio::test]
async fn pp_6_6_nobody_is_signed_in_by_a_copy_and_no_operator_has_a_passkey() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let mut tx = store.begin().await.unwrap();
        tx.session_insert(&crate::personal::session(&seed)).await.unwrap();
        tx.commit().await.unwrap();
        crate::operators::with_ann(&store).await;
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.take_up_copy(START).await.unwrap(), None, "nothing was put back");
        tx.meta_put(RESTORED, "the copy").await.unwrap();
        tx.commit().await.unwrap();
        assert!(store.history().await.unwrap().is_fresh());

        let mut tx = store.begin().await.unwrap();
        let ended = tx.take_up_copy(START).await.unwrap().unwrap();
        assert_eq!((ended.sessions, ended.passkeys), (1, 1));
        tx.commit().await.unwrap();
        assert!(store.session_by_hash("hash", START).await.unwrap().is_none());
        assert!(store.operator_session("hash", START).await.unwrap().is_none());
        assert!(store.operator_passkey("key").await.unwrap().is_none());
        let operators = store.operators(START).await.unwrap();
        assert_eq!(operators.len(), 1, "who they are is known; a link lets them in");

        // Once, also by other processes, until it is put back again.
        let mut tx = store.begin().await.unwrap();
        tx.session_insert(&crate::personal::session(&seed)).await.unwrap();
        assert_eq!(tx.take_up_copy(START.plus_seconds(1)).await.unwrap(), None);
        tx.commit().await.unwrap();
        let taken_up = store.history().await.unwrap();
        assert!(!taken_up.is_fresh() && taken_up.put_back.is_some());
        let mut tx = store.begin().await.unwrap();
        tx.meta_put(RESTORED, "another copy").await.unwrap();
        assert!(tx.take_up_copy(START.plus_seconds(1)).await.unwrap().is_some());
        tx.commit().await.unwrap();
        assert_ne!(store.history().await.unwrap().put_back, taken_up.put_back, "these are other rows");
    }
}

#[tokio::test]
async fn pp_6_6_a_copy_says_which_version_and_which_key_it_needs_before_anything_is_touched() {
    for store in engines().await {
        let place = tempfile::TempDir::new().unwrap();
        let blobs = Blobs::disk(store.folder().join("blobs")).await.unwrap();
        let folder = BackupFolder::make(place.path()).unwrap();
        // As before an upgrade: the last step is not there yet.
        store
            .tamper(&["DELETE FROM _sqlx_migrations WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)"])
            .await;
        assert_eq!(store.migrations_pending().await.unwrap(), 1);
        add(&folder, &store, &blobs, day(0)).await;
        let copy = folder.copies().unwrap().remove(0);
        let manifest = folder.manifest(&copy).unwrap();
        assert_eq!((manifest.schema, manifest.key_versions), (store.schema_version().await.unwrap(), vec![1]));
        assert!(folder.restore(&copy, store.folder(), store.engine()).is_ok());
        // One of a newer version than this program.
        let list = place.path().join(&copy.name).join("manifest.json");
        let schema = manifest.schema.unwrap();
        let text = std::fs::read_to_string(&list).unwrap().replace(&format!("\"schema\":{schema}"), "\"schema\":9999");
        std::fs::write(&list, text).unwrap();
        let data = store.folder().join("untouched");
        let refused = folder.restore(&copy, &data, store.engine()).unwrap_err().to_string();
        assert!(refused.contains("a database of version 9999"), "{refused}");
        assert!(!data.exists());
    }
}
