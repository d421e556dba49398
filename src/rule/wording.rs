//! What people read of a reason, a class and a severity, in both languages.
//!
//! A reason has a title, an explanation that holds of every alert, and a template of one sentence that
//! says why one alert holds; its places, in braces, are filled from the rows behind the alert (see
//! [`Reason::because`]). Must hold: every text is in both languages, and a template has the same
//! places in both.

use super::catalogue::Severity;
use super::reason::{Class, Reason};
use crate::language::Language;

/// The texts of one reason in one language.
struct Wording {
    title: &'static str,
    explanation: &'static str,
    because: &'static str,
}

impl Reason {
    /// Its title, at most 33 columns wide.
    pub fn title(self, language: Language) -> &'static str {
        self.wording(language).title
    }

    /// When its alerts hold, in one sentence.
    pub fn explanation(self, language: Language) -> &'static str {
        self.wording(language).explanation
    }

    /// Why one of its alerts holds, in one sentence with places in braces.
    ///
    /// The places, where `other` means the claim that the subject conflicts with: `facility`,
    /// `admitted`, `discharged`, `times` (both, of the subject), `visit`, `amount`, `total`, `due`
    /// (covered cost less co-payment and other sources), `diagnosis`, `allowed_sex`, `sex`,
    /// `claimed_id`, `holder_id`, `card`, `other_card`, `validity`, `card_status`, `status_day`,
    /// `died`, `sources`, `other_facility`, `other_admitted`, `other_times`, `other_visit`,
    /// `overlap`, `facilities`, `first_admitted`, `born`, `allowed_ages`, `covered`, `level`,
    /// `blood_group`, `known_blood_group`, `enterprise_status`, `enterprise_day`,
    /// `scheme`, `benefit_span`, `excluded`, `si_number`, `other_si_numbers`,
    /// `authentication_cause`.
    pub fn because(self, language: Language) -> &'static str {
        self.wording(language).because
    }

    fn wording(self, language: Language) -> Wording {
        match language {
            Language::English => english(self),
            Language::Vietnamese => vietnamese(self),
        }
    }
}

fn english(reason: Reason) -> Wording {
    let (title, explanation, because) = match reason {
        Reason::ServiceAfterDeath => (
            "Visit after death",
            "The visit began after a day by which the person was dead, as at least one source says.",
            "The visit to facility {facility} began on {admitted}, but the card's holder is on \
             record as having died: {died} ({sources}).",
        ),
        Reason::DeathOnLivingCard => (
            "Death on a living person's card",
            "The claim ends in death, but the card's holder is alive and came again later.",
            "The visit to facility {facility} ended in death on {discharged}, but the card's holder \
             is on record as alive and came to facility {other_facility} on {other_admitted}.",
        ),
        Reason::UnknownCard => (
            "Unregistered card",
            "A listed card is not registered, and is neither a newborn's nor an armed force's.",
            "Facility {facility} claims a visit of {admitted} on card {card}, which is not \
             registered.",
        ),
        Reason::CardNotValid => (
            "Card not valid for the visit",
            "No listed card covers the visit.",
            "Card {card} is valid {validity}, which does not cover the visit to facility {facility} \
             of {times}.",
        ),
        Reason::CardWithdrawn => (
            "Card withdrawn before the visit",
            "The card was revoked, locked or reduced before the visit began.",
            "Card {card} has been {card_status} since {status_day}, and facility {facility} claims a \
             visit of {admitted} on it.",
        ),
        Reason::DuplicateIdentity => (
            "Two identities of one person",
            "The person held cards in force under two social-insurance numbers on the day of the \
             visit.",
            "On {admitted}, when facility {facility} was visited, one person held two cards in force \
             under different social-insurance numbers: {card} and {other_card}.",
        ),
        Reason::IdentityMismatch => (
            "Another citizen than the holder",
            "The claim names another citizen than the holder of its card.",
            "The claim of facility {facility} for {admitted} names citizen {claimed_id}, but card \
             {card} is that of citizen {holder_id}.",
        ),
        Reason::OverlappingStay => (
            "Overlapping stays",
            "Two stays of one person at different facilities overlap, and neither is a referral.",
            "The stay at facility {facility} of {times} overlaps for {overlap} with the stay at \
             facility {other_facility} of {other_times}.",
        ),
        Reason::VisitDuringStay => (
            "Visit elsewhere during a stay",
            "The person was examined at one facility while staying at another.",
            "Facility {facility} claims an examination of {times}, while the person was staying at \
             facility {other_facility}: {other_times}.",
        ),
        Reason::DuplicateClaim => (
            "Visit claimed twice",
            "The same visit, with the same diagnosis and cost, is claimed twice.",
            "Facility {facility} claims the visit of {times} with diagnosis {diagnosis} and a total \
             of {total} twice: as {other_visit} and as {visit}.",
        ),
        Reason::SameDayFacilities => (
            "Several facilities on one day",
            "The person was examined at three or more facilities on one day.",
            "On {admitted} the person was examined at facilities {facilities}.",
        ),
        Reason::FrequentVisits => (
            "Unusually many visits",
            "The person came more than 50 times in 120 days.",
            "More than 50 visits in 120 days: the first on {first_admitted}, this one to facility \
             {facility} on {admitted}.",
        ),
        Reason::SexDiagnosisConflict => (
            "Diagnosis of the other sex",
            "A diagnosis is allowed for one sex only, and the patient is of the other.",
            "Diagnosis {diagnosis} is for patients who are {allowed_sex} only, but the claim of \
             facility {facility} for {admitted} has a patient who is {sex}.",
        ),
        Reason::AgeDiagnosisConflict => (
            "Diagnosis of another age",
            "A diagnosis is limited to an age at which the patient was not.",
            "Diagnosis {diagnosis} is for patients {allowed_ages} only, but the claim of facility \
             {facility} for {admitted} has a patient born {born}.",
        ),
        Reason::BenefitMismatch => (
            "Above the benefit level",
            "The fund is asked for more than the benefit level of the card allows.",
            "Facility {facility} asks the fund for {amount} for the visit of {admitted}, which is more \
             than benefit level {level} allows of a covered cost of {covered}.",
        ),
        Reason::BloodGroupConflict => (
            "Other blood group than on record",
            "The claim's blood group is another than that of the person's health profile.",
            "The claim of facility {facility} for {admitted} gives blood group {blood_group}, but the \
             card holder's health profile has {known_blood_group}.",
        ),
        Reason::EmployerCeased => (
            "Employee of a ceased enterprise",
            "The card is an employee's, but every employer of that day had ceased more than 90 days \
             before, without a successor.",
            "Card {card} is an employee's, but the enterprise has been {enterprise_status} since \
             {enterprise_day}, and facility {facility} claims a visit of {admitted}.",
        ),
        Reason::MoneyMismatch => (
            "Amounts that do not add up",
            "The amounts of the claim, or its detail lines, do not add up.",
            "Facility {facility} asks the fund for {amount} for the visit of {admitted}, but the \
             covered cost less the co-payment and other sources is {due}.",
        ),
        Reason::StaleCard => (
            "Valid card of a dead person",
            "The card is still valid though its holder is dead.",
            "Card {card} is valid {validity}, but its holder is on record as having died: {died} \
             ({sources}).",
        ),
        Reason::BenefitAfterDeath => (
            "Benefit of a dead person",
            "The benefit goes on after a day by which the person was dead.",
            "Benefit {scheme} of {amount} a month runs {benefit_span}, but the person is on record as \
             having died: {died} ({sources}).",
        ),
        Reason::ExclusiveBenefits => (
            "Benefits that exclude each other",
            "The person draws, on a common day, another benefit or has an employment that excludes \
             this one.",
            "Benefit {scheme} of {amount} a month runs {benefit_span}, and the law excludes what the \
             person has beside it: {excluded}.",
        ),
        Reason::UnauthenticatedIdentity => (
            "Participant not authenticated",
            "The participant's row does not agree with the citizen in the population database.",
            "Participant {si_number} does not authenticate. {authentication_cause}",
        ),
        Reason::ProbableDuplicate => (
            "Participant registered twice",
            "The participant is probably the same person as another, and no personal id that the \
             population database confirms tells them apart.",
            "Participant {si_number} and {other_si_numbers} agree so far in name, birth date, sex and \
             province that they are probably one person.",
        ),
    };
    Wording {
        title,
        explanation,
        because,
    }
}

fn vietnamese(reason: Reason) -> Wording {
    let (title, explanation, because) = match reason {
        Reason::ServiceAfterDeath => (
            "Khám bệnh, chữa bệnh sau tử vong",
            "Đợt khám bệnh, chữa bệnh bắt đầu sau ngày mà ít nhất một nguồn ghi nhận người này đã \
             tử vong.",
            "Đợt khám bệnh, chữa bệnh tại cơ sở {facility} bắt đầu ngày {admitted}, nhưng chủ thẻ \
             đã được ghi nhận tử vong: {died} ({sources}).",
        ),
        Reason::DeathOnLivingCard => (
            "Tử vong trên thẻ người còn sống",
            "Hồ sơ có kết quả điều trị là tử vong, nhưng chủ thẻ còn sống và sau đó vẫn đi khám.",
            "Đợt khám bệnh, chữa bệnh tại cơ sở {facility} kết thúc bằng tử vong ngày {discharged}, \
             nhưng chủ thẻ được ghi nhận còn sống và đã đến cơ sở {other_facility} ngày \
             {other_admitted}.",
        ),
        Reason::UnknownCard => (
            "Thẻ không có trong cơ sở dữ liệu",
            "Thẻ ghi trên hồ sơ không có trong cơ sở dữ liệu, và không phải thẻ tạm của trẻ sơ sinh \
             hay thẻ của lực lượng vũ trang.",
            "Cơ sở {facility} đề nghị thanh toán đợt khám ngày {admitted} bằng thẻ {card}, là thẻ \
             không có trong cơ sở dữ liệu.",
        ),
        Reason::CardNotValid => (
            "Thẻ không có giá trị sử dụng",
            "Không thẻ nào trên hồ sơ có giá trị sử dụng trong đợt khám bệnh, chữa bệnh.",
            "Thẻ {card} có giá trị {validity}, không bao gồm đợt khám bệnh, chữa bệnh tại cơ sở \
             {facility}: {times}.",
        ),
        Reason::CardWithdrawn => (
            "Thẻ đã thu hồi, khóa hoặc giảm",
            "Thẻ đã bị thu hồi, tạm khóa hoặc báo giảm trước khi đến khám.",
            "Thẻ {card} {card_status} từ {status_day}, nhưng cơ sở {facility} đề nghị thanh toán \
             đợt khám ngày {admitted} bằng thẻ này.",
        ),
        Reason::DuplicateIdentity => (
            "Một người có nhiều mã số BHXH",
            "Vào ngày đến khám, một người có các thẻ còn hiệu lực thuộc hai mã số BHXH khác nhau.",
            "Ngày {admitted}, khi đến cơ sở {facility}, một người có hai thẻ còn hiệu lực thuộc hai \
             mã số BHXH khác nhau: {card} và {other_card}.",
        ),
        Reason::IdentityMismatch => (
            "Số định danh khác với chủ thẻ",
            "Hồ sơ ghi số định danh cá nhân của một công dân khác với chủ thẻ.",
            "Hồ sơ của cơ sở {facility} ngày {admitted} ghi số định danh {claimed_id}, nhưng thẻ \
             {card} là của công dân có số định danh {holder_id}.",
        ),
        Reason::OverlappingStay => (
            "Trùng thời gian điều trị nội trú",
            "Hai đợt điều trị nội trú của một người tại hai cơ sở trùng thời gian, không phải \
             chuyển tuyến.",
            "Đợt điều trị tại cơ sở {facility} ({times}) trùng {overlap} với đợt điều trị tại cơ sở \
             {other_facility} ({other_times}).",
        ),
        Reason::VisitDuringStay => (
            "Khám nơi khác khi đang nội trú",
            "Người bệnh được khám tại một cơ sở trong khi đang điều trị nội trú tại cơ sở khác.",
            "Cơ sở {facility} đề nghị thanh toán lượt khám {times}, trong khi người bệnh đang điều \
             trị nội trú tại cơ sở {other_facility}: {other_times}.",
        ),
        Reason::DuplicateClaim => (
            "Đề nghị thanh toán trùng",
            "Cùng một đợt khám, cùng chẩn đoán và chi phí, được đề nghị thanh toán hai lần.",
            "Cơ sở {facility} đề nghị thanh toán hai lần đợt khám {times}, chẩn đoán {diagnosis}, \
             tổng chi phí {total}: hồ sơ {other_visit} và hồ sơ {visit}.",
        ),
        Reason::SameDayFacilities => (
            "Khám nhiều cơ sở trong một ngày",
            "Người bệnh được khám tại ba cơ sở trở lên trong một ngày.",
            "Ngày {admitted} người bệnh được khám tại các cơ sở {facilities}.",
        ),
        Reason::FrequentVisits => (
            "Số lần khám nhiều bất thường",
            "Người bệnh đi khám hơn 50 lần trong 120 ngày.",
            "Hơn 50 lần khám trong 120 ngày: lần đầu ngày {first_admitted}, lần này tại cơ sở \
             {facility} ngày {admitted}.",
        ),
        Reason::SexDiagnosisConflict => (
            "Chẩn đoán không hợp giới tính",
            "Mã bệnh chỉ dùng cho một giới tính, nhưng người bệnh thuộc giới tính kia.",
            "Mã bệnh {diagnosis} chỉ dùng cho người bệnh {allowed_sex}, nhưng hồ sơ của cơ sở \
             {facility} ngày {admitted} là của người bệnh {sex}.",
        ),
        Reason::AgeDiagnosisConflict => (
            "Chẩn đoán không hợp độ tuổi",
            "Mã bệnh chỉ dùng cho một độ tuổi mà người bệnh không thuộc vào.",
            "Mã bệnh {diagnosis} chỉ dùng cho người bệnh {allowed_ages}, nhưng hồ sơ của cơ sở \
             {facility} ngày {admitted} là của người bệnh sinh {born}.",
        ),
        Reason::BenefitMismatch => (
            "Thanh toán vượt mức hưởng",
            "Số tiền đề nghị quỹ thanh toán cao hơn mức hưởng của thẻ.",
            "Cơ sở {facility} đề nghị quỹ thanh toán {amount} cho đợt khám ngày {admitted}, cao hơn \
             mức hưởng {level} của chi phí trong phạm vi hưởng là {covered}.",
        ),
        Reason::BloodGroupConflict => (
            "Nhóm máu khác với hồ sơ sức khỏe",
            "Nhóm máu ghi trên hồ sơ thanh toán khác với hồ sơ sức khỏe của người này.",
            "Hồ sơ của cơ sở {facility} ngày {admitted} ghi nhóm máu {blood_group}, nhưng hồ sơ sức \
             khỏe của chủ thẻ là {known_blood_group}.",
        ),
        Reason::EmployerCeased => (
            "Đơn vị đã ngừng hoạt động",
            "Thẻ của người lao động, nhưng mọi đơn vị sử dụng lao động vào ngày đó đã ngừng hoạt \
             động hơn 90 ngày trước và không có đơn vị kế thừa.",
            "Thẻ {card} là thẻ của người lao động, nhưng doanh nghiệp {enterprise_status} từ \
             {enterprise_day}, trong khi cơ sở {facility} đề nghị thanh toán đợt khám ngày {admitted}.",
        ),
        Reason::MoneyMismatch => (
            "Số tiền không khớp",
            "Các khoản tiền của hồ sơ, hoặc các dòng chi tiết, không khớp nhau.",
            "Cơ sở {facility} đề nghị quỹ thanh toán {amount} cho đợt khám ngày {admitted}, nhưng \
             chi phí trong phạm vi hưởng trừ phần cùng chi trả và nguồn khác là {due}.",
        ),
        Reason::StaleCard => (
            "Thẻ còn giá trị của người đã mất",
            "Thẻ vẫn còn giá trị sử dụng dù chủ thẻ đã tử vong.",
            "Thẻ {card} có giá trị {validity}, nhưng chủ thẻ đã được ghi nhận tử vong: {died} \
             ({sources}).",
        ),
        Reason::BenefitAfterDeath => (
            "Trợ cấp của người đã mất",
            "Chế độ, trợ cấp vẫn được chi trả sau ngày mà người hưởng đã tử vong.",
            "Chế độ {scheme}, mức {amount} mỗi tháng, hưởng {benefit_span}, nhưng người hưởng đã \
             được ghi nhận tử vong: {died} ({sources}).",
        ),
        Reason::ExclusiveBenefits => (
            "Hưởng trùng chế độ loại trừ nhau",
            "Người hưởng đồng thời nhận một chế độ khác hoặc có việc làm mà pháp luật loại trừ.",
            "Chế độ {scheme}, mức {amount} mỗi tháng, hưởng {benefit_span}, trong khi người hưởng có \
             đồng thời quyền lợi bị loại trừ: {excluded}.",
        ),
        Reason::UnauthenticatedIdentity => (
            "Người tham gia chưa được xác thực",
            "Thông tin người tham gia không khớp với công dân trong cơ sở dữ liệu dân cư.",
            "Người tham gia có mã số {si_number} chưa được xác thực. {authentication_cause}",
        ),
        Reason::ProbableDuplicate => (
            "Nghi một người có hai mã số BHXH",
            "Người tham gia có thể cùng là một người với người khác, và chưa có số định danh được cơ \
             sở dữ liệu dân cư xác nhận để phân biệt.",
            "Người tham gia có mã số {si_number} và {other_si_numbers} trùng khớp về họ tên, ngày \
             sinh, giới tính và địa bàn đến mức có thể là một người.",
        ),
    };
    Wording {
        title,
        explanation,
        because,
    }
}

impl Class {
    /// Its word, at most 18 columns wide.
    pub fn word(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::DataQuality, Language::English) => "data quality",
            (Self::DataQuality, Language::Vietnamese) => "lỗi dữ liệu",
            (Self::Eligibility, Language::English) => "eligibility",
            (Self::Eligibility, Language::Vietnamese) => "điều kiện hưởng",
            (Self::Identity, Language::English) => "identity",
            (Self::Identity, Language::Vietnamese) => "sai lệch định danh",
            (Self::ProviderBilling, Language::English) => "provider billing",
            (Self::ProviderBilling, Language::Vietnamese) => "sai sót thanh toán",
            (Self::MisuseSuspected, Language::English) => "misuse suspected",
            (Self::MisuseSuspected, Language::Vietnamese) => "nghi trục lợi",
        }
    }
}

impl Severity {
    /// Every severity, mildest first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// Its word.
    pub fn word(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Low, Language::English) => "low",
            (Self::Low, Language::Vietnamese) => "thấp",
            (Self::Medium, Language::English) => "medium",
            (Self::Medium, Language::Vietnamese) => "trung bình",
            (Self::High, Language::English) => "high",
            (Self::High, Language::Vietnamese) => "cao",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::language::{is_composed, places};
    use Language::{English, Vietnamese};

    #[test]
    fn every_reason_has_texts_of_its_own_in_both_languages() {
        for language in Language::ALL {
            let mut seen = HashSet::new();
            for reason in Reason::ALL {
                let (title, explanation) = (reason.title(language), reason.explanation(language));
                for text in [title, explanation, reason.because(language)] {
                    assert!(is_composed(text), "{reason}: not in NFC");
                    assert!(seen.insert(text), "{reason}: said twice: {text}");
                }
                assert!(
                    (5..=33).contains(&console::measure_text_width(title)),
                    "{title}"
                );
                assert!(explanation.ends_with('.'), "{explanation}");
                assert!(places(explanation).is_empty(), "{explanation}");
            }
        }
        for reason in Reason::ALL {
            let (en, vi) = (reason.because(English), reason.because(Vietnamese));
            assert_eq!(places(en), places(vi), "{reason}");
            assert!(!places(en).is_empty(), "{reason}");
        }
    }

    #[test]
    fn every_class_and_severity_has_its_word_in_both_languages() {
        let mut seen = HashSet::new();
        for language in Language::ALL {
            for class in Class::ALL {
                let word = class.word(language);
                assert!(
                    (3..=18).contains(&console::measure_text_width(word)),
                    "{word}"
                );
                assert!(is_composed(word) && seen.insert(word), "{word}");
            }
            for severity in Severity::ALL {
                let word = severity.word(language);
                assert!(!word.is_empty() && seen.insert(word), "{word}");
            }
        }
    }
}
