//! Receives a webhook that the simulator signs, checks it, and reads it.
//!
//! `cargo run -p tiktok --example verify_webhook`

#![allow(clippy::print_stdout)]

use tiktok::{SecretString, webhook};
use tiktok_sim::{AppSpec, RemovalReason, SimConfig, Simulator};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const KEY: &str = "sbaw_example";
const SECRET: &str = "example_secret";
const REDIRECT: &str = "http://127.0.0.1:3455/callback/";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let webhook_url = format!("http://{}/webhooks/tiktok", listener.local_addr()?);
    let mut config = SimConfig::demo(KEY, SECRET, [REDIRECT]);
    config.apps = vec![AppSpec { webhook_url: Some(webhook_url), ..AppSpec::audited(KEY, SECRET, [REDIRECT]) }];
    let simulated = Simulator::start(config).await?;

    // The person disconnects the app in TikTok; the simulator tells the app.
    simulated.simulator.issue_grant(KEY, "moloko.demo", &["user.info.basic"])?;
    simulated.simulator.disconnect(KEY, "moloko.demo", RemovalReason::UserDisconnected)?;

    let (signature, raw_body) = receive(&listener).await?;
    println!("{}: {signature}", webhook::SIGNATURE_HEADER);

    // Over the raw bytes, before anything is believed.
    let secret = SecretString::from(SECRET);
    let signed = webhook::verify(&secret, &signature, &raw_body)?;
    println!("event {} of {}", signed.event.event, signed.event.user_openid.as_deref().unwrap_or_default());
    println!("reason {:?}", signed.event.content.removal_reason);
    println!("remember {} to recognise a repeated delivery", signed.event.dedupe_key());

    let forged = webhook::verify(&SecretString::from("another secret"), &signature, &raw_body);
    println!("with another secret: {}", forged.err().map(|error| error.to_string()).unwrap_or_default());
    Ok(())
}

/// Reads one POST and answers 200. A real program uses its web framework, as long as it hands over the raw body.
async fn receive(listener: &TcpListener) -> Result<(String, Vec<u8>), Box<dyn std::error::Error>> {
    let (mut socket, _) = listener.accept().await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await?);
    }
    let head = String::from_utf8(head)?;
    let header = |wanted: &str| {
        head.lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.to_owned())
    };
    let length = header("content-length").ok_or("no Content-Length")?.parse::<usize>()?;
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await?;
    socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await?;
    Ok((header(webhook::SIGNATURE_HEADER).ok_or("no signature")?, body))
}
