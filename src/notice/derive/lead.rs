//! What one alert says of one value.

use crate::alert::{AlertId, Case};
use crate::authenticate::{Basis, Confidence, Database, Field};
use crate::notice::proposal::{Target, Told};
use crate::record::{Day, Key};
use crate::rule::Reason;

use super::death::{Dead, DiedBefore};

/// What an alert says of a value. Leads of one target become one proposal.
#[derive(Clone, Debug)]
pub struct Lead {
    pub(super) target: Target,
    pub(super) reason: Reason,
    pub(super) alert_id: AlertId,
    pub(super) says: Says,
}

/// What is said of the value.
#[derive(Clone, Debug)]
pub(super) enum Says {
    /// What is proposed, as far as this alert goes.
    Stated(Stated),
    /// A recorded death is before a visit: what to propose depends on every such visit.
    DiedBefore(DiedBefore),
    /// Somebody is dead, and a value does not say so: how sure that is depends on whether visits speak
    /// against it.
    Dead(Dead),
}

impl Says {
    /// Whether it speaks against a recorded death.
    pub(super) fn doubts_death(&self) -> bool {
        matches!(self, Says::DiedBefore(_))
    }
}

/// What is proposed of a value. The order puts the least sure last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stated {
    pub confidence: Confidence,
    pub basis: Basis,
    pub current: Option<Told>,
    pub proposed: Option<Told>,
    pub since: Option<Day>,
}

impl Stated {
    /// That somebody look at a value.
    pub(super) fn look_into(current: Option<Told>, confidence: Confidence, basis: Basis) -> Self {
        Self {
            confidence,
            basis,
            current,
            proposed: None,
            since: None,
        }
    }
}

impl Lead {
    /// What the alert of a case says of a field of a record.
    pub(super) fn of(
        case: &Case,
        (database, key, field): (Database, &Key, Field),
        says: Says,
    ) -> Self {
        Self {
            target: Target {
                database,
                stream: key.stream(),
                key: Told::of(key),
                field,
            },
            reason: case.reason,
            alert_id: case.alert_id,
            says,
        }
    }
}
