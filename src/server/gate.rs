//! Callers by their tokens and certificates.

use std::sync::Arc;

use super::pages::codes;
use crate::access::{self, Refused};
use crate::record::Stream;
use crate::review::Viewer;
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
        // What is taken away whole is of all provinces.
        let is_theirs = action != Action::Export || self.0.person().is_none_or(|own| own.is_all());
        is_theirs && self.0.may(action.granted(), stream)
    }

    fn viewer(&self) -> Option<Viewer> {
        Some(Viewer {
            name: self.0.name().to_owned(),
            role: self.0.role(),
            provinces: self.0.person().map(codes).unwrap_or_default(),
        })
    }

    fn is_person(&self) -> bool {
        self.0.person().is_some()
    }
}
