//! Numbers and money as each language writes them: `1.234.567 đ` and `VND 1,234,567`.
//!
//! A space inside an amount is a no-break space, so that lines are not broken there.

use super::Language;
use crate::record::Money;

impl Language {
    /// Between groups of three digits.
    fn separator(self) -> char {
        match self {
            Self::English => ',',
            Self::Vietnamese => '.',
        }
    }

    /// Before the decimals.
    fn point(self) -> char {
        match self {
            Self::English => '.',
            Self::Vietnamese => ',',
        }
    }

    /// A count, in groups of three digits.
    pub fn count(self, number: u64) -> String {
        let digits = number.to_string();
        let mut text = String::with_capacity(digits.len() * 4 / 3);
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(self.separator());
            }
            text.push(digit);
        }
        text
    }

    /// An amount of dong, with its decimals where it has any.
    pub fn money(self, money: Money) -> String {
        let thousandths = Money::THOUSANDTHS.unsigned_abs();
        let mut number = self.count(money.magnitude() / thousandths);
        let decimals = money.magnitude() % thousandths;
        if decimals != 0 {
            number.push(self.point());
            number.push_str(format!("{decimals:03}").trim_end_matches('0'));
        }
        let sign = if money.thousandths() < 0 { "-" } else { "" };
        match self {
            Self::English => format!("VND\u{a0}{sign}{number}"),
            Self::Vietnamese => format!("{sign}{number}\u{a0}đ"),
        }
    }

    /// A number with two decimals, such as a score.
    pub fn decimal(self, number: f64) -> String {
        let point = self.point().to_string();
        format!("{number:.2}").replace('.', &point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, Vietnamese};

    #[test]
    fn money_is_written_as_each_language_writes_it() {
        let amount = Money::dong(1_234_567);
        assert_eq!(English.money(amount), "VND\u{a0}1,234,567");
        assert_eq!(Vietnamese.money(amount), "1.234.567\u{a0}đ");
        let amount = Money::from_thousandths(-999_050);
        assert_eq!(English.money(amount), "VND\u{a0}-999.05");
        assert_eq!(Vietnamese.money(amount), "-999,05\u{a0}đ");
        assert_eq!(Vietnamese.money(Money::ZERO), "0\u{a0}đ");
        assert_eq!(
            English.money(Money::from_thousandths(i64::MIN)),
            "VND\u{a0}-9,223,372,036,854,775.808"
        );
    }

    #[test]
    fn scores_have_two_decimals() {
        assert_eq!(Vietnamese.decimal(0.934), "0,93");
        assert_eq!(English.decimal(f64::NAN), "NaN");
    }
}
