//! From the references in findings to rows and their keys.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::dataflow::{ClaimContent, Content, PackedKey, Referent, RowRef};
use crate::journal::{Row, Rows};
use crate::record::{Key, Money};

/// The rows, shared by the thread that resolves them and those that look them up.
#[derive(Clone)]
pub struct SharedRows(Arc<Mutex<Rows<Content>>>);

impl SharedRows {
    /// Shares rows.
    pub fn new(rows: Rows<Content>) -> Self {
        Self(Arc::new(Mutex::new(rows)))
    }

    /// The rows, for as long as the guard lives.
    pub fn lock(&self) -> MutexGuard<'_, Rows<Content>> {
        // Rows change only by appending, so a thread that died in between left them whole.
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Rows as they were known at the end of an epoch.
    pub fn known(&self, epoch: u32) -> Known<'_> {
        Known { rows: self, epoch }
    }

    /// The key that a reference names.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn key(&self, row: RowRef) -> io::Result<Key> {
        match row.referent() {
            Referent::Packed(packed) => Ok(PackedKey::into(packed)),
            Referent::Numbered(number) => self.lock().key(number),
        }
    }
}

/// Rows as they were known at the end of one epoch.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    rows: &'a SharedRows,
    epoch: u32,
}

impl Known<'_> {
    /// The row of a key, if it held one.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn row(&self, key: &Key) -> io::Result<Option<Row<Content>>> {
        let row = self.rows.lock().as_of_epoch(key, self.epoch)?;
        Ok(row.filter(|row| row.content.is_some()))
    }

    /// Whether what the key holds changed in this epoch.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn changed(&self, key: &Key) -> io::Result<bool> {
        self.rows.lock().changed_in(key, self.epoch)
    }

    /// The claim under a key, if there is one.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn claim(&self, key: &Key) -> io::Result<Option<ClaimContent>> {
        Ok(self.row(key)?.and_then(|row| match row.content {
            Some(Content::Claim(claim)) => Some(claim),
            _ => None,
        }))
    }
}

/// The amount at stake in a claim: what the fund is asked to pay.
pub(super) fn amount(claim: Option<&ClaimContent>) -> Money {
    claim.map_or(Money::ZERO, |claim| claim.paid_by_fund)
}

/// The cards that a claim lists where it lists several: they decide whose it is, whatever else a
/// finding rests on. A single card is named by the views that need it.
pub(super) fn deciding_cards(claim: Option<&ClaimContent>) -> impl Iterator<Item = RowRef> + '_ {
    let cards = claim.map_or(&[][..], |claim| claim.cards.as_slice());
    let several = if cards.len() > 1 { cards } else { &[] };
    several.iter().map(|(card, _)| RowRef::card(*card))
}
