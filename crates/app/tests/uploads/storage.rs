//! Files at an S3-compatible storage, and files that are not as they should be.

use app::media::binding::Binding;
use app::media::pictures::Picture;
use app::media::verify::Finding;
use bytes::Bytes;
use domain::media::ThumbnailState;
use futures::StreamExt as _;
use store::blobs::BlobKind;
use store::testing::bucket::BucketServer;
use store::testing::{START, Seed, engines};
use tokio::io::AsyncReadExt as _;

use crate::{Instance, chunks, noise, on_every_engine, plain, sha256, video, with_ffmpeg};

#[tokio::test]
async fn one_file_that_cannot_be_read_stops_neither_the_pictures_of_others_nor_a_look_at_all() {
    on_every_engine(|test, seed| async move {
        let Some(drawn) = video(test.folder()) else { return };
        let it = Instance::start(&test, seed, with_ffmpeg).await;
        let mut files = Vec::new();
        for _ in 0..3 {
            let length = u64::try_from(drawn.len()).unwrap();
            let upload = it.app.upload_create(&it.actor, "clip.mp4", length).await.unwrap();
            let done = it.app.upload_append(&it.actor, upload.id, 0, chunks(&drawn)).await.unwrap();
            files.push(it.app.media(&it.actor, done.media_id.unwrap()).await.unwrap());
        }
        // One is gone; and of one the small picture cannot be put where a folder is.
        std::fs::remove_file(it.app.blobs.path(&files[0].blob_key)).unwrap();
        let blocked = it.folder.join("small").join(files[1].blob_key.companion("thumb", 0).unwrap().as_str());
        std::fs::create_dir(&blocked).unwrap();
        it.app.draw_pending_pictures().await.unwrap_err();
        let mut states = Vec::new();
        for file in &files {
            states.push(it.app.media(&it.actor, file.id).await.unwrap().thumbnail);
        }
        assert_eq!(states, [ThumbnailState::Unavailable, ThumbnailState::Pending, ThumbnailState::Ready]);
        std::fs::remove_dir(&blocked).unwrap();
        assert_eq!(it.app.draw_pending_pictures().await.unwrap(), 1, "tried again later");

        // Whoever opens a folder as a file is refused when reading.
        let path = it.app.blobs.path(&files[1].blob_key);
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        let mut found = Vec::new();
        let sum = it.app.verify_files(false, |finding| found.push(finding.clone()), |_| {}).await.unwrap();
        assert_eq!((sum.unreadable, sum.missing, sum.corrupt), (1, 2, 0), "{found:?}");
        assert!(!sum.is_well());
        let told = |it: &Finding| matches!(it, Finding::Unreadable { media, .. } if *media == files[1].id);
        assert_eq!(found.iter().filter(|it| told(it)).count(), 1);
    })
    .await;
}

#[tokio::test]
async fn with_a_storage_an_upload_goes_there_and_everything_else_is_as_on_disk() {
    on_every_engine(|test, seed| async move {
        let server = BucketServer::start().await;
        let it = Instance::at(&server, &test, seed).await;
        let file = match video(test.folder()) {
            Some(mut drawn) => {
                // Long enough to go in parts: what stands behind the last box is skipped.
                drawn.extend([&[0x00, 0x60, 0x00, 0x08][..], b"free", &vec![7; 0x60_0000]].concat());
                drawn
            }
            None => noise(7_000_000),
        };
        let upload = it.app.upload_create(&it.actor, "holiday.mp4", u64::try_from(file.len()).unwrap()).await.unwrap();
        let done = it.app.upload_append(&it.actor, upload.id, 0, chunks(&file)).await.unwrap();
        let media = it.app.media(&it.actor, done.media_id.unwrap()).await.unwrap();
        assert_eq!(media.sha256, sha256(&file));
        assert_eq!((it.files("partial"), it.files("whole"), it.files("moves")), (0, 0, 0), "nothing stays here");
        assert_eq!(it.whole(media.id).await, file);
        let mut tail = Vec::new();
        let mut opened = it.app.media_bytes(&it.actor, media.id, 5_000_000).await.unwrap();
        opened.file.read_to_end(&mut tail).await.unwrap();
        assert_eq!(tail, &file[5_000_000..]);

        if media.video().is_some() {
            assert_eq!(it.app.draw_pictures(&media).await.unwrap(), ThumbnailState::Ready);
            assert!(it.app.picture(&it.actor, media.id, Picture::Thumbnail).await.unwrap().is_some());
            assert_eq!(it.files("small"), 0);
        }
        // Orphans are looked for at the storage, too.
        let orphan = store::blobs::BlobKey::of(uuid::Uuid::from_u128(99));
        it.app.blobs.put_small(&orphan.companion("thumb", 0).unwrap(), Bytes::from_static(b"jpeg")).await.unwrap();
        assert_eq!(it.app.uploads_recover().await.unwrap().orphans, 0, "it is younger than a day");
        it.to_the_day_after_tomorrow();
        assert_eq!(it.app.uploads_recover().await.unwrap().orphans, 1);

        it.app.media_delete(&it.actor, media.id).await.unwrap();
        let lying = |kind| it.app.blobs.list(kind).count();
        assert_eq!((lying(BlobKind::Whole).await, lying(BlobKind::Small).await), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn a_storage_belongs_to_one_database() {
    let server = BucketServer::start().await;
    for (n, test) in engines().await.into_iter().enumerate() {
        let seed = Seed::write(&test).await;
        let it = Instance::at(&server, &test, seed).await;
        let expected = if n == 0 { Binding::Bound } else { Binding::Others };
        assert_eq!(it.app.bind_storage().await.unwrap(), expected);
        it.app.take_storage().await.unwrap();
        assert_eq!(it.app.bind_storage().await.unwrap(), Binding::Bound);
        // The object is gone, but no file of anybody is there; and then one is.
        let owner = server.objects().join("of/this-test/instance");
        let id = std::fs::read(&owner).unwrap();
        std::fs::remove_file(&owner).unwrap();
        assert_eq!(it.app.bind_storage().await.unwrap(), Binding::Bound);
        assert_eq!(std::fs::read(&owner).unwrap(), id);
        let file = store::blobs::BlobKey::of(uuid::Uuid::from_u128(99));
        it.app.blobs.create_partial(&file).await.unwrap();
        it.app.blobs.finish(&file, 0).await.unwrap();
        std::fs::remove_file(&owner).unwrap();
        assert_eq!(it.app.bind_storage().await.unwrap(), Binding::Unknown);
        it.app.take_storage().await.unwrap();
        assert_eq!(it.app.bind_storage().await.unwrap(), Binding::Bound);
        it.app.blobs.delete(BlobKind::Whole, &file).await.unwrap();
    }
}

#[tokio::test]
async fn an_upload_outlives_a_storage_that_is_away() {
    on_every_engine(|test, seed| async move {
        let server = BucketServer::start().await;
        let it = Instance::at(&server, &test, seed).await;
        let away = server.folder().join("away");
        std::fs::rename(server.objects(), &away).unwrap();
        assert_eq!(it.app.not_ready().await, vec![app::health::NotReady::Storage]);
        let file = noise(300_000);
        let upload = it.app.upload_create(&it.actor, "clip.mp4", 300_000).await.unwrap();
        // The server of these tests makes a bucket by itself when something is put into it, so the upload is ended before its last step.
        it.app.upload_append(&it.actor, upload.id, 0, chunks(&file[..299_999])).await.unwrap();
        let key = store::blobs::BlobKey::of(upload.id.uuid());
        it.app.blobs.append(&key, 299_999, 300_000, chunks(&file[299_999..])).await.unwrap();
        let mut tx = test.store().begin().await.unwrap();
        let later = START.plus_seconds(3600);
        assert!(tx.upload_advance(upload.id, 300_000, START, later).await.unwrap());
        tx.commit().await.unwrap();
        std::fs::rename(&away, server.objects()).unwrap();

        assert_eq!(it.app.uploads_finish().await.unwrap(), 1);
        assert_eq!(it.whole(domain::id::MediaId::from_uuid(upload.id.uuid())).await, file);
    })
    .await;
}

/// An upload whose bytes are all here and durable, and that lacks its last step.
async fn full(it: &Instance, test: &store::testing::TestStore, file: &[u8]) -> domain::id::UploadId {
    let length = u64::try_from(file.len()).unwrap();
    let upload = it.app.upload_create(&it.actor, "clip.mp4", length).await.unwrap();
    let key = store::blobs::BlobKey::of(upload.id.uuid());
    it.app.blobs.append(&key, 0, length, chunks(file)).await.unwrap();
    let mut tx = test.store().begin().await.unwrap();
    assert!(tx.upload_advance(upload.id, length, START, START.plus_seconds(3600)).await.unwrap());
    tx.commit().await.unwrap();
    upload.id
}

#[tokio::test]
async fn one_upload_whose_way_to_the_storage_is_slow_does_not_stand_before_the_others() {
    on_every_engine(|test, seed| async move {
        let server = BucketServer::start().await;
        let it = Instance::at(&server, &test, seed).await;
        let (slow, other) = (full(&it, &test, &noise(300_000)).await, full(&it, &test, &noise(300_001)).await);
        server.hold(&store::blobs::BlobKey::of(slow.uuid()).to_string());
        let app = std::sync::Arc::clone(&it.app);
        let round = tokio::spawn(async move { app.uploads_finish().await });
        server.holding().await;
        // Whoever asks does not wait until it is there.
        let told = it.app.upload_progress(&it.actor, slow).await.unwrap();
        assert_eq!((told.offset_bytes, told.media_id), (300_000, None));
        let media = domain::id::MediaId::from_uuid(other.uuid());
        let arrives = async {
            while it.app.media(&it.actor, media).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), arrives).await.expect("the other one is finished");
        round.abort();
    })
    .await;
}

#[tokio::test]
async fn whoever_asks_for_an_upload_does_not_carry_it_to_the_storage() {
    on_every_engine(|test, seed| async move {
        let server = BucketServer::start().await;
        let it = Instance::at(&server, &test, seed).await;
        let upload = full(&it, &test, &noise(300_000)).await;
        server.hold("/whole/");
        let asked = it.app.upload_progress(&it.actor, upload);
        let told = tokio::time::timeout(std::time::Duration::from_secs(20), asked).await.expect("an answer").unwrap();
        assert_eq!((told.offset_bytes, told.media_id), (300_000, None), "whole, and not in the library yet");
        // The work goes on without them: asked again meanwhile, it is not begun a second time.
        let again = it.app.upload_progress(&it.actor, upload).await.unwrap();
        assert_eq!(again.media_id, None);
        let puts = server.requests().iter().filter(|line| line.starts_with("PUT")).count();
        assert_eq!(puts, 1, "{:?}", server.requests());
        server.let_go();
        let next = full(&it, &test, &noise(300_001)).await;
        let told = it.app.upload_progress(&it.actor, next).await.unwrap();
        assert!(told.media_id.is_some(), "what is quick is told at once");
    })
    .await;
}

#[tokio::test]
async fn every_stored_file_is_held_to_the_database_on_disk_and_at_a_storage() {
    on_every_engine(|test, seed| async move {
        let server = BucketServer::start().await;
        let at_a_storage = Instance::at(&server, &test, seed).await;
        let on_disk = Instance::start(&test, seed, plain).await;
        for (it, lying) in
            [(&on_disk, on_disk.folder.join("whole")), (&at_a_storage, server.objects().join("of/this-test/whole"))]
        {
            let mut files = Vec::new();
            for n in 0..4_usize {
                let file = noise(400_000 + n);
                let upload =
                    it.app.upload_create(&it.actor, "clip.mp4", u64::try_from(file.len()).unwrap()).await.unwrap();
                let done = it.app.upload_append(&it.actor, upload.id, 0, chunks(&file)).await.unwrap();
                files.push(it.app.media(&it.actor, done.media_id.unwrap()).await.unwrap());
            }
            // The seed of these stories has a row without a file.
            let well = it.app.verify_files(false, |_| {}, |_| {}).await.unwrap();
            assert_eq!((well.missing, well.corrupt, well.orphans), (1, 0, 0));
            assert_eq!((well.files, well.bytes), (5, 1_600_006));

            let path = |n: usize| lying.join(files[n].blob_key.as_str());
            std::fs::remove_file(path(0)).unwrap();
            let mut bytes = std::fs::read(path(1)).unwrap();
            bytes[200_000] ^= 1;
            std::fs::write(path(1), bytes).unwrap();
            std::fs::write(path(2), b"short").unwrap();
            let orphan = store::blobs::BlobKey::of(uuid::Uuid::from_u128(99));
            it.app.blobs.put_small(&orphan.companion("thumb", 0).unwrap(), Bytes::from_static(b"jpeg")).await.unwrap();
            std::fs::write(lying.join("Not.Ours"), b"left alone").unwrap();
            let mut found = Vec::new();
            let sum = it.app.verify_files(true, |finding| found.push(finding.clone()), |_| {}).await.unwrap();
            assert_eq!(
                (sum.missing, sum.corrupt, sum.orphans, sum.removed),
                (2, 2, 1, 0),
                "younger than a day: {found:?}"
            );
            assert!(found.contains(&Finding::Missing { media: files[0].id, key: files[0].blob_key.clone() }));
            assert!(found.contains(&Finding::Corrupt {
                media: files[1].id,
                key: files[1].blob_key.clone(),
                found_bytes: 400_001,
                expected_bytes: 400_001
            }));
            it.to_the_day_after_tomorrow();
            let looked = it.app.verify_files(false, |_| {}, |_| {}).await.unwrap();
            assert_eq!((looked.orphans, looked.removed), (1, 0), "only with repair");
            let sum = it.app.verify_files(true, |_| {}, |_| {}).await.unwrap();
            assert_eq!((sum.missing, sum.corrupt, sum.orphans, sum.removed), (2, 2, 1, 1));
            assert!(lying.join("Not.Ours").exists());
            for file in files {
                it.app.media_delete(&it.actor, file.id).await.unwrap();
            }
        }
    })
    .await;
}
