//! Callers by their tokens and certificates.

use std::sync::Arc;

use crate::access::{self, Refused};
use crate::record::Stream;
use crate::web::{Action, Gate, Principal};

/// Knows callers by the register of tokens and the certificates of the configuration.
pub(super) struct TokenGate(Arc<access::Gate>);

impl TokenGate {
    pub(super) fn new(gate: Arc<access::Gate>) -> Self {
        Self(gate)
    }
}

impl Gate for TokenGate {
    fn by_token(&self, token: &str) -> Option<Arc<dyn Principal>> {
        known(self.0.authenticate(token))
    }

    fn by_certificate(&self, certificate: &[u8]) -> Option<Arc<dyn Principal>> {
        known(self.0.authenticate_certificate(certificate))
    }
}

fn known(found: Result<Arc<access::Principal>, Refused>) -> Option<Arc<dyn Principal>> {
    found.ok().map(|principal| {
        let caller: Arc<dyn Principal> = Arc::new(Caller(principal));
        caller
    })
}

struct Caller(Arc<access::Principal>);

impl Principal for Caller {
    fn id(&self) -> &str {
        self.0.name()
    }

    fn role(&self) -> &'static str {
        self.0.role().as_str()
    }

    fn may(&self, action: Action, stream: Option<Stream>) -> bool {
        self.0.may(granted(action), stream)
    }
}

/// What the matrix of roles calls what a caller asks to do.
pub(super) fn granted(action: Action) -> access::Action {
    match action {
        Action::Push => access::Action::PushStream,
        Action::Authenticate => access::Action::Authenticate,
        Action::ReadAlerts => access::Action::ReadAlerts,
        Action::Export => access::Action::Export,
        Action::ReadRejects => access::Action::ReadRejects,
        Action::SettleRejects => access::Action::RepairRejects,
        Action::RestoreClaims => access::Action::RestoreClaims,
        Action::ReadSources | Action::ReadStatus => access::Action::ReadStatus,
        Action::ResumeSources => access::Action::ResumeSource,
        Action::SelfCheck => access::Action::SelfCheck,
    }
}
