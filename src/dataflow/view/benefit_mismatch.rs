//! `benefit_mismatch`: the fund is asked for more than the card's benefit level allows of the covered
//! cost, by more than a dong a line.
//!
//! A claim of one card is decided by its own columns; of several, the level is that of the card that
//! decides whose the claim is (see [`super::super::presented`]).

use serde::{Deserialize, Serialize};

use crate::record::{CardNumber, Claim, Money};

/// What the fund pays in per cent of the covered cost, by benefit level from 1 to 5 (Law on Health
/// Insurance, Article 22).
const RATES: [i64; 5] = [100, 100, 95, 80, 100];

/// The base salary in dong from a day on (Decrees 38/2019, 24/2023 and 73/2024).
const BASE_SALARIES: [((i32, u32, u32), i64); 3] = [
    ((2019, 7, 1), 1_490_000),
    ((2023, 7, 1), 1_800_000),
    ((2024, 7, 1), 2_340_000),
];

/// Below so many per cent of the base salary the fund pays a visit in full (Law on Health Insurance,
/// Article 22; Decree 146/2018, Article 14).
const EXEMPT_PERCENT: i64 = 15;

/// The benefit levels at which a claim asks for more than is allowed.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct OverpaidLevels(u8);

impl OverpaidLevels {
    /// Those of a claim.
    pub fn of(claim: &Claim) -> Self {
        let over = |rate: i64| {
            let (paid, covered) = (claim.paid_by_fund, claim.cost_covered);
            let lines = i64::from(claim.lines.map_or(1, |lines| lines.0.max(1)));
            let hundredth = |amount: Money| i128::from(amount.thousandths());
            hundredth(paid) * 100
                > hundredth(covered) * i128::from(rate) + hundredth(Money::dong(lines)) * 100
        };
        // Most claims ask for no more than any level allows.
        if RATES.iter().all(|rate| !over(*rate)) || is_exempt(claim) {
            return Self::default();
        }
        let levels = (1u8..).zip(RATES).filter(|(_, rate)| over(*rate));
        Self(levels.fold(0, |bits, (level, _)| bits | 1 << level))
    }

    /// Whether that of a card is one of them.
    pub fn contains(self, card: CardNumber) -> bool {
        self.0 & 1 << card.benefit_level() != 0
    }

    /// A bit a level.
    pub fn bits(self) -> u8 {
        self.0
    }

    /// The inverse of [`OverpaidLevels::bits`].
    pub fn from_bits(bits: u8) -> Option<Self> {
        (bits & 0b1100_0001 == 0).then_some(Self(bits))
    }
}

/// Whether the claim is one that the fund may pay beyond the level: by its object, its patient's waived
/// co-payment, or its cost.
fn is_exempt(claim: &Claim) -> bool {
    let object = claim.object_code.as_str();
    let admission = claim.admission_date();
    let day = admission.civil();
    let salary = BASE_SALARIES.iter().rev().find(|(from, _)| *from <= day);
    object == "1.2"
        || object.starts_with('2')
        || claim
            .copay_exempt_from
            .is_some_and(|from| from <= admission)
        || salary.is_some_and(|(_, salary)| {
            let least = i128::from(*salary * Money::THOUSANDTHS * EXEMPT_PERCENT);
            i128::from(claim.cost_covered.thousandths()) * 100 < least
        })
}
