//! What an epoch of the live service is: the facts that arrived together, and what they are decided by.
//!
//! In: deliveries of sources. Out: two byte strings for a frame of the journal, one without personal data and
//! one that is sealed, and back. Must hold: an epoch reads back as it was written, and a row in it as a row of
//! its stream in NDJSON would; formats of earlier versions are read for ever.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::load::LoadId;
use super::row_text::row_text;
use crate::record::{
    Change, Day, ErrorCode, Facility, Instant, Key, LineTotals, Money, Operation, Record, Stream,
    Text, Value,
};
use crate::source::LineReader;

/// The version of the format that is written where nothing is undone, so that earlier programs read what they know.
/// Version 1, which is read as well, has no claims that are restored.
const WITHOUT_UNDONE: u8 = 2;
const WITHOUT_RESTORED: u8 = 1;
/// The latest, in which an epoch is written that undoes others.
const VERSION: u8 = 3;

/// An epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// Its number: epochs are numbered from 1 without gaps.
    pub number: u64,
    /// When it was closed: all in it had arrived by then.
    pub at: Instant,
    /// The as-of date from this epoch on.
    pub clock: Day,
    /// Rows that were accepted in the epochs before it.
    pub rows_before: u64,
    /// What decides from this epoch on, where that is another than before; a document of its owner.
    pub detector: Option<String>,
    /// What arrived, in order; nothing where it is erased.
    pub deliveries: Option<Vec<Delivery>>,
}

/// What a source handed over at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// The source, by its configured name.
    pub source: String,
    /// Where in the source: a file, or a topic and partition; empty of a push.
    pub origin: String,
    /// The request that pushed it, where it named a key of its own.
    pub request: Option<Request>,
    /// How far the source has been read with it: parts of it, and the place in each.
    pub positions: Vec<Position>,
    /// Rows that were accepted.
    pub rows: Vec<Arrived>,
    /// Rows that were not.
    pub rejects: Vec<Rejected>,
    /// Rows that were not accepted earlier, and what became of them.
    pub settled: Vec<Settled>,
    /// Claims that are to be decided on again though they are beyond the window.
    pub restores: Option<Restoration>,
    /// Loads that are undone with it.
    pub undoes: Option<Undoing>,
}

/// Loads are undone: as if they had never come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undoing {
    /// The loads; none where an earlier delivery named them, and this one goes on.
    pub loads: Vec<LoadId>,
    /// Of each row of the delivery the row whose place it takes, whenever it was recorded: if that is the one that its
    /// key holds, or the key holds none, since that row is erased, or one that says the same. Else it changes nothing.
    pub replaced: Vec<RowPlace>,
}

/// A row of the journal, as evidence names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RowPlace {
    /// The epoch.
    pub epoch: u64,
    /// Which of its accepted rows, from 1.
    pub row: u64,
}

/// Claims that are decided on for a while though they are beyond the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restoration {
    /// Claims and check-ins.
    pub claims: Vec<Key>,
    /// The last as-of day on which they are.
    pub until: Day,
}

/// What became of a row that an earlier epoch did not accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// The epoch that did not accept it.
    pub epoch: u64,
    /// Which of the epoch's, from 0.
    pub ordinal: u32,
    /// Whether the rows of this delivery take its place; else somebody decided that it is not needed.
    pub is_repaired: bool,
}

/// A request that is to be done once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Who pushed.
    pub principal: String,
    /// SHA-256 of the key that the request named.
    pub key: [u8; 32],
    /// SHA-256 of what it pushed.
    pub body: [u8; 32],
}

/// How far a part of a source has been read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The part: a file, or a partition.
    pub part: String,
    /// The place in it, as its source writes it.
    pub place: String,
}

/// An accepted row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// 1-based record in its origin.
    pub row: u64,
    /// What it says.
    pub change: Change,
}

/// A row that was not accepted.
#[derive(Clone, PartialEq, Eq)]
pub struct Rejected {
    /// 1-based record in its origin.
    pub row: u64,
    /// The stream that it was read for.
    pub stream: Stream,
    /// Knowledge time, where it could be read.
    pub recorded_at: Option<Instant>,
    /// The facility whose row it is, where it could be read.
    pub facility: Option<Facility>,
    /// The stable code.
    pub code: ErrorCode,
    /// What was expected.
    pub message: String,
    /// Its text.
    pub raw: String,
}

impl std::fmt::Debug for Rejected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "row {} of {}: {}", self.row, self.stream, self.code)
    }
}

/// An epoch that this version cannot read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EpochError {
    /// It is of a later version.
    #[error(
        "epoch {epoch} is of format {found}, and this program reads up to {VERSION}; run the version that wrote it, or a later one"
    )]
    Later {
        /// Which.
        epoch: u64,
        /// Its format.
        found: u8,
    },
    /// Its bytes are no epoch.
    #[error(
        "epoch {epoch} cannot be read: {what}; restore the journal from a copy, and report this as a defect if the copy reads alike"
    )]
    Damaged {
        /// Which.
        epoch: u64,
        /// What is wrong, without a value.
        what: Cow<'static, str>,
    },
}

/// What is plain to everybody who reads the journal.
#[derive(Serialize, Deserialize)]
struct Plain {
    /// Days since 1970-01-01.
    clock: i32,
    detector: Option<String>,
    rows_before: u64,
    /// Accepted rows by the name of the stream.
    accepted: BTreeMap<String, u64>,
    rejected: u64,
}

fn damaged(epoch: u64, what: Cow<'static, str>) -> EpochError {
    EpochError::Damaged { epoch, what }
}

impl Plain {
    /// The version of the format, and what is plain.
    fn read(number: u64, bytes: &[u8]) -> Result<(u8, Self), EpochError> {
        match bytes {
            [version @ WITHOUT_RESTORED..=VERSION, plain @ ..] => postcard::from_bytes(plain)
                .map(|plain| (*version, plain))
                .map_err(|_| damaged(number, "its header is no header".into())),
            [found, ..] => Err(EpochError::Later {
                epoch: number,
                found: *found,
            }),
            [] => Err(damaged(number, "it has no header".into())),
        }
    }
}

/// What is sealed: in version 1 the first alone; in version 3 [`SealedUndoing`]s follow.
#[derive(Serialize, Deserialize)]
struct Sealed<'a> {
    #[serde(borrow)]
    deliveries: Vec<SealedDelivery<'a>>,
    #[serde(borrow)]
    restored: Vec<SealedRestoration<'a>>,
}

#[derive(Serialize, Deserialize)]
struct SealedUndoing {
    /// The place of its delivery.
    delivery: u32,
    undoes: Undoing,
}

#[derive(Serialize, Deserialize)]
struct SealedRestoration<'a> {
    /// The place of its delivery.
    delivery: u32,
    #[serde(borrow)]
    claims: Vec<SealedClaim<'a>>,
    /// Days since 1970-01-01.
    until: i32,
}

/// The key of a claim or check-in.
#[derive(Serialize, Deserialize)]
struct SealedClaim<'a> {
    stream: u8,
    facility: String,
    #[serde(borrow)]
    visit_id: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
struct SealedDelivery<'a> {
    source: Cow<'a, str>,
    origin: Cow<'a, str>,
    request: Option<Request>,
    positions: Vec<Position>,
    #[serde(borrow)]
    rows: Vec<SealedRow<'a>>,
    #[serde(borrow)]
    rejects: Vec<SealedReject<'a>>,
    settled: Vec<Settled>,
}

#[derive(Serialize, Deserialize)]
struct SealedRow<'a> {
    row: u64,
    stream: u8,
    #[serde(borrow)]
    text: Cow<'a, [u8]>,
    totals: Option<SealedTotals>,
}

/// What the detail tables of an XML claim add up to, in thousandths of a dong.
#[derive(Serialize, Deserialize)]
struct SealedTotals {
    drugs: i64,
    supplies: i64,
    total: i64,
    covered: i64,
    lines: u32,
    has_drugs: bool,
    has_services: bool,
}

#[derive(Serialize, Deserialize)]
struct SealedReject<'a> {
    row: u64,
    stream: u8,
    /// Nanoseconds since 1970-01-01T00:00Z.
    recorded_at: Option<i64>,
    facility: Option<String>,
    #[serde(borrow)]
    code: Cow<'a, str>,
    #[serde(borrow)]
    message: Cow<'a, str>,
    #[serde(borrow)]
    raw: Cow<'a, str>,
}

/// The number of a stream in the journal, which never changes.
fn number(stream: Stream) -> u8 {
    match stream {
        Stream::Citizens => 1,
        Stream::DeathReports => 2,
        Stream::Participants => 3,
        Stream::Cards => 4,
        Stream::Claims => 5,
        Stream::CheckIns => 6,
        Stream::Enterprises => 7,
        Stream::Employments => 8,
        Stream::Beneficiaries => 9,
        Stream::HealthProfiles => 10,
    }
}

fn stream(of_number: u8) -> Option<Stream> {
    Stream::ALL
        .iter()
        .copied()
        .find(|stream| number(*stream) == of_number)
}

impl Epoch {
    /// What is plain, and what is to be sealed.
    pub fn encode(&self) -> (Vec<u8>, Vec<u8>) {
        const PROOF: &str = "texts and numbers can be written into memory";
        let deliveries = self.deliveries.as_deref().unwrap_or_default();
        let mut accepted = BTreeMap::new();
        for row in deliveries.iter().flat_map(|delivery| &delivery.rows) {
            *accepted
                .entry(row.change.key.stream().name().to_owned())
                .or_insert(0) += 1;
        }
        let plain = Plain {
            clock: self.clock.number(),
            detector: self.detector.clone(),
            rows_before: self.rows_before,
            accepted,
            rejected: deliveries
                .iter()
                .map(|delivery| delivery.rejects.len() as u64)
                .sum(),
        };
        let sealed = Sealed {
            deliveries: deliveries.iter().map(SealedDelivery::of).collect(),
            restored: (0..)
                .zip(deliveries)
                .filter_map(|(place, delivery)| Some((place, delivery.restores.as_ref()?)))
                .map(SealedRestoration::of)
                .collect(),
        };
        let undone: Vec<SealedUndoing> = (0..)
            .zip(deliveries)
            .filter_map(|(place, delivery)| {
                let undoes = delivery.undoes.clone()?;
                Some(SealedUndoing {
                    delivery: place,
                    undoes,
                })
            })
            .collect();
        let mut secret = postcard::to_stdvec(&sealed).expect(PROOF);
        let version = match undone.is_empty() {
            true => WITHOUT_UNDONE,
            false => {
                secret = postcard::to_extend(&undone, secret).expect(PROOF);
                VERSION
            }
        };
        let plain = postcard::to_extend(&plain, vec![version]).expect(PROOF);
        (plain, secret)
    }

    /// The epoch of a number and a time; without what is sealed, where that is erased.
    ///
    /// # Errors
    /// When it is not one that this version can read.
    pub fn decode(
        (number, at): (u64, Instant),
        plain: &[u8],
        sealed: Option<&[u8]>,
    ) -> Result<Self, EpochError> {
        let damaged = |what| damaged(number, what);
        let (version, plain) = Plain::read(number, plain)?;
        let read = |sealed: &[u8]| {
            let read = match version {
                WITHOUT_RESTORED => postcard::from_bytes(sealed).map(|deliveries| {
                    let restored = Vec::new();
                    (deliveries, restored, Vec::new())
                }),
                WITHOUT_UNDONE => postcard::from_bytes(sealed)
                    .map(|sealed: Sealed<'_>| (sealed.deliveries, sealed.restored, Vec::new())),
                _ => postcard::from_bytes(sealed).map(|(sealed, undone): (Sealed<'_>, _)| {
                    (sealed.deliveries, sealed.restored, undone)
                }),
            };
            let (deliveries, restored, undone) =
                read.map_err(|_| damaged("what is sealed in it is no list of deliveries".into()))?;
            let mut readers = Readers::default();
            let deliveries = deliveries.into_iter();
            let mut deliveries = deliveries
                .map(|delivery| delivery.read(&mut readers).map_err(damaged))
                .collect::<Result<Vec<_>, _>>()?;
            for SealedUndoing { delivery, undoes } in undone {
                let delivery = deliveries.get_mut(delivery as usize);
                let delivery = delivery.filter(|one| one.rows.len() == undoes.replaced.len());
                let delivery =
                    delivery.ok_or_else(|| damaged("loads are undone by no delivery".into()))?;
                delivery.undoes = Some(undoes);
            }
            for restored in restored {
                let delivery = deliveries.get_mut(restored.delivery as usize);
                let delivery =
                    delivery.ok_or_else(|| damaged("claims are restored by no delivery".into()))?;
                delivery.restores = Some(restored.read().map_err(damaged)?);
            }
            Ok(deliveries)
        };
        Ok(Self {
            number,
            at,
            clock: Day::from_number(plain.clock),
            detector: plain.detector,
            rows_before: plain.rows_before,
            deliveries: sealed.map(read).transpose()?,
        })
    }
}

impl Epoch {
    /// How many rows an epoch accepted, by what is plain of it: also where the rows are erased.
    ///
    /// # Errors
    /// When it is not one that this version can read.
    pub fn accepted_rows(number: u64, plain: &[u8]) -> Result<u64, EpochError> {
        Ok(Plain::read(number, plain)?.1.accepted.values().sum())
    }

    /// Rows that were accepted.
    pub fn rows(&self) -> impl Iterator<Item = &Arrived> {
        self.deliveries
            .iter()
            .flatten()
            .flat_map(|delivery| &delivery.rows)
    }
}

impl Delivery {
    /// Its accepted rows, each with the one row whose place it takes, where it undoes that one.
    pub fn rows_with_replaced(&self) -> impl Iterator<Item = (&Arrived, Option<RowPlace>)> {
        let mut replaced = (self.undoes.iter()).flat_map(|undoes| undoes.replaced.iter().copied());
        self.rows.iter().map(move |row| (row, replaced.next()))
    }
}

impl Epoch {
    /// Rows that were accepted, each with the one row whose place it takes, where it undoes that one.
    pub fn rows_with_replaced(&self) -> impl Iterator<Item = (&Arrived, Option<RowPlace>)> {
        let deliveries = self.deliveries.iter().flatten();
        deliveries.flat_map(Delivery::rows_with_replaced)
    }
}

/// A reader a stream, made when it is asked for.
#[derive(Default)]
struct Readers(BTreeMap<Stream, LineReader>);

impl<'a> SealedDelivery<'a> {
    fn of(delivery: &'a Delivery) -> Self {
        let row = |row: &Arrived| SealedRow {
            row: row.row,
            stream: number(row.change.key.stream()),
            text: row_text(&row.change).into(),
            totals: match &row.change.operation {
                Operation::Upsert(Record::Claims(claim)) => {
                    claim.line_totals.as_ref().map(SealedTotals::of)
                }
                _ => None,
            },
        };
        Self {
            source: Cow::Borrowed(&delivery.source),
            origin: Cow::Borrowed(&delivery.origin),
            request: delivery.request.clone(),
            positions: delivery.positions.clone(),
            rows: delivery.rows.iter().map(row).collect(),
            rejects: delivery.rejects.iter().map(SealedReject::of).collect(),
            settled: delivery.settled.clone(),
        }
    }

    fn read(self, readers: &mut Readers) -> Result<Delivery, Cow<'static, str>> {
        let rows = self.rows.into_iter().map(|row| row.read(readers));
        let rejects = self.rejects.into_iter().map(SealedReject::read);
        Ok(Delivery {
            source: self.source.into_owned(),
            origin: self.origin.into_owned(),
            request: self.request,
            positions: self.positions,
            rows: rows.collect::<Result<_, _>>()?,
            rejects: rejects.collect::<Result<_, _>>()?,
            settled: self.settled,
            restores: None,
            undoes: None,
        })
    }
}

impl<'a> SealedRestoration<'a> {
    fn of((delivery, restoration): (u32, &'a Restoration)) -> Self {
        let claim = |key: &'a Key| match key {
            Key::Claim(facility, visit) | Key::CheckIn(facility, visit) => Some(SealedClaim {
                stream: number(key.stream()),
                facility: facility.to_string(),
                visit_id: visit.as_str().into(),
            }),
            _ => None,
        };
        Self {
            delivery,
            claims: restoration.claims.iter().filter_map(claim).collect(),
            until: restoration.until.number(),
        }
    }

    fn read(self) -> Result<Restoration, Cow<'static, str>> {
        let claims = self.claims.into_iter().map(SealedClaim::read);
        let claims: Option<Vec<Key>> = claims.collect();
        Ok(Restoration {
            claims: claims.ok_or("a claim that is restored has no key that is known")?,
            until: Day::from_number(self.until),
        })
    }
}

impl SealedClaim<'_> {
    fn read(self) -> Option<Key> {
        let facility = Facility::from_text(&self.facility)?;
        let visit = Text::from_text(&self.visit_id)?;
        match stream(self.stream)? {
            Stream::Claims => Some(Key::Claim(facility, visit)),
            Stream::CheckIns => Some(Key::CheckIn(facility, visit)),
            _ => None,
        }
    }
}

impl SealedRow<'_> {
    fn read(self, readers: &mut Readers) -> Result<Arrived, Cow<'static, str>> {
        let stream = stream(self.stream).ok_or("a row is of no stream that is known")?;
        let reader = readers
            .0
            .entry(stream)
            .or_insert_with(|| LineReader::new(stream));
        let mut change = match reader.read_again(&self.text) {
            Some(Ok(change)) => change,
            Some(Err(reject)) => {
                let code = reject.error.code;
                return Err(format!("a row of {stream} is no longer accepted ({code})").into());
            }
            None => return Err("a row is empty".into()),
        };
        if let Operation::Upsert(Record::Claims(claim)) = &mut change.operation {
            claim.line_totals = self.totals.map(SealedTotals::read);
        }
        Ok(Arrived {
            row: self.row,
            change,
        })
    }
}

impl SealedTotals {
    fn of(totals: &LineTotals) -> Self {
        Self {
            drugs: totals.drugs.thousandths(),
            supplies: totals.supplies.thousandths(),
            total: totals.total.thousandths(),
            covered: totals.covered.thousandths(),
            lines: totals.lines,
            has_drugs: totals.has_drugs,
            has_services: totals.has_services,
        }
    }

    fn read(self) -> LineTotals {
        LineTotals {
            drugs: Money::from_thousandths(self.drugs),
            supplies: Money::from_thousandths(self.supplies),
            total: Money::from_thousandths(self.total),
            covered: Money::from_thousandths(self.covered),
            lines: self.lines,
            has_drugs: self.has_drugs,
            has_services: self.has_services,
        }
    }
}

impl<'a> SealedReject<'a> {
    fn of(reject: &'a Rejected) -> Self {
        Self {
            row: reject.row,
            stream: number(reject.stream),
            recorded_at: reject.recorded_at.map(Instant::nanos),
            facility: reject.facility.map(|facility| facility.to_string()),
            code: Cow::Borrowed(reject.code.as_str()),
            message: Cow::Borrowed(&reject.message),
            raw: Cow::Borrowed(&reject.raw),
        }
    }

    fn read(self) -> Result<Rejected, Cow<'static, str>> {
        let code = ErrorCode::ALL
            .iter()
            .find(|code| code.as_str() == self.code);
        Ok(Rejected {
            row: self.row,
            stream: stream(self.stream).ok_or("a reject is of no stream that is known")?,
            recorded_at: self.recorded_at.map(Instant::from_nanos),
            facility: self.facility.as_deref().and_then(Facility::from_text),
            code: *code.ok_or("a reject has no code that is known")?,
            message: self.message.into_owned(),
            raw: self.raw.into_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Reading, discover, open};
    use std::path::Path;

    /// An epoch of all rows of the sample, a delivery a file.
    fn sample() -> Epoch {
        let scratch = tempfile::tempdir().expect("a scratch directory");
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let found = discover(&root.join("streams/sample")).expect("the sample");
        let deliveries = found.files.iter().map(|file| {
            let mut rows = open(file, Reading::Everything, scratch.path()).expect("readable");
            let mut delivery = Delivery {
                source: "inbox".to_owned(),
                origin: file.name.clone(),
                request: Some(Request {
                    principal: "hub".to_owned(),
                    key: [7; 32],
                    body: [8; 32],
                }),
                positions: vec![Position {
                    part: file.name.clone(),
                    place: "done".to_owned(),
                }],
                ..Delivery::default()
            };
            while let Some(entry) = rows.next_entry().expect("readable") {
                match entry.outcome {
                    Ok(change) => delivery.rows.push(Arrived {
                        row: entry.row,
                        change,
                    }),
                    Err(reject) => delivery.rejects.push(Rejected {
                        row: entry.row,
                        stream: reject.stream,
                        recorded_at: reject.recorded_at,
                        facility: reject.facility,
                        code: reject.error.code,
                        message: reject.error.message,
                        raw: reject.raw,
                    }),
                }
            }
            delivery
        });
        Epoch {
            number: 7,
            at: Instant::from_text("2026-03-05T10:00:00.25+07:00").expect("a time"),
            clock: Day::from_text("2026-03-05").expect("a day"),
            detector: Some("{}".to_owned()),
            rows_before: 1000,
            deliveries: Some(deliveries.collect()),
        }
    }

    /// A delivery that restores, among others.
    fn restoring(epoch: &mut Epoch) {
        let facility = Facility::from_text("01001").expect("a facility");
        let visit = |text| Text::from_text(text).expect("a visit");
        let delivery = Delivery {
            source: "restore".to_owned(),
            restores: Some(Restoration {
                claims: vec![
                    Key::Claim(facility, visit("V 1/ä")),
                    Key::CheckIn(facility, visit("")),
                ],
                until: Day::from_number(20_000),
            }),
            ..Delivery::default()
        };
        epoch.deliveries.get_or_insert_default().push(delivery);
    }

    /// A delivery that undoes, before others.
    fn undoing(epoch: &mut Epoch) {
        let load = |epoch, delivery| LoadId { epoch, delivery };
        let rows: Vec<Arrived> = epoch.rows().take(2).cloned().collect();
        let place = |epoch, row| RowPlace { epoch, row };
        let delivery = Delivery {
            source: "undo".to_owned(),
            undoes: Some(Undoing {
                loads: vec![load(3, 0), load(5, 7)],
                replaced: vec![place(3, 1), place(5, 10_000)],
            }),
            rows,
            ..Delivery::default()
        };
        let deliveries = epoch.deliveries.get_or_insert_default();
        deliveries.insert(1, delivery);
    }

    #[test]
    fn an_epoch_of_every_stream_and_of_xml_reads_back_as_it_was() {
        let mut epoch = sample();
        restoring(&mut epoch);
        let of = (epoch.number, epoch.at);
        let (plain, sealed) = epoch.encode();
        assert_eq!(plain[0], WITHOUT_UNDONE, "as earlier programs read it");
        let read = Epoch::decode(of, &plain, Some(&sealed)).expect("readable");
        assert_eq!(read, epoch);
        undoing(&mut epoch);
        let (plain, sealed) = epoch.encode();
        assert_eq!(plain[0], VERSION);
        let read = Epoch::decode(of, &plain, Some(&sealed)).expect("readable");
        assert_eq!(read, epoch);
        let rows = epoch.deliveries.iter().flatten().flat_map(|one| &one.rows);
        let streams: std::collections::BTreeSet<Stream> =
            rows.clone().map(|row| row.change.key.stream()).collect();
        assert!(streams.len() > 5, "{streams:?}");
        let has_totals = |change: &Change| match &change.operation {
            Operation::Upsert(Record::Claims(claim)) => claim.line_totals.is_some(),
            _ => false,
        };
        assert!(rows.clone().any(|row| has_totals(&row.change)), "from XML");
        let deletes = |row: &Arrived| row.change.operation == Operation::Delete;
        assert!(rows.clone().any(deletes), "a deletion");
        let erased = Epoch::decode(of, &plain, None).expect("readable");
        assert_eq!((erased.deliveries, erased.clock), (None, epoch.clock));
    }

    #[test]
    fn damage_and_later_formats_are_told_apart() {
        let epoch = sample();
        let (mut plain, sealed) = epoch.encode();
        let of = (epoch.number, epoch.at);
        let cut = Epoch::decode(of, &plain, Some(&sealed[..sealed.len() / 2]));
        assert!(
            matches!(cut, Err(EpochError::Damaged { epoch: 7, .. })),
            "{cut:?}"
        );
        plain[0] = VERSION + 1;
        let later = Epoch::decode(of, &plain, Some(&sealed)).expect_err("of a later version");
        assert!(later.to_string().contains("is of format 4"), "{later}");
    }

    /// Epochs of one version as they were written: a line of hexadecimal digits for what is plain, and one for
    /// what is sealed.
    const VERSION_1: &str = include_str!("golden/epoch_1.hex");
    const VERSION_2: &str = include_str!("golden/epoch_2.hex");

    /// A small epoch with one of everything.
    fn small() -> Epoch {
        let mut reader = LineReader::new(Stream::DeathReports);
        let row = br#"{"recorded_at":"2026-03-05T10:00:00+07:00","report_id":"R1","death_date":"2026-03","source":"court"}"#;
        let change = reader.read_again(row).expect("a row").expect("accepted");
        Epoch {
            number: 3,
            at: Instant::from_text("2026-03-05T10:00:00.25+07:00").expect("a time"),
            clock: Day::from_text("2026-03-05").expect("a day"),
            detector: Some("{}".to_owned()),
            rows_before: 2,
            deliveries: Some(vec![Delivery {
                source: "http".to_owned(),
                origin: "a file".to_owned(),
                request: Some(Request {
                    principal: "hub".to_owned(),
                    key: [7; 32],
                    body: [8; 32],
                }),
                positions: vec![Position {
                    part: "p".to_owned(),
                    place: "9".to_owned(),
                }],
                rows: vec![Arrived { row: 1, change }],
                rejects: vec![Rejected {
                    row: 2,
                    stream: Stream::Claims,
                    recorded_at: None,
                    facility: Facility::from_text("01001"),
                    code: ErrorCode::BadJson,
                    message: "no object".to_owned(),
                    raw: "[]".to_owned(),
                }],
                settled: vec![Settled {
                    epoch: 1,
                    ordinal: 0,
                    is_repaired: true,
                }],
                restores: None,
                undoes: None,
            }]),
        }
    }

    fn golden(text: &str) -> [Vec<u8>; 2] {
        let bytes = |line: &str| -> Vec<u8> {
            let digits = line.as_bytes().chunks(2);
            let byte = |two| u8::from_str_radix(std::str::from_utf8(two).expect("text"), 16);
            digits.map(|two| byte(two).expect("hex")).collect()
        };
        let mut lines = text.lines();
        [(); 2].map(|()| bytes(lines.next().expect("two lines")))
    }

    #[test]
    fn what_earlier_versions_wrote_is_read_for_ever() {
        let mut epoch = small();
        let of = (epoch.number, epoch.at);
        let [plain, sealed] = golden(VERSION_1);
        assert_eq!(plain[0], 1);
        let read = Epoch::decode(of, &plain, Some(&sealed)).expect("readable");
        assert_eq!(read, epoch);
        restoring(&mut epoch);
        let [plain, sealed] = golden(VERSION_2);
        let read = Epoch::decode(of, &plain, Some(&sealed)).expect("readable");
        assert_eq!(read, epoch);
        assert_eq!(epoch.encode(), (plain, sealed), "it is what is written now");
    }

    #[test]
    fn texts_of_any_kind_read_back() {
        let mut reader = LineReader::new(Stream::DeathReports);
        for id in [
            "a\"b",
            "ctrl\u{1}\n",
            "Nguyễn Mẫu",
            "a;b",
            " ",
            "null",
            "{}",
            "1e9",
        ] {
            let row = serde_json::json!({
                "recorded_at": "2026-03-05T10:00:00+07:00", "report_id": id,
                "death_date": "2026-03", "source": "court",
            });
            let read = |line: &[u8], reader: &mut LineReader| {
                reader.read_again(line).expect("a row").expect("accepted")
            };
            let change = read(row.to_string().as_bytes(), &mut reader);
            assert_eq!(read(&row_text(&change), &mut reader), change);
        }
    }
}
