//! Why somebody has masked fields shown.

use crate::language::worded;

worded! {
    /// Why somebody has masked fields shown: a code, so that reasons can be counted and compared.
    Purpose {
        IdentityCheck = "identity_check", "Check an identity", "Đối chiếu danh tính";
        ContactProvider = "contact_provider", "Ask the provider about a visit", "Liên hệ cơ sở KCB về đợt khám";
        CompareRecords = "compare_records", "Compare with other records", "Đối chiếu với hồ sơ khác";
        DataSubjectRequest = "data_subject_request", "Request of the person themself", "Yêu cầu của chính người có dữ liệu";
        CourtOrInspection = "court_or_inspection", "Court, police or inspectorate", "Tòa án, công an hoặc thanh tra";
        OtherDocumented = "other_documented", "Other, said in a note", "Lý do khác, nêu rõ trong ghi chú";
    }
}

impl Purpose {
    /// Whether a note has to say more.
    pub fn needs_note(self) -> bool {
        self == Self::OtherDocumented
    }
}
