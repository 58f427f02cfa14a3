//! How fast chunks of 10 MB leave over one kept connection to a sink on this machine, read from a file and hashed on the way.
//!
//! `cargo bench -p tiktok --bench outgoing_upload`. Beside it, in the same run, `curl -T` of the same file to the same sink, in one piece
//! and unread: what the transfer alone costs.

#![allow(clippy::expect_used)]

use std::io::SeekFrom;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::digest;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use futures::StreamExt as _;
use tiktok::{AppCredentials, ChunkPlan, Client, Endpoints, HttpOptions, UploadHosts, UploadUrl, Url, chunk_body};
use tokio::fs::File;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

const FILE_BYTES: u64 = 100_000_000;

/// Reads requests and forgets them.
async fn sink(listener: TcpListener) {
    while let Ok((socket, _)) = listener.accept().await {
        tokio::spawn(async move {
            let _closed = swallow(socket).await;
        });
    }
}

async fn swallow(socket: TcpStream) -> std::io::Result<()> {
    let mut socket = BufReader::with_capacity(256 * 1024, socket);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if socket.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        tokio::io::copy_buf(&mut (&mut socket).take(length), &mut tokio::io::sink()).await?;
        socket.get_mut().write_all(b"HTTP/1.1 206 Partial Content\r\nContent-Length: 0\r\n\r\n").await?;
    }
}

async fn upload(client: &Client, to: &UploadUrl, path: &std::path::Path, plan: ChunkPlan) -> digest::Digest {
    let hash = Arc::new(Mutex::new(digest::Context::new(&digest::SHA256)));
    for chunk in plan.chunks() {
        let mut file = File::open(path).await.expect("the file opens");
        file.seek(SeekFrom::Start(chunk.first)).await.expect("the file is long enough");
        let hash = Arc::clone(&hash);
        let body = chunk_body(file, &chunk)
            .map(move |part| part.inspect(|bytes| hash.lock().expect("nobody panics while hashing").update(bytes)));
        client.put_chunk(to, &chunk, "video/mp4", body, Duration::from_secs(60)).await.expect("the sink takes all");
    }
    hash.lock().expect("nobody panics while hashing").clone().finish()
}

/// How long curl says that its transfers took; starting the program is not counted.
fn curl(path: &std::path::Path, address: &str, rounds: u64) -> Duration {
    (0..rounds)
        .map(|_| {
            let mut command = Command::new("curl");
            command
                .args(["-sS", "-o", "/dev/null", "-H", "Expect:", "-w", "%{time_total}", "-T"])
                .arg(path)
                .arg(address);
            let done = command.output().expect("curl is installed");
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            let seconds = String::from_utf8_lossy(&done.stdout).trim().parse().expect("curl prints seconds");
            Duration::from_secs_f64(seconds)
        })
        .sum()
}

fn outgoing_upload(c: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a loopback port");
    let address = format!("http://{}/", listener.local_addr().expect("an address"));
    runtime.spawn(sink(listener));

    let url = Url::parse(&address).expect("an address");
    let endpoints = Endpoints::custom(url.clone(), url.clone(), UploadHosts::origin(&url));
    let credentials = AppCredentials { client_key: "bench".into(), client_secret: "bench".into() };
    let client = Client::new(credentials, endpoints, HttpOptions::default()).expect("a client");
    let to = UploadUrl::parse(&address).expect("an address");
    let plan = ChunkPlan::for_size(FILE_BYTES).expect("a plan");

    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("video.mp4");
    let length = usize::try_from(FILE_BYTES).expect("fits");
    std::fs::write(&path, vec![7_u8; length]).expect("space for 100 MB");

    let mut group = c.benchmark_group("outgoing upload");
    group.throughput(Throughput::Bytes(FILE_BYTES)).sample_size(10);
    group.bench_function("100 MB in chunks of 10 MB, hashed", |b| {
        b.to_async(&runtime).iter(|| upload(&client, &to, &path, plan));
    });
    group.bench_function("100 MB by curl -T in one piece", |b| b.iter_custom(|rounds| curl(&path, &address, rounds)));
    group.finish();
}

criterion_group!(benches, outgoing_upload);
criterion_main!(benches);
