//! Connects an account: authorize address, callback, token exchange, refresh, revoke. Runs against the simulator.
//!
//! `cargo run -p tiktok --example authorize`

#![allow(clippy::print_stdout)]

use tiktok::{
    AppCredentials, AuthorizeRequest, Callback, Client, Endpoints, ExposeSecret as _, HttpOptions, PkceVerifier, Scope,
    UploadHosts, Url, UserField,
};
use tiktok_sim::{SimConfig, Simulator};

const KEY: &str = "sbaw_example";
const SECRET: &str = "example_secret";
const REDIRECT: &str = "http://127.0.0.1:3455/callback/";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulated = Simulator::start(SimConfig::demo(KEY, SECRET, [REDIRECT])).await?;
    let base = Url::parse(&simulated.url)?;
    let credentials = AppCredentials { client_key: KEY.into(), client_secret: SECRET.into() };
    let endpoints = Endpoints::custom(base.join("/v2/auth/authorize/")?, base.clone(), UploadHosts::origin(&base));
    let client = Client::new(credentials, endpoints, HttpOptions::default())?;

    // Loopback addresses need PKCE. Keep verifier and state on the server until the callback.
    let verifier = PkceVerifier::generate()?;
    let state = "unguessable-and-bound-to-the-browser";
    let scopes = [Scope::UserInfoBasic, Scope::VideoPublish];
    let address = client.authorize_url(&AuthorizeRequest {
        redirect_uri: REDIRECT,
        scopes: &scopes,
        state,
        pkce: Some(&verifier),
        always_ask: true,
    });
    println!("A person would now open\n  {address}\n");

    // Here the person agrees without a browser; TikTok would redirect to this address.
    let names: Vec<&str> = scopes.iter().map(Scope::as_str).collect();
    let challenge = verifier.challenge_hex();
    let code = simulated.simulator.grant_code(KEY, "moloko.demo", &names, REDIRECT, Some(&challenge))?;
    let mut came_back = Url::parse(REDIRECT)?;
    came_back
        .query_pairs_mut()
        .append_pair("code", &code)
        .append_pair("scopes", &Scope::join(&scopes))
        .append_pair("state", state);

    match Callback::parse(came_back.query().unwrap_or_default())? {
        Callback::Refused { reason, description, .. } => println!("refused: {reason}: {description}"),
        Callback::Granted { code, state: returned, .. } => {
            if returned != state {
                return Err("the state is not ours: somebody else's answer".into());
            }
            let grant = client.exchange_code(code.expose_secret(), REDIRECT, Some(&verifier)).await?;
            println!("connected {} with {}", grant.open_id, Scope::join(&grant.scopes));
            let user = client.user_info(&grant.access_token, UserField::BASIC).await?.value;
            println!("display name: {}", user.display_name.unwrap_or_default());

            let renewed = client.refresh(&grant.refresh_token).await?;
            println!("refreshed for {} s", renewed.expires_in_s);
            client.revoke(&renewed.access_token).await?;
            println!("disconnected");
        }
    }
    Ok(())
}
