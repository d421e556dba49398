//! The process of `fundwatch serve`: a service, its sources and its listeners, under one configuration.
//!
//! In: a configuration, a data directory, signals. Out: a process that runs for months and says how it is. Must
//! hold: probes answer from the first moment; rows are taken once what is known is computed again; a stop
//! finishes what was taken, within its bound; a reload takes over what it can and says what it cannot.

mod authenticate;
mod gate;
mod health;
mod housekeeping;
mod inlet;
mod journal_anchor;
#[cfg(feature = "kafka")]
mod kafka;
mod log;
mod masked_line;
mod measuring;
mod options;
mod pages;
mod projecting;
mod reader;
mod registers;
mod self_check;
mod self_replay;
mod settling;
mod signals;
mod steward;
mod webhooks;
mod work_watch;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

pub use log::start_log;
pub(crate) use options::self_replay as self_replay_task;
pub(crate) use options::store as store_place;

use crate::access;
use crate::access_log::{self, AccessLog};
use crate::config::{Call, Config, SourceKind};
use crate::processes::Hosts;
use crate::review::{Desk, DeskError};
use crate::service::{Breakers, Clock, Inbox, Intake, Service, ServiceError};
use crate::store::{StoreKey, StoreReaders};
use crate::web::pages::PagesParts;
use crate::web::{self, ApiOptions, ApiParts, OpsOptions, OpsParts, ServeError, Server};
use crate::webhook::Deliveries;
use gate::TokenGate;
use health::ServiceHealth;
use housekeeping::Housekeeping;
use inlet::QueueInlet;
use journal_anchor::JournalAnchor;
use measuring::Measuring;
use pages::{
    ConfiguredFeeds, JournalledCases, JournalledRejects, LoggedDesk, RegisteredDirectory,
    RegisteredPeople, ServiceMeasures, VouchedPeople, WatchedLog, WeighedDials,
};
use projecting::Projecting;
use reader::StoreReader;
use registers::RowRegisters;
use self_check::PortalSelfCheck;
use self_replay::SelfReplaying;
use signals::{Signal, Signals};
use steward::JournalSteward;
use work_watch::WorkWatch;

/// How long a message to a receiver of webhooks may be under way when the service ends.
const UNDER_WAY: Duration = Duration::from_secs(1);

/// What `fundwatch serve` is called with.
pub struct Options {
    /// The data directory.
    pub data: PathBuf,
    /// The configuration, if one is named.
    pub config_file: Option<PathBuf>,
    /// What of it the command line says.
    pub call: Call,
    /// The processes that share the dataflow, where there are several, of which this is number 0.
    pub processes: Option<Hosts>,
    /// What time it is.
    pub clock: Clock,
}

/// The process cannot start, or could not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// Something that the configuration names cannot be used.
    #[error("{0}")]
    Configured(String),
    /// The service.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// A listener.
    #[error(transparent)]
    Listener(#[from] ServeError),
    /// Tokens and certificates.
    #[error(transparent)]
    Access(#[from] access::AccessError),
    /// The identity provider.
    #[error(transparent)]
    Oidc(#[from] access::OidcError),
    /// The review queue.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The access log.
    #[error(transparent)]
    AccessLog(#[from] access_log::LogError),
    /// A file or directory.
    #[error("{}: {error}; check that the service may use it", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the operating system said.
        error: std::io::Error,
    },
    /// The system refuses something that every process may.
    #[error("signals cannot be waited for: {0}")]
    Signals(std::io::Error),
}

/// What all parts stand on.
#[derive(Clone)]
struct Parts {
    config: Arc<std::sync::RwLock<Config>>,
    data: Arc<Path>,
    store: StoreReaders,
    service: Arc<ServiceParts>,
    breakers: Arc<Breakers>,
    metrics: crate::metric::Metrics,
    access_log: Arc<AccessLog>,
    clock: Clock,
    sources: Arc<[String]>,
    /// Rejected rows that somebody settles.
    settling: Arc<settling::Settling>,
}

/// What others use of a service.
struct ServiceParts {
    queue: Arc<crate::service::Queue>,
    status: Arc<crate::service::Status>,
    positions: Arc<crate::service::Positions>,
    rows: crate::alert::SharedRows,
    archive: Arc<crate::service::Archive>,
    undoer: Arc<crate::service::Undoer>,
}

impl Parts {
    fn config(&self) -> Config {
        let config = self.config.read();
        config
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }
}

/// Runs until it is told to stop. `started` is told the addresses of the API and of the ops listener.
///
/// # Errors
/// When it cannot start, or could not go on; what is durable stays so.
pub fn run(
    options: &Options,
    config: Config,
    started: impl FnOnce(std::net::SocketAddr, std::net::SocketAddr),
) -> Result<(), ServerError> {
    let signals = Signals::new().map_err(ServerError::Signals)?;
    crate::service::make(&options.data)?;
    let clock = options.clock.clone();
    let metrics = measuring::metrics(&config)?;
    let store = options::store(&config, &options.data)?;
    let service_options = options::service(
        &config,
        &options.data,
        store.clone(),
        options.processes.clone(),
        clock.clone(),
    )?;
    measuring::tell_detector(&metrics, &service_options.detector);
    let gate = access::Gate::open(
        &options.data,
        config.client_certificates(),
        crate::notice::SystemClock,
    )?;
    let gate = Arc::new(gate);
    let breakers = Arc::new(Breakers::new(options::breakers(&config)));
    for warning in service_options.detector.outlier_warnings(None) {
        tracing::warn!("{warning}");
    }
    let linkage = service_options.detector.linkage.clone();
    let service = Service::start(service_options, metrics.clone())?;
    // Under the lock of the journal: whose it is, is told of the journal first.
    let of_log = access_log::Options::new(metrics.clone());
    let access_log = Arc::new(AccessLog::open(&options.data, of_log)?);
    let master = options::master_key(&config)?;
    let store = StoreReaders::new(
        store,
        StoreKey::open(&options.data, master.as_ref()).map_err(ServiceError::from)?,
    );
    let parts = Parts {
        config: Arc::new(std::sync::RwLock::new(config.clone())),
        data: options.data.as_path().into(),
        store,
        service: Arc::new(ServiceParts {
            queue: service.queue(),
            status: service.status(),
            positions: service.positions(),
            rows: service.rows(),
            archive: service.archive(),
            undoer: service.undoer(),
        }),
        breakers,
        metrics,
        access_log: access_log.clone(),
        clock,
        sources: options::source_names(&config).into(),
        settling: Arc::default(),
    };
    let stop = Arc::new(AtomicBool::new(false));
    let (now, of_pages) = (parts.clock.clone(), parts.clock.clone());
    let log = LoggedDesk(parts.access_log.clone());
    let desk = Desk::open_or_create(
        &options.data,
        master.as_ref(),
        Arc::new(move || now.now()),
        Arc::new(log),
    )?;
    let desk = desk.with_reveals_per_hour(config.accounts().reveals_per_hour);
    let receivers = config.webhooks().iter();
    let receivers = receivers.map(|one| one.enrolled(&desk.key())).collect();
    let desk = desk.with_receivers(receivers)?;
    let desk = Arc::new(desk.with_watch(Arc::new(WorkWatch(parts.metrics.clone()))));
    let projected = Arc::new(AtomicBool::new(false));
    let projecting = Projecting {
        desk: desk.clone(),
        registers: RowRegisters::new(service.rows()),
        store: parts.store.clone(),
        feed: service.stored_feed(),
        status: service.status(),
        queue: service.queue(),
        clock: parts.clock.clone(),
        unsealed: config.epoch().max_wait.0,
        stop: projected.clone(),
    };
    let projecting = projecting.start().map_err(ServerError::Signals)?;
    let measuring = Arc::new(Measuring::new(
        parts.metrics.clone(),
        parts.breakers.clone(),
    ));
    let ops = web::serve_ops(
        OpsOptions::new(config.ops().listen),
        OpsParts {
            health: Arc::new(ServiceHealth::new(
                parts.clone(),
                gate.clone(),
                stop.clone(),
            )),
            metrics: measuring.clone(),
        },
    )?;
    let status = parts.service.status.clone();
    let anchor = Arc::new(JournalAnchor::new(parts.access_log.clone(), status));
    let housekeeping = Housekeeping::start(parts.clone(), desk.clone(), anchor.clone());
    let self_replaying = SelfReplaying::start(parts.clone()).map_err(ServerError::Signals)?;
    let webhooks = webhooks::start(&parts, &desk)?;
    let accounts = access::Accounts::open(
        &options.data,
        config.account_policy(),
        crate::notice::SystemClock,
    )?;
    let accounts = Arc::new(accounts);
    let provider = options::oidc(&config)?.map(|(name, settings)| {
        let provider = access::OidcProvider::new(settings);
        provider.map(|provider| VouchedPeople {
            provider,
            name,
            accounts: accounts.clone(),
            log: parts.access_log.clone(),
        })
    });
    let provider = provider.transpose()?;
    let listener = api_options(&config);
    let self_check = PortalSelfCheck {
        parts: parts.clone(),
        portals: config.portals().to_vec(),
        rows: service.rows_of_people(),
        desk: desk.clone(),
    };
    let cases = Arc::new(JournalledCases {
        store: parts.store.clone(),
        rows: service.journalled_rows(),
        linkage,
    });
    let watched = Arc::new(WatchedLog(parts.access_log.clone()));
    let pages = web::pages::router(PagesParts {
        desk: desk.clone(),
        cases: cases.clone(),
        accounts: Arc::new(RegisteredPeople {
            accounts: accounts.clone(),
            log: parts.access_log.clone(),
        }),
        access_log: watched.clone(),
        directory: Arc::new(RegisteredDirectory {
            accounts,
            log: parts.access_log.clone(),
            claims_days: config.retention().claims.map(|days| days.0),
            notes_days: config.retention().review_notes.map(|days| days.0),
        }),
        feeds: Arc::new(ConfiguredFeeds(parts.clone())),
        rejects: Arc::new(JournalledRejects {
            parts: parts.clone(),
            rows: service.journalled_rows(),
            steward: JournalSteward::new(parts.clone()),
            log: parts.access_log.clone(),
        }),
        provider: provider.map(|provider| Arc::new(provider) as Arc<dyn web::pages::Voucher>),
        has_passwords: config.oidc().local_accounts,
        public_origin: (config.http().public_origin.as_ref())
            .map(|origin| origin.as_str().to_owned()),
        dials: Arc::new(WeighedDials(service.weighings())),
        measures: Arc::new(ServiceMeasures(service.measured())),
        now: Arc::new(move || of_pages.now()),
        metrics: measuring.clone(),
        has_tls: listener.tls.is_some(),
        is_loopback: listener.listen.ip().is_loopback(),
    });
    let pages = pages.map_err(access::AccessError::from)?;
    let api = web::serve_api(
        listener,
        ApiParts {
            inlet: Arc::new(QueueInlet::new(parts.clone())),
            gate: Arc::new(TokenGate::new(gate.clone())),
            reader: Arc::new(StoreReader::new(parts.clone())),
            steward: Arc::new(JournalSteward::new(parts.clone())),
            self_check: Arc::new(self_check),
            ledger: parts.access_log.clone(),
            desk,
            cases,
            access_log: watched,
            metrics: measuring,
            pages: Some(pages),
        },
    )?;
    started(api.local_addr(), ops.local_addr());
    tracing::info!(api = %api.local_addr(), ops = %ops.local_addr(), "listening");
    let sources = start_sources(&parts, &stop)?;
    watch(options, &parts, &gate, &service, &signals);
    finish(Running {
        api,
        ops,
        housekeeping,
        self_replaying,
        webhooks,
        sources,
        stop,
        service,
        projecting,
        projected,
        access_log,
        anchor,
        drain: parts.config().shutdown().drain_timeout.0,
    })
}

/// Waits for a signal to stop, or for the end of the service; takes configurations over meanwhile.
fn watch(
    options: &Options,
    parts: &Parts,
    gate: &access::Gate,
    service: &Service,
    signals: &Signals,
) {
    const GLANCE: Duration = Duration::from_millis(200);
    while !service.is_finished() {
        match signals.next(GLANCE) {
            Some(Signal::Stop) => {
                tracing::info!("stopping: what was taken is finished");
                return;
            }
            Some(Signal::Reload) => reload(options, parts, gate),
            None => {}
        }
    }
}

fn reload(options: &Options, parts: &Parts, gate: &access::Gate) {
    let variable = |name: &str| std::env::var(name).ok();
    let new = match Config::load(options.config_file.as_deref(), &options.call, &variable) {
        Ok(new) => new,
        Err(error) => {
            tracing::error!(%error, "the configuration is wrong; the one before stays in force");
            return;
        }
    };
    let reloaded = parts.config().reload(&new);
    gate.set_certificates(reloaded.config.client_certificates());
    parts
        .breakers
        .set_bounds(options::breakers(&reloaded.config));
    log::set_level(reloaded.config.log().level);
    measuring::tell_expected_intervals(&parts.metrics, &reloaded.config);
    let mut config = parts
        .config
        .write()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    *config = reloaded.config;
    drop(config);
    tracing::info!(taken = ?reloaded.taken, "the configuration is reloaded");
    if !reloaded.waiting.is_empty() {
        tracing::warn!(waiting = ?reloaded.waiting, "these settings take a restart");
    }
}

fn api_options(config: &Config) -> ApiOptions {
    let http = config.http();
    let mut options = ApiOptions::new(http.listen);
    options.tls = options::tls(config);
    options.push.max_body = http.max_body.0;
    options.push.max_unpacked = http.max_body.0;
    let in_flight = config.queue().max_bytes.0.max(4 * http.max_body.0);
    options.push.in_flight = in_flight;
    options.push.in_flight_per_caller = (in_flight / 2).max(2 * http.max_body.0);
    options.limits.request_timeout = http.request_timeout.0;
    options.limits.header_timeout = http.header_timeout.0;
    options.limits.max_connections = http.max_connections as usize;
    options.limits.max_connections_per_peer =
        (http.max_connections_per_address).min(http.max_connections) as usize;
    options
}

fn start_sources(
    parts: &Parts,
    stop: &Arc<AtomicBool>,
) -> Result<Vec<JoinHandle<()>>, ServerError> {
    let config = parts.config();
    let mut threads = Vec::new();
    for source in config.sources() {
        match &source.kind {
            SourceKind::Directory(directory) => {
                let of_inbox = options::inbox(&config, directory, &parts.data);
                let intake = Intake {
                    queue: parts.service.queue.clone(),
                    positions: parts.service.positions.clone(),
                    breakers: parts.breakers.clone(),
                    clock: parts.clock.clone(),
                    stop: stop.clone(),
                };
                let path = of_inbox.path.clone();
                let status = parts.service.status.clone();
                let inbox = Inbox::open(of_inbox, intake)
                    .map_err(|error| ServerError::File { path, error })?;
                let thread = std::thread::Builder::new().name("fundwatch-inbox".to_owned());
                let run = move || {
                    // Positions are known once the journal has been computed again.
                    if status.wait_until_running() {
                        inbox.run();
                    }
                };
                threads.push(thread.spawn(run).map_err(ServerError::Signals)?);
            }
            #[cfg(feature = "kafka")]
            SourceKind::Kafka(of_kafka) => threads.push(kafka::start(parts, stop, of_kafka)?),
            #[cfg(not(feature = "kafka"))]
            SourceKind::Kafka(_) => {
                return Err(ServerError::Configured(format!(
                    "source {}: this program was built without Kafka; build it with `cargo build --release \
                     --features kafka`, which takes make beside the C compiler, or with the feature kafka-tls, \
                     which takes OpenSSL's headers and pkg-config as well (Debian: make, libssl-dev, pkg-config); \
                     else take the source out of the configuration",
                    source.name()
                )));
            }
        }
    }
    Ok(threads)
}

/// What runs.
struct Running {
    api: Server,
    ops: Server,
    housekeeping: Housekeeping,
    self_replaying: SelfReplaying,
    webhooks: Deliveries,
    sources: Vec<JoinHandle<()>>,
    stop: Arc<AtomicBool>,
    service: Service,
    projecting: JoinHandle<()>,
    /// Set once nothing more is stored.
    projected: Arc<AtomicBool>,
    access_log: Arc<AccessLog>,
    anchor: Arc<JournalAnchor>,
    drain: Duration,
}

/// Ends everything in the order in which rows go through it.
fn finish(running: Running) -> Result<(), ServerError> {
    let Running {
        api,
        ops,
        housekeeping,
        self_replaying,
        webhooks,
        sources,
        stop,
        service,
        projecting,
        projected,
        access_log,
        anchor,
        drain,
    } = running;
    let until = std::time::Instant::now() + drain;
    let left = || until.saturating_duration_since(std::time::Instant::now());
    stop.store(true, Ordering::Release);
    self_replaying.stop();
    let drained = api.shutdown(left());
    if drained.cut > 0 {
        tracing::warn!(
            connections = drained.cut,
            "requests were cut off, since they took too long"
        );
    }
    service.drain();
    for source in sources {
        // A source that panicked has said so.
        let _ = source.join();
    }
    while !service.is_finished() && !left().is_zero() {
        std::thread::sleep(Duration::from_millis(20));
    }
    housekeeping.stop();
    anchor.note();
    // Whoever was cut off is told nothing any more.
    access_log.close();
    projected.store(true, Ordering::Release);
    // One that panicked has said so; what it did not bring in, the next start does.
    let _ = projecting.join();
    // What was told last is not waited for: the next start tells it.
    webhooks.stop(UNDER_WAY);
    self_replaying.join(left());
    let ended = match service.is_finished() {
        true => service.join().map_err(ServerError::from),
        false => {
            tracing::warn!(
                "what was taken is durable and not all computed; the next start goes on with it"
            );
            Ok(())
        }
    };
    ops.shutdown(Duration::from_secs(1));
    ended
}
