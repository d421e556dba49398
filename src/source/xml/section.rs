//! The sections of one HOSO: which tables it holds, and the text of each.
//!
//! In: the text of a HOSO. Out: its sections in order, with what `NOIDUNGFILE` holds; only when a
//! section is asked for is it decoded. Must hold: base64, plain elements, escaped text and CDATA
//! give the same document.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT;

use super::walk::{Content, Step, Walk};
use crate::record::{ErrorCode, RowError};

/// One `FILEHOSO`.
pub(super) struct Section<'a> {
    /// `LOAIHOSO`.
    kind: String,
    /// `NOIDUNGFILE`.
    content: Content<'a>,
}

/// Reads the sections of a HOSO. All of it is checked to be well formed.
pub(super) fn sections(hoso: &str) -> Result<Vec<Section<'_>>, RowError> {
    let mut walk = Walk::new(hoso);
    let mut sections = Vec::new();
    // The first step opens the HOSO itself.
    walk.next()?;
    loop {
        match walk.next()? {
            Step::Open if walk.name() == "FILEHOSO" => sections.push(section(&mut walk)?),
            Step::Open => walk.skip()?,
            Step::Text(_) | Step::Close => {}
            Step::End => return Ok(sections),
        }
    }
}

/// Reads the `FILEHOSO` that opened last.
fn section<'a>(walk: &mut Walk<'a>) -> Result<Section<'a>, RowError> {
    let mut kind = None;
    let mut content = None;
    loop {
        match walk.next()? {
            Step::Open => {
                let twice = match walk.name() {
                    "LOAIHOSO" => kind.replace(walk.text()?).is_some(),
                    "NOIDUNGFILE" => content.replace(walk.content()?).is_some(),
                    _ => {
                        walk.skip()?;
                        false
                    }
                };
                if twice {
                    return Err(bad_xml("a FILEHOSO has two LOAIHOSO or two NOIDUNGFILE"));
                }
            }
            Step::Text(_) => {}
            Step::Close | Step::End => break,
        }
    }
    let kind = kind.unwrap_or_default().trim().to_ascii_uppercase();
    if kind.is_empty() {
        return Err(bad_xml("a FILEHOSO does not say its LOAIHOSO"));
    }
    Ok(Section {
        kind,
        content: content.unwrap_or(Content::Text(Cow::Borrowed(""))),
    })
}

impl Section<'_> {
    /// Whether it holds this table. One without content holds nothing: systems send empty sections
    /// for tables that they do not fill.
    pub(super) fn holds(&self, table: &str) -> bool {
        let empty = match &self.content {
            Content::Text(text) => text.trim().is_empty(),
            Content::Elements(_) => false,
        };
        self.kind == table && !empty
    }

    /// The text of its document.
    pub(super) fn document(&self) -> Result<Cow<'_, str>, RowError> {
        let text = match &self.content {
            Content::Elements(text) => return Ok(Cow::Borrowed(text)),
            Content::Text(text) => text.trim().trim_start_matches('\u{FEFF}').trim_start(),
        };
        if text.starts_with('<') {
            return Ok(Cow::Borrowed(text));
        }
        let packed: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
        let bytes = STANDARD_PAD_INDIFFERENT
            .decode(packed)
            .map_err(|_| self.neither())?;
        let document = String::from_utf8(bytes).map_err(|_| {
            RowError::new(
                ErrorCode::BadUtf8,
                format!("{}: its base64 is not of UTF-8 text", self.label()),
            )
        })?;
        let start = document.trim_start_matches(|c: char| c == '\u{FEFF}' || c.is_whitespace());
        if !start.starts_with('<') {
            return Err(self.neither());
        }
        Ok(Cow::Owned(start.to_owned()))
    }

    fn neither(&self) -> RowError {
        RowError::new(
            ErrorCode::BadBase64,
            format!(
                "{}: NOIDUNGFILE is neither base64 of XML nor XML",
                self.label()
            ),
        )
    }

    /// The kind, where it is one that may be told: a file can hold anything in its place.
    fn label(&self) -> &str {
        let number = self.kind.strip_prefix("XML").unwrap_or_default();
        let told = (1..=2).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        if told { &self.kind } else { "a section" }
    }
}

fn bad_xml(message: &str) -> RowError {
    RowError::new(ErrorCode::BadXml, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INNER: &str = "<TONG_HOP><HO_TEN>Mẫu &amp; Thử</HO_TEN></TONG_HOP>";

    fn document(content: &str) -> Result<String, ErrorCode> {
        let hoso = format!(
            "<HOSO><FILEHOSO><LOAIHOSO>XML1</LOAIHOSO><NOIDUNGFILE>{content}</NOIDUNGFILE></FILEHOSO></HOSO>"
        );
        let sections = sections(&hoso).map_err(|e| e.code)?;
        assert!(sections[0].holds("XML1"));
        let document = sections[0].document().map_err(|e| e.code)?;
        Ok(document.trim().to_owned())
    }

    #[test]
    fn every_packing_gives_the_same_document() {
        let packed = base64::engine::general_purpose::STANDARD.encode(INNER);
        let lines: Vec<&str> = packed
            .as_bytes()
            .chunks(19)
            .map(|c| std::str::from_utf8(c).expect("base64 is ASCII"))
            .collect();
        let marked = base64::engine::general_purpose::STANDARD.encode(format!("\u{FEFF}{INNER}"));
        let escaped = quick_xml::escape::escape(INNER);
        for content in [
            INNER.to_owned(),
            format!("\n  {INNER}\n"),
            packed.clone(),
            packed.trim_end_matches('=').to_owned(),
            format!("\r\n{}\r\n", lines.join("\r\n\t")),
            marked,
            escaped.into_owned(),
            format!("<![CDATA[{INNER}]]>"),
            format!("<![CDATA[{packed}]]>"),
        ] {
            assert_eq!(document(&content).as_deref(), Ok(INNER), "{content}");
        }
    }

    #[test]
    fn what_is_neither_is_refused() {
        let standard = base64::engine::general_purpose::STANDARD;
        for (content, code) in [
            ("not base64!".to_owned(), ErrorCode::BadBase64),
            ("QQ=Q".to_owned(), ErrorCode::BadBase64),
            (standard.encode("plain text"), ErrorCode::BadBase64),
            (standard.encode([0xFF, 0xFE, b'<', 0]), ErrorCode::BadUtf8),
            (format!("text {INNER}"), ErrorCode::BadXml),
        ] {
            assert_eq!(document(&content), Err(code), "{content}");
        }
    }

    #[test]
    fn a_section_must_say_what_it_is() {
        for inner in [
            "<NOIDUNGFILE>QQ==</NOIDUNGFILE>",
            "<LOAIHOSO>XML1</LOAIHOSO><LOAIHOSO>XML2</LOAIHOSO>",
            "<LOAIHOSO>XML1</LOAIHOSO><NOIDUNGFILE/><NOIDUNGFILE/>",
        ] {
            let hoso = format!("<HOSO><FILEHOSO>{inner}</FILEHOSO></HOSO>");
            assert!(sections(&hoso).is_err(), "{inner}");
        }
        let empty = "<HOSO><FILEHOSO><NOIDUNGFILE> </NOIDUNGFILE><LOAIHOSO> xml2 </LOAIHOSO></FILEHOSO></HOSO>";
        let sections = sections(empty).expect("it is well formed");
        assert_eq!(sections[0].kind, "XML2");
        assert!(!sections[0].holds("XML2"));
    }
}
