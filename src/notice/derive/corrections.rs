//! Corrections of an authentication as leads: where `unauthenticated_identity`, or whoever authenticates
//! participants, plugs in.

use super::lead::{Lead, Says, Stated};
use crate::alert::AlertId;
use crate::authenticate::{Correction, Database, Field, FieldValue, GivenId};
use crate::notice::proposal::{Target, Told};
use crate::record::{Key, SiNumber, Stream};
use crate::rule::Reason;

/// What the corrections of a participant who does not authenticate say of the insurance and the
/// population database.
///
/// `id` is the number by which the participant names a citizen. Where a correction proposes another, the
/// others are about that citizen, as [`corrections`](crate::authenticate::corrections) makes them.
pub(super) fn leads_of_corrections(
    (reason, alert_id): (Reason, AlertId),
    participant: SiNumber,
    id: Option<GivenId>,
    corrections: &[Correction],
) -> Vec<Lead> {
    let linked = corrections.iter().find_map(|correction| {
        match (correction.database, correction.field, &correction.proposed) {
            (Database::Insurance, Field::PersonalId, FieldValue::PersonalId(id)) => Some(*id),
            _ => None,
        }
    });
    let citizen = linked.or(id);
    let leads = corrections.iter().filter_map(|correction| {
        let (stream, key) = match correction.database {
            Database::Population => match citizen? {
                GivenId::Personal(id) => (Stream::Citizens, Told::of(&Key::Citizen(id))),
                GivenId::Old(_) => return None,
            },
            _ => (
                Stream::Participants,
                Told::of(&Key::Participant(participant)),
            ),
        };
        Some(Lead {
            target: Target {
                database: correction.database,
                stream,
                key,
                field: correction.field,
            },
            reason,
            alert_id,
            says: Says::Stated(Stated {
                confidence: correction.confidence,
                basis: correction.basis,
                current: correction.current.as_ref().map(Told::of),
                proposed: Some(Told::of(&correction.proposed)),
                since: None,
            }),
        })
    });
    leads.collect()
}
