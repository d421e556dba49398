//! Reading a configuration: the file, then what the command line says, then whether all of it fits.

use std::collections::HashMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use toml::de::DeTable;

use super::client::Client;
use super::error::{ConfigError, ConfigFault, Place};
use super::oidc::{self, Oidc};
use super::portal::PortalTable;
use super::secret::MasterKey;
use super::section::Declared;
use super::sections::{
    Accounts, Breaker, Detector, Epoch, ExpectedInterval, Http, Journal, Log, Memory, Ops, Queue,
    Readiness, Retention, SelfReplay, Shutdown, Snapshot, Store,
};
use super::source::{Source, SourceKind};
use super::table::{Findings, Table};
use super::value::Context;
use super::webhook;
use super::{Config, HTTP_SOURCE};
use crate::access::{ClientCertificate, Holder};
use crate::self_check::Portal;

/// What the command line says; it goes before the file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Call {
    /// `--listen`, for http.listen.
    pub listen: Option<SocketAddr>,
    /// `--ops-listen`, for ops.listen.
    pub ops_listen: Option<SocketAddr>,
}

impl Call {
    /// The option that says a key.
    fn option(&self, key: &str) -> Option<&'static str> {
        match key {
            "http.listen" => self.listen.map(|_| "--listen"),
            "ops.listen" => self.ops_listen.map(|_| "--ops-listen"),
            _ => None,
        }
    }
}

impl Config {
    /// Reads a configuration; without a file, it is the defaults. `variable` gives the value of an environment
    /// variable.
    ///
    /// # Errors
    /// When the file cannot be read, or something in it or in the call is wrong: all of it is told.
    pub fn load(
        file: Option<&Path>,
        call: &Call,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let Some(path) = file else {
            return Self::of_text("", Path::new(""), call, variable);
        };
        let text = fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
            path: path.to_owned(),
            error: error.to_string(),
        })?;
        Self::of_text(&text, path, call, variable)
    }

    fn of_text(
        text: &str,
        path: &Path,
        call: &Call,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let root = DeTable::parse(text).map_err(|error| {
            // Only the message: its whole text quotes the line, which might hold a secret.
            let at = error.span().map_or(0, |span| span.start);
            let why = error.message().replace('\n', " ");
            let remedy = "`fundwatch config print-default` shows what a file looks like";
            ConfigError::Wrong(vec![ConfigFault {
                place: Place::of_byte(path, text, at),
                key: None,
                message: format!("it is not TOML: {why}; {remedy}"),
            }])
        })?;
        let context = Context {
            directory: path.parent().unwrap_or(Path::new("")),
            variable,
        };
        let findings = Findings::default();
        let root = Table::root(&context, &findings, root.get_ref());
        let config = Self::of_table(root, call);
        let broken = config.as_ref().map(Config::broken).unwrap_or_default();
        let mut faults = Vec::new();
        for one in broken {
            let option = one.keys.iter().find_map(|key| call.option(key));
            let mut places = one
                .keys
                .iter()
                .filter_map(|key| Some((key, findings.place(key)?)));
            let first = one.keys.first().copied().unwrap_or_default();
            match (option, places.next()) {
                (Some(option), _) => faults.push(ConfigFault {
                    place: Place::Option(option),
                    key: None,
                    message: one.message,
                }),
                (None, Some((key, at))) => findings.wrong(at, key, one.message),
                (None, None) => findings.wrong(0..0, first, one.message),
            }
        }
        let wrong = findings.into_wrong().into_iter();
        faults.extend(wrong.map(|wrong| ConfigFault::of_wrong(path, text, wrong)));
        match config {
            Some(config) if faults.is_empty() => Ok(config),
            _ => Err(ConfigError::Wrong(faults)),
        }
    }

    /// The configuration of a file's table. Nothing where a section is wrong, which is noted.
    fn of_table(root: Table<'_, '_>, call: &Call) -> Option<Self> {
        macro_rules! section {
            ($Section:ident, $name:literal) => {{
                let table = root.table($name);
                let section = $Section::read(&table, None);
                table.finish();
                section
            }};
        }
        let breaker = section!(Breaker, "breaker");
        let (http, http_breaker) = {
            let table = root.table("http");
            let own = table.table("breaker");
            let http_breaker = Breaker::read(&own, breaker.as_ref());
            own.finish();
            let http = Http::read(&table, None);
            table.finish();
            (http, http_breaker)
        };
        let (journal, master_key) = {
            let table = root.table("journal");
            let journal = Journal::read(&table, None);
            let key = journal.as_ref().map(|journal| journal.master_key(&table));
            table.finish();
            (journal, key)
        };
        let (store, database) = {
            let table = root.table("store");
            let store = Store::read(&table, None);
            let database = store.as_ref().and_then(|store| store.database(&table));
            table.finish();
            (store, database)
        };
        let (oidc, oidc_secret) = {
            let table = root.table("oidc");
            let oidc = Oidc::read(&table, None);
            let secret = oidc.as_ref().and_then(|oidc| oidc.client_secret(&table));
            table.finish();
            (oidc, secret)
        };
        let oidc_groups = oidc::groups(&root);
        let ops = section!(Ops, "ops");
        let accounts = section!(Accounts, "accounts");
        let epoch = section!(Epoch, "epoch");
        let queue = section!(Queue, "queue");
        let snapshot = section!(Snapshot, "snapshot");
        let detector = section!(Detector, "detector");
        let readiness = section!(Readiness, "readiness");
        let expected_interval = section!(ExpectedInterval, "expected_interval");
        let retention = section!(Retention, "retention");
        let self_replay = section!(SelfReplay, "self_replay");
        let shutdown = section!(Shutdown, "shutdown");
        let memory = section!(Memory, "memory");
        let log = section!(Log, "log");
        let sources = sources(&root, breaker.as_ref());
        let client_certificates = client_certificates(&root);
        let portals = portals(&root);
        let webhooks = webhook::webhooks(&root);
        root.finish();
        let (mut http, mut ops) = (http?, ops?);
        http.listen = call.listen.unwrap_or(http.listen);
        ops.listen = call.ops_listen.unwrap_or(ops.listen);
        Some(Self {
            http,
            http_breaker: http_breaker?,
            ops,
            accounts: accounts?,
            oidc: oidc?,
            oidc_secret,
            oidc_groups,
            epoch: epoch?,
            queue: queue?,
            journal: journal?,
            master_key: master_key?,
            snapshot: snapshot?,
            store: store?,
            database: database?,
            detector: detector?,
            sources,
            client_certificates,
            portals,
            webhooks,
            breaker: breaker?,
            readiness: readiness?,
            expected_interval: expected_interval?,
            retention: retention?,
            self_replay: self_replay?,
            shutdown: shutdown?,
            memory: memory?,
            log: log?,
        })
    }
}

impl Journal {
    /// The key of the journal, if the section names one that is right. What is wrong is noted.
    fn master_key(&self, table: &Table<'_, '_>) -> Option<MasterKey> {
        let context = table.context();
        let named = [
            ("master_key_file", self.master_key_file.is_some()),
            ("master_key_env", self.master_key_env.is_some()),
            ("master_key_command", self.master_key_command.is_some()),
        ];
        let mut named = named.iter().filter(|(_, is_named)| *is_named);
        let (key, _) = *named.next()?;
        if let Some((other, _)) = named.next() {
            table.wrong(other, format!("there is a {key} already; name one of them"));
            return None;
        }
        let secret = match (&self.master_key_file, &self.master_key_env) {
            (Some(file), _) => context.secret_of_file(file),
            (_, Some(name)) => context.secret_of_variable(name),
            _ => self.master_key_command.as_ref()?.secret(),
        };
        let read = secret.and_then(|secret| MasterKey::new(&secret).map_err(str::to_owned));
        read.map_err(|message| table.wrong(key, message)).ok()
    }
}

/// What the service calls what it adds to its journal itself.
const RESERVED: [&str; 3] = ["repair", "restore", "carried-forward"];

/// The sources that are right; what is wrong with others, or with two together, is noted.
fn sources(root: &Table<'_, '_>, breaker: Option<&Breaker>) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    let mut topics: HashMap<String, String> = HashMap::new();
    for table in root.tables("source") {
        let Some(source) = breaker.and_then(|breaker| Source::read(&table, breaker)) else {
            continue;
        };
        let name = source.name();
        if name == HTTP_SOURCE {
            table.wrong("name", "what is pushed has this name; give it another");
        }
        if RESERVED.contains(&name) {
            table.wrong(
                "name",
                "the service has a source of this name itself; give it another",
            );
        }
        if sources.iter().any(|other| other.name() == name) {
            table.wrong("name", "another source has this name; each needs its own");
        }
        match &source.kind {
            SourceKind::Directory(directory) => {
                let place = directory.place();
                let is_same = |other: &Source| match &other.kind {
                    SourceKind::Directory(other) => other.place() == place,
                    SourceKind::Kafka(_) => false,
                };
                if sources.iter().any(is_same) {
                    table.wrong("path", "another source takes files from it; name another");
                }
            }
            SourceKind::Kafka(kafka) => {
                for topic in kafka.topics.0.keys() {
                    let other = topics.insert(topic.clone(), name.to_owned());
                    if let Some(other) = other {
                        let message = format!("the source {other} reads {topic}; name it once");
                        table.wrong("topics", message);
                    }
                }
            }
        }
        sources.push(source);
    }
    sources
}

/// The portals that are right; what is wrong with others, or with two together, is noted.
fn portals(root: &Table<'_, '_>) -> Vec<Portal> {
    let mut portals: Vec<Portal> = Vec::new();
    for table in root.tables("portals") {
        if let Some(portal) = PortalTable::portal(&table) {
            if portals.iter().any(|other| other.name == portal.name) {
                table.wrong("name", "another portal has this name; give each its own");
            }
            portals.push(portal);
        }
        table.finish();
    }
    portals
}

/// The client certificates that are right; what is wrong with others, or with two together, is noted.
fn client_certificates(root: &Table<'_, '_>) -> Vec<ClientCertificate> {
    let mut clients: Vec<ClientCertificate> = Vec::new();
    for table in root.tables("client_certificate") {
        let client = Client::certificate(&table);
        if let Some(client) = client {
            if clients.iter().any(|other| other.holder == client.holder) {
                let key = match client.holder {
                    Holder::Subject(_) => "subject",
                    Holder::Fingerprint(_) => "sha256",
                };
                table.wrong(key, "another client has it; name each certificate once");
            }
            clients.push(client);
        }
        table.finish();
    }
    clients
}
