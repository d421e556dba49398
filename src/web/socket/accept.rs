//! Accepting connections, and serving each until it ends or is ended.
//!
//! Must hold: accepting never waits for a connection; what one connection does costs the others nothing but its
//! share of the threads.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use super::connection::{Connection, Due};
use super::doors::{Doors, Seat};
use super::tls::Tls;
use super::watched::Watched;
use crate::web::metrics::{Event, Metrics};
use crate::web::options::Limits;

/// Connections that the kernel keeps until they are accepted.
const BACKLOG: u32 = 1024;
/// How long to wait when there are no file descriptors left.
const NO_DESCRIPTORS: Duration = Duration::from_millis(100);
/// How long a connection that is asked to end may take.
const FAREWELL: Duration = Duration::from_secs(10);
/// Streams that a peer may reset before they are looked at: more is an attack (CVE-2023-44487).
const MAX_RESETS: usize = 20;
/// Bytes of bodies that may be on their way to one stream, and to one connection.
const STREAM_WINDOW: u32 = 128 << 10;
const CONNECTION_WINDOW: u32 = 512 << 10;
/// Bytes of answers that may wait for one stream's peer.
const SEND_BUFFER: usize = 128 << 10;
/// How often a silent HTTP/2 peer is asked whether it lives.
const PING: Duration = Duration::from_secs(20);

/// By when what is running must have ended; none while all is well.
pub(in crate::web) type Stop = Option<Instant>;

/// A bound address, and what is served there.
pub(in crate::web) struct Listener {
    socket: TcpListener,
    tls: Option<Arc<Tls>>,
    limits: Limits,
    router: Router,
    metrics: Arc<dyn Metrics>,
}

/// What every connection of a listener shares.
struct Shared {
    tls: Option<Arc<Tls>>,
    limits: Limits,
    router: Router,
    metrics: Arc<dyn Metrics>,
    protocol: Builder<TokioExecutor>,
}

impl Listener {
    /// Binds an address. Must be called inside a runtime.
    pub fn bind(
        address: SocketAddr,
        tls: Option<Arc<Tls>>,
        limits: Limits,
        router: Router,
        metrics: Arc<dyn Metrics>,
    ) -> io::Result<Self> {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        // So that a restart need not wait for the last connections of the one before; two that listen at once
        // still exclude each other.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok(Self {
            socket: socket.listen(BACKLOG)?,
            tls,
            limits,
            router,
            metrics,
        })
    }

    /// The address that is bound.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Accepts until it is told to stop, then waits until what is running has ended, or must. Gives the number
    /// of connections that were cut.
    pub async fn run(self, mut stop: watch::Receiver<Stop>) -> usize {
        let doors = Doors::new(
            self.limits.max_connections,
            self.limits.max_connections_per_peer,
        );
        let shared = Arc::new(Shared {
            protocol: protocol(&self.limits),
            tls: self.tls,
            limits: self.limits,
            router: self.router,
            metrics: self.metrics,
        });
        let mut running = JoinSet::new();
        loop {
            tokio::select! {
                () = is_told(&mut stop) => break,
                Some(_) = running.join_next() => {}
                accepted = self.socket.accept() => match accepted {
                    Ok((socket, peer)) => match doors.admit(peer.ip()) {
                        Ok(seat) => {
                            running.spawn(shared.clone().serve(socket, seat, stop.clone()));
                        }
                        Err(event) => shared.metrics.count(event),
                    },
                    Err(error) => pause_after(&error).await,
                },
            }
        }
        drop(self.socket);
        let deadline = stop.borrow().unwrap_or_else(Instant::now);
        let all_ended = async { while running.join_next().await.is_some() {} };
        // What is cut is counted and aborted below.
        let _ = tokio::time::timeout_at(deadline.into(), all_ended).await;
        let cut = running.len();
        running.shutdown().await;
        cut
    }
}

/// Whether the listener is stopping: what goes on by itself ends then.
#[derive(Clone)]
pub(in crate::web) struct Stopping(watch::Receiver<Stop>);

impl Stopping {
    /// Waits until it is.
    pub async fn told(&mut self) {
        is_told(&mut self.0).await;
    }
}

async fn is_told(stop: &mut watch::Receiver<Stop>) {
    // A sender that is gone tells the same.
    let _ = stop.wait_for(Option::is_some).await;
}

async fn pause_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    if !matches!(
        error.kind(),
        ConnectionAborted | ConnectionReset | Interrupted
    ) {
        tracing::warn!(
            error = %error.kind(),
            "connections cannot be accepted: raise the limit of open files, or lower max_connections"
        );
        sleep(NO_DESCRIPTORS).await;
    }
}

fn protocol(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .max_buf_size(limits.max_header_bytes)
        .max_headers(limits.max_headers)
        // The connection's own watch knows heads from idleness, which this limit does not.
        .header_read_timeout(None);
    let header_bytes = u32::try_from(limits.max_header_bytes).unwrap_or(u32::MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.max_h2_streams)
        .max_pending_accept_reset_streams(MAX_RESETS)
        .max_header_list_size(header_bytes)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    builder
}

/// The address at the other end of a connection: the browser's, or that of a proxy before it.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct Peer(pub IpAddr);

/// Counts a connection while it lasts, however it ends.
struct Counted<'a>(&'a dyn Metrics);

impl<'a> Counted<'a> {
    fn new(metrics: &'a dyn Metrics) -> Self {
        metrics.count(Event::ConnectionOpened);
        Self(metrics)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.count(Event::ConnectionClosed);
    }
}

impl Shared {
    async fn serve(self: Arc<Self>, socket: TcpStream, seat: Seat, stop: watch::Receiver<Stop>) {
        let _seat = seat;
        let _counted = Counted::new(&*self.metrics);
        // Answers are small and written whole: waiting to fill a packet only delays them.
        let _ = socket.set_nodelay(true);
        let peer = socket.peer_addr().ok().map(|address| Peer(address.ip()));
        let connection = Arc::new(Connection::new(self.limits.clone()));
        let socket = Watched::new(socket, connection.clone());
        let Some(tls) = &self.tls else {
            return self.converse(socket, connection, peer, stop).await;
        };
        let agreement = TlsAcceptor::from(tls.current()).accept(socket);
        let Ok(Ok(stream)) = timeout(self.limits.handshake_timeout, agreement).await else {
            self.metrics.count(Event::HandshakeFailed);
            return;
        };
        let certificates = stream.get_ref().1.peer_certificates();
        let own = certificates.and_then(|chain| chain.first());
        connection.agreed(own.map(|certificate| certificate.clone().into_owned()));
        self.converse(stream, connection, peer, stop).await;
    }

    async fn converse<S>(
        &self,
        stream: S,
        connection: Arc<Connection>,
        peer: Option<Peer>,
        mut stop: watch::Receiver<Stop>,
    ) where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (router, of_request) = (self.router.clone(), connection.clone());
        let stopping = Stopping(stop.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(of_request.clone());
            request.extensions_mut().insert(stopping.clone());
            if let Some(peer) = peer {
                request.extensions_mut().insert(peer);
            }
            router.clone().oneshot(request)
        });
        let served = self
            .protocol
            .serve_connection(TokioIo::new(stream), service);
        let mut served = pin!(served);
        let mut leaving_since = None;
        let mut is_stopping = false;
        loop {
            let tick = tokio::time::Instant::now() + connection.tick();
            tokio::select! {
                // Errors of a connection are the peer's: there is nobody left to tell.
                _ = served.as_mut() => return,
                () = is_told(&mut stop), if !is_stopping => {
                    is_stopping = true;
                    served.as_mut().graceful_shutdown();
                }
                () = sleep_until(tick) => {
                    let now = Instant::now();
                    match (connection.due(now), leaving_since) {
                        (Due::Stay, _) => {}
                        (Due::Close, None) => {
                            leaving_since = Some(now);
                            served.as_mut().graceful_shutdown();
                        }
                        (Due::Close, Some(since)) if now - since < FAREWELL => {}
                        (Due::Close | Due::Cut, _) => {
                            self.metrics.count(Event::Cut);
                            return;
                        }
                    }
                }
            }
        }
    }
}
