//! The loads of a service: what each source handed over at once, and when.
//!
//! In: the journal. Out: every load in order, with how many rows of which streams it brought. Must hold: nobody is
//! told whom the rows are about; of an erased load no more is known than that there was one.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::journal::{
    Delivery, Epoch, LoadId, MasterKey, UndoneLoads, UnreadableEpoch, each_epoch,
};
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
    /// Whether it is undone itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_undone: bool,
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
    let undone = UndoneLoads::read(&reader).map_err(ReplayError::from)?;
    let each = |epoch: Epoch| -> Result<(), Failed<E>> {
        if from.is_some_and(|from| epoch.at < from) {
            return Ok(());
        }
        if epoch.deliveries.is_none() {
            return each(&Load::erased(&epoch)).map_err(Failed::Told);
        }
        for (load, delivery) in epoch.loads() {
            let brings = !delivery.rows.is_empty() || !delivery.rejects.is_empty();
            if brings || delivery.undoes.is_some() {
                let is_undone = undone.is_undone(load);
                each(&Load::of((load, epoch.at), delivery, is_undone)).map_err(Failed::Told)?;
            }
        }
        Ok(())
    };
    each_epoch(&reader, 1, each).map_err(|failed| match failed {
        Failed::Read(error) => E::from(error.into()),
        Failed::Told(error) => error,
    })
}

/// The journal could not be read, or a load not be told.
enum Failed<E> {
    Read(UnreadableEpoch),
    Told(E),
}

impl<E> From<UnreadableEpoch> for Failed<E> {
    fn from(error: UnreadableEpoch) -> Self {
        Self::Read(error)
    }
}

impl Load {
    fn of((load, at): (LoadId, Instant), delivery: &Delivery, is_undone: bool) -> Self {
        let mut accepted = BTreeMap::new();
        for row in &delivery.rows {
            *accepted.entry(row.change.key.stream().name()).or_default() += 1;
        }
        let undoes = delivery.undoes.iter().flat_map(|undoes| &undoes.loads);
        Self {
            load: load.to_string(),
            at: at.to_string(),
            source: delivery.source.clone(),
            origin: delivery.origin.clone(),
            principal: delivery.request.as_ref().map(|one| one.principal.clone()),
            accepted,
            rejected: delivery.rejects.len() as u64,
            undoes: undoes.map(LoadId::to_string).collect(),
            is_undone,
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
            is_undone: false,
            is_erased: true,
        }
    }
}
