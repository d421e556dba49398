//! Rows in: what is taken, what is refused, and before how much of it is read.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use fundwatch::record::Stream;
use fundwatch::web::Payload;

use crate::client::{ask, connect, post, read};
use crate::fakes::*;

const NDJSON: &str = "application/x-ndjson";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn push(at: std::net::SocketAddr, more: &[(&str, &str)], body: &[u8]) -> crate::client::Reply {
    let bearer = format!("Bearer {FEED}");
    let mut headers = vec![("authorization", bearer.as_str()), ("content-type", NDJSON)];
    headers.extend(more);
    ask(at, "POST", "/v1/streams/claims", &headers, body)
}

#[test]
fn rows_are_taken_in_every_form_and_packing() {
    let (server, fake) = api(options());
    let at = server.local_addr();
    let body = b"{\"a\":1}\nbad\n{\"a\":2}\n";
    for form in [
        NDJSON,
        "application/ndjson",
        "application/json; charset=utf-8",
    ] {
        let reply = post(at, "/v1/streams/claims", FEED, form, body);
        assert_eq!(reply.status, 200);
        assert_eq!(
            reply.json(),
            serde_json::json!({"accepted": 2, "rejected": [{"row": 2, "code": "bad_json"}], "epoch": 7})
        );
    }
    let zstd = zstd::encode_all(&body[..], 3).unwrap();
    assert_eq!(
        push(at, &[("content-encoding", "gzip")], &gzip(body)).status,
        200
    );
    assert_eq!(push(at, &[("content-encoding", "zstd")], &zstd).status, 200);
    assert_eq!(
        push(at, &[("content-encoding", "identity")], body).status,
        200
    );
    let chunked = b"8\r\n{\"a\":1}\n\r\n4;x=y\r\nbad\n\r\n8\r\n{\"a\":2}\n\r\n0\r\nx-t: 1\r\n\r\n";
    assert_eq!(
        push(at, &[("transfer-encoding", "chunked")], chunked).status,
        200
    );
    let seen = fake.pushes();
    assert_eq!(seen.len(), 7);
    assert!(
        seen.iter()
            .all(|own| *own == (Payload::Rows(Stream::Claims), body.to_vec()))
    );
    for form in ["application/xml", "text/xml; charset=UTF-8"] {
        assert_eq!(post(at, "/v1/claims/xml", FEED, form, b"<a/>").status, 200);
    }
    assert_eq!(fake.pushes()[8], (Payload::Envelope, b"<a/>".to_vec()));
    assert_eq!(push(at, &[], b"").json()["accepted"], 0);
}

#[test]
fn what_is_not_read_is_refused() {
    let (server, fake) = api(options());
    let at = server.local_addr();
    for (path, form) in [
        ("/v1/streams/claims", "text/plain"),
        ("/v1/streams/claims", "application/xml"),
        ("/v1/streams/claims", "application/json; charset=utf-16"),
        ("/v1/claims/xml", "application/json"),
        ("/v1/claims/xml", "text/xml; charset=windows-1258"),
    ] {
        let reply = post(at, path, FEED, form, b"x");
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (415, "unsupported_media_type"),
            "{form}"
        );
    }
    let bearer = format!("Bearer {FEED}");
    let reply = ask(
        at,
        "POST",
        "/v1/streams/claims",
        &[("authorization", &bearer)],
        b"x",
    );
    assert_eq!(reply.code(), "unsupported_media_type");
    for encoding in ["br", "gzip, gzip", "deflate", "gzip\u{e9}"] {
        let reply = push(at, &[("content-encoding", encoding)], b"x");
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (415, "unsupported_encoding"),
            "{encoding}"
        );
        assert_eq!(reply.header("accept-encoding"), Some("gzip, zstd"));
    }
    assert_eq!(
        push(at, &[("content-encoding", "gzip")], b"rubbish").code(),
        "bad_encoding"
    );
    // A stream that is not this feed's.
    assert_eq!(
        post(at, "/v1/streams/cards", FEED, NDJSON, b"x").status,
        403
    );
    for key in ["", "a b", "\u{e9}", &"k".repeat(256)] {
        let reply = push(at, &[("idempotency-key", key)], b"x");
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "bad_idempotency_key"),
            "{key}"
        );
    }
    let two = [("idempotency-key", "a"), ("idempotency-key", "b")];
    assert_eq!(push(at, &two, b"x").code(), "bad_idempotency_key");
    assert!(fake.pushes().is_empty());
    assert_eq!(
        push(at, &[("idempotency-key", &"k".repeat(255))], b"x").status,
        200
    );
}

#[test]
fn what_the_inlet_says_is_told() {
    let mut options = options();
    options.limits.request_timeout = Duration::from_secs(5);
    let (server, _) = api(options);
    let at = server.local_addr();
    for (key, status, code, retry) in [
        ("full", 429, "full", Some("3")),
        ("draining", 503, "draining", Some("10")),
        ("reused", 422, "key_reused", None),
        ("in-progress", 409, "in_progress", Some("1")),
        ("no-disk", 503, "unavailable", Some("10")),
        ("panic", 500, "internal", None),
        ("never", 503, "took_too_long", Some("5")),
    ] {
        let reply = push(at, &[("idempotency-key", key)], b"x");
        assert_eq!((reply.status, reply.code().as_str()), (status, code));
        assert_eq!(reply.header("retry-after"), retry, "{key}");
    }
    assert_eq!(push(at, &[], b"x").status, 200);
}

#[test]
fn bodies_that_are_too_large_are_refused_and_the_refusal_arrives() {
    let mut options = options();
    options.push.max_body = 100_000;
    options.push.max_unpacked = 1 << 21;
    let (server, fake) = api(options);
    let at = server.local_addr();
    // Announced: refused before a byte is read.
    let reply = push(
        at,
        &[("content-length", "100001"), ("expect", "100-continue")],
        b"",
    );
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (413, "body_too_large")
    );
    let reply = push(at, &[("content-length", "9999999999999999")], b"");
    assert_eq!(reply.status, 413);
    // All of it sent, whether or not anybody reads.
    let reply = push(at, &[], &vec![b'x'; 20_000_000]);
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (413, "body_too_large")
    );
    // Not announced.
    let mut chunked = Vec::new();
    for _ in 0..200 {
        chunked.extend(b"ffff\r\n");
        chunked.extend(vec![b'x'; 0xffff]);
        chunked.extend(b"\r\n");
    }
    let reply = push(at, &[("transfer-encoding", "chunked")], &chunked);
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (413, "body_too_large")
    );
    // Bombs.
    let bomb = gzip(&vec![0; 50_000_000]);
    assert!(bomb.len() < 100_000);
    let reply = push(at, &[("content-encoding", "gzip")], &bomb);
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (413, "unpacked_too_large")
    );
    let bomb = zstd::encode_all(&vec![0; 500_000_000][..], 19).unwrap();
    let reply = push(at, &[("content-encoding", "zstd")], &bomb);
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (413, "unpacked_too_large")
    );
    // A sender who is refused can send on for a while: a reset connection would take the answer from them.
    let mut socket = connect(at);
    let head = format!(
        "POST /v1/streams/claims HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {FEED}\r\ncontent-type: {NDJSON}\r\ncontent-length: 20000000\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    for _ in 0..200 {
        socket.write_all(&[b'x'; 100_000]).unwrap();
    }
    let reply = read(&mut socket).unwrap();
    assert_eq!(reply.status, 413);
    // And is told not to send the next request there.
    assert_eq!(reply.header("connection"), Some("close"));
    // A caller who is not known, or whose form is not read, is told so however much they send.
    let large = vec![b'x'; 5_000_000];
    assert_eq!(
        post(at, "/v1/streams/claims", "wrong", NDJSON, &large).status,
        401
    );
    assert_eq!(
        post(at, "/v1/streams/claims", FEED, "text/plain", &large).status,
        415
    );
    assert!(fake.pushes().is_empty());
    // As much as may be is taken.
    assert_eq!(push(at, &[], &vec![b'x'; 100_000]).status, 200);
}

#[test]
fn a_sender_waits_for_100_continue_only_as_long_as_it_is_not_refused() {
    let (server, _) = api(options());
    let mut socket = connect(server.local_addr());
    let head = format!(
        "POST /v1/streams/claims HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {FEED}\r\ncontent-type: {NDJSON}\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).unwrap();
    let mut told = [0; 25];
    socket.read_exact(&mut told).unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    socket.write_all(b"{}").unwrap();
    assert_eq!(read(&mut socket).unwrap().status, 200);
    // The connection is kept.
    socket
        .write_all(head.replace("content-type", "x-type").as_bytes())
        .unwrap();
    let mut told = [0; 12];
    socket.read_exact(&mut told).unwrap();
    assert_eq!(&told, b"HTTP/1.1 415");
}

#[test]
fn bytes_in_flight_are_bounded_until_their_rows_are_dropped() {
    let mut options = options();
    options.push.max_body = 1 << 20;
    options.push.max_unpacked = 1 << 20;
    options.push.in_flight = 4 << 20;
    options.push.in_flight_per_caller = 2 << 20;
    let (server, fake) = api(options);
    let at = server.local_addr();
    let body = vec![b'x'; 1 << 20];
    let hold = [("idempotency-key", "hold")];
    assert_eq!(push(at, &hold, &body).status, 200);
    assert_eq!(push(at, &hold, &body).status, 200);
    let reply = push(at, &[], b"x");
    assert_eq!((reply.status, reply.code().as_str()), (429, "full"));
    assert_eq!(reply.header("retry-after"), Some("2"));
    // Another feed is not kept out by this one.
    let other = |body: &[u8]| post(at, "/v1/streams/claims", "other-feed", NDJSON, body).status;
    assert_eq!(other(&body), 200);
    fake.held.lock().unwrap().pop();
    assert_eq!(push(at, &[], &body).status, 200);
    // A body that is only announced is charged as well, and is given back when its sender leaves.
    let mut sockets: Vec<_> = (0..1).map(|_| connect(at)).collect();
    for socket in &mut sockets {
        let head = format!(
            "POST /v1/streams/claims HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {FEED}\r\ncontent-type: {NDJSON}\r\ncontent-length: 1048576\r\n\r\nx"
        );
        socket.write_all(head.as_bytes()).unwrap();
    }
    std::thread::sleep(Duration::from_millis(300));
    eventually("the announced body is charged", || {
        push(at, &[], b"x").status == 429
    });
    drop(sockets);
    eventually("it is given back", || push(at, &[], b"x").status == 200);
}

#[test]
fn a_body_that_comes_too_slowly_is_ended_however_it_is_cut() {
    let mut options = options();
    options.push.grace = Duration::from_millis(400);
    options.push.min_rate = 1000;
    let (server, fake) = api(options);
    let at = server.local_addr();
    let head = format!(
        "POST /v1/streams/claims HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {FEED}\r\ncontent-type: {NDJSON}\r\n"
    );
    for kind in [
        "content-length: 500\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n",
    ] {
        let mut socket = connect(at);
        socket
            .write_all(format!("{head}{kind}").as_bytes())
            .unwrap();
        let start = Instant::now();
        let mut dripping = socket.try_clone().unwrap();
        let drip = if kind.contains("chunked") {
            "1\r\nx\r\n"
        } else {
            "x"
        };
        std::thread::spawn(move || {
            while dripping.write_all(drip.as_bytes()).is_ok() {
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        let reply = read(&mut socket).unwrap();
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (408, "body_too_slow")
        );
        assert!(
            start.elapsed() > Duration::from_millis(350),
            "{:?}",
            start.elapsed()
        );
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{:?}",
            start.elapsed()
        );
    }
    assert!(fake.pushes().is_empty());
}

#[test]
fn rows_of_a_sender_who_leaves_are_taken_whole() {
    let (server, fake) = api(options());
    let head = format!(
        "POST /v1/streams/claims HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {FEED}\r\ncontent-type: {NDJSON}\r\nidempotency-key: slow\r\ncontent-length: 2\r\n\r\n{{}}"
    );
    let mut socket = connect(server.local_addr());
    socket.write_all(head.as_bytes()).unwrap();
    eventually("submitted", || fake.pushes().len() == 1);
    drop(socket);
    // The body is broken off: nothing is submitted.
    let mut socket = connect(server.local_addr());
    socket
        .write_all(head.replace("length: 2", "length: 3").as_bytes())
        .unwrap();
    socket.shutdown(std::net::Shutdown::Write).unwrap();
    let mut rest = String::new();
    let _ = socket.read_to_string(&mut rest);
    assert!(
        rest.is_empty() || rest.starts_with("HTTP/1.1 400"),
        "{rest}"
    );
    assert_eq!(fake.pushes().len(), 1);
    eventually("left", || {
        fake.observed().iter().any(|(_, _, class)| *class == "4xx")
    });
}
