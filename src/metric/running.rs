//! What runs: the binary, the rules and models in force, the memory that it may use.
//!
//! In: names and digests, as they take force. Out: families that are always 1, and a limit. Must hold:
//! there is one series of each role.

use std::sync::{Mutex, PoisonError};

use super::bounds::{BoundsError, Digest, Name};
use super::family::{Spec, Unit};
use super::handle::{Info, Once};
use super::label::Label;
use super::model::ModelRole;
use super::registrar::{Dimension, Registrar};

const BUILD: Spec = Spec::new(
    "fundwatch_build_info",
    Unit::Info,
    "The running binary; always 1.",
);
const RULES: Spec = Spec::new(
    "fundwatch_ruleset_info",
    Unit::Info,
    "Rules and settings in force, by role; always 1.",
);
const MODEL: Spec = Spec::new(
    "fundwatch_model_info",
    Unit::Info,
    "Outlier models in force, by role; always 1.",
);
const MEMORY: Spec = Spec::new(
    "fundwatch_memory_limit_bytes",
    Unit::Bytes,
    "Memory that the process may use, from the configuration or the control group; absent when there is no limit.",
);

/// The binary.
#[derive(Clone, Debug)]
pub struct Build {
    /// The package's version.
    pub version: &'static str,
    /// The first characters of the commit; `unknown` where it was not told at build time.
    pub revision: &'static str,
    /// How it was built: `release` or `debug`.
    pub profile: &'static str,
}

impl Default for Build {
    fn default() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            revision: option_env!("FUNDWATCH_REVISION").unwrap_or("unknown"),
            profile: if cfg!(debug_assertions) {
                "debug"
            } else {
                "release"
            },
        }
    }
}

/// What runs.
pub struct RunningMetrics {
    rules: Versions,
    model: Versions,
    memory: Once,
}

/// A family of versions in force, and what was told of each role.
struct Versions {
    info: Info,
    told: Mutex<[Option<(Name, String)>; ModelRole::ALL.len()]>,
}

impl Versions {
    fn new(info: Info) -> Self {
        Self {
            info,
            told: Mutex::default(),
        }
    }

    fn set(&self, role: ModelRole, name: &Name, digest: Digest) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let digest = digest.to_string();
        let told = &mut told[role.index()];
        let before = told.as_ref();
        let before = before.map(|(name, digest)| [role.text(), name.as_str(), digest]);
        self.info.set(
            before.as_ref().map(<[&str; 3]>::as_slice),
            &[role.text(), name.as_str(), &digest],
        );
        *told = Some((name.clone(), digest));
    }
}

impl RunningMetrics {
    pub(super) fn new(to: &mut Registrar, build: &Build) -> Result<Self, BoundsError> {
        to.subject("What runs");
        let one = |name, words, value| Dimension::at_start(name, words, [value]);
        let labels = vec![
            one("version", "the package's version", build.version),
            one("revision", "the commit", build.revision),
            one("profile", "`release` or `debug`", build.profile),
        ];
        for gauge in to.gauges(BUILD, labels)? {
            gauge.set(1.0);
        }
        let named = |name, words| {
            vec![
                Dimension::of::<ModelRole>(),
                Dimension::at_start(name, words, []),
                Dimension::at_start("digest", "eight hexadecimal digits", []),
            ]
        };
        let rules = to.info(RULES, named("ruleset", "the name of the rules in force"))?;
        let model = to.info(MODEL, named("model", "the name of the model in force"))?;
        Ok(Self {
            rules: Versions::new(rules),
            model: Versions::new(model),
            memory: to.once(MEMORY)?,
        })
    }

    /// Rules and settings take force.
    pub fn set_rules(&self, role: ModelRole, name: &Name, digest: Digest) {
        self.rules.set(role, name, digest);
    }

    /// A model takes force.
    pub fn set_model(&self, role: ModelRole, name: &Name, digest: Digest) {
        self.model.set(role, name, digest);
    }

    /// The bytes of memory that the process may use.
    pub fn set_memory_limit(&self, bytes: u64) {
        self.memory.set(bytes as f64);
    }
}
