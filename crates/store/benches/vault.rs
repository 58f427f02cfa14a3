//! What it costs to seal and open one token, and to open the data key first as every use of a token does.
#![allow(clippy::unwrap_used, reason = "a bench says what is wrong by failing")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use domain::id::ConnectionId;
use store::vault::{InstanceKeys, Place};
use uuid::Uuid;

const PLACE: Place<'static> = Place {
    table: "connection_token",
    column: "access_sealed",
    row: "00000000-0000-0000-0000-000000000001",
    version: 1,
};

fn vault(c: &mut Criterion) {
    let keys = InstanceKeys::from_secret(1, [7; 32]).unwrap();
    let connection = ConnectionId::from_uuid(Uuid::from_u128(1));
    let (key, sealed_key, version) = keys.new_data_key(connection).unwrap();
    // As long as TikTok's access tokens are.
    let token = "a".repeat(72);
    let sealed = key.seal(PLACE, token.as_bytes()).unwrap();
    let mut group = c.benchmark_group("vault");
    group.sample_size(20);
    group.bench_function("seal", |b| b.iter(|| key.seal(black_box(PLACE), black_box(token.as_bytes())).unwrap()));
    group.bench_function("open", |b| b.iter(|| key.open(black_box(PLACE), black_box(&sealed)).unwrap()));
    group.bench_function("open data key and token", |b| {
        b.iter(|| keys.open_data_key(connection, version, &sealed_key).unwrap().open(PLACE, &sealed).unwrap());
    });
    group.finish();
}

criterion_group!(benches, vault);
criterion_main!(benches);
