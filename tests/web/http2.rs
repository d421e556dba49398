//! HTTP/2: the same answers, and what it alone makes possible.

use std::net::SocketAddr;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use bytes::Bytes;
use fundwatch::web::Event;
use h2::client::SendRequest;
use http::Request;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

use crate::client::get;
use crate::fakes::*;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

async fn connect(
    at: SocketAddr,
) -> (
    SendRequest<Bytes>,
    tokio::task::JoinHandle<Result<(), h2::Error>>,
) {
    let socket = TcpStream::connect(at).await.unwrap();
    let (client, connection) = h2::client::handshake(socket).await.unwrap();
    (client, tokio::spawn(connection))
}

fn request(method: &str, path: &str, token: &str) -> Request<()> {
    Request::builder()
        .method(method)
        .uri(format!("http://test{path}"))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/x-ndjson")
        .body(())
        .unwrap()
}

#[test]
fn pushes_and_exports_work_the_same() {
    let (server, fake) = api(options());
    let at = server.local_addr();
    fake.export_lines.store(50_000, SeqCst);
    runtime().block_on(async {
        let (client, _) = connect(at).await;
        let mut client = client.ready().await.unwrap();
        let (response, mut body) = client
            .send_request(request("POST", "/v1/streams/claims", FEED), false)
            .unwrap();
        body.send_data(Bytes::from_static(b"{}\nbad\n"), true)
            .unwrap();
        assert_eq!(response.await.unwrap().status(), 200);
        let (response, _) = client
            .send_request(request("GET", "/v1/alerts.ndjson", AUDITOR), true)
            .unwrap();
        let response = response.await.unwrap();
        assert_eq!(response.headers()["cache-control"], "no-store");
        let mut body = response.into_body();
        let mut lines = 0;
        while let Some(data) = body.data().await {
            let data = data.unwrap();
            body.flow_control().release_capacity(data.len()).unwrap();
            lines += data.iter().filter(|byte| **byte == b'\n').count();
        }
        assert_eq!(lines, 50_000);
        // A refusal does not wait for the body, and other streams go on.
        let (response, _body) = client
            .send_request(request("POST", "/v1/streams/claims", "wrong"), false)
            .unwrap();
        assert_eq!(response.await.unwrap().status(), 401);
        let (response, _) = client
            .send_request(request("GET", "/v1/status", AUDITOR), true)
            .unwrap();
        assert_eq!(response.await.unwrap().status(), 200);
    });
}

#[test]
fn an_export_that_breaks_off_is_an_error() {
    let (server, fake) = api(options());
    fake.export_lines.store(50_000, SeqCst);
    fake.export_fails_at.store(40_000, SeqCst);
    runtime().block_on(async {
        let (mut client, _) = connect(server.local_addr()).await;
        let (response, _) = client
            .send_request(request("GET", "/v1/alerts.ndjson", AUDITOR), true)
            .unwrap();
        let mut body = response.await.unwrap().into_body();
        let mut is_whole = true;
        while let Some(data) = body.data().await {
            match data {
                Ok(data) => body.flow_control().release_capacity(data.len()).unwrap(),
                Err(_) => {
                    is_whole = false;
                    break;
                }
            }
        }
        assert!(!is_whole);
    });
}

#[test]
fn a_flood_of_resets_ends_its_connection_and_no_other() {
    let (server, fake) = api(options());
    let at = server.local_addr();
    runtime().block_on(async {
        let (mut client, connection) = connect(at).await;
        let flood = async {
            for number in 0_u32.. {
                client = client.ready().await?;
                let (_, mut body) =
                    client.send_request(request("POST", "/v1/streams/claims", FEED), false)?;
                body.send_reset(h2::Reason::CANCEL);
                if number % 64 == 0 {
                    tokio::task::yield_now().await;
                }
                if number == 200_000 {
                    break;
                }
            }
            Ok::<(), h2::Error>(())
        };
        let flood = tokio::time::timeout(Duration::from_secs(60), flood)
            .await
            .unwrap();
        let other = tokio::task::spawn_blocking(move || get(at, "/v1/status", AUDITOR).status);
        assert_eq!(other.await.unwrap(), 200);
        let ended = flood.unwrap_err();
        assert_eq!(ended.reason(), Some(h2::Reason::ENHANCE_YOUR_CALM));
        let _ = tokio::time::timeout(Duration::from_secs(5), connection).await;
    });
    assert!(fake.pushes().is_empty());
    assert_eq!(fake.count_of(Event::Panicked), 0);
    let drained = server.shutdown(Duration::from_secs(5));
    assert_eq!(drained.cut, 0);
}

#[test]
fn a_peer_that_opens_no_window_gives_its_thread_back_and_is_cut() {
    let mut options = options();
    options.read.line_patience = Duration::from_millis(300);
    options.read.exports = 1;
    let (server, fake) = api(options);
    let at = server.local_addr();
    fake.export_lines.store(1_000_000, SeqCst);
    runtime().block_on(async {
        let socket = TcpStream::connect(at).await.unwrap();
        let (mut client, connection) = h2::client::Builder::new()
            .initial_window_size(0)
            .handshake::<_, Bytes>(socket)
            .await
            .unwrap();
        tokio::spawn(connection);
        let (response, _) = client
            .send_request(request("GET", "/v1/alerts.ndjson", AUDITOR), true)
            .unwrap();
        let response = response.await.unwrap();
        assert_eq!(response.status(), 200);
        let given_up = async {
            while fake.log().len() < 2 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), given_up)
            .await
            .unwrap();
        drop(response);
    });
    fake.export_lines.store(1, SeqCst);
    eventually("its thread is free", || {
        get(at, "/v1/alerts.ndjson", AUDITOR).status == 200
    });
}

#[test]
fn an_answer_that_is_never_taken_ends_its_connection() {
    let mut options = options();
    options.limits.request_timeout = Duration::from_millis(300);
    options.limits.write_timeout = Duration::from_millis(300);
    let (server, fake) = api(options);
    runtime().block_on(async {
        let socket = TcpStream::connect(server.local_addr()).await.unwrap();
        let (mut client, connection) = h2::client::Builder::new()
            .initial_window_size(0)
            .handshake::<_, Bytes>(socket)
            .await
            .unwrap();
        let connection = tokio::spawn(connection);
        let (response, _) = client
            .send_request(request("GET", "/v1/status", AUDITOR), true)
            .unwrap();
        let _response = response.await.unwrap();
        tokio::time::timeout(Duration::from_secs(10), connection)
            .await
            .unwrap()
            .unwrap()
            .ok();
    });
    eventually("cut", || fake.count_of(Event::Cut) == 1);
}

#[test]
fn streams_of_a_connection_are_bounded() {
    let mut options = options();
    options.limits.max_h2_streams = 4;
    let (server, _) = api(options);
    runtime().block_on(async {
        let (client, _) = connect(server.local_addr()).await;
        let mut client = client.ready().await.unwrap();
        let mut open = Vec::new();
        // The bound is known once the server's settings have come.
        let (response, _) = client
            .send_request(request("GET", "/v1/status", AUDITOR), true)
            .unwrap();
        assert_eq!(response.await.unwrap().status(), 200);
        for _ in 0..4 {
            client = client.ready().await.unwrap();
            open.push(
                client
                    .send_request(request("POST", "/v1/streams/claims", FEED), false)
                    .unwrap(),
            );
        }
        assert_eq!(client.current_max_send_streams(), 4);
        client = client.ready().await.unwrap();
        let (fifth, _) = client
            .send_request(request("GET", "/v1/status", AUDITOR), true)
            .unwrap();
        let mut fifth = std::pin::pin!(fifth);
        let waiting = tokio::time::timeout(Duration::from_millis(300), fifth.as_mut()).await;
        assert!(waiting.is_err(), "a fifth stream was opened");
        let (first, mut body) = open.remove(0);
        body.send_data(Bytes::from_static(b"{}"), true).unwrap();
        assert_eq!(first.await.unwrap().status(), 200);
        assert_eq!(fifth.await.unwrap().status(), 200);
    });
}
