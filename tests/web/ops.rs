//! The ops listener, also while the API is at its end.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use crate::client::{ask, connect, get};
use crate::fakes::*;

#[test]
fn probes_and_scrapes_are_answered() {
    let fake = Arc::new(Fake::default());
    let server = ops(&fake);
    let at = server.local_addr();
    let get = |path| ask(at, "GET", path, &[], b"");
    let reply = get("/metrics");
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    assert!(reply.text().starts_with("# HELP "));
    let reply = get("/readyz");
    assert_eq!(reply.status, 503);
    assert_eq!(
        reply.json(),
        serde_json::json!({
            "ready": false,
            "reasons": [{ "code": "hydrating", "detail": "the journal is being read" }],
            "details": { "ruleset": "r1" },
        })
    );
    let reply = get("/startupz");
    assert_eq!(
        (reply.status, reply.json()["rows_done"].as_u64()),
        (503, Some(10))
    );
    let reply = get("/livez");
    assert_eq!(
        (reply.status, reply.json()["live"].as_bool()),
        (503, Some(false))
    );
    fake.is_ready.store(true, SeqCst);
    for path in ["/readyz", "/startupz", "/livez"] {
        let reply = get(path);
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
    assert_eq!(get("/v1/alerts").code(), "not_found");
    let reply = ask(at, "POST", "/metrics", &[], b"");
    assert_eq!(
        (reply.code().as_str(), reply.header("allow")),
        ("method_not_allowed", Some("GET,HEAD"))
    );
    assert_eq!(ask(at, "HEAD", "/livez", &[], b"").status, 200);
}

#[test]
fn an_api_that_is_at_its_end_does_not_reach_the_ops_listener() {
    let mut options = options();
    options.read.reads = 2;
    options.limits.max_connections = 300;
    options.limits.max_connections_per_peer = 300;
    let (api, fake) = api(options);
    let ops = ops(&fake);
    fake.is_ready.store(true, SeqCst);
    let (at, ops_at) = (api.local_addr(), ops.local_addr());
    let asking: Vec<_> = (0..24)
        .map(|_| std::thread::spawn(move || get(at, "/v1/alerts?reason=slow", AUDITOR).status))
        .collect();
    let _idle: Vec<_> = (0..276).map(|_| connect(at)).collect();
    let probe = |_| {
        let start = Instant::now();
        assert_eq!(ask(ops_at, "GET", "/livez", &[], b"").status, 200);
        assert_eq!(ask(ops_at, "GET", "/metrics", &[], b"").status, 200);
        start.elapsed()
    };
    let mut took: Vec<Duration> = (0..20).map(probe).collect();
    took.sort_unstable();
    assert!(took[10] < Duration::from_millis(150), "{took:?}");
    assert!(took[19] < Duration::from_secs(5), "{took:?}");
    let answers: Vec<u16> = asking.into_iter().map(|own| own.join().unwrap()).collect();
    assert!(
        answers.contains(&200) && answers.contains(&503),
        "{answers:?}"
    );
}
