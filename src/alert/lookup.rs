//! From the references in findings to rows and their keys.

use std::io;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::dataflow::{ClaimContent, Content, PackedKey, Referent, RowRef};
use crate::journal::{Place, Row, Rows};
use crate::record::{Key, Money};

/// The rows, shared by the thread that resolves them and those that look them up.
#[derive(Clone)]
pub struct SharedRows(Arc<RwLock<Rows<Content>>>);

impl SharedRows {
    /// Shares rows.
    pub fn new(rows: Rows<Content>) -> Self {
        Self(Arc::new(RwLock::new(rows)))
    }

    /// The rows, to be added to, for as long as the guard lives.
    pub fn write(&self) -> RwLockWriteGuard<'_, Rows<Content>> {
        // Rows change only by appending, so a thread that died in between left them whole.
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rows, to be read beside other readers, for as long as the guard lives.
    pub fn read(&self) -> RwLockReadGuard<'_, Rows<Content>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
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
            Referent::Numbered(number) => self.read().key(number),
        }
    }
}

/// Rows as they were known at the end of one epoch.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    rows: &'a SharedRows,
    epoch: u32,
}

/// The latest row of a key, also where it removed the key.
type LatestRow = Option<Row<Content>>;

impl Known<'_> {
    /// The key that a reference names, and its latest row.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn find(&self, row: RowRef) -> io::Result<(Key, LatestRow)> {
        match row.referent() {
            Referent::Packed(packed) => {
                let key = PackedKey::into(packed);
                let row = self.rows.read().as_of_epoch(&key, self.epoch)?;
                Ok((key, row))
            }
            Referent::Numbered(number) => self.rows.read().numbered_as_of_epoch(number, self.epoch),
        }
    }

    /// Whether the latest row of a key changed in this epoch what the key holds.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn is_change(&self, row: &Row<Content>) -> io::Result<bool> {
        Ok(row.epoch == self.epoch && self.rows.read().is_change(row)?)
    }

    /// The row at a place, such as the one before another.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn at(&self, place: Place) -> io::Result<Row<Content>> {
        self.rows.read().at(place)
    }

    /// The claim that took the place of a check-in, or gave it back.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn claim_of_check_in(&self, check_in: RowRef) -> io::Result<Option<RowRef>> {
        let (Key::CheckIn(facility, visit), _) = self.find(check_in)? else {
            return Ok(None);
        };
        let claim = self.rows.read().latest(&Key::Claim(facility, visit))?;
        Ok(claim.map(|(_, row)| RowRef::claim(row.number)))
    }

    /// The cards that decide whose a claim is, where it lists several.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn deciding_cards(&self, claim: RowRef) -> io::Result<Box<[RowRef]>> {
        let (_, row) = self.find(claim)?;
        Ok(deciding_cards(claim_of(row.as_ref())))
    }
}

/// The claim or check-in in a row, if it holds one.
pub(super) fn claim_of(row: Option<&Row<Content>>) -> Option<&ClaimContent> {
    match row?.content.as_ref()? {
        Content::Claim(claim) | Content::CheckIn(claim) => Some(claim),
        _ => None,
    }
}

/// The amount at stake in a row: what the fund is asked to pay for a claim, or pays a month for a benefit.
pub(super) fn amount(row: Option<&Row<Content>>) -> Money {
    match row.and_then(|row| row.content.as_ref()) {
        Some(Content::Claim(claim)) => claim.asked.paid_by_fund,
        Some(Content::Beneficiary(benefit)) => benefit.monthly_amount,
        _ => Money::ZERO,
    }
}

/// The cards that a claim lists where it lists several: they decide whose it is, whatever else a
/// finding rests on. A single card is named by the views that need it.
pub(super) fn deciding_cards(claim: Option<&ClaimContent>) -> Box<[RowRef]> {
    let cards = claim.map_or(&[][..], |claim| claim.cards.as_slice());
    let several = if cards.len() > 1 { cards } else { &[] };
    several
        .iter()
        .map(|(card, _)| RowRef::card(*card))
        .collect()
}
