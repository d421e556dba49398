//! Shutting down: what runs ends, what will not end is cut, nothing new begins.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::client::{ask, connect, read};
use crate::fakes::*;

fn push(at: std::net::SocketAddr, key: &str) -> crate::client::Reply {
    let bearer = format!("Bearer {FEED}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", key),
    ];
    ask(at, "POST", "/v1/streams/claims", &headers, b"{}")
}

#[test]
fn what_runs_ends_and_idle_connections_are_closed() {
    let (server, fake) = api(options());
    let at = server.local_addr();
    let running = std::thread::spawn(move || push(at, "slow"));
    let mut idle = connect(at);
    idle.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .unwrap();
    assert_eq!(read(&mut idle).unwrap().status, 404);
    let mut silent = connect(at);
    eventually("submitted", || fake.pushes().len() == 1);
    let start = Instant::now();
    let drained = server.shutdown(Duration::from_secs(20));
    assert_eq!(drained.cut, 0);
    assert!(
        start.elapsed() < Duration::from_secs(4),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(running.join().unwrap().status, 200);
    assert!(TcpStream::connect(at).is_err());
    for socket in [&mut idle, &mut silent] {
        assert_eq!(socket.read(&mut [0; 10]).unwrap_or(0), 0);
    }
}

#[test]
fn what_does_not_end_in_time_is_cut() {
    let (server, fake) = api(options());
    let at = server.local_addr();
    let mut socket = connect(at);
    let request = format!(
        "POST /v1/streams/claims HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {FEED}\r\ncontent-type: application/json\r\nidempotency-key: never\r\ncontent-length: 2\r\n\r\n{{}}"
    );
    socket.write_all(request.as_bytes()).unwrap();
    eventually("submitted", || fake.pushes().len() == 1);
    let start = Instant::now();
    assert_eq!(server.shutdown(Duration::from_millis(300)).cut, 1);
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(socket.read(&mut [0; 10]).unwrap_or(0), 0);
}

#[test]
fn the_address_is_free_again_at_once() {
    let (server, fake) = api(options());
    let at = server.local_addr();
    assert_eq!(push(at, "a").status, 200);
    server.shutdown(Duration::from_secs(5));
    let mut again = options();
    again.listen = at;
    let server = fundwatch::web::serve_api(again, parts(&fake)).unwrap();
    assert_eq!(push(at, "a").status, 200);
    // Dropped without a word, it ends as well.
    drop(server);
    eventually("closed", || TcpStream::connect(at).is_err());
}
