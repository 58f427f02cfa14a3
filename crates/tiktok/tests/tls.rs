//! The extra certificate authority: with it a private server is trusted, without it nothing is sent.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::wildcard_enum_match_arm)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tiktok::{AppCredentials, Client, Endpoints, Error, ErrorClass, HttpOptions, TransportErrorKind, UploadHosts, Url};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A TLS server for `localhost` under an authority of its own; answers every request with a refusal in TikTok's shape.
struct PrivateServer {
    address: String,
    authority_pem: String,
    requests: Arc<AtomicUsize>,
}

impl PrivateServer {
    async fn start() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
        let requests = Arc::new(AtomicUsize::new(0));
        let seen = requests.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(socket).await else { continue };
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                seen.fetch_add(1, Ordering::SeqCst);
                let body = r#"{"error":{"code":"access_token_invalid","message":"","log_id":"x"}}"#;
                let answer = format!("HTTP/1.1 401 Unauthorized\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { address, authority_pem: authority.pem(), requests }
    }

    fn client(&self, extra_ca_pem: Option<Vec<u8>>) -> Client {
        let url = Url::parse(&self.address).unwrap();
        let endpoints = Endpoints::custom(url.clone(), url.clone(), UploadHosts::origin(&url));
        let credentials = AppCredentials { client_key: "aw".into(), client_secret: "secret".into() };
        Client::new(credentials, endpoints, HttpOptions { extra_ca_pem, ..HttpOptions::default() }).unwrap()
    }
}

#[tokio::test]
async fn a_private_authority_is_trusted_when_it_is_named() {
    let server = PrivateServer::start().await;
    let client = server.client(Some(server.authority_pem.clone().into_bytes()));
    let error = client.creator_info(&"act.1".into()).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Auth, "{error}");
    assert_eq!(server.requests.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_unknown_authority_receives_nothing() {
    let server = PrivateServer::start().await;
    match server.client(None).creator_info(&"act.1".into()).await.unwrap_err() {
        Error::Transport(error) => {
            assert_eq!(error.kind, TransportErrorKind::Connect, "{error}");
            assert!(!error.request_may_have_arrived);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(server.requests.load(Ordering::SeqCst), 0);
}
