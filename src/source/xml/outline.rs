//! Walks the outer document: its facility, its date of making, and each HOSO as bytes.
//!
//! In: the bytes of a file. Out: one [`Piece`] a HOSO. Must hold: one HOSO in memory at a time; a
//! damage spoils the HOSO it is in, and what cannot be placed after it, never what came before.
//!
//! ```text
//! GIAMDINHHS ─┬─ THONGTINDONVI ── MACSKCB           ──▶ facility
//!             ├─ THONGTINHOSO ─┬─ NGAYLAP            ──▶ created
//!             │                ├─ SOLUONGHOSO
//!             │                └─ DANHSACHHOSO ── HOSO*  ──▶ a piece each
//!             └─ CHUKYDONVI
//! ```

use std::io::{self, BufRead};

use quick_xml::Reader;
use quick_xml::events::Event;

use super::super::{RAW_LIMIT, ROW_LIMIT};
use super::scan::{Scanner, Token};
use super::value;
use super::walk::{DEPTH_LIMIT, is_utf8_name};
use crate::record::{ErrorCode, Facility, Instant, RowError, Value};

/// One HOSO, or the place of a damage.
pub(super) enum Piece {
    /// A HOSO with its tags.
    Hoso(Vec<u8>),
    /// The first bytes of a HOSO beyond the limit.
    TooLarge(Vec<u8>),
    /// What is wrong with the outer document, and the bytes since the last HOSO.
    Damaged(RowError, Vec<u8>),
}

/// When the envelope was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Created {
    /// `NGAYLAP` has not been read yet.
    Unknown,
    /// `NGAYLAP` is not a date.
    Unreadable,
    /// `NGAYLAP` at 23:59 (UTC+7).
    At(Instant),
}

enum Phase {
    /// Nothing has been read.
    Start,
    /// Between two HOSO.
    Between,
    /// The opening tag of a HOSO has been read.
    Inside,
    /// Nothing more can be read.
    Done,
}

/// Reads pieces.
pub(super) struct Outline<R> {
    scanner: Scanner<R>,
    phase: Phase,
    /// The names of the open elements, the outermost first.
    open: Vec<Vec<u8>>,
    root_closed: bool,
    created: Created,
    facility: Option<Facility>,
    /// The text of `NGAYLAP` or `MACSKCB` while it is open.
    text: Option<Vec<u8>>,
}

const ROOT: &[u8] = b"GIAMDINHHS";
const HOSO: &[u8] = b"HOSO";
const DATE: &[u8] = b"NGAYLAP";
const FACILITY: &[u8] = b"MACSKCB";

impl<R: BufRead> Outline<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            scanner: Scanner::new(input, RAW_LIMIT),
            phase: Phase::Start,
            open: Vec::new(),
            root_closed: false,
            created: Created::Unknown,
            facility: None,
            text: None,
        }
    }

    /// When the envelope was made, as far as it has been read.
    pub(super) fn created(&self) -> Created {
        self.created
    }

    /// The facility that made it, where that has been read.
    pub(super) fn facility(&self) -> Option<Facility> {
        self.facility
    }

    /// The next piece, or `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Piece>> {
        let piece = match self.phase {
            Phase::Start => self.start(),
            Phase::Between => self.between(),
            Phase::Inside => self.inside(),
            Phase::Done => return Ok(None),
        };
        if piece.is_err() {
            self.phase = Phase::Done;
        }
        piece
    }

    fn start(&mut self) -> io::Result<Option<Piece>> {
        self.phase = Phase::Between;
        match self.scanner.skip_mark()? {
            None => self.damaged(bad_xml(
                "the file is empty: expected a claim envelope GIAMDINHHS",
            )),
            Some(0xFE | 0xFF | 0) => self.damaged(not_utf8()),
            Some(_) => self.between(),
        }
    }

    /// Reads up to the next HOSO.
    fn between(&mut self) -> io::Result<Option<Piece>> {
        loop {
            match self.scanner.next()? {
                Token::Text | Token::CData if self.text.is_some() => self.keep_text(),
                Token::Text if self.open.is_empty() && !self.scanner.is_blank() => {
                    return self.damaged(outside());
                }
                Token::CData if self.open.is_empty() => return self.damaged(outside()),
                Token::Text | Token::CData | Token::Comment => {}
                Token::Instruction if !self.is_utf8() => return self.damaged(not_utf8()),
                Token::Instruction => {}
                Token::Declaration => return self.damaged(entity()),
                Token::Open if self.is_hoso() => {
                    self.scanner.restart_at_token(ROW_LIMIT);
                    self.phase = Phase::Inside;
                    return self.inside();
                }
                Token::Empty if self.is_hoso() => {
                    self.scanner.restart_at_token(ROW_LIMIT);
                    return Ok(Some(self.hoso()));
                }
                Token::Open => {
                    if let Err(error) = self.enter() {
                        return self.damaged(error);
                    }
                }
                Token::Empty => {
                    if let Err(error) = self.enter() {
                        return self.damaged(error);
                    }
                    self.leave();
                }
                Token::Close if self.open.last().is_some_and(|n| n == self.scanner.name()) => {
                    self.leave();
                }
                Token::Close => {
                    return self.damaged(bad_xml("a closing tag does not match the open element"));
                }
                Token::Cut => return self.damaged(bad_xml("the file ends inside a tag")),
                Token::End if self.root_closed => {
                    self.phase = Phase::Done;
                    return Ok(None);
                }
                Token::End => {
                    return self.damaged(bad_xml(
                        "the file ends before </GIAMDINHHS>: it was cut; send it again whole",
                    ));
                }
            }
        }
    }

    /// Reads the rest of a HOSO. Only its own tags are watched for, so that ill-formed content
    /// spoils no other HOSO.
    fn inside(&mut self) -> io::Result<Option<Piece>> {
        loop {
            match self.scanner.next()? {
                Token::Open if self.scanner.name() == HOSO => {
                    let raw = self.scanner.kept_before_token();
                    self.scanner.restart_at_token(ROW_LIMIT);
                    let error = bad_xml("a HOSO opens before </HOSO> closes the one before it");
                    return Ok(Some(Piece::Damaged(error, raw)));
                }
                Token::Close if self.scanner.name() == HOSO => {
                    self.phase = Phase::Between;
                    return Ok(Some(self.hoso()));
                }
                Token::Cut | Token::End => {
                    return self.damaged(bad_xml(
                        "the file ends inside a HOSO: it was cut, or </HOSO> is missing",
                    ));
                }
                _ => {}
            }
        }
    }

    /// The HOSO that was kept.
    fn hoso(&mut self) -> Piece {
        let (bytes, whole) = self.scanner.kept();
        self.scanner.restart(RAW_LIMIT);
        if whole {
            Piece::Hoso(bytes)
        } else {
            Piece::TooLarge(bytes)
        }
    }

    /// Reads no more: what follows cannot be placed.
    fn damaged(&mut self, error: RowError) -> io::Result<Option<Piece>> {
        self.phase = Phase::Done;
        let (raw, _) = self.scanner.kept();
        Ok(Some(Piece::Damaged(error, raw)))
    }

    /// A HOSO counts wherever it stands below the root: none may be passed over in silence.
    fn is_hoso(&self) -> bool {
        !self.open.is_empty() && self.scanner.name() == HOSO
    }

    fn enter(&mut self) -> Result<(), RowError> {
        let name = self.scanner.name();
        if self.open.is_empty() {
            if name.contains(&0) {
                return Err(not_utf8());
            }
            if self.root_closed {
                return Err(bad_xml("a second document follows </GIAMDINHHS>"));
            }
            if name != ROOT {
                return Err(bad_xml(
                    "not a claim envelope: the outermost element must be GIAMDINHHS",
                ));
            }
        }
        if self.open.len() == DEPTH_LIMIT {
            return Err(bad_xml("the elements are nested too deeply"));
        }
        if self.is_kept(name) {
            self.text = Some(Vec::new());
        }
        self.open.push(name.to_vec());
        Ok(())
    }

    fn leave(&mut self) {
        let name = self.open.pop();
        self.root_closed = self.open.is_empty();
        if let Some(name) = name.filter(|name| self.is_kept(name))
            && let Some(text) = self.text.take()
        {
            let text = String::from_utf8_lossy(&text);
            if name == FACILITY {
                self.facility = Facility::from_text(text.trim());
                return;
            }
            self.created = match value::created_at(text.trim()) {
                Some(at) => Created::At(at),
                None => Created::Unreadable,
            };
        }
    }

    /// Whether the text of an element is read: of the first `NGAYLAP`, and of the first `MACSKCB` that
    /// is a facility.
    fn is_kept(&self, name: &[u8]) -> bool {
        match name {
            DATE => self.created == Created::Unknown,
            FACILITY => self.facility.is_none(),
            _ => false,
        }
    }

    /// Adds the token to the text that is read. A head that is cut makes no date either.
    fn keep_text(&mut self) {
        let head = self.scanner.head();
        let text = head
            .strip_prefix(b"<![CDATA[")
            .and_then(|h| h.strip_suffix(b"]]>"))
            .unwrap_or(head);
        if let Some(kept) = &mut self.text
            && kept.len() < 4096
        {
            kept.extend_from_slice(text);
        }
    }

    /// Whether an instruction, if it is the XML declaration, declares UTF-8.
    fn is_utf8(&self) -> bool {
        let text = String::from_utf8_lossy(self.scanner.head());
        match Reader::from_str(&text).read_event() {
            Ok(Event::Decl(declaration)) => is_utf8_name(&declaration),
            _ => true,
        }
    }
}

fn bad_xml(message: &str) -> RowError {
    RowError::new(ErrorCode::BadXml, message)
}

fn outside() -> RowError {
    bad_xml("not XML: text stands outside the outermost element GIAMDINHHS")
}

fn entity() -> RowError {
    RowError::new(
        ErrorCode::XmlEntity,
        "the file declares a document type or entities, which are refused: remove the `<!…>`",
    )
}

fn not_utf8() -> RowError {
    RowError::new(
        ErrorCode::BadUtf8,
        "the file is in, or declares, another encoding than UTF-8: save it as UTF-8",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<String> {
        let mut outline = Outline::new(text.as_bytes());
        let mut all = Vec::new();
        while let Some(piece) = outline.next().expect("memory does not fail") {
            all.push(match piece {
                Piece::Hoso(bytes) => String::from_utf8(bytes).expect("UTF-8"),
                Piece::TooLarge(bytes) => format!("too large, {} bytes kept", bytes.len()),
                Piece::Damaged(error, raw) => {
                    format!("{}: {}", error.code, String::from_utf8_lossy(&raw))
                }
            });
        }
        all
    }

    #[test]
    fn a_hoso_that_is_not_closed_spoils_only_itself() {
        let text = "<GIAMDINHHS><HOSO>1</HOSO><HOSO>2<HOSO>3</HOSO><HOSO/></GIAMDINHHS>";
        assert_eq!(
            pieces(text),
            [
                "<HOSO>1</HOSO>",
                "bad_xml: <HOSO>2",
                "<HOSO>3</HOSO>",
                "<HOSO/>"
            ]
        );
    }

    #[test]
    fn a_hoso_beyond_the_limit_is_passed_over() {
        let long = "x".repeat(ROW_LIMIT);
        let text = format!("<GIAMDINHHS><HOSO>{long}</HOSO><HOSO>2</HOSO></GIAMDINHHS>");
        let kept = format!("too large, {ROW_LIMIT} bytes kept");
        assert_eq!(pieces(&text), [kept.as_str(), "<HOSO>2</HOSO>"]);
    }

    #[test]
    fn the_rest_of_a_damaged_file_is_one_piece() {
        for (text, code) in [
            ("", "bad_xml"),
            ("facility,visit_id\n01001,1\n", "bad_xml"),
            ("<html><HOSO/></html>", "bad_xml"),
            ("<GIAMDINHHS><a></b><HOSO/></GIAMDINHHS>", "bad_xml"),
            ("<GIAMDINHHS>", "bad_xml"),
            ("<GIAMDINHHS/><GIAMDINHHS/>", "bad_xml"),
            ("<GIAMDINHHS/>rest", "bad_xml"),
            (
                "<!DOCTYPE a [<!ENTITY b 'c'>]><GIAMDINHHS><HOSO/></GIAMDINHHS>",
                "xml_entity",
            ),
            (
                "<?xml version='1.0' encoding='windows-1258'?><GIAMDINHHS><HOSO/></GIAMDINHHS>",
                "bad_utf8",
            ),
            ("<\0G\0I\0A\0>\0", "bad_utf8"),
        ] {
            let all = pieces(text);
            assert_eq!(all.len(), 1, "{text}");
            assert!(all[0].starts_with(code), "{text}: {}", all[0]);
        }
        assert_eq!(pieces("<GIAMDINHHS/>\n<!-- end -->\n"), [""; 0]);
        let deep = format!("<GIAMDINHHS>{}", "<a>".repeat(1000));
        assert_eq!(pieces(&deep).len(), 1);
    }

    #[test]
    fn the_facility_is_the_first_that_is_one() {
        for (text, facility) in [
            (
                "<MACSKCB>01001</MACSKCB><MACSKCB>01002</MACSKCB>",
                Some("01001"),
            ),
            (
                "<MACSKCB/><MACSKCB> <![CDATA[0100]]>2\n</MACSKCB>",
                Some("01002"),
            ),
            ("<MACSKCB><NGAYLAP>20250701</NGAYLAP></MACSKCB>", None),
            ("<MACSKCB>010</MACSKCB>", None),
            ("", None),
        ] {
            let text =
                format!("<GIAMDINHHS><THONGTINDONVI>{text}</THONGTINDONVI><HOSO/></GIAMDINHHS>");
            let mut outline = Outline::new(text.as_bytes());
            let first = outline.next().expect("memory does not fail");
            assert!(matches!(first, Some(Piece::Hoso(_))), "{text}");
            let found = outline.facility().map(|facility| facility.to_string());
            assert_eq!(found.as_deref(), facility, "{text}");
        }
    }

    #[test]
    fn the_date_may_be_wrapped_and_long() {
        for (text, day) in [
            ("20250701", Some("2025-07-01")),
            (" <![CDATA[202507011530]]>\n", Some("2025-07-01")),
            ("2025<!-- -->0701", Some("2025-07-01")),
            ("20250732", None),
            ("2025-07-01", None),
            ("", None),
        ] {
            let text = format!("\u{FEFF}<GIAMDINHHS><NGAYLAP>{text}</NGAYLAP><HOSO/></GIAMDINHHS>");
            let mut outline = Outline::new(text.as_bytes());
            let first = outline.next().expect("memory does not fail");
            assert!(matches!(first, Some(Piece::Hoso(_))));
            let at = match outline.created() {
                Created::At(at) => Some(at.to_string()),
                _ => None,
            };
            assert_eq!(at, day.map(|d| format!("{d}T23:59:00+07:00")), "{text}");
        }
    }
}
