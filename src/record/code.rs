//! Columns that hold one of a few words or digits.

use serde::{Deserialize, Serialize};

use super::cell::{Kind, Value};
use super::digits::digits;
use super::error::ErrorCode;

macro_rules! words {
    (
        $(#[$doc:meta])*
        $name:ident, $code:ident, $expected:literal {
            $( $(#[$variant_doc:meta])* $variant:ident = $text:literal, )*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $( $(#[$variant_doc])* $variant, )* }

        impl $name {
            /// Every value, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The contract's word.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl Value for $name {
            const KIND: Kind = Kind::OneOf(&[$($text,)*]);
            const EXPECTED: &'static str = $expected;
            const CODE: ErrorCode = ErrorCode::$code;

            fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }

            fn write(&self, out: &mut String) {
                out.push_str(self.as_str());
            }
        }
    };
}

words! {
    /// What the population register says of a citizen.
    LifeStatus, BadLifeStatus,
    "expected `alive`, `dead`, `declared_dead`, `missing` or `cancelled`" {
        /// Alive.
        Alive = "alive",
        /// Dead by registration.
        Dead = "dead",
        /// Declared dead by a court.
        DeclaredDead = "declared_dead",
        /// Missing.
        Missing = "missing",
        /// The number is cancelled.
        Cancelled = "cancelled",
    }
}

words! {
    /// Who reported a death.
    DeathSource, BadSource,
    "expected `civil_registry`, `contribution_form`, `hospital` or `court`" {
        /// The civil registry.
        CivilRegistry = "civil_registry",
        /// A reduction form of an employer or collector.
        ContributionForm = "contribution_form",
        /// A hospital.
        Hospital = "hospital",
        /// A court.
        Court = "court",
    }
}

words! {
    /// The status of a card.
    CardStatus, BadStatus,
    "expected `valid`, `replaced`, `expired`, `reduced`, `revoked` or `locked`" {
        /// In force.
        Valid = "valid",
        /// Another card took its place.
        Replaced = "replaced",
        /// Past its validity.
        Expired = "expired",
        /// The holder left the scheme, or moved.
        Reduced = "reduced",
        /// Revoked.
        Revoked = "revoked",
        /// Locked while an abuse is dealt with.
        Locked = "locked",
    }
}

words! {
    /// The status of an enterprise.
    EnterpriseStatus, BadStatus,
    "expected `active`, `suspended`, `not_at_address`, `dissolving`, `merged`, `dissolved` or `bankrupt`" {
        /// Active.
        Active = "active",
        /// Suspended.
        Suspended = "suspended",
        /// Not at its registered address.
        NotAtAddress = "not_at_address",
        /// Being dissolved.
        Dissolving = "dissolving",
        /// Merged into a successor.
        Merged = "merged",
        /// Dissolved.
        Dissolved = "dissolved",
        /// Bankrupt.
        Bankrupt = "bankrupt",
    }
}

words! {
    /// A blood group; the rhesus factor may be unknown.
    BloodGroup, BadBloodGroup, "expected `A`, `B`, `AB` or `O`, then `+`, `-` or nothing" {
        /// A, rhesus factor unknown.
        A = "A",
        /// A+.
        APositive = "A+",
        /// A-.
        ANegative = "A-",
        /// B, rhesus factor unknown.
        B = "B",
        /// B+.
        BPositive = "B+",
        /// B-.
        BNegative = "B-",
        /// AB, rhesus factor unknown.
        Ab = "AB",
        /// AB+.
        AbPositive = "AB+",
        /// AB-.
        AbNegative = "AB-",
        /// O, rhesus factor unknown.
        O = "O",
        /// O+.
        OPositive = "O+",
        /// O-.
        ONegative = "O-",
    }
}

/// A blood type of the ABO system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the letters of the system")]
pub enum BloodType {
    A,
    B,
    Ab,
    O,
}

impl BloodType {
    /// Every type, in declaration order.
    pub const ALL: [Self; 4] = [Self::A, Self::B, Self::Ab, Self::O];
}

impl BloodGroup {
    /// The letters, without the rhesus factor.
    pub fn blood_type(self) -> BloodType {
        match self {
            Self::A | Self::APositive | Self::ANegative => BloodType::A,
            Self::B | Self::BPositive | Self::BNegative => BloodType::B,
            Self::Ab | Self::AbPositive | Self::AbNegative => BloodType::Ab,
            Self::O | Self::OPositive | Self::ONegative => BloodType::O,
        }
    }
}

macro_rules! digits {
    (
        $(#[$doc:meta])*
        $name:ident, $low:literal..=$high:literal, $width:literal, $code:ident, $expected:literal
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(u8);

        impl $name {
            /// The value with this number, if there is one.
            pub const fn new(number: u8) -> Option<Self> {
                if number >= $low && number <= $high { Some(Self(number)) } else { None }
            }

            /// The number.
            pub const fn number(self) -> u8 {
                self.0
            }
        }

        impl Value for $name {
            const KIND: Kind = Kind::Digits($low, $high, $width);
            const EXPECTED: &'static str = $expected;
            const CODE: ErrorCode = ErrorCode::$code;

            fn from_text(text: &str) -> Option<Self> {
                let number = digits(text.as_bytes().first_chunk::<$width>()?)?;
                (text.len() == $width).then(|| Self::new(number as u8))?
            }

            fn write(&self, out: &mut String) {
                use std::fmt::Write;
                write!(out, "{:0width$}", self.0, width = $width).expect("a string takes everything");
            }

            fn from_number(text: &str) -> Option<Self> {
                Self::from_int(text.parse().ok()?)
            }

            fn from_int(value: i64) -> Option<Self> {
                Self::new(u8::try_from(value).ok()?)
            }
        }
    };
}

digits! {
    /// Legal sex: 1 male, 2 female, 3 undetermined.
    Sex, 1..=3, 1, BadSex, "expected 1 (male), 2 (female) or 3 (undetermined)"
}

digits! {
    /// The kind of a visit, `01` to `16` (Decision 1804/QD-BYT of 2026).
    VisitType, 1..=16, 2, BadVisitType, "expected a visit type `01` to `16`"
}

digits! {
    /// The outcome of a treatment, 1 to 8; 5 and 8 are deaths (Decision 4750/QD-BYT of 2023).
    Outcome, 1..=8, 1, BadOutcome, "expected an outcome 1 to 8"
}

digits! {
    /// How a patient left, 1 to 5.
    DischargeType, 1..=5, 1, BadDischargeType, "expected a discharge type 1 to 5"
}

impl VisitType {
    /// An examination, `01`.
    pub const EXAMINATION: Self = Self(1);
    /// An inpatient stay, `03`.
    pub const INPATIENT: Self = Self(3);
    /// An inpatient stay under four hours, `09`.
    pub const SHORT_INPATIENT: Self = Self(9);

    /// Whether the contract calls it a stay: `03`, `04`, `06` or `09`.
    pub const fn is_stay(self) -> bool {
        matches!(self.0, 3 | 4 | 6 | 9)
    }
}

impl Outcome {
    /// Whether the outcome is a death: 5 in the facility, 8 outside it.
    pub const fn is_death(self) -> bool {
        matches!(self.0, 5 | 8)
    }
}

impl Sex {
    /// 1.
    pub const MALE: Self = Self(1);
    /// 2.
    pub const FEMALE: Self = Self(2);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_strictly_as_text_and_by_value_as_numbers() {
        assert_eq!(VisitType::from_text("01").map(VisitType::number), Some(1));
        assert_eq!(VisitType::from_text("1"), None);
        assert_eq!(VisitType::from_text("17"), None);
        assert_eq!(VisitType::from_text("00"), None);
        assert_eq!(VisitType::from_int(1), VisitType::from_text("01"));
        assert_eq!(Sex::from_text("3").map(Sex::number), Some(3));
        assert_eq!(Sex::from_text("+1"), None);
        assert_eq!(LifeStatus::from_text("Alive"), None);
        for group in BloodGroup::ALL {
            assert_eq!(BloodGroup::from_text(group.as_str()), Some(*group));
        }
    }
}
