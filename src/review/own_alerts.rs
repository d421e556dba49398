//! The alerts about a person, for the person themself: which they are, and why they hold.
//!
//! Must hold: it is no look of somebody at the desk; whoever asks on the person's behalf is logged by who answers them.

use rusqlite::params;

use super::desk::Desk;
use super::error::DeskError;
use super::item::GroupId;
use crate::rule::{Class, Reason};

/// Alerts that are looked at.
const MOST: u32 = 50;

/// An alert about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnAlert {
    /// Its id.
    pub alert_id: String,
    /// Why it holds, or held.
    pub reason: Reason,
    /// Of which class it is.
    pub class: Class,
    /// Whether it holds.
    pub is_active: bool,
}

impl Desk {
    /// The alerts of a person's pseudonyms, withdrawn ones too, the last raised first: at most 50.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn alerts_of(&self, people: &[GroupId]) -> Result<Vec<OwnAlert>, DeskError> {
        self.database.read(|connection| {
            let query =
                "SELECT alert_id, reason, class, state = 'active', raised_at FROM item WHERE person = ?1
                ORDER BY raised_at DESC, alert_id LIMIT ?2";
            let mut query = connection.prepare_cached(query)?;
            let mut alerts = Vec::new();
            for person in people {
                let mut found = query.query(params![person.0, MOST])?;
                while let Some(row) = found.next()? {
                    let (reason, class) = (row.get::<_, String>(1)?, row.get::<_, String>(2)?);
                    // One that this version does not know is not told.
                    if let (Some(reason), Some(class)) =
                        (Reason::from_name(&reason), Class::from_name(&class))
                    {
                        let raised: i64 = row.get(4)?;
                        let alert = OwnAlert {
                            alert_id: row.get(0)?,
                            reason,
                            class,
                            is_active: row.get(3)?,
                        };
                        alerts.push((raised, alert));
                    }
                }
            }
            // Of all pseudonyms alike: none of them has the others left out.
            alerts.sort_by(|(a, of_a), (b, of_b)| {
                b.cmp(a).then_with(|| of_a.alert_id.cmp(&of_b.alert_id))
            });
            alerts.truncate(MOST as usize);
            Ok(alerts.into_iter().map(|(_, alert)| alert).collect())
        })
    }
}
