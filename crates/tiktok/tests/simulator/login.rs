//! Connecting, refreshing and disconnecting an account.

use tiktok::{AuthorizeRequest, Error, ErrorClass, ExposeSecret as _, OAuthErrorCode, PkceVerifier, Scope, UserField};

use crate::{CREATOR, HOUR_MS, KEY, LOOPBACK, REDIRECT, SECRET, Stage, client};

const ASKED: [Scope; 2] = [Scope::UserInfoBasic, Scope::VideoPublish];

fn names() -> Vec<&'static str> {
    vec!["user.info.basic", "video.publish"]
}

fn oauth(error: Error) -> (OAuthErrorCode, String) {
    assert!(error.log_id().is_some_and(|log_id| log_id.len() == 34), "{error}");
    match error {
        Error::OAuth(error) => (error.code, error.description),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_consent_page_opens_at_our_authorize_address() {
    let stage = Stage::new().await;
    let verifier = PkceVerifier::generate().unwrap();
    for (redirect_uri, pkce) in [(REDIRECT, None), (LOOPBACK, Some(&verifier))] {
        let request = AuthorizeRequest { redirect_uri, scopes: &ASKED, state: "s-81f0", pkce, always_ask: true };
        let page = reqwest::get(stage.client.authorize_url(&request)).await.unwrap();
        assert_eq!(page.status().as_u16(), 200);
        let text = page.text().await.unwrap();
        assert!(text.contains("<form"), "a consent form, not an error page: {text}");
    }
}

#[tokio::test]
async fn a_code_becomes_tokens_and_a_profile_once() {
    let stage = Stage::new().await;
    let code = stage.simulator().grant_code(KEY, CREATOR, &names(), REDIRECT, None).unwrap();
    let grant = stage.client.exchange_code(&code, REDIRECT, None).await.unwrap();
    assert_eq!(grant.scopes, ASKED);
    assert_eq!((grant.expires_in_s, grant.refresh_expires_in_s), (86_400, 31_536_000));

    let fields = [UserField::OpenId, UserField::DisplayName];
    let user = stage.client.user_info(&grant.access_token, &fields).await.unwrap().value;
    assert_eq!(user.open_id.as_deref(), Some(grant.open_id.as_str()));
    assert_eq!(user.display_name.as_deref(), Some("Moloko Demo"));
    assert_eq!(user.username, None);

    let again = stage.client.exchange_code(&code, REDIRECT, None).await.unwrap_err();
    assert_eq!(oauth(again), (OAuthErrorCode::InvalidGrant, "Authorization code is expired.".into()));
}

#[tokio::test]
async fn a_loopback_code_needs_the_verifier_whose_hex_challenge_was_sent() {
    let stage = Stage::new().await;
    let verifier = PkceVerifier::generate().unwrap();
    let challenge = verifier.challenge_hex();
    let code = || stage.simulator().grant_code(KEY, CREATOR, &names(), LOOPBACK, Some(&challenge)).unwrap();
    let other = PkceVerifier::generate().unwrap();
    let refused = stage.client.exchange_code(&code(), LOOPBACK, Some(&other)).await.unwrap_err();
    assert_eq!(oauth(refused), (OAuthErrorCode::InvalidRequest, "Code verifier or code challenge is invalid.".into()));
    stage.client.exchange_code(&code(), LOOPBACK, Some(&verifier)).await.unwrap();
}

#[tokio::test]
async fn another_redirect_address_is_refused() {
    let stage = Stage::new().await;
    let code = stage.simulator().grant_code(KEY, CREATOR, &names(), REDIRECT, None).unwrap();
    let refused = stage.client.exchange_code(&code, LOOPBACK, None).await.unwrap_err();
    assert_eq!(oauth(refused).0, OAuthErrorCode::InvalidRequest);
}

#[tokio::test]
async fn a_wrong_app_secret_is_found_with_http_200_too() {
    for oauth_error_status in [200, 400] {
        let stage = Stage::with(|config| config.quirks.oauth_error_status = oauth_error_status).await;
        let grant = stage.simulator().issue_grant(KEY, CREATOR, &names()).unwrap();
        let wrong = client(&stage.running, "wrong");
        let error = wrong.refresh(&grant.refresh_token.into()).await.unwrap_err();
        assert_eq!(error.http_status(), Some(oauth_error_status));
        assert_eq!(error.class(), ErrorClass::Configuration);
        assert_eq!(oauth(error).0, OAuthErrorCode::InvalidClient);
        assert!(wrong.client_token().await.is_err());
    }
}

#[tokio::test]
async fn key_and_secret_prove_themselves_without_a_user() {
    let stage = Stage::new().await;
    assert_eq!(stage.client.client_token().await.unwrap().expires_in_s, 7_200);
}

#[tokio::test]
async fn a_refresh_rotates_the_token_and_the_old_one_is_dead() {
    let stage = Stage::new().await;
    let first = stage.simulator().issue_grant(KEY, CREATOR, &names()).unwrap();
    stage.simulator().advance(25 * HOUR_MS);
    let expired = stage.client.creator_info(&first.access_token.into()).await.unwrap_err();
    assert_eq!(expired.class(), ErrorClass::Auth);

    let old = first.refresh_token.into();
    let renewed = stage.client.refresh(&old).await.unwrap();
    assert_ne!(renewed.refresh_token.expose_secret(), tiktok::ExposeSecret::expose_secret(&old));
    stage.client.creator_info(&renewed.access_token).await.unwrap();

    let dead = stage.client.refresh(&old).await.unwrap_err();
    assert_eq!(oauth(dead), (OAuthErrorCode::InvalidGrant, "Refresh token is invalid or expired.".into()));
}

#[tokio::test]
async fn a_revoked_grant_is_over() {
    let stage = Stage::new().await;
    let grant = stage.simulator().issue_grant(KEY, CREATOR, &names()).unwrap();
    let token = grant.access_token.into();
    stage.client.revoke(&token).await.unwrap();
    let error = stage.client.creator_info(&token).await.unwrap_err();
    assert_eq!((error.class(), error.http_status()), (ErrorClass::Auth, Some(401)));
    let error = stage.client.refresh(&grant.refresh_token.into()).await.unwrap_err();
    assert_eq!(oauth(error).0, OAuthErrorCode::InvalidGrant);
}

#[tokio::test]
async fn no_secret_of_the_app_is_accepted_from_another_grant() {
    let stage = Stage::new().await;
    let error = client(&stage.running, SECRET).creator_info(&"act.of.nobody".into()).await.unwrap_err();
    assert_eq!(error.code(), "access_token_invalid");
}
