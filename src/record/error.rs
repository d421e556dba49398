//! Why a row was rejected: a stable code, the column, and a sentence for a person.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// The stable code of a rejected row (contract 1.1). Texts never change once published.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode { $($(#[$doc])* $variant,)* }

        impl ErrorCode {
            /// Every code, in declaration order.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$variant,)*];

            /// The code as it stands in `rejects.ndjson`.
            pub fn as_str(self) -> &'static str {
                match self { $(ErrorCode::$variant => $text,)* }
            }
        }
    };
}

codes! {
    /// The bytes of the row are not UTF-8.
    BadUtf8 = "bad_utf8",
    /// The row is larger than a row may be.
    RowTooLarge = "row_too_large",
    /// The CSV record has an unclosed quote or the wrong number of cells.
    BadCsv = "bad_csv",
    /// The line is not one JSON object.
    BadJson = "bad_json",
    /// The Debezium envelope lacks what its operation needs.
    BadEnvelope = "bad_envelope",
    /// The XML is not well formed, or not a claim envelope.
    BadXml = "bad_xml",
    /// The content of an XML file section is neither base64 of XML nor XML.
    BadBase64 = "bad_base64",
    /// The XML declares entities or a document type, which are refused.
    XmlEntity = "xml_entity",
    /// The claim has no XML1 section, or more than one.
    BadXml1 = "bad_xml1",
    /// The `;`-aligned card lists of the claim differ in length.
    CardListMismatch = "card_list_mismatch",
    /// The Parquet row group or column could not be decoded.
    BadParquet = "bad_parquet",
    /// A required column is absent or null.
    MissingColumn = "missing_column",
    /// `recorded_at` is not an RFC 3339 time.
    BadRecordedAt = "bad_recorded_at",
    /// `op` is neither `upsert` nor `delete`.
    BadOp = "bad_op",
    /// Not 12 digits.
    BadPersonalId = "bad_personal_id",
    /// Not 10 digits.
    BadSiNumber = "bad_si_number",
    /// Not 9 digits.
    BadOldId = "bad_old_id",
    /// Not 2 letters, a digit 1-5, 2 digits and 10 digits.
    BadCardNumber = "bad_card_number",
    /// Not 5 characters.
    BadFacility = "bad_facility",
    /// Not `YYYY-MM-DD`.
    BadDate = "bad_date",
    /// Not `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
    BadPartialDate = "bad_partial_date",
    /// Not `YYYY-MM-DDTHH:MM`.
    BadTime = "bad_time",
    /// Not a decimal number of dong with up to 3 places.
    BadMoney = "bad_money",
    /// Not a whole number of zero or more.
    BadCount = "bad_count",
    /// A binary floating-point column where an exact value is needed.
    BinaryFloat = "binary_float",
    /// Not 1, 2 or 3.
    BadSex = "bad_sex",
    /// Not a life status.
    BadLifeStatus = "bad_life_status",
    /// Not a source of death reports.
    BadSource = "bad_source",
    /// Not a card or enterprise status.
    BadStatus = "bad_status",
    /// Not a blood group.
    BadBloodGroup = "bad_blood_group",
    /// Not `01` to `16`.
    BadVisitType = "bad_visit_type",
    /// Not 1 to 8.
    BadOutcome = "bad_outcome",
    /// Not 1 to 5.
    BadDischargeType = "bad_discharge_type",
    /// The cell's type cannot hold this column (a list for a scalar, a nested object, …).
    BadType = "bad_type",
    /// `discharged_at` is before `admitted_at`.
    DischargedBeforeAdmitted = "discharged_before_admitted",
    /// `valid_to` is before `valid_from`.
    ValidToBeforeValidFrom = "valid_to_before_valid_from",
    /// `to` is before `from`.
    ToBeforeFrom = "to_before_from",
    /// The source deleted the row, and perhaps some after it, before they were read.
    DeletedBeforeRead = "deleted_before_read",
    /// The claim is retired: its last day is beyond the window in which claims are decided on.
    BeyondWindow = "beyond_window",
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A row that was not accepted. The message names the column and what was expected, never the
/// value: the raw row is kept beside it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RowError {
    /// The stable code.
    pub code: ErrorCode,
    /// One sentence: what is wrong, and what the format is.
    pub message: String,
}

impl RowError {
    /// An error about the row as a whole.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// An error about one column.
    pub fn column(code: ErrorCode, column: &str, expected: &str) -> Self {
        Self::new(code, format!("column `{column}`: {expected}"))
    }
}
