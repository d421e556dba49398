//! Reads a document that is in memory: opening and closing of elements, and text with its
//! references resolved.
//!
//! In: text. Out: [`Step`]s. Must hold: declarations of document types and entities are refused,
//! references are resolved to what XML itself predefines and to characters, depth is bounded, and
//! [`Step::End`] comes only after one whole element.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::errors::SyntaxError;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesDecl, Event};

use crate::record::{ErrorCode, RowError};

/// The deepest nesting that is read: the schemas need ten.
pub(super) const DEPTH_LIMIT: usize = 64;

/// One step through a document. Only tests print it: text is personal data.
#[cfg_attr(test, derive(Debug))]
pub(super) enum Step<'a> {
    /// An element opens; [`Walk::name`] tells which.
    Open,
    /// The innermost open element closes.
    Close,
    /// Text: a run of it may come in several steps.
    Text(Cow<'a, str>),
    /// The document ends.
    End,
}

/// What an element holds.
pub(super) enum Content<'a> {
    /// Text alone.
    Text(Cow<'a, str>),
    /// Elements: the text of the document between the element's tags.
    Elements(&'a str),
}

/// Reads steps.
pub(super) struct Walk<'a> {
    text: &'a str,
    reader: Reader<&'a [u8]>,
    name: String,
    depth: usize,
    finished: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self {
            text,
            reader,
            name: String::new(),
            depth: 0,
            finished: false,
        }
    }

    /// The local name of the element that opened last.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The next step.
    pub(super) fn next(&mut self) -> Result<Step<'a>, RowError> {
        loop {
            let step = match self.reader.read_event().map_err(|e| refused(&e))? {
                Event::Start(start) => {
                    if self.finished {
                        return Err(bad("a second element follows the outermost one"));
                    }
                    if self.depth == DEPTH_LIMIT {
                        return Err(bad("the elements are nested too deeply"));
                    }
                    self.depth += 1;
                    self.name.clear();
                    self.name.push_str(start.local_name().as_ref());
                    Step::Open
                }
                Event::End(_) => {
                    self.depth -= 1;
                    self.finished = self.depth == 0;
                    Step::Close
                }
                Event::Text(text) => Step::Text(text.into_inner()),
                Event::CData(text) => Step::Text(text.into_inner()),
                Event::GeneralRef(reference) => {
                    let character = reference
                        .resolve_char_ref()
                        .map_err(|_| bad("a character reference names no character"))?;
                    match (character, resolve_predefined_entity(&reference)) {
                        (Some(character), _) => Step::Text(Cow::Owned(character.into())),
                        (None, Some(text)) => Step::Text(Cow::Borrowed(text)),
                        (None, None) => {
                            return Err(bad(
                                "a reference names an entity that XML does not define",
                            ));
                        }
                    }
                }
                Event::Decl(declaration) if !is_utf8_name(&declaration) => {
                    return Err(RowError::new(
                        ErrorCode::BadUtf8,
                        "the XML declaration names another encoding than UTF-8",
                    ));
                }
                Event::DocType(_) => return Err(entity()),
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => continue,
                Event::Empty(_) => return Err(bad("an element is neither open nor closed")),
                Event::Eof if !self.finished => {
                    return Err(bad("it ends before its outermost element closes"));
                }
                Event::Eof => Step::End,
            };
            match step {
                Step::Text(text) if self.depth == 0 => {
                    if !text
                        .trim_matches(['\u{FEFF}', ' ', '\t', '\r', '\n'])
                        .is_empty()
                    {
                        return Err(bad("text stands outside the outermost element"));
                    }
                }
                step => return Ok(step),
            }
        }
    }

    /// Passes over the rest of the element that opened last.
    pub(super) fn skip(&mut self) -> Result<(), RowError> {
        let outer = self.depth - 1;
        while self.depth > outer {
            self.next()?;
        }
        Ok(())
    }

    /// The text of the element that opened last; elements in it are an error.
    pub(super) fn text(&mut self) -> Result<Cow<'a, str>, RowError> {
        match self.content()? {
            Content::Text(text) => Ok(text),
            Content::Elements(_) => Err(bad("an element stands where text was expected")),
        }
    }

    /// What the element that opened last holds.
    pub(super) fn content(&mut self) -> Result<Content<'a>, RowError> {
        let outer = self.depth - 1;
        let from = self.position();
        let mut to = from;
        let mut text = Cow::Borrowed("");
        let mut elements = false;
        loop {
            match self.next()? {
                Step::Close if self.depth == outer => break,
                Step::Open => elements = true,
                Step::Text(more) if self.depth == outer + 1 => append(&mut text, more),
                Step::Close | Step::Text(_) => {}
                Step::End => return Err(bad("it ends before its outermost element closes")),
            }
            to = self.position();
        }
        if !elements {
            return Ok(Content::Text(text));
        }
        if !text.trim().is_empty() {
            return Err(bad("text and elements are mixed"));
        }
        match self.text.get(from..to) {
            Some(inner) => Ok(Content::Elements(inner)),
            None => Err(bad("an element does not begin and end between characters")),
        }
    }

    /// How many bytes have been read.
    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }
}

/// Adds to a text, without a copy while it is of one piece.
fn append<'a>(text: &mut Cow<'a, str>, more: Cow<'a, str>) {
    if text.is_empty() {
        *text = more;
    } else if !more.is_empty() {
        text.to_mut().push_str(&more);
    }
}

/// Whether a declaration names UTF-8, or a part of it, or nothing.
pub(super) fn is_utf8_name(declaration: &BytesDecl<'_>) -> bool {
    match declaration.encoding() {
        None => true,
        Some(Err(_)) => false,
        Some(Ok(name)) => ["utf-8", "utf8", "us-ascii", "ascii"]
            .iter()
            .any(|known| name.trim().eq_ignore_ascii_case(known)),
    }
}

fn bad(message: &str) -> RowError {
    RowError::new(ErrorCode::BadXml, message)
}

fn entity() -> RowError {
    RowError::new(
        ErrorCode::XmlEntity,
        "it declares a document type or entities, which are refused: remove the `<!…>`",
    )
}

/// The library's errors may quote the document, so only their kind is told.
fn refused(error: &quick_xml::Error) -> RowError {
    use quick_xml::Error;
    match error {
        Error::Syntax(SyntaxError::InvalidBangMarkup | SyntaxError::UnclosedDoctype) => entity(),
        Error::Syntax(_) => bad("a tag, comment or section is not closed"),
        Error::IllFormed(_) => {
            bad("a closing tag does not match the open element, or a reference is not closed")
        }
        _ => bad("it is not well formed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(text: &str) -> Result<Content<'_>, ErrorCode> {
        let mut walk = Walk::new(text);
        let read = |walk: &mut Walk<'_>| walk.next().map(|s| format!("{s:?}")).map_err(|e| e.code);
        assert_eq!(read(&mut walk)?, "Open");
        let content = walk.content().map_err(|e| e.code)?;
        match walk.next().map_err(|e| e.code)? {
            Step::End => Ok(content),
            step => panic!("{step:?}"),
        }
    }

    fn text(text: &str) -> Result<String, ErrorCode> {
        match content(text)? {
            Content::Text(text) => Ok(text.into_owned()),
            Content::Elements(text) => Ok(format!("elements {text}")),
        }
    }

    #[test]
    fn text_comes_in_many_forms() {
        assert_eq!(text("<a>b</a>"), Ok("b".into()));
        assert_eq!(text("<n:a xmlns:n='u' c='&lt;'>b</n:a>"), Ok("b".into()));
        assert_eq!(text("<a/>"), Ok(String::new()));
        assert_eq!(
            text(
                "<?xml version='1.0' encoding='UTF-8'?>\n<!-- c --><a>x<![CDATA[<&]]>&lt;&#x1EA1;<!-- d -->&amp;</a>\n"
            ),
            Ok("x<&<ạ&".into())
        );
        assert_eq!(
            text("<a> <b c='d'>e</b><f/> </a>"),
            Ok("elements  <b c='d'>e</b><f/> ".into())
        );
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for (document, code) in [
            ("<a>b", ErrorCode::BadXml),
            ("<a>b</c>", ErrorCode::BadXml),
            ("<a></a><b/>", ErrorCode::BadXml),
            ("<a/>b", ErrorCode::BadXml),
            ("<a>&nbsp;</a>", ErrorCode::BadXml),
            ("<a>&</a>", ErrorCode::BadXml),
            ("<a>&#0;</a>", ErrorCode::BadXml),
            ("<a>&#xD800;</a>", ErrorCode::BadXml),
            ("<a>b<c/></a>", ErrorCode::BadXml),
            ("<a><![CDATA[</a>", ErrorCode::BadXml),
            ("<!DOCTYPE a><a/>", ErrorCode::XmlEntity),
            ("<!DOCTYPE a [<!ENTITY b '", ErrorCode::XmlEntity),
            ("<a><!ENTITY b 'c'></a>", ErrorCode::XmlEntity),
            (
                "<?xml version='1.0' encoding='utf-16'?><a/>",
                ErrorCode::BadUtf8,
            ),
        ] {
            assert_eq!(text(document), Err(code), "{document}");
        }
        let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
        assert_eq!(text(&deep), Err(ErrorCode::BadXml));
    }
}
