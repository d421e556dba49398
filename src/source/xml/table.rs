//! One section's document as rows of the fields that are wanted.
//!
//! In: the text of XML0, XML1, XML2 or XML3. Out: a call for each row. Must hold: an unwanted field
//! may hold anything well formed, a wanted one holds text and occurs once; rows come one at a time.

use std::borrow::Cow;

use super::walk::{Step, Walk};
use crate::record::{ErrorCode, RowError};

/// What a section's document looks like.
#[derive(Debug)]
pub(super) struct Table {
    /// The section, as `LOAIHOSO` names it.
    pub(super) name: &'static str,
    /// The outermost element.
    pub(super) root: &'static str,
    /// The element that is a row.
    pub(super) row: &'static str,
}

/// A summary of a visit.
pub(super) const XML1: Table = Table {
    name: "XML1",
    root: "TONG_HOP",
    row: "TONG_HOP",
};

/// Its drugs.
pub(super) const XML2: Table = Table {
    name: "XML2",
    root: "CHITIEU_CHITIET_THUOC",
    row: "CHI_TIET_THUOC",
};

/// Its services and supplies.
pub(super) const XML3: Table = Table {
    name: "XML3",
    root: "CHITIEU_CHITIET_DVKT_VTYT",
    row: "CHI_TIET_DVKT",
};

/// A visit that has begun.
pub(super) const XML0: Table = Table {
    name: "XML0",
    root: "CHI_TIEU_TRANG_THAI_KCB",
    row: "TRANG_THAI_KCB",
};

/// The wanted fields of a row, in the order asked for; an absent or empty one is `None`.
pub(super) type Fields<'a> = Vec<Option<Cow<'a, str>>>;

impl Table {
    /// Calls `each` with every row of the document.
    pub(super) fn rows<'a>(
        &self,
        document: &'a str,
        wanted: &[&str],
        mut each: impl FnMut(Fields<'a>) -> Result<(), RowError>,
    ) -> Result<(), RowError> {
        let mut walk = Walk::new(document);
        let mut rooted = false;
        let mut found = false;
        let mut outermost = true;
        loop {
            match walk.next().map_err(|e| self.locate(e))? {
                Step::Open => {
                    rooted |= outermost && walk.name() == self.root;
                    outermost = false;
                    if walk.name() == self.row {
                        found = true;
                        let fields = self.row(&mut walk, wanted).map_err(|e| self.locate(e))?;
                        each(fields)?;
                    }
                }
                Step::Close | Step::Text(_) => {}
                Step::End if rooted || found => return Ok(()),
                Step::End => {
                    return Err(self.locate(RowError::new(
                        ErrorCode::BadXml,
                        format!("expected the outermost element {}", self.root),
                    )));
                }
            }
        }
    }

    /// The fields of the row that opened last.
    fn row<'a>(&self, walk: &mut Walk<'a>, wanted: &[&str]) -> Result<Fields<'a>, RowError> {
        let mut fields: Fields<'a> = vec![None; wanted.len()];
        let mut seen = vec![false; wanted.len()];
        loop {
            match walk.next()? {
                Step::Open => {
                    let Some(place) = wanted.iter().position(|w| *w == walk.name()) else {
                        walk.skip()?;
                        continue;
                    };
                    let field = wanted[place];
                    let named = |e: RowError| {
                        RowError::new(e.code, format!("field `{field}`: {}", e.message))
                    };
                    let text = trim(walk.text().map_err(named)?);
                    if std::mem::replace(&mut seen[place], true) {
                        return Err(named(RowError::new(
                            ErrorCode::BadXml,
                            "it occurs more than once",
                        )));
                    }
                    fields[place] = (!text.is_empty()).then_some(text);
                }
                Step::Text(_) => {}
                Step::Close | Step::End => return Ok(fields),
            }
        }
    }

    /// Puts the section's name before an error.
    pub(super) fn locate(&self, error: RowError) -> RowError {
        RowError::new(error.code, format!("{}: {}", self.name, error.message))
    }
}

/// The text without white space at its ends, without a copy where it is borrowed.
fn trim(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(document: &str) -> Result<Vec<String>, RowError> {
        let mut all = Vec::new();
        XML2.rows(document, &["A", "B"], |fields| {
            let text: Vec<&str> = fields.iter().map(|f| f.as_deref().unwrap_or("-")).collect();
            all.push(text.join(" "));
            Ok(())
        })?;
        Ok(all)
    }

    #[test]
    fn wanted_fields_come_in_the_order_asked_for() {
        let document = "<CHITIEU_CHITIET_THUOC><DSACH_CHI_TIET_THUOC>
            <CHI_TIET_THUOC><B> 1 </B><C><D/>x</C><A>x&amp;y</A></CHI_TIET_THUOC>
            <CHI_TIET_THUOC><A/></CHI_TIET_THUOC>
            </DSACH_CHI_TIET_THUOC></CHITIEU_CHITIET_THUOC>";
        assert_eq!(rows(document), Ok(vec!["x&y 1".into(), "- -".into()]));
        assert_eq!(rows("<CHITIEU_CHITIET_THUOC/>"), Ok(vec![]));
    }

    #[test]
    fn an_ambiguous_row_is_refused() {
        for (document, message) in [
            (
                "<TONG_HOP/>",
                "XML2: expected the outermost element CHITIEU_CHITIET_THUOC",
            ),
            (
                "<CHI_TIET_THUOC><A>1</A><A>2</A></CHI_TIET_THUOC>",
                "XML2: field `A`: it occurs more than once",
            ),
            (
                "<CHI_TIET_THUOC><A><B>1</B></A></CHI_TIET_THUOC>",
                "XML2: field `A`: an element stands where text was expected",
            ),
        ] {
            let error = rows(document).expect_err("it is refused");
            assert_eq!(
                (error.code, error.message.as_str()),
                (ErrorCode::BadXml, message)
            );
        }
    }
}
