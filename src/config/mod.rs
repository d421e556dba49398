//! The configuration of the live service: one TOML file.
//!
//! In: a file, the options of the command line, the environment. Out: a [`Config`], or everything that is
//! wrong, each with its line, its key and what to do. Must hold: a [`Config`] that exists can be used - its
//! keys are right, fit together, and the files that it names are there; a secret stands in another file or in
//! the environment, and is never shown. Every key, its default and its meaning stand in `sections.rs`,
//! `source.rs` and `client.rs` alone; the printed default and docs/configuration.md are made from there.

mod bytes;
mod client;
mod command;
mod error;
mod file_value;
mod invariant;
mod kafka;
mod load;
mod oidc;
mod page;
mod portal;
mod reload;
mod secret;
mod section;
mod sections;
mod source;
mod store;
mod table;
mod value;
mod webhook;

use crate::access::{AccountPolicy, ClientCertificate, GroupRole};
use crate::self_check::Portal;
use crate::webhook::Receiver;

pub use bytes::Bytes;
pub use command::CommandLine;
pub use error::{ConfigError, ConfigFault, Place};
pub use file_value::{CertificateFile, ExistingDirectory, ExistingFile, KeyFile};
pub use kafka::{Brokers, Properties, Property, Topics};
pub use load::Call;
pub use oidc::{Issuer, Oidc, Origin, Scopes};
pub use page::{default_file, describe, is_known_key};
pub use reload::Reloaded;
pub use secret::{MasterKey, Secret};
pub use sections::{
    Accounts, Breaker, Detector, Epoch, ExpectedInterval, Http, Journal, Log, Memory, Ops, Queue,
    Readiness, Retention, SelfReplay, Shutdown, Snapshot, Store,
};
pub use source::{DirectorySource, KafkaSource, Source, SourceKind};
pub use store::Database;
pub use value::{
    Days, Interval, KafkaStart, LogFormat, LogLevel, NightlyAt, NightlyPersons, PlainName, Resume,
    Share, SourceKindName,
};

/// The name of the source that rows are pushed to.
pub const HTTP_SOURCE: &str = "http";

/// A configuration that can be used.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    http: Http,
    http_breaker: Breaker,
    ops: Ops,
    accounts: Accounts,
    oidc: Oidc,
    oidc_secret: Option<Secret>,
    oidc_groups: Vec<GroupRole>,
    epoch: Epoch,
    queue: Queue,
    journal: Journal,
    master_key: Option<MasterKey>,
    snapshot: Snapshot,
    store: Store,
    database: Database,
    detector: Detector,
    sources: Vec<Source>,
    client_certificates: Vec<ClientCertificate>,
    portals: Vec<Portal>,
    webhooks: Vec<Receiver>,
    breaker: Breaker,
    readiness: Readiness,
    expected_interval: ExpectedInterval,
    retention: Retention,
    self_replay: SelfReplay,
    shutdown: Shutdown,
    memory: Memory,
    log: Log,
}

macro_rules! parts {
    ($( $(#[$doc:meta])* $part:ident: $ty:ty, )*) => {
        impl Config {
            $( $(#[$doc])* pub fn $part(&self) -> &$ty { &self.$part } )*
        }
    };
}

parts! {
    /// The listener of the API and of the pages.
    http: Http,
    /// The listener of metrics and health.
    ops: Ops,
    /// People who sign in.
    accounts: Accounts,
    /// The identity provider that people sign in by, if there is one.
    oidc: Oidc,
    /// What its groups may do.
    oidc_groups: [GroupRole],
    /// How rows become epochs.
    epoch: Epoch,
    /// The queue before them.
    queue: Queue,
    /// The journal.
    journal: Journal,
    /// Snapshots.
    snapshot: Snapshot,
    /// Which database keeps the alerts.
    database: Database,
    /// What is detected, and with what.
    detector: Detector,
    /// Where rows come from, beside what is pushed.
    sources: [Source],
    /// The client certificates that are somebody.
    client_certificates: [ClientCertificate],
    /// Portals that citizens ask through.
    portals: [Portal],
    /// Receivers that are told what becomes of alerts.
    webhooks: [Receiver],
    /// When the service is ready.
    readiness: Readiness,
    /// How often rows of each stream are expected.
    expected_interval: ExpectedInterval,
    /// How long rows are decided on.
    retention: Retention,
    /// The self-replay of every night.
    self_replay: SelfReplay,
    /// The end of the service.
    shutdown: Shutdown,
    /// What it may take of the machine.
    memory: Memory,
    /// The log.
    log: Log,
}

impl Config {
    /// The key that the journal is sealed with, if it is.
    pub fn master_key(&self) -> Option<&MasterKey> {
        self.master_key.as_ref()
    }

    /// What the service proves itself to the identity provider with, if it does.
    pub fn oidc_secret(&self) -> Option<&Secret> {
        self.oidc_secret.as_ref()
    }

    /// What is asked of people who sign in.
    pub fn account_policy(&self) -> AccountPolicy {
        AccountPolicy {
            totp: self.accounts.totp,
            idle: self.accounts.idle_timeout.0,
            absolute: self.accounts.absolute_timeout.0,
            has_passwords: self.oidc.local_accounts,
        }
    }

    /// When a source is stopped, by its name; [`HTTP_SOURCE`] is what is pushed.
    pub fn breaker(&self, source: &str) -> &Breaker {
        let named = self.sources.iter().find(|one| one.name() == source);
        match named {
            Some(source) => &source.breaker,
            None if source == HTTP_SOURCE => &self.http_breaker,
            None => &self.breaker,
        }
    }
}
