//! The loads of a service: what each source handed over at once, and when.
//!
//! In: the journal. Out: every load in order, with how many rows of which streams it brought. Must hold: nobody is
//! told whom the rows are about; of an erased load no more is known than that there was one.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::journal::{Delivery, Epoch, LoadId, MasterKey, RowSpan};
use crate::record::Instant;
use crate::replay::{ReplayError, journal_reader};

/// A load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Load {
    /// Its name.
    pub load: String,
    /// When it had arrived.
    pub at: String,
    /// The source, by its configured name.
    pub source: String,
    /// Where in the source: a file, or a topic and partition.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub origin: String,
    /// Who pushed it, where the push named a key of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// Rows that were accepted, by stream.
    pub accepted: BTreeMap<&'static str, u64>,
    /// Rows that were not.
    pub rejected: u64,
    /// The loads that it undoes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undoes: Vec<String>,
    /// Whether its rows are erased; then nothing else is known of it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_erased: bool,
}

/// Tells the loads of the journal of a service, oldest first, from an instant on.
///
/// # Errors
/// When the journal cannot be read, or `each` fails.
pub fn loads<E: From<ReplayError>>(
    data: &Path,
    master_key: Option<MasterKey>,
    from: Option<Instant>,
    mut each: impl FnMut(&Load) -> Result<(), E>,
) -> Result<(), E> {
    let reader = journal_reader(data, master_key)?;
    // Where the rows of a load begin, by epoch.
    let mut places: BTreeMap<(u64, u64), LoadId> = BTreeMap::new();
    for frame in reader.frames(1).map_err(ReplayError::from)? {
        let frame = frame.map_err(ReplayError::from)?;
        let at = Instant::from_nanos(frame.at);
        let secret = frame.secret.as_deref();
        let epoch = Epoch::decode((frame.number, at), &frame.plain, secret);
        let epoch = epoch.map_err(ReplayError::from)?;
        let is_told = from.is_none_or(|from| from <= at);
        let Some(deliveries) = &epoch.deliveries else {
            if is_told {
                each(&Load::erased(&epoch))?;
            }
            continue;
        };
        let mut row = 1;
        for (place, delivery) in (0..).zip(deliveries) {
            let id = LoadId {
                epoch: epoch.number,
                delivery: place,
            };
            let rows = delivery.rows.len() as u64;
            if rows > 0 {
                places.insert((epoch.number, row), id);
            }
            row += rows;
            let brings = rows > 0 || !delivery.rejects.is_empty();
            if is_told && brings {
                each(&Load::of(id, at, delivery, &places))?;
            }
        }
    }
    Ok(())
}

impl Load {
    fn of(
        id: LoadId,
        at: Instant,
        delivery: &Delivery,
        places: &BTreeMap<(u64, u64), LoadId>,
    ) -> Self {
        let mut accepted = BTreeMap::new();
        for row in &delivery.rows {
            *accepted.entry(row.change.key.stream().name()).or_default() += 1;
        }
        let undone = |span: &RowSpan| places.get(&(span.epoch, span.first));
        let undoes = delivery.undoes.iter().filter_map(undone);
        Self {
            load: id.to_string(),
            at: at.to_string(),
            source: delivery.source.clone(),
            origin: delivery.origin.clone(),
            principal: delivery.request.as_ref().map(|one| one.principal.clone()),
            accepted,
            rejected: delivery.rejects.len() as u64,
            undoes: undoes.map(LoadId::to_string).collect(),
            is_erased: false,
        }
    }

    fn erased(epoch: &Epoch) -> Self {
        Self {
            load: format!("{}.*", epoch.number),
            at: epoch.at.to_string(),
            source: String::new(),
            origin: String::new(),
            principal: None,
            accepted: BTreeMap::new(),
            rejected: 0,
            undoes: Vec::new(),
            is_erased: true,
        }
    }
}
