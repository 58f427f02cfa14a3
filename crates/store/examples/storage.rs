//! An S3-compatible storage to try an instance with: `cargo run -p store --example storage --features testing-bucket` prints the settings
//! and where it keeps its files, and serves until it is stopped. Everything that was put into it is gone then.

use std::io::Write as _;

use secrecy::ExposeSecret as _;
use store::testing::bucket::BucketServer;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let server = BucketServer::start().await;
    let it = server.settings();
    let mut out = std::io::stdout().lock();
    writeln!(out, "MOLOKO_BLOBS=s3://{}/{}", it.bucket, it.prefix)?;
    writeln!(out, "MOLOKO_BLOBS_ENDPOINT={}", it.endpoint)?;
    writeln!(out, "MOLOKO_BLOBS_KEY_ID={}", it.key_id)?;
    writeln!(out, "MOLOKO_BLOBS_SECRET={}", it.secret.expose_secret())?;
    writeln!(out, "FOLDER={}", server.folder().display())?;
    out.flush()?;
    std::future::pending().await
}
