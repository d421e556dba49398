//! Which program ran.
//!
//! In: what the build told (`build.rs`), the executable, and the lock file that it was built with. Out: what tells
//! one program from another. Must hold: what is not known is left out and not made up.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::digest::digest;
use crate::hex::hex;

/// Which program ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// The package's version.
    pub version: String,
    /// The revision that it was built from, where the build knew it.
    pub git_revision: Option<String>,
    /// Whether it was built from files that differ from the revision, where the build could tell.
    pub git_dirty: Option<bool>,
    /// SHA-256 of the executable, where it can be read.
    pub executable_sha256: Option<String>,
    /// SHA-256 of the lock file, which names the libraries.
    pub cargo_lock_sha256: String,
    /// The compiler, where the build knew it.
    pub rustc: Option<String>,
    /// What it was built for.
    pub target: Option<String>,
}

impl Code {
    /// The program that runs.
    pub fn running() -> &'static Self {
        static CODE: OnceLock<Code> = OnceLock::new();
        CODE.get_or_init(|| Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            git_revision: told(option_env!("FUNDWATCH_REVISION")),
            git_dirty: option_env!("FUNDWATCH_DIRTY").map(|dirty| dirty == "yes"),
            executable_sha256: executable_sha256(),
            cargo_lock_sha256: hex(&Sha256::digest(include_bytes!("../../Cargo.lock"))),
            rustc: told(option_env!("FUNDWATCH_RUSTC")),
            target: told(option_env!("FUNDWATCH_TARGET")),
        })
    }
}

impl Code {
    /// What tells this program from any other: its executable or, where that cannot be read, its version and libraries.
    pub fn identity(&self) -> &str {
        (self.executable_sha256.as_deref()).unwrap_or(&self.cargo_lock_sha256)
    }

    /// Whether what it states can be signed: it was not built from files that differ from its revision.
    pub fn may_sign(&self) -> bool {
        self.git_dirty != Some(true)
    }
}

fn told(value: Option<&str>) -> Option<String> {
    let value = value.filter(|value| !value.is_empty() && *value != "unknown");
    value.map(str::to_owned)
}

/// SHA-256 of the executable that runs, where it can be read.
fn executable_sha256() -> Option<String> {
    let path = std::env::current_exe().ok()?;
    digest(&path).ok().map(|(_, sha256)| sha256)
}
