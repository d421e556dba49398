//! A listener that runs on threads of its own, so that its caller stays synchronous.
//!
//! In: options and parts. Out: a [`Server`] that has bound its address and serves.
//! Must hold: an address that cannot be bound, or keys that cannot be used, are an error before anything is served.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::api::{self, ApiParts};
use super::metrics::Metrics;
use super::ops::{self, OpsParts};
use super::options::{ApiOptions, Limits, OpsOptions};
use super::pages;
use super::shared::Shared;
use super::socket::{Listener, Stop, Tls, TlsError, TlsOptions};

/// Threads that serve the API.
const API_THREADS: usize = 2;
/// How long threads that are blocked may take to end once nobody waits for them.
const THREADS_END: Duration = Duration::from_secs(1);

/// Why a listener cannot serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Two bounds contradict each other.
    #[error("{0}; change the configuration")]
    Bounds(&'static str),
    /// The address is taken.
    #[error("{address}: the address is in use; stop what listens there, or choose another address")]
    InUse {
        /// The address.
        address: SocketAddr,
    },
    /// The address cannot be bound.
    #[error(
        "{address}: cannot be listened on: {source}; choose an address of this machine, and a port that this user may use"
    )]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Threads cannot be started.
    #[error("threads cannot be started: {0}; raise the limit of threads")]
    Threads(#[source] io::Error),
}

/// What became of the requests that ran when a server was shut down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Connections that had to be cut.
    pub cut: usize,
}

/// A running listener. Dropped, it ends at once; see [`Server::shutdown`].
#[derive(Debug)]
pub struct Server {
    local_addr: SocketAddr,
    tls: Option<Arc<Tls>>,
    stop: watch::Sender<Stop>,
    serving: Option<(Runtime, JoinHandle<usize>)>,
}

/// Starts the API listener.
///
/// # Errors
/// When bounds contradict each other, TLS cannot be set up or the address cannot be bound.
pub fn serve_api(options: ApiOptions, parts: ApiParts) -> Result<Server, ServeError> {
    options.check().map_err(ServeError::Bounds)?;
    if options.tls.is_none() && !options.listen.ip().is_loopback() {
        tracing::warn!(
            address = %options.listen,
            "the API listens beyond loopback without TLS: tokens and rows travel in the clear unless a proxy ends TLS"
        );
    }
    let metrics = parts.metrics.clone();
    let of_pages = parts.pages.as_ref().map_or(0, |_| pages::THREADS);
    let router = api::router(&options, parts);
    let blocking = Shared::threads(&options.read) + of_pages;
    let threads = Threads {
        name: "api",
        workers: API_THREADS,
        blocking,
    };
    serve(
        options.listen,
        options.tls,
        options.limits,
        router,
        metrics,
        &threads,
    )
}

/// Starts the ops listener, on a thread of its own.
///
/// # Errors
/// When bounds contradict each other, TLS cannot be set up or the address cannot be bound.
pub fn serve_ops(options: OpsOptions, parts: OpsParts) -> Result<Server, ServeError> {
    options.limits.check().map_err(ServeError::Bounds)?;
    let metrics = parts.metrics.clone();
    let router = ops::router(&options, parts);
    let threads = Threads {
        name: "ops",
        workers: 1,
        blocking: ops::THREADS,
    };
    serve(
        options.listen,
        options.tls,
        options.limits,
        router,
        metrics,
        &threads,
    )
}

struct Threads {
    name: &'static str,
    workers: usize,
    blocking: usize,
}

fn serve(
    address: SocketAddr,
    tls: Option<TlsOptions>,
    limits: Limits,
    router: Router,
    metrics: Arc<dyn Metrics>,
    threads: &Threads,
) -> Result<Server, ServeError> {
    let tls = tls.map(Tls::new).transpose()?.map(Arc::new);
    let runtime = Builder::new_multi_thread()
        .worker_threads(threads.workers)
        .max_blocking_threads(threads.blocking)
        .thread_name(threads.name)
        .enable_io()
        .enable_time()
        .build()
        .map_err(ServeError::Threads)?;
    let entered = runtime.enter();
    let cannot = |source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => ServeError::InUse { address },
        _ => ServeError::Bind { address, source },
    };
    let listener = Listener::bind(address, tls.clone(), limits, router, metrics).map_err(cannot)?;
    let local_addr = listener.local_addr().map_err(cannot)?;
    let (stop, stopped) = watch::channel(None);
    let task = runtime.spawn(listener.run(stopped));
    drop(entered);
    Ok(Server {
        local_addr,
        tls,
        stop,
        serving: Some((runtime, task)),
    })
}

impl Server {
    /// The address it listens on, with the port that was taken.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Reads the files of TLS again, for connections from now on; those that are open keep what they agreed on.
    ///
    /// # Errors
    /// When the files cannot be used: what is in use stays in use.
    pub fn reload_tls(&self) -> Result<(), TlsError> {
        self.tls.as_ref().map_or(Ok(()), |tls| tls.reload())
    }

    /// Stops accepting, lets what runs end within `within`, and cuts the rest. Blocks.
    ///
    /// # Panics
    /// On a thread that itself runs asynchronous tasks.
    pub fn shutdown(mut self, within: Duration) -> Drained {
        // The listener is told even if it has ended.
        self.stop.send_replace(Some(Instant::now() + within));
        let Some((runtime, task)) = self.serving.take() else {
            return Drained { cut: 0 };
        };
        // A listener that panicked has dropped its connections.
        let cut = runtime.block_on(task).unwrap_or_default();
        runtime.shutdown_timeout(THREADS_END);
        Drained { cut }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some((runtime, _)) = self.serving.take() {
            runtime.shutdown_background();
        }
    }
}
