//! Strangers send what hurts, to every listener, while an ordinary sender goes on.
//!
//! Must hold: nothing of it is taken, or ends the service, or fills its memory; the ordinary sender is answered.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::client::Client;
use crate::server::{Server, Site, Where};

/// What an ordinary push may take meanwhile, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);
/// How much memory the service may take on, in KiB.
const GROWTH: u64 = 512 << 10;

const NDJSON: &str = "application/x-ndjson";
const XML: &str = "application/xml";

fn row(id: u32) -> String {
    format!(
        "{{\"recorded_at\":\"2026-03-05T10:00:00+07:00\",\"report_id\":\"R{id}\",\"death_date\":\"2026-03\",\
         \"source\":\"court\"}}\n"
    )
}

/// Entities of entities: three gigabytes, were they replaced.
fn bomb() -> Vec<u8> {
    let mut text = String::from("<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a0 \"aaaaaaaaaa\">");
    for depth in 1..9 {
        let inner = format!("&a{};", depth - 1).repeat(10);
        text.push_str(&format!("<!ENTITY a{depth} \"{inner}\">"));
    }
    text.push_str("]><GIAMDINHHS>&a8;</GIAMDINHHS>");
    text.into_bytes()
}

fn packed_zeros(bytes: usize) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    let piece = vec![b'0'; 1 << 20];
    for _ in 0..bytes >> 20 {
        packer.write_all(&piece).unwrap();
    }
    packer.finish().unwrap()
}

/// Sends bytes as they are; gives the first line of what comes back, if something does.
fn raw(at: &str, parts: &[&[u8]]) -> String {
    let Ok(mut socket) = TcpStream::connect(at.trim_start_matches("http://")) else {
        return String::new();
    };
    socket
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    for part in parts {
        // It may have been answered and closed by now.
        if socket.write_all(part).is_err() {
            break;
        }
    }
    let mut answer = [0; 64];
    let read = socket.read(&mut answer).unwrap_or_default();
    String::from_utf8_lossy(&answer[..read])
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn head(path: &str, token: &str, more: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: {NDJSON}\r\n{more}\r\n"
    )
    .into_bytes()
}

/// What is sent in a round, each held to how it is turned away.
fn attack(site: &Site, at: &Where, ops: &str) {
    let path = "/v1/streams/death_reports";
    let (feed, nobody) = (
        Client::new(at.clone(), site.feed()),
        Client::new(at.clone(), "fw_0000"),
    );
    let post = |client: &Client, to: (&str, &str), body: &[u8]| {
        static SENT: AtomicU32 = AtomicU32::new(0);
        let key = format!("hostile-{}", SENT.fetch_add(1, Ordering::Relaxed));
        client.post(to, &key, body, None)
    };
    let status = |answer: Option<crate::client::Answer>| answer.map(|answer| answer.status);
    assert_eq!(
        status(post(&nobody, (path, NDJSON), row(1).as_bytes())),
        Some(401)
    );
    assert_eq!(status(post(&feed, (path, "text/html"), b"<p>")), Some(415));
    let deep = [b"[".repeat(200_000), b"\n".to_vec()].concat();
    for bad in [
        &deep[..],
        b"\xff\xfe\x00{}\n",
        b"{\"report_id\":\"\xc3\x28\"}\n",
    ] {
        let answer = post(&feed, (path, NDJSON), bad).expect("an answer");
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!((answer.status, &told["accepted"]), (200, &0.into()));
        assert_eq!(told["rejected"].as_array().map(Vec::len), Some(1));
    }
    let nested = "<a>".repeat(200_000).into_bytes();
    for bad in [bomb(), nested] {
        let answer = post(&feed, ("/v1/claims/xml", XML), &bad).expect("an answer");
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        let is_refused = (400..500).contains(&answer.status);
        let is_rejected = answer.status == 200 && told["accepted"] == 0;
        assert!(
            is_refused || is_rejected,
            "{}: {}",
            answer.status,
            answer.body
        );
    }
    let api = at.api().expect("it runs");
    let large = head(path, site.feed(), "content-length: 10737418240\r\n");
    assert!(raw(&api, &[&large]).contains(" 413 "));
    let zeros = packed_zeros(256 << 20);
    let length = format!(
        "content-length: {}\r\ncontent-encoding: gzip\r\n",
        zeros.len()
    );
    let packed = head(path, site.feed(), &length);
    assert!(raw(&api, &[&packed, &zeros]).contains(" 413 "));
    let endless = head(path, site.feed(), "transfer-encoding: chunked\r\n");
    let piece = [
        b"100000\r\n".to_vec(),
        vec![b'1'; 1 << 20],
        b"\r\n".to_vec(),
    ]
    .concat();
    let pieces: Vec<&[u8]> = std::iter::once(&endless[..])
        .chain(std::iter::repeat_n(&piece[..], 64))
        .collect();
    let answer = raw(&api, &pieces);
    // The answer is lost where the sender goes on after the end.
    assert!(answer.contains(" 413 ") || answer.is_empty(), "{answer}");
    for listener in [&*api, ops] {
        let rubbish = raw(listener, &[b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"]);
        assert!(!rubbish.contains(" 200 "), "{rubbish}");
        let names = format!("GET /livez HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(100_000));
        let answer = raw(listener, &[names.as_bytes()]);
        assert!(!answer.contains(" 200 "), "{answer}");
    }
    let body = head("/metrics", "x", "content-length: 10737418240\r\n");
    assert!(!raw(ops, &[&body]).contains(" 200 "));
}

fn memory(server: &Server<'_>) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.unwrap().trim().trim_end_matches(" kB");
    peak.parse().unwrap()
}

#[test]
fn strangers_end_nothing_and_stop_nobody() {
    let (site, at) = (Site::new(""), Where::default());
    let mut server = site.start(&at);
    let sender = Client::new(at.clone(), site.feed());
    let sent = AtomicU32::new(0);
    let push = || {
        let id = sent.fetch_add(1, Ordering::Relaxed);
        let began = Instant::now();
        let to = ("/v1/streams/death_reports", NDJSON);
        let answer = sender.post(to, &format!("sender-{id}"), row(id).as_bytes(), None);
        let answer = answer.expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(answer.body.contains("\"accepted\":1"), "{}", answer.body);
        began.elapsed()
    };
    for _ in 0..20 {
        push();
    }
    let before = memory(&server);
    let ops = server.ops();
    let is_over = AtomicBool::new(false);
    let longest = std::thread::scope(|scope| {
        let slow = |listener: String| {
            let is_over = &is_over;
            scope.spawn(move || {
                // Heads that come a byte at a time, and never end.
                let connect = || TcpStream::connect(listener.trim_start_matches("http://"));
                let mut sockets: Vec<TcpStream> = (0..40).filter_map(|_| connect().ok()).collect();
                while !is_over.load(Ordering::Relaxed) {
                    sockets.retain_mut(|socket| socket.write_all(b"G").is_ok());
                    std::thread::sleep(Duration::from_millis(100));
                }
            })
        };
        slow(at.api().expect("it runs"));
        slow(ops.clone());
        let attacks: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| (0..2).for_each(|_| attack(&site, &at, &ops))))
            .collect();
        let mut longest = Duration::ZERO;
        while attacks.iter().any(|attack| !attack.is_finished()) {
            longest = longest.max(push());
        }
        is_over.store(true, Ordering::Relaxed);
        longest
    });
    assert!(longest < PATIENCE, "{longest:?}");
    server.assert_runs();
    let grown = memory(&server).saturating_sub(before);
    assert!(grown < GROWTH, "{grown} KiB more");
    assert_eq!(server.readiness().map(|(status, _)| status), Some(200));
    let log = site.log();
    assert!(!log.contains("panicked"), "{log}");
    server.stop();
}
