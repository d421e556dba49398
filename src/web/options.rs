//! Where the listeners listen, and the bounds they keep. Every bound has a default that suits one service on a
//! small machine; [`ApiOptions::check`] says which ones contradict each other.

use std::net::SocketAddr;
use std::time::Duration;

use super::socket::TlsOptions;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// The API listener.
#[derive(Clone, Debug)]
pub struct ApiOptions {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// TLS; without it tokens travel in the clear, which is for loopback, or behind a proxy that ends TLS.
    pub tls: Option<TlsOptions>,
    /// Bounds of connections.
    pub limits: Limits,
    /// Bounds of what is sent.
    pub push: PushLimits,
    /// Bounds of what is read.
    pub read: ReadLimits,
}

impl ApiOptions {
    /// Listens at `listen` with the default bounds, without TLS.
    pub fn new(listen: SocketAddr) -> Self {
        Self {
            listen,
            tls: None,
            limits: Limits::default(),
            push: PushLimits::default(),
            read: ReadLimits::default(),
        }
    }

    /// Whether the bounds can be kept together.
    ///
    /// # Errors
    /// One sentence: which bound contradicts which, and what to do.
    pub fn check(&self) -> Result<(), &'static str> {
        let push = &self.push;
        self.limits.check()?;
        if push.max_body == 0 || push.max_unpacked < push.max_body {
            return Err("max_unpacked must be at least max_body, which must not be 0");
        }
        if push.in_flight_per_caller < push.max_body + push.max_unpacked {
            return Err(
                "in_flight_per_caller must hold one body, packed (max_body) and unpacked (max_unpacked)",
            );
        }
        if push.in_flight < push.in_flight_per_caller {
            return Err("in_flight must be at least in_flight_per_caller");
        }
        if push.max_ratio == 0 || push.min_rate == 0 {
            return Err("max_ratio and min_rate must not be 0");
        }
        if self.read.reads == 0 || self.read.exports == 0 {
            return Err("reads and exports must not be 0");
        }
        Ok(())
    }
}

/// The ops listener.
#[derive(Clone, Debug)]
pub struct OpsOptions {
    /// Where it listens.
    pub listen: SocketAddr,
    /// TLS.
    pub tls: Option<TlsOptions>,
    /// Bounds of connections.
    pub limits: Limits,
}

impl OpsOptions {
    /// Listens at `listen` for a few scrapers and probes, without TLS.
    pub fn new(listen: SocketAddr) -> Self {
        let limits = Limits {
            max_connections: 256,
            max_connections_per_peer: 64,
            ..Limits::default()
        };
        Self {
            listen,
            tls: None,
            limits,
        }
    }
}

/// Bounds of connections and of heads.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at a time. The process needs as many file descriptors, and some.
    pub max_connections: usize,
    /// Connections at a time from one IPv4 address, or one /64 of IPv6. Behind a proxy, set it to
    /// `max_connections`.
    pub max_connections_per_peer: usize,
    /// Bytes of a request's head: line and headers. At least 8 KiB.
    pub max_header_bytes: usize,
    /// Headers of a request.
    pub max_headers: usize,
    /// How long TLS may take to be agreed on.
    pub handshake_timeout: Duration,
    /// How long a head may take from its first byte, and the first head from the connection's start.
    pub header_timeout: Duration,
    /// How long a connection may be idle between requests.
    pub keep_alive: Duration,
    /// How long an answer may take once the request is read. Exports have their own.
    pub request_timeout: Duration,
    /// How long a peer may take nothing of what is sent to it.
    pub write_timeout: Duration,
    /// Requests at a time on one HTTP/2 connection.
    pub max_h2_streams: u32,
}

impl Limits {
    pub(super) fn check(&self) -> Result<(), &'static str> {
        if self.max_header_bytes < 8 * KIB as usize {
            return Err("max_header_bytes must be at least 8192");
        }
        if self.max_connections == 0 || self.max_connections_per_peer == 0 {
            return Err("max_connections and max_connections_per_peer must not be 0");
        }
        if self.max_headers == 0 || self.max_h2_streams == 0 {
            return Err("max_headers and max_h2_streams must not be 0");
        }
        Ok(())
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 4096,
            max_connections_per_peer: 256,
            max_header_bytes: 16 * KIB as usize,
            max_headers: 64,
            handshake_timeout: Duration::from_secs(10),
            header_timeout: Duration::from_secs(10),
            keep_alive: Duration::from_secs(60),
            request_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            max_h2_streams: 64,
        }
    }
}

/// Bounds of what is sent.
#[derive(Clone, Debug)]
pub struct PushLimits {
    /// Bytes of a body as it is sent.
    pub max_body: u64,
    /// Bytes of a body once unpacked.
    pub max_unpacked: u64,
    /// How many times larger than it was sent a body may be once unpacked, beyond its first MiB.
    pub max_ratio: u64,
    /// Bytes of all bodies at a time, packed or unpacked, until their rows are durable.
    pub in_flight: u64,
    /// The same of one caller, so that a feed cannot take all of it.
    pub in_flight_per_caller: u64,
    /// What a sender is told when that is full.
    pub retry_after: Duration,
    /// How long a body may take whatever its size.
    pub grace: Duration,
    /// Bytes a second that a body must have had on average, after `grace`.
    pub min_rate: u64,
}

impl PushLimits {
    /// The longest that a body may take.
    pub fn longest(&self) -> Duration {
        self.grace + Duration::from_secs(self.max_body / self.min_rate.max(1))
    }
}

impl Default for PushLimits {
    fn default() -> Self {
        Self {
            max_body: 32 * MIB,
            max_unpacked: 64 * MIB,
            max_ratio: 200,
            in_flight: 256 * MIB,
            in_flight_per_caller: 128 * MIB,
            retry_after: Duration::from_secs(2),
            grace: Duration::from_secs(10),
            min_rate: 32 * KIB,
        }
    }
}

/// Bounds of what is read.
#[derive(Clone, Debug)]
pub struct ReadLimits {
    /// Questions that are answered at a time; each takes a thread.
    pub reads: usize,
    /// Exports at a time; each takes a thread.
    pub exports: usize,
    /// How long an export may take.
    pub export_timeout: Duration,
    /// How long an export may wait for its peer to take the next lines.
    pub line_patience: Duration,
    /// Objects of a page where the caller says nothing.
    pub page: u32,
    /// Objects of a page at most.
    pub max_page: u32,
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self {
            reads: 8,
            exports: 2,
            export_timeout: Duration::from_secs(30 * 60),
            line_patience: Duration::from_secs(30),
            page: 100,
            max_page: 1000,
        }
    }
}
