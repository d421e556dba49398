//! Noise: whatever bytes come, the listener stays, and does nothing that was not asked for.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use fundwatch::web::Event;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::client::{get, post};
use crate::fakes::*;

const SEEDS: [&[u8]; 4] = [
    b"POST /v1/streams/claims HTTP/1.1\r\nhost: x\r\nauthorization: Bearer feed-token.1\r\ncontent-type: application/json\r\ncontent-length: 3\r\n\r\n{}\n",
    b"POST /v1/claims/xml HTTP/1.1\r\nhost: x\r\nauthorization: Bearer feed-token.1\r\ncontent-type: text/xml\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n4\r\n\x1f\x8b\x08\0\r\n0\r\n\r\n",
    b"GET /v1/alerts?reason=stale_card&limit=3 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer auditor-token.2\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\x0c\x01\x05\0\0\0\x01\x82\x86\x84\x41\x8a\x08\x9d\x5c\x0b\x81\x70\xdc\0\0\0",
];

fn noise() -> impl Strategy<Value = Vec<u8>> {
    let mutation = (any::<Index>(), any::<u8>(), 0..3_u8);
    let mutated = (0..SEEDS.len(), proptest::collection::vec(mutation, 1..12));
    let mutated = mutated.prop_map(|(seed, mutations)| {
        let mut bytes = SEEDS[seed].to_vec();
        for (place, byte, kind) in mutations {
            let place = place.index(bytes.len());
            match kind {
                0 => bytes[place] = byte,
                1 => bytes.insert(place, byte),
                _ => drop(bytes.remove(place)),
            }
        }
        bytes
    });
    prop_oneof![proptest::collection::vec(any::<u8>(), 0..600), mutated]
}

#[test]
fn no_bytes_end_the_listener() {
    let mut options = options();
    options.limits.header_timeout = Duration::from_millis(200);
    options.limits.keep_alive = Duration::from_millis(200);
    options.push.grace = Duration::from_millis(200);
    let (server, fake) = api(options);
    let at = server.local_addr();
    proptest!(ProptestConfig::with_cases(1500), |(noise in noise(), waits in any::<bool>())| {
        let mut socket = TcpStream::connect(at).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(if waits { 30 } else { 1 }))).unwrap();
        let _ = socket.write_all(&noise);
        if waits {
            let _ = socket.shutdown(Shutdown::Write);
        }
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer);
        // What it says of HTTP/1.1 is HTTP/1.1.
        if answer.len() > 12 && answer.starts_with(b"HTTP") {
            prop_assert!(answer.starts_with(b"HTTP/1."));
        }
    });
    assert_eq!(get(at, "/v1/status", AUDITOR).status, 200);
    assert_eq!(
        post(at, "/v1/streams/claims", FEED, "application/json", b"{}").status,
        200
    );
    assert_eq!(fake.count_of(Event::Panicked), 0);
    eventually("all are closed", || {
        fake.count_of(Event::ConnectionOpened) == fake.count_of(Event::ConnectionClosed)
    });
}
