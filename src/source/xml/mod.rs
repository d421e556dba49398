//! Claims and check-ins from the national XML envelope (contract 1.3).
//!
//! In: the bytes of a file. Out: an entry a HOSO, numbered from 1. Must hold: one HOSO in memory at
//! a time; a HOSO that cannot be read harms only itself; a file that cannot be read on gives one
//! last reject; nothing outside the file is ever fetched, and no entity is expanded.
//!
//! ```text
//! bytes ─▶ scan ─▶ outline ─▶ section ─▶ table ─▶ mapping ─▶ record
//!          tokens  a HOSO     XML0…XML3  fields   columns
//! ```

mod mapping;
mod outline;
mod scan;
mod section;
mod table;
mod value;
mod visit;
mod walk;

use std::io::BufRead;
use std::path::{Path, PathBuf};

use self::outline::{Created, Outline, Piece};
use self::visit::Refusal;
use super::{Entry, RAW_LIMIT, Reject, RowReader, SourceError};
use crate::record::{Change, ErrorCode, Instant, RowError, Stream};

/// Opens an envelope, which arrives at a time if that counts; `path` is for errors.
pub fn open_xml(
    input: Box<dyn BufRead + Send>,
    path: &Path,
    arrival: Option<Instant>,
) -> Box<dyn RowReader> {
    Box::new(XmlReader {
        outline: Outline::new(input),
        row: 0,
        path: path.to_owned(),
        arrival,
    })
}

struct XmlReader {
    outline: Outline<Box<dyn BufRead + Send>>,
    row: u64,
    path: PathBuf,
    arrival: Option<Instant>,
}

impl XmlReader {
    fn next_piece(&mut self) -> Result<Option<Piece>, SourceError> {
        let piece = self.outline.next().map_err(|error| SourceError::Io {
            path: self.path.clone(),
            error,
        })?;
        self.row += u64::from(piece.is_some());
        Ok(piece)
    }

    fn recorded_at(&self) -> Option<Instant> {
        match self.outline.created() {
            Created::At(at) => Some(at),
            Created::Unknown | Created::Unreadable => None,
        }
    }

    /// The change that a piece makes, or why not, with the text of the piece.
    fn change(&self, piece: Piece) -> Result<Change, (Refusal, Vec<u8>)> {
        let claims = |error: RowError| Refusal {
            stream: Stream::Claims,
            error,
        };
        let bytes = match piece {
            Piece::Hoso(bytes) => bytes,
            Piece::TooLarge(bytes) => {
                let error = RowError::new(
                    ErrorCode::RowTooLarge,
                    "the HOSO is larger than a row may be",
                );
                return Err((claims(error), bytes));
            }
            Piece::Damaged(error, bytes) => return Err((claims(error), bytes)),
        };
        let recorded_at = match (self.outline.created(), self.arrival) {
            (Created::At(at), None) => at,
            (Created::At(at), Some(arrival)) => at.min(arrival),
            (Created::Unknown, Some(arrival)) => arrival,
            (Created::Unknown, None) => {
                let error = RowError::new(
                    ErrorCode::BadRecordedAt,
                    "NGAYLAP is absent, or comes after the HOSO: it must stand before DANHSACHHOSO",
                );
                return Err((claims(error), bytes));
            }
            (Created::Unreadable, _) => {
                let error =
                    RowError::new(ErrorCode::BadRecordedAt, "NGAYLAP is not a date yyyymmdd");
                return Err((claims(error), bytes));
            }
        };
        let changed = match std::str::from_utf8(&bytes) {
            Ok(text) => visit::change(text, recorded_at),
            Err(_) => Err(claims(RowError::new(
                ErrorCode::BadUtf8,
                "the HOSO holds bytes that are not UTF-8",
            ))),
        };
        changed.map_err(|refusal| (refusal, bytes))
    }
}

impl RowReader for XmlReader {
    fn next_entry(&mut self) -> Result<Option<Entry>, SourceError> {
        let Some(piece) = self.next_piece()? else {
            return Ok(None);
        };
        let outcome = self.change(piece).map_err(|(refusal, bytes)| {
            let raw = String::from_utf8_lossy(&bytes[..bytes.len().min(RAW_LIMIT)]);
            Reject {
                recorded_at: self.recorded_at(),
                facility: self.outline.facility(),
                ..Reject::new(refusal.stream, refusal.error, &raw)
            }
        });
        Ok(Some(Entry {
            row: self.row,
            outcome,
        }))
    }

    fn next_recorded_at(&mut self) -> Result<Option<Option<Instant>>, SourceError> {
        Ok(self.next_piece()?.map(|_| self.recorded_at()))
    }
}
