//! Why somebody has masked fields shown.

use crate::language::Language;

macro_rules! purposes {
    ($( $variant:ident = $word:literal, $english:literal, $vietnamese:literal; )*) => {
        /// Why somebody has masked fields shown: a code, so that reasons can be counted and compared.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Purpose { $( #[doc = $english] $variant, )* }

        impl Purpose {
            /// Every purpose, in the order in which they are offered.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word in forms, in the database and in the access log; never changed once published.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The purpose with this word.
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

purposes! {
    IdentityCheck = "identity_check", "Check an identity", "Đối chiếu danh tính";
    ContactProvider = "contact_provider", "Ask the provider about a visit", "Liên hệ cơ sở KCB về đợt khám";
    CompareRecords = "compare_records", "Compare with other records", "Đối chiếu với hồ sơ khác";
    DataSubjectRequest = "data_subject_request", "Request of the person themself", "Yêu cầu của chính người có dữ liệu";
    CourtOrInspection = "court_or_inspection", "Court, police or inspectorate", "Tòa án, công an hoặc thanh tra";
    OtherDocumented = "other_documented", "Other, said in a note", "Lý do khác, nêu rõ trong ghi chú";
}

impl Purpose {
    /// Whether a note has to say more.
    pub fn needs_note(self) -> bool {
        self == Self::OtherDocumented
    }
}
