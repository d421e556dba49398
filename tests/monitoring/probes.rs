//! /livez, /readyz and /startupz over the life of a service: while it computes its journal again, while it runs, while
//! it is stopped.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::running::{Country, Data, Running, until};

const SOON: Duration = Duration::from_secs(30);

/// A service whose journal takes a while to be computed again.
fn with_a_journal() -> Data {
    let data = Data::new();
    let mut service = Running::start(&data, "").ready();
    service.push_all(&Country::new(20_000));
    service.process.terminate();
    assert!(service.process.ended(SOON).success());
    data
}

#[test]
fn a_start_says_what_it_waits_for_until_all_is_computed() {
    let data = with_a_journal();
    let service = Running::start(&data, "");
    let readiness = service
        .ops("/readyz")
        .expect("probes answer from the first moment");
    let startup = until("what the journal holds is known", SOON, || {
        let startup = service.ops("/startupz").expect("it answers");
        (startup.json()["phase"] != "opening").then_some(startup)
    });
    let live = service.ops("/livez").expect("it answers");
    assert_eq!(live.status, 200, "{live:?}");
    assert_eq!(startup.status, 503, "{startup:?}");
    assert_eq!(startup.json()["phase"], "recovering");
    assert!(
        startup.json()["rows_total"].as_u64() > Some(10_000),
        "{startup:?}"
    );
    assert_eq!(readiness.status, 503, "{readiness:?}");
    assert_eq!(readiness.json()["ready"], false);
    let code = &readiness.json()["reasons"][0]["code"];
    assert!(code == "opening" || code == "hydrating", "{readiness:?}");
    assert_eq!(readiness.content_type, "application/json");

    let readiness = until("/readyz", SOON, || {
        service.ops("/readyz").filter(|answer| answer.status == 200)
    });
    // What the journal holds is stored, to its last epoch.
    let details = &readiness.json()["details"];
    assert!(details["sealed_epoch"].as_u64() > Some(0), "{details}");
    assert_eq!(details["sealed_epoch"], details["committed_epoch"]);
    for probe in ["/startupz", "/livez"] {
        assert_eq!(service.ops(probe).map(|answer| answer.status), Some(200));
    }
}

#[test]
fn a_stop_is_told_while_requests_that_have_begun_are_finished() {
    let data = Data::new();
    let mut service = Running::start(&data, "").ready();
    let row = Country::new(1_000).rows("citizens");
    let row = row.lines().next().expect("a citizen");
    let mut request = TcpStream::connect(&service.api).expect("it listens");
    let (begun, rest) = row.split_at(row.len() / 2);
    write!(
        request,
        "POST /v1/streams/citizens HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\
         content-type: application/x-ndjson\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{begun}",
        data.token,
        row.len(),
    )
    .expect("sent");
    // So that it is taken in before it is told to stop.
    std::thread::sleep(Duration::from_millis(300));
    service.process.terminate();
    let unready = until("/readyz says that it stops", Duration::from_secs(5), || {
        service.ops("/readyz").filter(|answer| answer.status == 503)
    });
    assert_eq!(
        unready.json()["reasons"][0]["code"],
        "draining",
        "{unready:?}"
    );
    assert_eq!(service.ops("/livez").map(|answer| answer.status), Some(200));
    request.write_all(rest.as_bytes()).expect("sent");
    let mut answer = String::new();
    request.read_to_string(&mut answer).expect("an answer");
    assert!(
        answer.starts_with("HTTP/1.1 200 "),
        "what has begun is taken: {answer}"
    );
    assert!(service.process.ended(SOON).success());
}
