//! The words of `truth.csv` in the reader's language.
//!
//! The file is for programs and in English; its labels and kinds of stories are translated here.
//! Must hold: what has no translation is told as the file has it, since a country may come from
//! another version.

use super::Truth;
use crate::language::Language;
use crate::mask;

/// What the subject really is.
pub(super) fn label(truth: &Truth, language: Language) -> String {
    let translated = match (language, truth.label.as_str()) {
        (Language::English, "misuse") => Some("misuse"),
        (Language::English, "error") => Some("data error"),
        (Language::English, "noise") => Some("neither misuse nor error"),
        (Language::Vietnamese, "misuse") => Some("trục lợi"),
        (Language::Vietnamese, "error") => Some("lỗi dữ liệu"),
        (Language::Vietnamese, "noise") => Some("không phải trục lợi hay lỗi"),
        _ => None,
    };
    translated.map_or_else(|| mask::text(&truth.label.replace('_', " ")), str::to_owned)
}

/// The story behind it.
pub(super) fn why(truth: &Truth, language: Language) -> String {
    let translated = match language {
        Language::English => None,
        Language::Vietnamese => vietnamese(&truth.kind),
    };
    translated.map_or_else(|| mask::text(&truth.why), str::to_owned)
}

/// The story of a kind.
fn vietnamese(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "default_first_of_month" => "phần mềm tự lấy ngày mùng 1 của tháng làm ngày tử vong",
        "default_first_of_living" => {
            "người còn sống bị đánh dấu đã chết, phần mềm tự lấy ngày mùng 1 của tháng"
        }
        "wrong_person_recorded_dead" => {
            "khai tử của người khác bị nhập nhầm cho người còn sống này"
        }
        "swapped_day_and_month" => "ngày và tháng tử vong bị nhập đảo cho nhau",
        "facility_input" => {
            "cơ sở nhập sai ngày vào viện, hoặc nhập thẻ của người khác trong hộ gia đình"
        }
        "relatives_use_card" => "người thân tiếp tục dùng thẻ của người đã mất",
        "staff_bill_the_dead" => "nhân viên cơ sở lập hồ sơ khám cho người bệnh đã mất",
        "late_death_report" => "thông tin tử vong đến rất muộn; các lần khám là trước khi mất",
        "death_known_to_the_month" => "không rõ ngày tử vong, các lần khám có thể là trước khi mất",
        "misclicked_outcome" => "chọn nhầm kết quả điều trị là tử vong cho người bệnh còn sống",
        "borrower_died_on_card" => "người mượn thẻ đã tử vong tại bệnh viện bằng thẻ này",
        "card_number_typo" => "nhập sai một chữ số của mã thẻ",
        "forged_card" => "xuất trình thẻ chưa từng được cấp",
        "card_entered_late" => "thẻ mới được dùng trước khi nhập vào cơ sở dữ liệu",
        "expired_card_used" => "thẻ đã hết hạn và không được gia hạn",
        "renewal_entered_late" => "việc gia hạn được nhập muộn nhiều tuần",
        "expired_during_stay" => "thẻ hết hạn trong đợt điều trị, vẫn trong thời gian được hưởng",
        "revoked_card_used" => "thẻ đã bị thu hồi do gian lận nhưng vẫn được dùng",
        "reduced_by_mistake" => "báo giảm nhầm thẻ của người vẫn đang tham gia",
        "two_numbers_paid_twice" => "một người hưởng bằng hai thẻ thuộc hai mã số BHXH",
        "registered_twice_by_clerk" => "cán bộ cấp mã số mới thay vì tra cứu mã số đã có",
        "lent_card" => "người khác khám bệnh bằng thẻ của người này",
        "personal_id_typo" => "nhập sai số định danh cá nhân trên hồ sơ",
        "superseded_personal_id" => "hồ sơ ghi số định danh trước khi được điều chỉnh",
        "stay_at_two_hospitals" => {
            "hai bệnh viện cùng đề nghị thanh toán những ngày giường như nhau"
        }
        "discharge_date_typo" => "ngày ra viện bị nhập muộn nhiều ngày, chồng lên đợt sau",
        "handover_between_hospitals" => {
            "thời gian trùng là lúc chuyển viện, hoặc hai bệnh viện có ghi chuyển tuyến"
        }
        "visit_billed_during_stay" => "lập hồ sơ khám cho người đang nằm viện ở nơi khác",
        "discharge_entered_late" => "người bệnh đã về; khoa nhập thời điểm ra viện muộn",
        "test_elsewhere" => "bệnh viện gửi người bệnh sang nơi khác làm xét nghiệm",
        "visit_billed_twice" => "cơ sở đề nghị thanh toán lại cùng một đợt khám dưới mã khác",
        "visit_keyed_twice" => "đợt khám bị nhập nhầm hai lần",
        "claim_sent_again" => "hồ sơ được sửa và gửi lại với cùng mã",
        "drugs_from_many_facilities" => "lấy cùng loại thuốc tại nhiều cơ sở trong một ngày",
        "referred_on_in_a_day" => "người bệnh được chuyển qua nhiều cơ sở trong một ngày",
        "visits_for_resale" => "đi khám quá nhu cầu, tại nhiều cơ sở, để lấy thuốc",
        "dialysis" => "chạy thận nhân tạo mỗi tuần ba lần",
        "diagnosis_of_other_sex" => {
            "đề nghị thanh toán theo chẩn đoán có chi phí cao hơn mà người bệnh không thể mắc"
        }
        "sex_keyed_wrongly" => "nhập sai giới tính trên hồ sơ",
        "inflated_request" => "đề nghị quỹ thanh toán nhiều hơn các dòng chi phí",
        "amount_keyed_wrongly" => "nhập sai một khoản tiền",
        "stale_card_of_dead" => "thẻ của người mất đã lâu chưa từng được báo giảm",
        "card_not_reduced_yet" => "đã biết thông tin tử vong, thẻ sắp được báo giảm",
        "check_in_of_the_dead" => "có người làm thủ tục khám bằng thẻ của người đã mất rồi bỏ đi",
        "force_card_unregistered" => {
            "thẻ của quân đội, công an không nằm trong cơ sở dữ liệu của quỹ"
        }
        "newborn_temporary_card" => "trẻ sơ sinh khám bệnh bằng thẻ tạm",
        "diagnosis_of_other_age" => "đề nghị thanh toán theo chẩn đoán không hợp lứa tuổi",
        "level_above_card" => "đề nghị quỹ thanh toán cao hơn mức hưởng của thẻ",
        "participant_without_id" => "người tham gia chưa được liên kết với công dân nào",
        "participant_id_keyed_wrongly" => {
            "số định danh trong cơ sở dữ liệu bảo hiểm bị nhập sai hoặc là số cũ"
        }
        "participant_id_outdated" => {
            "số định danh đã được thay bằng số khác nhưng bảo hiểm chưa cập nhật"
        }
        "participant_id_cancelled" => "số định danh trong cơ sở dữ liệu bảo hiểm đã bị hủy",
        "participant_name_misspelt" => "họ tên bị viết sai trong cơ sở dữ liệu bảo hiểm",
        "participant_other_name" => "cơ sở dữ liệu bảo hiểm ghi tên thường gọi",
        "participant_birth_partial" => "một cơ sở dữ liệu thiếu ngày hoặc tháng sinh",
        "participant_birth_swapped" => "ngày và tháng sinh bị nhập đảo cho nhau",
        "participant_birth_wrong" => "ngày sinh bị nhập sai trong cơ sở dữ liệu bảo hiểm",
        "participant_sex_wrong" => "giới tính bị nhập sai trong cơ sở dữ liệu bảo hiểm",
        "participant_entered_carelessly" => {
            "nhiều thông tin bị nhập sai trong cơ sở dữ liệu bảo hiểm"
        }
        "citizen_entered_later" => "cơ sở dữ liệu dân cư biết đến người này sau bảo hiểm",
        "coincidence" => "đời sống bình thường tình cờ khớp điều kiện",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stories_are_told_in_both_languages_and_others_as_they_are() {
        let mut truth = Truth {
            reason: "service_after_death".to_owned(),
            kind: "relatives_use_card".to_owned(),
            label: "misuse".to_owned(),
            why: "relatives of 079051000001 use the card".to_owned(),
        };
        assert_eq!(label(&truth, Language::Vietnamese), "trục lợi");
        assert!(why(&truth, Language::Vietnamese).starts_with("người thân"));
        assert_eq!(
            why(&truth, Language::English),
            "relatives of •••001 use the card"
        );
        truth.kind = "of_another_version".to_owned();
        truth.label = "of_another_version".to_owned();
        assert_eq!(
            why(&truth, Language::Vietnamese),
            "relatives of •••001 use the card"
        );
        assert_eq!(label(&truth, Language::Vietnamese), "of another version");
    }
}
