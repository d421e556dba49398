//! Requests of the API: paths, parameters, headers and bodies of every route, over a real socket.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::LazyLock;
use std::time::Duration;

use fundwatch::web::{ROUTES, Server};

use super::{Target, behaviour, rows};

#[path = "../../web/fakes.rs"]
#[expect(clippy::unwrap_used, reason = "a test fails where it panics")]
#[allow(dead_code, reason = "not all of it is asked for here")]
mod fakes;

pub const TARGET: Target = Target {
    name: "http",
    seeds,
    tokens: &[
        "?limit=",
        "&page=",
        "&reason=",
        "&class=",
        "&state=open",
        "min_priority=1e308",
        "%00",
        "%ff",
        "%",
        "+",
        "=",
        "\"personal_id\":\"079051000001\"",
        "\"card_number\":",
        "\"si_number\":",
        "\"full_name\":\"Bí Mật\"",
        "\"sex\":1",
        "\"birth_date\":\"1951-01-01\"",
        "\"note\":\"\"",
        "18446744073709551616",
        "\\ud800",
        "full",
        "reused",
        "079051000001",
        "claims",
        "cards-topic",
        "5",
    ],
    run,
};

const CALLERS: [&str; 7] = [
    fakes::FEED,
    fakes::AUDITOR,
    fakes::STEWARD,
    fakes::DESK,
    fakes::NOBODY,
    fakes::PERSON,
    "",
];
const FORMS: [&str; 6] = [
    "application/x-ndjson",
    "application/json",
    "application/xml",
    "text/xml; charset=utf-8",
    "",
    "a/b; c=\"d",
];
const CODINGS: [&str; 4] = ["", "gzip", "zstd", "br, gzip"];

/// An input: route, caller, form, coding; a line for the end of the address, one for the key, one for a token; and the
/// body.
fn seeds() -> Vec<Vec<u8>> {
    let person =
        r#"{"personal_id":"079051000001","full_name":"Bí Mật","birth_date":"1951-01-01","sex":1}"#;
    let gzip = {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&b"{\"visit_id\":\"1\"}\n".repeat(50))
            .expect("memory takes it");
        gzip.finish().expect("memory takes it")
    };
    let zstd =
        zstd::encode_all(&*b"{\"visit_id\":\"1\"}\n".repeat(50), 1).expect("memory takes it");
    let of = |route: &str| {
        let place = ROUTES.iter().position(|own| own.template == route);
        place.expect("a route") as u8
    };
    let posted = |route: &str| {
        let mut all = ROUTES.iter();
        let place = all.position(|own| own.method == "POST" && own.template == route);
        place.expect("a route") as u8
    };
    let input = |head: [u8; 4], lines: [&str; 3], body: &[u8]| {
        [&head[..], lines.join("\n").as_bytes(), b"\n", body].concat()
    };
    let mut seeds = vec![
        input(
            [of("/v1/streams/{stream}"), 0, 0, 0],
            ["claims", "key-1", ""],
            b"{\"a\":1}\nbad\n",
        ),
        input(
            [of("/v1/streams/{stream}"), 0, 0, 1],
            ["claims", "key-2", ""],
            &gzip,
        ),
        input(
            [of("/v1/streams/{stream}"), 0, 0, 2],
            ["claims", "", ""],
            &zstd,
        ),
        input(
            [of("/v1/claims/xml"), 0, 2, 0],
            ["", "key-3", ""],
            b"<GIAMDINHHS/>",
        ),
        input(
            [of("/v1/authenticate"), 3, 1, 0],
            ["", "", ""],
            person.as_bytes(),
        ),
        input(
            [of("/v1/rejects/{id}/repair"), 2, 1, 0],
            ["5", "", ""],
            b"{\"visit_id\":\"1\"}",
        ),
        input(
            [of("/v1/rejects/{id}/dismiss"), 2, 1, 0],
            ["5", "", ""],
            b"{\"note\":\"a test\"}",
        ),
        input(
            [of("/v1/sources/{name}/resume"), 2, 1, 0],
            ["cards-topic", "", ""],
            b"",
        ),
        input(
            [of("/v1/alerts"), 1, 4, 0],
            ["?reason=overlapping_stay&limit=5&min_priority=3", "", ""],
            b"",
        ),
        input(
            [of("/v1/rejects"), 1, 4, 0],
            ["?page=9&limit=2", "", ""],
            b"",
        ),
        input(
            [of("/v1/queue"), 1, 4, 0],
            ["?view=open&band=p1&as_of=7&facility=79001", "", ""],
            b"",
        ),
        input(
            [of("/v1/queue/{alert_id}/act"), 5, 1, 0],
            [&fakes::alert_id(false), "", ""],
            &fakes::body("/v1/queue/x/act"),
        ),
        input(
            [of("/v1/queue/act"), 5, 1, 0],
            ["", "", ""],
            &fakes::body("/v1/queue/act"),
        ),
        input(
            [of("/v1/search"), 5, 1, 0],
            ["", "", ""],
            b"{\"number\":\"x\"}",
        ),
        input(
            [of("/v1/queue/{alert_id}/reveal"), 5, 1, 0],
            [&fakes::alert_id(false), "", ""],
            &fakes::body("/v1/queue/x/reveal"),
        ),
        input(
            [posted("/v1/batches"), 5, 1, 0],
            ["", "", ""],
            &fakes::body("/v1/batches"),
        ),
        input(
            [of("/v1/batches/{number}/decide"), 5, 1, 0],
            ["1", "", ""],
            &fakes::body("/v1/batches/1/decide"),
        ),
        input(
            [of("/v1/corrections/{reference}/act"), 5, 1, 0],
            ["0123456789abcdef0123456789abcdef", "", ""],
            &fakes::body("/v1/corrections/x/act"),
        ),
    ];
    // A token as it is presented, by nobody who is known.
    seeds.push(input(
        [of("/v1/status"), 6, 4, 0],
        ["", "", "Bearer feed-token.1"],
        b"",
    ));
    seeds
}

static SERVER: LazyLock<Server> = LazyLock::new(|| fakes::api(fakes::options()).0);

thread_local! {
    static CONNECTION: RefCell<Option<BufReader<TcpStream>>> = const { RefCell::new(None) };
}

fn run(input: &[u8]) -> u64 {
    let Some((&[route, caller, form, coding], rest)) = input.split_first_chunk() else {
        return 0;
    };
    let mut lines = rest.splitn(4, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (end, key, authorization, body) = (line(), line(), line(), line());
    let route = &ROUTES[usize::from(route) % ROUTES.len()];
    let mut request = Vec::new();
    let (before, after) = match route.template.split_once('{') {
        None => (route.template, ""),
        Some((before, rest)) => (before, rest.split_once('}').map_or("", |(_, after)| after)),
    };
    let address: Vec<u8> = end
        .iter()
        .copied()
        .filter(|byte| byte.is_ascii_graphic() && *byte != b'#')
        .collect();
    request.extend_from_slice(route.method.as_bytes());
    request.extend_from_slice(b" ");
    for part in [before.as_bytes(), &address, after.as_bytes()] {
        request.extend_from_slice(part);
    }
    request.extend_from_slice(b" HTTP/1.1\r\nhost: fuzz\r\n");
    let mut header = |name: &str, value: &[u8]| {
        if !value.is_empty() {
            request.extend_from_slice(name.as_bytes());
            request.extend_from_slice(b": ");
            // What HTTP does not allow in a value is hyper's to refuse.
            request.extend(
                value
                    .iter()
                    .filter(|byte| !matches!(**byte, b'\r' | b'\n' | 0)),
            );
            request.extend_from_slice(b"\r\n");
        }
    };
    let token = CALLERS[usize::from(caller) % CALLERS.len()];
    match token {
        "" => header("authorization", authorization),
        token => header("authorization", format!("Bearer {token}").as_bytes()),
    }
    header(
        "content-type",
        FORMS[usize::from(form) % FORMS.len()].as_bytes(),
    );
    header(
        "content-encoding",
        CODINGS[usize::from(coding) % CODINGS.len()].as_bytes(),
    );
    header("idempotency-key", key);
    header("content-length", body.len().to_string().as_bytes());
    request.extend_from_slice(b"\r\n");
    request.extend_from_slice(body);
    // These make the parts that are made up wait or panic.
    let is_on_purpose = [&b"panic"[..], b"never", b"slow", b"hold", b"broken"]
        .iter()
        .any(|word| {
            [end, key]
                .iter()
                .any(|text| text.windows(word.len()).any(|part| part == *word))
        });
    if is_on_purpose {
        return 0;
    }
    let (status, answer) = ask(&request);
    assert!(
        (200..500).contains(&status) || status == 503,
        "status {status}"
    );
    if status < 400 {
        return behaviour((route.template, status));
    }
    let problem: serde_json::Value = match answer.is_empty() {
        // Hyper's own refusals have no body.
        true => serde_json::Value::Null,
        false => serde_json::from_slice(&answer).expect("a problem is JSON"),
    };
    // The digest of the made-up alert is one of figures alone.
    let told = problem.to_string().replace(&"02".repeat(16), "");
    assert!(
        !rows::names_somebody(&told),
        "a problem shows a number: {problem}"
    );
    assert!(
        !problem.to_string().contains("Bí Mật"),
        "a problem shows a name: {problem}"
    );
    behaviour((
        route.template,
        status,
        problem["code"].as_str(),
        problem["detail"].as_str(),
    ))
}

fn ask(request: &[u8]) -> (u16, Vec<u8>) {
    CONNECTION.with(|connection| {
        let mut connection = connection.borrow_mut();
        // A connection that the server has closed meanwhile is opened anew, once.
        for _ in 0..2 {
            let reused = match connection.take() {
                Some(reused) => reused,
                None => {
                    let socket = TcpStream::connect(SERVER.local_addr()).expect("it listens");
                    let limit = Some(Duration::from_secs(20));
                    socket.set_read_timeout(limit).expect("a limit");
                    BufReader::new(socket)
                }
            };
            if let Ok((status, answer, kept)) = exchange(reused, request) {
                *connection = kept;
                return (status, answer);
            }
        }
        panic!("no answer");
    })
}

type Answered = (u16, Vec<u8>, Option<BufReader<TcpStream>>);

fn exchange(mut socket: BufReader<TcpStream>, request: &[u8]) -> std::io::Result<Answered> {
    let wrong = || std::io::Error::from(std::io::ErrorKind::InvalidData);
    // It may answer before all is sent, and close.
    let sent = socket.get_mut().write_all(request);
    let (mut status, mut length, mut is_chunked, mut closes) = (None, 0, false, sent.is_err());
    loop {
        let mut line = String::new();
        if socket.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end().to_ascii_lowercase();
        if status.is_none() {
            status = Some(
                line.split(' ')
                    .nth(1)
                    .and_then(|text| text.parse().ok())
                    .ok_or_else(wrong)?,
            );
        } else if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(|_| wrong())?;
        } else if line.starts_with("transfer-encoding:") {
            is_chunked = true;
        } else if line == "connection: close" {
            closes = true;
        } else if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    socket.read_exact(&mut body)?;
    if is_chunked {
        // Of an export, whose end is the end of the answer.
        let mut line = Vec::new();
        while line != b"0\r\n" {
            line.clear();
            if socket.read_until(b'\n', &mut line)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        socket.read_until(b'\n', &mut line)?;
    }
    Ok((status.ok_or_else(wrong)?, body, (!closes).then_some(socket)))
}
