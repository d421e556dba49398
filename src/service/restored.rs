//! Restored claims, as the store has them.
//!
//! In: deliveries that restore claims, and what the store has of earlier ones. Out: rows of the store, and back.
//! Must hold: what is stored reads back as what was restored.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::journal::Delivery;
use crate::record::{Day, Facility, Key, Stream, Text, Value};
use crate::store::RestoredClaim;

/// The claims that deliveries restore, each for the longest.
pub(super) fn to_store<'d>(deliveries: impl Iterator<Item = &'d Delivery>) -> Vec<RestoredClaim> {
    let mut restored: BTreeMap<&Key, Day> = BTreeMap::new();
    for restoration in deliveries.filter_map(|delivery| delivery.restores.as_ref()) {
        for key in &restoration.claims {
            let until = restored.entry(key).or_insert(restoration.until);
            *until = restoration.until.max(*until);
        }
    }
    let restored = restored.into_iter().filter_map(|(key, until)| match key {
        Key::Claim(facility, visit) | Key::CheckIn(facility, visit) => Some(RestoredClaim {
            stream: Cow::Borrowed(key.stream().name()),
            facility: facility.to_string(),
            visit_id: visit.to_string(),
            until_day: until.number(),
        }),
        _ => None,
    });
    restored.collect()
}

/// The claim of a row of the store, and the last day on which it is decided on; none where it is no row that
/// [`to_store`] makes.
pub(crate) fn of_stored(stored: &RestoredClaim) -> Option<(Key, Day)> {
    let facility = Facility::from_text(&stored.facility)?;
    let visit = Text::from_text(&stored.visit_id)?;
    let stream = Stream::ALL
        .iter()
        .find(|stream| stream.name() == stored.stream);
    let key = match stream? {
        Stream::Claims => Key::Claim(facility, visit),
        Stream::CheckIns => Key::CheckIn(facility, visit),
        _ => return None,
    };
    Some((key, Day::from_number(stored.until_day)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Restoration;

    #[test]
    fn what_is_stored_reads_back() {
        let facility = Facility::from_text("79001").expect("a facility");
        let keys = [
            Key::Claim(facility, Text::from_text("A/1").expect("a text")),
            Key::CheckIn(facility, Text::from_text("B").expect("a text")),
        ];
        let restores = |claims: &[Key], until| Delivery {
            restores: Some(Restoration {
                claims: claims.to_vec(),
                until: Day::from_number(until),
            }),
            ..Delivery::default()
        };
        let deliveries = [restores(&keys, 20_500), restores(&keys[1..], 20_400)];
        let stored = to_store(deliveries.iter());
        let read: Vec<_> = stored.iter().filter_map(of_stored).collect();
        let until = Day::from_number(20_500);
        assert_eq!(read, keys.map(|key| (key, until)));
    }
}
