//! Exports: whole or broken off, logged before they leave, never waiting for a slow peer for ever.

use std::io::{Read, Write};
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use fundwatch::web::Stage;

use crate::client::{connect, get};
use crate::fakes::*;

#[test]
fn all_lines_arrive_between_two_entries() {
    let (server, fake) = api(options());
    let at = server.local_addr();
    let reply = get(at, "/v1/alerts.ndjson", AUDITOR);
    assert_eq!((reply.status, reply.text()), (200, ""));
    assert!(reply.is_whole);
    assert_eq!(reply.header("content-type"), Some("application/x-ndjson"));
    fake.export_lines.store(100_000, SeqCst);
    let reply = get(at, "/v1/history.ndjson", AUDITOR);
    assert!(reply.is_whole);
    let lines: Vec<&str> = reply.text().lines().collect();
    assert_eq!(lines.len(), 100_000);
    assert_eq!(lines[99_999], "{\"export\":\"History\",\"number\":99999}");
    let ended = |objects, complete| Stage::Ended { objects, complete };
    let log: Vec<_> = fake
        .log()
        .into_iter()
        .map(|(_, action, stage)| (action, stage))
        .collect();
    assert_eq!(
        log,
        [
            ("export_alerts", Stage::Begun),
            ("export_alerts", ended(0, true)),
            ("export_history", Stage::Begun),
            ("export_history", ended(100_000, true)),
        ]
    );
    assert_eq!(get(at, "/v1/history.ndjson?limit=1", AUDITOR).status, 400);
}

#[test]
fn what_fails_is_never_taken_for_whole() {
    let (server, fake) = api(options());
    let at = server.local_addr();
    fake.export_lines.store(100_000, SeqCst);
    fake.export_fails_at.store(1, SeqCst);
    let reply = get(at, "/v1/alerts.ndjson", AUDITOR);
    assert_eq!((reply.status, reply.code().as_str()), (503, "unavailable"));
    fake.export_fails_at.store(90_000, SeqCst);
    let reply = get(at, "/v1/alerts.ndjson", AUDITOR);
    assert_eq!(reply.status, 200);
    assert!(!reply.is_whole);
    eventually("logged", || fake.log().len() == 4);
    let (_, _, Stage::Ended { objects, complete }) = fake.log()[3] else {
        panic!()
    };
    assert!(!complete && objects > 0 && objects < 90_000, "{objects}");
}

#[test]
fn a_peer_that_takes_nothing_gives_its_thread_back() {
    let mut options = options();
    options.read.exports = 1;
    options.read.line_patience = Duration::from_millis(300);
    let (server, fake) = api(options);
    let at = server.local_addr();
    fake.export_lines.store(10_000_000, SeqCst);
    let mut slow = connect(at);
    let request = format!(
        "GET /v1/alerts.ndjson HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {AUDITOR}\r\n\r\n"
    );
    slow.write_all(request.as_bytes()).unwrap();
    slow.read_exact(&mut [0; 1000]).unwrap();
    let second = get(at, "/v1/alerts.ndjson", AUDITOR);
    assert_eq!((second.status, second.code().as_str()), (503, "busy"));
    assert_eq!(second.header("retry-after"), Some("30"));
    let start = Instant::now();
    eventually("given up", || fake.log().len() == 2);
    assert!(start.elapsed() < Duration::from_secs(5));
    fake.export_lines.store(1, SeqCst);
    eventually("its thread is free", || {
        get(at, "/v1/alerts.ndjson", AUDITOR).status == 200
    });
}

#[test]
fn a_peer_that_takes_little_is_cut_when_all_of_the_time_is_over() {
    let mut options = options();
    options.read.export_timeout = Duration::from_millis(800);
    let (server, fake) = api(options);
    fake.export_lines.store(10_000_000, SeqCst);
    let mut slow = connect(server.local_addr());
    let request = format!(
        "GET /v1/alerts.ndjson HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {AUDITOR}\r\n\r\n"
    );
    slow.write_all(request.as_bytes()).unwrap();
    let start = Instant::now();
    while fake.log().len() < 2 {
        assert!(start.elapsed() < Duration::from_secs(5));
        slow.read_exact(&mut [0; 20_000]).unwrap();
        std::thread::sleep(Duration::from_millis(10));
    }
    let (_, _, stage) = fake.log()[1].clone();
    assert!(
        matches!(
            stage,
            Stage::Ended {
                complete: false,
                ..
            }
        ),
        "{stage:?}"
    );
}

#[test]
fn a_peer_that_leaves_ends_its_export() {
    let (server, fake) = api(options());
    fake.export_lines.store(10_000_000, SeqCst);
    let mut socket = connect(server.local_addr());
    let request = format!(
        "GET /v1/history.ndjson HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {AUDITOR}\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).unwrap();
    socket.read_exact(&mut [0; 1000]).unwrap();
    drop(socket);
    eventually("ended", || fake.log().len() == 2);
}
