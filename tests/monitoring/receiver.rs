//! Who is told of alerts: a receiver of Alertmanager's webhooks, by the receiver that each was routed to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

/// An alert that somebody was told of.
#[derive(Clone, Debug)]
pub struct Told {
    /// The receiver of `alertmanager.yml`.
    pub receiver: String,
    /// The alert: `status`, `labels`, `annotations`.
    pub alert: Value,
}

impl Told {
    pub fn label(&self, name: &str) -> &str {
        self.alert["labels"][name].as_str().unwrap_or_default()
    }

    pub fn is_firing(&self) -> bool {
        self.alert["status"] == "firing"
    }
}

/// The receiver. Its thread ends with the process.
#[derive(Clone)]
pub struct Receiver {
    address: SocketAddr,
    told: Arc<Mutex<Vec<Told>>>,
}

impl Receiver {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let receiver = Self {
            address: listener.local_addr().expect("an address"),
            told: Arc::default(),
        };
        let told = receiver.told.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let (connection, told) = (connection.expect("a connection"), told.clone());
                std::thread::spawn(move || serve(connection, &told));
            }
        });
        receiver
    }

    /// Where the receiver of this name is called.
    pub fn url(&self, receiver: &str) -> String {
        format!("http://{}/{receiver}", self.address)
    }

    /// What was told so far of an alert.
    pub fn told(&self, alert: &str) -> Vec<Told> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let of_it = told.iter().filter(|told| told.label("alertname") == alert);
        of_it.cloned().collect()
    }
}

/// Answers requests of one connection until it is closed.
fn serve(connection: TcpStream, told: &Mutex<Vec<Told>>) {
    let mut to = connection.try_clone().expect("a second handle");
    let mut from = BufReader::new(connection);
    loop {
        let mut head = Vec::new();
        let mut line = String::new();
        while from.read_line(&mut line).is_ok_and(|bytes| bytes > 2) {
            head.push(std::mem::take(&mut line).to_lowercase());
        }
        let Some(request) = head.first() else { return };
        let path = request.split(' ').nth(1).unwrap_or_default();
        let length = head
            .iter()
            .find_map(|line| line.strip_prefix("content-length:"));
        let length = length.and_then(|length| length.trim().parse().ok());
        let mut body = vec![0; length.expect("Alertmanager says how long a body is")];
        from.read_exact(&mut body).expect("a body");
        let message: Value = serde_json::from_slice(&body).expect("JSON");
        let alerts = message["alerts"].as_array().expect("alerts").iter();
        let receiver = path.trim_start_matches('/').to_owned();
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        told.extend(alerts.map(|alert| Told {
            receiver: receiver.clone(),
            alert: alert.clone(),
        }));
        drop(told);
        // It fails where Alertmanager was stopped.
        let _ = to.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    }
}
