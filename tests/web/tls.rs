//! TLS: who is let in by certificate, by token, by both and by neither.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fundwatch::web::{ClientCertificates, Event, Server, TlsOptions, serve_api};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};

use crate::client::connect;
use crate::fakes::*;

/// An authority, and files of what it certified.
struct Authority {
    directory: tempfile::TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate with its key.
struct Certified {
    der: Vec<u8>,
    pem: String,
    key: String,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, "Authority of the test");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self {
            directory: tempfile::tempdir().unwrap(),
            issuer,
        }
    }

    fn certify(&self, name: &str) -> Certified {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Certified {
            der: certificate.der().to_vec(),
            pem: certificate.pem(),
            key: key.serialize_pem(),
        }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn options(&self, clients: fn(PathBuf) -> ClientCertificates) -> TlsOptions {
        let own = self.certify("127.0.0.1");
        TlsOptions {
            certificate_file: self.write("server.pem", &own.pem),
            key_file: self.write("server.key", &own.key),
            clients: clients(self.write("authority.pem", &self.issuer.pem())),
        }
    }

    fn serve(&self, clients: fn(PathBuf) -> ClientCertificates) -> (Server, Arc<Fake>) {
        let mut options = options();
        options.tls = Some(self.options(clients));
        options.limits.handshake_timeout = Duration::from_secs(3);
        api(options)
    }

    fn client(&self, own: Option<&Certified>) -> ureq::Agent {
        let root = Certificate::from_pem(self.issuer.pem().as_bytes()).unwrap();
        let client = own.map(|own| {
            let certificate = Certificate::from_pem(own.pem.as_bytes()).unwrap();
            let key = PrivateKey::from_pem(own.key.as_bytes()).unwrap();
            ClientCert::new_with_certs(&[certificate], key)
        });
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::from(vec![root]))
            .client_cert(client);
        ureq::Agent::new_with_config(
            ureq::Agent::config_builder()
                .tls_config(tls.build())
                .http_status_as_error(false)
                .build(),
        )
    }
}

/// The status of a push, or none where there is no connection.
fn push(agent: &ureq::Agent, at: SocketAddr, token: Option<&str>) -> Option<u16> {
    let mut request = agent
        .post(format!("https://{at}/v1/streams/claims"))
        .header("content-type", "application/x-ndjson");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let mut response = request.send(b"{}\n{}\n").ok()?;
    let text = response.body_mut().read_to_string().unwrap();
    if response.status() == 200 {
        assert_eq!(text, "{\"accepted\":2,\"rejected\":[],\"epoch\":7}");
    }
    Some(response.status().as_u16())
}

#[test]
fn a_certificate_is_a_caller_and_must_not_contradict_a_token() {
    let authority = Authority::new();
    let (server, fake) = authority.serve(ClientCertificates::Optional);
    let at = server.local_addr();
    let own = authority.certify("feed-1");
    let stranger = authority.certify("stranger");
    let forged = Authority::new().certify("feed-1");
    fake.certificates
        .lock()
        .unwrap()
        .insert(own.der.clone(), feed("feed-1"));
    let with = authority.client(Some(&own));
    assert_eq!(push(&with, at, None), Some(200));
    assert_eq!(push(&with, at, Some(FEED)), Some(200));
    assert_eq!(push(&with, at, Some("wrong")), Some(401));
    // A token in other hands.
    assert_eq!(push(&with, at, Some("other-feed")), Some(401));
    let without = authority.client(None);
    assert_eq!(push(&without, at, None), Some(401));
    assert_eq!(push(&without, at, Some(FEED)), Some(200));
    let unknown = authority.client(Some(&stranger));
    assert_eq!(push(&unknown, at, None), Some(401));
    assert_eq!(push(&unknown, at, Some(FEED)), Some(200));
    assert_eq!(push(&authority.client(Some(&forged)), at, Some(FEED)), None);
    eventually("counted", || fake.count_of(Event::HandshakeFailed) >= 1);
    // A certificate that is withdrawn at the gate is withdrawn on open connections too.
    fake.certificates.lock().unwrap().clear();
    assert_eq!(push(&with, at, None), Some(401));
    // Whoever does not know the authority does not talk.
    assert_eq!(push(&Authority::new().client(None), at, Some(FEED)), None);
}

#[test]
fn browsers_stay_with_tls_once_they_came_by_it() {
    let authority = Authority::new();
    let (server, _) = authority.serve(ClientCertificates::Optional);
    let client = authority.client(None);
    for path in ["/v1/status", "/v1/nowhere"] {
        let url = format!("https://127.0.0.1:{}{path}", server.local_addr().port());
        let answer = client.get(&url).call().unwrap();
        assert_eq!(
            answer.headers()["strict-transport-security"],
            "max-age=31536000; includeSubDomains",
            "{path}"
        );
    }
}

#[test]
fn without_a_required_certificate_there_is_no_connection() {
    let authority = Authority::new();
    let (server, fake) = authority.serve(ClientCertificates::Required);
    let at = server.local_addr();
    let own = authority.certify("feed-1");
    assert_eq!(push(&authority.client(None), at, Some(FEED)), None);
    assert_eq!(
        push(&authority.client(Some(&own)), at, Some(FEED)),
        Some(200)
    );
    fake.certificates
        .lock()
        .unwrap()
        .insert(own.der.clone(), feed("feed-1"));
    assert_eq!(push(&authority.client(Some(&own)), at, None), Some(200));
}

#[test]
fn who_does_not_agree_on_tls_in_time_is_let_go() {
    let authority = Authority::new();
    let (server, fake) = authority.serve(|_| ClientCertificates::Off);
    let at = server.local_addr();
    let silent: Vec<_> = (0..50).map(|_| connect(at)).collect();
    let mut plain = connect(at);
    use std::io::{Read, Write};
    plain
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .unwrap();
    assert_eq!(push(&authority.client(None), at, Some(FEED)), Some(200));
    eventually("let go", || fake.count_of(Event::HandshakeFailed) == 51);
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"));
    drop(silent);
}

#[test]
fn http2_is_agreed_on_over_tls() {
    let authority = Authority::new();
    let (server, _) = authority.serve(|_| ClientCertificates::Off);
    let at = server.local_addr();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(authority.issuer.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let socket = tokio::net::TcpStream::connect(at).await.unwrap();
        let name = "127.0.0.1".try_into().unwrap();
        let stream = tokio_rustls::TlsConnector::from(Arc::new(config))
            .connect(name, socket)
            .await
            .unwrap();
        let (client, connection) = h2::client::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        let mut client = client.ready().await.unwrap();
        let request = http::Request::get(format!("https://{at}/v1/status"))
            .header("authorization", format!("Bearer {AUDITOR}"))
            .body(())
            .unwrap();
        let (response, _) = client.send_request(request, true).unwrap();
        assert_eq!(response.await.unwrap().status(), 200);
    });
}

#[test]
fn keys_are_renewed_while_it_runs_and_wrong_files_change_nothing() {
    let authority = Authority::new();
    let (server, _) = authority.serve(|_| ClientCertificates::Off);
    let at = server.local_addr();
    assert_eq!(push(&authority.client(None), at, Some(FEED)), Some(200));
    authority.write("server.pem", "rubbish");
    let error = server.reload_tls().unwrap_err().to_string();
    assert!(
        error.ends_with("server.pem: holds no certificate; write it as PEM"),
        "{error}"
    );
    assert_eq!(push(&authority.client(None), at, Some(FEED)), Some(200));
    let next = Authority::new();
    let fresh = next.certify("127.0.0.1");
    authority.write("server.pem", &fresh.pem);
    let error = server.reload_tls().unwrap_err().to_string();
    assert!(
        error.ends_with("; write a certificate and its own key"),
        "{error}"
    );
    authority.write("server.key", &fresh.key);
    server.reload_tls().unwrap();
    assert_eq!(push(&authority.client(None), at, Some(FEED)), None);
    assert_eq!(push(&next.client(None), at, Some(FEED)), Some(200));
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let authority = Authority::new();
    let good = authority.options(ClientCertificates::Required);
    let fake = Arc::new(Fake::default());
    let error = |tls: TlsOptions| {
        let mut options = options();
        options.tls = Some(tls);
        serve_api(options, parts(&fake)).unwrap_err().to_string()
    };
    let empty = authority.write("empty.pem", "");
    let absent = authority.directory.path().join("absent.pem");
    let told = error(TlsOptions {
        certificate_file: absent.clone(),
        ..good.clone()
    });
    assert!(
        told.contains("absent.pem: cannot be read: ") && told.contains("check the path"),
        "{told}"
    );
    let told = error(TlsOptions {
        key_file: good.certificate_file.clone(),
        ..good.clone()
    });
    assert!(
        told.ends_with("server.pem: holds no private key; write it as PEM"),
        "{told}"
    );
    let told = error(TlsOptions {
        clients: ClientCertificates::Required(empty),
        ..good.clone()
    });
    assert!(
        told.ends_with("empty.pem: holds no certificate; write it as PEM"),
        "{told}"
    );
    assert!(!told.contains("PRIVATE KEY"));
}
