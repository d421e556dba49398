//! The support bundle: what somebody else needs to see of a service that does not do what it should.
//!
//! In: a data directory, its configuration, the ops listener of the service if it runs. Out: one `tar.gz` of small
//! files. Must hold: nothing in it is about a person, and no secret - counts, sizes, months, versions and settings
//! alone; nothing is locked or written but the bundle; what cannot be read is told in the bundle, and is no reason
//! to make none.

mod archive;
mod configuration;
mod data;
mod listener;
mod log;
mod machine;
mod scrub;

use std::path::{Path, PathBuf};

pub use archive::BundleError;

use archive::Archive;

/// What a bundle is made of.
#[derive(Clone, Debug)]
pub struct BundleOptions {
    /// The data directory of the service.
    pub data: PathBuf,
    /// Its configuration, if it has one.
    pub config: Option<PathBuf>,
    /// The address of its ops listener, as `http://HOST:PORT`; as the configuration says where it is not given.
    pub ops: Option<String>,
    /// A file that its log goes to.
    pub log: Option<PathBuf>,
}

/// A file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name in the bundle.
    pub name: &'static str,
    /// What it says, in some words.
    pub about: &'static str,
    /// Its bytes.
    pub bytes: u64,
    /// Why something of it could not be read.
    pub missing: Vec<String>,
}

/// What was read for a file: its text, and what could not be read.
#[derive(Default)]
struct Found {
    text: String,
    missing: Vec<String>,
}

impl Found {
    fn json(value: &serde_json::Value, missing: Vec<String>) -> Self {
        let text = serde_json::to_string_pretty(value).expect("what is JSON can be written");
        Self { text, missing }
    }
}

/// Makes a bundle at a path where nothing is yet; only its owner may read it.
///
/// # Errors
/// When the bundle itself cannot be written.
pub fn make(options: &BundleOptions, output: &Path) -> Result<Vec<Part>, BundleError> {
    let variable = |name: &str| std::env::var(name).ok();
    let config = configuration::load(options.config.as_deref(), &variable);
    let of_config = config.as_ref().ok();
    let ops = listener::address(options.ops.as_deref(), of_config);
    let mut archive = Archive::create(output)?;
    let mut parts = Vec::new();
    let mut add = |name, about, found: Found| {
        let part = Part {
            name,
            about,
            bytes: found.text.len() as u64,
            missing: found.missing,
        };
        archive.add(name, found.text.as_bytes())?;
        parts.push(part);
        Ok::<_, BundleError>(())
    };
    let (about, found) = (
        "version, build, cores, memory, disk",
        machine::facts(&options.data),
    );
    add("machine.json", about, found)?;
    let (about, found) = (
        "settings; no secrets",
        configuration::shown(options.config.as_deref(), &config),
    );
    add("configuration.json", about, found)?;
    let (about, found) = (
        "segments, epochs, keys, snapshots: names and sizes",
        data::facts(&options.data),
    );
    add("data.json", about, found)?;
    let (about, found) = (
        "alerts and rejected rows: counts",
        data::store(&options.data, of_config),
    );
    add("store.json", about, found)?;
    for (name, path) in [
        ("metrics.txt", "/metrics"),
        ("readyz.json", "/readyz"),
        ("startupz.json", "/startupz"),
    ] {
        add(
            name,
            "what the running service says of itself",
            listener::get(&ops, path),
        )?;
    }
    if let Some(file) = &options.log {
        add(
            "log.txt",
            "its last lines; long numbers and tokens masked",
            log::tail(file),
        )?;
    }
    let summary = summary(&parts);
    archive.add("README.txt", summary.as_bytes())?;
    archive.finish()?;
    Ok(parts)
}

/// What is in a bundle, for people.
fn summary(parts: &[Part]) -> String {
    let mut text = String::from(
        "A support bundle of fundwatch. No rows, no identifiers, no secrets are in it.\n\n",
    );
    for part in parts {
        text.push_str(&format!(
            "{:<20} {:>9} bytes  {}\n",
            part.name, part.bytes, part.about
        ));
        for missing in &part.missing {
            text.push_str(&format!("{:<20} could not be read: {missing}\n", ""));
        }
    }
    text
}
