//! What a filled worksheet says of all that was drawn from.
//!
//! In: the sizes of strata, and what auditors concluded of the units drawn. Out: the share with an error and the
//! amount, by stratum and over all, with intervals; and how many of the wrong claims the alerts find. Must hold: a unit
//! that cannot be audited is replaced by the next spare of its stratum, never left out in silence; an open row is an error.
//!
//! `at least` is the lower end of a two-sided interval of 90 %, as the HHS Office of Inspector General reports it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::document::{Document, Frame, Stratum};
use super::draw::FrameKind;
use super::error::SampleError;
use super::interval::{self, Interval, TAIL};
use super::worksheet::{Conclusion, Row};
use crate::record::Money;

/// What a sample says.
#[derive(Clone, Debug, Serialize)]
pub struct Estimates {
    /// By frame.
    pub frames: Vec<FrameEstimate>,
    /// The share of wrong claims that alerts find; none where not both frames were drawn from.
    pub recall: Option<Recall>,
}

/// What it says of a frame.
#[derive(Clone, Debug, Serialize)]
pub struct FrameEstimate {
    /// Which.
    pub frame: FrameKind,
    /// Its units.
    pub units: u64,
    /// Units concluded on.
    pub concluded: u64,
    /// Errors found in them.
    pub errors: u64,
    /// The share with an error.
    pub rate: f64,
    /// Its interval.
    pub rate_interval: Interval,
    /// The amount of errors, in dong.
    pub amount: AmountEstimate,
    /// By stratum.
    pub strata: Vec<StratumEstimate>,
}

/// What it says of a stratum.
#[derive(Clone, Debug, Serialize)]
pub struct StratumEstimate {
    /// Its name.
    pub stratum: String,
    /// Its units.
    pub units: u64,
    /// Units concluded on.
    pub concluded: u64,
    /// Units that could not be audited.
    pub not_auditable: u64,
    /// Errors found.
    pub errors: u64,
    /// The share with an error.
    pub rate: f64,
    /// Its interval.
    pub rate_interval: Interval,
    /// The amount of errors.
    pub amount: AmountEstimate,
}

/// An amount over all units, in dong.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AmountEstimate {
    /// What was found in the sample.
    pub found: f64,
    /// What all units come to, as far as is known.
    pub estimate: f64,
    /// The lower end: "at least". Never below what was found, unless some payments were too low.
    pub at_least: f64,
    /// The upper end; none where no error was found, or one unit alone was concluded on, since then nothing is known
    /// of how amounts vary.
    pub at_most: Option<f64>,
}

/// How many of the wrong claims the alerts find.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Recall {
    /// Wrong claims with an alert. A claim with several counts once, a part for each of its alerts that is right.
    pub found: f64,
    /// Wrong claims without.
    pub missed: f64,
    /// The share found; none where no wrong claim is known.
    pub share: Option<f64>,
    /// Its interval: both counts at 95 %, so that both hold with 90 % (Bonferroni).
    pub interval: Interval,
}

/// What was concluded on in a stratum.
#[derive(Clone, Debug, Default)]
pub struct Sampled {
    /// The units of the stratum.
    pub units: u64,
    /// A number for each unit concluded on.
    pub values: Vec<f64>,
}

impl Sampled {
    fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }

    fn drawn(&self) -> f64 {
        self.values.len() as f64
    }

    /// The share of the stratum that was not drawn.
    fn rest(&self) -> f64 {
        (1.0 - self.drawn() / self.units as f64).max(0.0)
    }

    /// The variance between units; that of all strata where one unit says nothing of it.
    fn variance(&self, of_all: f64) -> f64 {
        if self.values.len() < 2 {
            return of_all;
        }
        variance(&self.values)
    }
}

fn variance(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    if n < 2.0 {
        return 0.0;
    }
    let mean = values.iter().sum::<f64>() / n;
    let squares = values.iter().map(|value| (value - mean).powi(2));
    squares.sum::<f64>() / (n - 1.0)
}

/// A total over strata: Cochran's stratified expansion estimate, its standard error, and Satterthwaite's degrees of
/// freedom.
pub fn total(strata: &[Sampled]) -> (f64, f64, f64) {
    let all: Vec<f64> = strata.iter().flat_map(|one| one.values.clone()).collect();
    let of_all = variance(&all);
    let (mut sum, mut squares, mut quarters) = (0.0, 0.0, 0.0);
    for one in strata {
        let units = one.units as f64;
        sum += units * one.mean();
        let part = units * units * one.rest() * one.variance(of_all) / one.drawn();
        squares += part;
        quarters += part * part / (one.drawn() - 1.0).max(1.0);
    }
    let degrees = if quarters > 0.0 {
        squares * squares / quarters
    } else {
        (all.len() as f64 - strata.len() as f64).max(1.0)
    };
    (sum, squares.sqrt(), degrees)
}

/// A mean of numbers from 0 to 1 over strata, and its interval, each end of which is passed with `tail`.
pub fn mean(strata: &[Sampled], tail: f64) -> (f64, Interval) {
    let units: f64 = strata.iter().map(|one| one.units as f64).sum();
    let all: Vec<f64> = strata.iter().flat_map(|one| one.values.clone()).collect();
    if units == 0.0 || all.is_empty() {
        return (
            0.0,
            Interval {
                low: 0.0,
                high: if units == 0.0 { 0.0 } else { 1.0 },
            },
        );
    }
    let of_all = variance(&all);
    let n = all.len() as f64;
    let (mut share, mut square, mut spread) = (0.0, 0.0, 0.0);
    for one in strata {
        let weight = one.units as f64 / units;
        share += weight * one.mean();
        let part = weight * weight * one.rest() / one.drawn();
        spread += part;
        square += part * one.variance(of_all);
    }
    if spread <= 0.0 {
        // Every unit was looked at.
        let point = Interval {
            low: share,
            high: share,
        };
        return (share, point);
    }
    // What the sample is worth, as if it had been drawn from one stratum with putting back. Gains from cutting are not
    // counted on: a variance from few units may be small by chance.
    let mut size = 1.0 / spread;
    let one_stratum = share * (1.0 - share) / (n - 1.0).max(1.0);
    if square > 0.0 && one_stratum > 0.0 {
        size = size.min(n * one_stratum / square);
    }
    let degrees = n - strata.len() as f64;
    if degrees >= 1.0 && n > 1.0 {
        let student = |degrees| interval::student_quantile(1.0 - tail, degrees);
        size *= (student(n - 1.0) / student(degrees)).powi(2);
    }
    (share, interval::share_at(share * size, size, tail))
}

/// What a worksheet says.
///
/// # Errors
/// When a row is open, or a stratum has nothing that could be audited.
pub fn estimate(path: &Path, document: &Document, rows: &[Row]) -> Result<Estimates, SampleError> {
    let mut by_stratum: BTreeMap<(FrameKind, &str), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        let place = (row.frame, row.stratum.as_str());
        by_stratum.entry(place).or_default().push(row);
    }
    by_stratum
        .values_mut()
        .for_each(|rows| rows.sort_by_key(|row| row.order));
    let mut frames = Vec::new();
    let mut totals = BTreeMap::new();
    for frame in &document.frames {
        let mut used = Vec::new();
        for stratum in &frame.strata {
            let rows = by_stratum.get(&(frame.frame, stratum.stratum.as_str()));
            let rows = rows.map_or(&[][..], Vec::as_slice);
            used.push(concluded(path, stratum, rows)?);
        }
        let claims = frame
            .strata
            .iter()
            .zip(&used)
            .map(|(stratum, used)| Sampled {
                units: stratum.units,
                values: used.rows.iter().map(|row| claim(stratum, row)).collect(),
            });
        let claims: Vec<Sampled> = claims.collect();
        totals.insert(frame.frame, (frame.units as f64, mean(&claims, TAIL / 2.0)));
        frames.push(of_frame(frame, &used));
    }
    let recall = match (
        totals.get(&FrameKind::Alerts),
        totals.get(&FrameKind::NonAlerts),
    ) {
        (Some(found), Some(missed)) => Some(recall(found, missed)),
        _ => None,
    };
    Ok(Estimates { frames, recall })
}

/// Units, and of how many of them something is so.
type Count = (f64, (f64, Interval));

fn recall((alerts, found): &Count, (claims, missed): &Count) -> Recall {
    let share = |found: f64, missed: f64| (found + missed > 0.0).then(|| found / (found + missed));
    let low = share(alerts * found.1.low, claims * missed.1.high);
    let high = share(alerts * found.1.high, claims * missed.1.low);
    Recall {
        found: alerts * found.0,
        missed: claims * missed.0,
        share: share(alerts * found.0, claims * missed.0),
        interval: Interval {
            low: low.unwrap_or(0.0),
            high: high.unwrap_or(1.0),
        },
    }
}

/// The rows of a stratum that count.
struct Used<'a> {
    rows: Vec<&'a Row>,
    not_auditable: u64,
}

/// The rows that count: those drawn, and for each that cannot be audited the next spare.
fn concluded<'a>(
    path: &Path,
    stratum: &Stratum,
    rows: &[&'a Row],
) -> Result<Used<'a>, SampleError> {
    let mut used = Used {
        rows: Vec::new(),
        not_auditable: 0,
    };
    for row in rows {
        if used.rows.len() as u64 == stratum.drawn {
            break;
        }
        match row.conclusion {
            Some(Conclusion::NotAuditable) => used.not_auditable += 1,
            Some(_) => used.rows.push(row),
            None => {
                return Err(SampleError::wrong(
                    path,
                    format!(
                        "the row of stratum {}, order {}, has no conclusion; fill it with error, correct or not_auditable",
                        stratum.stratum, row.order
                    ),
                ));
            }
        }
    }
    if used.rows.is_empty() && stratum.drawn > 0 {
        return Err(SampleError::wrong(
            path,
            format!(
                "nothing of stratum {} could be audited; draw again with more --spares",
                stratum.stratum
            ),
        ));
    }
    Ok(used)
}

/// What a row adds to the wrong claims: a claim under several alerts is divided among them.
fn claim(stratum: &Stratum, row: &Row) -> f64 {
    let drawn = stratum.sample.iter().find(|one| one.order == row.order);
    match (row.conclusion, row.frame, drawn) {
        (Some(Conclusion::Error), FrameKind::NonAlerts, _) => 1.0,
        (Some(Conclusion::Error), FrameKind::Alerts, Some(drawn)) if drawn.alerts_of_claim > 0 => {
            1.0 / drawn.alerts_of_claim as f64
        }
        _ => 0.0,
    }
}

fn dong(amount: Money) -> f64 {
    amount.thousandths() as f64 / Money::THOUSANDTHS as f64
}

fn is_error(row: &&&Row) -> bool {
    row.conclusion == Some(Conclusion::Error)
}

fn of_frame(frame: &Frame, used: &[Used<'_>]) -> FrameEstimate {
    let strata: Vec<StratumEstimate> = frame
        .strata
        .iter()
        .zip(used)
        .filter(|(_, used)| !used.rows.is_empty())
        .map(|(stratum, used)| of_stratum(stratum, used))
        .collect();
    let sampled = |value: fn(&Row) -> f64| -> Vec<Sampled> {
        let both = frame.strata.iter().zip(used);
        both.filter(|(_, used)| !used.rows.is_empty())
            .map(|(stratum, used)| Sampled {
                units: stratum.units,
                values: used.rows.iter().map(|row| value(row)).collect(),
            })
            .collect()
    };
    let errors = sampled(|row| f64::from(u8::from(row.conclusion == Some(Conclusion::Error))));
    let (rate, rate_interval) = match &strata[..] {
        [one] => (one.rate, one.rate_interval),
        _ => mean(&errors, TAIL),
    };
    FrameEstimate {
        frame: frame.frame,
        units: frame.units,
        concluded: strata.iter().map(|one| one.concluded).sum(),
        errors: strata.iter().map(|one| one.errors).sum(),
        rate,
        rate_interval,
        amount: amount(&sampled(|row| dong(row.error_amount))),
        strata,
    }
}

fn of_stratum(stratum: &Stratum, used: &Used<'_>) -> StratumEstimate {
    let drawn = used.rows.len() as u64;
    let errors = used.rows.iter().filter(is_error).count() as u64;
    let (low, high) = interval::count(stratum.units, drawn, errors);
    let units = stratum.units as f64;
    let amounts = used.rows.iter().map(|row| dong(row.error_amount)).collect();
    StratumEstimate {
        stratum: stratum.stratum.clone(),
        units: stratum.units,
        concluded: drawn,
        not_auditable: used.not_auditable,
        errors,
        rate: errors as f64 / drawn as f64,
        rate_interval: Interval {
            low: low as f64 / units,
            high: high as f64 / units,
        },
        amount: amount(&[Sampled {
            units: stratum.units,
            values: amounts,
        }]),
    }
}

fn amount(strata: &[Sampled]) -> AmountEstimate {
    let found: f64 = strata.iter().flat_map(|one| &one.values).sum();
    let concluded: usize = strata.iter().map(|one| one.values.len()).sum();
    let is_whole = strata.iter().all(|one| one.rest() <= 0.0);
    let (estimate, error, degrees) = total(strata);
    let spread = interval::student_quantile(1.0 - TAIL, degrees) * error;
    let has_negative = strata
        .iter()
        .flat_map(|one| &one.values)
        .any(|one| *one < 0.0);
    let low = if concluded < 2 && !is_whole {
        f64::NEG_INFINITY
    } else {
        estimate - spread
    };
    let at_least = match (has_negative, low.is_finite()) {
        (false, _) => low.max(found),
        (true, true) => low,
        (true, false) => found,
    };
    let is_unknown = !is_whole && (error <= 0.0 || concluded < 2);
    AmountEstimate {
        found,
        estimate,
        at_least,
        at_most: (!is_unknown).then_some(estimate + spread),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers with a mean and a variance.
    fn with(units: u64, n: usize, mean: f64, variance: f64) -> Sampled {
        // Half below and half above, the odd one in the middle.
        let pairs = (n / 2) as f64;
        let step = (variance * (n as f64 - 1.0) / (2.0 * pairs)).sqrt();
        let values = (0..n).map(|place| match place {
            place if place + 1 == n && n % 2 == 1 => mean,
            place if place % 2 == 0 => mean - step,
            _ => mean + step,
        });
        Sampled {
            units,
            values: values.collect(),
        }
    }

    #[test]
    fn a_total_is_that_of_the_textbook() {
        // S. L. Lohr, Sampling: Design and Analysis, example 3.2: acres of farms of the United States by region.
        let strata = [
            with(220, 21, 97_629.8, 7_647_472_708.0),
            with(1054, 103, 300_504.2, 29_618_183_543.0),
            with(1382, 135, 211_315.0, 53_587_487_856.0),
            with(422, 41, 662_295.5, 396_185_950_266.0),
        ];
        let (sum, error, degrees) = total(&strata);
        assert!((sum - 909_736_034.0).abs() < 1_000.0, "{sum}");
        assert!((error - 50_417_248.0).abs() < 100.0, "{error}");
        assert!(degrees > 40.0 && degrees < 299.0, "{degrees}");
    }

    fn of(units: u64, drawn: usize, errors: usize) -> Sampled {
        let values = (0..drawn).map(|place| f64::from(u8::from(place < errors)));
        Sampled {
            units,
            values: values.collect(),
        }
    }

    #[test]
    fn one_stratum_of_many_has_the_interval_of_clopper_and_pearson() {
        for (drawn, errors) in [(20, 0), (148, 15), (59, 0), (30, 30)] {
            let (_, own) = mean(&[of(1_000_000_000, drawn, errors)], TAIL);
            let exact = interval::share(errors as f64, drawn as f64);
            assert!((own.low - exact.low).abs() < 1e-6, "{own:?} {exact:?}");
            assert!((own.high - exact.high).abs() < 1e-6, "{own:?} {exact:?}");
        }
    }

    #[test]
    fn what_was_looked_at_whole_is_known() {
        let (share, interval) = mean(&[of(3, 3, 1), of(5, 5, 1)], TAIL);
        assert_eq!((share, interval.low, interval.high), (0.25, 0.25, 0.25));
        let known = amount(&[Sampled {
            units: 2,
            values: vec![10.0, 30.0],
        }]);
        assert_eq!(
            (known.found, known.at_least, known.at_most),
            (40.0, 40.0, Some(40.0))
        );
    }

    #[test]
    fn no_error_found_bounds_the_share_and_no_amount() {
        let none = [of(1_000, 30, 0), of(9_000, 30, 0)];
        let (share, interval) = mean(&none, TAIL);
        assert_eq!((share, interval.low), (0.0, 0.0));
        // The worth of 60 units that are drawn so unequally is less.
        assert!(interval.high > interval::share(0.0, 60.0).high && interval.high < 0.1);
        assert_eq!(amount(&none).at_most, None);
        assert_eq!(amount(&none).at_least, 0.0);
    }

    #[test]
    fn intervals_over_strata_hold_the_truth_as_often_as_is_said() {
        // Every sample of two strata: 4 of 8 units with 3 errors, 5 of 12 with 2.
        let ways =
            |n: u64, k: u64| (0..k).fold(1.0, |all, i| all * (n - i) as f64 / (i + 1) as f64);
        let truth = 5.0 / 20.0;
        let mut covered = 0.0;
        for a in 0..=3u64 {
            for b in 0..=2u64 {
                let strata = [of(8, 4, a as usize), of(12, 5, b as usize)];
                let (_, interval) = mean(&strata, TAIL);
                let likely =
                    ways(3, a) * ways(5, 4 - a) / ways(8, 4) * ways(2, b) * ways(10, 5 - b)
                        / ways(12, 5);
                if interval.low <= truth && truth <= interval.high {
                    covered += likely;
                }
            }
        }
        assert!(covered >= 0.9, "{covered}");
    }
}
