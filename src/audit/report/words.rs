//! How a report says numbers, times and codes in its language.

use super::facts::{Facts, Month, Sum};
use crate::audit::sample::{AmountEstimate, BANDS, By, Interval};
use crate::language::{Language, ReportMessages, fill};
use crate::measure::Share;
use crate::record::{Day, Money, PartialDate, Stream, Value as _};
use crate::rule::Reason;

/// In place of what there is not.
pub const NOTHING: &str = "–";

/// The words of a language.
pub struct Words {
    /// The language.
    pub language: Language,
    /// Its texts of the report.
    pub t: &'static ReportMessages,
}

impl Words {
    /// Those of a language.
    pub fn of(language: Language) -> Self {
        Self {
            language,
            t: language.report_messages(),
        }
    }

    /// A text with its places filled; a place without a value stays empty.
    pub fn told(&self, template: &str, values: &[(&str, &str)]) -> String {
        let value = |place: &str| {
            let found = values.iter().find(|(name, _)| *name == place);
            Some(found.map_or_else(String::new, |(_, value)| (*value).to_owned()))
        };
        fill(template, value).unwrap_or_default()
    }

    /// A count.
    pub fn count(&self, number: u64) -> String {
        self.language.count(number)
    }

    /// An amount.
    pub fn money(&self, amount: Money) -> String {
        self.language.money(amount)
    }

    /// An amount of an estimate, to the whole dong.
    pub fn dong(&self, dong: f64) -> String {
        // Beyond what can be told, the nearest that can.
        let whole = (dong.round() * Money::THOUSANDTHS as f64) as i64;
        self.money(Money::from_thousandths(whole))
    }

    /// The count and amount of a bar.
    pub fn sum(&self, sum: Sum) -> String {
        format!("{} · {}", self.count(sum.count), self.money(sum.amount))
    }

    /// A share from 0 to 1, in percent with one decimal.
    pub fn percent(&self, share: f64) -> String {
        let text = format!("{:.1}", share * 100.0);
        let text = match self.language {
            Language::English => text,
            Language::Vietnamese => text.replace('.', ","),
        };
        format!("{text}\u{a0}%")
    }

    /// A share, cut so that what is not whole never reads as 100 %.
    pub fn share(&self, share: Share) -> String {
        share.ratio().map_or_else(
            || NOTHING.to_owned(),
            |ratio| self.percent((ratio * 1000.0).floor() / 1000.0),
        )
    }

    /// An interval of shares.
    pub fn interval(&self, interval: Interval) -> String {
        let (low, high) = (self.percent(interval.low), self.percent(interval.high));
        self.told(self.t.from_to, &[("low", &low), ("high", &high)])
    }

    /// The ends of an amount.
    pub fn ends(&self, amount: &AmountEstimate) -> String {
        let at_least = self.told(self.t.at_least, &[("amount", &self.dong(amount.at_least))]);
        let at_most = amount.at_most.map_or_else(
            || self.t.at_most_unknown.to_owned(),
            |most| self.told(self.t.at_most, &[("amount", &self.dong(most))]),
        );
        format!("{at_least}; {at_most}")
    }

    /// A knowledge time.
    pub fn instant(&self, text: &Option<String>) -> String {
        let at = Facts::instant(text);
        at.map_or_else(|| self.t.none.to_owned(), |at| self.language.instant(at))
    }

    /// A date.
    pub fn day(&self, text: &Option<String>) -> String {
        let day = text.as_deref().and_then(Day::from_text);
        day.map_or_else(|| self.t.none.to_owned(), |day| self.language.day(day))
    }

    /// A month.
    pub fn month(&self, (year, month): Month) -> String {
        let (year, month) = (u16::try_from(year).ok(), u8::try_from(month).ok());
        let date = year.and_then(|year| PartialDate::new(year, month, None));
        date.map_or_else(String::new, |date| self.language.partial_date(date))
    }

    /// A stream, by its name.
    pub fn stream(&self, name: &str) -> String {
        let stream = Stream::ALL.iter().find(|one| one.name() == name);
        stream.map_or_else(
            || name.to_owned(),
            |one| self.language.stream(*one).to_owned(),
        )
    }

    /// What changed, by its name in a history.
    pub fn cause(&self, name: &str) -> String {
        match name {
            "as_of" => self.t.cause_as_of.to_owned(),
            "rules" => self.t.cause_rules.to_owned(),
            "model" => self.t.cause_model.to_owned(),
            stream => self.stream(stream),
        }
    }

    /// A stratum, by its name.
    pub fn stratum(&self, name: &str) -> String {
        if name == "all" {
            return self.t.stratum_all.to_owned();
        }
        let part = |part: &str| match part.split_once('=') {
            Some(("reason", reason)) => Reason::from_name(reason).map_or_else(
                || reason.to_owned(),
                |one| one.title(self.language).to_owned(),
            ),
            Some(("province", "none")) => self.t.no_province.to_owned(),
            Some(("province", code)) => format!("{} {code}", self.t.by_province),
            Some(("amount", band)) => self.band(band).to_owned(),
            _ => part.to_owned(),
        };
        let parts: Vec<String> = name.split(';').map(part).collect();
        parts.join(" · ")
    }

    fn band(&self, name: &str) -> &'static str {
        let names = [
            self.t.band_under_1m,
            self.t.band_1m_to_10m,
            self.t.band_10m_to_100m,
            self.t.band_from_100m,
        ];
        let found = BANDS.iter().zip(names).find(|((_, own), _)| *own == name);
        found.map_or(self.t.stratum_none, |(_, told)| told)
    }

    /// What a frame is cut by.
    pub fn cuts(&self, cuts: &[By]) -> String {
        let name = |by: &By| match by {
            By::Reason => self.t.by_reason,
            By::Province => self.t.by_province,
            By::Amount => self.t.by_amount,
        };
        if cuts.is_empty() {
            return self.t.none.to_owned();
        }
        cuts.iter().map(name).collect::<Vec<_>>().join(", ")
    }
}
