//! What citizens ask through portals: the boundary to their records and to requests for corrections.

use std::time::Duration;

use serde_json::Value;

use super::gate::Principal;
use crate::language::Language;
use crate::self_check::Untrusted;

/// Why a citizen is not answered. None of them says anything of the citizen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelfCheckError {
    /// The caller is none of the portals that are configured.
    #[error("the caller is not a portal that is configured")]
    NotAPortal,
    /// The assertion is not believed.
    #[error(transparent)]
    Untrusted(#[from] Untrusted),
    /// The assertion was used before.
    #[error("the assertion was used before")]
    Replayed,
    /// As much was asked for as one may.
    #[error("that is as often as one may")]
    Spent {
        /// How long until one may again.
        retry_after: Duration,
    },
    /// The person has no request of this reference.
    #[error("there is no such request")]
    NoSuchRequest,
    /// What is asked for is not a correction of a field of a database.
    #[error("that is no correction of a field of a database")]
    BadRequest,
    /// The access log cannot be written.
    #[error("the access log cannot be written")]
    NotLogged,
    /// Not now.
    #[error("{0}")]
    Unavailable(&'static str),
}

/// What a citizen says is wrong.
#[derive(Clone, PartialEq, Eq)]
pub struct AskedCorrection {
    /// Which database, by the name of its stream.
    pub database: String,
    /// What of it, by the name that the records have it under.
    pub field: String,
    /// What is right.
    pub should_be: String,
    /// More about it.
    pub note: Option<String>,
}

/// A person typed it: it is not shown.
impl std::fmt::Debug for AskedCorrection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AskedCorrection").finish_non_exhaustive()
    }
}

/// Answers citizens. Every method is called from a thread that may block, and uses the assertion up; when it returns, the
/// access is in the access log.
pub trait SelfCheck: Send + Sync + 'static {
    /// The records of whom the portal vouches for, what does not fit together in them, and who read them.
    ///
    /// # Errors
    /// Why they are not told.
    fn records(
        &self,
        caller: &dyn Principal,
        assertion: &str,
        language: Language,
    ) -> Result<Value, SelfCheckError>;

    /// Asks for a correction. Gives its reference and when it is answered.
    ///
    /// # Errors
    /// Why it is not taken in.
    fn correct(
        &self,
        caller: &dyn Principal,
        assertion: &str,
        asked: &AskedCorrection,
        language: Language,
    ) -> Result<Value, SelfCheckError>;

    /// How a request of the same person stands, and its answer.
    ///
    /// # Errors
    /// Why that is not told; another person's is as one that does not exist.
    fn status(
        &self,
        caller: &dyn Principal,
        assertion: &str,
        reference: &str,
        language: Language,
    ) -> Result<Value, SelfCheckError>;
}
