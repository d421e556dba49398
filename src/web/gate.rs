//! Who calls, and what they may do: the boundary to the store of tokens and certificates.

use std::sync::Arc;

use crate::access;
use crate::record::Stream;
use crate::review::Viewer;

/// What a caller asks to do. A new route needs one of these, so that no route is without a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// Send rows of a stream, or claims as XML.
    Push,
    /// Ask whether a person authenticates.
    Authenticate,
    /// Look through alerts, page by page.
    ReadAlerts,
    /// Take away all alerts, or their history.
    Export,
    /// Look through rejected rows.
    ReadRejects,
    /// Repair or dismiss a rejected row.
    SettleRejects,
    /// Have the retired claims of a person decided on again.
    RestoreClaims,
    /// Take back what loads brought.
    UndoLoads,
    /// See the sources and how far they are read.
    ReadSources,
    /// Let a stopped source go on.
    ResumeSources,
    /// See what the service does.
    ReadStatus,
    /// Do something about alerts of the queue.
    ReviewAlerts,
    /// Decide on what was proposed.
    ApproveVerdicts,
    /// Have a masked row behind an alert shown.
    Reveal,
    /// Find the alerts of a person by a number of theirs.
    SearchPeople,
    /// Look into what citizens say is wrong, and answer it.
    AnswerCorrections,
    /// Read who looked at what.
    ReadAccessLog,
    /// Ask for a citizen's own records on their behalf.
    SelfCheck,
}

impl Action {
    /// Every action.
    pub const ALL: &'static [Action] = &[
        Action::Push,
        Action::Authenticate,
        Action::ReadAlerts,
        Action::Export,
        Action::ReadRejects,
        Action::SettleRejects,
        Action::RestoreClaims,
        Action::UndoLoads,
        Action::ReadSources,
        Action::ResumeSources,
        Action::ReadStatus,
        Action::ReviewAlerts,
        Action::ApproveVerdicts,
        Action::Reveal,
        Action::SearchPeople,
        Action::AnswerCorrections,
        Action::ReadAccessLog,
        Action::SelfCheck,
    ];

    /// What the matrix of permissions calls it.
    pub fn granted(self) -> access::Action {
        match self {
            Self::Push => access::Action::PushStream,
            Self::Authenticate => access::Action::Authenticate,
            Self::ReadAlerts => access::Action::ReadAlerts,
            Self::Export => access::Action::Export,
            Self::ReadRejects => access::Action::ReadRejects,
            Self::SettleRejects => access::Action::RepairRejects,
            Self::RestoreClaims => access::Action::RestoreClaims,
            Self::UndoLoads => access::Action::UndoLoads,
            Self::ReadSources | Self::ReadStatus => access::Action::ReadStatus,
            Self::ResumeSources => access::Action::ResumeSource,
            Self::ReviewAlerts => access::Action::ReviewAlerts,
            Self::ApproveVerdicts => access::Action::ApproveVerdicts,
            Self::Reveal => access::Action::Reveal,
            Self::SearchPeople => access::Action::SearchPeople,
            Self::AnswerCorrections => access::Action::AnswerCorrections,
            Self::ReadAccessLog => access::Action::ReadAccessLog,
            Self::SelfCheck => access::Action::SelfCheck,
        }
    }
}

/// Somebody who is known.
pub trait Principal: Send + Sync + 'static {
    /// A name for logs: never a secret, and never an identifier of a person of the registers.
    fn id(&self) -> &str;

    /// The name of the role, one of a few, since it labels a metric.
    fn role(&self) -> &'static str;

    /// Whether they may. `stream` is given with [`Action::Push`], and with [`Action::SettleRejects`] where the
    /// row's stream is known; what is not granted is refused.
    fn may(&self, action: Action, stream: Option<Stream>) -> bool;

    /// As whom they look at alerts: their role, and the provinces whose alerts they see. None sees none.
    fn viewer(&self) -> Option<Viewer> {
        None
    }

    /// Whether a person is behind it, who can decide what people have to.
    fn is_person(&self) -> bool {
        false
    }
}

/// Knows callers by what they present. Both methods are called on threads that serve requests: they must answer
/// from memory, compare secrets in constant time, and never panic on malformed input.
pub trait Gate: Send + Sync + 'static {
    /// Whose bearer token it is; none where it is unknown, expired or withdrawn. The text has only the characters
    /// of a bearer token (RFC 6750) and at most 512 of them.
    fn by_token(&self, token: &str) -> Option<Arc<dyn Principal>>;

    /// Whose client certificate it is, as DER. Its chain has been verified; whether this certificate is still
    /// welcome has not.
    fn by_certificate(&self, certificate: &[u8]) -> Option<Arc<dyn Principal>>;
}
