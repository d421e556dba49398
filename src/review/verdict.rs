//! What a person can decide an alert to be: the codes, and what each entails.
//!
//! Must hold: every code has words in both languages; whatever accuses somebody, hands a case to others or moves
//! money is decided by two people.

use crate::language::Language;

/// What was wrong, where an alert was: each cause has a repair of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FalseCause {
    /// A register or a claim said what is not so: it is corrected at its source.
    Data,
    /// Two people were taken for one: the link is cut.
    Link,
    /// The rule, or its threshold, does not fit: it is tuned.
    Rule,
}

impl FalseCause {
    /// Every cause.
    pub const ALL: [Self; 3] = [Self::Data, Self::Link, Self::Rule];

    /// The word in stores and outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Link => "link",
            Self::Rule => "rule",
        }
    }

    /// What people read.
    pub fn text(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Data, Language::English) => "data wrong",
            (Self::Data, Language::Vietnamese) => "dữ liệu sai",
            (Self::Link, Language::English) => "link wrong",
            (Self::Link, Language::Vietnamese) => "ghép nhầm",
            (Self::Rule, Language::English) => "rule wrong",
            (Self::Rule, Language::Vietnamese) => "quy tắc chưa phù hợp",
        }
    }
}

/// What a verdict says of the alert, for precision: confirmed / (confirmed + false).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The alert was right.
    Confirmed,
    /// What it pointed at is as it should be.
    Legitimate,
    /// The alert was wrong, for this cause.
    False(FalseCause),
    /// It says nothing of the alert.
    Neither,
}

/// One eye or four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Eyes {
    Two,
    Four,
}

/// Whether the code says it all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Note {
    Optional,
    Required,
}

macro_rules! verdicts {
    ($( $variant:ident = $code:literal, $outcome:expr, $eyes:ident, $note:ident, $english:literal, $vietnamese:literal; )*) => {
        /// What an alert was decided to be.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Verdict { $( #[doc = $english] $variant, )* }

        impl Verdict {
            /// Every verdict, in the order in which people are offered them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code in stores, outputs and metrics; never changed once published.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The verdict with this code.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }

            /// What it says of the alert.
            pub fn outcome(self) -> Outcome {
                match self { $(Self::$variant => $outcome,)* }
            }

            /// Whether a second person has to approve it.
            pub fn needs_approval(self) -> bool {
                match self { $(Self::$variant => Eyes::$eyes == Eyes::Four,)* }
            }

            /// Whether it is nothing without a note.
            pub fn needs_note(self) -> bool {
                match self { $(Self::$variant => Note::$note == Note::Required,)* }
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

verdicts! {
    ConfirmedFraud = "confirmed_fraud", Outcome::Confirmed, Four, Required,
        "Confirmed abuse", "Xác nhận trục lợi";
    ConfirmedCardMisuse = "confirmed_card_misuse", Outcome::Confirmed, Four, Required,
        "Card used by another person", "Xác nhận mượn hoặc cho mượn thẻ";
    ConfirmedProviderError = "confirmed_provider_error", Outcome::Confirmed, Four, Required,
        "Provider's billing error", "Cơ sở khám chữa bệnh kê khai sai";
    ConfirmedFundError = "confirmed_fund_error", Outcome::Confirmed, Four, Required,
        "Fund's own error", "Sai sót của cơ quan BHXH";
    LegitimateTiming = "legitimate_timing", Outcome::Legitimate, Two, Optional,
        "Service before death, or episode spanning it", "Hợp lệ: dịch vụ trước thời điểm tử vong";
    LegitimateOther = "legitimate_other", Outcome::Legitimate, Two, Required,
        "Legitimate, explained", "Hợp lệ, có giải trình";
    FalsePositiveDeathRecord = "false_positive_death_record", Outcome::False(FalseCause::Data), Two, Required,
        "Person alive; death record wrong", "Người còn sống; khai tử nhầm";
    FalsePositiveCardData = "false_positive_card_data", Outcome::False(FalseCause::Data), Two, Required,
        "Card data wrong", "Dữ liệu thẻ sai";
    FalsePositiveLink = "false_positive_link", Outcome::False(FalseCause::Link), Two, Required,
        "Two people wrongly joined", "Ghép nhầm hai người";
    FalsePositiveRule = "false_positive_rule", Outcome::False(FalseCause::Rule), Two, Required,
        "Rule or threshold wrong", "Quy tắc hoặc ngưỡng chưa phù hợp";
    AlreadyRecovered = "already_recovered", Outcome::Neither, Two, Optional,
        "Money already returned", "Đã thu hồi trước đó";
    Duplicate = "duplicate", Outcome::Neither, Two, Optional,
        "Same as another alert", "Trùng cảnh báo";
    Inconclusive = "inconclusive", Outcome::Neither, Two, Required,
        "Not enough evidence", "Không đủ căn cứ";
    Referred = "referred", Outcome::Neither, Four, Required,
        "Sent to inspection or police", "Chuyển thanh tra hoặc cơ quan điều tra";
    OwedToMember = "owed_to_member", Outcome::Neither, Four, Required,
        "The fund owes the member or family", "Quỹ còn phải chi trả cho người tham gia";
}

impl Verdict {
    /// The cause of a false alert.
    pub fn false_cause(self) -> Option<FalseCause> {
        match self.outcome() {
            Outcome::False(cause) => Some(cause),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::is_composed;

    #[test]
    fn every_code_has_words_in_both_languages_and_is_found_by_its_name() {
        for verdict in Verdict::ALL {
            assert_eq!(Verdict::from_code(verdict.as_str()), Some(*verdict));
            let (en, vi) = (
                verdict.text(Language::English),
                verdict.text(Language::Vietnamese),
            );
            assert!(en.is_ascii() && !en.is_empty() && en != vi);
            assert!(is_composed(vi), "{vi} is not in NFC");
        }
        assert_eq!(Verdict::from_code("fraud"), None);
    }

    #[test]
    fn whoever_is_accused_was_looked_at_by_two() {
        for verdict in Verdict::ALL {
            let is_confirmed = verdict.as_str().starts_with("confirmed_");
            assert_eq!(verdict.outcome() == Outcome::Confirmed, is_confirmed);
            let moves = matches!(verdict, Verdict::Referred | Verdict::OwedToMember);
            assert_eq!(
                verdict.needs_approval(),
                is_confirmed || moves,
                "{verdict:?}"
            );
            // Two people do not look at what nobody explained.
            assert!(!verdict.needs_approval() || verdict.needs_note());
        }
    }

    #[test]
    fn a_false_alert_has_a_cause() {
        for verdict in Verdict::ALL {
            let is_false = verdict.as_str().starts_with("false_positive_");
            assert_eq!(verdict.false_cause().is_some(), is_false);
        }
        let causes = FalseCause::ALL.map(|cause| (cause.as_str(), cause.text(Language::English)));
        assert_eq!(causes[0], ("data", "data wrong"));
    }
}
