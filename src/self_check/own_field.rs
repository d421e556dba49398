//! The fields that a citizen is told, and can say are wrong.

use crate::language::worded;
use crate::record::Stream;
use crate::rule::Reason;

worded! {
    /// A field of a person's own records.
    OwnField {
        FullName = "full_name", "Full name", "Họ và tên";
        BirthDate = "birth_date", "Date of birth", "Ngày sinh";
        Sex = "sex", "Sex", "Giới tính";
        PersonalId = "personal_id", "Personal id", "Số định danh cá nhân";
        OldId = "old_id", "Old identity number", "Số CMND cũ";
        SupersededBy = "superseded_by", "Number that took its place", "Số định danh thay thế";
        LifeStatus = "life_status", "Entry of the register", "Tình trạng trong cơ sở dữ liệu";
        DeathDate = "death_date", "Date of death", "Ngày mất";
        Source = "source", "Reported by", "Nguồn báo";
        SiNumber = "si_number", "Social-insurance number", "Mã số BHXH";
        CardNumber = "card_number", "Card number", "Số thẻ BHYT";
        Validity = "validity", "Valid", "Thời hạn";
        Status = "status", "State", "Trạng thái";
        Facility = "facility", "Facility", "Cơ sở khám chữa bệnh";
        VisitType = "visit_type", "Kind of visit", "Loại hình khám chữa bệnh";
        Times = "times", "When", "Thời gian";
        PaidByFund = "paid_by_fund", "Paid by the fund", "Quỹ BHYT thanh toán";
        Copay = "copay", "Your share", "Người bệnh cùng chi trả";
        Employer = "employer", "Employer, by tax code", "Đơn vị, theo mã số thuế";
        Period = "period", "From and to", "Từ ngày đến ngày";
        Scheme = "scheme", "Benefit", "Chế độ hưởng";
        MonthlyAmount = "monthly_amount", "A month", "Mức hưởng hằng tháng";
        BloodGroup = "blood_group", "Blood group", "Nhóm máu";
        Allergies = "allergies", "Allergies", "Dị ứng";
        ChronicConditions = "chronic_conditions", "Chronic conditions", "Bệnh mạn tính";
        Other = "other", "Something else", "Nội dung khác";
    }
}

impl OwnField {
    /// What can be said to be wrong in a stream. None in what is about nobody.
    pub fn of(stream: Stream) -> &'static [Self] {
        use OwnField::*;
        match stream {
            Stream::Citizens => &[
                FullName,
                BirthDate,
                Sex,
                OldId,
                SupersededBy,
                LifeStatus,
                DeathDate,
                Other,
            ],
            Stream::DeathReports => &[DeathDate, Source, Other],
            Stream::Participants => &[FullName, BirthDate, Sex, PersonalId, SiNumber, Other],
            Stream::Cards => &[CardNumber, Validity, Status, Other],
            Stream::Claims => &[Facility, VisitType, Times, PaidByFund, Copay, Other],
            Stream::CheckIns => &[Facility, VisitType, Times, Other],
            Stream::Enterprises => &[],
            Stream::Employments => &[Employer, Period, Other],
            Stream::Beneficiaries => &[Scheme, Period, MonthlyAmount, Other],
            Stream::HealthProfiles => &[BloodGroup, Allergies, ChronicConditions, Other],
        }
    }
}

/// Whether a citizen is told that there is an alert for this reason: what databases say of them does not fit together. What
/// may be somebody's doing, a provider's bill, or unlike others, is an inquiry, and not told while it is one.
pub fn is_told_reason(reason: Reason) -> bool {
    match reason {
        Reason::ServiceAfterDeath
        | Reason::UnknownCard
        | Reason::CardNotValid
        | Reason::CardWithdrawn
        | Reason::DuplicateIdentity
        | Reason::IdentityMismatch
        | Reason::BloodGroupConflict
        | Reason::EmployerCeased
        | Reason::StaleCard
        | Reason::BenefitAfterDeath
        | Reason::ExclusiveBenefits
        | Reason::UnauthenticatedIdentity
        | Reason::ProbableDuplicate => true,
        Reason::DeathOnLivingCard
        | Reason::OverlappingStay
        | Reason::VisitDuringStay
        | Reason::DuplicateClaim
        | Reason::SameDayFacilities
        | Reason::FrequentVisits
        | Reason::SexDiagnosisConflict
        | Reason::AgeDiagnosisConflict
        | Reason::MoneyMismatch
        | Reason::BenefitMismatch
        | Reason::CostOutlier => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{Language, is_composed};

    #[test]
    fn every_field_has_its_words_and_a_stream() {
        for field in OwnField::ALL {
            assert_eq!(OwnField::from_name(field.as_str()), Some(*field));
            let (en, vi) = (
                field.text(Language::English),
                field.text(Language::Vietnamese),
            );
            assert!(en.is_ascii() && en != vi && is_composed(vi), "{field}");
            let mut streams = Stream::ALL.iter();
            assert!(
                streams.any(|stream| OwnField::of(*stream).contains(field)),
                "{field}"
            );
        }
    }
}
