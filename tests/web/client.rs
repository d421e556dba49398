//! A client that sends exactly what it is told, and reads what comes.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::said::{self, Kind};

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Whether the body came as whole as its headers say.
    pub is_whole: bool,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The code of a problem, whose form is checked.
    pub fn code(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{problem}");
        for text in ["title", "detail", "remedy"] {
            assert!(!problem[text].as_str().unwrap().is_empty(), "{problem}");
        }
        problem["code"].as_str().unwrap().to_owned()
    }
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect(address).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    socket
        .set_write_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    socket
}

/// Sends a request on a connection of its own.
pub fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Reply {
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    let has_length = headers.iter().any(|(name, _)| {
        name.eq_ignore_ascii_case("content-length")
            || name.eq_ignore_ascii_case("transfer-encoding")
    });
    if method == "POST" && !has_length {
        request.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    request.push_str("\r\n");
    let mut socket = connect(address);
    socket.write_all(request.as_bytes()).unwrap();
    // A refusal may come before all is sent.
    let _ = socket.write_all(body);
    let reply = read(&mut socket).unwrap();
    if reply.status >= 400 {
        said::keep(Kind::Error, &String::from_utf8_lossy(&reply.body));
    }
    reply
}

/// GET with a token.
pub fn get(address: SocketAddr, path: &str, token: &str) -> Reply {
    ask(
        address,
        "GET",
        path,
        &[("authorization", &format!("Bearer {token}"))],
        b"",
    )
}

/// POST of a form, with a token.
pub fn post(address: SocketAddr, path: &str, token: &str, form: &str, body: &[u8]) -> Reply {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", form)];
    ask(address, "POST", path, &headers, body)
}

/// Reads one answer.
pub fn read(socket: &mut impl Read) -> io::Result<Reply> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.trim_end().split("\r\n");
    let status: u16 = lines
        .next()
        .unwrap()
        .split(' ')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    if status == 100 {
        return read(socket);
    }
    let split = |line: &str| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_ascii_lowercase(), value.trim().to_owned())
    };
    let mut reply = Reply {
        status,
        headers: lines.map(split).collect(),
        body: Vec::new(),
        is_whole: false,
    };
    if reply.header("transfer-encoding") == Some("chunked") {
        while let Some(chunk) = read_chunk(socket) {
            if chunk.is_empty() {
                reply.is_whole = true;
                break;
            }
            reply.body.extend(chunk);
        }
    } else {
        let length: usize = reply
            .header("content-length")
            .unwrap_or("0")
            .parse()
            .unwrap();
        reply.body = vec![0; length];
        reply.is_whole = socket.read_exact(&mut reply.body).is_ok();
    }
    Ok(reply)
}

fn read_chunk(socket: &mut impl Read) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte).ok()?;
        line.push(byte[0]);
    }
    let length = usize::from_str_radix(std::str::from_utf8(&line).ok()?.trim(), 16).ok()?;
    let mut chunk = vec![0; length + 2];
    socket.read_exact(&mut chunk).ok()?;
    chunk.truncate(length);
    Some(chunk)
}
