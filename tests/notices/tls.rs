//! Webhooks over TLS: to a receiver whose authority is known, and to no other.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::receiver::{Reply, converse};
use crate::support::Files;

/// Both halves of one stream.
#[derive(Clone)]
struct Shared(Arc<Mutex<StreamOwned<ServerConnection, std::net::TcpStream>>>);

impl std::io::Read for Shared {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().read(buffer)
    }
}

impl std::io::Write for Shared {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(buffer)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.lock().unwrap().flush()
    }
}

/// Starts a receiver, and gives its address, its certificate and the keys that it saw.
fn receiver() -> (String, String, Arc<Mutex<Vec<String>>>) {
    let names = vec!["127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let (certificate, key) = (made.cert.der().clone(), made.signing_key.into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/notices", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let keys = seen.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(config.clone()).unwrap();
            let stream = Shared(Arc::new(Mutex::new(StreamOwned::new(
                connection,
                stream.unwrap(),
            ))));
            let keys = keys.clone();
            std::thread::spawn(move || {
                converse(stream.clone(), stream, |request| {
                    assert!(request.is_signed());
                    keys.lock().unwrap().push(request.key().to_owned());
                    Reply::status(200)
                });
            });
        }
    });
    (url, made.cert.pem(), seen)
}

#[test]
fn a_receiver_that_a_known_authority_certifies_gets_notices_and_no_other() {
    let files = Files::new();
    files.stale_cards(3);
    files.replay("run", &["--as-of", "2025-03-31"]);
    files.reconcile("run");
    let (url, certificate, seen) = receiver();
    files.webhook(&url, "");
    let told = files.deliver(1, &["--until-empty", "--give-up-after", "500ms"]);
    assert!(told.contains("invalid peer certificate"), "{told}");
    assert!(seen.lock().unwrap().is_empty());
    files.write("authority.pem", &certificate);
    files.webhook(&url, "ca_file = \"authority.pem\"");
    files.deliver(0, &["--until-empty"]);
    let mut keys = files.keys("delivered");
    let mut seen = seen.lock().unwrap().clone();
    keys.sort_unstable();
    seen.sort_unstable();
    assert_eq!(keys, seen);
}
