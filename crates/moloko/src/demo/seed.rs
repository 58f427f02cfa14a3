//! Walks through sign-in, a second account and an upload as a person would. Owns the order of these steps.

use anyhow::{Context, bail};
use app::sessions::Device;
use app::sign_in::{Arrival, Callback, Purpose, StartSignIn};
use app::{Actor, App, Random, SystemRandom};
use domain::id::{ConnectionId, MediaId};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use tiktok_sim::Simulator;
use url::Url;

use super::sample;
use crate::simulated::CLIENT_KEY;

/// The demo person, signed in.
pub struct DemoPerson {
    /// Goes into the session cookie.
    pub session_secret: String,
    /// Secret of a second session, for programs that send it as a bearer token.
    pub token: String,
}

/// Signs the demo person in with the public account, connects the private one, uploads the video if the library is empty.
pub async fn seed(app: &Arc<App>, simulator: &Simulator) -> anyhow::Result<DemoPerson> {
    let (actor, session_secret) = sign_in(app, simulator, "a browser of the demo").await?;
    let (_, token) = sign_in(app, simulator, "a program of the demo").await?;
    connect_private(app, simulator, &actor).await?;
    // Signing in asks for publishing alone; what was allowed before is asked for again where it waits.
    let account = demo_account(app, &actor).await?;
    if app.readings(&actor).await?.iter().flat_map(|it| &it.readings).any(|it| it.consent.is_some() && !it.granted) {
        walk(app, simulator, &actor, Purpose::Reconnect(&actor, account)).await?;
    }
    if app.media_list(&actor, None, 1).await?.is_empty() {
        upload(app, &actor).await?;
    }
    Ok(DemoPerson {
        session_secret: session_secret.expose_secret().to_owned(),
        token: token.expose_secret().to_owned(),
    })
}

pub(super) async fn sign_in(
    app: &Arc<App>,
    simulator: &Simulator,
    device: &str,
) -> anyhow::Result<(Actor, SecretString)> {
    let browser = fresh_secret();
    let start = StartSignIn {
        purpose: Purpose::SignIn,
        browser_secret: &browser,
        adult_confirmed: true,
        next_path: "/queue",
        locale: "en",
    };
    let callback = consent(simulator, &app.start_sign_in(start).await?, "moloko.demo")?;
    let device = Device { label: device.to_owned(), ip: "127.0.0.1".to_owned() };
    let arrival = app.finish_sign_in(&callback, &browser, None, &device).await?;
    let signed = arrival.connected().context("the sign-in did not connect the account")?;
    let secret = signed.session_secret.context("the sign-in gave no session")?;
    let actor = app.actor_of_session(&secret).await?.context("the session is not known")?;
    Ok((actor, secret))
}

/// The account that the demo person signs in with.
pub(super) async fn demo_account(app: &Arc<App>, actor: &Actor) -> anyhow::Result<ConnectionId> {
    let accounts = app.connections(actor).await?;
    let own = accounts.iter().find(|it| it.username.as_deref() == Some("moloko.demo"));
    Ok(own.context("the demo's own account is not connected")?.id)
}

/// A walk to TikTok for the demo's own account and back, everything granted that was asked for.
pub(super) async fn walk(
    app: &Arc<App>,
    simulator: &Simulator,
    actor: &Actor,
    purpose: Purpose<'_>,
) -> anyhow::Result<()> {
    let browser = fresh_secret();
    let start =
        StartSignIn { purpose, browser_secret: &browser, adult_confirmed: true, next_path: "/analytics", locale: "en" };
    let callback = consent(simulator, &app.start_sign_in(start).await?, "moloko.demo")?;
    app.finish_sign_in(&callback, &browser, Some(actor), &Device::default()).await?;
    Ok(())
}

async fn connect_private(app: &Arc<App>, simulator: &Simulator, actor: &Actor) -> anyhow::Result<()> {
    let browser = fresh_secret();
    let start = StartSignIn {
        purpose: Purpose::AddAccount(actor),
        browser_secret: &browser,
        adult_confirmed: true,
        next_path: "/connections",
        locale: "en",
    };
    let callback = consent(simulator, &app.start_sign_in(start).await?, "moloko.private")?;
    match app.finish_sign_in(&callback, &browser, Some(actor), &Device::default()).await? {
        Arrival::Connected(_) | Arrival::NotRenewed(_) => {}
        Arrival::Unconfirmed(id) => {
            app.confirm_account(actor, id).await?;
        }
    }
    Ok(())
}

/// What TikTok's redirect would bring after a press of "Allow" by that user.
fn consent(simulator: &Simulator, authorize: &Url, username: &str) -> anyhow::Result<Callback> {
    let parameter =
        |name: &str| authorize.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let (Some(state), Some(scopes), Some(redirect)) =
        (parameter("state"), parameter("scope"), parameter("redirect_uri"))
    else {
        bail!("the authorize address lacks a parameter");
    };
    let scopes: Vec<&str> = scopes.split(',').collect();
    let challenge = parameter("code_challenge");
    let code = simulator.grant_code(CLIENT_KEY, username, &scopes, &redirect, challenge.as_deref())?;
    Ok(Callback { state: Some(state), code: Some(code), ..Callback::default() })
}

async fn upload(app: &Arc<App>, actor: &Actor) -> anyhow::Result<()> {
    let video = sample::milk();
    upload_bytes(app, actor, video.file_name, video.bytes).await.map(drop)
}

/// A whole file, as if it had been chosen in the library.
pub(super) async fn upload_bytes(app: &Arc<App>, actor: &Actor, name: &str, bytes: Vec<u8>) -> anyhow::Result<MediaId> {
    let upload = app.upload_create(actor, name, u64::try_from(bytes.len())?).await?;
    let body = futures::stream::iter([Ok::<_, std::io::Error>(bytes::Bytes::from(bytes))]);
    app.upload_append(actor, upload.id, 0, body).await?.media_id.context("the file is not whole")
}

fn fresh_secret() -> SecretString {
    let random: &dyn Random = &SystemRandom;
    random.secret()
}
