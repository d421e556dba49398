//! `benefit_mismatch`: the fund is asked for more than the card's benefit level allows of the covered
//! cost, by more than a tolerance a line.
//!
//! A claim of one card is decided by its own columns; of several, the level is that of the card that
//! decides whose the claim is (see [`super::super::presented`]).

use serde::{Deserialize, Serialize};

use crate::record::{CardNumber, Claim, Day, Money, Packed, pack_length, take, unpack_length};
use crate::rule::BenefitMismatch;

/// The part of a claim that decides at which benefit levels it asks for too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// What the fund is asked to pay.
    pub paid_by_fund: Money,
    /// What of the cost is covered.
    pub covered: Money,
    /// Detail lines; 0 where they are not counted.
    pub lines: u32,
    /// Whether the fund may pay beyond the level: by the claim's object, or its patient's waived
    /// co-payment.
    pub is_waived: bool,
}

/// The benefit levels at which a claim asks for more than is allowed.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct OverpaidLevels(u8);

impl Asked {
    /// That of a claim.
    pub fn of(claim: &Claim) -> Self {
        let object = claim.object_code.as_str();
        let admission = claim.admission_date();
        Self {
            paid_by_fund: claim.paid_by_fund,
            covered: claim.cost_covered,
            lines: claim.lines.map_or(0, |lines| lines.0),
            is_waived: object == "1.2"
                || object.starts_with('2')
                || (claim.copay_exempt_from).is_some_and(|from| from <= admission),
        }
    }

    /// That of a check-in: nothing.
    pub const NOTHING: Self = Self {
        paid_by_fund: Money::ZERO,
        covered: Money::ZERO,
        lines: 0,
        is_waived: false,
    };

    /// Whether it is more than the level of a card allows.
    pub(in super::super) fn is_overpaid(
        &self,
        card: CardNumber,
        admission: Day,
        settings: &BenefitMismatch,
    ) -> bool {
        let rate = usize::from(card.benefit_level())
            .checked_sub(1)
            .and_then(|place| settings.level_rates_percent.get(place));
        // Most claims ask for what their level allows.
        rate.is_some_and(|rate| self.exceeds(*rate, settings))
            && !self.is_exempt(admission, settings)
    }

    /// The levels at which it is too much.
    pub(in super::super) fn overpaid_levels(
        &self,
        admission: Day,
        settings: &BenefitMismatch,
    ) -> OverpaidLevels {
        let levels = (1u8..).zip(settings.level_rates_percent);
        let levels = levels.filter(|(_, rate)| self.exceeds(*rate, settings));
        let over = levels.fold(0, |bits, (level, _)| bits | 1 << level);
        match over == 0 || self.is_exempt(admission, settings) {
            true => OverpaidLevels::default(),
            false => OverpaidLevels(over),
        }
    }

    /// Whether it is more than a rate in per cent, by more than is tolerated.
    fn exceeds(&self, rate: i64, settings: &BenefitMismatch) -> bool {
        let thousandths = |amount: Money| i128::from(amount.thousandths());
        let tolerance = i128::from(settings.tolerance_dong_per_line)
            * i128::from(self.lines.max(1))
            * i128::from(Money::THOUSANDTHS);
        let allowed = thousandths(self.covered) * i128::from(rate) + tolerance * 100;
        thousandths(self.paid_by_fund) * 100 > allowed
    }

    /// Whether it is one that the fund may pay beyond the level, be it for the cost.
    fn is_exempt(&self, admission: Day, settings: &BenefitMismatch) -> bool {
        let mut latest_first = settings.base_salaries.iter().rev();
        let salary = latest_first.find(|(from, _)| *from <= admission);
        self.is_waived
            || salary.is_some_and(|(_, dong)| {
                let salary = i128::from(*dong) * i128::from(Money::THOUSANDTHS);
                let least = salary * i128::from(settings.exempt_percent);
                i128::from(self.covered.thousandths()) * 100 < least
            })
    }
}

impl OverpaidLevels {
    /// Whether that of a card is one of them.
    pub fn contains(self, card: CardNumber) -> bool {
        self.0 & 1 << card.benefit_level() != 0
    }
}

impl Packed for Asked {
    fn pack(&self, out: &mut Vec<u8>) {
        self.paid_by_fund.thousandths().pack(out);
        self.covered.thousandths().pack(out);
        pack_length(self.lines as usize, out);
        out.push(u8::from(self.is_waived));
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            paid_by_fund: Money::from_thousandths(i64::unpack(bytes)?),
            covered: Money::from_thousandths(i64::unpack(bytes)?),
            lines: u32::try_from(unpack_length(bytes)?).ok()?,
            is_waived: {
                let [is_waived] = take(bytes)?;
                is_waived != 0
            },
        })
    }
}
