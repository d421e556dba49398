//! Why a person does not authenticate, under the contract's names.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::language::Language;

macro_rules! causes {
    ($( $(#[$doc:meta])* $cause:ident = $name:literal: $english:literal, $vietnamese:literal; )*) => {
        /// Why a person does not authenticate (contract 2, `unauthenticated_identity`). The order is the
        /// contract's: the first four are found before any field is compared.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Cause { $( $(#[$doc])* $cause, )* }

        impl Cause {
            /// Every cause, in the contract's order.
            pub const ALL: &'static [Self] = &[$(Self::$cause,)*];

            /// The contract's name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$cause => $name,)* }
            }

            /// The cause with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$cause),)* _ => None }
            }

            /// What it says of a person, in one sentence.
            pub fn text(self, language: Language) -> &'static str {
                match (self, language) {
                    $(
                        (Self::$cause, Language::English) => $english,
                        (Self::$cause, Language::Vietnamese) => $vietnamese,
                    )*
                }
            }
        }
    };
}

causes! {
    /// The person has no personal id in the insurance database.
    NoPersonalId = "no_personal_id":
        "The insurance database has no personal id of the person.",
        "Cơ sở dữ liệu bảo hiểm chưa có số định danh cá nhân của người này.";
    /// No citizen has the personal id.
    UnknownPersonalId = "unknown_personal_id":
        "No citizen of the population database has the personal id.",
        "Cơ sở dữ liệu dân cư không có công dân nào mang số định danh này.";
    /// Another personal id took the place of this one.
    SupersededId = "superseded_id":
        "Another personal id has taken the place of this one.",
        "Số định danh này đã được thay bằng số khác.";
    /// The personal id is cancelled.
    CancelledId = "cancelled_id":
        "The personal id is cancelled.",
        "Số định danh này đã bị hủy.";
    /// The name is the citizen's, spelt otherwise.
    NameSpelling = "name_spelling":
        "The name is spelt otherwise than in the population database.",
        "Họ tên viết khác với cơ sở dữ liệu dân cư.";
    /// The name is another.
    NameDiffers = "name_differs":
        "The name is another than in the population database.",
        "Họ tên không phải là họ tên trong cơ sở dữ liệu dân cư.";
    /// One birth date is partial and allows the other.
    BirthDatePartial = "birth_date_partial":
        "One database lacks the day or the month of birth; what both have agrees.",
        "Một cơ sở dữ liệu thiếu ngày hoặc tháng sinh; phần cả hai cùng có thì khớp.";
    /// Day and month of birth are swapped.
    BirthDateSwapped = "birth_date_swapped":
        "Day and month of birth are swapped.",
        "Ngày và tháng sinh bị đảo cho nhau.";
    /// The birth date is another.
    BirthDateDiffers = "birth_date_differs":
        "The birth date is another than in the population database.",
        "Ngày sinh khác với cơ sở dữ liệu dân cư.";
    /// The sex is the other.
    SexDiffers = "sex_differs":
        "The sex is another than in the population database.",
        "Giới tính khác với cơ sở dữ liệu dân cư.";
    /// Two fields differ, or all three.
    SeveralCauses = "several_causes":
        "Two or more of name, birth date and sex differ.",
        "Từ hai thông tin trở lên khác nhau trong họ tên, ngày sinh, giới tính.";
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::is_composed;

    #[test]
    fn causes_have_their_names_and_texts_in_both_languages() {
        assert_eq!(Cause::ALL.len(), 11);
        for cause in Cause::ALL {
            assert_eq!(Cause::from_name(cause.as_str()), Some(*cause));
            let json = serde_json::to_string(cause).expect("a text");
            assert_eq!(json, format!("\"{cause}\""));
            let (en, vi) = (
                cause.text(Language::English),
                cause.text(Language::Vietnamese),
            );
            assert!(en.is_ascii() && en != vi && is_composed(vi), "{cause}");
        }
    }
}
