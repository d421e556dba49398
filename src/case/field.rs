//! Fields of rows that are masked until they are revealed.

use crate::language::Language;

macro_rules! fields {
    ($( $variant:ident = $word:literal, $english:literal, $vietnamese:literal; )*) => {
        /// A field that is masked.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field { $( #[doc = $english] $variant, )* }

        impl Field {
            /// Every field.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in the database and in the access log; never changed once published.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The field with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($word => Some(Self::$variant),)* _ => None }
            }

            /// What people read.
            pub fn text(self, language: Language) -> &'static str {
                match (self, language) {
                    $( (Self::$variant, Language::English) => $english,
                       (Self::$variant, Language::Vietnamese) => $vietnamese, )*
                }
            }
        }
    };
}

fields! {
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
