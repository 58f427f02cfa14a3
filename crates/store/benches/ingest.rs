//! How fast an upload reaches the disk durably, in chunks as they come from the network, and beside it plain writes as the floor.
#![allow(clippy::unwrap_used, reason = "a bench cannot go on without its disk")]

use std::io::Write as _;
use std::time::Duration;

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use futures::stream;
use store::blobs::{BlobKey, BlobKind, Blobs, StreamEnd};
use tokio::runtime::Runtime;

const UPLOAD_BYTES: u64 = 64 * 1024 * 1024;

fn ingest(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    let blobs = runtime.block_on(Blobs::disk(folder.path())).unwrap();
    let key = BlobKey::parse("bench").unwrap();
    let mut group = c.benchmark_group("ingest 64 MiB");
    group.sample_size(10).measurement_time(Duration::from_secs(5)).throughput(Throughput::Bytes(UPLOAD_BYTES));
    for chunk_kib in [16_usize, 64, 256] {
        let chunk = Bytes::from(vec![7_u8; chunk_kib * 1024]);
        let count = usize::try_from(UPLOAD_BYTES).unwrap() / chunk.len();
        group.bench_function(BenchmarkId::new("append", format!("{chunk_kib} KiB chunks")), |b| {
            b.to_async(&runtime).iter(|| async {
                blobs.create_partial(&key).await.unwrap();
                let chunks = stream::iter((0..count).map(|_| Ok::<_, std::convert::Infallible>(chunk.clone())));
                let appended = blobs.append(&key, 0, UPLOAD_BYTES, chunks).await.unwrap();
                assert_eq!((appended.durable_offset, appended.end), (UPLOAD_BYTES, StreamEnd::Complete));
                blobs.delete(BlobKind::Partial, &key).await.unwrap();
            });
        });
    }
    group.bench_function("plain write and sync", |b| {
        let chunk = vec![7_u8; 1024 * 1024];
        let path = folder.path().join("floor");
        b.iter(|| {
            let mut file = std::fs::File::create(&path).unwrap();
            for _ in 0..UPLOAD_BYTES / (1024 * 1024) {
                file.write_all(&chunk).unwrap();
            }
            file.sync_data().unwrap();
            std::fs::remove_file(&path).unwrap();
        });
    });
    group.finish();
}

criterion_group!(benches, ingest);
criterion_main!(benches);
