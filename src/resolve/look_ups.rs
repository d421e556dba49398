//! What the dataflow looks up in the rows: texts, which stay out of it.

use std::sync::Arc;

use crate::alert::SharedRows;
use crate::dataflow::{Content, LookUps};
use crate::record::Key;

/// What the dataflow looks up in the rows.
pub fn look_ups(rows: &SharedRows) -> LookUps {
    const FAILED: &str = "the scratch file of rows failed";
    let visits = rows.clone();
    let identities = rows.clone();
    let participants = rows.clone();
    LookUps {
        visits: Arc::new(move |a, b| {
            let rows = visits.read();
            let visit = |number| match rows.key(number) {
                Ok(Key::Claim(_, visit)) => visit,
                Ok(key) => panic!("{key:?} where the key of a claim was expected"),
                Err(error) => panic!("{FAILED}: {error}"),
            };
            visit(a).cmp(&visit(b))
        }),
        identity_at: Arc::new(move |place| match identities.read().at(place) {
            Ok(row) => row
                .content
                .and_then(Content::identity)
                .expect("a place of an identity is that of a row with one"),
            Err(error) => panic!("{FAILED}: {error}"),
        }),
        participant_at: Arc::new(move |place| match participants.read().at(place) {
            Ok(row) => row
                .content
                .and_then(Content::participant)
                .expect("a place of a participant is that of a row with one"),
            Err(error) => panic!("{FAILED}: {error}"),
        }),
    }
}
