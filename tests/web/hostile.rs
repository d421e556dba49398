//! Peers that mean harm: slow ones, many ones, and ones that do not speak HTTP.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use fundwatch::web::Event;

use crate::client::{ask, connect, get, post, read};
use crate::fakes::*;

/// How long ordinary requests take: the median, which a busy machine moves little, and the worst.
fn latency(at: SocketAddr, requests: usize) -> (Duration, Duration) {
    let one = |_| {
        let start = Instant::now();
        assert_eq!(get(at, "/v1/status", AUDITOR).status, 200);
        let form = "application/x-ndjson";
        let pushed = post(at, "/v1/streams/claims", "other-feed", form, b"{}\n");
        assert_eq!(pushed.status, 200);
        start.elapsed()
    };
    let mut took: Vec<Duration> = (0..requests).map(one).collect();
    took.sort_unstable();
    (took[requests / 2], took[requests - 1])
}

fn assert_unmoved((median, worst): (Duration, Duration)) {
    let (usual, bound) = (Duration::from_millis(150), Duration::from_secs(5));
    assert!(median < usual && worst < bound, "{median:?} {worst:?}");
}

#[test]
fn an_ordinary_client_does_not_notice_slow_ones() {
    let mut options = options();
    options.limits.max_connections_per_peer = 2000;
    options.limits.header_timeout = Duration::from_secs(2);
    options.push.grace = Duration::from_secs(2);
    options.push.min_rate = 10_000;
    let (server, fake) = api(options);
    let at = server.local_addr();
    let mut heads: Vec<TcpStream> = (0..300).map(|_| connect(at)).collect();
    let mut bodies: Vec<TcpStream> = (0..200).map(|_| connect(at)).collect();
    let head = format!(
        "POST /v1/streams/claims HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {FEED}\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n"
    );
    for body in &mut bodies {
        body.write_all(head.as_bytes()).unwrap();
    }
    let dripping = std::thread::spawn(move || {
        let mut at = 0;
        while !heads.is_empty() || !bodies.is_empty() {
            heads.retain_mut(|socket| {
                socket
                    .write_all(
                        &b"GET / HTTP/1.1\r\nx-a: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
                            [at % 50..=at % 50],
                    )
                    .is_ok()
            });
            bodies.retain_mut(|socket| socket.write_all(b"x").is_ok());
            at += 1;
            std::thread::sleep(Duration::from_millis(30));
            assert!(at < 1000, "slow senders are never ended");
        }
    });
    assert_unmoved(latency(at, 60));
    dripping.join().unwrap();
    // More, where a slow body went on after its refusal.
    assert!(fake.count_of(Event::Cut) >= 300);
    let slow = fake
        .observed()
        .iter()
        .filter(|(_, _, class)| *class == "4xx")
        .count();
    assert_eq!(slow, 200);
}

#[test]
fn a_thousand_idle_connections_cost_others_nothing_and_end() {
    let mut options = options();
    options.limits.max_connections = 1010;
    options.limits.max_connections_per_peer = 1010;
    options.limits.header_timeout = Duration::from_secs(12);
    options.limits.keep_alive = Duration::from_secs(12);
    let (server, fake) = api(options);
    let at = server.local_addr();
    let mut idle: Vec<TcpStream> = (0..1000).map(|_| connect(at)).collect();
    // Half of them are idle after a request.
    for socket in &mut idle[..500] {
        socket
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            .unwrap();
        assert_eq!(read(socket).unwrap().status, 404);
    }
    assert_unmoved(latency(at, 30));
    for socket in &mut idle {
        assert_eq!(socket.read(&mut [0; 100]).unwrap(), 0);
    }
    drop(idle);
    let closed =
        || fake.count_of(Event::ConnectionOpened) == fake.count_of(Event::ConnectionClosed);
    eventually("all are closed", closed);
}

#[test]
fn connections_are_bounded_from_one_address_and_in_all() {
    let mut options = options();
    options.limits.max_connections = 5;
    options.limits.max_connections_per_peer = 3;
    let (server, fake) = api(options);
    let at = server.local_addr();
    let from = |peer: &str| {
        // Loopback has many addresses.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let socket = tokio::net::TcpSocket::new_v4().unwrap();
            socket.bind(format!("{peer}:0").parse().unwrap()).unwrap();
            let socket = socket.connect(at).await.unwrap().into_std().unwrap();
            socket.set_nonblocking(false).unwrap();
            socket
        })
    };
    let status = |mut socket: &TcpStream| {
        let sent = socket.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n");
        sent.and_then(|()| read(&mut socket))
            .map_or(0, |reply| reply.status)
    };
    let first: Vec<_> = (0..3).map(|_| from("127.0.0.1")).collect();
    for socket in &first {
        assert_eq!(status(socket), 404);
    }
    assert_eq!(status(&from("127.0.0.1")), 0);
    eventually("counted", || fake.count_of(Event::RefusedPeer) == 1);
    let second: Vec<_> = (0..2).map(|_| from("127.0.0.2")).collect();
    assert_eq!(status(&second[1]), 404);
    assert_eq!(status(&from("127.0.0.3")), 0);
    eventually("counted", || fake.count_of(Event::RefusedTotal) == 1);
    drop(first);
    eventually("seats come back", || status(&from("127.0.0.3")) == 404);
}

#[test]
fn heads_are_bounded() {
    let (server, fake) = api(options());
    let at = server.local_addr();
    let send = |bytes: &[u8]| {
        let mut socket = connect(at);
        let _ = socket.write_all(bytes);
        read(&mut socket).map_or(0, |reply| reply.status)
    };
    let many: String = (0..100)
        .map(|number| format!("x-{number}: 1\r\n"))
        .collect();
    assert_eq!(
        send(format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n").as_bytes()),
        431
    );
    let long = "a".repeat(1 << 20);
    assert_eq!(
        send(format!("GET / HTTP/1.1\r\nhost: x\r\nx: {long}\r\n\r\n").as_bytes()),
        431
    );
    let status = send(format!("GET /{long} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes());
    assert!([414, 431].contains(&status), "{status}");
    assert!(fake.observed().is_empty());
}

#[test]
fn what_is_not_http_is_400_and_nothing_of_it_is_done() {
    let (server, fake) = api(options());
    let at = server.local_addr();
    let token = format!("authorization: Bearer {FEED}\r\ncontent-type: application/json\r\n");
    let wrong: Vec<Vec<u8>> = vec![
        b"\0\0\0\0\0\0\0\0\r\n\r\n".to_vec(),
        b"GET /\0 HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nhost\0: x\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nhost : x\r\n\r\n".to_vec(),
        b"GET / HTTP/9.9\r\n\r\n".to_vec(),
        b"GET\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n".to_vec(),
        // Requests that a proxy and a server may cut in different places.
        format!("POST /v1/streams/claims HTTP/1.1\r\nhost: x\r\n{token}content-length: 2\r\ncontent-length: 3\r\n\r\n{{}}x").into_bytes(),
        format!("POST /v1/streams/claims HTTP/1.1\r\nhost: x\r\n{token}content-length: -2\r\n\r\n{{}}").into_bytes(),
        format!("POST /v1/streams/claims HTTP/1.1\r\nhost: x\r\n{token}content-length: 2, 2\r\n\r\n{{}}").into_bytes(),
        format!("POST /v1/streams/claims HTTP/1.1\r\nhost: x\r\n{token}transfer-encoding: gzip\r\n\r\n{{}}").into_bytes(),
    ];
    for bytes in wrong {
        let mut socket = connect(at);
        socket.write_all(&bytes).unwrap();
        socket.shutdown(std::net::Shutdown::Write).unwrap();
        let status = read(&mut socket).map_or(0, |reply| reply.status);
        assert!(
            [0, 400].contains(&status),
            "{status} {:?}",
            String::from_utf8_lossy(&bytes)
        );
    }
    // Chunks that are no chunks.
    for chunks in [
        "zz\r\n{}\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\n",
        "-1\r\n",
        "2\r\n{}xx0\r\n\r\n",
    ] {
        let reply = ask(
            at,
            "POST",
            "/v1/streams/claims",
            &[
                ("authorization", &format!("Bearer {FEED}")),
                ("content-type", "application/json"),
                ("transfer-encoding", "chunked"),
            ],
            chunks.as_bytes(),
        );
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "bad_body"),
            "{chunks}"
        );
    }
    assert!(fake.pushes().is_empty());
    // Bytes of UTF-8 in a path are only an unknown path.
    let mut socket = connect(at);
    socket
        .write_all(b"GET /\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n")
        .unwrap();
    let status = read(&mut socket).map_or(0, |reply| reply.status);
    assert!([400, 404].contains(&status), "{status}");
}

#[test]
fn requests_may_follow_each_other_and_rubbish_ends_them() {
    let (server, _) = api(options());
    let at = server.local_addr();
    let mut socket = connect(at);
    let request =
        format!("GET /v1/status HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {AUDITOR}\r\n\r\n");
    socket
        .write_all(
            format!("{request}{request}{request}\u{1}\u{2}rubbish\r\n\r\n{request}").as_bytes(),
        )
        .unwrap();
    let statuses: Vec<u16> = (0..4)
        .map_while(|_| read(&mut socket).ok())
        .map(|reply| reply.status)
        .collect();
    assert_eq!(statuses, [200, 200, 200, 400]);
    assert_eq!(socket.read(&mut [0; 10]).unwrap_or(0), 0);
}

#[test]
fn a_peer_that_takes_no_answers_is_cut() {
    let mut options = options();
    options.limits.write_timeout = Duration::from_millis(500);
    let (server, fake) = api(options);
    fake.export_lines
        .store(10_000_000, std::sync::atomic::Ordering::SeqCst);
    let at = server.local_addr();
    let mut socket = connect(at);
    let request = format!(
        "GET /v1/alerts.ndjson HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {AUDITOR}\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).unwrap();
    eventually("cut", || fake.count_of(Event::Cut) == 1);
    eventually("its thread is free", || fake.log().len() == 2);
}
