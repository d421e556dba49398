//! A receiver of webhooks that speaks HTTP/1.1: in this process, or in one that can be killed.
//!
//! Must hold: a request is written down before it is answered; its signature is what RFC 2104 and the
//! specification of Standard Webhooks say, by code of its own.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::SECRET_BYTES;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub line: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
    pub at: Instant,
}

impl Request {
    pub fn key(&self) -> &str {
        &self.headers["webhook-id"]
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Whether the signature is right, and of when it came.
    pub fn is_signed(&self) -> bool {
        let timestamp = &self.headers["webhook-timestamp"];
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap();
        let came = now.saturating_sub(self.at.elapsed());
        let age = came.as_secs().abs_diff(timestamp.parse().unwrap());
        let signed = format!("{}.{timestamp}.{}", self.key(), self.body);
        let expected = format!(
            "v1,{}",
            STANDARD.encode(hmac(&SECRET_BYTES, signed.as_bytes()))
        );
        age < 60 && self.headers["webhook-signature"] == expected
    }
}

/// HMAC-SHA256 as RFC 2104 writes it, for keys of at most a block.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let pad = |byte: u8| {
        let mut block = [byte; 64];
        block.iter_mut().zip(key).for_each(|(b, k)| *b ^= k);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message);
    let outer = Sha256::new()
        .chain_update(pad(0x5c))
        .chain_update(inner.finalize());
    outer.finalize().to_vec()
}

/// What a receiver answers.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub after: Duration,
}

impl Reply {
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            after: Duration::ZERO,
        }
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub fn after(mut self, after: Duration) -> Self {
        self.after = after;
        self
    }
}

type Replies = dyn FnMut(&Request) -> Reply + Send;

/// A receiver in this process, until the process ends.
pub struct Receiver {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    replies: Arc<Mutex<Box<Replies>>>,
}

impl Receiver {
    pub fn new(replies: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let receiver = Self {
            address: listener.local_addr().unwrap(),
            requests: Arc::default(),
            replies: Arc::new(Mutex::new(Box::new(replies))),
        };
        let (requests, replies) = (receiver.requests.clone(), receiver.replies.clone());
        let answer = move |request: Request| {
            let reply = (replies.lock().unwrap())(&request);
            requests.lock().unwrap().push(request);
            reply
        };
        std::thread::spawn(move || serve(&listener, answer));
        receiver
    }

    pub fn url(&self) -> String {
        format!("http://{}/notices", self.address)
    }

    /// From now on it answers so.
    pub fn replies(&self, replies: impl FnMut(&Request) -> Reply + Send + 'static) {
        *self.replies.lock().unwrap() = Box::new(replies);
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(listener: &TcpListener, answer: impl FnMut(Request) -> Reply + Clone + Send + 'static) {
    for stream in listener.incoming() {
        let (stream, answer) = (stream.unwrap(), answer.clone());
        std::thread::spawn(move || converse(stream.try_clone().unwrap(), stream, answer));
    }
}

/// Answers the requests of one connection. It ends when the other side has gone.
pub fn converse(
    reader: impl Read,
    mut writer: impl Write,
    mut answer: impl FnMut(Request) -> Reply,
) {
    let mut reader = BufReader::new(reader);
    while let Some(request) = read(&mut reader) {
        let reply = answer(request);
        std::thread::sleep(reply.after);
        let mut head = format!("HTTP/1.1 {} told\r\ncontent-length: 2\r\n", reply.status);
        for (name, value) in &reply.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if writer
            .write_all(format!("{head}\r\nok").as_bytes())
            .is_err()
        {
            return;
        }
        let _ = writer.flush();
    }
}

fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut next = || {
        let mut line = String::new();
        reader
            .read_line(&mut line)
            .ok()
            .filter(|bytes| *bytes > 0)?;
        Some(line.trim_end().to_owned())
    };
    let line = next()?;
    let mut headers = BTreeMap::new();
    loop {
        let header = next()?;
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').unwrap();
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers
        .get("content-length")
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request {
        line,
        headers,
        body: String::from_utf8(body).unwrap(),
        at: Instant::now(),
    })
}

/// A receiver in a process of its own, which is killed when this is dropped.
pub struct Process {
    child: Child,
}

/// How long the process takes for an answer.
const THINKS: Duration = Duration::from_millis(4);

impl Process {
    /// Starts one that writes the key of each request whose signature is right to a file.
    pub fn start(address: SocketAddr, log: &Path) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "receiver::process", "--ignored"])
            .env("FUNDWATCH_RECEIVER", address.to_string())
            .env("FUNDWATCH_RECEIVER_LOG", log)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let process = Self { child };
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(
                started.elapsed() < Duration::from_secs(30),
                "the receiver starts"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
        process
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// No test: the process that [`Process`] starts.
#[test]
#[ignore = "it is a receiver, and is started by tests"]
fn process() {
    let (Ok(address), Ok(log)) = (
        std::env::var("FUNDWATCH_RECEIVER"),
        std::env::var("FUNDWATCH_RECEIVER_LOG"),
    ) else {
        return;
    };
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .unwrap();
    let log = Arc::new(Mutex::new(log));
    let listener = TcpListener::bind(address).unwrap();
    serve(&listener, move |request| {
        assert!(request.is_signed());
        writeln!(log.lock().unwrap(), "{}", request.key()).unwrap();
        Reply::status(204).after(THINKS)
    });
}
