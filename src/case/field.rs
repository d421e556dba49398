//! Fields of rows that are masked until they are revealed.

use crate::language::worded;

worded! {
    /// A field that is masked.
    Field {
        FullName = "full_name", "name", "họ tên";
        BirthDate = "birth_date", "date of birth", "ngày sinh";
        CardNumber = "card_number", "card number", "số thẻ";
        SiNumber = "si_number", "social-insurance number", "mã số BHXH";
        PersonalId = "personal_id", "personal id", "số định danh cá nhân";
        OldId = "old_id", "old identity number", "số CMND cũ";
        Diagnosis = "diagnosis", "diagnosis", "chẩn đoán";
        VisitId = "visit_id", "number of the visit", "mã lượt khám";
        Referral = "referral", "referral", "cơ sở chuyển tuyến";
        Scheme = "scheme", "benefit", "chế độ hưởng";
        TaxCode = "tax_code", "tax code", "mã số thuế";
    }
}
