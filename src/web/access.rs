//! The access log: who saw what, and how much of it.

/// What was done, under the name it has in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AccessAction {
    /// Asked whether a person authenticates.
    Authenticate,
    /// Read a page of alerts.
    ReadAlerts,
    /// Exported the alerts.
    ExportAlerts,
    /// Exported the history.
    ExportHistory,
    /// Read rejected rows.
    ReadRejects,
    /// Repaired a rejected row.
    RepairReject,
    /// Dismissed a rejected row.
    DismissReject,
    /// Let a source go on.
    ResumeSource,
    /// Had the retired claims of a person decided on again.
    RestoreClaims,
}

impl AccessAction {
    /// The name in the log; never changed once published.
    pub fn name(self) -> &'static str {
        match self {
            Self::Authenticate => "authenticate",
            Self::ReadAlerts => "read_alerts",
            Self::ExportAlerts => "export_alerts",
            Self::ExportHistory => "export_history",
            Self::ReadRejects => "read_rejects",
            Self::RepairReject => "repair_reject",
            Self::DismissReject => "dismiss_reject",
            Self::ResumeSource => "resume_source",
            Self::RestoreClaims => "restore_claims",
        }
    }
}

/// Where the access stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Allowed, and about to begin; how much it will be is not known. Only exports have this entry, and an
    /// [`Ended`](Self::Ended) one follows.
    Begun,
    /// Done, or ended before its time.
    Ended {
        /// How many objects left the service, or were changed.
        objects: u64,
        /// Whether that was all that was asked for.
        complete: bool,
    },
}

/// One entry. Nothing in it is of a person of the registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessEntry<'a> {
    /// The caller's id.
    pub principal: &'a str,
    /// The caller's role.
    pub role: &'static str,
    /// What was done.
    pub action: AccessAction,
    /// Where it stands.
    pub stage: Stage,
}

/// The entry could not be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the access log could not be written")]
pub struct AccessError;

/// Keeps the access log.
pub trait Ledger: Send + Sync + 'static {
    /// Keeps an entry; when it returns, the entry is durable. Called from threads that may block.
    ///
    /// # Errors
    /// When it cannot be kept: what the entry is about is then not told.
    fn record(&self, entry: &AccessEntry<'_>) -> Result<(), AccessError>;
}
