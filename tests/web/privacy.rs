//! Logs: one line a request, and nothing in it that was sent.

use std::io::Write;
use std::sync::{Mutex, OnceLock};

use crate::client::{get, post};
use tracing_subscriber::prelude::*;

use crate::fakes::*;
use crate::said;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn log_everything() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        let all = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(|| Log);
        tracing_subscriber::registry()
            .with(all)
            .with(said::layer())
            .init();
    });
}

#[test]
fn a_log_line_has_the_route_the_status_and_the_caller_and_no_secret() {
    log_everything();
    let (server, _) = api(options());
    let at = server.local_addr();
    let secret = "079051000001";
    let body = format!(
        "{{\"personal_id\":\"{secret}\",\"full_name\":\"Bí Mật\",\"birth_date\":\"1951\",\"sex\":1}}"
    );
    let replies = [
        post(
            at,
            "/v1/authenticate",
            DESK,
            "application/json",
            body.as_bytes(),
        ),
        post(
            at,
            "/v1/authenticate",
            DESK,
            "application/json",
            &body.as_bytes()[1..],
        ),
        post(
            at,
            &format!("/v1/streams/{secret}"),
            FEED,
            "application/json",
            body.as_bytes(),
        ),
        post(
            at,
            "/v1/streams/claims",
            FEED,
            "application/json",
            body.as_bytes(),
        ),
        post(at, "/v1/streams/claims", secret, secret, body.as_bytes()),
        get(
            at,
            &format!("/v1/alerts?reason={secret}&{secret}=1"),
            AUDITOR,
        ),
        get(at, &format!("/{secret}"), AUDITOR),
        get(at, &format!("/v1/rejects/{secret}"), STEWARD),
        get(at, &format!("/v1/sources/{secret}/resume"), STEWARD),
    ];
    drop(server);
    eventually("logged", || {
        String::from_utf8_lossy(&LOG.lock().unwrap()).contains("/v1/sources/{name}/resume")
    });
    let log = String::from_utf8(LOG.lock().unwrap().clone()).unwrap();
    // What this crate logs; lines of the libraries below are the concern of whoever sets the level.
    let own: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("fundwatch::web"))
        .collect();
    let line = own
        .iter()
        .find(|line| line.contains("/v1/authenticate") && line.contains("status=200"));
    let line = line.unwrap();
    for part in [
        "request method=\"POST\" route=\"/v1/authenticate\" status=200 ms=",
        "principal=\"desk-1\"",
    ] {
        assert!(line.contains(part), "{line}");
    }
    for line in own {
        for secret in [secret, "Mật", FEED, AUDITOR, DESK, STEWARD] {
            assert!(!line.contains(secret), "{line}");
        }
    }
    for reply in replies {
        let head = format!("{:?}", reply.headers);
        assert!(
            !reply.text().contains(secret) && !head.contains(secret),
            "{}",
            reply.text()
        );
    }
}

#[test]
fn what_is_pushed_or_asked_is_masked() {
    use fundwatch::web::{Asked, AskedId, Payload, Push};
    let asked = Asked {
        id: AskedId::PersonalId("079051000001".into()),
        full_name: "Bí Mật".into(),
        birth_date: "1951".into(),
        sex: "1".into(),
    };
    assert_eq!(format!("{asked:?}"), "Asked { id: PersonalId(***), .. }");
    let push = Push {
        principal: feed("feed-1"),
        payload: Payload::Envelope,
        body: "079051000001".into(),
        idempotency_key: Some("key".into()),
    };
    assert_eq!(
        format!("{push:?}"),
        "Push { principal: \"feed-1\", payload: Envelope, bytes: 12, idempotency_key: Some(\"***\") }"
    );
}
