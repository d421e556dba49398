//! Who looks and acts.

use crate::access::Role;

/// Somebody who works on alerts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// The name under which they sign in.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// The provinces whose facilities they work on, in two digits; none is all.
    pub provinces: Vec<String>,
}

impl Viewer {
    /// Whether they supervise.
    pub fn is_supervisor(&self) -> bool {
        self.role == Role::Supervisor
    }

    /// Whether alerts of a province are theirs. What is of no facility is everybody's.
    pub fn sees(&self, province: Option<&str>) -> bool {
        let is_own = |province: &str| self.provinces.iter().any(|own| own == province);
        self.provinces.is_empty() || province.is_none_or(is_own)
    }
}
