//! Why rows are not accepted, in words, by the stable code.

use super::Language;
use crate::record::ErrorCode;

/// What is wrong with a row.
pub(crate) fn code_words(code: ErrorCode, language: Language) -> &'static str {
    let (english, vietnamese) = words(code);
    match language {
        Language::English => english,
        Language::Vietnamese => vietnamese,
    }
}

fn words(code: ErrorCode) -> (&'static str, &'static str) {
    match code {
        ErrorCode::BadUtf8 => ("not UTF-8 text", "không phải văn bản UTF-8"),
        ErrorCode::RowTooLarge => ("the row is too large", "dòng quá lớn"),
        ErrorCode::BadCsv => (
            "not a CSV record: an open quote, or another number of cells",
            "không phải dòng CSV: thiếu dấu nháy hoặc sai số ô",
        ),
        ErrorCode::BadJson => ("not one JSON object", "không phải một đối tượng JSON"),
        ErrorCode::BadEnvelope => (
            "the change envelope lacks something",
            "gói thay đổi thiếu thành phần",
        ),
        ErrorCode::BadXml => (
            "not a claim envelope in XML",
            "không phải gói hồ sơ XML hợp lệ",
        ),
        ErrorCode::BadBase64 => (
            "a part of the envelope is neither XML nor base64",
            "một phần của gói không phải XML hay base64",
        ),
        ErrorCode::XmlEntity => (
            "the XML declares entities, which are refused",
            "XML có khai báo thực thể, không được nhận",
        ),
        ErrorCode::BadXml1 => (
            "the claim has no XML1 part, or several",
            "hồ sơ thiếu hoặc thừa phần XML1",
        ),
        ErrorCode::CardListMismatch => (
            "the lists of cards differ in length",
            "các danh sách thẻ có độ dài khác nhau",
        ),
        ErrorCode::BadParquet => ("Parquet that cannot be read", "Parquet không đọc được"),
        ErrorCode::MissingColumn => ("a required column is missing", "thiếu cột bắt buộc"),
        ErrorCode::BadRecordedAt => (
            "the knowledge time is no time",
            "thời điểm ghi nhận không hợp lệ",
        ),
        ErrorCode::BadOp => (
            "the operation is neither upsert nor delete",
            "thao tác không phải upsert hay delete",
        ),
        ErrorCode::BadPersonalId => (
            "a personal id has 12 digits",
            "số định danh cá nhân phải có 12 chữ số",
        ),
        ErrorCode::BadSiNumber => (
            "a social-insurance number has 10 digits",
            "mã số BHXH phải có 10 chữ số",
        ),
        ErrorCode::BadOldId => (
            "an old identity number has 9 digits",
            "số CMND cũ phải có 9 chữ số",
        ),
        ErrorCode::BadCardNumber => (
            "a card number has another form",
            "số thẻ BHYT sai định dạng",
        ),
        ErrorCode::BadFacility => (
            "a facility code has 5 characters",
            "mã cơ sở KCB phải có 5 ký tự",
        ),
        ErrorCode::BadDate => ("not a date", "ngày không hợp lệ"),
        ErrorCode::BadPartialDate => (
            "not a date, a month or a year",
            "không phải ngày, tháng hay năm hợp lệ",
        ),
        ErrorCode::BadTime => ("not a date with a time", "ngày giờ không hợp lệ"),
        ErrorCode::BadMoney => ("not an amount in dong", "số tiền không hợp lệ"),
        ErrorCode::BadCount => (
            "not a whole number of zero or more",
            "không phải số nguyên từ 0 trở lên",
        ),
        ErrorCode::BinaryFloat => (
            "a floating-point column where an exact amount is needed",
            "cột số dấu phẩy động, cần giá trị chính xác",
        ),
        ErrorCode::BadSex => ("sex is 1, 2 or 3", "giới tính phải là 1, 2 hoặc 3"),
        ErrorCode::BadLifeStatus => (
            "not a life status of the register",
            "tình trạng sống không có trong danh mục",
        ),
        ErrorCode::BadSource => (
            "not a source of death reports",
            "nguồn báo tử không có trong danh mục",
        ),
        ErrorCode::BadStatus => (
            "not a status of the list",
            "trạng thái không có trong danh mục",
        ),
        ErrorCode::BadBloodGroup => ("not a blood group", "nhóm máu không hợp lệ"),
        ErrorCode::BadVisitType => (
            "the kind of visit is 01 to 16",
            "loại hình KCB phải từ 01 đến 16",
        ),
        ErrorCode::BadOutcome => ("the outcome is 1 to 8", "kết quả điều trị phải từ 1 đến 8"),
        ErrorCode::BadDischargeType => (
            "the kind of discharge is 1 to 5",
            "loại ra viện phải từ 1 đến 5",
        ),
        ErrorCode::BadType => (
            "the cell has a type that the column does not take",
            "ô có kiểu dữ liệu mà cột không nhận",
        ),
        ErrorCode::DischargedBeforeAdmitted => (
            "discharged before admitted",
            "ngày ra viện trước ngày vào viện",
        ),
        ErrorCode::ValidToBeforeValidFrom => (
            "valid to a day before it is valid from",
            "ngày hết hạn trước ngày bắt đầu",
        ),
        ErrorCode::ToBeforeFrom => ("ends before it begins", "kết thúc trước khi bắt đầu"),
        ErrorCode::DeletedBeforeRead => (
            "deleted at its source before it was read",
            "đã bị xóa ở nguồn trước khi đọc",
        ),
        ErrorCode::BeyondWindow => (
            "the claim is retired: its last day is beyond the window",
            "hồ sơ đã lưu trữ: ngày cuối ngoài khoảng xét",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_has_words_of_its_own_in_both_languages() {
        for language in [Language::English, Language::Vietnamese] {
            let words = ErrorCode::ALL.iter();
            let words: BTreeSet<&str> = words.map(|code| code_words(*code, language)).collect();
            assert_eq!(words.len(), ErrorCode::ALL.len());
        }
    }
}
