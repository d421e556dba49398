//! The configuration, as each part wants it.

use std::path::Path;
use std::sync::Arc;

use ureq::tls::{Certificate, PemItem, parse_pem};

use super::ServerError;
use crate::access::OidcSettings;
use crate::config::{Config, Database, DirectorySource, HTTP_SOURCE, Resume, SourceKind};
use crate::detector::Detector;
use crate::journal::MasterKey;
use crate::link::{LinkModel, PersonLinkage};
use crate::model::{ModelRegistry, OutlierModel, builtin};
use crate::persons::Slice;
use crate::processes::Hosts;
use crate::record::Stream;
use crate::replay::JournalInput;
use crate::resolve::RetentionWindow;
use crate::rule::{BUILTIN_MODEL, ExclusiveBenefits, ReasonSet, Rules};
use crate::self_replay::{Task, Until};
use crate::service::{
    BreakerBounds, Clock, EpochBounds, InboxOptions, Options, QueueBounds, SnapshotPolicy,
};
use crate::store::StorePlace;
use crate::web::{ClientCertificates, TlsOptions};

fn configured(error: impl std::fmt::Display) -> ServerError {
    ServerError::Configured(error.to_string())
}

/// Where alerts are stored.
pub(crate) fn store(config: &Config, data: &Path) -> Result<StorePlace, ServerError> {
    Ok(match config.database() {
        Database::Embedded => StorePlace::File(data.join("alerts.db")),
        Database::Sqlite(path) => StorePlace::File(path.clone()),
        Database::Postgres(url) => url.reveal().parse().map_err(configured)?,
    })
}

/// A self-replay of a service, up to where and of whom is said.
///
/// # Errors
/// When something that the configuration names cannot be used.
pub(crate) fn self_replay(
    config: &Config,
    data: &Path,
    (until, slice): (Until, Slice),
    clock: Clock,
) -> Result<Task, ServerError> {
    Ok(Task {
        data: data.to_owned(),
        store: store(config, data)?,
        detector: detector(config)?,
        journal: JournalInput {
            master_key: master_key(config)?,
            ..JournalInput::default()
        },
        workers: config.detector().workers as usize,
        until,
        slice,
        clock,
    })
}

/// What the service is asked to do.
pub(super) fn service(
    config: &Config,
    data: &Path,
    store: StorePlace,
    processes: Option<Hosts>,
    clock: Clock,
) -> Result<Options, ServerError> {
    let (epoch, queue) = (config.epoch(), config.queue());
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    Ok(Options {
        data: data.to_owned(),
        store,
        detector: detector(config)?,
        workers: config.detector().workers as usize,
        processes,
        epoch: EpochBounds {
            wait: epoch.max_wait.0,
            rows: count(epoch.max_rows),
        },
        epochs_in_flight: epoch.max_ahead as usize,
        queue: QueueBounds {
            rows: count(queue.max_rows),
            bytes: count(queue.max_bytes.0),
            rows_of_source: count(queue.source_max_rows),
            bytes_of_source: count(queue.source_max_bytes.0),
        },
        master_key: master_key(config)?,
        segment_bytes: config.journal().segment_size.0,
        snapshots: SnapshotPolicy {
            every: config.snapshot().every.0,
            every_epochs: config.snapshot().every_epochs,
            keep: config.snapshot().keep as usize,
        },
        finds_people: !config.portals().is_empty(),
        remember_requests: config.http().idempotency_window.0,
        clock,
    })
}

/// What the keys in the data directory are wrapped by.
pub(super) fn master_key(config: &Config) -> Result<Option<MasterKey>, ServerError> {
    let key = config.master_key();
    let key = key.map(|key| MasterKey::from_bytes(key.reveal()));
    key.transpose().map_err(configured)
}

/// What decides.
fn detector(config: &Config) -> Result<Detector, ServerError> {
    let of = config.detector();
    let path =
        |file: &Option<crate::config::ExistingFile>| file.as_ref().map(|file| file.to_path_buf());
    let rules = match path(&of.rules_file) {
        None => Rules::default(),
        Some(file) => Rules::read(&file).map_err(configured)?,
    };
    let mut models = ModelRegistry::new(model(path(&of.model_file).as_deref())?);
    for name in rules
        .activations()
        .iter()
        .filter_map(|one| one.model.as_deref())
    {
        let file = (name != Path::new(BUILTIN_MODEL)).then_some(name);
        models.add(name, model(file)?).map_err(configured)?;
    }
    let benefits = match path(&of.exclusive_benefits_file) {
        None => ExclusiveBenefits::builtin().clone(),
        Some(file) => ExclusiveBenefits::read(&file).map_err(configured)?,
    };
    let least = of
        .link_probability
        .map_or(PersonLinkage::PROBABILITY, |share| share.0);
    let link_model = match path(&of.link_model_file) {
        None => PersonLinkage::builtin().model.artefact().clone(),
        Some(file) => {
            let text = read(&file)?;
            LinkModel::from_json(&text).map_err(|error| of_file(&file, &error))?
        }
    };
    let linkage = PersonLinkage::new(link_model, least).map_err(configured)?;
    let shadow = path(&of.shadow_model_file)
        .map(|file| model(Some(&file)))
        .transpose()?;
    Ok(Detector {
        reasons: of.reasons.unwrap_or(ReasonSet::ALL),
        rules: rules.into(),
        models,
        shadow_model: shadow,
        exclusive_benefits: benefits.into(),
        linkage: linkage.into(),
        retention: (config.retention().claims).map(|days| RetentionWindow { days: days.0 }),
    })
}

fn model(file: Option<&Path>) -> Result<Arc<OutlierModel>, ServerError> {
    let Some(file) = file else {
        return Ok(Arc::new(builtin().clone()));
    };
    let model = OutlierModel::from_json(&read(file)?).map_err(|error| of_file(file, &error))?;
    Ok(Arc::new(model))
}

fn read(file: &Path) -> Result<String, ServerError> {
    std::fs::read_to_string(file).map_err(|error| ServerError::File {
        path: file.to_owned(),
        error,
    })
}

fn of_file(file: &Path, error: &dyn std::fmt::Display) -> ServerError {
    let shown = file.display();
    configured(format!(
        "{shown}: {error}; name a file that fundwatch made, or leave it out of the configuration"
    ))
}

/// When each source is paused.
pub(super) fn breakers(config: &Config) -> impl Fn(&str) -> BreakerBounds + Send + Sync + 'static {
    let config = config.clone();
    move |source| {
        let breaker = config.breaker(source);
        BreakerBounds {
            max_rejected_share: breaker.max_rejected_share.0,
            min_rows: breaker.min_rows,
            window: breaker.window.0,
            resume_after: match breaker.resume {
                Resume::Operator => None,
                Resume::After(span) => Some(span.0),
            },
        }
    }
}

/// The names of all sources; what is pushed is one.
pub(super) fn source_names(config: &Config) -> Vec<String> {
    let named = config
        .sources()
        .iter()
        .map(|source| source.name().to_owned());
    std::iter::once(HTTP_SOURCE.to_owned())
        .chain(named)
        .collect()
}

/// The names of sources that read Kafka.
pub(super) fn kafka_source_names(config: &Config) -> Vec<String> {
    let sources = config.sources().iter();
    let of_kafka = sources.filter(|source| matches!(source.kind, SourceKind::Kafka(_)));
    of_kafka.map(|source| source.name().to_owned()).collect()
}

/// A directory that files are put into.
pub(super) fn inbox(config: &Config, source: &DirectorySource, data: &Path) -> InboxOptions {
    let streams = source.streams.as_ref();
    let is_taken = |stream: &&Stream| streams.is_none_or(|streams| streams.contains(**stream));
    let rejected = source.rejected.as_ref().unwrap_or(&source.done);
    InboxOptions {
        name: source.name.0.clone(),
        path: source.path.to_path_buf(),
        done: source.done.to_path_buf(),
        failed: rejected.to_path_buf(),
        streams: Stream::ALL.iter().filter(is_taken).copied().collect(),
        poll: source.poll_interval.0,
        settle: source.settle_time.0,
        rows: usize::try_from(config.epoch().max_rows).unwrap_or(usize::MAX),
        scratch: data.join("scratch"),
    }
}

/// The identity provider that people sign in by, with what they call it.
pub(super) fn oidc(config: &Config) -> Result<Option<(String, OidcSettings)>, ServerError> {
    let of = config.oidc();
    let origin = config.http().public_origin.as_ref();
    // A configuration with an issuer has the others.
    let (Some(issuer), Some(client_id), Some(origin)) = (&of.issuer, &of.client_id, origin) else {
        return Ok(None);
    };
    let secret = config.oidc_secret();
    let settings = OidcSettings {
        issuer: issuer.as_str().to_owned(),
        client_id: client_id.clone(),
        client_secret: secret.map(|secret| secret.reveal().to_owned().into()),
        origin: origin.as_str().to_owned(),
        scopes: of.scopes.0.clone(),
        name_claim: of.name_claim.clone(),
        groups_claim: of.groups_claim.clone(),
        groups: config.oidc_groups().to_vec(),
        authorities: of.ca_file.as_deref().map(authorities).transpose()?,
    };
    let name = of.name.clone();
    let name = name.unwrap_or_else(|| issuer.host().to_owned());
    Ok(Some((name, settings)))
}

/// The certificates in a file.
pub(super) fn authorities(file: &Path) -> Result<Vec<Certificate<'static>>, ServerError> {
    let pem = read(file)?;
    let certificates = parse_pem(pem.as_bytes()).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    Ok(certificates.collect())
}

/// TLS of the API listener.
pub(super) fn tls(config: &Config) -> Option<TlsOptions> {
    let http = config.http();
    let (certificate, key) = (http.certificate_file.as_ref()?, http.key_file.as_ref()?);
    Some(TlsOptions {
        certificate_file: certificate.to_path_buf(),
        key_file: key.to_path_buf(),
        clients: match &http.client_ca_file {
            None => ClientCertificates::Off,
            Some(authorities) => ClientCertificates::Optional(authorities.to_path_buf()),
        },
    })
}
