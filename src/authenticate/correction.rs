//! What would put a database right: one value of it. Corrections of identities are made here, those that
//! alerts ask for in [`crate::notice`]; the words are the same.
//!
//! A correction is a proposal; nothing is written to either database. It says how sure it is in three
//! levels and not in per cent, since a probability would have to be calibrated on corrections that
//! clerks have decided, of which there are none yet. A level says what to do with it:
//!
//! - [`Confidence::High`]: one explanation, which an independent field or the number itself bears out;
//!   may be applied in bulk after a sample was checked.
//! - [`Confidence::Medium`]: the likeliest explanation; to be confirmed against a document.
//! - [`Confidence::Low`]: a lead; the person is to be asked.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::identity::GivenId;
use crate::language::Language;
use crate::record::{Name, PartialDate, Sex};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident {
        $( $(#[$word_doc:meta])* $word:ident = $text:literal: $english:literal, $vietnamese:literal; )*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( $(#[$word_doc])* $word, )* }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$word,)*];

            /// The word in outputs.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$word => $text,)* }
            }

            /// The one with this word.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$word),)* _ => None }
            }

            /// What people read.
            pub fn text(self, language: Language) -> &'static str {
                match (self, language) {
                    $(
                        (Self::$word, Language::English) => $english,
                        (Self::$word, Language::Vietnamese) => $vietnamese,
                    )*
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                let known = [$($text,)*];
                Self::from_name(&word).ok_or_else(|| {
                    de::Error::custom(format!("expected one of {}", known.join(", ")))
                })
            }
        }
    };
}

words! {
    /// The database in which a value would change.
    Database {
        /// The National Database on Population.
        Population = "population":
            "National Database on Population", "Cơ sở dữ liệu quốc gia về dân cư";
        /// The National Insurance Database.
        Insurance = "insurance":
            "National Insurance Database", "Cơ sở dữ liệu quốc gia về bảo hiểm";
        /// The National Database on Enterprise Registration.
        Enterprise = "enterprise":
            "National Database on Enterprise Registration",
            "Cơ sở dữ liệu quốc gia về đăng ký doanh nghiệp";
        /// The databases of health facilities: claims and health profiles come from them.
        Health = "health": "health databases", "cơ sở dữ liệu y tế";
        /// The databases of those who pay benefits.
        SocialWelfare = "social_welfare":
            "social-welfare databases", "cơ sở dữ liệu an sinh xã hội";
    }
}

words! {
    /// The field that would change.
    Field {
        /// The personal id of the participant.
        PersonalId = "personal_id": "personal id", "số định danh cá nhân";
        /// Full name.
        FullName = "full_name": "full name", "họ và tên";
        /// Date of birth.
        BirthDate = "birth_date": "date of birth", "ngày sinh";
        /// Legal sex.
        Sex = "sex": "sex", "giới tính";
        /// The social-insurance number of a participant.
        SiNumber = "si_number": "social-insurance number", "mã số bảo hiểm xã hội";
        /// The date of a death.
        DeathDate = "death_date": "date of death", "ngày mất";
        /// The status of a card or an enterprise.
        Status = "status": "status", "trạng thái";
        /// Whether a citizen lives.
        LifeStatus = "life_status": "life status", "tình trạng (sống, chết, mất tích)";
        /// The tax code of an enterprise.
        TaxCode = "tax_code": "tax code", "mã số thuế";
        /// The cards that a claim lists.
        Cards = "cards": "cards presented", "thẻ đã xuất trình";
        /// The outcome of a treatment.
        Outcome = "outcome": "outcome of the treatment", "kết quả điều trị";
        /// The blood group.
        BloodGroup = "blood_group": "blood group", "nhóm máu";
        /// The last day of an employment or a benefit.
        To = "to": "last day", "ngày kết thúc";
    }
}

words! {
    /// How sure a correction is; the surest first.
    Confidence {
        /// May be applied in bulk after a sample was checked.
        High = "high": "high", "cao";
        /// To be confirmed against a document.
        Medium = "medium": "medium", "trung bình";
        /// A lead; the person is to be asked.
        Low = "low": "low", "thấp";
    }
}

words! {
    /// Why a correction is proposed.
    Basis {
        /// By law the population database is where names, birth dates and sexes come from.
        RegisterPrevails = "register_prevails":
            "the population database is the authority",
            "cơ sở dữ liệu dân cư là dữ liệu gốc";
        /// The population database lacks what the insurance has, and allows it.
        RegisterLacks = "register_lacks":
            "the population database lacks day or month, and what it has agrees",
            "cơ sở dữ liệu dân cư thiếu ngày hoặc tháng, phần còn lại khớp";
        /// The population database has 1 January, as where a day is not known.
        RegisterDefault = "register_default":
            "the population database has 1 January, as where the day is not known",
            "cơ sở dữ liệu dân cư ghi ngày 01/01, thường dùng khi không rõ ngày";
        /// The digits of sex or year in the personal id say what the insurance has.
        NumberSays = "number_says":
            "the digits of the personal id say what the insurance has",
            "các chữ số trong số định danh khớp với dữ liệu bảo hiểm";
        /// Software or a clerk put the first of the year or month.
        DefaultDay = "default_day":
            "the first of the year or month was put where the day was not known",
            "ngày đầu năm hoặc đầu tháng được điền khi không rõ ngày";
        /// Day and month are swapped.
        SwappedDayMonth = "swapped_day_month":
            "day and month are swapped", "ngày và tháng bị đảo cho nhau";
        /// Two digits beside each other are swapped.
        TransposedDigits = "transposed_digits":
            "two digits are swapped", "hai chữ số liền nhau bị đảo";
        /// One digit is another.
        MistypedDigit = "mistyped_digit":
            "one digit is mistyped", "một chữ số bị gõ sai";
        /// The number is one slip from that of a citizen with the same name, birth date and sex.
        SlipInNumber = "slip_in_number":
            "a citizen of the same name, birth date and sex has a number one slip away",
            "công dân cùng họ tên, ngày sinh, giới tính có số chỉ lệch một lỗi gõ";
        /// The number is a citizen's old one.
        OldNumber = "old_number":
            "the number is the citizen's former one", "số này là số chứng minh nhân dân cũ của công dân";
        /// The register says which number took the place of this one.
        Successor = "successor":
            "the population database names the number that took its place",
            "cơ sở dữ liệu dân cư nêu số đã thay thế";
        /// The only citizen with this name, birth date and sex.
        OnlyCitizen = "only_citizen":
            "the only citizen of this name, birth date and sex",
            "công dân duy nhất có họ tên, ngày sinh, giới tính này";
        /// Another entry of the citizen whose number is cancelled.
        OtherEntry = "other_entry":
            "another entry of the citizen whose number is cancelled",
            "bản ghi khác của công dân có số đã bị hủy";
        /// Two sources or more say that the person died.
        SeveralSources = "several_sources":
            "two sources or more say that the person died",
            "ít nhất hai nguồn ghi nhận người này đã mất";
        /// One source says that the person died.
        OneSource = "one_source":
            "one source says that the person died", "một nguồn ghi nhận người này đã mất";
        /// A visit began after the day of death.
        VisitAfterDeath = "visit_after_death":
            "a visit began after the day of death", "có lượt khám sau ngày mất";
        /// The person came again, and is alive on record.
        CameAgain = "came_again":
            "the person is alive on record and came to a facility again",
            "người này còn sống theo dữ liệu dân cư và đã đi khám lại";
        /// The enterprise register says when the employer ceased.
        EmployerCeased = "employer_ceased":
            "the enterprise register says when the employer ceased",
            "cơ sở dữ liệu doanh nghiệp ghi ngày đơn vị chấm dứt hoạt động";
        /// The enterprise register says that an employer is suspended or merged.
        EmployerStopped = "employer_stopped":
            "the enterprise register says that the employer is suspended or merged, and somebody is insured through it",
            "cơ sở dữ liệu doanh nghiệp ghi đơn vị tạm ngừng hoặc đã sáp nhập, còn người đang được bảo hiểm qua đơn vị";
        /// The card or the number of a person was presented at a facility: by the person, or by another.
        Presented = "presented":
            "somebody presented the card or the number at a facility: this person, or another",
            "có người xuất trình thẻ hoặc số định danh khi khám chữa bệnh: chính người này hoặc người khác";
        /// The card is not registered.
        NotRegistered = "not_registered":
            "the card is not registered", "thẻ chưa có trong cơ sở dữ liệu thẻ";
        /// The card's holder has another personal id.
        HolderDiffers = "holder_differs":
            "the holder of the card has another personal id",
            "chủ thẻ có số định danh cá nhân khác";
        /// The person has cards in force under two numbers.
        TwoNumbers = "two_numbers":
            "the person has cards in force under two numbers",
            "một người có thẻ còn hiệu lực theo hai mã số";
        /// Another number is probably the same person's.
        ProbablyOnePerson = "probably_one_person":
            "name, birth date, sex and province agree with those of another number",
            "họ tên, ngày sinh, giới tính và địa bàn trùng với người mang mã số khác";
        /// The participant does not authenticate, and nothing tells the value.
        NotAuthenticated = "not_authenticated":
            "the participant is not a citizen of the population database as its row says",
            "thông tin người tham gia không khớp với công dân nào trong cơ sở dữ liệu dân cư";
        /// The law excludes two things that the person has on one day.
        Exclusive = "exclusive":
            "the law excludes another benefit or an employment that the person has at the same time",
            "pháp luật loại trừ chế độ hoặc việc làm khác mà người hưởng có cùng thời gian";
        /// A claim says another value.
        ClaimDiffers = "claim_differs":
            "a claim says another value", "hồ sơ khám chữa bệnh ghi giá trị khác";
    }
}

impl Confidence {
    /// One level less, where there is one.
    pub fn less(self) -> Self {
        match self {
            Self::High => Self::Medium,
            Self::Medium | Self::Low => Self::Low,
        }
    }
}

/// A value of a field. `Debug` masks numbers and names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldValue {
    /// A number by which a citizen is named.
    PersonalId(GivenId),
    /// A name.
    FullName(Name),
    /// A date of birth.
    BirthDate(PartialDate),
    /// A sex.
    Sex(Sex),
}

impl FieldValue {
    /// The field that it is of.
    pub fn field(&self) -> Field {
        match self {
            Self::PersonalId(_) => Field::PersonalId,
            Self::FullName(_) => Field::FullName,
            Self::BirthDate(_) => Field::BirthDate,
            Self::Sex(_) => Field::Sex,
        }
    }
}

/// The value in full, for outputs that may carry it.
impl fmt::Display for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PersonalId(id) => id.fmt(f),
            Self::FullName(name) => f.write_str(name.as_str()),
            Self::BirthDate(date) => date.fmt(f),
            Self::Sex(sex) => sex.number().fmt(f),
        }
    }
}

impl Serialize for FieldValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A proposed change of one value of one database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Correction {
    /// Where.
    pub database: Database,
    /// Which field.
    pub field: Field,
    /// What is there now.
    pub current: Option<FieldValue>,
    /// What is proposed.
    pub proposed: FieldValue,
    /// How sure it is.
    pub confidence: Confidence,
    /// Why.
    pub basis: Basis,
}

impl Correction {
    pub(super) fn new(
        database: Database,
        current: Option<FieldValue>,
        proposed: FieldValue,
        confidence: Confidence,
        basis: Basis,
    ) -> Self {
        Self {
            database,
            field: proposed.field(),
            current,
            proposed,
            confidence,
            basis,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::is_composed;
    use crate::record::{PersonalId, Value};

    #[test]
    fn every_word_is_in_both_languages() {
        let (en, vi) = (Language::English, Language::Vietnamese);
        let mut pairs = Vec::new();
        pairs.extend(Database::ALL.iter().map(|w| (w.text(en), w.text(vi))));
        pairs.extend(Field::ALL.iter().map(|w| (w.text(en), w.text(vi))));
        pairs.extend(Confidence::ALL.iter().map(|w| (w.text(en), w.text(vi))));
        pairs.extend(Basis::ALL.iter().map(|w| (w.text(en), w.text(vi))));
        let name = |word: &str| serde_json::from_value::<Basis>(word.into()).map_err(drop);
        assert_eq!(name("one_source"), Ok(Basis::OneSource));
        assert_eq!(name("other"), Err(()));
        for (english, vietnamese) in pairs {
            assert!(english.is_ascii() && is_composed(vietnamese) && english != vietnamese);
        }
    }

    #[test]
    fn a_correction_shows_no_person_to_a_log() {
        let id = |text| {
            PersonalId::from_text(text)
                .map(GivenId::Personal)
                .expect("an id")
        };
        let correction = Correction::new(
            Database::Insurance,
            Some(FieldValue::PersonalId(id("001180012345"))),
            FieldValue::PersonalId(id("001180012354")),
            Confidence::High,
            Basis::SlipInNumber,
        );
        let told = format!("{correction:?}");
        assert!(!told.contains("180012345") && !told.contains("180012354"));
        let json = serde_json::to_value(&correction).expect("an object");
        assert_eq!(json["proposed"], "001180012354");
        assert_eq!(json["basis"], "slip_in_number");
    }
}
