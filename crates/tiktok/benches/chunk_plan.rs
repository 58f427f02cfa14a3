//! How long it takes to plan a file and to walk over its chunks, and to check a webhook's signature.
//!
//! `cargo bench -p tiktok`

#![allow(clippy::expect_used)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tiktok::{ChunkPlan, SecretString, limits::VIDEO_MAX_BYTES, webhook};

fn chunk_plan(c: &mut Criterion) {
    c.bench_function("chunk plan of the largest file", |b| {
        b.iter(|| ChunkPlan::for_size(black_box(VIDEO_MAX_BYTES)));
    });
    let plan = ChunkPlan::for_size(VIDEO_MAX_BYTES).expect("the largest file has a plan");
    c.bench_function("walk over its 429 chunks", |b| {
        b.iter(|| black_box(plan).chunks().map(|chunk| chunk.len()).sum::<u64>());
    });
}

fn webhook_signature(c: &mut Criterion) {
    // The vector of the tests.
    let secret = SecretString::from("sim_client_secret_0123456789abcdef");
    let header = "t=1767225601,s=97b65b0ae3f941766c900e88b7508f2b0373ba2cbb4707cac6ebb6c88d4e9a25";
    let body = r#"{"client_key":"sbaw_sim_client","event":"post.publish.complete","create_time":1767225600,"user_openid":"-000simOpenId01","content":"{\"publish_id\":\"v_pub_file~v2-1.7600000000000000001\",\"publish_type\":\"DIRECT_PUBLISH\"}"}"#;
    c.bench_function("verify and read a webhook", |b| {
        b.iter(|| {
            webhook::verify(&secret, black_box(header), black_box(body.as_bytes())).expect("the vector verifies")
        });
    });
}

criterion_group!(benches, chunk_plan, webhook_signature);
criterion_main!(benches);
