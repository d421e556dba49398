//! Error codes of rejected rows, in eleven groups.
//!
//! In: a code. Out: its group. Must hold: every code has one; a group tells an operator whom to ask, since
//! codes by stream would be hundreds of series.

use super::label::label;
use crate::record::ErrorCode;

label! {
    /// What kind of mistake a rejected row has.
    RejectGroup as "reason" {
        /// The bytes are not UTF-8.
        Encoding = "encoding",
        /// The row is too large.
        Size = "size",
        /// The row is no CSV record, JSON object, change envelope or Parquet row.
        Syntax = "syntax",
        /// The row is no XML claim.
        Xml = "xml",
        /// A required column is absent, or whole rows are, which were deleted at their source before they were read.
        Missing = "missing",
        /// An identifier of a person, a card or a facility has another form.
        Identifier = "identifier",
        /// A date or time has another form.
        Date = "date",
        /// An amount or a count has another form.
        Number = "number",
        /// A coded value is not on its list, or a cell has another type.
        Code = "code",
        /// Two dates of the row contradict each other.
        Contradiction = "contradiction",
        /// The claim is retired, since it is beyond the window.
        Late = "late",
    }
}

impl From<ErrorCode> for RejectGroup {
    fn from(code: ErrorCode) -> Self {
        match code {
            ErrorCode::BadUtf8 => Self::Encoding,
            ErrorCode::RowTooLarge => Self::Size,
            ErrorCode::BadCsv
            | ErrorCode::BadJson
            | ErrorCode::BadEnvelope
            | ErrorCode::BadParquet => Self::Syntax,
            ErrorCode::BadXml
            | ErrorCode::BadBase64
            | ErrorCode::XmlEntity
            | ErrorCode::BadXml1
            | ErrorCode::CardListMismatch => Self::Xml,
            ErrorCode::MissingColumn | ErrorCode::DeletedBeforeRead => Self::Missing,
            ErrorCode::BadPersonalId
            | ErrorCode::BadSiNumber
            | ErrorCode::BadOldId
            | ErrorCode::BadCardNumber
            | ErrorCode::BadFacility => Self::Identifier,
            ErrorCode::BadRecordedAt
            | ErrorCode::BadDate
            | ErrorCode::BadPartialDate
            | ErrorCode::BadTime => Self::Date,
            ErrorCode::BadMoney | ErrorCode::BadCount | ErrorCode::BinaryFloat => Self::Number,
            ErrorCode::BadOp
            | ErrorCode::BadSex
            | ErrorCode::BadLifeStatus
            | ErrorCode::BadSource
            | ErrorCode::BadStatus
            | ErrorCode::BadBloodGroup
            | ErrorCode::BadVisitType
            | ErrorCode::BadOutcome
            | ErrorCode::BadDischargeType
            | ErrorCode::BadType => Self::Code,
            ErrorCode::DischargedBeforeAdmitted
            | ErrorCode::ValidToBeforeValidFrom
            | ErrorCode::ToBeforeFrom => Self::Contradiction,
            ErrorCode::BeyondWindow => Self::Late,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::Label;
    use std::collections::BTreeSet;

    #[test]
    fn every_group_has_a_code() {
        let groups: BTreeSet<RejectGroup> =
            ErrorCode::ALL.iter().map(|code| (*code).into()).collect();
        assert_eq!(groups.len(), RejectGroup::ALL.len());
    }
}
